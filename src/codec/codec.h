/* Compressed streams: gzip and zstd, read and written in pieces of any size.
 *
 * Reading is pull-driven over slices that the caller refills, and decodes straight into the
 * caller's memory:
 *
 *     for (;;) {
 *         if (input.size == 0 && !ends)
 *             … read the next piece into input, or note that it ends …
 *         WEIR_TRY(weir_codec_read(reader, &input, ends, output, capacity, &size, error));
 *         if (size == 0 && ends)
 *             break;                      every byte has been delivered and was sound
 *         … use output[0 .. size) …
 *     }
 *
 * A gzip file may have several members, a zstd file several frames (and skippable ones): they are
 * one stream. Checksums are verified. Outputs of 256 KiB and more are decoded nearly without
 * copies.
 *
 * Formats: RFC 1952 (gzip), RFC 1951 (deflate), RFC 8878 (zstd). Which libraries are built in is
 * decided when weir is configured; a missing one is told with NOT_EXECUTABLE. */
#ifndef WEIR_CODEC_CODEC_H
#define WEIR_CODEC_CODEC_H

#include "base/buffer.h"
#include "base/slice.h"
#include "base/status.h"

enum weir_codec {
    WEIR_CODEC_AUTO, /* by the first bytes; for reading only */
    WEIR_CODEC_PLAIN,
    WEIR_CODEC_GZIP,
    WEIR_CODEC_ZSTD
};

/* "auto", "none", "gzip", "zstd". */
const char *weir_codec_name(enum weir_codec codec);
WEIR_CHECKED bool weir_codec_from_name(struct weir_slice name, enum weir_codec *codec);
/* By the ending of a file's name: .gz .gzip .zst .zstd, else PLAIN. */
enum weir_codec weir_codec_from_path(struct weir_slice path);
/* By the magic number at the begin of the data; 4 bytes suffice. PLAIN when there is none. */
enum weir_codec weir_codec_detect(struct weir_slice head);
/* Whether this build can read and write it. */
bool weir_codec_is_built_in(enum weir_codec codec);

struct weir_codec_reader;

/* *reader is owned by the caller. NOT_EXECUTABLE, OUT_OF_MEMORY. */
WEIR_CHECKED enum weir_status weir_codec_reader_create(enum weir_codec codec,
                                                       struct weir_codec_reader **reader,
                                                       struct weir_error *error);
void weir_codec_reader_destroy(struct weir_codec_reader *reader); /* NULL is fine */
/* Begins another stream, keeping the memory where it can. */
void weir_codec_reader_reset(struct weir_codec_reader *reader, enum weir_codec codec);

/* Takes bytes from the front of *input (advancing it) and writes 1 to capacity plain bytes to
 * output. *size 0 means that all input is taken and more is needed, or, with input_ends, that the
 * stream has ended soundly. capacity > 0.
 * BAD_COMPRESSION with the offset in the compressed stream (also in error->offset) when the data
 * is damaged, or cut off; OUT_OF_MEMORY; NOT_EXECUTABLE. After a failure *size bytes of output
 * were decoded before it, and only reset and destroy may follow. */
WEIR_CHECKED enum weir_status weir_codec_read(struct weir_codec_reader *reader,
                                              struct weir_slice *input, bool input_ends,
                                              char *output, size_t capacity, size_t *size,
                                              struct weir_error *error);
/* What it reads; AUTO as long as too few bytes came to tell. */
enum weir_codec weir_codec_reader_codec(const struct weir_codec_reader *reader);
/* Whether input may change while weir_codec_read() looks at it: each byte is read once, and no harm
 * comes of any. Only once the codec is known. */
bool weir_codec_reader_reads_once(const struct weir_codec_reader *reader);
/* Compressed bytes taken so far. */
uint64_t weir_codec_reader_offset(const struct weir_codec_reader *reader);

struct weir_codec_writer;

/* level 0 is the codec's usual one; 1 (fast) to 9 (small) for gzip, to 19 for zstd, are clamped.
 * codec is not AUTO. */
WEIR_CHECKED enum weir_status weir_codec_writer_create(enum weir_codec codec, int level,
                                                       struct weir_codec_writer **writer,
                                                       struct weir_error *error);
void weir_codec_writer_destroy(struct weir_codec_writer *writer); /* NULL is fine */
/* Appends the compressed form of plain to output, as far as it is ready. */
WEIR_CHECKED enum weir_status weir_codec_write(struct weir_codec_writer *writer,
                                               struct weir_slice plain, struct weir_buffer *output,
                                               struct weir_error *error);
/* Ends the frame (gzip member): what was appended up to here can be read back whole. A later
 * write begins another frame of the same stream. Finishing twice adds nothing; finishing a
 * writer that got no byte makes one empty frame. */
WEIR_CHECKED enum weir_status weir_codec_finish(struct weir_codec_writer *writer,
                                                struct weir_buffer *output,
                                                struct weir_error *error);

#endif
