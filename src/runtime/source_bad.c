/* Bad records: the job fails, or the record is counted; either way the dead letter gets it, one
 * JSON object a line:
 *
 *     {"code":"WEIR-3001","reason":"…","column":"…","source":"in.json","split":0,"record":17,
 *      "offset":3021,"bytes":"…"}            "bytes_base64" instead when it is not UTF-8 */
#include "runtime/source_internal.h"

#include "value/base64.h"
#include "value/json_token.h"
#include "value/utf8.h"

enum weir_status weir_source_bad_open(struct weir_source_driver *driver, struct weir_error *error)
{
    struct weir_slice path = driver->scan->table->dead_letter;
    if (path.size == 0)
        return WEIR_OK;
    char *name = weir_arena_copy(&driver->arena, path);
    if (!name)
        return weir_budget_error(driver->env->budget, error);
    return driver->env->sys->file_open(driver->env->sys, name, WEIR_OPEN_WRITE,
                                       &driver->dead_letter, error);
}

static void write_bytes_field(struct weir_buffer *line, struct weir_slice bytes)
{
    if (weir_utf8_is_valid(WEIR_ISA_SCALAR, bytes.data, bytes.size)) {
        weir_buffer_append_string(line, ",\"bytes\":");
        weir_json_write_string(line, bytes);
    } else {
        weir_buffer_append_string(line, ",\"bytes_base64\":\"");
        weir_base64_encode(line, bytes, WEIR_BASE64_PLAIN);
        weir_buffer_append_char(line, '"');
    }
}

static enum weir_status write_dead_letter(struct weir_source_driver *driver,
                                          const struct weir_bad_record *record,
                                          const struct weir_origin *origin,
                                          struct weir_error *error)
{
    struct weir_buffer *line = &driver->dead_letter_line;
    struct weir_slice bytes = record->bytes;
    if (bytes.size > WEIR_BAD_RECORD_KEPT_MAX)
        bytes.size = WEIR_BAD_RECORD_KEPT_MAX;
    weir_buffer_clear(line);
    weir_buffer_printf(line, "{\"code\":\"WEIR-%d\",\"reason\":", (int)record->code);
    weir_json_write_string(line, weir_slice_from_string(record->message));
    if (record->column.size) {
        weir_buffer_append_string(line, ",\"column\":");
        weir_json_write_string(line, record->column);
    }
    weir_buffer_append_string(line, ",\"source\":");
    weir_json_write_string(line, weir_slice_from_string(origin->source ? origin->source : ""));
    weir_buffer_printf(line, ",\"split\":%u,\"record\":%llu,\"offset\":%llu", origin->split,
                       (unsigned long long)origin->record, (unsigned long long)origin->offset);
    write_bytes_field(line, bytes);
    weir_buffer_append_string(line, "}\n");
    if (line->failed)
        return weir_budget_error(line->budget, error);
    return weir_file_write(driver->dead_letter, line->data, line->size, error);
}

enum weir_status weir_source_bad_record(void *context, const struct weir_bad_record *record,
                                        struct weir_error *error)
{
    struct weir_source_driver *driver = context;
    const struct weir_split_state *split = &driver->states[driver->current_split];
    struct weir_origin origin = split->origin;
    origin.source = driver->splits[driver->current_split].name;
    origin.record += record->record;
    origin.offset += record->offset;
    if (driver->dead_letter)
        WEIR_TRY(write_dead_letter(driver, record, &origin, error));
    if (driver->scan->table->bad_data == WEIR_BAD_DATA_DROP) {
        driver->stats->bad_records++;
        return WEIR_OK;
    }
    if (record->column.size)
        (void)weir_error_set(error, record->code, "column \"%.*s\": %s",
                             WEIR_SLICE_ARGS(record->column), record->message);
    else
        (void)weir_error_set(error, record->code, "%s", record->message);
    if (!weir_error_info_get(record->code)->hint[0])
        weir_error_hint(error, "bad_data = 'drop' skips and counts such records");
    weir_error_from(error, &origin);
    struct weir_slice shown = record->bytes;
    shown.size = shown.size > 120 ? weir_utf8_prefix(shown, 100).size : shown.size;
    weir_error_detail(error, "byte %llu of the record: %.*s%s",
                      (unsigned long long)(record->error_offset - record->offset),
                      WEIR_SLICE_ARGS(shown), shown.size < record->bytes.size ? "…" : "");
    return record->code;
}
