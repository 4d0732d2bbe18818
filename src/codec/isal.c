/* gzip by Intel's ISA-L: the fastest inflate there is on x86-64.
 *
 * The member's header is read here, byte by byte (RFC 1952, section 2.3), because the library's
 * own reading of it trips over optional fields that come in pieces; data and trailer are its.
 *
 *     1F 8B 08 flags time(4) xfl os | extra size(2) extra… | name… 0 | comment… 0 | crc(2) | data
 *
 * isal_inflate keeps up to 8 bytes of input in a bit reservoir. When a member ends it hands the
 * rest back by moving next_in to the left, even to before the begin of the piece it was given,
 * when those bytes came with an earlier piece: that distance is `given_back`, and the pointer is
 * compared as an integer, never followed. */
#include "base/memory.h"
#include "codec/engine_internal.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

enum header_part { FIXED, EXTRA_SIZE, EXTRA, NAME, COMMENT, CHECKSUM, DATA };

enum header_flag {
    FLAG_CHECKSUM = 2,
    FLAG_EXTRA = 4,
    FLAG_NAME = 8,
    FLAG_COMMENT = 16,
    FLAGS_RESERVED = 0xE0
};

enum { FIXED_SIZE = 10, METHOD_DEFLATE = 8 };

struct isal_decoder {
    enum header_part part;
    uint32_t part_size; /* bytes of this part so far */
    uint32_t value;     /* of the number being read; of the extra field, what is left */
    uint32_t flags;
    uint32_t checksum; /* of the header */
    struct inflate_state state;
};

static void isal_decoder_reset(void *decoder)
{
    struct isal_decoder *isal = decoder;
    isal->part = FIXED;
    isal->part_size = isal->value = isal->flags = isal->checksum = 0;
    isal_inflate_reset(&isal->state);
    isal->state.crc_flag = ISAL_GZIP_NO_HDR_VER;
}

static void *isal_decoder_create(void)
{
    struct isal_decoder *isal = weir_malloc(sizeof *isal);
    if (!isal)
        return NULL;
    isal_inflate_init(&isal->state);
    isal_decoder_reset(isal);
    return isal;
}

/* The next part that the flags say is there. */
static void next_part(struct isal_decoder *isal)
{
    static const struct {
        enum header_part part;
        uint32_t flag;
    } order[] = {{EXTRA_SIZE, FLAG_EXTRA},
                 {NAME, FLAG_NAME},
                 {COMMENT, FLAG_COMMENT},
                 {CHECKSUM, FLAG_CHECKSUM}};
    enum header_part last = isal->part;
    isal->part = DATA;
    isal->part_size = isal->value = 0;
    for (size_t i = 0; i < WEIR_COUNT_OF(order); i++) {
        if (order[i].part > last && (isal->flags & order[i].flag)) {
            isal->part = order[i].part;
            return;
        }
    }
}

static const char *take_fixed(struct isal_decoder *isal, unsigned char byte)
{
    switch (isal->part_size) {
    case 1:
        return byte == 0x1F ? NULL : "no gzip header";
    case 2:
        return byte == 0x8B ? NULL : "no gzip header";
    case 3:
        return byte == METHOD_DEFLATE ? NULL : "an unknown compression method";
    case 4:
        isal->flags = byte;
        return byte & FLAGS_RESERVED ? "unknown flags in its header" : NULL;
    case FIXED_SIZE:
        next_part(isal);
        return NULL;
    default:
        return NULL;
    }
}

/* Numbers of two bytes, low byte first. True when the second has come. */
static bool take_number(struct isal_decoder *isal, unsigned char byte)
{
    isal->value |= (uint32_t)byte << (8 * (isal->part_size - 1));
    return isal->part_size == 2;
}

/* One more byte of the header; NULL, or what is wrong with it. */
static const char *take_header_byte(struct isal_decoder *isal, unsigned char byte)
{
    uint32_t checksum_before = isal->checksum;
    isal->checksum = crc32_gzip_refl(isal->checksum, &byte, 1);
    isal->part_size++;
    switch (isal->part) {
    case FIXED:
        return take_fixed(isal, byte);
    case EXTRA_SIZE:
        if (take_number(isal, byte)) {
            uint32_t left = isal->value;
            isal->part = EXTRA;
            if (left == 0)
                next_part(isal);
            else
                isal->value = left;
        }
        return NULL;
    case EXTRA:
        if (--isal->value == 0)
            next_part(isal);
        return NULL;
    case NAME:
    case COMMENT:
        if (byte == 0)
            next_part(isal);
        return NULL;
    case CHECKSUM:
        /* Of what came before this field. */
        isal->checksum = checksum_before;
        if (take_number(isal, byte)) {
            if (isal->value != (isal->checksum & 0xFFFF))
                return "the checksum of its header does not match";
            next_part(isal);
        }
        return NULL;
    case DATA:
        break;
    }
    return NULL;
}

/* Takes header bytes off input until the data begin. */
static const char *take_header(struct isal_decoder *isal, struct weir_slice *input)
{
    const char *problem = NULL;
    while (isal->part != DATA && input->size && !problem) {
        problem = take_header_byte(isal, (unsigned char)*input->data++);
        input->size--;
    }
    return problem;
}

static const char *problem_of(int result)
{
    switch (result) {
    case ISAL_INVALID_BLOCK:
        return "an invalid block";
    case ISAL_INVALID_SYMBOL:
        return "an invalid symbol";
    case ISAL_INVALID_LOOKBACK:
        return "a reference to before its begin";
    case ISAL_INCORRECT_CHECKSUM:
        return "the checksum does not match";
    default:
        return "it does not decode";
    }
}

static struct decoder_step inflate(struct isal_decoder *isal, struct weir_slice input, char *output,
                                   size_t capacity)
{
    struct inflate_state *state = &isal->state;
    struct decoder_step step = {.status = WEIR_OK};
    state->next_in = (uint8_t *)(uintptr_t)input.data;
    state->avail_in = (uint32_t)input.size;
    state->next_out = (uint8_t *)output;
    state->avail_out = (uint32_t)capacity;
    int result = isal_inflate(state);
    step.produced = capacity - state->avail_out;
    intptr_t moved = (intptr_t)((uintptr_t)state->next_in - (uintptr_t)input.data);
    step.consumed = moved > 0 ? (size_t)moved : 0;
    step.given_back = moved < 0 ? (size_t)-moved : 0;
    if (result < 0) {
        step.status = WEIR_E_BAD_COMPRESSION;
        step.problem = problem_of(result);
        if (step.consumed > input.size)
            step.consumed = input.size;
        step.given_back = 0;
    }
    step.frame_ended = state->block_state == ISAL_BLOCK_FINISH;
    return step;
}

static struct decoder_step isal_decoder_step(void *decoder, struct weir_slice input, char *output,
                                             size_t capacity)
{
    struct isal_decoder *isal = decoder;
    struct weir_slice rest = input;
    struct decoder_step step = {.status = WEIR_OK};
    step.problem = take_header(isal, &rest);
    if (step.problem)
        step.status = WEIR_E_BAD_COMPRESSION;
    else if (isal->part == DATA)
        step = inflate(isal, rest, output, capacity);
    step.consumed += input.size - rest.size;
    return step;
}

const struct decoder_engine codec_isal_decoder = {isal_decoder_create, weir_free,
                                                  isal_decoder_reset, isal_decoder_step, true};

/* The encoder and, right behind it, the scratch memory its level needs. */
struct isal_encoder {
    struct isal_zstream stream;
    uint32_t level;
    uint32_t scratch_size;
    uint8_t *scratch; /* owned */
};

static void isal_encoder_reset(void *encoder)
{
    struct isal_encoder *isal = encoder;
    isal_deflate_init(&isal->stream);
    isal->stream.gzip_flag = IGZIP_GZIP;
    isal->stream.level = isal->level;
    isal->stream.level_buf = isal->scratch;
    isal->stream.level_buf_size = isal->scratch_size;
}

static void isal_encoder_destroy(void *encoder)
{
    struct isal_encoder *isal = encoder;
    weir_free(isal->scratch);
    weir_free(isal);
}

/* ISA-L has the levels 1 to 3; ours go to 9, with 6 as the usual one. */
static void *isal_encoder_create(int level)
{
    struct isal_encoder *isal = weir_malloc(sizeof *isal);
    if (!isal)
        return NULL;
    isal->level = level <= 0 || level >= 6 ? 3 : level >= 3 ? 2 : 1;
    isal->scratch_size = isal->level == 3   ? ISAL_DEF_LVL3_DEFAULT
                         : isal->level == 2 ? ISAL_DEF_LVL2_DEFAULT
                                            : ISAL_DEF_LVL1_DEFAULT;
    isal->scratch = weir_malloc(isal->scratch_size);
    if (!isal->scratch) {
        weir_free(isal);
        return NULL;
    }
    isal_encoder_reset(isal);
    return isal;
}

static struct encoder_step isal_encoder_step(void *encoder, struct weir_slice input, bool finish,
                                             char *output, size_t capacity)
{
    struct isal_zstream *stream = &((struct isal_encoder *)encoder)->stream;
    stream->next_in = (uint8_t *)(uintptr_t)input.data;
    stream->avail_in = (uint32_t)input.size;
    stream->next_out = (uint8_t *)output;
    stream->avail_out = (uint32_t)capacity;
    stream->end_of_stream = finish;
    stream->flush = NO_FLUSH;
    int result = isal_deflate(stream);
    return (struct encoder_step){
        .status = result == COMP_OK ? WEIR_OK : WEIR_E_INTERNAL,
        .consumed = input.size - stream->avail_in,
        .produced = capacity - stream->avail_out,
        .frame_ended = stream->internal_state.state == ZSTATE_END,
    };
}

const struct encoder_engine codec_isal_encoder = {isal_encoder_create, isal_encoder_destroy,
                                                  isal_encoder_reset, isal_encoder_step};
