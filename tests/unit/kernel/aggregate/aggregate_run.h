/* Runs an aggregate over columns written as Postgres arrays, in many ways that must agree. */
#ifndef WEIR_TEST_AGGREGATE_RUN_H
#define WEIR_TEST_AGGREGATE_RUN_H

#include "column/text.h"
#include "kernel/aggregate.h"
#include "kernel/signature.h"
#include "test.h"

enum { RUN_ARGS_MAX = 2, RUN_STATE_MAX = 256, RUN_ROWS_MAX = 2048 };

struct run {
    struct weir_arena arena;
    struct weir_aggregate_heap heap;
    struct weir_session session;
    struct weir_aggregate_match match;
    struct weir_column args[RUN_ARGS_MAX];
    uint32_t args_count;
    uint32_t rows_count;
    struct weir_kernel_errors errors;
    struct weir_error error;
    char text[65536]; /* of the last result */
};

static inline const struct weir_type *run_type(struct weir_arena *arena, const char *name)
{
    unsigned precision, scale;
    if (sscanf(name, "decimal(%u,%u)", &precision, &scale) == 2)
        return weir_type_decimal(arena, precision, scale);
    char text[64];
    struct weir_signature signature;
    snprintf(text, sizeof text, "(%s) -> integer", name);
    if (weir_signature_parse(text, arena, &signature, NULL) != WEIR_OK)
        return NULL;
    return signature.params[0].type;
}

/* A FLAT column of the elements of an array literal. */
static inline struct weir_column run_column(struct weir_arena *arena, const char *type_name,
                                            const char *array)
{
    struct weir_builder builder;
    const struct weir_type *type = weir_type_list(arena, run_type(arena, type_name));
    EXPECT(weir_builder_init(&builder, type, arena, NULL) == WEIR_OK);
    if (!EXPECT(weir_text_parse_into(&builder, weir_slice_from_string(array), NULL, NULL) ==
                WEIR_PARSE_OK))
        fprintf(stderr, "  cannot read %s as %s[]\n", array, type_name);
    return weir_builder_column(&builder).children[0];
}

/* One CONSTANT lane from the text of a value. */
static inline struct weir_column run_constant(struct weir_arena *arena, const char *type_name,
                                              const char *value)
{
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, run_type(arena, type_name), arena, NULL) == WEIR_OK);
    EXPECT(weir_text_parse_into(&builder, weir_slice_from_string(value), NULL, NULL) ==
           WEIR_PARSE_OK);
    struct weir_column column = weir_builder_column(&builder);
    column.encoding = WEIR_CONSTANT;
    return column;
}

/* Casts args as the resolver asks. Only between types whose text both read. */
static inline struct weir_column run_cast(struct weir_arena *arena, const struct weir_column *from,
                                          const struct weir_type *to)
{
    if (weir_type_equals(from->type, to) || from->type->kind == to->kind)
        return *from;
    struct weir_builder builder;
    EXPECT(weir_builder_init(&builder, to, arena, NULL) == WEIR_OK);
    const struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    uint32_t lanes = from->encoding == WEIR_CONSTANT ? 1 : from->rows_count;
    for (uint32_t i = 0; i < lanes; i++) {
        struct weir_buffer text;
        weir_buffer_init(&text, NULL);
        weir_column_print(from, i, &options, &text);
        if (weir_column_is_null(from, i))
            EXPECT(weir_builder_append_null(&builder, NULL) == WEIR_OK);
        else
            EXPECT(weir_text_parse_into(&builder, weir_buffer_slice(&text), NULL, NULL) ==
                   WEIR_PARSE_OK);
        weir_buffer_deinit(&text);
    }
    struct weir_column column = weir_builder_column(&builder);
    column.encoding = from->encoding;
    column.rows_count = from->rows_count;
    return column;
}

static inline void run_init(struct run *run)
{
    memset(run, 0, sizeof *run);
    weir_arena_init(&run->arena, NULL, 0);
    weir_aggregate_heap_init(&run->heap, NULL);
    run->errors.error = &run->error;
}

static inline void run_deinit(struct run *run)
{
    weir_aggregate_heap_deinit(&run->heap);
    weir_arena_deinit(&run->arena);
}

/* Resolves name for run->args; false after a failure (in run->error). */
static inline bool run_resolve(struct run *run, const char *name, bool within_group)
{
    struct weir_function_arg args[RUN_ARGS_MAX];
    for (uint32_t i = 0; i < run->args_count; i++)
        args[i] = (struct weir_function_arg){
            .type = run->args[i].type,
            .constant = run->args[i].encoding == WEIR_CONSTANT ? &run->args[i] : NULL};
    if (weir_aggregate_resolve(weir_slice_from_string(name), args, run->args_count, within_group,
                               &run->session, &run->arena, &run->match, &run->error) != WEIR_OK)
        return false;
    for (uint32_t i = 0; i < run->args_count; i++)
        run->args[i] = run_cast(&run->arena, &run->args[i], run->match.arg_types[i]);
    return EXPECT(run->match.state_size % 8 == 0 && run->match.state_size <= RUN_STATE_MAX);
}

static inline struct weir_aggregate_call run_call(struct run *run)
{
    return (struct weir_aggregate_call){.rows_count = run->rows_count,
                                        .args = run->args,
                                        .args_count = run->args_count,
                                        .heap = &run->heap,
                                        .instance = run->match.instance,
                                        .session = &run->session,
                                        .errors = &run->errors};
}

/* Prints what finish makes of the states; lane `shown` goes to run->text. False when it failed. */
static inline bool run_finish(struct run *run, uint8_t *const *states, uint32_t count,
                              size_t offset, uint32_t shown)
{
    const struct weir_type *type = run->match.result_type;
    size_t width = weir_type_width(type), words = weir_validity_words(count) + 1;
    struct weir_column column = {.type = type, .encoding = WEIR_FLAT, .rows_count = count};
    uint64_t *validity = WEIR_ARENA_ARRAY(&run->arena, uint64_t, words);
    void *values = width ? weir_arena_alloc(&run->arena, count * width + 16, 16) : NULL;
    if (!validity || (width && !values))
        return false;
    memset(validity, 0xFF, words * 8);
    if (values)
        memset(values, 0, count * width);
    column.validity = validity;
    column.values = values;
    struct weir_kernel_call out = {.rows_count = count,
                                   .selected_count = count,
                                   .out = &column,
                                   .out_values = values,
                                   .validity = validity,
                                   .arena = &run->arena,
                                   .instance = run->match.instance,
                                   .session = &run->session,
                                   .errors = &run->errors};
    run->match.aggregate->ops->finish(&out, states, offset);
    if (run->errors.status != WEIR_OK)
        return false;
    EXPECT(weir_column_verify(&column, NULL) == WEIR_OK);
    const struct weir_text_options options = {.style = WEIR_TEXT_POSTGRES};
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    if (weir_column_is_null(&column, shown))
        weir_buffer_append_string(&text, "NULL");
    else
        weir_column_print(&column, shown, &options, &text);
    snprintf(run->text, sizeof run->text, "%.*s", WEIR_SLICE_ARGS(weir_buffer_slice(&text)));
    bool ok = !text.failed;
    weir_buffer_deinit(&text);
    return ok;
}

static inline void run_drop(struct run *run, uint8_t *state)
{
    if (run->match.aggregate->ops->drop)
        run->match.aggregate->ops->drop(state, &run->heap);
}

#endif
