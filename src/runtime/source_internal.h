/* Shared by the files of the source driver. */
#ifndef WEIR_RUNTIME_SOURCE_INTERNAL_H
#define WEIR_RUNTIME_SOURCE_INTERNAL_H

#include "runtime/source.h"

/* source_time.c: event times, filter, projection, cutting, push, watermark. */
enum weir_flow weir_source_push(struct weir_source_driver *driver, uint32_t split,
                                struct weir_batch *batch, struct weir_error *error);
/* Goes on with the rest of the split, of which some may be left again. */
enum weir_flow weir_source_push_rest(struct weir_source_driver *driver, uint32_t split,
                                     struct weir_error *error);
/* Forwards the scan's watermark when it has advanced. */
enum weir_flow weir_source_time_advance(struct weir_source_driver *driver,
                                        struct weir_error *error);

/* source_bad.c */
enum weir_status weir_source_bad_open(struct weir_source_driver *driver, struct weir_error *error);
/* struct weir_decode_run callback; context is the driver. */
enum weir_status weir_source_bad_record(void *context, const struct weir_bad_record *record,
                                        struct weir_error *error);

#endif
