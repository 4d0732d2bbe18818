/* The order of lanes, and the one form that maps have in memory.
 *
 * A MAP's pairs stand ascending by key, each key once (column.h, I6), so that equal maps are equal
 * lane by lane, whatever order their pairs came in:
 *
 *     {"b": 1, "a": 2, "b": 3}    pairs as read  b 1 · a 2 · b 3    lanes  0 1 2
 *                                 sorted         a 2 · b 1 · b 3    lanes  1 0 2
 *                                 the last of equal keys counts     lanes  1 2
 *
 * Who makes maps ends each one with weir_builder_end_map, or sends a whole column through
 * weir_column_sort_maps. Both look first whether the pairs are in order, as they mostly are.
 * Lanes are sorted in place by heapsort: no memory, no bad case.
 * Tested in tests/unit/column/test_map.c. */
#include "column/builder.h"

#include <assert.h>

/* Sorting */

static bool comes_before(const struct weir_column *column, uint32_t a, uint32_t b)
{
    int order = weir_column_compare(column, a, column, b);
    return order ? order < 0 : a < b;
}

/* Lets lanes[root] sink into the heap of count lanes; the greatest is at its top. */
static void sift_down(const struct weir_column *column, uint32_t *lanes, uint32_t root,
                      uint32_t count)
{
    uint32_t sinking = lanes[root];
    for (uint64_t child; (child = 2 * (uint64_t)root + 1) < count; root = (uint32_t)child) {
        if (child + 1 < count && comes_before(column, lanes[child], lanes[child + 1]))
            child++;
        if (!comes_before(column, sinking, lanes[child]))
            break;
        lanes[root] = lanes[child];
    }
    lanes[root] = sinking;
}

void weir_column_sort_lanes(const struct weir_column *column, uint32_t *lanes, uint32_t count)
{
    for (uint32_t root = count / 2; root-- > 0;)
        sift_down(column, lanes, root, count);
    for (uint32_t left = count; left > 1;) {
        uint32_t greatest = lanes[0];
        lanes[0] = lanes[--left];
        lanes[left] = greatest;
        sift_down(column, lanes, 0, left);
    }
}

/* Maps */

bool weir_map_keys_ascend(const struct weir_column *keys, struct weir_list_entry entry)
{
    for (uint32_t i = 1; i < entry.count; i++) {
        if (weir_column_compare(keys, entry.offset + i - 1, keys, entry.offset + i) >= 0)
            return false;
    }
    return true;
}

/* The lanes of the entry's pairs in order, without those that a later pair replaces. Returns how
 * many there are. */
static uint32_t order_pairs(const struct weir_column *keys, struct weir_list_entry entry,
                            uint32_t *lanes)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < entry.count; i++)
        lanes[i] = entry.offset + i;
    weir_column_sort_lanes(keys, lanes, entry.count);
    for (uint32_t i = 0; i < entry.count; i++) {
        bool replaced =
            i + 1 < entry.count && weir_column_equals(keys, lanes[i], keys, lanes[i + 1]);
        if (!replaced)
            lanes[kept++] = lanes[i];
    }
    return kept;
}

static uint32_t *lanes_alloc(struct weir_arena *arena, size_t count, struct weir_error *error)
{
    uint32_t *lanes = WEIR_ARENA_ARRAY(arena, uint32_t, count + 1);
    if (!lanes)
        (void)weir_budget_error(arena->budget, error);
    return lanes;
}

enum weir_status weir_builder_end_map(struct weir_builder *builder, uint32_t first_child_lane,
                                      uint32_t *replaced_count, struct weir_error *error)
{
    struct weir_builder *pairs = &builder->children[0];
    struct weir_column keys = weir_builder_column(&pairs->children[0]);
    const struct weir_list_entry entry = {first_child_lane, pairs->rows_count - first_child_lane};
    assert(builder->type->kind == WEIR_TYPE_MAP);
    *replaced_count = 0;
    if (weir_map_keys_ascend(&keys, entry))
        return weir_builder_end_list(builder, first_child_lane, error);
    uint32_t *lanes = lanes_alloc(builder->heap, entry.count, error);
    if (!lanes)
        return weir_budget_error(builder->heap->budget, NULL);
    uint32_t kept = order_pairs(&keys, entry, lanes);
    struct weir_column built = weir_builder_column(pairs), ordered;
    WEIR_TRY(weir_column_gather(&built, lanes, kept, builder->heap, &ordered, error));
    weir_builder_truncate(pairs, first_child_lane);
    WEIR_TRY(weir_builder_append_lanes(pairs, &ordered, NULL, kept, error));
    *replaced_count = entry.count - kept;
    return weir_builder_end_list(builder, first_child_lane, error);
}

static bool all_ascend(const struct weir_column *maps, const struct weir_column *keys)
{
    const struct weir_list_entry *entries = maps->values;
    for (uint32_t lane = 0; lane < maps->rows_count; lane++) {
        if (!weir_column_is_null(maps, lane) && !weir_map_keys_ascend(keys, entries[lane]))
            return false;
    }
    return true;
}

/* New entries over the pairs' lanes in order. */
static uint32_t order_lanes(const struct weir_column *maps, const struct weir_column *keys,
                            struct weir_list_entry *entries, uint32_t *lanes, uint64_t *replaced)
{
    const struct weir_list_entry *old = maps->values;
    uint32_t next = 0;
    for (uint32_t lane = 0; lane < maps->rows_count; lane++) {
        uint32_t kept = 0;
        if (!weir_column_is_null(maps, lane)) {
            kept = order_pairs(keys, old[lane], lanes + next);
            if (replaced && kept < old[lane].count)
                weir_bit_set(replaced, lane);
        }
        entries[lane] = (struct weir_list_entry){next, kept};
        next += kept;
    }
    return next;
}

enum weir_status weir_column_sort_maps(struct weir_column *maps, uint64_t *replaced,
                                       struct weir_arena *arena, struct weir_error *error)
{
    assert(maps->type->kind == WEIR_TYPE_MAP && maps->encoding == WEIR_FLAT);
    if (maps->rows_count == 0 || all_ascend(maps, &maps->children[0].children[0]))
        return WEIR_OK;
    const struct weir_list_entry *old = maps->values;
    uint64_t total = 0;
    for (uint32_t lane = 0; lane < maps->rows_count; lane++)
        total += weir_column_is_null(maps, lane) ? 0 : old[lane].count;
    if (total > UINT32_MAX / 2)
        return weir_error_set(error, WEIR_E_LIMIT, "a column grows beyond %u values",
                              UINT32_MAX / 2);
    uint32_t *lanes = lanes_alloc(arena, total, error);
    struct weir_list_entry *entries =
        weir_arena_calloc(arena, maps->rows_count, sizeof(struct weir_list_entry));
    struct weir_column *pairs = WEIR_ARENA_NEW(arena, struct weir_column);
    if (!lanes || !entries || !pairs)
        return weir_budget_error(arena->budget, error);
    uint32_t count = order_lanes(maps, &maps->children[0].children[0], entries, lanes, replaced);
    WEIR_TRY(weir_column_gather(&maps->children[0], lanes, count, arena, pairs, error));
    maps->values = entries;
    maps->children = pairs;
    return WEIR_OK;
}
