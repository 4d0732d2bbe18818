/* Loose lines: records of no known shape, member by member, but still column by column. Part of
 * json_kernels_template.h.
 *
 * Files whose keys come in a new order in every line would make a parser's branches guess wrong at
 * every key. Here the walk over a line's members does the same for each: it finds the key's leaf by
 * one look into a table without collisions, and where the value ends by the next key's quote; it
 * notes both and goes on. Values are judged and stored afterwards, leaf by leaf.
 *
 *     spans[line][leaf] = kind << 60 | size << 32 | begin     0: the line lacks the key
 *     checks[…]         = slot << 32 | size << 16 | begin     a scalar that nobody reads
 *
 * Taken are objects without escapes, arrays, empty objects and duplicate keys that are read, with
 * no white space or that of Python's json.dumps (one blank after colons and commas). All else is
 * left to the strict path. */

enum { SPAN_SCALAR = 1, SPAN_TEXT = 2, SPAN_OBJECT = 3 };

/* The walk over one line. */
struct members {
    const struct json_tree *tree;
    uint64_t *spans;
    uint64_t seen; /* leaves, a bit each */
    uint32_t depth;
    const struct json_node *nodes[JSON_SHAPE_DEPTH_MAX + 1];
};

/* Enters an object under child (NULL: nobody reads it). False: not one for this path. */
JSON_FN static WEIR_NOINLINE bool enter_object(struct members *members,
                                               const struct json_node *child)
{
    if (members->depth == JSON_SHAPE_DEPTH_MAX)
        return false;
    if (!child) {
        members->nodes[members->depth++] = members->tree->nobody;
        return true;
    }
    for (uint32_t i = 0; i < child->below_count; i++)
        if (members->seen >> child->below[i] & 1)
            return false;
    if (child->leaf != JSON_NONE) {
        const struct json_leaf *leaf = &members->tree->leaves[child->leaf];
        if (leaf->type->kind != WEIR_TYPE_STRUCT || leaf->next != JSON_NONE ||
            (members->seen >> child->leaf & 1))
            return false;
        members->seen |= UINT64_C(1) << child->leaf;
        members->spans[child->leaf] = (uint64_t)SPAN_OBJECT << 60;
    }
    members->nodes[members->depth++] = child->slots ? child : members->tree->nobody;
    return !child->slots || child->perfect;
}

JSON_FN WEIR_INLINE uint16_t load_u16(const char *p)
{
    uint16_t two;
    memcpy(&two, p, sizeof two);
    return two;
}
JSON_FN WEIR_INLINE uint32_t load_u32(const char *p)
{
    uint32_t four;
    memcpy(&four, p, sizeof four);
    return four;
}

/* The slot that key has if it is one of node's; *found is all ones then, else zero. */
JSON_FN WEIR_INLINE const struct json_slot *find_slot(const struct json_node *node, const char *p,
                                                      uint32_t size, uint64_t *found)
{
    struct key key = load_key(p, size);
    const struct json_slot *slot = &node->slots[json_key_hash(node, key.head, key.tail, size)];
    uint64_t differs = (slot->head ^ key.head) | (slot->tail ^ key.tail) | (slot->size ^ size);
    *found = 0 - (uint64_t)(differs == 0);
    if (WEIR_UNLIKELY(size > 16) && *found && memcmp(slot->name + 8, p + 8, size - 16) != 0)
        *found = 0;
    return slot;
}

/* The walk. What each member must look like is gathered in `bad` without branches:
 *
 *     "key":value,"next …     quotes[0] [1], then [2] [3] of a text, then *next
 *     quote and colon as one word; the comma with what follows it as another
 *
 * gap, a constant: the blanks behind each colon and comma. */
JSON_FN WEIR_INLINE const uint16_t *walk_members(struct members *members, const char *text,
                                                 const uint16_t *quotes, uint64_t **checks,
                                                 uint64_t slot_bits, uint32_t gap)
{
    const uint32_t nobody = members->tree->leaves_count;
    const uint32_t colon_mask = gap ? 0xFFFFFF : 0xFFFF, colon = gap ? 0x203A22 : 0x3A22;
    const uint32_t comma = gap ? 0x202C : 0x222C;
    const struct json_node *node = members->nodes[0];
    uint64_t *check = *checks, seen = members->seen;
    uint32_t bad = 0;
    for (;;) {
        uint32_t key_end = quotes[1], value = key_end + 2 + gap, key = (uint32_t)quotes[0] + 1;
        uint64_t found;
        const struct json_slot *slot = find_slot(node, text + key, key_end - key, &found);
        bad |= (load_u32(text + key_end) & colon_mask) ^ colon;
        char first = text[value];
        if (WEIR_UNLIKELY((first | 0x20) == '{')) {
            members->seen = seen;
            if (first == '[' || quotes[2] != value + 1 || text[value + 1] != '"' || bad ||
                !enter_object(members, found ? slot->node : NULL))
                return NULL;
            seen = members->seen;
            node = members->nodes[members->depth - 1];
            quotes += 2;
            continue;
        }
        uint32_t is_text = first == '"';
        const uint16_t *next = quotes + 2 + 2 * is_text;
        uint32_t stop = (uint32_t)*next - 1 - gap, leaf = slot->loose_leaf, closers = 0;
        bool last = text[*next] == '\n';
        if (WEIR_UNLIKELY(last))
            stop = (uint32_t)*next - (text[*next - 1] == '\r');
        else
            bad |= load_u16(text + stop) ^ comma;
        while (WEIR_UNLIKELY(text[stop - 1] == '}')) {
            stop--;
            closers++;
        }
        /* A text's closing quote stands right before; bits of other leaves are never seen twice. */
        bad |=
            (0 - is_text) & (((uint32_t)next[-1] ^ (stop - 1)) | (uint32_t)(text[stop - 1] ^ '"'));
        uint64_t bit = slot->loose_bit & found;
        leaf = nobody ^ ((nobody ^ leaf) & (uint32_t)found);
        bad |= (uint32_t)((seen & bit) != 0) | (uint32_t)(leaf == JSON_NONE);
        seen |= bit;
        uint32_t begin = value + is_text, size = (stop - is_text - begin) & 0xFFFF;
        if (WEIR_UNLIKELY(bad))
            return NULL;
        members->spans[leaf] =
            (uint64_t)(SPAN_SCALAR + is_text) << 60 | (uint64_t)size << 32 | begin;
        *check = slot_bits | size << 16 | begin;
        check += (uint32_t)(~found & 1) & (is_text ^ 1);
        quotes = next;
        if (WEIR_UNLIKELY(closers)) {
            if (closers > members->depth)
                return NULL;
            members->depth -= closers;
            if (last)
                break;
            if (members->depth == 0)
                return NULL;
            node = members->nodes[members->depth - 1];
        } else if (WEIR_UNLIKELY(last)) {
            return NULL;
        }
    }
    *checks = check;
    return members->depth == 0 ? quotes : NULL;
}

/* Tries to take the line at start as a loose one: its spans and checks are appended. Returns how
 * many entries of the index it has before its newline; 0: not taken. */
JSON_FN static WEIR_NOINLINE uint32_t loose_line(const struct json_decoder *decoder,
                                                 struct json_chunk *chunk, const uint16_t *quotes,
                                                 uint32_t start)
{
    const struct json_node *root = decoder->tree.root;
    const char *text = chunk->text;
    /* Keys are read from eight bytes before their ends. */
    if (!chunk->loose_spans || chunk->loose_count == JSON_LOOSE_LINES ||
        (start < 8 && !chunk->is_inside) || text[start] != '{' || text[start + 1] != '"' ||
        (root->slots && !root->perfect))
        return 0;
    struct members members = {.tree = &decoder->tree,
                              .spans = chunk->loose_spans +
                                       (size_t)chunk->loose_count * chunk->loose_stride,
                              .depth = 1};
    members.nodes[0] = root->slots ? root : decoder->tree.nobody;
    memset(members.spans, 0, chunk->loose_stride * sizeof *members.spans);
    uint64_t *checks = chunk->checks + chunk->checks_count;
    const uint64_t slot_bits = (uint64_t)chunk->loose_count << 32;
    const uint16_t *end = text[quotes[1] + 2] == ' '
                              ? walk_members(&members, text, quotes, &checks, slot_bits, 1)
                              : walk_members(&members, text, quotes, &checks, slot_bits, 0);
    if (!end)
        return 0;
    chunk->checks_count = (uint32_t)(checks - chunk->checks);
    return (uint32_t)(end - quotes);
}

/* ---- values ---- */

struct loose_loop {
    struct json_decoder *decoder;
    struct json_chunk *chunk;
    struct json_leaf *leaf;
    uint32_t leaf_at;
};

JSON_FN static WEIR_NOINLINE void loose_give_up(struct json_chunk *chunk, uint32_t slot)
{
    weir_bit_set(chunk->strict_lines, chunk->loose_lines[slot]);
    chunk->any_strict = true;
    chunk->any_redo = true;
}

/* A value for which there is no quicker way. */
JSON_FN static WEIR_NOINLINE void loose_other(const struct loose_loop *loop, uint32_t slot,
                                              uint64_t span)
{
    struct json_chunk *chunk = loop->chunk;
    uint32_t row = chunk->row + chunk->loose_lines[slot];
    const char *begin = chunk->text + (uint32_t)span;
    const char *end = begin + (uint32_t)(span >> 32 & 0xFFFFFFF);
    bool ok = true;
    switch (span >> 60) {
    case SPAN_SCALAR:
        ok = weir_json_scalar_slow(loop->decoder, loop->leaf_at, row, begin, end);
        break;
    case SPAN_TEXT:
        ok = weir_json_string_slow(loop->decoder, loop->leaf_at, row, begin, end);
        break;
    case SPAN_OBJECT:
        break;
    default:
        ok = loop->leaf->nullable;
        if (ok)
            json_leaf_set_null(loop->leaf, row);
        break;
    }
    if (!ok)
        loose_give_up(chunk, slot);
}

/* Which of the leaf's loops a type has. */
enum loose_kind { LOOSE_TEXT, LOOSE_INT64, LOOSE_FLOAT64, LOOSE_OTHER };

JSON_FN WEIR_INLINE void loose_leaf(const struct loose_loop *loop, enum loose_kind kind)
{
    const struct json_chunk *chunk = loop->chunk;
    const char *text = chunk->text;
    const uint64_t *spans = chunk->loose_spans + loop->leaf_at;
    uint32_t stride = chunk->loose_stride, count = chunk->loose_count, row = chunk->row;
    const uint32_t *lines = chunk->loose_lines;
    char *values = loop->leaf->values;
    for (uint32_t slot = 0; slot < count; slot++) {
        uint64_t span = spans[(size_t)slot * stride];
        const char *begin = text + (uint32_t)span;
        uint32_t size = (uint32_t)(span >> 32) & 0xFFFFFFF, lane = row + lines[slot];
        uint32_t negative = json_is_minus(begin);
        uint64_t digits;
        if (kind == LOOSE_TEXT && WEIR_LIKELY(span >> 60 == SPAN_TEXT)) {
            store_view((struct weir_view *)(void *)values + lane, begin, size);
            continue;
        }
        if (kind == LOOSE_INT64 && WEIR_LIKELY(span >> 60 == SPAN_SCALAR) &&
            read_digits(begin + negative, size - negative, &digits)) {
            ((int64_t *)(void *)values)[lane] = negative ? -(int64_t)digits : (int64_t)digits;
            continue;
        }
        double value;
        if (kind == LOOSE_FLOAT64 && WEIR_LIKELY(span >> 60 == SPAN_SCALAR) &&
            read_double(begin, size, &value)) {
            ((double *)(void *)values)[lane] = value;
            continue;
        }
        loose_other(loop, slot, span);
    }
}

JSON_FN static void loose_check(struct json_decoder *decoder, struct json_chunk *chunk)
{
    for (uint32_t i = 0; i < chunk->checks_count; i++) {
        uint64_t check = chunk->checks[i];
        const char *begin = chunk->text + (check & 0xFFFF);
        uint32_t size = (uint32_t)(check >> 16) & 0xFFFF;
        if (WEIR_UNLIKELY(!check_scalar(begin, size)) &&
            !weir_json_scalar_slow(decoder, JSON_NONE, 0, begin, begin + size))
            loose_give_up(chunk, (uint32_t)(check >> 32));
    }
}

JSON_FN static void loose_values(struct json_decoder *decoder, struct json_chunk *chunk)
{
    struct loose_loop loop = {.decoder = decoder, .chunk = chunk};
    loose_check(decoder, chunk);
    for (loop.leaf_at = 0; loop.leaf_at < decoder->tree.leaves_count; loop.leaf_at++) {
        loop.leaf = &decoder->tree.leaves[loop.leaf_at];
        const struct weir_type *type = loop.leaf->type;
        if (type->kind == WEIR_TYPE_TEXT && type->length == 0)
            loose_leaf(&loop, LOOSE_TEXT);
        else if (type->kind == WEIR_TYPE_INT64)
            loose_leaf(&loop, LOOSE_INT64);
        else if (type->kind == WEIR_TYPE_FLOAT64)
            loose_leaf(&loop, LOOSE_FLOAT64);
        else
            loose_leaf(&loop, LOOSE_OTHER);
    }
}
