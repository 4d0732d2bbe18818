/* Predicates of SQL/JSON paths, in three values: true, false, unknown.
 *
 * A comparison holds when it holds for any pair of items of both sides. Lax mode stops at the first
 * that does; strict mode looks at all, and one that cannot be compared makes the answer unknown. */
#include "kernel/json/path_internal.h"
#include "value/timezone.h"

typedef enum weir_path_truth (*pair_fn)(struct weir_path_run *run,
                                        const struct weir_path_node *node,
                                        const struct weir_path_item *left,
                                        const struct weir_path_item *right);

/* Failures on the way are not described: they make the predicate unknown. */
static enum weir_path_result quietly(struct weir_path_run *run, const struct weir_path_node *node,
                                     const struct weir_path_item *item, bool unwrap,
                                     struct weir_path_items *found)
{
    bool saved = run->throws;
    run->throws = false;
    enum weir_path_result result = path_item_result(run, node, item, unwrap, found);
    run->throws = saved;
    return result;
}

static enum weir_path_truth any_pair(struct weir_path_run *run, const struct weir_path_node *node,
                                     const struct weir_path_item *item, bool unwrap_right,
                                     pair_fn holds)
{
    struct weir_path_items left = {0}, right = {0};
    static const struct weir_path_item none;
    bool unknown = false, found = false;
    if (quietly(run, node->left, item, true, &left) == WEIR_PATH_FAILED ||
        (node->right && quietly(run, node->right, item, unwrap_right, &right) == WEIR_PATH_FAILED))
        return PATH_UNKNOWN;
    for (uint32_t i = 0; i < left.count; i++) {
        for (uint32_t k = 0; k < (node->right ? right.count : 1); k++) {
            if (path_step(run) == WEIR_PATH_FAILED)
                return PATH_UNKNOWN;
            enum weir_path_truth truth =
                holds(run, node, &left.items[i], node->right ? &right.items[k] : &none);
            if (truth == PATH_UNKNOWN && run->path->is_strict)
                return PATH_UNKNOWN;
            if (truth == PATH_TRUE && !run->path->is_strict)
                return PATH_TRUE;
            unknown |= truth == PATH_UNKNOWN;
            found |= truth == PATH_TRUE;
        }
    }
    return found ? PATH_TRUE : unknown ? PATH_UNKNOWN : PATH_FALSE;
}

/* --- comparison ------------------------------------------------------------------------------ */

static enum weir_path_truth truth_of(bool value)
{
    return value ? PATH_TRUE : PATH_FALSE;
}

static enum weir_path_truth holds_for(enum weir_path_kind kind, int order)
{
    switch (kind) {
    case WEIR_PATH_EQUAL:
        return truth_of(order == 0);
    case WEIR_PATH_NOT_EQUAL:
        return truth_of(order != 0);
    case WEIR_PATH_LESS:
        return truth_of(order < 0);
    case WEIR_PATH_LESS_EQUAL:
        return truth_of(order <= 0);
    case WEIR_PATH_GREATER:
        return truth_of(order > 0);
    default:
        return truth_of(order >= 0);
    }
}

static enum weir_path_truth compare_times(struct weir_path_run *run,
                                          const struct weir_path_node *node,
                                          const struct weir_path_item *left,
                                          const struct weir_path_item *right)
{
    int order = 0;
    const struct weir_timezone *zone = run->call->session ? run->call->session->timezone : NULL;
    switch (weir_path_time_compare(left->time, right->time, run->use_zone, zone, &order)) {
    case WEIR_PATH_TIME_COMPARED:
        return holds_for(node->kind, order);
    case WEIR_PATH_TIME_NEEDS_ZONE:
        (void)path_fail_hard(run, WEIR_E_BAD_JSON_PATH,
                             "comparing %s with %s needs a time zone: use the _tz functions",
                             weir_path_time_name(left->time->kind),
                             weir_path_time_name(right->time->kind));
        return PATH_UNKNOWN;
    default:
        return PATH_UNKNOWN;
    }
}

static enum weir_path_truth compare_texts(struct weir_path_run *run,
                                          const struct weir_path_node *node, struct weir_slice left,
                                          struct weir_slice right)
{
    if (weir_json_string_text(left, run->arena, &left) == WEIR_JSON_TEXT_MEMORY ||
        weir_json_string_text(right, run->arena, &right) == WEIR_JSON_TEXT_MEMORY) {
        (void)path_fail_memory(run);
        return PATH_UNKNOWN;
    }
    return holds_for(node->kind, weir_slice_compare(left, right));
}

static bool is_boolean(enum weir_json_kind kind)
{
    return kind == WEIR_JSON_TRUE || kind == WEIR_JSON_FALSE;
}

static enum weir_path_truth compare_pair(struct weir_path_run *run,
                                         const struct weir_path_node *node,
                                         const struct weir_path_item *left,
                                         const struct weir_path_item *right)
{
    enum weir_json_kind a = path_kind(left), b = path_kind(right);
    if (left->time && right->time)
        return compare_times(run, node, left, right);
    if (is_boolean(a) && is_boolean(b))
        return holds_for(node->kind, (a == WEIR_JSON_TRUE) - (b == WEIR_JSON_TRUE));
    if (a != b) /* null equals nothing else; other kinds cannot be compared */
        return a == WEIR_JSON_NULL || b == WEIR_JSON_NULL
                   ? truth_of(node->kind == WEIR_PATH_NOT_EQUAL)
                   : PATH_UNKNOWN;
    switch (a) {
    case WEIR_JSON_NULL:
        return holds_for(node->kind, 0);
    case WEIR_JSON_NUMBER:
        return holds_for(node->kind, weir_json_compare_numbers(left->text, right->text));
    case WEIR_JSON_STRING:
        return compare_texts(run, node, left->text, right->text);
    default:
        return PATH_UNKNOWN;
    }
}

/* --- strings --------------------------------------------------------------------------------- */

static enum weir_path_truth starts_pair(struct weir_path_run *run,
                                        const struct weir_path_node *node,
                                        const struct weir_path_item *left,
                                        const struct weir_path_item *right)
{
    struct weir_slice text, start;
    (void)node;
    if (path_kind(left) != WEIR_JSON_STRING || path_kind(right) != WEIR_JSON_STRING)
        return PATH_UNKNOWN;
    if (weir_json_string_text(left->text, run->arena, &text) == WEIR_JSON_TEXT_MEMORY ||
        weir_json_string_text(right->text, run->arena, &start) == WEIR_JSON_TEXT_MEMORY) {
        (void)path_fail_memory(run);
        return PATH_UNKNOWN;
    }
    return truth_of(text.size >= start.size &&
                    (!start.size || !memcmp(text.data, start.data, start.size)));
}

/* The call that kernel/string/regex.h sees: one lane of (text, pattern, flags). */
static enum weir_path_truth match_text(struct weir_path_run *run, const struct weir_path_node *node,
                                       struct weir_slice text)
{
    struct weir_view views[3] = {weir_view_from_slice(text), weir_view_from_slice(node->text),
                                 weir_view_from_slice(node->flags)};
    struct weir_column columns[3];
    struct weir_error error = {0};
    struct weir_kernel_errors errors = {.error = &error};
    for (int i = 0; i < 3; i++)
        columns[i] = (struct weir_column){.type = weir_type_of(WEIR_TYPE_TEXT),
                                          .encoding = WEIR_CONSTANT,
                                          .rows_count = 1,
                                          .values = &views[i]};
    struct weir_column out = {.type = weir_type_of(WEIR_TYPE_BOOLEAN), .rows_count = 1};
    uint64_t validity = 1;
    struct weir_kernel_call call = {.rows_count = 1,
                                    .selected_count = 1,
                                    .args = columns,
                                    .args_count = 3,
                                    .out = &out,
                                    .validity = &validity,
                                    .arena = run->arena,
                                    .instance = node->regex,
                                    .scratch = &run->regexes[node->regex_index],
                                    .session = run->call->session,
                                    .errors = &errors};
    bool stop = false;
    enum weir_regex_result result = WEIR_REGEX_STOP;
    struct weir_regex_run *regexes = weir_regex_open(&call, &weir_path_regex_use);
    const struct weir_regex *regex = regexes ? weir_regex_of_lane(&call, 0, regexes, &stop) : NULL;
    if (regex)
        result = weir_regex_search(&call, 0, regexes, regex, text, 0, NULL, 0);
    if (regexes)
        weir_regex_close(&call, regexes);
    if (result == WEIR_REGEX_FOUND || result == WEIR_REGEX_NOT_FOUND)
        return truth_of(result == WEIR_REGEX_FOUND);
    if (errors.status == WEIR_OK || errors.status == WEIR_E_OUT_OF_MEMORY ||
        errors.status == WEIR_E_MEMORY_LIMIT)
        (void)path_fail_memory(run);
    else
        (void)path_fail_hard(run, errors.status, "%s", error.message);
    return PATH_UNKNOWN;
}

static enum weir_path_truth like_pair(struct weir_path_run *run, const struct weir_path_node *node,
                                      const struct weir_path_item *left,
                                      const struct weir_path_item *right)
{
    struct weir_slice text;
    (void)right;
    if (path_kind(left) != WEIR_JSON_STRING)
        return PATH_UNKNOWN;
    if (weir_json_string_text(left->text, run->arena, &text) != WEIR_JSON_TEXT_MEMORY)
        return match_text(run, node, text);
    (void)path_fail_memory(run);
    return PATH_UNKNOWN;
}

/* --- dispatch -------------------------------------------------------------------------------- */

static enum weir_path_truth exists(struct weir_path_run *run, const struct weir_path_node *node,
                                   const struct weir_path_item *item)
{
    struct weir_path_items all = {0};
    bool strict = run->path->is_strict;
    enum weir_path_result result = quietly(run, node->left, item, false, strict ? &all : NULL);
    if (result == WEIR_PATH_FAILED)
        return PATH_UNKNOWN;
    return truth_of(strict ? all.count != 0 : result == WEIR_PATH_FOUND);
}

static enum weir_path_truth negated(enum weir_path_truth truth)
{
    return truth == PATH_UNKNOWN ? truth : truth_of(truth == PATH_FALSE);
}

/* deciding: FALSE for AND, TRUE for OR. */
static enum weir_path_truth both(struct weir_path_run *run, const struct weir_path_node *node,
                                 const struct weir_path_item *item, enum weir_path_truth deciding)
{
    enum weir_path_truth left = path_truth(run, node->left, item);
    if (left == deciding || run->status != WEIR_OK)
        return left;
    enum weir_path_truth right = path_truth(run, node->right, item);
    return right == negated(deciding) ? left : right;
}

enum weir_path_truth path_truth(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item)
{
    switch (node->kind) {
    case WEIR_PATH_AND:
        return both(run, node, item, PATH_FALSE);
    case WEIR_PATH_OR:
        return both(run, node, item, PATH_TRUE);
    case WEIR_PATH_NOT:
        return negated(path_truth(run, node->left, item));
    case WEIR_PATH_IS_UNKNOWN:
        return truth_of(path_truth(run, node->left, item) == PATH_UNKNOWN);
    case WEIR_PATH_EXISTS:
        return exists(run, node, item);
    case WEIR_PATH_STARTS_WITH:
        return any_pair(run, node, item, false, starts_pair);
    case WEIR_PATH_LIKE_REGEX:
        return any_pair(run, node, item, false, like_pair);
    default:
        return any_pair(run, node, item, true, compare_pair);
    }
}
