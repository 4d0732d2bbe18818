/* The heap, budgets and arenas.
 *
 * Arena: a list of chunks, each a 64-byte header and its bytes. `next` and `end` bound the free
 * rest of the current chunk; what does not fit takes the following chunk (kept from before a
 * reset) or a new one. A request larger than a chunk gets one of its own at the head of the list,
 * so that the rest of the current chunk stays in use:
 *
 *     first → [oversize] → [full] → [current ▒▒▒▒|next … end] → [kept] → NULL
 *
 * Under AddressSanitizer `end` stays equal to `next`, which sends every allocation through the
 * slow path; there the bytes handed out are unpoisoned and a red zone is left behind them.
 *
 * Threads: plain allocation from any thread; budgets and arenas belong to one thread each.
 * The two counters of weir_memory_fail_at are the only state of the process in base/: they
 * exist for fault sweeps, are atomic, and nothing but the sweep depends on them.
 *
 * Invariants
 *   1. Every heap allocation counts once in `allocations_count`.
 *   2. An arena's budget is charged for whole chunks, exactly while they are held.
 *   3. Chunks behind `current` are of the regular size and unused.
 * Tested in tests/unit/base/test_memory.c. */
#include "base/memory.h"
#include "base/checked.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifdef UNDER_ASAN
#include <sanitizer/asan_interface.h>
enum { RED_ZONE_SIZE = 16 };
#else
#define UNDER_ASAN 0
#define ASAN_POISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(memory, size) ((void)(memory), (void)(size))
enum { RED_ZONE_SIZE = 0 };
#endif

enum {
    ALIGNMENT = 64,
    CHUNK_SIZE_DEFAULT = 64 * 1024,
    CHUNK_SIZE_MIN = 512,
    HUGE_PAGE_SIZE = 2 * 1024 * 1024,
    HUGE_PAGES_FROM = 2 * HUGE_PAGE_SIZE
};

/* Budgets */

void weir_budget_init(struct weir_budget *budget, const char *name, uint64_t limit_bytes,
                      struct weir_budget *parent)
{
    *budget = (struct weir_budget){name, parent, limit_bytes, 0, 0};
}

/* A refused charge leaves a peak above the limit in the budget that refused: that is how
 * weir_budget_error tells a full budget from an empty heap. */
bool weir_budget_charge(struct weir_budget *budget, uint64_t size)
{
    for (struct weir_budget *node = budget; node; node = node->parent) {
        uint64_t wanted;
        if (__builtin_add_overflow(node->used_bytes, size, &wanted))
            wanted = UINT64_MAX;
        if (wanted > node->limit_bytes) {
            if (wanted > node->peak_bytes)
                node->peak_bytes = wanted;
            return false;
        }
    }
    for (struct weir_budget *node = budget; node; node = node->parent) {
        node->used_bytes += size;
        if (node->used_bytes > node->peak_bytes)
            node->peak_bytes = node->used_bytes;
    }
    return true;
}

void weir_budget_release(struct weir_budget *budget, uint64_t size)
{
    for (struct weir_budget *node = budget; node; node = node->parent) {
        assert(node->used_bytes >= size);
        node->used_bytes -= size;
    }
}

enum weir_status weir_budget_error(const struct weir_budget *budget, struct weir_error *error)
{
    for (const struct weir_budget *node = budget; node; node = node->parent) {
        if (node->peak_bytes > node->limit_bytes)
            return weir_error_set(error, WEIR_E_MEMORY_LIMIT,
                                  "%s has reached its memory limit of %llu bytes", node->name,
                                  (unsigned long long)node->limit_bytes);
    }
    return weir_error_set_out_of_memory(error);
}

/* Heap */

static atomic_uint_fast64_t allocations_count;
static atomic_uint_fast64_t failing_allocation; /* 0: none */

uint64_t weir_memory_fail_at(uint64_t n)
{
    atomic_store(&failing_allocation, 0);
    uint64_t count = atomic_exchange(&allocations_count, 0);
    atomic_store(&failing_allocation, n);
    return count;
}

static bool allocation_fails(void)
{
    uint64_t number = atomic_fetch_add_explicit(&allocations_count, 1, memory_order_relaxed) + 1;
    return WEIR_UNLIKELY(number == atomic_load_explicit(&failing_allocation, memory_order_relaxed));
}

void *weir_malloc(size_t size)
{
    return allocation_fails() ? NULL : malloc(size ? size : 1);
}

void *weir_calloc(size_t count, size_t size)
{
    size_t total;
    if (!weir_mul_size(count, size, &total) || allocation_fails())
        return NULL;
    return calloc(1, total ? total : 1);
}

void *weir_realloc(void *memory, size_t size)
{
    return allocation_fails() ? NULL : realloc(memory, size ? size : 1);
}

void weir_free(void *memory)
{
    free(memory);
}

void *weir_malloc_aligned(size_t size)
{
    size_t alignment = size >= HUGE_PAGES_FROM ? HUGE_PAGE_SIZE : ALIGNMENT;
    size_t rounded;
    if (!weir_add_size(size ? size : 1, ALIGNMENT - 1, &rounded) || allocation_fails())
        return NULL;
    rounded &= ~(size_t)(ALIGNMENT - 1);
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, rounded))
        return NULL;
    /* Advice only: where huge pages are off, nothing changes but the speed. */
    if (alignment == HUGE_PAGE_SIZE)
        (void)madvise(memory, rounded & ~(size_t)4095, MADV_HUGEPAGE);
    return memory;
}

void weir_free_aligned(void *memory, size_t size)
{
    (void)size;
    free(memory);
}

void weir_memory_retain(void)
{
#ifdef __GLIBC__
    enum { RETAINED = 16 << 20, MAPPED_FROM = 8 << 20 };
    (void)mallopt(M_TRIM_THRESHOLD, RETAINED);
    (void)mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
#endif
}

/* Arenas */

struct weir_arena_chunk {
    struct weir_arena_chunk *next;
    size_t size; /* of the whole, header included */
};

enum { CHUNK_HEADER_SIZE = ALIGNMENT };
static_assert(sizeof(struct weir_arena_chunk) <= CHUNK_HEADER_SIZE, "the header fits");

static char *chunk_begin(struct weir_arena_chunk *chunk)
{
    return (char *)chunk + CHUNK_HEADER_SIZE;
}

static char *chunk_end(struct weir_arena_chunk *chunk)
{
    return (char *)chunk + chunk->size;
}

static struct weir_arena_chunk *chunk_create(struct weir_budget *budget, size_t size)
{
    if (!weir_budget_charge(budget, size))
        return NULL;
    struct weir_arena_chunk *chunk = weir_malloc_aligned(size);
    if (!chunk) {
        weir_budget_release(budget, size);
        return NULL;
    }
    chunk->next = NULL;
    chunk->size = size;
    ASAN_POISON_MEMORY_REGION(chunk_begin(chunk), size - CHUNK_HEADER_SIZE);
    return chunk;
}

static void chunk_destroy(struct weir_budget *budget, struct weir_arena_chunk *chunk)
{
    size_t size = chunk->size;
    ASAN_UNPOISON_MEMORY_REGION(chunk_begin(chunk), size - CHUNK_HEADER_SIZE);
    weir_free_aligned(chunk, size);
    weir_budget_release(budget, size);
}

/* Makes chunk the current one with everything from `from` on free. */
static void arena_enter(struct weir_arena *arena, struct weir_arena_chunk *chunk, char *from)
{
    arena->current = chunk;
    arena->next = from;
    arena->end = UNDER_ASAN ? from : chunk_end(chunk);
}

void weir_arena_init(struct weir_arena *arena, struct weir_budget *budget, size_t chunk_size)
{
    if (chunk_size == 0)
        chunk_size = CHUNK_SIZE_DEFAULT;
    if (chunk_size < CHUNK_SIZE_MIN)
        chunk_size = CHUNK_SIZE_MIN;
    *arena = (struct weir_arena){NULL, NULL, NULL, NULL, budget, chunk_size};
}

void weir_arena_deinit(struct weir_arena *arena)
{
    for (struct weir_arena_chunk *chunk = arena->first, *next; chunk; chunk = next) {
        next = chunk->next;
        chunk_destroy(arena->budget, chunk);
    }
    weir_arena_init(arena, arena->budget, arena->chunk_size);
}

void weir_arena_detach(struct weir_arena *arena)
{
    if (arena->budget)
        weir_budget_release(arena->budget, weir_arena_size(arena));
    arena->budget = NULL;
}

void weir_arena_reset(struct weir_arena *arena)
{
    struct weir_arena_chunk **link = &arena->first;
    while (*link) {
        struct weir_arena_chunk *chunk = *link;
        if (chunk->size > arena->chunk_size) {
            *link = chunk->next;
            chunk_destroy(arena->budget, chunk);
            continue;
        }
        ASAN_POISON_MEMORY_REGION(chunk_begin(chunk), chunk->size - CHUNK_HEADER_SIZE);
        link = &chunk->next;
    }
    arena->next = arena->end = NULL;
    arena->current = NULL;
    if (arena->first)
        arena_enter(arena, arena->first, chunk_begin(arena->first));
}

/* Takes size bytes from the current chunk; NULL when they do not fit. */
static void *take(struct weir_arena *arena, size_t size, size_t alignment)
{
    char *end = chunk_end(arena->current);
    uintptr_t next = (uintptr_t)arena->next;
    uintptr_t start = (next + (alignment - 1)) & ~(uintptr_t)(alignment - 1);
    if (start > (uintptr_t)end || size > (size_t)((uintptr_t)end - start))
        return NULL;
    char *memory = arena->next + (start - next);
    char *after = memory + size;
    ASAN_UNPOISON_MEMORY_REGION(memory, size);
    if (RED_ZONE_SIZE)
        after = end - after > RED_ZONE_SIZE ? after + RED_ZONE_SIZE : end;
    arena_enter(arena, arena->current, after);
    return memory;
}

static void *take_oversize(struct weir_arena *arena, size_t size)
{
    size_t total;
    if (!weir_add_size(size, CHUNK_HEADER_SIZE, &total))
        return NULL;
    struct weir_arena_chunk *chunk = chunk_create(arena->budget, total);
    if (!chunk)
        return NULL;
    chunk->next = arena->first;
    arena->first = chunk;
    if (!arena->current)
        arena_enter(arena, chunk, chunk_end(chunk));
    ASAN_UNPOISON_MEMORY_REGION(chunk_begin(chunk), size);
    return chunk_begin(chunk); /* 64-byte aligned, which is the most anyone may ask */
}

void *weir_arena_alloc_slow(struct weir_arena *arena, size_t size, size_t alignment)
{
    assert(alignment && alignment <= ALIGNMENT && (alignment & (alignment - 1)) == 0);
    if (arena->current) {
        void *memory = take(arena, size, alignment);
        if (memory)
            return memory;
    }
    if (size > arena->chunk_size - CHUNK_HEADER_SIZE)
        return take_oversize(arena, size);
    struct weir_arena_chunk *chunk = arena->current ? arena->current->next : NULL;
    if (!chunk) {
        chunk = chunk_create(arena->budget, arena->chunk_size);
        if (!chunk)
            return NULL;
        if (arena->current)
            arena->current->next = chunk;
        else
            arena->first = chunk;
    }
    arena_enter(arena, chunk, chunk_begin(chunk));
    return take(arena, size, alignment);
}

void *weir_arena_calloc(struct weir_arena *arena, size_t count, size_t size)
{
    size_t total;
    if (!weir_mul_size(count, size, &total))
        return NULL;
    void *memory = weir_arena_alloc(arena, total, _Alignof(max_align_t));
    if (memory)
        memset(memory, 0, total);
    return memory;
}

char *weir_arena_copy(struct weir_arena *arena, struct weir_slice bytes)
{
    size_t size;
    if (!weir_add_size(bytes.size, 1, &size))
        return NULL;
    char *copy = weir_arena_alloc(arena, size, 1);
    if (!copy)
        return NULL;
    if (bytes.size)
        memcpy(copy, bytes.data, bytes.size);
    copy[bytes.size] = '\0';
    return copy;
}

char *weir_arena_printf(struct weir_arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int size = vsnprintf(NULL, 0, format, arguments);
    char *text = size < 0 ? NULL : weir_arena_alloc(arena, (size_t)size + 1, 1);
    if (text)
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(arguments);
    return text;
}

size_t weir_arena_size(const struct weir_arena *arena)
{
    size_t total = 0;
    for (const struct weir_arena_chunk *chunk = arena->first; chunk; chunk = chunk->next)
        total += chunk->size;
    return total;
}
