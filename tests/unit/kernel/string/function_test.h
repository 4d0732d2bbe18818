/* Calls of registered functions, for tests of kernels.
 *
 * A case names the function, the types of its arguments, and their values as text:
 *
 *     {"lpad", "text, integer", {"hi", "5"}, "   hi"},
 *     {"chr", "integer", {"0"}, FAILS(BAD_ARGUMENT)},
 *
 * It is run with all arguments in columns, with all constant, and with only the first in a column;
 * each time over three lanes of which the first is not selected, under on_error = 'fail' and
 * 'null', and once more for each allocation that may fail. */
#ifndef FUNCTION_TEST_H
#define FUNCTION_TEST_H

#include "column/text.h"
#include "kernel/cast_internal.h"
#include "kernel/signature.h"
#include "test.h"

/* A case names a status only when it fails. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

enum { CASE_ARGS_MAX = 7, CASE_LANES = 3 };
#define SQL_NULL "\001NULL"
#define FAILS(code) NULL, WEIR_E_##code

struct function_case {
    const char *name;
    const char *types;
    const char *args[CASE_ARGS_MAX];
    const char *want; /* NULL: it fails */
    enum weir_status status;
};

enum case_shape { SHAPE_COLUMNS, SHAPE_CONSTANTS, SHAPE_FIRST_COLUMN, SHAPES_COUNT };

struct case_run {
    const struct function_case *test;
    enum case_shape shape;
    bool null_on_error;
    struct weir_arena arena;
    struct weir_session session;
    struct weir_error error;
    struct weir_kernel_errors errors;
    char signature[200]; /* types borrow names of fields from it */
    uint32_t args_count;
    struct weir_column args[CASE_ARGS_MAX];
    struct weir_column constants[CASE_ARGS_MAX];
    struct weir_column out;
};

/* What a test adds to the session of each call, such as a time zone. */
static void (*case_set_session)(struct weir_session *session);

static inline void case_random_fill(const struct weir_session *session, void *bytes, size_t size)
{
    (void)session;
    memset(bytes, 0x5A, size);
}

/* One lane of the value, or CASE_LANES with the first NULL. */
static inline enum weir_status case_column(struct case_run *run, const struct weir_type *type,
                                           const char *text, bool constant, struct weir_column *out)
{
    struct weir_builder builder;
    WEIR_TRY(weir_builder_init(&builder, type, &run->arena, NULL));
    for (unsigned lane = 0; lane < (constant ? 1 : CASE_LANES); lane++) {
        if ((lane == 0 && !constant) || strcmp(text, SQL_NULL) == 0) {
            WEIR_TRY(weir_builder_append_null(&builder, NULL));
            continue;
        }
        enum weir_parse result =
            type->kind == WEIR_TYPE_TEXT
                ? (weir_builder_append_text(&builder, weir_slice_from_string(text), NULL) == WEIR_OK
                       ? WEIR_PARSE_OK
                       : WEIR_PARSE_MEMORY)
                : weir_text_parse_into(&builder, weir_slice_from_string(text), NULL, NULL);
        if (result != WEIR_PARSE_OK)
            return WEIR_E_OUT_OF_MEMORY;
    }
    *out = weir_builder_column(&builder);
    if (constant) {
        out->encoding = WEIR_CONSTANT;
        out->rows_count = CASE_LANES;
    }
    return WEIR_OK;
}

static inline enum weir_status case_arguments(struct case_run *run,
                                              struct weir_function_arg args[CASE_ARGS_MAX])
{
    struct weir_signature parsed;
    snprintf(run->signature, sizeof run->signature, "(%s) -> text", run->test->types);
    WEIR_TRY(weir_signature_parse(run->signature, &run->arena, &parsed, &run->error));
    run->args_count = parsed.params_count;
    for (uint32_t i = 0; i < parsed.params_count; i++) {
        bool constant = run->shape == SHAPE_CONSTANTS || (run->shape == SHAPE_FIRST_COLUMN && i);
        const struct weir_type *type = parsed.params[i].type;
        WEIR_TRY(case_column(run, type, run->test->args[i], constant, &run->args[i]));
        args[i] = (struct weir_function_arg){type, false, constant ? &run->args[i] : NULL};
    }
    return WEIR_OK;
}

static inline enum weir_status case_call(struct case_run *run,
                                         const struct weir_function_match *match)
{
    static const uint16_t selection[] = {1, 2};
    void *scratch = NULL;
    struct weir_kernel_call call = {.arena = &run->arena,
                                    .errors = &run->errors,
                                    .session = &run->session,
                                    .scratch = &scratch};
    struct weir_kernel_setup setup = {match, run->args, run->args_count, CASE_LANES, selection, 2};
    if (!weir_kernel_call_prepare(&call, &run->out, &setup))
        return WEIR_E_OUT_OF_MEMORY;
    match->function->kernel(&call);
    if (match->function->close)
        match->function->close(scratch);
    return run->errors.status;
}

static inline enum weir_status case_execute(struct case_run *run)
{
    struct weir_function_arg args[CASE_ARGS_MAX];
    struct weir_function_match match;
    weir_arena_init(&run->arena, NULL, 0);
    run->session.random_fill = case_random_fill;
    if (case_set_session)
        case_set_session(&run->session);
    run->errors =
        (struct weir_kernel_errors){.null_on_error = run->null_on_error, .error = &run->error};
    WEIR_TRY(case_arguments(run, args));
    WEIR_TRY(weir_function_resolve(weir_slice_from_string(run->test->name), args, run->args_count,
                                   &run->session, &run->arena, &match, &run->error));
    return case_call(run, &match);
}

static inline void case_check_lane(const struct case_run *run, uint32_t lane, const char *want,
                                   const char *label)
{
    struct weir_buffer text;
    struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES,
                                        .timezone = run->session.timezone,
                                        .null_text = weir_slice_from_string(SQL_NULL)};
    weir_buffer_init(&text, NULL);
    weir_column_print(&run->out, lane, &options, &text);
    test_text(text.data ? text.data : "", text.size, want, __FILE__, __LINE__, label);
    weir_buffer_deinit(&text);
}

static inline void case_label(const struct case_run *run, char *label, size_t size)
{
    size_t used = (size_t)snprintf(label, size, "%s(", run->test->name);
    for (uint32_t i = 0; i < run->args_count && used < size; i++)
        used +=
            (size_t)snprintf(label + used, size - used, "%s%s", i ? ", " : "", run->test->args[i]);
    if (used < size)
        snprintf(label + used, size - used, ") shape %d", (int)run->shape);
}

static inline void case_run_shape(const struct function_case *test, enum case_shape shape,
                                  bool null_on_error)
{
    struct case_run run = {.test = test, .shape = shape, .null_on_error = null_on_error};
    char label[400];
    enum weir_status status = case_execute(&run);
    case_label(&run, label, sizeof label);
    /* What is wrong in a constant may be found at planning, whatever on_error says. */
    bool planned = !test->want && shape != SHAPE_COLUMNS && status == test->status;
    if (planned || (!test->want && !null_on_error)) {
        test_int((int64_t)status, (int64_t)test->status, __FILE__, __LINE__, label);
    } else if (test_int((int64_t)status, WEIR_OK, __FILE__, __LINE__, label)) {
        case_check_lane(&run, 1, test->want ? test->want : SQL_NULL, label);
        case_check_lane(&run, 2, test->want ? test->want : SQL_NULL, label);
        EXPECT(weir_column_verify(&run.out, NULL) == WEIR_OK);
        if (!test->want)
            test_int((int64_t)run.errors.nulled_count, 2, __FILE__, __LINE__, label);
    }
    weir_arena_deinit(&run.arena);
}

/* Makes the N-th allocation fail for N = 1, 2, … until none fails any more. */
static inline void case_sweep(const struct function_case *test, enum case_shape shape)
{
    bool failed = true;
    for (uint64_t n = 1; failed && n < 200; n++) {
        struct case_run run = {.test = test, .shape = shape};
        weir_memory_fail_at(0);
        weir_memory_fail_at(n);
        enum weir_status status = case_execute(&run);
        failed = weir_memory_fail_at(0) >= n;
        if (failed && status != WEIR_E_OUT_OF_MEMORY && status != test->status)
            test_int((int64_t)status, WEIR_E_OUT_OF_MEMORY, __FILE__, __LINE__, test->name);
        weir_arena_deinit(&run.arena);
    }
    EXPECT(!failed);
}

static inline void run_cases(const struct function_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (int shape = 0; shape < SHAPES_COUNT; shape++) {
            case_run_shape(&cases[i], (enum case_shape)shape, false);
            case_run_shape(&cases[i], (enum case_shape)shape, true);
            case_sweep(&cases[i], (enum case_shape)shape);
        }
    }
}

#endif
