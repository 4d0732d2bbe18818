/* Input files; see reader.h. */
#include "connect/file/reader.h"

#include "obs/log.h"

void weir_file_reader_init(struct weir_file_reader *reader, const struct weir_sys *sys,
                           const char *path, const struct weir_file_options *options)
{
    *reader = (struct weir_file_reader){
        .sys = sys,
        .path = path,
        .compression = (enum weir_file_compression)options->compression,
        .follow = options->follow && strcmp(path, "-") != 0,
    };
}

static enum weir_status open_file(struct weir_file_reader *reader, struct weir_error *error)
{
    if (strcmp(reader->path, "-") == 0) {
        reader->file = reader->sys->standard_stream(reader->sys, 0);
        return WEIR_OK;
    }
    WEIR_TRY(
        reader->sys->file_open(reader->sys, reader->path, WEIR_OPEN_READ, &reader->file, error));
    return reader->sys->file_info(reader->file, &reader->info, error);
}

static enum weir_status start_codec(struct weir_file_reader *reader, enum weir_codec codec,
                                    struct weir_error *error)
{
    reader->sniffed = true;
    if (codec == WEIR_CODEC_PLAIN)
        return WEIR_OK;
    return weir_codec_reader_create(codec, &reader->codec, error);
}

static enum weir_status read_raw(struct weir_file_reader *reader, char *bytes, size_t capacity,
                                 size_t *size, struct weir_error *error)
{
    WEIR_TRY(weir_file_read(reader->file, bytes, capacity, size, error));
    reader->raw_offset += *size;
    return WEIR_OK;
}

/* Reads the first bytes to tell the compression by. Plain bytes read here are handed out from
 * `input`. */
static enum weir_status sniff(struct weir_file_reader *reader, struct weir_error *error)
{
    static const enum weir_codec codecs[] = {
        [WEIR_FILE_COMPRESSION_AUTO] = WEIR_CODEC_AUTO,
        [WEIR_FILE_COMPRESSION_NONE] = WEIR_CODEC_PLAIN,
        [WEIR_FILE_COMPRESSION_GZIP] = WEIR_CODEC_GZIP,
        [WEIR_FILE_COMPRESSION_ZSTD] = WEIR_CODEC_ZSTD,
    };
    enum weir_codec codec = codecs[reader->compression];
    if (!reader->compressed && !(reader->compressed = weir_malloc(WEIR_FILE_COMPRESSED_SIZE)))
        return weir_error_set_out_of_memory(error);
    size_t have = 0, size = 1;
    while (have < 4 && size > 0) {
        WEIR_TRY(read_raw(reader, reader->compressed + have, WEIR_FILE_COMPRESSED_SIZE - have,
                          &size, error));
        have += size;
    }
    reader->input = weir_slice_make(reader->compressed, have);
    reader->input_ends = size == 0;
    if (have == 0 && reader->follow)
        return WEIR_OK; /* nothing to tell by yet */
    if (codec == WEIR_CODEC_AUTO)
        codec = weir_codec_detect(reader->input);
    return start_codec(reader, codec, error);
}

static enum weir_status read_plain(struct weir_file_reader *reader, char *output, size_t capacity,
                                   size_t *size, struct weir_error *error)
{
    if (reader->input.size) {
        *size = reader->input.size < capacity ? reader->input.size : capacity;
        memcpy(output, reader->input.data, *size);
        reader->input.data += *size;
        reader->input.size -= *size;
        return WEIR_OK;
    }
    return read_raw(reader, output, capacity, size, error);
}

static enum weir_status was_cut(const struct weir_file_reader *reader, uint64_t size,
                                struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_FILE_CHANGED, "\"%s\" was cut while it was read",
                         reader->path);
    weir_error_detail(error, "it had %llu bytes, and ended after %llu",
                      (unsigned long long)reader->info.size, (unsigned long long)size);
    return WEIR_E_FILE_CHANGED;
}

/* A regular file that ends before the size it had at the start was cut under our hands. */
static enum weir_status check_complete(struct weir_file_reader *reader, struct weir_error *error)
{
    reader->ended = true;
    if (!reader->info.is_regular || reader->raw_offset >= reader->info.size)
        return WEIR_OK;
    return was_cut(reader, reader->raw_offset, error);
}

static enum weir_status decode(struct weir_file_reader *reader, struct weir_slice *input,
                               char *output, size_t capacity, size_t *size,
                               struct weir_error *error)
{
    enum weir_status status =
        weir_codec_read(reader->codec, input, reader->input_ends, output, capacity, size, error);
    if (status != WEIR_OK)
        weir_error_frame(error, "reading \"%s\"", reader->path);
    return status;
}

enum weir_status weir_file_reader_view(struct weir_file_reader *reader, size_t size_max,
                                       struct weir_slice *view, struct weir_error *error)
{
    *view = weir_slice_make(NULL, 0);
    if (!reader->sniffed || reader->codec || reader->input.size || reader->follow || reader->ended)
        return WEIR_OK;
    return weir_file_view(reader->file, size_max, view, error);
}

enum weir_status weir_file_reader_take(struct weir_file_reader *reader, size_t size,
                                       struct weir_error *error)
{
    struct weir_file_info now;
    if (weir_file_take(reader->file, size)) {
        reader->raw_offset += size;
        return WEIR_OK;
    }
    weir_error_clear(error);
    WEIR_TRY(reader->sys->file_info(reader->file, &now, error));
    return was_cut(reader, now.size, error);
}

/* Decodes what comes next where it lies in memory. *taken and *size 0: it does not lie there. */
static enum weir_status decode_in_place(struct weir_file_reader *reader, char *output,
                                        size_t capacity, size_t *size, size_t *taken,
                                        struct weir_error *error)
{
    struct weir_slice view, rest;
    *taken = 0;
    if (reader->follow || !weir_codec_reader_reads_once(reader->codec))
        return WEIR_OK;
    WEIR_TRY(weir_file_view(reader->file, WEIR_FILE_VIEW_SIZE, &view, error));
    if (view.size == 0)
        return WEIR_OK;
    rest = view;
    enum weir_status status = decode(reader, &rest, output, capacity, size, error);
    *taken = view.size - rest.size;
    WEIR_TRY(weir_file_reader_take(reader, *taken, error));
    return status;
}

static enum weir_status fill_input(struct weir_file_reader *reader, struct weir_error *error)
{
    size_t size;
    WEIR_TRY(read_raw(reader, reader->compressed, WEIR_FILE_COMPRESSED_SIZE, &size, error));
    reader->input = weir_slice_make(reader->compressed, size);
    reader->input_ends = size == 0 && !reader->follow;
    return WEIR_OK;
}

static enum weir_status read_compressed(struct weir_file_reader *reader, char *output,
                                        size_t capacity, size_t *size, struct weir_error *error)
{
    *size = 0;
    while (*size == 0) {
        size_t taken = 0;
        bool empty = reader->input.size == 0 && !reader->input_ends;
        if (empty)
            WEIR_TRY(decode_in_place(reader, output, capacity, size, &taken, error));
        if (taken || *size)
            continue;
        if (empty)
            WEIR_TRY(fill_input(reader, error));
        if (reader->input.size == 0 && reader->follow)
            return WEIR_OK;
        WEIR_TRY(decode(reader, &reader->input, output, capacity, size, error));
        if (reader->input_ends)
            return WEIR_OK;
    }
    return WEIR_OK;
}

/* Opens the file if it is there; when following, one that is not is waited for. */
static enum weir_status open_or_wait(struct weir_file_reader *reader, struct weir_error *error)
{
    enum weir_status status = open_file(reader, error);
    if (status != WEIR_E_FILE_NOT_FOUND || !reader->follow) {
        if (status == WEIR_OK && reader->waits)
            weir_log(WEIR_LOG_WARNING, "file has appeared", weir_log_string("path", reader->path));
        reader->waits = false;
        return status;
    }
    weir_error_clear(error);
    if (!reader->waits)
        weir_log(WEIR_LOG_WARNING, "waiting for a file", weir_log_string("path", reader->path));
    reader->waits = true;
    return WEIR_OK;
}

enum weir_status weir_file_reader_read(struct weir_file_reader *reader, char *output,
                                       size_t capacity, size_t *size, struct weir_error *error)
{
    *size = 0;
    if (reader->ended)
        return WEIR_OK;
    if (!reader->file)
        WEIR_TRY(open_or_wait(reader, error));
    if (!reader->file)
        return WEIR_OK;
    if (!reader->sniffed)
        WEIR_TRY(sniff(reader, error));
    if (!reader->sniffed)
        return WEIR_OK;
    if (reader->codec)
        WEIR_TRY(read_compressed(reader, output, capacity, size, error));
    else
        WEIR_TRY(read_plain(reader, output, capacity, size, error));
    if (*size == 0 && !reader->follow)
        return check_complete(reader, error);
    return WEIR_OK;
}

static void reader_restart(struct weir_file_reader *reader)
{
    (void)weir_file_close(reader->file, NULL);
    weir_codec_reader_destroy(reader->codec);
    reader->file = NULL;
    reader->codec = NULL;
    reader->input = (struct weir_slice){NULL, 0};
    reader->input_ends = reader->sniffed = reader->ended = false;
    reader->raw_offset = 0;
}

bool weir_file_reader_rotated(struct weir_file_reader *reader)
{
    struct weir_file_info now;
    if (!reader->follow || !reader->file ||
        reader->sys->path_info(reader->sys, reader->path, &now, NULL) != WEIR_OK)
        return false; /* gone for the moment: wait for its successor */
    bool same = now.inode == reader->info.inode && now.device == reader->info.device;
    if (same && now.size >= reader->raw_offset)
        return false;
    weir_log(WEIR_LOG_INFO, same ? "file was cut" : "file was replaced",
             weir_log_string("path", reader->path));
    reader_restart(reader);
    return true;
}

void weir_file_reader_deinit(struct weir_file_reader *reader)
{
    (void)weir_file_close(reader->file, NULL);
    weir_codec_reader_destroy(reader->codec);
    weir_free(reader->compressed);
    reader->file = NULL;
    reader->codec = NULL;
    reader->compressed = NULL;
}
