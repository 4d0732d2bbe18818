/* Files as a sink. A regular file whose inputs end is written under a temporary name beside its
 * place and renamed when the job has ended well: its reader sees the old file or the whole new one.
 * Pipes, devices and outputs of endless jobs are written in place. */
#include "codec/codec.h"
#include "connect/file/file_options.h"
#include "sys/sys.h"

struct file_sink {
    const struct weir_sys *sys;
    struct weir_arena arena;
    struct weir_file_options options;
    char *path;
    char *temporary; /* NULL: written in place */
    struct weir_file *file;
    struct weir_codec_writer *codec;
    struct weir_buffer compressed;
};

static enum weir_codec choose_codec(const struct weir_file_options *options)
{
    switch ((enum weir_file_compression)options->compression) {
    case WEIR_FILE_COMPRESSION_GZIP:
        return WEIR_CODEC_GZIP;
    case WEIR_FILE_COMPRESSION_ZSTD:
        return WEIR_CODEC_ZSTD;
    case WEIR_FILE_COMPRESSION_NONE:
        return WEIR_CODEC_PLAIN;
    default:
        return weir_codec_from_path(options->path);
    }
}

static enum weir_status open_output(struct file_sink *sink, bool inputs_bounded,
                                    struct weir_error *error)
{
    struct weir_file_info info = {.is_regular = true};
    if (strcmp(sink->path, "-") == 0) {
        sink->file = sink->sys->standard_stream(sink->sys, 1);
        return WEIR_OK;
    }
    bool exists = sink->sys->path_info(sink->sys, sink->path, &info, NULL) == WEIR_OK;
    if (exists && info.is_directory)
        return weir_error_set(error, WEIR_E_FILE_ACCESS, "\"%s\" is a directory", sink->path);
    if (exists && info.is_regular && sink->options.if_exists == WEIR_FILE_ERROR)
        return weir_error_set(error, WEIR_E_FILE_EXISTS, "\"%s\" exists already", sink->path);
    enum weir_open_mode mode =
        sink->options.if_exists == WEIR_FILE_APPEND ? WEIR_OPEN_APPEND : WEIR_OPEN_WRITE;
    if (mode == WEIR_OPEN_WRITE && inputs_bounded && info.is_regular) {
        sink->temporary = weir_arena_printf(&sink->arena, "%s.weir-tmp", sink->path);
        if (!sink->temporary)
            return weir_error_set_out_of_memory(error);
        return sink->sys->file_open(sink->sys, sink->temporary, mode, &sink->file, error);
    }
    return sink->sys->file_open(sink->sys, sink->path, mode, &sink->file, error);
}

static enum weir_status sink_open(const struct weir_connector_table *table,
                                  const struct weir_connector_env *env, void **out,
                                  struct weir_error *error)
{
    struct file_sink *sink = weir_calloc(1, sizeof *sink);
    if (!sink)
        return weir_error_set_out_of_memory(error);
    *out = sink;
    sink->sys = env->sys;
    weir_arena_init(&sink->arena, env->budget, 1024);
    weir_buffer_init(&sink->compressed, env->budget);
    WEIR_TRY(weir_options_parse(weir_file_specs, weir_file_specs_count, table->options,
                                table->options_count, WEIR_OPTION_SINK, "connector \"file\"",
                                &sink->options, error));
    sink->path = weir_arena_copy(&sink->arena, sink->options.path);
    if (!sink->path)
        return weir_budget_error(env->budget, error);
    enum weir_codec codec = choose_codec(&sink->options);
    if (codec != WEIR_CODEC_PLAIN)
        WEIR_TRY(weir_codec_writer_create(codec, 0, &sink->codec, error));
    return open_output(sink, table->inputs_bounded, error);
}

static enum weir_status write_compressed(struct file_sink *sink, struct weir_error *error)
{
    if (sink->compressed.size == 0)
        return WEIR_OK;
    enum weir_status status =
        weir_file_write(sink->file, sink->compressed.data, sink->compressed.size, error);
    weir_buffer_clear(&sink->compressed);
    return status;
}

static enum weir_flow sink_write(void *opaque, struct weir_slice bytes, uint64_t rows,
                                 struct weir_error *error)
{
    struct file_sink *sink = opaque;
    enum weir_status status;
    (void)rows;
    if (sink->codec) {
        status = weir_codec_write(sink->codec, bytes, &sink->compressed, error);
        if (status == WEIR_OK)
            status = write_compressed(sink, error);
    } else {
        status = weir_file_write(sink->file, bytes.data, bytes.size, error);
    }
    return status == WEIR_OK ? WEIR_FLOW_OK : WEIR_FLOW_FAILED;
}

static enum weir_status sink_flush(void *opaque, struct weir_error *error)
{
    (void)opaque, (void)error; /* every write reaches the file at once */
    return WEIR_OK;
}

static enum weir_status publish(struct file_sink *sink, struct weir_error *error)
{
    WEIR_TRY(weir_file_sync(sink->file, error));
    struct weir_file *file = sink->file;
    sink->file = NULL;
    WEIR_TRY(weir_file_close(file, error));
    WEIR_TRY(sink->sys->path_rename(sink->sys, sink->temporary, sink->path, error));
    sink->temporary = NULL;
    return WEIR_OK;
}

static enum weir_status sink_finish(void *opaque, bool success, struct weir_error *error)
{
    struct file_sink *sink = opaque;
    if (!success || !sink->file)
        return WEIR_OK; /* close removes what is unfinished */
    if (sink->codec) {
        WEIR_TRY(weir_codec_finish(sink->codec, &sink->compressed, error));
        WEIR_TRY(write_compressed(sink, error));
    }
    if (sink->temporary)
        return publish(sink, error);
    if (strcmp(sink->path, "-") == 0)
        return WEIR_OK;
    struct weir_file *file = sink->file;
    sink->file = NULL;
    return weir_file_close(file, error);
}

static void sink_close(void *opaque)
{
    struct file_sink *sink = opaque;
    (void)weir_file_close(sink->file, NULL);
    if (sink->temporary)
        (void)sink->sys->path_unlink(sink->sys, sink->temporary, NULL);
    weir_codec_writer_destroy(sink->codec);
    weir_buffer_deinit(&sink->compressed);
    weir_arena_deinit(&sink->arena);
    weir_free(sink);
}

const struct weir_sink_type weir_file_sink = {
    .takes = WEIR_SINK_BYTES,
    .guarantee = WEIR_IDEMPOTENT,
    .open = sink_open,
    .write_bytes = sink_write,
    .flush = sink_flush,
    .finish = sink_finish,
    .close = sink_close,
};
