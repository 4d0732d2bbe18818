/* EXPLAIN WATERMARK and EXPLAIN STATE, and the notes of a plan: what state grows without bound, and
 * what each sink promises. */
#include "plan/explain_internal.h"

#include <inttypes.h>

bool weir_plan_keeps_state(const struct weir_plan_node *node)
{
    return node->kind == WEIR_PLAN_AGGREGATE || node->kind == WEIR_PLAN_SORT ||
           node->kind == WEIR_PLAN_JOIN || node->kind == WEIR_PLAN_OVER ||
           node->kind == WEIR_PLAN_NORMALIZE ||
           (node->kind == WEIR_PLAN_LATE && node->of.late.window.kind == WEIR_WINDOW_SESSION) ||
           (node->kind == WEIR_PLAN_NET && (node->of.net.keeps || node->of.net.final));
}

static const char *over_bound(const struct weir_plan *plan, const struct weir_plan_node *node)
{
    const struct weir_plan_over *over = &node->of.over;
    if (over->emit == WEIR_EMIT_ON_CLOSE)
        return "time";
    if (over->partition_count == 0 && over->limit >= 0 && over->calls_count == 1 &&
        over->calls[0].function == WEIR_OVER_ROW_NUMBER && !node->inputs[0]->changelog)
        return "limit";
    if (plan->settings.updating_ttl_us > 0 && over->emit == WEIR_EMIT_CHANGES &&
        over->partition_count > 0)
        return "ttl";
    return node->inputs[0]->bounded ? "input" : "";
}

/* Whether the rows of an input do not grow without end. */
static bool side_ends(const struct weir_plan_node *node, uint32_t side)
{
    const struct weir_plan_join *join = &node->of.join;
    if (join->asof_by_right && join->asof == WEIR_ASOF_LATEST && side == 0)
        return true; /* they wait for a time */
    return join->sides[side].expires || node->inputs[side]->bounded;
}

static const char *join_bound(const struct weir_plan *plan, const struct weir_plan_node *node)
{
    const struct weir_plan_join *join = &node->of.join;
    if (join->lookup && !node->inputs[0]->changelog)
        return "cache";
    if (join->lookup)
        return plan->settings.updating_ttl_us > 0 ? "ttl" : node->inputs[0]->bounded ? "input" : "";
    /* Until it matches, a left row waits for a right one that may never come. */
    if (join->asof == WEIR_ASOF_LATEST && join->asof_timed)
        return "time";
    if (join->sides[0].expires && join->sides[1].expires)
        return "time";
    if (plan->settings.updating_ttl_us > 0 &&
        (!join->asof || join->asof_timed || join->asof_by_right))
        return "ttl";
    return side_ends(node, 0) && side_ends(node, 1) ? "input" : "";
}

static const char *change_bound(const struct weir_plan *plan, const struct weir_plan_node *node)
{
    bool final = node->kind == WEIR_PLAN_NORMALIZE ? node->of.normalize.final : node->of.net.final;
    if (plan->settings.updating_ttl_us > 0 && !final)
        return "ttl";
    return node->inputs[0]->bounded ? "input" : "";
}

const char *weir_plan_node_bound(const struct weir_plan *plan, const struct weir_plan_node *node)
{
    if (node->kind == WEIR_PLAN_JOIN)
        return join_bound(plan, node);
    if (node->kind == WEIR_PLAN_OVER)
        return over_bound(plan, node);
    if (node->kind == WEIR_PLAN_SORT)
        return node->of.sort.limit >= 0 ? "limit" : "input";
    if (node->kind == WEIR_PLAN_NORMALIZE || node->kind == WEIR_PLAN_NET)
        return change_bound(plan, node);
    if (node->kind == WEIR_PLAN_LATE)
        return "window";
    const struct weir_plan_aggregate *aggregate = &node->of.aggregate;
    bool on_attribute =
        aggregate->window.kind != WEIR_WINDOW_NONE && aggregate->window.time_column == UINT32_MAX;
    if (on_attribute && !aggregate->window.stays_open && aggregate->emit != WEIR_EMIT_FINAL)
        return "window";
    if (aggregate->keys_count == 0 && aggregate->window.kind == WEIR_WINDOW_NONE)
        return "one row";
    if (plan->settings.updating_ttl_us > 0 &&
        (aggregate->emit == WEIR_EMIT_CHANGES || aggregate->emit == WEIR_EMIT_EVERY))
        return "ttl";
    return node->inputs[0]->bounded ? "input" : "";
}

static void print_window_keys(const uint32_t *keys, uint32_t count,
                              const struct weir_plan_window *window,
                              const struct weir_schema *input, struct weir_buffer *out)
{
    for (uint32_t i = 0; i < count; i++) {
        weir_buffer_append_string(out, i ? ", " : "");
        plan_print_column(input, keys[i], out);
    }
    if (window->kind == WEIR_WINDOW_NONE)
        return;
    weir_buffer_append_string(out, count ? ", " : "");
    plan_print_window(window, input, out);
}

void weir_plan_print_node_keys(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_schema *input = &node->inputs[0]->schema;
    if (node->kind == WEIR_PLAN_JOIN) {
        plan_print_join_keys(node, out);
        return;
    }
    if (node->kind == WEIR_PLAN_OVER) {
        for (uint32_t i = 0; i < node->of.over.partition_count; i++) {
            weir_buffer_append_string(out, i ? ", " : "");
            plan_print_column(input, node->of.over.partition[i], out);
        }
        return;
    }
    if (node->kind == WEIR_PLAN_SORT) {
        plan_print_orders(node->of.sort.order, node->of.sort.order_count, &node->schema, out);
        return;
    }
    if (node->kind == WEIR_PLAN_NORMALIZE || node->kind == WEIR_PLAN_NET) {
        plan_print_change_keys(node, out);
        return;
    }
    if (node->kind == WEIR_PLAN_LATE)
        print_window_keys(node->of.late.keys, node->of.late.keys_count, &node->of.late.window,
                          input, out);
    else
        print_window_keys(node->of.aggregate.keys, node->of.aggregate.keys_count,
                          &node->of.aggregate.window, input, out);
}

/* ASOF: what time does not free. */
static void print_last_versions(const struct weir_plan *plan, struct weir_buffer *out)
{
    if (plan->settings.updating_ttl_us <= 0) {
        weir_buffer_append_string(out, ", the last one of each key on the right is kept");
        return;
    }
    weir_buffer_append_string(out, ", the last one of a key on the right when it is silent for ");
    plan_print_duration(plan->settings.updating_ttl_us, out);
}

static void print_unbounded(const struct weir_plan_node *node, struct weir_buffer *out)
{
    bool is_join = node->kind == WEIR_PLAN_JOIN && !node->of.join.lookup;
    weir_buffer_append_string(
        out, is_join && node->of.join.asof_by_right && side_ends(node, 0)
                 ? "unbounded: all versions"
             : is_join && side_ends(node, 0) ? "unbounded: all rows of the right input"
             : is_join && side_ends(node, 1) ? "unbounded: all rows of the left input"
             : is_join                       ? "unbounded: all rows of both inputs"
             : node->kind == WEIR_PLAN_OVER  ? "unbounded: all rows of all partitions"
             : node->kind == WEIR_PLAN_NET   ? "unbounded: all rows"
                                             : "unbounded: one row per distinct key");
}

static void print_bound(const struct weir_plan *plan, const struct weir_plan_node *node,
                        struct weir_buffer *out)
{
    struct weir_slice bound = weir_slice_from_string(weir_plan_node_bound(plan, node));
    if (weir_slice_equals_string(bound, "window")) {
        int64_t lateness_us = node->kind == WEIR_PLAN_LATE ? node->of.late.window.lateness_us
                              : node->kind == WEIR_PLAN_AGGREGATE
                                  ? node->of.aggregate.window.lateness_us
                                  : 0;
        weir_buffer_append_string(out, "freed when the watermark passes the window's end");
        if (lateness_us) {
            weir_buffer_append_string(out, " by ");
            plan_print_duration(lateness_us, out);
        }
    } else if (weir_slice_equals_string(bound, "cache")) {
        weir_buffer_append_string(out, "answers are kept as the options lookup.cache say");
    } else if (weir_slice_equals_string(bound, "one row")) {
        weir_buffer_append_string(out, "one row");
    } else if (weir_slice_equals_string(bound, "limit")) {
        int64_t most = node->kind == WEIR_PLAN_OVER ? node->of.over.limit
                                                    : node->of.sort.limit + node->of.sort.offset;
        weir_buffer_printf(out, "at most %" PRId64 " rows", most);
    } else if (weir_slice_equals_string(bound, "ttl")) {
        weir_buffer_append_string(out, "keys silent for ");
        plan_print_duration(plan->settings.updating_ttl_us, out);
        weir_buffer_append_string(out, " are forgotten");
    } else if (weir_slice_equals_string(bound, "time")) {
        weir_buffer_append_string(out,
                                  "rows are freed when the watermark says that they match no more");
        if (node->kind == WEIR_PLAN_JOIN && node->of.join.asof)
            print_last_versions(plan, out);
    } else if (weir_slice_equals_string(bound, "input")) {
        weir_buffer_append_string(out, node->kind == WEIR_PLAN_AGGREGATE ||
                                               node->kind == WEIR_PLAN_NORMALIZE
                                           ? "one row per distinct key of a bounded input"
                                           : "all rows of a bounded input");
    } else {
        print_unbounded(node, out);
    }
}

void weir_plan_print_node_state(const struct weir_plan *plan, const struct weir_plan_node *node,
                                struct weir_buffer *out)
{
    weir_buffer_printf(out, "%s #%u by ", weir_plan_kind_name(node->kind), node->id);
    size_t before = out->size;
    weir_plan_print_node_keys(node, out);
    if (out->size == before)
        weir_buffer_append_string(out, "nothing");
    weir_buffer_append_string(out, ": ");
    print_bound(plan, node, out);
}

void weir_plan_print_node_window(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_schema *input = &node->inputs[0]->schema;
    if (node->kind == WEIR_PLAN_AGGREGATE)
        plan_print_window(&node->of.aggregate.window, input, out);
    else
        weir_plan_print_node_keys(node, out);
}

void plan_print_state(const struct weir_plan *plan, struct weir_buffer *out)
{
    bool any = false;
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        const struct weir_plan_node *node = plan->nodes[i];
        if (!weir_plan_keeps_state(node))
            continue;
        any = true;
        weir_plan_print_node_state(plan, node, out);
        weir_buffer_append_char(out, '\n');
    }
    if (!any)
        weir_buffer_append_string(out, "no operator keeps state\n");
}

void plan_print_state_json(const struct weir_plan *plan, struct weir_buffer *out)
{
    uint32_t count = 0;
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        const struct weir_plan_node *node = plan->nodes[i];
        if (!weir_plan_keeps_state(node))
            continue;
        struct weir_buffer keys;
        weir_buffer_init(&keys, NULL);
        weir_plan_print_node_keys(node, &keys);
        weir_buffer_printf(out, "%s{\"id\":%u,\"kind\":\"%s\",\"keys\":", count++ ? "," : "",
                           node->id, weir_plan_kind_name(node->kind));
        weir_plan_json_string(weir_buffer_slice(&keys), out);
        const char *bound = weir_plan_node_bound(plan, node);
        weir_buffer_printf(out, ",\"bound\":");
        weir_plan_json_string(weir_slice_from_string(*bound ? bound : "none"), out);
        weir_buffer_append_char(out, '}');
        out->failed |= keys.failed;
        weir_buffer_deinit(&keys);
    }
    weir_buffer_append_string(out, "]\n");
}

/* ---------------------------------------------------------------- watermarks */

static bool reads_source(const struct weir_plan_node *node)
{
    return node->kind == WEIR_PLAN_SCAN && !node->of.scan.table->is_lookup;
}

void weir_plan_print_node_watermark(const struct weir_plan_node *node, struct weir_buffer *out)
{
    const struct weir_plan_scan *scan = &node->of.scan;
    plan_print_table_name(scan->table, out);
    if (!scan->event_time) {
        const struct weir_table *table = scan->table;
        weir_buffer_append_string(out, ": no event time is used");
        if (table->event_time_column != UINT32_MAX)
            weir_buffer_printf(
                out, " (declared: %.*s)",
                WEIR_SLICE_ARGS(table->schema.fields[table->event_time_column].name));
        return;
    }
    weir_buffer_append_string(out, ": event time ");
    weir_expr_print(scan->event_time, &scan->physical_schema, out);
    weir_buffer_append_string(out, ", watermark ");
    plan_print_watermark(scan, out);
    if (scan->table->idle_timeout_us >= 0) {
        weir_buffer_append_string(out, ", idle after ");
        plan_print_duration(scan->table->idle_timeout_us, out);
    }
    if (scan->table->allowed_lateness_us > 0) {
        weir_buffer_append_string(out, ", late rows wait ");
        plan_print_duration(scan->table->allowed_lateness_us, out);
    }
    if (scan->pane_us) {
        weir_buffer_append_string(out, ", cut every ");
        plan_print_duration(scan->pane_us, out);
    }
}

void plan_print_watermarks(const struct weir_plan *plan, struct weir_buffer *out)
{
    bool any = false;
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        if (!reads_source(plan->nodes[i]))
            continue;
        any = true;
        weir_plan_print_node_watermark(plan->nodes[i], out);
        weir_buffer_append_char(out, '\n');
    }
    if (!any)
        weir_buffer_append_string(out, "no sources\n");
}

void plan_print_watermarks_json(const struct weir_plan *plan, struct weir_buffer *out)
{
    uint32_t count = 0;
    weir_buffer_append_char(out, '[');
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        if (!reads_source(plan->nodes[i]))
            continue;
        const struct weir_plan_scan *scan = &plan->nodes[i]->of.scan;
        weir_buffer_append_string(out, count++ ? ",{\"table\":" : "{\"table\":");
        weir_plan_json_string(scan->table->name, out);
        if (scan->event_time) {
            struct weir_buffer text;
            weir_buffer_init(&text, NULL);
            weir_expr_print(scan->event_time, &scan->physical_schema, &text);
            weir_buffer_append_string(out, ",\"event_time\":");
            weir_plan_json_string(weir_buffer_slice(&text), out);
            weir_buffer_clear(&text);
            plan_print_watermark(scan, &text);
            weir_buffer_append_string(out, ",\"watermark\":");
            weir_plan_json_string(weir_buffer_slice(&text), out);
            weir_buffer_printf(out,
                               ",\"idle_timeout_us\":%" PRId64 ",\"allowed_lateness_us\":%" PRId64
                               ",\"pane_us\":%" PRId64,
                               scan->table->idle_timeout_us, scan->table->allowed_lateness_us,
                               scan->pane_us);
            out->failed |= text.failed;
            weir_buffer_deinit(&text);
        }
        weir_buffer_append_char(out, '}');
    }
    weir_buffer_append_string(out, "]\n");
}

/* ---------------------------------------------------------------- notes */

static void note_state(struct plan_binder *b, const struct weir_plan *plan)
{
    for (uint32_t i = 0; i < plan->nodes_count; i++) {
        const struct weir_plan_node *node = plan->nodes[i];
        if (!weir_plan_keeps_state(node) || weir_plan_node_bound(plan, node)[0])
            continue;
        struct weir_buffer keys;
        weir_buffer_init(&keys, NULL);
        weir_plan_print_node_keys(node, &keys);
        if (b->env->notes_json) {
            weir_buffer_printf(b->notes,
                               "{\"severity\":\"warning\",\"message\":\"unbounded state\","
                               "\"operator\":\"%s #%u\",\"keys\":",
                               weir_plan_kind_name(node->kind), node->id);
            weir_plan_json_string(weir_buffer_slice(&keys), b->notes);
            weir_buffer_append_string(b->notes, ",\"hint\":\"SET updating_ttl bounds it\"}\n");
        } else {
            plan_note(b,
                      "warning: unbounded state: %s #%u keeps one row per distinct %.*s; "
                      "SET updating_ttl bounds it",
                      weir_plan_kind_name(node->kind), node->id,
                      WEIR_SLICE_ARGS(weir_buffer_slice(&keys)));
        }
        weir_buffer_deinit(&keys);
    }
}

static void note_sinks(struct plan_binder *b, const struct weir_plan *plan)
{
    static const char *const guarantees[] = {"at least once", "exactly once (idempotent)",
                                             "exactly once (transactional)"};
    for (uint32_t i = 0; i < plan->sinks_count; i++) {
        const struct weir_table *table = plan->sinks[i]->of.sink.table;
        if (!table || !table->connector || !table->connector->sink)
            continue;
        const char *kind = plan->sinks[i]->changelog ? "changelog" : "append";
        const char *guarantee = guarantees[table->connector->sink->guarantee];
        if (!b->env->notes_json) {
            plan_note(b, "sink \"%.*s\": %s, %s", WEIR_SLICE_ARGS(table->name), kind, guarantee);
            continue;
        }
        weir_buffer_append_string(b->notes, "{\"severity\":\"note\",\"sink\":");
        weir_plan_json_string(table->name, b->notes);
        weir_buffer_printf(b->notes, ",\"rows\":\"%s\",\"guarantee\":\"%s\"}\n", kind, guarantee);
    }
}

void plan_write_notes(struct plan_binder *b, const struct weir_plan *plan)
{
    if (!b->notes)
        return;
    note_state(b, plan);
    note_sinks(b, plan);
}
