/* Hashing.
 *
 * Two families, never mixed: the *table* hash is seeded per process and lives only in memory;
 * the *partition* hash is unseeded, versioned and written to disk and wire (key groups).
 * Mixing is by 64x64->128 bit multiplication (the "mum" step of wyhash, Wang Yi, public domain
 * idea). */
#ifndef WEIR_BASE_HASH_H
#define WEIR_BASE_HASH_H

#include "base/compiler.h"
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    WEIR_PARTITION_HASH_VERSION = 1,
    WEIR_KEY_GROUPS_COUNT = 4096 /* the unit of rescaling */
};

#define WEIR_HASH_K0 UINT64_C(0x9E3779B97F4A7C15)
#define WEIR_HASH_K1 UINT64_C(0xD6E8FEB86659FD93)
#define WEIR_HASH_NULL UINT64_C(0x7A3C5D1E9B24F860) /* hash of NULL before mixing */

WEIR_INLINE uint64_t weir_hash_mum(uint64_t a, uint64_t b)
{
    __extension__ unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}
/* One 64-bit word. */
WEIR_INLINE uint64_t weir_hash_u64(uint64_t value, uint64_t seed)
{
    return weir_hash_mum(value ^ WEIR_HASH_K0, seed ^ WEIR_HASH_K1);
}
/* Joins the hash of the next key column to that of those before. */
WEIR_INLINE uint64_t weir_hash_combine(uint64_t hash, uint64_t next)
{
    return weir_hash_mum(hash ^ WEIR_HASH_K0, next ^ WEIR_HASH_K1);
}
/* Any run of bytes. */
uint64_t weir_hash_bytes(const void *data, size_t size, uint64_t seed);

/* CRC-32C (Castagnoli, RFC 3720), of data continued from crc (0 to begin). */
uint32_t weir_crc32c(uint32_t crc, const void *data, size_t size);

#endif
