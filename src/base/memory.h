/* Heap memory with budgets, and arenas with named lifetimes.
 *
 * All heap memory of weir comes from here. A budget is a node in a tree (process > job > operator
 * …); an allocation is charged to its budget and to every ancestor, and fails (NULL) when one of
 * them would exceed its limit. Budgets are not thread-safe: one tree per worker. An arena hands out
 * memory that is freed all at once; it keeps its chunks over a reset, so a hot path allocates
 * nothing after warm-up. Under ASan, memory is poisoned on reset.
 *
 * Tests make the N-th allocation fail with weir_memory_fail_at (STYLE: fault sweeps). */
#ifndef WEIR_BASE_MEMORY_H
#define WEIR_BASE_MEMORY_H

#include "base/compiler.h"
#include "base/slice.h"
#include "base/status.h"

struct weir_budget {
    const char *name; /* borrowed; named in the error when the limit is reached */
    struct weir_budget *parent;
    uint64_t limit_bytes; /* UINT64_MAX: none of its own */
    uint64_t used_bytes;
    uint64_t peak_bytes;
};

void weir_budget_init(struct weir_budget *budget, const char *name, uint64_t limit_bytes,
                      struct weir_budget *parent);
/* False, and nothing charged, when a limit would be exceeded. */
WEIR_CHECKED bool weir_budget_charge(struct weir_budget *budget, uint64_t size);
void weir_budget_release(struct weir_budget *budget, uint64_t size);
/* MEMORY_LIMIT naming the budget that is full, or OUT_OF_MEMORY when none is. budget may be NULL.
 */
enum weir_status weir_budget_error(const struct weir_budget *budget, struct weir_error *error);

/* Plain heap, not charged. Size 0 gives a valid pointer. NULL when memory has run out. */
WEIR_CHECKED void *weir_malloc(size_t size);
WEIR_CHECKED void *weir_calloc(size_t count, size_t size); /* checks the product */
WEIR_CHECKED void *weir_realloc(void *memory, size_t size);
void weir_free(void *memory);
/* 64-byte aligned, huge-page advised from 4 MiB on; free with weir_free_aligned. */
WEIR_CHECKED void *weir_malloc_aligned(size_t size);
void weir_free_aligned(void *memory, size_t size);

/* Lets the process keep a few MiB that it has freed: what a batch needs, the next one needs again,
 * and pages given back to the system would be zeroed for it anew. For programs of our own; who
 * embeds weir decides for himself. */
void weir_memory_retain(void);

/* The N-th allocation from now (1 = the next) fails, once; 0 switches off. Returns how many
 * allocations were made since the last call. For tests. */
uint64_t weir_memory_fail_at(uint64_t n);

struct weir_arena_chunk;
struct weir_arena {
    char *next; /* first free byte */
    char *end;
    struct weir_arena_chunk *first;   /* all chunks, in order of use */
    struct weir_arena_chunk *current; /* the one next points into; NULL before first use */
    struct weir_budget *budget;       /* borrowed; may be NULL */
    size_t chunk_size;
};

/* chunk_size 0 means 64 KiB. Nothing is allocated before the first use. */
void weir_arena_init(struct weir_arena *arena, struct weir_budget *budget, size_t chunk_size);
void weir_arena_deinit(struct weir_arena *arena);
/* Frees all, keeps the chunks for reuse (chunks larger than chunk_size are given back). */
void weir_arena_reset(struct weir_arena *arena);
/* Gives back what was charged and forgets the budget; the memory stays. */
void weir_arena_detach(struct weir_arena *arena);
/* The slow path of weir_arena_alloc: takes a new chunk. */
void *weir_arena_alloc_slow(struct weir_arena *arena, size_t size, size_t alignment);

/* alignment is a power of two, at most 64. NULL when memory or budget has run out. */
WEIR_CHECKED static inline void *weir_arena_alloc(struct weir_arena *arena, size_t size,
                                                  size_t alignment)
{
    uintptr_t start = ((uintptr_t)arena->next + (alignment - 1)) & ~(uintptr_t)(alignment - 1);
    if (WEIR_LIKELY(arena->next && start <= (uintptr_t)arena->end &&
                    size <= (uintptr_t)arena->end - start)) {
        char *memory = arena->next + (start - (uintptr_t)arena->next);
        arena->next = memory + size;
        return memory;
    }
    return weir_arena_alloc_slow(arena, size, alignment);
}

/* Zeroed array of count items; checks the product. */
WEIR_CHECKED void *weir_arena_calloc(struct weir_arena *arena, size_t count, size_t size);
/* A copy of the bytes (NUL-terminated beyond the size). NULL on failure. */
WEIR_CHECKED char *weir_arena_copy(struct weir_arena *arena, struct weir_slice bytes);
/* printf into the arena, NUL-terminated. NULL on failure. */
WEIR_CHECKED char *weir_arena_printf(struct weir_arena *arena, const char *format, ...)
    WEIR_PRINTF(2, 3);
/* Total bytes held from the heap. */
size_t weir_arena_size(const struct weir_arena *arena);

#define WEIR_ARENA_NEW(arena, type) ((type *)weir_arena_calloc((arena), 1, sizeof(type)))
#define WEIR_ARENA_ARRAY(arena, type, count) \
    ((type *)weir_arena_calloc((arena), (count), sizeof(type)))

#endif
