/* Batches of changes; see change_list.h. */
#include "exec/change_list.h"

enum weir_status change_list_init(struct change_list *list, const struct weir_plan_node *node,
                                  bool repeats, struct weir_budget *budget,
                                  struct weir_error *error)
{
    weir_buffer_init(&list->entries, budget);
    list->repeats = repeats;
    list->rows = weir_malloc(WEIR_BATCH_ROWS_MAX * sizeof *list->rows);
    if (!list->rows)
        return weir_error_set_out_of_memory(error);
    list->out = weir_batch_create(&node->schema, budget);
    return list->out ? WEIR_OK : weir_budget_error(budget, error);
}

void change_list_deinit(struct change_list *list)
{
    weir_buffer_deinit(&list->entries);
    weir_free(list->rows);
    weir_batch_release(list->out);
}

void change_list_clear(struct change_list *list)
{
    weir_buffer_clear(&list->entries);
    list->next = 0;
}

/* What one batch takes of the list. */
struct piece {
    size_t after; /* entry at which the next one begins */
    int64_t left; /* repeats: how often that entry is still to come; 0: as its weight says */
    uint32_t count;
    int64_t *weights;
};

static enum weir_status take_piece(const struct change_list *list,
                                   const struct weir_operator_env *env, struct piece *piece,
                                   struct weir_error *error)
{
    size_t total = change_list_count(list);
    uint32_t limit = exec_batch_rows(env);
    if (limit < 2 && !list->repeats)
        limit = 2; /* the old row and the new one */
    *piece = (struct piece){.after = list->next};
    piece->weights = weir_arena_alloc(&list->out->arena, limit * sizeof *piece->weights, 64);
    if (!piece->weights)
        return exec_out_of_memory(env, error);
    while (piece->after < total && piece->count < limit) {
        const struct change *change = change_list_at(list, piece->after);
        bool has_partner = piece->after + 1 < total && change[1].joined;
        if (has_partner && piece->count + 1 == limit && limit > 1)
            break;
        int64_t times = list->repeats ? change->weight : 1;
        while (times > 0 && piece->count < limit) {
            piece->weights[piece->count] = change->weight;
            list->rows[piece->count++] = change->row;
            times--;
        }
        piece->left = times;
        if (times)
            break;
        piece->after++;
    }
    return WEIR_OK;
}

static enum weir_status make_batch(struct change_list *list, const struct weir_multimap *map,
                                   const struct weir_plan_node *node,
                                   const struct weir_operator_env *env, struct piece *piece,
                                   struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&list->out, &node->schema, env->budget, error));
    WEIR_TRY(take_piece(list, env, piece, error));
    struct weir_batch *out = list->out;
    for (uint32_t c = 0; c < node->schema.fields_count; c++) {
        struct weir_column column;
        WEIR_TRY(
            weir_multimap_gather(map, c, list->rows, piece->count, &out->arena, &column, error));
        WEIR_TRY(exec_own_column(&column, piece->count, &out->arena, &out->columns[c], error));
    }
    out->rows_count = out->selected_count = piece->count;
    out->weights = list->repeats ? NULL : piece->weights;
    return WEIR_OK;
}

enum weir_flow change_list_emit(struct change_list *list, const struct weir_multimap *map,
                                const struct weir_plan_node *node,
                                const struct weir_operator_env *env, struct weir_output *output,
                                struct weir_error *error)
{
    enum weir_flow flow = WEIR_FLOW_OK;
    if (list->entries.failed) {
        (void)exec_out_of_memory(env, error);
        return WEIR_FLOW_FAILED;
    }
    while (list->next < change_list_count(list)) {
        struct piece piece;
        if (make_batch(list, map, node, env, &piece, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
        flow = output->push(output, list->out, error);
        if (flow == WEIR_FLOW_FAILED || flow == WEIR_FLOW_YIELD)
            return flow;
        list->next = piece.after;
        if (piece.left)
            change_list_at(list, piece.after)->weight = piece.left;
        if (flow == WEIR_FLOW_DONE)
            list->next = change_list_count(list);
        if (flow == WEIR_FLOW_FULL && list->next < change_list_count(list))
            return WEIR_FLOW_YIELD;
    }
    return exec_let_go(list->out, error) == WEIR_OK ? flow : WEIR_FLOW_FAILED;
}
