/* One input file as a stream of plain bytes: opens late, decompresses, follows rotation, notices
 * truncation. */
#ifndef WEIR_CONNECT_FILE_READER_H
#define WEIR_CONNECT_FILE_READER_H

#include "codec/codec.h"
#include "connect/file/file_options.h"
#include "sys/sys.h"

enum { WEIR_FILE_COMPRESSED_SIZE = 128 << 10, WEIR_FILE_VIEW_SIZE = 512 << 10 };

struct weir_file_reader {
    const struct weir_sys *sys;
    const char *path; /* "-": standard input */
    enum weir_file_compression compression;
    bool follow;
    struct weir_file *file;          /* NULL: not open (yet, or any more) */
    struct weir_file_info info;      /* at opening */
    struct weir_codec_reader *codec; /* NULL: plain */
    char *compressed;                /* WEIR_FILE_COMPRESSED_SIZE */
    struct weir_slice input;         /* compressed bytes not taken yet */
    bool input_ends;
    uint64_t raw_offset; /* bytes read from the file */
    bool sniffed;        /* the compression is known */
    bool waits;          /* for a file that is not there (yet, or any more); it was told */
    bool ended;
};

void weir_file_reader_init(struct weir_file_reader *reader, const struct weir_sys *sys,
                           const char *path, const struct weir_file_options *options);
/* Reads 1 to capacity plain bytes into output. *size 0: the end, or, when following, nothing now;
 * a file that is not there is waited for then, and the log says so.
 * FILE_CHANGED when a regular file shrank while it was read (unless following: then it is read
 * anew from its start). */
WEIR_CHECKED enum weir_status weir_file_reader_read(struct weir_file_reader *reader, char *output,
                                                    size_t capacity, size_t *size,
                                                    struct weir_error *error);
/* What the next read would copy, up to size_max bytes, where it lies in memory (see file_view in
 * sys/sys.h); empty when it must be read. */
WEIR_CHECKED enum weir_status weir_file_reader_view(struct weir_file_reader *reader,
                                                    size_t size_max, struct weir_slice *view,
                                                    struct weir_error *error);
/* Moves on by size bytes of the view; FILE_CHANGED as above. */
WEIR_CHECKED enum weir_status weir_file_reader_take(struct weir_file_reader *reader, size_t size,
                                                    struct weir_error *error);
/* When following: the path names another file now, or the file was cut: the next read starts over,
 * and what was read before is complete. */
bool weir_file_reader_rotated(struct weir_file_reader *reader);
void weir_file_reader_deinit(struct weir_file_reader *reader);

#endif
