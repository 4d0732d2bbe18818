/* The end of a chain: encodes batches and writes them to a connector, or hands them to the caller
 * of the job (bare SELECTs). */
#ifndef WEIR_RUNTIME_SINK_H
#define WEIR_RUNTIME_SINK_H

#include "flow/operator.h"
#include "format/format.h"
#include "runtime/job.h"

enum { WEIR_SINK_BUFFER_SIZE = 256 << 10 };

struct weir_sink_driver {
    struct weir_output output; /* first */
    const struct weir_plan_node *node;
    const struct weir_sink_type *type; /* NULL: a bare SELECT */
    void *sink;
    const struct weir_format *format;
    void *encoder;
    struct weir_buffer buffer; /* encoded, not yet written */
    uint64_t buffered_rows;
    const struct weir_result_receiver *receiver;
    uint32_t select;
    uint64_t rows_count; /* written in all */
    bool ended;
};

WEIR_CHECKED enum weir_status weir_sink_driver_open(struct weir_sink_driver *driver,
                                                    const struct weir_plan_node *node,
                                                    uint32_t select, const struct weir_job_env *env,
                                                    struct weir_error *error);
/* Writes what is buffered and makes it visible. */
WEIR_CHECKED enum weir_status weir_sink_driver_flush(struct weir_sink_driver *driver,
                                                     struct weir_error *error);
/* success: every source ended, the output is final. */
WEIR_CHECKED enum weir_status weir_sink_driver_finish(struct weir_sink_driver *driver, bool success,
                                                      struct weir_error *error);
void weir_sink_driver_close(struct weir_sink_driver *driver);

#endif
