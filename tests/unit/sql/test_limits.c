/* Limits, each with its error; memory that runs out anywhere; work that grows with the text only.
 */
#include "sql_test.h"
#include <stdlib.h>

/* head, then piece count times, then middle, then tail count times. */
static struct weir_slice repeat(const char *head, const char *piece, const char *middle,
                                const char *tail, size_t count)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    weir_buffer_append_string(&buffer, head);
    for (size_t i = 0; i < count; i++)
        weir_buffer_append_string(&buffer, piece);
    weir_buffer_append_string(&buffer, middle);
    for (size_t i = 0; i < count; i++)
        weir_buffer_append_string(&buffer, tail);
    return weir_buffer_slice(&buffer);
}

static void free_text(struct weir_slice text)
{
    char *memory;
    memcpy(&memory, &text.data, sizeof memory);
    weir_free(memory);
}

static enum weir_status status_of(struct weir_slice text, char *message, size_t message_size)
{
    struct parsed parsed;
    parse_slice(&parsed, text);
    enum weir_status status = parsed.status;
    snprintf(message, message_size, "%s",
             parsed.diagnostics.records_count ? parsed.diagnostics.records->message : "");
    if (status == WEIR_OK) { /* whoever walks the tree may recurse */
        struct weir_buffer out;
        weir_buffer_init(&out, NULL);
        weir_sql_print_program(&out, parsed.program);
        EXPECT(!out.failed);
        EXPECT(weir_sql_equal_program(parsed.program, parsed.program));
        weir_buffer_deinit(&out);
    }
    release(&parsed);
    return status;
}

struct nest {
    const char *head, *piece, *middle, *tail;
};

static void depth(void)
{
    static const struct nest nests[] = {
        {"SELECT ", "(", "1", ")"},
        {"SELECT ", "- ", "1", ""},
        {"SELECT ", "NOT ", "a", ""},
        {"SELECT ", "a + ", "a", ""},
        {"SELECT a", " + a", "", ""},
        {"SELECT a", "::int", "", ""},
        {"SELECT a", "[1]", "", ""},
        {"SELECT (a)", ".b", "", ""},
        {"SELECT a", " IS NULL", "", ""},
        {"SELECT a", " COLLATE c", "", ""},
        {"SELECT a", " AT LOCAL", "", ""},
        {"SELECT ", "f(", "1", ")"},
        {"SELECT ", "ARRAY[", "1", "]"},
        {"SELECT ARRAY", "[", "1", "]"},
        {"SELECT ", "MAP {1: ", "1", "}"},
        {"SELECT ", "{'a': ", "1", "}"},
        {"SELECT ", "STRUCT(", "1", ")"},
        {"SELECT ", "ROW(", "1", ")"},
        {"SELECT ", "CASE WHEN a THEN ", "1", " END"},
        {"SELECT ", "CAST(", "1", " AS INT)"},
        {"SELECT ", "TRIM(", "a", ")"},
        {"SELECT ", "a[", "1", "]"},
        {"SELECT ", "a IN (", "1", ")"},
        {"SELECT ", "a = ANY (", "1", ")"},
        {"SELECT ", "a BETWEEN b AND ", "1", ""},
        {"SELECT ", "(SELECT ", "1", ")"},
        {"SELECT ", "EXISTS (SELECT ", "1", ")"},
        {"SELECT * FROM ", "(SELECT * FROM ", "t", ")"},
        {"SELECT * FROM ", "(", "t", ")"},
        {"SELECT * FROM t", " CROSS JOIN t", "", ""},
        {"SELECT * FROM t", ", t", "", ""},
        {"SELECT * FROM t", " JOIN t", "", " ON a"},
        {"SELECT * FROM f", "(f", "(1)", ")"},
        {"", "(", "SELECT 1", ")"},
        {"SELECT 1", " UNION SELECT 1", "", ""},
        {"", "(SELECT 1 UNION ", "SELECT 1", ")"},
        {"WITH a AS ", "(WITH a AS ", "(SELECT 1)", " SELECT 1)"},
        {"SELECT a::", "ARRAY<", "INT", ">"},
        {"SELECT a::", "STRUCT<a ", "INT", ">"},
        {"SELECT a::", "MAP<INT, ", "INT", ">"},
        {"SELECT a::int", "[]", "", ""},
        {"SELECT 1 GROUP BY ", "ROLLUP (", "a", ")"},
        {"SELECT sum(a) OVER ", "(ORDER BY sum(a) OVER ", "w", ")"},
        {"SELECT ", "count(*) FILTER (WHERE ", "1", ")"},
    };
    char message[512];
    for (size_t i = 0; i < WEIR_COUNT_OF(nests); i++) {
        const struct nest *n = &nests[i];
        struct weir_slice text = repeat(n->head, n->piece, n->middle, n->tail, 20000);
        enum weir_status status = status_of(text, message, sizeof message);
        if (status != WEIR_E_LIMIT ||
            strcmp(message, "this is nested deeper than 1000 levels") != 0) {
            fprintf(stderr, "%s%s\xE2\x80\xA6: status %d %s\n", n->head, n->piece, (int)status,
                    message);
            test_failures++;
        }
        free_text(text);
        text = repeat(n->head, n->piece, n->middle, n->tail, 150);
        bool shallow_fails = strcmp(n->head, "SELECT * FROM f") == 0 ||
                             strcmp(n->head, "SELECT sum(a) OVER ") == 0 ||
                             strcmp(n->head, "WITH a AS ") == 0;
        status = status_of(text, message, sizeof message);
        if (!shallow_fails && status != WEIR_OK) {
            fprintf(stderr, "%s%s\xE2\x80\xA6 150 times: %s\n", n->head, n->piece, message);
            test_failures++;
        }
        free_text(text);
    }
}

static void depth_is_exact(void)
{
    char message[512];
    struct weir_slice text = repeat("SELECT a", " + a", "", "", 999);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_E_LIMIT); /* the query is above it */
    free_text(text);
    text = repeat("SELECT a", " + a", "", "", 990);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_OK);
    free_text(text);
    /* Chains of AND and OR, lists and statements are flat: no limit but the size. */
    static const struct nest flat[] = {
        {"SELECT a", " AND a", "", ""},
        {"SELECT a", " OR a = 1", "", ""},
        {"SELECT 1", ", 1", "", ""},
        {"SELECT a IN (1", ", 1", ")", ""},
        {"SELECT f(1", ", 1", ")", ""},
        {"VALUES (1)", ", (1)", "", ""},
        {"", "SELECT 1;", "", ""},
        {"SELECT 'a'", "\n'a'", "", ""},
        {"SELECT ARRAY[[1]", ", [1]", "]", ""},
        {"SELECT CASE WHEN a THEN 1", " WHEN b THEN 2", " END", ""},
        {"SELECT a FROM t ORDER BY 1", ", 1", "", ""},
        {"SELECT (1", ", 1", ")", ""},
    };
    for (size_t i = 0; i < WEIR_COUNT_OF(flat); i++) {
        text = repeat(flat[i].head, flat[i].piece, flat[i].middle, flat[i].tail, 20000);
        EXPECT_INT(status_of(text, message, sizeof message), WEIR_OK);
        free_text(text);
    }
}

static void names(void)
{
    char message[512];
    struct weir_slice text = repeat("SELECT ", "a", "", "", 255);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_OK);
    free_text(text);
    text = repeat("SELECT ", "a", "", "", 256);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_E_LIMIT);
    EXPECT_STRING(message, "a name has 256 bytes; the limit is 255");
    free_text(text);
    text = repeat("SELECT \"", "\xC3\xA9", "\"", "", 128);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_E_LIMIT);
    free_text(text);
    text = repeat("SET a", ".aaaaaaaaa", " = 1", "", 26);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_E_LIMIT);
    free_text(text);
}

static void program_size(void)
{
    char message[512];
    struct weir_slice text = repeat("SELECT 1", " ", "", "", WEIR_SQL_PROGRAM_MAX - 8);
    EXPECT_INT(text.size, 1 << 20);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_OK);
    free_text(text);
    text = repeat("SELECT 1", " ", "", "", WEIR_SQL_PROGRAM_MAX - 7);
    EXPECT_INT(status_of(text, message, sizeof message), WEIR_E_LIMIT);
    EXPECT_STRING(message, "the program has 1048577 bytes; the limit is 1048576");
    free_text(text);
}

/* A mebibyte of what could be slow: under a sanitizer this finishes in seconds, while anything
 * quadratic would take minutes. No time is asserted. */
static void large_texts(void)
{
    static const struct nest texts[] = {
        {"", "SELECT a FROM t WHERE b = 'c' AND d > 5;\n", "", ""},
        {"", "SELCT 1;", "", ""},
        {"SELECT 1, ", "((((((((a)))))))),", "1", ""},
        {"", "((((((((((((((((((((((((SELECT 1))))))))))))))))))))))));", "", ""},
        {"", "((((((((((((((((((((((((SELECT 1;", "", ""},
        {"", "$a;", "", ""},
        {"", "/* x */", "", ""},
        {"", "/* x", "", ""},
        {"", "'", "", ""},
        {"", "$$ $a$ ;", "", ""},
        {"SELECT 'a'", "\n'a'", "", ""},
        {"SELECT E'a'", "\n'\\x41'", "", ""},
        {"SELECT a", ".a", "", ""},
        {"SELECT 1", "1", "", ""},
        {"SELECT 1 ", "ORDER BY ", "", ""},
        {"", "\xE6\x97\xA5", "", ""},
    };
    char message[512];
    for (size_t i = 0; i < WEIR_COUNT_OF(texts); i++) {
        size_t fixed = strlen(texts[i].head) + strlen(texts[i].middle);
        size_t count = (WEIR_SQL_PROGRAM_MAX - fixed) / strlen(texts[i].piece);
        struct weir_slice text =
            repeat(texts[i].head, texts[i].piece, texts[i].middle, texts[i].tail, count);
        (void)status_of(text, message, sizeof message);
        free_text(text);
    }
}

static const char everything[] =
    "CREATE TABLE T (Id INT NOT NULL, S STRUCT<A INT, B TEXT[]>, G INT GENERATED ALWAYS AS (Id + 1)"
    ", WATERMARK FOR Ts AS Ts - INTERVAL -5 SECOND) WITH (A.B.C = -1, d = INTERVAL '1' DAY);\n"
    "CREATE FUNCTION F(A INT) RETURNS INT LANGUAGE 'SQL' AS 'a''b';\n"
    "WITH C (X) AS (SELECT 1) SELECT DISTINCT ON (A) A AS \"x\"\"y\", E'\\n'\n'b', U&'\\0061', "
    "1_000, sum(X) FILTER (WHERE A) OVER (PARTITION BY B ORDER BY C ROWS 1 PRECEDING), CASE WHEN A "
    "THEN B END, (SELECT 1), ARRAY[1], MAP {1: 2}, {'a': 1}, A[1:2], TRIM(A), A IN (1, (SELECT 2)) "
    "FROM A JOIN (SELECT 1) B USING (C), LATERAL F(X) AS G(H INT) WHERE A AND B AND C GROUP BY "
    "ROLLUP (A, (B, C)) UNION SELECT 1 ORDER BY 1 LIMIT 1 EMIT EVERY INTERVAL '1 second';\n"
    "INSERT INTO T (A) VALUES (1), (2); DROP TABLE A, B; EXPLAIN SELECT 1; SELECT 'a'\n'b'";

static void memory_runs_out_anywhere(void)
{
    weir_memory_fail_at(0);
    bool done = false;
    uint64_t n = 0;
    while (!done && n < 10000) {
        struct weir_arena arena;
        struct weir_diagnostics diagnostics;
        struct weir_sql_program *program;
        weir_arena_init(&arena, NULL, 256); /* small chunks: many allocations */
        weir_diagnostics_init(&diagnostics);
        weir_memory_fail_at(++n);
        enum weir_status status =
            weir_sql_parse(weir_slice_from_string(everything), "x", &arena, &diagnostics, &program);
        bool failed = weir_memory_fail_at(0) >= n;
        if (failed) {
            EXPECT_INT(status, WEIR_E_OUT_OF_MEMORY);
            EXPECT(program == NULL);
        } else {
            EXPECT_INT(status, WEIR_OK);
            done = true;
        }
        weir_diagnostics_deinit(&diagnostics);
        weir_arena_deinit(&arena);
    }
    EXPECT(done && n > 20);
}

static void a_budget_is_named(void)
{
    struct weir_budget budget;
    struct weir_arena arena;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program;
    weir_budget_init(&budget, "program", 4096, NULL);
    weir_arena_init(&arena, &budget, 1024);
    weir_diagnostics_init(&diagnostics);
    EXPECT_INT(
        weir_sql_parse(weir_slice_from_string(everything), "x", &arena, &diagnostics, &program),
        WEIR_E_MEMORY_LIMIT);
    EXPECT(program == NULL);
    weir_diagnostics_deinit(&diagnostics);
    weir_arena_deinit(&arena);
    EXPECT_INT(budget.used_bytes, 0);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(depth),
        TEST_CASE(depth_is_exact),
        TEST_CASE(names),
        TEST_CASE(program_size),
        TEST_CASE(large_texts),
        TEST_CASE(memory_runs_out_anywhere),
        TEST_CASE(a_budget_is_named),
    };
    return test_main(argc, argv, cases, WEIR_COUNT_OF(cases));
}
