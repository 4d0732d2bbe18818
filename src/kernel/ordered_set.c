/* Weights of keys in order, in blocks: see ordered_set.h. */
#include "kernel/ordered_set.h"

enum { BLOCK_ENTRIES = 64, DIRECTORY_MIN = 8 };

static struct weir_ordered_block *blocks_of(struct weir_ordered_set *set, uint32_t *count)
{
    *count = set->is_many ? set->of.many.count : 1;
    return set->is_many ? set->of.many.blocks : &set->of.one;
}

static void *heap_move(struct weir_aggregate_heap *heap, void *memory, size_t used, size_t old_size,
                       size_t new_size)
{
    void *made = weir_aggregate_heap_alloc(heap, new_size);
    if (!made)
        return NULL;
    if (used)
        memcpy(made, memory, used);
    if (old_size)
        weir_aggregate_heap_free(heap, memory, old_size);
    return made;
}

static bool block_resize(struct weir_ordered_block *block, uint32_t capacity,
                         struct weir_aggregate_heap *heap)
{
    size_t size = sizeof *block->entries;
    void *entries = heap_move(heap, block->entries, block->count * size, block->capacity * size,
                              capacity * size);
    if (!entries)
        return false;
    block->entries = entries;
    block->capacity = capacity;
    return true;
}

static void block_free(struct weir_ordered_block *block, struct weir_aggregate_heap *heap)
{
    if (block->capacity)
        weir_aggregate_heap_free(heap, block->entries, block->capacity * sizeof *block->entries);
    *block = (struct weir_ordered_block){0};
}

/* ---- finding ---- */

static int compare_keys(const struct weir_key_order *order, uint64_t a, uint64_t b)
{
    if (order)
        return order->compare(order->context, a, b);
    return (a > b) - (a < b);
}

/* Place of the first entry that is not less; *found: it is equal. */
static uint32_t block_find(const struct weir_ordered_block *block, uint64_t key,
                           const struct weir_key_order *order, bool *found)
{
    uint32_t low = 0, high = block->count;
    *found = false;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        int comparison = compare_keys(order, block->entries[middle].key, key);
        if (comparison == 0) {
            *found = true;
            return middle;
        }
        if (comparison < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The last block that does not begin behind the key, or the first. */
static uint32_t directory_find(const struct weir_ordered_block *blocks, uint32_t count,
                               uint64_t key, const struct weir_key_order *order)
{
    uint32_t low = 0, high = count;
    while (high - low > 1) {
        uint32_t middle = (low + high) / 2;
        if (compare_keys(order, blocks[middle].entries[0].key, key) <= 0)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* ---- dividing ---- */

static bool directory_make(struct weir_ordered_set *set, struct weir_aggregate_heap *heap)
{
    struct weir_ordered_block *blocks =
        weir_aggregate_heap_alloc(heap, DIRECTORY_MIN * sizeof *blocks);
    if (!blocks)
        return false;
    blocks[0] = set->of.one;
    set->of.many.blocks = blocks;
    set->of.many.count = 1;
    set->of.many.capacity = DIRECTORY_MIN;
    set->is_many = 1;
    return true;
}

/* Room for one more block; what is set stays valid when it fails. */
static bool directory_reserve(struct weir_ordered_set *set, struct weir_aggregate_heap *heap)
{
    if (!set->is_many)
        return directory_make(set, heap);
    uint32_t capacity = set->of.many.capacity;
    size_t size = sizeof *set->of.many.blocks;
    if (set->of.many.count < capacity)
        return true;
    void *blocks = heap_move(heap, set->of.many.blocks, set->of.many.count * size, capacity * size,
                             2 * capacity * size);
    if (!blocks)
        return false;
    set->of.many.blocks = blocks;
    set->of.many.capacity = 2 * capacity;
    return true;
}

/* Divides block `index`; rows that come in order fill their blocks. */
static bool divide(struct weir_ordered_set *set, uint32_t index, bool at_end,
                   struct weir_aggregate_heap *heap)
{
    struct weir_ordered_block behind = {0};
    if (!directory_reserve(set, heap) || !block_resize(&behind, BLOCK_ENTRIES, heap))
        return false;
    struct weir_ordered_block *blocks = set->of.many.blocks;
    uint32_t kept = at_end ? BLOCK_ENTRIES - 1 : BLOCK_ENTRIES / 2;
    behind.count = blocks[index].count - kept;
    memcpy(behind.entries, blocks[index].entries + kept, behind.count * sizeof *behind.entries);
    blocks[index].count = kept;
    memmove(blocks + index + 2, blocks + index + 1,
            (set->of.many.count - index - 1) * sizeof *blocks);
    blocks[index + 1] = behind;
    set->of.many.count++;
    return true;
}

/* ---- changing ---- */

static enum weir_ordered_change insert(struct weir_ordered_set *set, uint32_t index, uint32_t at,
                                       struct weir_ordered_entry entry,
                                       struct weir_aggregate_heap *heap)
{
    uint32_t count;
    struct weir_ordered_block *block = blocks_of(set, &count) + index;
    if (block->count == BLOCK_ENTRIES) {
        if (!divide(set, index, at == BLOCK_ENTRIES && index + 1 == count, heap))
            return WEIR_ORDERED_FAILED;
        block = set->of.many.blocks + index;
        if (at > block->count) {
            at -= block->count;
            block++;
        }
    } else if (block->count == block->capacity) {
        if (!block_resize(block, block->capacity ? block->capacity * 2 : 1, heap))
            return WEIR_ORDERED_FAILED;
    }
    memmove(block->entries + at + 1, block->entries + at,
            (block->count - at) * sizeof *block->entries);
    block->entries[at] = entry;
    block->count++;
    return WEIR_ORDERED_NEW;
}

/* Takes block `index` out of the directory; its entries are elsewhere. */
static void directory_remove(struct weir_ordered_set *set, uint32_t index,
                             struct weir_aggregate_heap *heap)
{
    struct weir_ordered_block *blocks = set->of.many.blocks;
    block_free(&blocks[index], heap);
    set->of.many.count--;
    memmove(blocks + index, blocks + index + 1, (set->of.many.count - index) * sizeof *blocks);
    if (set->of.many.count > 1)
        return;
    struct weir_ordered_block last = blocks[0];
    weir_aggregate_heap_free(heap, blocks, set->of.many.capacity * sizeof *blocks);
    set->of.one = last;
    set->is_many = 0;
}

/* Joins block `index` with the one behind it when both are small. */
static void join(struct weir_ordered_set *set, uint32_t index, struct weir_aggregate_heap *heap)
{
    struct weir_ordered_block *block = set->of.many.blocks + index, *behind = block + 1;
    if (block->count + behind->count > BLOCK_ENTRIES / 2)
        return;
    memcpy(block->entries + block->count, behind->entries, behind->count * sizeof *behind->entries);
    block->count += behind->count;
    directory_remove(set, index + 1, heap);
}

static void take_out(struct weir_ordered_set *set, uint32_t index, uint32_t at,
                     struct weir_aggregate_heap *heap)
{
    uint32_t count;
    struct weir_ordered_block *block = blocks_of(set, &count) + index;
    block->count--;
    memmove(block->entries + at, block->entries + at + 1,
            (block->count - at) * sizeof *block->entries);
    if (!set->is_many) {
        if (block->count == 0)
            block_free(block, heap);
        return;
    }
    if (block->count == 0)
        directory_remove(set, index, heap);
    else if (index + 1 < count)
        join(set, index, heap);
    else
        join(set, index - 1, heap);
}

enum weir_ordered_change weir_ordered_set_add(struct weir_ordered_set *set, uint64_t key,
                                              int64_t weight, const struct weir_key_order *order,
                                              struct weir_aggregate_heap *heap)
{
    uint32_t count;
    bool found;
    struct weir_ordered_block *blocks = blocks_of(set, &count);
    uint32_t index = directory_find(blocks, count, key, order);
    uint32_t at = block_find(&blocks[index], key, order, &found);
    if (!found)
        return insert(set, index, at, (struct weir_ordered_entry){key, weight}, heap);
    struct weir_ordered_entry *entry = &blocks[index].entries[at];
    entry->weight += weight;
    if (entry->weight != 0)
        return WEIR_ORDERED_COUNTED;
    take_out(set, index, at, heap);
    return WEIR_ORDERED_GONE;
}

void weir_ordered_set_drop(struct weir_ordered_set *set, struct weir_aggregate_heap *heap)
{
    uint32_t count;
    struct weir_ordered_block *blocks = blocks_of(set, &count);
    for (uint32_t i = 0; i < count; i++)
        block_free(&blocks[i], heap);
    if (set->is_many)
        weir_aggregate_heap_free(heap, blocks, set->of.many.capacity * sizeof *blocks);
    *set = (struct weir_ordered_set){0};
}

/* ---- reading ---- */

bool weir_ordered_set_next(const struct weir_ordered_set *set, uint32_t *cursor,
                           struct weir_ordered_block *block)
{
    uint32_t count = set->is_many ? set->of.many.count : 1;
    if (*cursor >= count)
        return false;
    *block = set->is_many ? set->of.many.blocks[*cursor] : set->of.one;
    ++*cursor;
    return block->count != 0;
}

uint64_t weir_ordered_set_count(const struct weir_ordered_set *set)
{
    struct weir_ordered_block block;
    uint64_t entries = 0;
    for (uint32_t cursor = 0; weir_ordered_set_next(set, &cursor, &block);)
        entries += block.count;
    return entries;
}

const struct weir_ordered_entry *weir_ordered_set_first(const struct weir_ordered_set *set)
{
    struct weir_ordered_block block;
    for (uint32_t cursor = 0; weir_ordered_set_next(set, &cursor, &block);)
        for (uint32_t i = 0; i < block.count; i++)
            if (block.entries[i].weight > 0)
                return &block.entries[i];
    return NULL;
}

const struct weir_ordered_entry *weir_ordered_set_last(const struct weir_ordered_set *set)
{
    struct weir_ordered_block block;
    for (uint32_t cursor = set->is_many ? set->of.many.count : 1; cursor-- > 0;) {
        uint32_t at = cursor;
        if (!weir_ordered_set_next(set, &at, &block))
            continue;
        for (uint32_t i = block.count; i-- > 0;)
            if (block.entries[i].weight > 0)
                return &block.entries[i];
    }
    return NULL;
}
