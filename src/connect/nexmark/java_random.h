/* java.util.Random: the linear congruential generator that its documentation specifies.
 *
 *     state' = (state * 0x5DEECE66D + 0xB) mod 2^48, a draw of n bits is the top n bits of it
 *
 * Integers have two's complement and wrap as in Java. Nexmark seeds one per event, so it lies on
 * the stack and everything here is inlined. Tested in tests/unit/connect/test_java_random.c. */
#ifndef WEIR_CONNECT_NEXMARK_JAVA_RANDOM_H
#define WEIR_CONNECT_NEXMARK_JAVA_RANDOM_H

#include <stdint.h>

struct java_random {
    uint64_t state; /* 48 bits */
};

#define JAVA_RANDOM_MULTIPLIER UINT64_C(0x5DEECE66D)
#define JAVA_RANDOM_MASK ((UINT64_C(1) << 48) - 1)

static inline struct java_random java_random_of(int64_t seed)
{
    return (struct java_random){((uint64_t)seed ^ JAVA_RANDOM_MULTIPLIER) & JAVA_RANDOM_MASK};
}

/* 1 to 31 bits, as a number that is not negative. */
static inline int32_t java_random_bits(struct java_random *random, unsigned bits)
{
    random->state = (random->state * JAVA_RANDOM_MULTIPLIER + 0xB) & JAVA_RANDOM_MASK;
    return (int32_t)(random->state >> (48 - bits));
}

/* All 32 bits: nextInt(). */
static inline int32_t java_random_word(struct java_random *random)
{
    random->state = (random->state * JAVA_RANDOM_MULTIPLIER + 0xB) & JAVA_RANDOM_MASK;
    return (int32_t)(uint32_t)(random->state >> 16);
}

/* Uniform in [0, bound), bound at least 1: nextInt(bound). Bounds that are no power of two redraw
 * what would favour the small numbers. */
static inline int32_t java_random_below(struct java_random *random, int32_t bound)
{
    if ((bound & (bound - 1)) == 0)
        return (int32_t)(((int64_t)bound * java_random_bits(random, 31)) >> 31);
    for (;;) {
        int32_t drawn = java_random_bits(random, 31), rest = drawn % bound;
        if ((int64_t)drawn - rest + (bound - 1) <= INT32_MAX)
            return rest;
    }
}

/* nextLong(). */
static inline int64_t java_random_long(struct java_random *random)
{
    int64_t high = java_random_word(random), low = java_random_word(random);
    return (int64_t)(((uint64_t)high << 32) + (uint64_t)low);
}

/* Uniform in [0, 1): nextDouble(). */
static inline double java_random_double(struct java_random *random)
{
    int64_t high = java_random_bits(random, 26), low = java_random_bits(random, 27);
    return (double)((high << 27) + low) * 0x1p-53;
}

#endif
