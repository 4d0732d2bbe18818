/* Types, in all their spellings, and the units of intervals.
 *
 * A table gives each one-word spelling its kind; the words that may follow (PRECISION, VARYING,
 * UNSIGNED, WITH TIME ZONE), the numbers in parentheses and the suffix [] are read here. A name
 * that is not in the table becomes NAMED, for the binder to refuse with the nearest known name. */
#include "sql/parser_internal.h"
#include "sql/sql.h"

struct spelling {
    const char *name;
    enum weir_sql_type_kind kind;
};
static const struct spelling spellings[] = {
    {"boolean", WEIR_SQL_TYPE_BOOLEAN},
    {"bool", WEIR_SQL_TYPE_BOOLEAN},
    {"tinyint", WEIR_SQL_TYPE_TINYINT},
    {"int1", WEIR_SQL_TYPE_TINYINT},
    {"smallint", WEIR_SQL_TYPE_SMALLINT},
    {"int2", WEIR_SQL_TYPE_SMALLINT},
    {"int", WEIR_SQL_TYPE_INTEGER},
    {"integer", WEIR_SQL_TYPE_INTEGER},
    {"int4", WEIR_SQL_TYPE_INTEGER},
    {"bigint", WEIR_SQL_TYPE_BIGINT},
    {"int8", WEIR_SQL_TYPE_BIGINT},
    {"int64", WEIR_SQL_TYPE_BIGINT},
    {"utinyint", WEIR_SQL_TYPE_TINYINT_UNSIGNED},
    {"usmallint", WEIR_SQL_TYPE_SMALLINT_UNSIGNED},
    {"uinteger", WEIR_SQL_TYPE_INTEGER_UNSIGNED},
    {"ubigint", WEIR_SQL_TYPE_BIGINT_UNSIGNED},
    {"uint64", WEIR_SQL_TYPE_BIGINT_UNSIGNED},
    {"real", WEIR_SQL_TYPE_REAL},
    {"float4", WEIR_SQL_TYPE_REAL},
    {"double", WEIR_SQL_TYPE_DOUBLE},
    {"float8", WEIR_SQL_TYPE_DOUBLE},
    {"float", WEIR_SQL_TYPE_DOUBLE},
    {"decimal", WEIR_SQL_TYPE_DECIMAL},
    {"dec", WEIR_SQL_TYPE_DECIMAL},
    {"numeric", WEIR_SQL_TYPE_DECIMAL},
    {"text", WEIR_SQL_TYPE_TEXT},
    {"string", WEIR_SQL_TYPE_TEXT},
    {"varchar", WEIR_SQL_TYPE_VARCHAR},
    {"char", WEIR_SQL_TYPE_CHAR},
    {"character", WEIR_SQL_TYPE_CHAR},
    {"bpchar", WEIR_SQL_TYPE_CHAR},
    {"bytea", WEIR_SQL_TYPE_BYTEA},
    {"bytes", WEIR_SQL_TYPE_BYTEA},
    {"blob", WEIR_SQL_TYPE_BYTEA},
    {"binary", WEIR_SQL_TYPE_BYTEA},
    {"varbinary", WEIR_SQL_TYPE_BYTEA},
    {"date", WEIR_SQL_TYPE_DATE},
    {"time", WEIR_SQL_TYPE_TIME},
    {"timetz", WEIR_SQL_TYPE_TIMETZ},
    {"timestamp", WEIR_SQL_TYPE_TIMESTAMP},
    {"datetime", WEIR_SQL_TYPE_TIMESTAMP},
    {"timestamptz", WEIR_SQL_TYPE_TIMESTAMPTZ},
    {"timestamp_ltz", WEIR_SQL_TYPE_TIMESTAMPTZ},
    {"interval", WEIR_SQL_TYPE_INTERVAL},
    {"uuid", WEIR_SQL_TYPE_UUID},
    {"json", WEIR_SQL_TYPE_JSON},
    {"jsonb", WEIR_SQL_TYPE_JSONB},
    {"array", WEIR_SQL_TYPE_ARRAY},
    {"struct", WEIR_SQL_TYPE_STRUCT},
    {"row", WEIR_SQL_TYPE_STRUCT},
    {"map", WEIR_SQL_TYPE_MAP},
};

static const struct spelling *find_spelling(struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(spellings); i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(spellings[i].name)))
            return &spellings[i];
    return NULL;
}

bool sql_type_is_known(struct weir_slice name)
{
    return find_spelling(name) != NULL;
}

/* ---------------------------------------------------------------- units */

static const char *const unit_names[] = {"",       "year",        "quarter",     "month",
                                         "week",   "day",         "hour",        "minute",
                                         "second", "millisecond", "microsecond", "nanosecond"};

const char *weir_sql_unit_name(enum weir_sql_unit unit)
{
    return unit_names[unit];
}

enum weir_sql_unit sql_unit_at(struct sql_parser *p, unsigned ahead)
{
    const struct sql_token *token = sql_peek_at(p, ahead);
    if (token->kind != SQL_TOKEN_WORD)
        return WEIR_SQL_UNIT_NONE;
    struct weir_slice word = sql_token_text(p, token);
    struct weir_slice singular = {word.data, word.size - 1};
    bool plural = (word.data[word.size - 1] | 0x20) == 's';
    for (unsigned i = 1; i < WEIR_COUNT_OF(unit_names); i++) {
        struct weir_slice name = weir_slice_from_string(unit_names[i]);
        if (weir_slice_equals_ignoring_case(word, name) ||
            (plural && weir_slice_equals_ignoring_case(singular, name)))
            return (enum weir_sql_unit)i;
    }
    return WEIR_SQL_UNIT_NONE;
}

/* ---------------------------------------------------------------- parts */

bool sql_parse_count(struct sql_parser *p, int32_t *count)
{
    if (!sql_is(p, SQL_TOKEN_INTEGER))
        return sql_fail_expected(p, "a number") != NULL;
    const struct sql_token *token = sql_peek(p);
    struct weir_slice digits;
    if (!sql_token_number(p, token, &digits))
        return false;
    int32_t value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (value > (INT32_MAX - 9) / 10)
            return sql_fail(p, WEIR_E_SYNTAX, token->position, "this number is too large here") !=
                   NULL;
        value = value * 10 + (digits.data[i] - '0');
    }
    *count = value;
    sql_advance(p);
    return true;
}

/* [(p)] */
static bool parse_precision(struct sql_parser *p, int32_t *precision)
{
    if (!sql_accept(p, SQL_TOKEN_LEFT_PAREN))
        return !p->failed;
    return sql_parse_count(p, precision) && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

bool sql_parse_interval_units(struct sql_parser *p, struct weir_sql_type *type)
{
    enum weir_sql_unit from = sql_unit_at(p, 0);
    if (p->failed || from == WEIR_SQL_UNIT_NONE)
        return !p->failed;
    type->from = from;
    sql_advance(p);
    if (sql_word_at(p, 0, SQL_KW_TO)) {
        enum weir_sql_unit to = sql_unit_at(p, 1);
        sql_advance(p);
        if (to == WEIR_SQL_UNIT_NONE)
            return sql_fail_expected(p, "a unit of time") != NULL;
        if (to <= from)
            return sql_fail(p, WEIR_E_SYNTAX, sql_peek(p)->position,
                            "an interval goes from the larger to the smaller unit") != NULL;
        type->to = to;
        sql_advance(p);
    }
    enum weir_sql_unit last = type->to != WEIR_SQL_UNIT_NONE ? type->to : type->from;
    return last != WEIR_SQL_UNIT_SECOND || parse_precision(p, &type->precision);
}

/* Behind TIME or TIMESTAMP: [(p)] [WITH | WITHOUT [LOCAL] TIME ZONE]. */
static bool parse_time_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (!parse_precision(p, &type->precision))
        return false;
    bool local = sql_word_at(p, 1, SQL_KW_LOCAL);
    if (!sql_word_at(p, local ? 2 : 1, SQL_KW_TIME))
        return true;
    bool with = sql_word_at(p, 0, SQL_KW_WITH);
    if (!with && !sql_word_at(p, 0, SQL_KW_WITHOUT))
        return true;
    sql_advance(p);
    if (local)
        sql_advance(p);
    sql_advance(p);
    if (!sql_expect_word(p, SQL_KW_ZONE))
        return false;
    if (with && type->kind == WEIR_SQL_TYPE_TIME)
        type->kind = WEIR_SQL_TYPE_TIMETZ;
    else if (with)
        type->kind = WEIR_SQL_TYPE_TIMESTAMPTZ;
    return true;
}

/* Behind FLOAT: [(bits)], up to 24 of them a REAL. */
static bool parse_float_suffix(struct sql_parser *p, struct weir_sql_type *type, bool is_float)
{
    if (!is_float) {
        (void)sql_accept_word(p, SQL_KW_PRECISION);
        return !p->failed;
    }
    int32_t bits = 53;
    struct weir_position position = sql_peek(p)->position;
    if (!parse_precision(p, &bits))
        return false;
    if (bits < 1 || bits > 53)
        return sql_fail(p, WEIR_E_SYNTAX, position, "FLOAT has from 1 to 53 bits") != NULL;
    if (bits <= 24)
        type->kind = WEIR_SQL_TYPE_REAL;
    return true;
}

static bool parse_decimal_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (!sql_accept(p, SQL_TOKEN_LEFT_PAREN))
        return !p->failed;
    if (!sql_parse_count(p, &type->precision))
        return false;
    if (sql_accept(p, SQL_TOKEN_COMMA) && !sql_parse_count(p, &type->scale))
        return false;
    return sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
}

static bool parse_text_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (type->kind == WEIR_SQL_TYPE_CHAR && sql_is_spelt(p, 0, "varying")) {
        type->kind = WEIR_SQL_TYPE_VARCHAR;
        sql_advance(p);
    }
    if (!parse_precision(p, &type->precision))
        return false;
    if (type->kind == WEIR_SQL_TYPE_CHAR && type->precision < 0)
        type->precision = 1;
    if (type->kind == WEIR_SQL_TYPE_VARCHAR && type->precision < 0)
        type->kind = WEIR_SQL_TYPE_TEXT;
    return true;
}

static bool parse_integer_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (!sql_accept_word(p, SQL_KW_UNSIGNED))
        return !p->failed;
    type->kind = (enum weir_sql_type_kind)(type->kind + WEIR_SQL_TYPE_TINYINT_UNSIGNED -
                                           WEIR_SQL_TYPE_TINYINT);
    return true;
}

/* ---------------------------------------------------------------- nested types */

/* The closing > of a type, taken off a longer operator where several end together. */
static bool expect_angle(struct sql_parser *p)
{
    if (p->failed)
        return false;
    (void)sql_peek(p);
    struct sql_token *token = &p->tokens[0];
    if (token->kind == SQL_TOKEN_OPERATOR && token->op == WEIR_SQL_OP_GREATER) {
        sql_advance(p);
        return true;
    }
    bool shift = token->kind == SQL_TOKEN_OPERATOR && token->op == WEIR_SQL_OP_SHIFT_RIGHT;
    bool equal = token->kind == SQL_TOKEN_OPERATOR && token->op == WEIR_SQL_OP_GREATER_EQUAL;
    bool both = token->kind == SQL_TOKEN_OPERATOR && token->op == WEIR_SQL_OP_SUPERNET;
    if (!shift && !equal && !both)
        return sql_fail_expected(p, "\">\"") != NULL;
    token->op = shift ? WEIR_SQL_OP_GREATER : both ? WEIR_SQL_OP_GREATER_EQUAL : WEIR_SQL_OP_EQUAL;
    token->size--;
    token->position.offset++;
    token->position.column++;
    token->position.length--;
    return true;
}

static bool expect_open_angle(struct sql_parser *p)
{
    if (!sql_is_op(p, WEIR_SQL_OP_LESS))
        return sql_fail_expected(p, "\"<\"") != NULL;
    sql_advance(p);
    return true;
}

/* name type [NOT NULL], … up to the closing sign, which is left. */
static bool parse_fields(struct sql_parser *p, struct weir_sql_type *type)
{
    do {
        struct weir_sql_field *field =
            sql_push(p, &type->fields, &type->fields_count, sizeof type->fields[0]);
        if (!field || !sql_parse_name(p, "a field name", &field->name))
            return false;
        (void)sql_accept(p, SQL_TOKEN_COLON);
        uint32_t index = type->fields_count - 1;
        struct weir_sql_type *field_type = sql_parse_type(p);
        if (!field_type)
            return false;
        type->fields[index].type = field_type;
        type->fields[index].not_null = sql_accept_words(p, SQL_KW_NOT, SQL_KW_NULL);
    } while (sql_accept(p, SQL_TOKEN_COMMA));
    return !p->failed;
}

static bool parse_struct_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (sql_accept(p, SQL_TOKEN_LEFT_PAREN))
        return parse_fields(p, type) && sql_expect(p, SQL_TOKEN_RIGHT_PAREN);
    return expect_open_angle(p) && parse_fields(p, type) && expect_angle(p);
}

static bool parse_array_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    if (!expect_open_angle(p))
        return false;
    type->element = sql_parse_type(p);
    return type->element && expect_angle(p);
}

static bool parse_map_suffix(struct sql_parser *p, struct weir_sql_type *type)
{
    bool parenthesis = sql_accept(p, SQL_TOKEN_LEFT_PAREN);
    if (!parenthesis && !expect_open_angle(p))
        return false;
    type->key = sql_parse_type(p);
    if (!type->key || !sql_expect(p, SQL_TOKEN_COMMA))
        return false;
    type->element = sql_parse_type(p);
    if (!type->element)
        return false;
    return parenthesis ? sql_expect(p, SQL_TOKEN_RIGHT_PAREN) : expect_angle(p);
}

/* ---------------------------------------------------------------- the whole */

static struct weir_sql_type *type_new(struct sql_parser *p, enum weir_sql_type_kind kind,
                                      struct weir_position position)
{
    struct weir_sql_type *type = sql_alloc(p, sizeof *type);
    if (!type)
        return NULL;
    type->kind = kind;
    type->position = position;
    type->precision = -1;
    type->scale = -1;
    return type;
}

static bool parse_suffix(struct sql_parser *p, struct weir_sql_type *type, bool is_float)
{
    switch (type->kind) {
    case WEIR_SQL_TYPE_TINYINT:
    case WEIR_SQL_TYPE_SMALLINT:
    case WEIR_SQL_TYPE_INTEGER:
    case WEIR_SQL_TYPE_BIGINT:
        return parse_integer_suffix(p, type);
    case WEIR_SQL_TYPE_DOUBLE:
        return parse_float_suffix(p, type, is_float);
    case WEIR_SQL_TYPE_DECIMAL:
        return parse_decimal_suffix(p, type);
    case WEIR_SQL_TYPE_VARCHAR:
    case WEIR_SQL_TYPE_CHAR:
        return parse_text_suffix(p, type);
    case WEIR_SQL_TYPE_BYTEA: {
        int32_t length = -1; /* VARBINARY(n): the length says nothing to us */
        return parse_precision(p, &length);
    }
    case WEIR_SQL_TYPE_TIME:
    case WEIR_SQL_TYPE_TIMESTAMP:
        return parse_time_suffix(p, type);
    case WEIR_SQL_TYPE_TIMETZ:
    case WEIR_SQL_TYPE_TIMESTAMPTZ:
        return parse_precision(p, &type->precision);
    case WEIR_SQL_TYPE_INTERVAL:
        return parse_precision(p, &type->precision) && sql_parse_interval_units(p, type);
    case WEIR_SQL_TYPE_ARRAY:
        return parse_array_suffix(p, type);
    case WEIR_SQL_TYPE_STRUCT:
        return parse_struct_suffix(p, type);
    case WEIR_SQL_TYPE_MAP:
        return parse_map_suffix(p, type);
    default:
        return true;
    }
}

/* Words that no type is named by: what follows a type left out. */
static bool is_no_type(struct sql_parser *p)
{
    return sql_is_reserved(p) || sql_word_at(p, 0, SQL_KW_NOT) || sql_word_at(p, 0, SQL_KW_NULL) ||
           sql_word_at(p, 0, SQL_KW_PRIMARY) || sql_word_at(p, 0, SQL_KW_GENERATED) ||
           sql_word_at(p, 0, SQL_KW_METADATA);
}

static struct weir_sql_type *parse_base(struct sql_parser *p)
{
    struct sql_token token = *sql_peek(p);
    bool unsigned_first = token.kind == SQL_TOKEN_WORD && token.keyword == SQL_KW_UNSIGNED &&
                          sql_is_at(p, 1, SQL_TOKEN_WORD);
    if (unsigned_first) {
        sql_advance(p);
        token = *sql_peek(p);
    }
    if (!sql_is_name_at(p, 0) || is_no_type(p))
        return sql_fail_expected(p, "a type");
    struct weir_slice word = sql_token_text(p, &token);
    const struct spelling *known = token.kind == SQL_TOKEN_WORD ? find_spelling(word) : NULL;
    struct weir_sql_type *type =
        type_new(p, known ? known->kind : WEIR_SQL_TYPE_NAMED, token.position);
    if (!type)
        return NULL;
    if (!known)
        return sql_parse_qualified(p, "a type", &type->name) ? type : NULL;
    sql_advance(p);
    if (!parse_suffix(p, type,
                      weir_slice_equals_ignoring_case(word, weir_slice_from_string("float"))))
        return NULL;
    if (unsigned_first && type->kind >= WEIR_SQL_TYPE_TINYINT && type->kind <= WEIR_SQL_TYPE_BIGINT)
        type->kind = (enum weir_sql_type_kind)(type->kind + WEIR_SQL_TYPE_TINYINT_UNSIGNED -
                                               WEIR_SQL_TYPE_TINYINT);
    return type;
}

/* [] [n] …, each an array of what stands before. */
static struct weir_sql_type *parse_brackets(struct sql_parser *p, struct weir_sql_type *type)
{
    while (type && sql_accept(p, SQL_TOKEN_LEFT_BRACKET)) {
        int32_t size;
        if (sql_is(p, SQL_TOKEN_INTEGER) && !sql_parse_count(p, &size))
            return NULL;
        if (!sql_expect(p, SQL_TOKEN_RIGHT_BRACKET))
            return NULL;
        struct weir_sql_type *array = type_new(p, WEIR_SQL_TYPE_ARRAY, type->position);
        if (!array || !sql_deepen(p, &array->depth, type->position))
            return NULL;
        array->element = type;
        type = array;
    }
    return p->failed ? NULL : type;
}

struct weir_sql_type *sql_parse_type(struct sql_parser *p)
{
    if (!sql_enter(p))
        return NULL;
    uint32_t outside = sql_scope_begin(p);
    struct weir_sql_type *type = parse_base(p);
    if (type && sql_deepen(p, &type->depth, type->position))
        type = parse_brackets(p, type);
    else
        type = NULL;
    sql_scope_end(p, outside);
    sql_leave(p);
    return type;
}

/* [WITH | WITHOUT] TIME ZONE, or a string, `ahead` tokens on. */
static bool time_literal_ahead(struct sql_parser *p, unsigned ahead)
{
    if (sql_is_at(p, ahead, SQL_TOKEN_STRING))
        return true;
    return (sql_word_at(p, ahead, SQL_KW_WITH) || sql_word_at(p, ahead, SQL_KW_WITHOUT)) &&
           sql_word_at(p, ahead + 1, SQL_KW_TIME);
}

bool sql_typed_literal_ahead(struct sql_parser *p)
{
    if (!sql_is(p, SQL_TOKEN_WORD))
        return false;
    bool timed = sql_word_at(p, 0, SQL_KW_TIMESTAMP) || sql_word_at(p, 0, SQL_KW_TIME);
    if (timed) {
        bool precision = sql_is_at(p, 1, SQL_TOKEN_LEFT_PAREN) &&
                         sql_is_at(p, 2, SQL_TOKEN_INTEGER) &&
                         sql_is_at(p, 3, SQL_TOKEN_RIGHT_PAREN);
        return time_literal_ahead(p, precision ? 4 : 1);
    }
    if (sql_word_at(p, 0, SQL_KW_DOUBLE) && sql_word_at(p, 1, SQL_KW_PRECISION))
        return sql_is_at(p, 2, SQL_TOKEN_STRING);
    if (!sql_is_at(p, 1, SQL_TOKEN_STRING))
        return false;
    const struct spelling *known = find_spelling(sql_token_text(p, &p->tokens[0]));
    return known && known->kind != WEIR_SQL_TYPE_ARRAY && known->kind != WEIR_SQL_TYPE_STRUCT &&
           known->kind != WEIR_SQL_TYPE_MAP;
}
