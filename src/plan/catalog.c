/* The catalog: tables, views and functions by name, in order of declaration.
 *
 * Everything it keeps lives in one arena until it is destroyed; what is dropped or replaced stays
 * there unseen. A view is kept as its statement: during the program that declares it that is the
 * program's own tree (so that errors have the right positions), afterwards a copy read from the
 * statement's text. Tested in tests/unit/plan/test_catalog.c. */
#include "plan/catalog_internal.h"

enum weir_status weir_catalog_create(struct weir_budget *budget, struct weir_catalog **out,
                                     struct weir_error *error)
{
    struct weir_catalog *catalog = weir_calloc(1, sizeof *catalog);
    if (!catalog)
        return weir_error_set_out_of_memory(error);
    weir_arena_init(&catalog->arena, budget, 0);
    catalog->budget = budget;
    plan_settings_init(&catalog->settings);
    *out = catalog;
    return WEIR_OK;
}

void weir_catalog_destroy(struct weir_catalog *catalog)
{
    if (!catalog)
        return;
    weir_arena_deinit(&catalog->arena);
    weir_free(catalog);
}

const struct weir_settings *weir_catalog_settings(const struct weir_catalog *catalog)
{
    return &catalog->settings;
}

static bool is_listed(const struct plan_entry *entry)
{
    return !entry->dropped && entry->kind != PLAN_ENTRY_FUNCTION;
}

uint32_t weir_catalog_count(const struct weir_catalog *catalog)
{
    uint32_t count = 0;
    for (const struct plan_entry *entry = catalog->first; entry; entry = entry->next)
        count += is_listed(entry);
    return count;
}

struct weir_catalog_entry weir_catalog_get(const struct weir_catalog *catalog, uint32_t index)
{
    for (const struct plan_entry *entry = catalog->first; entry; entry = entry->next) {
        if (!is_listed(entry) || index-- > 0)
            continue;
        bool is_view = entry->kind == PLAN_ENTRY_VIEW;
        return (struct weir_catalog_entry){.name = entry->name,
                                           .is_view = is_view,
                                           .table = is_view ? NULL : entry->table,
                                           .schema = is_view ? &entry->view_schema
                                                             : &entry->table->schema};
    }
    return (struct weir_catalog_entry){0};
}

struct plan_entry *plan_catalog_find(struct weir_catalog *catalog, struct weir_slice name,
                                     bool function)
{
    for (struct plan_entry *entry = catalog->first; entry; entry = entry->next)
        if (!entry->dropped && (entry->kind == PLAN_ENTRY_FUNCTION) == function &&
            weir_slice_equals(entry->name, name))
            return entry;
    return NULL;
}

struct plan_entry *plan_catalog_add(struct weir_catalog *catalog, enum plan_entry_kind kind,
                                    struct weir_slice name, struct weir_position position)
{
    struct plan_entry *entry = WEIR_ARENA_NEW(&catalog->arena, struct plan_entry);
    if (!entry || !plan_slice_copy(name, &catalog->arena, &entry->name))
        return NULL;
    entry->kind = kind;
    entry->position = position;
    if (catalog->last)
        catalog->last->next = entry;
    else
        catalog->first = entry;
    catalog->last = entry;
    return entry;
}

void plan_catalog_drop(struct weir_catalog *catalog, struct plan_entry *entry)
{
    (void)catalog;
    entry->dropped = true;
}

struct weir_slice plan_catalog_nearest(const struct weir_catalog *catalog, struct weir_slice name,
                                       bool function, struct weir_arena *arena)
{
    size_t count = 0;
    for (const struct plan_entry *entry = catalog->first; entry; entry = entry->next)
        count++;
    struct weir_slice *names = WEIR_ARENA_ARRAY(arena, struct weir_slice, count + 1);
    if (!names)
        return (struct weir_slice){NULL, 0};
    count = 0;
    for (const struct plan_entry *entry = catalog->first; entry; entry = entry->next)
        if (!entry->dropped && (entry->kind == PLAN_ENTRY_FUNCTION) == function)
            names[count++] = entry->name;
    return weir_slice_nearest(name, names, count);
}

static enum weir_status keep_query(struct weir_catalog *catalog, struct plan_stored_query *query,
                                   struct weir_error *error)
{
    if (!query->statement || query->owned)
        return WEIR_OK;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program = NULL;
    weir_diagnostics_init(&diagnostics);
    enum weir_status status =
        weir_sql_parse(query->statement->text, NULL, &catalog->arena, &diagnostics, &program);
    weir_diagnostics_deinit(&diagnostics);
    if (status != WEIR_OK)
        return weir_error_set(error, status, "a declaration could not be kept");
    query->statement = program->statements[0];
    query->owned = true;
    return WEIR_OK;
}

/* Takes the INSERTs of a failed program out again. */
static void forget_feeds(struct plan_entry *entry)
{
    struct plan_stored_query **link = &entry->feeds;
    entry->feeds_last = NULL;
    while (*link) {
        if (!(*link)->owned) {
            *link = (*link)->next;
            continue;
        }
        entry->feeds_last = *link;
        link = &(*link)->next;
    }
}

enum weir_status plan_catalog_keep(struct weir_catalog *catalog, bool failed,
                                   struct weir_error *error)
{
    for (struct plan_entry *entry = catalog->first; entry; entry = entry->next) {
        entry->rel = NULL;
        entry->rel_serial = 0;
        entry->binding = false;
        if (failed && entry->failed)
            entry->dropped = true;
        if (failed)
            forget_feeds(entry);
        if (entry->dropped)
            continue;
        WEIR_TRY(keep_query(catalog, &entry->query, error));
        for (struct plan_stored_query *feed = entry->feeds; feed; feed = feed->next)
            WEIR_TRY(keep_query(catalog, feed, error));
    }
    return WEIR_OK;
}

/* ---------------------------------------------------------------- copies */

bool plan_slice_copy(struct weir_slice slice, struct weir_arena *arena, struct weir_slice *out)
{
    char *copy = weir_arena_copy(arena, slice);
    *out = weir_slice_make(copy, copy ? slice.size : 0);
    return copy != NULL;
}

static bool copy_children(const struct weir_type *type, struct weir_arena *arena,
                          struct weir_type *copy)
{
    const struct weir_type **children =
        WEIR_ARENA_ARRAY(arena, const struct weir_type *, type->children_count);
    struct weir_slice *names = NULL;
    if (type->names)
        names = WEIR_ARENA_ARRAY(arena, struct weir_slice, type->children_count);
    if (!children || (type->names && !names))
        return false;
    for (uint32_t i = 0; i < type->children_count; i++) {
        children[i] = plan_type_copy(type->children[i], arena);
        if (!children[i] || (names && !plan_slice_copy(type->names[i], arena, &names[i])))
            return false;
    }
    copy->children = children;
    copy->names = names;
    return true;
}

const struct weir_type *plan_type_copy(const struct weir_type *type, struct weir_arena *arena)
{
    struct weir_type *copy = WEIR_ARENA_NEW(arena, struct weir_type);
    if (!copy)
        return NULL;
    *copy = *type;
    if (type->children_count && !copy_children(type, arena, copy))
        return NULL;
    return copy;
}

bool plan_schema_copy(const struct weir_schema *schema, struct weir_arena *arena,
                      struct weir_schema *out)
{
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, schema->fields_count);
    if (!fields)
        return false;
    for (uint32_t i = 0; i < schema->fields_count; i++) {
        fields[i] = schema->fields[i];
        fields[i].type = plan_type_copy(schema->fields[i].type, arena);
        if (!fields[i].type || !plan_slice_copy(schema->fields[i].name, arena, &fields[i].name))
            return false;
    }
    out->fields = fields;
    out->fields_count = schema->fields_count;
    return true;
}
