/* Rows with weights to Debezium's envelopes, one a line:
 *
 *     {"before":null,"after":{"id":1,"n":2},"op":"c"}⏎
 *     {"before":{"id":1,"n":2},"after":{"id":1,"n":3},"op":"u"}⏎
 *
 * The JSON encoder writes the rows, one a line; the envelope is put around them. A row that goes
 * and the row behind it are one update when they agree in the key; a weight of n is n events. */
#include "format/debezium_internal.h"

struct debezium_encoder {
    struct weir_encoder_config config;
    void *inner;
    struct weir_buffer rows; /* of one batch */
};

static void debezium_encoder_destroy(void *memory)
{
    struct debezium_encoder *encoder = memory;
    if (!encoder)
        return;
    if (encoder->inner)
        weir_json_encoder_ops.destroy(encoder->inner);
    weir_buffer_deinit(&encoder->rows);
    weir_free(encoder);
}

static enum weir_status debezium_encoder_create(const struct weir_encoder_config *config,
                                                void **out, struct weir_error *error)
{
    struct debezium_encoder *encoder = weir_calloc(1, sizeof *encoder);
    *out = NULL;
    if (!encoder)
        return weir_error_set_out_of_memory(error);
    encoder->config = *config;
    weir_buffer_init(&encoder->rows, config->budget);
    struct weir_encoder_config wanted = *config;
    wanted.changelog = false;
    enum weir_status status = weir_json_encoder_ops.create(&wanted, &encoder->inner, error);
    if (status != WEIR_OK) {
        debezium_encoder_destroy(encoder);
        return status;
    }
    *out = encoder;
    return WEIR_OK;
}

/* The line at *at, its newline passed. */
static struct weir_slice next_row(const struct weir_buffer *rows, size_t *at)
{
    const char *begin = rows->data + *at;
    const char *feed = memchr(begin, '\n', rows->size - *at);
    size_t size = feed ? (size_t)(feed - begin) : rows->size - *at;
    *at += size + 1;
    return weir_slice_make(begin, size);
}

static bool same_key(const struct debezium_encoder *encoder, const struct weir_batch *batch,
                     uint32_t a, uint32_t b)
{
    for (uint32_t k = 0; k < encoder->config.key_columns_count; k++) {
        const struct weir_column *column = &batch->columns[encoder->config.key_columns[k]];
        if (!weir_column_equals(column, a, column, b))
            return false;
    }
    return encoder->config.has_key;
}

static void write_event(struct weir_buffer *out, struct weir_slice before, struct weir_slice after,
                        const char *op, uint64_t times)
{
    for (uint64_t i = 0; i < times && weir_buffer_reserve(out, before.size + after.size + 64);
         i++) {
        weir_buffer_append_string(out, "{\"before\":");
        weir_buffer_append_slice(out, before);
        weir_buffer_append_string(out, ",\"after\":");
        weir_buffer_append_slice(out, after);
        weir_buffer_append_string(out, op);
    }
}

static uint64_t times_of(int64_t weight)
{
    return weight < 0 ? (uint64_t)0 - (uint64_t)weight : (uint64_t)weight;
}

static enum weir_status debezium_encode(void *memory, const struct weir_batch *batch,
                                        struct weir_buffer *out, struct weir_error *error)
{
    struct debezium_encoder *encoder = memory;
    const struct weir_slice nothing = weir_slice_from_string("null");
    struct weir_batch rows = *batch;
    size_t at = 0;
    rows.weights = NULL; /* each row once */
    weir_buffer_clear(&encoder->rows);
    WEIR_TRY(weir_json_encoder_ops.encode(encoder->inner, &rows, &encoder->rows, error));
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        int64_t weight = weir_batch_weight(batch, lane);
        struct weir_slice row = next_row(&encoder->rows, &at);
        if (weight > 0) {
            write_event(out, nothing, row, ",\"op\":\"c\"}\n", times_of(weight));
            continue;
        }
        uint32_t next = i + 1 < batch->selected_count ? weir_batch_lane(batch, i + 1) : lane;
        uint64_t gone = times_of(weight), updated = 0;
        if (weir_batch_weight(batch, next) > 0 && same_key(encoder, batch, lane, next)) {
            uint64_t added = times_of(weir_batch_weight(batch, next));
            struct weir_slice after = next_row(&encoder->rows, &at);
            updated = added < gone ? added : gone;
            write_event(out, row, after, ",\"op\":\"u\"}\n", updated);
            write_event(out, nothing, after, ",\"op\":\"c\"}\n", added - updated);
            i++;
        }
        write_event(out, row, nothing, ",\"op\":\"d\"}\n", gone - updated);
    }
    return out->failed ? weir_budget_error(out->budget, error) : WEIR_OK;
}

const struct weir_encoder_ops weir_debezium_encoder_ops = {.create = debezium_encoder_create,
                                                           .encode = debezium_encode,
                                                           .destroy = debezium_encoder_destroy};
