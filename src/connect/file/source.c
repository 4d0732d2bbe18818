/* Files as a source: one split per file, handed out in blocks.
 *
 *     block:  | rest of the last record | bytes just read | 64 bytes of padding |
 *
 * A block is shared memory that batches may hold on to; when nobody does it is used again, so that
 * reading allocates nothing after the first block. What the decoder did not consume is carried to
 * the front of the next block; a block grows only for a record longer than itself. Where a file
 * lies in memory, its bytes are handed out before they are copied: who decodes them does that. */
#include "connect/file/reader.h"

#include "base/checked.h"

enum {
    BLOCK_SIZE_MAX = 256 << 10,
    BLOCK_SIZE_MIN = 64 << 10,
    DOUBLED_MAX = 4 << 20,  /* larger blocks grow by halves */
    BLOCKS_TOTAL = 8 << 20, /* all files of a pattern together, about */
    PADDING = 64,           /* format/format.h: WEIR_FORMAT_PADDING */
    FOLLOW_INTERVAL_NS = 50 * 1000 * 1000,
    SILENT_INTERVAL_NS = 2 * 1000 * 1000,
    SAMPLE_SIZE = 1 << 20
};

struct block {
    struct weir_shared shared; /* first */
    size_t capacity;           /* of bytes, padding not counted */
    struct weir_budget *budget;
    char bytes[];
};

struct file_split {
    struct weir_file_reader reader;
    struct block *block;
    size_t start, end;       /* bytes of the block not consumed yet */
    size_t given;            /* end of what the last poll gave out */
    struct weir_slice fresh; /* what the end of the block is yet to be copied from */
    uint64_t offset;         /* in the plain stream, of start */
    uint64_t record;
    bool input_ended; /* nothing will follow what is in the block */
    bool ended;       /* the end was told */
    bool wants_more;  /* the decoder could do nothing with what is in the block */
};

struct file_source {
    struct weir_arena arena;
    const struct weir_sys *sys;
    struct weir_budget *budget;
    struct weir_file_options options;
    struct weir_names names;
    struct file_split *splits;
    struct weir_split *infos;
    uint32_t count;
    size_t block_size;
    struct block *spare; /* of a file that has ended; NULL: none */
    char *sample;
};

/* ---- blocks ---- */

static void block_destroy(struct weir_shared *shared)
{
    struct block *block = (struct block *)shared;
    weir_budget_release(block->budget, sizeof *block + block->capacity + PADDING);
    weir_free(block);
}

static void block_detach(struct weir_shared *shared)
{
    struct block *block = (struct block *)shared;
    weir_budget_release(block->budget, sizeof *block + block->capacity + PADDING);
    block->budget = NULL;
}

static struct block *block_create(size_t capacity, struct weir_budget *budget)
{
    size_t size = sizeof(struct block) + capacity + PADDING;
    if (!weir_budget_charge(budget, size))
        return NULL;
    struct block *block = weir_malloc(size);
    if (!block) {
        weir_budget_release(budget, size);
        return NULL;
    }
    block->shared =
        (struct weir_shared){.refs = 1, .destroy = block_destroy, .detach = block_detach};
    block->capacity = capacity;
    block->budget = budget;
    return block;
}

/* One that holds nothing, of which the caller has the only reference. NULL: memory has run out. */
static struct block *block_take(struct file_source *source, size_t capacity)
{
    struct block *spare = source->spare;
    if (!spare || spare->shared.refs != 1 || spare->capacity != capacity)
        return block_create(capacity, source->budget);
    source->spare = NULL;
    return spare;
}

/* A block with room behind the bytes that are left, which move to its front. */
static enum weir_status make_room(struct file_source *source, struct file_split *split,
                                  struct weir_error *error)
{
    size_t left = split->end - split->start;
    size_t capacity = split->block ? split->block->capacity : source->block_size;
    bool exclusive = split->block && split->block->shared.refs == 1;
    if (split->wants_more && left + left / 2 > capacity &&
        !weir_add_size(capacity, capacity < DOUBLED_MAX ? capacity : capacity / 2, &capacity))
        return weir_error_set_out_of_memory(error);
    if (exclusive && capacity == split->block->capacity) {
        memmove(split->block->bytes, split->block->bytes + split->start, left);
    } else {
        struct block *block = block_take(source, capacity);
        if (!block)
            return weir_budget_error(source->budget, error);
        if (left)
            memcpy(block->bytes, split->block->bytes + split->start, left);
        if (split->block)
            weir_shared_release(&split->block->shared);
        split->block = block;
    }
    split->start = 0;
    split->end = left;
    return WEIR_OK;
}

/* ---- opening ---- */

static bool is_pattern(const char *path)
{
    return strpbrk(path, "*?[") != NULL;
}

static enum weir_status list_files(struct file_source *source, const char *path,
                                   struct weir_error *error)
{
    struct weir_file_info info;
    if (is_pattern(path) && source->sys->path_info(source->sys, path, &info, NULL) != WEIR_OK) {
        WEIR_TRY(source->sys->glob(source->sys, path, &source->names, error));
        if (source->names.count == 0)
            return weir_error_set(error, WEIR_E_FILE_NOT_FOUND, "no file matches \"%s\"", path);
        source->count = (uint32_t)source->names.count;
        return WEIR_OK;
    }
    source->count = 1;
    return WEIR_OK;
}

/* Adds the name in the folder of path that is most like it, if one is. */
static void hint_name(const struct file_source *source, const char *path, struct weir_error *error)
{
    const char *slash = strrchr(path, '/');
    struct weir_slice name = weir_slice_from_string(slash ? slash + 1 : path), nearest = {0};
    struct weir_slice folder = weir_slice_make(path, slash ? (size_t)(slash + 1 - path) : 0);
    struct weir_names names = {0};
    struct weir_slice *candidates = NULL;
    char *list = weir_malloc(folder.size + 2);
    if (!list)
        return;
    memcpy(list, path, folder.size);
    memcpy(list + folder.size, ".", 2);
    if (source->sys->directory_list(source->sys, list, &names, NULL) == WEIR_OK)
        candidates = weir_malloc((names.count + 1) * sizeof *candidates);
    for (size_t i = 0; candidates && i < names.count; i++)
        candidates[i] = weir_slice_from_string(names.items[i]);
    if (candidates && name.size < 256)
        nearest = weir_slice_nearest(name, candidates, names.count);
    if (nearest.size)
        weir_error_hint(error, "did you mean '%.*s%.*s'?", WEIR_SLICE_ARGS(folder),
                        WEIR_SLICE_ARGS(nearest));
    weir_names_deinit(&names);
    weir_free(candidates);
    weir_free(list);
}

static enum weir_status describe_split(struct file_source *source, uint32_t index, const char *path,
                                       struct weir_error *error)
{
    struct weir_file_info info = {0};
    bool is_stream = strcmp(path, "-") == 0;
    enum weir_status status = WEIR_OK;
    if (!is_stream)
        status = source->sys->path_info(source->sys, path, &info, error);
    if (status == WEIR_E_FILE_NOT_FOUND && source->options.follow) {
        weir_error_clear(error); /* the reader waits for it */
    } else if (status != WEIR_OK) {
        if (status == WEIR_E_FILE_NOT_FOUND)
            hint_name(source, path, error);
        return status;
    }
    if (info.is_directory) {
        (void)weir_error_set(error, WEIR_E_FILE_ACCESS, "\"%s\" is a directory", path);
        weir_error_hint(error, "name the files in it: '%s/*'", path);
        return WEIR_E_FILE_ACCESS;
    }
    weir_file_reader_init(&source->splits[index].reader, source->sys, path, &source->options);
    source->infos[index] = (struct weir_split){
        is_stream ? "<stdin>" : path, !source->options.follow, info.is_regular ? info.size : 0};
    return WEIR_OK;
}

static enum weir_status open_splits(struct file_source *source, struct weir_error *error)
{
    char *path = weir_arena_copy(&source->arena, source->options.path);
    if (!path)
        return weir_budget_error(source->budget, error);
    WEIR_TRY(list_files(source, path, error));
    uint32_t count = source->count;
    source->count = 0;
    source->splits = WEIR_ARENA_ARRAY(&source->arena, struct file_split, count);
    source->infos = WEIR_ARENA_ARRAY(&source->arena, struct weir_split, count);
    if (!source->splits || !source->infos)
        return weir_budget_error(source->budget, error);
    for (uint32_t i = 0; i < count; i++) {
        WEIR_TRY(
            describe_split(source, i, source->names.count ? source->names.items[i] : path, error));
        source->count = i + 1;
    }
    source->block_size = BLOCKS_TOTAL / count;
    if (source->block_size > BLOCK_SIZE_MAX)
        source->block_size = BLOCK_SIZE_MAX;
    if (source->block_size < BLOCK_SIZE_MIN)
        source->block_size = BLOCK_SIZE_MIN;
    return WEIR_OK;
}

static enum weir_status file_open(const struct weir_connector_table *table,
                                  const struct weir_connector_env *env, void **out,
                                  struct weir_error *error)
{
    struct file_source *source = weir_calloc(1, sizeof *source);
    if (!source)
        return weir_error_set_out_of_memory(error);
    *out = source;
    source->sys = env->sys;
    source->budget = env->budget;
    weir_arena_init(&source->arena, env->budget, 4096);
    WEIR_TRY(weir_options_parse(weir_file_specs, weir_file_specs_count, table->options,
                                table->options_count, WEIR_OPTION_SOURCE, "connector \"file\"",
                                &source->options, error));
    return open_splits(source, error);
}

static void file_close(void *opaque)
{
    struct file_source *source = opaque;
    for (uint32_t i = 0; i < source->count; i++) {
        weir_file_reader_deinit(&source->splits[i].reader);
        if (source->splits[i].block)
            weir_shared_release(&source->splits[i].block->shared);
    }
    if (source->spare)
        weir_shared_release(&source->spare->shared);
    weir_names_deinit(&source->names);
    weir_free(source->sample);
    weir_arena_deinit(&source->arena);
    weir_free(source);
}

static enum weir_status file_splits(void *opaque, const struct weir_split **splits, uint32_t *count,
                                    struct weir_error *error)
{
    struct file_source *source = opaque;
    (void)error;
    *splits = source->infos;
    *count = source->count;
    return WEIR_OK;
}

/* Standard input, pipes and devices give what they have once. */
static bool reads_once(const struct file_source *source, uint32_t index)
{
    const char *path = source->infos[index].name;
    struct weir_file_info info;
    return strcmp(path, "<stdin>") == 0 ||
           (source->sys->path_info(source->sys, path, &info, NULL) == WEIR_OK && !info.is_regular);
}

/* The first file, up to 1 MiB. */
static enum weir_status file_sample(void *opaque, struct weir_slice *bytes, bool *is_all,
                                    struct weir_error *error)
{
    struct file_source *source = opaque;
    struct weir_file_reader reader;
    size_t have = 0, size = 1;
    enum weir_status status = WEIR_OK;
    if (reads_once(source, 0)) {
        bool is_stdin = strcmp(source->infos[0].name, "<stdin>") == 0;
        (void)weir_error_set(error, WEIR_E_SCHEMA_INFERENCE,
                             "the columns and format of %s must be declared",
                             is_stdin ? "standard input" : "what is no regular file");
        weir_error_hint(error, "it can be read only once: CREATE TABLE t (…) WITH (connector = "
                               "'file', path = '…', format = '…')");
        return WEIR_E_SCHEMA_INFERENCE;
    }
    source->sample = weir_malloc(SAMPLE_SIZE + PADDING);
    if (!source->sample)
        return weir_error_set_out_of_memory(error);
    weir_file_reader_init(&reader, source->sys, source->infos[0].name, &source->options);
    reader.follow = false;
    while (status == WEIR_OK && size > 0 && have < SAMPLE_SIZE) {
        status =
            weir_file_reader_read(&reader, source->sample + have, SAMPLE_SIZE - have, &size, error);
        have += size;
    }
    weir_file_reader_deinit(&reader);
    if (status == WEIR_E_FILE_NOT_FOUND && source->options.follow) {
        weir_error_clear(error); /* there is nothing to look at yet */
        status = WEIR_OK;
    }
    memset(source->sample + have, 0, PADDING);
    *bytes = weir_slice_make(source->sample, have);
    *is_all = status == WEIR_OK && size == 0;
    return status;
}

/* ---- polling ---- */

/* The file was rotated: what is left of the old one is its last record, line feed or not. */
static void end_record(struct file_split *split)
{
    split->block->bytes[split->end++] = '\n'; /* there is padding */
    memset(split->block->bytes + split->end, 0, PADDING - 1);
    split->wants_more = false;
}

/* Appends what can be read now to the block, or says where it is to be copied from. */
static enum weir_status fill(struct file_source *source, struct file_split *split,
                             struct weir_error *error)
{
    WEIR_TRY(make_room(source, split, error));
    size_t size, room = split->block->capacity - split->end;
    WEIR_TRY(weir_file_reader_view(&split->reader, room, &split->fresh, error));
    size = split->fresh.size;
    if (size == 0)
        WEIR_TRY(weir_file_reader_read(&split->reader, split->block->bytes + split->end, room,
                                       &size, error));
    split->end += size;
    memset(split->block->bytes + split->end, 0, PADDING);
    if (size > 0)
        split->wants_more = false;
    else if (!source->options.follow || strcmp(split->reader.path, "-") == 0)
        split->input_ended = true;
    else if (weir_file_reader_rotated(&split->reader) && split->end > 0)
        end_record(split);
    return WEIR_OK;
}

static enum weir_poll_result give(struct file_split *split, struct weir_source_poll *poll)
{
    poll->bytes = weir_slice_make(split->block->bytes + split->start, split->end - split->start);
    poll->fresh = split->fresh;
    poll->fresh_to = split->block->bytes + split->end - split->fresh.size;
    poll->end_of_split = split->input_ended;
    poll->owner = &split->block->shared;
    poll->origin = (struct weir_origin){.record = split->record, .offset = split->offset};
    split->given = split->end;
    return WEIR_POLL_DATA;
}

/* The split's block is the next one's, once no batch holds on to it. */
static void end_split(struct file_source *source, struct file_split *split)
{
    split->ended = true;
    weir_file_reader_deinit(&split->reader);
    if (source->spare && split->block)
        weir_shared_release(&source->spare->shared);
    if (split->block)
        source->spare = split->block;
    split->block = NULL;
}

/* A pipe or a terminal without anything to read. */
static bool is_silent(const struct file_split *split)
{
    const struct weir_file_reader *reader = &split->reader;
    bool ready = true;
    return reader->file && !reader->info.is_regular && reader->input.size == 0 &&
           reader->sys->file_wait(reader->file, 0, &ready, NULL) == WEIR_OK && !ready;
}

static enum weir_poll_result file_poll(void *opaque, struct weir_source_poll *poll,
                                       struct weir_error *error)
{
    struct file_source *source = opaque;
    struct file_split *split = &source->splits[poll->split];
    if (split->ended)
        return WEIR_POLL_END;
    if (poll->no_wait && !split->input_ended && is_silent(split)) {
        poll->wakeup_ns = (int64_t)source->sys->monotonic_ns(source->sys) + SILENT_INTERVAL_NS;
        return WEIR_POLL_WAIT;
    }
    if (!split->input_ended && fill(source, split, error) != WEIR_OK)
        return WEIR_POLL_FAILED;
    if (split->end > split->start && !split->wants_more)
        return give(split, poll);
    if (split->input_ended && split->end > split->start)
        return give(split, poll);
    if (!split->input_ended) {
        poll->wakeup_ns = (int64_t)source->sys->monotonic_ns(source->sys) + FOLLOW_INTERVAL_NS;
        return WEIR_POLL_WAIT;
    }
    end_split(source, split);
    return WEIR_POLL_END;
}

static enum weir_status file_copied(void *opaque, uint32_t index, size_t size,
                                    struct weir_error *error)
{
    struct file_source *source = opaque;
    return weir_file_reader_take(&source->splits[index].reader, size, error);
}

static void file_consume(void *opaque, uint32_t index, size_t size, uint64_t records)
{
    struct file_source *source = opaque;
    struct file_split *split = &source->splits[index];
    split->start += size;
    split->offset += size;
    split->record += records;
    split->wants_more = split->start < split->end;
    if (split->input_ended && split->start >= split->end)
        end_split(source, split);
}

static enum weir_status file_position(void *opaque, uint32_t index, struct weir_buffer *out,
                                      struct weir_error *error)
{
    struct file_source *source = opaque;
    uint64_t position[2] = {source->splits[index].offset, source->splits[index].record};
    weir_buffer_append(out, position, sizeof position);
    return out->failed ? weir_budget_error(source->budget, error) : WEIR_OK;
}

/* Reads and forgets what comes before the position: compressed files know no other way. */
static enum weir_status file_seek(void *opaque, uint32_t index, struct weir_slice position,
                                  struct weir_error *error)
{
    struct file_source *source = opaque;
    struct file_split *split = &source->splits[index];
    uint64_t wanted[2];
    if (position.size != sizeof wanted)
        return weir_error_set(error, WEIR_E_STATE_DAMAGED, "a position has %zu bytes, not 16",
                              position.size);
    memcpy(wanted, position.data, sizeof wanted);
    WEIR_TRY(make_room(source, split, error));
    while (split->offset < wanted[0]) {
        uint64_t rest = wanted[0] - split->offset;
        size_t size, most = split->block->capacity;
        WEIR_TRY(weir_file_reader_read(&split->reader, split->block->bytes,
                                       rest < most ? (size_t)rest : most, &size, error));
        if (size == 0)
            return weir_error_set(error, WEIR_E_FILE_CHANGED,
                                  "\"%s\" is shorter than it was when the job stopped",
                                  split->reader.path);
        split->offset += size;
    }
    split->record = wanted[1];
    return WEIR_OK;
}

static uint64_t file_lag(void *opaque, uint32_t index)
{
    const struct file_source *source = opaque;
    const struct file_split *split = &source->splits[index];
    uint64_t size = source->infos[index].size_hint;
    return size > split->reader.raw_offset ? size - split->reader.raw_offset : 0;
}

const struct weir_source_type weir_file_source = {
    .yield = WEIR_SOURCE_BYTES,
    .open = file_open,
    .splits = file_splits,
    .sample = file_sample,
    .poll = file_poll,
    .copied = file_copied,
    .consume = file_consume,
    .position = file_position,
    .seek = file_seek,
    .lag = file_lag,
    .close = file_close,
};
