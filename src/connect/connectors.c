/* The table of built-in connectors, from connectors.def. */
#include "connect/connectors.h"

#define WEIR_CONNECTOR(variable) extern const struct weir_connector variable;
#include "connect/connectors.def"
#undef WEIR_CONNECTOR

const struct weir_connectors *weir_connectors_builtin(void)
{
#define WEIR_CONNECTOR(variable) &variable,
    static const struct weir_connector *const items[] = {
#include "connect/connectors.def"
    };
#undef WEIR_CONNECTOR
    /* Those of the dialect and of Arroyo's programs that are not here yet. */
    static const char *const later[] = {
        "cassandra", "clickhouse", "confluent", "delta",   "fluvio",  "http",     "iceberg",
        "kafka",     "kinesis",    "log",       "mongodb", "mqtt",    "nats",     "polling_http",
        "postgres",  "rabbitmq",   "redis",     "sse",     "webhook", "websocket"};
    static const struct weir_connectors all = {items, WEIR_COUNT_OF(items), later,
                                               WEIR_COUNT_OF(later)};
    return &all;
}
