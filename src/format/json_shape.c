/* Shapes: layouts of records that were seen, for the fast path.
 *
 *     {"ts":17,"who":{"id":"u7"},"ok":true}⏎
 *     0      1 quotes ...                       numbered from 0; the newline is number 8
 *
 * Everything but the values is fixed: {"ts":  ,"who":{"id":"  "},"ok":  }⏎. These runs are cut into
 * *pieces* of up to 32 bytes, each with its place: so many bytes from the n-th quote. A line whose
 * bytes equal all pieces at their places has the same keys in the same order and the same nesting;
 * its values stand between the pieces. *Ops* name the values: those that feed a leaf, and all
 * scalars, whose grammar must be checked for every line. Texts need no op unless they are read: the
 * index knows that the line holds no escapes and no control bytes, and that its UTF-8 is fine.
 *
 * Why equal pieces suffice: a piece holds the quotes it holds at known distances, and the index
 * lists every quote, so a run of pieces uses up exactly the quotes that were counted when the shape
 * was learned; a text is what stands between two successive quotes; a scalar what stands between
 * the end of one run and the begin of the next, and is judged as a whole. A line with escapes has
 * the shape too when they are valid (keys that are compared hold none); its texts are then looked
 * at again.
 *
 * Not learned: arrays (their length varies), keys with escapes, duplicate keys that are read, more
 * than 16 levels.
 *
 * Learning is throttled: a file in which no layout comes twice should not pay for it. When shapes
 * are replaced that never matched, the next attempts come at twice the distance.
 *
 * Memory: plain heap, reused when a shape is replaced. Tested in
 * tests/unit/format/test_json_paths.c. */
#include "format/json_internal.h"

enum { LEARN_INTERVAL_MAX = 4096, HITS_AT_FIRST = 2 };

struct learner {
    struct json_decoder *decoder;
    const struct json_line *line;
    struct json_shape *shape;
    uint32_t quotes_seen;
    const char *run_begin; /* of the fixed bytes that are being gathered */
    uint32_t run_quote;    /* first quote at or after it */
    uint32_t depth;
    const struct json_node *nodes[JSON_SHAPE_DEPTH_MAX + 1];
    const char *begins[JSON_SHAPE_DEPTH_MAX + 1]; /* of the open objects */
    struct json_place begin_places[JSON_SHAPE_DEPTH_MAX + 1];
    bool failed;
};

static const char *quote_at(const struct learner *learner, uint32_t ordinal)
{
    return learner->line->base + learner->line->quotes[ordinal];
}

static struct json_place place_of(const struct learner *learner, uint32_t ordinal, const char *p)
{
    return (struct json_place){ordinal, (int32_t)(p - quote_at(learner, ordinal))};
}

/* Of bytes that follow a quote by fixed bytes only, or precede one. */
static struct json_place place_after(const struct learner *learner, const char *p)
{
    return place_of(learner, learner->quotes_seen ? learner->quotes_seen - 1 : 0, p);
}
static struct json_place place_before(const struct learner *learner, const char *p)
{
    return place_of(learner, learner->quotes_seen, p);
}

static void *grown(void *memory, uint32_t *capacity, uint32_t count, size_t size)
{
    if (count < *capacity)
        return memory;
    uint32_t more = *capacity ? *capacity * 2 : 16;
    void *larger = weir_realloc(memory, more * size);
    if (larger)
        *capacity = more;
    return larger;
}

static void add_piece(struct learner *learner, const char *bytes, size_t size)
{
    struct json_shape *shape = learner->shape;
    struct json_piece *pieces =
        grown(shape->pieces, &shape->pieces_capacity, shape->pieces_count, sizeof *shape->pieces);
    if (!pieces) {
        learner->failed = true;
        return;
    }
    shape->pieces = pieces;
    struct json_piece *piece = &pieces[shape->pieces_count++];
    int64_t delta = bytes - quote_at(learner, learner->run_quote);
    *piece =
        (struct json_piece){.delta = delta, .ordinal = learner->run_quote, .size = (uint32_t)size};
    memcpy(piece->bytes, bytes, size);
    memset(piece->mask, -1, size);
    /* A line that does not match may have its quotes anywhere: no place may lead in front of it. */
    if (-pieces[0].delta + delta + (int64_t)learner->run_quote < 0)
        learner->failed = true;
    if (delta > (int64_t)shape->reach)
        shape->reach = (uint32_t)delta;
}

/* The fixed bytes end before end, where a value begins. */
static void end_run(struct learner *learner, const char *end)
{
    const char *p = learner->run_begin;
    for (; end - p > JSON_PIECE_SIZE; p += JSON_PIECE_SIZE)
        add_piece(learner, p, JSON_PIECE_SIZE);
    add_piece(learner, p, (size_t)(end - p));
}

static void begin_run(struct learner *learner, const char *p)
{
    learner->run_begin = p;
    learner->run_quote = learner->quotes_seen;
}

static void add_op(struct learner *learner, struct json_op op)
{
    struct json_shape *shape = learner->shape;
    struct json_op *ops =
        grown(shape->ops, &shape->ops_capacity, shape->ops_count, sizeof *shape->ops);
    if (!ops) {
        learner->failed = true;
        return;
    }
    shape->ops = ops;
    ops[shape->ops_count++] = op;
    if (op.leaf == JSON_NONE)
        return;
    if (weir_bit_get(learner->decoder->seen, op.leaf)) /* a duplicate key */
        learner->failed = true;
    weir_bit_set(learner->decoder->seen, op.leaf);
}

/* The op for each leaf that the value feeds; one without a leaf when there is none. */
static void add_ops(struct learner *learner, const struct json_node *node, struct json_op op)
{
    uint32_t leaf = node ? node->leaf : JSON_NONE;
    op.leaf = leaf;
    if (leaf == JSON_NONE && (op.kind == JSON_OP_NUMBER || op.kind == JSON_OP_KEYWORD))
        add_op(learner, op);
    for (; leaf != JSON_NONE; leaf = learner->decoder->tree.leaves[leaf].next) {
        op.leaf = leaf;
        add_op(learner, op);
    }
    for (uint32_t i = 0; node && i < node->below_count; i++)
        if (weir_bit_get(learner->decoder->seen, node->below[i]))
            learner->failed = true;
}

static void learn_scalar(struct learner *learner, const struct json_node *node,
                         const struct weir_json_token *token)
{
    const char *begin = token->text.data, *end = begin + token->text.size;
    struct json_op op = {.kind = JSON_OP_STRING};
    if (token->kind == WEIR_JSON_STRING) {
        learner->quotes_seen += 2;
        end_run(learner, begin);
        op.begin = place_of(learner, learner->quotes_seen - 2, begin);
        op.end = place_of(learner, learner->quotes_seen - 1, end);
        learner->run_begin = end;
        learner->run_quote = learner->quotes_seen - 1;
    } else {
        op.kind = token->kind == WEIR_JSON_NUMBER ? JSON_OP_NUMBER : JSON_OP_KEYWORD;
        op.integral = !(token->flags & WEIR_JSON_DECIMAL);
        op.is_signed = *begin == '-';
        op.begin = place_after(learner, begin);
        op.end = place_before(learner, end);
        end_run(learner, begin);
        begin_run(learner, end);
    }
    add_ops(learner, node, op);
}

static void learn_begin(struct learner *learner, const struct json_node *node, const char *begin)
{
    if (learner->depth == JSON_SHAPE_DEPTH_MAX) {
        learner->failed = true;
        return;
    }
    for (uint32_t i = 0; node && learner->depth && i < node->below_count; i++)
        if (weir_bit_get(learner->decoder->seen, node->below[i]))
            learner->failed = true;
    learner->nodes[learner->depth] = node;
    learner->begins[learner->depth] = begin;
    learner->begin_places[learner->depth] = place_after(learner, begin);
    learner->depth++;
}

static void learn_end(struct learner *learner, const char *end)
{
    learner->depth--;
    const struct json_node *node = learner->nodes[learner->depth];
    const struct json_leaf *leaves = learner->decoder->tree.leaves;
    struct json_op op = {.kind = JSON_OP_OBJECT,
                         .begin = learner->begin_places[learner->depth],
                         .end = place_before(learner, end)};
    for (op.leaf = node ? node->leaf : JSON_NONE; op.leaf != JSON_NONE;
         op.leaf = leaves[op.leaf].next) {
        if (leaves[op.leaf].type->kind != WEIR_TYPE_STRUCT) {
            add_op(learner, op);
            continue;
        }
        if (weir_bit_get(learner->decoder->seen, op.leaf))
            learner->failed = true;
        weir_bit_set(learner->decoder->seen, op.leaf);
    }
}

/* Goes through the line, which is known to be valid. */
static void learn_line(struct learner *learner)
{
    const struct json_line *line = learner->line;
    const struct json_node *root = learner->decoder->tree.root, *node = root;
    struct weir_json json;
    weir_json_begin(&json, weir_slice_make(line->begin, (size_t)(line->end - line->begin)));
    learner->run_begin = line->begin;
    learner->run_quote = 0;
    while (!learner->failed) {
        struct weir_json_token token = weir_json_next(&json);
        switch (token.kind) {
        case WEIR_JSON_KEY:
            learner->quotes_seen += 2;
            learner->failed = (token.flags & WEIR_JSON_ESCAPED) != 0;
            node = json_find_child(learner->nodes[learner->depth - 1], token.text.data,
                                   token.text.size);
            break;
        case WEIR_JSON_OBJECT_BEGIN:
            learn_begin(learner, node, token.text.data);
            break;
        case WEIR_JSON_OBJECT_END:
            learn_end(learner, token.text.data + token.text.size);
            break;
        case WEIR_JSON_STRING:
        case WEIR_JSON_NUMBER:
        case WEIR_JSON_TRUE:
        case WEIR_JSON_FALSE:
        case WEIR_JSON_NULL:
            learn_scalar(learner, node, &token);
            break;
        case WEIR_JSON_END:
            end_run(learner, line->end + 1);
            return;
        default:
            learner->failed = true;
            return;
        }
    }
}

static bool fits_bundle(const struct json_op *op, uint32_t size)
{
    return op->kind == JSON_OP_NUMBER && op->leaf == JSON_NONE && op->integral &&
           size <= JSON_BUNDLE_NUMBER_SIZE && op->begin.ordinal < JSON_BUNDLE_QUOTES &&
           op->end.ordinal < JSON_BUNDLE_QUOTES;
}

static void add_to_bundle(struct json_bundle *bundle, const struct json_op *op, uint32_t number)
{
    uint32_t first = bundle->count, last = first ? first + 1 : JSON_BUNDLE_NUMBERS;
    for (uint32_t i = first; i < last; i++) {
        bundle->places[i] = (uint16_t)op->begin.ordinal;
        bundle->deltas[i] = (uint16_t)op->begin.delta;
        bundle->places[JSON_BUNDLE_NUMBERS + i] = (uint16_t)op->end.ordinal;
        bundle->deltas[JSON_BUNDLE_NUMBERS + i] = (uint16_t)op->end.delta;
    }
    bundle->ops[bundle->count++] = (uint16_t)number;
}

/* Divides the bundle's numbers, which are in the order of the line, among windows: where each one
 * is now, with some room for values that get longer. */
static void make_windows(const struct learner *learner, struct json_bundle *bundle)
{
    struct json_window *window = bundle->windows;
    const char *begin = NULL; /* of the window */
    uint32_t count = 0;
    for (uint32_t i = 0; i < JSON_BUNDLE_NUMBERS; i++) {
        const char *number = quote_at(learner, bundle->places[i]) + bundle->deltas[i];
        if (i == 0 || (i < bundle->count &&
                       number - begin > JSON_WINDOW_SIZE - JSON_WINDOW_SLACK - (int)sizeof(int))) {
            if (count == JSON_WINDOWS_MAX)
                return;
            window = &bundle->windows[count++];
            *window = (struct json_window){.place = bundle->places[i], .delta = bundle->deltas[i]};
            begin = number;
        } else if (i == bundle->count) { /* the rest stand for the first number */
            window = bundle->windows;
        }
        window->bytes |= UINT64_C(0xF) << (4 * i);
        bundle->window_places[i] = window->place;
        bundle->window_deltas[i] = (uint16_t)(bundle->deltas[i] - window->delta);
    }
    bundle->windows_count = count;
}

/* Fills the bundles; worth it from three numbers on. */
static void make_bundles(struct learner *learner)
{
    struct json_shape *shape = learner->shape;
    uint32_t numbers[JSON_BUNDLES_MAX * JSON_BUNDLE_NUMBERS], count = 0;
    for (uint32_t i = 0; i < shape->ops_count && count < WEIR_COUNT_OF(numbers); i++) {
        const struct json_op *op = &shape->ops[i];
        if (op->kind != JSON_OP_NUMBER)
            continue;
        const char *end = quote_at(learner, op->end.ordinal) + op->end.delta;
        if (fits_bundle(op,
                        (uint32_t)(end - quote_at(learner, op->begin.ordinal) - op->begin.delta)))
            numbers[count++] = i;
    }
    for (uint32_t i = 0; i < count && count > 2; i++) {
        if (i % JSON_BUNDLE_NUMBERS == 0)
            shape->bundles[shape->bundles_count++] = (struct json_bundle){.count = 0};
        shape->ops[numbers[i]].bundled = true;
        add_to_bundle(&shape->bundles[shape->bundles_count - 1], &shape->ops[numbers[i]],
                      numbers[i]);
    }
    for (uint32_t i = 0; i < shape->bundles_count; i++)
        make_windows(learner, &shape->bundles[i]);
}

static void count_passes(struct json_shape *shape)
{
    shape->passes = shape->bundles_count + (shape->pieces_count + 3) / 4;
    for (uint32_t i = 0; i < shape->ops_count; i++)
        shape->passes += !shape->ops[i].bundled && json_op_passes(&shape->ops[i]);
}

static void learn_absent(struct learner *learner)
{
    struct json_decoder *decoder = learner->decoder;
    for (uint32_t w = 0; w < decoder->words_count && !learner->failed; w++)
        for (uint64_t missing = decoder->all[w] & ~decoder->seen[w]; missing;
             missing &= missing - 1)
            add_op(learner, (struct json_op){.kind = JSON_OP_ABSENT,
                                             .leaf = w * 64 + (uint32_t)__builtin_ctzll(missing)});
}

static struct json_shape *shape_create(void)
{
    struct json_shape *shape = weir_calloc(1, sizeof *shape);
    if (!shape)
        return NULL;
    shape->lines = weir_malloc(JSON_CHUNK_LINES * sizeof *shape->lines);
    if (shape->lines)
        return shape;
    weir_free(shape);
    return NULL;
}

static void shape_destroy(struct json_shape *shape)
{
    weir_free(shape->pieces);
    weir_free(shape->ops);
    weir_free(shape->lines);
    weir_free(shape);
}

void weir_json_shapes_free(struct json_decoder *decoder)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++)
        shape_destroy(decoder->shapes[i]);
    decoder->shapes_count = 0;
    decoder->current = &decoder->none;
    decoder->none.successor = &decoder->none;
}

/* A slot for a new shape: a fresh one, or the least used, whose memory is taken over. NULL: memory
 * has run out. */
static struct json_shape *shape_take(struct json_decoder *decoder)
{
    if (decoder->shapes_count < JSON_SHAPES_MAX) {
        struct json_shape *fresh = shape_create();
        if (fresh)
            decoder->shapes[decoder->shapes_count++] = fresh;
        return fresh;
    }
    struct json_shape *victim = decoder->shapes[0];
    for (uint32_t i = 1; i < JSON_SHAPES_MAX; i++)
        if (decoder->shapes[i]->hits < victim->hits)
            victim = decoder->shapes[i];
    if (victim->hits <= HITS_AT_FIRST)
        decoder->learn_interval = decoder->learn_interval * 2 < LEARN_INTERVAL_MAX
                                      ? decoder->learn_interval * 2
                                      : LEARN_INTERVAL_MAX;
    else if (decoder->learn_interval > 1)
        decoder->learn_interval /= 2;
    for (uint32_t i = 0; i < JSON_SHAPES_MAX; i++)
        decoder->shapes[i]->hits -= decoder->shapes[i]->hits / 4;
    return victim;
}

/* Nothing may point to the shape as a successor or as the current one. */
static void shape_forget(struct json_decoder *decoder, const struct json_shape *shape)
{
    if (decoder->current == shape)
        decoder->current = &decoder->none;
    if (decoder->none.successor == shape)
        decoder->none.successor = &decoder->none;
    for (uint32_t i = 0; i < decoder->shapes_count; i++)
        if (decoder->shapes[i]->successor == shape)
            decoder->shapes[i]->successor = &decoder->none;
}

static void shape_reset(struct json_shape *shape, struct json_decoder *decoder)
{
    *shape = (struct json_shape){.successor = &decoder->none,
                                 .hits = HITS_AT_FIRST,
                                 .pieces = shape->pieces,
                                 .ops = shape->ops,
                                 .lines = shape->lines,
                                 .pieces_capacity = shape->pieces_capacity,
                                 .ops_capacity = shape->ops_capacity};
}

static void note_head(struct json_decoder *decoder, const struct json_shape *shape)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++)
        if (decoder->shapes[i] == shape) {
            decoder->heads[i] = shape->head;
            decoder->head_masks[i] = shape->head_mask;
        }
}

/* The first bytes of the shape, also among those of all shapes. */
static void set_head(struct json_decoder *decoder, struct json_shape *shape)
{
    uint32_t size = shape->pieces[0].size;
    shape->head_mask = size >= 8 ? UINT64_MAX : UINT64_MAX >> (64 - 8 * size);
    shape->head = json_load_u64(shape->pieces[0].bytes) & shape->head_mask;
    note_head(decoder, shape);
}

bool weir_json_shape_matches(const struct json_shape *shape, const struct json_line *line)
{
    const uint16_t *quotes = line->quotes;
    if (!shape->pieces_count)
        return false;
    for (uint32_t i = 0; i <= shape->quotes_count; i++) /* neither fewer nor more than the line */
        if ((line->base[quotes[i]] == '\n') != (i == shape->quotes_count))
            return false;
    for (uint32_t i = 0; i < shape->pieces_count; i++) {
        const struct json_piece *piece = &shape->pieces[i];
        const char *at = line->base + quotes[piece->ordinal] + piece->delta;
        size_t size = piece->size;
        if (at < line->begin || at + size > line->end + 1 || memcmp(at, piece->bytes, size) != 0)
            return false;
    }
    return line->base + quotes[0] + shape->pieces[0].delta == line->begin;
}

/* The lines of a chunk come here together: the layout may have been learned from one before. */
static bool is_known(const struct json_decoder *decoder, const struct json_line *line)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++)
        if (weir_json_shape_matches(decoder->shapes[i], line))
            return true;
    return false;
}

void weir_json_shape_learn(struct json_decoder *decoder, const struct json_line *line)
{
    if (is_known(decoder, line))
        return;
    struct json_shape *shape = shape_take(decoder);
    if (!shape)
        return;
    shape_forget(decoder, shape);
    shape_reset(shape, decoder);
    struct learner learner = {.decoder = decoder, .line = line, .shape = shape};
    learn_line(&learner);
    if (!learner.failed) {
        make_bundles(&learner);
        count_passes(shape);
        learn_absent(&learner);
    }
    memset(decoder->seen, 0, decoder->words_count * sizeof *decoder->seen);
    shape->quotes_count = learner.quotes_seen;
    if (learner.failed || learner.quotes_seen > JSON_SHAPE_QUOTES_MAX) {
        shape->pieces_count = 0; /* matches nothing until it is replaced */
        shape->hits = 0;
        shape->head_mask = 0;
        shape->head = 1;
        note_head(decoder, shape);
        return;
    }
    set_head(decoder, shape);
}

/* ---- values without a kernel of their own ---- */

static bool store_slow(struct json_decoder *decoder, uint32_t at, uint32_t row,
                       const struct weir_json_token *token)
{
    struct json_leaf *leaf = &decoder->tree.leaves[at];
    if (leaf->type->kind == WEIR_TYPE_STRUCT)
        return false;
    return weir_json_convert(&decoder->context, leaf->type, token,
                             leaf->values + (size_t)row * leaf->width) == JSON_OK;
}

static bool keyword_kind(struct weir_slice text, enum weir_json_kind *kind)
{
    *kind = text.data[0] == 't'   ? WEIR_JSON_TRUE
            : text.data[0] == 'f' ? WEIR_JSON_FALSE
                                  : WEIR_JSON_NULL;
    return weir_slice_equals_string(text, *kind == WEIR_JSON_TRUE    ? "true"
                                          : *kind == WEIR_JSON_FALSE ? "false"
                                                                     : "null");
}

bool weir_json_scalar_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end)
{
    if (end <= begin)
        return false;
    struct weir_json_token token = {.kind = WEIR_JSON_NUMBER,
                                    .text = weir_slice_make(begin, (size_t)(end - begin))};
    bool is_number = *begin == '-' || (*begin >= '0' && *begin <= '9');
    if (is_number ? weir_json_number_end(begin, NULL) != end
                  : !keyword_kind(token.text, &token.kind))
        return false;
    if (leaf == JSON_NONE)
        return true;
    if (token.kind != WEIR_JSON_NULL)
        return store_slow(decoder, leaf, row, &token);
    if (!decoder->tree.leaves[leaf].nullable)
        return false;
    json_leaf_set_null(&decoder->tree.leaves[leaf], row);
    return true;
}

bool weir_json_string_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end)
{
    struct weir_json_token token = {.kind = WEIR_JSON_STRING,
                                    .text = weir_slice_make(begin, (size_t)(end - begin))};
    token.flags = weir_json_escape_flags(token.text);
    return store_slow(decoder, leaf, row, &token);
}

bool weir_json_object_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end)
{
    struct weir_json_token token = {.kind = WEIR_JSON_OBJECT_BEGIN,
                                    .text = weir_slice_make(begin, (size_t)(end - begin))};
    return store_slow(decoder, leaf, row, &token);
}
