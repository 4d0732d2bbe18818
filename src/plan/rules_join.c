/* What the condition of a join says about keys and about time.
 *
 *     l.k = r.k                   a key; what is no column becomes one, by a projection below
 *     l.ts <= r.ts + INTERVAL …   with l.ts the event time of the left input: once the watermark is
 *                                 past r.ts + …, a right row matches nothing any more (`expires`),
 * and a left row that is behind the watermark comes too late (`late`) l.window = r.window both, at
 * the window's end
 *
 * Bounds stay in the condition; a key leaves it. */
#include "plan/rules_internal.h"

#include "base/checked.h"
#include "value/interval.h"

enum { INTERVAL_GRANULARITY_US = WEIR_US_PER_SECOND };

enum { SIDE_NONE = 0, SIDE_LEFT = 1, SIDE_RIGHT = 2, SIDE_BOTH = 3 };

struct joining {
    struct plan_binder *b;
    struct plan_rel *rel;
    uint32_t left_count;
    const struct weir_expr **conjuncts; /* left: those that are not keys */
    uint32_t conjuncts_count;
    struct plan_list keys[2];   /* const struct weir_expr *, over the side's own columns */
    struct plan_list null_safe; /* const struct weir_expr *: the conjunct, NULL when it is not */
    int64_t delay_us; /* largest distance of an expiry from the event time; -1: not known */
    bool windowed;
};

/* ---------------------------------------------------------------- expressions */

static unsigned sides_of(const struct weir_expr *expr, uint32_t left_count)
{
    if (expr->kind == WEIR_EXPR_COLUMN)
        return expr->index < left_count ? SIDE_LEFT : SIDE_RIGHT;
    unsigned sides = SIDE_NONE;
    for (uint32_t i = 0; i < expr->args_count; i++)
        sides |= sides_of(expr->args[i], left_count);
    return sides;
}

static bool is_call(const struct weir_expr *expr, const char *name)
{
    return expr->kind == WEIR_EXPR_CALL && expr->args_count == 2 &&
           strcmp(expr->function->name, name) == 0;
}

/* An expression over the right columns of a join as one over the right input, and back. */
static const struct weir_expr *shift_columns(struct plan_binder *b, const struct weir_expr *expr,
                                             uint32_t columns, int64_t by)
{
    uint32_t *map = PLAN_ARRAY(b, uint32_t, columns + 1);
    for (uint32_t i = 0; map && i < columns; i++)
        map[i] = (uint32_t)((int64_t)i + by);
    expr = map ? plan_renumber(b->arena, expr, map) : NULL;
    if (!expr)
        plan_out_of_memory(b);
    return expr;
}

const struct weir_expr *plan_rules_of_side(struct plan_binder *b, const struct plan_rel *join,
                                           const struct weir_expr *expr, uint32_t side)
{
    uint32_t left = join->inputs[0]->fields_count, right = join->inputs[1]->fields_count;
    return side == 0 ? expr : shift_columns(b, expr, left + right, -(int64_t)left);
}

int plan_rules_side(const struct plan_rel *join, const struct weir_expr *expr)
{
    unsigned sides = sides_of(expr, join->inputs[0]->fields_count);
    return sides == SIDE_LEFT ? 0 : sides == SIDE_RIGHT ? 1 : -1;
}

/* ---------------------------------------------------------------- keys */

/* Conjunct i as a key. */
static bool is_key(const struct joining *j, const struct weir_expr *conjunct, uint32_t i)
{
    bool equality = is_call(conjunct, "=") || is_call(conjunct, "is_not_distinct_from");
    if (!equality || weir_expr_is_volatile(conjunct))
        return false;
    const struct weir_expr *const *args = conjunct->args;
    unsigned first = sides_of(args[0], j->left_count), second = sides_of(args[1], j->left_count);
    bool apart = first + second == SIDE_BOTH && first != SIDE_NONE && second != SIDE_NONE &&
                 first != SIDE_BOTH && second != SIDE_BOTH;
    bool may_run_early =
        i == 0 || (!weir_expr_is_fallible(args[0]) && !weir_expr_is_fallible(args[1]));
    return apart && may_run_early && weir_type_equals(args[0]->type, args[1]->type);
}

static bool take_key(struct joining *j, const struct weir_expr *conjunct)
{
    bool swapped = sides_of(conjunct->args[0], j->left_count) == SIDE_RIGHT;
    bool null_safe = is_call(conjunct, "is_not_distinct_from");
    for (uint32_t side = 0; side < 2; side++) {
        const struct weir_expr *key =
            plan_rules_of_side(j->b, j->rel, conjunct->args[side ^ swapped], side);
        if (!key || !plan_list_push(j->b, &j->keys[side], (void *)(uintptr_t)key))
            return false;
    }
    return plan_list_push(j->b, &j->null_safe, null_safe ? (void *)(uintptr_t)conjunct : NULL);
}

static bool find_keys(struct joining *j)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->conjuncts_count; i++) {
        const struct weir_expr *conjunct = j->conjuncts[i];
        if (!is_key(j, conjunct, i))
            j->conjuncts[kept++] = conjunct;
        else if (!take_key(j, conjunct))
            return false;
    }
    j->conjuncts_count = kept;
    return true;
}

/* The keys of a lookup: what they say whole is no condition any more. */
static bool find_lookup_keys(struct joining *j)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < j->conjuncts_count; i++) {
        const struct weir_expr *left, *right;
        bool says_all = false;
        if (!plan_lookup_key(j->b, j->rel, j->conjuncts[i], &left, &right, &says_all))
            return false;
        if (!left || !says_all)
            j->conjuncts[kept++] = j->conjuncts[i];
        if (left && (!plan_list_push(j->b, &j->keys[0], (void *)(uintptr_t)left) ||
                     !plan_list_push(j->b, &j->keys[1], (void *)(uintptr_t)right) ||
                     !plan_list_push(j->b, &j->null_safe, NULL)))
            return false;
    }
    j->conjuncts_count = kept;
    return j->keys[0].count > 0 || plan_lookup_without_key(j->b, j->rel);
}

/* The input with a column for every key. columns[k] is key k's. */
static struct plan_rel *with_key_columns(struct plan_binder *b, struct plan_rel *input,
                                         const struct plan_list *keys, uint32_t *columns)
{
    uint32_t count = input->fields_count, most = count + keys->count;
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, most + 1);
    struct weir_slice *names = PLAN_ARRAY(b, struct weir_slice, most + 1);
    if (!exprs || !names)
        return NULL;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = input->fields[i].name;
        exprs[i] = plan_rel_column(b, input, i, input->position);
    }
    for (uint32_t k = 0; k < keys->count; k++) {
        const struct weir_expr *key = keys->items[k];
        if (key->kind == WEIR_EXPR_COLUMN) {
            columns[k] = key->index;
            continue;
        }
        columns[k] = count;
        names[count] = weir_slice_from_string("key");
        exprs[count++] = key;
    }
    if (count == input->fields_count)
        return input;
    return plan_rel_compute(b, input, NULL, exprs, names, count, input->position);
}

/* Puts a projection to the columns there were in rel's place, and the join below it. */
static struct plan_rel *below_projection(struct plan_binder *b, struct plan_rel *rel,
                                         uint32_t left_before)
{
    struct plan_rel *join = PLAN_NEW(b, struct plan_rel);
    const struct weir_expr **exprs = PLAN_ARRAY(b, const struct weir_expr *, rel->fields_count + 1);
    uint32_t left = rel->inputs[0]->fields_count;
    uint32_t right = rel->of.join.kind == WEIR_JOIN_PAIRS ? rel->inputs[1]->fields_count : 0;
    struct weir_field *fields = PLAN_ARRAY(b, struct weir_field, left + right + 1);
    struct plan_rel **inputs = PLAN_ARRAY(b, struct plan_rel *, 1);
    if (!join || !exprs || !fields || !inputs)
        return NULL;
    *join = *rel;
    for (uint32_t i = 0; i < left + right; i++)
        fields[i] = i < left ? rel->inputs[0]->fields[i] : rel->inputs[1]->fields[i - left];
    for (uint32_t i = 0; i < rel->fields_count; i++) {
        uint32_t column = i < left_before ? i : i - left_before + left;
        fields[column] = rel->fields[i];
        exprs[i] = plan_expr_column(b, column, rel->fields[i].type, rel->fields[i].nullable,
                                    rel->position);
    }
    join->fields = fields;
    join->fields_count = left + right;
    join->consumers = 1;
    inputs[0] = join;
    rel->kind = WEIR_PLAN_COMPUTE;
    rel->inputs = inputs;
    rel->inputs_count = 1;
    rel->of.compute = (struct weir_plan_compute){.projections = exprs};
    return join;
}

/* Gives the join its keys; j->rel is the join afterwards, which may be below what it was. */
static bool set_keys(struct joining *j)
{
    struct plan_binder *b = j->b;
    struct weir_plan_join *join = &j->rel->of.join;
    uint32_t left_before = j->left_count, count = j->keys[0].count;
    uint32_t right_before = j->rel->inputs[1]->fields_count;
    bool *null_safe = PLAN_ARRAY(b, bool, count + 1);
    bool grown = false;
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t *columns = PLAN_ARRAY(b, uint32_t, count + 1);
        uint32_t before = j->rel->inputs[side]->fields_count;
        if (!columns || !null_safe)
            return false;
        j->rel->inputs[side] = with_key_columns(b, j->rel->inputs[side], &j->keys[side], columns);
        if (!j->rel->inputs[side])
            return false;
        grown |= j->rel->inputs[side]->fields_count != before;
        join->sides[side].keys = columns;
    }
    for (uint32_t k = 0; k < count; k++)
        null_safe[k] = j->null_safe.items[k] != NULL;
    join->keys_count = count;
    join->null_safe = null_safe;
    if (!grown)
        return true;
    j->left_count = j->rel->inputs[0]->fields_count;
    uint32_t *map = PLAN_ARRAY(b, uint32_t, left_before + right_before + 1);
    for (uint32_t i = 0; map && i < left_before + right_before; i++)
        map[i] = i < left_before ? i : i - left_before + j->left_count;
    for (uint32_t i = 0; map && i < j->conjuncts_count; i++) {
        j->conjuncts[i] = plan_renumber(b->arena, j->conjuncts[i], map);
        if (!j->conjuncts[i]) {
            plan_out_of_memory(b);
            return false;
        }
    }
    j->rel = map ? below_projection(b, j->rel, left_before) : NULL;
    return j->rel != NULL;
}

/* ---------------------------------------------------------------- time */

static bool is_time(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_TIMESTAMP || type->kind == WEIR_TYPE_TIMESTAMPTZ;
}

/* The event time of an input as an expression over the join's columns? */
static bool is_event_time(const struct joining *j, const struct weir_expr *expr, uint32_t side)
{
    const struct plan_rel *input = j->rel->inputs[side];
    uint32_t shift = side == 0 ? 0 : j->left_count;
    return expr->kind == WEIR_EXPR_COLUMN && input->event_time_type && is_time(expr->type) &&
           input->event_time_column != PLAN_NONE && expr->index == input->event_time_column + shift;
}

/* A constant duration. */
static bool duration_of(const struct weir_expr *expr, int64_t *us)
{
    if (expr->kind != WEIR_EXPR_CONSTANT || expr->type->kind != WEIR_TYPE_INTERVAL ||
        plan_expr_is_null(expr))
        return false;
    return weir_interval_to_us(*(const struct weir_interval *)expr->constant.values, us);
}

/* Both sides of `low <= high`, with durations moved from low to high: low - d <= high + d. */
struct bound {
    const struct weir_expr *low, *high;
};

static bool isolate(struct plan_binder *b, struct bound *bound)
{
    int64_t us;
    bool minus = is_call(bound->low, "-"), plus = is_call(bound->low, "+");
    if ((!minus && !plus) || !is_time(bound->low->type) || !duration_of(bound->low->args[1], &us))
        return true;
    const struct weir_expr *args[2] = {bound->high, bound->low->args[1]};
    bound->high = plan_function(b, minus ? "+" : "-", args, 2, bound->high->position);
    bound->low = bound->low->args[0];
    return bound->high != NULL;
}

/* How far `expires` of a side is from its event time. */
static int64_t distance_of(const struct joining *j, const struct weir_expr *expires, uint32_t side)
{
    int64_t us;
    if (is_event_time(j, expires, side))
        return 0;
    bool minus = is_call(expires, "-"), plus = is_call(expires, "+");
    if ((!minus && !plus) || !is_event_time(j, expires->args[0], side) ||
        !duration_of(expires->args[1], &us))
        return -1;
    us = minus ? -us : us;
    return us > 0 ? us : 0;
}

/* low <= high with low the event time of one side and high of the other; of a condition, which is
 * not met when a bound is null, or of keys. */
static bool take_bound(struct joining *j, struct bound bound, bool of_condition)
{
    struct weir_plan_join *join = &j->rel->of.join;
    if (!is_time(bound.low->type) || !is_time(bound.high->type) || !isolate(j->b, &bound))
        return !j->b->out_of_memory;
    for (uint32_t side = 0; side < 2; side++) {
        uint32_t other = 1 - side;
        unsigned wanted = other == 0 ? SIDE_LEFT : SIDE_RIGHT;
        if (!is_event_time(j, bound.low, side) || sides_of(bound.high, j->left_count) != wanted ||
            !is_time(bound.high->type) || join->sides[other].expires)
            continue;
        int64_t distance = distance_of(j, bound.high, other);
        if (distance < 0 || j->delay_us < 0)
            j->delay_us = -1;
        else if (distance > j->delay_us)
            j->delay_us = distance;
        join->sides[other].expires = plan_rules_of_side(j->b, j->rel, bound.high, other);
        join->sides[other].null_expires_at_once = of_condition;
        join->sides[side].late = plan_rules_of_side(j->b, j->rel, bound.low, side);
    }
    return !j->b->out_of_memory;
}

static bool find_bounds(struct joining *j, const struct weir_expr *conjunct)
{
    static const char *const less[] = {"<", "<="}, *const greater[] = {">", ">="};
    for (int i = 0; i < 2; i++) {
        if (is_call(conjunct, less[i]))
            return take_bound(j, (struct bound){conjunct->args[0], conjunct->args[1]}, true);
        if (is_call(conjunct, greater[i]))
            return take_bound(j, (struct bound){conjunct->args[1], conjunct->args[0]}, true);
    }
    return true;
}

/* ---------------------------------------------------------------- windows */

enum window_part { PART_NONE, PART_START, PART_END, PART_STRUCT };

static enum window_part window_part(const struct plan_rel *input, uint32_t column)
{
    const struct plan_window_columns *window = &input->window;
    if (!window->present || !input->event_time_type)
        return PART_NONE;
    if (column == window->struct_column)
        return PART_STRUCT;
    if (column == window->end_column)
        return PART_END;
    return column == window->start_column ? PART_START : PART_NONE;
}

/* The window's end less 1 us: the event time of the input's rows. */
static const struct weir_expr *last_moment(struct plan_binder *b, const struct plan_rel *input,
                                           uint32_t column, enum window_part part)
{
    const struct plan_window_columns *window = &input->window;
    struct weir_position at = input->position;
    const struct weir_expr *base = plan_rel_column(b, input, column, at);
    struct weir_interval step = {.us = -1};
    if (base && part == PART_STRUCT)
        base = plan_expr_field(b, base, 1, at);
    if (part == PART_START)
        step = (struct weir_interval){.months = window->width_months, .us = window->width_us - 1};
    const struct weir_expr *interval =
        plan_expr_value(b, weir_type_of(WEIR_TYPE_INTERVAL), &step, at);
    if (!base || !interval || !is_time(base->type))
        return NULL;
    const struct weir_expr *args[2] = {base, interval};
    return plan_function(b, "+", args, 2, at);
}

/* Of windows that only columns know a start says the end when all have one width. */
static bool tells_end(const struct plan_rel *input, enum window_part part)
{
    return part != PART_START || !input->window.given || input->window.one_tells;
}

bool plan_rel_tells_window(const struct plan_rel *rel, uint32_t column)
{
    enum window_part part = window_part(rel, column);
    return part != PART_NONE && tells_end(rel, part);
}

const struct weir_expr *plan_rules_last_moment(struct plan_binder *b, const struct plan_rel *input,
                                               uint32_t column)
{
    enum window_part part = window_part(input, column);
    return part == PART_NONE || !tells_end(input, part) ? NULL
                                                        : last_moment(b, input, column, part);
}

static bool same_windows(const struct plan_rel *left, const struct plan_rel *right)
{
    const struct plan_window_columns *l = &left->window, *r = &right->window;
    if (l->given || r->given) /* equal ends are all that matters */
        return true;
    return l->width_us == r->width_us && l->width_months == r->width_months &&
           l->offset_us == r->offset_us;
}

static int64_t granularity_of(const struct plan_window_columns *window)
{
    return window->given          ? window->granularity_us
           : window->width_months ? WEIR_US_PER_DAY
                                  : window->width_us;
}

/* A divisor of both, at least 1. */
static int64_t common_divisor(int64_t x, int64_t y)
{
    int64_t divisor = weir_gcd_i64(x, y);
    return divisor ? divisor : 1;
}

static int64_t common_granularity(const struct plan_window_columns *a,
                                  const struct plan_window_columns *b)
{
    return common_divisor(granularity_of(a), granularity_of(b));
}

/* All ends of the windows are multiples of it. */
static int64_t ends_granularity(const struct plan_window_columns *window)
{
    return common_divisor(granularity_of(window), window->given ? 0 : window->offset_us);
}

/* A key that is the window of both sides: rows match within it only. */
static bool find_window(struct joining *j)
{
    struct weir_plan_join *join = &j->rel->of.join;
    struct plan_rel *const *inputs = j->rel->inputs;
    for (uint32_t k = 0; k < join->keys_count && !j->windowed; k++) {
        enum window_part left = window_part(inputs[0], join->sides[0].keys[k]);
        enum window_part right = window_part(inputs[1], join->sides[1].keys[k]);
        if (left == PART_NONE || left != right || !same_windows(inputs[0], inputs[1]) ||
            !tells_end(inputs[0], left) || !tells_end(inputs[1], right))
            continue;
        for (uint32_t side = 0; side < 2; side++) {
            const struct weir_expr *last =
                last_moment(j->b, inputs[side], join->sides[side].keys[k], left);
            if (!last)
                return !j->b->out_of_memory;
            join->sides[side].expires = join->sides[side].late = last;
        }
        j->windowed = true;
        const struct plan_window_columns *window = &inputs[0]->window;
        join->granularity_us = window->width_months ? WEIR_US_PER_DAY : window->width_us;
        if (window->offset_us)
            join->granularity_us = 1;
        if (window->given || inputs[1]->window.given)
            join->granularity_us = common_granularity(window, &inputs[1]->window);
        if (j->rel->fields_count >= inputs[0]->fields_count)
            j->rel->window = *window;
    }
    return true;
}

/* ---------------------------------------------------------------- the rule */

/* Both inputs need event times for bounds to mean anything. */
static bool knows_times(const struct plan_rel *rel)
{
    return rel->inputs[0]->event_time_type && rel->inputs[1]->event_time_type;
}

static bool find_times(struct joining *j)
{
    struct plan_rel *rel = j->rel;
    struct weir_plan_join *join = &rel->of.join;
    if (!knows_times(rel)) {
        rel->event_time_type = NULL;
        rel->event_time_column = PLAN_NONE;
        return true;
    }
    if (!find_window(j))
        return false;
    if (!j->windowed) {
        join->granularity_us = INTERVAL_GRANULARITY_US;
        for (uint32_t i = 0; i < j->conjuncts_count; i++)
            if (!find_bounds(j, j->conjuncts[i]))
                return false;
        for (uint32_t k = 0; k < join->keys_count; k++) {
            uint32_t right = join->sides[1].keys[k] + j->left_count;
            const struct weir_field *field = &rel->inputs[0]->fields[join->sides[0].keys[k]];
            struct bound bound = {
                plan_expr_column(j->b, join->sides[0].keys[k], field->type, true, rel->position),
                plan_expr_column(j->b, right, field->type, true, rel->position)};
            if (!bound.low || !bound.high || !take_bound(j, bound, false) ||
                !take_bound(j, (struct bound){bound.high, bound.low}, false))
                return false;
        }
    }
    /* Rows that wait come out with times of their own: how far behind has to be known. */
    bool waits = join->kind != WEIR_JOIN_PAIRS || join->sides[0].keep_unmatched ||
                 join->sides[1].keep_unmatched;
    if (waits && (j->delay_us < 0 || !join->sides[0].expires)) {
        rel->event_time_type = NULL;
        rel->event_time_column = PLAN_NONE;
    }
    join->delay_us = waits && j->delay_us > 0 ? j->delay_us : 0;
    return true;
}

/* NOT IN whose equality is no key after all: of what is no column, or different each time. Then a
 * row stays out that is equal or may be. */
static bool settle_nulls(struct joining *j)
{
    struct weir_plan_join *join = &j->rel->of.join;
    if (!join->null_matches || j->keys[0].count > 0)
        return true;
    join->null_matches = false;
    for (uint32_t i = 0; i < j->conjuncts_count; i++) {
        struct weir_position at = j->conjuncts[i]->position;
        const struct weir_expr *sides[2] = {j->conjuncts[i], plan_expr_boolean(j->b, true, at)};
        if (!sides[1])
            return false;
        j->conjuncts[i] = plan_expr_variadic(j->b, WEIR_EXPR_COALESCE,
                                             weir_type_of(WEIR_TYPE_BOOLEAN), sides, 2, at);
        if (!j->conjuncts[i])
            return false;
    }
    return true;
}

static bool join_rule(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_join *join = &rel->of.join;
    struct joining j = {.b = b, .rel = rel, .left_count = rel->inputs[0]->fields_count};
    uint32_t count = join->condition ? plan_conjuncts(join->condition, NULL, 0) : 0;
    j.conjuncts = PLAN_ARRAY(b, const struct weir_expr *, count + 1);
    if (!j.conjuncts)
        return false;
    if (count)
        plan_conjuncts(join->condition, j.conjuncts, count);
    j.conjuncts_count = count;
    if (!(join->lookup ? find_lookup_keys(&j) : find_keys(&j)) || !settle_nulls(&j) ||
        !set_keys(&j))
        return false;
    struct plan_rel *shown = rel;
    rel = j.rel;
    join = &rel->of.join;
    if (join->asof) {
        if (!plan_asof_times(b, rel, j.conjuncts_count == 1 ? j.conjuncts[0] : NULL))
            return false;
        j.conjuncts_count = 0;
    } else if (!join->lookup && !find_times(&j)) {
        return false;
    }
    if (shown != rel)
        plan_rel_derive(shown);
    join->condition =
        j.conjuncts_count == 0
            ? NULL
            : plan_expr_variadic(b, WEIR_EXPR_AND, weir_type_of(WEIR_TYPE_BOOLEAN), j.conjuncts,
                                 j.conjuncts_count, j.conjuncts[0]->position);
    return !b->out_of_memory;
}

static bool expires_by(const struct weir_plan_join_side *side, uint32_t column)
{
    return side->expires && side->expires->kind == WEIR_EXPR_COLUMN &&
           side->expires->index == column;
}

/* A column of an inner join's pairs that bounds their times: until = a.expires in
 *
 *     a JOIN b ON a.id = b.id AND b.ts BETWEEN a.ts AND a.expires        (ts: the event times)
 *
 * Once the watermark has passed it, neither a new b (its ts is greater) nor a new a (whose ts is
 * greater, too, and no b in between) makes a pair with it. */
static bool bounds_pairs(const struct plan_rel *rel, uint32_t column)
{
    while (rel->kind == WEIR_PLAN_COMPUTE) {
        const struct weir_expr *const *projections = rel->of.compute.projections;
        if (projections && projections[column]->kind != WEIR_EXPR_COLUMN)
            return false;
        column = projections ? projections[column]->index : column;
        rel = rel->inputs[0];
    }
    if (rel->kind != WEIR_PLAN_JOIN || rel->of.join.kind != WEIR_JOIN_PAIRS)
        return false;
    const struct weir_plan_join_side *sides = rel->of.join.sides;
    uint32_t left = rel->inputs[0]->fields_count, side = column >= left, other = 1 - side;
    const struct plan_rel *input = rel->inputs[other];
    return !sides[0].keep_unmatched && !sides[1].keep_unmatched &&
           expires_by(&sides[side], side ? column - left : column) &&
           input->event_time_column != PLAN_NONE &&
           expires_by(&sides[other], input->event_time_column);
}

/* A partition by the window of its input is complete when the window is; one by a bound of a join's
 * times, when that is over. */
static bool over_rule(struct plan_binder *b, struct plan_rel *rel)
{
    struct weir_plan_over *over = &rel->of.over;
    const struct plan_rel *input = rel->inputs[0];
    for (uint32_t i = 0; i < over->partition_count && !over->expires; i++)
        over->expires = plan_rules_last_moment(b, input, over->partition[i]);
    over->granularity_us =
        over->expires ? ends_granularity(&input->window) : INTERVAL_GRANULARITY_US;
    for (uint32_t i = 0; i < over->partition_count && !over->expires; i++) {
        const struct weir_field *field = &input->fields[over->partition[i]];
        if (bounds_pairs(input, over->partition[i]))
            over->expires = plan_expr_column(b, over->partition[i], field->type, field->nullable,
                                             rel->position);
    }
    if (!over->expires) {
        rel->event_time_type = NULL;
        rel->event_time_column = PLAN_NONE;
    }
    return !b->out_of_memory;
}

bool plan_rules_join(struct plan_binder *b, struct plan_rel **sinks, uint32_t count)
{
    struct plan_list all;
    if (!plan_rules_collect(b, sinks, count, &all))
        return false;
    for (uint32_t i = 0; i < all.count; i++) {
        struct plan_rel *rel = all.items[i];
        struct plan_rel *rank = NULL;
        if (rel->kind == WEIR_PLAN_JOIN &&
            (!join_rule(b, rel) || !plan_rules_argmax(b, rel, &rank) ||
             (rank && !over_rule(b, rank))))
            return false;
        if (rel->kind == WEIR_PLAN_OVER && !over_rule(b, rel))
            return false;
    }
    return true;
}
