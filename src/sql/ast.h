/* The syntax tree of a program.
 *
 * Plain structs in one arena, made by the parser (sql.h), never changed afterwards. The tree owns
 * nothing: every pointer leads into the same arena, so resetting it frees all.
 *
 * Conventions
 *  - A list is `items` and `count`; an empty list has count 0 and may have items NULL.
 *  - A pointer said to be *optional* is NULL when the text leaves the thing out. All others are
 * set.
 *  - Names are folded as Postgres folds them: ASCII letters of an unquoted name to lower case,
 *    quoted names kept as they are. Keywords that stand as names are folded too.
 *  - Positions name the first character (line and column from 1, in characters), the length in
 *    characters of what an error should underline, and the byte offset in the text. An operator's
 *    position is that of the operator sign; a call's is that of the function name.
 *  - What is written in special syntax but is a function is a call here (see weir_sql_call).
 *  - `depth` is 1 + the greatest depth of what is below, at most WEIR_SQL_DEPTH_MAX: whoever walks
 *    the tree may recurse.
 *
 * Equality (weir_sql_equal_*) ignores positions and the `quoted` bits. */
#ifndef WEIR_SQL_AST_H
#define WEIR_SQL_AST_H

#include "base/slice.h"
#include "base/status.h"

enum {
    WEIR_SQL_DEPTH_MAX = 1000,
    WEIR_SQL_NAME_MAX = 255,       /* bytes of an identifier */
    WEIR_SQL_PROGRAM_MAX = 1 << 20 /* bytes of a program */
};

/* ---------------------------------------------------------------- names and lists */

struct weir_sql_name {
    struct weir_slice text; /* folded; data NULL where an optional name is left out */
    struct weir_position position;
    bool quoted; /* was written in "double quotes" */
};

struct weir_sql_names {
    struct weir_sql_name *items;
    uint32_t count;
};

struct weir_sql_expr;
struct weir_sql_query;
struct weir_sql_statement;

struct weir_sql_exprs {
    struct weir_sql_expr **items;
    uint32_t count;
};

/* ---------------------------------------------------------------- types */

enum weir_sql_type_kind {
    WEIR_SQL_TYPE_NAMED, /* a name the parser does not know: the binder refuses it */
    WEIR_SQL_TYPE_BOOLEAN,
    WEIR_SQL_TYPE_TINYINT,
    WEIR_SQL_TYPE_SMALLINT,
    WEIR_SQL_TYPE_INTEGER,
    WEIR_SQL_TYPE_BIGINT,
    WEIR_SQL_TYPE_TINYINT_UNSIGNED,
    WEIR_SQL_TYPE_SMALLINT_UNSIGNED,
    WEIR_SQL_TYPE_INTEGER_UNSIGNED,
    WEIR_SQL_TYPE_BIGINT_UNSIGNED,
    WEIR_SQL_TYPE_REAL,
    WEIR_SQL_TYPE_DOUBLE,
    WEIR_SQL_TYPE_DECIMAL, /* precision, scale */
    WEIR_SQL_TYPE_TEXT,
    WEIR_SQL_TYPE_VARCHAR, /* precision: the length */
    WEIR_SQL_TYPE_CHAR,    /* precision: the length; CHAR alone has 1 */
    WEIR_SQL_TYPE_BYTEA,
    WEIR_SQL_TYPE_DATE,
    WEIR_SQL_TYPE_TIME,        /* precision */
    WEIR_SQL_TYPE_TIMETZ,      /* precision */
    WEIR_SQL_TYPE_TIMESTAMP,   /* precision */
    WEIR_SQL_TYPE_TIMESTAMPTZ, /* precision */
    WEIR_SQL_TYPE_INTERVAL,    /* precision, from, to */
    WEIR_SQL_TYPE_UUID,
    WEIR_SQL_TYPE_JSON,
    WEIR_SQL_TYPE_JSONB,
    WEIR_SQL_TYPE_ARRAY,  /* element */
    WEIR_SQL_TYPE_STRUCT, /* fields */
    WEIR_SQL_TYPE_MAP     /* key, element */
};

/* Interval qualifiers and units: INTERVAL '5' MINUTE, INTERVAL '1' DAY TO SECOND. */
enum weir_sql_unit {
    WEIR_SQL_UNIT_NONE,
    WEIR_SQL_UNIT_YEAR,
    WEIR_SQL_UNIT_QUARTER,
    WEIR_SQL_UNIT_MONTH,
    WEIR_SQL_UNIT_WEEK,
    WEIR_SQL_UNIT_DAY,
    WEIR_SQL_UNIT_HOUR,
    WEIR_SQL_UNIT_MINUTE,
    WEIR_SQL_UNIT_SECOND,
    WEIR_SQL_UNIT_MILLISECOND,
    WEIR_SQL_UNIT_MICROSECOND,
    WEIR_SQL_UNIT_NANOSECOND
};

struct weir_sql_type;
struct weir_sql_field {
    struct weir_sql_name name;
    struct weir_sql_type *type;
    bool not_null;
};

struct weir_sql_type {
    enum weir_sql_type_kind kind;
    uint32_t depth;
    struct weir_position position;
    struct weir_sql_names name; /* NAMED: its parts, as in schema.type */
    int32_t precision;          /* -1: not given. VARCHAR and CHAR: the length */
    int32_t scale;              /* -1: not given */
    enum weir_sql_unit from,
        to; /* INTERVAL: FROM TO; NONE when not given; `to` NONE for one unit */
    struct weir_sql_type *element; /* ARRAY: of the elements; MAP: of the values */
    struct weir_sql_type *key;     /* MAP */
    struct weir_sql_field *fields; /* STRUCT */
    uint32_t fields_count;
};

/* ---------------------------------------------------------------- operators */

/* How strongly operators bind, loosest first (the table of Postgres). */
enum weir_sql_precedence {
    WEIR_SQL_PRECEDENCE_NONE,
    WEIR_SQL_PRECEDENCE_OR,
    WEIR_SQL_PRECEDENCE_AND,
    WEIR_SQL_PRECEDENCE_NOT,
    WEIR_SQL_PRECEDENCE_IS,
    WEIR_SQL_PRECEDENCE_COMPARISON, /* does not chain */
    WEIR_SQL_PRECEDENCE_OVERLAPS,
    WEIR_SQL_PRECEDENCE_BETWEEN, /* BETWEEN, IN, LIKE, ILIKE, SIMILAR TO */
    WEIR_SQL_PRECEDENCE_OTHER,   /* every operator not named elsewhere */
    WEIR_SQL_PRECEDENCE_ADDITIVE,
    WEIR_SQL_PRECEDENCE_MULTIPLICATIVE,
    WEIR_SQL_PRECEDENCE_POWER,
    WEIR_SQL_PRECEDENCE_AT, /* AT TIME ZONE */
    WEIR_SQL_PRECEDENCE_COLLATE,
    WEIR_SQL_PRECEDENCE_SIGN, /* unary minus and plus */
    WEIR_SQL_PRECEDENCE_CAST, /* :: */
    WEIR_SQL_PRECEDENCE_PRIMARY
};

enum weir_sql_operator {
#define WEIR_SQL_OPERATOR(symbol, spelling, precedence, unary) WEIR_SQL_OP_##symbol,
#include "sql/operators.def"
#undef WEIR_SQL_OPERATOR
    WEIR_SQL_OPERATORS_COUNT
};

/* ---------------------------------------------------------------- parts of expressions */

enum weir_sql_nulls { WEIR_SQL_NULLS_DEFAULT, WEIR_SQL_NULLS_FIRST, WEIR_SQL_NULLS_LAST };

struct weir_sql_order {
    struct weir_sql_expr *expr;
    bool descending;
    enum weir_sql_nulls nulls;
};
struct weir_sql_orders {
    struct weir_sql_order *items;
    uint32_t count;
};

enum weir_sql_frame_unit { WEIR_SQL_FRAME_ROWS, WEIR_SQL_FRAME_RANGE, WEIR_SQL_FRAME_GROUPS };
enum weir_sql_bound_kind {
    WEIR_SQL_BOUND_UNBOUNDED_PRECEDING,
    WEIR_SQL_BOUND_PRECEDING, /* value */
    WEIR_SQL_BOUND_CURRENT_ROW,
    WEIR_SQL_BOUND_FOLLOWING, /* value */
    WEIR_SQL_BOUND_UNBOUNDED_FOLLOWING
};
enum weir_sql_exclude {
    WEIR_SQL_EXCLUDE_NO_OTHERS,
    WEIR_SQL_EXCLUDE_CURRENT_ROW,
    WEIR_SQL_EXCLUDE_GROUP,
    WEIR_SQL_EXCLUDE_TIES
};
struct weir_sql_bound {
    enum weir_sql_bound_kind kind;
    struct weir_sql_expr *value; /* PRECEDING, FOLLOWING */
};
struct weir_sql_frame {
    struct weir_position position;
    enum weir_sql_frame_unit unit;
    struct weir_sql_bound start;
    struct weir_sql_bound end; /* CURRENT ROW when the text gives only a start */
    enum weir_sql_exclude exclude;
};

/* OVER name, OVER (…), and the definitions of WINDOW name AS (…). */
struct weir_sql_window {
    struct weir_position position;
    struct weir_sql_name base; /* optional: the named window that this one is or extends */
    bool is_reference;         /* OVER name: base and nothing else */
    struct weir_sql_exprs partition_by;
    struct weir_sql_orders order_by;
    struct weir_sql_frame *frame; /* optional */
};

struct weir_sql_argument {
    struct weir_sql_name name; /* optional: name => value, and STRUCT(value AS name) */
    struct weir_sql_expr *value;
    bool is_table;                      /* written TABLE t; value is then a WEIR_SQL_EXPR_NAME */
    struct weir_sql_exprs partition_by; /* t PARTITION BY k, … (table functions) */
};

enum weir_sql_null_treatment {
    WEIR_SQL_NULL_TREATMENT_DEFAULT,
    WEIR_SQL_NULL_TREATMENT_RESPECT,
    WEIR_SQL_NULL_TREATMENT_IGNORE
};

/* A function call, in expressions and as a table function.
 *
 * Special syntax becomes a plain call, always with these names and arguments:
 *   EXTRACT(f FROM x)                extract('f', x)       f folded to lower case
 *   SUBSTRING(x FROM a [FOR b])      substring(x, a [, b])
 *   SUBSTRING(x FOR b)               substring(x, 1, b)
 *   SUBSTRING(x SIMILAR p ESCAPE e)  substring(x, p, e)
 *   POSITION(a IN b)                 position(a, b)        sought text first
 *   OVERLAY(x PLACING y FROM a [FOR b])  overlay(x, y, a [, b])
 *   TRIM([BOTH] [c FROM] x)          btrim(x [, c]); LEADING ltrim, TRAILING rtrim
 *   CEIL(x TO unit), FLOOR(…)        ceil(x, 'unit'), floor(x, 'unit')
 *   NORMALIZE(x [, NFC])             normalize(x [, 'NFC'])
 *   current_date, current_timestamp[(p)], localtime, … without parentheses: no arguments
 * COALESCE, NULLIF, GREATEST, LEAST, TRY, GROUPING, map(…) are calls as they stand. */
struct weir_sql_call {
    struct weir_sql_names name; /* one part, or schema.function */
    struct weir_sql_argument *arguments;
    uint32_t arguments_count;
    bool star;                           /* count(*) */
    bool distinct;                       /* f(DISTINCT …) */
    struct weir_sql_orders order_by;     /* f(… ORDER BY …) */
    struct weir_sql_orders within_group; /* WITHIN GROUP (ORDER BY …) */
    struct weir_sql_expr *filter;        /* optional: FILTER (WHERE …) */
    enum weir_sql_null_treatment nulls;  /* IGNORE NULLS */
    struct weir_sql_window *over;        /* optional */
};

struct weir_sql_when {
    struct weir_sql_expr *condition;
    struct weir_sql_expr *result;
};

/* ---------------------------------------------------------------- expressions */

enum weir_sql_expr_kind {
    WEIR_SQL_EXPR_NULL,
    WEIR_SQL_EXPR_BOOLEAN,      /* boolean */
    WEIR_SQL_EXPR_INTEGER,      /* text: digits of any count, no sign, no separators */
    WEIR_SQL_EXPR_DECIMAL,      /* text: digits with a point, no exponent */
    WEIR_SQL_EXPR_FLOAT,        /* text: with an exponent */
    WEIR_SQL_EXPR_STRING,       /* text: decoded, UTF-8 */
    WEIR_SQL_EXPR_BITS,         /* text: the digits 0 and 1 of B'…' */
    WEIR_SQL_EXPR_HEX,          /* text: the hexadecimal digits of X'…', lower case */
    WEIR_SQL_EXPR_TYPED,        /* typed: DATE '…', INTERVAL '5' MINUTE, TIMESTAMP(3) '…' */
    WEIR_SQL_EXPR_PARAMETER,    /* parameter: $1 */
    WEIR_SQL_EXPR_NAME,         /* name: a.b.c, not resolved: [schema.][table.]column[.field…] */
    WEIR_SQL_EXPR_STAR,         /* star: *, t.*, (e).*; select lists and count(t.*) only */
    WEIR_SQL_EXPR_UNARY,        /* unary */
    WEIR_SQL_EXPR_BINARY,       /* binary; never AND or OR */
    WEIR_SQL_EXPR_AND,          /* list: two or more; a AND b AND c is one list */
    WEIR_SQL_EXPR_OR,           /* list */
    WEIR_SQL_EXPR_CAST,         /* cast: x::t, CAST(x AS t), TRY_CAST(x AS t) */
    WEIR_SQL_EXPR_CASE,         /* cases */
    WEIR_SQL_EXPR_CALL,         /* call */
    WEIR_SQL_EXPR_IN_LIST,      /* in_list */
    WEIR_SQL_EXPR_IN_QUERY,     /* in_query */
    WEIR_SQL_EXPR_EXISTS,       /* query */
    WEIR_SQL_EXPR_QUERY,        /* query: a scalar subquery */
    WEIR_SQL_EXPR_QUANTIFIED,   /* quantified: x = ANY (…) */
    WEIR_SQL_EXPR_BETWEEN,      /* between */
    WEIR_SQL_EXPR_LIKE,         /* like */
    WEIR_SQL_EXPR_IS,           /* is */
    WEIR_SQL_EXPR_AT_TIME_ZONE, /* at_time_zone */
    WEIR_SQL_EXPR_COLLATE,      /* collate */
    WEIR_SQL_EXPR_SUBSCRIPT,    /* subscript: a[1] */
    WEIR_SQL_EXPR_SLICE,        /* slice: a[1:2] */
    WEIR_SQL_EXPR_FIELD,        /* field: (e).f; a.b.c of plain names is a NAME */
    WEIR_SQL_EXPR_ROW,          /* list: ROW(a, b) and (a, b) */
    WEIR_SQL_EXPR_ARRAY,        /* list: ARRAY[…] */
    WEIR_SQL_EXPR_ARRAY_QUERY,  /* query: ARRAY(SELECT …) */
    WEIR_SQL_EXPR_STRUCT,       /* fields: STRUCT(a, b AS x), {'x': b} */
    WEIR_SQL_EXPR_MAP           /* map: MAP['k', v, …], MAP {'k': v, …} */
};

enum weir_sql_like_kind {
    WEIR_SQL_LIKE, /* also ~~ */
    WEIR_SQL_ILIKE,
    WEIR_SQL_SIMILAR
};

enum weir_sql_is_kind {
    WEIR_SQL_IS_NULL,
    WEIR_SQL_IS_TRUE,
    WEIR_SQL_IS_FALSE,
    WEIR_SQL_IS_UNKNOWN,
    WEIR_SQL_IS_DISTINCT_FROM, /* right */
    WEIR_SQL_IS_NORMALIZED,    /* form: NFC (also when left out), NFD, NFKC or NFKD */
    WEIR_SQL_IS_JSON,
    WEIR_SQL_IS_JSON_OBJECT,
    WEIR_SQL_IS_JSON_ARRAY,
    WEIR_SQL_IS_JSON_SCALAR
};

struct weir_sql_expr {
    enum weir_sql_expr_kind kind;
    uint32_t depth;
    struct weir_position position;
    union {
        bool boolean;
        struct weir_slice text;
        uint32_t parameter; /* from 1 */
        struct weir_sql_names name;
        struct weir_sql_exprs list;
        struct weir_sql_call *call;
        struct weir_sql_query *query;
        struct {
            struct weir_sql_type *type; /* INTERVAL carries its units */
            struct weir_slice text;     /* decoded; INTERVAL 5 MINUTE has "5" */
        } typed;
        struct {
            struct weir_sql_names qualifier; /* t.*, s.t.*; count 0 for a bare * */
            struct weir_sql_expr *operand;   /* optional: (e).* */
            struct weir_sql_names except;    /* * EXCEPT (a, b), also spelt EXCLUDE */
            /* * REPLACE (e AS a): expressions and, of the same count, the names they take over */
            struct weir_sql_exprs replace;
            struct weir_sql_names replace_names;
        } star;
        struct {
            enum weir_sql_operator op;
            struct weir_sql_expr *operand;
        } unary;
        struct {
            enum weir_sql_operator op;
            struct weir_sql_expr *left, *right;
        } binary;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_type *type;
            bool try_cast;
        } cast;
        struct {
            struct weir_sql_expr *operand; /* optional: CASE operand WHEN value … */
            struct weir_sql_when *whens;
            uint32_t whens_count;
            struct weir_sql_expr *otherwise; /* optional: ELSE */
        } cases;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_exprs items;
            bool negated;
        } in_list;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_query *query;
            bool negated;
        } in_query;
        struct {
            struct weir_sql_expr *operand;
            enum weir_sql_operator op;
            bool all;                     /* ALL; else ANY or SOME */
            struct weir_sql_query *query; /* one of query and array is set */
            struct weir_sql_expr *array;
        } quantified;
        struct {
            struct weir_sql_expr *operand, *low, *high;
            bool negated, symmetric;
        } between;
        struct {
            enum weir_sql_like_kind kind;
            bool negated;
            bool any, all; /* LIKE ANY (ARRAY[…]), LIKE ALL (…): of each element */
            struct weir_sql_expr *operand, *pattern;
            struct weir_sql_expr *escape; /* optional */
        } like;
        struct {
            enum weir_sql_is_kind kind;
            bool negated;
            struct weir_sql_expr *operand;
            struct weir_sql_expr *right; /* DISTINCT FROM */
            struct weir_slice form;      /* NORMALIZED: "NFC", … */
        } is;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_expr *zone; /* NULL: AT LOCAL */
        } at_time_zone;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_names collation;
        } collate;
        struct {
            struct weir_sql_expr *operand, *index;
        } subscript;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_expr *low, *high; /* each optional */
        } slice;
        struct {
            struct weir_sql_expr *operand;
            struct weir_sql_name name;
        } field;
        struct {
            struct weir_sql_argument *items; /* name optional */
            uint32_t count;
        } fields;
        struct {
            struct weir_sql_exprs keys, values; /* of the same count */
        } map;
    };
};

/* ---------------------------------------------------------------- tables */

enum weir_sql_table_kind {
    WEIR_SQL_TABLE_NAME,     /* name: [schema.]table */
    WEIR_SQL_TABLE_FILE,     /* path: FROM 'events.json.gz' */
    WEIR_SQL_TABLE_FUNCTION, /* call: TUMBLE(…), UNNEST(…), TABLE(f(…)) */
    WEIR_SQL_TABLE_QUERY,    /* query: a derived table */
    WEIR_SQL_TABLE_JOIN      /* join */
};

enum weir_sql_join_kind {
    WEIR_SQL_JOIN_INNER,
    WEIR_SQL_JOIN_LEFT,
    WEIR_SQL_JOIN_RIGHT,
    WEIR_SQL_JOIN_FULL,
    WEIR_SQL_JOIN_CROSS, /* also the comma */
    WEIR_SQL_JOIN_SEMI,  /* [LEFT] SEMI JOIN */
    WEIR_SQL_JOIN_ANTI   /* [LEFT] ANTI JOIN */
};

struct weir_sql_table {
    enum weir_sql_table_kind kind;
    uint32_t depth;
    struct weir_position
        position;               /* of the name, the path, the call, the query, or the JOIN word */
    bool lateral;               /* QUERY and FUNCTION */
    struct weir_sql_name alias; /* optional */
    struct weir_sql_names alias_columns; /* optional: AS t(a, b) */
    struct weir_sql_type **alias_types;  /* optional: AS t(a INT, b TEXT), as many as columns */
    struct weir_sql_expr *system_time;   /* optional: FOR SYSTEM_TIME AS OF e (NAME only) */
    union {
        struct weir_sql_names name;
        struct weir_slice path;
        struct {
            struct weir_sql_call *call;
            bool with_ordinality;
        } function;
        struct weir_sql_query *query;
        struct {
            enum weir_sql_join_kind kind;
            bool natural;
            bool asof; /* ASOF JOIN: kind is INNER or LEFT */
            struct weir_sql_table *left, *right;
            struct weir_sql_expr *on;    /* optional */
            struct weir_sql_names using; /* optional */
        } join;
    };
};

/* ---------------------------------------------------------------- queries */

struct weir_sql_select_item {
    struct weir_sql_expr *expr; /* may be a STAR */
    struct weir_sql_name alias; /* optional */
};

enum weir_sql_grouping_kind {
    WEIR_SQL_GROUPING_EXPR,   /* expr: an expression, an ordinal or an alias */
    WEIR_SQL_GROUPING_SET,    /* exprs: (a, b), or () */
    WEIR_SQL_GROUPING_ROLLUP, /* items: each EXPR or SET */
    WEIR_SQL_GROUPING_CUBE,   /* items: each EXPR or SET */
    WEIR_SQL_GROUPING_SETS    /* items: of any kind */
};
struct weir_sql_grouping {
    enum weir_sql_grouping_kind kind;
    uint32_t depth;
    struct weir_position position;
    struct weir_sql_expr *expr;
    struct weir_sql_exprs exprs;
    struct weir_sql_grouping *items;
    uint32_t items_count;
};

struct weir_sql_named_window {
    struct weir_sql_name name;
    struct weir_sql_window *window;
};

struct weir_sql_select {
    struct weir_position position;
    bool distinct;
    struct weir_sql_exprs distinct_on; /* optional: DISTINCT ON (…) */
    struct weir_sql_select_item *items;
    uint32_t items_count;
    struct weir_sql_table *from; /* optional; the comma is a CROSS join */
    struct weir_sql_expr *where; /* optional */
    struct weir_sql_grouping *group_by;
    uint32_t group_by_count;
    bool group_by_distinct;       /* GROUP BY DISTINCT */
    struct weir_sql_expr *having; /* optional */
    struct weir_sql_named_window *windows;
    uint32_t windows_count;
    struct weir_sql_expr *qualify; /* optional */
};

enum weir_sql_body_kind {
    WEIR_SQL_BODY_SELECT, /* select */
    WEIR_SQL_BODY_VALUES, /* rows */
    WEIR_SQL_BODY_TABLE,  /* table: TABLE t */
    WEIR_SQL_BODY_SET,    /* set: UNION, INTERSECT, EXCEPT */
    WEIR_SQL_BODY_QUERY   /* query: (… ORDER BY … LIMIT …) as an operand */
};
enum weir_sql_set_kind { WEIR_SQL_UNION, WEIR_SQL_INTERSECT, WEIR_SQL_EXCEPT };

struct weir_sql_body {
    enum weir_sql_body_kind kind;
    uint32_t depth;
    struct weir_position position; /* of SET: the operator word */
    union {
        struct weir_sql_select *select;
        struct {
            struct weir_sql_exprs *items;
            uint32_t count;
        } rows;
        struct weir_sql_names table;
        struct {
            enum weir_sql_set_kind kind;
            bool all;
            struct weir_sql_body *left, *right;
        } set;
        struct weir_sql_query *query;
    };
};

struct weir_sql_cte {
    struct weir_sql_name name;
    struct weir_sql_names columns; /* optional */
    struct weir_sql_query *query;
};

enum weir_sql_emit_kind {
    WEIR_SQL_EMIT_DEFAULT, /* no EMIT clause */
    WEIR_SQL_EMIT_ON_WINDOW_CLOSE,
    WEIR_SQL_EMIT_CHANGES,
    WEIR_SQL_EMIT_EVERY, /* interval */
    WEIR_SQL_EMIT_AFTER_LATENESS
};
struct weir_sql_emit {
    enum weir_sql_emit_kind kind;
    struct weir_position position;
    struct weir_sql_expr *interval;
};

struct weir_sql_query {
    struct weir_position position;
    uint32_t depth;
    bool recursive; /* WITH RECURSIVE */
    struct weir_sql_cte *ctes;
    uint32_t ctes_count;
    struct weir_sql_body *body;
    struct weir_sql_orders order_by;
    struct weir_sql_expr *limit;  /* optional; also FETCH FIRST. LIMIT ALL leaves it out */
    struct weir_sql_expr *offset; /* optional */
    bool with_ties;               /* FETCH FIRST n ROWS WITH TIES */
    struct weir_sql_emit emit;    /* only on the outermost query of a statement */
};

/* ---------------------------------------------------------------- statements */

enum weir_sql_option_kind {
    WEIR_SQL_OPTION_STRING,
    WEIR_SQL_OPTION_NUMBER,  /* text with its sign */
    WEIR_SQL_OPTION_BOOLEAN, /* "true" or "false" */
    WEIR_SQL_OPTION_INTERVAL /* text of the interval with its unit: "5 minute" */
};
/* key = value in WITH (…) and SET. */
struct weir_sql_option {
    struct weir_slice key; /* unquoted keys folded; dotted keys joined by '.' */
    struct weir_position position;
    enum weir_sql_option_kind kind;
    struct weir_slice value; /* decoded text, whatever the kind; ${VAR} not expanded */
    struct weir_position value_position;
};
struct weir_sql_options {
    struct weir_sql_option *items;
    uint32_t count;
};

enum weir_sql_generated {
    WEIR_SQL_GENERATED_DEFAULT,
    WEIR_SQL_GENERATED_STORED,
    WEIR_SQL_GENERATED_VIRTUAL
};
struct weir_sql_column {
    struct weir_sql_name name;
    struct weir_sql_type *type; /* NULL: a computed column without type, `c AS expr` */
    bool not_null;
    bool primary_key;
    bool has_metadata;
    struct weir_slice metadata; /* METADATA FROM 'key'; METADATA alone: the column's name */
    struct weir_position metadata_position;
    struct weir_sql_expr *generated; /* optional: GENERATED ALWAYS AS (e) */
    enum weir_sql_generated storage;
    bool has_comment;
    struct weir_slice comment;
};

struct weir_sql_watermark {
    struct weir_position position;
    struct weir_sql_names column; /* more than one part: a field of a struct column */
    struct weir_sql_expr *expr;   /* optional: AS e */
};

struct weir_sql_create_table {
    bool temporary, if_not_exists, or_replace;
    struct weir_sql_names name;
    bool has_columns; /* a list in parentheses was given, even if it only holds a watermark */
    struct weir_sql_column *columns;
    uint32_t columns_count;
    struct weir_sql_watermark *watermark; /* optional */
    bool has_primary_key;                 /* PRIMARY KEY (…) as an item of its own */
    struct weir_position primary_key_position;
    struct weir_sql_names primary_key;
    struct weir_sql_exprs partitioned_by;
    bool has_comment;
    struct weir_slice comment;
    bool has_options; /* WITH (…) was given, even if empty */
    struct weir_sql_options options;
    struct weir_sql_query *query; /* optional: AS SELECT … */
};

struct weir_sql_create_view {
    bool materialized, temporary, if_not_exists, or_replace;
    struct weir_sql_names name;
    struct weir_sql_names columns; /* optional */
    struct weir_sql_options options;
    struct weir_sql_query *query;
};

enum weir_sql_volatility {
    WEIR_SQL_VOLATILITY_DEFAULT,
    WEIR_SQL_VOLATILITY_IMMUTABLE,
    WEIR_SQL_VOLATILITY_STABLE,
    WEIR_SQL_VOLATILITY_VOLATILE
};
struct weir_sql_create_function {
    bool or_replace, if_not_exists;
    struct weir_sql_names name;
    struct weir_sql_field *arguments; /* name optional */
    uint32_t arguments_count;
    struct weir_sql_type *returns;
    struct weir_sql_name language; /* folded: sql, python, c */
    enum weir_sql_volatility volatility;
    bool strict;                        /* STRICT, RETURNS NULL ON NULL INPUT */
    struct weir_sql_options options;    /* WITH (…) */
    struct weir_slice body;             /* AS '…' or $$…$$, decoded */
    struct weir_position body_position; /* of the string literal */
    bool has_symbol;
    struct weir_slice symbol; /* AS 'library', 'symbol' */
};

/* Time-state analytics: read later, kept as text. */
struct weir_sql_create_timeline {
    bool or_replace;
    struct weir_sql_names name;
    struct weir_slice body; /* everything after the name, as written */
    struct weir_position body_position;
};

struct weir_sql_insert {
    struct weir_sql_names table;
    struct weir_sql_names columns; /* optional */
    struct weir_sql_query *query;
};

enum weir_sql_explain_form {
    WEIR_SQL_EXPLAIN_PLAN,
    WEIR_SQL_EXPLAIN_WATERMARK,
    WEIR_SQL_EXPLAIN_STATE
};
struct weir_sql_explain {
    enum weir_sql_explain_form form;
    bool analyze; /* runs it, and tells what there was */
    bool json;
    struct weir_sql_statement *statement;
};

enum weir_sql_show_kind { WEIR_SQL_SHOW_TABLES, WEIR_SQL_SHOW_FUNCTIONS, WEIR_SQL_SHOW_CONNECTORS };

enum weir_sql_drop_kind {
    WEIR_SQL_DROP_TABLE,
    WEIR_SQL_DROP_VIEW,
    WEIR_SQL_DROP_MATERIALIZED_VIEW,
    WEIR_SQL_DROP_FUNCTION
};
struct weir_sql_drop {
    enum weir_sql_drop_kind kind;
    bool if_exists;
    struct weir_sql_names *items; /* each a qualified name */
    uint32_t count;
};

enum weir_sql_statement_kind {
    WEIR_SQL_CREATE_TABLE,
    WEIR_SQL_CREATE_VIEW,
    WEIR_SQL_CREATE_FUNCTION,
    WEIR_SQL_CREATE_TIMELINE,
    WEIR_SQL_INSERT,
    WEIR_SQL_QUERY, /* bare SELECT, VALUES, TABLE, WITH */
    WEIR_SQL_SET,   /* option */
    WEIR_SQL_EXPLAIN,
    WEIR_SQL_DESCRIBE, /* name */
    WEIR_SQL_SHOW,
    WEIR_SQL_DROP
};

struct weir_sql_statement {
    enum weir_sql_statement_kind kind;
    struct weir_position position; /* of the first word */
    struct weir_slice text;        /* as written, without the closing semicolon */
    union {
        struct weir_sql_create_table *create_table;
        struct weir_sql_create_view *create_view;
        struct weir_sql_create_function *create_function;
        struct weir_sql_create_timeline *create_timeline;
        struct weir_sql_insert *insert;
        struct weir_sql_query *query;
        struct weir_sql_option *option;
        struct weir_sql_explain *explain;
        struct weir_sql_names describe;
        enum weir_sql_show_kind show;
        struct weir_sql_drop *drop;
    };
};

struct weir_sql_program {
    struct weir_slice text;      /* a copy of the program, in the arena */
    struct weir_slice file_name; /* as given */
    struct weir_sql_statement **statements;
    uint32_t statements_count;
};

#endif
