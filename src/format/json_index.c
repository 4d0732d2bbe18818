/* What the index of a chunk says beside its quotes and newlines: the doubts. */
#include "format/json_internal.h"

const char weir_json_escapes[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                     ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

uint64_t weir_json_without_line_ends(const char *text, uint64_t controls)
{
    uint64_t kept = 0;
    for (uint64_t rest = controls; rest; rest &= rest - 1) {
        const char *at = text + __builtin_ctzll(rest);
        if (!(at[0] == '\r' && at[1] == '\n'))
            kept |= rest & -rest;
    }
    return kept;
}

uint64_t weir_json_add_doubts(struct json_doubts *doubts, uint32_t offset, uint64_t slashes,
                              uint64_t controls, uint64_t marks)
{
    const char *text = doubts->text + offset;
    uint64_t begins = json_escapes_begin(slashes, doubts->carry);
    uint64_t escaped = begins << 1 | doubts->carry;
    doubts->carry = begins >> 63;
    controls = weir_json_without_line_ends(text, controls & ~escaped);
    json_doubts_note(doubts, offset, begins | controls);
    doubts->others |= controls != 0;
    for (uint64_t rest = escaped; rest; rest &= rest - 1) {
        unsigned char byte = (unsigned char)text[__builtin_ctzll(rest)];
        doubts->others |= !weir_json_escapes[byte];
        doubts->letters |= byte != '"' && byte != '\\';
        if (byte == '"') /* newlines end a line even so */
            marks &= ~(rest & -rest);
    }
    return marks;
}

static void list_doubts(struct json_chunk *chunk, const struct json_doubts *doubts)
{
    uint32_t *out = chunk->doubts;
    for (uint32_t w = doubts->first / 64; doubts->others && w < doubts->end / 64; w++)
        for (uint64_t rest = chunk->doubt_bits[w]; rest; rest &= rest - 1)
            *out++ = w * 64 + (uint32_t)__builtin_ctzll(rest);
    *out = UINT32_MAX;
}

void weir_json_end_index(struct json_chunk *chunk, const struct json_doubts *doubts, uint16_t *out)
{
    for (uint32_t k = 0; k < 8; k++)
        out[k] = (uint16_t)chunk->size;
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubt_bits[(chunk->size + 63) / 64] = 0;
    chunk->any_doubts = doubts->end > 0;
    chunk->doubts_begin = doubts->first;
    chunk->doubts_end = doubts->end;
    chunk->plain_escapes = !doubts->others;
    chunk->same_escapes = !doubts->letters;
    list_doubts(chunk, doubts);
}
