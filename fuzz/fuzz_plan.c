/* Feeds programs to the parser and the planner over a few tables, in both modes, and holds them to
 * their promises: no input crashes them, what fails has a message that is no internal one, what
 * does not can be explained. Nothing is run, no file is looked at.
 *
 * Byte 0 says the mode; the rest is the program. Inputs are changed
 * token by token, since texts changed byte by byte seldom get beyond the parser: words and whole
 * groups in parentheses are dropped, repeated, exchanged, and taken from another program. */
#include "../tests/unit/plan/plan_test.h"

#include <stdlib.h>

enum { TOKENS_MAX = 512 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t capacity, unsigned seed);

/* ---- the promises ---- */

static void plan(struct planning *p, const char *sql)
{
    planning_run(p, sql);
    if (p->out.failed)
        abort();
    if (p->ok)
        return;
    weir_buffer_append_char(&p->out, '\0');
    if (p->out.failed || p->out.size < 2 || strstr(p->out.data, " INTERNAL "))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct planning p;
    if (size < 2 || size > 20000)
        return 0;
    char *text = malloc(size);
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    planning_begin(&p, data[0] & 1 ? WEIR_PLAN_MODE_RUN : WEIR_PLAN_MODE_SQL);
    planning_run(&p, tables_sql);
    if (!p.ok)
        abort();
    plan(&p, text);
    if (p.ok && p.planned.plan)
        weir_plan_print_json(p.planned.plan, &p.out);
    planning_end(&p);
    free(text);
    return 0;
}

/* ---- changing programs ---- */

struct tokens {
    size_t at[TOKENS_MAX + 1]; /* begins of tokens; at[count] is the end */
    uint32_t count;
};

static bool is_word(uint8_t c)
{
    return c == '_' || c >= 128 || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static size_t token_end(const uint8_t *text, size_t at, size_t size)
{
    uint8_t c = text[at++];
    if (c == '\'' || c == '"') {
        while (at < size && text[at] != c)
            at++;
        return at < size ? at + 1 : size;
    }
    while (at < size && is_word(c) && is_word(text[at]))
        at++;
    return at;
}

/* The tokens of a program (byte 0 is none of them), white space behind each included. */
static void split(const uint8_t *data, size_t size, struct tokens *tokens)
{
    size_t at = 1;
    tokens->count = 0;
    while (at < size && tokens->count < TOKENS_MAX) {
        tokens->at[tokens->count++] = at;
        at = token_end(data, at, size);
        while (at < size && (data[at] == ' ' || data[at] == '\n'))
            at++;
    }
    tokens->at[tokens->count] = size;
}

static uint32_t draw(uint32_t *state, uint32_t limit)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return limit ? *state % limit : 0;
}

/* Some tokens in a row; those that open with a parenthesis go on to the one that closes it. */
static void pick(const uint8_t *data, const struct tokens *tokens, uint32_t *random,
                 uint32_t *first, uint32_t *behind)
{
    int depth = 0;
    *first = draw(random, tokens->count);
    *behind = *first + 1 + (draw(random, 3) ? 0 : draw(random, 6));
    if (*behind > tokens->count)
        *behind = tokens->count;
    for (uint32_t i = *first; i < tokens->count; i++) {
        uint8_t c = data[tokens->at[i]];
        depth += c == '(' || c == '[';
        depth -= c == ')' || c == ']';
        if (depth <= 0 && i + 1 >= *behind) {
            *behind = i + 1;
            return;
        }
    }
    *behind = tokens->count;
}

struct piece {
    const uint8_t *data;
    size_t size;
};

static size_t join(const struct piece *pieces, uint32_t count, uint8_t *out, size_t capacity)
{
    size_t size = 0;
    for (uint32_t i = 0; i < count; i++) {
        size_t piece = pieces[i].size < capacity - size ? pieces[i].size : capacity - size;
        if (piece)
            memcpy(out + size, pieces[i].data, piece);
        size += piece;
    }
    return size;
}

static struct piece between(const uint8_t *data, const struct tokens *tokens, uint32_t first,
                            uint32_t behind)
{
    return (struct piece){data + tokens->at[first], tokens->at[behind] - tokens->at[first]};
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t capacity, unsigned seed)
{
    static const char *const words[] = {"NULL ",
                                        "NOT ",
                                        "DISTINCT ",
                                        "0 ",
                                        "-1 ",
                                        "9223372036854775807 ",
                                        "'' ",
                                        "* ",
                                        "k ",
                                        "v ",
                                        "ts ",
                                        "orders ",
                                        "events ",
                                        ", ",
                                        "( ",
                                        ") ",
                                        "WHERE ",
                                        "SELECT ",
                                        "OVER () ",
                                        "AS x ",
                                        "JOIN events ON true ",
                                        "UNION ALL ",
                                        "GROUP BY 1 ",
                                        "ORDER BY 1 ",
                                        "LIMIT 1 ",
                                        "tags[1] ",
                                        "address.city ",
                                        "INTERVAL '1 second' ",
                                        "tumble(INTERVAL '1 minute') ",
                                        "(SELECT 1) ",
                                        "count(*) ",
                                        "EMIT CHANGES ",
                                        "unnest(tags) ",
                                        "x.y ",
                                        "::TEXT ",
                                        "[1] ",
                                        ".* "};
    uint32_t random = seed * 2654435761u + 1, first, behind, second, second_behind;
    struct tokens tokens;
    split(data, size, &tokens);
    if (tokens.count < 2)
        return size;
    uint8_t *old = malloc(size + 1);
    if (!old)
        return size;
    memcpy(old, data, size);
    pick(old, &tokens, &random, &first, &behind);
    pick(old, &tokens, &random, &second, &second_behind);
    if (second < first) {
        uint32_t swap = first;
        first = second;
        second = swap;
        swap = behind;
        behind = second_behind;
        second_behind = swap;
    }
    struct piece a = between(old, &tokens, first, behind);
    struct piece b = between(old, &tokens, second, second_behind);
    const char *word = words[draw(&random, sizeof words / sizeof *words)];
    struct piece w = {(const uint8_t *)word, strlen(word)};
    struct piece head = {old, tokens.at[first]};
    struct piece tail = between(old, &tokens, behind, tokens.count);
    switch (draw(&random, behind <= second ? 6 : 4)) {
    case 0:
        size = join((struct piece[]){head, tail}, 2, data, capacity);
        break;
    case 1:
        size = join((struct piece[]){head, w, tail}, 3, data, capacity);
        break;
    case 2:
        size = join((struct piece[]){head, w, a, tail}, 4, data, capacity);
        break;
    case 3:
        size = join((struct piece[]){head, b, tail}, 3, data, capacity);
        break;
    case 4:
        size = join((struct piece[]){head, b, between(old, &tokens, behind, second), a,
                                     between(old, &tokens, second_behind, tokens.count)},
                    5, data, capacity);
        break;
    default:
        size = join((struct piece[]){head, a, a, tail}, 4, data, capacity);
        break;
    }
    data[0] ^= (uint8_t)draw(&random, 2);
    free(old);
    return size;
}

size_t LLVMFuzzerCustomCrossOver(const uint8_t *data, size_t size, const uint8_t *other,
                                 size_t other_size, uint8_t *out, size_t capacity, unsigned seed)
{
    uint32_t random = seed * 2654435761u + 1, first, behind, from, to;
    struct tokens tokens, others;
    split(data, size, &tokens);
    split(other, other_size, &others);
    if (!tokens.count || !others.count)
        return 0;
    pick(data, &tokens, &random, &first, &behind);
    pick(other, &others, &random, &from, &to);
    return join((struct piece[]){{data, tokens.at[first]},
                                 between(other, &others, from, to),
                                 between(data, &tokens, behind, tokens.count)},
                3, out, capacity);
}
