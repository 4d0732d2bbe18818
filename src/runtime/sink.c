/* Sink driver; see sink.h. */
#include "runtime/sink.h"

#include <stdio.h>

static enum weir_status write_buffer(struct weir_sink_driver *driver, struct weir_error *error)
{
    if (driver->buffer.failed)
        return weir_budget_error(driver->buffer.budget, error);
    if (driver->buffer.size == 0)
        return WEIR_OK;
    enum weir_flow flow = driver->type->write_bytes(
        driver->sink, weir_buffer_slice(&driver->buffer), driver->buffered_rows, error);
    weir_buffer_clear(&driver->buffer);
    driver->buffered_rows = 0;
    return flow == WEIR_FLOW_FAILED ? (error ? error->code : WEIR_E_IO) : WEIR_OK;
}

static enum weir_flow push_encoded(struct weir_sink_driver *driver, struct weir_batch *batch,
                                   struct weir_error *error)
{
    if (driver->format->encoder->encode(driver->encoder, batch, &driver->buffer, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    driver->buffered_rows += batch->selected_count;
    if (driver->buffer.failed || driver->buffer.size >= WEIR_SINK_BUFFER_SIZE)
        if (write_buffer(driver, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
    return WEIR_FLOW_OK;
}

static enum weir_flow sink_push(struct weir_output *output, struct weir_batch *batch,
                                struct weir_error *error)
{
    struct weir_sink_driver *driver = (struct weir_sink_driver *)output;
    if (batch->selected_count == 0)
        return WEIR_FLOW_OK;
    driver->rows_count += batch->selected_count;
    if (!driver->type)
        return driver->receiver->batch(driver->receiver->context, driver->select, batch, error);
    if (driver->type->takes == WEIR_SINK_BATCHES)
        return driver->type->write_batch(driver->sink, batch, error);
    return push_encoded(driver, batch, error);
}

static enum weir_flow sink_watermark(struct weir_output *output, struct weir_event_time watermark,
                                     struct weir_error *error)
{
    (void)output, (void)watermark, (void)error;
    return WEIR_FLOW_OK;
}

static enum weir_flow sink_end(struct weir_output *output, struct weir_error *error)
{
    struct weir_sink_driver *driver = (struct weir_sink_driver *)output;
    if (driver->ended)
        return WEIR_FLOW_OK;
    driver->ended = true;
    if (!driver->type)
        return driver->receiver->end(driver->receiver->context, driver->select, error);
    return weir_sink_driver_flush(driver, error) == WEIR_OK ? WEIR_FLOW_OK : WEIR_FLOW_FAILED;
}

static enum weir_status open_encoder(struct weir_sink_driver *driver,
                                     const struct weir_job_env *env, struct weir_error *error)
{
    const struct weir_table *table = driver->node->of.sink.table;
    driver->format = weir_format_find(table->format);
    if (!driver->format || !driver->format->encoder)
        return weir_error_set(error, WEIR_E_UNKNOWN_FORMAT, "format \"%.*s\" cannot be written",
                              WEIR_SLICE_ARGS(table->format));
    struct weir_encoder_config config = {.schema = &driver->node->schema,
                                         .options = table->options,
                                         .options_count = table->options_count,
                                         .budget = env->budget,
                                         .changelog = driver->node->changelog,
                                         .key_columns = driver->node->of.sink.keys,
                                         .key_columns_count = driver->node->of.sink.keys_count,
                                         .has_key = driver->node->of.sink.has_key};
    WEIR_TRY(driver->format->encoder->create(&config, &driver->encoder, error));
    if (driver->format->encoder->begin)
        driver->format->encoder->begin(driver->encoder, &driver->buffer);
    return WEIR_OK;
}

static enum weir_status open_table(struct weir_sink_driver *driver, const struct weir_job_env *env,
                                   struct weir_error *error)
{
    const struct weir_table *table = driver->node->of.sink.table;
    char name[128];
    (void)snprintf(name, sizeof name, "%.*s", WEIR_SLICE_ARGS(table->name));
    struct weir_connector_table request = {.options = table->options,
                                           .options_count = table->options_count,
                                           .schema = &driver->node->schema,
                                           .key_columns = table->primary_key,
                                           .key_columns_count = table->primary_key_count,
                                           .changelog = driver->node->changelog,
                                           .inputs_bounded = driver->node->bounded};
    struct weir_connector_env connector_env = {
        .sys = env->sys, .budget = env->budget, .table_name = name, .embedder = env->embedder};
    driver->type = table->connector->sink;
    WEIR_TRY(driver->type->open(&request, &connector_env, &driver->sink, error));
    return driver->type->takes == WEIR_SINK_BYTES ? open_encoder(driver, env, error) : WEIR_OK;
}

enum weir_status weir_sink_driver_open(struct weir_sink_driver *driver,
                                       const struct weir_plan_node *node, uint32_t select,
                                       const struct weir_job_env *env, struct weir_error *error)
{
    *driver = (struct weir_sink_driver){.output = {sink_push, sink_watermark, sink_end},
                                        .node = node,
                                        .receiver = env->receiver,
                                        .select = select};
    weir_buffer_init(&driver->buffer, env->budget);
    if (node->of.sink.table)
        return open_table(driver, env, error);
    if (!env->receiver)
        return weir_error_set(error, WEIR_E_INTERNAL, "nobody receives the rows of the SELECT");
    if (driver->receiver->begin(driver->receiver->context, select, node, error) == WEIR_FLOW_FAILED)
        return error ? error->code : WEIR_E_IO;
    return WEIR_OK;
}

enum weir_status weir_sink_driver_flush(struct weir_sink_driver *driver, struct weir_error *error)
{
    if (!driver->type)
        return WEIR_OK;
    if (driver->type->takes == WEIR_SINK_BYTES)
        WEIR_TRY(write_buffer(driver, error));
    return driver->type->flush ? driver->type->flush(driver->sink, error) : WEIR_OK;
}

enum weir_status weir_sink_driver_finish(struct weir_sink_driver *driver, bool success,
                                         struct weir_error *error)
{
    if (!driver->type || !driver->sink)
        return WEIR_OK;
    if (success)
        WEIR_TRY(weir_sink_driver_flush(driver, error));
    return driver->type->finish ? driver->type->finish(driver->sink, success, error) : WEIR_OK;
}

void weir_sink_driver_close(struct weir_sink_driver *driver)
{
    if (driver->encoder)
        driver->format->encoder->destroy(driver->encoder);
    if (driver->type && driver->sink)
        driver->type->close(driver->sink);
    weir_buffer_deinit(&driver->buffer);
}
