/* The right row of each left row that is due, and what is freed. See asof_internal.h. */
#include "exec/asof_internal.h"

#include <stdlib.h>

/* ---- lists ---- */

/* Room for one more; scratch memory, so the old array is left behind. */
static bool grow(struct asof *asof, void **items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return true;
    uint32_t wanted = *capacity ? *capacity * 2 : WEIR_BATCH_ROWS_MAX;
    void *made = weir_arena_alloc(&asof->scratch, (size_t)wanted * size, 64);
    if (!made)
        return false;
    if (count)
        memcpy(made, *items, count * size);
    *items = made;
    *capacity = wanted;
    return true;
}

bool asof_push_row(struct asof *asof, struct asof_rows *rows, uint32_t row)
{
    void *items = rows->items;
    if (!grow(asof, &items, rows->count, &rows->capacity, sizeof *rows->items))
        return false;
    rows->items = items;
    rows->items[rows->count++] = row;
    return true;
}

static bool push_entry(struct asof *asof, struct asof_entries *entries, struct asof_entry entry)
{
    void *items = entries->items;
    if (!grow(asof, &items, entries->count, &entries->capacity, sizeof *entries->items))
        return false;
    entries->items = items;
    entries->items[entries->count++] = entry;
    return true;
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static int compare_times(const struct asof_entry *a, const struct asof_entry *b)
{
    if (a->absent != b->absent)
        return a->absent < b->absent ? -1 : 1;
    return a->time != b->time ? (a->time < b->time ? -1 : 1) : compare_u32(a->row, b->row);
}

static int by_time(const void *a, const void *b)
{
    return compare_times(a, b);
}

static int by_key(const void *a, const void *b)
{
    const struct asof_entry *x = a, *y = b;
    return x->first != y->first ? compare_u32(x->first, y->first) : compare_times(x, y);
}

static void sort(struct asof_entries *entries, int (*compare)(const void *, const void *))
{
    if (entries->count)
        qsort(entries->items, entries->count, sizeof *entries->items, compare);
}

/* ---- what is due ---- */

enum weir_status asof_due(struct asof *asof, uint32_t side, int64_t until, struct asof_rows *out,
                          struct weir_error *error)
{
    uint32_t numbers[256], count;
    struct weir_event_time time = {until};
    const struct asof_side *of = &asof->sides[side];
    while ((count = weir_timers_due(of->timers, time, numbers, 256)) > 0)
        for (uint32_t i = 0; i < count; i++)
            if (weir_multimap_has(of->rows, numbers[i]) &&
                asof_extra(asof, side, numbers[i])->time < until &&
                !asof_push_row(asof, out, numbers[i]))
                return exec_out_of_memory(&asof->env, error);
    return WEIR_OK;
}

/* The rows of side `to` with the keys of rows of side `from`: first ones, or ASOF_NONE. */
static enum weir_status find_first(struct asof *asof, uint32_t from, const uint32_t *rows,
                                   uint32_t count, uint32_t *first, struct weir_error *error)
{
    weir_arena_reset(&asof->chunk);
    for (uint32_t k = 0; k < asof->plan->keys_count; k++)
        WEIR_TRY(weir_multimap_gather(asof->sides[from].rows, asof->sides[from].plan->keys[k], rows,
                                      count, &asof->chunk, &asof->keys[k], error));
    WEIR_TRY(weir_multimap_find(asof->sides[1 - from].rows, asof->keys, NULL, count, first, error));
    return asof_ttl_touch(asof, 1 - from, first, count, error);
}

enum weir_status asof_add_left(struct asof *asof, uint32_t row, struct asof_entries *out,
                               struct weir_error *error)
{
    const struct asof_extra *extra = asof_extra(asof, 0, row);
    struct asof_entry entry = {extra->time, row, ASOF_NONE, ASOF_NONE, extra->absent != 0};
    return push_entry(asof, out, entry) ? WEIR_OK : exec_out_of_memory(&asof->env, error);
}

static enum weir_status collect_all(struct asof *asof, struct asof_entries *out,
                                    struct weir_error *error)
{
    uint32_t rows[256], cursor = 0, count;
    while ((count = weir_multimap_scan(asof->sides[0].rows, &cursor, rows, 256)) > 0)
        for (uint32_t i = 0; i < count; i++)
            WEIR_TRY(asof_add_left(asof, rows[i], out, error));
    return WEIR_OK;
}

/* The left rows with the key of a right row: those that wait for it are among them. */
static enum weir_status collect_waiting(struct asof *asof, const struct asof_rows *due,
                                        struct asof_entries *out, struct weir_error *error)
{
    uint32_t first[256];
    for (uint32_t start = 0; start < due->count; start += 256) {
        uint32_t count = due->count - start < 256 ? due->count - start : 256;
        WEIR_TRY(find_first(asof, 1, due->items + start, count, first, error));
        for (uint32_t i = 0; i < count; i++)
            for (uint32_t row = first[i]; row != ASOF_NONE;
                 row = weir_multimap_next(asof->sides[0].rows, row))
                if (asof_extra(asof, 0, row)->absent == 0)
                    WEIR_TRY(asof_add_left(asof, row, out, error));
    }
    return WEIR_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint32_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return compare_u32(x, y);
}

/* One row of each key. */
static enum weir_status one_per_key(struct asof *asof, const struct asof_rows *due,
                                    struct asof_rows *out, struct weir_error *error)
{
    const struct weir_multimap *rows = asof->sides[1].rows;
    struct asof_rows keys = {0};
    for (uint32_t i = 0; i < due->count; i++)
        if (!asof_push_row(asof, &keys, weir_multimap_key(rows, due->items[i])))
            return exec_out_of_memory(&asof->env, error);
    if (keys.count)
        qsort(keys.items, keys.count, sizeof *keys.items, compare_numbers);
    for (uint32_t i = 0; i < keys.count; i++)
        if ((i == 0 || keys.items[i] != keys.items[i - 1]) &&
            !asof_push_row(asof, out, weir_multimap_first(rows, keys.items[i])))
            return exec_out_of_memory(&asof->env, error);
    return WEIR_OK;
}

static enum weir_status collect(struct asof *asof, const struct asof_rows *due,
                                struct asof_entries *out, struct weir_error *error)
{
    struct asof_rows keys = {0};
    if (!due)
        return collect_all(asof, out, error);
    if (asof->plan->asof == WEIR_ASOF_EARLIEST) {
        WEIR_TRY(one_per_key(asof, &due[1], &keys, error));
        WEIR_TRY(collect_waiting(asof, &keys, out, error));
    }
    for (uint32_t i = 0; i < due[0].count; i++)
        WEIR_TRY(asof_add_left(asof, due[0].items[i], out, error));
    return WEIR_OK;
}

static enum weir_status find_keys(struct asof *asof, struct asof_entries *entries,
                                  struct weir_error *error)
{
    uint32_t rows[256], first[256];
    for (uint32_t start = 0; start < entries->count; start += 256) {
        uint32_t count = entries->count - start < 256 ? entries->count - start : 256;
        for (uint32_t i = 0; i < count; i++)
            rows[i] = entries->items[start + i].row;
        WEIR_TRY(find_first(asof, 0, rows, count, first, error));
        for (uint32_t i = 0; i < count; i++)
            entries->items[start + i].first = first[i];
    }
    return WEIR_OK;
}

/* ---- right rows of one key ---- */

/* Whether row a comes before b by its values. */
static enum weir_status is_less(struct asof *asof, uint32_t a, uint32_t b, bool *less,
                                struct weir_error *error)
{
    const uint32_t rows[2] = {a, b};
    const struct asof_side *side = &asof->sides[1];
    int order = 0;
    weir_arena_reset(&asof->chunk);
    for (uint32_t c = 0; c < side->schema->fields_count && order == 0; c++) {
        struct weir_column column;
        WEIR_TRY(weir_multimap_gather(side->rows, c, rows, 2, &asof->chunk, &column, error));
        order = weir_column_compare(&column, 0, &column, 1);
    }
    *less = order < 0;
    return WEIR_OK;
}

/* Of two rows of the same time, which one counts. */
static enum weir_status comes_before(struct asof *asof, uint32_t a, uint32_t b, bool *before,
                                     struct weir_error *error)
{
    if (!asof->plan->asof_versions)
        return is_less(asof, a, b, before, error);
    *before = asof_extra(asof, 1, a)->absent > asof_extra(asof, 1, b)->absent;
    return WEIR_OK;
}

/* The rows of a key before `until`, by time, one per time. */
static enum weir_status versions_of(struct asof *asof, uint32_t first, int64_t until,
                                    struct asof_entries *out, struct weir_error *error)
{
    const struct weir_multimap *rows = asof->sides[1].rows;
    out->count = 0;
    for (uint32_t row = first; row != ASOF_NONE; row = weir_multimap_next(rows, row)) {
        int64_t time = asof_extra(asof, 1, row)->time;
        struct asof_entry entry = {time, row, first, ASOF_NONE, 0};
        if (time <= until && !push_entry(asof, out, entry))
            return exec_out_of_memory(&asof->env, error);
    }
    sort(out, by_time);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->count; i++) {
        bool less = false;
        bool tie = kept && out->items[kept - 1].time == out->items[i].time;
        if (tie)
            WEIR_TRY(comes_before(asof, out->items[i].row, out->items[kept - 1].row, &less, error));
        if (!tie)
            out->items[kept++] = out->items[i];
        else if (less)
            out->items[kept - 1] = out->items[i];
    }
    out->count = kept;
    return WEIR_OK;
}

/* Left rows and right ones of a key, both by time. */
static void merge(const struct asof *asof, struct asof_entry *left, uint32_t count,
                  const struct asof_entries *right)
{
    const struct weir_plan_join *plan = asof->plan;
    /* Right rows that are passed: not after the left row's time, or before it. */
    bool latest = plan->asof == WEIR_ASOF_LATEST, with_equal = latest != plan->asof_strict;
    uint32_t passed = 0;
    for (uint32_t i = 0; i < count && !left[i].absent; i++) {
        while (passed < right->count && (right->items[passed].time < left[i].time ||
                                         (with_equal && right->items[passed].time == left[i].time)))
            passed++;
        if (latest && passed && !asof_is_gone(asof, right->items[passed - 1].row))
            left[i].match = right->items[passed - 1].row;
        if (!latest && passed < right->count)
            left[i].match = right->items[passed].row;
    }
}

enum weir_status asof_match(struct asof *asof, const struct asof_rows *due, int64_t until,
                            bool at_end, struct asof_entries *out, struct weir_error *error)
{
    struct asof_entries versions = {0};
    int64_t last =
        at_end ? INT64_MAX : until - (until > INT64_MIN); /* nothing is before the least */
    WEIR_TRY(collect(asof, due, out, error));
    WEIR_TRY(find_keys(asof, out, error));
    sort(out, by_key);
    for (uint32_t i = 0, end; i < out->count; i = end) {
        uint32_t first = out->items[i].first;
        for (end = i + 1; end < out->count && out->items[end].first == first;)
            end++;
        if (first == ASOF_NONE)
            continue;
        WEIR_TRY(versions_of(asof, first, last, &versions, error));
        merge(asof, out->items + i, end - i, &versions);
    }
    bool waits = asof->plan->asof == WEIR_ASOF_EARLIEST && !at_end;
    sort(out, by_time);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < out->count && waits; i++) {
        out->items[kept] = out->items[i];
        kept += out->items[i].match != ASOF_NONE || out->items[i].absent;
    }
    out->count = waits ? kept : out->count;
    return WEIR_OK;
}

/* ---- freeing ---- */

/* Of a key's rows before `until`, all but the last ones; these as well when the row has gone. */
static void keep_last(struct asof *asof, uint32_t first, int64_t until)
{
    struct weir_multimap *rows = asof->sides[1].rows;
    int64_t last = INT64_MIN, rank = -1;
    bool gone = false;
    for (uint32_t row = first; row != ASOF_NONE; row = weir_multimap_next(rows, row)) {
        const struct asof_extra *extra = asof_extra(asof, 1, row);
        bool later = extra->time > last || (extra->time == last && extra->absent > rank);
        if (extra->time >= until || !later)
            continue;
        last = extra->time;
        rank = extra->absent;
        gone = asof_is_gone(asof, row);
    }
    for (uint32_t row = first, next; row != ASOF_NONE; row = next) {
        next = weir_multimap_next(rows, row);
        int64_t time = asof_extra(asof, 1, row)->time;
        if (time < last || (gone && time == last))
            weir_multimap_remove(rows, row);
    }
}

enum weir_status asof_free_right(struct asof *asof, struct asof_rows *due, int64_t until,
                                 struct weir_error *error)
{
    struct asof_rows keys = {0};
    if (asof->plan->asof == WEIR_ASOF_EARLIEST) {
        for (uint32_t i = 0; i < due->count; i++)
            weir_multimap_remove(asof->sides[1].rows, due->items[i]);
        return WEIR_OK;
    }
    WEIR_TRY(one_per_key(asof, due, &keys, error));
    for (uint32_t i = 0; i < keys.count; i++)
        keep_last(asof, keys.items[i], until);
    return WEIR_OK;
}
