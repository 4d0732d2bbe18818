/* blackhole: a sink that counts rows and forgets them. For benchmarks, and to run a program for its
 * side outputs. Takes changelogs. */
#include "flow/connector.h"

struct blackhole {
    uint64_t rows_count;
};

static enum weir_status blackhole_open(const struct weir_connector_table *table,
                                       const struct weir_connector_env *env, void **sink,
                                       struct weir_error *error)
{
    (void)table, (void)env;
    *sink = weir_calloc(1, sizeof(struct blackhole));
    return *sink ? WEIR_OK : weir_error_set_out_of_memory(error);
}

static enum weir_flow blackhole_write(void *sink, struct weir_batch *batch,
                                      struct weir_error *error)
{
    struct blackhole *blackhole = sink;
    (void)error;
    blackhole->rows_count += batch->selected_count;
    return WEIR_FLOW_OK;
}

static const struct weir_sink_type blackhole_sink = {
    .takes = WEIR_SINK_BATCHES,
    .guarantee = WEIR_IDEMPOTENT,
    .accepts_changelog = true,
    .open = blackhole_open,
    .write_batch = blackhole_write,
    .close = weir_free,
};

const struct weir_connector weir_connector_blackhole = {
    .name = "blackhole",
    .summary = "a sink that counts rows and forgets them",
    .details = "Takes any columns, append or changelog. For benchmarks, and to run a program for\n"
               "its other outputs.\n\n"
               "```sql\n"
               "CREATE TABLE nothing WITH (connector = 'blackhole');\n"
               "INSERT INTO nothing SELECT 1 AS one;\n"
               "```\n",
    .roles = WEIR_ROLE_SINK,
    .sink = &blackhole_sink,
};
