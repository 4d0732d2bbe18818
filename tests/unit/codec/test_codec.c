/* Codecs against files made by other programs (fixtures.h), in pieces of all sizes, cut off and
 * damaged at every byte; round trips; every allocation failing in turn. */
#include "codec/codec.h"

#include "base/memory.h"
#include "codec/engine_internal.h"
#include "fixtures.h"
#include "test.h"

#include <stdlib.h>

static struct weir_error error;

/* The text of make_fixtures.py. */
static struct weir_buffer make_text(void)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    for (int i = 0; i < 400; i++)
        weir_buffer_printf(&text, "{\"id\":%d,\"name\":\"customer-%d\",\"amount\":%d.%02d}\n", i,
                           i * 7919 % 1000, i * 31 % 977, i % 100);
    return text;
}

/* The decoders of this build that read a codec. */
static size_t decoders_of(enum weir_codec codec, const struct decoder_engine *decoders[2])
{
    size_t count = 0;
    (void)codec; /* without any library there is nothing to choose from */
    (void)decoders;
#ifdef WEIR_HAVE_ISAL
    if (codec == WEIR_CODEC_GZIP)
        decoders[count++] = &codec_isal_decoder;
#endif
#ifdef WEIR_HAVE_ZLIB
    if (codec == WEIR_CODEC_GZIP)
        decoders[count++] = &codec_zlib_decoder;
#endif
#ifdef WEIR_HAVE_ZSTD
    if (codec == WEIR_CODEC_ZSTD)
        decoders[count++] = &codec_zstd_decoder;
#endif
    return count;
}

/* Reads a whole stream in pieces. Every piece lies in memory of its own that is overwritten
 * before the next, as a source's buffer is. */
static enum weir_status read_in_pieces(struct weir_codec_reader *reader, struct weir_slice stream,
                                       size_t piece_size, size_t capacity,
                                       struct weir_buffer *plain)
{
    char *piece = malloc(piece_size);
    char *output = malloc(capacity);
    struct weir_slice input = {piece, 0};
    enum weir_status status = WEIR_OK;
    size_t size = 1;
    while (status == WEIR_OK && (size || stream.size || input.size)) {
        if (input.size == 0 && stream.size) {
            size_t taken = stream.size < piece_size ? stream.size : piece_size;
            memset(piece, 0xEE, piece_size);
            memcpy(piece, stream.data, taken);
            input = weir_slice_make(piece, taken);
            stream.data += taken;
            stream.size -= taken;
        }
        status = weir_codec_read(reader, &input, stream.size == 0, output, capacity, &size, &error);
        weir_buffer_append(plain, output, size);
    }
    free(piece);
    free(output);
    return status;
}

static enum weir_status decode_with(const struct decoder_engine *decoder, enum weir_codec codec,
                                    struct weir_slice stream, size_t piece_size, size_t capacity,
                                    struct weir_buffer *plain)
{
    struct weir_codec_reader *reader;
    weir_buffer_clear(plain);
    enum weir_status status = codec_reader_create_with(codec, decoder, &reader, &error);
    if (status != WEIR_OK)
        return status;
    status = read_in_pieces(reader, stream, piece_size, capacity, plain);
    if (status == WEIR_OK)
        EXPECT(weir_codec_reader_offset(reader) == stream.size);
    weir_codec_reader_destroy(reader);
    return status;
}

static bool same(const struct weir_buffer *a, const struct weir_buffer *b)
{
    return weir_slice_equals(weir_buffer_slice(a), weir_buffer_slice(b));
}

static struct weir_slice stream_of(const struct fixture *fixture)
{
    return weir_slice_make((const char *)fixture->bytes, fixture->size);
}

static void pieces_of_any_size(void)
{
    static const size_t pieces[] = {1, 2, 3, 5, 7, 8, 9, 17, 100, 1000, 100000};
    static const size_t capacities[] = {1, 3, 250, 4096, 1 << 20};
    struct weir_buffer text = make_text(), plain;
    weir_buffer_init(&plain, NULL);
    for (size_t f = 0; f < WEIR_COUNT_OF(fixtures); f++) {
        const struct decoder_engine *decoders[2];
        size_t count = decoders_of(fixtures[f].codec, decoders);
        for (size_t d = 0; d < count; d++) {
            for (size_t p = 0; p < WEIR_COUNT_OF(pieces); p++) {
                for (size_t c = 0; c < WEIR_COUNT_OF(capacities); c++) {
                    EXPECT_INT(decode_with(decoders[d], WEIR_CODEC_AUTO, stream_of(&fixtures[f]),
                                           pieces[p], capacities[c], &plain),
                               WEIR_OK);
                    if (!EXPECT(same(&plain, &text)))
                        fprintf(stderr, "  %s, decoder %zu, piece %zu, capacity %zu\n",
                                fixtures[f].name, d, pieces[p], capacities[c]);
                }
            }
        }
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&plain);
}

static bool is_prefix(const struct weir_buffer *plain, const struct weir_buffer *text)
{
    return plain->size <= text->size &&
           (plain->size == 0 || memcmp(plain->data, text->data, plain->size) == 0);
}

/* A stream that stops between two frames is whole; one that stops anywhere else is not. */
static void cut_off_at_every_byte(void)
{
    struct weir_buffer text = make_text(), plain;
    weir_buffer_init(&plain, NULL);
    for (size_t f = 0; f < WEIR_COUNT_OF(fixtures); f++) {
        const struct decoder_engine *decoders[2];
        size_t count = decoders_of(fixtures[f].codec, decoders);
        for (size_t d = 0; d < count; d++) {
            size_t whole_count = 0;
            for (size_t size = 0; size < fixtures[f].size; size++) {
                struct weir_slice stream = {(const char *)fixtures[f].bytes, size};
                enum weir_status status = decode_with(decoders[d], fixtures[f].codec, stream,
                                                      size % 97 + 1, 1000, &plain);
                whole_count += status == WEIR_OK;
                EXPECT(is_prefix(&plain, &text));
                if (status == WEIR_OK)
                    continue;
                EXPECT_INT(status, WEIR_E_BAD_COMPRESSION);
                EXPECT_INT(error.offset, size);
                EXPECT(strstr(error.message, "cut off after byte"));
            }
            /* Frame ends inside the file, and the empty file. */
            static const size_t wholes[] = {1, 1, 6, 2, 1, 5};
            EXPECT_INT(whole_count, wholes[f]);
        }
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&plain);
}

/* Whatever bit flips, no wrong byte passes for a right one at the end of a stream. */
static void damaged_at_every_byte(void)
{
    struct weir_buffer text = make_text(), plain;
    weir_buffer_init(&plain, NULL);
    for (size_t f = 0; f < WEIR_COUNT_OF(fixtures); f++) {
        const struct decoder_engine *decoders[2];
        size_t count = decoders_of(fixtures[f].codec, decoders);
        char *bytes = malloc(fixtures[f].size);
        memcpy(bytes, fixtures[f].bytes, fixtures[f].size);
        for (size_t d = 0; d < count; d++) {
            for (size_t i = 0; i < fixtures[f].size; i++) {
                char before = bytes[i];
                bytes[i] ^= (char)(1 << (i % 8));
                enum weir_status status =
                    decode_with(decoders[d], fixtures[f].codec,
                                weir_slice_make(bytes, fixtures[f].size), 4096, 65536, &plain);
                bytes[i] = before;
                EXPECT(status == WEIR_OK ? same(&plain, &text) : status == WEIR_E_BAD_COMPRESSION);
            }
        }
        free(bytes);
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&plain);
}

/* Random bytes behind a true magic number: errors, never more. */
static void noise_is_refused(void)
{
    struct weir_buffer plain;
    weir_buffer_init(&plain, NULL);
    uint32_t state = 7;
    for (int round = 0; round < 600; round++) {
        size_t f = (size_t)round % WEIR_COUNT_OF(fixtures);
        char bytes[300];
        memcpy(bytes, fixtures[f].bytes, sizeof bytes);
        for (size_t i = 10 + (size_t)round % 60; i < sizeof bytes; i++) {
            state = state * 1664525u + 1013904223u;
            bytes[i] = (char)(state >> 24);
        }
        const struct decoder_engine *decoders[2];
        size_t count = decoders_of(fixtures[f].codec, decoders);
        for (size_t d = 0; d < count; d++)
            EXPECT_INT(decode_with(decoders[d], fixtures[f].codec,
                                   weir_slice_make(bytes, sizeof bytes), 64, 512, &plain),
                       WEIR_E_BAD_COMPRESSION);
    }
    weir_buffer_deinit(&plain);
}

static void what_follows_a_member(void)
{
    struct weir_buffer text = make_text(), plain, stream;
    weir_buffer_init(&plain, NULL);
    weir_buffer_init(&stream, NULL);
    const struct decoder_engine *decoders[2];
    size_t count = decoders_of(WEIR_CODEC_GZIP, decoders);
    for (size_t d = 0; d < count; d++) {
        for (size_t piece = 1; piece < 40; piece += 3) {
            weir_buffer_clear(&stream);
            weir_buffer_append_slice(&stream, stream_of(&fixtures[0]));
            for (int i = 0; i < 20; i++)
                weir_buffer_append_char(&stream, '\0');
            EXPECT_INT(decode_with(decoders[d], WEIR_CODEC_GZIP, weir_buffer_slice(&stream), piece,
                                   100, &plain),
                       WEIR_OK);
            EXPECT(same(&plain, &text));
            weir_buffer_append_char(&stream, 'x');
            EXPECT_INT(decode_with(decoders[d], WEIR_CODEC_GZIP, weir_buffer_slice(&stream), piece,
                                   100, &plain),
                       WEIR_E_BAD_COMPRESSION);
            EXPECT_INT(error.offset, fixtures[0].size + 20);
            EXPECT(strstr(error.message, "something else follows its end"));
        }
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&plain);
    weir_buffer_deinit(&stream);
}

static void plain_streams_pass(void)
{
    static const char *const texts[] = {"",     "a",    "ab",           "abc",
                                        "abcd", "\x1F", "\x28\xB5\x2F", "{\"a\":1}\n{\"a\":2}\n"};
    struct weir_buffer plain;
    weir_buffer_init(&plain, NULL);
    for (size_t i = 0; i < WEIR_COUNT_OF(texts); i++) {
        for (size_t piece = 1; piece < 6; piece++) {
            for (size_t capacity = 1; capacity < 20; capacity += 6) {
                EXPECT_INT(decode_with(NULL, WEIR_CODEC_AUTO, weir_slice_from_string(texts[i]),
                                       piece, capacity, &plain),
                           WEIR_OK);
                EXPECT(weir_slice_equals_string(weir_buffer_slice(&plain), texts[i]));
            }
        }
    }
    weir_buffer_deinit(&plain);
}

static void one_reader_serves_many_streams(void)
{
    struct weir_buffer text = make_text(), plain;
    weir_buffer_init(&plain, NULL);
    struct weir_codec_reader *reader;
    EXPECT_INT(weir_codec_reader_create(WEIR_CODEC_AUTO, &reader, &error), WEIR_OK);
    for (int round = 0; round < 3; round++) {
        for (size_t f = 0; f < WEIR_COUNT_OF(fixtures); f++) {
            if (!weir_codec_is_built_in(fixtures[f].codec))
                continue;
            weir_codec_reader_reset(reader, round == 1 ? fixtures[f].codec : WEIR_CODEC_AUTO);
            weir_buffer_clear(&plain);
            struct weir_slice half = {(const char *)fixtures[f].bytes, fixtures[f].size / 2};
            if (f % 2) /* left in the middle */
                EXPECT_INT(read_in_pieces(reader, half, 100, 100, &plain), WEIR_E_BAD_COMPRESSION);
            weir_codec_reader_reset(reader, WEIR_CODEC_AUTO);
            weir_buffer_clear(&plain);
            EXPECT_INT(read_in_pieces(reader, stream_of(&fixtures[f]), 100, 1000, &plain), WEIR_OK);
            EXPECT(same(&plain, &text));
            EXPECT_INT(weir_codec_reader_codec(reader), fixtures[f].codec);
        }
    }
    weir_codec_reader_destroy(reader);
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&plain);
}

static void fill(struct weir_buffer *buffer, size_t size, unsigned kinds)
{
    uint32_t state = (uint32_t)size + kinds;
    weir_buffer_clear(buffer);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        weir_buffer_append_char(buffer, (char)((state >> 24) % kinds));
    }
}

static void round_trip(enum weir_codec codec, int level, size_t size, unsigned kinds)
{
    struct weir_buffer text, stream, plain;
    weir_buffer_init(&text, NULL);
    weir_buffer_init(&stream, NULL);
    weir_buffer_init(&plain, NULL);
    fill(&text, size, kinds);
    struct weir_codec_writer *writer;
    EXPECT_INT(weir_codec_writer_create(codec, level, &writer, &error), WEIR_OK);
    size_t done = 0, step = size / 5 + 1;
    for (int i = 0; done < size; i++) {
        size_t taken = size - done < step ? size - done : step;
        EXPECT_INT(
            weir_codec_write(writer, weir_slice_make(text.data + done, taken), &stream, &error),
            WEIR_OK);
        done += taken;
        if (i == 2)
            EXPECT_INT(weir_codec_finish(writer, &stream, &error), WEIR_OK);
    }
    EXPECT_INT(weir_codec_finish(writer, &stream, &error), WEIR_OK);
    size_t finished = stream.size;
    EXPECT_INT(weir_codec_finish(writer, &stream, &error), WEIR_OK);
    EXPECT_INT(stream.size, finished);
    weir_codec_writer_destroy(writer);
    EXPECT(codec == WEIR_CODEC_PLAIN || weir_codec_detect(weir_buffer_slice(&stream)) == codec);
    const struct decoder_engine *decoders[2] = {NULL};
    size_t count = decoders_of(codec, decoders);
    for (size_t d = 0; d < (count ? count : 1); d++) {
        EXPECT_INT(decode_with(decoders[d], codec, weir_buffer_slice(&stream), 5000, 70000, &plain),
                   WEIR_OK);
        EXPECT(same(&plain, &text));
    }
    weir_buffer_deinit(&text);
    weir_buffer_deinit(&stream);
    weir_buffer_deinit(&plain);
}

static void what_is_written_reads_back(void)
{
    static const enum weir_codec codecs[] = {WEIR_CODEC_PLAIN, WEIR_CODEC_GZIP, WEIR_CODEC_ZSTD};
    static const size_t sizes[] = {0, 1, 100, 65536, 300000};
    for (size_t c = 0; c < 3; c++) {
        if (!weir_codec_is_built_in(codecs[c]))
            continue;
        for (int level = 0; level < 10; level++) {
            for (size_t s = 0; s < WEIR_COUNT_OF(sizes); s++)
                round_trip(codecs[c], level, sizes[s], level % 2 ? 256 : 3);
        }
    }
}

/* Each allocation of a whole round trip fails in turn, until none is left to fail. */
static void lack_of_memory_is_told(void)
{
    static const enum weir_codec codecs[] = {WEIR_CODEC_GZIP, WEIR_CODEC_ZSTD};
    for (size_t c = 0; c < 2; c++) {
        if (!weir_codec_is_built_in(codecs[c]))
            continue;
        bool whole = false;
        for (uint64_t n = 1; !whole && n < 1000; n++) {
            struct weir_codec_writer *writer = NULL;
            struct weir_codec_reader *reader = NULL;
            struct weir_buffer stream;
            weir_buffer_init(&stream, NULL);
            char output[4096];
            size_t size = 1;
            (void)weir_memory_fail_at(n);
            enum weir_status status = weir_codec_writer_create(codecs[c], 1, &writer, &error);
            if (status == WEIR_OK)
                status = weir_codec_write(writer, weir_slice_from_string("hello, hello"), &stream,
                                          &error);
            if (status == WEIR_OK)
                status = weir_codec_finish(writer, &stream, &error);
            if (status == WEIR_OK)
                status = weir_codec_reader_create(WEIR_CODEC_AUTO, &reader, &error);
            struct weir_slice input = weir_buffer_slice(&stream);
            while (status == WEIR_OK && size)
                status =
                    weir_codec_read(reader, &input, true, output, sizeof output, &size, &error);
            whole = weir_memory_fail_at(0) < n;
            EXPECT_INT(status, whole ? WEIR_OK : WEIR_E_OUT_OF_MEMORY);
            weir_codec_writer_destroy(writer);
            weir_codec_reader_destroy(reader);
            weir_buffer_deinit(&stream);
        }
        EXPECT(whole);
    }
}

static void names_and_endings(void)
{
    enum weir_codec codec;
    EXPECT(weir_codec_from_name(weir_slice_from_string("GZip"), &codec));
    EXPECT_INT(codec, WEIR_CODEC_GZIP);
    EXPECT(!weir_codec_from_name(weir_slice_from_string("rar"), &codec));
    EXPECT_STRING(weir_codec_name(WEIR_CODEC_PLAIN), "none");
    EXPECT_INT(weir_codec_from_path(weir_slice_from_string("a/b.json.GZ")), WEIR_CODEC_GZIP);
    EXPECT_INT(weir_codec_from_path(weir_slice_from_string("b.zst")), WEIR_CODEC_ZSTD);
    EXPECT_INT(weir_codec_from_path(weir_slice_from_string("gz")), WEIR_CODEC_PLAIN);
    EXPECT_INT(weir_codec_from_path(weir_slice_from_string("x.json")), WEIR_CODEC_PLAIN);
    EXPECT_INT(weir_codec_detect(weir_slice_make(NULL, 0)), WEIR_CODEC_PLAIN);
    EXPECT_INT(weir_codec_detect(weir_slice_from_string("\x53\x2A\x4D\x18")), WEIR_CODEC_ZSTD);
    EXPECT_INT(weir_codec_detect(weir_slice_from_string("\x63\x2A\x4D\x18")), WEIR_CODEC_PLAIN);
    EXPECT(weir_codec_is_built_in(WEIR_CODEC_PLAIN));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(pieces_of_any_size),
        TEST_CASE(cut_off_at_every_byte),
        TEST_CASE(damaged_at_every_byte),
        TEST_CASE(noise_is_refused),
        TEST_CASE(what_follows_a_member),
        TEST_CASE(plain_streams_pass),
        TEST_CASE(one_reader_serves_many_streams),
        TEST_CASE(what_is_written_reads_back),
        TEST_CASE(lack_of_memory_is_told),
        TEST_CASE(names_and_endings),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
