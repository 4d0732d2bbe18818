/* Options of lookup tables, whatever the connector. */
#ifndef WEIR_RUNTIME_LOOKUP_OPTIONS_H
#define WEIR_RUNTIME_LOOKUP_OPTIONS_H

#include "flow/connector.h"

const struct weir_option_spec *weir_lookup_options(size_t *count);
/* what names the table in messages. */
WEIR_CHECKED enum weir_status weir_lookup_options_parse(struct weir_option *options, size_t count,
                                                        const char *what,
                                                        struct weir_lookup_settings *out,
                                                        struct weir_error *error);

#endif
