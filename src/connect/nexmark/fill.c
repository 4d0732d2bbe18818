/* Events into columns: a struct per kind, null in the rows of the other kinds. Only fields that
 * the query reads have a child column, and only those are made.
 *
 * Names are compared without case and underscores, so that emailAddress is email_address. */
#include "connect/nexmark/fill.h"

enum nexmark_column_role {
    ROLE_PERSON = NEXMARK_PERSON,
    ROLE_AUCTION = NEXMARK_AUCTION,
    ROLE_BID = NEXMARK_BID,
    ROLE_EVENT_TYPE,
    ROLE_TIME
};

static const struct nexmark_field person_fields[] = {
    {"id", WEIR_TYPE_INT64},           {"name", WEIR_TYPE_TEXT},  {"email_address", WEIR_TYPE_TEXT},
    {"credit_card", WEIR_TYPE_TEXT},   {"city", WEIR_TYPE_TEXT},  {"state", WEIR_TYPE_TEXT},
    {"datetime", WEIR_TYPE_TIMESTAMP}, {"extra", WEIR_TYPE_TEXT},
};
static const struct nexmark_field auction_fields[] = {
    {"id", WEIR_TYPE_INT64},          {"description", WEIR_TYPE_TEXT},
    {"item_name", WEIR_TYPE_TEXT},    {"initial_bid", WEIR_TYPE_INT64},
    {"reserve", WEIR_TYPE_INT64},     {"datetime", WEIR_TYPE_TIMESTAMP},
    {"expires", WEIR_TYPE_TIMESTAMP}, {"seller", WEIR_TYPE_INT64},
    {"category", WEIR_TYPE_INT64},    {"extra", WEIR_TYPE_TEXT},
};
static const struct nexmark_field bid_fields[] = {
    {"auction", WEIR_TYPE_INT64}, {"bidder", WEIR_TYPE_INT64}, {"price", WEIR_TYPE_INT64},
    {"channel", WEIR_TYPE_TEXT},  {"url", WEIR_TYPE_TEXT},     {"datetime", WEIR_TYPE_TIMESTAMP},
    {"extra", WEIR_TYPE_TEXT},
};

const struct nexmark_kind_description nexmark_kinds[NEXMARK_KINDS_COUNT] = {
    {"person", person_fields, WEIR_COUNT_OF(person_fields)},
    {"auction", auction_fields, WEIR_COUNT_OF(auction_fields)},
    {"bid", bid_fields, WEIR_COUNT_OF(bid_fields)},
};

/* ---- binding ---- */

static int plain_char(struct weir_slice name, size_t *at)
{
    while (*at < name.size && name.data[*at] == '_')
        (*at)++;
    if (*at == name.size)
        return -1;
    char c = name.data[(*at)++];
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static bool is_name(struct weir_slice name, const char *known)
{
    struct weir_slice other = weir_slice_from_string(known);
    size_t i = 0, k = 0;
    for (;;) {
        int a = plain_char(name, &i), b = plain_char(other, &k);
        if (a != b || a < 0)
            return a == b;
    }
}

/* Types that are laid out as the field is. */
static bool is_kind(const struct weir_type *type, enum weir_type_kind kind)
{
    return type->kind == kind ||
           (kind == WEIR_TYPE_TIMESTAMP && type->kind == WEIR_TYPE_TIMESTAMPTZ);
}

static enum weir_status unknown_field(const struct nexmark_kind_description *kind,
                                      struct weir_slice name, const struct weir_type *type,
                                      struct weir_error *error)
{
    struct weir_buffer known;
    weir_buffer_init(&known, NULL);
    for (uint32_t i = 0; i < kind->fields_count; i++)
        weir_buffer_printf(&known, "%s%s %s", i ? ", " : "", kind->fields[i].name,
                           weir_type_name(weir_type_of(kind->fields[i].kind)).text);
    (void)weir_error_set(error, WEIR_E_BAD_OPTION, "nexmark's %s has no field \"%.*s\" of type %s",
                         kind->name, WEIR_SLICE_ARGS(name), weir_type_name(type).text);
    weir_error_hint(error, "its fields are %.*s", WEIR_SLICE_ARGS(weir_buffer_slice(&known)));
    weir_buffer_deinit(&known);
    return WEIR_E_BAD_OPTION;
}

static enum weir_status bind_fields(const struct nexmark_kind_description *kind,
                                    const struct weir_type *type, uint8_t *fields,
                                    struct weir_error *error)
{
    for (uint32_t i = 0; i < type->children_count; i++) {
        uint32_t f = 0;
        while (f < kind->fields_count && !is_name(type->names[i], kind->fields[f].name))
            f++;
        if (f == kind->fields_count || !is_kind(type->children[i], kind->fields[f].kind))
            return unknown_field(kind, type->names[i], type->children[i], error);
        fields[i] = (uint8_t)f;
    }
    return WEIR_OK;
}

static enum weir_status unknown_column(const struct weir_field *field, struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_BAD_OPTION, "nexmark has no column \"%.*s\" of type %s",
                         WEIR_SLICE_ARGS(field->name), weir_type_name(field->type).text);
    weir_error_hint(error, "its columns are event_type INT, person, auction and bid, each a "
                           "STRUCT, and timestamp (or date_time) TIMESTAMP");
    return WEIR_E_BAD_OPTION;
}

static enum weir_status bind_column(const struct weir_field *field, struct weir_arena *arena,
                                    uint8_t *role, uint8_t **fields, struct weir_error *error)
{
    static const char *const times[] = {"timestamp", "datetime", "event_time"};
    for (unsigned kind = 0; kind < NEXMARK_KINDS_COUNT; kind++) {
        if (!is_name(field->name, nexmark_kinds[kind].name) ||
            field->type->kind != WEIR_TYPE_STRUCT)
            continue;
        *role = (uint8_t)kind;
        *fields = WEIR_ARENA_ARRAY(arena, uint8_t, field->type->children_count + 1);
        return *fields ? bind_fields(&nexmark_kinds[kind], field->type, *fields, error)
                       : weir_error_set_out_of_memory(error);
    }
    if (is_name(field->name, "event_type") &&
        (field->type->kind == WEIR_TYPE_INT32 || field->type->kind == WEIR_TYPE_INT64)) {
        *role = ROLE_EVENT_TYPE;
        return WEIR_OK;
    }
    for (size_t i = 0; i < WEIR_COUNT_OF(times); i++)
        if (is_name(field->name, times[i]) && is_kind(field->type, WEIR_TYPE_TIMESTAMP)) {
            *role = ROLE_TIME;
            return WEIR_OK;
        }
    return unknown_column(field, error);
}

enum weir_status nexmark_columns_bind(const struct weir_schema *schema, struct weir_arena *arena,
                                      struct nexmark_columns *out, struct weir_error *error)
{
    *out = (struct nexmark_columns){.schema = schema};
    out->roles = WEIR_ARENA_ARRAY(arena, uint8_t, schema->fields_count + 1);
    out->fields = WEIR_ARENA_ARRAY(arena, uint8_t *, schema->fields_count + 1);
    if (!out->roles || !out->fields)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        const struct weir_field *field = &schema->fields[i];
        WEIR_TRY(bind_column(field, arena, &out->roles[i], &out->fields[i], error));
        for (uint32_t k = 0; out->roles[i] == ROLE_BID && k < field->type->children_count; k++)
            out->wants_channel |= out->fields[i][k] == BID_CHANNEL || out->fields[i][k] == BID_URL;
    }
    return WEIR_OK;
}

/* ---- filling ---- */

/* The events of a batch and the rows of each kind. */
struct fill {
    const struct nexmark_model *model;
    struct weir_arena *arena;
    struct nexmark_text text;
    struct nexmark_event *events;
    uint8_t *kinds;
    uint16_t *rows[NEXMARK_KINDS_COUNT];
    uint32_t rows_count[NEXMARK_KINDS_COUNT];
    uint32_t count;
};

static bool number_events(struct fill *fill, int64_t first)
{
    fill->events = weir_arena_alloc(fill->arena, sizeof *fill->events * (fill->count + 1), 64);
    fill->kinds = weir_arena_alloc(fill->arena, fill->count + 1, 64);
    for (unsigned kind = 0; kind < NEXMARK_KINDS_COUNT; kind++) {
        fill->rows[kind] = weir_arena_alloc(fill->arena, sizeof(uint16_t) * (fill->count + 1), 64);
        if (!fill->rows[kind])
            return false;
    }
    if (!fill->events || !fill->kinds)
        return false;
    for (uint32_t i = 0; i < fill->count; i++) {
        fill->events[i] = nexmark_event_make(fill->model, first + i);
        enum nexmark_kind kind = nexmark_event_kind(fill->model, &fill->events[i]);
        fill->kinds[i] = (uint8_t)kind;
        fill->rows[kind][fill->rows_count[kind]++] = (uint16_t)i;
    }
    return true;
}

/* The lanes of other kinds are null; what lies there is zero. */
static void clear_others(const struct fill *fill, enum nexmark_kind kind, void *values,
                         size_t width)
{
    if (fill->rows_count[kind] * 2 < fill->count) {
        memset(values, 0, width * fill->count);
        return;
    }
    for (unsigned other = 0; other < NEXMARK_KINDS_COUNT; other++)
        for (uint32_t i = 0; other != kind && i < fill->rows_count[other]; i++)
            memset((char *)values + width * fill->rows[other][i], 0, width);
}

static bool make_rows(struct fill *fill, enum nexmark_kind kind, const struct nexmark_lanes *lanes)
{
    static bool (*const makers[NEXMARK_KINDS_COUNT])(
        const struct nexmark_model *, const struct nexmark_event *, const struct nexmark_lanes *,
        uint32_t,
        struct nexmark_text *) = {nexmark_person_make, nexmark_auction_make, nexmark_bid_make};
    for (uint32_t i = 0; i < fill->rows_count[kind]; i++) {
        uint16_t row = fill->rows[kind][i];
        if (!makers[kind](fill->model, &fill->events[row], lanes, row, &fill->text))
            return false;
    }
    return true;
}

static bool fill_struct(struct fill *fill, enum nexmark_kind kind, const uint8_t *fields,
                        struct weir_column *out)
{
    const struct weir_type *type = out->type;
    struct nexmark_lanes lanes = {{NULL}};
    uint64_t *validity =
        WEIR_ARENA_ARRAY(fill->arena, uint64_t, weir_validity_words(fill->count) + 1);
    struct weir_column *children =
        WEIR_ARENA_ARRAY(fill->arena, struct weir_column, type->children_count + 1);
    if (!validity || !children)
        return false;
    for (uint32_t i = 0; i < fill->rows_count[kind]; i++)
        weir_bit_set(validity, fill->rows[kind][i]);
    for (uint32_t i = 0; i < type->children_count; i++) {
        size_t width = weir_type_width(type->children[i]);
        void *values = weir_arena_alloc(fill->arena, width * (fill->count + 1), 64);
        if (!values)
            return false;
        clear_others(fill, kind, values, width);
        lanes.lanes[fields[i]] = values;
        children[i] = (struct weir_column){.type = type->children[i],
                                           .encoding = WEIR_FLAT,
                                           .rows_count = fill->count,
                                           .validity = validity,
                                           .values = values};
    }
    out->children = children;
    out->children_count = type->children_count;
    out->validity = validity;
    return type->children_count == 0 || make_rows(fill, kind, &lanes);
}

static bool fill_numbers(const struct fill *fill, enum nexmark_column_role role,
                         struct weir_column *out)
{
    size_t width = weir_type_width(out->type);
    void *values = weir_arena_alloc(fill->arena, width * (fill->count + 1), 64);
    out->values = values;
    if (!values)
        return false;
    if (role == ROLE_TIME)
        for (uint32_t i = 0; i < fill->count; i++)
            ((int64_t *)values)[i] = fill->events[i].time_ms * 1000;
    else if (out->type->kind == WEIR_TYPE_INT32)
        for (uint32_t i = 0; i < fill->count; i++)
            ((int32_t *)values)[i] = fill->kinds[i];
    else
        for (uint32_t i = 0; i < fill->count; i++)
            ((int64_t *)values)[i] = fill->kinds[i];
    return true;
}

enum weir_status nexmark_batch_fill(const struct nexmark_model *model,
                                    const struct nexmark_columns *columns, int64_t first,
                                    uint32_t count, struct weir_batch *batch,
                                    struct weir_budget *budget, struct weir_error *error)
{
    struct fill fill = {.model = model, .arena = &batch->arena, .count = count};
    fill.text.arena = &batch->arena;
    bool ok = number_events(&fill, first);
    for (uint32_t c = 0; ok && c < columns->schema->fields_count; c++) {
        struct weir_column *out = &batch->columns[c];
        enum nexmark_column_role role = columns->roles[c];
        *out = (struct weir_column){
            .type = columns->schema->fields[c].type, .encoding = WEIR_FLAT, .rows_count = count};
        ok = role <= ROLE_BID ? fill_struct(&fill, (enum nexmark_kind)role, columns->fields[c], out)
                              : fill_numbers(&fill, role, out);
    }
    batch->rows_count = batch->selected_count = count;
    return ok ? WEIR_OK : weir_budget_error(budget, error);
}
