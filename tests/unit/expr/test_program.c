/* Programs against a plain evaluator.
 *
 * Random trees over random batches (all encodings, with and without a selection, several sizes)
 * run as programs with every set of loops, and once more one lane at a time through a recursive
 * evaluator that knows no batches, no sharing and no selections. Same bits, same nulls, and an
 * error in the one exactly when there is one in the other. */
#include "column/builder.h"
#include "kernel/kernel_internal.h"
#include "mini_sql.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

enum { ROWS_MAX = 2048, COLUMNS = 9 };
enum {
    COL_INT,
    COL_BIGINT,
    COL_DOUBLE,
    COL_DECIMAL,
    COL_TEXT,
    COL_BOOLEAN,
    COL_DATE,
    COL_LIST,
    COL_STRUCT
};

/* --- random numbers -------------------------------------------------------------------------- */

static uint64_t seed_state;
static uint32_t roll(uint32_t n)
{
    seed_state = seed_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((seed_state >> 33) % n);
}

/* --- a world: types, schema, one batch ------------------------------------------------------- */

struct world {
    struct weir_arena arena;
    const struct weir_type *types[COLUMNS];
    struct weir_field fields[COLUMNS];
    struct weir_schema schema;
    struct weir_column columns[COLUMNS];
    struct weir_batch batch;
    uint16_t selection[ROWS_MAX];
    struct mini_sql sql;
};

static const char *const texts[] = {"",
                                    "a",
                                    "b",
                                    "42",
                                    "-7",
                                    "twelve bytes",
                                    "thirteen bytes",
                                    "x",
                                    "a longer text that does not fit a view",
                                    "3.5"};

static void world_init(struct world *w)
{
    static const char *const names[] = {"a", "b", "c", "d", "t", "f", "dt", "l", "s"};
    memset(w, 0, sizeof *w);
    weir_arena_init(&w->arena, NULL, 0);
    const struct weir_type *inner[2] = {weir_type_of(WEIR_TYPE_INT32),
                                        weir_type_of(WEIR_TYPE_TEXT)};
    struct weir_slice inner_names[2] = {weir_slice_from_string("x"), weir_slice_from_string("y")};
    w->types[COL_INT] = weir_type_of(WEIR_TYPE_INT32);
    w->types[COL_BIGINT] = weir_type_of(WEIR_TYPE_INT64);
    w->types[COL_DOUBLE] = weir_type_of(WEIR_TYPE_FLOAT64);
    w->types[COL_DECIMAL] = weir_type_decimal(&w->arena, 10, 2);
    w->types[COL_TEXT] = weir_type_of(WEIR_TYPE_TEXT);
    w->types[COL_BOOLEAN] = weir_type_of(WEIR_TYPE_BOOLEAN);
    w->types[COL_DATE] = weir_type_of(WEIR_TYPE_DATE);
    w->types[COL_LIST] = weir_type_list(&w->arena, inner[0]);
    w->types[COL_STRUCT] = weir_type_struct(&w->arena, 2, inner, inner_names);
    for (uint32_t i = 0; i < COLUMNS; i++)
        w->fields[i] = (struct weir_field){weir_slice_from_string(names[i]), w->types[i], true};
    w->schema = (struct weir_schema){w->fields, COLUMNS};
    mini_sql_init(&w->sql, &w->schema);
}

static void world_deinit(struct world *w)
{
    mini_sql_deinit(&w->sql);
    weir_arena_deinit(&w->arena);
}

static int64_t random_integer(void)
{
    static const int64_t edges[] = {0, 1, -1, 2, 3, 7, 10, 100, INT32_MAX, INT32_MIN};
    return roll(3) ? (int64_t)roll(20) - 10 : edges[roll(WEIR_COUNT_OF(edges))];
}

static void append_random(struct weir_builder *builder, uint32_t null_share)
{
    const struct weir_type *type = builder->type;
    enum weir_status status = WEIR_OK;
    if (roll(100) < null_share) {
        status = weir_builder_append_null(builder, NULL);
    } else if (type->kind == WEIR_TYPE_TEXT) {
        status = weir_builder_append_text(
            builder, weir_slice_from_string(texts[roll(WEIR_COUNT_OF(texts))]), NULL);
    } else if (type->kind == WEIR_TYPE_LIST) {
        uint32_t first = builder->children[0].rows_count;
        for (uint32_t i = roll(4); i > 0; i--)
            append_random(&builder->children[0], null_share);
        status = weir_builder_end_list(builder, first, NULL);
    } else if (type->kind == WEIR_TYPE_STRUCT) {
        append_random(&builder->children[0], null_share);
        append_random(&builder->children[1], null_share);
        status = weir_builder_end_struct(builder, NULL);
    } else {
        static const double doubles[] = {0.0, -0.0, 1.5, -2.25, 1e300, 1e-300};
        union {
            int64_t i64;
            int32_t i32;
            uint8_t u8;
            double f64;
            weir_i128 i128;
        } lane = {.i128 = 0};
        int64_t number = random_integer();
        switch (type->kind) {
        case WEIR_TYPE_BOOLEAN:
            lane.u8 = (uint8_t)roll(2);
            break;
        case WEIR_TYPE_INT32:
            lane.i32 = (int32_t)number;
            break;
        case WEIR_TYPE_DATE:
            lane.i32 = (int32_t)roll(20000);
            break;
        case WEIR_TYPE_INT64:
            lane.i64 = roll(50) ? number : INT64_MAX;
            break;
        case WEIR_TYPE_FLOAT64:
            lane.f64 = roll(3) ? (double)number / 4 : doubles[roll(WEIR_COUNT_OF(doubles))];
            break;
        default:
            lane.i128 = number % 100000;
            break;
        }
        status = weir_builder_append_value(builder, &lane, NULL);
    }
    if (status != WEIR_OK)
        abort();
}

static struct weir_column random_flat(struct world *w, const struct weir_type *type, uint32_t rows,
                                      uint32_t null_share)
{
    struct weir_builder builder;
    if (weir_builder_init(&builder, type, &w->arena, NULL) != WEIR_OK)
        abort();
    for (uint32_t i = 0; i < rows; i++)
        append_random(&builder, null_share);
    return weir_builder_column(&builder);
}

static struct weir_column random_column(struct world *w, const struct weir_type *type,
                                        uint32_t rows)
{
    static const uint32_t shares[] = {0, 0, 10, 50};
    uint32_t share = shares[roll(4)], encoding = roll(6);
    if (encoding == 0 && type->kind != WEIR_TYPE_STRUCT) {
        struct weir_column column = random_flat(w, type, 1, share);
        column.encoding = WEIR_CONSTANT;
        column.rows_count = rows;
        return column;
    }
    if (encoding > 1 || weir_type_is_nested(type))
        return random_flat(w, type, rows, share);
    uint32_t entries = 1 + roll(8);
    struct weir_column column = random_flat(w, type, entries, 0);
    uint32_t *codes = WEIR_ARENA_ARRAY(&w->arena, uint32_t, rows + 1);
    uint64_t *validity = WEIR_ARENA_ARRAY(&w->arena, uint64_t, weir_validity_words(rows) + 1);
    if (!codes || !validity)
        abort();
    for (uint32_t i = 0; i < rows; i++) {
        codes[i] = roll(entries);
        if (roll(100) >= share)
            weir_bit_set(validity, i);
    }
    column.encoding = WEIR_DICTIONARY;
    column.rows_count = rows;
    column.values_count = entries;
    column.codes = codes;
    column.validity = share ? validity : NULL;
    return column;
}

static void random_batch(struct world *w)
{
    static const uint32_t sizes[] = {1, 7, 64, 100, 129, 500};
    uint32_t rows = sizes[roll(WEIR_COUNT_OF(sizes))];
    for (uint32_t i = 0; i < COLUMNS; i++)
        w->columns[i] = random_column(w, w->types[i], rows);
    w->batch = (struct weir_batch){
        .schema = &w->schema, .columns = w->columns, .rows_count = rows, .selected_count = rows};
    w->batch.origin.source = "test";
    if (roll(2)) {
        uint32_t count = 0, keep = 1 + roll(100);
        for (uint32_t i = 0; i < rows; i++)
            if (roll(100) < keep)
                w->selection[count++] = (uint16_t)i;
        w->batch.selection = w->selection;
        w->batch.selected_count = count;
    }
}

/* --- random trees ---------------------------------------------------------------------------- */

static const struct weir_expr *tree(struct world *w, uint32_t column, uint32_t depth);

static const struct weir_expr *leaf(struct world *w, uint32_t column)
{
    if (roll(3))
        return mini_sql_column(&w->sql, column);
    struct weir_column value = random_flat(w, w->types[column], 1, 15);
    struct weir_expr *expr = WEIR_ARENA_NEW(&w->sql.arena, struct weir_expr);
    if (!expr)
        abort();
    value.encoding = WEIR_CONSTANT;
    *expr =
        (struct weir_expr){.kind = WEIR_EXPR_CONSTANT, .type = w->types[column], .constant = value};
    return expr;
}

static const struct weir_expr *call_2(struct world *w, const char *name, uint32_t left,
                                      uint32_t right, uint32_t depth)
{
    const struct weir_expr *args[2] = {tree(w, left, depth), tree(w, right, depth)};
    return mini_sql_call(&w->sql, name, args, 2);
}

static const struct weir_expr *call_1(struct world *w, const char *name, uint32_t arg,
                                      uint32_t depth)
{
    const struct weir_expr *value = tree(w, arg, depth);
    return mini_sql_call(&w->sql, name, &value, 1);
}

/* CASE, COALESCE, TRY, if: for any type. */
static const struct weir_expr *chooser(struct world *w, uint32_t column, uint32_t depth)
{
    const struct weir_expr *args[7];
    uint32_t count = 0, arms = 1 + roll(3);
    switch (roll(4)) {
    case 0:
        for (uint32_t i = 0; i < arms; i++) {
            args[count++] = tree(w, COL_BOOLEAN, depth);
            args[count++] = tree(w, column, depth);
        }
        args[count++] = tree(w, column, depth);
        return mini_sql_node(&w->sql, WEIR_EXPR_CASE, w->types[column], args, count);
    case 1:
        while (count <= arms)
            args[count++] = tree(w, column, depth);
        return mini_sql_node(&w->sql, WEIR_EXPR_COALESCE, w->types[column], args, count);
    case 2:
        args[0] = tree(w, column, depth);
        return mini_sql_node(&w->sql, WEIR_EXPR_TRY, w->types[column], args, 1);
    default:
        args[0] = tree(w, COL_BOOLEAN, depth);
        args[1] = tree(w, column, depth);
        args[2] = tree(w, column, depth);
        return mini_sql_call(&w->sql, "if", args, 3);
    }
}

static const struct weir_expr *boolean(struct world *w, uint32_t depth)
{
    static const char *const compares[] = {
        "=", "<>", "<", "<=", ">", ">=", "is_distinct_from", "is_not_distinct_from"};
    static const char *const tests[] = {"is_true", "is_not_true", "is_false", "is_unknown", "not"};
    const struct weir_expr *args[3];
    uint32_t count = 2 + roll(2);
    switch (roll(7)) {
    case 0:
    case 1: {
        for (uint32_t i = 0; i < count; i++)
            args[i] = tree(w, COL_BOOLEAN, depth);
        return mini_sql_node(&w->sql, roll(2) ? WEIR_EXPR_AND : WEIR_EXPR_OR, w->types[COL_BOOLEAN],
                             args, count);
    }
    case 2:
        return call_1(w, tests[roll(WEIR_COUNT_OF(tests))], COL_BOOLEAN, depth);
    case 3:
        return call_1(w, roll(2) ? "is_null" : "is_not_null", roll(COLUMNS), depth);
    default: {
        uint32_t column = roll(COL_LIST);
        return call_2(w, compares[roll(WEIR_COUNT_OF(compares))], column, column, depth);
    }
    }
}

static const struct weir_expr *number(struct world *w, uint32_t column, uint32_t depth)
{
    static const char *const operators[] = {"+", "-", "*", "/"};
    static const char *const unary[] = {"-", "abs", "@", "+"};
    switch (roll(6)) {
    case 0:
        return call_1(w, unary[roll(WEIR_COUNT_OF(unary))], column, depth);
    case 1:
        if (column <= COL_BIGINT)
            return call_2(w, roll(2) ? "%" : "&", column, column, depth);
        return call_1(w, column == COL_DOUBLE ? "sqrt" : "round", column, depth);
    case 2:
        return tree(w, roll(COL_TEXT), depth);
    case 3:
        return call_2(w, roll(2) ? "greatest" : "nullif", column, column, depth);
    default:
        return call_2(w, operators[roll(WEIR_COUNT_OF(operators))], column,
                      roll(3) ? column : COL_INT, depth);
    }
}

static const struct weir_expr *field(struct world *w, uint32_t index, uint32_t depth)
{
    const struct weir_expr *whole = tree(w, COL_STRUCT, depth);
    const struct weir_expr *node =
        mini_sql_node(&w->sql, WEIR_EXPR_FIELD, w->types[COL_STRUCT]->children[index], &whole, 1);
    struct weir_expr *expr = WEIR_ARENA_NEW(&w->sql.arena, struct weir_expr);
    if (!expr || !node)
        abort();
    *expr = *node;
    expr->index = index;
    return expr;
}

/* A tree of the column's type. */
static const struct weir_expr *tree(struct world *w, uint32_t column, uint32_t depth)
{
    const struct weir_expr *expr;
    if (depth == 0 || roll(8) == 0)
        return leaf(w, column);
    depth--;
    if (roll(4) == 0)
        expr = chooser(w, column, depth);
    else if (column == COL_BOOLEAN)
        expr = boolean(w, depth);
    else if (column == COL_INT && roll(6) == 0)
        expr = field(w, 0, depth);
    else if (column == COL_INT && roll(6) == 0)
        expr = tree(w, COL_TEXT, depth); /* text read as a number: often fails */
    else if (column < COL_TEXT)
        expr = number(w, column, depth);
    else if (column == COL_TEXT)
        expr = roll(3) == 0 ? field(w, 1, depth) : tree(w, roll(COL_LIST), depth);
    else
        expr = roll(2) ? chooser(w, column, depth) : leaf(w, column);
    return expr ? mini_sql_cast(&w->sql, expr, w->types[column], WEIR_CAST_EXPLICIT) : NULL;
}

/* --- the plain evaluator --------------------------------------------------------------------- */

struct plain {
    struct weir_arena arena;
    const struct weir_batch *batch;
    uint32_t lane;
    bool null_on_error;
    uint32_t failures; /* outside TRY */
    uint32_t try_depth;
    bool failed; /* evaluation has stopped */
};

static struct weir_column plain_evaluate(struct plain *p, const struct weir_expr *expr);

static struct weir_column one_lane(struct plain *p, const struct weir_column *column, uint32_t lane)
{
    struct weir_builder builder;
    uint16_t from = (uint16_t)lane;
    enum weir_status status = weir_builder_init(&builder, column->type, &p->arena, NULL);
    if (status == WEIR_OK)
        status = weir_column_is_null(column, lane)
                     ? weir_builder_append_null(&builder, NULL)
                     : weir_builder_append_lanes(&builder, column, &from, 1, NULL);
    if (status != WEIR_OK)
        abort();
    return weir_builder_column(&builder);
}

static struct weir_column plain_null(struct plain *p, const struct weir_type *type)
{
    struct weir_column nothing = weir_column_nulls(type, 1);
    return one_lane(p, &nothing, 0);
}

static struct weir_column plain_call(struct plain *p, const struct weir_expr *expr)
{
    struct weir_column args[8], out;
    bool any_null = false;
    if (expr->function->kernel == weir_fn_if) {
        struct weir_column condition = plain_evaluate(p, expr->args[0]);
        bool is_true =
            !p->failed && !weir_column_is_null(&condition, 0) && *(const uint8_t *)condition.values;
        return p->failed ? condition : plain_evaluate(p, expr->args[is_true ? 1 : 2]);
    }
    for (uint32_t i = 0; i < expr->args_count; i++) {
        args[i] = plain_evaluate(p, expr->args[i]);
        if (p->failed)
            return args[i];
        any_null |= weir_column_is_null(&args[i], 0);
    }
    if (any_null && (expr->function->flags & WEIR_FUNCTION_STRICT))
        return plain_null(p, expr->type);
    struct weir_session session = {.loops = &weir_loops_baseline};
    struct weir_kernel_errors errors = {.null_on_error = p->null_on_error || p->try_depth};
    struct weir_kernel_call call = {.arena = &p->arena, .session = &session, .errors = &errors};
    struct weir_function_match match = {expr->function, NULL, expr->type, expr->instance};
    struct weir_kernel_setup setup = {
        .match = &match, .args = args, .args_count = expr->args_count, .rows_count = 1};
    if (!weir_kernel_call_prepare(&call, &out, &setup))
        abort();
    expr->function->kernel(&call);
    if (!p->try_depth)
        p->failures += (uint32_t)errors.nulled_count + (errors.status != WEIR_OK);
    p->failed |= errors.status != WEIR_OK;
    return out;
}

static struct weir_column plain_logic(struct plain *p, const struct weir_expr *expr)
{
    uint8_t decisive = expr->kind == WEIR_EXPR_AND ? 0 : 1;
    bool any_null = false;
    struct weir_column value = {0};
    for (uint32_t i = 0; i < expr->args_count; i++) {
        value = plain_evaluate(p, expr->args[i]);
        if (p->failed)
            return value;
        if (weir_column_is_null(&value, 0))
            any_null = true;
        else if ((*(const uint8_t *)value.values != 0) == decisive)
            return value;
    }
    if (any_null)
        return plain_null(p, expr->type);
    return value;
}

static struct weir_column plain_case(struct plain *p, const struct weir_expr *expr)
{
    for (uint32_t i = 0; i + 1 < expr->args_count; i += 2) {
        struct weir_column condition = plain_evaluate(p, expr->args[i]);
        if (p->failed)
            return condition;
        if (!weir_column_is_null(&condition, 0) && *(const uint8_t *)condition.values)
            return plain_evaluate(p, expr->args[i + 1]);
    }
    return plain_evaluate(p, expr->args[expr->args_count - 1]);
}

static struct weir_column plain_evaluate(struct plain *p, const struct weir_expr *expr)
{
    struct weir_column value = {0};
    switch (expr->kind) {
    case WEIR_EXPR_COLUMN:
        return one_lane(p, &p->batch->columns[expr->index], p->lane);
    case WEIR_EXPR_CONSTANT:
        return one_lane(p, &expr->constant, 0);
    case WEIR_EXPR_CALL:
        return plain_call(p, expr);
    case WEIR_EXPR_AND:
    case WEIR_EXPR_OR:
        return plain_logic(p, expr);
    case WEIR_EXPR_CASE:
        return plain_case(p, expr);
    case WEIR_EXPR_COALESCE:
        for (uint32_t i = 0; i < expr->args_count; i++) {
            value = plain_evaluate(p, expr->args[i]);
            if (p->failed || !weir_column_is_null(&value, 0))
                break;
        }
        return value;
    case WEIR_EXPR_TRY:
        p->try_depth++;
        value = plain_evaluate(p, expr->args[0]);
        p->try_depth--;
        return value;
    case WEIR_EXPR_FIELD:
        value = plain_evaluate(p, expr->args[0]);
        if (p->failed || weir_column_is_null(&value, 0))
            return p->failed ? value : plain_null(p, expr->type);
        return one_lane(p, &value.children[expr->index], 0);
    }
    return value;
}

/* --- comparison ------------------------------------------------------------------------------ */

/* Equal to the bit; NaNs of any payload are one value. */
static bool same_bits(const struct weir_column *a, uint32_t lane_a, const struct weir_column *b)
{
    bool null_a = weir_column_is_null(a, lane_a), null_b = weir_column_is_null(b, 0);
    if (null_a || null_b)
        return null_a == null_b;
    if (!weir_column_equals(a, lane_a, b, 0))
        return false;
    if (a->type->kind != WEIR_TYPE_FLOAT64)
        return true;
    double x = ((const double *)a->values)[weir_column_index(a, lane_a)];
    double y = *(const double *)b->values;
    return x != x || memcmp(&x, &y, sizeof x) == 0;
}

static void print_tree(struct world *w, const struct weir_expr *expr, const char *what,
                       uint32_t lane)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    weir_expr_print(expr, &w->schema, &text);
    fprintf(stderr, "%s in lane %u of %u: %.*s\n", what, lane, w->batch.rows_count, (int)text.size,
            text.data);
    weir_buffer_deinit(&text);
}

enum { TREES = 3 };
struct expected {
    struct weir_column values[TREES][500];
    bool fails;
    uint32_t failures;
};

static void expect_plain(struct world *w, struct plain *p, const struct weir_expr *const *exprs,
                         struct expected *expected)
{
    for (uint32_t e = 0; e < TREES; e++)
        for (uint32_t i = 0; i < w->batch.selected_count; i++) {
            p->lane = weir_batch_lane(&w->batch, i);
            p->failed = false;
            expected->values[e][i] = plain_evaluate(p, exprs[e]);
            expected->fails |= p->failed;
        }
    expected->failures = p->failures;
}

static void check_values(struct world *w, const struct weir_expr *const *exprs,
                         const struct weir_column *columns, const struct expected *expected)
{
    for (uint32_t e = 0; e < TREES; e++)
        for (uint32_t i = 0; i < w->batch.selected_count; i++) {
            uint32_t lane = weir_batch_lane(&w->batch, i);
            if (same_bits(&columns[e], lane, &expected->values[e][i]))
                continue;
            print_tree(w, exprs[e], "wrong value", lane);
            EXPECT(false);
            return;
        }
}

static void check_filter(struct world *w, struct weir_program *filter, struct weir_program_run *run,
                         const struct weir_expr *expr, const struct expected *expected)
{
    uint16_t selection[ROWS_MAX];
    uint32_t count, wanted = 0;
    struct weir_error error;
    enum weir_status status = weir_program_filter(filter, run, selection, &count, &error);
    if (status != WEIR_OK) {
        EXPECT(expected->fails);
        return;
    }
    for (uint32_t i = 0; i < w->batch.selected_count; i++) {
        const struct weir_column *value = &expected->values[0][i];
        if (weir_column_is_null(value, 0) || !*(const uint8_t *)value->values)
            continue;
        if (wanted >= count || selection[wanted] != weir_batch_lane(&w->batch, i)) {
            print_tree(w, expr, "wrong filter", weir_batch_lane(&w->batch, i));
            EXPECT(false);
            return;
        }
        wanted++;
    }
    EXPECT_INT(count, wanted);
}

static void run_once(struct world *w, const struct weir_expr *const *exprs,
                     struct weir_program *program, struct weir_program *filter,
                     const struct weir_loops *loops, bool null_on_error,
                     const struct expected *expected)
{
    struct weir_arena arena;
    struct weir_session session = {.loops = loops};
    struct weir_column columns[TREES];
    struct weir_error error = {0};
    weir_arena_init(&arena, NULL, 0);
    struct weir_program_run run = {.batch = &w->batch,
                                   .selection = w->batch.selection,
                                   .selected_count = w->batch.selected_count,
                                   .session = &session,
                                   .arena = &arena,
                                   .null_on_error = null_on_error};
    enum weir_status status = weir_program_run(program, &run, columns, &error);
    if ((status != WEIR_OK) != expected->fails) {
        fprintf(stderr, "status %d (%s), plain evaluation %s\n", (int)status, error.message,
                expected->fails ? "fails" : "does not");
        for (uint32_t e = 0; e < TREES; e++)
            print_tree(w, exprs[e], "wrong outcome", 0);
        EXPECT(false);
    } else if (status == WEIR_OK) {
        check_values(w, exprs, columns, expected);
        EXPECT((run.nulled_count > 0) == (expected->failures > 0));
        for (uint32_t e = 0; e < TREES; e++)
            if (!w->batch.selection)
                EXPECT(weir_column_verify(&columns[e], &error) == WEIR_OK);
    } else {
        EXPECT_STRING(error.source, "test");
    }
    if (!expected->fails)
        check_filter(w, filter, &run, exprs[0], expected);
    weir_arena_deinit(&arena);
}

static void compare_on_batch(struct world *w, const struct weir_expr *const *exprs,
                             struct weir_program *program, struct weir_program *filter)
{
    static struct expected expected;
    const struct weir_loops *const loops[] = {&weir_loops_baseline, weir_loops_best(),
                                              weir_loops_get(weir_isa_detect(WEIR_ISA_AVX2))};
    for (uint32_t null_on_error = 0; null_on_error < 2; null_on_error++) {
        struct plain plain = {.batch = &w->batch, .null_on_error = null_on_error};
        weir_arena_init(&plain.arena, NULL, 0);
        memset(&expected, 0, sizeof expected);
        expect_plain(w, &plain, exprs, &expected);
        for (size_t i = 0; i < WEIR_COUNT_OF(loops); i++)
            run_once(w, exprs, program, filter, loops[i], null_on_error, &expected);
        weir_arena_deinit(&plain.arena);
    }
}

static void agree(uint32_t first, uint32_t count)
{
    uint32_t compared = 0;
    for (uint32_t n = first; n < first + count && test_failures == 0; n++) {
        struct world w;
        seed_state = n * UINT64_C(0x9E3779B97F4A7C15) + 1;
        world_init(&w);
        uint32_t depth = 1 + roll(4);
        const struct weir_expr *exprs[TREES] = {tree(&w, COL_BOOLEAN, depth),
                                                tree(&w, roll(COLUMNS), depth),
                                                tree(&w, roll(COLUMNS), depth)};
        if (exprs[0] && exprs[1] && exprs[2]) {
            struct weir_program *program, *filter;
            EXPECT_INT(weir_program_create(exprs, TREES, &w.schema, NULL, &program, NULL), WEIR_OK);
            EXPECT_INT(weir_program_create(exprs, 1, &w.schema, NULL, &filter, NULL), WEIR_OK);
            for (uint32_t b = 0; b < 4; b++) {
                random_batch(&w);
                compare_on_batch(&w, exprs, program, filter);
            }
            weir_program_destroy(program);
            weir_program_destroy(filter);
            compared++;
        }
        world_deinit(&w);
        if (test_failures)
            fprintf(stderr, "tree %u\n", n);
    }
    EXPECT(compared * 10 >= count * 9 || test_failures);
}

static void random_trees(void)
{
    agree(0, 1500);
}

/* --- particular cases ------------------------------------------------------------------------ */

/* A batch with a = 0 … rows-1, b = a % 4, no nulls. */
static void plain_batch(struct world *w, uint32_t rows)
{
    for (uint32_t c = 0; c < COLUMNS; c++)
        w->columns[c] = random_flat(w, w->types[c], rows, 0);
    int32_t *a = WEIR_ARENA_ARRAY(&w->arena, int32_t, rows);
    int64_t *b = WEIR_ARENA_ARRAY(&w->arena, int64_t, rows);
    for (uint32_t i = 0; i < rows; i++) {
        a[i] = (int32_t)i;
        b[i] = i % 4;
    }
    w->columns[COL_INT].values = a;
    w->columns[COL_BIGINT].values = b;
    w->batch = (struct weir_batch){
        .schema = &w->schema, .columns = w->columns, .rows_count = rows, .selected_count = rows};
    w->batch.origin = (struct weir_origin){.source = "rows", .record = 1000};
}

static uint32_t count_where(const char *text, enum weir_status want, struct weir_error *error)
{
    struct world w;
    struct weir_program *program;
    struct weir_arena arena;
    uint16_t selection[ROWS_MAX];
    uint32_t count = 0;
    world_init(&w);
    plain_batch(&w, ROWS_MAX);
    weir_arena_init(&arena, NULL, 0);
    const struct weir_expr *expr = mini_sql_parse(&w.sql, text);
    if (!expr) {
        fprintf(stderr, "%s: %s\n", text, w.sql.error.message);
        EXPECT(false);
        world_deinit(&w);
        return 0;
    }
    EXPECT_INT(weir_program_create(&expr, 1, &w.schema, NULL, &program, NULL), WEIR_OK);
    struct weir_program_run run = {.batch = &w.batch, .arena = &arena};
    EXPECT_INT(weir_program_filter(program, &run, selection, &count, error), want);
    weir_program_destroy(program);
    weir_arena_deinit(&arena);
    world_deinit(&w);
    return count;
}

static void guarded_filters(void)
{
    struct weir_error error = {0};
    EXPECT_INT(count_where("a < 1000 AND a >= 10", WEIR_OK, &error), 990);
    EXPECT_INT(count_where("b <> 0 AND 12 / b > 4", WEIR_OK, &error), 1024);
    EXPECT_INT(count_where("b = 0 OR 12 / b > 4", WEIR_OK, &error), 1536);
    EXPECT_INT(count_where("CASE WHEN b = 0 THEN false ELSE 12 / b > 4 END", WEIR_OK, &error),
               1024);
    EXPECT_INT(count_where("try(12 / b) > 4", WEIR_OK, &error), 1024);
    EXPECT_INT(count_where("a > 3 AND a / 0 = 1", WEIR_E_DIVISION_BY_ZERO, &error), 0);
    EXPECT_INT(error.record, 1004);
    EXPECT_STRING(error.source, "rows");
}

static void shared_parts_run_once(void)
{
    struct world w;
    world_init(&w);
    const struct weir_expr *a = mini_sql_parse(&w.sql, "(a + 1) * (a + 1)");
    const struct weir_expr *b = mini_sql_parse(&w.sql, "(a + 1) * (a + 1)");
    EXPECT(a && b && weir_expr_equals(a, b));
    EXPECT(weir_expr_hash(a) == weir_expr_hash(b));
    const struct weir_expr *c = mini_sql_parse(&w.sql, "random()");
    EXPECT(c && !weir_expr_equals(c, c) && weir_expr_is_volatile(c));
    world_deinit(&w);
}

static void prints(void)
{
    static const char *const cases[][2] = {
        {"a + 1 > 2 AND t = 'it''s'", "((a + 1) > 2) AND (t = 'it''s')"},
        {"CASE WHEN f THEN a ELSE abs(a) END", "CASE WHEN f THEN a ELSE abs(a) END"},
        {"NOT f OR a IS NULL", "(NOT f) OR (a IS NULL)"},
        {"CAST(a AS text)", "CAST(a AS TEXT)"},
        {"coalesce(a, -1)", "COALESCE(a, - 1)"},
        {"a IS NOT DISTINCT FROM 3", "a IS NOT DISTINCT FROM 3"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        struct world w;
        struct weir_buffer text;
        world_init(&w);
        weir_buffer_init(&text, NULL);
        const struct weir_expr *expr = mini_sql_parse(&w.sql, cases[i][0]);
        if (EXPECT(expr != NULL)) {
            weir_expr_print(expr, &w.schema, &text);
            test_text(text.data, text.size, cases[i][1], __FILE__, __LINE__, cases[i][0]);
        }
        weir_buffer_deinit(&text);
        world_deinit(&w);
    }
}

static void folds(void)
{
    static const char *const cases[][2] = {
        {"1 + 2 * 3", "7"},
        {"a + (2 * 3)", "a + 6"},
        {"1 / 0 + a", "(1 / 0) + a"},
        {"f AND 1 = 1", "f"},
        {"f OR 1 = 1", "true"},
        {"f AND 1 = 2", "false"},
        {"CASE WHEN 1 = 2 THEN a WHEN 1 = 1 THEN 5 ELSE a END", "5"},
        {"coalesce(NULL, a)", "a"},
        {"a + NULL", "NULL"},
        {"try(1 / 0)", "NULL"},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        struct world w;
        struct weir_buffer text;
        const struct weir_expr *folded = NULL;
        world_init(&w);
        weir_buffer_init(&text, NULL);
        const struct weir_expr *expr = mini_sql_parse(&w.sql, cases[i][0]);
        if (EXPECT(expr && weir_expr_fold(expr, false, NULL, &w.arena, &folded, NULL) == WEIR_OK)) {
            weir_expr_print(folded, &w.schema, &text);
            test_text(text.data, text.size, cases[i][1], __FILE__, __LINE__, cases[i][0]);
        }
        weir_buffer_deinit(&text);
        world_deinit(&w);
    }
}

/* After two runs a program over the same batch asks for no more memory but the arena's. */
static void no_allocation_after_warm_up(void)
{
    struct world w;
    struct weir_program *program;
    struct weir_arena arena;
    struct weir_column columns[3];
    world_init(&w);
    plain_batch(&w, ROWS_MAX);
    weir_arena_init(&arena, NULL, 1 << 20);
    const struct weir_expr *exprs[3] = {
        mini_sql_parse(&w.sql, "CASE WHEN a > 7 THEN a * b ELSE 100 / (a + 1) END"),
        mini_sql_parse(&w.sql, "a > 5 AND 7 / (b + 1) > 2 AND c < 3"),
        mini_sql_parse(&w.sql, "coalesce(try(a / b), -1)")};
    EXPECT(exprs[0] && exprs[1] && exprs[2]);
    EXPECT_INT(weir_program_create(exprs, 3, &w.schema, NULL, &program, NULL), WEIR_OK);
    for (int i = 0; i < 5; i++) {
        struct weir_program_run run = {.batch = &w.batch, .arena = &arena};
        weir_arena_reset(&arena);
        (void)weir_memory_fail_at(0);
        EXPECT_INT(weir_program_run(program, &run, columns, NULL), WEIR_OK);
        uint64_t allocations = weir_memory_fail_at(0);
        if (i >= 2)
            EXPECT_INT(allocations, 0);
    }
    weir_program_destroy(program);
    weir_arena_deinit(&arena);
    world_deinit(&w);
}

/* The N-th allocation fails, N = 1, 2, … until nothing fails: a status each time, no leak. */
static void allocation_failures(void)
{
    struct world w;
    world_init(&w);
    seed_state = 99;
    random_batch(&w);
    w.batch.selection = NULL;
    w.batch.selected_count = w.batch.rows_count;
    const struct weir_expr *exprs[2] = {
        mini_sql_parse(&w.sql, "CASE WHEN a > 7 AND t <> 'x' THEN CAST(a AS text) ELSE t END"),
        mini_sql_parse(&w.sql, "coalesce(l, ARRAY[1, 2])")};
    EXPECT(exprs[0] && exprs[1]);
    bool done = false;
    for (uint64_t n = 1; n < 500 && !done; n++) {
        struct weir_program *program = NULL;
        struct weir_arena arena;
        struct weir_column columns[2];
        struct weir_error error = {0};
        weir_arena_init(&arena, NULL, 1024);
        (void)weir_memory_fail_at(n);
        enum weir_status status = weir_program_create(exprs, 2, &w.schema, NULL, &program, &error);
        if (status == WEIR_OK) {
            struct weir_program_run run = {
                .batch = &w.batch, .arena = &arena, .null_on_error = true};
            status = weir_program_run(program, &run, columns, &error);
        }
        done = weir_memory_fail_at(0) < n;
        EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY ||
               status == WEIR_E_MEMORY_LIMIT);
        weir_program_destroy(program);
        weir_arena_deinit(&arena);
    }
    EXPECT(done);
    world_deinit(&w);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(random_trees),
                                             TEST_CASE(guarded_filters),
                                             TEST_CASE(shared_parts_run_once),
                                             TEST_CASE(prints),
                                             TEST_CASE(folds),
                                             TEST_CASE(no_allocation_after_warm_up),
                                             TEST_CASE(allocation_failures)};
    if (argc > 2 && strcmp(argv[1], "--trees") == 0) {
        agree((uint32_t)strtoul(argv[2], NULL, 10),
              argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 1);
        return test_failures != 0;
    }
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
