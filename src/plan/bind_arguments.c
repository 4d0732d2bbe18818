/* Arguments given by name: make_interval(days => 10), and those of SQL functions by the names of
 * their declaration.
 *
 *     make_interval(2, days => 10)    names: years months weeks days …
 *     → 2, 0, 0, 10                   gaps take the defaults of kernel/argument_names.def
 *
 * Arguments by place come first. A function with several lists of names takes the first list that
 * fits the call. */
#include "plan/bind_arguments_internal.h"
#include "sql/sql.h"

/* One list of names. */
struct parameters {
    struct weir_slice *names;
    struct weir_slice *defaults; /* of the last defaults_count names */
    uint32_t count, defaults_count;
};

static bool has_names(const struct weir_sql_call *call)
{
    for (uint32_t i = 0; i < call->arguments_count; i++)
        if (call->arguments[i].name.text.data)
            return true;
    return false;
}

/* The words of a text; they borrow it. */
static struct weir_slice *split_words(struct plan_binder *b, const char *text, uint32_t *count)
{
    struct weir_slice rest = weir_slice_trim(weir_slice_from_string(text));
    struct weir_slice *words = PLAN_ARRAY(b, struct weir_slice, rest.size + 1);
    *count = 0;
    while (words && rest.size) {
        size_t size = 0;
        while (size < rest.size && rest.data[size] != ' ')
            size++;
        words[(*count)++] = weir_slice_make(rest.data, size);
        rest = weir_slice_trim(weir_slice_make(rest.data + size, rest.size - size));
    }
    return words;
}

static uint32_t find_parameter(const struct parameters *parameters, struct weir_slice name)
{
    for (uint32_t i = 0; i < parameters->count; i++)
        if (weir_slice_equals(parameters->names[i], name))
            return i;
    return UINT32_MAX;
}

/* Puts the call's arguments where they belong. NULL: the list fits the call; otherwise the reason.
 */
static const char *place(const struct parameters *parameters, const struct weir_sql_call *call,
                         const struct weir_sql_expr **placed, uint32_t *count)
{
    bool named = false;
    *count = 0;
    for (uint32_t i = 0; i < call->arguments_count; i++) {
        const struct weir_sql_argument *argument = &call->arguments[i];
        uint32_t at = i;
        if (argument->name.text.data)
            at = find_parameter(parameters, argument->name.text);
        else if (named)
            return "an argument by place cannot follow one by name";
        named |= argument->name.text.data != NULL;
        if (at >= parameters->count)
            return "it has no argument of that name";
        if (placed[at])
            return "an argument is given twice";
        placed[at] = argument->value;
        *count = at + 1 > *count ? at + 1 : *count;
    }
    for (uint32_t i = 0; i < parameters->count; i++)
        if (!placed[i] && i + parameters->defaults_count < parameters->count)
            return "an argument is missing";
    return NULL;
}

static const struct weir_sql_expr *default_of(struct plan_binder *b,
                                              const struct parameters *parameters, uint32_t at)
{
    uint32_t first = parameters->count - parameters->defaults_count;
    struct weir_sql_expr *expr = NULL;
    if (weir_sql_parse_expression(parameters->defaults[at - first], b->arena, &expr, &b->error) !=
        WEIR_OK)
        plan_out_of_memory(b);
    return expr;
}

static const struct weir_expr **bind_placed(struct plan_binder *b, struct plan_context *context,
                                            const struct parameters *parameters,
                                            const struct weir_sql_expr **placed, uint32_t count)
{
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    bool ok = args != NULL;
    for (uint32_t i = 0; args && i < count; i++) {
        const struct weir_sql_expr *value = placed[i] ? placed[i] : default_of(b, parameters, i);
        args[i] = value ? plan_bind(b, context, value) : NULL;
        ok &= args[i] != NULL;
    }
    return ok ? args : NULL;
}

/* The lists of names that the function may mean. */
static struct parameters *collect_parameters(struct plan_binder *b, const struct plan_entry *entry,
                                             struct weir_slice name, uint32_t *count)
{
    size_t all_count;
    const struct weir_argument_names *all = weir_argument_names_all(&all_count);
    struct parameters *lists = PLAN_ARRAY(b, struct parameters, all_count + 1);
    *count = 0;
    if (lists && entry) {
        const struct weir_sql_create_function *function = entry->function;
        struct parameters *list = &lists[(*count)++];
        *list = (struct parameters){.count = function->arguments_count};
        list->names = PLAN_ARRAY(b, struct weir_slice, list->count + 1);
        for (uint32_t i = 0; list->names && i < list->count; i++)
            list->names[i] = function->arguments[i].name.text;
        return list->names ? lists : NULL;
    }
    for (size_t i = 0; lists && i < all_count; i++) {
        if (!weir_slice_equals_string(name, all[i].function))
            continue;
        struct parameters *list = &lists[(*count)++];
        *list = (struct parameters){0};
        list->names = split_words(b, all[i].names, &list->count);
        list->defaults = split_words(b, all[i].defaults, &list->defaults_count);
        if (!list->names || !list->defaults)
            return NULL;
    }
    return lists;
}

static const struct weir_expr **bind_by_name(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_call *call,
                                             const struct plan_entry *entry, uint32_t *count)
{
    struct weir_slice name = call->name.items[call->name.count - 1].text;
    uint32_t lists_count;
    const char *failure = "its arguments have no names here";
    struct parameters *lists = collect_parameters(b, entry, name, &lists_count);
    if (!lists)
        return NULL;
    for (uint32_t i = 0; i < lists_count; i++) {
        const struct weir_sql_expr **placed =
            PLAN_ARRAY(b, const struct weir_sql_expr *, lists[i].count + 1);
        if (!placed)
            return NULL;
        failure = place(&lists[i], call, placed, count);
        if (!failure)
            return bind_placed(b, context, &lists[i], placed, *count);
    }
    plan_fail(b, call->name.items[call->name.count - 1].position, WEIR_E_UNKNOWN_FUNCTION,
              "\"%.*s\" cannot be called so: %s", WEIR_SLICE_ARGS(name), failure);
    return NULL;
}

const struct weir_expr **plan_bind_arguments(struct plan_binder *b, struct plan_context *context,
                                             const struct weir_sql_call *call,
                                             const struct plan_entry *entry, uint32_t *count)
{
    if (has_names(call))
        return bind_by_name(b, context, call, entry, count);
    *count = call->arguments_count;
    const struct weir_expr **args =
        PLAN_ARRAY(b, const struct weir_expr *, call->arguments_count + 1);
    bool ok = args != NULL;
    for (uint32_t i = 0; args && i < call->arguments_count; i++) {
        args[i] = plan_bind(b, context, call->arguments[i].value);
        ok &= args[i] != NULL;
    }
    return ok ? args : NULL;
}
