/* The binder: from syntax trees to relations and bound expressions.
 *
 * Errors: what fails is reported at once (plan_report) and the failing function returns NULL or
 * false; callers go on with what is independent, so that one run finds many errors. What depends on
 * something that failed stays silent: columns may be `poisoned`, scopes `open`.
 *
 * Memory: everything lives in the plan's arena; when it runs out, plan_out_of_memory reports it
 * once and all later work is abandoned quickly. */
#ifndef WEIR_PLAN_BINDER_INTERNAL_H
#define WEIR_PLAN_BINDER_INTERNAL_H

#include "plan/catalog_internal.h"

enum { PLAN_NESTING_MAX = 64 }; /* views in views, functions in functions */

struct plan_binder;
struct plan_grouping;

/* A growing array of pointers in the arena. */
struct plan_list {
    void **items;
    uint32_t count, capacity;
};

/* ---------------------------------------------------------------- scopes (scope.c) */

struct plan_scope_column {
    struct weir_slice name;
    const struct weir_type *type;
    bool nullable;
    bool poisoned;                 /* its expression failed: using it is silent */
    bool hidden;                   /* not in `*` */
    uint32_t index;                /* column of the relation */
    uint32_t table;                /* index in the scope's tables */
    const struct weir_expr *value; /* stands for the column: arguments of SQL functions */
};

struct plan_scope_table {
    struct weir_slice name;  /* alias or table name; empty: cannot be named */
    struct weir_slice other; /* a second name it answers to; empty: none */
    uint32_t first, count;   /* its columns */
};

struct plan_scope {
    const struct plan_scope *outer; /* of the enclosing query; NULL: none */
    struct plan_scope_column *columns;
    uint32_t columns_count, columns_capacity;
    struct plan_scope_table *tables;
    uint32_t tables_count, tables_capacity;
    bool open; /* something in FROM failed: unknown names are silent */
    const struct weir_type *event_time_type; /* of the relation in scope */
    uint32_t event_time_column;
    uint32_t proctime_place; /* one more than the column that proctime() filled; 0: none */
};

/* Adds a table whose columns are the relation's, from its column `first` on. */
bool plan_scope_add_rel(struct plan_binder *b, struct plan_scope *scope, struct weir_slice name,
                        struct weir_slice other, const struct plan_rel *rel, uint32_t first,
                        uint32_t count);
struct plan_scope_column *plan_scope_add_column(struct plan_binder *b, struct plan_scope *scope);
bool plan_scope_append(struct plan_binder *b, struct plan_scope *scope,
                       const struct plan_scope *from, uint32_t shift);

/* ---------------------------------------------------------------- expressions */

/* One aggregate call of a query, found while its expressions are bound. */
struct plan_call {
    struct weir_aggregate_match match;
    const struct weir_expr **args;
    uint32_t args_count;
    bool distinct;
    bool descending;                /* WITHIN GROUP (ORDER BY … DESC) */
    const struct weir_expr *filter; /* NULL: none */
    const struct weir_expr **order;
    struct weir_sort_order *order_by;
    uint32_t order_count;
    struct weir_position position;
};
struct plan_calls {
    struct plan_call *items;
    uint32_t count, capacity;
};

struct plan_select_alias {
    struct weir_slice name;
    const struct weir_expr *expr;
};

/* GROUPING(a, b): column PLAN_INDEX_GROUPING + its number, until each grouping set has its value.
 */
struct plan_grouping_call {
    const struct weir_expr *const *args;
    uint32_t args_count;
    struct weir_position position;
};

enum plan_comparison {
    PLAN_COMPARE_EQ,
    PLAN_COMPARE_NE,
    PLAN_COMPARE_LT,
    PLAN_COMPARE_LE,
    PLAN_COMPARE_GT,
    PLAN_COMPARE_GE
};

/* A call with OVER: column PLAN_INDEX_OVER + its number, until it is placed. */
struct plan_over {
    enum weir_over_function function;
    struct weir_aggregate_match match; /* AGGREGATE */
    const struct weir_expr **args;
    uint32_t args_count;
    const struct weir_expr *filter; /* NULL: none */
    bool ignore_nulls;
    const struct weir_expr **partition;
    uint32_t partition_count;
    const struct weir_expr **order;
    struct weir_sort_order *order_by;
    uint32_t order_count;
    struct weir_plan_frame frame;
    const struct weir_expr *start_limit, *end_limit; /* RANGE with distances; else NULL */
    const struct weir_type *type;
    struct weir_position position;
    const struct weir_expr *value; /* over the relation, once placed */
};

/* A subquery that is to be attached to the relation of the query it stands in. Until then column
 * PLAN_INDEX_SUBQUERY + its number stands for its value. */
struct plan_subquery {
    const struct weir_sql_expr *ast;
    const struct plan_scope *scope;    /* of the enclosing query */
    struct plan_rel *rel;              /* outer columns are PLAN_INDEX_OUTER + … */
    const struct weir_expr **operands; /* IN, ANY, ALL: one per column; over the enclosing query */
    uint32_t operands_count;
    enum plan_comparison comparison; /* with any row; of ALL the opposite, negated */
    bool negated;
    bool below;     /* its value is used by WHERE, GROUP BY or the arguments of aggregates */
    bool in_key;    /* of GROUP BY */
    bool over_both; /* in ON: its value is that of a pair */
    bool filtered;  /* it became a SEMI or ANTI join, or is another one's equal */
    const struct weir_expr *value; /* over the relation, once attached */
};

/* Where an expression stands and what it may use. */
struct plan_context {
    const struct plan_scope *scope;
    const char *clause;           /* "WHERE", for messages */
    struct plan_calls *calls;     /* aggregates go here; NULL: none are allowed */
    bool in_aggregate;            /* inside the arguments of one */
    struct plan_list *subqueries; /* struct plan_subquery *; NULL: only constant ones are allowed */
    struct plan_list
        *groupings;          /* struct plan_grouping_call *; NULL: GROUPING may not stand here */
    struct plan_list *overs; /* struct plan_over *; NULL: OVER may not stand here */
    const struct weir_sql_named_window *windows; /* WINDOW w AS (…) */
    uint32_t windows_count;
    struct plan_list *unnests; /* list expressions of unnest(…) in a select list; NULL: not here */
    bool *correlated;          /* set when a column of an enclosing query is used */
    bool window_allowed;       /* tumble(…) may stand here */
    const struct weir_expr *const *parameters; /* $1 …, arguments of a SQL function */
    uint32_t parameters_count;
    const struct plan_select_alias *aliases; /* earlier columns of the select list */
    uint32_t aliases_count;
    bool names_aliases; /* a lone name may be one of them, as in QUALIFY n = 1 */
};

/* The contexts of the queries that a subquery stands in, from the inside. */
struct plan_enclosing {
    struct plan_context *context;
    const struct plan_enclosing *next;
};

/* A table expression in sight. */
struct plan_cte {
    struct weir_slice name;
    const struct weir_sql_cte *ast;
    const struct plan_cte *outer_ctes; /* those in sight of its own query */
    const struct plan_scope *outer_scope;
    bool correlated; /* its query uses columns of outer_scope */
    struct plan_rel *rel;
    bool binding, failed, bound;
    bool taken; /* correlated: rel stands somewhere */
    const struct plan_cte *next;
};

/* What holds for a whole statement. */
struct plan_binder {
    struct weir_catalog *catalog;
    const struct weir_plan_env *env;
    struct weir_arena *arena;
    struct weir_diagnostics *diagnostics;
    struct weir_buffer *notes;
    const struct weir_sql_program *program;
    struct weir_error error; /* scratch: set, then plan_report */
    uint32_t errors_count;
    bool out_of_memory;
    bool silent; /* trial binding: nothing is reported */
    bool trial;  /* and subqueries are not looked at */
    uint64_t serial;
    uint32_t nesting;
    struct weir_position inlined_at; /* line != 0: inside a SQL function called there */
    /* The right side of a join: it may say FOR SYSTEM_TIME, and be a lookup. */
    const struct weir_sql_table *join_right;
    const struct plan_cte *ctes;
    uint32_t ctes_again; /* how often table expressions were bound another time */
    const struct plan_enclosing *enclosing;
    const struct weir_sql_emit *emit; /* of the statement; NULL: none */
    int64_t emit_every_us;
    const struct weir_type *const *expected; /* of the INSERT's target, for VALUES; else NULL */
    uint32_t expected_count;
    struct plan_list sinks;       /* struct plan_rel *, kind SINK */
    struct plan_list late;        /* struct plan_late_rows *, of the statement */
    struct plan_list file_tables; /* struct plan_file_table * */
    uint64_t visit;
};

struct plan_file_table {
    struct weir_slice path;
    struct weir_table *table;
    struct plan_rel *rel;
};

/* binder.c: memory and errors */
void *plan_alloc(struct plan_binder *b, size_t count, size_t size); /* zeroed */
#define PLAN_NEW(b, type) ((type *)plan_alloc((b), 1, sizeof(type)))
#define PLAN_ARRAY(b, type, count) ((type *)plan_alloc((b), (count), sizeof(type)))
void plan_out_of_memory(struct plan_binder *b);
bool plan_list_push(struct plan_binder *b, struct plan_list *list, void *item);
/* Reports b->error; at is used when it has no position of its own. Always false. */
bool plan_report(struct plan_binder *b, struct weir_position at);
/* Sets and reports in one; false. */
bool plan_fail(struct plan_binder *b, struct weir_position at, enum weir_status code,
               const char *format, ...) WEIR_PRINTF(4, 5);
/* The same with a hint of its own; false. */
bool plan_fail_hint(struct plan_binder *b, struct weir_position at, enum weir_status code,
                    const char *hint, const char *format, ...) WEIR_PRINTF(5, 6);
/* "… is not executed by this version": NOT_EXECUTABLE; false. */
bool plan_refuse(struct plan_binder *b, struct weir_position at, const char *format, ...)
    WEIR_PRINTF(3, 4);
/* Adds the nearest of names as a hint to b->error. */
void plan_hint_nearest(struct plan_binder *b, struct weir_slice name,
                       const struct weir_slice *names, size_t count);
/* The position for run-time errors. */
struct weir_position plan_at(const struct plan_binder *b, struct weir_position position);
void plan_note(struct plan_binder *b, const char *format, ...) WEIR_PRINTF(2, 3);

/* expr_build.c: bound expressions */
struct weir_expr *plan_expr_new(struct plan_binder *b, enum weir_expr_kind kind,
                                const struct weir_type *type, struct weir_position position);
const struct weir_expr *plan_expr_column(struct plan_binder *b, uint32_t index,
                                         const struct weir_type *type, bool nullable,
                                         struct weir_position position);
/* A call of a function that the planner has for itself; args are copied. */
const struct weir_expr *plan_expr_call(struct plan_binder *b, const struct weir_function *function,
                                       const struct weir_type *type,
                                       const struct weir_expr *const *args, uint32_t args_count,
                                       struct weir_position position);
/* lane: weir_type_width bytes, copied. */
const struct weir_expr *plan_expr_value(struct plan_binder *b, const struct weir_type *type,
                                        const void *lane, struct weir_position position);
const struct weir_expr *plan_expr_constant(struct plan_binder *b, const struct weir_column *column,
                                           struct weir_position position);
const struct weir_expr *plan_expr_null(struct plan_binder *b, const struct weir_type *type,
                                       struct weir_position position);
const struct weir_expr *plan_expr_boolean(struct plan_binder *b, bool value,
                                          struct weir_position position);
const struct weir_expr *plan_expr_text(struct plan_binder *b, struct weir_slice text,
                                       struct weir_position position);
/* AND, OR, COALESCE, CASE: args are borrowed. One argument of AND and OR is itself. */
const struct weir_expr *plan_expr_variadic(struct plan_binder *b, enum weir_expr_kind kind,
                                           const struct weir_type *type,
                                           const struct weir_expr *const *args, uint32_t count,
                                           struct weir_position position);
const struct weir_expr *plan_expr_field(struct plan_binder *b, const struct weir_expr *operand,
                                        uint32_t field, struct weir_position position);
bool plan_expr_is_unknown(const struct weir_expr *expr);
bool plan_expr_is_null(const struct weir_expr *expr); /* a constant NULL */
bool plan_expr_is_true(const struct weir_expr *expr); /* the constant TRUE */
/* The literal as TEXT for good: what is left undecided becomes text. */
const struct weir_expr *plan_expr_decided(struct plan_binder *b, const struct weir_expr *expr);
/* A cast, done at once for constants; NULL after an error. what: for the message, may be NULL. */
const struct weir_expr *plan_cast(struct plan_binder *b, const struct weir_expr *expr,
                                  const struct weir_type *to, enum weir_cast_context context,
                                  struct weir_position position);
/* Resolves and casts the arguments; NULL after an error. Any NULL argument gives NULL silently. */
const struct weir_expr *plan_function(struct plan_binder *b, const char *name,
                                      const struct weir_expr *const *args, uint32_t count,
                                      struct weir_position position);
const struct weir_expr *plan_function_named(struct plan_binder *b, struct weir_slice name,
                                            const struct weir_expr *const *args, uint32_t count,
                                            struct weir_position position);
/* All to one common type, in place; false after an error. what: "CASE", for the message. */
bool plan_meet(struct plan_binder *b, const struct weir_expr **exprs, uint32_t count,
               const char *what, struct weir_position position);
const struct weir_expr *plan_not(struct plan_binder *b, const struct weir_expr *expr,
                                 struct weir_position position);
/* The value of an expression without columns; false after an error. */
bool plan_evaluate(struct plan_binder *b, const struct weir_expr *expr, struct weir_column *out);
/* BOOLEAN, or an error that names the clause. */
const struct weir_expr *plan_condition(struct plan_binder *b, const struct weir_expr *expr,
                                       const char *clause);

/* expr_walk.c: trees */
typedef const struct weir_expr *(*plan_rewrite_fn)(void *context, const struct weir_expr *expr,
                                                   bool *failed);
/* Bottom-up copy of what changes: visit is asked first, top-down; a result other than NULL stands
 * for the whole sub-tree; NULL goes on below. NULL when visit sets *failed or memory runs out. */
const struct weir_expr *plan_rewrite(struct weir_arena *arena, const struct weir_expr *expr,
                                     plan_rewrite_fn visit, void *context);
/* Columns replaced by values[index]; NULL when memory runs out. */
const struct weir_expr *plan_substitute(struct weir_arena *arena, const struct weir_expr *expr,
                                        const struct weir_expr *const *values, uint32_t count);
/* Columns renumbered by map. */
const struct weir_expr *plan_renumber(struct weir_arena *arena, const struct weir_expr *expr,
                                      const uint32_t *map);
/* used[i] = true for each column i of the tree below count. */
void plan_mark_columns(const struct weir_expr *expr, bool *used, uint32_t count);
/* Counts uses of each column, at most to UINT32_MAX. */
void plan_count_columns(const struct weir_expr *expr, uint32_t *uses, uint32_t count);
/* Nodes of the tree, counted up to limit. */
uint32_t plan_expr_size(const struct weir_expr *expr, uint32_t limit);
bool plan_has_columns(const struct weir_expr *expr);
/* Conjuncts of a predicate; at most max are written, the count is returned. */
uint32_t plan_conjuncts(const struct weir_expr *expr, const struct weir_expr **out, uint32_t max);

/* bind_expr.c and its neighbours */
const struct weir_expr *plan_bind(struct plan_binder *b, struct plan_context *context,
                                  const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_name(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_literal(struct plan_binder *b, const struct weir_sql_expr *ast,
                                          bool negative);
/* What TIME(p), INTERVAL(p) and INTERVAL with fields leave of a value of the type; NULL in, NULL
 * out. */
const struct weir_expr *plan_scale_time(struct plan_binder *b, const struct weir_expr *expr,
                                        const struct weir_sql_type *type);
const struct weir_expr *plan_bind_call(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_operator(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_predicate(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_constructor(struct plan_binder *b, struct plan_context *context,
                                              const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_subquery(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast);
/* (a, b) op (SELECT …): the values of its columns, NULL where it gives no row. */
bool plan_bind_row_subquery(struct plan_binder *b, struct plan_context *context,
                            const struct weir_sql_expr *ast, uint32_t count,
                            const struct weir_expr **values);
const struct weir_expr *plan_bind_aggregate(struct plan_binder *b, struct plan_context *context,
                                            const struct weir_sql_expr *ast);
/* bind_outer_aggregate.c: how many queries further out an aggregate belongs, whose arguments are
 * columns of that query; 0: it is of the query that it stands in. And its value there. */
uint32_t plan_aggregate_level(struct plan_binder *b, struct plan_context *context,
                              const struct weir_sql_call *call);
const struct weir_expr *plan_outer_aggregate(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_expr *ast, uint32_t level);
/* row_time(): the column that is the event time of FROM. */
const struct weir_expr *plan_bind_row_time(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_tumble(struct plan_binder *b, struct plan_context *context,
                                         const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_hop(struct plan_binder *b, struct plan_context *context,
                                      const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_session(struct plan_binder *b, struct plan_context *context,
                                          const struct weir_sql_expr *ast);
const struct weir_expr *plan_bind_cumulate(struct plan_binder *b, struct plan_context *context,
                                           const struct weir_sql_expr *ast);
/* bind_over.c */
const struct weir_expr *plan_bind_over(struct plan_binder *b, struct plan_context *context,
                                       const struct weir_sql_expr *ast);
bool plan_is_over_function(struct weir_slice name); /* of those that are no aggregates */
/* Rewrites all expressions of a call in place; false when rewrite gives NULL. */
typedef const struct weir_expr *(*plan_over_rewrite)(struct plan_binder *b, void *context,
                                                     const struct weir_expr *expr);
bool plan_rewrite_over(struct plan_binder *b, struct plan_over *over, plan_over_rewrite rewrite,
                       void *context);
/* rel with a column for each call behind its own, from which plan_over_values takes them. */
struct plan_rel *plan_place_overs(struct plan_binder *b, struct plan_rel *rel,
                                  struct plan_list *overs);
const struct weir_expr *plan_over_values(struct plan_binder *b, struct plan_list *overs,
                                         const struct weir_expr *expr);
/* The rows that rank() of the window gives 1, without the rank. */
struct plan_rel *plan_rel_first_peers(struct plan_binder *b, struct plan_rel *rel,
                                      const struct plan_over *window,
                                      struct weir_position position);
/* rel with row_number() over the window behind its columns and, with_ties, rank() behind it.
 * numbers: these columns, without ties the former twice. */
struct plan_rel *plan_rel_numbered(struct plan_binder *b, struct plan_rel *rel,
                                   const struct plan_over *window, bool with_ties,
                                   const struct weir_expr *numbers[2],
                                   struct weir_position position);
/* The rows of each partition from number offset + 1 to offset + limit; with_ties: and those that
 * are equal to the last of them. */
struct plan_rel *plan_rel_first_rows(struct plan_binder *b, struct plan_rel *rel,
                                     const struct plan_over *window, int64_t limit, int64_t offset,
                                     bool with_ties, struct weir_position position);
/* attach_subquery.c. WHERE: filters, and subqueries that are conjuncts become joins. */
struct plan_rel *plan_filter_subqueries(struct plan_binder *b, struct plan_rel *rel,
                                        struct plan_list *list, const struct weir_expr *predicate);
/* Attaches the values of those that are used below (or above) the aggregation; grouping: NULL when
 * rel's columns are the query's. */
struct plan_rel *plan_attach_subqueries(struct plan_binder *b, struct plan_rel *rel,
                                        struct plan_list *list, bool below,
                                        const struct plan_grouping *grouping);
/* The expression with values in place of subqueries. */
const struct weir_expr *plan_subquery_values(struct plan_binder *b, struct plan_list *list,
                                             const struct weir_expr *expr);
/* The same for those only that are attached already. */
const struct weir_expr *plan_known_subquery_values(struct plan_binder *b, struct plan_list *list,
                                                   const struct weir_expr *expr);
/* The subqueries in an expression are wanted below the aggregation: it is a key. */
void plan_subqueries_below(struct plan_list *list, const struct weir_expr *expr);
/* join_subquery.c: which inputs' columns an expression of ON uses, its subqueries included; counts:
 * of the inputs' columns. */
enum { PLAN_ON_NONE = 0, PLAN_ON_LEFT = 1, PLAN_ON_RIGHT = 2, PLAN_ON_BOTH = 3 };
unsigned plan_on_sides(struct plan_binder *b, struct plan_list *list, const uint32_t counts[2],
                       const struct weir_expr *expr);
bool plan_has_subquery(const struct weir_expr *expr);
/* Marks those of the first count columns that it uses. */
bool plan_on_columns(struct plan_binder *b, struct plan_list *list, const struct weir_expr *expr,
                     bool *used, uint32_t count);
/* Takes conjuncts out of *condition into *above (NULL: none), with what may fail behind them, which
 * they may guard. Their subqueries wait for the pairs. */
enum plan_on_place { PLAN_ON_ANYWHERE, PLAN_ON_IN_JOIN, PLAN_ON_ABOVE };
typedef enum plan_on_place (*plan_on_place_fn)(const void *context,
                                               const struct weir_expr *conjunct);
bool plan_split_on(struct plan_binder *b, struct plan_list *list, plan_on_place_fn place,
                   const void *context, const struct weir_expr **condition,
                   const struct weir_expr **above);
/* left with the values of the subqueries of *condition behind its columns, and the condition over
 * that and right. They are over left's columns, or none. */
bool plan_left_subqueries(struct plan_binder *b, struct plan_list *list, struct plan_rel **left,
                          const struct plan_rel *right, const struct weir_expr **condition);
/* A join that is not inner with subqueries in ON: left's columns, then right's. */
struct plan_join_kind {
    enum weir_join_kind kind;
    bool keep_left, keep_right;
    struct weir_position position;
};
struct plan_rel *plan_join_subqueries(struct plan_binder *b, struct plan_list *list,
                                      const struct plan_join_kind *kind, struct plan_rel *left,
                                      struct plan_rel *right, const struct weir_expr *condition);
/* rel's first columns, then some from number `second` on. */
struct plan_rel *plan_rel_columns(struct plan_binder *b, struct plan_rel *rel, uint32_t second,
                                  uint32_t first_count, uint32_t second_count);
/* decorrelate.c: outer columns (of the next query out) that rel uses, ascending. */
bool plan_outer_columns(struct plan_binder *b, const struct plan_rel *rel, uint32_t **columns,
                        uint32_t *count);
/* Whether rel uses columns of queries further out than that. */
bool plan_reaches_further(const struct plan_rel *rel);
/* rel for every row of domain, whose columns stand for those outer columns: rel's columns, then
 * domain's. Outer columns of queries further out are one level nearer in it. */
struct plan_rel *plan_decorrelate(struct plan_binder *b, struct plan_rel *rel,
                                  struct plan_rel *domain, const uint32_t *columns, uint32_t count,
                                  struct weir_position position);
/* A comparison of bound operands; op is the function's name. */
const struct weir_expr *plan_compare(struct plan_binder *b, const char *op,
                                     const struct weir_expr *left, const struct weir_expr *right,
                                     struct weir_position position);
/* Of rows, field by field; op besides: is_distinct_from and is_not_distinct_from. */
const struct weir_expr *plan_compare_rows(struct plan_binder *b, const char *op,
                                          const struct weir_expr *const *left,
                                          const struct weir_expr *const *right, uint32_t count,
                                          struct weir_position position);
/* Whether a comparison is one of rows: (a, b), or the one row of a subquery. */
bool plan_are_rows(const struct weir_sql_expr *left, const struct weir_sql_expr *right);
const struct weir_expr *plan_bind_rows(struct plan_binder *b, struct plan_context *context,
                                       const char *op, const struct weir_sql_expr *left,
                                       const struct weir_sql_expr *right,
                                       struct weir_position position);
const struct weir_expr *plan_in_list(struct plan_binder *b, const struct weir_expr *operand,
                                     const struct weir_expr **items, uint32_t count, bool negated,
                                     struct weir_position position);
const struct weir_expr *plan_struct_field(struct plan_binder *b, const struct weir_expr *operand,
                                          const struct weir_sql_name *name);
const struct weir_expr *plan_struct_pack(struct plan_binder *b, const struct weir_slice *names,
                                         const struct weir_expr *const *values, uint32_t count,
                                         struct weir_position position);
/* bind_function.c */
bool plan_declare_function(struct plan_binder *b, const struct weir_sql_statement *statement);
const struct weir_expr *plan_inline_function(struct plan_binder *b, struct plan_entry *entry,
                                             const struct weir_expr **args, uint32_t count,
                                             struct weir_position position);
/* bind_type.c */
const struct weir_type *plan_bind_type(struct plan_binder *b, const struct weir_sql_type *ast,
                                       struct weir_arena *arena);
/* bind_window.c: INTERVAL constants */
struct plan_width {
    int64_t us;
    int32_t months;
};
bool plan_bind_width(struct plan_binder *b, struct plan_context *context,
                     const struct weir_sql_expr *ast, const char *what, bool positive,
                     struct plan_width *out);
const struct weir_expr *plan_expr_interval(struct plan_binder *b, struct plan_width width,
                                           struct weir_position position);
const struct weir_type *plan_window_type(struct plan_binder *b, const struct weir_type *time);

/* ---------------------------------------------------------------- relations (rel.c) */

struct plan_rel *plan_rel_new(struct plan_binder *b, enum weir_plan_kind kind,
                              struct plan_rel *input, struct weir_position position);
bool plan_rel_set_fields(struct plan_binder *b, struct plan_rel *rel,
                         const struct weir_field *fields, uint32_t count);
/* A relation of one row without columns. */
struct plan_rel *plan_rel_one_row(struct plan_binder *b, struct weir_position position);
bool plan_is_one_row(const struct plan_rel *rel); /* such a relation: one row, no columns */
/* Made from that row alone, row by row: expressions, unnesting, UNION ALL. */
bool plan_is_of_one_row(const struct plan_rel *rel);
struct plan_rel *plan_rel_filter(struct plan_binder *b, struct plan_rel *input,
                                 const struct weir_expr *predicate);
/* predicate may be NULL. Names and types of fields come from names and the expressions. */
struct plan_rel *plan_rel_compute(struct plan_binder *b, struct plan_rel *input,
                                  const struct weir_expr *predicate,
                                  const struct weir_expr *const *projections,
                                  const struct weir_slice *names, uint32_t count,
                                  struct weir_position position);
struct plan_rel *plan_rel_distinct(struct plan_binder *b, struct plan_rel *input,
                                   struct weir_position position);
/* UNION ALL of relations whose columns have the same types. */
struct plan_rel *plan_rel_union_all(struct plan_binder *b, const struct plan_list *branches,
                                    struct weir_position position);
/* Grouped by the first keys_count columns: count(column) of each of the others. */
struct plan_rel *plan_rel_count_copies(struct plan_binder *b, struct plan_rel *input,
                                       uint32_t keys_count, struct weir_position position);
/* A relation with the given columns that stands for what was refused. */
struct plan_rel *plan_rel_refused(struct plan_binder *b, const struct weir_field *fields,
                                  uint32_t count, struct weir_position position);
/* A scan of a table, made once per program. */
struct plan_rel *plan_rel_scan(struct plan_binder *b, const struct weir_table *table,
                               struct weir_position position);
const struct weir_expr *plan_rel_column(struct plan_binder *b, const struct plan_rel *rel,
                                        uint32_t index, struct weir_position position);
/* late = 'side:TABLE': rows that a window of the statement leaves out. */
struct plan_late_rows {
    struct plan_rel *rel;            /* kind LATE */
    const struct weir_table *source; /* whose they are; its late_table is where they go */
};

/* rules_join.c: whether the column says which window of its event time a row is in. */
bool plan_rel_tells_window(const struct plan_rel *rel, uint32_t column);
/* The policy of the sources below; none above a window, which has seen to it. */
struct plan_lateness plan_rel_lateness(struct plan_rel *rel);

/* A window and what it is by, over its input. */
struct plan_late_window {
    const struct weir_plan_window *window;
    const struct weir_expr *const *keys;
    uint32_t keys_count;
};
/* Notes what the window leaves out, where its tables ask for it. Under `weir sql` nothing is late.
 */
bool plan_add_late_rows(struct plan_binder *b, struct plan_rel *input,
                        const struct plan_late_window *window, struct weir_position position);
/* Whether an expression over rel is proctime(), or a column that it filled and that no operator has
 * kept since. */
bool plan_is_proctime_call(const struct weir_expr *expr);
bool plan_is_proctime(const struct plan_rel *rel, const struct weir_expr *expr);
/* The same rows, with such a column as their event time. */
struct plan_rel *plan_rel_proctime(struct plan_binder *b, struct plan_rel *input, uint32_t column,
                                   struct weir_position position);
/* Event time and window columns of a COMPUTE from those of its input. */
void plan_rel_derive(struct plan_rel *rel);
/* Makes columns of undecided type TEXT. */
struct plan_rel *plan_rel_decide(struct plan_binder *b, struct plan_rel *rel);
/* The rows of a relation of constants; false when it is not one (nothing is reported). */
bool plan_rel_constant(struct plan_binder *b, const struct plan_rel *rel,
                       struct weir_column **columns, uint32_t *rows_count);

/* ---------------------------------------------------------------- queries */

/* outer: of the enclosing query; NULL: none. *correlated is set when its columns are used. */
struct plan_rel *plan_bind_query(struct plan_binder *b, const struct weir_sql_query *query,
                                 const struct plan_scope *outer, bool *correlated);
struct plan_rel *plan_bind_select(struct plan_binder *b, const struct weir_sql_select *select,
                                  const struct weir_sql_query *query,
                                  const struct plan_scope *outer, bool *correlated);
/* FROM: fills scope; NULL after errors that leave no relation (scope is open then). */
struct plan_rel *plan_bind_from(struct plan_binder *b, const struct weir_sql_table *table,
                                struct plan_scope *scope, bool *correlated);
/* A join whose left side is bound; scope: the left side's, then the join's. */
struct plan_rel *plan_bind_join(struct plan_binder *b, const struct weir_sql_table *table,
                                struct plan_rel *left, struct plan_scope *scope, bool *correlated);
/* condition: over left columns, then right ones; NULL: every pair. */
struct plan_rel *plan_rel_join(struct plan_binder *b, enum weir_join_kind kind, bool keep_left,
                               bool keep_right, struct plan_rel *left, struct plan_rel *right,
                               const struct weir_expr *condition, struct weir_position position);
/* asof.c: the join as an ASOF one, by its condition; false after an error. */
bool plan_asof_bind(struct plan_binder *b, struct plan_rel *rel);
bool plan_is_lookup(const struct plan_rel *rel);
/* Reports a lookup table that is not the right side of a join; false. */
bool plan_lookup_alone(struct plan_binder *b, const struct plan_rel *lookup,
                       struct weir_position position);
/* Reports that it is asked for rows of another time than now; false. */
bool plan_lookup_versions(struct plan_binder *b, const struct plan_rel *lookup,
                          struct weir_position position);
/* rel joins with a lookup; false after an error. */
bool plan_lookup_join(struct plan_binder *b, const struct weir_sql_table *table,
                      struct plan_rel *rel);
/* VALUES with outer columns in it, or columns of `one`, which has one row: cells by column, width
 * times rows. */
struct plan_rel *plan_values_over(struct plan_binder *b, struct plan_rel *one,
                                  const struct weir_expr **cells, uint32_t rows, uint32_t width,
                                  struct weir_position position);
/* right depends on columns of left (PLAN_OUTER level 1): either *applied is the whole join, or
 * *right no longer depends and *condition says which of its rows belong to which of left. */
bool plan_lateral(struct plan_binder *b, const struct weir_sql_table *table, struct plan_rel *left,
                  struct plan_rel **right, const struct weir_expr **condition,
                  struct plan_rel **applied);
/* join_by_row.c: lookup, temporal and ASOF joins, with subqueries in ON or without: left's columns,
 * then right's. left_scope: what FOR SYSTEM_TIME AS OF may name. NULL after an error. */
bool plan_joins_by_row(const struct weir_sql_table *table, const struct plan_rel *right);
struct plan_rel *plan_join_by_row(struct plan_binder *b, const struct weir_sql_table *table,
                                  const struct plan_scope *left_scope, struct plan_rel *left,
                                  struct plan_rel *right, const struct weir_expr *condition,
                                  struct plan_list *subqueries);
/* The numbers that it gives to left rows are 0 where these may be taken back. */
const struct weir_expr *plan_without_row_numbers(struct plan_binder *b,
                                                 const struct weir_expr *expr);
/* FOR SYSTEM_TIME AS OF: the time that it names is not before the version of right; NULL after an
 * error. */
/* The right side of such a join: of a table of changes, its changes with their event times. */
struct plan_rel *plan_temporal_versions(struct plan_binder *b, struct plan_rel *right);
const struct weir_expr *plan_temporal_time(struct plan_binder *b,
                                           const struct weir_sql_table *table,
                                           const struct plan_scope *left_scope,
                                           const struct plan_rel *left,
                                           const struct plan_rel *right);
/* The condition of a temporal join equates the right table's key; false after an error. */
bool plan_temporal_check(struct plan_binder *b, const struct plan_rel *rel);
/* TUMBLE and its like, as table functions. */
bool plan_is_window_name(struct weir_slice name);
struct plan_rel *plan_bind_table_function(struct plan_binder *b, const struct weir_sql_table *table,
                                          struct plan_rel *left, struct plan_scope *scope,
                                          bool keep_empty, bool *correlated);
/* TUMBLE(…), HOP(…), CUMULATE(…) in FROM. */
struct plan_rel *plan_bind_window_table(struct plan_binder *b, const struct weir_sql_table *table,
                                        struct plan_scope *scope, bool *correlated);
/* Relation of a table or view by name. */
/* 'FILE' as a table, its columns inferred; the same relation for the same path. */
struct plan_rel *plan_bind_file(struct plan_binder *b, struct weir_slice path,
                                struct weir_position position);
struct plan_rel *plan_bind_relation(struct plan_binder *b, const struct weir_sql_names *names,
                                    struct weir_position position);
struct plan_rel *plan_bind_entry(struct plan_binder *b, struct plan_entry *entry,
                                 struct weir_position position);
/* Coerces columns for an INSERT or a UNION: assignment casts (or implicit ones) to types. */
struct plan_rel *plan_rel_coerce(struct plan_binder *b, struct plan_rel *rel,
                                 const struct weir_type *const *types,
                                 const struct weir_slice *names, enum weir_cast_context context,
                                 struct weir_position position);
/* ORDER BY key by ordinal, else PLAN_NONE; false after an error. */
bool plan_ordinal(struct plan_binder *b, const struct weir_sql_expr *ast, uint32_t count,
                  const char *clause, uint32_t *out);
struct weir_sort_order plan_sort_order(const struct weir_sql_order *ast);
struct plan_rel *plan_bind_limit(struct plan_binder *b, struct plan_rel *rel,
                                 const struct weir_sql_query *query, const struct plan_scope *outer,
                                 bool *correlated);
/* The name of an output column without alias. */
struct weir_slice plan_column_name(const struct weir_sql_expr *ast);

/* grouping_sets.c: sets of keys, numbered as they stand; flags: keys_count for each of count. */
bool plan_grouping_sets(struct plan_binder *b, const struct weir_sql_grouping *items,
                        uint32_t items_count, uint32_t keys_count, bool distinct,
                        const bool **flags, uint32_t *count);

/* bind_aggregate.c */
/* Arguments, FILTER and the aggregate of a call, without entering it among the query's. */
bool plan_resolve_aggregate(struct plan_binder *b, struct plan_context *context,
                            const struct weir_sql_expr *ast, struct plan_call *call);
struct plan_group_key {
    const struct weir_expr *expr;
    struct weir_position position;
};
/* What a query's expressions become above its aggregation. */
struct plan_grouping {
    struct plan_group_key *keys;
    uint32_t keys_count;
    struct plan_calls *calls;
    struct plan_rel *rel;   /* the AGGREGATE */
    uint32_t first_call;    /* its column of call 0 */
    uint32_t *key_columns;  /* its column of each key; PLAN_NONE for window bounds */
    uint32_t window_column; /* PLAN_NONE: no window */
    uint32_t window_key;    /* which key is tumble(…); PLAN_NONE */
    uint32_t start_input, end_input, struct_input; /* columns of the input that are its bounds */
    const struct plan_scope *scope;
    const struct plan_group_key *absent; /* keys of other grouping sets: NULL above this one */
    uint32_t absent_count;
};
bool plan_build_aggregate(struct plan_binder *b, struct plan_grouping *grouping,
                          struct plan_rel *input, struct weir_position position);
/* Calls that depend on the order of rows, over a query with ORDER BY: they take its order, and *rel
 * shows the columns of it behind its own (ordered_input.c). False: without memory. */
bool plan_order_calls(struct plan_binder *b, struct plan_calls *calls, struct plan_rel **rel);
/* Whether min and max of the type are its least and greatest value by `<` (extremes.c). */
bool plan_has_extremes(const struct weir_type *type);
/* A call of an aggregate of one argument or, where it is NULL, of none (attach_subquery.c). */
bool plan_call_make(struct plan_binder *b, struct plan_call *call, const char *name,
                    const struct weir_expr *argument, struct weir_position position);
/* The expression over the AGGREGATE's columns; NULL after BAD_GROUPING. */
const struct weir_expr *plan_above_aggregate(struct plan_binder *b,
                                             const struct plan_grouping *grouping,
                                             const struct weir_expr *expr);

/* bind_table.c */
bool plan_declare_table(struct plan_binder *b, const struct weir_sql_statement *statement);
/* Has the connector check the table for a role; false after an error (reported once). */
bool plan_table_resolve(struct plan_binder *b, struct plan_entry *entry, bool as_source,
                        struct weir_position position);
/* physical.c: what the window's bounds are multiples of; 0: nothing is known. */
int64_t plan_window_granularity(const struct weir_plan_window *window);

/* Tables that nothing used are checked too. */
void plan_tables_check(struct plan_binder *b);

/* bind_statement.c */
struct weir_slice plan_entry_name(struct plan_binder *b, const struct weir_sql_names *names);
struct plan_rel *plan_bind_insert(struct plan_binder *b, const struct weir_sql_insert *insert,
                                  struct plan_entry *entry);

/* bind_window_use.c: where windows over the event time may stand. Messages are reported. */
/* tumble(…), hop(…), cumulate(…) or session(…). */
bool plan_is_window_call(const struct weir_expr *expr);
/* The grouping expression that expr is: of a bound its window. NULL: there is none. */
const struct weir_expr *plan_window_key(struct plan_binder *b, const struct weir_expr *expr,
                                        struct weir_position position);
/* False when such a window is in expr, which is bound and may be NULL; ordinal: where it stands in
 * the select list, from 1, or 0. */
bool plan_refuse_windows(struct plan_binder *b, const struct weir_expr *expr, uint32_t ordinal);
bool plan_refuse_windows_over(struct plan_binder *b, const struct plan_list *overs);

/* window_functions.c: scalar functions that only the planner makes */
extern const struct weir_function plan_function_window_start; /* (ts, width, offset) */
extern const struct weir_function plan_function_window_end;
extern const struct weir_function plan_function_window; /* STRUCT<start, end> */
/* (ts, width, offset, slide): grouping expressions only, since a row is in several. */
extern const struct weir_function plan_function_hop;
extern const struct weir_function plan_function_cumulate;
/* (ts, gap, nothing): a grouping expression only, since it depends on the rows beside. */
extern const struct weir_function plan_function_session;
extern const struct weir_function plan_function_session_start; /* never run, as the above */
extern const struct weir_function plan_function_session_end;
/* The same as a LIST of the windows that a row is in. */
extern const struct weir_function plan_function_hops;
extern const struct weir_function plan_function_cumulates;
/* set_functions.c: x IN (constants) */
const struct weir_expr *plan_expr_in_set(struct plan_binder *b, const struct weir_expr *operand,
                                         const struct weir_expr *const *items, uint32_t count,
                                         struct weir_position position);
/* x op ANY (array), x op ALL (array) */
const struct weir_expr *plan_expr_quantified(struct plan_binder *b, enum weir_sql_operator op,
                                             bool all, const struct weir_expr *operand,
                                             const struct weir_expr *array,
                                             struct weir_position position);

/* rules and physical.c, explain*.c, show.c */
bool plan_optimize(struct plan_binder *b, struct plan_rel **sinks, uint32_t count);
const struct weir_plan *plan_lower(struct plan_binder *b, struct plan_rel *const *sinks,
                                   uint32_t count);
void plan_write_notes(struct plan_binder *b, const struct weir_plan *plan);
void plan_print_watermarks(const struct weir_plan *plan, struct weir_buffer *out);
void plan_print_state(const struct weir_plan *plan, struct weir_buffer *out);
void plan_print_watermarks_json(const struct weir_plan *plan, struct weir_buffer *out);
void plan_print_state_json(const struct weir_plan *plan, struct weir_buffer *out);
bool plan_describe(struct plan_binder *b, const struct weir_sql_names *name,
                   struct weir_buffer *out);
void plan_show(struct plan_binder *b, enum weir_sql_show_kind what, struct weir_buffer *out);

#endif
