/* The logical plan: relations that the binder makes and the rules rewrite.
 *
 * A relation has the shape of the physical node that it will become (plan/physical.h) and uses the
 * same descriptions; expressions refer to the columns of its one input. What it has in addition is
 * what only planning needs: which column shows the event-time attribute, which columns are the
 * bounds of a tumbling window, how often it is used. What depends on the mode (what is emitted
 * when, what is a changelog) is decided later, in physical.c.
 *
 * Relations form a DAG: a table, view or table expression that is used twice is one relation with
 * two consumers. All memory is the plan's arena. */
#ifndef WEIR_PLAN_LOGICAL_INTERNAL_H
#define WEIR_PLAN_LOGICAL_INTERNAL_H

#include "plan/physical.h"
#include "sql/ast.h"

#define PLAN_NONE UINT32_MAX

/* Column numbers with a meaning of their own while an expression is being bound; none is left in a
 * finished relation. */
#define PLAN_INDEX_EVENT_TIME UINT32_C(0x70000000) /* the hidden event-time attribute */
#define PLAN_INDEX_AGGREGATE UINT32_C(0x71000000)  /* + number of the aggregate call */
#define PLAN_INDEX_UNNEST UINT32_C(0x72000000)     /* + number of the unnest in a select list */
/* A column of an enclosing query: how many queries further out, and its number there. */
#define PLAN_INDEX_OUTER UINT32_C(0x73000000)
#define PLAN_OUTER_COLUMNS_MAX UINT32_C(0x10000)
#define PLAN_OUTER_STEP PLAN_OUTER_COLUMNS_MAX /* between levels */
/* In place of the number: + number of the enclosing query's aggregate call, or of the column of the
 * relation that its subqueries are attached to. */
#define PLAN_OUTER_AGGREGATE UINT32_C(0x4000)
#define PLAN_OUTER_ATTACHED UINT32_C(0x8000)
#define PLAN_OUTER_LEVEL(index) (((index)-PLAN_INDEX_OUTER) / PLAN_OUTER_STEP + 1)
#define PLAN_OUTER_COLUMN(index) (((index)-PLAN_INDEX_OUTER) % PLAN_OUTER_STEP)
#define PLAN_INDEX_GROUPING UINT32_C(0x75000000) /* + number of the GROUPING call */
#define PLAN_INDEX_OVER UINT32_C(0x76000000)     /* + number of the call with OVER */
#define PLAN_INDEX_SUBQUERY UINT32_C(0x74000000) /* + number of the subquery whose value it is */

static inline bool plan_is_subquery(uint32_t index)
{
    return index >= PLAN_INDEX_SUBQUERY && index < PLAN_INDEX_GROUPING;
}

/* Set as `index` of constants: what they were in the text. */
enum {
    PLAN_LITERAL_NONE,
    PLAN_LITERAL_NUMBER, /* adopts the type of the other side */
    PLAN_LITERAL_UNKNOWN /* a quoted literal, or NULL: adopts any type */
};

enum { PLAN_SESSION_KEYS_MAX = 16 };

/* Columns that hold the bounds of a window of the event-time attribute: grouping by them is a
 * windowed aggregation. */
struct plan_window_columns {
    bool present;
    bool given;     /* other than tumbling windows: only the columns say which window it is */
    bool one_tells; /* given: either bound says it, since all are of the width */
    int64_t granularity_us; /* given: of the bounds */
    /* given: sessions of the width, by these columns. The bounds are not known before rows are
     * grouped by them. */
    bool is_session;
    uint32_t session_keys[PLAN_SESSION_KEYS_MAX];
    uint32_t session_keys_count;
    int64_t width_us;
    int32_t width_months;
    int64_t offset_us;
    uint32_t start_column; /* PLAN_NONE: not shown */
    uint32_t end_column;
    uint32_t struct_column; /* STRUCT<start, end> */
};

/* How rows behind the watermark are dealt with, above a relation. */
struct plan_lateness {
    const struct weir_table *table; /* whose policy it is; NULL: of none */
    bool conflict;                  /* sources below differ in it */
};

/* A struct column of which only some fields are decoded (rules_narrow.c). */
struct plan_narrowed {
    const struct weir_type *type; /* NULL: the column as it is */
    uint32_t *map;                /* field of the whole struct to field of this one */
};

struct plan_scan {
    const struct weir_table *table;
    const uint32_t *columns;              /* table column of each output column */
    const struct weir_expr *predicate;    /* over the table's columns */
    const struct plan_narrowed *narrowed; /* per column of the table; NULL: all as they are */
    bool versions; /* the changes of a table with a PRIMARY KEY as they come, with event times */
};

struct plan_aggregate {
    struct weir_plan_aggregate physical; /* emit is decided by physical.c */
    enum weir_sql_emit_kind emit_kind;   /* as written; DEFAULT: nothing was */
    int64_t emit_every_us;
    /* A window of the event time: a column of times that are in the same window, for an input that
     * takes rows back and so has no event time; PLAN_NONE: there is none. */
    uint32_t given_time;
    struct weir_position position;
};

struct plan_rel {
    enum weir_plan_kind kind;
    bool refused; /* stands for what is not executable; an error was reported */
    struct plan_rel **inputs;
    uint32_t inputs_count;
    struct weir_field *fields; /* output columns */
    uint32_t fields_count;
    const struct weir_type *event_time_type; /* of the attribute; NULL: there is none */
    uint32_t event_time_column;              /* output column that shows it, or PLAN_NONE */
    uint32_t proctime_column;                /* that proctime() filled, or PLAN_NONE */
    struct plan_window_columns window;
    struct weir_position position;
    bool with_ties; /* SORT with a limit: rows equal to the last one, too */
    bool at_end;    /* SORT and LIMIT without a number: nothing, over inputs that do not end */
    union {
        struct plan_scan scan;
        struct weir_plan_values values;
        struct weir_plan_series series;
        struct weir_plan_compute compute;
        struct weir_plan_unnest unnest;
        struct plan_aggregate aggregate;
        struct weir_plan_sort sort;
        struct weir_plan_limit limit;
        struct weir_plan_join join;
        struct weir_plan_over over; /* emit and expires are decided by physical.c */
        struct weir_plan_late late;
        struct weir_plan_proctime proctime;
        struct weir_plan_sink sink;
    } of;
    /* ---- scratch of the rules ---- */
    uint32_t visit; /* number of the last walk that came by */
    uint32_t consumers;
    bool settled;   /* a filter that went as far down as it may; a join that is in order */
    bool *required; /* per output column */
    bool event_time_required;
    uint32_t fields_before;                  /* output columns before pruning */
    uint32_t *remap;                         /* old output column to new; PLAN_NONE: gone */
    const struct plan_size *size;            /* NULL: not asked yet (rules_size.c) */
    const struct weir_plan_node *lowered[2]; /* streaming, final */
    uint8_t bounded_memo;                    /* 0: not asked yet, 1: no, 2: yes */
    uint8_t changes_memo;
    uint8_t carries_memo;
    bool lateness_known;
    struct plan_lateness lateness;
};

static inline struct weir_schema plan_rel_schema(const struct plan_rel *rel)
{
    return (struct weir_schema){rel->fields, rel->fields_count};
}

#endif
