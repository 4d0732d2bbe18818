/* The fast path, once per instruction set. Included by json_kernels_*.c, which first define
 *
 *     JSON_FN                 attribute of every function here (the target)
 *     JSON_KERNELS            name of the table that is made
 *     index_chunk             the index of a chunk
 *     piece_differs           32 bytes under a mask
 *     read_decimal            up to 16 characters [0-9.] as an integer and a count of fraction digits
 *     check_decimal           up to 32 characters are such a number
 *
 * How a chunk goes: index_chunk finds quotes and newlines; walk goes over the lines, finds the shape
 * of each and gives it a row; then values goes over each shape's ops, and for each op over the
 * lines that have the shape, so that every loop is about one place and one type:
 *
 *     op {number, leaf 2, from quote 3 + 2 to quote 4 - 1}:
 *         for each line l: q = index + line_first[l];  lane[row + l] = number(q[3] + 2, q[4] - 1)
 *
 * A line that a kernel cannot judge is marked strict; nothing that was stored for it matters, for the
 * strict path stores all of its lanes again. */

struct loop {
    struct json_decoder *decoder;
    struct json_chunk *chunk;
    const struct json_shape *shape;
    const struct json_op *op;
    struct json_leaf *leaf; /* NULL: nobody reads the value */
};

struct span {
    const char *begin;
    const char *end;
};

JSON_FN WEIR_INLINE struct span span_of(const struct loop *loop, uint32_t line)
{
    const uint32_t *quotes = loop->chunk->index + loop->chunk->line_first[line];
    const struct json_op *op = loop->op;
    return (struct span){loop->chunk->text + quotes[op->begin.ordinal] + op->begin.delta,
                         loop->chunk->text + quotes[op->end.ordinal] + op->end.delta};
}

JSON_FN WEIR_INLINE void give_up(const struct loop *loop, uint32_t line)
{
    weir_bit_set(loop->chunk->strict_lines, line);
    loop->chunk->any_strict = true;
    loop->chunk->any_redo = true;
}

/* ---- scalars ---- */

JSON_FN WEIR_INLINE bool is_null(struct span span)
{
    return span.end - span.begin == 4 && memcmp(span.begin, "null", 4) == 0;
}

JSON_FN WEIR_INLINE bool is_keyword(struct span span)
{
    uint64_t size = (uint64_t)(span.end - span.begin);
    uint64_t word = json_load_u64(span.begin);
    uint64_t four = word & UINT32_MAX, five = word & UINT64_C(0xFFFFFFFFFF);
    return ((size == 4) & ((four == UINT64_C(0x65757274)) | (four == UINT64_C(0x6c6c756e)))) |
           ((size == 5) & (five == UINT64_C(0x65736c6166)));
}

JSON_FN WEIR_INLINE bool is_number(struct span span)
{
    bool negative = *span.begin == '-';
    return check_decimal(span.begin + negative,
                         (uint64_t)(span.end - span.begin) - (uint64_t)negative);
}

JSON_FN static WEIR_NOINLINE void scalar_slow(const struct loop *loop, uint32_t line,
                                              struct span span)
{
    if (!weir_json_scalar_slow(loop->decoder, loop->op->leaf, loop->chunk->row + line, span.begin,
                               span.end))
        give_up(loop, line);
}

/* A value that is not of the kind that was learned: mostly null. */
JSON_FN WEIR_INLINE void scalar_other(const struct loop *loop, uint32_t line, struct span span)
{
    if (loop->leaf && loop->leaf->nullable && is_null(span))
        json_leaf_set_null(loop->leaf, loop->chunk->row + line);
    else
        scalar_slow(loop, line, span);
}

JSON_FN static void check_numbers(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        if (WEIR_UNLIKELY(!is_number(span)) && !is_keyword(span))
            scalar_slow(loop, line, span);
    }
}

JSON_FN static void check_keywords(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        if (WEIR_UNLIKELY(!is_keyword(span)) && !is_number(span))
            scalar_slow(loop, line, span);
    }
}

JSON_FN static void read_booleans(const struct loop *loop)
{
    uint8_t *lanes = (uint8_t *)loop->leaf->values + loop->chunk->row;
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        if (WEIR_LIKELY(is_keyword(span)) && *span.begin != 'n')
            lanes[line] = *span.begin == 't';
        else
            scalar_other(loop, line, span);
    }
}

/* A number of at most 16 digits, without a fraction, with its sign. */
JSON_FN WEIR_INLINE bool read_integer(struct span span, int64_t *value)
{
    bool negative = *span.begin == '-';
    uint64_t digits;
    uint32_t fraction;
    bool ok = read_decimal(span.begin + negative,
                           (uint64_t)(span.end - span.begin) - (uint64_t)negative, &digits,
                           &fraction);
    *value = negative ? -(int64_t)digits : (int64_t)digits;
    return ok & (fraction == 0);
}

/* Integers between least and greatest, times scale, into lanes of width bytes. */
JSON_FN WEIR_INLINE void read_integers(const struct loop *loop, uint32_t width, int64_t least,
                                       int64_t greatest, int64_t scale)
{
    char *lanes = loop->leaf->values + (size_t)loop->chunk->row * width;
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        int64_t value;
        if (WEIR_LIKELY(read_integer(span, &value)) && value >= least && value <= greatest) {
            value *= scale;
            memcpy(lanes + (size_t)line * width, &value, width);
        } else {
            scalar_other(loop, line, span);
        }
    }
}

JSON_FN static void read_any_integers(const struct loop *loop)
{
    switch (loop->leaf->type->kind) {
    case WEIR_TYPE_INT8:
        read_integers(loop, 1, INT8_MIN, INT8_MAX, 1);
        break;
    case WEIR_TYPE_INT16:
        read_integers(loop, 2, INT16_MIN, INT16_MAX, 1);
        break;
    case WEIR_TYPE_INT32:
        read_integers(loop, 4, INT32_MIN, INT32_MAX, 1);
        break;
    case WEIR_TYPE_UINT8:
        read_integers(loop, 1, 0, UINT8_MAX, 1);
        break;
    case WEIR_TYPE_UINT16:
        read_integers(loop, 2, 0, UINT16_MAX, 1);
        break;
    case WEIR_TYPE_UINT32:
        read_integers(loop, 4, 0, UINT32_MAX, 1);
        break;
    case WEIR_TYPE_UINT64:
        read_integers(loop, 8, 0, INT64_MAX, 1);
        break;
    default:
        read_integers(loop, 8, INT64_MIN, INT64_MAX, 1);
        break;
    }
}

/* Integers in an epoch unit no finer than the column. Bounds keep the products, in us, within
 * reach of every later step (about 285 years; what is beyond goes the careful way). */
JSON_FN static void read_timestamps(const struct loop *loop)
{
    int64_t scale = loop->leaf->epoch_scale;
    bool is_ns = loop->leaf->type->kind == WEIR_TYPE_TIMESTAMP_NS ||
                 loop->leaf->type->kind == WEIR_TYPE_TIMESTAMPTZ_NS;
    int64_t bound = (is_ns ? INT64_C(9000000000000000000) : INT64_C(9000000000000000)) / scale;
    read_integers(loop, 8, -bound, bound, scale);
}

JSON_FN static void read_doubles(const struct loop *loop)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7, 1e8,
                                    1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16};
    double *lanes = (double *)(void *)loop->leaf->values + loop->chunk->row;
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        bool negative = *span.begin == '-';
        uint64_t digits;
        uint32_t fraction;
        bool ok = read_decimal(span.begin + negative,
                               (uint64_t)(span.end - span.begin) - (uint64_t)negative, &digits,
                               &fraction);
        /* Both operands are exact, so that the quotient is the nearest double (Clinger 1990). */
        if (WEIR_LIKELY(ok & (digits <= UINT64_C(1) << 53))) {
            double value = (double)digits / powers[fraction];
            lanes[line] = negative ? -value : value;
        } else {
            scalar_other(loop, line, span);
        }
    }
}

JSON_FN static void read_decimals(const struct loop *loop)
{
    static const uint64_t powers[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000};
    const struct weir_type *type = loop->leaf->type;
    weir_i128 *lanes = (weir_i128 *)(void *)loop->leaf->values + loop->chunk->row;
    weir_i128 limit = 1;
    for (uint32_t i = 0; i < type->precision; i++)
        limit *= 10;
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        bool negative = *span.begin == '-';
        uint64_t digits;
        uint32_t fraction;
        bool ok = read_decimal(span.begin + negative,
                               (uint64_t)(span.end - span.begin) - (uint64_t)negative, &digits,
                               &fraction);
        uint32_t shift = type->scale - fraction; /* wraps when the scale is smaller */
        weir_i128 value = ok && shift < WEIR_COUNT_OF(powers) ? (weir_i128)digits * powers[shift]
                                                              : limit;
        if (WEIR_LIKELY(value < limit))
            lanes[line] = negative ? -value : value;
        else
            scalar_other(loop, line, span);
    }
}

JSON_FN static void read_other_scalars(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        scalar_other(loop, line, span_of(loop, line));
    }
}

/* ---- texts and the rest ---- */

/* A view without a branch on the size. Reads 12 bytes; all lie before the chunk's padding. */
JSON_FN WEIR_INLINE void store_view(struct weir_view *lane, struct span span)
{
    uint64_t size = (uint64_t)(span.end - span.begin);
    uint32_t prefix;
    memcpy(&prefix, span.begin, 4);
    uint64_t head = size >= 4 ? prefix : prefix & ((UINT32_C(1) << (8 * (size & 3))) - 1);
    uint64_t rest = json_load_u64(span.begin + 4);
    rest = size >= 12 ? rest : size > 4 ? rest & (UINT64_MAX >> (8 * (12 - size))) : 0;
    uint64_t words[2] = {size | head << 32,
                         size <= WEIR_VIEW_INLINE_MAX ? rest : (uint64_t)(uintptr_t)span.begin};
    memcpy(lane, words, sizeof words);
}

JSON_FN static void read_texts(const struct loop *loop)
{
    struct weir_view *lanes = (struct weir_view *)(void *)loop->leaf->values + loop->chunk->row;
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        store_view(&lanes[line], span_of(loop, line));
    }
}

JSON_FN static void read_other_strings(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        if (WEIR_UNLIKELY(!weir_json_string_slow(loop->decoder, loop->op->leaf,
                                                 loop->chunk->row + line, span.begin, span.end)))
            give_up(loop, line);
    }
}

JSON_FN static void read_objects(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++) {
        uint32_t line = loop->shape->lines[i];
        struct span span = span_of(loop, line);
        if (WEIR_UNLIKELY(!weir_json_object_slow(loop->decoder, loop->op->leaf,
                                                 loop->chunk->row + line, span.begin, span.end)))
            give_up(loop, line);
    }
}

JSON_FN static void set_nulls(const struct loop *loop)
{
    for (uint32_t i = 0; i < loop->shape->lines_count; i++)
        json_leaf_set_null(loop->leaf, loop->chunk->row + loop->shape->lines[i]);
}

JSON_FN static void run_numbers(const struct loop *loop)
{
    if (!loop->leaf)
        check_numbers(loop);
    else if (weir_type_is_integer(loop->leaf->type))
        read_any_integers(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_FLOAT64)
        read_doubles(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_DECIMAL)
        read_decimals(loop);
    else if (loop->leaf->epoch_scale)
        read_timestamps(loop);
    else
        read_other_scalars(loop);
}

JSON_FN static void run_keywords(const struct loop *loop)
{
    if (!loop->leaf)
        check_keywords(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_BOOLEAN)
        read_booleans(loop);
    else if (loop->leaf->type->kind == WEIR_TYPE_STRUCT)
        read_other_scalars(loop);
    else
        run_numbers(loop); /* it was null */
}

JSON_FN static void run_strings(const struct loop *loop)
{
    if (!loop->leaf)
        return;
    if (loop->leaf->type->kind == WEIR_TYPE_TEXT && loop->leaf->type->length == 0)
        read_texts(loop);
    else
        read_other_strings(loop);
}

JSON_FN static void values(struct json_decoder *decoder, struct json_chunk *chunk,
                           const struct json_shape *shape)
{
    struct loop loop = {.decoder = decoder, .chunk = chunk, .shape = shape};
    for (uint32_t i = 0; i < shape->ops_count; i++) {
        loop.op = &shape->ops[i];
        loop.leaf = loop.op->leaf == JSON_NONE ? NULL : &decoder->tree.leaves[loop.op->leaf];
        switch (loop.op->kind) {
        case JSON_OP_NUMBER:
            run_numbers(&loop);
            break;
        case JSON_OP_KEYWORD:
            run_keywords(&loop);
            break;
        case JSON_OP_STRING:
            run_strings(&loop);
            break;
        case JSON_OP_OBJECT:
            read_objects(&loop);
            break;
        default:
            set_nulls(&loop);
            break;
        }
    }
}

/* ---- lines ---- */

/* The line that begins at start, with its quotes at quotes, of which `left` entries remain. */
JSON_FN WEIR_INLINE bool matches(const struct json_chunk *chunk, const struct json_shape *shape,
                                 const uint32_t *quotes, uint32_t left, uint32_t start)
{
    const char *text = chunk->text;
    if ((json_load_u64(text + start) & shape->head_mask) != shape->head ||
        shape->quotes_count >= left)
        return false;
    uint32_t end = quotes[shape->quotes_count];
    const struct json_piece *piece = shape->pieces, *pieces_end = piece + shape->pieces_count;
    if (text[end] != '\n' || end + shape->reach > chunk->size + JSON_PIECE_SIZE ||
        quotes[0] + (uint32_t)piece->place.delta != start)
        return false;
    uint32_t differs = 0;
    for (; piece < pieces_end; piece++)
        differs |= piece_differs(text + quotes[piece->place.ordinal] + piece->place.delta, piece);
    return differs == 0;
}

/* Any shape but the one that was expected. */
JSON_FN static WEIR_NOINLINE struct json_shape *find_shape(struct json_decoder *decoder,
                                                           const struct json_chunk *chunk,
                                                           const uint32_t *quotes, uint32_t left,
                                                           uint32_t start)
{
    for (uint32_t i = 0; i < decoder->shapes_count; i++) {
        struct json_shape *shape = decoder->shapes[i];
        if (!matches(chunk, shape, quotes, left, start))
            continue;
        if (i > 0) { /* one place to the front */
            decoder->shapes[i] = decoder->shapes[i - 1];
            decoder->shapes[i - 1] = shape;
        }
        return shape;
    }
    return NULL;
}

JSON_FN WEIR_INLINE bool is_blank(const char *begin, const char *end)
{
    while (begin < end && (*begin == ' ' || *begin == '\t' || *begin == '\r'))
        begin++;
    return begin == end;
}

JSON_FN static void walk(struct json_decoder *decoder, struct json_chunk *chunk)
{
    const uint32_t *index = chunk->index, *doubt = chunk->doubts;
    struct json_shape *current = decoder->current;
    uint32_t at = 0, start = 0, line = 0;
    while (line < chunk->lines_max && at < chunk->index_count) {
        uint32_t left = chunk->index_count - at;
        struct json_shape *shape = current->successor;
        if (WEIR_UNLIKELY(!matches(chunk, shape, index + at, left, start))) {
            shape = find_shape(decoder, chunk, index + at, left, start);
            if (shape)
                current->successor = shape;
        }
        uint32_t last = at;
        if (WEIR_LIKELY(shape != NULL)) {
            last += shape->quotes_count;
        } else {
            while (last < chunk->index_count && chunk->text[index[last]] != '\n')
                last++;
            if (last == chunk->index_count)
                break;
            if (is_blank(chunk->text + start, chunk->text + index[last])) {
                at = last + 1;
                start = index[last] + 1;
                continue;
            }
        }
        uint32_t end = index[last];
        while (*doubt < start)
            doubt++;
        chunk->line_first[line] = at;
        if (WEIR_LIKELY(shape && *doubt > end && end <= chunk->valid_size)) {
            shape->lines[shape->lines_count++] = (uint16_t)line;
            current = shape;
        } else {
            weir_bit_set(chunk->strict_lines, line);
            chunk->any_strict = true;
        }
        line++;
        at = last + 1;
        start = end + 1;
    }
    decoder->current = current;
    chunk->lines_count = line;
    chunk->walked = at;
}

const struct json_kernels JSON_KERNELS = {index_chunk, walk, values};
