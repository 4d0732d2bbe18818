/* zstd by its own library. Its contexts take their memory from weir's heap. Windows of more than
 * 128 MiB (`zstd --long=28` and up) are refused, as zstd itself does unless told otherwise. */
#include "base/memory.h"
#include "codec/engine_internal.h"

#define ZSTD_STATIC_LINKING_ONLY /* for contexts with an allocator of their own */
#include <zstd.h>
#include <zstd_errors.h>

enum { LEVEL_MAX = 19 };

static void *zstd_allocate(void *context, size_t size)
{
    (void)context;
    return weir_malloc(size);
}

static void zstd_release(void *context, void *memory)
{
    (void)context;
    weir_free(memory);
}

static const ZSTD_customMem heap = {zstd_allocate, zstd_release, NULL};

static void *zstd_decoder_create(void)
{
    return ZSTD_createDCtx_advanced(heap);
}

static void zstd_decoder_destroy(void *decoder)
{
    (void)ZSTD_freeDCtx(decoder);
}

static void zstd_decoder_reset(void *decoder)
{
    (void)ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only);
}

static enum weir_status status_of(size_t result)
{
    if (!ZSTD_isError(result))
        return WEIR_OK;
    return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? WEIR_E_OUT_OF_MEMORY
                                                                     : WEIR_E_BAD_COMPRESSION;
}

static struct decoder_step zstd_decoder_step(void *decoder, struct weir_slice input, char *output,
                                             size_t capacity)
{
    ZSTD_inBuffer in = {input.data, input.size, 0};
    ZSTD_outBuffer out = {output, capacity, 0};
    size_t result = ZSTD_decompressStream(decoder, &out, &in);
    return (struct decoder_step){
        .status = status_of(result),
        .problem = ZSTD_isError(result) ? ZSTD_getErrorName(result) : NULL,
        .consumed = in.pos,
        .produced = out.pos,
        .frame_ended = result == 0,
    };
}

const struct decoder_engine codec_zstd_decoder = {zstd_decoder_create, zstd_decoder_destroy,
                                                  zstd_decoder_reset, zstd_decoder_step, false};

static void *zstd_encoder_create(int level)
{
    ZSTD_CCtx *context = ZSTD_createCCtx_advanced(heap);
    if (!context)
        return NULL;
    if (level <= 0)
        level = ZSTD_CLEVEL_DEFAULT;
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel,
                                 level > LEVEL_MAX ? LEVEL_MAX : level);
    (void)ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    return context;
}

static void zstd_encoder_destroy(void *encoder)
{
    (void)ZSTD_freeCCtx(encoder);
}

static void zstd_encoder_reset(void *encoder)
{
    (void)ZSTD_CCtx_reset(encoder, ZSTD_reset_session_only);
}

static struct encoder_step zstd_encoder_step(void *encoder, struct weir_slice input, bool finish,
                                             char *output, size_t capacity)
{
    ZSTD_inBuffer in = {input.data, input.size, 0};
    ZSTD_outBuffer out = {output, capacity, 0};
    size_t result = ZSTD_compressStream2(encoder, &out, &in, finish ? ZSTD_e_end : ZSTD_e_continue);
    enum weir_status status = status_of(result);
    return (struct encoder_step){
        .status = status == WEIR_E_BAD_COMPRESSION ? WEIR_E_INTERNAL : status,
        .consumed = in.pos,
        .produced = out.pos,
        .frame_ended = finish && result == 0,
    };
}

const struct encoder_engine codec_zstd_encoder = {zstd_encoder_create, zstd_encoder_destroy,
                                                  zstd_encoder_reset, zstd_encoder_step};
