/* Changes on their way out: rows of a multimap with weights, emitted in batches. */
#ifndef WEIR_EXEC_CHANGE_LIST_H
#define WEIR_EXEC_CHANGE_LIST_H

#include "exec/exec_internal.h"
#include "state/multimap.h"

struct change {
    int64_t weight;
    uint32_t row;
    bool joined; /* goes into the batch of the one before */
};

struct change_list {
    struct weir_buffer entries; /* struct change */
    size_t next;                /* to be emitted */
    uint32_t *rows;             /* of one batch */
    struct weir_batch *out;
    bool repeats; /* rows without weights: one of weight n comes n times */
};

WEIR_CHECKED enum weir_status change_list_init(struct change_list *list,
                                               const struct weir_plan_node *node, bool repeats,
                                               struct weir_budget *budget,
                                               struct weir_error *error);
void change_list_deinit(struct change_list *list);

static inline void change_list_add(struct change_list *list, uint32_t row, int64_t weight,
                                   bool joined)
{
    const struct change change = {weight, row, joined};
    weir_buffer_append(&list->entries, (const char *)&change, sizeof change);
}
static inline size_t change_list_count(const struct change_list *list)
{
    return list->entries.size / sizeof(struct change);
}
static inline struct change *change_list_at(const struct change_list *list, size_t i)
{
    return (struct change *)(void *)list->entries.data + i;
}
/* Forgets all entries. */
void change_list_clear(struct change_list *list);
/* Pushes what is left, in batches that own their memory: the rows may go from the map afterwards.
 * YIELD: call again. */
enum weir_flow change_list_emit(struct change_list *list, const struct weir_multimap *map,
                                const struct weir_plan_node *node,
                                const struct weir_operator_env *env, struct weir_output *output,
                                struct weir_error *error);

#endif
