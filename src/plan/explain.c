/* EXPLAIN as text: a tree per sink, one node a line, expressions by the names of their columns.
 *
 *     SINK totals (file)
 *       AGGREGATE by carrier: count(*), sum(delay); tumble 10 seconds of event time; emit on close
 *         SCAN flights (file): carrier, delay, ts; event time ts; watermark ts - 1 s; where delay >
 * 0
 *
 * A shared node is printed where it comes first, with its number; later it is "see #n". */
#include "plan/explain_internal.h"

#include <inttypes.h>

const char *weir_plan_kind_name(enum weir_plan_kind kind)
{
    static const char *const names[] = {
        "SCAN",  "VALUES", "SERIES", "COMPUTE",  "UNNEST", "AGGREGATE", "SORT", "LIMIT",
        "UNION", "JOIN",   "LATE",   "PROCTIME", "OVER",   "NORMALIZE", "NET",  "SINK",
    };
    return (size_t)kind < WEIR_COUNT_OF(names) ? names[kind] : "?";
}

const char *plan_emit_name(enum weir_emit emit)
{
    static const char *const names[] = {"on close", "changes", "final", "every",
                                        "on close, corrected"};
    return names[emit];
}

void plan_print_duration(int64_t us, struct weir_buffer *out)
{
    static const struct {
        int64_t us;
        const char *name;
    } units[] = {
        {WEIR_US_PER_DAY, "day"},
        {INT64_C(3600000000), "hour"},
        {60000000, "minute"},
        {1000000, "second"},
        {1000, "ms"},
        {1, "us"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(units); i++) {
        if (us % units[i].us)
            continue;
        bool plural = i < 4 && us / units[i].us != 1;
        weir_buffer_printf(out, "%" PRId64 " %s%s", us / units[i].us, units[i].name,
                           plural ? "s" : "");
        return;
    }
}

void plan_print_width(const struct weir_plan_window *window, struct weir_buffer *out)
{
    if (window->width_months)
        weir_buffer_printf(out, "%d month%s", window->width_months,
                           window->width_months == 1 ? "" : "s");
    else
        plan_print_duration(window->width_us, out);
    if (window->offset_us) {
        weir_buffer_append_string(out, " offset ");
        plan_print_duration(window->offset_us, out);
    }
}

void plan_print_column(const struct weir_schema *schema, uint32_t column, struct weir_buffer *out)
{
    if (column < schema->fields_count)
        weir_buffer_append_slice(out, schema->fields[column].name);
}

static void print_names(const struct weir_schema *schema, struct weir_buffer *out)
{
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_column(schema, i, out);
    }
}

void plan_print_table_name(const struct weir_table *table, struct weir_buffer *out)
{
    weir_buffer_append_slice(out, table->name);
    if (table->connector)
        weir_buffer_printf(out, " (%s%s%.*s)", table->connector->name,
                           table->format.size ? ", " : "", WEIR_SLICE_ARGS(table->format));
}

void plan_print_watermark(const struct weir_plan_scan *scan, struct weir_buffer *out)
{
    if (scan->watermark) {
        weir_expr_print(scan->watermark, &scan->physical_schema, out);
        return;
    }
    weir_expr_print(scan->event_time, &scan->physical_schema, out);
    weir_buffer_append_string(out, " - 1 second");
}

/* name, or expression AS name. */
void plan_print_projection(const struct weir_expr *expr, const struct weir_schema *input,
                           struct weir_slice name, struct weir_buffer *out)
{
    weir_expr_print(expr, input, out);
    bool same = expr->kind == WEIR_EXPR_COLUMN && expr->index < input->fields_count &&
                weir_slice_equals(input->fields[expr->index].name, name);
    if (same)
        return;
    weir_buffer_append_string(out, " AS ");
    weir_sql_print_name(out, name);
}

static void print_projections(const struct weir_expr *const *exprs, const struct weir_schema *input,
                              const struct weir_schema *output, struct weir_buffer *out)
{
    for (uint32_t i = 0; i < output->fields_count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_projection(exprs[i], input, output->fields[i].name, out);
    }
}

void plan_print_orders(const struct weir_plan_order *order, uint32_t count,
                       const struct weir_schema *schema, struct weir_buffer *out)
{
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_column(schema, order[i].column, out);
        weir_buffer_append_string(out, order[i].order.descending ? " DESC" : "");
        if (order[i].order.nulls_first != order[i].order.descending)
            weir_buffer_append_string(out,
                                      order[i].order.nulls_first ? " NULLS FIRST" : " NULLS LAST");
    }
}

void plan_print_call(const struct weir_plan_aggregate_call *call, const struct weir_schema *schema,
                     struct weir_buffer *out)
{
    weir_buffer_printf(out, "%s(%s", call->aggregate->name, call->distinct ? "DISTINCT " : "");
    for (uint32_t i = 0; i < call->args_count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_column(schema, call->args[i], out);
    }
    if (call->descending)
        weir_buffer_append_string(out, " DESC");
    if (call->args_count == 0)
        weir_buffer_append_char(out, '*');
    if (call->order_count) {
        weir_buffer_append_string(out, " ORDER BY ");
        plan_print_orders(call->order, call->order_count, schema, out);
    }
    weir_buffer_append_char(out, ')');
    if (call->filter == UINT32_MAX)
        return;
    weir_buffer_append_string(out, " FILTER ");
    plan_print_column(schema, call->filter, out);
}

static void print_lateness(const struct weir_plan_window *window, struct weir_buffer *out)
{
    if (!window->lateness_us)
        return;
    weir_buffer_append_string(out, ", open for ");
    plan_print_duration(window->lateness_us, out);
    weir_buffer_append_string(out, " more");
}

void plan_print_window(const struct weir_plan_window *window, const struct weir_schema *input,
                       struct weir_buffer *out)
{
    static const char *const kinds[] = {"", "tumble ", "hop ", "cumulate ", "session ", ""};
    struct weir_plan_window slide = {.width_us = window->slide_us,
                                     .width_months = window->slide_months};
    if (window->kind == WEIR_WINDOW_COLUMNS) {
        weir_buffer_append_string(out, "windows ");
        plan_print_column(input, window->start_column, out);
        weir_buffer_append_string(out, " … ");
        plan_print_column(input, window->end_column, out);
        print_lateness(window, out);
        return;
    }
    weir_buffer_append_string(out, kinds[window->kind]);
    plan_print_width(window, out);
    if (slide.width_us || slide.width_months) {
        weir_buffer_append_string(out, " by ");
        plan_print_width(&slide, out);
    }
    weir_buffer_append_string(out, " of ");
    if (window->time_column == UINT32_MAX)
        weir_buffer_append_string(out, "event time");
    else
        plan_print_column(input, window->time_column, out);
    print_lateness(window, out);
}

/* ---------------------------------------------------------------- nodes */

static void print_scan(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_scan *scan = &node->of.scan;
    weir_buffer_append_char(out, ' ');
    plan_print_table_name(scan->table, out);
    weir_buffer_append_string(out, ": ");
    if (scan->projections)
        print_projections(scan->projections, &scan->physical_schema, &node->schema, out);
    else
        print_names(&scan->physical_schema, out);
    if (node->schema.fields_count == 0)
        weir_buffer_append_string(out, "no columns");
    if (scan->projections) {
        weir_buffer_append_string(out, "; decode ");
        print_names(&scan->physical_schema, out);
    }
    if (scan->event_time) {
        weir_buffer_append_string(out, "; event time ");
        weir_expr_print(scan->event_time, &scan->physical_schema, out);
        weir_buffer_append_string(out, "; watermark ");
        plan_print_watermark(scan, out);
    }
    if (scan->predicate) {
        weir_buffer_append_string(out, "; where ");
        weir_expr_print(scan->predicate, &scan->physical_schema, out);
    }
}

static void print_compute(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_schema *input = &node->inputs[0]->schema;
    if (node->of.compute.projections) {
        weir_buffer_append_char(out, ' ');
        print_projections(node->of.compute.projections, input, &node->schema, out);
    }
    if (node->of.compute.predicate) {
        weir_buffer_append_string(out, node->of.compute.projections ? "; where " : " where ");
        weir_expr_print(node->of.compute.predicate, input, out);
    }
}

static void print_aggregate(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    const struct weir_schema *input = &node->inputs[0]->schema;
    for (uint32_t i = 0; i < aggregate->keys_count; i++) {
        weir_buffer_append_string(out, i ? ", " : " by ");
        plan_print_column(input, aggregate->keys[i], out);
    }
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        weir_buffer_append_string(out, i ? ", " : aggregate->keys_count ? ": " : " ");
        plan_print_call(&aggregate->calls[i], input, out);
    }
    bool first = aggregate->keys_count == 0 && aggregate->calls_count == 0;
    if (aggregate->window.kind != WEIR_WINDOW_NONE) {
        weir_buffer_append_string(out, first ? " " : "; ");
        plan_print_window(&aggregate->window, input, out);
    }
    weir_buffer_printf(out, "; emit %s", plan_emit_name(aggregate->emit));
    if (aggregate->emit == WEIR_EMIT_EVERY) {
        weir_buffer_append_char(out, ' ');
        plan_print_duration(aggregate->emit_every_us, out);
    }
}

static void print_unnest(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_unnest *unnest = &node->of.unnest;
    for (uint32_t i = 0; i < unnest->lists_count; i++) {
        weir_buffer_append_string(out, i ? ", " : " ");
        plan_print_column(&node->inputs[0]->schema, unnest->lists[i], out);
    }
    if (unnest->with_ordinality)
        weir_buffer_append_string(out, "; with ordinality");
    if (unnest->keep_empty)
        weir_buffer_append_string(out, "; keep empty");
}

const char *plan_join_name(const struct weir_plan_join *join)
{
    if (join->kind != WEIR_JOIN_PAIRS)
        return join->kind == WEIR_JOIN_SEMI ? "semi" : "anti";
    if (join->lookup)
        return join->sides[0].keep_unmatched ? "lookup left" : "lookup";
    if (join->asof)
        return join->sides[0].keep_unmatched ? "asof left" : "asof";
    if (join->sides[0].keep_unmatched)
        return join->sides[1].keep_unmatched ? "full" : "left";
    return join->sides[1].keep_unmatched ? "right" : "inner";
}

void plan_print_join_keys(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_join *join = &node->of.join;
    for (uint32_t k = 0; k < join->keys_count; k++) {
        weir_buffer_append_string(out, k ? ", " : "");
        plan_print_column(&node->inputs[0]->schema, join->sides[0].keys[k], out);
        weir_buffer_append_string(out, join->null_safe[k]   ? " is not distinct from "
                                       : join->null_matches ? " = or null "
                                                            : " = ");
        plan_print_column(&node->inputs[1]->schema, join->sides[1].keys[k], out);
    }
}

/* The condition is over columns of both inputs. */
void plan_print_join_condition(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_schema *left = &node->inputs[0]->schema, *right = &node->inputs[1]->schema;
    uint32_t count = left->fields_count + right->fields_count;
    struct weir_field *fields = weir_calloc(count + 1, sizeof *fields);
    if (!fields) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < count; i++)
        fields[i] =
            i < left->fields_count ? left->fields[i] : right->fields[i - left->fields_count];
    struct weir_schema both = {fields, count};
    weir_expr_print(node->of.join.condition, &both, out);
    weir_free(fields);
}

void plan_print_asof(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_join *join = &node->of.join;
    const char *sign = join->asof == WEIR_ASOF_LATEST ? ">" : "<";
    weir_expr_print(join->sides[0].at, &node->inputs[0]->schema, out);
    weir_buffer_printf(out, " %s%s ", sign, join->asof_strict ? "" : "=");
    weir_expr_print(join->sides[1].at, &node->inputs[1]->schema, out);
}

static void print_join(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_join *join = &node->of.join;
    weir_buffer_printf(out, " %s", plan_join_name(join));
    if (join->keys_count) {
        weir_buffer_append_string(out, " on ");
        plan_print_join_keys(node, out);
    }
    if (join->condition) {
        weir_buffer_append_string(out, "; where ");
        plan_print_join_condition(node, out);
    }
    if (join->asof) {
        weir_buffer_append_string(out, "; ");
        plan_print_asof(node, out);
        if (join->asof_by_right)
            weir_buffer_append_string(out, ", left rows at any time");
    }
    static const char *const sides[] = {"left", "right"};
    for (uint32_t side = 0; side < 2; side++) {
        if (!join->sides[side].expires)
            continue;
        weir_buffer_printf(out, "; %s rows until ", sides[side]);
        weir_expr_print(join->sides[side].expires, &node->inputs[side]->schema, out);
    }
}

static const char *over_name(const struct weir_plan_over_call *call)
{
    static const char *const names[] = {"row_number",  "rank",       "dense_rank", "percent_rank",
                                        "cume_dist",   "ntile",      "lag",        "lead",
                                        "first_value", "last_value", "nth_value"};
    return call->function == WEIR_OVER_AGGREGATE ? call->aggregate->name : names[call->function];
}

void plan_print_over(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_over *over = &node->of.over;
    const struct weir_schema *input = &node->inputs[0]->schema;
    for (uint32_t i = 0; i < over->calls_count; i++) {
        const struct weir_plan_over_call *call = &over->calls[i];
        weir_buffer_printf(out, "%s%s(", i ? ", " : "", over_name(call));
        for (uint32_t k = 0; k < call->args_count; k++) {
            weir_buffer_append_string(out, k ? ", " : "");
            plan_print_column(input, call->args[k], out);
        }
        weir_buffer_append_char(out, ')');
    }
    for (uint32_t i = 0; i < over->partition_count; i++) {
        weir_buffer_append_string(out, i ? ", " : "; by ");
        plan_print_column(input, over->partition[i], out);
    }
    if (over->order_count) {
        weir_buffer_append_string(out, "; order ");
        plan_print_orders(over->order, over->order_count, input, out);
    }
    if (over->limit >= 0)
        weir_buffer_printf(out, "; first %" PRId64, over->limit);
    weir_buffer_printf(out, "; emit %s", plan_emit_name(over->emit));
}

void plan_print_bounds(int64_t limit, int64_t offset, const char *before, struct weir_buffer *out)
{
    if (limit >= 0) {
        weir_buffer_printf(out, "%slimit %" PRId64, before, limit);
        before = "; ";
    }
    if (offset > 0)
        weir_buffer_printf(out, "%soffset %" PRId64, before, offset);
}

void plan_print_change_keys(const struct weir_plan_node *node, struct weir_buffer *out)
{
    bool is_net = node->kind == WEIR_PLAN_NET;
    const uint32_t *keys = is_net ? node->of.net.keys : node->of.normalize.keys;
    uint32_t count = is_net ? node->of.net.keys_count : node->of.normalize.keys_count;
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_column(&node->schema, keys[i], out);
    }
    if (is_net && !node->of.net.has_key)
        weir_buffer_append_string(out, "whole rows");
    else if (count == 0)
        weir_buffer_append_string(out, "nothing");
}

static void print_changes(const struct weir_plan_node *node, struct weir_buffer *out)
{
    bool is_net = node->kind == WEIR_PLAN_NET;
    weir_buffer_append_string(out, " by ");
    plan_print_change_keys(node, out);
    if (is_net && node->of.net.latest)
        weir_buffer_append_string(out, "; latest row");
    if (is_net && node->of.net.keeps)
        weir_buffer_append_string(out, "; keeps all rows");
    if (is_net ? node->of.net.final : node->of.normalize.final)
        weir_buffer_append_string(out, "; emit final");
}

static void print_constant(const struct weir_column *column, struct weir_buffer *out)
{
    struct weir_expr expr = {.kind = WEIR_EXPR_CONSTANT, .type = column->type, .constant = *column};
    expr.constant.encoding = WEIR_CONSTANT;
    weir_expr_print(&expr, NULL, out);
}

static void print_details(const struct weir_plan_node *node, struct weir_buffer *out)
{
    switch (node->kind) {
    case WEIR_PLAN_SCAN:
        print_scan(node, out);
        break;
    case WEIR_PLAN_VALUES:
        weir_buffer_printf(out, " %u row%s", node->of.values.rows_count,
                           node->of.values.rows_count == 1 ? "" : "s");
        break;
    case WEIR_PLAN_SERIES:
        weir_buffer_append_char(out, ' ');
        print_constant(&node->of.series.start, out);
        weir_buffer_append_string(out, " to ");
        print_constant(&node->of.series.stop, out);
        weir_buffer_append_string(out, " by ");
        print_constant(&node->of.series.step, out);
        break;
    case WEIR_PLAN_COMPUTE:
        print_compute(node, out);
        break;
    case WEIR_PLAN_UNNEST:
        print_unnest(node, out);
        break;
    case WEIR_PLAN_LATE:
        weir_buffer_append_string(out, " for ");
        plan_print_window(&node->of.late.window, &node->inputs[0]->schema, out);
        break;
    case WEIR_PLAN_PROCTIME:
        weir_buffer_append_char(out, ' ');
        plan_print_column(&node->schema, node->of.proctime.column, out);
        break;
    case WEIR_PLAN_AGGREGATE:
        print_aggregate(node, out);
        break;
    case WEIR_PLAN_SORT:
        weir_buffer_append_char(out, ' ');
        plan_print_orders(node->of.sort.order, node->of.sort.order_count, &node->schema, out);
        plan_print_bounds(node->of.sort.limit, node->of.sort.offset, "; ", out);
        break;
    case WEIR_PLAN_LIMIT:
        plan_print_bounds(node->of.limit.limit, node->of.limit.offset, " ", out);
        break;
    case WEIR_PLAN_UNION:
        break;
    case WEIR_PLAN_JOIN:
        print_join(node, out);
        break;
    case WEIR_PLAN_OVER:
        weir_buffer_append_char(out, ' ');
        plan_print_over(node, out);
        break;
    case WEIR_PLAN_NORMALIZE:
    case WEIR_PLAN_NET:
        print_changes(node, out);
        break;
    case WEIR_PLAN_SINK:
        weir_buffer_append_char(out, ' ');
        if (node->of.sink.table)
            plan_print_table_name(node->of.sink.table, out);
        else
            weir_buffer_append_string(out, "result");
        if (node->changelog)
            weir_buffer_append_string(out, "; changelog");
        break;
    }
}

static void print_node(const struct weir_plan_node *node, unsigned depth, bool *printed,
                       struct weir_buffer *out)
{
    for (unsigned i = 0; i < depth; i++)
        weir_buffer_append_string(out, "  ");
    bool shared = node->consumers_count > 1;
    if (shared && printed && printed[node->id]) {
        weir_buffer_printf(out, "%s see #%u\n", weir_plan_kind_name(node->kind), node->id);
        return;
    }
    weir_buffer_append_string(out, weir_plan_kind_name(node->kind));
    if (shared)
        weir_buffer_printf(out, " #%u", node->id);
    print_details(node, out);
    weir_buffer_append_char(out, '\n');
    if (printed)
        printed[node->id] = true;
    for (uint32_t i = 0; i < node->inputs_count; i++)
        print_node(node->inputs[i], depth + 1, printed, out);
}

void weir_plan_print_text(const struct weir_plan *plan, struct weir_buffer *out)
{
    bool *printed = weir_calloc(plan->nodes_count + 1, sizeof *printed);
    if (!printed) {
        out->failed = true;
        return;
    }
    for (uint32_t i = 0; i < plan->sinks_count; i++)
        print_node(plan->sinks[i], 0, printed, out);
    weir_free(printed);
}
