/* Trees to instructions.
 *
 * Values already computed are found again by structure, in the scope at hand and those around it
 * (invariant 1 of program_internal.h): a scope is opened where the selection narrows, and forgets
 * its values when it closes.
 *
 * AND, OR and CASE whose guarded parts can neither fail nor cost much are computed on all lanes and
 * blended: cheaper than narrowing, and the answer is the same. */
#include "base/hash.h"
#include "expr/program_internal.h"

enum { CHEAP_NODES_MAX = 12 };

struct known {
    uint64_t hash;
    const struct weir_expr *expr;
    uint32_t value;
};

struct growing {
    void *items;
    uint32_t count, capacity;
};

struct compiler {
    struct weir_program *program;
    struct growing instructions, values, slots, known;
    uint32_t slot; /* the one code is being made for */
    bool failed;   /* out of memory */
};

/* --- growing arrays in the program's arena -------------------------------------------------- */

static void *append(struct compiler *c, struct growing *array, size_t size)
{
    if (array->count == array->capacity) {
        uint32_t capacity = array->capacity ? array->capacity * 2 : 16;
        void *items = weir_arena_calloc(&c->program->arena, capacity, size);
        if (!items) {
            c->failed = true;
            return NULL;
        }
        if (array->count)
            memcpy(items, array->items, array->count * size);
        array->items = items;
        array->capacity = capacity;
    }
    void *item = (char *)array->items + array->count++ * size;
    memset(item, 0, size);
    return item;
}

static struct weir_value *value_at(struct compiler *c, uint32_t i)
{
    return (struct weir_value *)c->values.items + i;
}
static struct weir_instruction *instruction_at(struct compiler *c, uint32_t i)
{
    return (struct weir_instruction *)c->instructions.items + i;
}

static uint32_t new_value(struct compiler *c, enum weir_value_kind kind,
                          const struct weir_type *type)
{
    struct weir_value *value = append(c, &c->values, sizeof *value);
    if (!value)
        return 0;
    value->kind = kind;
    value->type = type;
    value->buffer = WEIR_NO_BUFFER;
    value->first = value->last = c->instructions.count;
    return c->values.count - 1;
}

static uint32_t new_slot(struct compiler *c)
{
    return append(c, &c->slots, sizeof(struct weir_slot)) ? c->slots.count - 1 : 0;
}

static void use(struct compiler *c, uint32_t value)
{
    if (!c->failed)
        value_at(c, value)->last = c->instructions.count;
}

/* A new instruction under the current slot; NULL when memory has run out. */
static struct weir_instruction *emit(struct compiler *c, enum weir_op op, uint32_t out,
                                     const uint32_t *args, uint32_t args_count)
{
    for (uint32_t i = 0; i < args_count; i++)
        use(c, args[i]);
    use(c, out);
    uint32_t *kept = WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, (size_t)args_count + 1);
    struct weir_instruction *instruction = append(c, &c->instructions, sizeof *instruction);
    if (!kept || !instruction) {
        c->failed = true;
        return NULL;
    }
    if (args_count)
        memcpy(kept, args, args_count * sizeof *kept);
    *instruction = (struct weir_instruction){.op = op,
                                             .slot = c->slot,
                                             .out = out,
                                             .args = kept,
                                             .args_count = args_count,
                                             .to_slot = WEIR_NO_SLOT,
                                             .rest_slot = WEIR_NO_SLOT};
    if (args_count > c->program->args_max)
        c->program->args_max = args_count;
    return instruction;
}

/* --- known values ---------------------------------------------------------------------------- */

static bool find_known(struct compiler *c, const struct weir_expr *expr, uint64_t hash,
                       uint32_t *value)
{
    const struct known *known = c->known.items;
    for (uint32_t i = 0; i < c->known.count; i++)
        if (known[i].hash == hash && weir_expr_equals(known[i].expr, expr)) {
            *value = known[i].value;
            return true;
        }
    return false;
}

static void remember(struct compiler *c, const struct weir_expr *expr, uint64_t hash,
                     uint32_t value)
{
    struct known *known = append(c, &c->known, sizeof *known);
    if (known)
        *known = (struct known){hash, expr, value};
}

/* --- costs ----------------------------------------------------------------------------------- */

static void count_cheap(const struct weir_expr *expr, uint32_t *nodes, bool *cheap)
{
    ++*nodes;
    bool is_leaf = expr->kind == WEIR_EXPR_COLUMN || expr->kind == WEIR_EXPR_CONSTANT;
    bool is_call = expr->kind == WEIR_EXPR_CALL &&
                   !(expr->function->flags & (WEIR_FUNCTION_FALLIBLE | WEIR_FUNCTION_VOLATILE));
    bool is_logic = expr->kind == WEIR_EXPR_AND || expr->kind == WEIR_EXPR_OR;
    if (weir_type_is_nested(expr->type) || !(is_leaf || is_call || is_logic)) {
        *cheap = false;
        return;
    }
    for (uint32_t i = 0; i < expr->args_count && *cheap; i++) {
        bool tests_null =
            is_call && !(expr->function->flags & WEIR_FUNCTION_STRICT) && expr->args_count == 1;
        if (weir_type_is_view(expr->args[i]->type) && !tests_null)
            *cheap = false; /* text is compared lane by lane */
        else
            count_cheap(expr->args[i], nodes, cheap);
    }
    if (is_call && weir_type_is_view(expr->type))
        *cheap = false;
}

/* True when computing expr for lanes that do not need it is harmless and costs next to nothing. */
static bool is_cheap(const struct weir_expr *expr)
{
    uint32_t nodes = 0;
    bool cheap = true;
    count_cheap(expr, &nodes, &cheap);
    return cheap && nodes <= CHEAP_NODES_MAX;
}

static bool all_cheap(const struct weir_expr *const *args, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < count; i++)
        if (!is_cheap(args[i]))
            return false;
    return true;
}

/* --- nodes ----------------------------------------------------------------------------------- */

static uint32_t compile(struct compiler *c, const struct weir_expr *expr);

/* Under a slot of its own, forgetting what was computed there. */
static uint32_t compile_under(struct compiler *c, uint32_t slot, const struct weir_expr *expr)
{
    uint32_t outer = c->slot, known = c->known.count;
    c->slot = slot;
    uint32_t value = compile(c, expr);
    c->slot = outer;
    c->known.count = known;
    return value;
}

static uint32_t *compile_args(struct compiler *c, const struct weir_expr *const *args,
                              uint32_t count)
{
    uint32_t *values = WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, (size_t)count + 1);
    if (!values) {
        c->failed = true;
        return NULL;
    }
    for (uint32_t i = 0; i < count; i++)
        values[i] = compile(c, args[i]);
    return values;
}

/* The arguments of a call. A constant times a BIGINT that was made a DECIMAL takes the BIGINT as it
 * is: making it one and multiplying 128 bits cost three times as much. */
static uint32_t *compile_call_args(struct compiler *c, const struct weir_expr *expr)
{
    const struct weir_expr *args[2];
    if (expr->function->kernel != weir_fn_multiply_decimal)
        return compile_args(c, expr->args, expr->args_count);
    for (uint32_t i = 0; i < 2; i++) {
        const struct weir_expr *arg = expr->args[i], *other = expr->args[1 - i];
        args[i] = arg;
        if (other->kind == WEIR_EXPR_CONSTANT && arg->kind == WEIR_EXPR_CALL &&
            strcmp(arg->function->name, "cast") == 0 &&
            weir_multiply_takes_whole(arg->args[0]->type, arg->type, &other->constant))
            args[i] = arg->args[0];
    }
    return compile_args(c, args, 2);
}

static uint32_t compile_call(struct compiler *c, const struct weir_expr *expr)
{
    uint32_t *args = compile_call_args(c, expr);
    if (!args || c->failed)
        return 0;
    uint32_t out = new_value(c, WEIR_VALUE_COMPUTED, expr->type);
    struct weir_instruction *call = emit(c, WEIR_OP_CALL, out, args, expr->args_count);
    if (!call)
        return 0;
    call->expr = expr;
    bool fixed = !(expr->function->flags & (WEIR_FUNCTION_VOLATILE | WEIR_FUNCTION_STABLE));
    for (uint32_t i = 0; i < expr->args_count; i++)
        fixed &= value_at(c, args[i])->is_fixed;
    call->is_hoistable = fixed;
    value_at(c, out)->is_fixed = fixed;
    return out;
}

static uint32_t compile_field(struct compiler *c, const struct weir_expr *expr)
{
    uint32_t arg = compile(c, expr->args[0]);
    uint32_t out = new_value(c, WEIR_VALUE_COMPUTED, expr->type);
    struct weir_instruction *field = emit(c, WEIR_OP_FIELD, out, &arg, 1);
    if (field)
        field->index = expr->index;
    return out;
}

static uint32_t compile_all_lanes(struct compiler *c, enum weir_op op,
                                  const struct weir_expr *const *args, uint32_t count,
                                  const struct weir_type *type)
{
    uint32_t *values = compile_args(c, args, count);
    if (!values)
        return 0;
    uint32_t out = new_value(c, WEIR_VALUE_COMPUTED, type);
    emit(c, op, out, values, count);
    return out;
}

static uint32_t begin(struct compiler *c, const struct weir_type *type)
{
    uint32_t out = new_value(c, WEIR_VALUE_COMPUTED, type);
    emit(c, WEIR_OP_BEGIN, out, NULL, 0);
    return out;
}

/* out = value in the lanes of slot. */
static void copy(struct compiler *c, uint32_t out, uint32_t value, uint32_t slot)
{
    uint32_t outer = c->slot;
    c->slot = slot;
    struct weir_instruction *instruction = emit(c, WEIR_OP_COPY, out, &value, 1);
    c->slot = outer;
    if (instruction)
        instruction->index = value_at(c, out)->arms_count++;
}

/* A nested result is put together at the end: its arms are arguments, so that they live until then.
 */
static void finish(struct compiler *c, uint32_t out)
{
    if (c->failed || !weir_type_is_nested(value_at(c, out)->type))
        return;
    uint32_t *arms =
        WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, (size_t)value_at(c, out)->arms_count + 1);
    uint32_t count = 0;
    if (!arms) {
        c->failed = true;
        return;
    }
    for (uint32_t i = 0; i < c->instructions.count; i++)
        if (instruction_at(c, i)->op == WEIR_OP_COPY && instruction_at(c, i)->out == out)
            arms[count++] = instruction_at(c, i)->args[0];
    emit(c, WEIR_OP_FINISH, out, arms, count);
}

static void set_target(struct compiler *c, uint32_t instruction)
{
    if (!c->failed)
        instruction_at(c, instruction)->target = c->instructions.count;
}

/* Narrows `from` by the value; the index of the instruction, whose target is still open. */
static uint32_t narrow(struct compiler *c, uint32_t from, uint32_t value, enum weir_keep keep,
                       uint32_t to_slot)
{
    uint32_t outer = c->slot, at = c->instructions.count;
    c->slot = from;
    struct weir_instruction *instruction = emit(c, WEIR_OP_NARROW, value, &value, 1);
    c->slot = outer;
    if (instruction) {
        instruction->keep = keep;
        instruction->to_slot = to_slot;
    }
    return at;
}

static uint32_t compile_and_or(struct compiler *c, const struct weir_expr *expr)
{
    bool is_and = expr->kind == WEIR_EXPR_AND;
    if (all_cheap(expr->args, 1, expr->args_count))
        return compile_all_lanes(c, is_and ? WEIR_OP_ALL : WEIR_OP_ANY, expr->args,
                                 expr->args_count, expr->type);
    uint32_t *jumps = WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, expr->args_count);
    if (!jumps) {
        c->failed = true;
        return 0;
    }
    uint32_t first = compile(c, expr->args[0]);
    uint32_t out = begin(c, expr->type), from = c->slot, slot = new_slot(c);
    copy(c, out, first, from);
    uint32_t known = c->known.count;
    for (uint32_t i = 1; i < expr->args_count && !c->failed; i++) {
        jumps[i] = narrow(c, from, out, is_and ? WEIR_KEEP_NOT_FALSE : WEIR_KEEP_NOT_TRUE, slot);
        uint32_t outer = c->slot;
        c->slot = slot;
        uint32_t value = compile(c, expr->args[i]);
        emit(c, is_and ? WEIR_OP_MERGE_AND : WEIR_OP_MERGE_OR, out, &value, 1);
        c->slot = outer;
        from = slot;
    }
    c->known.count = known;
    for (uint32_t i = 1; i < expr->args_count; i++)
        set_target(c, jumps[i]);
    return out;
}

static uint32_t compile_case(struct compiler *c, const struct weir_expr *expr)
{
    uint32_t count = expr->args_count;
    if (!weir_type_is_nested(expr->type) && all_cheap(expr->args, 0, count))
        return compile_all_lanes(c, WEIR_OP_BLEND, expr->args, count, expr->type);
    uint32_t *jumps = WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, count);
    if (!jumps) {
        c->failed = true;
        return 0;
    }
    uint32_t out = begin(c, expr->type), from = c->slot, outer = c->slot, known = c->known.count;
    uint32_t yes = new_slot(c), rest = new_slot(c);
    for (uint32_t i = 0; i + 1 < count && !c->failed; i += 2) {
        c->slot = from;
        uint32_t condition = compile(c, expr->args[i]);
        uint32_t at = c->instructions.count;
        struct weir_instruction *partition = emit(c, WEIR_OP_PARTITION, condition, &condition, 1);
        if (!partition)
            break;
        partition->to_slot = yes;
        partition->rest_slot = rest;
        uint32_t value = compile_under(c, yes, expr->args[i + 1]);
        copy(c, out, value, yes);
        set_target(c, at);
        c->slot = from = rest;
        jumps[i] = c->instructions.count;
        emit(c, WEIR_OP_SKIP_IF_NONE, out, NULL, 0);
    }
    if (!c->failed) {
        uint32_t value = compile_under(c, rest, expr->args[count - 1]);
        copy(c, out, value, rest);
    }
    c->slot = outer;
    c->known.count = known;
    for (uint32_t i = 0; i + 1 < count; i += 2)
        set_target(c, jumps[i]);
    finish(c, out);
    return out;
}

static uint32_t compile_coalesce(struct compiler *c, const struct weir_expr *expr)
{
    uint32_t *jumps = WEIR_ARENA_ARRAY(&c->program->arena, uint32_t, expr->args_count);
    if (!jumps) {
        c->failed = true;
        return 0;
    }
    uint32_t value = compile(c, expr->args[0]);
    uint32_t out = begin(c, expr->type), from = c->slot, slot = new_slot(c);
    uint32_t known = c->known.count;
    copy(c, out, value, from);
    for (uint32_t i = 1; i < expr->args_count && !c->failed; i++) {
        jumps[i] = narrow(c, from, value, WEIR_KEEP_NULL, slot);
        uint32_t outer = c->slot;
        c->slot = from = slot;
        value = compile(c, expr->args[i]);
        c->slot = outer;
        copy(c, out, value, slot);
    }
    c->known.count = known;
    for (uint32_t i = 1; i < expr->args_count; i++)
        set_target(c, jumps[i]);
    finish(c, out);
    return out;
}

static uint32_t compile_try(struct compiler *c, const struct weir_expr *expr)
{
    if (!weir_expr_is_fallible(expr->args[0]))
        return compile(c, expr->args[0]);
    uint32_t known = c->known.count;
    uint32_t none = new_value(c, WEIR_VALUE_COMPUTED, expr->type);
    emit(c, WEIR_OP_TRY_BEGIN, none, NULL, 0);
    uint32_t value = compile(c, expr->args[0]);
    emit(c, WEIR_OP_TRY_END, none, NULL, 0);
    c->known.count = known;
    /* A hoisted call that failed under TRY must not be taken for one that did not. */
    if (!c->failed)
        value_at(c, value)->is_fixed = false;
    return value;
}

/* Calls that choose among their arguments guard them as CASE and COALESCE do. */
static uint32_t compile_any_call(struct compiler *c, const struct weir_expr *expr)
{
    if (expr->function->kernel == weir_fn_if)
        return compile_case(c, expr);
    if (expr->function->kernel == weir_fn_ifnull)
        return compile_coalesce(c, expr);
    return compile_call(c, expr);
}

static uint32_t compile_leaf(struct compiler *c, const struct weir_expr *expr)
{
    bool is_column = expr->kind == WEIR_EXPR_COLUMN;
    uint32_t value = new_value(c, is_column ? WEIR_VALUE_INPUT : WEIR_VALUE_CONSTANT, expr->type);
    if (c->failed)
        return 0;
    value_at(c, value)->input = expr->index;
    value_at(c, value)->constant = is_column ? NULL : &expr->constant;
    value_at(c, value)->is_fixed = !is_column;
    return value;
}

static uint32_t compile(struct compiler *c, const struct weir_expr *expr)
{
    uint64_t hash = weir_expr_hash(expr);
    uint32_t value = 0;
    if (c->failed || find_known(c, expr, hash, &value))
        return value;
    switch (expr->kind) {
    case WEIR_EXPR_COLUMN:
    case WEIR_EXPR_CONSTANT:
        value = compile_leaf(c, expr);
        break;
    case WEIR_EXPR_CALL:
        value = compile_any_call(c, expr);
        break;
    case WEIR_EXPR_AND:
    case WEIR_EXPR_OR:
        value = compile_and_or(c, expr);
        break;
    case WEIR_EXPR_CASE:
        value = compile_case(c, expr);
        break;
    case WEIR_EXPR_COALESCE:
        value = compile_coalesce(c, expr);
        break;
    case WEIR_EXPR_TRY:
        value = compile_try(c, expr);
        break;
    case WEIR_EXPR_FIELD:
        value = compile_field(c, expr);
        break;
    }
    if (!c->failed)
        remember(c, expr, hash, value);
    return value;
}

/* --- memory ---------------------------------------------------------------------------------- */

/* Gives each computed value that is no output a buffer that is free while it lives; the narrowest
 * difference in width wins. */
static bool assign_buffers(struct compiler *c)
{
    struct weir_program *program = c->program;
    struct growing buffers = {0};
    for (uint32_t v = 0; v < c->values.count; v++) {
        struct weir_value *value = value_at(c, v);
        if (value->kind != WEIR_VALUE_COMPUTED || value->is_output)
            continue;
        size_t width = weir_type_width(value->type);
        struct weir_register_buffer *items = buffers.items;
        uint32_t chosen = WEIR_NO_BUFFER;
        for (uint32_t b = 0; b < buffers.count; b++)
            if (items[b].free_from <= value->first &&
                (chosen == WEIR_NO_BUFFER || items[b].width == width))
                chosen = b;
        if (chosen == WEIR_NO_BUFFER) {
            if (!append(c, &buffers, sizeof *items))
                return false;
            chosen = buffers.count - 1;
        }
        items = buffers.items;
        items[chosen].width = width > items[chosen].width ? width : items[chosen].width;
        items[chosen].free_from = value->last + 1;
        value->buffer = chosen;
    }
    program->buffers = buffers.items;
    program->buffers_count = buffers.count;
    return true;
}

enum weir_status weir_program_compile(struct weir_program *program,
                                      const struct weir_expr *const *exprs, uint32_t count,
                                      struct weir_error *error)
{
    struct compiler c = {.program = program};
    uint32_t *outputs = WEIR_ARENA_ARRAY(&program->arena, uint32_t, (size_t)count + 1);
    if (!outputs)
        return weir_budget_error(program->budget, error);
    (void)new_slot(&c); /* slot 0 */
    for (uint32_t i = 0; i < count && !c.failed; i++)
        outputs[i] = compile(&c, exprs[i]);
    if (c.failed)
        return weir_budget_error(program->budget, error);
    for (uint32_t i = 0; i < count; i++)
        value_at(&c, outputs[i])->is_output = true;
    if (!assign_buffers(&c))
        return weir_budget_error(program->budget, error);
    program->outputs = outputs;
    program->outputs_count = count;
    program->values = c.values.items;
    program->values_count = c.values.count;
    program->instructions = c.instructions.items;
    program->instructions_count = c.instructions.count;
    program->slots = c.slots.items;
    program->slots_count = c.slots.count;
    return WEIR_OK;
}
