/* The format debezium_json as others see it, and the columns it finds in a sample. */
#include "format/debezium_internal.h"
#include "format/formats_internal.h"

static const char *const timestamp_formats[] = {
    "iso",          "rfc3339",     "s",           "ms",         "us", "ns",
    "unix_seconds", "unix_millis", "unix_micros", "unix_nanos", NULL};
static const char *const bytea_formats[] = {"hex", "base64", NULL};

static const struct weir_option_spec specs[] = {
    {.name = "json.timestamp_format",
     .kind = WEIR_OPTION_CHOICE,
     .offset = offsetof(struct json_options, timestamp_format),
     .fallback = "iso",
     .choices = timestamp_formats,
     .alias = "timestamp_format",
     .help = "how timestamps are spelled, as for format json; Debezium's connectors write integers "
             "in ms or us"},
    {.name = "json.bytea_format",
     .kind = WEIR_OPTION_CHOICE,
     .offset = offsetof(struct json_options, bytea_format),
     .fallback = "hex",
     .choices = bytea_formats,
     .alias = "bytea_format",
     .help = "how BYTEA is spelled: hex or base64, which is what Debezium's connectors write"},
};

/* The row images of the sample's envelopes, one a line. */
static void collect_images(struct weir_slice sample, bool sample_is_all, struct weir_buffer *out)
{
    size_t at = 0;
    while (at < sample.size) {
        const char *begin = sample.data + at;
        const char *feed = memchr(begin, '\n', sample.size - at);
        size_t size = feed ? (size_t)(feed - begin) : sample.size - at;
        at += size + 1;
        if (!feed && !sample_is_all)
            break;
        struct weir_slice record = weir_slice_trim(weir_slice_make(begin, size)), payload, image;
        if (!weir_json_validate(record, NULL, NULL) ||
            weir_json_scan_kind(record) != WEIR_JSON_OBJECT_BEGIN)
            continue;
        if (weir_json_scan_key(record, weir_slice_from_string("payload"), false, &payload) &&
            weir_json_scan_kind(payload) == WEIR_JSON_OBJECT_BEGIN)
            record = payload;
        bool found = (weir_json_scan_key(record, weir_slice_from_string("after"), false, &image) &&
                      weir_json_scan_kind(image) == WEIR_JSON_OBJECT_BEGIN) ||
                     (weir_json_scan_key(record, weir_slice_from_string("before"), false, &image) &&
                      weir_json_scan_kind(image) == WEIR_JSON_OBJECT_BEGIN);
        if (found) {
            weir_buffer_append_slice(out, image);
            weir_buffer_append_char(out, '\n');
        }
    }
}

enum weir_status weir_debezium_infer(struct weir_slice sample, bool sample_is_all,
                                     struct weir_option *options, size_t options_count,
                                     struct weir_arena *arena, struct weir_inferred_schema *out,
                                     struct weir_error *error)
{
    struct weir_buffer images;
    weir_buffer_init(&images, arena->budget);
    collect_images(sample, sample_is_all, &images);
    struct weir_slice all = weir_buffer_slice(&images);
    char *copy = images.failed ? NULL : weir_arena_alloc(arena, all.size + WEIR_FORMAT_PADDING, 1);
    if (copy && all.size)
        memcpy(copy, all.data, all.size);
    if (copy)
        memset(copy + all.size, '\n', WEIR_FORMAT_PADDING);
    weir_buffer_deinit(&images);
    if (!copy)
        return weir_budget_error(arena->budget, error);
    return weir_json_infer(weir_slice_make(copy, all.size), true, options, options_count, arena,
                           out, error);
}

static const char details[] =
    "Changes of rows as Debezium's connectors write them, one envelope a line, with or without "
    "`schema`:\n\n"
    "```json\n"
    "{\"before\": null, \"after\": {\"id\": 1, \"name\": \"a\"}, \"op\": \"c\"}\n"
    "{\"schema\": {}, \"payload\": {\"before\": {\"id\": 1, \"name\": \"a\"}, \"after\": null, "
    "\"op\": \"d\"}}\n"
    "```\n\n"
    "**Reading.** Columns are read from the row images, by the rules of format json. `op` is `c` "
    "(created), `r` (read by a snapshot), `u` (updated), `d` (deleted), `t` (all rows truncated); "
    "`m` (a message of the log) and tombstones (`null`, or a null payload) say nothing of rows.\n\n"
    "With a PRIMARY KEY weir keeps the row of each key: updates need no `before`, deletes only the "
    "key in it, repeated events change nothing, and updates and deletes of keys that were never "
    "seen are counted. Without one the images are taken at their word: `before` must be whole "
    "(Postgres: REPLICA IDENTITY FULL), and an update or delete without it is bad, like `t`.\n\n"
    "Fields of the envelope are columns by METADATA FROM: `ts BIGINT METADATA FROM 'ts_ms'`, "
    "`origin TEXT METADATA FROM 'source.table'`; such a table needs a PRIMARY KEY.\n\n"
    "**Writing.** `c`, `u` and `d`, without schema. A row that replaces another one of its key is "
    "one update; the key is the sink's PRIMARY KEY, else what makes a row of the result unique, "
    "such as the columns of GROUP BY. Where nothing does, an update is `d` and `c`.\n";

const struct weir_format weir_format_debezium_json = {
    .name = "debezium_json",
    .summary = "changes of rows as Debezium writes them, as JSON lines",
    .details = details,
    .options = specs,
    .options_count = WEIR_COUNT_OF(specs),
    .options_size = sizeof(struct json_options),
    .decoder = &weir_debezium_decoder_ops,
    .encoder = &weir_debezium_encoder_ops,
    .is_changes = true,
    .has_metadata = true,
    .infer = weir_debezium_infer};
