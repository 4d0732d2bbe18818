/* See row_store.h. Fixed-width values are copied by loops per width, view bytes go into the arena,
 * nested values into a builder per segment. Tested through tests/unit/exec/test_sort.c. */
#include "exec/row_store.h"

#include <assert.h>

enum { INTERRUPT_ENTRIES = 1 << 16 };

static enum weir_status out_of_memory(const struct row_store *store, struct weir_error *error)
{
    return weir_budget_error(store->budget, error);
}

static void store_destroy(struct weir_shared *shared)
{
    struct row_store *store = (struct row_store *)shared;
    weir_arena_deinit(&store->arena);
    weir_free(store->types);
    weir_free(store->segments);
    weir_free(store);
}

static void store_detach(struct weir_shared *shared)
{
    struct row_store *store = (struct row_store *)shared;
    weir_arena_detach(&store->arena);
    store->budget = NULL;
}

enum weir_status row_store_create(const struct weir_type *const *types, uint32_t columns_count,
                                  bool with_event_times, struct weir_budget *budget,
                                  struct row_store **out, struct weir_error *error)
{
    struct row_store *store = weir_calloc(1, sizeof *store);
    *out = NULL;
    if (!store)
        return weir_error_set_out_of_memory(error);
    store->shared =
        (struct weir_shared){.refs = 1, .destroy = store_destroy, .detach = store_detach};
    store->budget = budget;
    weir_arena_init(&store->arena, budget, 0);
    store->columns_count = columns_count;
    store->with_event_times = with_event_times;
    store->types = weir_malloc((columns_count + 1) * sizeof(*store->types));
    if (!store->types) {
        row_store_release(store);
        return weir_error_set_out_of_memory(error);
    }
    for (uint32_t i = 0; i < columns_count; i++)
        store->types[i] = types[i];
    *out = store;
    return WEIR_OK;
}

void row_store_release(struct row_store *store)
{
    if (store)
        weir_shared_release(&store->shared);
}

void row_store_clear(struct row_store *store)
{
    weir_arena_reset(&store->arena);
    store->segments_count = store->rows_count = 0;
    store->has_weights = false;
}

/* ---- segments ---- */

static enum weir_status segment_column(struct row_store *store, struct row_segment *segment,
                                       uint32_t number, struct weir_error *error)
{
    struct weir_column *column = &segment->columns[number];
    const struct weir_type *type = store->types[number];
    *column = (struct weir_column){.type = type, .encoding = WEIR_FLAT};
    if (weir_type_is_nested(type))
        return weir_builder_init(&segment->builders[number], type, &store->arena, error);
    size_t width = weir_type_width(type);
    if (width == 0)
        return WEIR_OK; /* the NULL type */
    column->values = weir_arena_alloc(&store->arena, ROW_SEGMENT_ROWS * width, 64);
    return column->values ? WEIR_OK : out_of_memory(store, error);
}

static int64_t *segment_numbers(struct row_store *store, int64_t first)
{
    int64_t *numbers = weir_arena_alloc(&store->arena, ROW_SEGMENT_ROWS * sizeof *numbers, 64);
    for (uint32_t i = 0; numbers && i < ROW_SEGMENT_ROWS; i++)
        numbers[i] = first;
    return numbers;
}

static enum weir_status segments_reserve(struct row_store *store, struct weir_error *error)
{
    if (store->segments_count < store->segments_capacity)
        return WEIR_OK;
    uint32_t capacity = store->segments_capacity ? store->segments_capacity * 2 : 4;
    struct row_segment **segments =
        weir_realloc(store->segments, capacity * sizeof(*store->segments));
    if (!segments)
        return weir_error_set_out_of_memory(error);
    store->segments = segments;
    store->segments_capacity = capacity;
    return WEIR_OK;
}

static enum weir_status segment_add(struct row_store *store, struct weir_error *error)
{
    uint32_t count = store->columns_count;
    if (store->segments_count == UINT32_MAX >> ROW_SEGMENT_SHIFT)
        return weir_error_set(error, WEIR_E_LIMIT, "more than %u rows are collected",
                              store->rows_count);
    WEIR_TRY(segments_reserve(store, error));
    struct row_segment *segment = WEIR_ARENA_NEW(&store->arena, struct row_segment);
    if (!segment)
        return out_of_memory(store, error);
    segment->columns = WEIR_ARENA_ARRAY(&store->arena, struct weir_column, count);
    segment->validity = WEIR_ARENA_ARRAY(&store->arena, uint64_t *, count);
    segment->builders = WEIR_ARENA_ARRAY(&store->arena, struct weir_builder, count);
    if (!segment->columns || !segment->validity || !segment->builders)
        return out_of_memory(store, error);
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(segment_column(store, segment, i, error));
    if (store->with_event_times && !(segment->event_times = segment_numbers(store, 0)))
        return out_of_memory(store, error);
    if (store->has_weights && !(segment->weights = segment_numbers(store, 1)))
        return out_of_memory(store, error);
    store->segments[store->segments_count++] = segment;
    return WEIR_OK;
}

static enum weir_status want_weights(struct row_store *store, struct weir_error *error)
{
    if (store->has_weights)
        return WEIR_OK;
    for (uint32_t s = 0; s < store->segments_count; s++)
        if (!(store->segments[s]->weights = segment_numbers(store, 1)))
            return out_of_memory(store, error);
    store->has_weights = true;
    return WEIR_OK;
}

/* ---- appending ---- */

/* Rows [first, first + count) of the source go to lanes from `lane` on of one segment. */
struct run {
    const struct row_source *source;
    uint32_t first, count, lane;
};

static uint32_t run_lane(const struct run *run, uint32_t i)
{
    const uint16_t *selection = run->source->selection;
    return selection ? selection[run->first + i] : run->first + i;
}

#define COPY_LANES(type)                                                               \
    for (uint32_t i = 0; i < run->count; i++)                                          \
    memcpy((type *)to + run->lane + i,                                                 \
           (const type *)column->values + weir_column_index(column, run_lane(run, i)), \
           sizeof(type))

static void copy_fixed(void *to, const struct weir_column *column, const struct run *run)
{
    struct pair {
        uint64_t low, high;
    };
    switch (weir_type_width(column->type)) {
    case 1:
        COPY_LANES(uint8_t);
        break;
    case 2:
        COPY_LANES(uint16_t);
        break;
    case 4:
        COPY_LANES(uint32_t);
        break;
    case 8:
        COPY_LANES(uint64_t);
        break;
    case 16:
        COPY_LANES(struct pair);
        break;
    default:
        break;
    }
}

static enum weir_status copy_views(struct row_store *store, struct weir_view *to,
                                   const struct weir_column *column, const struct run *run,
                                   struct weir_error *error)
{
    for (uint32_t i = 0; i < run->count; i++) {
        uint32_t lane = run_lane(run, i);
        const struct weir_view *from =
            (const struct weir_view *)column->values + weir_column_index(column, lane);
        struct weir_view *view = &to[run->lane + i];
        *view = weir_column_is_null(column, lane) ? (struct weir_view){0} : *from;
        if (view->size <= WEIR_VIEW_INLINE_MAX)
            continue;
        char *bytes = weir_arena_alloc(&store->arena, view->size, 1);
        if (!bytes)
            return out_of_memory(store, error);
        memcpy(bytes, view->body.far.data, view->size);
        *view = weir_view_make(bytes, view->size);
    }
    return WEIR_OK;
}

static enum weir_status copy_nulls(struct row_store *store, struct row_segment *segment,
                                   uint32_t number, const struct weir_column *column,
                                   const struct run *run, struct weir_error *error)
{
    if (!column->validity)
        return WEIR_OK;
    for (uint32_t i = 0; i < run->count; i++) {
        if (!weir_column_is_null(column, run_lane(run, i)))
            continue;
        if (!segment->validity[number]) {
            size_t bytes = weir_validity_words(ROW_SEGMENT_ROWS) * sizeof(uint64_t);
            segment->validity[number] = weir_arena_alloc(&store->arena, bytes, 64);
            if (!segment->validity[number])
                return out_of_memory(store, error);
            memset(segment->validity[number], 0xFF, bytes);
            segment->columns[number].validity = segment->validity[number];
        }
        weir_bit_clear(segment->validity[number], run->lane + i);
    }
    return WEIR_OK;
}

static enum weir_status append_nested(struct row_segment *segment, uint32_t number,
                                      const struct weir_column *column, const struct run *run,
                                      struct weir_error *error)
{
    struct weir_builder *builder = &segment->builders[number];
    uint16_t lanes[ROW_SEGMENT_ROWS];
    for (uint32_t i = 0; i < run->count; i++)
        lanes[i] = (uint16_t)run_lane(run, i);
    WEIR_TRY(weir_builder_append_lanes(builder, column, lanes, run->count, error));
    segment->columns[number] = weir_builder_column(builder);
    return WEIR_OK;
}

static enum weir_status append_column(struct row_store *store, struct row_segment *segment,
                                      uint32_t number, const struct run *run,
                                      struct weir_error *error)
{
    const struct weir_column *column = &run->source->columns[number];
    struct weir_column *to = &segment->columns[number];
    if (weir_type_is_nested(to->type))
        return append_nested(segment, number, column, run, error);
    to->rows_count = run->lane + run->count;
    if (to->type->kind == WEIR_TYPE_NULL)
        return WEIR_OK;
    void *values;
    memcpy(&values, &to->values, sizeof values);
    if (weir_type_is_view(to->type))
        WEIR_TRY(copy_views(store, values, column, run, error));
    else
        copy_fixed(values, column, run);
    return copy_nulls(store, segment, number, column, run, error);
}

static enum weir_status append_run(struct row_store *store, const struct run *run,
                                   struct weir_error *error)
{
    struct row_segment *segment = store->segments[store->rows_count >> ROW_SEGMENT_SHIFT];
    for (uint32_t c = 0; c < store->columns_count; c++)
        WEIR_TRY(append_column(store, segment, c, run, error));
    for (uint32_t i = 0; segment->event_times && i < run->count; i++)
        segment->event_times[run->lane + i] =
            run->source->event_times ? run->source->event_times[run_lane(run, i)] : 0;
    for (uint32_t i = 0; segment->weights && i < run->count; i++)
        segment->weights[run->lane + i] =
            run->source->weights ? run->source->weights[run_lane(run, i)] : 1;
    store->rows_count += run->count;
    return WEIR_OK;
}

enum weir_status row_store_append(struct row_store *store, const struct row_source *source,
                                  struct weir_error *error)
{
    if (source->weights)
        WEIR_TRY(want_weights(store, error));
    for (uint32_t done = 0; done < source->count;) {
        uint32_t lane = row_store_lane(store->rows_count);
        if (store->rows_count >> ROW_SEGMENT_SHIFT == store->segments_count)
            WEIR_TRY(segment_add(store, error));
        struct run run = {source, done, source->count - done, lane};
        if (run.count > ROW_SEGMENT_ROWS - lane)
            run.count = ROW_SEGMENT_ROWS - lane;
        WEIR_TRY(append_run(store, &run, error));
        done += run.count;
    }
    return WEIR_OK;
}

/* ---- reading ---- */

int64_t row_store_weight(const struct row_store *store, uint32_t ref)
{
    const int64_t *weights = store->segments[ref >> ROW_SEGMENT_SHIFT]->weights;
    return weights ? weights[row_store_lane(ref)] : 1;
}

int64_t row_store_event_time(const struct row_store *store, uint32_t ref)
{
    const int64_t *times = store->segments[ref >> ROW_SEGMENT_SHIFT]->event_times;
    return times ? times[row_store_lane(ref)] : 0;
}

#define GATHER_LANES(type)                                                  \
    for (uint32_t i = 0; i < count; i++)                                    \
    memcpy((type *)values + i,                                              \
           (const type *)row_store_column(store, column, refs[i])->values + \
               row_store_lane(refs[i]),                                     \
           sizeof(type))

static void gather_fixed(const struct row_store *store, uint32_t column, const uint32_t *refs,
                         uint32_t count, void *values)
{
    switch (weir_type_width(store->types[column])) {
    case 1:
        GATHER_LANES(uint8_t);
        break;
    case 2:
        GATHER_LANES(uint16_t);
        break;
    case 4:
        GATHER_LANES(uint32_t);
        break;
    case 8:
        GATHER_LANES(uint64_t);
        break;
    case 16:
        GATHER_LANES(struct weir_view);
        break;
    default:
        break;
    }
}

static enum weir_status gather_nested(const struct row_store *store, uint32_t column,
                                      const uint32_t *refs, uint32_t count,
                                      struct weir_arena *arena, struct weir_column *out,
                                      struct weir_error *error)
{
    struct weir_builder builder;
    WEIR_TRY(weir_builder_init(&builder, store->types[column], arena, error));
    for (uint32_t i = 0; i < count; i++) {
        uint16_t lane = (uint16_t)row_store_lane(refs[i]);
        WEIR_TRY(weir_builder_append_lanes(&builder, row_store_column(store, column, refs[i]),
                                           &lane, 1, error));
    }
    *out = weir_builder_column(&builder);
    return WEIR_OK;
}

static enum weir_status gather_validity(const struct row_store *store, uint32_t column,
                                        const uint32_t *refs, uint32_t count,
                                        struct weir_arena *arena, struct weir_column *out,
                                        struct weir_error *error)
{
    uint64_t *validity = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (!weir_column_is_null(row_store_column(store, column, refs[i]), row_store_lane(refs[i])))
            continue;
        if (!validity) {
            size_t bytes = weir_validity_words(count) * sizeof *validity;
            validity = weir_arena_alloc(arena, bytes, 64);
            if (!validity)
                return weir_budget_error(arena->budget, error);
            memset(validity, 0xFF, bytes);
        }
        weir_bit_clear(validity, i);
    }
    out->validity = validity;
    return WEIR_OK;
}

enum weir_status row_store_gather(const struct row_store *store, uint32_t column,
                                  const uint32_t *refs, uint32_t count, struct weir_arena *arena,
                                  struct weir_column *out, struct weir_error *error)
{
    const struct weir_type *type = store->types[column];
    if (type->kind == WEIR_TYPE_NULL) {
        *out = weir_column_nulls(type, count);
        return WEIR_OK;
    }
    if (weir_type_is_nested(type))
        return gather_nested(store, column, refs, count, arena, out, error);
    void *values = weir_arena_alloc(arena, count * weir_type_width(type) + 1, 64);
    if (!values)
        return weir_budget_error(arena->budget, error);
    gather_fixed(store, column, refs, count, values);
    *out = (struct weir_column){
        .type = type, .encoding = WEIR_FLAT, .rows_count = count, .values = values};
    return gather_validity(store, column, refs, count, arena, out, error);
}

static enum weir_status copy_some(struct row_store *store, const struct row_store *from,
                                  const uint32_t *refs, uint32_t count, struct weir_arena *arena,
                                  struct weir_error *error)
{
    struct weir_column *columns = WEIR_ARENA_ARRAY(arena, struct weir_column, store->columns_count);
    int64_t *times = weir_arena_alloc(arena, count * sizeof *times, 64);
    int64_t *weights = weir_arena_alloc(arena, count * sizeof *weights, 64);
    if (!columns || !times || !weights)
        return weir_budget_error(arena->budget, error);
    for (uint32_t c = 0; c < store->columns_count; c++)
        WEIR_TRY(row_store_gather(from, c, refs, count, arena, &columns[c], error));
    for (uint32_t i = 0; i < count; i++) {
        times[i] = row_store_event_time(from, refs[i]);
        weights[i] = row_store_weight(from, refs[i]);
    }
    const struct row_source source = {.columns = columns,
                                      .count = count,
                                      .event_times = store->with_event_times ? times : NULL,
                                      .weights = from->has_weights ? weights : NULL};
    return row_store_append(store, &source, error);
}

enum weir_status row_store_copy(struct row_store *store, const struct row_store *from,
                                const uint32_t *refs, uint32_t count, struct weir_error *error)
{
    struct weir_arena arena;
    enum weir_status status = WEIR_OK;
    weir_arena_init(&arena, store->budget, 0);
    for (uint32_t done = 0; done < count && status == WEIR_OK; done += ROW_SEGMENT_ROWS) {
        uint32_t some = count - done < ROW_SEGMENT_ROWS ? count - done : ROW_SEGMENT_ROWS;
        weir_arena_reset(&arena);
        status = copy_some(store, from, refs + done, some, &arena, error);
    }
    weir_arena_deinit(&arena);
    return status;
}

/* ---- order ---- */

int row_store_compare(const struct row_store *store, uint32_t column, struct weir_sort_order order,
                      uint32_t a, uint32_t b)
{
    const struct weir_column *x = row_store_column(store, column, a);
    const struct weir_column *y = row_store_column(store, column, b);
    uint32_t lane_x = row_store_lane(a), lane_y = row_store_lane(b);
    bool null_x = weir_column_is_null(x, lane_x), null_y = weir_column_is_null(y, lane_y);
    if (null_x || null_y) {
        int nulls = (int)null_x - (int)null_y;
        return order.nulls_first ? -nulls : nulls;
    }
    int compared = weir_column_compare(x, lane_x, y, lane_y);
    return order.descending ? -compared : compared;
}

int row_store_compare_rows(const struct row_store *store, uint32_t a, uint32_t b)
{
    for (uint32_t c = 0; c < store->columns_count; c++) {
        int compared = row_store_compare(store, c, (struct weir_sort_order){false, false}, a, b);
        if (compared)
            return compared;
    }
    return 0;
}

static void merge(const uint32_t *from, uint32_t middle, uint32_t end, uint32_t *to,
                  row_compare compare, const void *context)
{
    uint32_t a = 0, b = middle;
    for (uint32_t i = 0; i < end; i++) {
        bool take_a = b >= end || (a < middle && compare(context, from[a], from[b]) <= 0);
        to[i] = take_a ? from[a++] : from[b++];
    }
}

/* Bottom-up merge sort: bounded, stable, no recursion. */
bool row_refs_sort(uint32_t *refs, uint32_t count, uint32_t *room, row_compare compare,
                   const void *context, const struct weir_operator_env *env)
{
    uint32_t *from = refs, *to = room;
    uint64_t merged = 0;
    for (uint64_t width = 1; width < count; width *= 2) {
        for (uint64_t at = 0; at < count; at += 2 * width) {
            uint64_t rest = count - at;
            uint32_t end = (uint32_t)(rest < 2 * width ? rest : 2 * width);
            uint32_t middle = end < width ? end : (uint32_t)width;
            merge(from + at, middle, end, to + at, compare, context);
            merged += end;
            if (merged < INTERRUPT_ENTRIES)
                continue;
            merged = 0;
            if (env && env->interrupted && env->interrupted(env->interrupted_context))
                return false;
        }
        uint32_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != refs)
        memcpy(refs, from, count * sizeof *refs);
    return true;
}
