/* Calls of kernels: encodings, validity, constants, dictionaries, failures. */
#include "expr/program_internal.h"

struct call_site {
    struct weir_program *program;
    struct weir_instruction *instruction;
    const struct weir_function *function;
    const struct weir_type *type; /* of the result */
    struct weir_column *args;
    uint32_t args_count;
    const struct weir_slot *slot;
    uint32_t rows_count;
    struct weir_column *out;
};

static bool is_strict(const struct call_site *site)
{
    return site->function->flags & WEIR_FUNCTION_STRICT;
}
static bool is_volatile(const struct call_site *site)
{
    return site->function->flags & WEIR_FUNCTION_VOLATILE;
}

static uint32_t first_lane(const struct weir_slot *slot)
{
    return slot->lanes ? slot->lanes[0] : 0;
}

static bool has_null_constant(const struct call_site *site)
{
    for (uint32_t i = 0; i < site->args_count; i++)
        if (site->args[i].type->kind == WEIR_TYPE_NULL ||
            (site->args[i].encoding == WEIR_CONSTANT && weir_column_is_null(&site->args[i], 0)))
            return true;
    return false;
}

static bool all_constant(const struct call_site *site)
{
    for (uint32_t i = 0; i < site->args_count; i++)
        if (site->args[i].encoding != WEIR_CONSTANT)
            return false;
    return true;
}

/* validity of a strict call: all bits, less the nulls of each argument. */
static void and_validities(const struct call_site *site, uint64_t *validity, uint32_t rows_count)
{
    memset(validity, 0xFF, weir_validity_words(rows_count) * 8);
    for (uint32_t i = 0; is_strict(site) && i < site->args_count; i++)
        weir_validity_and(validity, &site->args[i], rows_count);
}

static void invoke(const struct call_site *site, struct weir_kernel_call *call)
{
    call->args = site->args;
    call->args_count = site->args_count;
    call->out = site->out;
    call->instance = site->instruction->expr->instance;
    call->scratch = &site->instruction->scratch;
    call->session = site->program->run->session;
    site->function->kernel(call);
}

/* Prepares out and computes the slot's lanes, one by one. */
static bool call_flat(struct call_site *site)
{
    struct weir_program *program = site->program;
    struct weir_kernel_errors *errors = weir_program_errors(program);
    void *values;
    uint64_t *validity;
    if (!weir_program_prepare(program, site->instruction->out, &values, &validity))
        return false;
    and_validities(site, validity, site->rows_count);
    *site->out = (struct weir_column){.type = site->type,
                                      .encoding = WEIR_FLAT,
                                      .rows_count = site->rows_count,
                                      .validity = validity,
                                      .values = values};
    struct weir_kernel_call call = {.rows_count = site->rows_count,
                                    .selection = site->slot->lanes,
                                    .selected_count = site->slot->count,
                                    .out_values = values,
                                    .validity = validity,
                                    .arena = program->run->arena,
                                    .errors = errors};
    invoke(site, &call);
    site->out->validity = weir_validity_compact(validity, site->rows_count);
    return errors->status == WEIR_OK;
}

/* --- constants ------------------------------------------------------------------------------- */

/* Keeps the result for all runs to come: a deep copy in the program's arena. */
static bool hoist(struct call_site *site)
{
    struct weir_program *program = site->program;
    struct weir_builder builder;
    uint16_t lane = 0;
    struct weir_column *kept = WEIR_ARENA_NEW(&program->arena, struct weir_column);
    if (!kept || weir_builder_init(&builder, site->type, &program->arena, NULL) != WEIR_OK ||
        weir_builder_append_lanes(&builder, site->out, &lane, 1, NULL) != WEIR_OK)
        return weir_program_out_of_memory(program);
    *kept = weir_builder_column(&builder);
    kept->encoding = WEIR_CONSTANT;
    kept->rows_count = 1;
    program->values[site->instruction->out].constant = kept;
    *site->out = *kept;
    return weir_program_broadcast(program, site->out, site->rows_count);
}

/* All arguments are constant: one lane is computed. A failure counts for every selected lane. */
static bool call_constant(struct call_site *site)
{
    struct weir_program *program = site->program;
    struct weir_kernel_errors *errors = weir_program_errors(program), own = *errors;
    struct weir_arena *arena = program->run->arena;
    size_t width = weir_type_width(site->type);
    void *values = weir_arena_alloc(arena, 64, 64);
    uint64_t *validity = weir_arena_alloc(arena, 8, 8);
    if (!values || !validity)
        return weir_program_out_of_memory(program);
    memset(values, 0, 64);
    and_validities(site, validity, 1);
    *site->out = (struct weir_column){
        .type = site->type, .rows_count = 1, .validity = validity, .values = width ? values : NULL};
    struct weir_kernel_call call = {.rows_count = 1,
                                    .selected_count = 1,
                                    .out_values = width ? values : NULL,
                                    .validity = validity,
                                    .arena = arena,
                                    .errors = &own};
    own.nulled_count = 0;
    invoke(site, &call);
    errors->nulled_count += own.nulled_count * site->slot->count;
    if (own.status != WEIR_OK) {
        errors->status = own.status;
        errors->lane = first_lane(site->slot);
        return false;
    }
    site->out->encoding = WEIR_CONSTANT;
    if (weir_column_is_null(site->out, 0))
        *site->out = weir_column_nulls(site->type, site->rows_count);
    else if (!weir_program_broadcast(program, site->out, site->rows_count))
        return false;
    if (site->instruction->is_hoistable && own.nulled_count == 0)
        return hoist(site);
    return true;
}

/* --- dictionaries ---------------------------------------------------------------------------- */

/* The one dictionary argument that the call may run over instead of the lanes; UINT32_MAX: none. */
static uint32_t dictionary_argument(const struct call_site *site)
{
    uint32_t found = UINT32_MAX;
    if (!is_strict(site) || is_volatile(site) || weir_type_is_nested(site->type))
        return found;
    for (uint32_t i = 0; i < site->args_count; i++) {
        if (site->args[i].encoding == WEIR_CONSTANT)
            continue;
        bool fits = site->args[i].encoding == WEIR_DICTIONARY && found == UINT32_MAX &&
                    site->args[i].values_count < site->slot->count &&
                    !weir_type_is_nested(site->args[i].type);
        if (!fits)
            return UINT32_MAX;
        found = i;
    }
    return found;
}

/* The entries that the slot's valid lanes refer to, ascending; NULL when memory has run out. */
static uint16_t *used_entries(const struct call_site *site, const struct weir_column *dictionary,
                              uint32_t *count)
{
    struct weir_arena *arena = site->program->run->arena;
    uint8_t *used = WEIR_ARENA_ARRAY(arena, uint8_t, (size_t)dictionary->values_count + 1);
    uint16_t *entries = WEIR_ARENA_ARRAY(arena, uint16_t, (size_t)dictionary->values_count + 1);
    if (!used || !entries)
        return NULL;
    for (uint32_t i = 0; i < site->slot->count; i++) {
        uint32_t lane = site->slot->lanes ? site->slot->lanes[i] : i;
        used[dictionary->codes[lane]] |= !weir_column_is_null(dictionary, lane);
    }
    *count = 0;
    for (uint32_t i = 0; i < dictionary->values_count; i++)
        if (used[i])
            entries[(*count)++] = (uint16_t)i;
    return entries;
}

/* Per lane: valid in the dictionary column and in the entry it refers to. */
static bool spread_validity(struct call_site *site, const struct weir_column *dictionary,
                            const uint64_t *entries_validity)
{
    const uint64_t *nulls = weir_validity_compact(entries_validity, dictionary->values_count);
    site->out->validity = dictionary->validity;
    if (!nulls)
        return true;
    uint64_t *validity = WEIR_ARENA_ARRAY(site->program->run->arena, uint64_t,
                                          weir_validity_words(site->rows_count) + 1);
    if (!validity)
        return weir_program_out_of_memory(site->program);
    for (uint32_t lane = 0; lane < site->rows_count; lane++)
        if (!weir_column_is_null(dictionary, lane) && weir_bit_get(nulls, dictionary->codes[lane]))
            weir_bit_set(validity, lane);
    site->out->validity = validity;
    return true;
}

enum outcome { DONE, FAILED, AGAIN };

/* Runs the kernel over the dictionary's values. AGAIN: some entry fails, do it lane by lane. */
static enum outcome call_dictionary(struct call_site *site, uint32_t index)
{
    struct weir_arena *arena = site->program->run->arena;
    struct weir_column dictionary = site->args[index];
    uint32_t entries = dictionary.values_count, used_count = 0;
    size_t width = weir_type_width(site->type);
    uint16_t *used = used_entries(site, &dictionary, &used_count);
    void *values = weir_arena_alloc(arena, (entries + 64) * width, 64);
    uint64_t *validity = WEIR_ARENA_ARRAY(arena, uint64_t, weir_validity_words(entries) + 1);
    if (!used || !values || !validity) {
        weir_program_out_of_memory(site->program);
        return FAILED;
    }
    memset(values, 0, (entries + 64) * width);
    memset(validity, 0xFF, (weir_validity_words(entries) + 1) * 8);
    site->args[index].encoding = WEIR_FLAT;
    site->args[index].rows_count = entries;
    site->args[index].validity = NULL;
    site->args[index].codes = NULL;
    struct weir_kernel_errors errors = {0};
    *site->out = (struct weir_column){
        .type = site->type, .rows_count = entries, .validity = validity, .values = values};
    struct weir_kernel_call call = {.rows_count = entries,
                                    .selection = used,
                                    .selected_count = used_count,
                                    .out_values = values,
                                    .validity = validity,
                                    .arena = arena,
                                    .errors = &errors};
    invoke(site, &call);
    site->args[index] = dictionary;
    if (errors.status != WEIR_OK)
        return AGAIN;
    site->out->encoding = WEIR_DICTIONARY;
    site->out->rows_count = site->rows_count;
    site->out->values_count = entries;
    site->out->codes = dictionary.codes;
    return spread_validity(site, &dictionary, validity) ? DONE : FAILED;
}

/* --- the call -------------------------------------------------------------------------------- */

static bool flatten_args(struct call_site *site)
{
    for (uint32_t i = 0; i < site->args_count; i++) {
        const struct weir_column *flat =
            weir_program_flat(site->program, site->instruction->args[i]);
        if (!flat)
            return false;
        site->args[i] = *flat;
    }
    return true;
}

bool weir_program_call(struct weir_program *program, struct weir_instruction *instruction)
{
    if (program->values[instruction->out].constant)
        return true; /* hoisted in an earlier run */
    struct call_site site = {.program = program,
                             .instruction = instruction,
                             .function = instruction->expr->function,
                             .type = instruction->expr->type,
                             .args = program->args,
                             .args_count = instruction->args_count,
                             .slot = &program->slots[instruction->slot],
                             .rows_count = program->run->batch->rows_count,
                             .out = &program->columns[instruction->out]};
    for (uint32_t i = 0; i < site.args_count; i++)
        site.args[i] = program->columns[instruction->args[i]];
    if (is_strict(&site) && has_null_constant(&site)) {
        *site.out = weir_column_nulls(site.type, site.rows_count);
        return true;
    }
    if (!is_volatile(&site) && all_constant(&site) && site.type->kind != WEIR_TYPE_STRUCT)
        return call_constant(&site);
    uint32_t dictionary = dictionary_argument(&site);
    if (dictionary != UINT32_MAX) {
        enum outcome outcome = call_dictionary(&site, dictionary);
        if (outcome != AGAIN)
            return outcome == DONE;
    }
    return flatten_args(&site) && call_flat(&site);
}

/* --- struct fields --------------------------------------------------------------------------- */

static bool copy_lanes(struct weir_program *program, struct weir_column *column)
{
    if (column->encoding != WEIR_CONSTANT)
        return true;
    struct weir_column flat;
    if (weir_column_flatten(column, program->run->arena, &flat, NULL) != WEIR_OK)
        return weir_program_out_of_memory(program);
    *column = flat;
    return true;
}

bool weir_program_field(struct weir_program *program, const struct weir_instruction *instruction)
{
    const struct weir_column *whole = weir_program_flat(program, instruction->args[0]);
    struct weir_column *out = &program->columns[instruction->out];
    uint32_t rows = program->run->batch->rows_count;
    const struct weir_type *type = program->values[instruction->out].type;
    if (!whole)
        return false;
    bool constant = whole->encoding == WEIR_CONSTANT;
    if (whole->type->kind != WEIR_TYPE_STRUCT || (constant && weir_column_is_null(whole, 0)) ||
        instruction->index >= whole->children_count) {
        *out = weir_column_nulls(type, rows);
        return true;
    }
    *out = whole->children[instruction->index];
    if (constant)
        out->encoding = WEIR_CONSTANT;
    out->rows_count = rows;
    if (!whole->validity || constant)
        return true;
    if (out->encoding == WEIR_CONSTANT && weir_column_is_null(out, 0))
        return true;
    if (!copy_lanes(program, out))
        return false;
    size_t words = weir_validity_words(rows);
    uint64_t *validity = WEIR_ARENA_ARRAY(program->run->arena, uint64_t, words + 1);
    if (!validity)
        return weir_program_out_of_memory(program);
    for (size_t i = 0; i < words; i++)
        validity[i] = whole->validity[i] & (out->validity ? out->validity[i] : UINT64_MAX);
    out->validity = validity;
    return true;
}
