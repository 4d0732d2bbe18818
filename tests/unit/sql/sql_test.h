/* Parsing in tests: one struct that holds a parsed text, its errors and their memory. */
#ifndef WEIR_SQL_TEST_H
#define WEIR_SQL_TEST_H

#include "sql/sql.h"
#include "test.h"

struct parsed {
    struct weir_arena arena;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program;
    enum weir_status status;
};

static inline void parse_slice(struct parsed *parsed, struct weir_slice text)
{
    weir_arena_init(&parsed->arena, NULL, 0);
    weir_diagnostics_init(&parsed->diagnostics);
    parsed->status =
        weir_sql_parse(text, "test.sql", &parsed->arena, &parsed->diagnostics, &parsed->program);
}
static inline void parse(struct parsed *parsed, const char *text)
{
    parse_slice(parsed, weir_slice_from_string(text));
}
static inline void release(struct parsed *parsed)
{
    weir_diagnostics_deinit(&parsed->diagnostics);
    weir_arena_deinit(&parsed->arena);
}
/* Reports why a text that should have been read was not. */
static inline bool expect_parsed(const struct parsed *parsed, const char *text)
{
    if (parsed->status == WEIR_OK)
        return true;
    const struct weir_error *error = parsed->diagnostics.records;
    fprintf(stderr, "%s\n  does not parse: %u:%u %s\n", text, error->position.line,
            error->position.column, error->message);
    test_failures++;
    return false;
}

#endif
