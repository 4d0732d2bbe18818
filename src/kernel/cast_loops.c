/* See cast_loops.h. One macro makes the loops of each kind of pair; the table at the end lists
 * them. */
#include "kernel/cast_loops.h"

#include <math.h>

#define LOOP(name, from, to, convert)                                       \
    static bool name(const void *in_lanes, void *out_lanes, uint32_t count) \
    {                                                                       \
        const from *in = in_lanes;                                          \
        to *out = out_lanes;                                                \
        unsigned bad = 0;                                                   \
        for (uint32_t i = 0; i < count; i++) {                              \
            from v = in[i];                                                 \
            convert                                                         \
        }                                                                   \
        return bad != 0;                                                    \
    }

/* Every value fits. */
#define WIDEN(to) out[i] = (to)v;
/* The way back must give the same value; between signed and unsigned also the same sign. */
#define NARROW(from, to) \
    out[i] = (to)v;      \
    bad |= (unsigned)((from)out[i] != v);
#define TO_UNSIGNED(from, to) \
    NARROW(from, to)          \
    bad |= (unsigned)(v < 0);
#define TO_SIGNED(from, to) \
    NARROW(from, to)        \
    bad |= (unsigned)(out[i] < 0);
#define TO_INTEGER(to, low, limit)                     \
    double rounded = round_even((double)v);            \
    bool fits = rounded >= (low) && rounded < (limit); \
    out[i] = fits ? (to)rounded : 0;                   \
    bad |= (unsigned)!fits;
#define TO_FLOAT32     \
    out[i] = (float)v; \
    bad |= (unsigned)(isinf(out[i]) && !isinf(v)) | (unsigned)(out[i] == 0 && v != 0);

/* Half to even, without a library call where there is no instruction for it: a double of magnitude
 * 2^52 or more is whole, below that adding 2^52 drops the fraction by the usual rounding. */
static inline double round_even(double v)
{
    double magic = copysign(0x1p52, v);
    return fabs(v) < 0x1p52 ? (v + magic) - magic : v;
}

LOOP(i8_to_i8, int8_t, int8_t, WIDEN(int8_t))
LOOP(i8_to_i16, int8_t, int16_t, WIDEN(int16_t))
LOOP(i8_to_i32, int8_t, int32_t, WIDEN(int32_t))
LOOP(i8_to_i64, int8_t, int64_t, WIDEN(int64_t))
LOOP(i8_to_u8, int8_t, uint8_t, TO_UNSIGNED(int8_t, uint8_t))
LOOP(i8_to_u16, int8_t, uint16_t, TO_UNSIGNED(int8_t, uint16_t))
LOOP(i8_to_u32, int8_t, uint32_t, TO_UNSIGNED(int8_t, uint32_t))
LOOP(i8_to_u64, int8_t, uint64_t, TO_UNSIGNED(int8_t, uint64_t))
LOOP(i8_to_f32, int8_t, float, WIDEN(float))
LOOP(i8_to_f64, int8_t, double, WIDEN(double))
LOOP(i16_to_i8, int16_t, int8_t, NARROW(int16_t, int8_t))
LOOP(i16_to_i16, int16_t, int16_t, WIDEN(int16_t))
LOOP(i16_to_i32, int16_t, int32_t, WIDEN(int32_t))
LOOP(i16_to_i64, int16_t, int64_t, WIDEN(int64_t))
LOOP(i16_to_u8, int16_t, uint8_t, TO_UNSIGNED(int16_t, uint8_t))
LOOP(i16_to_u16, int16_t, uint16_t, TO_UNSIGNED(int16_t, uint16_t))
LOOP(i16_to_u32, int16_t, uint32_t, TO_UNSIGNED(int16_t, uint32_t))
LOOP(i16_to_u64, int16_t, uint64_t, TO_UNSIGNED(int16_t, uint64_t))
LOOP(i16_to_f32, int16_t, float, WIDEN(float))
LOOP(i16_to_f64, int16_t, double, WIDEN(double))
LOOP(i32_to_i8, int32_t, int8_t, NARROW(int32_t, int8_t))
LOOP(i32_to_i16, int32_t, int16_t, NARROW(int32_t, int16_t))
LOOP(i32_to_i32, int32_t, int32_t, WIDEN(int32_t))
LOOP(i32_to_i64, int32_t, int64_t, WIDEN(int64_t))
LOOP(i32_to_u8, int32_t, uint8_t, TO_UNSIGNED(int32_t, uint8_t))
LOOP(i32_to_u16, int32_t, uint16_t, TO_UNSIGNED(int32_t, uint16_t))
LOOP(i32_to_u32, int32_t, uint32_t, TO_UNSIGNED(int32_t, uint32_t))
LOOP(i32_to_u64, int32_t, uint64_t, TO_UNSIGNED(int32_t, uint64_t))
LOOP(i32_to_f32, int32_t, float, WIDEN(float))
LOOP(i32_to_f64, int32_t, double, WIDEN(double))
LOOP(i64_to_i8, int64_t, int8_t, NARROW(int64_t, int8_t))
LOOP(i64_to_i16, int64_t, int16_t, NARROW(int64_t, int16_t))
LOOP(i64_to_i32, int64_t, int32_t, NARROW(int64_t, int32_t))
LOOP(i64_to_i64, int64_t, int64_t, WIDEN(int64_t))
LOOP(i64_to_u8, int64_t, uint8_t, TO_UNSIGNED(int64_t, uint8_t))
LOOP(i64_to_u16, int64_t, uint16_t, TO_UNSIGNED(int64_t, uint16_t))
LOOP(i64_to_u32, int64_t, uint32_t, TO_UNSIGNED(int64_t, uint32_t))
LOOP(i64_to_u64, int64_t, uint64_t, TO_UNSIGNED(int64_t, uint64_t))
LOOP(i64_to_f32, int64_t, float, WIDEN(float))
LOOP(i64_to_f64, int64_t, double, WIDEN(double))
LOOP(u8_to_i8, uint8_t, int8_t, TO_SIGNED(uint8_t, int8_t))
LOOP(u8_to_i16, uint8_t, int16_t, WIDEN(int16_t))
LOOP(u8_to_i32, uint8_t, int32_t, WIDEN(int32_t))
LOOP(u8_to_i64, uint8_t, int64_t, WIDEN(int64_t))
LOOP(u8_to_u8, uint8_t, uint8_t, WIDEN(uint8_t))
LOOP(u8_to_u16, uint8_t, uint16_t, WIDEN(uint16_t))
LOOP(u8_to_u32, uint8_t, uint32_t, WIDEN(uint32_t))
LOOP(u8_to_u64, uint8_t, uint64_t, WIDEN(uint64_t))
LOOP(u8_to_f32, uint8_t, float, WIDEN(float))
LOOP(u8_to_f64, uint8_t, double, WIDEN(double))
LOOP(u16_to_i8, uint16_t, int8_t, TO_SIGNED(uint16_t, int8_t))
LOOP(u16_to_i16, uint16_t, int16_t, TO_SIGNED(uint16_t, int16_t))
LOOP(u16_to_i32, uint16_t, int32_t, WIDEN(int32_t))
LOOP(u16_to_i64, uint16_t, int64_t, WIDEN(int64_t))
LOOP(u16_to_u8, uint16_t, uint8_t, NARROW(uint16_t, uint8_t))
LOOP(u16_to_u16, uint16_t, uint16_t, WIDEN(uint16_t))
LOOP(u16_to_u32, uint16_t, uint32_t, WIDEN(uint32_t))
LOOP(u16_to_u64, uint16_t, uint64_t, WIDEN(uint64_t))
LOOP(u16_to_f32, uint16_t, float, WIDEN(float))
LOOP(u16_to_f64, uint16_t, double, WIDEN(double))
LOOP(u32_to_i8, uint32_t, int8_t, TO_SIGNED(uint32_t, int8_t))
LOOP(u32_to_i16, uint32_t, int16_t, TO_SIGNED(uint32_t, int16_t))
LOOP(u32_to_i32, uint32_t, int32_t, TO_SIGNED(uint32_t, int32_t))
LOOP(u32_to_i64, uint32_t, int64_t, WIDEN(int64_t))
LOOP(u32_to_u8, uint32_t, uint8_t, NARROW(uint32_t, uint8_t))
LOOP(u32_to_u16, uint32_t, uint16_t, NARROW(uint32_t, uint16_t))
LOOP(u32_to_u32, uint32_t, uint32_t, WIDEN(uint32_t))
LOOP(u32_to_u64, uint32_t, uint64_t, WIDEN(uint64_t))
LOOP(u32_to_f32, uint32_t, float, WIDEN(float))
LOOP(u32_to_f64, uint32_t, double, WIDEN(double))
LOOP(u64_to_i8, uint64_t, int8_t, TO_SIGNED(uint64_t, int8_t))
LOOP(u64_to_i16, uint64_t, int16_t, TO_SIGNED(uint64_t, int16_t))
LOOP(u64_to_i32, uint64_t, int32_t, TO_SIGNED(uint64_t, int32_t))
LOOP(u64_to_i64, uint64_t, int64_t, TO_SIGNED(uint64_t, int64_t))
LOOP(u64_to_u8, uint64_t, uint8_t, NARROW(uint64_t, uint8_t))
LOOP(u64_to_u16, uint64_t, uint16_t, NARROW(uint64_t, uint16_t))
LOOP(u64_to_u32, uint64_t, uint32_t, NARROW(uint64_t, uint32_t))
LOOP(u64_to_u64, uint64_t, uint64_t, WIDEN(uint64_t))
LOOP(u64_to_f32, uint64_t, float, WIDEN(float))
LOOP(u64_to_f64, uint64_t, double, WIDEN(double))
LOOP(f32_to_i8, float, int8_t, TO_INTEGER(int8_t, -0x1p7, 0x1p7))
LOOP(f32_to_i16, float, int16_t, TO_INTEGER(int16_t, -0x1p15, 0x1p15))
LOOP(f32_to_i32, float, int32_t, TO_INTEGER(int32_t, -0x1p31, 0x1p31))
LOOP(f32_to_i64, float, int64_t, TO_INTEGER(int64_t, -0x1p63, 0x1p63))
LOOP(f32_to_u8, float, uint8_t, TO_INTEGER(uint8_t, 0.0, 0x1p8))
LOOP(f32_to_u16, float, uint16_t, TO_INTEGER(uint16_t, 0.0, 0x1p16))
LOOP(f32_to_u32, float, uint32_t, TO_INTEGER(uint32_t, 0.0, 0x1p32))
LOOP(f32_to_u64, float, uint64_t, TO_INTEGER(uint64_t, 0.0, 0x1p64))
LOOP(f32_to_f32, float, float, WIDEN(float))
LOOP(f32_to_f64, float, double, WIDEN(double))
LOOP(f64_to_i8, double, int8_t, TO_INTEGER(int8_t, -0x1p7, 0x1p7))
LOOP(f64_to_i16, double, int16_t, TO_INTEGER(int16_t, -0x1p15, 0x1p15))
LOOP(f64_to_i32, double, int32_t, TO_INTEGER(int32_t, -0x1p31, 0x1p31))
LOOP(f64_to_i64, double, int64_t, TO_INTEGER(int64_t, -0x1p63, 0x1p63))
LOOP(f64_to_u8, double, uint8_t, TO_INTEGER(uint8_t, 0.0, 0x1p8))
LOOP(f64_to_u16, double, uint16_t, TO_INTEGER(uint16_t, 0.0, 0x1p16))
LOOP(f64_to_u32, double, uint32_t, TO_INTEGER(uint32_t, 0.0, 0x1p32))
LOOP(f64_to_u64, double, uint64_t, TO_INTEGER(uint64_t, 0.0, 0x1p64))
LOOP(f64_to_f32, double, float, TO_FLOAT32)
LOOP(f64_to_f64, double, double, WIDEN(double))

#define ROW(from)                                                                               \
    {                                                                                           \
        from##_to_i8, from##_to_i16, from##_to_i32, from##_to_i64, from##_to_u8, from##_to_u16, \
            from##_to_u32, from##_to_u64, from##_to_f32, from##_to_f64                          \
    }
enum { KINDS = WEIR_TYPE_FLOAT64 - WEIR_TYPE_INT8 + 1 };
static const weir_cast_loop loops[KINDS][KINDS] = {
    ROW(i8),  ROW(i16), ROW(i32), ROW(i64), ROW(u8),
    ROW(u16), ROW(u32), ROW(u64), ROW(f32), ROW(f64),
};

weir_cast_loop weir_cast_loop_get(enum weir_type_kind from, enum weir_type_kind to)
{
    return loops[from - WEIR_TYPE_INT8][to - WEIR_TYPE_INT8];
}
