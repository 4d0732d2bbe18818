/* GROUP BY items to sets of keys.
 *
 *     a                  {a}
 *     (a, b)             {a, b}
 *     ROLLUP (a, b)      {a, b}, {a}, {}
 *     CUBE (a, b)        {a, b}, {a}, {b}, {}
 *     GROUPING SETS (…)  the sets of each item
 *
 * Items side by side are combined, each set of one with each of the other. Keys are numbered in the
 * order in which they stand. */
#include "plan/binder_internal.h"

enum { SETS_MAX = 4096 };

/* One set is keys_count flags. */
struct sets {
    struct plan_binder *b;
    uint32_t keys_count;
    bool *flags;
    uint32_t count, capacity;
};

static bool *add_set(struct sets *sets, const bool *from)
{
    if (sets->count == sets->capacity) {
        uint32_t capacity = sets->capacity ? sets->capacity * 2 : 4;
        bool *flags = PLAN_ARRAY(sets->b, bool, (size_t)capacity * sets->keys_count + 1);
        if (!flags)
            return NULL;
        if (sets->count)
            memcpy(flags, sets->flags, (size_t)sets->count * sets->keys_count);
        sets->flags = flags;
        sets->capacity = capacity;
    }
    bool *set = sets->flags + (size_t)sets->count++ * sets->keys_count;
    if (from)
        memcpy(set, from, sets->keys_count);
    return set;
}

static bool too_many(struct plan_binder *b, struct weir_position position)
{
    return plan_fail(b, position, WEIR_E_LIMIT, "GROUP BY gives more than %d grouping sets",
                     SETS_MAX);
}

static bool item_sets(struct sets *out, const struct weir_sql_grouping *item, uint32_t *key);

/* Every set of a with every set of b. */
static bool combine(struct sets *a, const struct sets *other, struct weir_position position)
{
    struct sets made = {.b = a->b, .keys_count = a->keys_count};
    if ((uint64_t)a->count * other->count > SETS_MAX)
        return too_many(a->b, position);
    for (uint32_t i = 0; i < a->count; i++)
        for (uint32_t k = 0; k < other->count; k++) {
            bool *set = add_set(&made, a->flags + (size_t)i * a->keys_count);
            if (!set)
                return false;
            for (uint32_t c = 0; c < a->keys_count; c++)
                set[c] |= other->flags[(size_t)k * a->keys_count + c];
        }
    *a = made;
    return true;
}

/* The keys of each element of ROLLUP and CUBE: one set per element. */
static bool elements_of(struct sets *out, const struct weir_sql_grouping *item, uint32_t *key)
{
    for (uint32_t i = 0; i < item->exprs.count; i++) {
        bool *set = add_set(out, NULL);
        if (!set)
            return false;
        set[(*key)++] = true;
    }
    for (uint32_t i = 0; i < item->items_count; i++)
        if (!item_sets(out, &item->items[i], key))
            return false;
    return true;
}

/* Of elements e1 … en: those whose bit in `mask` is set, together. */
static bool add_union(struct sets *out, const struct sets *elements, uint64_t mask)
{
    bool *set = add_set(out, NULL);
    for (uint32_t e = 0; set && e < elements->count; e++)
        for (uint32_t c = 0; mask >> e & 1 && c < out->keys_count; c++)
            set[c] |= elements->flags[(size_t)e * out->keys_count + c];
    return set != NULL;
}

static bool rollup_or_cube(struct sets *out, const struct weir_sql_grouping *item, uint32_t *key)
{
    struct sets elements = {.b = out->b, .keys_count = out->keys_count};
    if (!elements_of(&elements, item, key))
        return false;
    uint32_t count = elements.count;
    if (item->kind == WEIR_SQL_GROUPING_CUBE) {
        if (count > 12)
            return too_many(out->b, item->position);
        for (uint64_t mask = UINT64_C(1) << count; mask-- > 0;)
            if (!add_union(out, &elements, mask))
                return false;
        return true;
    }
    if (count >= 63)
        return too_many(out->b, item->position);
    for (uint32_t n = count + 1; n-- > 0;)
        if (!add_union(out, &elements, (UINT64_C(1) << n) - 1))
            return false;
    return true;
}

static bool item_sets(struct sets *out, const struct weir_sql_grouping *item, uint32_t *key)
{
    if (item->kind == WEIR_SQL_GROUPING_ROLLUP || item->kind == WEIR_SQL_GROUPING_CUBE)
        return rollup_or_cube(out, item, key);
    if (item->kind == WEIR_SQL_GROUPING_SETS)
        return elements_of(out, item, key);
    bool *set = add_set(out, NULL);
    if (!set)
        return false;
    if (item->kind == WEIR_SQL_GROUPING_EXPR)
        set[(*key)++] = true;
    for (uint32_t i = 0; i < item->exprs.count; i++)
        set[(*key)++] = true;
    return true;
}

static bool same_set(const struct sets *sets, uint32_t a, uint32_t b)
{
    return memcmp(sets->flags + (size_t)a * sets->keys_count,
                  sets->flags + (size_t)b * sets->keys_count, sets->keys_count) == 0;
}

static void drop_copies(struct sets *sets)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < sets->count; i++) {
        bool copy = false;
        for (uint32_t k = 0; k < kept && !copy; k++)
            copy = same_set(sets, k, i);
        if (copy)
            continue;
        memmove(sets->flags + (size_t)kept * sets->keys_count,
                sets->flags + (size_t)i * sets->keys_count, sets->keys_count);
        kept++;
    }
    sets->count = kept;
}

bool plan_grouping_sets(struct plan_binder *b, const struct weir_sql_grouping *items,
                        uint32_t items_count, uint32_t keys_count, bool distinct,
                        const bool **flags, uint32_t *count)
{
    struct sets sets = {.b = b, .keys_count = keys_count};
    uint32_t key = 0;
    if (!add_set(&sets, NULL))
        return false;
    for (uint32_t i = 0; i < items_count; i++) {
        struct sets own = {.b = b, .keys_count = keys_count};
        if (!item_sets(&own, &items[i], &key) || !combine(&sets, &own, items[i].position))
            return false;
        if (sets.count > SETS_MAX)
            return too_many(b, items[i].position);
    }
    if (distinct)
        drop_copies(&sets);
    *flags = sets.flags;
    *count = sets.count;
    return true;
}
