/* Sources, sinks and lookups: what a connector implements.
 *
 * A connector never sees the engine: it moves bytes or batches between the world and the driver
 * (runtime/), which decodes, cuts batches, keeps watermarks, counts bad records, encodes, and
 * commits epochs. All calls come from one worker; none blocks longer than it says. */
#ifndef WEIR_FLOW_CONNECTOR_H
#define WEIR_FLOW_CONNECTOR_H

#include "base/options.h"
#include "column/batch.h"
#include "flow/operator.h"

struct weir_sys; /* sys/sys.h; opaque to flow */

enum weir_connector_role { WEIR_ROLE_SOURCE = 1, WEIR_ROLE_SINK = 2, WEIR_ROLE_LOOKUP = 4 };

struct weir_connector_env {
    const struct weir_sys *sys;
    struct weir_budget *budget;
    const char *table_name; /* for messages */
    void *embedder;         /* the memory connector's registry (include/weir/weir.h) */
    /* Tells a waiting job, from any thread, that an answer is there. NULL: it is not waited for. */
    void (*wake)(void *context);
    void *wake_context;
};

/* The table as declared, for a connector's open. Options marked used are taken. */
struct weir_connector_table {
    struct weir_option *options;
    size_t options_count;
    const struct weir_schema *schema; /* declared columns (sources: those that are projected) */
    const uint32_t *projection;       /* sources: declared index of each schema field */
    const uint32_t *key_columns;      /* PRIMARY KEY */
    uint32_t key_columns_count;
    struct weir_slice format;           /* lookups: its name, where the connector reads bytes */
    const struct weir_schema *declared; /* lookups: all columns of the table */
    const struct weir_slice *paths;     /* lookups: of each field in a record; may be NULL */
    uint64_t record_size_max;           /* lookups */
    bool changelog;                     /* sinks: rows carry weights */
    bool inputs_bounded;                /* sinks: the output will be complete one day */
};

/* ---- sources ---- */

enum weir_source_yield {
    WEIR_SOURCE_BYTES,  /* raw bytes of one split, to be decoded by the table's format */
    WEIR_SOURCE_BATCHES /* finished batches of the projected schema */
};

enum weir_poll_result {
    WEIR_POLL_DATA, /* output filled */
    WEIR_POLL_WAIT, /* nothing now; wake at output->wakeup_ns, or when output->wakeup_fd is readable
                     */
    WEIR_POLL_END,  /* the split has ended for good */
    WEIR_POLL_FAILED
};

struct weir_source_poll {
    uint32_t split;
    uint32_t rows_max; /* BATCHES: at most so many rows */
    bool no_wait;      /* the job has other things to do: WAIT at once rather than blocking */
    /* out */
    struct weir_slice
        bytes; /* BYTES: new bytes since `consumed`; format/format.h padding follows */
    /* BYTES: the last fresh.size of the bytes are not there yet, but are to be copied to fresh_to
     * by who needs them, in order; what is behind fresh comes next and may be prefetched. See
     * `copied`. */
    struct weir_slice fresh;
    char *fresh_to;
    bool end_of_split; /* BYTES: nothing will follow these bytes */
    struct weir_shared
        *owner; /* BYTES: keeps the bytes alive; borrowed for the call, retain to keep */
    struct weir_batch *batch;  /* BATCHES: borrowed until the next poll unless retained */
    struct weir_origin origin; /* of the first byte or row */
    int64_t wakeup_ns;         /* WAIT: monotonic time; INT64_MAX: none */
    int wakeup_fd;             /* WAIT: -1: none */
};

struct weir_split {
    const char *name; /* file path, partition; lives as long as the source */
    bool bounded;
    uint64_t size_hint; /* bytes or rows for progress; 0: unknown */
};

struct weir_source_type {
    enum weir_source_yield yield;
    bool leaves_fields_out; /* BATCHES: a struct may come without some of its declared fields */
    bool opens_nothing;     /* BATCHES: options and columns may be judged by opening it */
    enum weir_status (*open)(const struct weir_connector_table *table,
                             const struct weir_connector_env *env, void **source,
                             struct weir_error *error);
    /* Splits known now; names and array live as long as the source. */
    enum weir_status (*splits)(void *source, const struct weir_split **splits, uint32_t *count,
                               struct weir_error *error);
    /* A few records from the start, for schema inference and format guessing; the bytes live as
     * long as the source; *is_all when the sample is the whole input. NULL: cannot. */
    enum weir_status (*sample)(void *source, struct weir_slice *bytes, bool *is_all,
                               struct weir_error *error);
    /* BYTES: the bytes given start with what was not consumed last time (weir_source_consume). */
    enum weir_poll_result (*poll)(void *source, struct weir_source_poll *poll,
                                  struct weir_error *error);
    /* BYTES: size bytes more of poll.fresh were copied. FILE_CHANGED: they are not what the file
     * holds, and must be forgotten, with what errors they led to. NULL: never gives any. */
    enum weir_status (*copied)(void *source, uint32_t split, size_t size, struct weir_error *error);
    /* BYTES: how much of the last poll's bytes was used, all of them copied; the rest comes again
     * with more behind it.
     */
    void (*consume)(void *source, uint32_t split, size_t size, uint64_t records);
    /* Serialised position after what was consumed; and back to it. */
    enum weir_status (*position)(void *source, uint32_t split, struct weir_buffer *out,
                                 struct weir_error *error);
    enum weir_status (*seek)(void *source, uint32_t split, struct weir_slice position,
                             struct weir_error *error);
    uint64_t (*lag)(void *source, uint32_t split); /* bytes or rows behind; UINT64_MAX: unknown */
    void (*close)(void *source);
};

/* ---- sinks ---- */

enum weir_guarantee { WEIR_AT_LEAST_ONCE, WEIR_IDEMPOTENT, WEIR_TRANSACTIONAL };
enum weir_sink_takes {
    WEIR_SINK_BYTES, /* encoded by the table's format */
    WEIR_SINK_BATCHES
};

struct weir_sink_type {
    enum weir_sink_takes takes;
    enum weir_guarantee guarantee;
    bool accepts_changelog; /* BATCHES: understands weights; BYTES: the format decides */
    enum weir_status (*open)(const struct weir_connector_table *table,
                             const struct weir_connector_env *env, void **sink,
                             struct weir_error *error);
    enum weir_flow (*write_bytes)(void *sink, struct weir_slice bytes, uint64_t rows,
                                  struct weir_error *error);
    enum weir_flow (*write_batch)(void *sink, struct weir_batch *batch, struct weir_error *error);
    /* Makes what was written visible (a terminal, a pipe); not a commit. */
    enum weir_status (*flush)(void *sink, struct weir_error *error);
    /* Two-phase commit; token bytes go into the manifest. Sinks without: NULL. */
    enum weir_status (*prepare)(void *sink, uint64_t epoch, struct weir_buffer *token,
                                struct weir_error *error);
    enum weir_status (*commit)(void *sink, uint64_t epoch, struct weir_slice token,
                               struct weir_error *error);
    enum weir_status (*abort)(void *sink, uint64_t epoch, struct weir_error *error);
    enum weir_status (*recover)(void *sink, uint64_t epoch, struct weir_slice token,
                                struct weir_error *error);
    /* success: all input ended, the output is final (rename). Otherwise it is left or removed. */
    enum weir_status (*finish)(void *sink, bool success, struct weir_error *error);
    void (*close)(void *sink);
};

/* ---- lookups ---- */

/* Rows of a table by key, asked for as they are needed. A lookup answers when it can: the operator
 * (exec/op_lookup.c) asks for many keys at a time, goes on, and takes answers when the job has time
 * for them. It does for all lookups what none should do for itself: it remembers answers, bounds
 * what is in flight, repeats what failed, and gives up at the deadline. */

/* What the program says of a lookup (runtime/lookup_options.c); kept with the table. */
struct weir_lookup_settings {
    uint64_t cache_bytes;   /* 0: an answer is used for the rows that asked for it */
    int64_t cache_ttl_ns;   /* an older answer is asked for again; INT64_MAX: never */
    int64_t deadline_ns;    /* from when a row wanted it; INT64_MAX: none */
    int64_t retry_delay_ns; /* before the second attempt; doubles with each */
    uint32_t retries;       /* attempts after the first */
    uint32_t concurrency;   /* requests in flight, at least 1 */
    uint32_t batch;         /* keys in a request, 1 … WEIR_BATCH_ROWS_MAX */
    bool ordered;           /* rows come out in the order in which they came */
    bool null_on_failure;   /* no answer counts as no rows, instead of ending the job */
};

struct weir_lookup_answer {
    uint64_t request;
    bool more; /* another answer to the same request follows */
    /* Both borrowed until the next call. Rows have the schema that open was given; lanes[i] is the
     * key lane that row i is for. */
    struct weir_batch *rows; /* NULL: it failed, as the error says */
    const uint16_t *lanes;
};

struct weir_lookup_type {
    /* table->schema: the columns that are read; table->key_columns: those of it that are asked for.
     * settings tells how much will be asked at a time. */
    enum weir_status (*open)(const struct weir_connector_table *table,
                             const struct weir_lookup_settings *settings,
                             const struct weir_connector_env *env, void **lookup,
                             struct weir_error *error);
    /* Asks for the keys of a batch: its columns are the key columns, none is null, all lanes are
     * alive. keys stays as it is until the request is done. At most settings->concurrency are. */
    enum weir_status (*get_many)(void *lookup, uint64_t request, struct weir_batch *keys,
                                 struct weir_error *error);
    /* A finished request: DATA with its answer, or FAILED with answer->request and an error, whose
     * RETRYABLE bit says whether it is worth asking again. WAIT: none is. Never blocks. */
    enum weir_poll_result (*done)(void *lookup, struct weir_lookup_answer *answer,
                                  struct weir_error *error);
    void (*close)(void *lookup); /* what is in flight is given up */
};

/* ---- the connector ---- */

struct weir_connector {
    const char *name;    /* "file" */
    const char *summary; /* one line */
    const char *details; /* Markdown for `weir connectors NAME` and the docs */
    const struct weir_option_spec *options;
    size_t options_count;
    size_t options_size;
    /* Options of single columns, written "COLUMN.NAME"; NULL: none. */
    const struct weir_option_spec *column_options;
    size_t column_options_count;
    uint32_t roles; /* enum weir_connector_role */
    const struct weir_source_type *source;
    const struct weir_sink_type *sink;
    const struct weir_lookup_type *lookup;
    /* Columns the connector itself defines (impulse: counter, subtask_index; nexmark); NULL: none,
     * the program declares them. Called before open. */
    enum weir_status (*schema)(struct weir_option *options, size_t options_count,
                               struct weir_arena *arena, struct weir_schema *out,
                               struct weir_error *error);
    /* True when the options make every split bounded (impulse with message_count). NULL: by splits.
     */
    bool (*bounded)(const struct weir_option *options, size_t options_count);
};

/* The set of connectors a program is bound against; the program (cli/) or the embedder makes it. */
struct weir_connectors {
    const struct weir_connector *const *items;
    size_t count;
    const char *const *later; /* names of the dialect whose connectors this version has not */
    size_t later_count;
};
const struct weir_connector *weir_connector_find(const struct weir_connectors *connectors,
                                                 struct weir_slice name);
bool weir_connector_is_later(const struct weir_connectors *connectors, struct weir_slice name);

#endif
