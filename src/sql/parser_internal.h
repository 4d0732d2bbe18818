/* The parser's state and its vocabulary (private to sql/).
 *
 * Recursive descent over tokens with a short look-ahead. A function that reads something returns
 * it, or NULL/false once `failed` is set; after a failure nothing more is read until the statement
 * is given up, so callers only pass the failure on. The first failure of a statement is the one
 * that counts.
 *
 * Depth. `nesting` bounds the parser's own recursion; every recursive routine enters and leaves.
 * `deepest` measures the tree: it is the greatest depth of the nodes finished since the innermost
 * sql_scope_begin, so that a node's depth is deepest + 1 when all its children are read. Chains
 * (a + b + c …) grow the tree without recursion; this is what stops them. */
#ifndef WEIR_SQL_PARSER_INTERNAL_H
#define WEIR_SQL_PARSER_INTERNAL_H

#include "base/memory.h"
#include "sql/lexer_internal.h"

enum { SQL_LOOKAHEAD_MAX = 6, SQL_EXPECTED_WORDS = (SQL_KEYWORDS_COUNT + 63) / 64 };

struct sql_parser {
    struct sql_lexer lexer;
    struct weir_arena *arena;
    struct sql_token tokens[SQL_LOOKAHEAD_MAX]; /* tokens[0] is the current one */
    unsigned tokens_count;
    struct sql_token previous; /* the one consumed last */
    uint32_t nesting;
    uint32_t deepest;
    bool failed;
    struct weir_error *error; /* borrowed; of the statement being read */
    /* Keywords that were looked for and not found at the current token; at the last alias. */
    uint64_t expected[SQL_EXPECTED_WORDS];
    struct sql_token alias; /* the last alias without AS: perhaps a misspelt keyword */
    uint64_t alias_expected[SQL_EXPECTED_WORDS];
    /* The last run of opening parentheses looked into: [start, end) and whether a query follows. */
    size_t run_start, run_end;
    bool run_is_query;
};

/* ---- failing; each returns NULL */
void *sql_fail(struct sql_parser *p, enum weir_status code, struct weir_position position,
               const char *format, ...) WEIR_PRINTF(4, 5);
/* Syntax: `expected WHAT, found TOKEN`, or what the lexer has against the token. */
void *sql_fail_expected(struct sql_parser *p, const char *what);
void *sql_fail_memory(struct sql_parser *p);

/* ---- tokens */
const struct sql_token *sql_peek(struct sql_parser *p);
const struct sql_token *sql_peek_at(struct sql_parser *p, unsigned ahead);
void sql_advance(struct sql_parser *p);
bool sql_is(struct sql_parser *p, enum sql_token_kind kind);
bool sql_is_at(struct sql_parser *p, unsigned ahead, enum sql_token_kind kind);
/* A keyword at a distance; the looking is not remembered. */
bool sql_word_at(struct sql_parser *p, unsigned ahead, enum sql_keyword keyword);
/* The current token is this keyword; if not, it is remembered as expected. */
bool sql_is_word(struct sql_parser *p, enum sql_keyword keyword);
bool sql_is_op(struct sql_parser *p, enum weir_sql_operator op);
/* A word or a quoted name. */
bool sql_is_name_at(struct sql_parser *p, unsigned ahead);
bool sql_accept(struct sql_parser *p, enum sql_token_kind kind);
bool sql_accept_word(struct sql_parser *p, enum sql_keyword keyword);
bool sql_accept_words(struct sql_parser *p, enum sql_keyword first, enum sql_keyword second);
/* The first is taken for granted once it stands there; the second must follow. */
bool sql_expect(struct sql_parser *p, enum sql_token_kind kind);
bool sql_expect_word(struct sql_parser *p, enum sql_keyword keyword);
/* The token's bytes. */
struct weir_slice sql_token_text(const struct sql_parser *p, const struct sql_token *token);
/* The current token is a word spelt like text (lower case), whatever its case. */
bool sql_is_spelt(struct sql_parser *p, unsigned ahead, const char *text);

/* ---- depth */
bool sql_enter(struct sql_parser *p);
static inline void sql_leave(struct sql_parser *p)
{
    p->nesting--;
}
/* The depth outside, to be handed to sql_scope_end. */
static inline uint32_t sql_scope_begin(struct sql_parser *p)
{
    uint32_t outside = p->deepest;
    p->deepest = 0;
    return outside;
}
static inline void sql_scope_end(struct sql_parser *p, uint32_t outside)
{
    if (p->deepest < outside)
        p->deepest = outside;
}
/* The depth of a node over all that was read in this scope; fails beyond the limit. */
bool sql_deepen(struct sql_parser *p, uint32_t *depth, struct weir_position position);

/* ---- memory */
void *sql_alloc(struct sql_parser *p, size_t size); /* zeroed */
/* A new zeroed item at the end of a list. items_pointer is the address of the pointer to the first
 * item. Lists grow by doubling; nothing but the count is kept. */
void *sql_push(struct sql_parser *p, void *items_pointer, uint32_t *count, size_t item_size);

/* ---- names (parser.c) and literals (literal.c) */
/* Any word or quoted name. */
bool sql_parse_name(struct sql_parser *p, const char *what, struct weir_sql_name *name);
/* a.b.c; words that are reserved are no table. */
bool sql_parse_qualified(struct sql_parser *p, const char *what, struct weir_sql_names *names);
/* (a, b, c) */
bool sql_parse_name_list(struct sql_parser *p, const char *what, struct weir_sql_names *names);
/* The name that token spells, folded or without its quotes. */
bool sql_token_name(struct sql_parser *p, const struct sql_token *token,
                    struct weir_sql_name *name);
/* A string literal, continued on further lines perhaps; decoded. */
bool sql_parse_string(struct sql_parser *p, struct weir_slice *text);
bool sql_expect_string(struct sql_parser *p, const char *what, struct weir_slice *text);
/* A number without separators. */
bool sql_token_number(struct sql_parser *p, const struct sql_token *token, struct weir_slice *text);
/* B'…' and X'…', checked. */
bool sql_token_digits(struct sql_parser *p, const struct sql_token *token, struct weir_slice *text);
/* Folds ASCII letters; borrows when there is nothing to fold. */
bool sql_fold(struct sql_parser *p, struct weir_slice text, struct weir_slice *folded);

/* ---- what may stand here (parser.c) */
/* The parenthesis here opens a query, perhaps behind further parentheses. */
bool sql_query_ahead(struct sql_parser *p);
bool sql_query_ahead_at(struct sql_parser *p, unsigned ahead);
/* A query starts at the current token (not at a parenthesis). */
bool sql_query_starts(struct sql_parser *p);
/* The current word is reserved, or begins GROUP BY or ORDER BY: no name. */
bool sql_is_reserved(struct sql_parser *p);
bool sql_emit_ahead(struct sql_parser *p);
bool sql_join_ahead(struct sql_parser *p);
/* [AS] alias; without AS only words that begin nothing else. */
bool sql_parse_alias(struct sql_parser *p, bool of_table, struct weir_sql_name *alias);

/* ---- grammar, one file each */
struct weir_sql_type *sql_parse_type(struct sql_parser *p);
/* True when the current tokens are a type name followed by a string: DATE '…'. */
bool sql_typed_literal_ahead(struct sql_parser *p);
/* The unit that a word names (minute, MINUTES, …); NONE otherwise. */
enum weir_sql_unit sql_unit_at(struct sql_parser *p, unsigned ahead);
/* The qualifier behind INTERVAL: unit [TO unit] [(p)]. Leaves type as it is when there is none. */
bool sql_parse_interval_units(struct sql_parser *p, struct weir_sql_type *type);
bool sql_type_is_known(struct weir_slice name);
bool sql_parse_count(struct sql_parser *p, int32_t *count);

struct weir_sql_expr *sql_expr_new(struct sql_parser *p, enum weir_sql_expr_kind kind,
                                   struct weir_position position);
struct weir_sql_expr *sql_parse_expr(struct sql_parser *p);
/* May be a star: select items, arguments. */
struct weir_sql_expr *sql_parse_expr_or_star(struct sql_parser *p);
/* Only operators of at least this precedence. */
struct weir_sql_expr *sql_parse_operand(struct sql_parser *p, enum weir_sql_precedence least);
/* Goes on with operators behind left, which has just been read. */
struct weir_sql_expr *sql_parse_infix(struct sql_parser *p, struct weir_sql_expr *left,
                                      enum weir_sql_precedence least);
struct weir_sql_expr *sql_parse_primary(struct sql_parser *p);
/* Subscripts, fields and .* behind expr (which may be NULL after a failure). */
struct weir_sql_expr *sql_parse_postfix(struct sql_parser *p, struct weir_sql_expr *expr);
bool sql_parse_exprs(struct sql_parser *p, struct weir_sql_exprs *list);
bool sql_push_expr(struct sql_parser *p, struct weir_sql_exprs *list, struct weir_sql_expr *expr);

/* Behind a parenthesis where a query or something else may stand: reads it with the closing
 * parenthesis. Exactly one of the two results is set. */
struct sql_parenthesised {
    struct weir_sql_query *query;
    struct weir_sql_expr *expr; /* a ROW when there are commas */
    bool is_list;               /* there are commas */
};
bool sql_parse_parenthesised(struct sql_parser *p, struct sql_parenthesised *out);

/* The call of name; the current token is the parenthesis. */
struct weir_sql_call *sql_parse_call(struct sql_parser *p, const struct weir_sql_names *name);
/* The current token is a function with syntax of its own: EXTRACT(…), TRIM(…), CURRENT_DATE. */
bool sql_special_call_ahead(struct sql_parser *p);
struct weir_sql_expr *sql_parse_special_call(struct sql_parser *p);
struct weir_sql_window *sql_parse_window(struct sql_parser *p);
/* Behind ORDER BY. */
bool sql_parse_orders(struct sql_parser *p, struct weir_sql_orders *orders);

/* A query with all clauses but EMIT; a nested one refuses EMIT. */
struct weir_sql_query *sql_parse_query(struct sql_parser *p, bool nested);
/* Goes on behind a parenthesised query: set operations, ORDER BY, LIMIT. */
struct weir_sql_query *sql_parse_query_rest(struct sql_parser *p, struct weir_sql_query *first);
/* A set operation, ORDER BY or LIMIT stands here: the query before is an operand. */
bool sql_query_continues(struct sql_parser *p);
struct weir_sql_table *sql_parse_from(struct sql_parser *p);
bool sql_parse_emit(struct sql_parser *p, struct weir_sql_query *query);
struct weir_sql_statement *sql_parse_statement(struct sql_parser *p);

#endif
