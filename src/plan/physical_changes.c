/* Tables of changes, and sinks of changes, in the physical plan.
 *
 *     with a PRIMARY KEY     SCAN (events) ─▶ NORMALIZE ─▶ COMPUTE     what the scan was to filter
 *                                                                     and project comes behind
 *     without                SCAN (weights)                           the old rows are in the data
 *     only the end counts    … NORMALIZE or NET, final: from there on rows have no weights
 *
 * Before a sink a NET sums the changes of each step, unless what is below does. It also brings
 * together what goes and what comes of a key, for formats that tell updates or upserts from them,
 * and makes a key of the user's unique where the plan cannot promise it.
 *
 * Around joins without keys, and from there on up, a NET sums them, too: a row of one side may take
 * every row of the other away, and the next one bring them back. What is above would do the same
 * with each of these, and what is above that with each of those. */
#include "plan/physical_internal.h"

static struct weir_plan_node *new_above(struct lowering *l, enum weir_plan_kind kind,
                                        const struct weir_plan_node *input)
{
    struct weir_plan_node *node = PLAN_NEW(l->b, struct weir_plan_node);
    const struct weir_plan_node **inputs = PLAN_ARRAY(l->b, const struct weir_plan_node *, 1);
    if (!node || !inputs)
        return NULL;
    inputs[0] = input;
    node->kind = kind;
    node->inputs = inputs;
    node->inputs_count = 1;
    node->schema = input->schema;
    node->bounded = input->bounded;
    node->changelog = true;
    return node;
}

static const struct weir_plan_node *net_at_end(struct lowering *l,
                                               const struct weir_plan_node *scan)
{
    struct weir_plan_node *node = scan ? new_above(l, WEIR_PLAN_NET, scan) : NULL;
    if (!node)
        return NULL;
    node->of.net.final = true;
    node->changelog = false;
    return plan_finish_node(l, node);
}

/* The scan's rows by key. */
static const struct weir_plan_node *normalize(struct lowering *l, const struct weir_plan_node *scan,
                                              const uint32_t *map, bool final)
{
    const struct weir_table *table = scan->of.scan.table;
    struct weir_plan_node *node = new_above(l, WEIR_PLAN_NORMALIZE, scan);
    uint32_t *keys = PLAN_ARRAY(l->b, uint32_t, table->primary_key_count + 1);
    if (!node || !keys)
        return NULL;
    for (uint32_t i = 0; i < table->primary_key_count; i++)
        keys[i] = map[table->primary_key[i]];
    node->of.normalize = (struct weir_plan_normalize){
        .keys = keys, .keys_count = table->primary_key_count, .final = final};
    node->changelog = !final;
    return plan_finish_node(l, node);
}

const struct weir_plan_node *plan_lower_changes(struct lowering *l, struct weir_plan_node *scan,
                                                const uint32_t *map, bool final)
{
    struct weir_plan_scan *description = &scan->of.scan;
    if (!description->table->upserts) {
        const struct weir_plan_node *node = plan_finish_node(l, scan);
        return final ? net_at_end(l, node) : node;
    }
    const struct weir_plan_compute compute = {description->predicate, description->projections};
    struct weir_schema output = scan->schema;
    description->predicate = NULL;
    description->projections = NULL;
    scan->schema = description->physical_schema;
    const struct weir_plan_node *below = plan_finish_node(l, scan);
    below = below ? normalize(l, below, map, final) : NULL;
    if (!below || (!compute.predicate && !compute.projections))
        return below;
    struct weir_plan_node *node = new_above(l, WEIR_PLAN_COMPUTE, below);
    if (!node)
        return NULL;
    node->changelog = below->changelog;
    node->schema = output;
    node->of.compute = compute;
    return plan_finish_node(l, node);
}

/* ---------------------------------------------------------------- steps */

/* A batch of the input is a step's only one, all the way down. Watermarks cut batches. */
static bool is_one_push(const struct weir_plan_node *node)
{
    switch (node->kind) {
    case WEIR_PLAN_SCAN:
        return !node->has_event_time;
    case WEIR_PLAN_COMPUTE:
    case WEIR_PLAN_NORMALIZE:
    case WEIR_PLAN_AGGREGATE:
    case WEIR_PLAN_OVER:
        return is_one_push(node->inputs[0]);
    default:
        return false;
    }
}

/* No column of the input is lost. */
static bool keeps_all(const struct weir_plan_node *node)
{
    const struct weir_expr *const *projections = node->of.compute.projections;
    for (uint32_t c = 0; projections && c < node->inputs[0]->schema.fields_count; c++) {
        uint32_t at = 0;
        while (at < node->schema.fields_count &&
               (projections[at]->kind != WEIR_EXPR_COLUMN || projections[at]->index != c))
            at++;
        if (at == node->schema.fields_count)
            return false;
    }
    return true;
}

/* A step's changes come out summed already. */
static bool is_net(const struct weir_plan_node *node)
{
    if (node->kind == WEIR_PLAN_COMPUTE)
        return keeps_all(node) && is_net(node->inputs[0]);
    return (node->kind == WEIR_PLAN_AGGREGATE || node->kind == WEIR_PLAN_NORMALIZE ||
            node->kind == WEIR_PLAN_OVER) &&
           is_one_push(node->inputs[0]);
}

static bool looks_at_pairs(enum weir_plan_kind kind, const struct weir_plan_join *join)
{
    return kind == WEIR_PLAN_JOIN && join->keys_count == 0 && !join->lookup && !join->asof;
}

bool plan_is_restless(const struct lowering *l, const struct weir_plan_node *node)
{
    bool any = looks_at_pairs(node->kind, &node->of.join);
    for (uint32_t i = 0; i < node->inputs_count && !any; i++)
        any = l->restless.items[node->inputs[i]->id] != NULL;
    return any && node->changelog;
}

bool plan_lower_settled(struct lowering *l, const struct plan_rel *rel,
                        const struct weir_plan_node **inputs)
{
    bool by_pairs = looks_at_pairs(rel->kind, &rel->of.join);
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        const struct weir_plan_node *input = inputs[i];
        bool settles = l->restless.items[input->id] || (by_pairs && !is_one_push(input));
        if (!settles || !input->changelog || input->has_event_time || input->kind == WEIR_PLAN_NET)
            continue;
        struct weir_plan_node *net = new_above(l, WEIR_PLAN_NET, input);
        inputs[i] = net ? plan_finish_node(l, net) : NULL;
        if (!inputs[i])
            return false;
    }
    return true;
}

/* ---------------------------------------------------------------- sinks */

static bool is_subset(const uint32_t *keys, uint32_t count, const uint32_t *of, uint32_t of_count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = 0;
        while (at < of_count && of[at] != keys[i])
            at++;
        if (at == of_count)
            return false;
    }
    return true;
}

bool plan_lower_net(struct lowering *l, struct weir_plan_node *sink)
{
    const struct weir_table *table = sink->of.sink.table;
    const struct weir_plan_node *input = sink->inputs[0];
    struct weir_plan_net net = {.latest = table && table->sink_upserts};
    if (table && table->connector && table->connector->sink &&
        table->connector->sink->takes == WEIR_SINK_BATCHES)
        return true; /* it understands weights: nothing is shown */
    net.has_key = plan_unique_key(l->b, input, &net.keys, &net.keys_count);
    if (table && table->primary_key_count && (table->sink_upserts || table->sink_pairs)) {
        net.keeps = !net.has_key || !is_subset(net.keys, net.keys_count, table->primary_key,
                                               table->primary_key_count);
        net.keys = table->primary_key;
        net.keys_count = table->primary_key_count;
        net.has_key = true;
    }
    sink->of.sink.keys = net.keys;
    sink->of.sink.keys_count = net.has_key ? net.keys_count : 0;
    sink->of.sink.has_key = net.has_key;
    if (l->b->out_of_memory)
        return false;
    if (is_net(input) && !(table && (table->sink_upserts || table->sink_pairs)))
        return true;
    struct weir_plan_node *node = new_above(l, WEIR_PLAN_NET, input);
    if (!node)
        return false;
    if (!net.has_key)
        net.keys_count = 0;
    node->of.net = net;
    const struct weir_plan_node *made = plan_finish_node(l, node);
    if (!made)
        return false;
    const struct weir_plan_node **inputs = PLAN_ARRAY(l->b, const struct weir_plan_node *, 1);
    if (!inputs)
        return false;
    inputs[0] = made;
    sink->inputs = inputs;
    return true;
}
