/* JSONB: canonical text, order, containment. Contracts: value/json_token.h.
 *
 * Canonicalizing builds a small tree in an arena of its own (nodes are linked lists of children),
 * sorts the members of each object by key size, then bytes, drops all but the last of equal keys,
 * and prints. Comparing and containing work on canonical texts directly, with the tokenizer. */
#include "base/hash.h"
#include "value/json_token.h"
#include "value/number_internal.h"

struct node {
    struct node *next;      /* sibling */
    struct node *children;  /* first child; containers only */
    struct weir_slice key;  /* unescaped; members of objects only */
    struct weir_slice text; /* strings: unescaped; others: as in the source */
    enum weir_json_kind kind;
};

/* ---- numbers as Postgres' numeric prints them ---- */

enum { NUMERIC_WHOLE_MAX = 131072, NUMERIC_SCALE_MAX = 16383 };

/* The shape of a number in plain digits: whole digits, then scale digits. */
struct plain {
    struct weir_number_text text;
    int64_t first; /* index of the first digit that is not 0 among those written */
    int64_t count; /* of those written; first == count for zero */
    int64_t whole; /* digits before the point, counted from first; <= 0: none */
    int64_t scale; /* digits after the point */
};

static int digit_at(const struct plain *plain, int64_t i)
{
    const struct weir_number_text *text = &plain->text;
    if (i < 0 || i >= plain->count)
        return 0;
    size_t at = (size_t)i;
    return (at < text->whole.size ? text->whole.data[at]
                                  : text->fraction.data[at - text->whole.size]) -
           '0';
}

static bool plain_make(struct weir_slice number, struct plain *out)
{
    if (!weir_number_scan(number, &out->text))
        return false;
    const struct weir_number_text *text = &out->text;
    out->count = (int64_t)(text->whole.size + text->fraction.size);
    out->first = 0;
    while (out->first < out->count && digit_at(out, out->first) == 0)
        out->first++;
    out->whole = (int64_t)text->whole.size + text->exponent - out->first;
    out->scale = (int64_t)text->fraction.size - text->exponent;
    if (out->scale < 0)
        out->scale = 0;
    if (out->first == out->count)
        out->whole = 0;
    return true;
}

/* False when Postgres' numeric could not hold it. */
static bool write_number(struct weir_buffer *buffer, struct weir_slice number)
{
    struct plain plain;
    if (!plain_make(number, &plain) || plain.whole > NUMERIC_WHOLE_MAX ||
        plain.scale > NUMERIC_SCALE_MAX)
        return false;
    bool zero = plain.first == plain.count;
    int64_t point = (int64_t)plain.text.whole.size + plain.text.exponent; /* index behind it */
    if (plain.text.negative && !zero)
        weir_buffer_append_char(buffer, '-');
    if (plain.whole <= 0)
        weir_buffer_append_char(buffer, '0');
    for (int64_t i = 0; i < plain.whole; i++)
        weir_buffer_append_char(buffer, (char)('0' + digit_at(&plain, plain.first + i)));
    if (plain.scale)
        weir_buffer_append_char(buffer, '.');
    for (int64_t i = 0; i < plain.scale; i++)
        weir_buffer_append_char(buffer, (char)('0' + (zero ? 0 : digit_at(&plain, point + i))));
    return true;
}

int weir_json_compare_numbers(struct weir_slice a, struct weir_slice b)
{
    struct plain x, y;
    if (!plain_make(a, &x) || !plain_make(b, &y))
        return weir_slice_compare(a, b);
    int x_sign = x.first == x.count ? 0 : x.text.negative ? -1 : 1;
    int y_sign = y.first == y.count ? 0 : y.text.negative ? -1 : 1;
    if (x_sign != y_sign || x_sign == 0)
        return (x_sign > y_sign) - (x_sign < y_sign);
    if (x.whole != y.whole)
        return x.whole > y.whole ? x_sign : -x_sign;
    int64_t digits = x.count - x.first > y.count - y.first ? x.count - x.first : y.count - y.first;
    for (int64_t i = 0; i < digits; i++) {
        int difference = digit_at(&x, x.first + i) - digit_at(&y, y.first + i);
        if (difference)
            return difference > 0 ? x_sign : -x_sign;
    }
    return 0;
}

/* ---- the tree ---- */

struct builder {
    struct weir_json json;
    struct weir_arena arena;
    struct node *containers[WEIR_JSON_DEPTH_MAX];
    enum weir_json_reason reason; /* of what the tokenizer allows and JSONB does not */
    size_t reason_offset;
};

static struct node *new_node(struct builder *builder, struct weir_json_token token,
                             struct weir_slice key)
{
    struct node *node = WEIR_ARENA_NEW(&builder->arena, struct node);
    if (!node) {
        builder->reason = WEIR_JSON_OUT_OF_MEMORY;
        return NULL;
    }
    node->kind = token.kind;
    node->key = key;
    node->text = token.text;
    if (token.kind == WEIR_JSON_STRING &&
        !weir_json_unescape_into(token, &builder->arena, &node->text)) {
        builder->reason = WEIR_JSON_OUT_OF_MEMORY;
        return NULL;
    }
    return node;
}

/* By size, then bytes. */
static int compare_keys(struct weir_slice a, struct weir_slice b)
{
    if (a.size != b.size)
        return a.size < b.size ? -1 : 1;
    return a.size ? memcmp(a.data, b.data, a.size) : 0;
}

/* Merges two sorted lists; of equal keys, those of a come first. */
static struct node *merge(struct node *a, struct node *b)
{
    struct node *head = NULL, **tail = &head;
    while (a && b) {
        struct node **least = compare_keys(b->key, a->key) < 0 ? &b : &a;
        *tail = *least;
        tail = &(*least)->next;
        *least = (*least)->next;
    }
    *tail = a ? a : b;
    return head;
}

/* Stable merge sort of a list: runs[i] holds a sorted list of 2^i members, or nothing. */
static struct node *sort_members(struct node *list)
{
    struct node *runs[64] = {NULL};
    while (list) {
        struct node *run = list;
        list = list->next;
        run->next = NULL;
        int i = 0;
        for (; runs[i]; i++) {
            run = merge(runs[i], run);
            runs[i] = NULL;
        }
        runs[i] = run;
    }
    struct node *all = NULL;
    for (int i = 0; i < 64; i++)
        if (runs[i])
            all = all ? merge(runs[i], all) : runs[i];
    return all;
}

static struct node *sort_and_deduplicate(struct node *list)
{
    struct node *sorted = sort_members(list);
    struct node **link = &sorted;
    while (*link) {
        struct node *next = (*link)->next;
        if (next && compare_keys((*link)->key, next->key) == 0)
            *link = next; /* the later one counts */
        else
            link = &(*link)->next;
    }
    return sorted;
}

/* Children were pushed in front of each other: turns them round. */
static struct node *reverse(struct node *list)
{
    struct node *reversed = NULL;
    while (list) {
        struct node *next = list->next;
        list->next = reversed;
        reversed = list;
        list = next;
    }
    return reversed;
}

static bool refuse(struct builder *builder, const char *at, enum weir_json_reason reason)
{
    builder->reason = reason;
    builder->reason_offset = (size_t)(at - builder->json.begin);
    return false;
}

/* Reads the whole value into *root. */
static bool build(struct builder *builder, struct node **root)
{
    struct weir_json *json = &builder->json;
    struct weir_slice key = {NULL, 0};

    *root = NULL;
    for (;;) {
        struct weir_json_token token = weir_json_next(json);
        if (token.kind == WEIR_JSON_END)
            return true;
        if (token.kind == WEIR_JSON_ERROR)
            return refuse(builder, json->begin + json->error_offset, json->reason);
        if (token.flags & WEIR_JSON_HAS_NUL)
            return refuse(builder, token.text.data, WEIR_JSON_NUL_CHARACTER);
        if (token.kind == WEIR_JSON_KEY) {
            if (!weir_json_unescape_into(token, &builder->arena, &key))
                return refuse(builder, token.text.data, WEIR_JSON_OUT_OF_MEMORY);
            continue;
        }
        if (token.kind == WEIR_JSON_OBJECT_END || token.kind == WEIR_JSON_ARRAY_END) {
            struct node *container = builder->containers[json->depth];
            container->children = reverse(container->children);
            if (token.kind == WEIR_JSON_OBJECT_END)
                container->children = sort_and_deduplicate(container->children);
            continue;
        }
        struct node *node = new_node(builder, token, key);
        if (!node)
            return refuse(builder, token.text.data, WEIR_JSON_OUT_OF_MEMORY);
        bool opens = token.kind == WEIR_JSON_OBJECT_BEGIN || token.kind == WEIR_JSON_ARRAY_BEGIN;
        uint32_t outside = json->depth - opens;
        if (outside) {
            struct node *parent = builder->containers[outside - 1];
            node->next = parent->children;
            parent->children = node;
        } else {
            *root = node;
        }
        if (opens)
            builder->containers[outside] = node;
    }
}

/* Recursion no deeper than WEIR_JSON_DEPTH_MAX. */
static bool write_node(struct builder *builder, const struct node *node, struct weir_buffer *buffer)
{
    bool object = node->kind == WEIR_JSON_OBJECT_BEGIN;
    switch (node->kind) {
    case WEIR_JSON_STRING:
        weir_json_write_string(buffer, node->text);
        return true;
    case WEIR_JSON_NUMBER:
        return write_number(buffer, node->text) ||
               refuse(builder, node->text.data, WEIR_JSON_NUMBER_RANGE);
    case WEIR_JSON_OBJECT_BEGIN:
    case WEIR_JSON_ARRAY_BEGIN:
        break;
    default:
        weir_buffer_append_slice(buffer, node->text);
        return true;
    }
    weir_buffer_append_char(buffer, object ? '{' : '[');
    for (const struct node *child = node->children; child; child = child->next) {
        if (child != node->children)
            weir_buffer_append(buffer, ", ", 2);
        if (object) {
            weir_json_write_string(buffer, child->key);
            weir_buffer_append(buffer, ": ", 2);
        }
        if (!write_node(builder, child, buffer))
            return false;
    }
    weir_buffer_append_char(buffer, object ? '}' : ']');
    return !buffer->failed || refuse(builder, builder->json.begin, WEIR_JSON_OUT_OF_MEMORY);
}

bool weir_json_canonicalize(struct weir_slice text, struct weir_buffer *buffer,
                            size_t *error_offset, enum weir_json_reason *reason)
{
    struct builder builder;
    struct node *root;
    size_t before = buffer->size;

    builder.reason = WEIR_JSON_NO_ERROR;
    builder.reason_offset = 0;
    weir_json_begin(&builder.json, text);
    weir_arena_init(&builder.arena, buffer->budget, 4096);
    bool ok = build(&builder, &root) && write_node(&builder, root, buffer);
    weir_arena_deinit(&builder.arena);
    if (ok && buffer->failed) {
        builder.reason = WEIR_JSON_OUT_OF_MEMORY;
        ok = false;
    }
    if (!ok && !buffer->failed)
        buffer->size = before;
    if (error_offset)
        *error_offset = builder.reason_offset;
    if (reason)
        *reason = builder.reason;
    return ok;
}

/* ---- order ---- */

/* One byte of what a canonical string spells: its escapes are \b \f \n \r \t \" \\ \u00XX. */
static int next_byte(struct weir_slice *text)
{
    if (text->size == 0)
        return -1;
    if (text->data[0] != '\\') {
        int byte = (unsigned char)text->data[0];
        *text = weir_slice_make(text->data + 1, text->size - 1);
        return byte;
    }
    size_t size = text->size > 1 && text->data[1] == 'u' ? 6 : 2;
    char out[6] = {0};
    if (size > text->size)
        size = text->size;
    (void)weir_json_unescape(weir_slice_make(text->data, size), out);
    *text = weir_slice_make(text->data + size, text->size - size);
    return (unsigned char)out[0];
}

static int compare_strings(struct weir_slice a, struct weir_slice b)
{
    for (;;) {
        int x = next_byte(&a), y = next_byte(&b);
        if (x != y)
            return x < y ? -1 : 1;
        if (x < 0)
            return 0;
    }
}

/* Null < String < Number < Boolean < Array < Object. */
static int rank(enum weir_json_kind kind)
{
    switch (kind) {
    case WEIR_JSON_NULL:
        return 0;
    case WEIR_JSON_STRING:
        return 1;
    case WEIR_JSON_NUMBER:
        return 2;
    case WEIR_JSON_FALSE:
    case WEIR_JSON_TRUE:
        return 3;
    case WEIR_JSON_ARRAY_BEGIN:
        return 4;
    default:
        return 5;
    }
}

/* How many items the container has whose first token was just read. json is a copy. */
static size_t count_items(struct weir_json json)
{
    uint32_t inside = json.depth;
    size_t count = 0;
    for (;;) {
        struct weir_json_token token = weir_json_next(&json);
        if (json.depth < inside || token.kind == WEIR_JSON_ERROR)
            return count;
        if (token.kind == WEIR_JSON_KEY)
            token = weir_json_next(&json);
        if (!weir_json_skip(&json, token, NULL))
            return count;
        count++;
    }
}

static int compare_tokens(const struct weir_json *a, struct weir_json_token x,
                          const struct weir_json *b, struct weir_json_token y)
{
    if (rank(x.kind) != rank(y.kind))
        return rank(x.kind) < rank(y.kind) ? -1 : 1;
    switch (x.kind) {
    case WEIR_JSON_STRING:
        return compare_strings(x.text, y.text);
    case WEIR_JSON_NUMBER:
        return weir_json_compare_numbers(x.text, y.text);
    case WEIR_JSON_TRUE:
    case WEIR_JSON_FALSE:
        return (x.kind == WEIR_JSON_TRUE) - (y.kind == WEIR_JSON_TRUE);
    case WEIR_JSON_OBJECT_BEGIN:
    case WEIR_JSON_ARRAY_BEGIN: {
        size_t m = count_items(*a), n = count_items(*b);
        return (m > n) - (m < n);
    }
    default:
        return 0;
    }
}

int weir_json_compare(struct weir_slice canonical_a, struct weir_slice canonical_b)
{
    struct weir_json a, b;
    bool top = true;

    weir_json_begin(&a, canonical_a);
    weir_json_begin(&b, canonical_b);
    for (;; top = false) {
        struct weir_json_token x = weir_json_next(&a), y = weir_json_next(&b);
        if (x.kind == WEIR_JSON_END || x.kind == WEIR_JSON_ERROR || y.kind == WEIR_JSON_END ||
            y.kind == WEIR_JSON_ERROR)
            return 0;
        if (x.kind == WEIR_JSON_OBJECT_END || x.kind == WEIR_JSON_ARRAY_END)
            continue; /* both: the counts were equal */
        if (x.kind == WEIR_JSON_KEY) {
            int order = compare_strings(x.text, y.text);
            if (order)
                return order;
            continue;
        }
        /* Postgres keeps a top-level scalar as an array of one: [] is less. */
        if (top && x.kind == WEIR_JSON_ARRAY_BEGIN && rank(y.kind) < 4 && count_items(a) == 0)
            return -1;
        if (top && y.kind == WEIR_JSON_ARRAY_BEGIN && rank(x.kind) < 4 && count_items(b) == 0)
            return 1;
        int order = compare_tokens(&a, x, &b, y);
        if (order)
            return order;
    }
}

/* ---- containment ---- */

static bool contains_value(struct weir_slice a, struct weir_slice b, bool top);

static bool is_container(enum weir_json_kind kind)
{
    return kind == WEIR_JSON_OBJECT_BEGIN || kind == WEIR_JSON_ARRAY_BEGIN;
}

/* The next item of the container json stands in: its value, and its key in an object. */
static bool next_item(struct weir_json *json, struct weir_slice *key, struct weir_slice *value,
                      enum weir_json_kind *kind)
{
    struct weir_json_token token = weir_json_next(json);
    if (token.kind == WEIR_JSON_KEY) {
        *key = token.text;
        token = weir_json_next(json);
    }
    if (token.kind == WEIR_JSON_OBJECT_END || token.kind == WEIR_JSON_ARRAY_END)
        return false;
    *kind = token.kind;
    return weir_json_skip(json, token, value);
}

static bool scalars_equal(struct weir_slice a, enum weir_json_kind a_kind, struct weir_slice b,
                          enum weir_json_kind b_kind)
{
    if (a_kind != b_kind)
        return false;
    if (a_kind == WEIR_JSON_NUMBER)
        return weir_json_compare_numbers(a, b) == 0;
    return weir_slice_equals(a, b);
}

/* Some item of the container (json is a copy, behind its first token) matches the item of b. */
static bool has_match(struct weir_json json, bool object, struct weir_slice key,
                      struct weir_slice value, enum weir_json_kind kind)
{
    struct weir_slice item_key = {NULL, 0}, item;
    enum weir_json_kind item_kind;
    while (next_item(&json, &item_key, &item, &item_kind)) {
        if (object && !weir_slice_equals(item_key, key))
            continue;
        if (is_container(kind) ? item_kind == kind && contains_value(item, value, false)
                               : scalars_equal(item, item_kind, value, kind))
            return true;
    }
    return false;
}

/* Recursion no deeper than WEIR_JSON_DEPTH_MAX. */
static bool contains_value(struct weir_slice a, struct weir_slice b, bool top)
{
    struct weir_json x, y;
    struct weir_slice key = {NULL, 0}, value;
    enum weir_json_kind kind;

    weir_json_begin(&x, a);
    weir_json_begin(&y, b);
    struct weir_json_token first_x = weir_json_next(&x), first_y = weir_json_next(&y);
    if (!is_container(first_y.kind)) {
        if (!weir_json_skip(&y, first_y, &value))
            return false;
        if (first_x.kind == WEIR_JSON_ARRAY_BEGIN && top) /* an array contains its scalars */
            return has_match(x, false, key, value, first_y.kind);
        struct weir_slice whole;
        return !is_container(first_x.kind) && weir_json_skip(&x, first_x, &whole) &&
               scalars_equal(whole, first_x.kind, value, first_y.kind);
    }
    if (first_x.kind != first_y.kind)
        return false;
    while (next_item(&y, &key, &value, &kind))
        if (!has_match(x, first_x.kind == WEIR_JSON_OBJECT_BEGIN, key, value, kind))
            return false;
    return true;
}

bool weir_json_contains(struct weir_slice canonical_a, struct weir_slice canonical_b)
{
    return contains_value(canonical_a, canonical_b, true);
}

/* ---- hash ---- */

static uint64_t hash_number(struct weir_slice number, uint64_t seed)
{
    struct plain plain;
    if (!plain_make(number, &plain) || plain.first == plain.count)
        return weir_hash_u64(0, seed);
    int64_t last = plain.count;
    while (digit_at(&plain, last - 1) == 0)
        last--;
    uint64_t hash = weir_hash_u64((uint64_t)plain.whole << 1 | plain.text.negative, seed);
    uint64_t group = 1; /* up to 18 digits behind a leading 1 */
    for (int64_t i = plain.first; i < last; i++) {
        group = group * 10 + (uint64_t)digit_at(&plain, i);
        if (group >= UINT64_C(1000000000000000000)) {
            hash = weir_hash_combine(hash, group);
            group = 1;
        }
    }
    return weir_hash_combine(hash, group);
}

uint64_t weir_json_hash(struct weir_slice canonical, uint64_t seed)
{
    struct weir_json json;
    struct weir_json_token token;
    uint64_t hash = seed;

    weir_json_begin(&json, canonical);
    while ((token = weir_json_next(&json)).kind != WEIR_JSON_END && token.kind != WEIR_JSON_ERROR) {
        uint64_t part = (uint64_t)token.kind;
        if (token.kind == WEIR_JSON_NUMBER)
            part = hash_number(token.text, seed);
        else if (token.kind == WEIR_JSON_STRING || token.kind == WEIR_JSON_KEY)
            part ^= weir_hash_bytes(token.text.data, token.text.size, seed);
        hash = weir_hash_combine(hash, part);
    }
    return hash;
}
