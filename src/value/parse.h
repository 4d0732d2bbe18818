/* What reading a value from text can end in; the one result type of every parser in value/. */
#ifndef WEIR_VALUE_PARSE_H
#define WEIR_VALUE_PARSE_H

enum weir_parse {
    WEIR_PARSE_OK = 0,
    WEIR_PARSE_SYNTAX, /* the text is not of this type at all */
    WEIR_PARSE_RANGE,  /* well-formed, but its value does not fit the type */
    WEIR_PARSE_MEMORY  /* memory has run out (only from parsers that take an arena or a builder) */
};

/* What computing with a value can end in. */
enum weir_arith {
    WEIR_ARITH_OK = 0,
    WEIR_ARITH_OVERFLOW,
    WEIR_ARITH_DIVISION_BY_ZERO,
    WEIR_ARITH_DOMAIN /* logarithm or root of a number that has none */
};

#endif
