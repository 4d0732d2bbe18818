/* Digests and checksums of runs of bytes. Private to kernel/hash and its tests. */
#ifndef WEIR_KERNEL_HASH_HASH_INTERNAL_H
#define WEIR_KERNEL_HASH_HASH_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WEIR_MD5_BYTES = 16, WEIR_SHA2_BYTES_MAX = 64 };
void weir_md5(const void *data, size_t size, unsigned char out[WEIR_MD5_BYTES]);

enum weir_sha2 { WEIR_SHA224, WEIR_SHA256, WEIR_SHA384, WEIR_SHA512 };
static inline size_t weir_sha2_size(enum weir_sha2 kind)
{
    static const uint8_t sizes[] = {28, 32, 48, 64};
    return sizes[kind];
}
/* Writes weir_sha2_size(kind) bytes. */
void weir_sha2(enum weir_sha2 kind, const void *data, size_t size, unsigned char *out);

/* CRC-32 as in gzip, zip and Ethernet. */
uint32_t weir_crc32(const void *data, size_t size);
/* XXH64 (Y. Collet, https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md). */
uint64_t weir_xxh64(const void *data, size_t size, uint64_t seed);

#endif
