/* Feeds any bytes to the SQL front end and holds it to its promises:
 *   - no input crashes it or overflows the stack (the sanitizers watch);
 *   - what parses prints, what is printed parses again, and to an equal tree;
 *   - printing that tree again gives the same text;
 *   - every error has a position inside the text and can be rendered.
 * Only texts at the limits of nesting and size may fail to come back, for canonical form can be a
 * little longer and deeper than what was read. */
#include "sql/diagnostic.h"
#include "sql/sql.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool promise)
{
    if (!promise)
        abort();
}

static void check_errors(const struct weir_diagnostics *diagnostics, struct weir_slice text)
{
    static const struct weir_sql_diagnostic_style style = {.severity = WEIR_SQL_ERROR};
    for (uint32_t i = 0; i < diagnostics->records_count; i++) {
        const struct weir_error *error = &diagnostics->records[i];
        struct weir_buffer out;
        weir_buffer_init(&out, NULL);
        check(error->position.offset <= text.size && error->message[0]);
        weir_sql_diagnostic_render(&out, error, text, &style);
        weir_sql_diagnostic_render_json(&out, error, &style);
        weir_buffer_deinit(&out);
    }
}

static void check_round_trip(const struct weir_sql_program *program, struct weir_arena *arena)
{
    struct weir_buffer first, second;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *again = NULL;
    weir_buffer_init(&first, NULL);
    weir_buffer_init(&second, NULL);
    weir_diagnostics_init(&diagnostics);
    weir_sql_print_program(&first, program);
    enum weir_status status =
        weir_sql_parse(weir_buffer_slice(&first), NULL, arena, &diagnostics, &again);
    if (status != WEIR_E_LIMIT) {
        check(status == WEIR_OK && weir_sql_equal_program(program, again));
        weir_sql_print_program(&second, again);
        check(weir_slice_equals(weir_buffer_slice(&first), weir_buffer_slice(&second)));
    }
    weir_diagnostics_deinit(&diagnostics);
    weir_buffer_deinit(&first);
    weir_buffer_deinit(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_slice text = {(const char *)data, size};
    struct weir_arena arena;
    struct weir_diagnostics diagnostics;
    struct weir_sql_program *program;
    weir_arena_init(&arena, NULL, 0);
    weir_diagnostics_init(&diagnostics);
    enum weir_status status = weir_sql_parse(text, "fuzz.sql", &arena, &diagnostics, &program);
    check((status == WEIR_OK) == (diagnostics.total_count == 0));
    check_errors(&diagnostics, text);
    if (program)
        check_round_trip(program, &arena);
    weir_diagnostics_deinit(&diagnostics);
    weir_arena_deinit(&arena);
    return 0;
}
