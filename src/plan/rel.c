/* Making relations, and the values of those that are constant. */
#include "plan/binder_internal.h"

#include "column/builder.h"

struct plan_rel *plan_rel_new(struct plan_binder *b, enum weir_plan_kind kind,
                              struct plan_rel *input, struct weir_position position)
{
    struct plan_rel *rel = PLAN_NEW(b, struct plan_rel);
    if (!rel)
        return NULL;
    rel->kind = kind;
    rel->position = position;
    rel->event_time_column = rel->proctime_column = PLAN_NONE;
    if (!input)
        return rel;
    rel->inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
    if (!rel->inputs)
        return NULL;
    rel->inputs[0] = input;
    rel->inputs_count = 1;
    rel->fields = input->fields;
    rel->fields_count = input->fields_count;
    rel->event_time_type = input->event_time_type;
    rel->event_time_column = input->event_time_column;
    rel->window = input->window;
    if (kind == WEIR_PLAN_COMPUTE) /* other operators may keep their rows for some time */
        rel->proctime_column = input->proctime_column;
    return rel;
}

bool plan_rel_set_fields(struct plan_binder *b, struct plan_rel *rel,
                         const struct weir_field *fields, uint32_t count)
{
    rel->fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    if (!rel->fields)
        return false;
    if (count)
        memcpy(rel->fields, fields, count * sizeof *fields);
    rel->fields_count = count;
    return true;
}

struct plan_rel *plan_rel_one_row(struct plan_binder *b, struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_VALUES, NULL, position);
    if (!rel || !plan_rel_set_fields(b, rel, NULL, 0))
        return NULL;
    rel->of.values.rows_count = 1;
    return rel;
}

bool plan_is_one_row(const struct plan_rel *rel)
{
    return rel->kind == WEIR_PLAN_VALUES && !rel->refused && rel->fields_count == 0 &&
           rel->of.values.rows_count == 1;
}

bool plan_is_of_one_row(const struct plan_rel *rel)
{
    switch (rel->kind) {
    case WEIR_PLAN_VALUES:
        return plan_is_one_row(rel);
    case WEIR_PLAN_COMPUTE:
    case WEIR_PLAN_UNNEST:
    case WEIR_PLAN_UNION:
        for (uint32_t i = 0; i < rel->inputs_count; i++)
            if (!plan_is_of_one_row(rel->inputs[i]))
                return false;
        return true;
    default:
        return false;
    }
}

struct plan_rel *plan_rel_filter(struct plan_binder *b, struct plan_rel *input,
                                 const struct weir_expr *predicate)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_COMPUTE, input, predicate->position);
    if (rel)
        rel->of.compute.predicate = predicate;
    return rel;
}

/* The output column that is input column `column` as it stands. */
static uint32_t projected_column(const struct plan_rel *rel, uint32_t column)
{
    if (!rel->of.compute.projections || column == PLAN_NONE)
        return column;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        const struct weir_expr *expr = rel->of.compute.projections[i];
        if (expr && expr->kind == WEIR_EXPR_COLUMN && expr->index == column)
            return i;
    }
    return PLAN_NONE;
}

/* The output column that is a field of the input's window struct. */
static uint32_t projected_bound(const struct plan_rel *rel, uint32_t structure, uint32_t field)
{
    if (!rel->of.compute.projections || structure == PLAN_NONE)
        return PLAN_NONE;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        const struct weir_expr *expr = rel->of.compute.projections[i];
        if (expr && expr->kind == WEIR_EXPR_FIELD && expr->index == field &&
            expr->args[0]->kind == WEIR_EXPR_COLUMN && expr->args[0]->index == structure)
            return i;
    }
    return PLAN_NONE;
}

/* False: one of the columns is gone. */
static bool project_session_keys(struct plan_rel *rel)
{
    uint32_t *keys = rel->window.session_keys;
    bool all = true;
    for (uint32_t i = 0; i < rel->window.session_keys_count; i++) {
        keys[i] = projected_column(rel, keys[i]);
        all &= keys[i] != PLAN_NONE;
    }
    return all;
}

bool plan_is_proctime_call(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CALL && strcmp(expr->function->name, "proctime") == 0;
}

bool plan_is_proctime(const struct plan_rel *rel, const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index == rel->proctime_column && expr->index != PLAN_NONE;
    return plan_is_proctime_call(expr);
}

/* The output column that proctime() fills. */
static uint32_t projected_proctime(const struct plan_rel *rel)
{
    const struct plan_rel *input = rel->inputs[0];
    for (uint32_t i = 0; rel->of.compute.projections && i < rel->fields_count; i++)
        if (rel->of.compute.projections[i] &&
            plan_is_proctime(input, rel->of.compute.projections[i]))
            return i;
    return rel->of.compute.projections ? PLAN_NONE : input->proctime_column;
}

struct plan_rel *plan_rel_proctime(struct plan_binder *b, struct plan_rel *input, uint32_t column,
                                   struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_PROCTIME, input, position);
    if (!rel)
        return NULL;
    rel->of.proctime.column = column;
    rel->event_time_type = input->fields[column].type;
    rel->event_time_column = column;
    rel->window = (struct plan_window_columns){0};
    return rel;
}

void plan_rel_derive(struct plan_rel *rel)
{
    const struct plan_rel *input = rel->inputs[0];
    rel->proctime_column = projected_proctime(rel);
    rel->event_time_type = input->event_time_type;
    rel->event_time_column = projected_column(rel, input->event_time_column);
    rel->window = input->window;
    if (!input->window.present)
        return;
    rel->window.start_column = projected_column(rel, input->window.start_column);
    rel->window.end_column = projected_column(rel, input->window.end_column);
    rel->window.struct_column = projected_column(rel, input->window.struct_column);
    if (rel->window.start_column == PLAN_NONE)
        rel->window.start_column = projected_bound(rel, input->window.struct_column, 0);
    if (rel->window.end_column == PLAN_NONE)
        rel->window.end_column = projected_bound(rel, input->window.struct_column, 1);
    if (rel->window.is_session && !project_session_keys(rel))
        rel->window = (struct plan_window_columns){0};
    rel->window.present = rel->window.start_column != PLAN_NONE ||
                          rel->window.end_column != PLAN_NONE ||
                          rel->window.struct_column != PLAN_NONE;
}

static bool same_policy(const struct weir_table *a, const struct weir_table *b)
{
    return a->late == b->late && a->allowed_lateness_us == b->allowed_lateness_us &&
           weir_slice_equals(a->late_table, b->late_table);
}

struct plan_lateness plan_rel_lateness(struct plan_rel *rel)
{
    struct plan_lateness all = {NULL, false};
    if (rel->kind == WEIR_PLAN_SCAN)
        return (struct plan_lateness){rel->of.scan.table, false};
    if (rel->lateness_known)
        return rel->lateness;
    if (rel->kind == WEIR_PLAN_AGGREGATE && rel->of.aggregate.physical.window.kind)
        return all;
    if (rel->kind == WEIR_PLAN_PROCTIME)
        return all; /* nothing is late */
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        struct plan_lateness one = plan_rel_lateness(rel->inputs[i]);
        all.conflict |=
            one.conflict || (one.table && all.table && !same_policy(one.table, all.table));
        all.table = all.table ? all.table : one.table;
    }
    rel->lateness_known = true; /* a relation may be reached on very many ways */
    rel->lateness = all;
    return all;
}

struct plan_rel *plan_rel_compute(struct plan_binder *b, struct plan_rel *input,
                                  const struct weir_expr *predicate,
                                  const struct weir_expr *const *projections,
                                  const struct weir_slice *names, uint32_t count,
                                  struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_COMPUTE, input, position);
    if (!rel || !plan_rel_set_fields(b, rel, NULL, 0))
        return NULL;
    rel->fields = PLAN_ARRAY(b, struct weir_field, count + 1);
    const struct weir_expr **copy = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!rel->fields || !copy)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = projections[i];
        rel->fields[i] = (struct weir_field){names[i], projections[i] ? projections[i]->type : NULL,
                                             !projections[i] || projections[i]->nullable};
    }
    rel->fields_count = count;
    rel->of.compute.predicate = predicate;
    rel->of.compute.projections = copy;
    plan_rel_derive(rel);
    return rel;
}

struct plan_rel *plan_rel_distinct(struct plan_binder *b, struct plan_rel *input,
                                   struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_AGGREGATE, input, position);
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, input->fields_count + 1);
    if (!rel || !keys)
        return NULL;
    for (uint32_t i = 0; i < input->fields_count; i++)
        keys[i] = i;
    rel->of.aggregate.physical = (struct weir_plan_aggregate){
        .keys = keys, .keys_count = input->fields_count, .window_output = PLAN_NONE};
    rel->of.aggregate.given_time = PLAN_NONE;
    rel->of.aggregate.position = position;
    rel->event_time_type = NULL;
    rel->event_time_column = PLAN_NONE;
    rel->window.present = false;
    return rel;
}

struct plan_rel *plan_rel_refused(struct plan_binder *b, const struct weir_field *fields,
                                  uint32_t count, struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_VALUES, NULL, position);
    if (!rel || !plan_rel_set_fields(b, rel, fields, count))
        return NULL;
    rel->refused = true;
    return rel;
}

struct plan_rel *plan_rel_scan(struct plan_binder *b, const struct weir_table *table,
                               struct weir_position position)
{
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_SCAN, NULL, position);
    uint32_t count = table->schema.fields_count;
    uint32_t *columns = PLAN_ARRAY(b, uint32_t, count + 1);
    if (!rel || !columns || !plan_rel_set_fields(b, rel, table->schema.fields, count))
        return NULL;
    for (uint32_t i = 0; i < count; i++)
        columns[i] = i;
    rel->of.scan.table = table;
    rel->of.scan.columns = columns;
    if (table->event_time_column != PLAN_NONE && !table->changelog) {
        rel->event_time_column = table->event_time_column;
        rel->event_time_type = table->schema.fields[table->event_time_column].type;
    }
    return rel;
}

const struct weir_expr *plan_rel_column(struct plan_binder *b, const struct plan_rel *rel,
                                        uint32_t index, struct weir_position position)
{
    return plan_expr_column(b, index, rel->fields[index].type, rel->fields[index].nullable,
                            position);
}

static bool is_undecided(const struct plan_rel *rel, uint32_t i)
{
    return rel->fields[i].type && rel->fields[i].type->kind == WEIR_TYPE_NULL;
}

struct plan_rel *plan_rel_decide(struct plan_binder *b, struct plan_rel *rel)
{
    if (!rel)
        return NULL;
    bool undecided = false;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        undecided |= is_undecided(rel, i);
    if (!undecided)
        return rel;
    const struct weir_expr **projections =
        PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, rel->fields_count);
    if (!projections || !names)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        names[i] = rel->fields[i].name;
        if (!rel->fields[i].type)
            continue;
        projections[i] = is_undecided(rel, i)
                             ? plan_expr_null(b, weir_type_of(WEIR_TYPE_TEXT), rel->position)
                             : plan_rel_column(b, rel, i, rel->position);
        if (!projections[i])
            return NULL;
    }
    return plan_rel_compute(b, rel, NULL, projections, names, rel->fields_count, rel->position);
}

/* ---------------------------------------------------------------- constant relations */

/* Beyond this many rows a relation is left to be computed when the program runs. */
enum { CONSTANT_ROWS_MAX = 10000 };

static bool append_rows(struct plan_binder *b, struct weir_builder *builders,
                        const struct weir_column *columns, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++)
        if (weir_builder_append_lanes(&builders[c], &columns[c], NULL, columns[c].rows_count,
                                      &b->error) != WEIR_OK)
            return plan_report(b, (struct weir_position){0});
    return true;
}

static struct weir_builder *make_builders(struct plan_binder *b, const struct plan_rel *rel)
{
    struct weir_builder *builders = PLAN_ARRAY(b, struct weir_builder, rel->fields_count + 1);
    for (uint32_t i = 0; builders && i < rel->fields_count; i++) {
        if (!rel->fields[i].type)
            return NULL;
        if (weir_builder_init(&builders[i], rel->fields[i].type, b->arena, &b->error) != WEIR_OK) {
            plan_report(b, rel->position);
            return NULL;
        }
    }
    return builders;
}

static struct weir_column *finish_builders(struct plan_binder *b, struct weir_builder *builders,
                                           uint32_t count)
{
    struct weir_column *columns = PLAN_ARRAY(b, struct weir_column, count + 1);
    for (uint32_t i = 0; columns && i < count; i++)
        columns[i] = weir_builder_column(&builders[i]);
    return columns;
}

/* The constants of one input row. */
static bool row_constants(struct plan_binder *b, const struct weir_column *columns, uint32_t count,
                          uint32_t row, const struct weir_expr **out)
{
    for (uint32_t c = 0; c < count; c++) {
        struct weir_column lane;
        if (weir_column_gather(&columns[c], &row, 1, b->arena, &lane, &b->error) != WEIR_OK)
            return plan_report(b, (struct weir_position){0});
        out[c] = plan_expr_constant(b, &lane, (struct weir_position){0});
        if (!out[c])
            return false;
    }
    return true;
}

static bool value_over(struct plan_binder *b, const struct weir_expr *expr,
                       const struct weir_expr *const *values, uint32_t count,
                       struct weir_column *out)
{
    const struct weir_expr *bound = plan_substitute(b->arena, expr, values, count);
    if (!bound) {
        plan_out_of_memory(b);
        return false;
    }
    return plan_evaluate(b, bound, out);
}

static bool compute_row(struct plan_binder *b, const struct plan_rel *rel,
                        const struct weir_expr *const *values, struct weir_builder *builders,
                        bool *kept)
{
    *kept = false;
    uint32_t inputs = rel->inputs[0]->fields_count;
    struct weir_column value;
    if (rel->of.compute.predicate) {
        if (!value_over(b, rel->of.compute.predicate, values, inputs, &value))
            return false;
        if (weir_column_is_null(&value, 0) || !*(const uint8_t *)value.values)
            return true;
    }
    *kept = true;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (rel->of.compute.projections) {
            if (!value_over(b, rel->of.compute.projections[i], values, inputs, &value))
                return false;
        } else {
            value = values[i]->constant;
        }
        if (weir_builder_append_lanes(&builders[i], &value, NULL, 1, &b->error) != WEIR_OK)
            return plan_report(b, rel->position);
    }
    return true;
}

/* Volatile and per-batch values are not constants. */
static bool is_constant_expr(const struct weir_expr *expr)
{
    if (expr->kind == WEIR_EXPR_CALL &&
        expr->function->flags & (WEIR_FUNCTION_VOLATILE | WEIR_FUNCTION_STABLE))
        return false;
    if (expr->kind == WEIR_EXPR_COLUMN && expr->index >= PLAN_INDEX_EVENT_TIME)
        return false;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (!is_constant_expr(expr->args[i]))
            return false;
    return true;
}

static bool constant_compute(struct plan_binder *b, const struct plan_rel *rel,
                             struct weir_column **columns, uint32_t *rows_count)
{
    struct weir_column *input;
    uint32_t rows;
    if (rel->of.compute.predicate && !is_constant_expr(rel->of.compute.predicate))
        return false;
    for (uint32_t i = 0; rel->of.compute.projections && i < rel->fields_count; i++)
        if (!rel->of.compute.projections[i] || !is_constant_expr(rel->of.compute.projections[i]))
            return false;
    if (!plan_rel_constant(b, rel->inputs[0], &input, &rows) || rows > CONSTANT_ROWS_MAX)
        return false;
    struct weir_builder *builders = make_builders(b, rel);
    const struct weir_expr **values =
        PLAN_ARRAY(b, const struct weir_expr *, rel->inputs[0]->fields_count + 1);
    if (!builders || !values)
        return false;
    uint32_t kept = 0;
    for (uint32_t row = 0; row < rows; row++) {
        bool is_kept;
        if (!row_constants(b, input, rel->inputs[0]->fields_count, row, values) ||
            !compute_row(b, rel, values, builders, &is_kept))
            return false;
        kept += is_kept;
    }
    *rows_count = kept;
    *columns = finish_builders(b, builders, rel->fields_count);
    return *columns != NULL;
}

static bool constant_union(struct plan_binder *b, const struct plan_rel *rel,
                           struct weir_column **columns, uint32_t *rows_count)
{
    struct weir_builder *builders = make_builders(b, rel);
    if (!builders)
        return false;
    *rows_count = 0;
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        struct weir_column *input;
        uint32_t rows;
        if (!plan_rel_constant(b, rel->inputs[i], &input, &rows) ||
            rows > CONSTANT_ROWS_MAX - *rows_count ||
            !append_rows(b, builders, input, rel->fields_count))
            return false;
        *rows_count += rows;
    }
    *columns = finish_builders(b, builders, rel->fields_count);
    return *columns != NULL;
}

static bool constant_limit(struct plan_binder *b, const struct plan_rel *rel,
                           struct weir_column **columns, uint32_t *rows_count)
{
    struct weir_column *input;
    uint32_t rows;
    if (!plan_rel_constant(b, rel->inputs[0], &input, &rows))
        return false;
    uint64_t offset = (uint64_t)rel->of.limit.offset, limit = (uint64_t)rel->of.limit.limit;
    uint32_t first = offset < rows ? (uint32_t)offset : rows;
    uint32_t count =
        rel->of.limit.limit >= 0 && limit < rows - first ? (uint32_t)limit : rows - first;
    uint32_t *lanes = PLAN_ARRAY(b, uint32_t, count + 1);
    struct weir_column *out = PLAN_ARRAY(b, struct weir_column, rel->fields_count + 1);
    if (!lanes || !out)
        return false;
    for (uint32_t i = 0; i < count; i++)
        lanes[i] = first + i;
    for (uint32_t c = 0; c < rel->fields_count; c++)
        if (weir_column_gather(&input[c], lanes, count, b->arena, &out[c], &b->error) != WEIR_OK)
            return plan_report(b, rel->position);
    *columns = out;
    *rows_count = count;
    return true;
}

bool plan_rel_constant(struct plan_binder *b, const struct plan_rel *rel,
                       struct weir_column **columns, uint32_t *rows_count)
{
    if (rel->refused || b->out_of_memory)
        return false;
    switch (rel->kind) {
    case WEIR_PLAN_VALUES:
        *columns = PLAN_ARRAY(b, struct weir_column, rel->fields_count + 1);
        if (!*columns)
            return false;
        if (rel->fields_count)
            memcpy(*columns, rel->of.values.columns, rel->fields_count * sizeof **columns);
        *rows_count = rel->of.values.rows_count;
        return true;
    case WEIR_PLAN_COMPUTE:
        return constant_compute(b, rel, columns, rows_count);
    case WEIR_PLAN_UNION:
        return constant_union(b, rel, columns, rows_count);
    case WEIR_PLAN_LIMIT:
        return constant_limit(b, rel, columns, rows_count);
    default:
        return false;
    }
}
