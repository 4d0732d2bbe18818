/* Rows of a state table: chunks that never move, ids, and the heap of long texts.
 *
 * Chunks hold 16, 32, 64 … rows until one has 4 MiB or more (huge pages), then all are of that
 * size; so the chunk and the place of an id follow from its leading bit (table_row), and a table of
 * eight keys costs less than a page. Texts longer than 12 bytes are copied into pieces of a size
 * class (steps of 8 up to 256, then quarter powers of two), which deletion puts on the class's
 * free list. Tested in tests/unit/state/test_table.c. */
#include "state/table_internal.h"

#include "base/checked.h"

#include <assert.h>

void *table_alloc(struct weir_state_table *table, size_t size)
{
    if (!weir_budget_charge(table->budget, size))
        return NULL;
    void *memory = weir_malloc_aligned(size);
    if (!memory)
        weir_budget_release(table->budget, size);
    return memory;
}

void table_free(struct weir_state_table *table, void *memory, size_t size)
{
    if (!memory)
        return;
    weir_free_aligned(memory, size);
    weir_budget_release(table->budget, size);
}

/* Rows of chunk number `chunk`. */
static size_t chunk_rows(const struct weir_state_table *table, uint32_t chunk)
{
    uint32_t shift = chunk + TABLE_FIRST_SHIFT;
    return (size_t)1 << (shift < table->double_shift ? shift : table->double_shift);
}

/* First id of the chunk after the last: the ids there is room for. */
static uint64_t rows_capacity(const struct weir_state_table *table)
{
    uint32_t doubling = table->double_shift - TABLE_FIRST_SHIFT + 1;
    uint64_t first = UINT64_C(1) << TABLE_FIRST_SHIFT;
    if (table->chunks_count <= doubling)
        return (first << table->chunks_count) - first;
    return (first << doubling) - first +
           ((uint64_t)(table->chunks_count - doubling) << table->double_shift);
}

static bool chunks_reserve(struct weir_state_table *table)
{
    if (table->chunks_count < table->chunks_capacity)
        return true;
    uint32_t capacity = table->chunks_capacity ? table->chunks_capacity * 2 : 4;
    uint8_t **chunks = table_alloc(table, capacity * sizeof *chunks);
    if (!chunks)
        return false;
    if (table->chunks_count)
        memcpy(chunks, table->chunks, table->chunks_count * sizeof *chunks);
    table_free(table, table->chunks, table->chunks_capacity * sizeof *chunks);
    table->chunks = chunks;
    table->chunks_capacity = capacity;
    return true;
}

static bool chunk_add(struct weir_state_table *table)
{
    if (!chunks_reserve(table))
        return false;
    uint8_t *chunk = table_alloc(table, chunk_rows(table, table->chunks_count) * table->row_size);
    if (!chunk)
        return false;
    assert(((uintptr_t)chunk & ~TABLE_ADDRESS_MASK) == 0);
    table->chunks[table->chunks_count++] = chunk;
    return true;
}

/* The one that is taken next: what has been freed has long been out of the cache. */
static void prefetch_free_row(const struct weir_state_table *table)
{
    if (table->free_id == TABLE_ID_NONE)
        return;
    const uint8_t *row = table_row(table, table->free_id);
    for (uint32_t at = 0; at < table->row_size; at += 64)
        __builtin_prefetch(row + at, 1);
}

static uint8_t *row_take(struct weir_state_table *table, uint32_t *id)
{
    if (table->free_id != TABLE_ID_NONE && table->growth != TABLE_MIGRATING) { /* T3 */
        uint8_t *row = table_row(table, table->free_id);
        *id = table->free_id;
        table->free_id = table_header(row)->hash;
        prefetch_free_row(table);
        return row;
    }
    if (table->ids_count == table_ids_max(table))
        return NULL;
    if (table->ids_count == rows_capacity(table) && !chunk_add(table))
        return NULL;
    *id = table->ids_count++;
    return table_row(table, *id);
}

uint8_t *table_row_create(struct weir_state_table *table, uint32_t hash)
{
    uint32_t id;
    uint8_t *row = row_take(table, &id);
    if (!row)
        return NULL;
    *table_header(row) = (struct table_row_header){hash, id};
    memset(row + TABLE_HEADER_SIZE, 0, table->row_size - TABLE_HEADER_SIZE);
    table->live_count++;
    return row;
}

uint32_t table_rows_run(struct weir_state_table *table, uint8_t **row)
{
    if (table->free_id != TABLE_ID_NONE || table->ids_count >= table_ids_max(table) ||
        (table->ids_count == rows_capacity(table) && !chunk_add(table)))
        return 0;
    *row = table_row(table, table->ids_count);
    /* The last chunk may not be the one they are in: after a clear there are more behind. */
    uint32_t chunk = 0;
    uint64_t end = chunk_rows(table, 0);
    while (end <= table->ids_count)
        end += chunk_rows(table, ++chunk);
    uint64_t rest = end - table->ids_count;
    return rest < WEIR_BATCH_ROWS_MAX ? (uint32_t)rest : WEIR_BATCH_ROWS_MAX;
}

void table_rows_take_run(struct weir_state_table *table, uint32_t count)
{
    table->ids_count += count;
    table->live_count += count;
}

uint8_t *table_row_create_word(struct weir_state_table *table, uint64_t word)
{
    uint32_t id;
    uint8_t *row = row_take(table, &id);
    if (!row)
        return NULL;
    *table_header(row) = (struct table_row_header){0, id};
    memcpy(row + TABLE_HEADER_SIZE, &word, sizeof word);
    table->live_count++;
    return row;
}

void table_row_free(struct weir_state_table *table, uint8_t *row)
{
    struct table_row_header *header = table_header(row);
    uint32_t id = header->id;
    assert(id != TABLE_ID_NONE);
    *header = (struct table_row_header){.hash = table->free_id, .id = TABLE_ID_NONE}; /* T2 */
    table->free_id = id;
    table->live_count--;
}

void table_rows_clear(struct weir_state_table *table)
{
    table->ids_count = table->live_count = 0;
    table->free_id = table->null_id = TABLE_ID_NONE;
    if (table->text_heap) {
        for (uint32_t i = 0; i < TABLE_TEXT_STEPS; i++)
            weir_arena_reset(&table->text_heap->arenas[i]);
        memset(table->text_heap->free_lists, 0, sizeof table->text_heap->free_lists);
        table->text_heap->bytes = 0;
    }
}

void table_rows_deinit(struct weir_state_table *table)
{
    for (uint32_t i = 0; i < table->chunks_count; i++)
        table_free(table, table->chunks[i], chunk_rows(table, i) * table->row_size);
    table_free(table, table->chunks, table->chunks_capacity * sizeof *table->chunks);
    if (table->text_heap) {
        for (uint32_t i = 0; i < TABLE_TEXT_STEPS; i++)
            weir_arena_deinit(&table->text_heap->arenas[i]);
        table_free(table, table->text_heap, sizeof *table->text_heap);
    }
}

/* Long texts */

/* The size class of a text, and the bytes its pieces have. */
static uint32_t text_class(size_t size, size_t *piece_size)
{
    if (size <= 256) {
        uint32_t index = (uint32_t)((size + 7) / 8) - 1;
        *piece_size = (index + 1) * 8u;
        return index;
    }
    uint32_t power = 63 - (uint32_t)__builtin_clzll((unsigned long long)size - 1); /* >= 8 */
    size_t step = (size_t)1 << (power - 2);
    uint32_t quarter = (uint32_t)((size - 1 - ((size_t)1 << power)) / step);
    *piece_size = ((size_t)1 << power) + (quarter + 1) * step;
    return 32 + (power - 8) * 4 + quarter;
}

/* A step is for texts behind the first so many bytes, and has chunks of so many. */
static const struct {
    size_t behind, chunk_size;
} text_steps[TABLE_TEXT_STEPS] = {{0, 16 << 10}, {1 << 20, 128 << 10}, {8 << 20, 4 << 20}};

static bool text_heap_create(struct weir_state_table *table)
{
    table->text_heap = table_alloc(table, sizeof *table->text_heap);
    if (!table->text_heap)
        return false;
    memset(table->text_heap, 0, sizeof *table->text_heap);
    for (uint32_t i = 0; i < TABLE_TEXT_STEPS; i++)
        weir_arena_init(&table->text_heap->arenas[i], table->budget, text_steps[i].chunk_size);
    return true;
}

static char *new_piece(struct table_text_heap *heap, size_t size)
{
    uint32_t step = TABLE_TEXT_STEPS - 1;
    while (heap->bytes < text_steps[step].behind)
        step--;
    heap->bytes += size;
    return weir_arena_alloc(&heap->arenas[step], size, 8);
}

bool table_text_copy(struct weir_state_table *table, const struct weir_view *from,
                     struct weir_view *to)
{
    if (from->size <= WEIR_VIEW_INLINE_MAX) {
        *to = *from;
        return true;
    }
    if (!table->text_heap && !text_heap_create(table))
        return false;
    size_t piece_size;
    uint32_t index = text_class(from->size, &piece_size);
    void **list = &table->text_heap->free_lists[index];
    char *piece = *list;
    if (piece) {
        memcpy(list, piece, sizeof *list);
        if (*list) { /* as prefetch_free_row */
            __builtin_prefetch(*list, 1);
            __builtin_prefetch((char *)*list + piece_size - 1, 1);
        }
    } else {
        piece = new_piece(table->text_heap, piece_size);
    }
    if (!piece)
        return false;
    memcpy(piece, from->body.far.data, from->size);
    *to = weir_view_make(piece, from->size);
    return true;
}

void table_text_free(struct weir_state_table *table, const struct weir_view *view)
{
    if (view->size <= WEIR_VIEW_INLINE_MAX)
        return;
    size_t piece_size;
    void **list = &table->text_heap->free_lists[text_class(view->size, &piece_size)];
    char *piece = NULL;
    memcpy(&piece, &view->body.far.data, sizeof piece);
    memcpy(piece, list, sizeof *list);
    *list = piece;
}
