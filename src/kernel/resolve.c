/* Which overload a call means: Postgres 15 chapters 10.2 (operators) and 10.3 (functions).
 *
 *   1. candidates of that name and argument count
 *   2. an exact match of all types wins; for operators an untyped literal is first taken to be of
 *      the other side's type
 *   3. TINYINT and unsigned arguments, unknown to Postgres: all integers meet in one type and
 *      step 2 is tried again; failing that they stand for the next wider Postgres type
 *   4. candidates that the arguments reach by implicit casts
 *   5. those with most exact arguments, then with most preferred types where a cast is needed
 *   6. untyped literals choose a category: text if any candidate takes it, else the only one
 *   7. last, untyped literals are taken to be of the one type that all others share
 *
 * Parameters such as anyelement are never exact; the type they stand for is worked out per
 * candidate. Tests: tests/unit/kernel/test_resolve.c. */
#include "kernel/resolve.h"
#include "kernel/cast_internal.h"
#include "kernel/type_rules.h"

enum { CANDIDATES_MAX = 96, POLYMORPHIC_TYPES_MAX = 64 };

struct candidate {
    size_t index;
    const char *text;
    struct weir_signature signature;
    const struct weir_type *element;   /* anyelement or anyoperand, when the call fits */
    const struct weir_type *container; /* anymap or anystruct */
    bool alive;
};

struct resolver {
    const struct weir_resolve_table *table;
    const struct weir_resolve_call *call;
    const struct weir_type **types; /* of the arguments, as step 3 sees them */
    bool *unknown;
    struct candidate *candidates;
    uint32_t candidates_count;
};

struct entry_head {
    const char *name;
    const char *signature;
};
static const struct entry_head *entry_at(const struct weir_resolve_table *table, size_t i)
{
    return (const void *)((const char *)table->entries + i * table->entry_size);
}

bool weir_resolve_name_exists(const struct weir_resolve_table *table, struct weir_slice name)
{
    for (size_t i = 0; i < table->entries_count; i++)
        if (weir_slice_equals_string(name, entry_at(table, i)->name))
            return true;
    return false;
}

static bool is_operator(struct weir_slice name)
{
    char c = name.size ? name.data[0] : 'a';
    return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
             (unsigned char)c > 127);
}

/* --- what a candidate asks of an argument ------------------------------------------------- */

/* The concrete type parameter i stands for, NULL when it takes anything as it is. */
static const struct weir_type *param_type(const struct candidate *candidate, uint32_t i,
                                          struct weir_arena *arena)
{
    const struct weir_param *param = weir_signature_param(&candidate->signature, i);
    switch (param->kind) {
    case WEIR_PARAM_TYPE:
        return param->type;
    case WEIR_PARAM_ANYELEMENT:
    case WEIR_PARAM_ANYOPERAND:
        return candidate->element;
    case WEIR_PARAM_ANYARRAY:
        return weir_type_list(arena, candidate->element);
    case WEIR_PARAM_ANYMAP:
    case WEIR_PARAM_ANYSTRUCT:
        return candidate->container;
    case WEIR_PARAM_ANYKEY:
        return candidate->container ? candidate->container->children[0] : NULL;
    case WEIR_PARAM_ANYVALUE:
        return candidate->container ? candidate->container->children[1] : NULL;
    case WEIR_PARAM_ANY:
    case WEIR_PARAM_ANYNONARRAY:
        break;
    }
    return NULL;
}

static bool is_polymorphic(const struct candidate *candidate, uint32_t i)
{
    return weir_signature_param(&candidate->signature, i)->kind != WEIR_PARAM_TYPE;
}

/* A type of the pattern's category that argument i fits into anyway ("is exact"). */
static bool is_exact(const struct resolver *resolver, const struct candidate *candidate, uint32_t i,
                     const struct weir_type *type)
{
    (void)resolver;
    return !is_polymorphic(candidate, i) &&
           weir_type_same(weir_signature_param(&candidate->signature, i)->type, type);
}

/* REAL meets any other number in DOUBLE, as Postgres' cross-type operators do; TIME becomes
 * INTERVAL by its implicit cast. */
static const struct weir_type *operand_meet(const struct weir_type *a, const struct weir_type *b,
                                            struct weir_arena *arena)
{
    if (weir_type_is_number(a) && weir_type_is_number(b) && a->kind != b->kind &&
        (a->kind == WEIR_TYPE_FLOAT32 || b->kind == WEIR_TYPE_FLOAT32))
        return weir_type_of(WEIR_TYPE_FLOAT64);
    if ((a->kind == WEIR_TYPE_TIME && b->kind == WEIR_TYPE_INTERVAL) ||
        (a->kind == WEIR_TYPE_INTERVAL && b->kind == WEIR_TYPE_TIME))
        return weir_type_of(WEIR_TYPE_INTERVAL);
    return weir_type_meet(a, b, arena);
}

/* Adds argument i to what anyelement stands for. */
static bool element_add(struct resolver *resolver, struct candidate *candidate, uint32_t i)
{
    const struct weir_param *param = weir_signature_param(&candidate->signature, i);
    const struct weir_type *type = resolver->types[i];
    if (param->kind == WEIR_PARAM_ANYARRAY) {
        if (type->kind != WEIR_TYPE_LIST)
            return false;
        type = type->children[0];
    }
    if (!candidate->element) {
        candidate->element = type;
        return true;
    }
    candidate->element = param->kind == WEIR_PARAM_ANYOPERAND
                             ? operand_meet(candidate->element, type, resolver->call->arena)
                             : weir_type_meet(candidate->element, type, resolver->call->arena);
    return candidate->element != NULL;
}

/* Works out what the polymorphic parameters stand for. */
static bool bind_polymorphic(struct resolver *resolver, struct candidate *candidate)
{
    bool has_element = false, has_container = false;
    candidate->element = candidate->container = NULL;
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        const struct weir_param *param = weir_signature_param(&candidate->signature, i);
        bool is_element = param->kind == WEIR_PARAM_ANYELEMENT ||
                          param->kind == WEIR_PARAM_ANYOPERAND ||
                          param->kind == WEIR_PARAM_ANYARRAY;
        has_element |= is_element;
        has_container |= param->kind >= WEIR_PARAM_ANYMAP;
        if (resolver->unknown[i])
            continue;
        enum weir_type_kind kind = resolver->types[i]->kind;
        if (is_element && !element_add(resolver, candidate, i))
            return false;
        if ((param->kind == WEIR_PARAM_ANYMAP && kind != WEIR_TYPE_MAP) ||
            (param->kind == WEIR_PARAM_ANYSTRUCT && kind != WEIR_TYPE_STRUCT))
            return false;
        if (param->kind == WEIR_PARAM_ANYMAP || param->kind == WEIR_PARAM_ANYSTRUCT)
            candidate->container = resolver->types[i];
    }
    if (has_element && !candidate->element)
        candidate->element = weir_type_of(WEIR_TYPE_TEXT);
    return candidate->container || !has_container; /* an untyped literal is no map */
}

static bool fits(struct resolver *resolver, struct candidate *candidate)
{
    if (!bind_polymorphic(resolver, candidate))
        return false;
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        const struct weir_param *param = weir_signature_param(&candidate->signature, i);
        if (resolver->unknown[i] || param->kind == WEIR_PARAM_ANY)
            continue;
        if (param->kind == WEIR_PARAM_ANYNONARRAY) {
            if (weir_type_is_nested(resolver->types[i]))
                return false;
            continue;
        }
        const struct weir_type *type = param_type(candidate, i, resolver->call->arena);
        if (!type || weir_cast_level(resolver->types[i], type) != WEIR_CAST_IMPLICIT)
            return false;
    }
    return true;
}

/* --- steps --------------------------------------------------------------------------------- */

static enum weir_status collect(struct resolver *resolver, bool *name_found,
                                struct weir_error *error)
{
    const struct weir_resolve_call *call = resolver->call;
    for (size_t i = 0; i < resolver->table->entries_count; i++) {
        const struct entry_head *entry = entry_at(resolver->table, i);
        if (!weir_slice_equals_string(call->name, entry->name))
            continue;
        *name_found = true;
        if (resolver->table->is_eligible && !resolver->table->is_eligible(entry))
            continue;
        if (resolver->candidates_count == CANDIDATES_MAX)
            return weir_error_set(error, WEIR_E_INTERNAL, "too many overloads of %s", entry->name);
        struct candidate *candidate = &resolver->candidates[resolver->candidates_count];
        WEIR_TRY(weir_signature_parse(entry->signature, call->arena, &candidate->signature, error));
        candidate->index = i;
        candidate->text = entry->signature;
        candidate->alive = true;
        if (weir_signature_takes(&candidate->signature, call->args_count))
            resolver->candidates_count++;
    }
    return WEIR_OK;
}

/* All types equal; an unknown argument counts as assumed, NULL: it is no match. */
static struct candidate *find_exact(struct resolver *resolver, const struct weir_type *assumed)
{
    for (uint32_t c = 0; c < resolver->candidates_count; c++) {
        struct candidate *candidate = &resolver->candidates[c];
        bool all = true;
        for (uint32_t i = 0; i < resolver->call->args_count && all; i++) {
            const struct weir_type *type = resolver->unknown[i] ? assumed : resolver->types[i];
            all = type && is_exact(resolver, candidate, i, type);
        }
        if (all)
            return candidate;
    }
    return NULL;
}

/* Step 2 for operators: `column + '5'` takes the literal to be of the column's type. */
static struct candidate *find_exact_operator(struct resolver *resolver)
{
    const struct weir_resolve_call *call = resolver->call;
    if (!is_operator(call->name) || call->args_count != 2 ||
        resolver->unknown[0] == resolver->unknown[1])
        return NULL;
    return find_exact(resolver, resolver->types[resolver->unknown[0] ? 1 : 0]);
}

/* The value of a non-negative integer constant; false when it is none. */
static bool natural_constant(const struct weir_function_arg *arg, uint64_t *value)
{
    const struct weir_column *constant = arg->constant;
    if (!constant || weir_column_is_null(constant, 0))
        return false;
    int64_t number = -1;
    if (constant->type->kind == WEIR_TYPE_INT32)
        number = *(const int32_t *)constant->values;
    else if (constant->type->kind == WEIR_TYPE_INT64)
        number = *(const int64_t *)constant->values;
    *value = (uint64_t)number;
    return number >= 0;
}

static bool natural_fits(uint64_t value, enum weir_type_kind kind)
{
    return kind == WEIR_TYPE_UINT64 || value >> (8u << (kind - WEIR_TYPE_UINT8)) == 0;
}

/* A non-negative literal beside an unsigned argument adopts its type. */
static void adopt_literals(struct resolver *resolver)
{
    const struct weir_resolve_call *call = resolver->call;
    const struct weir_type *adopted = NULL;
    for (uint32_t i = 0; i < call->args_count; i++)
        if (resolver->types[i]->kind >= WEIR_TYPE_UINT8 &&
            resolver->types[i]->kind <= WEIR_TYPE_UINT64)
            adopted = resolver->types[i];
    for (uint32_t i = 0; adopted && i < call->args_count; i++) {
        uint64_t value;
        if (natural_constant(&call->args[i], &value) && natural_fits(value, adopted->kind))
            resolver->types[i] = adopted;
    }
}

/* Step 3. */
static struct candidate *find_foreign(struct resolver *resolver)
{
    const struct weir_resolve_call *call = resolver->call;
    bool any = false, all_integers = true;
    for (uint32_t i = 0; i < call->args_count; i++) {
        any |= weir_type_is_foreign_integer(resolver->types[i]);
        all_integers &= resolver->unknown[i] || weir_type_is_integer(resolver->types[i]);
    }
    if (!any)
        return NULL;
    adopt_literals(resolver);
    if (all_integers) {
        const struct weir_type *common =
            weir_type_common(resolver->types, resolver->unknown, call->args_count, call->arena);
        const struct weir_type *kept[WEIR_SIGNATURE_PARAMS_MAX];
        if (common && call->args_count <= WEIR_SIGNATURE_PARAMS_MAX) {
            memcpy(kept, resolver->types, call->args_count * sizeof *kept);
            for (uint32_t i = 0; i < call->args_count; i++)
                resolver->types[i] = common;
            struct candidate *found = find_exact(resolver, common);
            if (found)
                return found;
            memcpy(resolver->types, kept, call->args_count * sizeof *kept);
        }
    }
    for (uint32_t i = 0; i < call->args_count; i++)
        resolver->types[i] = weir_type_native(resolver->types[i], call->arena);
    return find_exact(resolver, NULL);
}

static uint32_t alive_count(const struct resolver *resolver, struct candidate **last)
{
    uint32_t count = 0;
    for (uint32_t c = 0; c < resolver->candidates_count; c++)
        if (resolver->candidates[c].alive) {
            count++;
            *last = &resolver->candidates[c];
        }
    return count;
}

typedef uint32_t (*score_fn)(struct resolver *resolver, struct candidate *candidate);

static uint32_t score_exact(struct resolver *resolver, struct candidate *candidate)
{
    uint32_t score = 0;
    for (uint32_t i = 0; i < resolver->call->args_count; i++)
        score += !resolver->unknown[i] && is_exact(resolver, candidate, i, resolver->types[i]);
    return score;
}

static uint32_t score_preferred(struct resolver *resolver, struct candidate *candidate)
{
    uint32_t score = 0;
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        if (resolver->unknown[i])
            continue;
        const struct weir_param *param = weir_signature_param(&candidate->signature, i);
        score += is_exact(resolver, candidate, i, resolver->types[i]) ||
                 (param->kind == WEIR_PARAM_TYPE && weir_type_is_preferred(param->type) &&
                  weir_type_category(param->type) == weir_type_category(resolver->types[i]));
    }
    return score;
}

static void keep_best(struct resolver *resolver, score_fn score_of)
{
    uint32_t best = 0;
    for (uint32_t c = 0; c < resolver->candidates_count; c++)
        if (resolver->candidates[c].alive) {
            uint32_t score = score_of(resolver, &resolver->candidates[c]);
            best = score > best ? score : best;
        }
    for (uint32_t c = 0; c < resolver->candidates_count; c++)
        if (resolver->candidates[c].alive && score_of(resolver, &resolver->candidates[c]) < best)
            resolver->candidates[c].alive = false;
}

static char param_category(const struct resolver *resolver, const struct candidate *candidate,
                           uint32_t i)
{
    (void)resolver;
    const struct weir_param *param = weir_signature_param(&candidate->signature, i);
    return param->kind == WEIR_PARAM_TYPE ? weir_type_category(param->type) : 'P';
}

/* The category all alive candidates agree on for argument i, S when any takes text, 0: none.
 * *has_preferred says whether one of them takes its preferred type. */
static char unknown_category(const struct resolver *resolver, uint32_t i, bool *has_preferred)
{
    char category = 0;
    bool is_text = false, conflict = false;
    *has_preferred = false;
    for (uint32_t c = 0; c < resolver->candidates_count; c++) {
        const struct candidate *candidate = &resolver->candidates[c];
        if (!candidate->alive)
            continue;
        char own = param_category(resolver, candidate, i);
        is_text |= own == 'S';
        conflict |= category && own != category;
        category = own;
    }
    if (is_text)
        category = 'S';
    else if (conflict)
        return 0;
    for (uint32_t c = 0; c < resolver->candidates_count; c++) {
        const struct candidate *candidate = &resolver->candidates[c];
        const struct weir_param *param = weir_signature_param(&candidate->signature, i);
        if (candidate->alive && param->kind == WEIR_PARAM_TYPE &&
            weir_type_category(param->type) == category && weir_type_is_preferred(param->type))
            *has_preferred = true;
    }
    return category;
}

static bool takes_category(const struct resolver *resolver, const struct candidate *candidate,
                           uint32_t i, char category, bool has_preferred)
{
    const struct weir_param *param = weir_signature_param(&candidate->signature, i);
    return param_category(resolver, candidate, i) == category &&
           !(has_preferred && param->kind == WEIR_PARAM_TYPE &&
             !weir_type_is_preferred(param->type));
}

/* Step 6. When some literal finds no category, or nobody takes all that were found, the
 * candidates stay as they are. */
static void choose_by_literals(struct resolver *resolver)
{
    uint64_t kept[CANDIDATES_MAX / 64 + 1];
    memset(kept, 0xFF, sizeof kept);
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        if (!resolver->unknown[i])
            continue;
        bool has_preferred;
        char category = unknown_category(resolver, i, &has_preferred);
        if (!category)
            return;
        for (uint32_t c = 0; c < resolver->candidates_count; c++)
            if (!takes_category(resolver, &resolver->candidates[c], i, category, has_preferred))
                weir_bit_clear(kept, c);
    }
    bool any = false;
    for (uint32_t c = 0; c < resolver->candidates_count; c++)
        any |= resolver->candidates[c].alive && weir_bit_get(kept, c);
    for (uint32_t c = 0; any && c < resolver->candidates_count; c++)
        resolver->candidates[c].alive &= weir_bit_get(kept, c);
}

/* Step 7. */
static struct candidate *choose_by_one_type(struct resolver *resolver)
{
    const struct weir_type *type = NULL;
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        if (resolver->unknown[i])
            continue;
        if (type && !weir_type_same(type, resolver->types[i]))
            return NULL;
        type = resolver->types[i];
    }
    struct candidate *found = NULL;
    for (uint32_t c = 0; type && c < resolver->candidates_count; c++) {
        struct candidate *candidate = &resolver->candidates[c];
        bool takes = candidate->alive;
        for (uint32_t i = 0; i < resolver->call->args_count && takes; i++) {
            const struct weir_type *param = param_type(candidate, i, resolver->call->arena);
            takes = !param || weir_cast_level(type, param) == WEIR_CAST_IMPLICIT;
        }
        if (takes && found)
            return NULL;
        if (takes)
            found = candidate;
    }
    return found;
}

/* Steps 4 to 7. */
static struct candidate *choose(struct resolver *resolver, uint32_t *left)
{
    struct candidate *last = NULL;
    for (uint32_t c = 0; c < resolver->candidates_count; c++)
        resolver->candidates[c].alive = fits(resolver, &resolver->candidates[c]);
    *left = alive_count(resolver, &last);
    if (*left <= 1)
        return last;
    keep_best(resolver, score_exact);
    if (alive_count(resolver, &last) == 1)
        return last;
    keep_best(resolver, score_preferred);
    if (alive_count(resolver, &last) == 1)
        return last;
    bool any_unknown = false;
    for (uint32_t i = 0; i < resolver->call->args_count; i++)
        any_unknown |= resolver->unknown[i];
    if (!any_unknown)
        return NULL;
    choose_by_literals(resolver);
    if (alive_count(resolver, &last) == 1)
        return last;
    return choose_by_one_type(resolver);
}

/* --- the answer ------------------------------------------------------------------------------ */

/* DECIMAL parameters take the argument's own precision and scale; an untyped literal brings those
 * it is written with. */
static const struct weir_type *decimal_arg_type(const struct weir_function_arg *arg,
                                                struct weir_arena *arena)
{
    const struct weir_column *constant = arg->constant;
    if (arg->is_unknown_literal && constant && constant->type->kind == WEIR_TYPE_TEXT &&
        !weir_column_is_null(constant, 0)) {
        struct weir_decimal value;
        struct weir_slice text = weir_slice_trim(weir_view_slice(constant->values));
        if (weir_decimal_parse_natural(text, &value) == WEIR_PARSE_OK)
            return weir_type_decimal_capped(arena, weir_decimal_digits(value.unscaled),
                                            value.scale);
        return weir_type_of(WEIR_TYPE_DECIMAL);
    }
    const struct weir_type *type = weir_type_as_decimal(arg->type, arena);
    return type ? type : weir_type_of(WEIR_TYPE_DECIMAL);
}

/* Whether an argument of a comparison has more whole digits than the common DECIMAL has room for;
 * the arguments are then compared at the scales they have. */
static bool is_beyond_common(const struct resolver *resolver, const struct candidate *candidate)
{
    const struct weir_type *common = candidate->element;
    if (!common || common->kind != WEIR_TYPE_DECIMAL ||
        candidate->signature.result.kind != WEIR_PARAM_TYPE)
        return false;
    unsigned room = (unsigned)common->precision - common->scale;
    for (uint32_t i = 0; i < resolver->call->args_count; i++) {
        const struct weir_type *type =
            weir_type_as_decimal(resolver->call->args[i].type, resolver->call->arena);
        if (type && (unsigned)type->precision - type->scale > room)
            return true;
    }
    return false;
}

/* A literal beside VARCHAR(n) is as long as it is written. */
static const struct weir_type *without_length(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TEXT ? weir_type_of(WEIR_TYPE_TEXT) : type;
}

static const struct weir_type *final_element(const struct resolver *resolver,
                                             const struct candidate *candidate)
{
    for (uint32_t i = 0; candidate->element && i < resolver->call->args_count; i++)
        if (resolver->unknown[i] && is_polymorphic(candidate, i))
            return without_length(candidate->element);
    return candidate->element;
}

static const struct weir_type *final_arg_type(const struct resolver *resolver,
                                              const struct candidate *candidate, uint32_t i)
{
    const struct weir_function_arg *arg = &resolver->call->args[i];
    const struct weir_param *param = weir_signature_param(&candidate->signature, i);
    const struct weir_type *type = param_type(candidate, i, resolver->call->arena);
    if (param->kind == WEIR_PARAM_ANY || param->kind == WEIR_PARAM_ANYNONARRAY || !type)
        return arg->type->kind == WEIR_TYPE_NULL ? weir_type_of(WEIR_TYPE_TEXT) : arg->type;
    if (param->kind == WEIR_PARAM_ANYOPERAND && is_beyond_common(resolver, candidate))
        return decimal_arg_type(arg, resolver->call->arena);
    if (param->kind != WEIR_PARAM_TYPE && resolver->unknown[i])
        return without_length(type);
    if (param->kind != WEIR_PARAM_TYPE)
        return type;
    if (type->kind == WEIR_TYPE_DECIMAL)
        return decimal_arg_type(arg, resolver->call->arena);
    return !resolver->unknown[i] && weir_type_same(type, arg->type) ? arg->type : type;
}

static const struct weir_type *final_result_type(const struct resolver *resolver,
                                                 const struct candidate *candidate,
                                                 const struct weir_type *const *arg_types)
{
    const struct weir_param *result = &candidate->signature.result;
    const struct weir_type *container = candidate->container;
    switch (result->kind) {
    case WEIR_PARAM_ANYELEMENT:
    case WEIR_PARAM_ANYOPERAND:
        return final_element(resolver, candidate);
    case WEIR_PARAM_ANYARRAY:
        return weir_type_list(resolver->call->arena, candidate->element);
    case WEIR_PARAM_ANYMAP:
    case WEIR_PARAM_ANYSTRUCT:
        return container;
    case WEIR_PARAM_ANYKEY:
        return container ? container->children[0] : NULL;
    case WEIR_PARAM_ANYVALUE:
        return container ? container->children[1] : NULL;
    case WEIR_PARAM_ANY:
    case WEIR_PARAM_ANYNONARRAY:
        return resolver->call->args_count ? arg_types[0] : weir_type_of(WEIR_TYPE_NULL);
    case WEIR_PARAM_TYPE:
        break;
    }
    if (result->type->kind == WEIR_TYPE_DECIMAL)
        for (uint32_t i = 0; i < resolver->call->args_count; i++)
            if (arg_types[i]->kind == WEIR_TYPE_DECIMAL)
                return arg_types[i];
    return result->type;
}

static enum weir_status finish(struct resolver *resolver, struct candidate *candidate,
                               struct weir_resolution *out, struct weir_error *error)
{
    const struct weir_resolve_call *call = resolver->call;
    if (!bind_polymorphic(resolver, candidate))
        return weir_error_set(error, WEIR_E_INTERNAL, "resolution lost its types");
    out->index = candidate->index;
    out->arg_types =
        WEIR_ARENA_ARRAY(call->arena, const struct weir_type *, (size_t)call->args_count + 1);
    out->constants =
        WEIR_ARENA_ARRAY(call->arena, const struct weir_column *, (size_t)call->args_count + 1);
    if (!out->arg_types || !out->constants)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < call->args_count; i++) {
        out->arg_types[i] = final_arg_type(resolver, candidate, i);
        if (!out->arg_types[i])
            return weir_error_set_out_of_memory(error);
        out->constants[i] = weir_cast_constant(call->args[i].constant, out->arg_types[i],
                                               call->session, call->arena);
    }
    out->result_type = final_result_type(resolver, candidate, out->arg_types);
    return out->result_type ? WEIR_OK : weir_error_set_out_of_memory(error);
}

/* --- errors -------------------------------------------------------------------------------- */

static void describe_call(const struct weir_resolve_call *call, struct weir_buffer *text)
{
    bool infix = is_operator(call->name) && call->args_count == 2;
    if (!infix) {
        weir_buffer_append_slice(text, call->name);
        weir_buffer_append_string(text, is_operator(call->name) ? " " : "(");
    }
    for (uint32_t i = 0; i < call->args_count; i++) {
        if (i && infix)
            weir_buffer_printf(text, " %.*s ", WEIR_SLICE_ARGS(call->name));
        else if (i)
            weir_buffer_append_string(text, ", ");
        if (call->args[i].is_unknown_literal)
            weir_buffer_append_string(text, "unknown");
        else
            weir_type_print(call->args[i].type, text);
    }
    if (!is_operator(call->name))
        weir_buffer_append_string(text, ")");
}

static void add_candidates(const struct resolver *resolver, struct weir_error *error)
{
    enum { SHOWN_MAX = 5 };
    struct weir_buffer list;
    weir_buffer_init(&list, NULL);
    uint32_t count = 0;
    for (size_t i = 0; i < resolver->table->entries_count; i++) {
        const struct entry_head *entry = entry_at(resolver->table, i);
        if (!weir_slice_equals_string(resolver->call->name, entry->name))
            continue;
        if (count < SHOWN_MAX)
            weir_buffer_printf(&list, "%s%s%s", count ? "; " : "", entry->name, entry->signature);
        else if (count == SHOWN_MAX)
            weir_buffer_append_string(&list, "; …");
        count++;
    }
    if (!list.failed)
        weir_error_detail(error, "there is %.*s", WEIR_SLICE_ARGS(weir_buffer_slice(&list)));
    weir_buffer_deinit(&list);
}

static void add_nearest(const struct resolver *resolver, struct weir_error *error)
{
    const struct weir_resolve_table *table = resolver->table;
    struct weir_slice nearest = {0};
    struct weir_slice *names =
        WEIR_ARENA_ARRAY(resolver->call->arena, struct weir_slice, table->entries_count + 1);
    if (!names || is_operator(resolver->call->name) || resolver->call->name.size > 255)
        return;
    size_t count = 0;
    for (size_t i = 0; i < table->entries_count; i++) {
        struct weir_slice name = weir_slice_from_string(entry_at(table, i)->name);
        if (!is_operator(name))
            names[count++] = name;
    }
    nearest = weir_slice_nearest(resolver->call->name, names, count);
    if (nearest.size)
        weir_error_hint(error, "did you mean %.*s?", WEIR_SLICE_ARGS(nearest));
}

static bool any_json(const struct weir_resolve_call *call)
{
    for (uint32_t i = 0; i < call->args_count; i++)
        if (call->args[i].type->kind == WEIR_TYPE_JSON ||
            call->args[i].type->kind == WEIR_TYPE_JSONB)
            return true;
    return false;
}

static enum weir_status fail(const struct resolver *resolver, bool name_found, bool ambiguous,
                             struct weir_error *error)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    describe_call(resolver->call, &text);
    const char *noun = is_operator(resolver->call->name) ? "operator" : resolver->table->noun;
    enum weir_status status = ambiguous ? WEIR_E_AMBIGUOUS_NAME : WEIR_E_UNKNOWN_FUNCTION;
    weir_error_set(error, status, ambiguous ? "%s %.*s is not unique" : "no %s %.*s", noun,
                   WEIR_SLICE_ARGS(weir_buffer_slice(&text)));
    weir_buffer_deinit(&text);
    if (ambiguous)
        weir_error_hint(error, "cast the arguments to the types that are meant");
    else if (name_found && any_json(resolver->call))
        weir_error_hint(error,
                        "cast the JSON to what it holds: CAST(… AS DOUBLE), or TRY_CAST, which "
                        "gives NULL where it holds something else");
    else if (name_found && is_operator(resolver->call->name) && resolver->call->args_count == 2)
        weir_error_hint(error, "cast one side to the type of the other");
    if (name_found)
        add_candidates(resolver, error);
    else
        add_nearest(resolver, error);
    return status;
}

static enum weir_status resolve(const struct weir_resolve_table *table,
                                const struct weir_resolve_call *call, struct candidate *candidates,
                                struct weir_resolution *out, struct weir_error *error)
{
    struct resolver resolver = {.table = table, .call = call, .candidates = candidates};
    resolver.types =
        WEIR_ARENA_ARRAY(call->arena, const struct weir_type *, (size_t)call->args_count + 1);
    resolver.unknown = WEIR_ARENA_ARRAY(call->arena, bool, (size_t)call->args_count + 1);
    if (!resolver.types || !resolver.unknown)
        return weir_error_set_out_of_memory(error);
    for (uint32_t i = 0; i < call->args_count; i++) {
        resolver.types[i] = call->args[i].type;
        resolver.unknown[i] =
            call->args[i].is_unknown_literal || call->args[i].type->kind == WEIR_TYPE_NULL;
    }
    bool name_found = false;
    WEIR_TRY(collect(&resolver, &name_found, error));
    uint32_t left = 0;
    struct candidate *found = find_exact(&resolver, NULL);
    if (!found)
        found = find_exact_operator(&resolver);
    if (!found)
        found = find_foreign(&resolver);
    if (!found)
        found = choose(&resolver, &left);
    if (!found)
        return fail(&resolver, name_found, left > 1, error);
    return finish(&resolver, found, out, error);
}

/* The candidates are large and soon forgotten: they must not fill the arena of the plan. */
enum weir_status weir_resolve(const struct weir_resolve_table *table,
                              const struct weir_resolve_call *call, struct weir_resolution *out,
                              struct weir_error *error)
{
    struct candidate *candidates = weir_malloc(CANDIDATES_MAX * sizeof *candidates);
    if (!candidates)
        return weir_error_set_out_of_memory(error);
    enum weir_status status = resolve(table, call, candidates, out, error);
    weir_free(candidates);
    return status;
}
