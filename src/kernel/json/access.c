/* Values out of documents: -> ->> #> #>>, json_extract_path, subscripts, json_get_* and json_type.
 *
 *     document ──steps──▶ value ──output──▶ JSON, text, number, boolean
 *
 * Constant steps are prepared at bind. The document is scanned once, values are handed on as slices
 * of it; only strings with escapes are copied. */
#include "kernel/json/json_internal.h"
#include "value/number.h"

/* Puts the value at the end of the path into the lane. False: stop. */
typedef bool (*output_fn)(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value);

static bool output_json(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    weir_json_set_part(call, lane, value);
    return true;
}

/* Postgres keeps a JSONB scalar as an array of one: '5'::jsonb -> 0 is 5. */
static bool is_raw_scalar(struct weir_slice document, const struct weir_json_steps *steps)
{
    enum weir_json_kind kind = weir_json_scan_kind(document);
    const struct weir_json_step *step = &steps->steps[0];
    return kind != WEIR_JSON_OBJECT_BEGIN && kind != WEIR_JSON_ARRAY_BEGIN && step->has_index &&
           (step->index == 0 || step->index == -1);
}

/* Walks from the lane's document to a value. False: there is none, the lane is NULL; *stop: memory
 * has run out. */
static bool find(struct weir_kernel_call *call, uint32_t lane, enum weir_json_steps_source source,
                 struct weir_json_steps *own, struct weir_slice *value, bool *stop)
{
    const struct weir_json_steps *steps = weir_json_steps_of_lane(call, lane, source, own);
    *stop = !steps;
    if (!steps || steps->is_null || !weir_json_document(call, 0, lane, value))
        return false;
    bool unique = weir_json_is_unique(call, 0);
    return weir_json_walk(value, steps, unique) ||
           (unique && source == WEIR_JSON_STEPS_OPERATOR && is_raw_scalar(*value, steps));
}

static void access(struct weir_kernel_call *call, enum weir_json_steps_source source,
                   output_fn output)
{
    struct weir_json_steps own = {0};
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice value;
        bool stop;
        if (!find(call, lane, source, &own, &value, &stop)) {
            if (stop)
                return;
            weir_json_set_null(call, lane);
        } else if (!output(call, lane, value)) {
            return;
        }
    }
}

/* --- operators and json_extract_path --------------------------------------------------------- */

enum weir_status weir_bind_json_key(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_json_bind_steps(bind, WEIR_JSON_STEPS_OPERATOR, error);
}
enum weir_status weir_bind_json_path(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_json_bind_steps(bind, WEIR_JSON_STEPS_TEXT_LIST, error);
}
enum weir_status weir_bind_json_steps(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_json_bind_steps(bind, WEIR_JSON_STEPS_ANY, error);
}

void weir_fn_json_get_field(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_OPERATOR, output_json);
}
void weir_fn_json_get_field_text(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_OPERATOR, weir_json_set_as_text);
}
void weir_fn_json_get_path(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TEXT_LIST, output_json);
}
void weir_fn_json_get_path_text(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TEXT_LIST, weir_json_set_as_text);
}
void weir_fn_json_extract_path(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_ANY, output_json);
}
void weir_fn_json_extract_path_text(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_ANY, weir_json_set_as_text);
}

/* --- json_get_* ------------------------------------------------------------------------------ */

static const char *type_name(struct weir_slice value)
{
    switch (weir_json_scan_kind(value)) {
    case WEIR_JSON_OBJECT_BEGIN:
        return "object";
    case WEIR_JSON_ARRAY_BEGIN:
        return "array";
    case WEIR_JSON_STRING:
        return "string";
    case WEIR_JSON_NUMBER:
        return "number";
    case WEIR_JSON_NULL:
        return "null";
    default:
        return "boolean";
    }
}

/* (document, steps…): the document is JSON or TEXT, a step TEXT or an integer. */
enum weir_status weir_bind_json_get(struct weir_function_bind *bind, struct weir_error *error)
{
    for (uint32_t i = 0; i < bind->args_count; i++) {
        const struct weir_type *type = bind->arg_types[i];
        bool is_text = type->kind == WEIR_TYPE_TEXT;
        bool is_json = type->kind == WEIR_TYPE_JSON || type->kind == WEIR_TYPE_JSONB;
        if (i ? is_text : is_text || is_json)
            continue;
        if (!i || !weir_type_is_integer(type))
            return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                                  i ? "a key is TEXT and a position an integer, this is %s"
                                    : "the first argument must be JSON or TEXT, this is %s",
                                  weir_type_name(type).text);
        if (type->kind != WEIR_TYPE_INT32)
            bind->arg_types[i] = weir_type_of(WEIR_TYPE_INT64);
    }
    return weir_json_bind_steps(bind, WEIR_JSON_STEPS_TYPED, error);
}

static bool output_string(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    if (weir_json_scan_kind(value) == WEIR_JSON_STRING)
        return weir_json_set_as_text(call, lane, value);
    weir_json_set_null(call, lane);
    return true;
}

static bool output_integer(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    int64_t *out = (int64_t *)call->out_values + lane;
    if (weir_json_scan_kind(value) != WEIR_JSON_NUMBER ||
        weir_number_parse_i64(value, out) != WEIR_PARSE_OK)
        weir_kernel_set_null(call, lane);
    return true;
}

static bool output_double(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    double *out = (double *)call->out_values + lane;
    if (weir_json_scan_kind(value) != WEIR_JSON_NUMBER ||
        weir_number_parse_f64(value, out) != WEIR_PARSE_OK)
        weir_kernel_set_null(call, lane);
    return true;
}

static bool output_boolean(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    if (kind == WEIR_JSON_TRUE || kind == WEIR_JSON_FALSE)
        ((uint8_t *)call->out_values)[lane] = kind == WEIR_JSON_TRUE;
    else
        weir_kernel_set_null(call, lane);
    return true;
}

static bool output_length(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    if (kind == WEIR_JSON_OBJECT_BEGIN || kind == WEIR_JSON_ARRAY_BEGIN)
        ((int64_t *)call->out_values)[lane] = weir_json_items_count(value);
    else
        weir_kernel_set_null(call, lane);
    return true;
}

static bool output_type(struct weir_kernel_call *call, uint32_t lane, struct weir_slice value)
{
    const char *name = type_name(value);
    weir_kernel_set_text(call, lane, name, strlen(name));
    return true;
}

void weir_fn_json_get(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_json);
}
void weir_fn_json_as_text(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, weir_json_set_as_text);
}
void weir_fn_json_get_str(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_string);
}
void weir_fn_json_get_int(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_integer);
}
void weir_fn_json_get_float(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_double);
}
void weir_fn_json_get_bool(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_boolean);
}
void weir_fn_json_length(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_length);
}
void weir_fn_json_type(struct weir_kernel_call *call)
{
    access(call, WEIR_JSON_STEPS_TYPED, output_type);
}

void weir_fn_json_contains(struct weir_kernel_call *call)
{
    struct weir_json_steps own = {0};
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice value;
        bool stop, found = find(call, lane, WEIR_JSON_STEPS_TYPED, &own, &value, &stop);
        if (stop)
            return;
        weir_string_set_boolean(call, lane, found);
    }
}

static enum weir_string_list_result fill_array(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child, void *context)
{
    struct weir_slice value;
    bool stop;
    if (!find(call, lane, WEIR_JSON_STEPS_TYPED, context, &value, &stop))
        return stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    if (weir_json_scan_kind(value) != WEIR_JSON_ARRAY_BEGIN)
        return WEIR_STRING_LIST_NULL;
    struct weir_json_items items;
    struct weir_json_item item;
    enum weir_status status = WEIR_OK;
    weir_json_items_begin(&items, value);
    while (status == WEIR_OK && weir_json_items_next(&items, &item))
        status = weir_builder_append_text(child, item.value, NULL);
    return weir_string_list_status(call, status);
}
void weir_fn_json_get_array(struct weir_kernel_call *call)
{
    struct weir_json_steps own = {0};
    weir_string_build_lists(call, fill_array, &own);
}

/* --- the whole document ---------------------------------------------------------------------- */

void weir_fn_json_typeof(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice value;
        if (weir_json_document(call, 0, lane, &value))
            (void)output_type(call, lane, value);
    }
}

void weir_fn_json_array_length(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice value;
        bool stop;
        if (!weir_json_document_or_fail(call, 0, lane, &value, &stop)) {
            if (stop)
                return;
            continue;
        }
        if (weir_json_scan_kind(value) == WEIR_JSON_ARRAY_BEGIN)
            weir_string_set_int32(call, lane, (int32_t)weir_json_items_count(value));
        else if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                   "cannot get the length of %s as of an array",
                                   weir_json_noun(value)))
            return;
    }
}
