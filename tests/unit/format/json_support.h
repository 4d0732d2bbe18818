/* What the tests and fuzz targets of formats share: decode a text under some settings and say in
 * one text what came out, so that two ways can be compared byte by byte. */
#ifndef WEIR_TEST_JSON_SUPPORT_H
#define WEIR_TEST_JSON_SUPPORT_H

#include "column/text.h"
#include "format/format.h"

#include <stdio.h>
#include <stdlib.h>

enum { SUPPORT_COLUMNS_MAX = 32 };

struct support_table {
    struct weir_decode_field fields[SUPPORT_COLUMNS_MAX];
    struct weir_field schema_fields[SUPPORT_COLUMNS_MAX];
    struct weir_schema schema;
    struct weir_option options[8];
    size_t options_count;
    const char *format;      /* NULL: json */
    uint32_t declared_count; /* 0: as many as are read */
    const struct weir_slice *declared_names;
    enum weir_change_mode changes;
    bool op_column, op_optional;
};

static inline void support_add(struct support_table *table, const char *name,
                               const struct weir_type *type)
{
    uint32_t at = table->schema.fields_count++;
    struct weir_slice text = weir_slice_from_string(name);
    table->fields[at] = (struct weir_decode_field){.name = text, .type = type, .nullable = true};
    table->schema_fields[at] = (struct weir_field){.name = text, .type = type, .nullable = true};
    table->schema.fields = table->schema_fields;
}
static inline void support_add_path(struct support_table *table, const char *name,
                                    const struct weir_type *type, const char *path)
{
    support_add(table, name, type);
    table->fields[table->schema.fields_count - 1].path = weir_slice_from_string(path);
}
static inline const struct weir_format *support_format(const struct support_table *table)
{
    return weir_format_find(weir_slice_from_string(table->format ? table->format : "json"));
}
static inline const struct weir_decoder_ops *support_ops(const struct support_table *table)
{
    const struct weir_format *format = support_format(table);
    return table->op_column ? weir_format_op_column_decoder(format) : format->decoder;
}
static inline void support_option(struct support_table *table, const char *name, const char *value)
{
    table->options[table->options_count++] = (struct weir_option){
        .name = weir_slice_from_string(name), .value = weir_slice_from_string(value)};
}

struct support_settings {
    int isa;
    bool strict_only;
    uint32_t rows_max;
    size_t run_size; /* bytes handed over at a time; grows for longer records */
    uint64_t record_size_max;
    bool brief; /* codes only: no messages, no offsets of faults */
};

struct support_result {
    struct weir_buffer rows; /* "12: [1,\"x\"]" a line, by record number */
    struct weir_buffer bad;  /* "13 3001 +fault column: message [bytes]" a line */
    uint64_t records;
    size_t consumed;
    struct weir_decoder_stats stats;
    enum weir_status status;
    struct weir_error error;
    /* of the run at hand */
    uint64_t record_base;
    const char *run_text;
    bool brief;
};

static inline enum weir_status support_bad(void *context, const struct weir_bad_record *record,
                                           struct weir_error *error)
{
    struct support_result *result = context;
    (void)error;
    weir_buffer_printf(&result->bad, "%llu %d",
                       (unsigned long long)(result->record_base + record->record),
                       (int)record->code);
    if (!result->brief)
        weir_buffer_printf(&result->bad, " +%llu %.*s: %s [%.*s]",
                           (unsigned long long)(record->error_offset - record->offset),
                           WEIR_SLICE_ARGS(record->column), record->message,
                           (int)(record->bytes.size < 200 ? record->bytes.size : 200),
                           record->bytes.data);
    weir_buffer_append_char(&result->bad, '\n');
    /* The offset leads to the record. */
    if (memcmp(result->run_text + record->offset, record->bytes.data, record->bytes.size) != 0)
        weir_buffer_append_string(&result->bad, "wrong offset\n");
    return WEIR_OK;
}

static inline void support_print(struct support_result *result, const struct weir_batch *batch)
{
    static const struct weir_text_options style = {.style = WEIR_TEXT_JSON};
    for (uint32_t row = 0; row < batch->rows_count; row++) {
        uint64_t record =
            result->record_base + (batch->origin_records ? batch->origin_records[row] : row);
        weir_buffer_printf(&result->rows, "%llu: [", (unsigned long long)record);
        for (uint32_t i = 0; i < batch->schema->fields_count; i++) {
            if (i)
                weir_buffer_append_char(&result->rows, ',');
            weir_column_print(&batch->columns[i], row, &style, &result->rows);
        }
        weir_buffer_append_string(&result->rows, "]");
        if (batch->weights)
            weir_buffer_printf(&result->rows, " %lld", (long long)batch->weights[row]);
        weir_buffer_append_char(&result->rows, '\n');
    }
}

/* Leaves bytes from somewhere on for the decoder to copy, if it does. */
static inline void support_leave_fresh(const struct weir_decoder_ops *ops,
                                       struct weir_decode_run *run, char *copy, const char *from)
{
    size_t there = (run->bytes.size * 7 + 3) % (run->bytes.size + 1);
    if (!ops->takes_fresh || there == run->bytes.size)
        return;
    memset(copy + there, '"', run->bytes.size - there);
    run->fresh = weir_slice_make(from + there, run->bytes.size - there);
    run->fresh_to = copy + there;
}

/* What the decoder says it copied is there, and covers what it consumed. */
static inline bool support_fresh_is_right(const struct weir_decode_run *run, const char *copy,
                                          const char *from)
{
    size_t there = run->bytes.size - run->fresh.size;
    return run->consumed_size <= there && memcmp(copy, from, there) == 0 &&
           (run->fresh.size == 0 ||
            (run->fresh.data == from + there && run->fresh_to == copy + there));
}

/* One decode call over text[begin, begin + size), in memory of exactly that size. */
static inline bool support_run(const struct weir_decoder_ops *ops, void *decoder,
                               const struct support_settings *settings, struct weir_slice text,
                               size_t begin, size_t size, struct weir_batch *batch,
                               struct support_result *result)
{
    char *copy = malloc(size + WEIR_FORMAT_PADDING);
    if (!copy)
        return false;
    memcpy(copy, text.data + begin, size);
    memset(copy + size, 'x', WEIR_FORMAT_PADDING);
    struct weir_decode_run run = {.bytes = weir_slice_make(copy, size),
                                  .end_of_input = begin + size == text.size,
                                  .batch = batch,
                                  .rows_max = settings->rows_max,
                                  .bad = support_bad,
                                  .bad_context = result};
    result->record_base = result->records;
    result->run_text = copy;
    support_leave_fresh(ops, &run, copy, text.data + begin);
    result->status = ops->decode(decoder, &run, &result->error);
    if (!support_fresh_is_right(&run, copy, text.data + begin))
        weir_buffer_append_string(&result->bad, "wrong copy\n");
    if (result->status == WEIR_OK)
        result->status = weir_batch_verify(batch, &result->error);
    if (result->status == WEIR_OK) {
        support_print(result, batch);
        result->records += run.consumed_records;
        result->consumed += run.consumed_size;
    }
    free(copy);
    return result->status == WEIR_OK && run.consumed_size > 0;
}

static inline void support_feed(const struct support_table *table, void *decoder,
                                const struct support_settings *settings, struct weir_slice text,
                                struct support_result *result)
{
    struct weir_batch *batch = weir_batch_create(&table->schema, NULL);
    size_t size = settings->run_size;
    if (!batch)
        result->status = WEIR_E_OUT_OF_MEMORY;
    while (batch && result->consumed < text.size) {
        size_t left = text.size - result->consumed;
        size_t now = size < left ? size : left;
        result->status = weir_batch_renew(&batch, NULL, NULL, &result->error);
        if (result->status != WEIR_OK)
            break;
        if (support_run(support_ops(table), decoder, settings, text, result->consumed, now, batch,
                        result))
            size = settings->run_size;
        else if (result->status != WEIR_OK || now == left)
            break;
        else
            size *= 2;
    }
    weir_batch_release(batch);
}

static inline void support_result_init(struct support_result *result)
{
    memset(result, 0, sizeof *result);
    weir_buffer_init(&result->rows, NULL);
    weir_buffer_init(&result->bad, NULL);
    if (!weir_buffer_reserve(&result->rows, 1) || !weir_buffer_reserve(&result->bad, 1))
        result->rows.failed = true; /* texts to compare, even when empty, have an address */
}
static inline void support_result_deinit(struct support_result *result)
{
    weir_buffer_deinit(&result->rows);
    weir_buffer_deinit(&result->bad);
}

/* Decodes the whole text; result is initialised here. */
static inline void support_decode(struct support_table *table,
                                  const struct support_settings *settings, struct weir_slice text,
                                  struct support_result *result)
{
    support_result_init(result);
    result->brief = settings->brief;
    struct weir_decoder_config config = {.fields = table->fields,
                                         .fields_count = table->schema.fields_count,
                                         .declared_count = table->declared_count
                                                               ? table->declared_count
                                                               : table->schema.fields_count,
                                         .schema = &table->schema,
                                         .options = table->options,
                                         .options_count = table->options_count,
                                         .record_size_max = settings->record_size_max,
                                         .isa_limit = settings->isa,
                                         .strict_only = settings->strict_only,
                                         .declared_names = table->declared_names,
                                         .changes = table->changes,
                                         .op_optional = table->op_optional};
    const struct weir_decoder_ops *ops = support_ops(table);
    void *decoder = NULL;
    result->status = ops->create(&config, &decoder, &result->error);
    if (result->status == WEIR_OK)
        support_feed(table, decoder, settings, text, result);
    if (result->status == WEIR_OK && ops->stats)
        result->stats = ops->stats(decoder);
    if (decoder)
        ops->destroy(decoder);
}

static inline bool support_same(const struct support_result *a, const struct support_result *b)
{
    return a->status == b->status && a->records == b->records && a->consumed == b->consumed &&
           weir_slice_equals(weir_buffer_slice(&a->rows), weir_buffer_slice(&b->rows)) &&
           weir_slice_equals(weir_buffer_slice(&a->bad), weir_buffer_slice(&b->bad));
}

#endif
