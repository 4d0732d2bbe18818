/* Columns that nobody uses are not made.
 *
 *     down   every relation is told which of its columns its consumers use, and whether any uses
 *            the hidden event time
 *     up     every relation is rebuilt with those columns; remap says where each one went
 *
 * What cannot be dropped stays: keys of an AGGREGATE, lists being unnested, all columns of a sink.
 * A scan left without columns still counts its rows. */
#include "plan/rules_internal.h"

static void require_all(struct plan_rel *rel)
{
    memset(rel->required, 1, rel->fields_count);
}

static void require_expr(struct plan_rel *rel, const struct weir_expr *expr)
{
    if (expr)
        plan_mark_columns(expr, rel->required, rel->fields_count);
}

static void require_compute(struct plan_rel *rel)
{
    struct plan_rel *input = rel->inputs[0];
    require_expr(input, rel->of.compute.predicate);
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (!rel->required[i])
            continue;
        if (rel->of.compute.projections)
            require_expr(input, rel->of.compute.projections[i]);
        else
            input->required[i] = true;
    }
}

/* The output column of call i. */
static uint32_t call_column(const struct weir_plan_aggregate *aggregate, uint32_t i)
{
    return aggregate->keys_count + (aggregate->window_output != PLAN_NONE) + i;
}

static void require_aggregate(struct plan_rel *rel)
{
    const struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    bool *required = rel->inputs[0]->required;
    for (uint32_t i = 0; i < aggregate->keys_count; i++)
        required[aggregate->keys[i]] = true;
    if (aggregate->window.kind && aggregate->window.time_column != PLAN_NONE)
        required[aggregate->window.time_column] = true;
    if (aggregate->window.kind && aggregate->window.time_column == PLAN_NONE)
        rel->inputs[0]->event_time_required = true;
    if (aggregate->window.kind == WEIR_WINDOW_COLUMNS)
        required[aggregate->window.start_column] = required[aggregate->window.end_column] = true;
    if (rel->of.aggregate.given_time != PLAN_NONE && !plan_carries_time(rel->inputs[0]))
        required[rel->of.aggregate.given_time] = true;
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        const struct weir_plan_aggregate_call *call = &aggregate->calls[i];
        if (!rel->required[call_column(aggregate, i)])
            continue;
        for (uint32_t k = 0; k < call->args_count; k++)
            required[call->args[k]] = true;
        for (uint32_t k = 0; k < call->order_count; k++)
            required[call->order[k].column] = true;
        if (call->filter != PLAN_NONE)
            required[call->filter] = true;
    }
}

static void require_passed(struct plan_rel *rel)
{
    struct plan_rel *input = rel->inputs[0];
    for (uint32_t i = 0; i < input->fields_count; i++)
        input->required[i] |= rel->required[i];
    if (rel->kind == WEIR_PLAN_UNNEST)
        for (uint32_t i = 0; i < rel->of.unnest.lists_count; i++)
            input->required[rel->of.unnest.lists[i]] = true;
    if (rel->kind == WEIR_PLAN_LATE && rel->of.late.window.kind == WEIR_WINDOW_COLUMNS) {
        input->required[rel->of.late.window.start_column] = true;
        input->required[rel->of.late.window.end_column] = true;
    }
    for (uint32_t i = 0; rel->kind == WEIR_PLAN_LATE && i < rel->of.late.keys_count; i++)
        input->required[rel->of.late.keys[i]] = true;
    if (rel->kind == WEIR_PLAN_PROCTIME)
        input->required[rel->of.proctime.column] = true;
    if (rel->kind == WEIR_PLAN_SORT)
        for (uint32_t i = 0; i < rel->of.sort.order_count; i++)
            input->required[rel->of.sort.order[i].column] = true;
}

/* Columns of pairs: the first ones are the left input's. */
static void require_pairs(struct plan_rel *rel, const struct weir_expr *expr)
{
    uint32_t left = rel->inputs[0]->fields_count;
    if (expr->kind == WEIR_EXPR_COLUMN) {
        uint32_t side = expr->index >= left;
        rel->inputs[side]->required[expr->index - (side ? left : 0)] = true;
    }
    for (uint32_t i = 0; i < expr->args_count; i++)
        require_pairs(rel, expr->args[i]);
}

static void require_join(struct plan_rel *rel)
{
    const struct weir_plan_join *join = &rel->of.join;
    uint32_t left = rel->inputs[0]->fields_count;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (rel->required[i])
            rel->inputs[i >= left]->required[i >= left ? i - left : i] = true;
    if (join->condition)
        require_pairs(rel, join->condition);
    for (uint32_t side = 0; side < 2; side++) {
        struct plan_rel *input = rel->inputs[side];
        for (uint32_t k = 0; k < join->keys_count; k++)
            input->required[join->sides[side].keys[k]] = true;
        require_expr(input, join->sides[side].expires);
        require_expr(input, join->sides[side].late);
        require_expr(input, join->sides[side].at);
        bool timed = join->asof_timed || join->sides[0].expires || join->sides[1].expires;
        input->event_time_required |= timed || (side == 1 && join->asof_by_right);
    }
}

static void require_over(struct plan_rel *rel)
{
    const struct weir_plan_over *over = &rel->of.over;
    struct plan_rel *input = rel->inputs[0];
    for (uint32_t i = 0; i < input->fields_count; i++)
        input->required[i] |= rel->required[i];
    for (uint32_t i = 0; i < over->partition_count; i++)
        input->required[over->partition[i]] = true;
    for (uint32_t i = 0; i < over->order_count; i++)
        input->required[over->order[i].column] = true;
    for (uint32_t i = 0; i < over->calls_count; i++) {
        const struct weir_plan_over_call *call = &over->calls[i];
        for (uint32_t k = 0; k < call->args_count; k++)
            input->required[call->args[k]] = true;
        const uint32_t columns[] = {call->filter, call->frame.start.limit_column,
                                    call->frame.end.limit_column};
        for (size_t k = 0; k < WEIR_COUNT_OF(columns); k++)
            if (columns[k] != PLAN_NONE)
                input->required[columns[k]] = true;
    }
    require_expr(input, over->expires);
    input->event_time_required |= input->event_time_type != NULL; /* ties go by it */
}

static void require(struct plan_rel *rel)
{
    switch (rel->kind) {
    case WEIR_PLAN_JOIN:
        require_join(rel);
        break;
    case WEIR_PLAN_OVER:
        require_over(rel);
        break;
    case WEIR_PLAN_SINK:
        require_all(rel->inputs[0]);
        break;
    case WEIR_PLAN_COMPUTE:
        require_compute(rel);
        break;
    case WEIR_PLAN_AGGREGATE:
        require_aggregate(rel);
        break;
    case WEIR_PLAN_LATE: /* its window is over the event time */
        require_passed(rel);
        rel->inputs[0]->event_time_required = true;
        break;
    case WEIR_PLAN_PROCTIME:
    case WEIR_PLAN_UNNEST:
    case WEIR_PLAN_SORT:
    case WEIR_PLAN_LIMIT:
        require_passed(rel);
        break;
    case WEIR_PLAN_UNION:
        for (uint32_t i = 0; i < rel->inputs_count; i++)
            for (uint32_t c = 0; c < rel->fields_count; c++)
                rel->inputs[i]->required[c] |= rel->required[c];
        break;
    default:
        break;
    }
    bool passes = rel->kind != WEIR_PLAN_AGGREGATE && rel->kind != WEIR_PLAN_SINK &&
                  rel->kind != WEIR_PLAN_PROCTIME;
    for (uint32_t i = 0; passes && i < rel->inputs_count; i++)
        rel->inputs[i]->event_time_required |= rel->event_time_required;
}

/* ---------------------------------------------------------------- rebuilding */

/* Keeps the required output columns: fields and remap. */
static bool keep_required(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, rel->fields_count + 1);
    if (!fields)
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        rel->remap[i] = rel->required[i] ? kept : PLAN_NONE;
        if (rel->required[i])
            fields[kept++] = rel->fields[i];
    }
    rel->fields = fields;
    rel->fields_count = kept;
    return true;
}

/* Output = all that is left of the input. */
static bool follow_input(struct plan_binder *b, struct plan_rel *rel, uint32_t input_columns)
{
    const struct plan_rel *input = rel->inputs[0];
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, input->fields_count + 1);
    if (!fields)
        return false;
    memcpy(fields, input->fields, input->fields_count * sizeof *fields);
    for (uint32_t i = 0; i < input_columns; i++) {
        rel->remap[i] = input->remap[i];
        if (input->remap[i] != PLAN_NONE)
            fields[input->remap[i]].name = rel->fields[i].name;
    }
    rel->fields = fields;
    rel->fields_count = input->fields_count;
    return true;
}

static bool renumber_expr(struct plan_binder *b, const struct weir_expr **expr,
                          const uint32_t *remap)
{
    if (!*expr)
        return true;
    *expr = plan_renumber(b->arena, *expr, remap);
    if (!*expr)
        plan_out_of_memory(b);
    return *expr != NULL;
}

static bool rebuild_compute(struct plan_binder *b, struct plan_rel *rel)
{
    const uint32_t *remap = rel->inputs[0]->remap;
    struct weir_plan_compute *compute = &rel->of.compute;
    if (!renumber_expr(b, &compute->predicate, remap))
        return false;
    if (!compute->projections)
        return follow_input(b, rel, rel->fields_count);
    const struct weir_expr **kept = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    if (!kept)
        return false;
    uint32_t count = 0;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        if (!rel->required[i])
            continue;
        kept[count] = compute->projections[i];
        if (!renumber_expr(b, &kept[count++], remap))
            return false;
    }
    compute->projections = kept;
    return keep_required(b, rel);
}

static bool rebuild_call(struct plan_binder *b, struct weir_plan_aggregate_call *call,
                         const uint32_t *remap)
{
    uint32_t *args = PLAN_ARRAY(b, uint32_t, call->args_count + 1);
    struct weir_plan_order *order = PLAN_ARRAY(b, struct weir_plan_order, call->order_count + 1);
    if (!args || !order)
        return false;
    for (uint32_t k = 0; k < call->args_count; k++)
        args[k] = remap[call->args[k]];
    for (uint32_t k = 0; k < call->order_count; k++)
        order[k] = (struct weir_plan_order){remap[call->order[k].column], call->order[k].order};
    call->args = args;
    call->order = order;
    if (call->filter != PLAN_NONE)
        call->filter = remap[call->filter];
    return true;
}

static bool rebuild_aggregate(struct plan_binder *b, struct plan_rel *rel)
{
    const uint32_t *remap = rel->inputs[0]->remap;
    struct weir_plan_aggregate *aggregate = &rel->of.aggregate.physical;
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, aggregate->keys_count + 1);
    struct weir_plan_aggregate_call *calls =
        PLAN_ARRAY(b, struct weir_plan_aggregate_call, aggregate->calls_count + 1);
    if (!keys || !calls)
        return false;
    for (uint32_t i = 0; i < aggregate->keys_count; i++)
        keys[i] = remap[aggregate->keys[i]];
    uint32_t calls_count = 0;
    uint32_t first_call = call_column(aggregate, 0);
    for (uint32_t i = 0; i < aggregate->calls_count; i++) {
        if (!rel->required[first_call + i])
            continue;
        calls[calls_count] = aggregate->calls[i];
        if (!rebuild_call(b, &calls[calls_count++], remap))
            return false;
    }
    for (uint32_t i = 0; i < first_call; i++)
        if (i != aggregate->window_output)
            rel->required[i] = true;
    if (aggregate->window_output != PLAN_NONE && !rel->required[aggregate->window_output])
        aggregate->window_output = PLAN_NONE;
    if (aggregate->window.kind && aggregate->window.time_column != PLAN_NONE)
        aggregate->window.time_column = remap[aggregate->window.time_column];
    if (aggregate->window.kind == WEIR_WINDOW_COLUMNS) {
        aggregate->window.start_column = remap[aggregate->window.start_column];
        aggregate->window.end_column = remap[aggregate->window.end_column];
    }
    if (rel->of.aggregate.given_time != PLAN_NONE)
        rel->of.aggregate.given_time = remap[rel->of.aggregate.given_time];
    aggregate->keys = keys;
    aggregate->calls = calls;
    aggregate->calls_count = calls_count;
    return keep_required(b, rel);
}

static bool rebuild_scan(struct plan_binder *b, struct plan_rel *rel)
{
    uint32_t *columns = PLAN_ARRAY(b, uint32_t, rel->fields_count + 1);
    if (!columns)
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (rel->required[i])
            columns[kept++] = rel->of.scan.columns[i];
    rel->of.scan.columns = columns;
    return keep_required(b, rel);
}

static bool rebuild_values(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_column *columns = PLAN_ARRAY(b, struct weir_column, rel->fields_count + 1);
    if (!columns)
        return false;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < rel->fields_count; i++)
        if (rel->required[i])
            columns[kept++] = rel->of.values.columns[i];
    rel->of.values.columns = columns;
    return keep_required(b, rel);
}

/* Output = all that is left of the input, then `added` columns, all of which stay. */
static bool follow_input_and_more(struct plan_binder *b, struct plan_rel *rel, uint32_t added)
{
    const struct plan_rel *input = rel->inputs[0];
    uint32_t before = rel->fields_count - added;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, input->fields_count + added);
    if (!fields)
        return false;
    memcpy(fields, input->fields, input->fields_count * sizeof *fields);
    memcpy(fields + input->fields_count, rel->fields + before, added * sizeof *fields);
    for (uint32_t i = 0; i < rel->fields_count; i++)
        rel->remap[i] = i < before ? input->remap[i] : input->fields_count + i - before;
    rel->fields = fields;
    rel->fields_count = input->fields_count + added;
    return true;
}

static bool rebuild_unnest(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_unnest *unnest = &rel->of.unnest;
    uint32_t *lists = PLAN_ARRAY(b, uint32_t, unnest->lists_count);
    if (!lists)
        return false;
    for (uint32_t i = 0; i < unnest->lists_count; i++)
        lists[i] = rel->inputs[0]->remap[unnest->lists[i]];
    unnest->lists = lists;
    return follow_input_and_more(b, rel, unnest->lists_count + unnest->with_ordinality);
}

static bool rebuild_sort(struct plan_binder *b, struct plan_rel *rel)
{
    const uint32_t *remap = rel->inputs[0]->remap;
    struct weir_plan_order *order = PLAN_ARRAY(b, struct weir_plan_order, rel->of.sort.order_count);
    if (!order)
        return false;
    for (uint32_t i = 0; i < rel->of.sort.order_count; i++)
        order[i] = (struct weir_plan_order){remap[rel->of.sort.order[i].column],
                                            rel->of.sort.order[i].order};
    rel->of.sort.order = order;
    return follow_input(b, rel, rel->fields_count);
}

/* An input of UNION that kept other columns, or another order, gets a projection. */
static struct plan_rel *align(struct plan_binder *b, const struct plan_rel *rel,
                              struct plan_rel *input, uint32_t columns)
{
    uint32_t kept = 0;
    bool aligned = true;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, columns + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t c = 0; c < columns; c++) {
        if (!rel->required[c])
            continue;
        aligned &= input->remap[c] == kept;
        names[kept] = rel->fields[c].name;
        exprs[kept] = plan_rel_column(b, input, input->remap[c], rel->position);
        if (!exprs[kept++])
            return NULL;
    }
    if (aligned && input->fields_count == kept)
        return input;
    struct plan_rel *made = plan_rel_compute(b, input, NULL, exprs, names, kept, rel->position);
    if (made)
        made->event_time_required = input->event_time_required;
    return made;
}

static bool rebuild_union(struct plan_binder *b, struct plan_rel *rel)
{
    uint32_t columns = rel->fields_count;
    for (uint32_t i = 0; i < rel->inputs_count; i++) {
        rel->inputs[i] = align(b, rel, rel->inputs[i], columns);
        if (!rel->inputs[i])
            return false;
    }
    return keep_required(b, rel);
}

/* All that is left of the inputs stays in the output. */
static bool rebuild_join(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_join *join = &rel->of.join;
    struct plan_rel *const *inputs = rel->inputs;
    uint32_t left = inputs[0]->fields_before, right = inputs[1]->fields_before;
    uint32_t kept_left = inputs[0]->fields_count;
    uint32_t kept_right = join->kind == WEIR_JOIN_PAIRS ? inputs[1]->fields_count : 0;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, kept_left + kept_right + 1);
    uint32_t *map = PLAN_ARRAY(b, uint32_t, left + right + 1);
    if (!fields || !map)
        return false;
    for (uint32_t i = 0; i < left + right; i++) {
        uint32_t at = i < left ? inputs[0]->remap[i] : inputs[1]->remap[i - left];
        map[i] = at == PLAN_NONE || i < left ? at : at + kept_left;
    }
    for (uint32_t i = 0; i < kept_left + kept_right; i++)
        fields[i] = i < kept_left ? inputs[0]->fields[i] : inputs[1]->fields[i - kept_left];
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        rel->remap[i] = map[i];
        if (map[i] != PLAN_NONE)
            fields[map[i]] = rel->fields[i];
    }
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t *keys = PLAN_ARRAY(b, uint32_t, join->keys_count + 1);
        if (!keys)
            return false;
        for (uint32_t k = 0; k < join->keys_count; k++)
            keys[k] = inputs[side]->remap[join->sides[side].keys[k]];
        join->sides[side].keys = keys;
        if (!renumber_expr(b, &join->sides[side].expires, inputs[side]->remap) ||
            !renumber_expr(b, &join->sides[side].late, inputs[side]->remap) ||
            !renumber_expr(b, &join->sides[side].at, inputs[side]->remap))
            return false;
    }
    rel->fields = fields;
    rel->fields_count = kept_left + kept_right;
    return renumber_expr(b, &join->condition, map);
}

/* What is left of the input, then all calls. */
static bool rebuild_over(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_over *over = &rel->of.over;
    const struct plan_rel *input = rel->inputs[0];
    uint32_t before = input->fields_before, kept = input->fields_count;
    uint32_t *partition = PLAN_ARRAY(b, uint32_t, over->partition_count + 1);
    struct weir_plan_order *order = PLAN_ARRAY(b, struct weir_plan_order, over->order_count + 1);
    struct weir_plan_over_call *calls =
        PLAN_ARRAY(b, struct weir_plan_over_call, over->calls_count + 1);
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, kept + over->calls_count + 1);
    if (!partition || !order || !calls || !fields)
        return false;
    for (uint32_t i = 0; i < over->partition_count; i++)
        partition[i] = input->remap[over->partition[i]];
    for (uint32_t i = 0; i < over->order_count; i++)
        order[i] =
            (struct weir_plan_order){input->remap[over->order[i].column], over->order[i].order};
    over->hides_rank = over->limit >= 0 && over->calls_count == 1 && !rel->required[before];
    for (uint32_t i = 0; i < over->calls_count; i++) {
        struct weir_plan_over_call *call = &calls[i];
        *call = over->calls[i];
        uint32_t *args = PLAN_ARRAY(b, uint32_t, call->args_count + 1);
        uint32_t *columns[] = {&call->filter, &call->frame.start.limit_column,
                               &call->frame.end.limit_column};
        if (!args)
            return false;
        for (uint32_t k = 0; k < call->args_count; k++)
            args[k] = input->remap[call->args[k]];
        for (size_t k = 0; k < WEIR_COUNT_OF(columns); k++)
            if (*columns[k] != PLAN_NONE)
                *columns[k] = input->remap[*columns[k]];
        call->args = args;
    }
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        rel->remap[i] = i < before         ? input->remap[i]
                        : over->hides_rank ? PLAN_NONE
                                           : kept + i - before;
        if (rel->remap[i] != PLAN_NONE)
            fields[rel->remap[i]] = rel->fields[i];
    }
    over->partition = partition;
    over->order = order;
    over->calls = calls;
    rel->fields = fields;
    rel->fields_count = kept + (over->hides_rank ? 0 : over->calls_count);
    return renumber_expr(b, &over->expires, input->remap);
}

static bool rebuild_late(struct plan_binder *b, struct plan_rel *rel)
{
    const uint32_t *remap = rel->inputs[0]->remap;
    struct weir_plan_late *late = &rel->of.late;
    uint32_t *keys = PLAN_ARRAY(b, uint32_t, late->keys_count + 1);
    if (!keys)
        return false;
    for (uint32_t i = 0; i < late->keys_count; i++)
        keys[i] = remap[late->keys[i]];
    late->keys = keys;
    if (late->window.kind == WEIR_WINDOW_COLUMNS) {
        late->window.start_column = remap[late->window.start_column];
        late->window.end_column = remap[late->window.end_column];
    }
    return follow_input_and_more(b, rel, WEIR_PLAN_LATE_COLUMNS);
}

/* UNNEST hands its lists on with every element. An operator that keeps rows would keep them as
 * often, n elements n times: it gets the columns that are wanted, no more. */
static struct plan_rel *without_lists(struct plan_binder *b, struct plan_rel *input)
{
    uint32_t columns = input->fields_before, kept = 0;
    if (input->kind != WEIR_PLAN_UNNEST)
        return input;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, columns + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, columns + 1);
    uint32_t *remap = PLAN_ARRAY(b, uint32_t, columns + 1);
    if (!exprs || !names || !remap)
        return NULL;
    for (uint32_t c = 0; c < columns; c++) {
        remap[c] = PLAN_NONE;
        if (!input->required[c])
            continue;
        names[kept] = input->fields[input->remap[c]].name;
        exprs[kept] = plan_rel_column(b, input, input->remap[c], input->position);
        if (!exprs[kept])
            return NULL;
        remap[c] = kept++;
    }
    if (kept == input->fields_count)
        return input;
    struct plan_rel *made = plan_rel_compute(b, input, NULL, exprs, names, kept, input->position);
    if (!made)
        return NULL;
    made->required = input->required;
    made->remap = remap;
    made->fields_before = columns;
    made->event_time_required = input->event_time_required;
    return made;
}

static bool keeps_rows(const struct plan_rel *rel)
{
    return rel->kind == WEIR_PLAN_JOIN || rel->kind == WEIR_PLAN_OVER ||
           rel->kind == WEIR_PLAN_SORT;
}

static bool rebuild(struct plan_binder *b, struct plan_rel *rel)
{
    for (uint32_t i = 0; keeps_rows(rel) && i < rel->inputs_count; i++) {
        rel->inputs[i] = without_lists(b, rel->inputs[i]);
        if (!rel->inputs[i])
            return false;
    }
    switch (rel->kind) {
    case WEIR_PLAN_JOIN:
        return rebuild_join(b, rel);
    case WEIR_PLAN_OVER:
        return rebuild_over(b, rel);
    case WEIR_PLAN_SCAN:
        return rebuild_scan(b, rel);
    case WEIR_PLAN_VALUES:
        return rebuild_values(b, rel);
    case WEIR_PLAN_COMPUTE:
        return rebuild_compute(b, rel);
    case WEIR_PLAN_AGGREGATE:
        return rebuild_aggregate(b, rel);
    case WEIR_PLAN_LATE:
        return rebuild_late(b, rel);
    case WEIR_PLAN_UNNEST:
        return rebuild_unnest(b, rel);
    case WEIR_PLAN_SORT:
        return rebuild_sort(b, rel);
    case WEIR_PLAN_LIMIT:
        return follow_input(b, rel, rel->fields_count);
    case WEIR_PLAN_PROCTIME:
        rel->of.proctime.column = rel->inputs[0]->remap[rel->of.proctime.column];
        return follow_input(b, rel, rel->fields_count);
    case WEIR_PLAN_UNION:
        return rebuild_union(b, rel);
    case WEIR_PLAN_SERIES:
        for (uint32_t i = 0; i < rel->fields_count; i++)
            rel->remap[i] = i;
        return true;
    case WEIR_PLAN_NORMALIZE: /* physical.c makes them */
    case WEIR_PLAN_NET:
        return true;
    case WEIR_PLAN_SINK:
        rel->fields = rel->inputs[0]->fields;
        rel->fields_count = rel->inputs[0]->fields_count;
        return true;
    }
    return true;
}

/* The input of a sink kept columns that another consumer needs: project them away. */
static bool align_sink(struct plan_binder *b, struct plan_rel *sink, uint32_t columns)
{
    struct plan_rel *input = sink->inputs[0];
    sink->required = PLAN_ARRAY(b, bool, columns + 1);
    if (!sink->required)
        return false;
    memset(sink->required, 1, columns);
    sink->inputs[0] = align(b, sink, input, columns);
    return sink->inputs[0] != NULL;
}

bool plan_rules_prune(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        rel->required = PLAN_ARRAY(b, bool, rel->fields_count + 1);
        rel->remap = PLAN_ARRAY(b, uint32_t, rel->fields_count + 1);
        rel->fields_before = rel->fields_count;
        rel->event_time_required = false;
        if (!rel->required || !rel->remap)
            return false;
    }
    for (uint32_t i = all.count; i-- > 0;)
        require(all.items[i]);
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        uint32_t columns = rel->fields_count;
        if (rel->kind == WEIR_PLAN_SINK && !align_sink(b, rel, columns))
            return false;
        if (!rebuild(b, rel))
            return false;
    }
    return true;
}
