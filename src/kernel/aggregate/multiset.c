/* Values with counts, sorted when asked: see multiset.h. */
#include "kernel/aggregate/multiset.h"

static bool less_word(const struct weir_multiset_word *a, const struct weir_multiset_word *b)
{
    return a->word < b->word;
}
static int compare_blobs(const struct weir_multiset_blob *a, const struct weir_multiset_blob *b)
{
    return weir_slice_compare(weir_blob_key(&a->blob), weir_blob_key(&b->blob));
}
static bool less_blob(const struct weir_multiset_blob *a, const struct weir_multiset_blob *b)
{
    return compare_blobs(a, b) < 0;
}
WEIR_SORT(sort_words, struct weir_multiset_word, less_word)
WEIR_SORT(sort_blobs, struct weir_multiset_blob, less_blob)

static struct weir_multiset_word *words_of(const struct weir_multiset *set)
{
    return (struct weir_multiset_word *)(void *)set->entries.bytes;
}
static struct weir_multiset_blob *blobs_of(const struct weir_multiset *set)
{
    return (struct weir_multiset_blob *)(void *)set->entries.bytes;
}
static size_t entry_size(const struct weir_multiset *set)
{
    return set->kind == WEIR_MULTISET_WORDS ? sizeof(struct weir_multiset_word)
                                            : sizeof(struct weir_multiset_blob);
}

size_t weir_multiset_size(const struct weir_multiset *set)
{
    return set->entries.size / entry_size(set);
}

int64_t weir_multiset_weight(const struct weir_multiset *set, size_t i)
{
    return set->kind == WEIR_MULTISET_WORDS ? words_of(set)[i].weight : blobs_of(set)[i].weight;
}

/* Joins neighbours of equal key. Without heap, entries of weight 0 and doubles of a blob stay
 * (with weight 0), as they own memory. */
static void join_words(struct weir_multiset *set)
{
    struct weir_multiset_word *words = words_of(set);
    size_t count = weir_multiset_size(set), kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept && words[kept - 1].word == words[i].word) {
            words[kept - 1].weight += words[i].weight;
        } else {
            if (kept && words[kept - 1].weight == 0)
                kept--;
            words[kept++] = words[i];
        }
    }
    if (kept && words[kept - 1].weight == 0)
        kept--;
    set->entries.size = kept * sizeof *words;
}

static void join_blobs(struct weir_multiset *set, struct weir_aggregate_heap *heap)
{
    struct weir_multiset_blob *blobs = blobs_of(set);
    size_t count = weir_multiset_size(set), kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct weir_multiset_blob entry = blobs[i];
        if (kept && compare_blobs(&blobs[kept - 1], &entry) == 0) {
            blobs[kept - 1].weight += entry.weight;
            entry.weight = 0;
            if (heap) {
                weir_blob_drop(&entry.blob, heap);
                continue;
            }
            /* The sum goes to the newcomer, so that the next neighbour finds it. */
            entry.weight = blobs[kept - 1].weight;
            blobs[kept - 1].weight = 0;
        } else if (heap && kept && blobs[kept - 1].weight == 0) {
            weir_blob_drop(&blobs[--kept].blob, heap);
        }
        blobs[kept++] = entry;
    }
    if (heap && kept && blobs[kept - 1].weight == 0)
        weir_blob_drop(&blobs[--kept].blob, heap);
    set->entries.size = kept * sizeof *blobs;
}

int64_t weir_multiset_sort(struct weir_multiset *set, struct weir_aggregate_heap *heap)
{
    if (!set->kind)
        return 0;
    size_t count = weir_multiset_size(set);
    if (!set->sorted || heap) {
        if (set->kind == WEIR_MULTISET_WORDS) {
            sort_words(words_of(set), count);
            join_words(set);
        } else {
            sort_blobs(blobs_of(set), count);
            join_blobs(set, heap);
        }
        set->sorted = 1;
    }
    int64_t total = 0;
    count = weir_multiset_size(set);
    for (size_t i = 0; i < count; i++)
        total += weir_multiset_weight(set, i);
    return total;
}

size_t weir_multiset_find(const struct weir_multiset *set, int64_t rank)
{
    size_t count = weir_multiset_size(set), last = 0;
    for (size_t i = 0; i < count; i++) {
        int64_t weight = weir_multiset_weight(set, i);
        if (weight <= 0)
            continue;
        last = i;
        if (rank < weight)
            return i;
        rank -= weight;
    }
    return last;
}

struct weir_slice weir_multiset_value(const struct weir_multiset *set, size_t i,
                                      const struct weir_type *type, struct weir_lane *lane)
{
    if (set->kind == WEIR_MULTISET_BLOBS)
        return weir_blob_value(&blobs_of(set)[i].blob);
    *lane = weir_order_unword(type, words_of(set)[i].word);
    return weir_slice_make((const char *)lane->bytes, weir_type_width(type));
}

/* Room for one more entry; sorts and joins before it grows. */
static void *append(struct weir_multiset *set, struct weir_aggregate_heap *heap)
{
    size_t size = entry_size(set);
    bool is_full = set->entries.capacity - set->entries.size < size;
    if (is_full && set->entries.size >= 64 * size && !set->sorted) {
        (void)weir_multiset_sort(set, heap);
        /* Less than a quarter gained: grow, or the next sort comes too soon. */
        if (set->entries.size > set->entries.capacity / 4 * 3) {
            size_t used = set->entries.size;
            if (!weir_grown_append(&set->entries, set->entries.capacity - used + size, heap))
                return NULL;
            set->entries.size = used;
        }
    }
    set->sorted = 0;
    return weir_grown_append(&set->entries, size, heap);
}

bool weir_multiset_add(struct weir_multiset *set, const struct weir_column *column, uint32_t lane,
                       int64_t weight, struct weir_buffer *scratch,
                       struct weir_aggregate_heap *heap)
{
    if (weir_order_has_word(column->type)) {
        set->kind = WEIR_MULTISET_WORDS;
        struct weir_multiset_word *entry = append(set, heap);
        if (entry)
            *entry = (struct weir_multiset_word){
                weir_order_word(column, weir_column_index(column, lane)), weight};
        return entry != NULL;
    }
    struct weir_slice key;
    struct weir_blob blob;
    set->kind = WEIR_MULTISET_BLOBS;
    if (!weir_order_key(column, lane, scratch, &key) ||
        !weir_blob_make(&blob, column, lane, key, heap))
        return false;
    struct weir_multiset_blob *entry = append(set, heap);
    if (entry)
        *entry = (struct weir_multiset_blob){blob, weight};
    else
        weir_blob_drop(&blob, heap);
    return entry != NULL;
}

bool weir_multiset_merge(struct weir_multiset *into, struct weir_multiset *from,
                         struct weir_aggregate_heap *heap)
{
    if (from->kind)
        into->kind = from->kind;
    into->sorted = 0;
    if (!weir_grown_merge(&into->entries, &from->entries, heap))
        return false;
    from->kind = from->sorted = 0;
    return true;
}

void weir_multiset_drop(struct weir_multiset *set, struct weir_aggregate_heap *heap)
{
    if (set->kind == WEIR_MULTISET_BLOBS)
        for (size_t i = 0; i < weir_multiset_size(set); i++)
            weir_blob_drop(&blobs_of(set)[i].blob, heap);
    weir_grown_drop(&set->entries, heap);
    set->kind = set->sorted = 0;
}
