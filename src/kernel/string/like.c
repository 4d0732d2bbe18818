/* LIKE and ILIKE: ~~ ~~* !~~ !~~* of text, ~~ and !~~ of bytes.
 *
 * A pattern is cut at its % signs into segments; a segment is literal bytes and gaps of any
 * characters (_). Matching walks the text once: the first segment stands at the start, the last at
 * the end, those between each as far left as they fit, which is right because % takes anything.
 *
 *     'a%b_c%d'   →   [a] … [b, 1 any, c] … [d]
 *
 * Patterns of one literal and % signs (exact, prefix%, %suffix, %infix%) need no segments. A
 * constant pattern is prepared at planning. A pattern that ends in its escape character is an error
 * for texts that reach it, as in Postgres: it is matched as if `_%` stood there. ILIKE lowers both
 * sides first, as Postgres does. Tests: tests/unit/kernel/string/test_pattern.c. */
#include "kernel/string/string_internal.h"
#include "kernel/string/unicode.h"

enum like_shape { LIKE_EXACT, LIKE_PREFIX, LIKE_SUFFIX, LIKE_INFIX, LIKE_GENERAL };

/* Bytes, or a gap of characters. */
struct like_item {
    struct weir_slice bytes;
    uint32_t gap; /* 0: bytes */
};

struct like_segment {
    uint32_t items_begin, items_end;
    uint32_t characters_count;
};

struct like_pattern {
    enum like_shape shape;
    struct weir_slice literal; /* all shapes but GENERAL */
    const struct like_item *items;
    const struct like_segment *segments; /* those between % signs; the outer two may be empty */
    uint32_t segments_count;             /* 1: no % at all */
    bool is_bytes;                       /* of BYTEA: a character is a byte */
    bool is_bad;                         /* ends in its escape character: a match is an error */
};

enum like_mode { LIKE_TEXT, LIKE_NOCASE, LIKE_BYTES };

/* --- preparing ------------------------------------------------------------------------------- */

enum like_token { LIKE_END, LIKE_CHARACTER, LIKE_ANY, LIKE_ANY_RUN, LIKE_BAD_ESCAPE };

struct like_cursor {
    struct weir_slice rest;
    struct weir_slice escape; /* empty: none */
    bool is_bytes;
};

/* The first character; text is not empty. */
static struct weir_slice first_character(struct weir_slice text, bool is_bytes)
{
    return is_bytes ? weir_slice_make(text.data, 1) : weir_utf8_prefix(text, 1);
}

static enum like_token next_token(struct like_cursor *cursor, struct weir_slice *character)
{
    if (!cursor->rest.size)
        return LIKE_END;
    struct weir_slice first = first_character(cursor->rest, cursor->is_bytes);
    cursor->rest = weir_slice_from(cursor->rest, first.size);
    *character = first;
    if (cursor->escape.size && weir_slice_equals(first, cursor->escape)) {
        if (!cursor->rest.size)
            return LIKE_BAD_ESCAPE;
        *character = first_character(cursor->rest, cursor->is_bytes);
        cursor->rest = weir_slice_from(cursor->rest, character->size);
        return LIKE_CHARACTER;
    }
    return *first.data == '%' ? LIKE_ANY_RUN : *first.data == '_' ? LIKE_ANY : LIKE_CHARACTER;
}

/* Growing arrays of a pattern, all of worst-case size. */
struct like_builder {
    struct like_item *items;
    struct like_segment *segments;
    char *bytes; /* literals without their escapes */
    uint32_t items_count, segments_count;
    size_t bytes_size;
    bool ignore_case; /* literals are lowered */
};

/* Room for a text in lower case: a character takes 3 bytes at most where it took 2. */
static size_t lowered_room(size_t size)
{
    return size + size / 2 + WEIR_UTF8_SIZE;
}

/* Writes the text in lower case. */
static struct weir_slice lower_text(struct weir_slice text, char *out)
{
    size_t used = 0, size;
    for (size_t at = 0; at < text.size; at += size) {
        uint32_t c = (unsigned char)text.data[at];
        size = 1;
        if (c < 0x80) {
            out[used++] = (char)weir_unicode_lower(c);
            continue;
        }
        c = weir_utf8_decode(text.data + at, text.size - at, &size);
        used += weir_utf8_encode(weir_unicode_lower(c), out + used);
    }
    return weir_slice_make(out, used);
}

static void add_character(struct like_builder *b, struct weir_slice character)
{
    struct like_segment *segment = &b->segments[b->segments_count - 1];
    struct like_item *last =
        b->items_count > segment->items_begin ? &b->items[b->items_count - 1] : NULL;
    char *at = b->bytes + b->bytes_size;
    if (b->ignore_case)
        character = lower_text(character, at);
    else
        memcpy(at, character.data, character.size);
    b->bytes_size += character.size;
    segment->characters_count++;
    if (last && !last->gap)
        last->bytes.size += character.size;
    else
        b->items[b->items_count++] =
            (struct like_item){.bytes = weir_slice_make(at, character.size)};
}

static void add_gap(struct like_builder *b)
{
    struct like_segment *segment = &b->segments[b->segments_count - 1];
    struct like_item *last =
        b->items_count > segment->items_begin ? &b->items[b->items_count - 1] : NULL;
    segment->characters_count++;
    if (last && last->gap)
        last->gap++;
    else
        b->items[b->items_count++] = (struct like_item){.gap = 1};
}

static void begin_segment(struct like_builder *b)
{
    if (b->segments_count)
        b->segments[b->segments_count - 1].items_end = b->items_count;
    b->segments[b->segments_count++] = (struct like_segment){.items_begin = b->items_count};
}

/* Names the shape; a segment in the middle without items is dropped before (%% is %). */
static void finish_pattern(struct like_builder *b, struct like_pattern *out)
{
    begin_segment(b);
    uint32_t count = b->segments_count - 1, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_empty = b->segments[i].items_begin == b->segments[i].items_end;
        if (i == 0 || i == count - 1 || !is_empty)
            b->segments[kept++] = b->segments[i];
    }
    *out =
        (struct like_pattern){.items = b->items, .segments = b->segments, .segments_count = kept};
    out->shape = LIKE_GENERAL;
    if (b->items_count > 1 || (b->items_count == 1 && b->items[0].gap))
        return;
    if (b->items_count)
        out->literal = b->items[0].bytes;
    bool at_start = b->segments[0].items_begin != b->segments[0].items_end;
    bool at_end = b->segments[kept - 1].items_begin != b->segments[kept - 1].items_end;
    out->shape = kept == 1  ? LIKE_EXACT
                 : at_start ? LIKE_PREFIX
                 : at_end   ? LIKE_SUFFIX
                            : LIKE_INFIX;
}

/* NULL: memory has run out. */
static const struct like_pattern *prepare(struct weir_arena *arena, struct weir_slice pattern,
                                          struct weir_slice escape, enum like_mode mode)
{
    struct like_builder b = {.ignore_case = mode == LIKE_NOCASE};
    struct like_pattern *out = WEIR_ARENA_NEW(arena, struct like_pattern);
    bool bad = false;
    b.items = WEIR_ARENA_ARRAY(arena, struct like_item, pattern.size + 1);
    b.segments = WEIR_ARENA_ARRAY(arena, struct like_segment, pattern.size + 2);
    b.bytes = weir_arena_alloc(arena, lowered_room(pattern.size), 1);
    if (!out || !b.items || !b.segments || !b.bytes)
        return NULL;
    struct like_cursor cursor = {pattern, escape, mode == LIKE_BYTES};
    begin_segment(&b);
    for (;;) {
        struct weir_slice character;
        switch (next_token(&cursor, &character)) {
        case LIKE_CHARACTER:
            add_character(&b, character);
            break;
        case LIKE_ANY:
            add_gap(&b);
            break;
        case LIKE_ANY_RUN:
            begin_segment(&b);
            break;
        case LIKE_BAD_ESCAPE:
            bad = true;
            add_gap(&b);
            begin_segment(&b);
            break;
        case LIKE_END:
            finish_pattern(&b, out);
            out->is_bad = bad;
            out->is_bytes = mode == LIKE_BYTES;
            return out;
        }
    }
}

/* --- matching -------------------------------------------------------------------------------- */

/* The size of the first character; text is not empty. */
static size_t step_size(const struct like_pattern *pattern, struct weir_slice text)
{
    return pattern->is_bytes ? 1 : weir_utf8_offset(text, 1);
}

/* Where the segment ends when it begins at `at`; SIZE_MAX when it does not fit there. */
static size_t match_segment_at(const struct like_pattern *pattern,
                               const struct like_segment *segment, struct weir_slice text,
                               size_t at)
{
    for (uint32_t i = segment->items_begin; i < segment->items_end; i++) {
        const struct like_item *item = &pattern->items[i];
        struct weir_slice rest = weir_slice_from(text, at);
        if (item->gap) {
            for (uint32_t k = 0; k < item->gap; k++) {
                if (at >= text.size)
                    return SIZE_MAX;
                at += step_size(pattern, weir_slice_from(text, at));
            }
        } else {
            if (rest.size < item->bytes.size ||
                memcmp(rest.data, item->bytes.data, item->bytes.size) != 0)
                return SIZE_MAX;
            at += item->bytes.size;
        }
    }
    return at;
}

/* The end of the segment's leftmost match at or after `at`; SIZE_MAX when there is none. */
static size_t find_segment(const struct like_pattern *pattern, const struct like_segment *segment,
                           struct weir_slice text, size_t at)
{
    const struct like_item *first = &pattern->items[segment->items_begin];
    while (at <= text.size) {
        if (!first->gap) {
            at = weir_slice_find(text, first->bytes, at);
            if (at == SIZE_MAX)
                return SIZE_MAX;
        }
        size_t end = match_segment_at(pattern, segment, text, at);
        if (end != SIZE_MAX)
            return end;
        if (at == text.size)
            return SIZE_MAX;
        at += step_size(pattern, weir_slice_from(text, at));
    }
    return SIZE_MAX;
}

static bool match_general(const struct like_pattern *pattern, struct weir_slice text)
{
    const struct like_segment *first = &pattern->segments[0];
    const struct like_segment *last = &pattern->segments[pattern->segments_count - 1];
    size_t at = match_segment_at(pattern, first, text, 0);
    if (at == SIZE_MAX || first == last)
        return at == text.size;
    for (const struct like_segment *s = first + 1; s < last; s++) {
        at = find_segment(pattern, s, text, at);
        if (at == SIZE_MAX)
            return false;
    }
    struct weir_slice rest = weir_slice_from(text, at);
    size_t count = pattern->is_bytes ? rest.size : weir_utf8_count(rest);
    if (count < last->characters_count)
        return false;
    at = text.size - (pattern->is_bytes ? last->characters_count
                                        : weir_utf8_suffix_size(rest, last->characters_count));
    return match_segment_at(pattern, last, text, at) == text.size;
}

static bool match(const struct like_pattern *pattern, struct weir_slice text)
{
    struct weir_slice literal = pattern->literal;
    switch (pattern->shape) {
    case LIKE_EXACT:
        return weir_slice_equals(text, literal);
    case LIKE_PREFIX:
        return text.size >= literal.size && memcmp(text.data, literal.data, literal.size) == 0;
    case LIKE_SUFFIX:
        return text.size >= literal.size &&
               memcmp(text.data + text.size - literal.size, literal.data, literal.size) == 0;
    case LIKE_INFIX:
        return !literal.size || weir_slice_find(text, literal, 0) != SIZE_MAX;
    case LIKE_GENERAL:
        break;
    }
    return match_general(pattern, text);
}

/* --- kernels --------------------------------------------------------------------------------- */

struct like_run {
    enum like_mode mode;
    bool negated;
    const struct like_pattern *prepared; /* of a constant pattern */
};

static const struct weir_slice default_escape = {"\\", 1};

/* The escape of the lane's call; false: the lane fails, *stop: the kernel returns. */
static bool read_escape(struct weir_kernel_call *call, uint32_t lane, struct weir_slice *out,
                        bool *stop)
{
    *stop = false;
    *out = default_escape;
    if (call->args_count < 3)
        return true;
    *out = weir_arg_text(call, 2, lane);
    bool is_bytes = call->args[2].type->kind == WEIR_TYPE_BYTEA;
    if ((is_bytes ? out->size : weir_utf8_count(*out)) <= 1)
        return true;
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              "invalid escape string: it must be empty or one character");
    return false;
}

/* Prepares the lane's own pattern; NULL: the lane fails, *stop: the kernel returns. */
static const struct like_pattern *prepare_lane(struct weir_kernel_call *call, uint32_t lane,
                                               enum like_mode mode, bool *stop)
{
    struct weir_slice escape, pattern = weir_arg_text(call, 1, lane);
    if (!read_escape(call, lane, &escape, stop))
        return NULL;
    const struct like_pattern *prepared = prepare(call->arena, pattern, escape, mode);
    *stop = prepared == NULL;
    if (!prepared)
        weir_kernel_out_of_memory(call);
    return prepared;
}

/* False: the kernel returns. */
static bool like_lane(struct weir_kernel_call *call, uint32_t lane, const struct like_run *run)
{
    struct weir_slice text = weir_arg_text(call, 0, lane);
    const struct like_pattern *pattern = run->prepared;
    bool stop = false;
    if (!pattern)
        pattern = prepare_lane(call, lane, run->mode, &stop);
    if (!pattern)
        return !stop;
    char *lowered = NULL;
    size_t room = lowered_room(text.size);
    if (run->mode == LIKE_NOCASE) {
        lowered = weir_string_reserve(call, room);
        if (!lowered)
            return false;
        text = lower_text(text, lowered);
    }
    bool matches = match(pattern, text);
    if (lowered && call->arena->next == lowered + room)
        call->arena->next = lowered;
    if (matches && pattern->is_bad)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "LIKE pattern must not end with escape character");
    weir_string_set_boolean(call, lane, matches != run->negated);
    return true;
}

/* The common shapes over all lanes, without a switch per lane. */
static void run_literal(struct weir_kernel_call *call, const struct like_pattern *pattern,
                        bool negated)
{
    uint8_t *out = call->out_values;
    struct weir_slice literal = pattern->literal;
    if (pattern->shape == LIKE_PREFIX) {
        WEIR_FOR_VALID_LANES(call, lane)
        {
            struct weir_slice text = weir_arg_text(call, 0, lane);
            out[lane] = (text.size >= literal.size &&
                         memcmp(text.data, literal.data, literal.size) == 0) != negated;
        }
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    out[lane] = match(pattern, weir_arg_text(call, 0, lane)) != negated;
}

static void run_like(struct weir_kernel_call *call, enum like_mode mode, bool negated)
{
    if (call->args[0].type->kind == WEIR_TYPE_BYTEA)
        mode = LIKE_BYTES;
    struct like_run run = {mode, negated, call->instance};
    if (run.prepared && mode != LIKE_NOCASE && !run.prepared->is_bad) {
        run_literal(call, run.prepared, negated);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    if (!like_lane(call, lane, &run))
        return;
}
void weir_fn_like(struct weir_kernel_call *call)
{
    run_like(call, LIKE_TEXT, false);
}
void weir_fn_not_like(struct weir_kernel_call *call)
{
    run_like(call, LIKE_TEXT, true);
}
void weir_fn_ilike(struct weir_kernel_call *call)
{
    run_like(call, LIKE_NOCASE, false);
}
void weir_fn_not_ilike(struct weir_kernel_call *call)
{
    run_like(call, LIKE_NOCASE, true);
}

/* --- at planning ----------------------------------------------------------------------------- */

/* Prepares a constant pattern. */
static enum weir_status bind_like(struct weir_function_bind *bind, enum like_mode mode,
                                  struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[1];
    const struct weir_column *escape = bind->args_count > 2 ? bind->constants[2] : NULL;
    if (!constant || weir_column_is_null(constant, 0) ||
        (bind->args_count > 2 && (!escape || weir_column_is_null(escape, 0))))
        return WEIR_OK;
    struct weir_slice text = weir_view_slice(constant->values);
    struct weir_slice escape_text = escape ? weir_view_slice(escape->values) : default_escape;
    if (bind->arg_types[0]->kind == WEIR_TYPE_BYTEA)
        mode = LIKE_BYTES;
    if ((mode == LIKE_BYTES ? escape_text.size : weir_utf8_count(escape_text)) > 1)
        return WEIR_OK;
    bind->instance = prepare(bind->arena, text, escape_text, mode);
    return bind->instance ? WEIR_OK : weir_error_set_out_of_memory(error);
}
enum weir_status weir_bind_like(struct weir_function_bind *bind, struct weir_error *error)
{
    return bind_like(bind, LIKE_TEXT, error);
}
enum weir_status weir_bind_ilike(struct weir_function_bind *bind, struct weir_error *error)
{
    return bind_like(bind, LIKE_NOCASE, error);
}
