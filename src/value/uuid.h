/* UUIDs (RFC 9562): text in all forms Postgres reads, canonical text out, versions 4, 5 and 7 made
 * from bytes the caller provides (random bytes come from sys/). */
#ifndef WEIR_VALUE_UUID_H
#define WEIR_VALUE_UUID_H

#include "base/compiler.h"
#include "base/slice.h"
#include "value/parse.h"

enum { WEIR_UUID_BYTES = 16, WEIR_UUID_SIZE = 36 };

struct weir_uuid {
    uint8_t bytes[WEIR_UUID_BYTES]; /* network order; compared by memcmp */
};

/* 32 hex digits, any case, hyphens allowed after every fourth digit, braces around allowed. */
WEIR_CHECKED enum weir_parse weir_uuid_parse(struct weir_slice text, struct weir_uuid *out);
/* a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11; always WEIR_UUID_SIZE bytes. */
size_t weir_uuid_print(char out[WEIR_UUID_SIZE], struct weir_uuid value);

struct weir_uuid weir_uuid_v4(const uint8_t random[16]);
/* Name-based with SHA-1. */
struct weir_uuid weir_uuid_v5(struct weir_uuid name_space, struct weir_slice name);
/* unix_ms in the first 48 bits, so that later ones sort later. */
struct weir_uuid weir_uuid_v7(uint64_t unix_ms, const uint8_t random[10]);

#endif
