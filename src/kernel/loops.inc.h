/* The numeric loops, included by one file per instruction set with LOOPS_TABLE and LOOPS_NAME set.
 * Contracts: loops.h. The macros below make one function per operation, type and form. */
#include "kernel/loops.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* --- comparison ---------------------------------------------------------------------------- */

#define COMPARE(name, type, left, right, expression)                           \
    static void name(const void *a_lanes, const void *b_lanes, uint8_t invert, \
                     uint8_t *restrict out, uint32_t count)                    \
    {                                                                          \
        const type *restrict a = a_lanes;                                      \
        const type *restrict b = b_lanes;                                      \
        for (uint32_t i = 0; i < count; i++) {                                 \
            const type x = a[left], y = b[right];                              \
            out[i] = (uint8_t)((uint8_t)(expression) ^ invert);                \
        }                                                                      \
    }
#define COMPARE_FORMS(name, type, expression)  \
    COMPARE(name##_vv, type, i, i, expression) \
    COMPARE(name##_vc, type, i, 0, expression) \
    COMPARE(name##_cv, type, 0, i, expression)

#define EQUAL_INTEGER x == y
#define LESS_INTEGER x < y
/* Total order: NaN equals NaN and is the greatest. */
#define EQUAL_FLOAT (x == y) | ((x != x) & (y != y))
#define LESS_FLOAT (x < y) | ((y != y) & (x == x))

#define COMPARE_KIND(suffix, type, class)              \
    COMPARE_FORMS(equal_##suffix, type, EQUAL_##class) \
    COMPARE_FORMS(less_##suffix, type, LESS_##class)

COMPARE_KIND(i8, int8_t, INTEGER)
COMPARE_KIND(i16, int16_t, INTEGER)
COMPARE_KIND(i32, int32_t, INTEGER)
COMPARE_KIND(i64, int64_t, INTEGER)
COMPARE_KIND(u8, uint8_t, INTEGER)
COMPARE_KIND(u16, uint16_t, INTEGER)
COMPARE_KIND(u32, uint32_t, INTEGER)
COMPARE_KIND(u64, uint64_t, INTEGER)
COMPARE_KIND(f32, float, FLOAT)
COMPARE_KIND(f64, double, FLOAT)

/* --- arithmetic ---------------------------------------------------------------------------- */

/* step computes r from x and y and gathers evidence of failure in bad, an unsigned integer of the
 * lane's width (so that the whole loop stays in vectors of one width). */
#define COMPUTE(name, type, mask, left, right, step, verdict)                                   \
    static bool name(const void *a_lanes, const void *b_lanes, void *out_lanes, uint32_t count) \
    {                                                                                           \
        const type *restrict a = a_lanes;                                                       \
        const type *restrict b = b_lanes;                                                       \
        type *restrict out = out_lanes;                                                         \
        mask bad = 0;                                                                           \
        for (uint32_t i = 0; i < count; i++) {                                                  \
            const type x = a[left], y = b[right];                                               \
            type r;                                                                             \
            step out[i] = r;                                                                    \
        }                                                                                       \
        return (verdict) != 0;                                                                  \
    }
#define COMPUTE_FORMS(name, type, mask, step, verdict)  \
    COMPUTE(name##_vv, type, mask, i, i, step, verdict) \
    COMPUTE(name##_vc, type, mask, i, 0, step, verdict) \
    COMPUTE(name##_cv, type, mask, 0, i, step, verdict)

/* Signed: the sign of bad says it (H. S. Warren, "Hacker's Delight", 2-13). */
#define ADD_SIGNED(type, mask)     \
    r = (type)((mask)x + (mask)y); \
    bad |= (mask)((x ^ r) & (y ^ r));
#define SUB_SIGNED(type, mask)     \
    r = (type)((mask)x - (mask)y); \
    bad |= (mask)((x ^ y) & (x ^ r));
#define SIGN_OF(mask) bad >> (sizeof(mask) * 8 - 1)
#define ADD_UNSIGNED(type, mask) \
    r = (type)(x + y);           \
    bad |= (mask)(r < x);
#define SUB_UNSIGNED(type, mask) \
    r = (type)(x - y);           \
    bad |= (mask)(x < y);
/* The product in a type of twice the width. */
#define MUL_WIDE(type, mask, wide)    \
    wide product = (wide)x * (wide)y; \
    r = (type)product;                \
    bad |= (mask)(r != product);
#if defined(__AVX512DQ__)
/* 64-bit products in vectors: the double product tells, with a margin, whether it may be too large.
 */
#define MUL_I64                               \
    r = (int64_t)((uint64_t)x * (uint64_t)y); \
    bad |= (uint64_t)(fabs((double)x * (double)y) >= 0x1.fffffffffff00p62);
#define MUL_U64 \
    r = x * y;  \
    bad |= (uint64_t)((double)x * (double)y >= 0x1.fffffffffff00p63);
#else
#define MUL_I64 bad |= (uint64_t)__builtin_mul_overflow(x, y, &r);
#define MUL_U64 bad |= (uint64_t)__builtin_mul_overflow(x, y, &r);
#endif

#define COMPUTE_SIGNED(suffix, type, mask)                                         \
    COMPUTE_FORMS(add_##suffix, type, mask, ADD_SIGNED(type, mask), SIGN_OF(mask)) \
    COMPUTE_FORMS(sub_##suffix, type, mask, SUB_SIGNED(type, mask), SIGN_OF(mask))
#define COMPUTE_UNSIGNED(suffix, type)                                     \
    COMPUTE_FORMS(add_##suffix, type, type, ADD_UNSIGNED(type, type), bad) \
    COMPUTE_FORMS(sub_##suffix, type, type, SUB_UNSIGNED(type, type), bad)

COMPUTE_SIGNED(i8, int8_t, uint8_t)
COMPUTE_SIGNED(i16, int16_t, uint16_t)
COMPUTE_SIGNED(i32, int32_t, uint32_t)
COMPUTE_SIGNED(i64, int64_t, uint64_t)
COMPUTE_UNSIGNED(u8, uint8_t)
COMPUTE_UNSIGNED(u16, uint16_t)
COMPUTE_UNSIGNED(u32, uint32_t)
COMPUTE_UNSIGNED(u64, uint64_t)
COMPUTE_FORMS(mul_i8, int8_t, uint8_t, MUL_WIDE(int8_t, uint8_t, int16_t), bad)
COMPUTE_FORMS(mul_i16, int16_t, uint16_t, MUL_WIDE(int16_t, uint16_t, int32_t), bad)
COMPUTE_FORMS(mul_i32, int32_t, uint32_t, MUL_WIDE(int32_t, uint32_t, int64_t), bad)
COMPUTE_FORMS(mul_i64, int64_t, uint64_t, MUL_I64, bad)
COMPUTE_FORMS(mul_u8, uint8_t, uint8_t, MUL_WIDE(uint8_t, uint8_t, uint16_t), bad)
COMPUTE_FORMS(mul_u16, uint16_t, uint16_t, MUL_WIDE(uint16_t, uint16_t, uint32_t), bad)
COMPUTE_FORMS(mul_u32, uint32_t, uint32_t, MUL_WIDE(uint32_t, uint32_t, uint64_t), bad)
COMPUTE_FORMS(mul_u64, uint64_t, uint64_t, MUL_U64, bad)

/* Floats: an infinity, or a zero out of non-zero operands, is suspicious. */
#define SPILLS(mask) (mask)(fabs_of(r) > greatest)
#define ADD_FLOAT(mask) \
    r = x + y;          \
    bad |= SPILLS(mask);
#define SUB_FLOAT(mask) \
    r = x - y;          \
    bad |= SPILLS(mask);
#define MUL_FLOAT(mask) \
    r = x * y;          \
    bad |= SPILLS(mask) | (mask)((r == 0) & (x != 0) & (y != 0));
#define DIV_FLOAT(mask) \
    r = x / y;          \
    bad |= SPILLS(mask) | (mask)((r == 0) & (x != 0)) | (mask)(y == 0);

#define COMPUTE_FLOAT(suffix, type, mask)                         \
    COMPUTE_FORMS(add_##suffix, type, mask, ADD_FLOAT(mask), bad) \
    COMPUTE_FORMS(sub_##suffix, type, mask, SUB_FLOAT(mask), bad) \
    COMPUTE_FORMS(mul_##suffix, type, mask, MUL_FLOAT(mask), bad) \
    COMPUTE_FORMS(div_##suffix, type, mask, DIV_FLOAT(mask), bad)

#define fabs_of(value) __builtin_fabsf(value)
#define greatest __FLT_MAX__
COMPUTE_FLOAT(f32, float, uint32_t)
#undef fabs_of
#undef greatest
#define fabs_of(value) __builtin_fabs(value)
#define greatest __DBL_MAX__
COMPUTE_FLOAT(f64, double, uint64_t)
#undef fabs_of
#undef greatest

/* --- selection ----------------------------------------------------------------------------- */

static void and_bytes(uint8_t *restrict a, const uint8_t *restrict b, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        a[i] &= b[i];
}

/* Lanes [first, count), one by one and without a branch; n have been found before. */
static uint32_t select_rest(const uint8_t *lanes, const uint64_t *validity, uint32_t first,
                            uint32_t count, uint16_t *out, uint32_t n)
{
    for (uint32_t i = first; i < count; i++) {
        uint32_t valid = validity ? (uint32_t)(validity[i >> 6] >> (i & 63) & 1) : 1;
        out[n] = (uint16_t)i;
        n += (lanes[i] != 0) & valid;
    }
    return n;
}

/* Each block writes whole vectors at out + n; that stays inside because n <= i and the block's
 * lanes are below count. */
#if defined(__AVX512F__) && defined(__AVX512BW__)
static uint32_t select_lanes(const uint8_t *lanes, const uint64_t *validity, uint32_t count,
                             uint16_t *out)
{
    uint32_t n = 0, i = 0;
    const __m512i sixteen = _mm512_set1_epi32(16);
    __m512i index = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; i + 64 <= count; i += 64) {
        __m512i bytes = _mm512_loadu_si512(lanes + i);
        uint64_t mask = _mm512_test_epi8_mask(bytes, bytes);
        if (validity)
            mask &= validity[i / 64];
        for (unsigned k = 0; k < 4; k++, mask >>= 16) {
            __mmask16 part = (__mmask16)mask;
            __m512i packed = _mm512_maskz_compress_epi32(part, index);
            _mm256_storeu_si256((void *)(out + n), _mm512_cvtepi32_epi16(packed));
            n += (uint32_t)__builtin_popcount(part);
            index = _mm512_add_epi32(index, sixteen);
        }
    }
    return select_rest(lanes, validity, i, count, out, n);
}
#elif defined(__x86_64__)
static uint32_t select_lanes(const uint8_t *lanes, const uint64_t *validity, uint32_t count,
                             uint16_t *out)
{
    uint32_t n = 0, i = 0;
    const __m128i zero = _mm_setzero_si128();
    for (; i + 16 <= count; i += 16) {
        __m128i bytes = _mm_loadu_si128((const void *)(lanes + i));
        unsigned mask = ~(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, zero)) & 0xFFFF;
        if (validity)
            mask &= (unsigned)(validity[i / 64] >> (i & 63));
        for (unsigned k = 0; k < 2; k++, mask >>= 8) {
            unsigned part = mask & 0xFF;
            __m128i bits = _mm_loadl_epi64((const void *)weir_loops_set_bits[part]);
            __m128i base = _mm_set1_epi16((short)(i + 8 * k));
            _mm_storeu_si128((void *)(out + n), _mm_add_epi16(_mm_unpacklo_epi8(bits, zero), base));
            n += weir_loops_bit_counts[part];
        }
    }
    return select_rest(lanes, validity, i, count, out, n);
}
#else
static uint32_t select_lanes(const uint8_t *lanes, const uint64_t *validity, uint32_t count,
                             uint16_t *out)
{
    return select_rest(lanes, validity, 0, count, out, 0);
}
#endif

/* --- the table ----------------------------------------------------------------------------- */

#define FORMS(name)                     \
    {                                   \
        name##_vv, name##_vc, name##_cv \
    }
#define KINDS(name)                                                                    \
    {                                                                                  \
        FORMS(name##_i8), FORMS(name##_i16), FORMS(name##_i32), FORMS(name##_i64),     \
            FORMS(name##_u8), FORMS(name##_u16), FORMS(name##_u32), FORMS(name##_u64), \
            FORMS(name##_f32), FORMS(name##_f64)                                       \
    }

const struct weir_loops LOOPS_TABLE = {
    .name = LOOPS_NAME,
    .equal = KINDS(equal),
    .less = KINDS(less),
    .compute = {[WEIR_LOOP_ADD] = KINDS(add),
                [WEIR_LOOP_SUB] = KINDS(sub),
                [WEIR_LOOP_MUL] = KINDS(mul),
                [WEIR_LOOP_DIV] = {[WEIR_TYPE_FLOAT32 - WEIR_TYPE_INT8] = FORMS(div_f32),
                                   [WEIR_TYPE_FLOAT64 - WEIR_TYPE_INT8] = FORMS(div_f64)}},
    .select = select_lanes,
    .and_bytes = and_bytes,
};
