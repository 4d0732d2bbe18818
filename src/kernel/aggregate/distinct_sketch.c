/* approx_distinct: HyperLogLog with 2^14 registers (P. Flajolet et al., 2007), estimated as by O.
 * Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017, section 2: unbiased
 * from one value on, without tables. Standard error 1.04 / sqrt(2^14) = 0.81 %.
 *
 * Up to 768 values the 64-bit hashes themselves are kept in a small set, and the answer is exact
 * (but for hash collisions): most groups never need the 16 KiB of registers. Hashes have a fixed
 * seed, so states of different runs may be merged. */
#include "base/hash.h"
#include "kernel/aggregate/aggregate_internal.h"

#include <math.h>

enum {
    REGISTER_BITS = 14,
    REGISTERS_COUNT = 1 << REGISTER_BITS,
    RANK_MAX = 64 - REGISTER_BITS + 1,
    SPARSE_SLOTS_MIN = 8,
    SPARSE_SLOTS_MAX = 1024,
    CHUNK = 256
};
#define DISTINCT_SEED UINT64_C(0x51DE5EED0D157C7A)

struct distinct {
    void *memory;   /* uint64_t[slots], 0 empty; or uint8_t[REGISTERS_COUNT] when dense */
    uint32_t slots; /* 0 when dense or nothing was seen */
    uint32_t used;
    uint64_t is_dense;
};
AGGREGATE_SIZE(distinct_size, struct distinct)

/* The column's hash is made for tables; this spreads it over all bits (D. Stafford's mix 13). */
static uint64_t finalize(uint64_t hash)
{
    hash = (hash ^ hash >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94D049BB133111EB);
    hash ^= hash >> 31;
    return hash ? hash : 1;
}

static void register_add(uint8_t *registers, uint64_t hash)
{
    uint32_t index = (uint32_t)(hash >> (64 - REGISTER_BITS));
    uint64_t rest = hash << REGISTER_BITS | UINT64_C(1) << (REGISTER_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    if (registers[index] < rank)
        registers[index] = rank;
}

/* False: it was there. */
static bool slots_insert(uint64_t *slots, uint32_t count, uint64_t hash)
{
    uint32_t mask = count - 1;
    for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
        if (slots[i] == hash)
            return false;
        if (!slots[i]) {
            slots[i] = hash;
            return true;
        }
    }
}

static void distinct_release(struct distinct *set, struct weir_aggregate_heap *heap)
{
    size_t size = set->is_dense ? (size_t)REGISTERS_COUNT : set->slots * sizeof(uint64_t);
    weir_aggregate_heap_free(heap, set->memory, size);
    *set = (struct distinct){0};
}

static bool make_dense(struct distinct *set, struct weir_aggregate_heap *heap)
{
    uint8_t *registers = weir_aggregate_heap_alloc(heap, REGISTERS_COUNT);
    if (!registers)
        return false;
    memset(registers, 0, REGISTERS_COUNT);
    const uint64_t *slots = set->memory;
    for (uint32_t i = 0; i < set->slots; i++)
        if (slots[i])
            register_add(registers, slots[i]);
    distinct_release(set, heap);
    *set = (struct distinct){.memory = registers, .is_dense = 1};
    return true;
}

/* More slots, or registers. */
static bool grow(struct distinct *set, struct weir_aggregate_heap *heap)
{
    if (set->slots == SPARSE_SLOTS_MAX)
        return make_dense(set, heap);
    uint32_t count = set->slots ? set->slots * 2 : SPARSE_SLOTS_MIN;
    uint64_t *slots = weir_aggregate_heap_alloc(heap, count * sizeof *slots);
    if (!slots)
        return false;
    memset(slots, 0, count * sizeof *slots);
    const uint64_t *old = set->memory;
    for (uint32_t i = 0; i < set->slots; i++)
        if (old[i])
            slots_insert(slots, count, old[i]);
    uint32_t used = set->used;
    distinct_release(set, heap);
    *set = (struct distinct){.memory = slots, .slots = count, .used = used};
    return true;
}

WEIR_CHECKED static bool distinct_add(struct distinct *set, uint64_t hash,
                                      struct weir_aggregate_heap *heap)
{
    if (!set->is_dense && set->used >= set->slots / 4 * 3 && !grow(set, heap))
        return false;
    if (set->is_dense)
        register_add(set->memory, hash);
    else
        set->used += slots_insert(set->memory, set->slots, hash);
    return true;
}

/* Lanes of rows [first, first + count) whose argument is not null, and the rows' numbers. */
static uint32_t chunk_lanes(const struct weir_aggregate_call *call, uint32_t first, uint32_t count,
                            uint16_t *lanes, uint32_t *rows)
{
    uint32_t n = 0;
    for (uint32_t i = first; i < first + count; i++) {
        uint32_t lane = aggregate_lane(call, i);
        if (weir_column_is_null(&call->args[0], lane))
            continue;
        lanes[n] = (uint16_t)lane;
        rows[n++] = i;
    }
    return n;
}

static void distinct_update(struct weir_aggregate_call *call)
{
    uint16_t lanes[CHUNK];
    uint32_t rows[CHUNK];
    uint64_t hashes[CHUNK];
    for (uint32_t first = 0; first < call->rows_count; first += CHUNK) {
        uint32_t count = call->rows_count - first < CHUNK ? call->rows_count - first : CHUNK;
        uint32_t n = chunk_lanes(call, first, count, lanes, rows);
        weir_column_hash(&call->args[0], lanes, n, DISTINCT_SEED, false, hashes);
        for (uint32_t k = 0; k < n; k++) {
            struct distinct *set = (struct distinct *)(void *)aggregate_state(call, rows[k]);
            if (!distinct_add(set, finalize(hashes[k]), call->heap)) {
                weir_aggregate_out_of_memory(call);
                return;
            }
        }
    }
}

static void distinct_merge(struct weir_aggregate_call *call, uint8_t *into, uint8_t *from)
{
    struct distinct *target = (struct distinct *)(void *)(into + call->state_offset);
    struct distinct *source = (struct distinct *)(void *)(from + call->state_offset);
    bool ok = true;
    if (source->is_dense && !target->is_dense) {
        struct distinct held = *target;
        *target = *source;
        *source = held;
    }
    if (source->is_dense) {
        uint8_t *registers = target->memory;
        const uint8_t *other = source->memory;
        for (uint32_t i = 0; i < REGISTERS_COUNT; i++)
            registers[i] = registers[i] > other[i] ? registers[i] : other[i];
    } else {
        const uint64_t *slots = source->memory;
        for (uint32_t i = 0; ok && i < source->slots; i++)
            if (slots[i])
                ok = distinct_add(target, slots[i], call->heap);
    }
    if (!ok) {
        weir_aggregate_out_of_memory(call);
        return;
    }
    distinct_release(source, call->heap);
}

/* Ertl's sigma and tau: what registers that are empty or full stand for. */
static double sigma(double x)
{
    if (x == 1)
        return (double)INFINITY;
    double y = 1, z = x, previous;
    do {
        x *= x;
        previous = z;
        z += x * y;
        y += y;
    } while (z != previous);
    return z;
}

static double tau(double x)
{
    if (x == 0 || x == 1)
        return 0;
    double y = 1, z = 1 - x, previous;
    do {
        x = sqrt(x);
        previous = z;
        y *= 0.5;
        z -= (1 - x) * (1 - x) * y;
    } while (z != previous);
    return z / 3;
}

static double estimate(const uint8_t *registers)
{
    uint32_t histogram[RANK_MAX + 1] = {0};
    const double m = REGISTERS_COUNT;
    for (uint32_t i = 0; i < REGISTERS_COUNT; i++)
        histogram[registers[i]]++;
    double z = m * tau(1 - (double)histogram[RANK_MAX] / m);
    for (unsigned k = RANK_MAX - 1; k >= 1; k--)
        z = 0.5 * (z + (double)histogram[k]);
    z += m * sigma((double)histogram[0] / m);
    return m / (2 * 0.69314718055994530942) * m / z;
}

static void distinct_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    int64_t *values = out->out_values;
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct distinct *set = AGGREGATE_FINISH_STATE(struct distinct, states, i, offset);
        values[i] = set->is_dense ? (int64_t)(estimate(set->memory) + 0.5) : set->used;
    }
}

static void distinct_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    distinct_release((struct distinct *)(void *)state, heap);
}

const struct weir_aggregate_ops weir_aggregate_approx_distinct = {
    distinct_size, distinct_update, distinct_merge, distinct_finish, distinct_drop, NULL};
