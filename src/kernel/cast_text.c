/* Casts to and from text and JSON. */
#include "column/text.h"
#include "kernel/kernel_internal.h"
#include "value/json_token.h"
#include "value/number.h"
#include "value/timestamp.h"
#include "value/utf8.h"

/* --- to text ------------------------------------------------------------------------------- */

/* Stores a copy of bytes as the lane's view; false when memory has run out. */
static bool store(struct weir_kernel_call *call, uint32_t lane, const char *bytes, size_t size)
{
    const char *kept = bytes;
    if (size > WEIR_VIEW_INLINE_MAX) {
        kept = weir_arena_copy(call->arena, weir_slice_make(bytes, size));
        if (!kept) {
            weir_kernel_out_of_memory(call);
            return false;
        }
    }
    weir_kernel_set_text(call, lane, kept, size);
    return true;
}

static size_t print_number(const struct weir_column *column, const void *value, char *out)
{
    switch (column->type->kind) {
    case WEIR_TYPE_INT8:
        return weir_number_print_i64(out, *(const int8_t *)value);
    case WEIR_TYPE_INT16:
        return weir_number_print_i64(out, *(const int16_t *)value);
    case WEIR_TYPE_INT32:
        return weir_number_print_i64(out, *(const int32_t *)value);
    case WEIR_TYPE_INT64:
        return weir_number_print_i64(out, *(const int64_t *)value);
    case WEIR_TYPE_UINT8:
        return weir_number_print_u64(out, *(const uint8_t *)value);
    case WEIR_TYPE_UINT16:
        return weir_number_print_u64(out, *(const uint16_t *)value);
    case WEIR_TYPE_UINT32:
        return weir_number_print_u64(out, *(const uint32_t *)value);
    case WEIR_TYPE_UINT64:
        return weir_number_print_u64(out, *(const uint64_t *)value);
    case WEIR_TYPE_FLOAT32:
        return weir_number_print_f32(out, *(const float *)value);
    case WEIR_TYPE_FLOAT64:
        return weir_number_print_f64(out, *(const double *)value);
    default:
        return weir_decimal_print(
            out, weir_decimal_make(*(const weir_i128 *)value, column->type->scale));
    }
}

static struct weir_text_options text_options(const struct weir_kernel_call *call)
{
    return (struct weir_text_options){.style = WEIR_TEXT_POSTGRES,
                                      .timezone = call->session ? call->session->timezone : NULL};
}

/* VARCHAR(n): cut on an explicit cast or when only spaces are lost, else the lane fails. */
static bool fit_length(struct weir_kernel_call *call, uint32_t lane, struct weir_slice *text)
{
    const struct weir_cast *cast = call->instance;
    if (!cast->to->length || text->size <= cast->to->length)
        return true;
    struct weir_slice cut = weir_utf8_prefix(*text, cast->to->length);
    bool only_spaces = true;
    for (size_t i = cut.size; i < text->size; i++)
        only_spaces &= text->data[i] == ' ';
    *text = cut;
    if (cast->is_explicit || only_spaces)
        return true;
    return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "value too long for %s",
                            weir_type_name(cast->to).text);
}

void weir_cast_to_text(struct weir_kernel_call *call)
{
    const struct weir_column *arg = &call->args[0];
    bool is_number = weir_type_is_number(arg->type);
    size_t width = weir_type_width(arg->type);
    struct weir_text_options options = text_options(call);
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        char number[WEIR_DECIMAL_SIZE];
        struct weir_slice text;
        if (is_number) {
            const char *value =
                (const char *)arg->values + (arg->encoding == WEIR_CONSTANT ? 0 : lane * width);
            text = weir_slice_make(number, print_number(arg, value, number));
        } else {
            weir_buffer_clear(&buffer);
            weir_column_print(arg, lane, &options, &buffer);
            text = weir_buffer_slice(&buffer);
        }
        if (buffer.failed) {
            weir_kernel_out_of_memory(call);
            break;
        }
        if (!fit_length(call, lane, &text))
            break;
        if (weir_bit_get(call->validity, lane) && !store(call, lane, text.data, text.size))
            break;
    }
    weir_buffer_deinit(&buffer);
}

void weir_cast_text_length(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        if (!fit_length(call, lane, &text))
            return;
        if (weir_bit_get(call->validity, lane))
            weir_kernel_set_text(call, lane, text.data, text.size);
    }
}

/* --- from text ----------------------------------------------------------------------------- */

static bool fail_parse(struct weir_kernel_call *call, uint32_t lane, enum weir_parse result,
                       struct weir_slice text)
{
    const struct weir_type *to = call->out->type;
    int shown = (int)(text.size > 80 ? weir_utf8_offset(text, 40) : text.size);
    if (result == WEIR_PARSE_RANGE)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST,
                                "value \"%.*s\" is out of range for %s", shown, text.data,
                                weir_type_name(to).text);
    return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "\"%.*s\" is not a value of %s", shown,
                            text.size ? text.data : "", weir_type_name(to).text);
}

/* Appends the lane's value, or NULL when it fails and failures are nulls. */
static bool append_parsed(struct weir_kernel_call *call, uint32_t lane,
                          struct weir_builder *builder, struct weir_slice text)
{
    uint32_t before = builder->rows_count;
    const struct weir_timezone *zone = call->session ? call->session->timezone : NULL;
    enum weir_parse result = weir_text_parse_into(builder, text, zone, NULL);
    if (result == WEIR_PARSE_OK)
        return true;
    if (result == WEIR_PARSE_MEMORY) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    if (!fail_parse(call, lane, result, text))
        return false;
    if (builder->rows_count == before && weir_builder_append_null(builder, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return true;
}

/* A nested result: the lanes are built in order, those not selected as nulls. */
static void parse_nested(struct weir_kernel_call *call)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, call->out->type, call->arena, NULL) != WEIR_OK) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    {
        while (builder.rows_count < lane)
            if (weir_builder_append_null(&builder, NULL) != WEIR_OK) {
                weir_kernel_out_of_memory(call);
                return;
            }
        if (!append_parsed(call, lane, &builder, weir_arg_text(call, 0, lane)))
            return;
    }
    while (builder.rows_count < call->rows_count)
        if (weir_builder_append_null(&builder, NULL) != WEIR_OK) {
            weir_kernel_out_of_memory(call);
            return;
        }
    struct weir_column built = weir_builder_column(&builder);
    weir_kernel_set_nested(call, &built);
}

/* A TIMESTAMPTZ with the name of a zone, which only the session can find. */
static enum weir_parse parse_in_named_zone(const struct weir_kernel_call *call,
                                           struct weir_slice text, int64_t *us)
{
    const struct weir_session *session = call->session;
    struct weir_slice name;
    int64_t local;
    enum weir_parse result = weir_timestamp_parse_named(text, &local, &name);
    if (result != WEIR_PARSE_OK || !session || !session->timezone_find)
        return result == WEIR_PARSE_OK ? WEIR_PARSE_SYNTAX : result;
    struct weir_error ignored = {0};
    const struct weir_timezone *zone = session->timezone_find(session, name, &ignored);
    if (!zone)
        return WEIR_PARSE_SYNTAX;
    return weir_timezone_to_utc(zone, NULL, local, us) ? WEIR_PARSE_OK : WEIR_PARSE_RANGE;
}

void weir_cast_from_text(struct weir_kernel_call *call)
{
    const struct weir_type *to = call->out->type;
    if (weir_type_is_nested(to)) {
        parse_nested(call);
        return;
    }
    const struct weir_timezone *zone = call->session ? call->session->timezone : NULL;
    size_t width = weir_type_width(to);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        void *slot = (char *)call->out_values + lane * width;
        enum weir_parse result = weir_text_parse(to, text, zone, call->arena, slot);
        if (result == WEIR_PARSE_SYNTAX && to->kind == WEIR_TYPE_TIMESTAMPTZ)
            result = parse_in_named_zone(call, text, slot);
        if (result == WEIR_PARSE_OK)
            continue;
        if (result == WEIR_PARSE_MEMORY) {
            weir_kernel_out_of_memory(call);
            return;
        }
        if (!fail_parse(call, lane, result, text))
            return;
    }
}

/* --- JSON ---------------------------------------------------------------------------------- */

/* Appends canonical JSONB of text to buffer and stores it; false: stop. */
static bool store_jsonb(struct weir_kernel_call *call, uint32_t lane, struct weir_slice text,
                        struct weir_buffer *buffer)
{
    enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
    weir_buffer_clear(buffer);
    if (weir_json_canonicalize(text, buffer, NULL, &reason))
        return store(call, lane, buffer->data, buffer->size);
    if (reason == WEIR_JSON_OUT_OF_MEMORY) {
        weir_kernel_out_of_memory(call);
        return false;
    }
    return weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "JSON that JSONB cannot hold: %s",
                            weir_json_reason_text(reason));
}

/* Between JSON and JSONB; JSONB text is JSON text. */
void weir_cast_json(struct weir_kernel_call *call)
{
    if (call->out->type->kind == WEIR_TYPE_JSON) {
        weir_cast_same(call);
        return;
    }
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        if (!store_jsonb(call, lane, weir_arg_text(call, 0, lane), &buffer))
            break;
    }
    weir_buffer_deinit(&buffer);
}

/* Nested values as JSON. */
void weir_cast_to_json(struct weir_kernel_call *call)
{
    struct weir_text_options options = {.style = WEIR_TEXT_JSON};
    struct weir_buffer text, canonical;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&canonical, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_buffer_clear(&text);
        weir_column_print(&call->args[0], lane, &options, &text);
        if (text.failed) {
            weir_kernel_out_of_memory(call);
            break;
        }
        bool go_on = call->out->type->kind == WEIR_TYPE_JSONB
                         ? store_jsonb(call, lane, weir_buffer_slice(&text), &canonical)
                         : store(call, lane, text.data, text.size);
        if (!go_on)
            break;
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&canonical);
}

static const char *json_kind_name(char first)
{
    switch (first) {
    case '{':
        return "object";
    case '[':
        return "array";
    case '"':
        return "string";
    case 't':
    case 'f':
        return "boolean";
    case 'n':
        return "null";
    default:
        return "number";
    }
}

/* A JSON number into a numeric lane; decimals round half away from zero on their way to integers.
 */
static enum weir_parse json_number(const struct weir_type *to, struct weir_slice text,
                                   struct weir_arena *arena, void *slot)
{
    if (!weir_type_is_integer(to))
        return weir_text_parse(to, text, NULL, arena, slot);
    struct weir_decimal value;
    weir_i128 whole;
    enum weir_parse parsed = weir_decimal_parse_natural(text, &value);
    if (parsed != WEIR_PARSE_OK)
        return parsed;
    if (weir_decimal_rescale(value, 0, &whole) != WEIR_ARITH_OK)
        return WEIR_PARSE_RANGE;
    char digits[WEIR_NUMBER_I128_SIZE];
    size_t size = weir_number_print_i128(digits, whole);
    return weir_text_parse(to, weir_slice_make(digits, size), NULL, arena, slot);
}

void weir_cast_from_json(struct weir_kernel_call *call)
{
    const struct weir_type *to = call->out->type;
    if (weir_type_is_nested(to)) {
        parse_nested(call);
        return;
    }
    size_t width = weir_type_width(to);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_slice_trim(weir_arg_text(call, 0, lane));
        void *slot = (char *)call->out_values + lane * width;
        char first = text.size ? text.data[0] : 'n';
        bool is_boolean = first == 't' || first == 'f';
        bool is_number = first == '-' || (first >= '0' && first <= '9');
        if (to->kind == WEIR_TYPE_BOOLEAN ? !is_boolean : !is_number) {
            if (!weir_kernel_fail(call, lane, WEIR_E_BAD_CAST, "cannot cast a JSON %s to %s",
                                  json_kind_name(first), weir_type_name(to).text))
                return;
            continue;
        }
        enum weir_parse result = WEIR_PARSE_OK;
        if (is_boolean)
            *(uint8_t *)slot = first == 't';
        else
            result = json_number(to, text, call->arena, slot);
        if (result != WEIR_PARSE_OK && !fail_parse(call, lane, result, text))
            return;
    }
}
