/* What the files of the debezium_json format share. Private to src/format. */
#ifndef WEIR_FORMAT_DEBEZIUM_INTERNAL_H
#define WEIR_FORMAT_DEBEZIUM_INTERNAL_H

#include "format/json_internal.h"
#include "value/json_scan.h"

extern const struct weir_decoder_ops weir_debezium_decoder_ops;
extern const struct weir_encoder_ops weir_debezium_encoder_ops;
enum weir_status weir_debezium_infer(struct weir_slice sample, bool sample_is_all,
                                     struct weir_option *options, size_t options_count,
                                     struct weir_arena *arena, struct weir_inferred_schema *out,
                                     struct weir_error *error);

#endif
