/* Which codecs there are, how they are told apart, and which library serves each.
 *
 * gzip is served by ISA-L where it is built in (inflate 2.6 times as fast as zlib), else by zlib.
 *
 *     1F 8B           gzip
 *     28 B5 2F FD     zstd frame
 *     5x 2A 4D 18     zstd skippable frame (x = 0 … F) */
#include "codec/codec.h"

#include "codec/engine_internal.h"

static const char *const names[] = {
    [WEIR_CODEC_AUTO] = "auto",
    [WEIR_CODEC_PLAIN] = "none",
    [WEIR_CODEC_GZIP] = "gzip",
    [WEIR_CODEC_ZSTD] = "zstd",
};

const char *weir_codec_name(enum weir_codec codec)
{
    return names[codec];
}

bool weir_codec_from_name(struct weir_slice name, enum weir_codec *codec)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++) {
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(names[i]))) {
            *codec = (enum weir_codec)i;
            return true;
        }
    }
    return false;
}

static bool ends_with(struct weir_slice path, const char *ending)
{
    struct weir_slice end = weir_slice_from_string(ending);
    if (path.size < end.size)
        return false;
    path.data += path.size - end.size;
    path.size = end.size;
    return weir_slice_equals_ignoring_case(path, end);
}

enum weir_codec weir_codec_from_path(struct weir_slice path)
{
    if (ends_with(path, ".gz") || ends_with(path, ".gzip"))
        return WEIR_CODEC_GZIP;
    if (ends_with(path, ".zst") || ends_with(path, ".zstd"))
        return WEIR_CODEC_ZSTD;
    return WEIR_CODEC_PLAIN;
}

enum weir_codec weir_codec_detect(struct weir_slice head)
{
    const unsigned char *bytes = (const unsigned char *)head.data;
    if (head.size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B)
        return WEIR_CODEC_GZIP;
    if (head.size < 4)
        return WEIR_CODEC_PLAIN;
    if (bytes[0] == 0x28 && bytes[1] == 0xB5 && bytes[2] == 0x2F && bytes[3] == 0xFD)
        return WEIR_CODEC_ZSTD;
    if ((bytes[0] & 0xF0) == 0x50 && bytes[1] == 0x2A && bytes[2] == 0x4D && bytes[3] == 0x18)
        return WEIR_CODEC_ZSTD;
    return WEIR_CODEC_PLAIN;
}

struct codec_engines codec_engines_of(enum weir_codec codec)
{
    struct codec_engines engines = {NULL, NULL};
    if (codec == WEIR_CODEC_GZIP) {
#if defined(WEIR_HAVE_ISAL)
        engines = (struct codec_engines){&codec_isal_decoder, &codec_isal_encoder};
#elif defined(WEIR_HAVE_ZLIB)
        engines = (struct codec_engines){&codec_zlib_decoder, &codec_zlib_encoder};
#endif
    }
#if defined(WEIR_HAVE_ZSTD)
    if (codec == WEIR_CODEC_ZSTD)
        engines = (struct codec_engines){&codec_zstd_decoder, &codec_zstd_encoder};
#endif
    return engines;
}

bool weir_codec_is_built_in(enum weir_codec codec)
{
    return codec == WEIR_CODEC_AUTO || codec == WEIR_CODEC_PLAIN ||
           codec_engines_of(codec).decoder != NULL;
}
