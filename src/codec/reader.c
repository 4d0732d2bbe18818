/* Reading a compressed stream: a row of frames, each decoded by a library's engine.
 *
 * The decoder reads from `pending` first, then from the caller's input. pending holds at most a
 * few bytes: the head that was looked at to tell the codec, or bytes that the decoder had read
 * ahead and gave back when its frame ended (`recent` remembers them, since the caller's memory
 * may be gone by then).
 *
 *     input  …|member 1 ········ trailer|1F 8B …          a decoder reads ahead by up to 8 bytes
 *                     piece 1 |▒▒▒▒▒▒▒▒▒▒▒ piece 2        and may do so across the pieces
 *
 * Invariants
 *   1. `offset` = bytes taken from the caller and not lying in pending.
 *   2. Between frames (`in_frame` false) the decoder holds no bytes.
 * After a gzip member zero bytes may follow (tapes and block devices pad); nothing else may.
 * Tested in tests/unit/codec/. */
#include "codec/codec.h"

#include "base/memory.h"
#include "codec/engine_internal.h"

#include <assert.h>

enum { HEAD_SIZE = 4, PENDING_CAPACITY = 2 * GIVEN_BACK_MAX };

struct weir_codec_reader {
    enum weir_codec codec;
    const struct decoder_engine *engine;
    const struct decoder_engine *only; /* for tests: serves every compressed codec */
    void *decoder;                     /* owned; of engine */
    uint64_t offset;
    bool in_frame;
    bool fresh;  /* the decoder needs no reset before the next frame */
    bool padded; /* zero bytes followed a member */
    uint64_t frames_count;
    char pending[PENDING_CAPACITY];
    size_t pending_begin;
    size_t pending_end;
    char recent[GIVEN_BACK_MAX];
    size_t recent_size;
};

static enum weir_status choose(struct weir_codec_reader *reader, enum weir_codec codec,
                               struct weir_error *error)
{
    reader->codec = codec;
    if (codec == WEIR_CODEC_AUTO || codec == WEIR_CODEC_PLAIN)
        return WEIR_OK;
    const struct decoder_engine *engine =
        reader->only ? reader->only : codec_engines_of(codec).decoder;
    if (!engine)
        return weir_error_set(error, WEIR_E_NOT_EXECUTABLE, "this build of weir reads no %s",
                              weir_codec_name(codec));
    if (reader->decoder && reader->engine == engine)
        return WEIR_OK;
    if (reader->decoder)
        reader->engine->destroy(reader->decoder);
    reader->engine = engine;
    reader->decoder = engine->create();
    reader->fresh = true;
    return reader->decoder ? WEIR_OK : weir_error_set_out_of_memory(error);
}

enum weir_status codec_reader_create_with(enum weir_codec codec,
                                          const struct decoder_engine *decoder,
                                          struct weir_codec_reader **reader,
                                          struct weir_error *error)
{
    *reader = weir_calloc(1, sizeof **reader);
    if (!*reader)
        return weir_error_set_out_of_memory(error);
    (*reader)->only = decoder;
    enum weir_status status = choose(*reader, codec, error);
    if (status != WEIR_OK) {
        weir_codec_reader_destroy(*reader);
        *reader = NULL;
    }
    return status;
}

enum weir_status weir_codec_reader_create(enum weir_codec codec, struct weir_codec_reader **reader,
                                          struct weir_error *error)
{
    return codec_reader_create_with(codec, NULL, reader, error);
}

void weir_codec_reader_destroy(struct weir_codec_reader *reader)
{
    if (!reader)
        return;
    if (reader->decoder)
        reader->engine->destroy(reader->decoder);
    weir_free(reader);
}

void weir_codec_reader_reset(struct weir_codec_reader *reader, enum weir_codec codec)
{
    *reader = (struct weir_codec_reader){
        .codec = codec,
        .engine = reader->engine,
        .only = reader->only,
        .decoder = reader->decoder,
    };
}

enum weir_codec weir_codec_reader_codec(const struct weir_codec_reader *reader)
{
    return reader->codec;
}

bool weir_codec_reader_reads_once(const struct weir_codec_reader *reader)
{
    return reader->decoder && reader->engine->reads_once;
}

uint64_t weir_codec_reader_offset(const struct weir_codec_reader *reader)
{
    return reader->offset;
}

static size_t pending_size(const struct weir_codec_reader *reader)
{
    return reader->pending_end - reader->pending_begin;
}

static enum weir_status damaged(const struct weir_codec_reader *reader, const char *problem,
                                struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_BAD_COMPRESSION, "%s data is damaged at byte %llu: %s",
                         weir_codec_name(reader->codec), (unsigned long long)reader->offset,
                         problem);
    if (error)
        error->offset = reader->offset;
    return WEIR_E_BAD_COMPRESSION;
}

static enum weir_status cut_off(const struct weir_codec_reader *reader, struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_BAD_COMPRESSION, "%s data is cut off after byte %llu",
                         weir_codec_name(reader->codec), (unsigned long long)reader->offset);
    if (error)
        error->offset = reader->offset;
    return WEIR_E_BAD_COMPRESSION;
}

/* Collects the head in pending until the codec is known. True when it is. */
static bool head_complete(struct weir_codec_reader *reader, struct weir_slice *input, bool ends)
{
    while (reader->pending_end < HEAD_SIZE && input->size) {
        reader->pending[reader->pending_end++] = *input->data++;
        input->size--;
    }
    return reader->pending_end == HEAD_SIZE || (ends && input->size == 0);
}

static size_t copy_out(struct weir_slice *from, char *output, size_t capacity)
{
    size_t size = from->size < capacity ? from->size : capacity;
    if (!size)
        return 0;
    memcpy(output, from->data, size);
    from->data += size;
    from->size -= size;
    return size;
}

static void read_plain(struct weir_codec_reader *reader, struct weir_slice *input, char *output,
                       size_t capacity, size_t *size)
{
    struct weir_slice head = {reader->pending + reader->pending_begin, pending_size(reader)};
    *size = copy_out(&head, output, capacity);
    reader->pending_begin += *size;
    *size += copy_out(input, output + *size, capacity - *size);
    reader->offset += *size;
}

/* Notes that the first size bytes of from were taken. */
static void take(struct weir_codec_reader *reader, struct weir_slice *from, size_t size)
{
    if (size == 0)
        return;
    size_t kept = size < GIVEN_BACK_MAX ? size : GIVEN_BACK_MAX;
    size_t room = GIVEN_BACK_MAX - kept;
    if (reader->recent_size > room) {
        memmove(reader->recent, reader->recent + reader->recent_size - room, room);
        reader->recent_size = room;
    }
    memcpy(reader->recent + reader->recent_size, from->data + size - kept, kept);
    reader->recent_size += kept;
    reader->offset += size;
    from->data += size;
    from->size -= size;
}

/* Puts the last size bytes that were taken before all pending ones. */
static void give_back(struct weir_codec_reader *reader, size_t size)
{
    assert(size <= reader->recent_size);
    size_t left = pending_size(reader);
    assert(size + left <= PENDING_CAPACITY);
    memmove(reader->pending + size, reader->pending + reader->pending_begin, left);
    memcpy(reader->pending, reader->recent + reader->recent_size - size, size);
    reader->recent_size -= size;
    reader->pending_begin = 0;
    reader->pending_end = size + left;
    reader->offset -= size;
}

/* Between two frames: skips padding; *begins when another frame comes. */
static enum weir_status begin_frame(struct weir_codec_reader *reader, struct weir_slice *from,
                                    bool *begins, struct weir_error *error)
{
    if (reader->frames_count && reader->codec == WEIR_CODEC_GZIP) {
        while (from->size && *from->data == '\0') {
            reader->padded = true;
            take(reader, from, 1);
        }
    }
    *begins = from->size > 0;
    if (!*begins)
        return WEIR_OK;
    if (reader->padded || (reader->frames_count && reader->codec == WEIR_CODEC_GZIP &&
                           (unsigned char)*from->data != 0x1F))
        return damaged(reader, "something else follows its end", error);
    if (!reader->fresh)
        reader->engine->reset(reader->decoder);
    reader->fresh = false;
    reader->in_frame = true;
    return WEIR_OK;
}

/* One step of the decoder over from. *stuck: it can do nothing more with what there is. */
static enum weir_status advance(struct weir_codec_reader *reader, struct weir_slice *from,
                                char *output, size_t capacity, size_t *size, bool *stuck,
                                struct weir_error *error)
{
    struct weir_slice piece = *from;
    if (piece.size > STEP_SIZE_MAX)
        piece.size = STEP_SIZE_MAX;
    size_t room = capacity - *size < STEP_SIZE_MAX ? capacity - *size : STEP_SIZE_MAX;
    struct decoder_step step = reader->engine->step(reader->decoder, piece, output + *size, room);
    take(reader, from, step.consumed);
    *size += step.produced;
    if (step.status == WEIR_E_OUT_OF_MEMORY)
        return weir_error_set_out_of_memory(error);
    if (step.status != WEIR_OK)
        return damaged(reader, step.problem, error);
    *stuck = step.consumed == 0 && step.produced == 0 && !step.frame_ended;
    if (step.frame_ended) {
        reader->in_frame = false;
        reader->frames_count++;
    }
    if (step.given_back)
        give_back(reader, step.given_back);
    return WEIR_OK;
}

/* Decodes from pending, when there is any, or from input. *stuck: both are used up. */
static enum weir_status read_some(struct weir_codec_reader *reader, struct weir_slice *input,
                                  char *output, size_t capacity, size_t *size, bool *stuck,
                                  struct weir_error *error)
{
    char held_bytes[PENDING_CAPACITY];
    struct weir_slice held = {held_bytes, pending_size(reader)};
    bool from_pending = held.size > 0;
    if (from_pending) {
        memcpy(held_bytes, reader->pending + reader->pending_begin, held.size);
        reader->pending_begin = reader->pending_end = 0;
    }
    struct weir_slice *from = from_pending ? &held : input;
    bool goes_on = true;
    *stuck = false;
    if (!reader->in_frame)
        WEIR_TRY(begin_frame(reader, from, &goes_on, error));
    if (goes_on)
        WEIR_TRY(advance(reader, from, output, capacity, size, stuck, error));
    else
        *stuck = !from_pending;
    if (!from_pending)
        return WEIR_OK;
    /* What a frame's end left of the held bytes stays behind those it gave back. */
    if (held.size) {
        memcpy(reader->pending + reader->pending_end, held.data, held.size);
        reader->pending_end += held.size;
    } else if (*stuck) {
        *stuck = input->size == 0;
    }
    return WEIR_OK;
}

static enum weir_status read_frames(struct weir_codec_reader *reader, struct weir_slice *input,
                                    bool input_ends, char *output, size_t capacity, size_t *size,
                                    struct weir_error *error)
{
    bool stuck = false;
    while (*size < capacity && !stuck) {
        enum weir_status status = read_some(reader, input, output, capacity, size, &stuck, error);
        if (status != WEIR_OK)
            return status;
    }
    if (!stuck || (*size && input->size == 0))
        return WEIR_OK;
    if (input->size)
        return damaged(reader, "the decoder stands still", error);
    return input_ends && reader->in_frame ? cut_off(reader, error) : WEIR_OK;
}

enum weir_status weir_codec_read(struct weir_codec_reader *reader, struct weir_slice *input,
                                 bool input_ends, char *output, size_t capacity, size_t *size,
                                 struct weir_error *error)
{
    assert(capacity > 0);
    *size = 0;
    if (reader->codec == WEIR_CODEC_AUTO) {
        if (!head_complete(reader, input, input_ends))
            return WEIR_OK;
        struct weir_slice head = {reader->pending, reader->pending_end};
        WEIR_TRY(choose(reader, weir_codec_detect(head), error));
    } else {
        WEIR_TRY(choose(reader, reader->codec, error)); /* after a reset to another codec */
    }
    if (reader->codec == WEIR_CODEC_PLAIN) {
        read_plain(reader, input, output, capacity, size);
        return WEIR_OK;
    }
    return read_frames(reader, input, input_ends, output, capacity, size, error);
}
