/* Types of JSON records from a sample.
 *
 *     {"a":1,"t":"2013-01-01T05:00:00"}            a DOUBLE, t TIMESTAMP, s STRUCT<x BIGINT>,
 *     {"a":2.5,"s":{"x":1},"l":[1,2],"m":"x"}      l BIGINT[], m JSON (text and number were seen)
 *     {"m":7}
 *
 * Each key gathers the set of kinds that its values had; the set decides. All columns are nullable,
 * in the order of their first appearance. Lines that are no records are left to the decoder.
 *
 * integers BIGINT, beyond that or with a point or exponent DOUBLE; booleans BOOLEAN; text that is
 * always a date DATE, always a timestamp TIMESTAMP (with time zone when all have an offset), else
 * TEXT; objects STRUCT; arrays LIST of their elements' common type; several of these, or only empty
 * objects and arrays, JSON; only nulls TEXT. Duplicate keys are one key. Tested in
 * tests/unit/format/test_json_infer.c. */
#include "format/json_internal.h"

#include "value/decimal.h"
#include "value/number.h"
#include "value/utf8.h"

enum { INFER_RECORDS_MAX = 1000 };

enum seen {
    SEEN_INTEGER = 1,
    SEEN_NUMBER = 2, /* with a fraction, an exponent, or beyond 38 digits */
    SEEN_BOOLEAN = 4,
    SEEN_DATE = 8,
    SEEN_TIMESTAMP = 16, /* without an offset */
    SEEN_TIMESTAMPTZ = 32,
    SEEN_TEXT = 64,
    SEEN_OBJECT = 128,
    SEEN_ARRAY = 256,
    SEEN_WIDE = 512 /* an integer beyond 64 bits */
};

/* What is known of the values in one place. */
struct place {
    struct weir_slice name; /* of a field */
    uint32_t seen;
    uint32_t fields_count;
    struct place *first; /* fields, in order of appearance */
    struct place *last;
    struct place *next;    /* field of the same object */
    struct place *element; /* of arrays */
};

struct infer {
    struct weir_arena *arena;
    struct weir_json json;
    bool failed; /* memory */
    /* The first line that is no record: why, and where in it; NULL: there was none. */
    const char *refusal;
    size_t refusal_offset;
    bool refusal_is_array;
};

static struct place *new_place(struct infer *infer)
{
    struct place *place = WEIR_ARENA_NEW(infer->arena, struct place);
    if (!place)
        infer->failed = true;
    return place;
}

static struct place *field_of(struct infer *infer, struct place *place,
                              const struct weir_json_token *key)
{
    struct weir_slice name;
    if (!weir_json_unescape_into(*key, infer->arena, &name)) {
        infer->failed = true;
        return NULL;
    }
    for (struct place *field = place->first; field; field = field->next)
        if (weir_slice_equals(field->name, name))
            return field;
    struct place *field = new_place(infer);
    const char *copy = field ? weir_arena_copy(infer->arena, name) : NULL;
    if (!copy) {
        infer->failed = true;
        return NULL;
    }
    field->name = weir_slice_make(copy, name.size);
    *(place->first ? &place->last->next : &place->first) = field;
    place->last = field;
    place->fields_count++;
    return field;
}

static bool all_digits(const char *text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++)
        if (text[i] < '0' || text[i] > '9')
            return false;
    return true;
}

/* YYYY-MM-DD, alone or with a time. */
static uint32_t seen_of_text(struct weir_slice text)
{
    const char *p = text.data;
    int32_t days;
    int64_t us;
    bool has_offset = false;
    if (text.size < 10 || p[4] != '-' || p[7] != '-' || !all_digits(p, 0, 4) ||
        !all_digits(p, 5, 7) || !all_digits(p, 8, 10))
        return SEEN_TEXT;
    if (text.size == 10)
        return weir_date_parse(text, &days) == WEIR_PARSE_OK ? SEEN_DATE : SEEN_TEXT;
    if (text.size < 16 || (p[10] != 'T' && p[10] != ' ') || p[13] != ':' ||
        weir_timestamp_parse(text, &us, &has_offset) != WEIR_PARSE_OK)
        return SEEN_TEXT;
    return has_offset ? SEEN_TIMESTAMPTZ : SEEN_TIMESTAMP;
}

static uint32_t seen_of_number(const struct weir_json_token *token)
{
    int64_t narrow;
    weir_i128 wide;
    double real;
    bool whole = !(token->flags & WEIR_JSON_DECIMAL);
    if (whole && weir_number_parse_i64(token->text, &narrow) == WEIR_PARSE_OK)
        return SEEN_INTEGER;
    if (whole && weir_number_parse_i128(token->text, &wide) == WEIR_PARSE_OK &&
        weir_decimal_fits(wide, WEIR_DECIMAL_PRECISION_MAX))
        return SEEN_WIDE;
    return weir_number_parse_f64(token->text, &real) == WEIR_PARSE_OK ? SEEN_NUMBER : SEEN_TEXT;
}

static void look_at(struct infer *infer, struct place *place, struct weir_json_token token);

static void look_at_object(struct infer *infer, struct place *place)
{
    for (;;) {
        struct weir_json_token token = weir_json_next(&infer->json);
        if (token.kind != WEIR_JSON_KEY)
            return;
        struct place *field = field_of(infer, place, &token);
        if (!field)
            return;
        look_at(infer, field, weir_json_next(&infer->json));
    }
}

static void look_at_array(struct infer *infer, struct place *place)
{
    for (;;) {
        struct weir_json_token token = weir_json_next(&infer->json);
        if (token.kind == WEIR_JSON_ARRAY_END || token.kind == WEIR_JSON_ERROR || infer->failed)
            return;
        if (!place->element && !(place->element = new_place(infer)))
            return;
        look_at(infer, place->element, token);
    }
}

static void look_at(struct infer *infer, struct place *place, struct weir_json_token token)
{
    if (infer->failed)
        return;
    switch (token.kind) {
    case WEIR_JSON_NUMBER:
        place->seen |= seen_of_number(&token);
        break;
    case WEIR_JSON_TRUE:
    case WEIR_JSON_FALSE:
        place->seen |= SEEN_BOOLEAN;
        break;
    case WEIR_JSON_STRING:
        place->seen |= token.flags & WEIR_JSON_ESCAPED ? SEEN_TEXT : seen_of_text(token.text);
        break;
    case WEIR_JSON_OBJECT_BEGIN:
        place->seen |= SEEN_OBJECT;
        look_at_object(infer, place);
        break;
    case WEIR_JSON_ARRAY_BEGIN:
        place->seen |= SEEN_ARRAY;
        look_at_array(infer, place);
        break;
    default:
        break;
    }
}

static const struct weir_type *type_of(struct infer *infer, const struct place *place);

static const struct weir_type *struct_of(struct infer *infer, const struct place *place)
{
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(infer->arena, const struct weir_type *, place->fields_count);
    struct weir_slice *names =
        WEIR_ARENA_ARRAY(infer->arena, struct weir_slice, place->fields_count);
    uint32_t count = 0;
    if (!types || !names)
        return NULL;
    for (const struct place *field = place->first; field; field = field->next) {
        names[count] = field->name;
        types[count] = type_of(infer, field);
        if (!types[count++])
            return NULL;
    }
    return weir_type_struct(infer->arena, count, types, names);
}

/* NULL: memory has run out. */
static const struct weir_type *type_of(struct infer *infer, const struct place *place)
{
    uint32_t seen = place->seen;
    const uint32_t integers = SEEN_INTEGER | SEEN_WIDE, numbers = integers | SEEN_NUMBER;
    const uint32_t texts = SEEN_DATE | SEEN_TIMESTAMP | SEEN_TIMESTAMPTZ | SEEN_TEXT;
    if (seen == SEEN_INTEGER)
        return weir_type_of(WEIR_TYPE_INT64);
    if (seen && !(seen & ~integers))
        return weir_type_decimal(infer->arena, WEIR_DECIMAL_PRECISION_MAX, 0);
    if (seen && !(seen & ~numbers))
        return weir_type_of(WEIR_TYPE_FLOAT64);
    if (seen == SEEN_BOOLEAN)
        return weir_type_of(WEIR_TYPE_BOOLEAN);
    if (seen == SEEN_DATE)
        return weir_type_of(WEIR_TYPE_DATE);
    if (seen == SEEN_TIMESTAMPTZ)
        return weir_type_of(WEIR_TYPE_TIMESTAMPTZ);
    if (seen && !(seen & ~(uint32_t)(SEEN_TIMESTAMP | SEEN_TIMESTAMPTZ)))
        return weir_type_of(WEIR_TYPE_TIMESTAMP);
    if (!(seen & ~texts))
        return weir_type_of(WEIR_TYPE_TEXT);
    if (seen == SEEN_OBJECT && place->fields_count)
        return struct_of(infer, place);
    if (seen == SEEN_ARRAY && place->element && place->element->seen) {
        const struct weir_type *element = type_of(infer, place->element);
        return element ? weir_type_list(infer->arena, element) : NULL;
    }
    return weir_type_of(WEIR_TYPE_JSON);
}

static bool is_record(struct infer *infer, struct weir_slice line)
{
    enum weir_json_reason reason = WEIR_JSON_NO_ERROR;
    size_t offset = 0;
    bool is_object = line.data[0] == '{';
    if (is_object && weir_json_validate(line, &offset, &reason))
        return true;
    if (!infer->refusal) {
        infer->refusal = is_object ? weir_json_reason_text(reason)
                                   : weir_json_no_object(line.size < 3 ? "   " : line.data);
        infer->refusal_offset = offset;
        infer->refusal_is_array = line.data[0] == '[';
    }
    return false;
}

/* Line by line; what the decoder would refuse is passed over. */
static uint32_t look_at_sample(struct infer *infer, struct weir_slice sample, bool is_all,
                               struct place *root)
{
    uint32_t records = 0;
    const char *p = sample.data, *end = sample.data + sample.size;
    while (p && p < end && records < INFER_RECORDS_MAX && !infer->failed) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        if (!newline && !is_all && records)
            break;
        struct weir_slice line =
            weir_slice_trim(weir_slice_make(p, (size_t)((newline ? newline : end) - p)));
        p = newline ? newline + 1 : end;
        if (line.size == 0 || !is_record(infer, line))
            continue;
        weir_json_begin(&infer->json, line);
        look_at(infer, root, weir_json_next(&infer->json));
        records++;
    }
    return records;
}

static enum weir_status unstructured_schema(struct infer *infer, struct weir_inferred_schema *out,
                                            struct weir_error *error)
{
    struct weir_field *field = WEIR_ARENA_NEW(infer->arena, struct weir_field);
    if (!field)
        return weir_budget_error(infer->arena->budget, error);
    *field = (struct weir_field){.name = weir_slice_from_string("value"),
                                 .type = weir_type_of(WEIR_TYPE_JSON),
                                 .nullable = true};
    out->schema = (struct weir_schema){.fields = field, .fields_count = 1};
    return WEIR_OK;
}

static enum weir_status no_records(const struct infer *infer, size_t size, struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_SCHEMA_INFERENCE,
                         "no JSON objects with keys in the first %zu bytes", size);
    if (infer->refusal)
        weir_error_detail(error, "byte %zu of the first line: %s", infer->refusal_offset,
                          infer->refusal);
    if (infer->refusal_is_array)
        weir_error_hint(error, "each line is one object; jq -c '.[]' makes lines of an array");
    return WEIR_E_SCHEMA_INFERENCE;
}

enum weir_status weir_json_infer(struct weir_slice sample, bool sample_is_all,
                                 struct weir_option *options, size_t options_count,
                                 struct weir_arena *arena, struct weir_inferred_schema *out,
                                 struct weir_error *error)
{
    struct json_options parsed = {0};
    struct infer infer = {.arena = arena};
    struct place root = {.seen = 0};
    *out = (struct weir_inferred_schema){0};
    WEIR_TRY(weir_options_parse(weir_json_option_specs, weir_json_option_specs_count, options,
                                options_count, WEIR_OPTION_SOURCE, "format \"json\"", &parsed,
                                error));
    if (parsed.unstructured)
        return unstructured_schema(&infer, out, error);
    uint32_t records = look_at_sample(&infer, sample, sample_is_all, &root);
    if (infer.failed)
        return weir_budget_error(arena->budget, error);
    if (records == 0 || root.fields_count == 0)
        return no_records(&infer, sample.size, error);
    if (root.fields_count > WEIR_COLUMNS_MAX)
        return weir_error_set(error, WEIR_E_SCHEMA_INFERENCE, "more than %d keys",
                              (int)WEIR_COLUMNS_MAX);
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, root.fields_count);
    uint32_t count = 0;
    for (const struct place *field = root.first; fields && field; field = field->next) {
        fields[count] = (struct weir_field){
            .name = field->name, .type = type_of(&infer, field), .nullable = true};
        if (!fields[count++].type)
            return weir_budget_error(arena->budget, error);
    }
    if (!fields)
        return weir_budget_error(arena->budget, error);
    out->schema = (struct weir_schema){.fields = fields, .fields_count = count};
    return WEIR_OK;
}
