/* min and max over every ordered type.
 *
 * The state of a type of fixed width is the value and whether there is one. Text keeps its bytes,
 * copied only when the value changes; lists and structs keep their bytes and their sort key, so
 * that comparing needs no decoding. One entry serves all types: update and merge choose by the
 * argument's kind. Retraction is not possible: who takes rows back needs another operator. */
#include "kernel/aggregate/aggregate_internal.h"
#include "value/interval.h"
#include "value/json_token.h"

/* The first word of every state: 0, or what the rest is. */
enum { SEEN_FIXED = 1, SEEN_TEXT, SEEN_NESTED };

struct least8 {
    uint64_t seen;
    union {
        int8_t i8;
        int16_t i16;
        int32_t i32;
        int64_t i64;
        uint8_t u8;
        uint16_t u16;
        uint32_t u32;
        uint64_t u64;
        float f32;
        double f64;
    } value;
};
struct uuid16 {
    uint8_t bytes[16];
};
struct least16 {
    uint64_t seen;
    uint64_t unused;
    union {
        weir_i128 decimal;
        struct weir_interval interval;
        struct uuid16 uuid;
    } value;
};
struct least_text {
    uint64_t seen;
    struct weir_kept kept;
};
struct least_nested {
    uint64_t seen;
    struct weir_kept kept;
    struct weir_kept key; /* sort key */
};

/* --- fixed width ----------------------------------------------------------------------------- */

#define LESS_NUMBER(a, b) ((a) < (b))
/* NaN is greatest. */
#define LESS_FLOAT(a, b) ((a) < (b) || ((b) != (b) && (a) == (a)))
#define LESS_INTERVAL(a, b) (weir_interval_compare((a), (b)) < 0)
#define LESS_UUID(a, b) (memcmp((a).bytes, (b).bytes, 16) < 0)
#define AS_IS(less, a, b) less(a, b)
#define SWAPPED(less, a, b) less(b, a)

/* better(less, a, b): a replaces b. An array goes through in lanes, but for types of which equal
 * values may differ (0 and -0): there the first of them is taken. */
#define LEAST(name, field, type, state_type, less, better, lanes)                            \
    static void name##_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane, \
                            uint32_t index, int64_t weight)                                  \
    {                                                                                        \
        (void)lane, (void)weight;                                                            \
        struct state_type *least = (struct state_type *)(void *)state;                       \
        type value = AGGREGATE_VALUE(call, 0, type, index);                                  \
        if (!least->seen || better(less, value, least->value.field)) {                       \
            least->value.field = value;                                                      \
            least->seen = SEEN_FIXED;                                                        \
        }                                                                                    \
    }                                                                                        \
    static void name##_update(struct weir_aggregate_call *call)                              \
    {                                                                                        \
        if (!aggregate_is_array(call) || call->args[0].validity || !call->rows_count) {      \
            aggregate_rows(call, name##_step);                                               \
            return;                                                                          \
        }                                                                                    \
        const type *values = call->args[0].values;                                           \
        type bests[lanes], best = values[0];                                                 \
        for (uint32_t l = 0; l < lanes; l++)                                                 \
            bests[l] = best;                                                                 \
        for (uint32_t i = 0; i + lanes <= call->rows_count; i += lanes)                      \
            for (uint32_t l = 0; l < lanes; l++)                                             \
                bests[l] = better(less, values[i + l], bests[l]) ? values[i + l] : bests[l]; \
        for (uint32_t i = call->rows_count / lanes * lanes; i < call->rows_count; i++)       \
            best = better(less, values[i], best) ? values[i] : best;                         \
        for (uint32_t l = 0; l < lanes; l++)                                                 \
            best = better(less, bests[l], best) ? bests[l] : best;                           \
        struct state_type *least =                                                           \
            (struct state_type *)(void *)(call->state + call->state_offset);                 \
        if (!least->seen || better(less, best, least->value.field))                          \
            least->value.field = best;                                                       \
        least->seen = SEEN_FIXED;                                                            \
    }
#define LEAST_BOTH(field, type, state_type, less, lanes)            \
    LEAST(min_##field, field, type, state_type, less, AS_IS, lanes) \
    LEAST(max_##field, field, type, state_type, less, SWAPPED, lanes)

LEAST_BOTH(i8, int8_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(i16, int16_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(i32, int32_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(i64, int64_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(u8, uint8_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(u16, uint16_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(u32, uint32_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(u64, uint64_t, least8, LESS_NUMBER, 8)
LEAST_BOTH(f32, float, least8, LESS_FLOAT, 1)
LEAST_BOTH(f64, double, least8, LESS_FLOAT, 1)
LEAST_BOTH(decimal, weir_i128, least16, LESS_NUMBER, 1)
LEAST_BOTH(interval, struct weir_interval, least16, LESS_INTERVAL, 1)
LEAST_BOTH(uuid, struct uuid16, least16, LESS_UUID, 1)

/* --- text ------------------------------------------------------------------------------------ */

WEIR_INLINE void text_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t index,
                           int wanted)
{
    struct least_text *least = (struct least_text *)(void *)state;
    struct weir_slice text = weir_view_slice(&AGGREGATE_VALUE(call, 0, struct weir_view, index));
    if (least->seen && weir_slice_compare(text, weir_kept_slice(&least->kept)) != wanted)
        return;
    if (weir_kept_set(&least->kept, text, call->heap))
        least->seen = SEEN_TEXT;
    else
        weir_aggregate_out_of_memory(call);
}

static void min_text_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                          uint32_t index, int64_t weight)
{
    (void)lane, (void)weight;
    text_step(call, state, index, -1);
}

static void max_text_step(struct weir_aggregate_call *call, uint8_t *state, uint32_t lane,
                          uint32_t index, int64_t weight)
{
    (void)lane, (void)weight;
    text_step(call, state, index, 1);
}

/* One group: finds the batch's best before anything is copied. */
static void text_update_one(struct weir_aggregate_call *call, int wanted)
{
    const struct weir_column *column = &call->args[0];
    const struct weir_view *best = NULL;
    uint32_t best_index = 0;
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (weir_column_is_null(column, lane))
            continue;
        uint32_t index = weir_column_index(column, lane);
        const struct weir_view *view = &AGGREGATE_VALUE(call, 0, struct weir_view, index);
        if (!best || weir_slice_compare(weir_view_slice(view), weir_view_slice(best)) == wanted) {
            best = view;
            best_index = index;
        }
    }
    if (best)
        text_step(call, call->state + call->state_offset, best_index, wanted);
}

static void min_text_update(struct weir_aggregate_call *call)
{
    if (call->states)
        aggregate_rows(call, min_text_step);
    else
        text_update_one(call, -1);
}

static void max_text_update(struct weir_aggregate_call *call)
{
    if (call->states)
        aggregate_rows(call, max_text_step);
    else
        text_update_one(call, 1);
}

/* --- lists and structs ----------------------------------------------------------------------- */

static bool nested_replace(struct weir_aggregate_call *call, struct least_nested *least,
                           uint32_t lane, struct weir_slice key)
{
    if (!weir_kept_set(&least->key, key, call->heap) ||
        !weir_kept_set_lane(&least->kept, &call->args[0], lane, call->heap))
        return false;
    least->seen = SEEN_NESTED;
    return true;
}

static void nested_update(struct weir_aggregate_call *call, int wanted)
{
    const struct weir_column *column = &call->args[0];
    struct weir_buffer key;
    weir_buffer_init(&key, call->heap->arena.budget);
    for (uint32_t i = 0; i < call->rows_count && !weir_aggregate_failed(call); i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (weir_column_is_null(column, lane))
            continue;
        struct least_nested *least = (struct least_nested *)(void *)aggregate_state(call, i);
        weir_buffer_clear(&key);
        weir_column_sort_key(column, lane, (struct weir_sort_order){0}, &key);
        if (!key.failed && least->seen &&
            weir_slice_compare(weir_buffer_slice(&key), weir_kept_slice(&least->key)) != wanted)
            continue;
        if (key.failed || !nested_replace(call, least, lane, weir_buffer_slice(&key)))
            weir_aggregate_out_of_memory(call);
    }
    weir_buffer_deinit(&key);
}

static void min_nested_update(struct weir_aggregate_call *call)
{
    nested_update(call, -1);
}

static void max_nested_update(struct weir_aggregate_call *call)
{
    nested_update(call, 1);
}

static void nested_merge(struct weir_aggregate_call *call, struct least_nested *into,
                         struct least_nested *from, int wanted)
{
    if (from->seen && (!into->seen || weir_slice_compare(weir_kept_slice(&from->key),
                                                         weir_kept_slice(&into->key)) == wanted)) {
        struct least_nested other = *into;
        *into = *from;
        *from = other;
    }
    weir_kept_drop(&from->kept, call->heap);
    weir_kept_drop(&from->key, call->heap);
    from->seen = 0;
}

/* --- by kind --------------------------------------------------------------------------------- */

typedef void (*update_fn)(struct weir_aggregate_call *call);
#define UPDATES(name)                                                \
    static const update_fn name##_updates[WEIR_TYPE_KINDS_COUNT] = { \
        [WEIR_TYPE_INT8] = name##_i8_update,                         \
        [WEIR_TYPE_INT16] = name##_i16_update,                       \
        [WEIR_TYPE_INT32] = name##_i32_update,                       \
        [WEIR_TYPE_INT64] = name##_i64_update,                       \
        [WEIR_TYPE_UINT8] = name##_u8_update,                        \
        [WEIR_TYPE_UINT16] = name##_u16_update,                      \
        [WEIR_TYPE_UINT32] = name##_u32_update,                      \
        [WEIR_TYPE_UINT64] = name##_u64_update,                      \
        [WEIR_TYPE_FLOAT32] = name##_f32_update,                     \
        [WEIR_TYPE_FLOAT64] = name##_f64_update,                     \
        [WEIR_TYPE_DECIMAL] = name##_decimal_update,                 \
        [WEIR_TYPE_TEXT] = name##_text_update,                       \
        [WEIR_TYPE_BYTEA] = name##_text_update,                      \
        [WEIR_TYPE_DATE] = name##_i32_update,                        \
        [WEIR_TYPE_TIME] = name##_i64_update,                        \
        [WEIR_TYPE_TIMESTAMP] = name##_i64_update,                   \
        [WEIR_TYPE_TIMESTAMPTZ] = name##_i64_update,                 \
        [WEIR_TYPE_TIMESTAMP_NS] = name##_i64_update,                \
        [WEIR_TYPE_TIMESTAMPTZ_NS] = name##_i64_update,              \
        [WEIR_TYPE_INTERVAL] = name##_interval_update,               \
        [WEIR_TYPE_UUID] = name##_uuid_update,                       \
        [WEIR_TYPE_LIST] = name##_nested_update,                     \
        [WEIR_TYPE_STRUCT] = name##_nested_update,                   \
    };
UPDATES(min)
UPDATES(max)

static void min_update(struct weir_aggregate_call *call)
{
    if (call->args[0].type->kind != WEIR_TYPE_NULL)
        min_updates[call->args[0].type->kind](call);
}

static void max_update(struct weir_aggregate_call *call)
{
    if (call->args[0].type->kind != WEIR_TYPE_NULL)
        max_updates[call->args[0].type->kind](call);
}

static uint32_t least_size(const struct weir_function_bind *bind)
{
    const struct weir_type *type = bind->arg_types[0];
    if (weir_type_is_nested(type))
        return sizeof(struct least_nested);
    if (weir_type_is_view(type))
        return sizeof(struct least_text);
    return weir_type_width(type) == 16 ? sizeof(struct least16) : sizeof(struct least8);
}

static void least_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct least_nested *least = (struct least_nested *)(void *)state;
    uint64_t seen = least->seen;
    if (seen == SEEN_TEXT || seen == SEEN_NESTED)
        weir_kept_drop(&least->kept, heap);
    if (seen == SEEN_NESTED)
        weir_kept_drop(&least->key, heap);
    least->seen = 0;
}

/* A fixed-width or text state is merged as one more row. */
static void least_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from,
                        const update_fn *updates)
{
    const struct weir_type *type = call->instance;
    struct least8 *source = (struct least8 *)(void *)(from + call->state_offset);
    if (source->seen == SEEN_NESTED) {
        nested_merge(call, (struct least_nested *)(void *)(into + call->state_offset),
                     (struct least_nested *)(void *)source, updates == min_updates ? -1 : 1);
        return;
    }
    if (!source->seen)
        return;
    struct weir_lane lane = {{0}};
    if (source->seen == SEEN_TEXT)
        lane =
            weir_decode_lane(type, weir_kept_slice(&((struct least_text *)(void *)source)->kept));
    else if (weir_type_width(type) == 16)
        memcpy(lane.bytes, &((struct least16 *)(void *)source)->value, 16);
    else
        memcpy(lane.bytes, &source->value, sizeof source->value);
    struct weir_column column = {
        .type = type, .encoding = WEIR_FLAT, .rows_count = 1, .values = lane.bytes};
    struct weir_aggregate_call one = *call;
    one.rows_count = 1;
    one.selection = NULL;
    one.states = NULL;
    one.state = into;
    one.args = &column;
    one.args_count = 1;
    one.weights = NULL;
    updates[type->kind](&one);
    least_drop((uint8_t *)source, call->heap);
}

static void min_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    least_merge(call, into, from, min_updates);
}

static void max_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    least_merge(call, into, from, max_updates);
}

static void finish_fixed(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    size_t width = weir_type_width(out->out->type);
    size_t value_at =
        width == 16 ? offsetof(struct least16, value) : offsetof(struct least8, value);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        if (!AGGREGATE_FINISH_STATE(struct least8, states, i, offset)->seen)
            weir_aggregate_put_null(out, i);
        else
            memcpy((char *)out->out_values + i * width, states[i] + offset + value_at, width);
    }
}

static void least_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    const struct weir_type *type = out->out->type;
    if (!weir_type_is_nested(type) && !weir_type_is_view(type)) {
        finish_fixed(out, states, offset);
        return;
    }
    struct weir_value_writer writer;
    weir_value_writer_begin(&writer, out);
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct least_text *least =
            AGGREGATE_FINISH_STATE(struct least_text, states, i, offset);
        if (least->seen)
            weir_value_writer_put(&writer, i, weir_kept_slice(&least->kept));
        else
            weir_value_writer_put_null(&writer, i);
    }
    weir_value_writer_end(&writer);
}

/* Types without an order that a user would mean have none. */
enum weir_status weir_bind_aggregate_least(struct weir_function_bind *bind,
                                           struct weir_error *error)
{
    const struct weir_type *type = bind->arg_types[0];
    if (!min_updates[type->kind]) {
        enum weir_status status =
            weir_error_set(error, WEIR_E_UNKNOWN_FUNCTION, "min and max do not take %s",
                           weir_type_name(type).text);
        if (type->kind == WEIR_TYPE_BOOLEAN)
            weir_error_hint(error, "use bool_and or bool_or");
        return status;
    }
    bind->instance = type;
    return WEIR_OK;
}

const struct weir_aggregate_ops weir_aggregate_min = {least_size,   min_update, min_merge,
                                                      least_finish, least_drop, NULL};
const struct weir_aggregate_ops weir_aggregate_max = {least_size,   max_update, max_merge,
                                                      least_finish, least_drop, NULL};
