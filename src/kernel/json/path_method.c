/* Methods of SQL/JSON paths: .type() .size() .double() .ceiling() .floor() .abs() .keyvalue()
 * .datetime(). Arrays have been unwrapped in lax mode, but for type and size. */
#include "kernel/json/path_internal.h"
#include "value/number.h"

static enum weir_path_result next_copy(struct weir_path_run *run, const struct weir_path_node *node,
                                       const char *bytes, size_t size,
                                       struct weir_path_items *found)
{
    struct weir_path_item item = {0};
    char *copy = weir_arena_copy(run->arena, weir_slice_make(bytes, size));
    if (!copy)
        return path_fail_memory(run);
    item.text = weir_slice_make(copy, size);
    return path_next(run, node, &item, found);
}

static enum weir_path_result method_type(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *item,
                                         struct weir_path_items *found)
{
    char text[64];
    const char *name = item->time ? weir_path_time_name(item->time->kind)
                                  : strchr(weir_json_noun(item->text), ' ');
    if (!name) /* null has no article */
        name = weir_json_noun(item->text);
    else if (!item->time)
        name++;
    int size = snprintf(text, sizeof text, "\"%s\"", name);
    return next_copy(run, node, text, (size_t)size, found);
}

static enum weir_path_result method_size(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *item,
                                         struct weir_path_items *found)
{
    char digits[WEIR_NUMBER_I64_SIZE];
    bool is_array = path_kind(item) == WEIR_JSON_ARRAY_BEGIN;
    if (!is_array && run->path->is_strict)
        return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                      : path_fail(run, "the size is asked of %s", path_noun(item));
    size_t size = weir_number_print_i64(digits, is_array ? weir_json_items_count(item->text) : 1);
    return next_copy(run, node, digits, size, found);
}

static enum weir_path_result method_number(struct weir_path_run *run,
                                           const struct weir_path_node *node,
                                           const struct weir_path_item *item,
                                           struct weir_path_items *found)
{
    struct weir_path_item value = {0};
    if (path_kind(item) != WEIR_JSON_NUMBER)
        return path_fail(run, "a method of numbers is called on %s", path_noun(item));
    const char *failure = weir_path_unary(node->kind, item->text, run->arena, &value.text);
    if (failure)
        return path_fail(run, "%s", failure);
    return value.text.data ? path_next(run, node, &value, found) : path_fail_memory(run);
}

/* The double as numeric: 15 significant digits, plain. */
static enum weir_path_result next_double(struct weir_path_run *run,
                                         const struct weir_path_node *node, double value,
                                         struct weir_path_items *found)
{
    char text[40];
    struct weir_buffer plain;
    int size = snprintf(text, sizeof text, "%.15g", value);
    weir_buffer_init(&plain, NULL);
    bool ok = weir_json_canonicalize(weir_slice_make(text, (size_t)size), &plain, NULL, NULL);
    enum weir_path_result result =
        ok ? next_copy(run, node, plain.data, plain.size, found) : path_fail_memory(run);
    weir_buffer_deinit(&plain);
    return result;
}

static enum weir_path_result method_double(struct weir_path_run *run,
                                           const struct weir_path_node *node,
                                           const struct weir_path_item *item,
                                           struct weir_path_items *found)
{
    struct weir_slice text = item->text;
    double value;
    enum weir_json_kind kind = path_kind(item);
    if (kind != WEIR_JSON_NUMBER && kind != WEIR_JSON_STRING)
        return path_fail(run, "double() is called on %s", path_noun(item));
    if (kind == WEIR_JSON_STRING) {
        enum weir_json_text result = weir_json_string_text(item->text, run->arena, &text);
        if (result == WEIR_JSON_TEXT_MEMORY)
            return path_fail_memory(run);
        text = weir_slice_trim(text);
    }
    if (weir_number_parse_f64(text, &value) != WEIR_PARSE_OK)
        return path_fail(run, "double() is called on a value that is no DOUBLE");
    return kind == WEIR_JSON_NUMBER ? path_next(run, node, item, found)
                                    : next_double(run, node, value, found);
}

/* Which object a pair comes from: its place in the document, 0 when it is elsewhere. */
static size_t object_id(const struct weir_path_run *run, struct weir_slice object)
{
    const char *begin = run->document.data, *end = begin + run->document.size;
    return object.data >= begin && object.data < end ? (size_t)(object.data - begin) : 0;
}

static enum weir_path_result next_pair(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_json_item *member, size_t id,
                                       struct weir_path_items *found)
{
    struct weir_path_item pair = {0};
    size_t room = member->key.size + member->value.size + 64;
    char *text = weir_arena_alloc(run->arena, room, 1);
    if (!text)
        return path_fail_memory(run);
    int head = snprintf(text, room, "{\"id\": %zu, \"key\": \"", id);
    char *at = text + head;
    memcpy(at, member->key.data, member->key.size);
    at += member->key.size;
    memcpy(at, "\", \"value\": ", 12);
    at += 12;
    memcpy(at, member->value.data, member->value.size);
    at += member->value.size;
    *at++ = '}';
    pair.text = weir_slice_make(text, (size_t)(at - text));
    return path_next(run, node, &pair, found);
}

static enum weir_path_result method_keyvalue(struct weir_path_run *run,
                                             const struct weir_path_node *node,
                                             const struct weir_path_item *item,
                                             struct weir_path_items *found)
{
    struct weir_json_items items;
    struct weir_json_item member;
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    if (path_kind(item) != WEIR_JSON_OBJECT_BEGIN)
        return path_fail(run, "keyvalue() is called on %s", path_noun(item));
    weir_json_items_begin(&items, item->text);
    while (weir_json_items_next(&items, &member)) {
        if (!node->next && !found)
            return WEIR_PATH_FOUND;
        result = next_pair(run, node, &member, object_id(run, item->text), found);
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            break;
    }
    return result;
}

static enum weir_path_result method_datetime(struct weir_path_run *run,
                                             const struct weir_path_node *node,
                                             const struct weir_path_item *item,
                                             struct weir_path_items *found)
{
    struct weir_slice text;
    struct weir_path_item value = {0};
    if (path_kind(item) != WEIR_JSON_STRING)
        return path_fail(run, "datetime() is called on %s", path_noun(item));
    if (weir_json_string_text(item->text, run->arena, &text) == WEIR_JSON_TEXT_MEMORY)
        return path_fail_memory(run);
    struct weir_path_time *time = WEIR_ARENA_NEW(run->arena, struct weir_path_time);
    char *printed = weir_arena_alloc(run->arena, WEIR_PATH_TIME_SIZE, 1);
    if (!time || !printed)
        return path_fail_memory(run);
    switch (weir_path_time_parse(text, node->text, run->arena, time)) {
    case WEIR_PATH_TIME_READ:
        break;
    case WEIR_PATH_TIME_MEMORY:
        return path_fail_memory(run);
    case WEIR_PATH_TIME_BAD_TEMPLATE:
        return path_fail_hard(run, WEIR_E_BAD_ARGUMENT,
                              "datetime() cannot take the template \"%.*s\"", path_clip(node->text),
                              node->text.data);
    case WEIR_PATH_TIME_MISMATCH:
        return path_fail(run, "datetime() does not recognize \"%.*s\"", path_clip(text),
                         text.size ? text.data : "");
    }
    value.text = weir_slice_make(printed, weir_path_time_print(printed, time));
    value.time = time;
    return path_next(run, node, &value, found);
}

enum weir_path_result path_method(struct weir_path_run *run, const struct weir_path_node *node,
                                  const struct weir_path_item *item, struct weir_path_items *found)
{
    switch (node->kind) {
    case WEIR_PATH_TYPE:
        return method_type(run, node, item, found);
    case WEIR_PATH_SIZE:
        return method_size(run, node, item, found);
    case WEIR_PATH_DOUBLE:
        return method_double(run, node, item, found);
    case WEIR_PATH_KEYVALUE:
        return method_keyvalue(run, node, item, found);
    case WEIR_PATH_DATETIME:
        return method_datetime(run, node, item, found);
    default:
        return method_number(run, node, item, found);
    }
}
