/* Postgres and JSON spellings of every type. Byte 0 picks the type, the rest is the text: what is
 * read is printed, read again and printed the same, in both styles that can be read. */
#include "column/text.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static const struct weir_type *type_of(struct weir_arena *arena, uint8_t which)
{
    static const enum weir_type_kind kinds[] = {
        WEIR_TYPE_BOOLEAN,      WEIR_TYPE_INT8,    WEIR_TYPE_INT32,     WEIR_TYPE_INT64,
        WEIR_TYPE_UINT64,       WEIR_TYPE_FLOAT32, WEIR_TYPE_FLOAT64,   WEIR_TYPE_DATE,
        WEIR_TYPE_TIME,         WEIR_TYPE_UUID,    WEIR_TYPE_TIMESTAMP, WEIR_TYPE_TIMESTAMPTZ,
        WEIR_TYPE_TIMESTAMP_NS, WEIR_TYPE_TEXT,    WEIR_TYPE_BYTEA,     WEIR_TYPE_JSON,
        WEIR_TYPE_JSONB,        WEIR_TYPE_INTERVAL};
    static struct weir_slice names[3];
    static const struct weir_type *types[3];
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    if (which < WEIR_COUNT_OF(kinds))
        return weir_type_of(kinds[which]);
    names[0] = weir_slice_from_string("a");
    names[1] = weir_slice_from_string("b c");
    names[2] = weir_slice_from_string("d");
    types[0] = weir_type_of(WEIR_TYPE_INT64);
    types[1] = text;
    types[2] = weir_type_list(arena, text);
    switch (which % 6) {
    case 0:
        return weir_type_list(arena, text);
    case 1:
        return weir_type_list(arena, weir_type_list(arena, weir_type_of(WEIR_TYPE_FLOAT64)));
    case 2:
        return weir_type_struct(arena, 3, types, names);
    case 3:
        return weir_type_list(arena, weir_type_struct(arena, 3, types, names));
    case 4:
        return weir_type_map(arena, text, weir_type_of(WEIR_TYPE_TIMESTAMP));
    default:
        return weir_type_decimal(arena, 12, 3);
    }
}

/* Reads text and prints what came; false when it does not parse. */
static bool through(const struct weir_type *type, struct weir_arena *arena, struct weir_slice text,
                    enum weir_text_style style, struct weir_buffer *out)
{
    struct weir_builder builder;
    struct weir_text_options options = {.style = style};
    check(weir_builder_init(&builder, type, arena, NULL) == WEIR_OK, "memory");
    enum weir_parse result = weir_text_parse_into(&builder, text, NULL, NULL);
    check(builder.rows_count == (result == WEIR_PARSE_OK), "a builder that is not as before");
    if (result != WEIR_PARSE_OK)
        return false;
    struct weir_column column = weir_builder_column(&builder);
    weir_column_print(&column, 0, &options, out);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct weir_arena arena;
    struct weir_buffer once, twice, json;
    if (size < 1 || size > 4096)
        return 0;
    struct weir_slice text = weir_slice_make((const char *)data + 1, size - 1);
    weir_arena_init(&arena, NULL, 0);
    const struct weir_type *type = type_of(&arena, data[0] % 24);
    /* Text comes checked; what a check would refuse is not for these parsers. */
    bool valid = true;
    for (size_t i = 0; i < text.size; i++)
        valid &= (uint8_t)text.data[i] < 0x80 || type->kind == WEIR_TYPE_BYTEA;
    weir_buffer_init(&once, NULL);
    weir_buffer_init(&twice, NULL);
    weir_buffer_init(&json, NULL);
    if (valid && through(type, &arena, text, WEIR_TEXT_POSTGRES, &once)) {
        check(through(type, &arena, weir_buffer_slice(&once), WEIR_TEXT_POSTGRES, &twice),
              "what was printed cannot be read");
        check(weir_slice_equals(weir_buffer_slice(&once), weir_buffer_slice(&twice)),
              "what was printed is read as something else");
        check(through(type, &arena, text, WEIR_TEXT_JSON, &json), "not twice the same");
        weir_buffer_clear(&twice);
        if (weir_type_is_nested(type) &&
            through(type, &arena, weir_buffer_slice(&json), WEIR_TEXT_POSTGRES, &twice))
            check(weir_slice_equals(weir_buffer_slice(&once), weir_buffer_slice(&twice)),
                  "what was printed as JSON is read as something else");
    }
    weir_buffer_deinit(&once);
    weir_buffer_deinit(&twice);
    weir_buffer_deinit(&json);
    weir_arena_deinit(&arena);
    return 0;
}
