/* A small recursive parser over the signatures of the *.def tables. */
#include "kernel/signature.h"

struct cursor {
    const char *next;
    struct weir_arena *arena;
    bool failed;
    bool out_of_memory;
};

struct named_type {
    const char *name;
    enum weir_type_kind kind;
};
static const struct named_type named_types[] = {
    {"boolean", WEIR_TYPE_BOOLEAN},
    {"tinyint", WEIR_TYPE_INT8},
    {"smallint", WEIR_TYPE_INT16},
    {"integer", WEIR_TYPE_INT32},
    {"int", WEIR_TYPE_INT32},
    {"bigint", WEIR_TYPE_INT64},
    {"utinyint", WEIR_TYPE_UINT8},
    {"usmallint", WEIR_TYPE_UINT16},
    {"uinteger", WEIR_TYPE_UINT32},
    {"ubigint", WEIR_TYPE_UINT64},
    {"tinyint unsigned", WEIR_TYPE_UINT8},
    {"smallint unsigned", WEIR_TYPE_UINT16},
    {"integer unsigned", WEIR_TYPE_UINT32},
    {"bigint unsigned", WEIR_TYPE_UINT64},
    {"real", WEIR_TYPE_FLOAT32},
    {"double", WEIR_TYPE_FLOAT64},
    {"double precision", WEIR_TYPE_FLOAT64},
    {"decimal", WEIR_TYPE_DECIMAL},
    {"numeric", WEIR_TYPE_DECIMAL},
    {"text", WEIR_TYPE_TEXT},
    {"varchar", WEIR_TYPE_TEXT},
    {"bytea", WEIR_TYPE_BYTEA},
    {"date", WEIR_TYPE_DATE},
    {"time", WEIR_TYPE_TIME},
    {"timestamp", WEIR_TYPE_TIMESTAMP},
    {"timestamptz", WEIR_TYPE_TIMESTAMPTZ},
    {"timestamp with time zone", WEIR_TYPE_TIMESTAMPTZ},
    {"timestamp_ns", WEIR_TYPE_TIMESTAMP_NS},
    {"timestamptz_ns", WEIR_TYPE_TIMESTAMPTZ_NS},
    {"interval", WEIR_TYPE_INTERVAL},
    {"uuid", WEIR_TYPE_UUID},
    {"json", WEIR_TYPE_JSON},
    {"jsonb", WEIR_TYPE_JSONB},
    {"null", WEIR_TYPE_NULL},
};

struct named_param {
    const char *name;
    enum weir_param_kind kind;
};
static const struct named_param named_params[] = {
    {"any", WEIR_PARAM_ANY},
    {"anynonarray", WEIR_PARAM_ANYNONARRAY},
    {"anyelement", WEIR_PARAM_ANYELEMENT},
    {"anyoperand", WEIR_PARAM_ANYOPERAND},
    {"anyarray", WEIR_PARAM_ANYARRAY},
    {"anymap", WEIR_PARAM_ANYMAP},
    {"anykey", WEIR_PARAM_ANYKEY},
    {"anyvalue", WEIR_PARAM_ANYVALUE},
    {"anystruct", WEIR_PARAM_ANYSTRUCT},
};

static void skip_space(struct cursor *cursor)
{
    while (*cursor->next == ' ')
        cursor->next++;
}

static bool accept(struct cursor *cursor, const char *token)
{
    skip_space(cursor);
    size_t size = strlen(token);
    if (strncmp(cursor->next, token, size) != 0)
        return false;
    cursor->next += size;
    return true;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* One word; with_spaces: several, joined by single spaces. */
static struct weir_slice read_words(struct cursor *cursor, bool with_spaces)
{
    skip_space(cursor);
    const char *begin = cursor->next;
    while (is_word_byte(*cursor->next) ||
           (with_spaces && *cursor->next == ' ' && is_word_byte(cursor->next[1])))
        cursor->next++;
    return weir_slice_make(begin, (size_t)(cursor->next - begin));
}

static const struct weir_type *fail_type(struct cursor *cursor)
{
    cursor->failed = true;
    return weir_type_of(WEIR_TYPE_NULL);
}

static const struct weir_type *parse_type(struct cursor *cursor);

/* struct<name type, …> after the opening bracket. */
static const struct weir_type *parse_struct(struct cursor *cursor)
{
    const struct weir_type *types[WEIR_SIGNATURE_PARAMS_MAX];
    struct weir_slice names[WEIR_SIGNATURE_PARAMS_MAX];
    uint32_t count = 0;
    do {
        if (count == WEIR_SIGNATURE_PARAMS_MAX)
            return fail_type(cursor);
        names[count] = read_words(cursor, false);
        types[count++] = parse_type(cursor);
    } while (!cursor->failed && accept(cursor, ","));
    if (cursor->failed || !accept(cursor, ">"))
        return fail_type(cursor);
    return weir_type_struct(cursor->arena, count, types, names);
}

static const struct weir_type *parse_map(struct cursor *cursor)
{
    const struct weir_type *key = parse_type(cursor);
    if (!accept(cursor, ","))
        return fail_type(cursor);
    const struct weir_type *value = parse_type(cursor);
    if (cursor->failed || !accept(cursor, ">"))
        return fail_type(cursor);
    return weir_type_map(cursor->arena, key, value);
}

static const struct weir_type *find_named_type(struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(named_types); i++)
        if (weir_slice_equals_string(name, named_types[i].name))
            return weir_type_of(named_types[i].kind);
    return NULL;
}

static const struct weir_type *parse_type_after(struct cursor *cursor, struct weir_slice name)
{
    const struct weir_type *type;
    if (weir_slice_equals_string(name, "struct") && accept(cursor, "<"))
        type = parse_struct(cursor);
    else if (weir_slice_equals_string(name, "map") && accept(cursor, "<"))
        type = parse_map(cursor);
    else
        type = find_named_type(name);
    bool is_known =
        type || weir_slice_equals_string(name, "struct") || weir_slice_equals_string(name, "map");
    while (type && !cursor->failed && accept(cursor, "[]"))
        type = weir_type_list(cursor->arena, type);
    cursor->out_of_memory |= is_known && !type && !cursor->failed;
    return type ? type : fail_type(cursor);
}

static const struct weir_type *parse_type(struct cursor *cursor)
{
    return parse_type_after(cursor, read_words(cursor, true));
}

static struct weir_param parse_param(struct cursor *cursor)
{
    struct weir_slice name = read_words(cursor, true);
    for (size_t i = 0; i < WEIR_COUNT_OF(named_params); i++)
        if (weir_slice_equals_string(name, named_params[i].name))
            return (struct weir_param){.kind = named_params[i].kind};
    return (struct weir_param){.kind = WEIR_PARAM_TYPE, .type = parse_type_after(cursor, name)};
}

static bool parse_params(struct cursor *cursor, struct weir_signature *out)
{
    if (!accept(cursor, "("))
        return false;
    if (accept(cursor, ")"))
        return true;
    do {
        if (out->params_count == WEIR_SIGNATURE_PARAMS_MAX || out->is_variadic)
            return false;
        out->params[out->params_count++] = parse_param(cursor);
        out->is_variadic = accept(cursor, "...");
    } while (!cursor->failed && accept(cursor, ","));
    return !cursor->failed && accept(cursor, ")");
}

enum weir_status weir_signature_parse(const char *text, struct weir_arena *arena,
                                      struct weir_signature *out, struct weir_error *error)
{
    struct cursor cursor = {.next = text, .arena = arena};
    memset(out, 0, sizeof *out);
    bool ok = parse_params(&cursor, out) && accept(&cursor, "->");
    if (ok)
        out->result = parse_param(&cursor);
    skip_space(&cursor);
    if (cursor.out_of_memory)
        return weir_error_set_out_of_memory(error);
    if (!ok || cursor.failed || *cursor.next)
        return weir_error_set(error, WEIR_E_INTERNAL, "bad signature in a function table: %s",
                              text);
    return WEIR_OK;
}
