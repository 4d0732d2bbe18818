/* Schemas over the Arrow C Data Interface: format strings to types and back.
 *
 *     BIGINT "l"   TEXT "vu" (classic "u")   DECIMAL(12,2) "d:12,2"   TIMESTAMP "tsu:"
 *     LIST "+vl" (classic "+l")   STRUCT "+s"   MAP "+m" with one child, a struct of key and value
 *
 * UUID and JSON have no format of their own; they are told by the canonical extension names
 * arrow.uuid and arrow.json in the field's metadata, which is a run of length-prefixed strings:
 *
 *     int32 pairs | int32 size, key bytes | int32 size, value bytes | …
 *
 * Memory: an exported schema lives in one arena under a reference count, one reference per node,
 * since a consumer may move a child away and release it last.
 * Tested in tests/unit/column/test_arrow.c and, against pyarrow and DuckDB, probe_arrow.py. */
#include "column/arrow_internal.h"
#include "value/utf8.h"

enum { ARROW_DEPTH_MAX = 128 };

/* Export */

struct schema_owner {
    struct weir_shared shared;
    struct weir_arena arena;
    bool classic;
};

static void schema_owner_destroy(struct weir_shared *shared)
{
    struct schema_owner *owner = (struct schema_owner *)shared; /* its first member */
    weir_arena_deinit(&owner->arena);
    weir_free(owner);
}

static void schema_release(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release)
            schema->children[i]->release(schema->children[i]);
    }
    struct schema_owner *owner = schema->private_data;
    schema->release = NULL;
    weir_shared_release(&owner->shared);
}

/* Gives every node its reference; from here on the consumer owns them. */
static void schema_publish(struct ArrowSchema *schema, struct schema_owner *owner)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        schema_publish(schema->children[i], owner);
    weir_shared_retain(&owner->shared);
    schema->private_data = owner;
    schema->release = schema_release;
}

/* Formats that are one string whatever the type's parameters; NULL for the others. */
static const char *plain_format(enum weir_type_kind kind, bool classic)
{
    static const char *const formats[WEIR_TYPE_KINDS_COUNT] = {[WEIR_TYPE_NULL] = "n",
                                                               [WEIR_TYPE_BOOLEAN] = "b",
                                                               [WEIR_TYPE_INT8] = "c",
                                                               [WEIR_TYPE_INT16] = "s",
                                                               [WEIR_TYPE_INT32] = "i",
                                                               [WEIR_TYPE_INT64] = "l",
                                                               [WEIR_TYPE_UINT8] = "C",
                                                               [WEIR_TYPE_UINT16] = "S",
                                                               [WEIR_TYPE_UINT32] = "I",
                                                               [WEIR_TYPE_UINT64] = "L",
                                                               [WEIR_TYPE_FLOAT32] = "f",
                                                               [WEIR_TYPE_FLOAT64] = "g",
                                                               [WEIR_TYPE_DATE] = "tdD",
                                                               [WEIR_TYPE_TIME] = "ttu",
                                                               [WEIR_TYPE_TIMESTAMP] = "tsu:",
                                                               [WEIR_TYPE_TIMESTAMPTZ] = "tsu:UTC",
                                                               [WEIR_TYPE_TIMESTAMP_NS] = "tsn:",
                                                               [WEIR_TYPE_TIMESTAMPTZ_NS] =
                                                                   "tsn:UTC",
                                                               [WEIR_TYPE_INTERVAL] = "tin",
                                                               [WEIR_TYPE_UUID] = "w:16",
                                                               [WEIR_TYPE_STRUCT] = "+s",
                                                               [WEIR_TYPE_MAP] = "+m"};
    switch (kind) {
    case WEIR_TYPE_TEXT:
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        return classic ? "u" : "vu";
    case WEIR_TYPE_BYTEA:
        return classic ? "z" : "vz";
    case WEIR_TYPE_LIST:
        return classic ? "+l" : "+vl";
    default:
        return formats[kind];
    }
}

static void put_i32(char **out, size_t value)
{
    int32_t narrow = (int32_t)value;
    memcpy(*out, &narrow, sizeof narrow);
    *out += sizeof narrow;
}

static void put_text(char **out, const char *text)
{
    size_t size = strlen(text);
    put_i32(out, size);
    memcpy(*out, text, size);
    *out += size;
}

/* Metadata that names an extension type. */
static const char *extension_metadata(struct weir_arena *arena, const char *extension)
{
    static const char name_key[] = "ARROW:extension:name";
    static const char data_key[] = "ARROW:extension:metadata";
    char *metadata =
        weir_arena_alloc(arena, 20 + sizeof name_key + sizeof data_key + strlen(extension), 8);
    char *next = metadata;
    if (!metadata)
        return NULL;
    put_i32(&next, 2);
    put_text(&next, name_key);
    put_text(&next, extension);
    put_text(&next, data_key);
    put_text(&next, "");
    return metadata;
}

static bool set_format(struct schema_owner *owner, const struct weir_type *type,
                       struct ArrowSchema *out)
{
    if (type->kind == WEIR_TYPE_DECIMAL)
        out->format = weir_arena_printf(&owner->arena, "d:%u,%u", type->precision, type->scale);
    else
        out->format = plain_format(type->kind, owner->classic);
    if (type->kind == WEIR_TYPE_UUID)
        out->metadata = extension_metadata(&owner->arena, "arrow.uuid");
    else if (type->kind == WEIR_TYPE_JSON || type->kind == WEIR_TYPE_JSONB)
        out->metadata = extension_metadata(&owner->arena, "arrow.json");
    else
        return out->format;
    return out->format && out->metadata;
}

static bool fill_schema(struct schema_owner *owner, struct weir_slice name,
                        const struct weir_type *type, bool nullable, struct ArrowSchema *out);

static bool allocate_children(struct schema_owner *owner, uint32_t count, struct ArrowSchema *out)
{
    struct ArrowSchema *children = WEIR_ARENA_ARRAY(&owner->arena, struct ArrowSchema, count);
    out->children = WEIR_ARENA_ARRAY(&owner->arena, struct ArrowSchema *, count);
    if (!children || !out->children)
        return false;
    for (uint32_t i = 0; i < count; i++)
        out->children[i] = &children[i];
    out->n_children = count;
    return true;
}

static bool fill_children(struct schema_owner *owner, const struct weir_type *type,
                          struct ArrowSchema *out)
{
    if (type->kind == WEIR_TYPE_MAP) {
        const struct weir_type *entry = weir_type_map_entry(&owner->arena, type);
        if (!entry || !allocate_children(owner, 1, out) ||
            !fill_schema(owner, weir_slice_from_string("entries"), entry, false, out->children[0]))
            return false;
        out->children[0]->children[0]->flags = 0; /* keys are never null */
        return true;
    }
    if (!allocate_children(owner, type->children_count, out))
        return false;
    for (uint32_t i = 0; i < type->children_count; i++) {
        struct weir_slice name =
            type->kind == WEIR_TYPE_STRUCT ? type->names[i] : weir_slice_from_string("item");
        if (!fill_schema(owner, name, type->children[i], true, out->children[i]))
            return false;
    }
    return true;
}

static bool fill_schema(struct schema_owner *owner, struct weir_slice name,
                        const struct weir_type *type, bool nullable, struct ArrowSchema *out)
{
    out->flags = nullable ? ARROW_FLAG_NULLABLE : 0;
    out->name = weir_arena_copy(&owner->arena, name);
    if (!out->name || !set_format(owner, type, out))
        return false;
    return !weir_type_is_nested(type) || fill_children(owner, type, out);
}

static bool fill_root(struct schema_owner *owner, const struct weir_schema *schema,
                      struct ArrowSchema *out)
{
    *out = (struct ArrowSchema){.format = "+s", .name = ""};
    if (!allocate_children(owner, schema->fields_count, out))
        return false;
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        const struct weir_field *field = &schema->fields[i];
        if (!fill_schema(owner, field->name, field->type, field->nullable, out->children[i]))
            return false;
    }
    return true;
}

static enum weir_status export_schema(const struct weir_schema *schema, bool classic,
                                      struct ArrowSchema *out, struct weir_error *error)
{
    struct schema_owner *owner = weir_calloc(1, sizeof *owner);
    if (!owner)
        return weir_error_set_out_of_memory(error);
    owner->shared = (struct weir_shared){.refs = 1, .destroy = schema_owner_destroy};
    owner->classic = classic;
    weir_arena_init(&owner->arena, NULL, 4096);
    bool ok = fill_root(owner, schema, out);
    if (ok)
        schema_publish(out, owner);
    else
        *out = (struct ArrowSchema){0};
    weir_shared_release(&owner->shared);
    return ok ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status weir_arrow_export_schema(const struct weir_schema *schema, struct ArrowSchema *out,
                                          struct weir_error *error)
{
    return export_schema(schema, false, out, error);
}

enum weir_status weir_arrow_export_schema_classic(const struct weir_schema *schema,
                                                  struct ArrowSchema *out, struct weir_error *error)
{
    return export_schema(schema, true, out, error);
}

/* Import */

/* Formats that stand for themselves. */
static const struct plain_row {
    const char *format;
    enum weir_type_kind kind;
    enum weir_arrow_storage storage;
    uint32_t width;
    int64_t multiplier, divisor;
} plain_formats[] = {
    {"n", WEIR_TYPE_NULL, WEIR_ARROW_NULL, 0, 1, 1},
    {"b", WEIR_TYPE_BOOLEAN, WEIR_ARROW_BITS, 0, 1, 1},
    {"c", WEIR_TYPE_INT8, WEIR_ARROW_FIXED, 1, 1, 1},
    {"C", WEIR_TYPE_UINT8, WEIR_ARROW_FIXED, 1, 1, 1},
    {"s", WEIR_TYPE_INT16, WEIR_ARROW_FIXED, 2, 1, 1},
    {"S", WEIR_TYPE_UINT16, WEIR_ARROW_FIXED, 2, 1, 1},
    {"i", WEIR_TYPE_INT32, WEIR_ARROW_FIXED, 4, 1, 1},
    {"I", WEIR_TYPE_UINT32, WEIR_ARROW_FIXED, 4, 1, 1},
    {"l", WEIR_TYPE_INT64, WEIR_ARROW_FIXED, 8, 1, 1},
    {"L", WEIR_TYPE_UINT64, WEIR_ARROW_FIXED, 8, 1, 1},
    {"e", WEIR_TYPE_FLOAT32, WEIR_ARROW_HALF, 2, 1, 1},
    {"f", WEIR_TYPE_FLOAT32, WEIR_ARROW_FIXED, 4, 1, 1},
    {"g", WEIR_TYPE_FLOAT64, WEIR_ARROW_FIXED, 8, 1, 1},
    {"u", WEIR_TYPE_TEXT, WEIR_ARROW_BYTES, 4, 1, 1},
    {"U", WEIR_TYPE_TEXT, WEIR_ARROW_BYTES, 8, 1, 1},
    {"vu", WEIR_TYPE_TEXT, WEIR_ARROW_BYTES_VIEW, 16, 1, 1},
    {"z", WEIR_TYPE_BYTEA, WEIR_ARROW_BYTES, 4, 1, 1},
    {"Z", WEIR_TYPE_BYTEA, WEIR_ARROW_BYTES, 8, 1, 1},
    {"vz", WEIR_TYPE_BYTEA, WEIR_ARROW_BYTES_VIEW, 16, 1, 1},
    {"tdD", WEIR_TYPE_DATE, WEIR_ARROW_FIXED, 4, 1, 1},
    {"tdm", WEIR_TYPE_DATE, WEIR_ARROW_SCALED, 8, 1, 86400000},
    {"tts", WEIR_TYPE_TIME, WEIR_ARROW_SCALED, 4, 1000000, 1},
    {"ttm", WEIR_TYPE_TIME, WEIR_ARROW_SCALED, 4, 1000, 1},
    {"ttu", WEIR_TYPE_TIME, WEIR_ARROW_FIXED, 8, 1, 1},
    {"ttn", WEIR_TYPE_TIME, WEIR_ARROW_SCALED, 8, 1, 1000},
    {"tDs", WEIR_TYPE_INTERVAL, WEIR_ARROW_DURATION, 8, 1000000, 1},
    {"tDm", WEIR_TYPE_INTERVAL, WEIR_ARROW_DURATION, 8, 1000, 1},
    {"tDu", WEIR_TYPE_INTERVAL, WEIR_ARROW_DURATION, 8, 1, 1},
    {"tDn", WEIR_TYPE_INTERVAL, WEIR_ARROW_DURATION, 8, 1, 1000},
    {"tiM", WEIR_TYPE_INTERVAL, WEIR_ARROW_MONTHS, 4, 1, 1},
    {"tiD", WEIR_TYPE_INTERVAL, WEIR_ARROW_DAYS_MS, 8, 1, 1},
    {"tin", WEIR_TYPE_INTERVAL, WEIR_ARROW_MONTHS_DAYS_NS, 16, 1, 1},
};

static enum weir_status unknown_format(const struct ArrowSchema *schema, struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                          "Arrow column \"%.100s\" has format \"%.60s\", which has no SQL type",
                          schema->name ? schema->name : "", schema->format);
}

/* The value of the extension name in the metadata; empty when there is none. */
static struct weir_slice extension_name(const char *metadata)
{
    int32_t pairs, size;
    if (!metadata)
        return (struct weir_slice){0};
    memcpy(&pairs, metadata, sizeof pairs);
    metadata += sizeof pairs;
    for (int32_t i = 0; i < pairs; i++) {
        struct weir_slice parts[2];
        for (int part = 0; part < 2; part++) {
            memcpy(&size, metadata, sizeof size);
            if (size < 0)
                return (struct weir_slice){0};
            parts[part] = weir_slice_make(metadata + sizeof size, (size_t)size);
            metadata += sizeof size + (size_t)size;
        }
        if (weir_slice_equals_string(parts[0], "ARROW:extension:name"))
            return parts[1];
    }
    return (struct weir_slice){0};
}

/* A decimal number of at most 9 digits at *text, moved behind it; -1 when there is none. */
static int64_t read_number(const char **text)
{
    int64_t value = 0;
    const char *begin = *text;
    while (**text >= '0' && **text <= '9' && *text - begin < 9)
        value = value * 10 + (*(*text)++ - '0');
    return *text == begin ? -1 : value;
}

/* "d:precision,scale[,bits]" */
static enum weir_status read_decimal(const struct ArrowSchema *schema, struct weir_arena *arena,
                                     struct weir_arrow_node *out, struct weir_error *error)
{
    const char *text = schema->format + 2;
    int64_t bits = 128, scale = -1, precision = read_number(&text);
    if (*text == ',') {
        text++;
        scale = read_number(&text);
    }
    if (*text == ',') {
        text++;
        bits = read_number(&text);
    }
    if (*text || precision < 1 || precision > WEIR_DECIMAL_PRECISION_MAX || scale < 0 ||
        scale > precision || (bits != 32 && bits != 64 && bits != 128))
        return unknown_format(schema, error);
    out->storage = WEIR_ARROW_DECIMAL;
    out->width = (uint32_t)bits / 8;
    out->type = weir_type_decimal(arena, (unsigned)precision, (unsigned)scale);
    return out->type ? WEIR_OK : weir_budget_error(arena->budget, error);
}

/* "tsX:zone" */
static enum weir_status read_timestamp(const struct ArrowSchema *schema,
                                       struct weir_arrow_node *out, struct weir_error *error)
{
    char unit = schema->format[2];
    bool zoned = schema->format[3] == ':' && schema->format[4] != '\0';
    if (schema->format[3] != ':' || !strchr("smun", unit))
        return unknown_format(schema, error);
    if (unit == 'n')
        out->type = weir_type_of(zoned ? WEIR_TYPE_TIMESTAMPTZ_NS : WEIR_TYPE_TIMESTAMP_NS);
    else
        out->type = weir_type_of(zoned ? WEIR_TYPE_TIMESTAMPTZ : WEIR_TYPE_TIMESTAMP);
    out->storage = unit == 's' || unit == 'm' ? WEIR_ARROW_SCALED : WEIR_ARROW_FIXED;
    out->width = 8;
    out->multiplier = unit == 's' ? 1000000 : unit == 'm' ? 1000 : 1;
    out->divisor = 1;
    return WEIR_OK;
}

/* "w:N" */
static enum weir_status read_fixed_binary(const struct ArrowSchema *schema,
                                          struct weir_arrow_node *out, struct weir_error *error)
{
    const char *text = schema->format + 2;
    int64_t width = read_number(&text);
    if (*text || width < 0)
        return unknown_format(schema, error);
    bool is_uuid =
        width == 16 && weir_slice_equals_string(extension_name(schema->metadata), "arrow.uuid");
    out->type = weir_type_of(is_uuid ? WEIR_TYPE_UUID : WEIR_TYPE_BYTEA);
    out->storage = is_uuid ? WEIR_ARROW_FIXED : WEIR_ARROW_BYTES_FIXED;
    out->width = (uint32_t)width;
    return WEIR_OK;
}

static enum weir_status read_node(const struct ArrowSchema *schema, struct weir_arena *arena,
                                  uint32_t depth, struct weir_arrow_node *out,
                                  struct weir_error *error);

static enum weir_status read_children(const struct ArrowSchema *schema, struct weir_arena *arena,
                                      uint32_t depth, struct weir_arrow_node *out,
                                      struct weir_error *error)
{
    if (schema->n_children < 0 || schema->n_children > WEIR_COLUMNS_MAX)
        return weir_error_set(error, WEIR_E_LIMIT, "an Arrow schema has %lld fields",
                              (long long)schema->n_children);
    uint32_t count = (uint32_t)schema->n_children;
    out->children = WEIR_ARENA_ARRAY(arena, struct weir_arrow_node, count);
    out->children_count = count;
    if (!out->children)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++)
        WEIR_TRY(read_node(schema->children[i], arena, depth + 1, &out->children[i], error));
    return WEIR_OK;
}

static enum weir_status make_struct(const struct ArrowSchema *schema, struct weir_arena *arena,
                                    struct weir_arrow_node *out, struct weir_error *error)
{
    uint32_t count = out->children_count;
    const struct weir_type **types = WEIR_ARENA_ARRAY(arena, const struct weir_type *, count);
    struct weir_slice *names = WEIR_ARENA_ARRAY(arena, struct weir_slice, count);
    if (!types || !names)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = schema->children[i]->name;
        types[i] = out->children[i].type;
        names[i] = weir_slice_from_string(name ? name : "");
        if (!weir_utf8_is_valid(WEIR_ISA_SCALAR, names[i].data, names[i].size))
            return weir_error_set(error, WEIR_E_BAD_UTF8,
                                  "field %u of an Arrow schema has a name "
                                  "that is not UTF-8",
                                  i);
        names[i].data = weir_arena_copy(arena, names[i]);
        if (!names[i].data)
            return weir_budget_error(arena->budget, error);
    }
    out->storage = WEIR_ARROW_STRUCT;
    out->type = weir_type_struct(arena, count, types, names);
    return out->type ? WEIR_OK : weir_budget_error(arena->budget, error);
}

static enum weir_status make_map(const struct ArrowSchema *schema, struct weir_arena *arena,
                                 struct weir_arrow_node *out, struct weir_error *error)
{
    const struct weir_type *entry = out->children_count == 1 ? out->children[0].type : NULL;
    if (!entry || entry->kind != WEIR_TYPE_STRUCT || entry->children_count != 2)
        return unknown_format(schema, error);
    out->storage = WEIR_ARROW_LIST;
    out->width = 4;
    out->type = weir_type_map(arena, entry->children[0], entry->children[1]);
    return out->type ? WEIR_OK : weir_budget_error(arena->budget, error);
}

/* "+s", "+m", "+l", "+L", "+vl", "+vL", "+w:N" */
static enum weir_status read_nested(const struct ArrowSchema *schema, struct weir_arena *arena,
                                    uint32_t depth, struct weir_arrow_node *out,
                                    struct weir_error *error)
{
    const char *format = schema->format;
    WEIR_TRY(read_children(schema, arena, depth, out, error));
    if (strcmp(format, "+s") == 0)
        return make_struct(schema, arena, out, error);
    if (strcmp(format, "+m") == 0)
        return make_map(schema, arena, out, error);
    if (strcmp(format, "+l") == 0 || strcmp(format, "+L") == 0) {
        out->storage = WEIR_ARROW_LIST;
        out->width = format[1] == 'l' ? 4 : 8;
    } else if (strcmp(format, "+vl") == 0 || strcmp(format, "+vL") == 0) {
        out->storage = WEIR_ARROW_LIST_VIEW;
        out->width = format[2] == 'l' ? 4 : 8;
    } else if (strncmp(format, "+w:", 3) == 0) {
        const char *text = format + 3;
        int64_t width = read_number(&text);
        if (*text || width < 0)
            return unknown_format(schema, error);
        out->storage = WEIR_ARROW_LIST_FIXED;
        out->width = (uint32_t)width;
    } else {
        return unknown_format(schema, error);
    }
    if (out->children_count != 1)
        return unknown_format(schema, error);
    out->type = weir_type_list(arena, out->children[0].type);
    return out->type ? WEIR_OK : weir_budget_error(arena->budget, error);
}

/* The format is that of the indices; the values have a schema of their own. */
static enum weir_status read_dictionary(const struct ArrowSchema *schema, struct weir_arena *arena,
                                        uint32_t depth, struct weir_arrow_node *out,
                                        struct weir_error *error)
{
    static const char letters[] = "cCsSiIlL";
    const char *letter = schema->format[0] ? strchr(letters, schema->format[0]) : NULL;
    if (!letter || schema->format[1])
        return unknown_format(schema, error);
    size_t place = (size_t)(letter - letters);
    out->storage = WEIR_ARROW_DICTIONARY;
    out->width = 1u << (place / 2);
    out->is_signed = place % 2 == 0;
    out->children_count = 1;
    out->children = WEIR_ARENA_NEW(arena, struct weir_arrow_node);
    if (!out->children)
        return weir_budget_error(arena->budget, error);
    WEIR_TRY(read_node(schema->dictionary, arena, depth + 1, out->children, error));
    out->type = out->children->type;
    return WEIR_OK;
}

static enum weir_status read_plain(const struct ArrowSchema *schema, struct weir_arrow_node *out,
                                   struct weir_error *error)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(plain_formats); i++) {
        const struct plain_row *row = &plain_formats[i];
        if (strcmp(row->format, schema->format) != 0)
            continue;
        bool is_json = row->kind == WEIR_TYPE_TEXT &&
                       weir_slice_equals_string(extension_name(schema->metadata), "arrow.json");
        out->type = weir_type_of(is_json ? WEIR_TYPE_JSON : row->kind);
        out->storage = row->storage;
        out->width = row->width;
        out->multiplier = row->multiplier;
        out->divisor = row->divisor;
        return WEIR_OK;
    }
    return unknown_format(schema, error);
}

static enum weir_status read_node(const struct ArrowSchema *schema, struct weir_arena *arena,
                                  uint32_t depth, struct weir_arrow_node *out,
                                  struct weir_error *error)
{
    if (depth > ARROW_DEPTH_MAX)
        return weir_error_set(error, WEIR_E_TOO_DEEP, "an Arrow schema is nested deeper than %d",
                              ARROW_DEPTH_MAX);
    if (!schema->format)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH, "an Arrow schema has no format");
    if (schema->dictionary)
        return read_dictionary(schema, arena, depth, out, error);
    if (schema->format[0] == '+')
        return read_nested(schema, arena, depth, out, error);
    if (strncmp(schema->format, "d:", 2) == 0)
        return read_decimal(schema, arena, out, error);
    if (strncmp(schema->format, "ts", 2) == 0 && schema->format[2])
        return read_timestamp(schema, out, error);
    if (strncmp(schema->format, "w:", 2) == 0)
        return read_fixed_binary(schema, out, error);
    return read_plain(schema, out, error);
}

enum weir_status weir_arrow_node_read(const struct ArrowSchema *schema, struct weir_arena *arena,
                                      struct weir_arrow_node *out, struct weir_error *error)
{
    *out = (struct weir_arrow_node){0};
    WEIR_TRY(read_node(schema, arena, 0, out, error));
    if (out->storage != WEIR_ARROW_STRUCT)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "an Arrow schema has format \"%.60s\", not that of a struct",
                              schema->format);
    return WEIR_OK;
}

enum weir_status weir_arrow_import_schema(const struct ArrowSchema *schema,
                                          struct weir_arena *arena, struct weir_schema *out,
                                          struct weir_error *error)
{
    struct weir_arrow_node root;
    WEIR_TRY(weir_arrow_node_read(schema, arena, &root, error));
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, root.children_count);
    if (!fields)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < root.children_count; i++) {
        fields[i].name = root.type->names[i];
        fields[i].type = root.children[i].type;
        fields[i].nullable = (schema->children[i]->flags & ARROW_FLAG_NULLABLE) != 0;
    }
    *out = (struct weir_schema){fields, root.children_count};
    return WEIR_OK;
}
