/* Compressed streams: any bytes, read in pieces of any size into outputs of any size, give the same
 * plain bytes and the same verdict; what is written, in pieces too, reads back the same.
 *
 * Input: byte 0 picks the codec, byte 1 the pieces of input, byte 2 those of output; the rest is
 * read as a compressed stream, then written as a plain one. */
#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLAIN_MAX = 1 << 20 }; /* small inputs may be great bombs */

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

/* The plain bytes until the end, an error, or PLAIN_MAX of them. */
static enum weir_status read_all(enum weir_codec codec, struct weir_slice bytes, size_t piece,
                                 size_t capacity, struct weir_buffer *plain)
{
    struct weir_codec_reader *reader = NULL;
    struct weir_slice input = {NULL, 0};
    char *output = malloc(capacity);
    size_t at = 0, size;
    enum weir_status status;
    check(output && weir_codec_reader_create(codec, &reader, NULL) == WEIR_OK, "creation");
    for (;;) {
        if (input.size == 0 && at < bytes.size) {
            input =
                weir_slice_make(bytes.data + at, piece < bytes.size - at ? piece : bytes.size - at);
            at += input.size;
        }
        bool ends = at == bytes.size;
        size_t before = input.size;
        status = weir_codec_read(reader, &input, ends, output, capacity, &size, NULL);
        check(size <= capacity && input.size <= before, "more than there is");
        weir_buffer_append(plain, output, size);
        if (status != WEIR_OK || (size == 0 && ends) || plain->size >= PLAIN_MAX)
            break;
        check(size || input.size == 0, "no progress");
    }
    check(weir_codec_reader_offset(reader) <= bytes.size, "offset");
    weir_codec_reader_destroy(reader);
    free(output);
    return status;
}

static void check_reading(enum weir_codec codec, struct weir_slice bytes, size_t piece,
                          size_t capacity)
{
    struct weir_buffer whole, pieces;
    weir_buffer_init(&whole, NULL);
    weir_buffer_init(&pieces, NULL);
    enum weir_status status = read_all(codec, bytes, bytes.size + 1, PLAIN_MAX, &whole);
    enum weir_status again = read_all(codec, bytes, piece, capacity, &pieces);
    bool left_out = codec == WEIR_CODEC_AUTO && !weir_codec_is_built_in(weir_codec_detect(bytes));
    check(status == WEIR_OK || status == WEIR_E_BAD_COMPRESSION || status == WEIR_E_OUT_OF_MEMORY ||
              (left_out && status == WEIR_E_NOT_EXECUTABLE),
          "a status of its own");
    if (whole.size < PLAIN_MAX && pieces.size < PLAIN_MAX && status != WEIR_E_OUT_OF_MEMORY) {
        check(status == again, "the verdict depends on the pieces");
        check(status != WEIR_OK ||
                  weir_slice_equals(weir_buffer_slice(&whole), weir_buffer_slice(&pieces)),
              "the bytes depend on the pieces");
    }
    weir_buffer_deinit(&whole);
    weir_buffer_deinit(&pieces);
}

static void check_writing(enum weir_codec codec, struct weir_slice plain, size_t piece,
                          size_t capacity)
{
    struct weir_codec_writer *writer = NULL;
    struct weir_buffer packed, back;
    weir_buffer_init(&packed, NULL);
    weir_buffer_init(&back, NULL);
    check(weir_codec_writer_create(codec, (int)(piece % 21), &writer, NULL) == WEIR_OK, "creation");
    for (size_t at = 0; at < plain.size; at += piece) {
        size_t size = piece < plain.size - at ? piece : plain.size - at;
        struct weir_slice part = weir_slice_make(plain.data + at, size);
        check(weir_codec_write(writer, part, &packed, NULL) == WEIR_OK, "writing");
        if (at % 7 == 3) /* several frames */
            check(weir_codec_finish(writer, &packed, NULL) == WEIR_OK, "finishing");
    }
    check(weir_codec_finish(writer, &packed, NULL) == WEIR_OK, "finishing");
    weir_codec_writer_destroy(writer);
    check(weir_codec_detect(weir_buffer_slice(&packed)) == codec, "the magic number");
    check(read_all(WEIR_CODEC_AUTO, weir_buffer_slice(&packed), piece, capacity, &back) == WEIR_OK,
          "what was written cannot be read");
    check(weir_slice_equals(weir_buffer_slice(&back), plain), "what was written is not read");
    weir_buffer_deinit(&packed);
    weir_buffer_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum weir_codec codecs[] = {WEIR_CODEC_AUTO, WEIR_CODEC_GZIP, WEIR_CODEC_ZSTD,
                                             WEIR_CODEC_PLAIN};
    if (size < 3)
        return 0;
    enum weir_codec codec = codecs[data[0] & 3];
    struct weir_slice bytes = weir_slice_make((const char *)data + 3, size - 3);
    enum weir_codec named;
    if (weir_codec_from_name(bytes, &named))
        check(
            weir_slice_equals_ignoring_case(bytes, weir_slice_from_string(weir_codec_name(named))),
            "a name");
    (void)weir_codec_from_path(bytes);
    if (!weir_codec_is_built_in(codec))
        return 0;
    check_reading(codec, bytes, 1 + data[1], 1 + (size_t)data[2] * 5);
    if (codec == WEIR_CODEC_GZIP || codec == WEIR_CODEC_ZSTD)
        check_writing(codec, bytes, 1 + data[1], 1 + (size_t)data[2] * 5);
    return 0;
}
