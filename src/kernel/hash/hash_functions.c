/* Digests and checksums as SQL functions, of TEXT (its UTF-8 bytes) and of BYTEA. */
#include "base/hash.h"
#include "kernel/hash/hash_internal.h"
#include "kernel/string/string_internal.h"

void weir_fn_md5(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        unsigned char digest[WEIR_MD5_BYTES];
        char text[2 * WEIR_MD5_BYTES];
        weir_md5(bytes.data, bytes.size, digest);
        for (size_t i = 0; i < sizeof text; i++)
            text[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 ? 0 : 4) & 15];
        if (!weir_string_store(call, lane, weir_slice_make(text, sizeof text)))
            return;
    }
}

static bool store_sha2(struct weir_kernel_call *call, uint32_t lane, enum weir_sha2 kind)
{
    struct weir_slice bytes = weir_arg_text(call, 0, lane);
    unsigned char digest[WEIR_SHA2_BYTES_MAX];
    weir_sha2(kind, bytes.data, bytes.size, digest);
    return weir_string_store(call, lane,
                             weir_slice_make((const char *)digest, weir_sha2_size(kind)));
}
static void run_sha2(struct weir_kernel_call *call, enum weir_sha2 kind)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!store_sha2(call, lane, kind))
        return;
}
void weir_fn_sha224(struct weir_kernel_call *call)
{
    run_sha2(call, WEIR_SHA224);
}
void weir_fn_sha256(struct weir_kernel_call *call)
{
    run_sha2(call, WEIR_SHA256);
}
void weir_fn_sha384(struct weir_kernel_call *call)
{
    run_sha2(call, WEIR_SHA384);
}
void weir_fn_sha512(struct weir_kernel_call *call)
{
    run_sha2(call, WEIR_SHA512);
}

/* digest(data, algorithm) */
static bool digest_lane(struct weir_kernel_call *call, uint32_t lane)
{
    static const char *const names[] = {[WEIR_SHA224] = "sha224",
                                        [WEIR_SHA256] = "sha256",
                                        [WEIR_SHA384] = "sha384",
                                        [WEIR_SHA512] = "sha512"};
    struct weir_slice bytes = weir_arg_text(call, 0, lane), name = weir_arg_text(call, 1, lane);
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(names[i])))
            return store_sha2(call, lane, (enum weir_sha2)i);
    if (!weir_slice_equals_ignoring_case(name, weir_slice_from_string("md5")))
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "no digest \"%.*s\": there are md5, sha224, sha256, sha384, sha512",
                                WEIR_SLICE_ARGS(name));
    unsigned char digest[WEIR_MD5_BYTES];
    weir_md5(bytes.data, bytes.size, digest);
    return weir_string_store(call, lane, weir_slice_make((const char *)digest, sizeof digest));
}
void weir_fn_digest(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!digest_lane(call, lane))
        return;
}

void weir_fn_crc32(struct weir_kernel_call *call)
{
    int64_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        out[lane] = weir_crc32(bytes.data, bytes.size);
    }
}
void weir_fn_crc32c(struct weir_kernel_call *call)
{
    int64_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        out[lane] = weir_crc32c(0, bytes.data, bytes.size);
    }
}
void weir_fn_xxh64(struct weir_kernel_call *call)
{
    uint64_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        out[lane] = weir_xxh64(bytes.data, bytes.size, 0);
    }
}
