/* Template patterns: Postgres' answers for all their functions, and the errors. */
#include "base/checked.h"
#include "value/format_pattern.h"
#include "value/number.h"
#include "value/timestamp.h"
#include "vectors.h"

static enum weir_status number_case(char kind, struct weir_arena *arena, struct weir_slice pattern,
                                    struct weir_slice value, struct weir_buffer *out,
                                    struct weir_error *error)
{
    const struct weir_number_pattern *compiled;
    struct weir_decimal decimal = {0, 0};
    double f64 = 0;
    float f32 = 0;

    WEIR_TRY(weir_number_pattern_compile(arena, pattern, &compiled, error));
    switch (kind) {
    case 'n':
        EXPECT_INT(weir_decimal_parse_natural(value, &decimal), 0);
        return weir_number_pattern_print(compiled, decimal, out, error);
    case 'f':
        EXPECT_INT(weir_number_parse_f64_sql(value, &f64), 0);
        return weir_number_pattern_print_f64(compiled, f64, out, error);
    case 'g':
        EXPECT_INT(weir_number_parse_f32_sql(value, &f32), 0);
        return weir_number_pattern_print_f32(compiled, f32, out, error);
    default: {
        WEIR_TRY(weir_number_pattern_parse(compiled, value, &decimal, error));
        char text[WEIR_DECIMAL_SIZE];
        weir_buffer_append(out, text, weir_decimal_print(text, weir_decimal_trim(decimal)));
        return WEIR_OK;
    }
    }
}

static enum weir_status time_case(char kind, struct weir_arena *arena, struct weir_slice pattern,
                                  struct weir_slice value, struct weir_buffer *out,
                                  struct weir_error *error)
{
    const struct weir_time_pattern *compiled;
    struct weir_time_pattern_input input = {0};
    struct weir_time_pattern_output output;
    struct weir_interval interval;
    char text[WEIR_TIMESTAMP_SIZE];

    WEIR_TRY(weir_time_pattern_compile(arena, pattern, &compiled, error));
    switch (kind) {
    case 't':
        EXPECT_INT(weir_timestamp_parse(value, &input.local_us, NULL), 0);
        return weir_time_pattern_print(compiled, &input, out, error);
    case 'i':
        EXPECT_INT(weir_interval_parse(value, 0, -1, &interval), 0);
        return weir_time_pattern_print_interval(compiled, interval, out, error);
    default:
        WEIR_TRY(weir_time_pattern_parse(compiled, value, &output, error));
        if (output.has_offset)
            output.local_us -= (int64_t)output.offset_s * 1000000;
        weir_buffer_append(out, text,
                           weir_timestamp_print(text, output.local_us, WEIR_TIMESTAMP_POSTGRES));
        return WEIR_OK;
    }
}

/* to_number's scale is Postgres' own: values are compared. */
static bool same_number(struct weir_slice got, struct weir_slice want)
{
    struct weir_decimal a, b;
    return weir_decimal_parse_natural(weir_slice_make(got.data + 1, got.size - 2), &a) == 0 &&
           weir_decimal_parse_natural(weir_slice_make(want.data + 1, want.size - 2), &b) == 0 &&
           weir_decimal_compare(a, b) == 0;
}

static void agrees_with_postgres(void)
{
    struct weir_arena arena;
    struct weir_buffer out;
    struct weir_error error;
    struct vectors v;

    if (!vectors_open(&v, "patterns.tsv"))
        return;
    weir_arena_init(&arena, NULL, 0);
    weir_buffer_init(&out, NULL);
    while (vectors_next(&v)) {
        char kind = *v.fields[0].data;
        weir_buffer_clear(&out);
        weir_arena_reset(&arena);
        weir_buffer_append_char(&out, '[');
        enum weir_status status =
            strchr("nfgu", kind) ? number_case(kind, &arena, v.fields[1], v.fields[2], &out, &error)
                                 : time_case(kind, &arena, v.fields[1], v.fields[2], &out, &error);
        if (status != WEIR_OK) {
            EXPECT(error.message[0] != '\0');
            vectors_expect(&v, 3, "ERR", 3);
            continue;
        }
        weir_buffer_append_char(&out, ']');
        struct weir_slice got = weir_buffer_slice(&out);
        if (kind != 'u' || v.fields[3].data[0] != '[' || !same_number(got, v.fields[3]))
            vectors_expect(&v, 3, got.data, got.size);
    }
    EXPECT(v.lines > 1500);
    weir_buffer_deinit(&out);
    weir_arena_deinit(&arena);
}

static void shows_zones(void)
{
    struct weir_arena arena;
    struct weir_buffer out;
    const struct weir_time_pattern *compiled;
    struct weir_time_pattern_input input = {
        .offset_s = -12600, .zone_name = "NST", .has_zone = true};

    weir_arena_init(&arena, NULL, 0);
    weir_buffer_init(&out, NULL);
    EXPECT_INT(weir_time_pattern_compile(&arena, weir_slice_from_string("TZ tz TZH:TZM OF FMOF"),
                                         &compiled, NULL),
               0);
    EXPECT_INT(weir_time_pattern_print(compiled, &input, &out, NULL), 0);
    EXPECT_SLICE(weir_buffer_slice(&out), "NST nst -03:30 -03:30 -3:30");
    weir_buffer_deinit(&out);
    weir_arena_deinit(&arena);
}

/* Every keyword: the text is the same from one multiple of the step to the next. */
static void keeps_its_text_within_a_step(void)
{
    static const char *const keywords[] = {
        "A.D.",  "A.M.", "AD",  "AM",   "B.C.",  "BC",   "CC",  "DAY",  "DDD",  "DD",   "DY",
        "D",     "FF1",  "FF2", "FF3",  "FF4",   "FF5",  "FF6", "FX",   "HH24", "HH12", "HH",
        "ID",    "IDDD", "IW",  "IYYY", "IYY",   "IY",   "I",   "J",    "MI",   "MM",   "MON",
        "MONTH", "MS",   "OF",  "P.M.", "PM",    "Q",    "RM",  "SSSS", "SS",   "TZH",  "TZM",
        "TZ",    "US",   "WW",  "W",    "Y,YYY", "YYYY", "YYY", "YY",   "Y"};
    static const int64_t times[] = {0,
                                    1,
                                    -1,
                                    INT64_C(1436918400000000),
                                    INT64_C(1436961599999999),
                                    INT64_C(951782400123456),
                                    INT64_C(-62135596800000001),
                                    INT64_C(253402300799999999)};
    struct weir_arena arena;
    struct weir_buffer texts[3];
    weir_arena_init(&arena, NULL, 0);
    for (int k = 0; k < 3; k++)
        weir_buffer_init(&texts[k], NULL);
    for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++) {
        const struct weir_time_pattern *compiled;
        EXPECT_INT(
            weir_time_pattern_compile(&arena, weir_slice_from_string(keywords[i]), &compiled, NULL),
            0);
        int64_t step = weir_time_pattern_step_us(compiled);
        for (size_t t = 0; t < sizeof times / sizeof *times; t++) {
            int64_t start = weir_floor_div_i64(times[t], step) * step;
            const int64_t within[] = {start, times[t], start + step - 1};
            for (int k = 0; k < 3; k++) {
                struct weir_time_pattern_input input = {.local_us = within[k]};
                weir_buffer_clear(&texts[k]);
                EXPECT_INT(weir_time_pattern_print(compiled, &input, &texts[k], NULL), 0);
            }
            EXPECT(weir_slice_equals(weir_buffer_slice(&texts[0]), weir_buffer_slice(&texts[1])));
            EXPECT(weir_slice_equals(weir_buffer_slice(&texts[1]), weir_buffer_slice(&texts[2])));
        }
    }
    for (int k = 0; k < 3; k++)
        weir_buffer_deinit(&texts[k]);
    weir_arena_deinit(&arena);
}

static void refuses_contradictions(void)
{
    static const char *const bad[] = {"9.9.9", "9V9.9", "S9S",       "S9MI",   "MI9S",    "PR9",
                                      "9PRS",  "EEEE9", "9EEEEEEEE", "S9EEEE", "FM9EEEE", "9.9V"};
    struct weir_arena arena;
    const struct weir_number_pattern *compiled;
    struct weir_error error;

    weir_arena_init(&arena, NULL, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        EXPECT_INT(
            weir_number_pattern_compile(&arena, weir_slice_from_string(bad[i]), &compiled, &error),
            WEIR_E_BAD_ARGUMENT);
    static char many[3000];
    memset(many, '9', sizeof many);
    EXPECT_INT(
        weir_number_pattern_compile(&arena, weir_slice_make(many, sizeof many), &compiled, &error),
        WEIR_E_BAD_ARGUMENT);
    /* As many as there may be, with the greatest numbers. */
    EXPECT_INT(weir_number_pattern_compile(&arena, weir_slice_make(many, 1000), &compiled, &error),
               0);
    struct weir_buffer out;
    weir_buffer_init(&out, NULL);
    EXPECT_INT(weir_number_pattern_print_f64(compiled, 1.7e308, &out, &error), 0);
    EXPECT_INT(out.size, 1001);
    weir_buffer_deinit(&out);
    weir_arena_deinit(&arena);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(agrees_with_postgres), TEST_CASE(shows_zones),
        TEST_CASE(keeps_its_text_within_a_step), TEST_CASE(refuses_contradictions)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
