/* The operator contract.
 *
 * An operator is a type (const vtable) + a description (immutable, from the plan) + a state (one
 * per worker). It never blocks, reads a clock or starts a thread. The driver (runtime/) combines
 * watermarks over inputs, aligns barriers, and calls:
 *
 *     open ─▶ { push | watermark | timer | barrier }* ─▶ end ─▶ close
 *
 * Messages leave through `out`, a chain of direct calls: a fused pipeline runs a batch to
 * completion while it is in cache. An operator emits, then forwards the watermark.
 *
 * Result of a call: OK; FULL (downstream cannot take more now; the batch was taken); YIELD (more to
 * do, call again with the same message); DONE (no further input is wanted on any port: LIMIT);
 * FAILED (the error record says why). */
#ifndef WEIR_FLOW_OPERATOR_H
#define WEIR_FLOW_OPERATOR_H

#include "base/options.h"
#include "column/batch.h"

struct weir_connector_env; /* flow/connector.h */
struct weir_session;       /* kernel/kernel.h; opaque to flow */
struct weir_state_snapshot;

enum weir_flow { WEIR_FLOW_OK, WEIR_FLOW_FULL, WEIR_FLOW_YIELD, WEIR_FLOW_DONE, WEIR_FLOW_FAILED };

/* Where an operator's messages go: the next operators, or a sink. */
struct weir_output {
    enum weir_flow (*push)(struct weir_output *output, struct weir_batch *batch,
                           struct weir_error *error);
    enum weir_flow (*watermark)(struct weir_output *output, struct weir_event_time watermark,
                                struct weir_error *error);
    enum weir_flow (*end)(struct weir_output *output, struct weir_error *error);
};

/* Rows that came when their window, or what they could match, had closed. */
struct weir_late_rows {
    uint64_t count;
    int64_t delay_us; /* the watermark should have waited so much longer to keep all */
    int64_t first_us; /* last moments of the windows that they missed: the first, the last one */
    int64_t last_us;
};

struct weir_late_counts {
    struct weir_late_rows all;
    struct weir_late_rows *of_sources; /* by the number of the row's source; NULL: not told apart */
    uint32_t sources_count;
    bool is_near;           /* between sources and the operator nothing holds the watermark back */
    bool is_spread;         /* a record comes as several rows, one a window, and is counted once */
    const char *last_split; /* of the record counted last, where they are spread */
    uint64_t last_record;   /* plus one; 0: none yet */
};

/* Watermarks of a split's rows by lane, while its batch is pushed. The watermark that an operator
 * was sent may be older than the row before a late one, as batches go: how late the row is shows
 * here, the same at every batch size. */
struct weir_split_marks {
    uint32_t source;         /* number of the split's source in the job */
    uint64_t record;         /* as in the batch's origin */
    const uint32_t *records; /* origin_records: ascending */
    int64_t *watermarks;     /* each row's own; NULL: no batch is pushed */
    uint32_t count;
    int64_t before_us; /* the split's watermark before those rows */
    bool is_running;   /* watermarks are those of all rows up to the lane */
};

/* What every operator may use; one per worker and job. */
struct weir_operator_env {
    const struct weir_session *session;
    struct weir_budget *budget;    /* of this operator, below the job's */
    uint32_t batch_rows;           /* at most this many rows in a batch it makes */
    uint64_t hash_seed;            /* table hash; `all hashes equal` is a test mode of state/ */
    bool hash_collide;             /* test mode: every table hash is 0 */
    bool null_on_error;            /* on_error = 'null' */
    uint64_t *nulled_count;        /* failures turned to NULL, whole job */
    struct weir_late_counts *late; /* of this operator; may be NULL */
    uint64_t *unmatched_count;     /* updates and deletes of rows that are not there, whole job */
    int64_t ttl_us;                /* updating results forget keys that nobody asked for in so long;
                                      <= 0: never */
    uint64_t *expired_count;   /* rows of state that went so, whole job; NULL with ttl_us <= 0 */
    int isa;                   /* enum weir_isa that may be used (what weir_isa_detect said) */
    bool bounded_query;        /* weir sql over bounded input: nothing is late */
    const char *operator_name; /* "aggregate #3", for errors and metrics */
    const struct weir_connector_env *connector_env; /* for lookups */
    uint64_t *unanswered_count; /* keys whose lookup failed and counts as no rows, whole job */
    /* Asked now and then by operators that work for long without emitting (sorts): true when they
     * must give up with INTERRUPTED. NULL: never. */
    bool (*interrupted)(void *context);
    void *interrupted_context;
};

/* What an operator waits for: nothing; something; so much that it should get no more rows. */
enum weir_pending { WEIR_PENDING_NONE, WEIR_PENDING_SOME, WEIR_PENDING_FULL };

struct weir_operator_type {
    const char *name; /* "filter_project" */
    /* description: the plan node (plan/physical.h). state: heap, owned by the driver's pipeline. */
    enum weir_status (*open)(const void *description, const struct weir_operator_env *env,
                             void **state, struct weir_error *error);
    enum weir_flow (*push)(void *state, uint32_t port, struct weir_batch *batch,
                           struct weir_output *out, struct weir_error *error);
    /* Already combined over ports; only ever advances. */
    enum weir_flow (*watermark)(void *state, struct weir_event_time watermark,
                                struct weir_output *out, struct weir_error *error);
    /* Processing-time timer, when the operator asked for one; NULL without. */
    enum weir_flow (*timer)(void *state, struct weir_processing_time now, struct weir_output *out,
                            struct weir_error *error);
    /* For operators that others work for (lookups); both NULL without. poll takes what is done and
     * emits it; now_ns is monotonic. It is called between steps, and after end until nothing is
     * pending: then the operator has ended out. */
    enum weir_flow (*poll)(void *state, int64_t now_ns, struct weir_output *out,
                           struct weir_error *error);
    enum weir_pending (*pending)(const void *state);
    /* The barrier of an epoch is on every input: hand dirty state to snapshot. NULL: stateless. */
    enum weir_status (*barrier)(void *state, uint64_t epoch, struct weir_state_snapshot *snapshot,
                                struct weir_error *error);
    enum weir_status (*restore)(void *state, struct weir_state_snapshot *snapshot,
                                struct weir_error *error);
    /* All inputs ended; emits what is left, then ends out. */
    enum weir_flow (*end)(void *state, struct weir_output *out, struct weir_error *error);
    /* Pushes what would be emitted if the input ended now, and changes nothing; does not end out,
     * which never answers FULL or YIELD. Not called after end. NULL: cannot. */
    enum weir_flow (*preview)(void *state, struct weir_output *out, struct weir_error *error);
    /* Counters for EXPLAIN STATE and the end report; NULL: none. */
    uint64_t (*state_rows)(const void *state);
    void (*close)(void *state);
};

#endif
