/* The head of a chain: polls a source, decodes, judges bad records, assigns event times, cuts
 * batches at pane borders, keeps a watermark per split, and pushes.
 *
 *     poll ─▶ decode ─▶ event times ─▶ project, filter ─▶ cut ─▶ push ─▶ watermark
 *
 *     S1 a split's watermark is the greatest value of the watermark expression over its rows so far
 *     S2 a batch ends with the row that moves the watermark over a pane border, so that which rows
 *        are late does not depend on the batch size
 *     S2b between two such borders the split with the lowest watermark goes on, so that it does not
 *        depend on the batch size with several splits either; a batch waits as the split's rest
 *     S3 the scan's watermark is the minimum over splits that are neither ended nor idle; with all
 *        ended it is the end of time, with all others idle it stays */
#ifndef WEIR_RUNTIME_SOURCE_H
#define WEIR_RUNTIME_SOURCE_H

#include "flow/operator.h"
#include "format/format.h"
#include "runtime/job.h"

struct weir_split_state {
    struct weir_event_time watermark;
    struct weir_slice pending; /* BYTES: polled, not decoded yet */
    struct weir_slice fresh;   /* where the end of pending is to be copied from */
    char *fresh_to;
    struct weir_shared *owner; /* of pending; retained */
    struct weir_origin origin; /* of pending's first byte */
    size_t polled_size;        /* of the poll that pending is the rest of */
    uint64_t polled_records;   /* decoded of it so far */
    bool pending_is_last;      /* no bytes follow pending */
    bool ended;
    bool waiting;
    int64_t wakeup_ns; /* when waiting */
    int wakeup_fd;
    int64_t last_data_ns;
    uint64_t rows_count;
    struct weir_event_time last_event_time; /* of the row read last */
    void *decoder; /* BYTES: from a split's first bytes to its last; else NULL */
    /* Rows that were decoded and wait for other splits, whose watermarks are lower. */
    struct weir_batch *rest; /* retained; NULL: none */
    int64_t *rest_watermarks;
    uint32_t rest_first;   /* lane */
    bool ends_behind_rest; /* nothing follows */
    struct weir_split_marks marks;
};

struct weir_source_driver {
    const struct weir_plan_node *node;
    const struct weir_plan_scan *scan;
    bool no_wait; /* the job has other things to do than to wait for this source */
    const struct weir_source_type *type;
    const struct weir_job_env *env;
    struct weir_job_stats *stats;
    const struct weir_settings *settings;
    struct weir_output *out;
    void *source;
    const struct weir_format *format;
    const struct weir_decoder_ops *decoder; /* the format's, or one around it */
    struct weir_decoder_config decoder_config;
    void **decoders;      /* all that were made: as many as splits were read at once */
    void **idle_decoders; /* of them, those of splits that have ended */
    uint32_t decoders_count, idle_decoders_count;
    const struct weir_split *splits;
    struct weir_split_state *states;
    uint32_t splits_count;
    uint32_t splits_ended;
    uint32_t splits_ended_first;          /* that many at the beginning have ended */
    uint32_t number;                      /* among the job's sources; set once it is open */
    struct weir_batch *decoded;           /* refilled step by step */
    struct weir_batch *projected;         /* when the scan projects or filters */
    struct weir_batch *cut;               /* a piece of one of the two */
    struct weir_program *time_program;    /* event time and watermark */
    struct weir_program *project_program; /* NULL: identity; else of computed_count columns */
    uint32_t *computed;                   /* the first of the node's columns, then those that are */
    uint32_t computed_count;              /* the event time, which time_program has made */
    struct weir_column *outputs;          /* scratch: of project_program */
    struct weir_column event_times;       /* of the batch at hand */
    struct weir_program *filter_program;
    struct weir_event_time watermark; /* last forwarded */
    struct weir_file *dead_letter;
    struct weir_buffer dead_letter_line;
    uint32_t current_split; /* for the bad-record callback */
    struct weir_arena arena;
    uint16_t *selection; /* scratch, WEIR_BATCH_ROWS_MAX */
    int64_t *watermarks; /* scratch: per lane */
    int64_t started_ns;
    uint64_t rows_count; /* for `rate` */
    bool ended;
    bool is_alone; /* no other split in the job; set once all sources are open */
};

WEIR_CHECKED enum weir_status
weir_source_driver_open(struct weir_source_driver *driver, const struct weir_plan_node *node,
                        const struct weir_plan *plan, const struct weir_job_env *env,
                        struct weir_job_stats *stats, struct weir_output *out,
                        struct weir_error *error);
/* The split to poll next: the lowest watermark among those that can be read now; UINT32_MAX: none.
 * *wakeup_ns is lowered to when a waiting split wants to be asked again. */
uint32_t weir_source_driver_ready(struct weir_source_driver *driver, int64_t now_ns,
                                  int64_t *wakeup_ns);
/* One step: one batch at most, drained through the plan. DONE: nobody wants more. */
enum weir_flow weir_source_driver_step(struct weir_source_driver *driver, uint32_t split,
                                       int64_t now_ns, struct weir_error *error);
/* No more steps: ends the chain. */
enum weir_flow weir_source_driver_end(struct weir_source_driver *driver, struct weir_error *error);
/* A split that waits for data, and has for longer than its table's idle_timeout: it holds no
 * watermark. One that is read from its backlog never is. */
bool weir_source_split_is_idle(const struct weir_source_driver *driver,
                               const struct weir_split_state *split, int64_t now_ns);
void weir_source_driver_close(struct weir_source_driver *driver);

#endif
