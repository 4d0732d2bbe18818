/* EXPLAIN (FORMAT JSON): the plan as an array of nodes, inputs by number. */
#include "plan/explain_internal.h"

#include <inttypes.h>

void weir_plan_json_string(struct weir_slice text, struct weir_buffer *out)
{
    weir_buffer_append_char(out, '"');
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '"' || c == '\\')
            weir_buffer_printf(out, "\\%c", c);
        else if (c == '\n')
            weir_buffer_append_string(out, "\\n");
        else if (c < 0x20)
            weir_buffer_printf(out, "\\u%04x", c);
        else
            weir_buffer_append_char(out, (char)c);
    }
    weir_buffer_append_char(out, '"');
}

static void key(const char *name, struct weir_buffer *out)
{
    weir_buffer_printf(out, ",\"%s\":", name);
}

static void print_expr(const struct weir_expr *expr, const struct weir_schema *schema,
                       struct weir_buffer *out)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    weir_expr_print(expr, schema, &text);
    out->failed |= text.failed;
    weir_plan_json_string(weir_buffer_slice(&text), out);
    weir_buffer_deinit(&text);
}

static void print_optional(const char *name, const struct weir_expr *expr,
                           const struct weir_schema *schema, struct weir_buffer *out)
{
    if (!expr)
        return;
    key(name, out);
    print_expr(expr, schema, out);
}

static void print_exprs(const char *name, const struct weir_expr *const *exprs, uint32_t count,
                        const struct weir_schema *schema, struct weir_buffer *out)
{
    if (!exprs)
        return;
    key(name, out);
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_append_string(out, i ? "," : "");
        print_expr(exprs[i], schema, out);
    }
    weir_buffer_append_char(out, ']');
}

static void print_columns(const char *name, const uint32_t *columns, uint32_t count,
                          const struct weir_schema *schema, struct weir_buffer *out)
{
    key(name, out);
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_append_string(out, i ? "," : "");
        weir_plan_json_string(schema->fields[columns[i]].name, out);
    }
    weir_buffer_append_char(out, ']');
}

static void print_table(const struct weir_table *table, struct weir_buffer *out)
{
    key("table", out);
    weir_plan_json_string(table->name, out);
    if (table->connector) {
        key("connector", out);
        weir_plan_json_string(weir_slice_from_string(table->connector->name), out);
    }
    if (table->format.size) {
        key("format", out);
        weir_plan_json_string(table->format, out);
    }
}

static void print_scan(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_scan *scan = &node->of.scan;
    print_table(scan->table, out);
    print_columns("decode", scan->physical, scan->physical_count, &scan->table->schema, out);
    print_exprs("projections", scan->projections, node->schema.fields_count, &scan->physical_schema,
                out);
    print_optional("event_time", scan->event_time, &scan->physical_schema, out);
    print_optional("watermark", scan->watermark, &scan->physical_schema, out);
    print_optional("predicate", scan->predicate, &scan->physical_schema, out);
    if (scan->pane_us)
        weir_buffer_printf(out, ",\"pane_us\":%" PRId64, scan->pane_us);
}

/* A string made by one of the text printers. */
typedef void (*text_fn)(const struct weir_plan_node *node, uint32_t index, struct weir_buffer *out);
static void print_text(text_fn print, const struct weir_plan_node *node, uint32_t index,
                       struct weir_buffer *out)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    print(node, index, &text);
    out->failed |= text.failed;
    weir_plan_json_string(weir_buffer_slice(&text), out);
    weir_buffer_deinit(&text);
}

static void call_text(const struct weir_plan_node *node, uint32_t index, struct weir_buffer *out)
{
    plan_print_call(&node->of.aggregate.calls[index], &node->inputs[0]->schema, out);
}

static void late_text(const struct weir_plan_node *node, uint32_t index, struct weir_buffer *out)
{
    (void)index;
    plan_print_window(&node->of.late.window, &node->inputs[0]->schema, out);
}

static void window_text(const struct weir_plan_node *node, uint32_t index, struct weir_buffer *out)
{
    (void)index;
    plan_print_window(&node->of.aggregate.window, &node->inputs[0]->schema, out);
}

static void order_text(const struct weir_plan_node *node, uint32_t index, struct weir_buffer *out)
{
    (void)index;
    plan_print_orders(node->of.sort.order, node->of.sort.order_count, &node->schema, out);
}

static void print_aggregate(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    print_columns("keys", aggregate->keys, aggregate->keys_count, &node->inputs[0]->schema, out);
    key("calls", out);
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        weir_buffer_append_string(out, i ? "," : "");
        print_text(call_text, node, i, out);
    }
    weir_buffer_append_char(out, ']');
    if (aggregate->window.kind != WEIR_WINDOW_NONE) {
        key("window", out);
        print_text(window_text, node, 0, out);
    }
    key("emit", out);
    weir_plan_json_string(weir_slice_from_string(plan_emit_name(aggregate->emit)), out);
    if (aggregate->emit == WEIR_EMIT_EVERY)
        weir_buffer_printf(out, ",\"emit_every_us\":%" PRId64, aggregate->emit_every_us);
}

static void print_limits(int64_t limit, int64_t offset, struct weir_buffer *out)
{
    if (limit >= 0)
        weir_buffer_printf(out, ",\"limit\":%" PRId64, limit);
    if (offset)
        weir_buffer_printf(out, ",\"offset\":%" PRId64, offset);
}

static void over_text(const struct weir_plan_node *node, uint32_t unused, struct weir_buffer *out)
{
    (void)unused;
    plan_print_over(node, out);
}

static void join_keys_text(const struct weir_plan_node *node, uint32_t unused,
                           struct weir_buffer *out)
{
    (void)unused;
    plan_print_join_keys(node, out);
}

static void asof_text(const struct weir_plan_node *node, uint32_t unused, struct weir_buffer *out)
{
    (void)unused;
    plan_print_asof(node, out);
}

static void join_condition_text(const struct weir_plan_node *node, uint32_t unused,
                                struct weir_buffer *out)
{
    (void)unused;
    plan_print_join_condition(node, out);
}

static void print_join(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_join *join = &node->of.join;
    weir_buffer_printf(out, ",\"join\":\"%s\"", plan_join_name(join));
    key("keys", out);
    print_text(join_keys_text, node, 0, out);
    if (join->condition) {
        key("condition", out);
        print_text(join_condition_text, node, 0, out);
    }
    if (join->asof) {
        key("asof", out);
        print_text(asof_text, node, 0, out);
    }
    print_optional("left_until", join->sides[0].expires, &node->inputs[0]->schema, out);
    print_optional("right_until", join->sides[1].expires, &node->inputs[1]->schema, out);
}

static void print_details(const struct weir_plan_node *node, struct weir_buffer *out)
{
    switch (node->kind) {
    case WEIR_PLAN_SCAN:
        print_scan(node, out);
        break;
    case WEIR_PLAN_VALUES:
        weir_buffer_printf(out, ",\"rows\":%u", node->of.values.rows_count);
        break;
    case WEIR_PLAN_SERIES:
    case WEIR_PLAN_UNION:
        break;
    case WEIR_PLAN_COMPUTE:
        print_optional("predicate", node->of.compute.predicate, &node->inputs[0]->schema, out);
        print_exprs("projections", node->of.compute.projections, node->schema.fields_count,
                    &node->inputs[0]->schema, out);
        break;
    case WEIR_PLAN_JOIN:
        print_join(node, out);
        break;
    case WEIR_PLAN_OVER:
        key("over", out);
        print_text(over_text, node, 0, out);
        print_limits(node->of.over.limit, 0, out);
        break;
    case WEIR_PLAN_LATE:
        key("window", out);
        print_text(late_text, node, 0, out);
        break;
    case WEIR_PLAN_PROCTIME:
        print_columns("column", &node->of.proctime.column, 1, &node->schema, out);
        break;
    case WEIR_PLAN_UNNEST:
        print_columns("lists", node->of.unnest.lists, node->of.unnest.lists_count,
                      &node->inputs[0]->schema, out);
        break;
    case WEIR_PLAN_AGGREGATE:
        print_aggregate(node, out);
        break;
    case WEIR_PLAN_SORT:
        key("order", out);
        print_text(order_text, node, 0, out);
        print_limits(node->of.sort.limit, node->of.sort.offset, out);
        break;
    case WEIR_PLAN_LIMIT:
        print_limits(node->of.limit.limit, node->of.limit.offset, out);
        break;
    case WEIR_PLAN_NORMALIZE:
        print_columns("keys", node->of.normalize.keys, node->of.normalize.keys_count, &node->schema,
                      out);
        break;
    case WEIR_PLAN_NET:
        print_columns("keys", node->of.net.keys, node->of.net.keys_count, &node->schema, out);
        break;
    case WEIR_PLAN_SINK:
        if (node->of.sink.table)
            print_table(node->of.sink.table, out);
        break;
    }
}

static void print_node(const struct weir_plan_node *node, struct weir_buffer *out)
{
    weir_buffer_printf(out, "{\"id\":%u,\"kind\":\"%s\",\"inputs\":[", node->id,
                       weir_plan_kind_name(node->kind));
    for (uint32_t i = 0; i < node->inputs_count; i++)
        weir_buffer_printf(out, i ? ",%u" : "%u", node->inputs[i]->id);
    weir_buffer_append_string(out, "],\"columns\":[");
    for (uint32_t i = 0; i < node->schema.fields_count; i++) {
        weir_buffer_append_string(out, i ? ",{\"name\":" : "{\"name\":");
        weir_plan_json_string(node->schema.fields[i].name, out);
        weir_buffer_append_string(out, ",\"type\":");
        weir_plan_json_string(
            weir_slice_from_string(weir_type_name(node->schema.fields[i].type).text), out);
        weir_buffer_append_char(out, '}');
    }
    weir_buffer_printf(out, "],\"changelog\":%s,\"bounded\":%s,\"fingerprint\":\"%016" PRIx64 "\"",
                       node->changelog ? "true" : "false", node->bounded ? "true" : "false",
                       node->fingerprint);
    print_details(node, out);
    weir_buffer_append_char(out, '}');
}

void weir_plan_print_json(const struct weir_plan *plan, struct weir_buffer *out)
{
    weir_buffer_printf(out, "{\"fingerprint\":\"%016" PRIx64 "\",\"nodes\":[", plan->fingerprint);
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        weir_buffer_append_string(out, i ? ",\n" : "\n");
        print_node(plan->nodes[i], out);
    }
    weir_buffer_append_string(out, "],\n\"sinks\":[");
    for (uint32_t i = 0; i < plan->sinks_count; i++)
        weir_buffer_printf(out, i ? ",%u" : "%u", plan->sinks[i]->id);
    weir_buffer_append_string(out, "]}\n");
}
