/* Writing a compressed stream: frames through a library's encoder, appended to a buffer.
 * Plain streams take the same path without an encoder. Tested in tests/unit/codec/. */
#include "base/memory.h"
#include "codec/codec.h"
#include "codec/engine_internal.h"

#include <assert.h>

enum { ROOM_SIZE = 64 * 1024 };

struct weir_codec_writer {
    const struct encoder_engine *engine; /* NULL: plain */
    void *encoder;                       /* owned; of engine */
    bool in_frame;                       /* bytes have been written since the last finish */
    uint64_t frames_count;
};

enum weir_status weir_codec_writer_create(enum weir_codec codec, int level,
                                          struct weir_codec_writer **writer,
                                          struct weir_error *error)
{
    assert(codec != WEIR_CODEC_AUTO);
    *writer = NULL;
    const struct encoder_engine *engine = codec_engines_of(codec).encoder;
    if (codec != WEIR_CODEC_PLAIN && !engine)
        return weir_error_set(error, WEIR_E_NOT_EXECUTABLE, "this build of weir writes no %s",
                              weir_codec_name(codec));
    struct weir_codec_writer *created = weir_calloc(1, sizeof *created);
    if (!created)
        return weir_error_set_out_of_memory(error);
    created->engine = engine;
    created->encoder = engine ? engine->create(level) : NULL;
    if (engine && !created->encoder) {
        weir_free(created);
        return weir_error_set_out_of_memory(error);
    }
    *writer = created;
    return WEIR_OK;
}

void weir_codec_writer_destroy(struct weir_codec_writer *writer)
{
    if (!writer)
        return;
    if (writer->encoder)
        writer->engine->destroy(writer->encoder);
    weir_free(writer);
}

/* Runs the encoder until it has taken all input and, when finishing, ended the frame. */
static enum weir_status encode(struct weir_codec_writer *writer, struct weir_slice input,
                               bool finish, struct weir_buffer *output, struct weir_error *error)
{
    for (;;) {
        if (!weir_buffer_reserve(output, ROOM_SIZE))
            return weir_budget_error(output->budget, error);
        struct weir_slice piece = input;
        if (piece.size > STEP_SIZE_MAX)
            piece.size = STEP_SIZE_MAX;
        bool last = finish && piece.size == input.size;
        size_t room = output->capacity - output->size;
        if (room > STEP_SIZE_MAX)
            room = STEP_SIZE_MAX;
        struct encoder_step step =
            writer->engine->step(writer->encoder, piece, last, output->data + output->size, room);
        if (step.status == WEIR_E_OUT_OF_MEMORY)
            return weir_error_set_out_of_memory(error);
        if (step.status != WEIR_OK)
            return weir_error_set(error, step.status, "the compression library failed");
        output->size += step.produced;
        input.data += step.consumed;
        input.size -= step.consumed;
        bool room_left = step.produced < room;
        if (finish ? step.frame_ended : input.size == 0 && room_left)
            return WEIR_OK;
    }
}

enum weir_status weir_codec_write(struct weir_codec_writer *writer, struct weir_slice plain,
                                  struct weir_buffer *output, struct weir_error *error)
{
    if (plain.size == 0)
        return WEIR_OK;
    if (!writer->engine) {
        weir_buffer_append_slice(output, plain);
        return output->failed ? weir_budget_error(output->budget, error) : WEIR_OK;
    }
    if (!writer->in_frame && writer->frames_count)
        writer->engine->reset(writer->encoder);
    writer->in_frame = true;
    return encode(writer, plain, false, output, error);
}

enum weir_status weir_codec_finish(struct weir_codec_writer *writer, struct weir_buffer *output,
                                   struct weir_error *error)
{
    if (!writer->engine || (!writer->in_frame && writer->frames_count))
        return WEIR_OK;
    WEIR_TRY(encode(writer, weir_slice_make("", 0), true, output, error));
    writer->in_frame = false;
    writer->frames_count++;
    return WEIR_OK;
}
