/* AND, OR, CASE, COALESCE: three-valued logic, blending, and selections that narrow. */
#include "expr/program_internal.h"

/* --- logic over all lanes -------------------------------------------------------------------- */

/* Eight byte lanes of 0 or not, as bits. */
static inline uint64_t pack_8(const uint8_t *lanes)
{
    uint64_t bytes;
    memcpy(&bytes, lanes, 8);
    return ((bytes & UINT64_C(0x0101010101010101)) * UINT64_C(0x0102040810204080)) >> 56;
}

/* Lanes [64 w, 64 w + 64) as bits; those past rows_count are 0. */
static uint64_t pack_word(const uint8_t *lanes, size_t word, uint32_t rows_count)
{
    uint32_t first = (uint32_t)word * 64, count = rows_count - first;
    uint64_t bits = 0;
    uint32_t k = 0;
    for (count = count > 64 ? 64 : count; k + 8 <= count; k += 8)
        bits |= pack_8(lanes + first + k) << k;
    for (; k < count; k++)
        bits |= (uint64_t)(lanes[first + k] & 1) << k;
    return bits;
}

static void unpack_word(uint64_t bits, uint8_t *lanes, size_t word, uint32_t rows_count)
{
    uint32_t first = (uint32_t)word * 64, count = rows_count - first;
    for (uint32_t k = 0; k < 64 && k < count; k++)
        lanes[first + k] = bits >> k & 1;
}

/* Bits of a BOOLEAN column's word: is true, is null. */
static void read_word(const struct weir_column *column, size_t word, uint32_t rows_count,
                      uint64_t *truth, uint64_t *valid)
{
    if (column->type->kind == WEIR_TYPE_NULL) {
        *truth = *valid = 0;
    } else if (column->encoding == WEIR_CONSTANT) {
        unsigned lane = weir_truth(column, 0);
        *valid = lane == 2 ? 0 : UINT64_MAX;
        *truth = lane == 1 ? UINT64_MAX : 0;
    } else {
        *valid = column->validity ? column->validity[word] : UINT64_MAX;
        *truth = pack_word(column->values, word, rows_count) & *valid;
    }
}

/* No nulls and no constants among the arguments: bytes will do. */
static bool is_plain(struct weir_program *program, const struct weir_instruction *instruction)
{
    for (uint32_t i = 0; i < instruction->args_count; i++) {
        const struct weir_column *column = &program->columns[instruction->args[i]];
        if (column->encoding != WEIR_FLAT || column->validity ||
            column->type->kind == WEIR_TYPE_NULL)
            return false;
    }
    return true;
}

static void combine_plain(struct weir_program *program, const struct weir_instruction *instruction,
                          uint8_t *out, uint32_t rows_count)
{
    bool is_and = instruction->op == WEIR_OP_ALL;
    for (uint32_t i = 0; i < instruction->args_count; i++) {
        const uint8_t *lanes = program->columns[instruction->args[i]].values;
        if (i == 0)
            memcpy(out, lanes, rows_count);
        else if (is_and)
            for (uint32_t lane = 0; lane < rows_count; lane++)
                out[lane] &= lanes[lane];
        else
            for (uint32_t lane = 0; lane < rows_count; lane++)
                out[lane] |= lanes[lane];
    }
}

/* A AND B is true where both are, false where one is false, else null; OR the same by De Morgan. */
static bool combine_words(struct weir_program *program, const struct weir_instruction *instruction,
                          uint8_t *out, uint64_t *validity, uint32_t rows_count)
{
    bool is_and = instruction->op == WEIR_OP_ALL;
    for (uint32_t i = 0; i < instruction->args_count; i++)
        if (!weir_program_flat(program, instruction->args[i]))
            return false;
    for (size_t word = 0; word < weir_validity_words(rows_count); word++) {
        uint64_t all_true = UINT64_MAX, any_true = 0, all_false = UINT64_MAX, any_false = 0;
        for (uint32_t i = 0; i < instruction->args_count; i++) {
            uint64_t truth, valid;
            read_word(weir_program_flat(program, instruction->args[i]), word, rows_count, &truth,
                      &valid);
            all_true &= truth;
            any_true |= truth;
            all_false &= valid & ~truth;
            any_false |= valid & ~truth;
        }
        unpack_word(is_and ? all_true : any_true, out, word, rows_count);
        validity[word] = is_and ? all_true | any_false : any_true | all_false;
    }
    return true;
}

bool weir_program_all_any(struct weir_program *program, const struct weir_instruction *instruction)
{
    uint32_t rows = program->run->batch->rows_count;
    struct weir_column *out = &program->columns[instruction->out];
    void *values;
    uint64_t *validity;
    if (!weir_program_prepare(program, instruction->out, &values, &validity))
        return false;
    *out = (struct weir_column){.type = program->values[instruction->out].type,
                                .encoding = WEIR_FLAT,
                                .rows_count = rows,
                                .values = values};
    if (is_plain(program, instruction)) {
        combine_plain(program, instruction, values, rows);
        return true;
    }
    if (!combine_words(program, instruction, values, validity, rows))
        return false;
    out->validity = weir_validity_compact(validity, rows);
    return true;
}

/* --- CASE over all lanes --------------------------------------------------------------------- */

#define BLEND(type)                                            \
    {                                                          \
        type *to = out;                                        \
        const type *from = arm->values;                        \
        if (step)                                              \
            for (uint32_t lane = 0; lane < rows; lane++)       \
                to[lane] = mask[lane] ? from[lane] : to[lane]; \
        else                                                   \
            for (uint32_t lane = 0; lane < rows; lane++)       \
                to[lane] = mask[lane] ? from[0] : to[lane];    \
        break;                                                 \
    }

/* out = arm in the lanes where the mask byte is set; widths 1, 2, 4, 8, 16. */
static void blend(void *out, const struct weir_column *arm, const uint8_t *mask, uint32_t rows)
{
    bool step = arm->encoding != WEIR_CONSTANT;
    switch (weir_type_width(arm->type)) {
    case 1:
        BLEND(uint8_t)
    case 2:
        BLEND(uint16_t)
    case 4:
        BLEND(uint32_t)
    case 8:
        BLEND(uint64_t)
    default:
        BLEND(weir_i128)
    }
}

static void blend_validity(uint64_t *validity, const struct weir_column *arm, const uint8_t *mask,
                           uint32_t rows)
{
    for (size_t word = 0; word < weir_validity_words(rows); word++) {
        uint64_t chosen = pack_word(mask, word, rows), valid = UINT64_MAX;
        if (arm->encoding == WEIR_CONSTANT || arm->type->kind == WEIR_TYPE_NULL)
            valid = weir_column_is_null(arm, 0) ? 0 : UINT64_MAX;
        else if (arm->validity)
            valid = arm->validity[word];
        validity[word] = (validity[word] & ~chosen) | (valid & chosen);
    }
}

/* 1 where the condition is true. */
static void truth_mask(const struct weir_column *condition, uint8_t *mask, uint32_t rows)
{
    if (condition->encoding == WEIR_CONSTANT || condition->type->kind == WEIR_TYPE_NULL) {
        memset(mask, weir_truth(condition, 0) == 1, rows);
        return;
    }
    const uint8_t *lanes = condition->values;
    if (!condition->validity) {
        for (uint32_t lane = 0; lane < rows; lane++)
            mask[lane] = lanes[lane] != 0;
        return;
    }
    for (uint32_t lane = 0; lane < rows; lane++)
        mask[lane] = (lanes[lane] != 0) & weir_bit_get(condition->validity, lane);
}

/* The arms from last to first: an earlier condition overrules. */
bool weir_program_blend(struct weir_program *program, const struct weir_instruction *instruction)
{
    uint32_t rows = program->run->batch->rows_count;
    struct weir_column *out = &program->columns[instruction->out];
    void *values;
    uint64_t *validity;
    uint8_t *mask = weir_arena_alloc(program->run->arena, (size_t)rows + 64, 64);
    if (!mask)
        return weir_program_out_of_memory(program);
    if (!weir_program_prepare(program, instruction->out, &values, &validity))
        return false;
    memset(validity, 0, weir_validity_words(rows) * 8);
    memset(mask, 1, rows);
    /* args: c0 r0 c1 r1 … else. The else arm goes everywhere, then each result where its condition
     * holds. */
    uint32_t last = instruction->args_count - 1;
    for (uint32_t result = last;; result = result == last ? last - 1 : result - 2) {
        const struct weir_column *arm = weir_program_flat(program, instruction->args[result]);
        if (!arm)
            return false;
        if (result != last) {
            const struct weir_column *condition =
                weir_program_flat(program, instruction->args[result - 1]);
            if (!condition)
                return false;
            truth_mask(condition, mask, rows);
        }
        blend(values, arm, mask, rows);
        blend_validity(validity, arm, mask, rows);
        if (result <= 1)
            break;
    }
    *out = (struct weir_column){.type = program->values[instruction->out].type,
                                .encoding = WEIR_FLAT,
                                .rows_count = rows,
                                .validity = weir_validity_compact(validity, rows),
                                .values = values};
    return true;
}

/* --- arm by arm ------------------------------------------------------------------------------ */

bool weir_program_begin(struct weir_program *program, const struct weir_instruction *instruction)
{
    uint32_t rows = program->run->batch->rows_count;
    const struct weir_type *type = program->values[instruction->out].type;
    void *values;
    uint64_t *validity;
    if (!weir_program_prepare(program, instruction->out, &values, &validity))
        return false;
    memset(validity, 0xFF, weir_validity_words(rows) * 8);
    program->columns[instruction->out] = (struct weir_column){.type = type,
                                                              .encoding = WEIR_FLAT,
                                                              .rows_count = rows,
                                                              .validity = validity,
                                                              .values = values};
    if (!weir_type_is_nested(type))
        return true;
    struct weir_arms *arms = &program->arms[instruction->out];
    arms->source = weir_arena_alloc(program->run->arena, (size_t)rows + 1, 1);
    if (!arms->source)
        return weir_program_out_of_memory(program);
    memset(arms->source, WEIR_CHOOSE_NULL, rows);
    return true;
}

/* begin gave this value writable memory. */
static void *writable_values(struct weir_column *column)
{
    union {
        const void *read;
        void *write;
    } pointer = {.read = column->values};
    return pointer.write;
}
static uint64_t *writable_validity(struct weir_column *column)
{
    union {
        const uint64_t *read;
        uint64_t *write;
    } pointer = {.read = column->validity};
    return pointer.write;
}

/* Lanes of a FLAT column, nulls as they are. */
#define COPY_LANES(type)                                   \
    for (uint32_t i = 0; i < slot->count; i++)             \
    memcpy(values + (size_t)slot->lanes[i] * sizeof(type), \
           (const char *)from->values + (size_t)slot->lanes[i] * sizeof(type), sizeof(type))

static void copy_flat_lanes(const struct weir_slot *slot, const struct weir_column *from,
                            size_t width, char *values, uint64_t *validity)
{
    if (width == 8)
        COPY_LANES(uint64_t);
    else if (width == 16)
        COPY_LANES(struct weir_view);
    else if (width == 4)
        COPY_LANES(uint32_t);
    else if (width == 2)
        COPY_LANES(uint16_t);
    else
        COPY_LANES(uint8_t);
    for (uint32_t i = 0; i < slot->count; i++) {
        uint32_t lane = slot->lanes[i];
        uint64_t bit = UINT64_C(1) << (lane % WEIR_VALIDITY_WORD_BITS);
        uint64_t *word = &validity[lane / WEIR_VALIDITY_WORD_BITS];
        bool valid = !from->validity || weir_bit_get(from->validity, lane);
        *word = valid ? *word | bit : *word & ~bit;
    }
}

static void copy_lane(char *out, const struct weir_column *from, uint32_t lane, size_t width)
{
    memcpy(out + lane * width, (const char *)from->values + weir_column_index(from, lane) * width,
           width);
}

bool weir_program_copy(struct weir_program *program, const struct weir_instruction *instruction)
{
    const struct weir_slot *slot = &program->slots[instruction->slot];
    struct weir_column *out = &program->columns[instruction->out];
    const struct weir_column *from = &program->columns[instruction->args[0]];
    if (weir_type_is_nested(out->type)) {
        struct weir_arms *arms = &program->arms[instruction->out];
        arms->columns[instruction->index] = *from;
        for (uint32_t i = 0; i < slot->count; i++)
            arms->source[slot->lanes ? slot->lanes[i] : i] = (uint8_t)instruction->index;
        return instruction->index < WEIR_CHOOSE_NULL;
    }
    char *values = writable_values(out);
    uint64_t *validity = writable_validity(out);
    size_t width = weir_type_width(out->type);
    bool flat = from->encoding == WEIR_FLAT && from->type->kind != WEIR_TYPE_NULL;
    if (flat && (!slot->lanes || instruction->slot == 0)) { /* lanes not selected do not matter */
        uint32_t rows = program->run->batch->rows_count;
        memcpy(values, from->values, rows * width);
        if (from->validity)
            memcpy(validity, from->validity, weir_validity_words(rows) * 8);
        else
            memset(validity, 0xFF, weir_validity_words(rows) * 8);
        return true;
    }
    if (flat && width <= 16) {
        copy_flat_lanes(slot, from, width, values, validity);
        return true;
    }
    for (uint32_t i = 0; i < slot->count; i++) {
        uint32_t lane = slot->lanes ? slot->lanes[i] : i;
        if (weir_column_is_null(from, lane)) {
            weir_bit_clear(validity, lane);
            memset(values + lane * width, 0, width);
        } else {
            weir_bit_set(validity, lane);
            copy_lane(values, from, lane, width);
        }
    }
    return true;
}

/* Puts a nested result together, runs of lanes of one arm at a time. */
bool weir_program_finish(struct weir_program *program, const struct weir_instruction *instruction)
{
    struct weir_arms *arms = &program->arms[instruction->out];
    struct weir_column *out = &program->columns[instruction->out];
    uint32_t rows = program->run->batch->rows_count;
    struct weir_builder builder;
    enum weir_status status = weir_builder_init(&builder, out->type, program->run->arena, NULL);
    for (uint32_t lane = 0; status == WEIR_OK && lane < rows; lane++) {
        uint16_t from = (uint16_t)lane;
        if (arms->source[lane] == WEIR_CHOOSE_NULL ||
            weir_column_is_null(&arms->columns[arms->source[lane]], lane))
            status = weir_builder_append_null(&builder, NULL);
        else
            status = weir_builder_append_lanes(&builder, &arms->columns[arms->source[lane]], &from,
                                               1, NULL);
    }
    if (status != WEIR_OK)
        return weir_program_out_of_memory(program);
    *out = weir_builder_column(&builder);
    return true;
}

/* Three-valued AND or OR of the result so far with one more argument. */
void weir_program_merge(struct weir_program *program, const struct weir_instruction *instruction)
{
    const struct weir_slot *slot = &program->slots[instruction->slot];
    struct weir_column *out = &program->columns[instruction->out];
    const struct weir_column *from = &program->columns[instruction->args[0]];
    uint8_t *values = writable_values(out);
    uint64_t *validity = writable_validity(out);
    unsigned decisive = instruction->op == WEIR_OP_MERGE_AND ? 0 : 1;
    if (from->encoding == WEIR_FLAT && from->type->kind != WEIR_TYPE_NULL && !from->validity) {
        const uint8_t *truths = from->values;
        for (uint32_t i = 0; i < slot->count; i++) {
            uint32_t lane = slot->lanes ? slot->lanes[i] : i;
            bool decides = (truths[lane] != 0) == decisive;
            values[lane] = decides ? (uint8_t)decisive : values[lane];
            validity[lane / WEIR_VALIDITY_WORD_BITS] |= (uint64_t)decides
                                                        << (lane % WEIR_VALIDITY_WORD_BITS);
        }
        return;
    }
    for (uint32_t i = 0; i < slot->count; i++) {
        uint32_t lane = slot->lanes ? slot->lanes[i] : i;
        unsigned truth = weir_truth(from, lane);
        if (truth == decisive) {
            values[lane] = (uint8_t)decisive;
            weir_bit_set(validity, lane);
        } else if (truth == 2) {
            weir_bit_clear(validity, lane);
        } /* else the result stays as it was: true/false undecided, or null */
    }
}

/* --- selections ------------------------------------------------------------------------------ */

static bool keeps(enum weir_keep keep, const struct weir_column *column, uint32_t lane)
{
    if (keep == WEIR_KEEP_NULL)
        return weir_column_is_null(column, lane);
    return weir_truth(column, lane) != (keep == WEIR_KEEP_NOT_FALSE ? 0u : 1u);
}

/* The lanes below rows that are null, from words: mostly few. */
static uint32_t null_lanes(const uint64_t *validity, uint32_t rows, uint16_t *lanes)
{
    uint32_t count = 0;
    for (uint32_t begin = 0; begin < rows; begin += WEIR_VALIDITY_WORD_BITS) {
        uint64_t bits = ~validity[begin / WEIR_VALIDITY_WORD_BITS];
        if (rows - begin < WEIR_VALIDITY_WORD_BITS)
            bits &= (UINT64_C(1) << (rows - begin)) - 1;
        for (; bits; bits &= bits - 1)
            lanes[count++] = (uint16_t)(begin + (uint32_t)__builtin_ctzll(bits));
    }
    return count;
}

static uint32_t null_lanes_of(const uint64_t *validity, const struct weir_slot *from,
                              uint16_t *lanes)
{
    const uint16_t *selected = from->lanes;
    uint32_t count = 0;
    for (uint32_t i = 0, last = from->count; i < last; i++) {
        uint32_t lane = selected[i];
        lanes[count] = (uint16_t)lane;
        count += !weir_bit_get(validity, lane);
    }
    return count;
}

/* The lanes of a BOOLEAN column without nulls that are `wanted`. */
static uint32_t truth_lanes(const struct weir_slot *from, const uint8_t *values, bool wanted,
                            uint16_t *lanes)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t lane = from->lanes ? from->lanes[i] : i;
        lanes[count] = (uint16_t)lane;
        count += (values[lane] != 0) == wanted;
    }
    return count;
}

bool weir_program_narrow(struct weir_program *program, const struct weir_instruction *instruction)
{
    const struct weir_slot from = program->slots[instruction->slot];
    struct weir_slot *to = &program->slots[instruction->to_slot];
    const struct weir_column *column = &program->columns[instruction->args[0]];
    uint32_t count = 0;
    if (instruction->keep == WEIR_KEEP_NULL && !column->validity &&
        column->type->kind != WEIR_TYPE_NULL) {
        to->count = 0;
        return true;
    }
    bool flat = column->encoding == WEIR_FLAT && column->type->kind != WEIR_TYPE_NULL;
    if (flat && instruction->keep == WEIR_KEEP_NULL)
        count = from.lanes ? null_lanes_of(column->validity, &from, to->memory)
                           : null_lanes(column->validity, from.count, to->memory);
    else if (flat && instruction->keep != WEIR_KEEP_NULL && !column->validity)
        count = truth_lanes(&from, column->values, instruction->keep == WEIR_KEEP_NOT_FALSE,
                            to->memory);
    else
        for (uint32_t i = 0; i < from.count; i++) {
            uint32_t lane = from.lanes ? from.lanes[i] : i;
            to->memory[count] = (uint16_t)lane;
            count += keeps(instruction->keep, column, lane);
        }
    to->lanes = to->memory;
    to->count = count;
    return true;
}

bool weir_program_partition(struct weir_program *program,
                            const struct weir_instruction *instruction)
{
    const struct weir_slot from = program->slots[instruction->slot];
    struct weir_slot *yes = &program->slots[instruction->to_slot];
    struct weir_slot *rest = &program->slots[instruction->rest_slot];
    const struct weir_column *column = &program->columns[instruction->args[0]];
    uint32_t yes_count = 0, rest_count = 0;
    for (uint32_t i = 0; i < from.count; i++) {
        uint32_t lane = from.lanes ? from.lanes[i] : i;
        bool is_true = weir_truth(column, lane) == 1;
        yes->memory[yes_count] = (uint16_t)lane;
        yes_count += is_true;
        rest->memory[rest_count] = (uint16_t)lane;
        rest_count += !is_true;
    }
    yes->lanes = yes->memory;
    yes->count = yes_count;
    rest->lanes = rest->memory;
    rest->count = rest_count;
    return true;
}
