/* Programs: creation, memory, and the loop that runs the instructions. */
#include "expr/program_internal.h"

/* --- memory ---------------------------------------------------------------------------------- */

/* Replaces *memory by one of at least size bytes, charged to the budget; contents are lost. */
static bool grow(struct weir_budget *budget, void **memory, size_t *held, size_t size)
{
    if (size <= *held)
        return true;
    if (budget && !weir_budget_charge(budget, size))
        return false;
    void *fresh = weir_malloc_aligned(size);
    if (!fresh) {
        if (budget)
            weir_budget_release(budget, size);
        return false;
    }
    memset(fresh, 0, size);
    if (*memory) {
        weir_free_aligned(*memory, *held);
        if (budget)
            weir_budget_release(budget, *held);
    }
    *memory = fresh;
    *held = size;
    return true;
}

static void give_back(struct weir_budget *budget, void *memory, size_t held)
{
    if (!memory)
        return;
    weir_free_aligned(memory, held);
    if (budget)
        weir_budget_release(budget, held);
}

bool weir_program_out_of_memory(struct weir_program *program)
{
    if (program->errors.status == WEIR_OK) {
        bool runs = program->run && program->run->arena->budget;
        program->errors.status =
            weir_budget_error(runs ? program->run->arena->budget : program->budget, program->error);
    }
    return false;
}

static size_t round_up(size_t size)
{
    return (size + 63) & ~(size_t)63;
}

/* Bytes of `rows` lanes, and a little more: vector stores may round up. */
static size_t lanes_size(size_t rows, size_t width)
{
    return round_up((rows < 64 ? 64 : rows) * width);
}

static bool prepare_output(struct weir_program *program, size_t size, size_t words, void **values,
                           uint64_t **validity)
{
    struct weir_arena *arena = program->run->arena;
    *values = size ? weir_arena_alloc(arena, size, 64) : NULL;
    *validity = weir_arena_alloc(arena, words * sizeof **validity, 64);
    return (*values || !size) && *validity ? true : weir_program_out_of_memory(program);
}

bool weir_program_prepare(struct weir_program *program, uint32_t index, void **values,
                          uint64_t **validity)
{
    const struct weir_value *value = &program->values[index];
    uint32_t rows = program->run->batch->rows_count;
    size_t size = lanes_size(rows, weir_type_width(value->type));
    size_t words = weir_validity_words(rows) + 1;
    if (value->is_output || value->buffer == WEIR_NO_BUFFER) {
        if (!prepare_output(program, size, words, values, validity))
            return false;
    } else {
        struct weir_register_buffer *buffer = &program->buffers[value->buffer];
        size_t validity_size = buffer->validity_words * 8;
        void *words_memory = buffer->validity;
        bool ok = grow(program->budget, &buffer->values, &buffer->values_size, size) &&
                  grow(program->budget, &words_memory, &validity_size, round_up(words * 8));
        buffer->validity = words_memory;
        buffer->validity_words = validity_size / 8;
        if (!ok)
            return weir_program_out_of_memory(program);
        *values = buffer->values;
        *validity = buffer->validity;
    }
    if (weir_type_is_view(value->type) && rows)
        memset(*values, 0, rows * sizeof(struct weir_view));
    return true;
}

const uint64_t *weir_validity_compact(const uint64_t *validity, uint32_t rows_count)
{
    return weir_validity_any_null(validity, rows_count) ? validity : NULL;
}

const struct weir_column *weir_program_flat(struct weir_program *program, uint32_t value)
{
    struct weir_column *column = &program->columns[value];
    if (column->encoding != WEIR_DICTIONARY)
        return column;
    if (!program->has_flat[value]) {
        if (weir_column_flatten(column, program->run->arena, &program->flat[value], NULL) !=
            WEIR_OK) {
            weir_program_out_of_memory(program);
            return NULL;
        }
        program->has_flat[value] = true;
    }
    return &program->flat[value];
}

/* --- creation -------------------------------------------------------------------------------- */

static enum weir_status allocate_run_state(struct weir_program *program, struct weir_error *error)
{
    struct weir_arena *arena = &program->arena;
    size_t values = (size_t)program->values_count + 1;
    program->columns = WEIR_ARENA_ARRAY(arena, struct weir_column, values);
    program->flat = WEIR_ARENA_ARRAY(arena, struct weir_column, values);
    program->has_flat = WEIR_ARENA_ARRAY(arena, bool, values);
    program->arms = WEIR_ARENA_ARRAY(arena, struct weir_arms, values);
    program->args = WEIR_ARENA_ARRAY(arena, struct weir_column, (size_t)program->args_max + 1);
    bool ok =
        program->columns && program->flat && program->has_flat && program->arms && program->args;
    for (uint32_t i = 0; ok && i < program->values_count; i++)
        if (program->values[i].arms_count && weir_type_is_nested(program->values[i].type)) {
            program->arms[i].columns =
                WEIR_ARENA_ARRAY(arena, struct weir_column, program->values[i].arms_count);
            ok = program->arms[i].columns != NULL;
        }
    return ok ? WEIR_OK : weir_budget_error(program->budget, error);
}

static bool is_fast_test(const struct weir_expr *expr, struct weir_fast_test *test)
{
    int op = expr->kind == WEIR_EXPR_CALL ? weir_compare_op_of(expr->function->kernel) : -1;
    if (op < 0 || expr->args[0]->kind != WEIR_EXPR_COLUMN ||
        expr->args[1]->kind != WEIR_EXPR_CONSTANT)
        return false;
    const struct weir_expr *column = expr->args[0], *constant = expr->args[1];
    if (column->type->kind != constant->type->kind || weir_loop_kind(column->type->kind) < 0 ||
        weir_column_is_null(&constant->constant, 0))
        return false;
    *test = (struct weir_fast_test){.input = column->index,
                                    .constant = constant->constant.values,
                                    .kind = column->type->kind,
                                    .op = (enum weir_compare_op)op};
    return true;
}

/* Splits a filter into the fast tests it begins with and a program for the rest. */
static enum weir_status prepare_filter(struct weir_program *program, const struct weir_expr *expr,
                                       const struct weir_schema *input, struct weir_error *error)
{
    bool is_and = expr->kind == WEIR_EXPR_AND;
    uint32_t count = is_and ? expr->args_count : 1, fast = 0;
    const struct weir_expr *const *parts = is_and ? expr->args : &expr;
    program->fast_tests = WEIR_ARENA_ARRAY(&program->arena, struct weir_fast_test, count);
    if (!program->fast_tests)
        return weir_budget_error(program->budget, error);
    while (fast < count && is_fast_test(parts[fast], &program->fast_tests[fast]))
        fast++;
    program->fast_tests_count = fast;
    if (fast == 0 || fast == count)
        return WEIR_OK;
    struct weir_expr *rest = WEIR_ARENA_NEW(&program->arena, struct weir_expr);
    if (!rest)
        return weir_budget_error(program->budget, error);
    *rest = *expr;
    rest->args = expr->args + fast;
    rest->args_count = count - fast;
    const struct weir_expr *only = rest->args_count == 1 ? rest->args[0] : rest;
    return weir_program_create(&only, 1, input, program->budget, &program->rest, error);
}

enum weir_status weir_program_create(const struct weir_expr *const *exprs, uint32_t count,
                                     const struct weir_schema *input, struct weir_budget *budget,
                                     struct weir_program **out, struct weir_error *error)
{
    *out = NULL;
    struct weir_program *program = weir_calloc(1, sizeof *program);
    if (!program)
        return weir_error_set_out_of_memory(error);
    program->budget = budget;
    weir_arena_init(&program->arena, budget, 0);
    enum weir_status status = weir_program_compile(program, exprs, count, error);
    if (status == WEIR_OK)
        status = allocate_run_state(program, error);
    if (status == WEIR_OK && count == 1 && exprs[0]->type->kind == WEIR_TYPE_BOOLEAN)
        status = prepare_filter(program, exprs[0], input, error);
    if (status != WEIR_OK) {
        weir_program_destroy(program);
        return status;
    }
    *out = program;
    return WEIR_OK;
}

void weir_program_destroy(struct weir_program *program)
{
    if (!program)
        return;
    weir_program_destroy(program->rest);
    for (uint32_t i = 0; i < program->instructions_count; i++) {
        struct weir_instruction *instruction = &program->instructions[i];
        if (instruction->scratch && instruction->expr->function->close)
            instruction->expr->function->close(instruction->scratch);
    }
    for (uint32_t i = 0; i < program->buffers_count; i++) {
        give_back(program->budget, program->buffers[i].values, program->buffers[i].values_size);
        give_back(program->budget, program->buffers[i].validity,
                  program->buffers[i].validity_words * 8);
    }
    for (uint32_t i = 0; i < program->slots_count; i++)
        give_back(program->budget, program->slots[i].memory,
                  program->slots[i].memory_count * sizeof(uint16_t));
    give_back(program->budget, program->bytes, (size_t)program->bytes_count * 2);
    weir_arena_deinit(&program->arena);
    weir_free(program);
}

/* --- running --------------------------------------------------------------------------------- */

/* Room for every lane in the narrowed slots. */
static bool prepare_slots(struct weir_program *program)
{
    uint32_t rows = program->run->batch->rows_count;
    uint32_t room = rows < WEIR_BATCH_ROWS_MAX ? WEIR_BATCH_ROWS_MAX : rows;
    for (uint32_t i = 1; i < program->slots_count; i++) {
        struct weir_slot *slot = &program->slots[i];
        void *memory = slot->memory;
        size_t held = slot->memory_count * sizeof(uint16_t);
        if (slot->memory_count >= rows)
            continue;
        bool ok = grow(program->budget, &memory, &held, round_up(room * sizeof(uint16_t)));
        slot->memory = memory;
        slot->memory_count = (uint32_t)(held / sizeof(uint16_t));
        if (!ok)
            return weir_program_out_of_memory(program);
    }
    return true;
}

/* A constant for rows_count lanes. Children of a struct get as many lanes as it has: they become
 * constants too. */
bool weir_program_broadcast(struct weir_program *program, struct weir_column *column, uint32_t rows)
{
    column->encoding = WEIR_CONSTANT;
    column->rows_count = rows;
    if (column->type->kind != WEIR_TYPE_STRUCT || column->children_count == 0)
        return true;
    struct weir_column *children =
        WEIR_ARENA_ARRAY(program->run->arena, struct weir_column, column->children_count);
    if (!children)
        return weir_program_out_of_memory(program);
    for (uint32_t i = 0; i < column->children_count; i++) {
        children[i] = column->children[i];
        if (!weir_program_broadcast(program, &children[i], rows))
            return false;
    }
    column->children = children;
    return true;
}

static bool begin_run(struct weir_program *program, struct weir_program_run *run,
                      struct weir_error *error)
{
    uint32_t rows = run->batch->rows_count;
    program->run = run;
    program->error = error;
    program->errors =
        (struct weir_kernel_errors){.null_on_error = run->null_on_error, .error = error};
    program->try_errors = (struct weir_kernel_errors){.null_on_error = true, .error = error};
    program->try_depth = 0;
    program->slots[0].lanes = run->selection;
    program->slots[0].count = run->selection ? run->selected_count : rows;
    for (uint32_t i = 0; i < program->values_count; i++) {
        const struct weir_value *value = &program->values[i];
        program->has_flat[i] = false;
        if (value->kind == WEIR_VALUE_INPUT) {
            program->columns[i] = run->batch->columns[value->input];
            weir_prefetch_head(&program->columns[i]);
        } else if (value->constant) {
            program->columns[i] = *value->constant;
            if (!weir_program_broadcast(program, &program->columns[i], rows))
                return false;
        }
    }
    return prepare_slots(program);
}

/* One instruction; *next is set by jumps. */
static bool step(struct weir_program *program, struct weir_instruction *instruction, uint32_t *next)
{
    switch (instruction->op) {
    case WEIR_OP_CALL:
        return weir_program_call(program, instruction);
    case WEIR_OP_FIELD:
        return weir_program_field(program, instruction);
    case WEIR_OP_ALL:
    case WEIR_OP_ANY:
        return weir_program_all_any(program, instruction);
    case WEIR_OP_BLEND:
        return weir_program_blend(program, instruction);
    case WEIR_OP_BEGIN:
        return weir_program_begin(program, instruction);
    case WEIR_OP_COPY:
        return weir_program_copy(program, instruction);
    case WEIR_OP_FINISH:
        return weir_program_finish(program, instruction);
    case WEIR_OP_MERGE_AND:
    case WEIR_OP_MERGE_OR:
        weir_program_merge(program, instruction);
        return true;
    case WEIR_OP_NARROW:
        if (!weir_program_narrow(program, instruction))
            return false;
        if (program->slots[instruction->to_slot].count == 0)
            *next = instruction->target;
        return true;
    case WEIR_OP_PARTITION:
        if (!weir_program_partition(program, instruction))
            return false;
        if (program->slots[instruction->to_slot].count == 0)
            *next = instruction->target;
        return true;
    case WEIR_OP_SKIP_IF_NONE:
        if (program->slots[instruction->slot].count == 0)
            *next = instruction->target;
        return true;
    case WEIR_OP_TRY_BEGIN:
        program->try_depth++;
        return true;
    case WEIR_OP_TRY_END:
        program->try_depth--;
        return true;
    }
    return false;
}

/* The failing row's place in the data. */
static void describe_failure(struct weir_program *program, const struct weir_expr *expr,
                             uint32_t lane)
{
    const struct weir_batch *batch = program->run->batch;
    if (!program->error)
        return;
    if (expr && expr->position.line)
        weir_error_at(program->error, expr->position);
    if (batch->origin.source && lane < batch->rows_count) {
        struct weir_origin origin = batch->origin;
        origin.record += batch->origin_records ? batch->origin_records[lane] : lane;
        origin.offset = batch->origin_records || lane ? 0 : origin.offset;
        weir_error_from(program->error, &origin);
    }
}

static enum weir_status run_all(struct weir_program *program)
{
    for (uint32_t i = 0; i < program->instructions_count;) {
        uint32_t next = i + 1;
        struct weir_instruction *instruction = &program->instructions[i];
        if (!step(program, instruction, &next)) {
            struct weir_kernel_errors *errors = weir_program_errors(program);
            if (errors->status == WEIR_OK)
                errors = &program->errors;
            if (errors->status == WEIR_OK)
                return weir_error_set(program->error, WEIR_E_INTERNAL, "an expression got stuck");
            describe_failure(program, instruction->expr, errors->lane);
            return errors->status;
        }
        i = next;
    }
    return WEIR_OK;
}

enum weir_status weir_program_run(struct weir_program *program, struct weir_program_run *run,
                                  struct weir_column *columns, struct weir_error *error)
{
    run->nulled_count = 0;
    if ((run->selection ? run->selected_count : run->batch->rows_count) == 0) {
        for (uint32_t i = 0; i < program->outputs_count; i++)
            columns[i] = weir_column_nulls(program->values[program->outputs[i]].type,
                                           run->batch->rows_count);
        return WEIR_OK;
    }
    if (!begin_run(program, run, error))
        return program->errors.status;
    WEIR_TRY(run_all(program));
    run->nulled_count = program->errors.nulled_count;
    for (uint32_t i = 0; i < program->outputs_count; i++)
        columns[i] = program->columns[program->outputs[i]];
    return WEIR_OK;
}
