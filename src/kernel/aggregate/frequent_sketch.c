/* approx_top_k(x, k): the k most frequent values with their counts, most frequent first.
 *
 * A table of at most 8 k (at least 72) counters. When it is full, the median count is taken
 * off all of them and those at 0 or less go; the sum of what was taken off is the error bound (D.
 * Anderson et al., "A high-performance algorithm for identifying frequent items in data streams",
 * 2017). A count is over the true one by no more than that bound, which is at most N / (4 k); while
 * the group has at most 8 k (at least 72) distinct values, counts are exact. Ties: the least value
 * first. */
#include "base/hash.h"
#include "kernel/aggregate/order_key.h"

enum { K_MAX = 1000, CAPACITY_PER_K = 8, ENTRIES_MIN = 72, PURGE_SAMPLE = 512 };
#define FREQUENT_SEED UINT64_C(0x70F0C0DE5EED1234)

struct entry {
    struct weir_blob blob;
    int64_t count; /* 0: empty slot */
};
struct frequent {
    struct entry *slots;
    uint32_t slots_count; /* power of two */
    uint32_t used;
    int64_t taken; /* off every count, in all */
};
AGGREGATE_SIZE(frequent_size, struct frequent)

struct top_k {
    uint32_t k;
    uint32_t entries_max;
};

static bool before(const struct entry *a, const struct entry *b)
{
    if (a->count != b->count)
        return a->count > b->count;
    return weir_slice_compare(weir_blob_key(&a->blob), weir_blob_key(&b->blob)) < 0;
}
WEIR_SORT(sort_entries, struct entry, before)

static bool less_count(const int64_t *a, const int64_t *b)
{
    return *a < *b;
}
WEIR_SORT(sort_counts, int64_t, less_count)

static uint64_t key_hash(struct weir_slice key)
{
    return weir_hash_bytes(key.data, key.size, FREQUENT_SEED);
}

/* The slot of the key, or the empty one where it belongs. */
static struct entry *find(const struct frequent *table, struct weir_slice key)
{
    uint32_t mask = table->slots_count - 1;
    for (uint32_t i = (uint32_t)key_hash(key) & mask;; i = (i + 1) & mask) {
        struct entry *entry = &table->slots[i];
        if (!entry->count || weir_slice_equals(weir_blob_key(&entry->blob), key))
            return entry;
    }
}

/* Moves the entries to a table of count slots. */
static bool rehash(struct frequent *table, uint32_t count, struct weir_aggregate_heap *heap)
{
    struct entry *old = table->slots;
    uint32_t old_count = table->slots_count;
    struct entry *slots = weir_aggregate_heap_alloc(heap, count * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, count * sizeof *slots);
    table->slots = slots;
    table->slots_count = count;
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i].count)
            *find(table, weir_blob_key(&old[i].blob)) = old[i];
    weir_aggregate_heap_free(heap, old, old_count * sizeof *old);
    return true;
}

static int64_t median_count(const struct frequent *table)
{
    int64_t counts[PURGE_SAMPLE];
    uint32_t n = 0;
    for (uint32_t i = 0; i < table->slots_count && n < PURGE_SAMPLE; i++)
        if (table->slots[i].count)
            counts[n++] = table->slots[i].count;
    sort_counts(counts, n);
    return n ? counts[n / 2] : 0;
}

static bool purge(struct frequent *table, struct weir_aggregate_heap *heap)
{
    int64_t median = median_count(table);
    for (uint32_t i = 0; i < table->slots_count; i++) {
        struct entry *entry = &table->slots[i];
        if (!entry->count)
            continue;
        entry->count -= median;
        if (entry->count <= 0) {
            weir_blob_drop(&entry->blob, heap);
            entry->count = 0;
            table->used--;
        }
    }
    table->taken += median;
    return rehash(table, table->slots_count, heap); /* the holes have broken the probe chains */
}

/* Room for one more entry. False: no memory. */
static bool make_room(struct frequent *table, uint32_t entries_max,
                      struct weir_aggregate_heap *heap)
{
    if (table->used >= entries_max)
        return purge(table, heap);
    if (table->used >= table->slots_count / 4 * 3)
        return rehash(table, table->slots_count ? table->slots_count * 2 : 16, heap);
    return true;
}

static bool frequent_row(struct weir_aggregate_call *call, struct frequent *table, uint32_t lane,
                         struct weir_buffer *scratch)
{
    const struct weir_column *column = &call->args[0];
    const struct top_k *top = call->instance;
    struct weir_slice key;
    if (!weir_order_key(column, lane, scratch, &key))
        return false;
    struct entry *entry = table->slots_count ? find(table, key) : NULL;
    if (entry && entry->count) {
        entry->count++;
        return true;
    }
    struct weir_blob blob;
    if (!make_room(table, top->entries_max, call->heap) ||
        !weir_blob_make(&blob, column, lane, key, call->heap))
        return false;
    *find(table, key) = (struct entry){blob, 1};
    table->used++;
    return true;
}

static void frequent_update(struct weir_aggregate_call *call)
{
    struct weir_buffer scratch;
    weir_buffer_init(&scratch, call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        struct frequent *table = (struct frequent *)(void *)aggregate_state(call, i);
        if (weir_column_is_null(&call->args[0], lane))
            continue;
        if (!frequent_row(call, table, lane, &scratch)) {
            weir_aggregate_out_of_memory(call);
            break;
        }
    }
    weir_buffer_deinit(&scratch);
}

static void frequent_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct frequent *table = (struct frequent *)(void *)state;
    for (uint32_t i = 0; i < table->slots_count; i++)
        if (table->slots[i].count)
            weir_blob_drop(&table->slots[i].blob, heap);
    weir_aggregate_heap_free(heap, table->slots, table->slots_count * sizeof *table->slots);
    *table = (struct frequent){0};
}

/* Moves one entry of another table here. */
static bool adopt(struct frequent *table, struct entry *other, uint32_t entries_max,
                  struct weir_aggregate_heap *heap)
{
    struct weir_slice key = weir_blob_key(&other->blob);
    struct entry *entry = table->slots_count ? find(table, key) : NULL;
    if (entry && entry->count) {
        entry->count += other->count;
        weir_blob_drop(&other->blob, heap);
    } else {
        if (!make_room(table, entries_max, heap))
            return false;
        *find(table, key) = *other;
        table->used++;
    }
    other->count = 0;
    return true;
}

static void frequent_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct frequent *target = (struct frequent *)(void *)(into + call->state_offset);
    struct frequent *source = (struct frequent *)(void *)(from + call->state_offset);
    const struct top_k *top = call->instance;
    for (uint32_t i = 0; i < source->slots_count; i++) {
        if (source->slots[i].count &&
            !adopt(target, &source->slots[i], top->entries_max, call->heap)) {
            weir_aggregate_out_of_memory(call);
            return;
        }
    }
    target->taken += source->taken;
    frequent_drop((uint8_t *)source, call->heap);
}

/* The list of one group: its entries, copied into the arena and sorted. */
static enum weir_status write_top(struct weir_builder *builder, const struct frequent *table,
                                  uint32_t k, struct weir_arena *arena)
{
    struct entry *entries = WEIR_ARENA_ARRAY(arena, struct entry, (size_t)table->used + 1);
    uint32_t count = 0;
    if (!entries)
        return WEIR_E_OUT_OF_MEMORY;
    for (uint32_t i = 0; i < table->slots_count; i++)
        if (table->slots[i].count)
            entries[count++] = table->slots[i];
    sort_entries(entries, count);
    struct weir_builder *item = &builder->children[0];
    uint32_t first = item->rows_count;
    for (uint32_t i = 0; i < count && i < k; i++) {
        int64_t estimate = entries[i].count + table->taken;
        WEIR_TRY(weir_decode(&item->children[0], weir_blob_value(&entries[i].blob)));
        WEIR_TRY(weir_builder_append_value(&item->children[1], &estimate, NULL));
        WEIR_TRY(weir_builder_end_struct(item, NULL));
    }
    return weir_builder_end_list(builder, first, NULL);
}

static void frequent_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    const struct top_k *top = out->instance;
    struct weir_value_writer writer;
    weir_value_writer_begin(&writer, out);
    for (uint32_t i = 0; i < out->rows_count && !writer.failed; i++) {
        const struct frequent *table = AGGREGATE_FINISH_STATE(struct frequent, states, i, offset);
        if (!table->used)
            weir_value_writer_put_null(&writer, i);
        else
            writer.failed = write_top(&writer.builder, table, top->k, out->arena) != WEIR_OK;
    }
    weir_value_writer_end(&writer);
}

/* LIST<STRUCT<value T, count BIGINT>>. */
static const struct weir_type *top_type(const struct weir_type *value, struct weir_arena *arena)
{
    const struct weir_type *types[] = {value, weir_type_of(WEIR_TYPE_INT64)};
    const struct weir_slice names[] = {weir_slice_from_string("value"),
                                       weir_slice_from_string("count")};
    const struct weir_type *item = weir_type_struct(arena, 2, types, names);
    return item ? weir_type_list(arena, item) : NULL;
}

enum weir_status weir_bind_approx_top_k(struct weir_function_bind *bind, struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[1];
    if (!constant || weir_column_is_null(constant, 0))
        return weir_error_set(error, WEIR_E_NOT_CONSTANT,
                              "the second argument of approx_top_k must be a constant number");
    int64_t k = *(const int64_t *)constant->values;
    if (k < 1 || k > K_MAX)
        return weir_error_set(error, WEIR_E_BAD_ARGUMENT,
                              "approx_top_k gives between 1 and %d values, not %lld", K_MAX,
                              (long long)k);
    struct top_k *top = WEIR_ARENA_NEW(bind->arena, struct top_k);
    bind->result_type = top_type(bind->arg_types[0], bind->arena);
    if (!top || !bind->result_type)
        return weir_error_set_out_of_memory(error);
    top->k = (uint32_t)k;
    top->entries_max = (uint32_t)k * CAPACITY_PER_K;
    if (top->entries_max < ENTRIES_MIN)
        top->entries_max = ENTRIES_MIN;
    bind->instance = top;
    return WEIR_OK;
}

const struct weir_aggregate_ops weir_aggregate_approx_top_k = {
    frequent_size, frequent_update, frequent_merge, frequent_finish, frequent_drop, NULL};
