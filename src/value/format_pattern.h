/* Template patterns of to_char, to_timestamp, to_date, to_number, as in Postgres 15 (C locale,
 * English names).
 *
 * A pattern is compiled once and used for every row: 'YYYY-MM-DD' becomes a list of nodes
 * {YYYY} {"-"} {MM} {"-"} {DD}. Compiled patterns are immutable and live in the caller's arena. */
#ifndef WEIR_VALUE_FORMAT_PATTERN_H
#define WEIR_VALUE_FORMAT_PATTERN_H

#include "base/buffer.h"
#include "base/memory.h"
#include "value/civil.h"
#include "value/decimal.h"
#include "value/interval.h"

struct weir_time_pattern;
struct weir_number_pattern;

/* BAD_ARGUMENT when the pattern contradicts itself (numeric ones: "9" twice after 'S', …). */
enum weir_status weir_time_pattern_compile(struct weir_arena *arena, struct weir_slice pattern,
                                           const struct weir_time_pattern **out,
                                           struct weir_error *error);
enum weir_status weir_number_pattern_compile(struct weir_arena *arena, struct weir_slice pattern,
                                             const struct weir_number_pattern **out,
                                             struct weir_error *error);

/* Appends to_char(timestamp, pattern). local_us is the wall clock; zone_name (TZ) and offset_s
 * (TZH, TZM, OF) are used only when has_zone. Buffer failure is the caller's to check. */
struct weir_time_pattern_input {
    int64_t local_us;
    int32_t offset_s;
    const char *zone_name; /* abbreviation, e.g. "CEST" */
    bool has_zone;
};
enum weir_status weir_time_pattern_print(const struct weir_time_pattern *pattern,
                                         const struct weir_time_pattern_input *input,
                                         struct weir_buffer *buffer, struct weir_error *error);
/* Microseconds: timestamps without a zone between two multiples of it have the same text. */
int64_t weir_time_pattern_step_us(const struct weir_time_pattern *pattern);
/* to_char(interval, pattern). */
enum weir_status weir_time_pattern_print_interval(const struct weir_time_pattern *pattern,
                                                  struct weir_interval value,
                                                  struct weir_buffer *buffer,
                                                  struct weir_error *error);

/* to_timestamp(text, pattern) / to_date: the wall clock read, and the offset when the pattern has
 * one (TZH, TZM). BAD_ARGUMENT with what did not match. */
struct weir_time_pattern_output {
    int32_t days;
    bool has_local;   /* false: days are a date beyond all timestamps */
    int64_t local_us; /* midnight when no time was given */
    int32_t offset_s;
    bool has_offset;
};
enum weir_status weir_time_pattern_parse(const struct weir_time_pattern *pattern,
                                         struct weir_slice text,
                                         struct weir_time_pattern_output *out,
                                         struct weir_error *error);

/* EEEE */
bool weir_number_pattern_is_scientific(const struct weir_number_pattern *pattern);
/* to_char of numbers; integers go through as decimals of scale 0. */
enum weir_status weir_number_pattern_print(const struct weir_number_pattern *pattern,
                                           struct weir_decimal value, struct weir_buffer *buffer,
                                           struct weir_error *error);
enum weir_status weir_number_pattern_print_f64(const struct weir_number_pattern *pattern,
                                               double value, struct weir_buffer *buffer,
                                               struct weir_error *error);
enum weir_status weir_number_pattern_print_f32(const struct weir_number_pattern *pattern,
                                               float value, struct weir_buffer *buffer,
                                               struct weir_error *error);
/* to_number(text, pattern). BAD_ARGUMENT when no number comes out, OVERFLOW beyond 38 digits. */
enum weir_status weir_number_pattern_parse(const struct weir_number_pattern *pattern,
                                           struct weir_slice text, struct weir_decimal *out,
                                           struct weir_error *error);

#endif
