/* The physical plan: a DAG of operators that exec/ and runtime/ run as it stands.
 *
 *     SCAN ─▶ COMPUTE ─▶ AGGREGATE ─▶ COMPUTE ─▶ SINK
 *
 * Expressions refer to the node's single input by column index. Nodes with several consumers are
 * shared sub-plans: their output goes to each. Everything lives in the plan's arena and is
 * immutable while jobs run. */
#ifndef WEIR_PLAN_PHYSICAL_H
#define WEIR_PLAN_PHYSICAL_H

#include "expr/expr.h"
#include "flow/connector.h"
#include "kernel/aggregate.h"
#include "value/window.h"

enum weir_plan_kind {
    WEIR_PLAN_SCAN,      /* a source table */
    WEIR_PLAN_VALUES,    /* rows computed once from constants */
    WEIR_PLAN_SERIES,    /* generate_series(start, stop, step) */
    WEIR_PLAN_COMPUTE,   /* filter, then project; fused */
    WEIR_PLAN_UNNEST,    /* input columns, repeated per element of lists */
    WEIR_PLAN_AGGREGATE, /* hash aggregation, DISTINCT (no aggregates), windows */
    WEIR_PLAN_SORT,      /* ORDER BY [LIMIT]; emits at the end of its input */
    WEIR_PLAN_LIMIT,
    WEIR_PLAN_UNION,     /* UNION ALL */
    WEIR_PLAN_JOIN,      /* two inputs by keys and a condition */
    WEIR_PLAN_LATE,      /* rows too late for a window, for a table of their own */
    WEIR_PLAN_PROCTIME,  /* processing time as event time */
    WEIR_PLAN_OVER,      /* window functions: functions of a row and the rows beside it */
    WEIR_PLAN_NORMALIZE, /* events of rows by key to changes that know the old row */
    WEIR_PLAN_NET,       /* opposite changes cancel, those of a key come side by side */
    WEIR_PLAN_SINK
};

/* What happens to bad records. */
enum weir_bad_data { WEIR_BAD_DATA_FAIL, WEIR_BAD_DATA_DROP };

/* What happens to rows that come behind the watermark, once the windows they belong to have been
 * emitted. */
enum weir_late {
    WEIR_LATE_DROP,   /* windows wait for allowed_lateness, then late rows are left out */
    WEIR_LATE_UPDATE, /* windows are emitted at their end and corrected for allowed_lateness */
    WEIR_LATE_SIDE    /* as DROP, but rows that are left out go to a table */
};

/* A declared table, resolved: connector, format, columns. Made by the binder. */
struct weir_table {
    struct weir_slice name;
    struct weir_position position;          /* of its declaration */
    const struct weir_connector *connector; /* NULL: in-memory stream between statements */
    struct weir_slice format;               /* name; empty: the connector yields batches */
    struct weir_option *options;            /* all, as written, defaults not filled in */
    size_t options_count;
    struct weir_schema schema;                /* declared columns, generated ones included */
    const struct weir_expr *const *generated; /* per column: expression over the physical columns
                                                 (those with NULL here), else NULL */
    const struct weir_slice *paths;           /* per column: "json.path"; may be NULL */
    uint32_t event_time_column;               /* UINT32_MAX: none */
    const struct weir_expr *watermark;        /* over schema; NULL: event time - 1 s */
    const uint32_t *primary_key;
    uint32_t primary_key_count;
    uint32_t roles; /* enum weir_connector_role it can play */
    bool bounded;   /* as a source */
    bool changelog; /* as a source: rows carry weights */
    bool upserts;   /* as a source: the weights are events of keys (enum weir_change_event) */
    bool op_column; /* as a source: records have a field "_op" */
    bool op_optional;
    const struct weir_slice *metadata; /* per column: METADATA FROM; may be NULL */
    bool sink_accepts_changelog;
    bool sink_upserts; /* of a key's changes only the last row is wanted */
    bool sink_pairs;   /* the format tells updates from deletes and inserts */
    enum weir_bad_data bad_data;
    struct weir_slice dead_letter; /* path, or empty */
    int64_t idle_timeout_us;       /* -1: off */
    int64_t allowed_lateness_us;
    enum weir_late late;
    struct weir_slice late_table; /* SIDE */
    int64_t max_future_us;        /* -1: off */
    int64_t record_size_max;
    int64_t rate; /* rows per second; 0: unlimited */
    bool is_lookup;
    struct weir_lookup_settings lookup;
};

struct weir_plan_scan {
    const struct weir_table *table;
    const uint32_t *physical; /* table columns to decode, ascending */
    uint32_t physical_count;
    struct weir_schema physical_schema; /* of the decoded batch */
    /* Output columns over the decoded batch; NULL: the decoded batch is the output. */
    const struct weir_expr *const *projections;
    /* Event time of a row: over the decoded batch, TIMESTAMP kinds; NULL: none. */
    const struct weir_expr *event_time;
    const struct weir_expr *watermark; /* over the decoded batch */
    /* The smallest window width above, so that batches are cut where the watermark crosses it
     * (SEMANTICS "Event time"); 0: no cutting. */
    int64_t pane_us;
    const struct weir_expr *predicate; /* pushed down; NULL: none */
    bool versions; /* weights are enum weir_change_event, for a join with versions above */
};

struct weir_plan_values {
    const struct weir_column *columns; /* FLAT, rows_count lanes */
    uint32_t rows_count;
};

struct weir_plan_series {
    const struct weir_type *type;         /* BIGINT, DECIMAL, TIMESTAMP or TIMESTAMPTZ */
    struct weir_column start, stop, step; /* one lane each */
    bool with_ordinality;
};

struct weir_plan_compute {
    const struct weir_expr *predicate;          /* BOOLEAN; NULL: all rows */
    const struct weir_expr *const *projections; /* one per output column; NULL: all input columns */
};

struct weir_plan_unnest {
    const uint32_t *lists; /* input columns of LIST (or MAP) type, unnested side by side */
    uint32_t lists_count;
    bool with_ordinality; /* adds a BIGINT column, from 1 */
    bool keep_empty;      /* LEFT JOIN LATERAL: a row of nulls for an empty or null list */
    /* output: input columns, then one column per list, then the ordinality */
};

enum weir_window_kind {
    WEIR_WINDOW_NONE,
    WEIR_WINDOW_TUMBLE,
    WEIR_WINDOW_HOP,      /* of the width, one beginning at every slide */
    WEIR_WINDOW_CUMULATE, /* of one, two … slides from each multiple of the width, up to the width
                           */
    WEIR_WINDOW_SESSION,  /* of rows less than the width apart, per key: first … last + width */
    WEIR_WINDOW_COLUMNS   /* as columns of the row say: windows that were made further below */
};

struct weir_plan_window {
    enum weir_window_kind kind;
    uint32_t
        time_column;  /* input column; UINT32_MAX: the event-time attribute (batch->event_times) */
    int64_t width_us; /* exactly one of width_us and width_months is not 0 */
    int32_t width_months;
    int64_t slide_us; /* HOP, CUMULATE: as in value/window.h */
    int32_t slide_months;
    int64_t offset_us;
    uint32_t start_column; /* COLUMNS: input columns, TIMESTAMP or TIMESTAMPTZ in us */
    uint32_t end_column;
    int64_t granularity_us; /* COLUMNS: of the bounds; 0: not known */
    int64_t lateness_us;    /* how long it stays open behind its end */
    bool corrects;   /* it is emitted at its end all the same, and corrected while it is open */
    bool stays_open; /* the event time does not close it: it is of another time, or rows are taken
                        back */
};

/* TUMBLE, HOP and CUMULATE. */
static inline struct weir_window weir_plan_window_shape(const struct weir_plan_window *window)
{
    return (struct weir_window){.width_us = window->width_us,
                                .width_months = window->width_months,
                                .slide_us = window->slide_us,
                                .slide_months = window->slide_months,
                                .offset_us = window->offset_us,
                                .cumulates = window->kind == WEIR_WINDOW_CUMULATE};
}

/* SESSION: watermarks count, and sessions close, at multiples of this, a divisor of a second. */
static inline int64_t weir_plan_session_granularity_us(const struct weir_plan_window *window)
{
    int64_t granularity = 1000000;
    while (granularity > 1 && granularity > window->width_us / 8)
        granularity /= 10;
    return granularity;
}

struct weir_plan_order {
    uint32_t column;
    struct weir_sort_order order;
};

struct weir_plan_aggregate_call {
    const struct weir_aggregate *aggregate;
    const void *instance;
    uint32_t state_size;
    const struct weir_type *type;
    const uint32_t *args; /* input columns */
    uint32_t args_count;
    bool distinct;
    bool descending;                     /* WITHIN GROUP (ORDER BY … DESC): of args the last */
    uint32_t filter;                     /* BOOLEAN input column; UINT32_MAX: none */
    const struct weir_plan_order *order; /* ORDER BY inside the call */
    uint32_t order_count;
    struct weir_position position;
};

enum weir_emit {
    WEIR_EMIT_ON_CLOSE, /* a window's rows once, when the watermark passes its end */
    WEIR_EMIT_CHANGES,  /* one net change per key and step, as a changelog */
    WEIR_EMIT_FINAL,    /* once, when all input has ended */
    WEIR_EMIT_EVERY,    /* net changes at an interval of processing time */
    WEIR_EMIT_CORRECTED /* a window's rows when the watermark passes its end, then net changes */
};

struct weir_plan_aggregate {
    const uint32_t *keys; /* input columns; the window is not among them */
    uint32_t keys_count;
    struct weir_plan_window window;
    /* Where the window's STRUCT<start, end> stands among the output's key columns; UINT32_MAX: it
     * is not output. */
    uint32_t window_output;
    const struct weir_plan_aggregate_call *calls;
    uint32_t calls_count;
    enum weir_emit emit;
    int64_t emit_every_us;
    /* output: key columns (with the window at window_output), then one column per call. Without
     * keys and window there is exactly one group, also over no rows. */
};

struct weir_plan_sort {
    const struct weir_plan_order *order;
    uint32_t order_count;
    int64_t limit;  /* -1: none */
    int64_t offset; /* 0: none */
};

struct weir_plan_limit {
    int64_t limit; /* -1: none */
    int64_t offset;
};

enum weir_join_kind {
    WEIR_JOIN_PAIRS, /* INNER; LEFT, RIGHT, FULL by keep_unmatched */
    WEIR_JOIN_SEMI,  /* left rows that match: IN, EXISTS */
    WEIR_JOIN_ANTI   /* left rows that do not: NOT IN, NOT EXISTS */
};

/* Of the right rows with the left row's keys, at most one matches: by the times `at`, */
enum weir_asof {
    WEIR_ASOF_NONE,    /* all match */
    WEIR_ASOF_LATEST,  /* the last one not after (strict: before) the left row */
    WEIR_ASOF_EARLIEST /* the first one not before (strict: after) it */
};

/* One input of a join. */
struct weir_plan_join_side {
    const uint32_t *keys; /* input columns, one per key of the join; types agree */
    bool keep_unmatched;  /* PAIRS: rows without match come out with nulls for the other side */
    /* Over this input, TIMESTAMP or TIMESTAMPTZ in us: a row matches no row of the other input
     * whose event time is later. NULL: nothing is known, the row is kept for good. */
    const struct weir_expr *expires;
    bool null_expires_at_once; /* of a row for which it is null the condition says that it matches
                                  nothing */
    /* Over this input, the same: a row for which this is before the watermark is late. NULL: none
     * is. */
    const struct weir_expr *late;
    /* asof: over this input, the row's time: timestamps or BIGINT, of the same type as the other
     * side's. */
    const struct weir_expr *at;
};

/* Output: the columns of the left input, then, for PAIRS, those of the right one. */
struct weir_plan_join {
    enum weir_join_kind kind;
    struct weir_plan_join_side sides[2]; /* left, right */
    uint32_t keys_count;                 /* 0: every pair is looked at */
    const bool *null_safe;               /* per key: two nulls match (IS NOT DISTINCT FROM) */
    bool null_matches;                 /* NOT IN: a null key matches every key; only with one key */
    const struct weir_expr *condition; /* over left columns, then right ones; NULL: none */
    /* How unmatched rows come out: at once, to be taken back when a match comes (the output is a
     * changelog), or when no match can come any more. */
    bool defer_unmatched;
    int64_t granularity_us; /* of watermarks and expiry; >= 1 */
    int64_t delay_us;       /* the watermark that is passed on is less by this */
    /* PAIRS, without condition; inputs append. Equal times: the least row of all by its values. */
    enum weir_asof asof;
    bool asof_strict;
    bool asof_versions; /* right rows are changes of a key, the last one of equal times counts */
    bool asof_timed; /* `at` are the event times: matched as the watermark goes, else at the end */
    /* Of the right rows alone: left rows come at any time, and may be taken back. They are matched
     * as the watermark of the right input goes; right rows are kept for those to come. */
    bool asof_by_right;
    /* The right input is a SCAN of a lookup table: its rows are asked for by key. PAIRS.
     * Equal keys are no more than candidates: the condition decides. */
    bool lookup;
};

enum weir_over_function {
    WEIR_OVER_ROW_NUMBER,
    WEIR_OVER_RANK,
    WEIR_OVER_DENSE_RANK,
    WEIR_OVER_PERCENT_RANK,
    WEIR_OVER_CUME_DIST,
    WEIR_OVER_NTILE, /* args: buckets */
    WEIR_OVER_LAG,   /* args: value, offset, default */
    WEIR_OVER_LEAD,
    WEIR_OVER_FIRST_VALUE, /* args: value */
    WEIR_OVER_LAST_VALUE,
    WEIR_OVER_NTH_VALUE, /* args: value, n */
    WEIR_OVER_AGGREGATE
};

enum weir_frame_unit { WEIR_FRAME_ROWS, WEIR_FRAME_RANGE, WEIR_FRAME_GROUPS };
enum weir_frame_bound_kind {
    WEIR_FRAME_UNBOUNDED_PRECEDING,
    WEIR_FRAME_PRECEDING,
    WEIR_FRAME_CURRENT_ROW,
    WEIR_FRAME_FOLLOWING,
    WEIR_FRAME_UNBOUNDED_FOLLOWING
};
enum weir_frame_exclude {
    WEIR_FRAME_EXCLUDE_NOTHING,
    WEIR_FRAME_EXCLUDE_CURRENT_ROW,
    WEIR_FRAME_EXCLUDE_GROUP, /* the row's peers, itself included */
    WEIR_FRAME_EXCLUDE_TIES   /* its peers, but not itself */
};
/* PRECEDING and FOLLOWING: so many rows or groups of peers; for RANGE the input column whose value
 * is the row's order value less or plus the distance. */
struct weir_frame_bound {
    enum weir_frame_bound_kind kind;
    int64_t count;
    uint32_t limit_column;
};
struct weir_plan_frame {
    enum weir_frame_unit unit;
    struct weir_frame_bound start, end;
    enum weir_frame_exclude exclude;
};

struct weir_plan_over_call {
    enum weir_over_function function;
    const struct weir_type *type; /* of the result */
    const uint32_t *args;         /* input columns */
    uint32_t args_count;
    bool ignore_nulls; /* LAG, LEAD, FIRST_VALUE, LAST_VALUE, NTH_VALUE */
    struct weir_plan_frame frame;
    /* AGGREGATE */
    const struct weir_aggregate *aggregate;
    const void *instance;
    uint32_t state_size;
    uint32_t filter; /* BOOLEAN input column; UINT32_MAX: none */
    struct weir_position position;
};

/* Output: the input columns, then one column per call. Rows of a partition are in the given order;
 * ties by event time, then by the whole row. */
struct weir_plan_over {
    const uint32_t *partition; /* input columns */
    uint32_t partition_count;
    const struct weir_plan_order *order;
    uint32_t order_count;
    const struct weir_plan_over_call *calls; /* at least one */
    uint32_t calls_count;
    int64_t limit;       /* only rows whose first call, a rank, is at most this come out; -1: all */
    bool hides_rank;     /* with a limit: its rank, the only call, is no output column */
    enum weir_emit emit; /* ON_CLOSE, CHANGES or FINAL */
    /* ON_CLOSE, over the input, TIMESTAMP kinds in us: the last moment of the row's partition. */
    const struct weir_expr *expires;
    int64_t granularity_us; /* with expires: of the watermarks that count; >= 1 */
};

/* Output: the input columns, then window_start, window_end, watermark; a row for each window that
 * the row is too late for. */
enum { WEIR_PLAN_LATE_COLUMNS = 3 };
struct weir_plan_late {
    struct weir_plan_window window;
    const uint32_t *keys; /* SESSION: input columns; the window is not among them */
    uint32_t keys_count;
};

/* Output: the input, whose event time is what this column says, and whose watermark is the clock.
 */
struct weir_plan_proctime {
    uint32_t column; /* TIMESTAMP, made by proctime() */
};

/* Input: a scan whose weights are enum weir_change_event. Output: the table, or its changes. */
struct weir_plan_normalize {
    const uint32_t *keys; /* input columns: the PRIMARY KEY */
    uint32_t keys_count;
    bool final; /* the rows that are left at the end, without weights */
};

/* Output: the input, summed per step. Of a key, rows that go come right before rows that come. */
struct weir_plan_net {
    const uint32_t *keys; /* input columns; all of them when has_key is false */
    uint32_t keys_count;
    bool has_key; /* true without columns: all rows are of one key */
    bool latest;  /* a row that goes is left out where another one of its key comes */
    bool keeps;   /* several rows may share a key: they are kept, and the last one is shown */
    bool final;   /* all steps are one, and rows have no weights: each comes as often as it is */
};

struct weir_plan_sink {
    const struct weir_table *table; /* NULL: a bare SELECT, the result goes to the caller */
    /* What makes an output row unique, for formats that pair changes. */
    const uint32_t *keys;
    uint32_t keys_count;
    bool has_key; /* true without columns: there is one row */
};

struct weir_plan_node {
    enum weir_plan_kind kind;
    uint32_t id;          /* index in the plan's nodes; inputs come before */
    uint64_t fingerprint; /* of the sub-plan: identity of its state */
    const struct weir_plan_node *const *inputs;
    uint32_t inputs_count;
    uint32_t consumers_count;
    struct weir_schema schema; /* output */
    bool changelog;            /* output rows carry weights */
    bool bounded;              /* the output ends */
    bool has_event_time;       /* output batches have event_times */
    bool ordered;              /* output order is meaningful (below a SORT) */
    union {
        struct weir_plan_scan scan;
        struct weir_plan_values values;
        struct weir_plan_series series;
        struct weir_plan_compute compute;
        struct weir_plan_unnest unnest;
        struct weir_plan_aggregate aggregate;
        struct weir_plan_sort sort;
        struct weir_plan_limit limit;
        struct weir_plan_join join;
        struct weir_plan_over over;
        struct weir_plan_late late;
        struct weir_plan_proctime proctime;
        struct weir_plan_normalize normalize;
        struct weir_plan_net net;
        struct weir_plan_sink sink;
    } of;
};

/* Job options, from SET and -D. */
struct weir_settings {
    int64_t parallelism;
    int64_t batch_rows;
    int64_t memory_limit; /* bytes; 0: 75 % of the machine */
    int64_t updating_ttl_us;
    int64_t idle_timeout_us;
    int64_t allowed_lateness_us;
    int64_t max_future_us;
    int64_t checkpoint_interval_us;
    int64_t checkpoint_rows;
    bool null_on_error;
    struct weir_slice timezone;
};

struct weir_plan {
    const struct weir_plan_node *const *nodes; /* topological order */
    uint32_t nodes_count;
    const struct weir_plan_node *const *sinks;
    uint32_t sinks_count;
    struct weir_settings settings;
    uint64_t fingerprint;
};

/* "SCAN", "COMPUTE", … */
const char *weir_plan_kind_name(enum weir_plan_kind kind);
/* EXPLAIN's forms. */
void weir_plan_print_text(const struct weir_plan *plan, struct weir_buffer *out);
void weir_plan_print_json(const struct weir_plan *plan, struct weir_buffer *out);
/* Pieces for reports of a run: whether an operator keeps state; "AGGREGATE #3 by k: freed when …";
 * its keys; what bounds it, in a word; "tumble 10 seconds of event time"; "t (file): event time …".
 */
bool weir_plan_keeps_state(const struct weir_plan_node *node);
void weir_plan_print_node_state(const struct weir_plan *plan, const struct weir_plan_node *node,
                                struct weir_buffer *out);
void weir_plan_print_node_keys(const struct weir_plan_node *node, struct weir_buffer *out);
const char *weir_plan_node_bound(const struct weir_plan *plan, const struct weir_plan_node *node);
void weir_plan_print_node_window(const struct weir_plan_node *node, struct weir_buffer *out);
void weir_plan_print_node_watermark(const struct weir_plan_node *node, struct weir_buffer *out);
void weir_plan_json_string(struct weir_slice text, struct weir_buffer *out);

#endif
