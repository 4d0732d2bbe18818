/* late = 'side:TABLE': beside the AGGREGATE, over the same input, a LATE that lets the rows pass
 * that the window leaves out. Its output goes into the side table (bind_statement.c).
 *
 *     input ─┬─▶ AGGREGATE by the window
 *            └─▶ LATE ─▶ table: the input's columns, window_start, window_end, watermark
 *
 * Sessions are by keys, which LATE has to know: those that are no columns of the input are computed
 * below it and are gone above it. */
#include "plan/binder_internal.h"

/* The columns of a side table's rows, and the numbers of the keys. */
struct late_input {
    const struct weir_expr **exprs;
    struct weir_slice *names;
    uint32_t count, shown; /* the first `shown` are the side table's */
    uint32_t *keys;
};

static bool is_column_of(const struct weir_expr *expr, const struct plan_rel *input)
{
    return expr->kind == WEIR_EXPR_COLUMN && expr->index < input->fields_count;
}

/* Bounds of SESSION(…) in FROM are not known of single rows. */
static bool is_bound(const struct plan_rel *input, uint32_t column)
{
    return input->window.is_session &&
           (column == input->window.start_column || column == input->window.end_column);
}

/* Its columns, then the keys that are none of them; *plain: nothing is left out or added. */
static bool lay_out(struct plan_binder *b, struct plan_rel *input,
                    const struct plan_late_window *window, struct late_input *out, bool *plain,
                    struct weir_position position)
{
    uint32_t most = input->fields_count + window->keys_count + 1;
    *out = (struct late_input){.exprs = PLAN_ARRAY(b, const struct weir_expr *, most),
                               .names = PLAN_ARRAY(b, struct weir_slice, most),
                               .keys = PLAN_ARRAY(b, uint32_t, window->keys_count + 1)};
    uint32_t *places = PLAN_ARRAY(b, uint32_t, most);
    if (!out->exprs || !out->names || !out->keys || !places)
        return false;
    for (uint32_t i = 0; i < input->fields_count; i++) {
        if (is_bound(input, i))
            continue;
        places[i] = out->count;
        out->names[out->count] = input->fields[i].name;
        out->exprs[out->count++] = plan_rel_column(b, input, i, position);
    }
    out->shown = out->count;
    for (uint32_t k = 0; k < window->keys_count; k++) {
        const struct weir_expr *key = window->keys[k];
        out->keys[k] = is_column_of(key, input) ? places[key->index] : out->count;
        if (!is_column_of(key, input))
            out->exprs[out->count++] = key;
    }
    *plain = out->shown == input->fields_count && out->count == out->shown;
    return !b->out_of_memory;
}

static struct plan_rel *new_late(struct plan_binder *b, struct plan_rel *input,
                                 const struct weir_plan_window *window,
                                 struct weir_position position)
{
    static const char *const names[WEIR_PLAN_LATE_COLUMNS] = {"window_start", "window_end",
                                                              "watermark"};
    struct plan_rel *rel = plan_rel_new(b, WEIR_PLAN_LATE, input, position);
    uint32_t count = input->fields_count;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, count + WEIR_PLAN_LATE_COLUMNS);
    if (!rel || !fields)
        return NULL;
    if (count)
        memcpy(fields, input->fields, count * sizeof *fields);
    for (uint32_t i = 0; i < WEIR_PLAN_LATE_COLUMNS; i++)
        fields[count + i] = (struct weir_field){weir_slice_from_string(names[i]),
                                                weir_type_of(WEIR_TYPE_TIMESTAMP), false};
    rel->fields = fields;
    rel->fields_count = count + WEIR_PLAN_LATE_COLUMNS;
    rel->event_time_type = NULL;
    rel->event_time_column = PLAN_NONE;
    rel->window = (struct plan_window_columns){0};
    rel->of.late.window = *window;
    rel->of.late.window.start_column = input->window.start_column; /* COLUMNS: of the input */
    rel->of.late.window.end_column = input->window.end_column;
    return rel;
}

/* LATE's columns without the keys that were added for it. */
static struct plan_rel *without_keys(struct plan_binder *b, struct plan_rel *rel, uint32_t shown,
                                     struct weir_position position)
{
    uint32_t count = shown + WEIR_PLAN_LATE_COLUMNS, first = rel->fields_count - count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t column = i < shown ? i : i + first;
        names[i] = rel->fields[column].name;
        exprs[i] = plan_rel_column(b, rel, column, position);
    }
    return plan_rel_compute(b, rel, NULL, exprs, names, count, position);
}

static struct plan_rel *late_of_session(struct plan_binder *b, struct plan_rel *input,
                                        const struct plan_late_window *window,
                                        struct weir_position position)
{
    struct late_input below;
    bool plain;
    if (!lay_out(b, input, window, &below, &plain, position))
        return NULL;
    if (!plain)
        input = plan_rel_compute(b, input, NULL, below.exprs, below.names, below.count, position);
    struct plan_rel *rel = input ? new_late(b, input, window->window, position) : NULL;
    if (!rel)
        return NULL;
    rel->of.late.keys = below.keys;
    rel->of.late.keys_count = window->keys_count;
    return below.count > below.shown ? without_keys(b, rel, below.shown, position) : rel;
}

/* A table function's window_start and window_end are in the row already: once is enough. */
static struct plan_rel *without_bounds(struct plan_binder *b, struct plan_rel *rel,
                                       const struct plan_rel *input, struct weir_position position)
{
    uint32_t count = 0;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, rel->fields_count + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        bool start = i == input->window.start_column, end = i == input->window.end_column;
        struct weir_slice name = rel->fields[i].name;
        if (input->window.present && ((start && weir_slice_equals_string(name, "window_start")) ||
                                      (end && weir_slice_equals_string(name, "window_end"))))
            continue;
        names[count] = name;
        exprs[count++] = plan_rel_column(b, rel, i, position);
    }
    if (count == rel->fields_count || b->out_of_memory)
        return b->out_of_memory ? NULL : rel;
    return plan_rel_compute(b, rel, NULL, exprs, names, count, position);
}

static struct plan_rel *late_of_window(struct plan_binder *b, struct plan_rel *input,
                                       const struct plan_late_window *window,
                                       struct weir_position position)
{
    struct plan_rel *rel = new_late(b, input, window->window, position);
    return rel ? without_bounds(b, rel, input, position) : NULL;
}

bool plan_add_late_rows(struct plan_binder *b, struct plan_rel *input,
                        const struct plan_late_window *window, struct weir_position position)
{
    struct plan_lateness lateness = plan_rel_lateness(input);
    if (window->window->kind == WEIR_WINDOW_NONE || window->window->time_column != PLAN_NONE ||
        !lateness.table || lateness.table->late != WEIR_LATE_SIDE ||
        b->env->mode == WEIR_PLAN_MODE_SQL)
        return true;
    struct plan_late_rows *late = PLAN_NEW(b, struct plan_late_rows);
    struct plan_rel *rel = window->window->kind == WEIR_WINDOW_SESSION
                               ? late_of_session(b, input, window, position)
                               : late_of_window(b, input, window, position);
    if (!late || !rel)
        return false;
    *late = (struct plan_late_rows){rel, lateness.table};
    return plan_list_push(b, &b->late, late);
}
