/* Evaluation of SQL/JSON paths: items in, items out.
 *
 * Lax mode unwraps arrays where an accessor wants something else, takes any value for an array of
 * one, and ignores what is missing; strict mode fails there. A failure within a predicate makes it
 * unknown. Predicates are in path_predicate.c.
 *
 * Recursion is bounded by the nodes of the path and the depth of the document, work by STEPS_MAX.
 */
#include "kernel/json/path_internal.h"
#include "value/number.h"

enum { STEPS_MAX = 10000000 };

/* --- failures -------------------------------------------------------------------------------- */

enum weir_path_result path_fail_hard(struct weir_path_run *run, enum weir_status status,
                                     const char *format, ...)
{
    va_list args;
    if (run->status == WEIR_OK) {
        run->status = status;
        va_start(args, format);
        vsnprintf(run->message, sizeof run->message, format, args);
        va_end(args);
    }
    return WEIR_PATH_FAILED;
}

enum weir_path_result path_fail(struct weir_path_run *run, const char *format, ...)
{
    va_list args;
    if (run->throws && run->status == WEIR_OK) {
        run->status = WEIR_E_BAD_JSON_PATH;
        va_start(args, format);
        vsnprintf(run->message, sizeof run->message, format, args);
        va_end(args);
    }
    return WEIR_PATH_FAILED;
}

enum weir_path_result path_fail_memory(struct weir_path_run *run)
{
    return path_fail_hard(run, WEIR_E_OUT_OF_MEMORY, "memory has run out");
}

enum weir_path_result path_step(struct weir_path_run *run)
{
    if (run->status != WEIR_OK)
        return WEIR_PATH_FAILED;
    if (++run->steps > STEPS_MAX)
        return path_fail_hard(run, WEIR_E_LIMIT, "a JSON path takes more than %d steps", STEPS_MAX);
    return WEIR_PATH_FOUND;
}

/* --- items ----------------------------------------------------------------------------------- */

enum weir_path_result path_append(struct weir_path_run *run, struct weir_path_items *items,
                                  const struct weir_path_item *item)
{
    if (items->count == items->capacity) {
        uint32_t capacity = items->capacity ? items->capacity * 2 : 8;
        struct weir_path_item *grown =
            weir_arena_alloc(run->arena, capacity * sizeof *grown, sizeof(void *));
        if (!grown)
            return path_fail_memory(run);
        if (items->count)
            memcpy(grown, items->items, items->count * sizeof *grown);
        items->items = grown;
        items->capacity = capacity;
    }
    items->items[items->count++] = *item;
    return WEIR_PATH_FOUND;
}

enum weir_path_result path_next(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item, struct weir_path_items *found)
{
    if (node->next)
        return path_item(run, node->next, item, found);
    return found ? path_append(run, found, item) : WEIR_PATH_FOUND;
}

/* Goes on with canonical text. */
static enum weir_path_result next_text(struct weir_path_run *run, const struct weir_path_node *node,
                                       struct weir_slice text, struct weir_path_items *found)
{
    struct weir_path_item item = {.text = text};
    return text.data ? path_next(run, node, &item, found) : path_fail_memory(run);
}

enum weir_json_kind path_kind(const struct weir_path_item *item)
{
    return item->time ? WEIR_JSON_ERROR : weir_json_scan_kind(item->text);
}
static bool is_array(const struct weir_path_item *item)
{
    return path_kind(item) == WEIR_JSON_ARRAY_BEGIN;
}

/* Which levels below a container are visited. */
struct descent {
    int32_t first, last;
    bool ignores_structure;
    bool unwraps; /* when the next node is applied */
};

static enum weir_path_result visit(struct weir_path_run *run, const struct weir_path_node *node,
                                   const struct weir_path_item *item, struct weir_path_items *found,
                                   const struct descent *descent)
{
    if (!node)
        return found ? path_append(run, found, item) : WEIR_PATH_FOUND;
    bool saved = run->ignores_structure;
    run->ignores_structure |= descent->ignores_structure;
    enum weir_path_result result = path_item_unwrap(run, node, item, found, descent->unwraps);
    run->ignores_structure = saved;
    return result;
}

/* Applies node (NULL: takes them) to the values inside of a container. */
static enum weir_path_result each_inside(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *container,
                                         struct weir_path_items *found, int32_t level,
                                         const struct descent *descent)
{
    struct weir_json_items items;
    struct weir_json_item json;
    enum weir_path_result result = WEIR_PATH_NOT_FOUND, step;
    weir_json_items_begin(&items, container->text);
    while (weir_json_items_next(&items, &json)) {
        struct weir_path_item item = {.text = json.value};
        enum weir_json_kind kind = weir_json_scan_kind(json.value);
        bool is_container = kind == WEIR_JSON_ARRAY_BEGIN || kind == WEIR_JSON_OBJECT_BEGIN;
        bool leaves_only =
            descent->first == WEIR_PATH_LEVEL_LAST && descent->last == WEIR_PATH_LEVEL_LAST;
        if (path_step(run) == WEIR_PATH_FAILED)
            return WEIR_PATH_FAILED;
        if (level >= descent->first || (leaves_only && !is_container)) {
            step = visit(run, node, &item, found, descent);
            if (step == WEIR_PATH_FAILED || (step == WEIR_PATH_FOUND && !found))
                return step;
            result = step;
        }
        if (level < descent->last && is_container) {
            step = each_inside(run, node, &item, found, level + 1, descent);
            if (step == WEIR_PATH_FAILED || (step == WEIR_PATH_FOUND && !found))
                return step;
            result = step;
        }
    }
    return result;
}

static enum weir_path_result each_element(struct weir_path_run *run,
                                          const struct weir_path_node *node,
                                          const struct weir_path_item *array,
                                          struct weir_path_items *found, bool unwraps)
{
    struct descent descent = {1, 1, false, unwraps};
    return each_inside(run, node, array, found, 1, &descent);
}

enum weir_path_result path_item_result(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item, bool unwrap,
                                       struct weir_path_items *found)
{
    if (!unwrap || run->path->is_strict)
        return path_item(run, node, item, found);
    struct weir_path_items raw = {0};
    enum weir_path_result result = path_item(run, node, item, &raw);
    if (result == WEIR_PATH_FAILED)
        return result;
    for (uint32_t i = 0; i < raw.count && result != WEIR_PATH_FAILED; i++)
        result = is_array(&raw.items[i]) ? each_element(run, NULL, &raw.items[i], found, false)
                                         : path_append(run, found, &raw.items[i]);
    return result == WEIR_PATH_FAILED ? result : WEIR_PATH_FOUND;
}

/* --- accessors ------------------------------------------------------------------------------- */

static enum weir_path_result get_key(struct weir_path_run *run, const struct weir_path_node *node,
                                     const struct weir_path_item *item,
                                     struct weir_path_items *found)
{
    struct weir_path_item value = {0};
    if (path_kind(item) != WEIR_JSON_OBJECT_BEGIN)
        return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                      : path_fail(run, "a member is asked of %s", path_noun(item));
    if (weir_json_scan_key(item->text, node->text, !run->path->is_jsonpath, &value.text))
        return path_next(run, node, &value, found);
    return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                  : path_fail(run, "the object has no key \"%.*s\"",
                                              path_clip(node->text), node->text.data);
}

static enum weir_path_result get_any_key(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *item,
                                         struct weir_path_items *found)
{
    struct descent descent = {1, 1, false, !run->path->is_strict};
    if (path_kind(item) == WEIR_JSON_OBJECT_BEGIN)
        return each_inside(run, node->next, item, found, 1, &descent);
    return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                  : path_fail(run, "members are asked of %s", path_noun(item));
}

static enum weir_path_result get_any_index(struct weir_path_run *run,
                                           const struct weir_path_node *node,
                                           const struct weir_path_item *item,
                                           struct weir_path_items *found)
{
    if (is_array(item))
        return each_element(run, node->next, item, found, !run->path->is_strict);
    if (!run->path->is_strict)
        return path_next(run, node, item, found);
    return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                  : path_fail(run, "items are asked of %s", path_noun(item));
}

/* A subscript: a number, its fraction cut off. */
static enum weir_path_result subscript(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item, int64_t *out)
{
    struct weir_path_items found = {0};
    enum weir_path_result result = path_item(run, node, item, &found);
    if (result == WEIR_PATH_FAILED)
        return result;
    if (found.count != 1 || path_kind(&found.items[0]) != WEIR_JSON_NUMBER)
        return path_fail(run, "a subscript is not a single number");
    struct weir_slice text = found.items[0].text;
    const char *point = memchr(text.data, '.', text.size);
    if (point)
        text.size = (size_t)(point - text.data);
    if (weir_number_parse_i64(text, out) != WEIR_PARSE_OK || *out < INT32_MIN || *out > INT32_MAX)
        return path_fail(run, "a subscript is out of range");
    return WEIR_PATH_FOUND;
}

static enum weir_path_result get_range(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found, int64_t from, int64_t to)
{
    struct weir_json_items items;
    struct weir_json_item json;
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    if (!is_array(item))
        return from <= 0 && to >= 0 ? path_next(run, node, item, found) : result;
    weir_json_items_begin(&items, item->text);
    for (int64_t i = 0; i <= to && weir_json_items_next(&items, &json); i++) {
        struct weir_path_item element = {.text = json.value};
        if (path_step(run) == WEIR_PATH_FAILED)
            return WEIR_PATH_FAILED;
        if (i < from)
            continue;
        result = path_next(run, node, &element, found);
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            break;
    }
    return result;
}

static enum weir_path_result get_index(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found)
{
    if (!is_array(item) && run->path->is_strict)
        return run->ignores_structure ? WEIR_PATH_NOT_FOUND
                                      : path_fail(run, "an item is asked of %s", path_noun(item));
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    int64_t saved = run->innermost_size, from, to;
    int64_t size = is_array(item) ? weir_json_items_count(item->text) : 1;
    for (uint32_t i = 0; i < node->subscripts_count; i++) {
        const struct weir_path_subscript *s = &node->subscripts[i];
        run->innermost_size = size;
        result = subscript(run, s->from, item, &from);
        to = from;
        if (result != WEIR_PATH_FAILED && s->to)
            result = subscript(run, s->to, item, &to);
        run->innermost_size = saved;
        if (result == WEIR_PATH_FAILED)
            return result;
        if (!run->ignores_structure && (from < 0 || from > to || to >= size))
            return path_fail(run, "a subscript is out of the array's bounds");
        result = get_range(run, node, item, found, from, to);
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            return result;
    }
    return result;
}

static enum weir_path_result get_any(struct weir_path_run *run, const struct weir_path_node *node,
                                     const struct weir_path_item *item,
                                     struct weir_path_items *found)
{
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    struct descent descent = {node->first, node->last, true, !run->path->is_strict};
    if (node->first == 0) {
        bool saved = run->ignores_structure;
        run->ignores_structure = true;
        result = path_next(run, node, item, found);
        run->ignores_structure = saved;
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            return result;
    }
    if (is_array(item) || path_kind(item) == WEIR_JSON_OBJECT_BEGIN)
        result = each_inside(run, node->next, item, found, 1, &descent);
    return result;
}

static enum weir_path_result get_filtered(struct weir_path_run *run,
                                          const struct weir_path_node *node,
                                          const struct weir_path_item *item,
                                          struct weir_path_items *found)
{
    struct weir_path_item saved = run->current;
    run->current = *item;
    enum weir_path_truth truth = path_truth(run, node->left, item);
    run->current = saved;
    if (run->status != WEIR_OK)
        return WEIR_PATH_FAILED;
    return truth == PATH_TRUE ? path_next(run, node, item, found) : WEIR_PATH_NOT_FOUND;
}

/* --- JSONPath -------------------------------------------------------------------------------- */

static enum weir_path_result get_any_child(struct weir_path_run *run,
                                           const struct weir_path_node *node,
                                           const struct weir_path_item *item,
                                           struct weir_path_items *found)
{
    struct descent descent = {1, 1, false, false};
    return each_inside(run, node->next, item, found, 1, &descent);
}

/* Items first, first + step, … before last; step > 0. */
static enum weir_path_result get_forward(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *item,
                                         struct weir_path_items *found, int64_t first, int64_t last)
{
    struct weir_json_items items;
    struct weir_json_item json;
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    weir_json_items_begin(&items, item->text);
    for (int64_t i = 0; i < last && weir_json_items_next(&items, &json); i++) {
        struct weir_path_item element = {.text = json.value};
        if (path_step(run) == WEIR_PATH_FAILED)
            return WEIR_PATH_FAILED;
        if (i < first || (i - first) % node->step != 0)
            continue;
        result = path_next(run, node, &element, found);
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            return result;
    }
    return result;
}

/* [first] or [first:last:step]; negative ones count from the end. */
static enum weir_path_result get_slice(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found)
{
    if (!is_array(item))
        return WEIR_PATH_NOT_FOUND;
    int64_t size = weir_json_items_count(item->text), first = node->first, last = node->last;
    first += first < 0 ? size : 0;
    if (node->step == 0) /* one index, or a step of 0, which selects nothing */
        return node->first == node->last && first >= 0
                   ? get_range(run, node, item, found, first, first)
                   : WEIR_PATH_NOT_FOUND;
    last += last < 0 && last != INT32_MIN ? size : 0;
    if (node->step > 0)
        return get_forward(run, node, item, found, first < 0 ? 0 : first, last);
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    for (int64_t i = first >= size ? size - 1 : first; i > last && i >= 0; i += node->step) {
        result = get_range(run, node, item, found, i, i);
        if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
            return result;
    }
    return result;
}

static enum weir_path_result get_union(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found)
{
    enum weir_path_result result = WEIR_PATH_NOT_FOUND;
    for (const struct weir_path_node *part = node->left; part; part = part->right) {
        struct weir_path_items parts = {0};
        if (path_item(run, part, item, &parts) == WEIR_PATH_FAILED)
            return WEIR_PATH_FAILED;
        for (uint32_t i = 0; i < parts.count; i++) {
            result = path_next(run, node, &parts.items[i], found);
            if (result == WEIR_PATH_FAILED || (result == WEIR_PATH_FOUND && !found))
                return result;
        }
    }
    return result;
}

/* --- values ---------------------------------------------------------------------------------- */

static enum weir_path_result get_variable(struct weir_path_run *run,
                                          const struct weir_path_node *node,
                                          struct weir_path_items *found)
{
    struct weir_path_item item = {0};
    if (!run->variables.data) /* of an operator */
        return next_text(run, node, weir_slice_from_string("null"), found);
    if (weir_json_scan_key(run->variables, node->text, true, &item.text))
        return path_next(run, node, &item, found);
    return path_fail_hard(run, WEIR_E_BAD_JSON_PATH, "there is no JSON path variable \"%.*s\"",
                          path_clip(node->text), node->text.data);
}

static enum weir_path_result get_last(struct weir_path_run *run, const struct weir_path_node *node,
                                      struct weir_path_items *found)
{
    char digits[WEIR_NUMBER_I64_SIZE];
    size_t size = weir_number_print_i64(digits, run->innermost_size - 1);
    char *text = weir_arena_copy(run->arena, weir_slice_make(digits, size));
    return next_text(run, node, weir_slice_make(text, size), found);
}

/* --- arithmetic ------------------------------------------------------------------------------ */

static const char *const arithmetic_signs[] = {"+", "-", "*", "/", "%", "+", "-"};

static enum weir_path_result operand(struct weir_path_run *run, const struct weir_path_node *node,
                                     const struct weir_path_node *side,
                                     const struct weir_path_item *item, struct weir_slice *out)
{
    struct weir_path_items found = {0};
    enum weir_path_result result = path_item_result(run, side, item, true, &found);
    if (result == WEIR_PATH_FAILED)
        return result;
    if (found.count != 1 || path_kind(&found.items[0]) != WEIR_JSON_NUMBER)
        return path_fail(run, "the %s operand of %s is not a single number",
                         side == node->left ? "left" : "right",
                         arithmetic_signs[node->kind - WEIR_PATH_ADD]);
    *out = found.items[0].text;
    return WEIR_PATH_FOUND;
}

static enum weir_path_result compute_binary(struct weir_path_run *run,
                                            const struct weir_path_node *node,
                                            const struct weir_path_item *item,
                                            struct weir_path_items *found)
{
    struct weir_slice left, right, value;
    enum weir_path_result result = operand(run, node, node->left, item, &left);
    if (result != WEIR_PATH_FAILED)
        result = operand(run, node, node->right, item, &right);
    if (result == WEIR_PATH_FAILED)
        return result;
    const char *failure = weir_path_arithmetic(node->kind, left, right, run->arena, &value);
    if (failure)
        return path_fail(run, "%s", failure);
    return next_text(run, node, value, found);
}

static enum weir_path_result compute_unary(struct weir_path_run *run,
                                           const struct weir_path_node *node,
                                           const struct weir_path_item *item,
                                           struct weir_path_items *found)
{
    struct weir_path_items operands = {0};
    struct weir_slice value;
    enum weir_path_result result = path_item_result(run, node->left, item, true, &operands);
    if (result == WEIR_PATH_FAILED)
        return result;
    result = WEIR_PATH_NOT_FOUND;
    for (uint32_t i = 0; i < operands.count; i++) {
        bool is_number = path_kind(&operands.items[i]) == WEIR_JSON_NUMBER;
        if (!found && !node->next) {
            if (is_number)
                return WEIR_PATH_FOUND;
            continue;
        }
        if (!is_number)
            return path_fail(run, "the operand of %s is not a number",
                             arithmetic_signs[node->kind - WEIR_PATH_ADD]);
        const char *failure =
            weir_path_unary(node->kind, operands.items[i].text, run->arena, &value);
        if (failure)
            return path_fail(run, "%s", failure);
        enum weir_path_result step = next_text(run, node, value, found);
        if (step == WEIR_PATH_FAILED || (step == WEIR_PATH_FOUND && !found))
            return step;
        if (step == WEIR_PATH_FOUND)
            result = step;
    }
    return result;
}

/* --- dispatch -------------------------------------------------------------------------------- */

/* Accessors that look into arrays in lax mode instead of failing on them. */
static bool unwraps_arrays(enum weir_path_kind kind)
{
    switch (kind) {
    case WEIR_PATH_KEY:
    case WEIR_PATH_ANY_KEY:
    case WEIR_PATH_FILTER:
    case WEIR_PATH_DOUBLE:
    case WEIR_PATH_CEILING:
    case WEIR_PATH_FLOOR:
    case WEIR_PATH_ABS:
    case WEIR_PATH_KEYVALUE:
    case WEIR_PATH_DATETIME:
        return true;
    default:
        return false;
    }
}

static enum weir_path_result dispatch(struct weir_path_run *run, const struct weir_path_node *node,
                                      const struct weir_path_item *item,
                                      struct weir_path_items *found)
{
    struct weir_path_item root = {.text = run->document};
    switch (node->kind) {
    case WEIR_PATH_LITERAL:
        return next_text(run, node, node->text, found);
    case WEIR_PATH_VARIABLE:
        return get_variable(run, node, found);
    case WEIR_PATH_ROOT:
        return path_next(run, node, &root, found);
    case WEIR_PATH_CURRENT:
        return path_next(run, node, &run->current, found);
    case WEIR_PATH_LAST:
        return get_last(run, node, found);
    case WEIR_PATH_KEY:
        return get_key(run, node, item, found);
    case WEIR_PATH_ANY_KEY:
        return get_any_key(run, node, item, found);
    case WEIR_PATH_INDEX:
        return get_index(run, node, item, found);
    case WEIR_PATH_ANY_INDEX:
        return get_any_index(run, node, item, found);
    case WEIR_PATH_ANY:
        return get_any(run, node, item, found);
    case WEIR_PATH_FILTER:
        return get_filtered(run, node, item, found);
    case WEIR_PATH_ANY_CHILD:
        return get_any_child(run, node, item, found);
    case WEIR_PATH_SLICE:
        return get_slice(run, node, item, found);
    case WEIR_PATH_UNION:
        return get_union(run, node, item, found);
    case WEIR_PATH_ADD:
    case WEIR_PATH_SUBTRACT:
    case WEIR_PATH_MULTIPLY:
    case WEIR_PATH_DIVIDE:
    case WEIR_PATH_MODULO:
        return compute_binary(run, node, item, found);
    case WEIR_PATH_PLUS:
    case WEIR_PATH_MINUS:
        return compute_unary(run, node, item, found);
    default:
        break;
    }
    if (!weir_path_is_predicate(node->kind))
        return path_method(run, node, item, found);
    enum weir_path_truth truth = path_truth(run, node, item);
    if (run->status != WEIR_OK)
        return WEIR_PATH_FAILED;
    return next_text(run, node,
                     weir_slice_from_string(truth == PATH_TRUE    ? "true"
                                            : truth == PATH_FALSE ? "false"
                                                                  : "null"),
                     found);
}

enum weir_path_result path_item_unwrap(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found, bool unwraps)
{
    if (path_step(run) == WEIR_PATH_FAILED)
        return WEIR_PATH_FAILED;
    if (unwraps && is_array(item) && unwraps_arrays(node->kind))
        return each_element(run, node, item, found, false);
    return dispatch(run, node, item, found);
}

enum weir_path_result path_item(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item, struct weir_path_items *found)
{
    return path_item_unwrap(run, node, item, found, !run->path->is_strict);
}

enum weir_path_result weir_path_execute(struct weir_path_run *run, struct weir_path_items *found)
{
    struct weir_path_item root = {.text = run->document};
    struct weir_path_items all = {0};
    run->current = root;
    run->innermost_size = -1;
    run->ignores_structure = !run->path->is_strict || run->path->is_jsonpath;
    run->throws = !run->is_silent;
    run->steps = 0;
    run->status = WEIR_OK;
    /* Strict: nothing is found before everything has been looked at. */
    if (found || !run->path->is_strict)
        return path_item(run, run->path->root, &root, found);
    enum weir_path_result result = path_item(run, run->path->root, &root, &all);
    if (result == WEIR_PATH_FAILED)
        return result;
    return all.count ? WEIR_PATH_FOUND : WEIR_PATH_NOT_FOUND;
}
