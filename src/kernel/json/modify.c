/* Documents from documents: || - #- jsonb_set, jsonb_insert, strip_nulls, jsonb_pretty.
 *
 * The canonical text of the result is put together from slices of the arguments, so order and
 * spelling stay canonical; only where members are added (|| of objects, a new key) the result is
 * made canonical again.
 *
 *     jsonb_set('{"a": [1, 2], "b": 3}', '{a,1}', '9')
 *     set_path: {"a": [set_path: 1, 9], "b": 3}         copied, descended, replaced, copied */
#include "kernel/json/json_internal.h"
#include "value/number.h"

struct edit {
    struct weir_kernel_call *call;
    uint32_t lane;
    struct weir_buffer out;
    bool is_unsorted; /* members were added */
    bool stop;        /* the kernel returns */
    bool failed;      /* the lane is NULL now */
};

static void edit_fail(struct edit *edit, bool go_on)
{
    edit->failed = true;
    edit->stop = !go_on;
}

/* Begins an item of the container that began at `begin`. */
static void separate(struct weir_buffer *out, size_t begin)
{
    if (out->size > begin + 1)
        weir_buffer_append(out, ", ", 2);
}

static void append_member_key(struct weir_buffer *out, struct weir_slice key)
{
    weir_buffer_append_char(out, '"');
    weir_buffer_append_slice(out, key);
    weir_buffer_append(out, "\": ", 3);
}

static void append_item(struct weir_buffer *out, size_t begin, bool is_object,
                        const struct weir_json_item *item)
{
    separate(out, begin);
    if (is_object)
        append_member_key(out, item->key);
    weir_buffer_append_slice(out, item->value);
}

/* Stores the lane; false: the kernel returns. */
static bool edit_store(struct edit *edit)
{
    if (edit->failed)
        return !edit->stop;
    return edit->is_unsorted ? weir_json_store(edit->call, edit->lane, &edit->out)
                             : weir_json_store_canonical(edit->call, edit->lane, &edit->out);
}

typedef void (*edit_fn)(struct edit *edit);

static void edit_lanes(struct weir_kernel_call *call, edit_fn run)
{
    struct edit edit = {.call = call};
    weir_buffer_init(&edit.out, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        weir_buffer_clear(&edit.out);
        edit.lane = lane;
        edit.is_unsorted = edit.stop = edit.failed = false;
        run(&edit);
        if (!edit_store(&edit))
            break;
    }
    weir_buffer_deinit(&edit.out);
}

/* --- || -------------------------------------------------------------------------------------- */

static void append_items(struct edit *edit, size_t begin, struct weir_slice value)
{
    struct weir_json_items items;
    struct weir_json_item item = {.value = value};
    enum weir_json_kind kind = weir_json_scan_kind(value);
    bool to_array = edit->out.data && edit->out.data[begin] == '[';
    if (kind != WEIR_JSON_ARRAY_BEGIN && to_array) {
        append_item(&edit->out, begin, false, &item);
        return;
    }
    weir_json_items_begin(&items, value);
    while (weir_json_items_next(&items, &item))
        append_item(&edit->out, begin, !to_array, &item);
}

static void concatenate(struct edit *edit)
{
    struct weir_slice a = weir_arg_text(edit->call, 0, edit->lane);
    struct weir_slice b = weir_arg_text(edit->call, 1, edit->lane);
    bool objects = weir_json_scan_kind(a) == WEIR_JSON_OBJECT_BEGIN &&
                   weir_json_scan_kind(b) == WEIR_JSON_OBJECT_BEGIN;
    edit->is_unsorted = objects;
    weir_buffer_append_char(&edit->out, objects ? '{' : '[');
    append_items(edit, 0, a);
    append_items(edit, 0, b);
    weir_buffer_append_char(&edit->out, objects ? '}' : ']');
}
void weir_fn_jsonb_concat(struct weir_kernel_call *call)
{
    edit_lanes(call, concatenate);
}

/* --- - --------------------------------------------------------------------------------------- */

static bool fail_scalar(struct edit *edit, struct weir_slice value, const char *what)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    if (kind == WEIR_JSON_OBJECT_BEGIN || kind == WEIR_JSON_ARRAY_BEGIN)
        return false;
    edit_fail(edit, weir_kernel_fail(edit->call, edit->lane, WEIR_E_BAD_ARGUMENT,
                                     "cannot %s in a scalar", what));
    return true;
}

/* Which items - removes: those of a key, of several keys, or of a position. */
static bool is_removed(const struct edit *edit, bool is_object, const struct weir_json_item *item)
{
    const struct weir_column *keys = &edit->call->args[1];
    struct weir_slice spelled = item->key;
    if (!is_object) {
        if (weir_json_scan_kind(item->value) != WEIR_JSON_STRING)
            return false;
        spelled = weir_json_inside(item->value);
    }
    if (keys->type->kind == WEIR_TYPE_TEXT)
        return weir_json_spells(spelled, weir_arg_text(edit->call, 1, edit->lane));
    struct weir_list_entry entry = *WEIR_ARG(edit->call, 1, struct weir_list_entry, edit->lane);
    for (uint32_t i = entry.offset; i < entry.offset + entry.count; i++) {
        const struct weir_view *key = (const struct weir_view *)keys->children[0].values + i;
        if (!weir_column_is_null(&keys->children[0], i) &&
            weir_json_spells(spelled, weir_view_slice(key)))
            return true;
    }
    return false;
}

static void remove_keys(struct edit *edit)
{
    struct weir_slice document = weir_arg_text(edit->call, 0, edit->lane);
    struct weir_json_items items;
    struct weir_json_item item;
    if (fail_scalar(edit, document, "remove keys"))
        return;
    weir_json_items_begin(&items, document);
    weir_buffer_append_char(&edit->out, items.is_object ? '{' : '[');
    while (weir_json_items_next(&items, &item))
        if (!is_removed(edit, items.is_object, &item))
            append_item(&edit->out, 0, items.is_object, &item);
    weir_buffer_append_char(&edit->out, items.is_object ? '}' : ']');
}
void weir_fn_jsonb_remove(struct weir_kernel_call *call)
{
    edit_lanes(call, remove_keys);
}

static void remove_index(struct edit *edit)
{
    struct weir_slice document = weir_arg_text(edit->call, 0, edit->lane);
    int64_t index = weir_arg_int32(edit->call, 1, edit->lane);
    struct weir_json_items items;
    struct weir_json_item item;
    if (fail_scalar(edit, document, "remove an item"))
        return;
    if (weir_json_scan_kind(document) == WEIR_JSON_OBJECT_BEGIN) {
        edit_fail(edit, weir_kernel_fail(edit->call, edit->lane, WEIR_E_BAD_ARGUMENT,
                                         "an object has no positions to remove"));
        return;
    }
    if (index < 0)
        index += weir_json_items_count(document);
    weir_json_items_begin(&items, document);
    weir_buffer_append_char(&edit->out, '[');
    for (int64_t i = 0; weir_json_items_next(&items, &item); i++)
        if (i != index)
            append_item(&edit->out, 0, false, &item);
    weir_buffer_append_char(&edit->out, ']');
}
void weir_fn_jsonb_remove_index(struct weir_kernel_call *call)
{
    edit_lanes(call, remove_index);
}

/* --- paths ----------------------------------------------------------------------------------- */

enum path_action { ACTION_REPLACE, ACTION_CREATE, ACTION_BEFORE, ACTION_AFTER, ACTION_DELETE };

struct path_edit {
    struct edit *edit;
    struct weir_list_entry path;
    const struct weir_column *elements;
    enum path_action action;
    struct weir_slice value; /* canonical */
};

static bool adds(enum path_action action)
{
    return action != ACTION_REPLACE && action != ACTION_DELETE;
}

static void path_fail(struct path_edit *p, uint32_t level, const char *what)
{
    struct edit *edit = p->edit;
    edit_fail(edit, weir_kernel_fail(edit->call, edit->lane, WEIR_E_BAD_ARGUMENT,
                                     "path element %u %s", level + 1, what));
}

static bool path_element(struct path_edit *p, uint32_t level, struct weir_slice *out)
{
    uint32_t element = p->path.offset + level;
    if (weir_column_is_null(p->elements, element)) {
        path_fail(p, level, "is null");
        return false;
    }
    *out = weir_view_slice((const struct weir_view *)p->elements->values + element);
    return true;
}

static void set_path(struct path_edit *p, struct weir_slice value, uint32_t level);

static void set_in_object(struct path_edit *p, struct weir_slice object, uint32_t level,
                          struct weir_slice key)
{
    struct weir_buffer *out = &p->edit->out;
    bool is_last = level + 1 == p->path.count, found = false;
    size_t begin = out->size;
    struct weir_json_items items;
    struct weir_json_item item;
    weir_buffer_append_char(out, '{');
    weir_json_items_begin(&items, object);
    while (weir_json_items_next(&items, &item) && !p->edit->failed) {
        if (found || !weir_json_spells(item.key, key)) {
            append_item(out, begin, true, &item);
            continue;
        }
        found = true;
        if (is_last && p->action == ACTION_DELETE)
            continue;
        if (is_last && (p->action == ACTION_BEFORE || p->action == ACTION_AFTER)) {
            path_fail(p, level, "is a key that exists; jsonb_set replaces its value");
            return;
        }
        separate(out, begin);
        append_member_key(out, item.key);
        if (is_last)
            weir_buffer_append_slice(out, p->value);
        else
            set_path(p, item.value, level + 1);
    }
    if (!found && is_last && adds(p->action)) {
        separate(out, begin);
        weir_json_write_string(out, key);
        weir_buffer_append(out, ": ", 2);
        weir_buffer_append_slice(out, p->value);
        p->edit->is_unsorted = true;
    }
    weir_buffer_append_char(out, '}');
}

/* The position an element of the path names; -1 is in front of all. False: it is none. */
static bool path_position(struct path_edit *p, struct weir_slice array, uint32_t level,
                          struct weir_slice text, int64_t *position)
{
    while (text.size && (text.data[0] == ' ' || (text.data[0] >= '\t' && text.data[0] <= '\r')))
        text = weir_slice_from(text, 1);
    if (weir_number_parse_i64(text, position) != WEIR_PARSE_OK || *position < INT32_MIN ||
        *position > INT32_MAX) {
        path_fail(p, level, "is not an integer");
        return false;
    }
    int64_t count = weir_json_items_count(array);
    if (*position < 0)
        *position = *position < -count ? -1 : *position + count;
    if (*position > count)
        *position = count;
    return true;
}

static void append_new(struct path_edit *p, size_t begin)
{
    separate(&p->edit->out, begin);
    weir_buffer_append_slice(&p->edit->out, p->value);
}

static void set_in_array(struct path_edit *p, struct weir_slice array, uint32_t level,
                         int64_t position)
{
    struct weir_buffer *out = &p->edit->out;
    bool is_last = level + 1 == p->path.count, done = !is_last || !adds(p->action);
    size_t begin = out->size;
    struct weir_json_items items;
    struct weir_json_item item;
    weir_buffer_append_char(out, '[');
    if (position < 0 && !done) {
        append_new(p, begin);
        done = true;
    }
    weir_json_items_begin(&items, array);
    for (int64_t i = 0; weir_json_items_next(&items, &item) && !p->edit->failed; i++) {
        if (i != position) {
            append_item(out, begin, false, &item);
        } else if (!is_last) {
            separate(out, begin);
            set_path(p, item.value, level + 1);
        } else {
            done = true;
            if (p->action == ACTION_BEFORE)
                append_new(p, begin);
            if (p->action == ACTION_BEFORE || p->action == ACTION_AFTER)
                append_item(out, begin, false, &item);
            if (p->action != ACTION_BEFORE && p->action != ACTION_DELETE)
                append_new(p, begin);
        }
    }
    if (!done)
        append_new(p, begin);
    weir_buffer_append_char(out, ']');
}

/* Appends value with the change made at or below it. Recursion no deeper than the document. */
static void set_path(struct path_edit *p, struct weir_slice value, uint32_t level)
{
    enum weir_json_kind kind = weir_json_scan_kind(value);
    struct weir_slice element;
    int64_t position;
    if (!path_element(p, level, &element))
        return;
    if (kind == WEIR_JSON_OBJECT_BEGIN)
        set_in_object(p, value, level, element);
    else if (kind != WEIR_JSON_ARRAY_BEGIN)
        weir_buffer_append_slice(&p->edit->out, value);
    else if (path_position(p, value, level, element, &position))
        set_in_array(p, value, level, position);
}

static void edit_path(struct edit *edit, enum path_action action, struct weir_slice value)
{
    const struct weir_column *path = &edit->call->args[1];
    struct path_edit p = {.edit = edit, .action = action, .value = value};
    struct weir_slice document = weir_arg_text(edit->call, 0, edit->lane);
    p.path = *WEIR_ARG(edit->call, 1, struct weir_list_entry, edit->lane);
    p.elements = &path->children[0];
    if (fail_scalar(edit, document, action == ACTION_DELETE ? "remove a path" : "set a path"))
        return;
    bool is_empty = !adds(action) && !weir_json_items_count(document);
    if (p.path.count == 0 || is_empty)
        weir_buffer_append_slice(&edit->out, document);
    else
        set_path(&p, document, 0);
}

static void remove_path(struct edit *edit)
{
    edit_path(edit, ACTION_DELETE, weir_slice_make(NULL, 0));
}
void weir_fn_jsonb_remove_path(struct weir_kernel_call *call)
{
    edit_lanes(call, remove_path);
}

static bool flag_argument(const struct edit *edit, bool missing)
{
    return edit->call->args_count > 3 ? *WEIR_ARG(edit->call, 3, uint8_t, edit->lane) : missing;
}

static void set_value(struct edit *edit)
{
    edit_path(edit, flag_argument(edit, true) ? ACTION_CREATE : ACTION_REPLACE,
              weir_arg_text(edit->call, 2, edit->lane));
}
void weir_fn_jsonb_set(struct weir_kernel_call *call)
{
    edit_lanes(call, set_value);
}

static void insert_value(struct edit *edit)
{
    edit_path(edit, flag_argument(edit, false) ? ACTION_AFTER : ACTION_BEFORE,
              weir_arg_text(edit->call, 2, edit->lane));
}
void weir_fn_jsonb_insert(struct weir_kernel_call *call)
{
    edit_lanes(call, insert_value);
}

/* A null value: what the fifth argument says. */
static void set_null(struct edit *edit)
{
    struct weir_slice treatment = weir_slice_from_string("use_json_null");
    if (edit->call->args_count > 4)
        treatment = weir_arg_is_null(edit->call, 4, edit->lane)
                        ? weir_slice_make("", 0)
                        : weir_arg_text(edit->call, 4, edit->lane);
    if (weir_slice_equals_string(treatment, "use_json_null"))
        edit_path(edit, flag_argument(edit, true) ? ACTION_CREATE : ACTION_REPLACE,
                  weir_slice_from_string("null"));
    else if (weir_slice_equals_string(treatment, "delete_key"))
        remove_path(edit);
    else if (weir_slice_equals_string(treatment, "return_target"))
        weir_buffer_append_slice(&edit->out, weir_arg_text(edit->call, 0, edit->lane));
    else if (weir_slice_equals_string(treatment, "raise_exception"))
        edit_fail(edit, weir_kernel_fail(edit->call, edit->lane, WEIR_E_BAD_ARGUMENT,
                                         "the new JSON value must not be null"));
    else
        edit_fail(edit, weir_kernel_fail(edit->call, edit->lane, WEIR_E_BAD_ARGUMENT,
                                         "null_value_treatment must be delete_key, return_target, "
                                         "use_json_null or raise_exception"));
}

static void set_value_lax(struct edit *edit)
{
    struct weir_kernel_call *call = edit->call;
    if (weir_arg_is_null(call, 0, edit->lane) || weir_arg_is_null(call, 1, edit->lane) ||
        (call->args_count > 3 && weir_arg_is_null(call, 3, edit->lane))) {
        weir_json_set_null(call, edit->lane);
        edit_fail(edit, true);
        return;
    }
    bool is_known = call->args_count < 5 || !weir_arg_is_null(call, 4, edit->lane);
    if (weir_arg_is_null(call, 2, edit->lane) || !is_known)
        set_null(edit);
    else
        set_value(edit);
}
void weir_fn_jsonb_set_lax(struct weir_kernel_call *call)
{
    edit_lanes(call, set_value_lax);
}

/* --- strip_nulls, pretty --------------------------------------------------------------------- */

struct strip {
    struct edit *edit;
    bool is_jsonb;
};

static void strip_string(struct strip *strip, struct weir_slice quoted)
{
    struct edit *edit = strip->edit;
    struct weir_slice text;
    if (strip->is_jsonb) {
        weir_buffer_append_slice(&edit->out, quoted);
        return;
    }
    enum weir_json_text result = weir_json_string_text(quoted, edit->call->arena, &text);
    if (result != WEIR_JSON_TEXT_OK)
        edit_fail(edit, weir_json_fail_text(edit->call, edit->lane, result));
    else
        weir_json_write_string(&edit->out, text);
}

/* Recursion no deeper than the document. */
static void strip_value(struct strip *strip, struct weir_slice value)
{
    struct weir_buffer *out = &strip->edit->out;
    enum weir_json_kind kind = weir_json_scan_kind(value);
    struct weir_json_items items;
    struct weir_json_item item;
    if (kind == WEIR_JSON_STRING) {
        strip_string(strip, value);
        return;
    }
    if (kind != WEIR_JSON_OBJECT_BEGIN && kind != WEIR_JSON_ARRAY_BEGIN) {
        weir_buffer_append_slice(out, value);
        return;
    }
    weir_json_items_begin(&items, value);
    weir_buffer_append_char(out, items.is_object ? '{' : '[');
    bool first = true;
    while (weir_json_items_next(&items, &item) && !strip->edit->failed) {
        if (items.is_object && weir_json_scan_kind(item.value) == WEIR_JSON_NULL)
            continue;
        if (!first)
            weir_buffer_append_string(out, strip->is_jsonb ? ", " : ",");
        first = false;
        if (items.is_object) {
            strip_string(strip, weir_slice_make(item.key.data - 1, item.key.size + 2));
            weir_buffer_append_string(out, strip->is_jsonb ? ": " : ":");
        }
        strip_value(strip, item.value);
    }
    weir_buffer_append_char(out, items.is_object ? '}' : ']');
}

static void strip_nulls(struct edit *edit)
{
    struct strip strip = {edit, edit->call->out->type->kind == WEIR_TYPE_JSONB};
    strip_value(&strip, weir_json_scan_value(weir_arg_text(edit->call, 0, edit->lane)));
}
void weir_fn_json_strip_nulls(struct weir_kernel_call *call)
{
    edit_lanes(call, strip_nulls);
}

static void pretty(struct edit *edit)
{
    weir_json_write_pretty(&edit->out, weir_arg_text(edit->call, 0, edit->lane));
}
void weir_fn_jsonb_pretty(struct weir_kernel_call *call)
{
    edit_lanes(call, pretty);
}
