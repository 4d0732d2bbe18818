/* Template patterns (to_char, to_timestamp, to_number). The first line is the pattern, the rest a
 * text to read by it: nothing crashes, and a timestamp that was read is printed and read again. */
#include "value/format_pattern.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
    if (!condition)
        abort();
}

static void check_times(struct weir_arena *arena, struct weir_slice pattern, struct weir_slice text,
                        struct weir_buffer *buffer)
{
    static const int64_t instants[] = {
        0, -1, 946684799999999, -62135596800000000, INT64_C(253402300799999999), 1709214330123456};
    const struct weir_time_pattern *times;
    struct weir_time_pattern_output output;
    struct weir_time_pattern_input input = {
        .offset_s = -12600, .zone_name = "NST", .has_zone = text.size % 2};
    if (weir_time_pattern_compile(arena, pattern, &times, NULL) != WEIR_OK)
        return;
    if (weir_time_pattern_parse(times, text, &output, NULL) == WEIR_OK && output.has_local) {
        input.local_us = output.local_us;
        check(weir_time_pattern_print(times, &input, buffer, NULL) == WEIR_OK);
        (void)!weir_time_pattern_parse(times, weir_buffer_slice(buffer), &output, NULL);
    }
    for (size_t i = 0; i < WEIR_COUNT_OF(instants); i++) {
        input.local_us = instants[i];
        check(weir_time_pattern_print(times, &input, buffer, NULL) == WEIR_OK);
    }
    (void)!weir_time_pattern_print_interval(times, (struct weir_interval){-15, 40, -1}, buffer,
                                            NULL);
    (void)!weir_time_pattern_print_interval(
        times, (struct weir_interval){INT32_MAX, INT32_MIN, INT64_MIN}, buffer, NULL);
}

static void check_numbers(struct weir_arena *arena, struct weir_slice pattern,
                          struct weir_slice text, struct weir_buffer *buffer)
{
    static const double doubles[] = {
        0, -0.0, -1234.5e10, 0.05, 1e300, -1e-300, 999.9996, __builtin_inf(), __builtin_nan("")};
    const struct weir_number_pattern *numbers;
    struct weir_decimal decimal = {-12345, 2};
    if (weir_number_pattern_compile(arena, pattern, &numbers, NULL) != WEIR_OK)
        return;
    (void)weir_number_pattern_is_scientific(numbers);
    (void)!weir_number_pattern_print(numbers, decimal, buffer, NULL);
    if (weir_number_pattern_parse(numbers, text, &decimal, NULL) == WEIR_OK)
        check(decimal.scale <= 38 && weir_decimal_fits(decimal.unscaled, 38));
    (void)!weir_number_pattern_print(numbers, decimal, buffer, NULL);
    for (size_t i = 0; i < WEIR_COUNT_OF(doubles); i++) {
        (void)!weir_number_pattern_print_f64(numbers, doubles[i], buffer, NULL);
        (void)!weir_number_pattern_print_f32(numbers, (float)doubles[i], buffer, NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_slice all = weir_slice_make((const char *)data, size);
    struct weir_arena arena;
    struct weir_buffer buffer;
    size_t line = weir_slice_find(all, weir_slice_from_string("\n"), 0);
    if (line == SIZE_MAX)
        return 0;
    struct weir_slice pattern = weir_slice_make(all.data, line);
    struct weir_slice text = weir_slice_make(all.data + line + 1, size - line - 1);
    weir_arena_init(&arena, NULL, 4096);
    weir_buffer_init(&buffer, NULL);
    check_times(&arena, pattern, text, &buffer);
    weir_buffer_clear(&buffer);
    check_numbers(&arena, pattern, text, &buffer);
    weir_buffer_deinit(&buffer);
    weir_arena_deinit(&arena);
    return 0;
}
