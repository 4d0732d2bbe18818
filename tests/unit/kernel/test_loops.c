/* The numeric loops: every kind, operation and form against one-lane arithmetic written here, on
 * every instruction set, at lengths around the vector widths. */
#include "kernel/cast_loops.h"
#include "kernel/loops.h"
#include "test.h"
#include "value/int128.h"

#include <math.h>

enum { COUNT_MAX = 200 };

static uint64_t state = 1;
static uint64_t roll(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return state >> 16;
}

struct lanes {
    union {
        uint8_t bytes[COUNT_MAX * 8];
        int8_t i8[COUNT_MAX];
        int16_t i16[COUNT_MAX];
        int32_t i32[COUNT_MAX];
        int64_t i64[COUNT_MAX];
        uint8_t u8[COUNT_MAX];
        uint16_t u16[COUNT_MAX];
        uint32_t u32[COUNT_MAX];
        uint64_t u64[COUNT_MAX];
        float f32[COUNT_MAX];
        double f64[COUNT_MAX];
    } as __attribute__((aligned(64)));
};

static const size_t widths[WEIR_LOOP_KINDS] = {1, 2, 4, 8, 1, 2, 4, 8, 4, 8};
enum { F32 = WEIR_TYPE_FLOAT32 - WEIR_TYPE_INT8, F64 = WEIR_TYPE_FLOAT64 - WEIR_TYPE_INT8 };

/* tame: small integers, so that no lane overflows. */
static void fill(struct lanes *lanes, int kind, bool tame)
{
    static const double special[] = {0,      -0.0,   1,        -1,        1e308,
                                     -1e308, 1e-308, INFINITY, -INFINITY, NAN};
    for (size_t i = 0; i < COUNT_MAX; i++) {
        uint64_t bits = tame ? roll() % 10 : roll() % 4 ? roll() << 16 ^ roll() : roll() % 3 - 1;
        double number = tame || roll() % 3 ? (double)(int64_t)(roll() % 2001) / 8 - 100
                                           : special[roll() % WEIR_COUNT_OF(special)];
        if (kind == F32)
            lanes->as.f32[i] = (float)number;
        else if (kind == F64)
            lanes->as.f64[i] = number;
        else
            memcpy(lanes->as.bytes + i * widths[kind], &bits, widths[kind]);
    }
}

static double read_float(const struct lanes *lanes, int kind, size_t i)
{
    return kind == F32 ? (double)lanes->as.f32[i] : lanes->as.f64[i];
}

static weir_i128 read_integer(const struct lanes *lanes, int kind, size_t i)
{
    switch (kind) {
    case 0:
        return lanes->as.i8[i];
    case 1:
        return lanes->as.i16[i];
    case 2:
        return lanes->as.i32[i];
    case 3:
        return lanes->as.i64[i];
    case 4:
        return lanes->as.u8[i];
    case 5:
        return lanes->as.u16[i];
    case 6:
        return lanes->as.u32[i];
    default:
        return lanes->as.u64[i];
    }
}

static int order(const struct lanes *a, size_t i, const struct lanes *b, size_t k, int kind)
{
    if (kind < F32) {
        weir_i128 x = read_integer(a, kind, i), y = read_integer(b, kind, k);
        return x < y ? -1 : x > y;
    }
    double x = read_float(a, kind, i), y = read_float(b, kind, k);
    if (isnan(x) || isnan(y))
        return isnan(x) - isnan(y);
    return x < y ? -1 : x > y;
}

static bool fits(weir_i128 value, int kind)
{
    unsigned bits = (unsigned)widths[kind] * 8;
    if (kind >= 4)
        return value >= 0 && value < (weir_i128)1 << bits;
    return value >= -((weir_i128)1 << (bits - 1)) && value < (weir_i128)1 << (bits - 1);
}

static const uint32_t counts[] = {0, 1, 15, 16, 17, 63, 64, 65, COUNT_MAX};

static void check_compare(const struct weir_loops *loops, int kind, int form)
{
    struct lanes a, b;
    uint8_t less[COUNT_MAX + 1], equal[COUNT_MAX + 1];
    fill(&a, kind, roll() & 1);
    fill(&b, kind, roll() & 1);
    for (size_t c = 0; c < WEIR_COUNT_OF(counts); c++) {
        uint8_t invert = (uint8_t)(c & 1);
        less[counts[c]] = equal[counts[c]] = 77;
        loops->less[kind][form](&a, &b, invert, less, counts[c]);
        loops->equal[kind][form](&a, &b, invert, equal, counts[c]);
        for (uint32_t i = 0; i < counts[c]; i++) {
            int want = order(&a, form == WEIR_LOOP_LEFT_CONSTANT ? 0 : i, &b,
                             form == WEIR_LOOP_RIGHT_CONSTANT ? 0 : i, kind);
            EXPECT_INT(less[i], (want < 0) ^ invert);
            EXPECT_INT(equal[i], (want == 0) ^ invert);
        }
        EXPECT(less[counts[c]] == 77 && equal[counts[c]] == 77);
    }
}

/* The exact result, modulo 2^128; *wraps when that is not the same. */
static weir_i128 exact(int op, weir_i128 x, weir_i128 y, bool *wraps)
{
    weir_i128 product;
    *wraps = false;
    if (op == WEIR_LOOP_ADD)
        return x + y;
    if (op == WEIR_LOOP_SUB)
        return x - y;
    *wraps = __builtin_mul_overflow(x, y, &product);
    return product;
}

static bool lane_fails(int kind, int op, const struct lanes *a, size_t i, const struct lanes *b,
                       size_t k)
{
    if (kind < F32) {
        weir_i128 x = read_integer(a, kind, i), y = read_integer(b, kind, k);
        bool wraps;
        weir_i128 r = exact(op, x, y, &wraps);
        return wraps || !fits(r, kind);
    }
    double x = read_float(a, kind, i), y = read_float(b, kind, k);
    double r = op == WEIR_LOOP_ADD   ? x + y
               : op == WEIR_LOOP_SUB ? x - y
               : op == WEIR_LOOP_MUL ? x * y
                                     : x / y;
    if (kind == F32)
        r = (double)(float)r;
    if (op == WEIR_LOOP_DIV && y == 0)
        return true;
    return (isinf(r) && !isinf(x) && !isinf(y)) ||
           (r == 0 && x != 0 && y != 0 &&
            (op == WEIR_LOOP_MUL || (op == WEIR_LOOP_DIV && !isinf(y))));
}

static void check_lane(int kind, int op, const struct lanes *a, size_t i, const struct lanes *b,
                       size_t k, const struct lanes *out, size_t lane)
{
    if (kind < F32) {
        weir_i128 x = read_integer(a, kind, i), y = read_integer(b, kind, k);
        bool wraps;
        weir_i128 r = exact(op, x, y, &wraps);
        EXPECT(memcmp(&r, out->as.bytes + lane * widths[kind], widths[kind]) == 0);
        return;
    }
    double x = read_float(a, kind, i), y = read_float(b, kind, k),
           got = read_float(out, kind, lane);
    double r = op == WEIR_LOOP_ADD   ? x + y
               : op == WEIR_LOOP_SUB ? x - y
               : op == WEIR_LOOP_MUL ? x * y
                                     : x / y;
    if (kind == F32)
        r = (double)(float)r; /* exact: float operations rounded twice through double agree */
    EXPECT(isnan(r) ? isnan(got) : memcmp(&r, &got, sizeof r) == 0);
}

static void check_compute(const struct weir_loops *loops, int kind, int op, int form)
{
    struct lanes a, b, out;
    bool tame = roll() % 3 == 0;
    fill(&a, kind, tame);
    fill(&b, kind, tame);
    for (size_t c = 0; c < WEIR_COUNT_OF(counts); c++) {
        bool suspicious = loops->compute[op][kind][form](&a, &b, &out, counts[c]), fails = false;
        for (uint32_t i = 0; i < counts[c]; i++) {
            size_t left = form == WEIR_LOOP_LEFT_CONSTANT ? 0 : i;
            size_t right = form == WEIR_LOOP_RIGHT_CONSTANT ? 0 : i;
            fails |= lane_fails(kind, op, &a, left, &b, right);
            check_lane(kind, op, &a, left, &b, right, &out, i);
        }
        EXPECT(suspicious || !fails);
        if (tame && kind < 4 && op != WEIR_LOOP_DIV && kind > 0)
            EXPECT(!suspicious);
    }
}

static void check_select(const struct weir_loops *loops)
{
    uint8_t bytes[COUNT_MAX];
    uint64_t validity[COUNT_MAX / 64 + 1];
    uint16_t out[COUNT_MAX + 1];
    for (int round = 0; round < 50; round++) {
        uint64_t share = roll() % 5;
        for (size_t i = 0; i < COUNT_MAX; i++)
            bytes[i] = roll() % 4 < share;
        for (size_t i = 0; i < WEIR_COUNT_OF(validity); i++)
            validity[i] = roll() << 20 ^ roll();
        for (size_t c = 0; c < WEIR_COUNT_OF(counts); c++) {
            const uint64_t *bits = round & 1 ? validity : NULL;
            out[counts[c]] = 7777;
            uint32_t n = loops->select(bytes, bits, counts[c], out), k = 0;
            for (uint32_t i = 0; i < counts[c]; i++)
                if (bytes[i] && (!bits || bits[i / 64] >> (i % 64) & 1)) {
                    EXPECT(k < n && out[k] == i);
                    k++;
                }
            EXPECT_INT(n, k);
            EXPECT_INT(out[counts[c]], 7777);
        }
    }
}

static void check_table(const struct weir_loops *loops)
{
    for (int round = 0; round < 8; round++)
        for (int kind = 0; kind < WEIR_LOOP_KINDS; kind++)
            for (int form = 0; form < WEIR_LOOP_FORMS; form++) {
                check_compare(loops, kind, form);
                for (int op = 0; op < WEIR_LOOP_ARITHMETICS; op++)
                    if (loops->compute[op][kind][form])
                        check_compute(loops, kind, op, form);
            }
    check_select(loops);
}

static void baseline(void)
{
    check_table(&weir_loops_baseline);
}
static void avx2(void)
{
    check_table(weir_loops_get(weir_isa_detect(WEIR_ISA_AVX2)));
}
static void best(void)
{
    check_table(weir_loops_best());
}

/* Integers to integers and floats to integers, against 128-bit arithmetic. */
static void casts(void)
{
    for (int from = 0; from < WEIR_LOOP_KINDS; from++)
        for (int to = 0; to < F32; to++)
            for (int round = 0; round < 4; round++) {
                struct lanes in, out;
                fill(&in, from, false);
                weir_cast_loop loop =
                    weir_cast_loop_get((enum weir_type_kind)(WEIR_TYPE_INT8 + from),
                                       (enum weir_type_kind)(WEIR_TYPE_INT8 + to));
                for (size_t i = 0; i < COUNT_MAX; i++) {
                    bool bad = loop(in.as.bytes + i * widths[from], out.as.bytes, 1);
                    double number = from >= F32 ? rint(read_float(&in, from, i)) : 0;
                    bool in_range = from < F32 || fabs(number) < 1e30;
                    weir_i128 want = from < F32 ? read_integer(&in, from, i)
                                     : in_range ? (weir_i128)number
                                                : 0;
                    in_range = in_range && fits(want, to);
                    EXPECT_INT(bad, !in_range);
                    if (in_range)
                        EXPECT(read_integer(&out, to, 0) == want);
                }
            }
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(baseline), TEST_CASE(avx2), TEST_CASE(best),
                                             TEST_CASE(casts)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
