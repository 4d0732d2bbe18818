/* Tokens of a program text, read one after the other (private to sql/). */
#ifndef WEIR_SQL_LEXER_INTERNAL_H
#define WEIR_SQL_LEXER_INTERNAL_H

#include "sql/ast.h"

enum sql_keyword_use {
    SQL_USE_RESERVED = 1,
    SQL_USE_NAME = 2,
    SQL_USE_CALL = 4,
    SQL_USE_START = 8,
    SQL_USE_TABLE = 16
};

enum sql_keyword {
    SQL_KW_NONE,
#define WEIR_SQL_KEYWORD(symbol, text, uses) SQL_KW_##symbol,
#include "sql/keywords.def"
#undef WEIR_SQL_KEYWORD
    SQL_KEYWORDS_COUNT
};

/* The keyword that word is in whatever case; SQL_KW_NONE otherwise. */
enum sql_keyword sql_keyword_find(struct weir_slice word);
/* "SELECT". */
const char *sql_keyword_text(enum sql_keyword keyword);
unsigned sql_keyword_uses(enum sql_keyword keyword);

enum sql_token_kind {
    SQL_TOKEN_END,
    SQL_TOKEN_ERROR,  /* error and status say why */
    SQL_TOKEN_WORD,   /* an unquoted identifier or keyword */
    SQL_TOKEN_QUOTED, /* "name" or `name`; U&"name" */
    SQL_TOKEN_INTEGER,
    SQL_TOKEN_DECIMAL,
    SQL_TOKEN_FLOAT,
    SQL_TOKEN_STRING, /* string says which form */
    SQL_TOKEN_BITS,
    SQL_TOKEN_HEX,
    SQL_TOKEN_PARAMETER,
    SQL_TOKEN_OPERATOR, /* op; the one between operands where a spelling has two */
    SQL_TOKEN_LIKE,     /* ~~ ~~* !~~ !~~* */
    SQL_TOKEN_LEFT_PAREN,
    SQL_TOKEN_RIGHT_PAREN,
    SQL_TOKEN_LEFT_BRACKET,
    SQL_TOKEN_RIGHT_BRACKET,
    SQL_TOKEN_LEFT_BRACE,
    SQL_TOKEN_RIGHT_BRACE,
    SQL_TOKEN_COMMA,
    SQL_TOKEN_SEMICOLON,
    SQL_TOKEN_DOT,
    SQL_TOKEN_COLON,
    SQL_TOKEN_CAST,  /* :: */
    SQL_TOKEN_ARROW, /* => and := */
    SQL_TOKENS_COUNT
};

enum sql_string_form { SQL_STRING_PLAIN, SQL_STRING_ESCAPE, SQL_STRING_UNICODE, SQL_STRING_DOLLAR };

struct sql_token {
    enum sql_token_kind kind;
    enum sql_keyword keyword; /* WORD */
    enum weir_sql_operator op;
    enum sql_string_form string; /* STRING; QUOTED uses PLAIN and UNICODE */
    bool newline_before;         /* a line feed stands between this and the token before */
    uint32_t size;               /* bytes; position.offset is where it starts */
    struct weir_position position;
    enum weir_status status; /* ERROR: SYNTAX or LIMIT */
    const char *error;       /* ERROR: static text */
};

struct sql_lexer {
    struct weir_slice text;
    uint32_t offset, line, column; /* of the next byte to read */
};

void sql_lexer_init(struct sql_lexer *lexer, struct weir_slice text);
void sql_lexer_next(struct sql_lexer *lexer, struct sql_token *token);

/* The offset of the first byte that is not UTF-8 or is NUL; SIZE_MAX when all is well. */
size_t sql_text_invalid_at(struct weir_slice text);

/* One character: its bytes to *size (1…4). The text must be valid and not be at its end. */
uint32_t sql_character_at(struct weir_slice text, size_t offset, unsigned *size);

#endif
