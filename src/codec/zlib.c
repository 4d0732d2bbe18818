/* gzip by zlib, where ISA-L is not built in. zlib gives unused input back by itself. */
#include "base/memory.h"
#include "codec/engine_internal.h"

#define ZLIB_CONST
#include <zlib.h>

enum { GZIP_WRAPPER = 16 + MAX_WBITS, USUAL_LEVEL = 6 };

static void *zlib_allocate(void *context, unsigned count, unsigned size)
{
    (void)context;
    return weir_calloc(count, size);
}

static void zlib_release(void *context, void *memory)
{
    (void)context;
    weir_free(memory);
}

static z_stream *stream_create(void)
{
    z_stream *stream = weir_calloc(1, sizeof *stream);
    if (stream) {
        stream->zalloc = zlib_allocate;
        stream->zfree = zlib_release;
    }
    return stream;
}

static void *zlib_decoder_create(void)
{
    z_stream *stream = stream_create();
    if (stream && inflateInit2(stream, GZIP_WRAPPER) != Z_OK) {
        weir_free(stream);
        return NULL;
    }
    return stream;
}

static void zlib_decoder_destroy(void *decoder)
{
    (void)inflateEnd(decoder);
    weir_free(decoder);
}

static void zlib_decoder_reset(void *decoder)
{
    (void)inflateReset(decoder);
}

static struct decoder_step zlib_decoder_step(void *decoder, struct weir_slice input, char *output,
                                             size_t capacity)
{
    z_stream *stream = decoder;
    struct decoder_step step = {.status = WEIR_OK};
    stream->next_in = (const Bytef *)input.data;
    stream->avail_in = (uInt)input.size;
    stream->next_out = (Bytef *)output;
    stream->avail_out = (uInt)capacity;
    int result = inflate(stream, Z_NO_FLUSH);
    step.consumed = input.size - stream->avail_in;
    step.produced = capacity - stream->avail_out;
    step.frame_ended = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR) {
        step.status = WEIR_E_OUT_OF_MEMORY;
    } else if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        step.status = WEIR_E_BAD_COMPRESSION;
        step.problem = stream->msg ? stream->msg : "it does not decode";
    }
    return step;
}

const struct decoder_engine codec_zlib_decoder = {zlib_decoder_create, zlib_decoder_destroy,
                                                  zlib_decoder_reset, zlib_decoder_step, true};

static void *zlib_encoder_create(int level)
{
    if (level <= 0)
        level = USUAL_LEVEL;
    z_stream *stream = stream_create();
    if (stream && deflateInit2(stream, level > 9 ? 9 : level, Z_DEFLATED, GZIP_WRAPPER, 8,
                               Z_DEFAULT_STRATEGY) != Z_OK) {
        weir_free(stream);
        return NULL;
    }
    return stream;
}

static void zlib_encoder_destroy(void *encoder)
{
    (void)deflateEnd(encoder);
    weir_free(encoder);
}

static void zlib_encoder_reset(void *encoder)
{
    (void)deflateReset(encoder);
}

static struct encoder_step zlib_encoder_step(void *encoder, struct weir_slice input, bool finish,
                                             char *output, size_t capacity)
{
    z_stream *stream = encoder;
    stream->next_in = (const Bytef *)input.data;
    stream->avail_in = (uInt)input.size;
    stream->next_out = (Bytef *)output;
    stream->avail_out = (uInt)capacity;
    int result = deflate(stream, finish ? Z_FINISH : Z_NO_FLUSH);
    return (struct encoder_step){
        .status = result == Z_STREAM_ERROR ? WEIR_E_INTERNAL : WEIR_OK,
        .consumed = input.size - stream->avail_in,
        .produced = capacity - stream->avail_out,
        .frame_ended = result == Z_STREAM_END,
    };
}

const struct encoder_engine codec_zlib_encoder = {zlib_encoder_create, zlib_encoder_destroy,
                                                  zlib_encoder_reset, zlib_encoder_step};
