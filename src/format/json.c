/* The JSON format as others see it: its name, documentation, options and operations. */
#include "format/formats_internal.h"
#include "format/json_internal.h"

/* In the order of weir_json_time_unit's table and of enum json_bytea_format. */
static const char *const timestamp_formats[] = {
    "iso",          "rfc3339",     "s",           "ms",         "us", "ns",
    "unix_seconds", "unix_millis", "unix_micros", "unix_nanos", NULL};
static const char *const nulls_choices[] = {"write", "omit", NULL};
static const char *const bytea_formats[] = {"hex", "base64", NULL};

const struct weir_option_spec weir_json_option_specs[] = {
#define JSON_OPTION(field, option_kind, option_roles, option_fallback, option_choices, \
                    option_help)                                                       \
    {.name = "json." #field,                                                           \
     .kind = WEIR_OPTION_##option_kind,                                                \
     .offset = offsetof(struct json_options, field),                                   \
     .roles = option_roles,                                                            \
     .fallback = option_fallback,                                                      \
     .choices = option_choices,                                                        \
     .alias = #field,                                                                  \
     .help = option_help},
#include "format/json.def"
#undef JSON_OPTION
};
const size_t weir_json_option_specs_count = WEIR_COUNT_OF(weir_json_option_specs);

static const char details[] =
    "JSON lines: one object a line (RFC 8259, UTF-8, nothing after the value); blank lines are "
    "skipped.\n\n"
    "**Reading.** A missing key and `null` give NULL; unknown keys are ignored but checked; of "
    "duplicate keys the last counts; escaped keys are the keys they spell. A column is read from "
    "the key of its name, or from `\"json.path\" = '$.device.os'` (`.name`, `['name']`, `[n]`).\n\n"
    "| column | takes |\n|---|---|\n"
    "| integers | numbers of integral value in range (`5`, `1.0`, `1e3`), also in quotes |\n"
    "| REAL, DOUBLE | numbers, also in quotes, correctly rounded; `\"NaN\"`, `\"Infinity\"`, "
    "`\"-Infinity\"` |\n"
    "| DECIMAL(p,s) | numbers, also in quotes, rounded to the scale half away from zero |\n"
    "| BOOLEAN | `true`, `false` |\n"
    "| TEXT | text; numbers, booleans, arrays and objects as their JSON text |\n"
    "| TIMESTAMP | ISO-8601 text, with any offset or none (UTC); integers in the unit of "
    "`json.timestamp_format`, or without one in the column's precision: `TIMESTAMP(0)` seconds, "
    "`(3)` milliseconds, `TIMESTAMP` microseconds, `(9)` nanoseconds |\n"
    "| DATE, TIME, INTERVAL, UUID | text |\n"
    "| BYTEA | `\"\\\\x41\"` or base64, by `json.bytea_format` |\n"
    "| JSON, JSONB | any value |\n"
    "| `T[]`, STRUCT, MAP | arrays, objects, objects |\n\n"
    "Anything else makes the record bad, and so does malformed text anywhere in it, lone "
    "surrogates "
    "(`\\ud800`), a byte order mark, nesting beyond 128 levels, and `\\u0000` in a TEXT column "
    "that "
    "is read.\n\n"
    "**Writing.** One object a row, columns in order, NULL as `null` (left out with "
    "`json.nulls` = 'omit'), timestamps ISO-8601, decimals "
    "exact, NaN and infinities as text. Changelogs put `\"_op\":\"+\"` or `\"-\"` first.\n";

const struct weir_format weir_format_json = {.name = "json",
                                             .summary = "JSON lines, one object a line",
                                             .details = details,
                                             .options = weir_json_option_specs,
                                             .options_count = WEIR_COUNT_OF(weir_json_option_specs),
                                             .options_size = sizeof(struct json_options),
                                             .decoder = &weir_json_decoder_ops,
                                             .encoder = &weir_json_encoder_ops,
                                             .infer = weir_json_infer};
