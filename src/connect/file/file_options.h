/* Options of the file connectors: file, stdout, and Arroyo's single_file and filesystem. */
#ifndef WEIR_CONNECT_FILE_OPTIONS_H
#define WEIR_CONNECT_FILE_OPTIONS_H

#include "flow/connector.h"

enum weir_file_compression {
    WEIR_FILE_COMPRESSION_AUTO, /* reading: by the first bytes; writing: by the name's ending */
    WEIR_FILE_COMPRESSION_NONE,
    WEIR_FILE_COMPRESSION_GZIP,
    WEIR_FILE_COMPRESSION_ZSTD
};

enum weir_file_if_exists { WEIR_FILE_REPLACE, WEIR_FILE_APPEND, WEIR_FILE_ERROR };

struct weir_file_options {
    struct weir_slice path;
    int64_t compression; /* enum weir_file_compression */
    int64_t if_exists;   /* enum weir_file_if_exists */
    bool follow;
};

extern const struct weir_option_spec weir_file_specs[];
extern const size_t weir_file_specs_count;

/* source.c, sink.c */
extern const struct weir_source_type weir_file_source;
extern const struct weir_sink_type weir_file_sink;
/* lookup.c */
extern const struct weir_lookup_type weir_file_lookup;

#endif
