/* Fields of structs that nobody reads are not decoded.
 *
 *     bid STRUCT<auction BIGINT, …, extra TEXT>     read as bid.auction and bid IS NULL
 *     becomes, from the source on,                  bid STRUCT<auction BIGINT>
 *
 * A column of a scan is narrowed when every consumer of the scan is a COMPUTE that chooses its
 * columns, and all uses of the column there, in the scan's predicate, in its event time and in the
 * generated columns that it gives, are of single fields or ask whether it is null. Then types and
 * field numbers change in all these places together. It is the last rule: nothing behind it makes
 * new expressions over the scan. Sources that yield batches say whether they can leave fields out.
 */
#include "plan/rules_internal.h"

/* What is used of each column of a table (or of a scan's output). */
struct uses {
    bool *whole;   /* per column */
    bool **fields; /* per column that is a struct: per field */
    uint32_t count;
};

static bool uses_init(struct plan_binder *b, const struct weir_field *columns, uint32_t count,
                      struct uses *out)
{
    *out = (struct uses){PLAN_ARRAY(b, bool, count + 1), PLAN_ARRAY(b, bool *, count + 1), count};
    for (uint32_t i = 0; i < count && out->whole && out->fields; i++) {
        const struct weir_type *type = columns[i].type;
        if (type && type->kind == WEIR_TYPE_STRUCT)
            out->fields[i] = PLAN_ARRAY(b, bool, type->children_count + 1);
    }
    return !b->out_of_memory;
}

static bool asks_for_null(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CALL && expr->args_count == 1 &&
           expr->args[0]->kind == WEIR_EXPR_COLUMN &&
           (strcmp(expr->function->name, "is_null") == 0 ||
            strcmp(expr->function->name, "is_not_null") == 0);
}

static void mark(const struct weir_expr *expr, struct uses *uses)
{
    if (!expr || asks_for_null(expr))
        return;
    bool is_field = expr->kind == WEIR_EXPR_FIELD && expr->args[0]->kind == WEIR_EXPR_COLUMN;
    uint32_t column = is_field                         ? expr->args[0]->index
                      : expr->kind == WEIR_EXPR_COLUMN ? expr->index
                                                       : PLAN_NONE;
    if (column < uses->count && is_field && uses->fields[column]) {
        uses->fields[column][expr->index] = true;
        return;
    }
    if (column < uses->count)
        uses->whole[column] = true;
    for (uint32_t i = 0; i < expr->args_count && !is_field; i++)
        mark(expr->args[i], uses);
}

static void mark_consumer(const struct plan_rel *consumer, struct uses *uses)
{
    if (consumer->kind != WEIR_PLAN_COMPUTE || !consumer->of.compute.projections) {
        memset(uses->whole, 1, uses->count);
        return;
    }
    mark(consumer->of.compute.predicate, uses);
    for (uint32_t i = 0; i < consumer->fields_count; i++)
        mark(consumer->of.compute.projections[i], uses);
}

/* What the scan itself reads of its table, and what its consumers read of its output. */
static bool mark_table(struct plan_binder *b, const struct plan_rel *rel, const struct uses *output,
                       struct uses *uses)
{
    const struct plan_scan *scan = &rel->of.scan;
    const struct weir_table *table = scan->table;
    mark(plan_inline_generated(b, table, scan->predicate), uses);
    if (rel->event_time_required && table->event_time_column != PLAN_NONE) {
        uint32_t column = table->event_time_column;
        if (table->generated && table->generated[column])
            mark(plan_inline_generated(b, table, table->generated[column]), uses);
        mark(plan_inline_generated(b, table, table->watermark), uses);
    }
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        uint32_t column = scan->columns[i];
        if (table->generated && table->generated[column])
            mark(plan_inline_generated(b, table, table->generated[column]), uses);
        else if (output->whole[i])
            uses->whole[column] = true;
        else if (output->fields[i])
            for (uint32_t f = 0; f < table->schema.fields[column].type->children_count; f++)
                uses->fields[column][f] |= output->fields[i][f];
    }
    return !b->out_of_memory;
}

/* ---------------------------------------------------------------- narrowing */

/* The struct of the fields in use, and where each went. NULL: nothing to leave out. */
static const struct weir_type *narrow_type(struct plan_binder *b, const struct weir_type *type,
                                           bool *used, uint32_t *map)
{
    uint32_t count = 0;
    const struct weir_type **types = PLAN_ARRAY(b, const struct weir_type *, type->children_count);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, type->children_count);
    if (!types || !names)
        return NULL;
    for (uint32_t i = 0; i < type->children_count; i++)
        count += used[i];
    used[0] |= count == 0; /* a struct has a field */
    count = 0;
    for (uint32_t i = 0; i < type->children_count; i++) {
        if (!used[i])
            continue;
        types[count] = type->children[i];
        names[count] = type->names[i];
        map[i] = count++;
    }
    if (count == type->children_count)
        return NULL;
    const struct weir_type *narrowed = weir_type_struct(b->arena, count, types, names);
    if (!narrowed)
        plan_out_of_memory(b);
    return narrowed;
}

struct narrowing {
    struct plan_binder *b;
    const struct plan_narrowed *columns;
    uint32_t count;
};

static const struct weir_expr *narrow_node(void *context, const struct weir_expr *expr,
                                           bool *failed)
{
    const struct narrowing *narrowing = context;
    bool is_field = expr->kind == WEIR_EXPR_FIELD && expr->args[0]->kind == WEIR_EXPR_COLUMN;
    const struct weir_expr *column = is_field ? expr->args[0] : expr;
    if (column->kind != WEIR_EXPR_COLUMN || column->index >= narrowing->count ||
        !narrowing->columns[column->index].type)
        return NULL;
    const struct plan_narrowed *narrowed = &narrowing->columns[column->index];
    const struct weir_expr *made = plan_expr_column(narrowing->b, column->index, narrowed->type,
                                                    column->nullable, column->position);
    if (made && is_field)
        made = plan_expr_field(narrowing->b, made, narrowed->map[expr->index], expr->position);
    *failed = made == NULL;
    return made;
}

const struct weir_expr *plan_narrow_expr(struct plan_binder *b, const struct weir_expr *expr,
                                         const struct plan_narrowed *columns, uint32_t count)
{
    struct narrowing narrowing = {b, columns, count};
    if (!expr || !columns)
        return expr;
    expr = plan_rewrite(b->arena, expr, narrow_node, &narrowing);
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

static bool narrow_consumer(struct plan_binder *b, struct plan_rel *consumer,
                            const struct plan_narrowed *output, uint32_t count)
{
    struct weir_plan_compute *compute = &consumer->of.compute;
    const struct weir_expr **projections =
        PLAN_ARRAY(b, const struct weir_expr *, consumer->fields_count + 1);
    if (!projections)
        return false;
    compute->predicate = plan_narrow_expr(b, compute->predicate, output, count);
    for (uint32_t i = 0; i < consumer->fields_count && !b->out_of_memory; i++)
        projections[i] = plan_narrow_expr(b, compute->projections[i], output, count);
    compute->projections = projections;
    return !b->out_of_memory;
}

static bool can_narrow(const struct weir_table *table)
{
    const struct weir_connector *connector = table->connector;
    return connector && connector->source &&
           (connector->source->yield == WEIR_SOURCE_BYTES || connector->source->leaves_fields_out);
}

static bool narrow_output(struct plan_binder *b, struct plan_rel *scan,
                          const struct plan_narrowed *columns, struct plan_narrowed *output)
{
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, scan->fields_count + 1);
    if (!fields)
        return false;
    for (uint32_t i = 0; i < scan->fields_count; i++) {
        fields[i] = scan->fields[i];
        output[i] = columns[scan->of.scan.columns[i]];
        if (output[i].type)
            fields[i].type = output[i].type;
    }
    scan->fields = fields;
    return true;
}

static bool narrow_scan(struct plan_binder *b, const struct plan_list *all, struct plan_rel *scan)
{
    const struct weir_table *table = scan->of.scan.table;
    uint32_t columns = table->schema.fields_count;
    struct uses output, uses;
    bool any = false;
    struct plan_narrowed *narrowed = PLAN_ARRAY(b, struct plan_narrowed, columns + 1);
    struct plan_narrowed *outputs = PLAN_ARRAY(b, struct plan_narrowed, scan->fields_count + 1);
    if (!narrowed || !outputs || !uses_init(b, scan->fields, scan->fields_count, &output) ||
        !uses_init(b, table->schema.fields, columns, &uses))
        return false;
    for (uint32_t i = 0; i < all->count; i++)
        for (uint32_t k = 0; k < ((struct plan_rel *)all->items[i])->inputs_count; k++)
            if (((struct plan_rel *)all->items[i])->inputs[k] == scan)
                mark_consumer(all->items[i], &output);
    if (!mark_table(b, scan, &output, &uses))
        return false;
    for (uint32_t i = 0; i < columns; i++) {
        const struct weir_type *type = table->schema.fields[i].type;
        if (!uses.fields[i] || uses.whole[i] || !type->children_count)
            continue;
        narrowed[i].map = PLAN_ARRAY(b, uint32_t, type->children_count);
        if (!narrowed[i].map)
            return false;
        narrowed[i].type = narrow_type(b, type, uses.fields[i], narrowed[i].map);
        any |= narrowed[i].type != NULL;
    }
    if (!any || !narrow_output(b, scan, narrowed, outputs))
        return !b->out_of_memory;
    scan->of.scan.narrowed = narrowed;
    for (uint32_t i = 0; i < all->count; i++) {
        struct plan_rel *rel = all->items[i];
        if (rel->kind == WEIR_PLAN_COMPUTE && rel->inputs[0] == scan &&
            rel->of.compute.projections && !narrow_consumer(b, rel, outputs, scan->fields_count))
            return false;
    }
    return !b->out_of_memory;
}

bool plan_rules_narrow(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        if (rel->kind == WEIR_PLAN_SCAN && !rel->of.scan.narrowed &&
            can_narrow(rel->of.scan.table) && !narrow_scan(b, &all, rel))
            return false;
    }
    return true;
}
