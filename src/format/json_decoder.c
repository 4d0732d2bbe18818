/* The JSON decoder: a run of bytes into a batch.
 *
 *     run ── chunks of whole lines ──▶ index ──▶ walk ──▶ values, shape by shape
 *                                                  └────▶ strict lines, in order ──▶ bad()
 *     a line that fits no chunk, the last one without a newline ──▶ strict
 *
 * Every record gets a row when it is met, so that both paths write lanes in any order; rows of bad
 * records are marked dead and taken out when the batch is finished. LIST and MAP columns are
 * gathered as texts and built then.
 *
 * Memory: lanes are in the batch's arena; the index, shapes and tree in the decoder, a few hundred
 * KiB whatever the input. A record without end in sight is skipped once it exceeds the limit, in
 * constant memory (`skipping` is all that is kept between runs). */
#include "format/json_internal.h"

#include "value/utf8.h"

enum {
    CHUNK_SIZE_MIN = 512,
    RECORD_SIZE_FIRST = 256, /* guess before any record was seen */
    LEAF_ALIGNMENT = 64
};

/* One call of decode. Bytes are copied to where the run has them a chunk at a time, just before
 * they are looked at, while the source of the next chunk is prefetched: both stay close. */
struct run_state {
    struct json_decoder *decoder;
    struct weir_decode_run *run;
    struct weir_error *error;
    size_t offset; /* of what comes next */
    uint32_t rows; /* used so far, dead ones too: number of the next record */
    uint32_t rows_max;
};

static enum weir_status out_of_memory(const struct json_decoder *decoder, struct weir_error *error)
{
    return weir_budget_error(decoder->budget, error);
}

/* What the run has up to offset end is there from now on. */
static void fetch(struct run_state *state, size_t end)
{
    struct weir_decode_run *run = state->run;
    size_t there = run->bytes.size - run->fresh.size;
    if (end <= there)
        return;
    size_t size = end - there;
    memcpy(run->fresh_to, run->fresh.data, size);
    run->fresh_to += size;
    run->fresh = weir_slice_make(run->fresh.data + size, run->fresh.size - size);
}

static void fetch_all(struct run_state *state)
{
    fetch(state, state->run->bytes.size);
}

/* ---- making one ---- */

const struct json_kernels *weir_json_kernels_choose(int isa_limit, enum weir_isa *isa)
{
    *isa = weir_isa_detect((enum weir_isa)isa_limit);
#if defined(__x86_64__)
    if (*isa == WEIR_ISA_AVX512)
        return &weir_json_kernels_avx512;
    if (*isa >= WEIR_ISA_AVX2)
        return &weir_json_kernels_avx2;
#endif
    return &weir_json_kernels_scalar;
}

static bool allocate_marks(struct json_decoder *decoder)
{
    uint32_t leaves = decoder->tree.leaves_count;
    decoder->words_count = (leaves + 63) / 64;
    decoder->seen = WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, decoder->words_count + 1);
    decoder->failed = WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, decoder->words_count + 1);
    decoder->all = WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, decoder->words_count + 1);
    decoder->failures = WEIR_ARENA_ARRAY(&decoder->arena, struct json_failure, leaves + 1);
    if (!decoder->seen || !decoder->failed || !decoder->all || !decoder->failures)
        return false;
    for (uint32_t i = 0; i < leaves; i++)
        weir_bit_set(decoder->all, i);
    return true;
}

static bool allocate_chunk(struct json_decoder *decoder)
{
    struct json_chunk *chunk = &decoder->chunk;
    const size_t entries = JSON_CHUNK_SIZE + 128; /* kernels write whole registers */
    _Static_assert(JSON_CHUNK_SIZE < UINT16_MAX, "offsets have 16 bits");
    chunk->index = weir_arena_alloc(&decoder->arena, entries * sizeof *chunk->index, 64);
    chunk->doubts = weir_arena_alloc(&decoder->arena, entries * sizeof *chunk->doubts, 64);
    chunk->doubt_bits =
        weir_arena_alloc(&decoder->arena, entries / 64 * sizeof *chunk->doubt_bits, 64);
    chunk->line_first = WEIR_ARENA_ARRAY(&decoder->arena, uint32_t, JSON_CHUNK_LINES);
    chunk->strict_lines = WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, JSON_CHUNK_LINES / 64);
    chunk->others = WEIR_ARENA_ARRAY(&decoder->arena, uint16_t, JSON_CHUNK_LINES);
    chunk->runs = WEIR_ARENA_ARRAY(&decoder->arena, struct json_lines, JSON_CHUNK_LINES);
    return chunk->index && chunk->doubts && chunk->doubt_bits && chunk->line_first &&
           chunk->strict_lines && chunk->others && chunk->runs;
}

/* Few leaves only: the spans are a table of lines by leaves. */
static bool allocate_loose(struct json_decoder *decoder)
{
    struct json_chunk *chunk = &decoder->chunk;
    if (decoder->tree.leaves_count > JSON_LOOSE_LEAVES_MAX || decoder->tree.root->leaf != JSON_NONE)
        return true;
    chunk->loose_stride = decoder->tree.leaves_count + 1;
    chunk->loose_lines = WEIR_ARENA_ARRAY(&decoder->arena, uint32_t, JSON_LOOSE_LINES);
    chunk->loose_spans =
        WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, (size_t)JSON_LOOSE_LINES * chunk->loose_stride);
    chunk->checks = WEIR_ARENA_ARRAY(&decoder->arena, uint64_t, JSON_CHUNK_SIZE / 4);
    return chunk->loose_lines && chunk->loose_spans && chunk->checks;
}

static bool copy_names(struct json_decoder *decoder, const struct weir_decoder_config *config)
{
    decoder->names = WEIR_ARENA_ARRAY(&decoder->arena, struct weir_slice, config->fields_count + 1);
    for (uint32_t i = 0; decoder->names && i < config->fields_count; i++) {
        const char *copy = weir_arena_copy(&decoder->arena, config->fields[i].name);
        if (!copy)
            return false;
        decoder->names[i] = weir_slice_make(copy, config->fields[i].name.size);
    }
    return decoder->names != NULL;
}

static void json_destroy(void *memory)
{
    struct json_decoder *decoder = memory;
    if (!decoder)
        return;
    weir_json_shapes_free(decoder);
    weir_buffer_deinit(&decoder->context.scratch);
    weir_arena_deinit(&decoder->arena);
    weir_free(decoder);
}

static enum weir_status decoder_init(struct json_decoder *decoder,
                                     const struct weir_decoder_config *config,
                                     struct weir_error *error)
{
    struct json_options *options = &decoder->context.options;
    WEIR_TRY(weir_options_parse(weir_json_option_specs, weir_json_option_specs_count,
                                config->options, config->options_count, WEIR_OPTION_SOURCE,
                                "format \"json\"", options, error));
    WEIR_TRY(weir_json_tree_build(config, options, &decoder->arena, &decoder->tree, error));
    if (!allocate_marks(decoder) || !allocate_chunk(decoder) || !allocate_loose(decoder) ||
        !copy_names(decoder, config))
        return out_of_memory(decoder, error);
    size_t rows = WEIR_BATCH_BYTES_MAX / (decoder->tree.row_width + 1);
    decoder->rows_max = rows < 1                     ? 1
                        : rows > WEIR_BATCH_ROWS_MAX ? WEIR_BATCH_ROWS_MAX
                                                     : (uint32_t)rows;
    return WEIR_OK;
}

static enum weir_status json_create(const struct weir_decoder_config *config, void **out,
                                    struct weir_error *error)
{
    struct json_decoder *decoder = weir_calloc(1, sizeof *decoder);
    *out = NULL;
    if (!decoder)
        return weir_error_set_out_of_memory(error);
    decoder->budget = config->budget;
    weir_arena_init(&decoder->arena, config->budget, 0);
    weir_buffer_init(&decoder->context.scratch, config->budget);
    decoder->kernels = weir_json_kernels_choose(config->isa_limit, &decoder->isa);
    decoder->record_size_max =
        config->record_size_max ? config->record_size_max : WEIR_RECORD_SIZE_MAX;
    /* Short limits are checked line by line, off the fast path. */
    decoder->strict_only = config->strict_only || decoder->record_size_max < JSON_CHUNK_SIZE;
    decoder->record_size_mean = RECORD_SIZE_FIRST;
    decoder->learn_interval = 1;
    decoder->none.head = 1; /* with no mask: no line begins so */
    decoder->none.successor = &decoder->none;
    decoder->current = &decoder->none;
    enum weir_status status = decoder_init(decoder, config, error);
    if (status != WEIR_OK) {
        json_destroy(decoder);
        return status;
    }
    *out = decoder;
    return WEIR_OK;
}

static void json_reset(void *memory)
{
    struct json_decoder *decoder = memory;
    decoder->skipping = false;
}

static struct weir_decoder_stats json_stats(const void *memory)
{
    const struct json_decoder *decoder = memory;
    return decoder->stats;
}

/* ---- the batch ---- */

static enum weir_status begin_batch(struct run_state *state)
{
    struct json_decoder *decoder = state->decoder;
    struct weir_arena *arena = &state->run->batch->arena;
    uint32_t rows = state->rows_max;
    decoder->context.arena = arena;
    memset(decoder->dead, 0, sizeof decoder->dead);
    decoder->any_dead = false;
    for (uint32_t i = 0; i < decoder->tree.leaves_count; i++) {
        struct json_leaf *leaf = &decoder->tree.leaves[i];
        size_t words = weir_validity_words(rows);
        leaf->has_nulls = false;
        leaf->validity = weir_arena_alloc(arena, words * sizeof(uint64_t), LEAF_ALIGNMENT);
        leaf->values = NULL;
        if (!leaf->validity)
            return out_of_memory(decoder, state->error);
        memset(leaf->validity, 0xFF, words * sizeof(uint64_t));
        if (leaf->width == 0)
            continue;
        leaf->values = weir_arena_alloc(arena, (size_t)rows * leaf->width, LEAF_ALIGNMENT);
        if (!leaf->values)
            return out_of_memory(decoder, state->error);
    }
    return WEIR_OK;
}

/* Moves the live rows of a leaf together. */
static void leaf_compact(struct json_leaf *leaf, const uint32_t *live, uint32_t count)
{
    for (uint32_t i = 0; leaf->values && i < count; i++)
        if (live[i] != i)
            memcpy(leaf->values + (size_t)i * leaf->width,
                   leaf->values + (size_t)live[i] * leaf->width, leaf->width);
    for (uint32_t i = 0; leaf->has_nulls && i < count; i++) {
        if (weir_bit_get(leaf->validity, live[i]))
            weir_bit_set(leaf->validity, i);
        else
            weir_bit_clear(leaf->validity, i);
    }
}

static enum weir_status drop_dead_rows(struct run_state *state)
{
    struct json_decoder *decoder = state->decoder;
    uint32_t count = 0;
    if (!decoder->any_dead)
        return WEIR_OK;
    uint32_t *live =
        weir_arena_alloc(&state->run->batch->arena, (state->rows + 1) * sizeof *live, sizeof *live);
    if (!live)
        return out_of_memory(decoder, state->error);
    for (uint32_t row = 0; row < state->rows; row++)
        if (!weir_bit_get(decoder->dead, row))
            live[count++] = row;
    for (uint32_t i = 0; i < decoder->tree.leaves_count; i++)
        leaf_compact(&decoder->tree.leaves[i], live, count);
    state->rows = count;
    state->run->batch->origin_records = live;
    return WEIR_OK;
}

/* The column of a LIST or MAP leaf from the texts it gathered. */
static enum weir_status build_nested(struct run_state *state, const struct json_leaf *leaf,
                                     struct weir_column *column)
{
    struct json_decoder *decoder = state->decoder;
    struct weir_builder builder;
    const struct weir_slice *texts = (const struct weir_slice *)(const void *)leaf->values;
    WEIR_TRY(weir_builder_init(&builder, leaf->type, decoder->context.arena, state->error));
    for (uint32_t row = 0; row < state->rows; row++) {
        if (!weir_bit_get(leaf->validity, row))
            WEIR_TRY(weir_builder_append_null(&builder, state->error));
        else if (weir_json_nested(&decoder->context, leaf->type, texts[row], &builder) != JSON_OK)
            return out_of_memory(decoder, state->error);
    }
    *column = weir_builder_column(&builder);
    return WEIR_OK;
}

static enum weir_status build_column(struct run_state *state, const struct json_leaf *leaf,
                                     struct weir_column *column)
{
    const struct weir_type *type = leaf->type;
    if (type->kind == WEIR_TYPE_LIST || type->kind == WEIR_TYPE_MAP)
        return build_nested(state, leaf, column);
    if (type->kind == WEIR_TYPE_NULL) {
        *column = weir_column_nulls(type, state->rows);
        return WEIR_OK;
    }
    *column = (struct weir_column){.type = type,
                                   .encoding = WEIR_FLAT,
                                   .rows_count = state->rows,
                                   .validity = leaf->has_nulls ? leaf->validity : NULL,
                                   .values = leaf->values};
    if (type->kind != WEIR_TYPE_STRUCT)
        return WEIR_OK;
    struct weir_column *children =
        WEIR_ARENA_ARRAY(state->decoder->context.arena, struct weir_column, type->children_count);
    if (!children)
        return out_of_memory(state->decoder, state->error);
    for (uint32_t i = 0; i < type->children_count; i++)
        WEIR_TRY(
            build_column(state, &state->decoder->tree.leaves[leaf->first_child + i], &children[i]));
    column->children_count = type->children_count;
    column->children = children;
    return WEIR_OK;
}

static enum weir_status finish_batch(struct run_state *state)
{
    struct json_decoder *decoder = state->decoder;
    struct weir_batch *batch = state->run->batch;
    uint32_t records = state->rows;
    if (records)
        decoder->record_size_mean =
            (uint32_t)((decoder->record_size_mean * UINT64_C(3) + state->offset / records + 3) / 4);
    batch->origin_records = NULL;
    WEIR_TRY(drop_dead_rows(state));
    for (uint32_t i = 0; i < batch->schema->fields_count; i++)
        WEIR_TRY(build_column(state, &decoder->tree.leaves[decoder->tree.field_leaves[i]],
                              &batch->columns[i]));
    batch->rows_count = state->rows;
    batch->selected_count = state->rows;
    batch->selection = NULL;
    state->run->consumed_size = state->offset;
    state->run->consumed_records = records;
    return WEIR_OK;
}

/* ---- records ---- */

/* A bad record of size bytes at bytes, which is offset into the run; at is what its fault counts
 * from. */
static enum weir_status report(struct run_state *state, struct weir_slice bytes, size_t offset,
                               uint32_t row, const struct json_fault *fault)
{
    struct json_decoder *decoder = state->decoder;
    weir_bit_set(decoder->dead, row);
    decoder->any_dead = true;
    struct weir_bad_record bad = {.code = fault->code,
                                  .message = fault->message,
                                  .record = row,
                                  .offset = offset,
                                  .error_offset = offset + (size_t)(fault->at - bytes.data),
                                  .bytes = bytes};
    if (fault->field != JSON_NONE)
        bad.column = decoder->names[fault->field];
    return state->run->bad ? state->run->bad(state->run->bad_context, &bad, state->error) : WEIR_OK;
}

static enum weir_status strict_line(struct run_state *state, const struct json_line *line,
                                    size_t offset, uint32_t row, bool *good)
{
    struct json_decoder *decoder = state->decoder;
    struct json_fault fault;
    decoder->stats.strict_records++;
    if (weir_json_strict_record(decoder, line, row, good, &fault) != WEIR_OK)
        return out_of_memory(decoder, state->error);
    if (*good)
        return WEIR_OK;
    struct weir_slice bytes = weir_slice_make(line->begin, (size_t)(line->end - line->begin));
    if (bytes.size && bytes.data[bytes.size - 1] == '\r')
        bytes.size--;
    return report(state, bytes, offset, row, &fault);
}

static enum weir_status too_large(struct run_state *state, size_t size)
{
    struct json_fault fault = {.code = WEIR_E_RECORD_TOO_LARGE,
                               .at = state->run->bytes.data + state->offset,
                               .field = JSON_NONE,
                               .message = "the record exceeds max_record_size"};
    struct weir_slice bytes = weir_slice_make(fault.at, size);
    state->decoder->stats.strict_records++;
    return report(state, bytes, state->offset, state->rows++, &fault);
}

static bool is_blank(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t' || *begin == '\r'))
        begin++;
    return begin == end;
}

/* The last line of the input lacks its newline: a copy in the batch's arena gets one. */
static enum weir_status decode_tail(struct run_state *state, const char *begin, size_t size)
{
    bool good;
    if (!is_blank(begin, begin + size)) {
        char *copy = weir_arena_alloc(state->decoder->context.arena, size + WEIR_FORMAT_PADDING, 1);
        if (!copy)
            return out_of_memory(state->decoder, state->error);
        memcpy(copy, begin, size);
        memset(copy + size, '\n', WEIR_FORMAT_PADDING);
        struct json_line line = {.begin = copy, .end = copy + size, .base = copy};
        WEIR_TRY(strict_line(state, &line, state->offset, state->rows++, &good));
    }
    state->offset += size;
    return WEIR_OK;
}

/* The next line by itself. *more is false when its end is not in sight. */
static enum weir_status decode_line(struct run_state *state, bool *more)
{
    const struct json_decoder *decoder = state->decoder;
    const char *begin = state->run->bytes.data + state->offset;
    size_t size = state->run->bytes.size - state->offset;
    fetch_all(state);
    const char *end = memchr(begin, '\n', size);
    bool good;
    if (end)
        size = (size_t)(end - begin);
    if (size > decoder->record_size_max) {
        state->decoder->skipping = !end;
        WEIR_TRY(too_large(state, size));
        state->offset += size + (end != NULL);
        return WEIR_OK;
    }
    if (!end) {
        *more = state->run->end_of_input;
        return *more ? decode_tail(state, begin, size) : WEIR_OK;
    }
    if (!is_blank(begin, end)) {
        struct json_line line = {.begin = begin, .end = end, .base = begin};
        WEIR_TRY(strict_line(state, &line, state->offset, state->rows++, &good));
    }
    state->offset += size + 1;
    return WEIR_OK;
}

/* The rest of a record that was too long. */
static void skip_rest(struct run_state *state)
{
    struct weir_slice bytes = state->run->bytes;
    fetch_all(state);
    const char *end = bytes.size ? memchr(bytes.data, '\n', bytes.size) : NULL;
    state->offset = end ? (size_t)(end - bytes.data) + 1 : bytes.size;
    state->decoder->skipping = !end && !state->run->end_of_input;
}

/* ---- chunks ---- */

/* Lanes of a line that kernels have written to: nulls must not stay behind. */
static void forget_row(struct json_decoder *decoder, uint32_t row)
{
    for (uint32_t i = 0; i < decoder->tree.leaves_count; i++)
        weir_bit_set(decoder->tree.leaves[i].validity, row);
}

static enum weir_status strict_chunk_line(struct run_state *state, uint32_t number,
                                          const uint32_t **doubt)
{
    struct json_decoder *decoder = state->decoder;
    const struct json_chunk *chunk = &decoder->chunk;
    uint32_t first = chunk->line_first[number], last = first;
    uint32_t start = first ? chunk->index[first - 1] + 1 : 0;
    while (chunk->text[chunk->index[last]] != '\n')
        last++;
    uint32_t end = chunk->index[last];
    while (**doubt < start)
        (*doubt)++;
    struct json_line line = {.begin = chunk->text + start,
                             .end = chunk->text + end,
                             .base = chunk->text,
                             .is_utf8 = end <= chunk->valid_size,
                             .has_escapes = json_any_doubts(chunk, start, end)};
    bool good;
    if (chunk->plain_escapes || weir_json_escapes_valid(chunk, *doubt, end))
        line.quotes = chunk->index + first;
    if (chunk->any_redo)
        forget_row(decoder, chunk->row + number);
    WEIR_TRY(strict_line(state, &line, state->offset + start, chunk->row + number, &good));
    if (good && line.quotes && line.is_utf8)
        weir_json_shape_learn(decoder, &line);
    return WEIR_OK;
}

static enum weir_status strict_chunk_lines(struct run_state *state)
{
    struct json_chunk *chunk = &state->decoder->chunk;
    const uint32_t *doubt = chunk->doubts;
    for (uint32_t w = 0; w * 64 < chunk->lines_count; w++) {
        uint64_t lines = chunk->strict_lines[w];
        chunk->strict_lines[w] = 0;
        for (; lines; lines &= lines - 1)
            WEIR_TRY(strict_chunk_line(state, w * 64 + (uint32_t)__builtin_ctzll(lines), &doubt));
    }
    return WEIR_OK;
}

static void shapes_values(struct json_decoder *decoder, struct json_chunk *chunk)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++) {
        struct json_shape *shape = decoder->shapes[i];
        if (!shape->lines_count)
            continue;
        decoder->kernels->values(decoder, chunk, shape);
        shape->hits += shape->lines_count;
        shape->lines_count = 0;
        shape->any_escapes = false;
    }
    if (chunk->loose_count)
        decoder->kernels->loose_values(decoder, chunk);
    for (; chunk->fetched < chunk->size; chunk->fetched += JSON_CACHE_LINE)
        __builtin_prefetch(chunk->ahead + chunk->fetched, 0, 2);
}

/* Sizes the chunk by the rows that are still wanted, so that little is indexed twice. */
static size_t chunk_size(const struct run_state *state)
{
    uint64_t mean = state->decoder->record_size_mean, most = mean * JSON_CHUNK_RECORDS;
    uint64_t wanted = (state->rows_max - state->rows) * mean;
    wanted += wanted / 8 + CHUNK_SIZE_MIN;
    most = most < JSON_CHUNK_USUAL ? JSON_CHUNK_USUAL : most;
    most = most < JSON_CHUNK_SIZE ? most : JSON_CHUNK_SIZE;
    return wanted < most ? (size_t)wanted : (size_t)most;
}

/* Walks over the chunk. Lines of the usual shape are told by a glance, and proved to have it
 * together; the rare chunk with a wrong guess, which may have taken two lines for one, is walked
 * again with a look at every byte. */
static void walk_chunk(struct json_decoder *decoder, struct json_chunk *chunk)
{
    chunk->guesses = decoder->distrusted == 0;
    decoder->distrusted -= !chunk->guesses;
    decoder->kernels->walk(decoder, chunk);
    if (!chunk->guesses)
        return;
    if (decoder->kernels->prove(decoder, chunk)) {
        decoder->distrust /= 2;
        return;
    }
    decoder->distrust = decoder->distrust * 2 + 1;
    if (decoder->distrust > JSON_DISTRUST_MAX)
        decoder->distrust = JSON_DISTRUST_MAX;
    decoder->distrusted = decoder->distrust;
    for (uint32_t i = 0; i < decoder->shapes_count; i++) {
        decoder->shapes[i]->lines_count = 0;
        decoder->shapes[i]->any_escapes = false;
    }
    memset(chunk->strict_lines, 0, JSON_CHUNK_LINES / 8);
    chunk->any_strict = false;
    chunk->loose_count = chunk->checks_count = chunk->lessons = 0;
    chunk->guesses = false;
    decoder->kernels->walk(decoder, chunk);
}

/* Decodes the whole lines among the next size bytes. *found is false when there are none. */
static enum weir_status decode_chunk(struct run_state *state, size_t size, bool *found)
{
    struct json_decoder *decoder = state->decoder;
    struct json_chunk *chunk = &decoder->chunk;
    chunk->text = state->run->bytes.data + state->offset;
    chunk->size = (uint32_t)size;
    chunk->is_inside = state->offset >= 8;
    fetch(state, state->offset + size);
    /* The next chunk is prefetched, its first quarter by index. */
    bool is_fresh = state->run->fresh_to != NULL;
    chunk->ahead = is_fresh ? state->run->fresh.data : chunk->text;
    chunk->fetched = is_fresh ? chunk->size / 4 : chunk->size;
    chunk->row = state->rows;
    chunk->lines_max = state->rows_max - state->rows;
    chunk->any_strict = chunk->any_redo = false;
    chunk->loose_count = chunk->checks_count = chunk->lessons = 0;
    decoder->kernels->index(chunk);
    chunk->valid_size = chunk->size;
    if (chunk->has_non_ascii)
        chunk->valid_size =
            (uint32_t)weir_utf8_first_invalid(decoder->isa, chunk->text, chunk->size);
    walk_chunk(decoder, chunk);
    *found = chunk->walked > 0;
    if (!*found)
        return WEIR_OK;
    shapes_values(decoder, chunk);
    uint64_t strict_before = decoder->stats.strict_records;
    if (chunk->any_strict) {
        enum weir_status status = strict_chunk_lines(state);
        if (status != WEIR_OK) {
            memset(chunk->strict_lines, 0, JSON_CHUNK_LINES / 8);
            return status;
        }
    }
    decoder->stats.fast_records +=
        chunk->lines_count - (decoder->stats.strict_records - strict_before);
    state->rows += chunk->lines_count;
    state->offset += chunk->index[chunk->walked - 1] + 1;
    return WEIR_OK;
}

static enum weir_status decode_some(struct run_state *state, bool *more)
{
    size_t left = state->run->bytes.size - state->offset;
    size_t size = chunk_size(state);
    bool found = false;
    if (state->decoder->strict_only)
        return decode_line(state, more);
    if (size > left)
        size = left;
    WEIR_TRY(decode_chunk(state, size, &found));
    if (!found && size < left && size < JSON_CHUNK_SIZE)
        WEIR_TRY(decode_chunk(state, left < JSON_CHUNK_SIZE ? left : JSON_CHUNK_SIZE, &found));
    return found ? WEIR_OK : decode_line(state, more);
}

static enum weir_status json_decode(void *memory, struct weir_decode_run *run,
                                    struct weir_error *error)
{
    struct json_decoder *decoder = memory;
    struct run_state state = {
        .decoder = decoder, .run = run, .error = error, .rows_max = run->rows_max};
    run->consumed_size = 0;
    run->consumed_records = 0;
    if (state.rows_max > decoder->rows_max)
        state.rows_max = decoder->rows_max;
    if (state.rows_max > run->bytes.size + 1)
        state.rows_max = (uint32_t)run->bytes.size + 1;
    WEIR_TRY(begin_batch(&state));
    if (decoder->skipping)
        skip_rest(&state);
    bool more = true;
    while (more && state.rows < state.rows_max && state.offset < run->bytes.size)
        WEIR_TRY(decode_some(&state, &more));
    return finish_batch(&state);
}

const struct weir_decoder_ops weir_json_decoder_ops = {.takes_fresh = true,
                                                       .create = json_create,
                                                       .decode = json_decode,
                                                       .reset = json_reset,
                                                       .stats = json_stats,
                                                       .destroy = json_destroy};
