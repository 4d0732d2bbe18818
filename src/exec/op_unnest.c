/* UNNEST: a row per element of lists, side by side.
 *
 *     a  list        a  element          two lists side by side: as many rows as the longer one
 *     1  {x,y}  ─▶   1  x                has, the shorter is filled up with nulls; keep_empty gives
 *     2  {}          1  y                one row of nulls where there are no elements
 *
 * Input columns are taken lane by lane, elements gathered from the children; text is shared with
 * the input, which the output holds. A batch may expand to many: the place reached is kept. */
#include "exec/exec_internal.h"

struct unnest {
    const struct weir_plan_node *node;
    struct weir_operator_env env;
    struct weir_batch *out;
    uint32_t next_row;     /* of the batch at hand: i-th live row */
    uint32_t next_element; /* in it */
    uint16_t *lanes;       /* per output row: input lane */
    uint32_t *elements;    /* per output row: element number; UINT32_MAX: a row of nulls */
    uint32_t *gather;      /* per output row: lane of a child */
};

static void unnest_close(void *state)
{
    struct unnest *unnest = state;
    weir_batch_release(unnest->out);
    weir_free(unnest->lanes);
    weir_free(unnest->elements);
    weir_free(unnest->gather);
    exec_state_destroy(&unnest->env, unnest, sizeof *unnest);
}

static enum weir_status unnest_open(const void *description, const struct weir_operator_env *env,
                                    void **state, struct weir_error *error)
{
    WEIR_TRY(exec_state_create(env, sizeof(struct unnest), state, error));
    struct unnest *unnest = *state;
    unnest->node = description;
    unnest->env = *env;
    unnest->lanes = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *unnest->lanes);
    unnest->elements = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *unnest->elements);
    unnest->gather = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *unnest->gather);
    if (unnest->lanes && unnest->elements && unnest->gather)
        return WEIR_OK;
    (void)weir_error_set_out_of_memory(error);
    (void)exec_open_failed(env, WEIR_E_OUT_OF_MEMORY, error);
    unnest_close(unnest);
    *state = NULL;
    return WEIR_E_OUT_OF_MEMORY;
}

static struct weir_list_entry entry_of(const struct weir_column *column, uint32_t lane)
{
    if (weir_column_is_null(column, lane))
        return (struct weir_list_entry){0, 0};
    return ((const struct weir_list_entry *)column->values)[weir_column_index(column, lane)];
}

static uint32_t elements_count(const struct unnest *unnest, const struct weir_batch *batch,
                               uint32_t lane)
{
    const struct weir_plan_unnest *plan = &unnest->node->of.unnest;
    uint32_t count = 0;
    for (uint32_t i = 0; i < plan->lists_count; i++) {
        struct weir_list_entry entry = entry_of(&batch->columns[plan->lists[i]], lane);
        if (entry.count > count)
            count = entry.count;
    }
    return count;
}

/* Where one output batch ends. */
struct place {
    uint32_t row, element;
};

/* Lists the next output rows in lanes and elements; *after is where the following batch begins. */
static uint32_t plan_rows(struct unnest *unnest, const struct weir_batch *batch,
                          struct place *after)
{
    uint32_t limit = exec_batch_rows(&unnest->env), count = 0;
    struct place at = {unnest->next_row, unnest->next_element};
    while (at.row < batch->selected_count && count < limit) {
        uint32_t lane = weir_batch_lane(batch, at.row);
        uint32_t size = elements_count(unnest, batch, lane);
        if (size == 0 && unnest->node->of.unnest.keep_empty) {
            unnest->lanes[count] = (uint16_t)lane;
            unnest->elements[count++] = UINT32_MAX;
        }
        for (; at.element < size && count < limit; at.element++) {
            unnest->lanes[count] = (uint16_t)lane;
            unnest->elements[count++] = at.element;
        }
        if (at.element < size)
            break;
        at = (struct place){at.row + 1, 0};
    }
    *after = at;
    return count;
}

static enum weir_status gather_elements(struct unnest *unnest, const struct weir_column *list,
                                        uint32_t count, struct weir_arena *arena,
                                        struct weir_column *out, struct weir_error *error)
{
    const struct weir_column *child = list->children;
    uint64_t *validity = NULL;
    if (!child || child->rows_count == 0) {
        *out = weir_column_nulls(out->type, count);
        return WEIR_OK;
    }
    validity = weir_arena_alloc(arena, weir_validity_words(count) * sizeof *validity, 64);
    if (!validity)
        return weir_budget_error(arena->budget, error);
    memset(validity, 0, weir_validity_words(count) * sizeof *validity);
    for (uint32_t i = 0; i < count; i++) {
        struct weir_list_entry entry = entry_of(list, unnest->lanes[i]);
        bool inside = unnest->elements[i] < entry.count;
        unnest->gather[i] = inside ? entry.offset + unnest->elements[i] : 0;
        if (inside && !weir_column_is_null(child, unnest->gather[i]))
            weir_bit_set(validity, i);
    }
    WEIR_TRY(weir_column_gather(child, unnest->gather, count, arena, out, error));
    if (out->encoding == WEIR_CONSTANT) {
        struct weir_column constant = *out;
        WEIR_TRY(weir_column_flatten(&constant, arena, out, error));
    }
    if (out->type->kind != WEIR_TYPE_NULL)
        out->validity = validity;
    if (weir_type_is_view(out->type)) { /* a null view has size 0 */
        struct weir_view *views = weir_arena_alloc(arena, count * sizeof *views + 1, 64);
        if (!views)
            return weir_budget_error(arena->budget, error);
        for (uint32_t i = 0; i < count; i++)
            views[i] = weir_bit_get(validity, i) ? ((const struct weir_view *)out->values)[i]
                                                 : (struct weir_view){0};
        out->values = views;
    }
    return WEIR_OK;
}

static enum weir_status number_rows(struct unnest *unnest, uint32_t count, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error)
{
    void *values;
    uint64_t *validity;
    WEIR_TRY(exec_blank_column(weir_type_of(WEIR_TYPE_INT64), count, arena, out, &values, &validity,
                               error));
    for (uint32_t i = 0; i < count; i++) {
        if (unnest->elements[i] == UINT32_MAX)
            weir_bit_clear(validity, i);
        else
            ((int64_t *)values)[i] = (int64_t)unnest->elements[i] + 1;
    }
    return WEIR_OK;
}

static enum weir_status expand(struct unnest *unnest, struct weir_batch *batch, uint32_t count,
                               struct weir_error *error)
{
    const struct weir_plan_unnest *plan = &unnest->node->of.unnest;
    uint32_t inputs_count = unnest->node->inputs[0]->schema.fields_count;
    WEIR_TRY(weir_batch_renew(&unnest->out, &unnest->node->schema, unnest->env.budget, error));
    struct weir_batch *out = unnest->out;
    WEIR_TRY(weir_batch_hold(out, &batch->shared, error));
    out->rows_count = out->selected_count = count;
    for (uint32_t i = 0; i < inputs_count; i++)
        WEIR_TRY(weir_column_take(&batch->columns[i], unnest->lanes, count, &out->arena,
                                  &out->columns[i], error));
    for (uint32_t i = 0; i < plan->lists_count; i++)
        WEIR_TRY(gather_elements(unnest, &batch->columns[plan->lists[i]], count, &out->arena,
                                 &out->columns[inputs_count + i], error));
    if (plan->with_ordinality)
        WEIR_TRY(number_rows(unnest, count, &out->arena,
                             &out->columns[inputs_count + plan->lists_count], error));
    return exec_pass_lanes(batch, unnest->lanes, unnest->node->has_event_time, out, error);
}

static enum weir_flow unnest_push(void *state, uint32_t port, struct weir_batch *batch,
                                  struct weir_output *output, struct weir_error *error)
{
    struct unnest *unnest = state;
    enum weir_flow flow = WEIR_FLOW_OK;
    (void)port;
    while (flow != WEIR_FLOW_DONE && unnest->next_row < batch->selected_count) {
        struct place after;
        uint32_t count = plan_rows(unnest, batch, &after);
        if (count) {
            if (expand(unnest, batch, count, error) != WEIR_OK)
                return exec_failed(&unnest->env, error);
            flow = output->push(output, unnest->out, error);
            if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
                return flow;
        }
        unnest->next_row = after.row;
        unnest->next_element = after.element;
        if (flow == WEIR_FLOW_FULL && after.row < batch->selected_count)
            return WEIR_FLOW_YIELD;
    }
    unnest->next_row = unnest->next_element = 0;
    if (exec_let_go(unnest->out, error) != WEIR_OK)
        return exec_failed(&unnest->env, error);
    return flow;
}

static enum weir_flow unnest_watermark(void *state, struct weir_event_time watermark,
                                       struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->watermark(output, watermark, error);
}

static enum weir_flow unnest_end(void *state, struct weir_output *output, struct weir_error *error)
{
    (void)state;
    return output->end(output, error);
}

const struct weir_operator_type exec_unnest = {.name = "unnest",
                                               .open = unnest_open,
                                               .push = unnest_push,
                                               .watermark = unnest_watermark,
                                               .end = unnest_end,
                                               .close = unnest_close};
