/* What the index of a chunk says beside its quotes and newlines: the doubts. */
#include "format/json_internal.h"

const char weir_json_escapes[256] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                     ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

/* Backslashes that begin escapes: every other one of a row of them, of which bit 0 may have been
 * taken by the block before (Langdale and Lemire 2019, as reworked in simdjson 3: adding the rows'
 * first bits to alternating ones tells even from odd places by a carry). */
static uint64_t escapes_begin(uint64_t slashes, uint64_t carry)
{
    const uint64_t odd = UINT64_C(0xAAAAAAAAAAAAAAAA);
    uint64_t candidates = slashes & ~carry;
    uint64_t ends = (((candidates << 1) | odd) - candidates) ^ odd;
    return ends & slashes;
}

static uint64_t without_line_ends(const char *text, uint64_t controls)
{
    uint64_t kept = 0;
    for (uint64_t rest = controls; rest; rest &= rest - 1) {
        const char *at = text + __builtin_ctzll(rest);
        if (!(at[0] == '\r' && at[1] == '\n'))
            kept |= rest & -rest;
    }
    return kept;
}

/* Newlines end a line even behind a backslash. */
static uint64_t quotes_of(const char *text, uint64_t marks)
{
    uint64_t quotes = 0;
    for (uint64_t rest = marks; rest; rest &= rest - 1)
        if (text[__builtin_ctzll(rest)] == '"')
            quotes |= rest & -rest;
    return quotes;
}

uint64_t weir_json_add_doubts(struct json_doubts *doubts, uint32_t offset, uint64_t slashes,
                              uint64_t controls, uint64_t marks)
{
    const char *text = doubts->text + offset;
    uint64_t begins = escapes_begin(slashes, doubts->carry);
    uint64_t escaped = begins << 1 | doubts->carry;
    doubts->carry = begins >> 63;
    controls = without_line_ends(text, controls & ~escaped);
    doubts->others |= controls != 0;
    for (uint64_t rest = begins | controls; rest; rest &= rest - 1) {
        uint32_t at = (uint32_t)__builtin_ctzll(rest);
        *doubts->out++ = offset + at;
        doubts->others |= !weir_json_escapes[(unsigned char)text[at + 1]];
    }
    return marks & ~quotes_of(text, marks & escaped);
}

void weir_json_end_index(struct json_chunk *chunk, const struct json_doubts *doubts, uint16_t *out)
{
    for (uint32_t k = 0; k < 8; k++)
        out[k] = (uint16_t)chunk->size;
    chunk->index_count = (uint32_t)(out - chunk->index);
    chunk->doubts_count = (uint32_t)(doubts->out - chunk->doubts);
    chunk->plain_escapes = !doubts->others;
    *doubts->out = UINT32_MAX;
}
