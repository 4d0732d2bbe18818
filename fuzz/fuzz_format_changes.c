/* The decoders of changes: Debezium's envelopes, and records with an operation.
 *
 * Input: byte 0 picks the format and what its rows say, byte 1 the rows per batch, byte 2 the size
 * of runs, byte 3 the greatest record. The rest is the text. Read one record at a time by the
 * strict path, and in every other way, it must give the same rows with the same weights and the
 * same bad records with the same bytes; weights are what the mode allows, and a key always has a
 * value. */
#include "../tests/unit/format/json_support.h"

#include "value/isa.h"

enum { FORMATS = 4 };

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void set_up(struct support_table *table, uint8_t choice)
{
    static const struct weir_slice names[] = {{"id", 2}, {"t", 1}, {"n", 1}};
    static const char *const formats[FORMATS] = {"debezium_json", "json", "csv", "csv"};
    uint8_t format = choice % FORMATS;
    *table = (struct support_table){.format = formats[format], .declared_names = names};
    table->changes = choice & 4 ? WEIR_CHANGES_EVENTS : WEIR_CHANGES_WEIGHTS;
    table->op_column = format != 0;
    table->op_optional = format == 1 && choice & 8;
    support_add(table, "id", weir_type_of(WEIR_TYPE_INT32));
    support_add(table, "t", weir_type_of(WEIR_TYPE_TEXT));
    support_add(table, "n", weir_type_of(WEIR_TYPE_INT64));
    for (uint32_t i = 0; i < 3; i++)
        table->fields[i].ordinal = i;
    table->fields[0].nullable = false;
    table->fields[0].is_key = table->changes == WEIR_CHANGES_EVENTS;
    table->fields[2].nullable = !(choice & 16);
    if (format == 0 && table->changes == WEIR_CHANGES_EVENTS) {
        support_add_path(table, "at", weir_type_of(WEIR_TYPE_INT64), "$.ts_ms");
        table->fields[3].is_metadata = true;
    }
    if (format == 3)
        support_option(table, "csv.header", "false");
}

/* Rows read "12: [1,\"x\",null] 1". */
static void check_rows(const struct support_table *table, const struct support_result *result)
{
    struct weir_slice rows = weir_buffer_slice(&result->rows);
    for (size_t at = 0; at < rows.size;) {
        const char *line = rows.data + at;
        const char *feed = memchr(line, '\n', rows.size - at);
        check(feed != NULL, "a row without end");
        const char *begin = memchr(line, '[', (size_t)(feed - line)), *weight = feed;
        while (weight[-1] != ' ')
            weight--;
        long value = strtol(weight, NULL, 10);
        bool events = table->changes == WEIR_CHANGES_EVENTS;
        check(value == 1 || value == -1 || (events && (value == 2 || value == -2)), "a weight");
        bool is_null = begin && memcmp(begin, "[null", 5) == 0;
        check(is_null == (events && value == WEIR_EVENT_CLEAR), "a key without a value");
        at = (size_t)(feed - rows.data) + 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct support_table table;
    struct support_result reference;
    if (size < 4)
        return 0;
    struct weir_slice text = weir_slice_make((const char *)data + 4, size - 4);
    uint64_t record_size_max = data[3] & 1 ? 40 + data[3] : 0;
    struct support_settings settings = {.strict_only = true,
                                        .rows_max = 1,
                                        .run_size = text.size + 1,
                                        .record_size_max = record_size_max,
                                        /* how much is kept of what is too long depends on runs */
                                        .brief = record_size_max != 0};
    set_up(&table, data[0]);
    support_decode(&table, &settings, text, &reference);
    if (data[0] % FORMATS != 2) /* a header may be wrong */
        check(reference.status == WEIR_OK, reference.error.message);
    check_rows(&table, &reference);
    const uint32_t rows[] = {1, 2 + data[1] % 7u, WEIR_BATCH_ROWS_MAX};
    const size_t runs[] = {text.size + 1, 1 + data[2] % 100u};
    for (int isa = WEIR_ISA_SCALAR; isa <= WEIR_ISA_AVX512; isa++)
        for (uint32_t i = 0; i < 6; i++) {
            struct support_result other;
            settings.isa = isa;
            settings.strict_only = false;
            settings.rows_max = rows[i % 3];
            settings.run_size = runs[i / 3];
            support_decode(&table, &settings, text, &other);
            if (!support_same(&reference, &other)) {
                fprintf(stderr, "isa %d rows %u run %zu\nis\n%.*s%.*sshould be\n%.*s%.*s\n", isa,
                        settings.rows_max, settings.run_size, (int)other.rows.size, other.rows.data,
                        (int)other.bad.size, other.bad.data, (int)reference.rows.size,
                        reference.rows.data, (int)reference.bad.size, reference.bad.data);
                abort();
            }
            support_result_deinit(&other);
        }
    support_result_deinit(&reference);
    return 0;
}
