/* The table of aggregate functions, made from aggregates.def; and the heap their states use. */
#include "kernel/functions.h"
#include "kernel/resolve.h"

#define ORDER_SENSITIVE WEIR_AGGREGATE_ORDER_SENSITIVE
#define RETRACTS WEIR_AGGREGATE_RETRACTS
#define COUNTS_NULLS WEIR_AGGREGATE_COUNTS_NULLS
#define WITHIN_GROUP WEIR_AGGREGATE_WITHIN_GROUP
#define SKETCH WEIR_AGGREGATE_SKETCH
#define FALLIBLE WEIR_AGGREGATE_FALLIBLE
#define ALIAS WEIR_AGGREGATE_ALIAS
#define WEIR WEIR_AGGREGATE_WEIR
#define DUPLICATE_FREE WEIR_AGGREGATE_DUPLICATE_FREE
#define FIXED_IN_PLACE WEIR_AGGREGATE_FIXED_IN_PLACE

/* The last entry only keeps the table from being empty; it is never counted. */
static const struct weir_aggregate aggregates[] = {
#define WEIR_AGGREGATE(name, signature, ops, bind, flags, category, summary, example, result) \
    {name, signature, &ops, bind, (flags), category, summary, example, result},
#include "kernel/aggregate/aggregates.def"
#undef WEIR_AGGREGATE
    {0},
};
enum { AGGREGATES_COUNT = WEIR_COUNT_OF(aggregates) - 1 };

static bool is_within_group(const void *entry)
{
    return ((const struct weir_aggregate *)entry)->flags & WEIR_AGGREGATE_WITHIN_GROUP;
}
static bool is_plain(const void *entry)
{
    return !is_within_group(entry);
}

static struct weir_resolve_table table_make(bool within_group)
{
    return (struct weir_resolve_table){
        .entries = aggregates,
        .entry_size = sizeof aggregates[0],
        .entries_count = AGGREGATES_COUNT,
        .noun = "aggregate",
        .is_eligible = within_group ? is_within_group : is_plain,
    };
}

const struct weir_aggregate *weir_aggregates_all(size_t *count)
{
    *count = AGGREGATES_COUNT;
    return aggregates;
}

bool weir_aggregate_exists(struct weir_slice name)
{
    struct weir_resolve_table table = table_make(false);
    return weir_resolve_name_exists(&table, name);
}

enum weir_status
weir_aggregate_resolve(struct weir_slice name, const struct weir_function_arg *args,
                       uint32_t args_count, enum weir_within_group within_group,
                       const struct weir_session *session, struct weir_arena *arena,
                       struct weir_aggregate_match *match, struct weir_error *error)
{
    struct weir_resolve_table table = table_make(within_group != WEIR_WITHIN_GROUP_NONE);
    struct weir_resolve_call call = {name, args, args_count, session, arena};
    struct weir_resolution found;
    WEIR_TRY(weir_resolve(&table, &call, &found, error));
    const struct weir_aggregate *aggregate = &aggregates[found.index];
    struct weir_function_bind bind = {
        .arg_types = found.arg_types,
        .constants = found.constants,
        .args_count = args_count,
        .descending = within_group == WEIR_WITHIN_GROUP_DESCENDING,
        .result_type = found.result_type,
        .arena = arena,
        .session = session,
    };
    if (aggregate->bind)
        WEIR_TRY(aggregate->bind(&bind, error));
    *match = (struct weir_aggregate_match){.aggregate = aggregate,
                                           .arg_types = bind.arg_types,
                                           .result_type = bind.result_type,
                                           .instance = bind.instance,
                                           .state_size = aggregate->ops->state_size(&bind)};
    return WEIR_OK;
}

/* --- the heap -------------------------------------------------------------------------------- */

enum { HEAP_CLASS_MIN = 4 }; /* 16 bytes */

struct free_block {
    struct free_block *next;
};

/* Index of the power of two that holds size; blocks are aligned to 16. */
static unsigned heap_class(size_t size)
{
    unsigned bits = size <= 16 ? HEAP_CLASS_MIN : 64 - (unsigned)__builtin_clzll(size - 1);
    return bits - HEAP_CLASS_MIN;
}

void weir_aggregate_heap_init(struct weir_aggregate_heap *heap, struct weir_budget *budget)
{
    memset(heap, 0, sizeof *heap);
    weir_arena_init(&heap->arena, budget, 0);
}

void weir_aggregate_heap_deinit(struct weir_aggregate_heap *heap)
{
    weir_arena_deinit(&heap->arena);
    memset(heap->free_lists, 0, sizeof heap->free_lists);
}

void *weir_aggregate_heap_alloc(struct weir_aggregate_heap *heap, size_t size)
{
    unsigned class = heap_class(size);
    if (class >= WEIR_COUNT_OF(heap->free_lists))
        return NULL;
    struct free_block *block = heap->free_lists[class];
    if (block) {
        heap->free_lists[class] = block->next;
        return block;
    }
    return weir_arena_alloc(&heap->arena, (size_t)1 << (class + HEAP_CLASS_MIN), 16);
}

void weir_aggregate_heap_free(struct weir_aggregate_heap *heap, void *memory, size_t size)
{
    if (!memory)
        return;
    struct free_block *block = memory;
    unsigned class = heap_class(size);
    block->next = heap->free_lists[class];
    heap->free_lists[class] = block;
}
