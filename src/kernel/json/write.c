/* Values of any type as JSON, in the spelling of Postgres' to_json. */
#include "column/text.h"
#include "kernel/json/json_internal.h"
#include "value/timestamp.h"

void weir_json_writer_init(struct weir_json_writer *writer, const struct weir_kernel_call *call)
{
    weir_buffer_init(&writer->out, NULL);
    weir_buffer_init(&writer->scratch, NULL);
    writer->timezone = call->session ? call->session->timezone : NULL;
}

void weir_json_writer_deinit(struct weir_json_writer *writer)
{
    weir_buffer_deinit(&writer->out);
    weir_buffer_deinit(&writer->scratch);
}

static void write_offset(struct weir_buffer *out, int32_t offset_s)
{
    uint32_t left = offset_s < 0 ? (uint32_t)-offset_s : (uint32_t)offset_s;
    weir_buffer_printf(out, "%c%02u:%02u", offset_s < 0 ? '-' : '+', left / 3600, left / 60 % 60);
    if (left % 60)
        weir_buffer_printf(out, ":%02u", left % 60);
}

/* Local seconds east of UTC at an instant; 0 where the wall clock would leave int64. */
static int32_t offset_at(const struct weir_json_writer *writer, int64_t value, bool is_ns)
{
    if (!writer->timezone)
        return 0;
    int64_t us = is_ns ? weir_timestamp_us_of_ns(value) : value, local;
    int64_t second = weir_floor_div_i64(us, WEIR_US_PER_SECOND);
    int32_t offset_s = weir_timezone_at(writer->timezone, NULL, second).offset_s;
    int64_t unit = is_ns ? INT64_C(1000000000) : WEIR_US_PER_SECOND;
    return __builtin_add_overflow(value, unit * offset_s, &local) ? 0 : offset_s;
}

/* "2024-01-02T03:04:05", zoned "2024-01-02T03:04:05+01:00"; " BC" at the end, as Postgres has it.
 */
static void write_timestamp(struct weir_json_writer *writer, const struct weir_type *type,
                            int64_t value)
{
    char text[WEIR_TIMESTAMP_SIZE];
    bool is_ns = type->kind == WEIR_TYPE_TIMESTAMP_NS || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    bool is_zoned = type->kind == WEIR_TYPE_TIMESTAMPTZ || type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    int32_t offset_s = is_zoned ? offset_at(writer, value, is_ns) : 0;
    value += (is_ns ? INT64_C(1000000000) : WEIR_US_PER_SECOND) * offset_s;
    size_t size = is_ns ? weir_timestamp_print_ns(text, value, WEIR_TIMESTAMP_POSTGRES)
                        : weir_timestamp_print(text, value, WEIR_TIMESTAMP_POSTGRES);
    char *space = memchr(text, ' ', size);
    bool is_bc = size > 3 && text[size - 1] == 'C';
    if (space)
        *space = 'T';
    weir_buffer_append_char(&writer->out, '"');
    weir_buffer_append(&writer->out, text, is_bc ? size - 3 : size);
    if (is_zoned)
        write_offset(&writer->out, offset_s);
    weir_buffer_append_string(&writer->out, is_bc ? " BC\"" : "\"");
}

static void write_date(struct weir_json_writer *writer, int32_t days)
{
    char text[WEIR_DATE_SIZE];
    weir_buffer_append_char(&writer->out, '"');
    weir_buffer_append(&writer->out, text, weir_date_print(text, days));
    weir_buffer_append_char(&writer->out, '"');
}

static void separate(struct weir_json_writer *writer, uint32_t i, bool line_feeds)
{
    if (i)
        weir_buffer_append_string(&writer->out, line_feeds ? ",\n " : ",");
}

static void write_list(struct weir_json_writer *writer, const struct weir_column *column,
                       uint32_t index, bool line_feeds)
{
    struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
    weir_buffer_append_char(&writer->out, '[');
    for (uint32_t i = 0; i < entry.count; i++) {
        separate(writer, i, line_feeds);
        weir_json_write_lane(writer, &column->children[0], entry.offset + i, false);
    }
    weir_buffer_append_char(&writer->out, ']');
}

static void write_struct(struct weir_json_writer *writer, const struct weir_column *column,
                         uint32_t lane, bool line_feeds)
{
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t i = 0; i < column->children_count; i++) {
        separate(writer, i, line_feeds);
        weir_json_write_string(&writer->out, column->type->names[i]);
        weir_buffer_append_char(&writer->out, ':');
        weir_json_write_lane(writer, &column->children[i], lane, false);
    }
    weir_buffer_append_char(&writer->out, '}');
}

static void write_map(struct weir_json_writer *writer, const struct weir_column *column,
                      uint32_t index, bool line_feeds)
{
    struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
    const struct weir_column *pairs = &column->children[0];
    struct weir_text_options options = {.timezone = writer->timezone};
    weir_buffer_append_char(&writer->out, '{');
    for (uint32_t i = 0; i < entry.count; i++) {
        separate(writer, i, line_feeds);
        weir_buffer_clear(&writer->scratch);
        weir_column_print(&pairs->children[0], entry.offset + i, &options, &writer->scratch);
        weir_json_write_string(&writer->out, weir_buffer_slice(&writer->scratch));
        weir_buffer_append_char(&writer->out, ':');
        weir_json_write_lane(writer, &pairs->children[1], entry.offset + i, false);
    }
    weir_buffer_append_char(&writer->out, '}');
}

/* Recursion no deeper than the type nests. */
void weir_json_write_lane(struct weir_json_writer *writer, const struct weir_column *column,
                          uint32_t lane, bool line_feeds)
{
    static const struct weir_text_options options = {.style = WEIR_TEXT_JSON};
    if (weir_column_is_null(column, lane)) {
        weir_buffer_append_string(&writer->out, "null");
        return;
    }
    uint32_t index = weir_column_index(column, lane);
    switch (column->type->kind) {
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        weir_buffer_append_slice(&writer->out,
                                 weir_view_slice((const struct weir_view *)column->values + index));
        return;
    case WEIR_TYPE_DATE:
        write_date(writer, ((const int32_t *)column->values)[index]);
        return;
    case WEIR_TYPE_TIMESTAMP:
    case WEIR_TYPE_TIMESTAMPTZ:
    case WEIR_TYPE_TIMESTAMP_NS:
    case WEIR_TYPE_TIMESTAMPTZ_NS:
        write_timestamp(writer, column->type, ((const int64_t *)column->values)[index]);
        return;
    case WEIR_TYPE_LIST:
        write_list(writer, column, index, line_feeds);
        return;
    case WEIR_TYPE_STRUCT:
        write_struct(writer, column, column->encoding == WEIR_CONSTANT ? 0 : lane, line_feeds);
        return;
    case WEIR_TYPE_MAP:
        write_map(writer, column, index, line_feeds);
        return;
    default:
        weir_column_print(column, lane, &options, &writer->out);
        if (writer->out.failed)
            return;
    }
}
