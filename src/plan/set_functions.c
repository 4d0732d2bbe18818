/* x IN (constants), x op ANY (array), x op ALL (array).
 *
 * An IN list of constants becomes in_set(x, list) with an open-addressing table over the list's
 * elements, made once at planning:
 *
 *     slots: | . | 3 | . | 0 | …      slot = hash & mask, linear probing; entries are element + 1
 *
 * True when an element equals x; else NULL when x or an element is null; else false. ANY and ALL
 * compare x with each element of the row's array by the total order of SEMANTICS "Equality and
 * order", which is that of the comparison operators. */
#include "plan/binder_internal.h"

#include "base/hash.h"
#include "column/builder.h"

enum { HASH_BATCH = 256 };

struct set {
    struct weir_column elements; /* FLAT, no nulls */
    uint32_t *slots;             /* element + 1; 0: free */
    uint32_t mask;
    bool has_null;
};

static uint64_t lane_hash(const struct weir_column *column, uint32_t lane)
{
    /* Selections are 16 bits wide: far lanes are reached by a shifted view of one lane. */
    struct weir_column one;
    uint64_t hash = 0;
    if (lane <= UINT16_MAX) {
        uint16_t selection = (uint16_t)lane;
        weir_column_hash(column, &selection, 1, 0, false, &hash);
        return hash;
    }
    one = *column;
    one.values = (const char *)column->values + (size_t)lane * weir_type_width(column->type);
    one.rows_count = 1;
    weir_column_hash(&one, NULL, 1, 0, false, &hash);
    return hash;
}

static bool set_contains(const struct set *set, const struct weir_column *column, uint32_t lane,
                         uint64_t hash)
{
    for (uint32_t slot = (uint32_t)hash & set->mask; set->slots[slot];
         slot = (slot + 1) & set->mask)
        if (weir_column_equals(&set->elements, set->slots[slot] - 1, column, lane))
            return true;
    return false;
}

static void in_set_kernel(struct weir_kernel_call *call)
{
    const struct set *set = call->instance;
    uint8_t *out = call->out_values;
    uint16_t lanes[HASH_BATCH];
    uint64_t hashes[HASH_BATCH];
    uint32_t count = 0, k = 0;
    while (k < call->selected_count) {
        for (count = 0; k < call->selected_count && count < HASH_BATCH; k++)
            lanes[count++] = (uint16_t)(call->selection ? call->selection[k] : k);
        weir_column_hash(&call->args[0], lanes, count, 0, false, hashes);
        for (uint32_t i = 0; i < count; i++) {
            bool null = weir_arg_is_null(call, 0, lanes[i]);
            bool found = !null && set_contains(set, &call->args[0], lanes[i], hashes[i]);
            out[lanes[i]] = found;
            if (!found && (null || set->has_null))
                weir_kernel_set_null(call, lanes[i]);
        }
    }
}

static const struct weir_function in_set_function = {.name = "in_set",
                                                     .signature = "(any, anyarray) -> boolean",
                                                     .kernel = in_set_kernel,
                                                     .flags = WEIR_FUNCTION_HIDDEN,
                                                     .category = "compare",
                                                     .summary =
                                                         "whether a value is one of constants",
                                                     .example = "",
                                                     .result = ""};

static bool build_set(struct plan_binder *b, const struct weir_column *elements, struct set *set)
{
    uint32_t capacity = 8;
    while (capacity < elements->rows_count * 2 && capacity < UINT32_C(1) << 30)
        capacity *= 2;
    set->elements = *elements;
    set->mask = capacity - 1;
    set->slots = PLAN_ARRAY(b, uint32_t, capacity);
    if (!set->slots)
        return false;
    for (uint32_t i = 0; i < elements->rows_count; i++) {
        uint64_t hash = lane_hash(elements, i);
        if (set_contains(set, elements, i, hash))
            continue;
        uint32_t slot = (uint32_t)hash & set->mask;
        while (set->slots[slot])
            slot = (slot + 1) & set->mask;
        set->slots[slot] = i + 1;
    }
    return true;
}

/* The items that are not null as one FLAT column. */
static bool collect_items(struct plan_binder *b, const struct weir_expr *const *items,
                          uint32_t count, struct weir_column *out, bool *has_null)
{
    struct weir_builder *builder = PLAN_NEW(b, struct weir_builder);
    if (!builder)
        return false;
    if (weir_builder_init(builder, items[0]->type, b->arena, &b->error) != WEIR_OK)
        return plan_report(b, items[0]->position);
    for (uint32_t i = 0; i < count; i++) {
        if (plan_expr_is_null(items[i])) {
            *has_null = true;
            continue;
        }
        if (weir_builder_append_lanes(builder, &items[i]->constant, NULL, 1, &b->error) != WEIR_OK)
            return plan_report(b, items[i]->position);
    }
    *out = weir_builder_column(builder);
    return true;
}

/* The list as a constant of type LIST, so that expressions over equal lists are equal. */
static const struct weir_expr *list_constant(struct plan_binder *b,
                                             const struct weir_column *elements, bool has_null,
                                             struct weir_position position)
{
    struct weir_builder *builder = PLAN_NEW(b, struct weir_builder);
    const struct weir_type *type = weir_type_list(b->arena, elements->type);
    if (!builder || !type) {
        plan_out_of_memory(b);
        return NULL;
    }
    enum weir_status status = weir_builder_init(builder, type, b->arena, &b->error);
    if (status == WEIR_OK)
        status = weir_builder_append_lanes(&builder->children[0], elements, NULL,
                                           elements->rows_count, &b->error);
    if (status == WEIR_OK && has_null)
        status = weir_builder_append_null(&builder->children[0], &b->error);
    if (status == WEIR_OK)
        status = weir_builder_end_list(builder, 0, &b->error);
    if (status != WEIR_OK) {
        plan_report(b, position);
        return NULL;
    }
    struct weir_column column = weir_builder_column(builder);
    return plan_expr_constant(b, &column, position);
}

const struct weir_expr *plan_expr_in_set(struct plan_binder *b, const struct weir_expr *operand,
                                         const struct weir_expr *const *items, uint32_t count,
                                         struct weir_position position)
{
    struct set *set = PLAN_NEW(b, struct set);
    struct weir_column elements;
    if (!set || !collect_items(b, items, count, &elements, &set->has_null) ||
        !build_set(b, &elements, set))
        return NULL;
    const struct weir_expr **args = PLAN_ARRAY(b, const struct weir_expr *, 2);
    struct weir_expr *call =
        plan_expr_new(b, WEIR_EXPR_CALL, weir_type_of(WEIR_TYPE_BOOLEAN), position);
    if (!args || !call)
        return NULL;
    args[0] = operand;
    args[1] = list_constant(b, &elements, set->has_null, position);
    if (!args[1])
        return NULL;
    call->function = &in_set_function;
    call->instance = set;
    call->args = args;
    call->args_count = 2;
    call->nullable = set->has_null || operand->nullable;
    return call;
}

/* ---------------------------------------------------------------- ANY, ALL */

static bool holds(enum weir_sql_operator op, int order)
{
    switch (op) {
    case WEIR_SQL_OP_EQUAL:
        return order == 0;
    case WEIR_SQL_OP_NOT_EQUAL:
        return order != 0;
    case WEIR_SQL_OP_LESS:
        return order < 0;
    case WEIR_SQL_OP_LESS_EQUAL:
        return order <= 0;
    case WEIR_SQL_OP_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static void quantified(struct weir_kernel_call *call, enum weir_sql_operator op, bool all)
{
    uint8_t *out = call->out_values;
    const struct weir_column *elements = &call->args[1].children[0];
    WEIR_FOR_LANES(call, lane)
    {
        out[lane] = all;
        if (weir_arg_is_null(call, 1, lane)) {
            weir_kernel_set_null(call, lane);
            continue;
        }
        struct weir_list_entry entry = *WEIR_ARG(call, 1, struct weir_list_entry, lane);
        bool null = false, decided = false;
        for (uint32_t i = 0; i < entry.count && !decided; i++) {
            uint32_t element = entry.offset + i;
            if (weir_arg_is_null(call, 0, lane) || weir_column_is_null(elements, element)) {
                null = true;
                continue;
            }
            decided =
                holds(op, weir_column_compare(&call->args[0], lane, elements, element)) != all;
        }
        if (decided)
            out[lane] = !all;
        else if (null)
            weir_kernel_set_null(call, lane);
    }
}

#define QUANTIFIED(name, op)                              \
    static void name##_any(struct weir_kernel_call *call) \
    {                                                     \
        quantified(call, op, false);                      \
    }                                                     \
    static void name##_all(struct weir_kernel_call *call) \
    {                                                     \
        quantified(call, op, true);                       \
    }
QUANTIFIED(equal, WEIR_SQL_OP_EQUAL)
QUANTIFIED(not_equal, WEIR_SQL_OP_NOT_EQUAL)
QUANTIFIED(less, WEIR_SQL_OP_LESS)
QUANTIFIED(less_equal, WEIR_SQL_OP_LESS_EQUAL)
QUANTIFIED(greater, WEIR_SQL_OP_GREATER)
QUANTIFIED(greater_equal, WEIR_SQL_OP_GREATER_EQUAL)

#define ENTRY(spelling, kernel_)                                                           \
    {                                                                                      \
        .name = spelling, .signature = "(any, anyarray) -> boolean", .kernel = kernel_,    \
        .flags = WEIR_FUNCTION_HIDDEN, .category = "compare",                              \
        .summary = "comparison with the elements of an array", .example = "", .result = "" \
    }
static const struct weir_function quantified_functions[][2] = {
    {ENTRY("= any", equal_any), ENTRY("= all", equal_all)},
    {ENTRY("<> any", not_equal_any), ENTRY("<> all", not_equal_all)},
    {ENTRY("< any", less_any), ENTRY("< all", less_all)},
    {ENTRY("<= any", less_equal_any), ENTRY("<= all", less_equal_all)},
    {ENTRY("> any", greater_any), ENTRY("> all", greater_all)},
    {ENTRY(">= any", greater_equal_any), ENTRY(">= all", greater_equal_all)},
};

static bool meet_with_elements(struct plan_binder *b, const struct weir_expr **operand,
                               const struct weir_expr **array, struct weir_position position)
{
    if (plan_expr_is_unknown(*array)) {
        const struct weir_type *element =
            plan_expr_is_unknown(*operand) ? weir_type_of(WEIR_TYPE_TEXT) : (*operand)->type;
        *array =
            plan_cast(b, *array, weir_type_list(b->arena, element), WEIR_CAST_EXPLICIT, position);
    }
    if (!*array)
        return false;
    if ((*array)->type->kind != WEIR_TYPE_LIST)
        return plan_fail(b, (*array)->position, WEIR_E_TYPE_MISMATCH,
                         "ANY and ALL need an array, this is %s",
                         weir_type_name((*array)->type).text);
    const struct weir_type *types[2] = {(*operand)->type, (*array)->type->children[0]};
    bool unknown[2] = {plan_expr_is_unknown(*operand), false};
    const struct weir_type *common = weir_type_common(types, unknown, 2, b->arena);
    if (!common)
        return plan_fail(b, position, WEIR_E_TYPE_MISMATCH, "%s cannot be compared with %s",
                         weir_type_name(types[0]).text, weir_type_name(types[1]).text);
    *operand = plan_cast(b, *operand, common, WEIR_CAST_ASSIGNMENT, position);
    *array = plan_cast(b, *array, weir_type_list(b->arena, common), WEIR_CAST_ASSIGNMENT, position);
    return *operand && *array;
}

const struct weir_expr *plan_expr_quantified(struct plan_binder *b, enum weir_sql_operator op,
                                             bool all, const struct weir_expr *operand,
                                             const struct weir_expr *array,
                                             struct weir_position position)
{
    if (op < WEIR_SQL_OP_EQUAL || op > WEIR_SQL_OP_GREATER_EQUAL) {
        plan_refuse(b, position, "%s %s over an array", weir_sql_operator_spelling(op),
                    all ? "ALL" : "ANY");
        return NULL;
    }
    if (!meet_with_elements(b, &operand, &array, position))
        return NULL;
    const struct weir_expr *const args[2] = {operand, array};
    return plan_expr_call(b, &quantified_functions[op - WEIR_SQL_OP_EQUAL][all],
                          weir_type_of(WEIR_TYPE_BOOLEAN), args, 2, position);
}
