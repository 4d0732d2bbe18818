/* The function tables, overload resolution, casts by context, common types. */
#include "kernel/functions.h"
#include "kernel/signature.h"
#include "kernel/type_rules.h"
#include "test.h"

#include <stdlib.h>

static struct weir_arena arena;
static struct weir_error error;

static void setup(void)
{
    weir_arena_init(&arena, NULL, 0);
    weir_error_clear(&error);
}

/* --- tables ---------------------------------------------------------------------------------- */

static void signatures_parse(void)
{
    size_t count;
    const struct weir_function *functions = weir_functions_all(&count);
    setup();
    for (size_t i = 0; i < count; i++) {
        struct weir_signature signature;
        if (!EXPECT(weir_signature_parse(functions[i].signature, &arena, &signature, &error) ==
                    WEIR_OK))
            fprintf(stderr, "%s%s\n", functions[i].name, functions[i].signature);
    }
    const struct weir_aggregate *aggregates = weir_aggregates_all(&count);
    for (size_t i = 0; i < count; i++) {
        struct weir_signature signature;
        if (!EXPECT(weir_signature_parse(aggregates[i].signature, &arena, &signature, &error) ==
                    WEIR_OK))
            fprintf(stderr, "%s%s\n", aggregates[i].name, aggregates[i].signature);
    }
    weir_arena_deinit(&arena);
}

static void entries_are_complete_and_distinct(void)
{
    size_t count;
    const struct weir_function *f = weir_functions_all(&count);
    EXPECT(count > 200);
    for (size_t i = 0; i < count; i++) {
        bool ok = f[i].kernel && *f[i].category && *f[i].summary && *f[i].example;
        for (size_t k = 0; k < i && ok; k++)
            ok = strcmp(f[i].name, f[k].name) != 0 || strcmp(f[i].signature, f[k].signature) != 0;
        if (!EXPECT(ok))
            fprintf(stderr, "%s%s\n", f[i].name, f[i].signature);
    }
}

static void signatures_of_all_shapes(void)
{
    struct weir_signature s;
    setup();
    EXPECT_INT(weir_signature_parse("() -> double precision", &arena, &s, &error), WEIR_OK);
    EXPECT_INT(s.result.type->kind, WEIR_TYPE_FLOAT64);
    EXPECT_INT(weir_signature_parse("(text, any...) -> text[]", &arena, &s, &error), WEIR_OK);
    EXPECT(s.is_variadic && s.params_count == 2 && s.result.type->kind == WEIR_TYPE_LIST);
    EXPECT(weir_signature_takes(&s, 5) && !weir_signature_takes(&s, 1));
    EXPECT_INT(weir_signature_parse("(anymap, anykey) -> struct<a text, b map<text, bigint>>",
                                    &arena, &s, &error),
               WEIR_OK);
    EXPECT_INT(s.result.type->children[1]->kind, WEIR_TYPE_MAP);
    static const char *const bad[] = {"",
                                      "(",
                                      "(text)",
                                      "(text) ->",
                                      "(txt) -> text",
                                      "(text..., text) -> text",
                                      "(text) -> text x"};
    for (size_t i = 0; i < WEIR_COUNT_OF(bad); i++)
        EXPECT_INT(weir_signature_parse(bad[i], &arena, &s, &error), WEIR_E_INTERNAL);
    weir_arena_deinit(&arena);
}

/* --- resolution ------------------------------------------------------------------------------ */

/* The overload chosen for types given by name, "?" being an untyped literal. */
static const char *resolve(const char *name, const char *types)
{
    struct weir_signature parsed;
    struct weir_function_arg args[8] = {0};
    struct weir_function_match match;
    uint32_t count = 0;
    char text[200];
    static char answer[200];
    for (const char *next = types; *next;) {
        size_t size = strcspn(next, ",");
        bool unknown = *next == '?';
        snprintf(text, sizeof text, "() -> %.*s", (int)size, unknown ? "text" : next);
        if (unknown)
            snprintf(text, sizeof text, "() -> text");
        if (weir_signature_parse(text, &arena, &parsed, &error) != WEIR_OK)
            abort();
        args[count++] =
            (struct weir_function_arg){.type = parsed.result.type, .is_unknown_literal = unknown};
        next += size + (next[size] == ',');
    }
    enum weir_status status = weir_function_resolve(weir_slice_from_string(name), args, count, NULL,
                                                    &arena, &match, &error);
    if (status == WEIR_OK)
        return match.function->signature;
    snprintf(answer, sizeof answer, "%d", (int)status);
    return answer;
}

/* Answers are Postgres 15's (pg_typeof of the result, or the operator EXPLAIN VERBOSE shows). */
static void resolves_as_postgres(void)
{
    static const char *const cases[][3] = {
        {"+", "integer,integer", "(integer, integer) -> integer"},
        {"+", "smallint,integer", "(integer, integer) -> integer"},
        {"+", "integer,bigint", "(bigint, bigint) -> bigint"},
        {"+", "bigint,decimal", "(decimal, decimal) -> decimal"},
        {"+", "decimal,double", "(double, double) -> double"},
        {"+", "real,real", "(real, real) -> real"},
        {"+", "real,decimal", "(real, double) -> double"},
        {"+", "integer,real", "(double, real) -> double"},
        {"*", "?,integer", "(integer, integer) -> integer"},
        {"abs", "smallint", "(smallint) -> smallint"},
        {"abs", "?", "(double) -> double"},
        {"sqrt", "integer", "(double) -> double"},
        {"sqrt", "decimal", "(decimal) -> decimal"},
        {"round", "decimal,integer", "(decimal, integer) -> decimal"},
        {"round", "integer", "(double) -> double"},
        {"power", "integer,integer", "(double, double) -> double"},
        {"power", "integer,decimal", "(decimal, decimal) -> decimal"},
        {"mod", "integer,bigint", "(bigint, bigint) -> bigint"},
        {"greatest", "integer,decimal,bigint", "(anyelement...) -> anyelement"},
        /* beyond Postgres: TINYINT and the unsigned types */
        {"+", "utinyint,utinyint", "(utinyint, utinyint) -> utinyint"},
        {"+", "utinyint,uinteger", "(uinteger, uinteger) -> uinteger"},
        {"+", "uinteger,integer", "(bigint, bigint) -> bigint"},
        {"+", "ubigint,integer", "(decimal, decimal) -> decimal"},
        {"abs", "uinteger", "(bigint) -> bigint"},
        {"-", "ubigint", "(decimal) -> decimal"},
    };
    setup();
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        const char *got = resolve(cases[i][0], cases[i][1]);
        char label[80];
        snprintf(label, sizeof label, "%s(%s)", cases[i][0], cases[i][1]);
        test_text(got, strlen(got), cases[i][2], __FILE__, __LINE__, label);
    }
    weir_arena_deinit(&arena);
}

static void errors_help(void)
{
    setup();
    EXPECT_INT(atoi(resolve("sqr", "integer")), WEIR_E_UNKNOWN_FUNCTION);
    EXPECT(strstr(error.hint, "sqrt") != NULL);
    EXPECT_INT(atoi(resolve("sqrt", "boolean")), WEIR_E_UNKNOWN_FUNCTION);
    EXPECT(strstr(error.detail, "sqrt(double) -> double") != NULL);
    EXPECT_INT(atoi(resolve("+", "integer,boolean")), WEIR_E_UNKNOWN_FUNCTION);
    EXPECT_STRING(error.message, "no operator INTEGER + BOOLEAN");
    EXPECT_INT(atoi(resolve("sqrt", "integer,integer,integer")), WEIR_E_UNKNOWN_FUNCTION);
    EXPECT(weir_function_exists(weir_slice_from_string("sqrt")));
    EXPECT(!weir_function_exists(weir_slice_from_string("sqr")));
    weir_arena_deinit(&arena);
}

/* --- types ----------------------------------------------------------------------------------- */

static const struct weir_type *type(const char *name)
{
    struct weir_signature parsed;
    char text[100];
    unsigned precision, scale;
    if (sscanf(name, "decimal(%u,%u)", &precision, &scale) == 2)
        return weir_type_decimal(&arena, precision, scale);
    snprintf(text, sizeof text, "() -> %s", name);
    if (weir_signature_parse(text, &arena, &parsed, &error) != WEIR_OK)
        abort();
    return parsed.result.type;
}

static void casts_by_context(void)
{
    static const struct {
        const char *from, *to;
        unsigned level;
    } cases[] = {
        {"integer", "bigint", WEIR_CAST_IMPLICIT},
        {"bigint", "integer", WEIR_CAST_ASSIGNMENT},
        {"integer", "boolean", WEIR_CAST_EXPLICIT},
        {"decimal", "double", WEIR_CAST_IMPLICIT},
        {"double", "decimal", WEIR_CAST_ASSIGNMENT},
        {"date", "timestamp", WEIR_CAST_IMPLICIT},
        {"timestamp", "date", WEIR_CAST_ASSIGNMENT},
        {"timestamp", "timestamptz", WEIR_CAST_IMPLICIT},
        {"timestamptz", "timestamp", WEIR_CAST_ASSIGNMENT},
        {"time", "interval", WEIR_CAST_IMPLICIT},
        {"integer", "text", WEIR_CAST_ASSIGNMENT},
        {"text", "integer", WEIR_CAST_EXPLICIT},
        {"json", "jsonb", WEIR_CAST_ASSIGNMENT},
        {"jsonb", "integer", WEIR_CAST_EXPLICIT},
        {"utinyint", "smallint", WEIR_CAST_IMPLICIT},
        {"uinteger", "integer", WEIR_CAST_ASSIGNMENT},
        {"integer[]", "bigint[]", WEIR_CAST_IMPLICIT},
        {"timestamp_ns", "timestamp", WEIR_CAST_IMPLICIT},
        {"date", "integer", WEIR_CAST_NONE},
        {"uuid", "bytea", WEIR_CAST_NONE},
    };
    setup();
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++)
        if (!EXPECT_INT(weir_cast_level(type(cases[i].from), type(cases[i].to)), cases[i].level))
            fprintf(stderr, "%s to %s\n", cases[i].from, cases[i].to);
    struct weir_function_match match;
    EXPECT_INT(weir_cast_find(type("bigint"), type("integer"), WEIR_CAST_IMPLICIT, NULL, &arena,
                              &match, &error),
               WEIR_E_TYPE_MISMATCH);
    EXPECT_INT(weir_cast_find(type("text"), type("text"), WEIR_CAST_IMPLICIT, NULL, &arena, &match,
                              &error),
               WEIR_OK);
    EXPECT(match.function == NULL);
    weir_arena_deinit(&arena);
}

static void common_types(void)
{
    static const char *const cases[][3] = {
        {"integer", "bigint", "BIGINT"},
        {"integer", "decimal(5,2)", "DECIMAL(12,2)"},
        {"decimal(5,2)", "decimal(8,4)", "DECIMAL(8,4)"},
        {"decimal(38,0)", "decimal(38,30)", "DECIMAL(38,30)"},
        {"decimal(5,2)", "double", "DOUBLE"},
        {"real", "decimal(5,2)", "REAL"},
        {"ubigint", "bigint", "DECIMAL(20,0)"},
        {"uinteger", "smallint", "BIGINT"},
        {"date", "timestamp", "TIMESTAMP"},
        {"date", "timestamptz", "TIMESTAMP WITH TIME ZONE"},
        {"integer[]", "bigint[]", "BIGINT[]"},
        {"null", "date", "DATE"},
        {"null", "null", "TEXT"},
        {"integer", "text", ""},
        {"boolean", "integer", ""},
        {"date", "interval", ""},
    };
    setup();
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        const struct weir_type *types[2] = {type(cases[i][0]), type(cases[i][1])};
        for (int swap = 0; swap < 2; swap++) {
            const struct weir_type *both[2] = {types[swap], types[!swap]};
            const struct weir_type *common = weir_type_common(both, NULL, 2, &arena);
            struct weir_type_name name = {{0}};
            if (common)
                name = weir_type_name(common);
            EXPECT_STRING(name.text, cases[i][2]);
        }
    }
    const struct weir_type *with_literal[2] = {type("text"), type("integer")};
    bool unknown[2] = {true, false};
    EXPECT(weir_type_common(with_literal, unknown, 2, &arena) == type("integer"));
    weir_arena_deinit(&arena);
}

static void allocation_failures(void)
{
    bool done = false;
    for (uint64_t n = 1; n < 200 && !done; n++) {
        setup();
        arena.chunk_size = 256;
        struct weir_function_arg args[2] = {{.type = weir_type_of(WEIR_TYPE_INT32)},
                                            {.type = weir_type_of(WEIR_TYPE_DECIMAL)}};
        struct weir_function_match match;
        (void)weir_memory_fail_at(n);
        enum weir_status status = weir_function_resolve(weir_slice_from_string("+"), args, 2, NULL,
                                                        &arena, &match, &error);
        done = weir_memory_fail_at(0) < n;
        EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY ||
               status == WEIR_E_UNKNOWN_FUNCTION || status == WEIR_E_INTERNAL);
        EXPECT(!done || status == WEIR_OK);
        weir_arena_deinit(&arena);
    }
    EXPECT(done);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(signatures_parse),
                                             TEST_CASE(entries_are_complete_and_distinct),
                                             TEST_CASE(signatures_of_all_shapes),
                                             TEST_CASE(resolves_as_postgres),
                                             TEST_CASE(errors_help),
                                             TEST_CASE(casts_by_context),
                                             TEST_CASE(common_types),
                                             TEST_CASE(allocation_failures)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
