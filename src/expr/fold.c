/* Constant folding, and expressions that are evaluated once. */
#include "column/builder.h"
#include "expr/expr.h"
#include "kernel/compare.h"

static enum weir_status evaluate_within(const struct weir_expr *expr,
                                        const struct weir_session *session,
                                        struct weir_budget *budget, struct weir_arena *arena,
                                        struct weir_column *out, struct weir_error *error)
{
    struct weir_program *program;
    struct weir_schema nothing = {0};
    struct weir_batch batch = {.schema = &nothing, .rows_count = 1, .selected_count = 1};
    WEIR_TRY(weir_program_create(&expr, 1, &nothing, budget, &program, error));
    struct weir_arena scratch;
    weir_arena_init(&scratch, budget, 4096);
    struct weir_program_run run = {.batch = &batch, .session = session, .arena = &scratch};
    struct weir_column column;
    enum weir_status status = weir_program_run(program, &run, &column, error);
    struct weir_builder builder;
    uint16_t lane = 0;
    if (status == WEIR_OK)
        status = weir_builder_init(&builder, expr->type, arena, error);
    if (status == WEIR_OK)
        status = weir_column_is_null(&column, 0)
                     ? weir_builder_append_null(&builder, error)
                     : weir_builder_append_lanes(&builder, &column, &lane, 1, error);
    if (status == WEIR_OK) {
        *out = weir_builder_column(&builder);
        out->encoding = WEIR_CONSTANT;
        out->rows_count = 1;
    }
    weir_arena_deinit(&scratch);
    weir_program_destroy(program);
    return status;
}

enum weir_status weir_expr_evaluate(const struct weir_expr *expr,
                                    const struct weir_session *session, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error)
{
    return evaluate_within(expr, session, arena->budget, arena, out, error);
}

/* What takes more memory is not folded but computed by the job, within its memory_limit. */
enum { FOLD_SIZE_MAX = 8 << 20 };

struct folder {
    bool fold_stable;
    const struct weir_session *session;
    struct weir_arena *arena;
};

static bool is_constant(const struct weir_expr *expr)
{
    return expr->kind == WEIR_EXPR_CONSTANT;
}
static bool is_null(const struct weir_expr *expr)
{
    return is_constant(expr) && weir_column_is_null(&expr->constant, 0);
}
/* A BOOLEAN constant: 0 or 1; 2 for NULL, 3 when it is no constant. */
static unsigned truth_of(const struct weir_expr *expr)
{
    if (!is_constant(expr))
        return 3;
    return is_null(expr) ? 2 : *(const uint8_t *)expr->constant.values != 0;
}

static struct weir_expr *new_expr(struct folder *folder, const struct weir_expr *like)
{
    struct weir_expr *expr = WEIR_ARENA_NEW(folder->arena, struct weir_expr);
    if (expr)
        *expr = *like;
    return expr;
}

static const struct weir_expr *new_constant(struct folder *folder, const struct weir_expr *like,
                                            const struct weir_column *value)
{
    struct weir_expr *expr = new_expr(folder, like);
    if (!expr)
        return NULL;
    expr->kind = WEIR_EXPR_CONSTANT;
    expr->constant = *value;
    expr->nullable = weir_column_is_null(value, 0);
    expr->args = NULL;
    expr->args_count = 0;
    expr->function = NULL;
    expr->instance = NULL;
    return expr;
}

/* The value of expr, all of whose arguments are constants; expr itself when it fails or is large.
 */
static const struct weir_expr *evaluate(struct folder *folder, const struct weir_expr *expr)
{
    struct weir_column value;
    struct weir_budget budget;
    weir_budget_init(&budget, "constant", FOLD_SIZE_MAX, folder->arena->budget);
    enum weir_status status =
        evaluate_within(expr, folder->session, &budget, folder->arena, &value, NULL);
    if (status == WEIR_E_OUT_OF_MEMORY)
        return NULL;
    return status == WEIR_OK ? new_constant(folder, expr, &value) : expr;
}

static const struct weir_expr *null_of(struct folder *folder, const struct weir_expr *expr)
{
    struct weir_column value = weir_column_nulls(expr->type, 1);
    return new_constant(folder, expr, &value);
}

static const struct weir_expr *fold_call(struct folder *folder, const struct weir_expr *expr)
{
    uint32_t flags = expr->function->flags;
    if (flags & WEIR_FUNCTION_VOLATILE)
        return expr;
    bool all = true, any_null = false;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        all &= is_constant(expr->args[i]);
        any_null |= is_null(expr->args[i]);
    }
    if (any_null && (flags & WEIR_FUNCTION_STRICT))
        return null_of(folder, expr);
    if (!all || ((flags & WEIR_FUNCTION_STABLE) && !folder->fold_stable))
        return expr;
    return evaluate(folder, expr);
}

/* Keeps the arguments from..; one left stands for the whole. */
static const struct weir_expr *keep_args(struct folder *folder, const struct weir_expr *expr,
                                         const struct weir_expr **args, uint32_t count)
{
    if (count == 1)
        return args[0];
    if (count == expr->args_count)
        return expr;
    struct weir_expr *kept = new_expr(folder, expr);
    if (kept) {
        kept->args = args;
        kept->args_count = count;
    }
    return kept;
}

static const struct weir_expr **args_copy(struct folder *folder, const struct weir_expr *expr)
{
    const struct weir_expr **args =
        WEIR_ARENA_ARRAY(folder->arena, const struct weir_expr *, (size_t)expr->args_count + 1);
    if (args && expr->args_count)
        memcpy(args, expr->args, expr->args_count * sizeof *args);
    return args;
}

/* AND: a false makes all false, trues go away. OR the other way round. */
static const struct weir_expr *fold_and_or(struct folder *folder, const struct weir_expr *expr)
{
    unsigned decisive = expr->kind == WEIR_EXPR_AND ? 0 : 1;
    const struct weir_expr **args = args_copy(folder, expr);
    const struct weir_expr *neutral = NULL;
    uint32_t count = 0;
    if (!args)
        return NULL;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        unsigned truth = truth_of(expr->args[i]);
        if (truth == decisive)
            return expr->args[i];
        if (truth == 1 - decisive)
            neutral = expr->args[i];
        else
            args[count++] = expr->args[i];
    }
    if (count == 0)
        return neutral;
    bool all_null = true;
    for (uint32_t i = 0; i < count; i++)
        all_null &= is_null(args[i]);
    return all_null ? args[0] : keep_args(folder, expr, args, count);
}

/* Conditions that are never true go away; one that always is ends the list. */
static const struct weir_expr *fold_case(struct folder *folder, const struct weir_expr *expr)
{
    const struct weir_expr **args = args_copy(folder, expr);
    uint32_t count = 0, last = expr->args_count - 1;
    if (!args)
        return NULL;
    for (uint32_t i = 0; i + 1 < expr->args_count; i += 2) {
        unsigned truth = truth_of(expr->args[i]);
        if (truth == 1) {
            last = i + 1;
            break;
        }
        if (truth != 3)
            continue;
        args[count++] = expr->args[i];
        args[count++] = expr->args[i + 1];
    }
    args[count++] = expr->args[last];
    return keep_args(folder, expr, args, count);
}

/* NULLs go away; a constant ends the list. */
static const struct weir_expr *fold_coalesce(struct folder *folder, const struct weir_expr *expr)
{
    const struct weir_expr **args = args_copy(folder, expr);
    uint32_t count = 0;
    if (!args)
        return NULL;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        if (is_null(expr->args[i]))
            continue;
        args[count++] = expr->args[i];
        if (is_constant(expr->args[i]))
            break;
    }
    return count == 0 ? expr->args[0] : keep_args(folder, expr, args, count);
}

/* No columns, no volatile or (unless they are folded) stable calls in the tree. */
static bool is_fixed(const struct folder *folder, const struct weir_expr *expr)
{
    uint32_t varies = WEIR_FUNCTION_VOLATILE | (folder->fold_stable ? 0 : WEIR_FUNCTION_STABLE);
    if (expr->kind == WEIR_EXPR_COLUMN ||
        (expr->kind == WEIR_EXPR_CALL && (expr->function->flags & varies)))
        return false;
    for (uint32_t i = 0; i < expr->args_count; i++)
        if (!is_fixed(folder, expr->args[i]))
            return false;
    return true;
}

/* What failed to fold fails for every row: TRY of it is NULL. */
static const struct weir_expr *fold_try(struct folder *folder, const struct weir_expr *expr)
{
    if (is_constant(expr->args[0]))
        return expr->args[0];
    return is_fixed(folder, expr) ? evaluate(folder, expr) : expr;
}

static const struct weir_expr *fold_node(struct folder *folder, const struct weir_expr *expr)
{
    switch (expr->kind) {
    case WEIR_EXPR_CALL:
        return fold_call(folder, expr);
    case WEIR_EXPR_AND:
    case WEIR_EXPR_OR:
        return fold_and_or(folder, expr);
    case WEIR_EXPR_CASE:
        return fold_case(folder, expr);
    case WEIR_EXPR_COALESCE:
        return fold_coalesce(folder, expr);
    case WEIR_EXPR_TRY:
        return fold_try(folder, expr);
    case WEIR_EXPR_FIELD:
        return is_constant(expr->args[0]) ? evaluate(folder, expr) : expr;
    default:
        return expr;
    }
}

/* NULL when memory has run out. */
static const struct weir_expr *fold(struct folder *folder, const struct weir_expr *expr)
{
    const struct weir_expr **args = NULL;
    for (uint32_t i = 0; i < expr->args_count; i++) {
        const struct weir_expr *arg = fold(folder, expr->args[i]);
        if (!arg || (arg != expr->args[i] && !args && !(args = args_copy(folder, expr))))
            return NULL;
        if (args)
            args[i] = arg;
    }
    if (args) {
        struct weir_expr *changed = new_expr(folder, expr);
        if (!changed)
            return NULL;
        changed->args = args;
        expr = changed;
    }
    return fold_node(folder, expr);
}

enum weir_status weir_expr_fold(const struct weir_expr *expr, bool fold_stable,
                                const struct weir_session *session, struct weir_arena *arena,
                                const struct weir_expr **out, struct weir_error *error)
{
    struct folder folder = {fold_stable, session, arena};
    *out = fold(&folder, expr);
    return *out ? WEIR_OK : weir_budget_error(arena->budget, error);
}
