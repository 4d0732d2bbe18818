/* What a compression library must offer to be a codec. One file per library fills these tables.
 *
 * Decoding works on one frame (gzip member) at a time; that a stream is a row of frames, where it
 * began and whether it was cut off, is the reader's concern, once for all libraries. */
#ifndef WEIR_CODEC_ENGINE_INTERNAL_H
#define WEIR_CODEC_ENGINE_INTERNAL_H

#include "base/slice.h"
#include "base/status.h"
#include "codec/codec.h"

struct decoder_step {
    enum weir_status status; /* OK, BAD_COMPRESSION or OUT_OF_MEMORY */
    const char *problem;     /* what is wrong with the data, for the message; static text */
    size_t consumed;         /* of the input */
    size_t given_back;       /* bytes of earlier inputs that are not part of the frame */
    size_t produced;
    bool frame_ended;
};

/* How far a decoder may have read ahead when it gives back. */
enum { GIVEN_BACK_MAX = 8 };

struct decoder_engine {
    void *(*create)(void); /* NULL: out of memory */
    void (*destroy)(void *decoder);
    void (*reset)(void *decoder); /* before each frame but the first */
    /* input may be empty: what is left inside is then written out. At most 1 GiB each way. */
    struct decoder_step (*step)(void *decoder, struct weir_slice input, char *output,
                                size_t capacity);
    bool reads_once; /* each byte of an input, and does no harm whatever comes */
};

struct encoder_step {
    enum weir_status status; /* OK or OUT_OF_MEMORY, INTERNAL */
    size_t consumed;
    size_t produced;
    bool frame_ended; /* only when finishing */
};

struct encoder_engine {
    void *(*create)(int level);
    void (*destroy)(void *encoder);
    void (*reset)(void *encoder);
    struct encoder_step (*step)(void *encoder, struct weir_slice input, bool finish, char *output,
                                size_t capacity);
};

enum { STEP_SIZE_MAX = 1 << 30 };

#ifdef WEIR_HAVE_ISAL
extern const struct decoder_engine codec_isal_decoder;
extern const struct encoder_engine codec_isal_encoder;
#endif
#ifdef WEIR_HAVE_ZLIB
extern const struct decoder_engine codec_zlib_decoder;
extern const struct encoder_engine codec_zlib_encoder;
#endif
#ifdef WEIR_HAVE_ZSTD
extern const struct decoder_engine codec_zstd_decoder;
extern const struct encoder_engine codec_zstd_encoder;
#endif

struct codec_engines {
    const struct decoder_engine *decoder; /* NULL: not built in */
    const struct encoder_engine *encoder;
};
/* The libraries that serve a codec in this build. */
struct codec_engines codec_engines_of(enum weir_codec codec);

/* For tests of an engine that is built but not the one in use. Takes nothing. */
enum weir_status codec_reader_create_with(enum weir_codec codec,
                                          const struct decoder_engine *decoder,
                                          struct weir_codec_reader **reader,
                                          struct weir_error *error);

#endif
