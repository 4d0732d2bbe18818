/* Canonical texts of nodes.
 *
 *     SCAN|flights|path=f.json;|1,4|(#1:INTEGER > 15)|carrier:TEXT,…
 *
 * Expressions are printed with numbered columns and the types of constants and results, so that two
 * texts are equal only when the nodes do the same. Names of output columns belong to it, since
 * sinks print them. */
#include "plan/fingerprint_internal.h"

#include "base/hash.h"

#include <inttypes.h>

static void print_type(const struct weir_type *type, struct weir_buffer *out)
{
    weir_type_print(type, out);
}

static void print_expr(const struct weir_expr *expr, struct weir_buffer *out)
{
    static const char *const names[] = {"column", "constant", "call", "and",  "or",
                                        "case",   "coalesce", "try",  "field"};
    switch (expr->kind) {
    case WEIR_EXPR_COLUMN:
        weir_buffer_printf(out, "#%u", expr->index);
        return;
    case WEIR_EXPR_CONSTANT:
        weir_expr_print(expr, NULL, out);
        weir_buffer_append_char(out, ':');
        print_type(expr->type, out);
        return;
    case WEIR_EXPR_CALL:
        weir_buffer_printf(out, "%s%s>", expr->function->name, expr->function->signature);
        print_type(expr->type, out);
        break;
    case WEIR_EXPR_FIELD:
        weir_buffer_printf(out, "field%u", expr->index);
        break;
    default:
        weir_buffer_append_string(out, names[expr->kind]);
        break;
    }
    weir_buffer_append_char(out, '(');
    for (uint32_t i = 0; i < expr->args_count; i++) {
        weir_buffer_append_string(out, i ? "," : "");
        print_expr(expr->args[i], out);
    }
    weir_buffer_append_char(out, ')');
}

static void print_optional(const struct weir_expr *expr, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '|');
    if (expr)
        print_expr(expr, out);
}

static void print_exprs(const struct weir_expr *const *exprs, uint32_t count,
                        struct weir_buffer *out)
{
    weir_buffer_append_char(out, '|');
    for (uint32_t i = 0; exprs && i < count; i++) {
        print_expr(exprs[i], out);
        weir_buffer_append_char(out, ';');
    }
}

static void print_numbers(const uint32_t *numbers, uint32_t count, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '|');
    for (uint32_t i = 0; i < count; i++)
        weir_buffer_printf(out, i ? ",%u" : "%u", numbers[i]);
}

static void print_table(const struct weir_table *table, struct weir_buffer *out)
{
    weir_buffer_append_slice(out, table->name);
    weir_buffer_append_char(out, '|');
    if (table->connector)
        weir_buffer_append_string(out, table->connector->name);
    for (size_t i = 0; i < table->options_count; i++)
        weir_buffer_printf(out, ";%.*s=%.*s", WEIR_SLICE_ARGS(table->options[i].name),
                           WEIR_SLICE_ARGS(table->options[i].value));
}

/* Which fields of a struct are decoded, when not all of them are. */
static void print_narrowed(const struct weir_field *decoded, const struct weir_field *declared,
                           struct weir_buffer *out)
{
    if (decoded->type == declared->type)
        return;
    weir_buffer_append_char(out, ';');
    weir_type_print(decoded->type, out);
}

static void print_scan(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_scan *scan = &node->of.scan;
    print_table(scan->table, out);
    print_numbers(scan->physical, scan->physical_count, out);
    for (uint32_t i = 0; i < scan->physical_count; i++)
        print_narrowed(&scan->physical_schema.fields[i],
                       &scan->table->schema.fields[scan->physical[i]], out);
    print_exprs(scan->projections, node->schema.fields_count, out);
    print_optional(scan->event_time, out);
    print_optional(scan->watermark, out);
    print_optional(scan->predicate, out);
    if (scan->versions)
        weir_buffer_append_string(out, "versions");
}

static void print_lane(const struct weir_column *column, uint32_t lane, struct weir_buffer *out)
{
    /* The bytes of a sort key: exact for every type. */
    struct weir_sort_order order = {false, false};
    size_t start = out->size;
    weir_column_sort_key(column, lane, order, out);
    if (!out->failed)
        weir_buffer_printf(out, ":%zu;", out->size - start);
}

static void print_values(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_values *values = &node->of.values;
    weir_buffer_printf(out, "%u|", values->rows_count);
    for (uint32_t c = 0; c < node->schema.fields_count; c++)
        for (uint32_t i = 0; i < values->rows_count; i++)
            print_lane(&values->columns[c], i, out);
}

static void print_series(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_series *series = &node->of.series;
    print_type(series->type, out);
    weir_buffer_append_char(out, '|');
    print_lane(&series->start, 0, out);
    print_lane(&series->stop, 0, out);
    print_lane(&series->step, 0, out);
    weir_buffer_printf(out, "|%d", series->with_ordinality);
}

static void print_orders(const struct weir_plan_order *order, uint32_t count,
                         struct weir_buffer *out)
{
    weir_buffer_append_char(out, '|');
    for (uint32_t i = 0; i < count; i++)
        weir_buffer_printf(out, "%u%c%c,", order[i].column, order[i].order.descending ? 'd' : 'a',
                           order[i].order.nulls_first ? 'f' : 'l');
}

static void print_window(const struct weir_plan_window *window, struct weir_buffer *out)
{
    weir_buffer_printf(out, "|%d,%u,%" PRId64 ",%d,%" PRId64 ",%d,%" PRId64 ",%" PRId64 ",%d%s",
                       (int)window->kind, window->time_column, window->width_us,
                       window->width_months, window->slide_us, window->slide_months,
                       window->offset_us, window->lateness_us, window->corrects,
                       window->stays_open ? ",open" : "");
    if (window->kind == WEIR_WINDOW_COLUMNS)
        weir_buffer_printf(out, ",%u,%u", window->start_column, window->end_column);
}

static void print_aggregate(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    print_numbers(aggregate->keys, aggregate->keys_count, out);
    print_window(&aggregate->window, out);
    weir_buffer_printf(out, "|%u|%d,%" PRId64, aggregate->window_output, (int)aggregate->emit,
                       aggregate->emit_every_us);
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        const struct weir_plan_aggregate_call *call = &aggregate->calls[i];
        weir_buffer_printf(out, "|%s%s>", call->aggregate->name, call->aggregate->signature);
        print_type(call->type, out);
        print_numbers(call->args, call->args_count, out);
        print_orders(call->order, call->order_count, out);
        weir_buffer_printf(out, "|%d,%u", call->distinct + 2 * call->descending, call->filter);
    }
}

static void print_bound(const struct weir_frame_bound *bound, struct weir_buffer *out)
{
    weir_buffer_printf(out, "%d,%" PRId64 ",%u;", (int)bound->kind, bound->count,
                       bound->limit_column);
}

static void print_over(const struct weir_plan_over *over, struct weir_buffer *out)
{
    print_numbers(over->partition, over->partition_count, out);
    print_orders(over->order, over->order_count, out);
    weir_buffer_printf(out, "|%" PRId64 ",%d,%d", over->limit, over->hides_rank, (int)over->emit);
    for (uint32_t i = 0; i < over->calls_count; i++) {
        const struct weir_plan_over_call *call = &over->calls[i];
        weir_buffer_printf(out, "|%d,%d,%u,%d,%d;", (int)call->function, call->ignore_nulls,
                           call->filter, (int)call->frame.unit, (int)call->frame.exclude);
        print_bound(&call->frame.start, out);
        print_bound(&call->frame.end, out);
        if (call->aggregate)
            weir_buffer_printf(out, "%s%s", call->aggregate->name, call->aggregate->signature);
        print_numbers(call->args, call->args_count, out);
    }
    print_optional(over->expires, out);
    if (over->expires)
        weir_buffer_printf(out, "%" PRId64, over->granularity_us);
}

static void print_join(const struct weir_plan_join *join, struct weir_buffer *out)
{
    weir_buffer_printf(out, "%d,%d,%d,%" PRId64 ",%" PRId64, (int)join->kind, join->null_matches,
                       join->defer_unmatched, join->granularity_us, join->delay_us);
    weir_buffer_printf(out, ",%d,%d,%d,%d", (int)join->asof, join->asof_strict, join->asof_timed,
                       join->lookup);
    if (join->asof_versions)
        weir_buffer_append_string(out, ",versions");
    if (join->asof_by_right)
        weir_buffer_append_string(out, ",right");
    for (uint32_t side = 0; side < 2; side++) {
        weir_buffer_printf(out, "|%d", join->sides[side].keep_unmatched);
        print_numbers(join->sides[side].keys, join->keys_count, out);
        print_optional(join->sides[side].expires, out);
        print_optional(join->sides[side].late, out);
        print_optional(join->sides[side].at, out);
    }
    for (uint32_t k = 0; k < join->keys_count; k++)
        weir_buffer_append_char(out, join->null_safe[k] ? 'n' : '-');
    print_optional(join->condition, out);
}

/* What its rows are made of. */
static void print_rows(const struct weir_plan_node *node, struct weir_buffer *out)
{
    if (node->has_event_time) /* hidden: equal rows with and without it are not the same */
        weir_buffer_append_string(out, "|@");
    for (uint32_t i = 0; i < node->schema.fields_count; i++) {
        weir_buffer_printf(out, "|%.*s:", WEIR_SLICE_ARGS(node->schema.fields[i].name));
        print_type(node->schema.fields[i].type, out);
    }
}

void plan_canonical_node(const struct weir_plan_node *node, struct weir_buffer *out)
{
    weir_buffer_append_string(out, weir_plan_kind_name(node->kind));
    weir_buffer_append_char(out, '|');
    switch (node->kind) {
    case WEIR_PLAN_SCAN:
        print_scan(node, out);
        break;
    case WEIR_PLAN_VALUES:
        print_values(node, out);
        break;
    case WEIR_PLAN_SERIES:
        print_series(node, out);
        break;
    case WEIR_PLAN_COMPUTE:
        print_optional(node->of.compute.predicate, out);
        print_exprs(node->of.compute.projections, node->schema.fields_count, out);
        break;
    case WEIR_PLAN_LATE:
        print_window(&node->of.late.window, out);
        if (node->of.late.keys_count)
            print_numbers(node->of.late.keys, node->of.late.keys_count, out);
        break;
    case WEIR_PLAN_PROCTIME:
        print_numbers(&node->of.proctime.column, 1, out);
        break;
    case WEIR_PLAN_UNNEST:
        print_numbers(node->of.unnest.lists, node->of.unnest.lists_count, out);
        weir_buffer_printf(out, "|%d,%d", node->of.unnest.with_ordinality,
                           node->of.unnest.keep_empty);
        break;
    case WEIR_PLAN_AGGREGATE:
        print_aggregate(node, out);
        break;
    case WEIR_PLAN_SORT:
        print_orders(node->of.sort.order, node->of.sort.order_count, out);
        weir_buffer_printf(out, "|%" PRId64 ",%" PRId64, node->of.sort.limit, node->of.sort.offset);
        break;
    case WEIR_PLAN_LIMIT:
        weir_buffer_printf(out, "%" PRId64 ",%" PRId64, node->of.limit.limit,
                           node->of.limit.offset);
        break;
    case WEIR_PLAN_UNION:
        break;
    case WEIR_PLAN_OVER:
        print_over(&node->of.over, out);
        break;
    case WEIR_PLAN_JOIN:
        print_join(&node->of.join, out);
        break;
    case WEIR_PLAN_NORMALIZE:
        print_numbers(node->of.normalize.keys, node->of.normalize.keys_count, out);
        weir_buffer_printf(out, "|%d", node->of.normalize.final);
        break;
    case WEIR_PLAN_NET:
        print_numbers(node->of.net.keys, node->of.net.keys_count, out);
        weir_buffer_printf(out, "|%d,%d,%d,%d", node->of.net.has_key, node->of.net.latest,
                           node->of.net.keeps, node->of.net.final);
        break;
    case WEIR_PLAN_SINK:
        if (node->of.sink.table)
            print_table(node->of.sink.table, out);
        break;
    }
    print_rows(node, out);
    for (uint32_t i = 0; i < node->inputs_count; i++)
        weir_buffer_printf(out, "<%016" PRIx64, node->inputs[i]->fingerprint);
}

uint64_t plan_canonical_hash(struct weir_slice text)
{
    return weir_hash_bytes(text.data, text.size, 0);
}

bool plan_node_is_volatile(const struct weir_plan_node *node)
{
    if (node->kind == WEIR_PLAN_SINK)
        return true;
    if (node->kind != WEIR_PLAN_COMPUTE)
        return false;
    if (node->of.compute.predicate && weir_expr_is_volatile(node->of.compute.predicate))
        return true;
    for (uint32_t i = 0; node->of.compute.projections && i < node->schema.fields_count; i++)
        if (weir_expr_is_volatile(node->of.compute.projections[i]))
            return true;
    return false;
}
