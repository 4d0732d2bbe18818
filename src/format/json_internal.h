/* What the files of the JSON format share. Private to src/format.
 *
 *     json_tree.c      which keys are read, and into which leaves      (made once)
 *     json_index_*     where the quotes and newlines of a chunk are    (per chunk, SIMD)
 *     json_shape.c     learned layouts of records
 *     json_kernels_*   lines of a known shape, column by column        (the fast path)
 *     json_strict.c    any line, byte by byte, to RFC 8259             (the strict path)
 *     json_convert.c   one JSON value into one lane                    (both)
 *     json_nested.c    lists and maps
 *     json_decoder.c   runs, chunks, rows, bad records: who calls whom
 *
 * Words. A *line* is a record's bytes up to its newline. A *leaf* is an array of lanes that values
 * go into: a column, or a field of a STRUCT column. A *node* is a key (or array index) that
 * matters; the tree of nodes mirrors the records. A *shape* is the layout of a record: the bytes
 * between its values, and which value feeds which leaf.
 *
 * Every line ends with a newline that can be read (the last one of the input is copied when it
 * lacks it), and a newline can stand nowhere inside a valid line: it is the sentinel of all loops.
 */
#ifndef WEIR_FORMAT_JSON_INTERNAL_H
#define WEIR_FORMAT_JSON_INTERNAL_H

#include "column/builder.h"
#include "format/format.h"
#include "value/isa.h"
#include "value/json_token.h"
#include "value/timestamp.h"

#define JSON_NONE UINT32_MAX

enum {
    JSON_CHUNK_SIZE = 24 << 10,  /* bytes indexed at a time, at most; < 64 KiB */
    JSON_CHUNK_USUAL = 16 << 10, /* that many unless lines are long: text and index stay close */
    JSON_CHUNK_RECORDS = 64,     /* and as many records, which share each pass */
    JSON_CHUNK_LINES = WEIR_BATCH_ROWS_MAX,
    JSON_SHAPES_MAX = 16,
    JSON_SHAPELESS_MAX = 64, /* after so many lines without a shape few are looked up */
    JSON_LOOSE_LINES = 512,  /* lines of a chunk that may go member by member */
    JSON_LOOSE_LEAVES_MAX = 64,
    JSON_SHAPE_QUOTES_MAX = 2048,
    JSON_SHAPE_DEPTH_MAX = 16,
    JSON_PIECE_SIZE = 32, /* bytes of a shape compared at a time */
    JSON_CACHE_LINE = 64,
    JSON_RUN_LINES = 8, /* taken for lines of one shape in a row */
    JSON_EIGHTS_SHY_MAX = 63,
    JSON_PASS_STEP = 16, /* bytes prefetched per line while a loop goes over a shape's lines */
    JSON_BUNDLE_NUMBERS = 16,
    JSON_BUNDLES_MAX = 2,
    JSON_BUNDLE_QUOTES = 64,     /* those of a line that a bundle may refer to */
    JSON_BUNDLE_NUMBER_SIZE = 8, /* digits, and a sign */
    JSON_WINDOWS_MAX = 4,        /* of a bundle */
    JSON_WINDOW_SIZE = 128,      /* bytes that two registers hold */
    JSON_WINDOW_SLACK = 16,      /* of them left free, lest longer values leave it */
    JSON_DISTRUST_MAX = 64       /* chunks without a guess after wrong ones */
};

enum json_time_unit { JSON_TIME_ISO, JSON_TIME_S, JSON_TIME_MS, JSON_TIME_US, JSON_TIME_NS };
enum json_bytea_format { JSON_BYTEA_HEX, JSON_BYTEA_BASE64 };

struct json_options {
    int64_t timestamp_format; /* index into the choices; see weir_json_time_unit */
    int64_t bytea_format;     /* enum json_bytea_format */
    bool unstructured;
    int64_t nulls; /* enum json_nulls */
};
enum json_nulls { JSON_NULLS_WRITE, JSON_NULLS_OMIT };
extern const struct weir_option_spec weir_json_option_specs[];
extern const size_t weir_json_option_specs_count;
extern const struct weir_decoder_ops weir_json_decoder_ops;
extern const struct weir_encoder_ops weir_json_encoder_ops;
enum weir_status weir_json_infer(struct weir_slice sample, bool sample_is_all,
                                 struct weir_option *options, size_t options_count,
                                 struct weir_arena *arena, struct weir_inferred_schema *out,
                                 struct weir_error *error);
/* The unit that timestamp_format stands for. */
enum json_time_unit weir_json_time_unit(const struct json_options *options);

/* ---- one value into one lane -------------------------------------------------------------- */

/* What converting a value can end in. */
enum json_result {
    JSON_OK,
    JSON_MISMATCH,   /* of another type */
    JSON_RANGE,      /* of this type, out of range */
    JSON_TIME_RANGE, /* a time out of range */
    JSON_TOO_LONG,   /* longer than VARCHAR(n) */
    JSON_NUL,        /* \u0000 in a text that cannot hold it */
    JSON_MEMORY
};

struct json_context {
    struct json_options options;
    struct weir_arena *arena; /* of the batch: what lanes point to and is not in the record */
    struct weir_buffer scratch;
};

/* token as value/json_token.h makes it, with *_BEGIN for arrays and objects, whose text is the
 * whole value. Not for NULL tokens. LIST and MAP lanes are struct weir_slice: checked here, built
 * later. */
enum json_result weir_json_convert(struct json_context *context, const struct weir_type *type,
                                   const struct weir_json_token *token, void *lane);
/* What an integer is multiplied by to become a timestamp of type; 0 when that is not all. */
int64_t weir_json_epoch_scale(const struct json_options *options, const struct weir_type *type);
/* Width of a lane while decoding: weir_type_width, or that of a slice for LIST and MAP. */
size_t weir_json_lane_width(const struct weir_type *type);
/* The whole slice is a number of JSON. */
bool weir_json_is_number(struct weir_slice text);

/* value (valid JSON) as type: checked when builder is NULL, else appended to it (it was checked, so
 * only memory can fail). */
enum json_result weir_json_nested(struct json_context *context, const struct weir_type *type,
                                  struct weir_slice value, struct weir_builder *builder);

/* ---- the tree of what is read ------------------------------------------------------------- */

struct json_leaf {
    const struct weir_type *type;
    uint32_t width;
    uint32_t field;       /* of the projection, for messages */
    uint32_t next;        /* the next leaf that the same value feeds; JSON_NONE: no more */
    uint32_t first_child; /* STRUCT: its fields' leaves follow each other */
    bool nullable;
    bool is_event_time;
    bool has_nulls;      /* in this batch */
    int64_t epoch_scale; /* timestamps: lane = integer * this; 0: not that simple */
    char *values;        /* per batch; NULL for STRUCT */
    uint64_t *validity;  /* per batch, ones to begin with */
};

struct json_node;
struct json_slot {
    uint64_t head; /* the name's first 8 bytes, zero padded */
    uint64_t tail; /* its last 8 when longer than 8, else 0 */
    const char *name;
    uint32_t size;          /* UINT32_MAX in a free one */
    uint32_t loose_leaf;    /* when texts and scalars feed just this leaf; else JSON_NONE */
    uint64_t loose_bit;     /* 1 << loose_leaf, or 0 */
    struct json_node *node; /* NULL: free */
    uint64_t unused[2];     /* 64 bytes in all */
};
struct json_element {
    uint32_t index;
    struct json_node *node;
};
struct json_node {
    uint32_t leaf;       /* first leaf that its value feeds; JSON_NONE */
    uint32_t slots_mask; /* slots are a power of two, at most a quarter full */
    uint32_t slots_used;
    bool perfect;        /* no two names share a slot, none exceeds 31 bytes: one look decides */
    uint64_t multiplier; /* of the hash */
    struct json_slot *slots;       /* by key; NULL: no keys below are read */
    struct json_element *elements; /* by array index */
    uint32_t elements_count;
    uint32_t below_count;
    uint32_t *below; /* leaves of the nodes under this one */
};

struct json_tree {
    struct json_node *root;
    struct json_node *nobody; /* stands for objects that nobody reads: no child is ever found */
    struct json_leaf *leaves;
    uint32_t leaves_count;
    uint32_t *field_leaves; /* the leaf of each projected field */
    size_t row_width;       /* bytes of all lanes of a row */
};

enum weir_status weir_json_tree_build(const struct weir_decoder_config *config,
                                      const struct json_options *options, struct weir_arena *arena,
                                      struct json_tree *tree, struct weir_error *error);

WEIR_INLINE uint64_t json_load_u64(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}
/* 1 when the byte is a minus, else 0. By arithmetic: what sets a byte by a condition keeps the rest
 * of its register, and so waits for the value that was computed there before. */
WEIR_INLINE uint32_t json_is_minus(const char *byte)
{
    return (((uint32_t)(unsigned char)*byte ^ '-') - 1) >> 31;
}
/* The first size (0..8) bytes at bytes, zero padded; reads 8. */
WEIR_INLINE uint64_t json_load_head(const char *bytes, size_t size)
{
    uint64_t word = json_load_u64(bytes);
    return size >= 8 ? word : size == 0 ? 0 : word & (UINT64_MAX >> (64 - 8 * size));
}
WEIR_INLINE uint32_t json_key_hash(const struct json_node *node, uint64_t head, uint64_t tail,
                                   uint64_t size)
{
    return (uint32_t)(((head ^ (tail << 7 | tail >> 57) ^ size) * node->multiplier) >> 40) &
           node->slots_mask;
}
WEIR_INLINE bool json_slot_matches(const struct json_slot *slot, const char *key, uint64_t head,
                                   uint64_t tail, uint64_t size)
{
    return ((slot->head ^ head) | (slot->tail ^ tail) | (slot->size ^ size)) == 0 &&
           (size <= 16 || memcmp(slot->name + 8, key + 8, size - 16) == 0);
}
/* The child of node under key (8 bytes readable from its start), or NULL when nobody reads it. */
WEIR_INLINE struct json_node *json_find_child(const struct json_node *node, const char *key,
                                              size_t size)
{
    if (!node || !node->slots)
        return NULL;
    uint64_t head = json_load_head(key, size);
    uint64_t tail = size > 8 ? json_load_u64(key + size - 8) : 0;
    uint32_t at = json_key_hash(node, head, tail, size);
    for (;; at = (at + 1) & node->slots_mask) {
        const struct json_slot *slot = &node->slots[at];
        if (!slot->node)
            return NULL;
        if (json_slot_matches(slot, key, head, tail, size))
            return slot->node;
        if (node->perfect)
            return NULL;
    }
}

/* ---- shapes --------------------------------------------------------------------------------- */

/* A place in a line: delta bytes from its n-th quote (or from its newline, n = quotes_count). */
struct json_place {
    uint32_t ordinal;
    int32_t delta;
};

/* Up to 32 bytes that every line of the shape has at this place. */
struct json_piece {
    char bytes[JSON_PIECE_SIZE];
    char mask[JSON_PIECE_SIZE]; /* -1 for each byte that counts, else 0 */
    int64_t delta;
    uint32_t ordinal; /* its place, widened */
    uint32_t size;
};

enum json_op_kind {
    JSON_OP_STRING,  /* a text without escapes */
    JSON_OP_NUMBER,  /* a number when it was learned; any scalar is allowed */
    JSON_OP_KEYWORD, /* true, false or null when it was learned */
    JSON_OP_OBJECT,  /* an object that is read as a whole */
    JSON_OP_ABSENT,  /* the record lacks the leaf's key: NULL */
    JSON_OP_KINDS_COUNT
};
struct json_op {
    enum json_op_kind kind;
    bool integral;       /* NUMBER: had neither point nor exponent */
    bool is_signed;      /* NUMBER: negative ones were seen */
    bool bundled;        /* NUMBER: in a bundle */
    bool is_wide;        /* NUMBER: one of more than eight digits was seen */
    uint8_t eights_shy;  /* tries in vain to take eight lines at once, aged */
    uint8_t eights_wait; /* tries to be left out */
    bool escapes_usual;  /* STRING: most of the texts had some in the last chunk */
    uint32_t leaf;       /* JSON_NONE: nobody reads it; its grammar is checked */
    struct json_place begin, end;
};

/* Whether a loop goes over the lines for it. */
WEIR_INLINE bool json_op_passes(const struct json_op *op)
{
    return op->kind != JSON_OP_ABSENT && !(op->kind == JSON_OP_STRING && op->leaf == JSON_NONE);
}

/* A part of a line from which numbers of a bundle are picked: it begins with one of them. */
struct json_window {
    uint64_t bytes; /* four bits for each number that is in it */
    uint16_t place, delta;
};

/* Short integers of a shape that nobody reads, to be checked together. Number i stands between
 * quotes[places[i]] + deltas[i] and quotes[places[16 + i]] + deltas[16 + i]; places beyond the
 * count are those of the first. It stands
 * quotes[places[i]] - quotes[window_places[i]] + window_deltas[i] bytes behind its window's begin.
 */
struct json_bundle {
    uint16_t places[2 * JSON_BUNDLE_NUMBERS];
    uint16_t deltas[2 * JSON_BUNDLE_NUMBERS];
    uint16_t window_places[2 * JSON_BUNDLE_NUMBERS]; /* the second half is of no use */
    uint16_t window_deltas[JSON_BUNDLE_NUMBERS];
    uint16_t ops[JSON_BUNDLE_NUMBERS];
    struct json_window windows[JSON_WINDOWS_MAX];
    uint32_t windows_count; /* 0: they are too far apart for windows */
    uint32_t count;
    uint32_t wide_chunks; /* still to come, in which numbers of more than four bytes are expected */
    uint32_t far_chunks;  /* and those in which numbers are expected outside of their windows */
};

/* A line that waits for its values. */
struct json_entry {
    const uint16_t *quotes; /* the index at its first quote */
    uint32_t line;
    bool has_escapes;
};

struct json_shape {
    uint64_t head, head_mask; /* first bytes of the line, up to 8, to tell shapes apart quickly */
    uint32_t quotes_count;
    uint32_t reach; /* farthest piece beyond its quote */
    uint32_t pieces_count;
    uint32_t ops_count;
    uint32_t bundles_count;
    uint32_t passes;              /* over its lines that proving and reading them takes, at least */
    uint32_t hits;                /* aged: whom to replace */
    bool any_escapes;             /* in the lines that wait */
    uint32_t lines_count;         /* of this chunk, waiting for their values */
    struct json_shape *successor; /* the shape that is expected after it; never NULL */
    bool doubted;                 /* another one came last time */
    struct json_piece *pieces;
    struct json_op *ops;
    struct json_entry *lines;
    struct json_bundle bundles[JSON_BUNDLES_MAX];
    uint32_t pieces_capacity, ops_capacity;
};

/* ---- chunks and kernels -----------------------------------------------------------------------
 */

/* Lines of a chunk that follow each other. */
struct json_lines {
    uint16_t first, count;
};

/* The part of a run that is worked on: whole lines, indexed. */
struct json_chunk {
    const char *text;
    const char *ahead; /* as many bytes: prefetched while the text is worked on */
    uint32_t fetched;  /* of them so far, about */
    uint32_t size;     /* bytes indexed */
    uint32_t index_count;
    uint16_t *index; /* offsets of '"' and '\n', ascending; then eight times size. Quotes behind
                        a backslash are left out */
    uint64_t
        *doubt_bits; /* a bit per byte, and a word more: backslashes (not those that are escaped
                        themselves) and control bytes other than '\n' and the '\r' before it */
    bool any_doubts;
    uint32_t doubts_begin, doubts_end; /* they lie in [begin, end), about */
    bool plain_escapes; /* all of them are backslashes before one of " \ / b f n r t */
    bool same_escapes;  /* even of " \ alone, which stand for themselves */
    uint32_t *doubts;   /* their offsets, ascending, closed by UINT32_MAX; none when plain */
    bool has_non_ascii;
    uint32_t quoted; /* chunks to come in which escaped quotes, or control bytes, are expected */
    uint32_t quoted_next; /* how many the next wrong expectation makes */
    bool guesses;         /* walk takes lines for a shape's by their first bytes and quotes alone */
    bool is_inside;       /* eight bytes before text can be read */
    uint32_t valid_size;  /* the first bytes that are well-formed UTF-8 */
    uint32_t row;         /* of line 0 in the batch */
    uint32_t lines_max;
    uint32_t lines_count;
    uint32_t walked;        /* entries of the index that the lines cover */
    uint32_t *line_first;   /* per line: entry of its first quote */
    uint64_t *strict_lines; /* bit per line: left to the strict path */
    uint16_t *others;       /* lines of a shape whose value is not as it was learned */
    struct json_lines
        *runs;             /* room for a shape's lines as ranges of those that follow each other */
    uint32_t lessons;      /* lines left to the strict path to be learned from */
    uint32_t loose_count;  /* lines of no known shape that go member by member */
    uint32_t loose_stride; /* leaves and one for values that nobody reads */
    uint32_t *loose_lines;
    uint64_t *loose_spans; /* per such line and leaf: see json_loose_template.h */
    uint32_t checks_count;
    uint64_t *checks; /* scalars in them that nobody reads */
    bool any_strict;
    bool any_redo; /* some of them after a shape's kernels have touched their lanes */
};

/* What a pass over lines prefetches: step bytes for each of them, from `at` on. */
struct json_ahead {
    const char *at;
    uint32_t step;
};

/* The memory wanted next comes in while lines are worked on, some bytes for each in each pass: the
 * more evenly, the less it holds up what else waits for memory. */
WEIR_INLINE struct json_ahead json_pass_ahead(struct json_chunk *chunk, uint32_t lines_count)
{
    struct json_ahead ahead = {chunk->ahead + chunk->fetched,
                               chunk->fetched < chunk->size ? JSON_PASS_STEP : 0};
    chunk->fetched += ahead.step * lines_count;
    return ahead;
}

/* Numbers of up to eight digits, the first digit in the lowest byte; whole registers are written.
 */
struct json_digits {
    uint64_t text[WEIR_BATCH_ROWS_MAX];
    uint8_t size[WEIR_BATCH_ROWS_MAX];
};

struct json_decoder;
struct json_kernels {
    /* Fills index, doubts, has_non_ascii for text[0 … size); 64 bytes may be read beyond. The first
     * quarter of the bytes ahead is prefetched meanwhile. */
    void (*index)(struct json_chunk *chunk);
    /* Finds the lines and their shapes; others are marked strict. */
    void (*walk)(struct json_decoder *decoder, struct json_chunk *chunk);
    /* After a walk that guessed: whether every line has the shape it was taken for. */
    bool (*prove)(const struct json_decoder *decoder, struct json_chunk *chunk);
    /* Values of the lines of a shape; lines it cannot judge are marked strict. */
    void (*values)(struct json_decoder *decoder, struct json_chunk *chunk,
                   struct json_shape *shape);
    /* Values of the loose lines, likewise. */
    void (*loose_values)(struct json_decoder *decoder, struct json_chunk *chunk);
    /* Writing: whether all texts are inlined and hold nothing that must be escaped. Lanes that
     * are null count, too. */
    bool (*plain_views)(const struct weir_view *views, uint32_t count);
    /* Writing: the digits of value - first for each value, all of which must be within
     * [first, first + 10^8), else false; first 0: without leading zeros. NULL: there is no fast
     * way. */
    bool (*digits)(const int64_t *values, uint32_t count, int64_t first,
                   struct json_digits *digits);
    /* Writing: the eight digits of each |value| * 10^4, and the value's sign, 1 or 0, as the size.
     * False when one has more decimals, or more digits before them, or is a negative zero. NULL:
     * likewise. */
    bool (*decimals)(const double *values, uint32_t count, struct json_digits *digits);
};
extern const struct json_kernels weir_json_kernels_scalar;
#if defined(__x86_64__)
extern const struct json_kernels weir_json_kernels_avx2;
extern const struct json_kernels weir_json_kernels_avx512;
#endif
/* By the processor, no better than limit. */
const struct json_kernels *weir_json_kernels_choose(int isa_limit, enum weir_isa *isa);

/* ---- the decoder ------------------------------------------------------------------------------
 */

/* What is wrong with a record. */
struct json_fault {
    enum weir_status code;
    const char *at; /* in the line */
    uint32_t field; /* JSON_NONE: none to blame */
    char message[192];
};

/* A value that did not fit its leaf; forgotten when a later duplicate of the key fits. */
struct json_failure {
    const char *at;
    struct weir_json_token token;
    enum json_result result;
};

struct json_decoder {
    struct json_context context;
    struct json_tree tree;
    struct weir_arena arena; /* the tree and all below */
    struct weir_budget *budget;
    struct weir_slice *names; /* of the projected fields */
    const struct json_kernels *kernels;
    enum weir_isa isa;
    bool strict_only;
    bool skipping; /* inside a record that is too long */
    uint64_t record_size_max;
    uint32_t rows_max;         /* by bytes of a batch */
    uint32_t record_size_mean; /* estimate, to index no more than will be used */
    struct weir_decoder_stats stats;

    /* shapes */
    struct json_shape *shapes[JSON_SHAPES_MAX];
    uint64_t heads[JSON_SHAPES_MAX], head_masks[JSON_SHAPES_MAX]; /* theirs, side by side */
    uint32_t shapes_count;
    struct json_shape *current;          /* of the line before */
    struct json_shape none;              /* stands for "no shape yet" */
    uint32_t shapeless;                  /* lines in a row */
    uint32_t distrust;                   /* chunks not to guess in after the next wrong guess */
    uint32_t distrusted;                 /* of them, still to come */
    uint32_t learn_interval, learn_wait; /* misses between two attempts to learn */
    struct json_chunk chunk;

    /* per record, strict path */
    uint64_t *seen;   /* leaves that have a value, a bit each */
    uint64_t *failed; /* leaves whose last value did not fit */
    uint64_t *all;    /* a bit for each leaf */
    uint32_t words_count;
    struct json_failure *failures; /* per leaf */

    /* per batch */
    uint64_t dead[WEIR_BATCH_ROWS_MAX / 64]; /* rows of bad records; until they are taken out at
                                                the end, row n is record n of the run */
    bool any_dead;
};

/* The special bytes of a chunk as they are met, in blocks of 64. */
struct json_doubts {
    const char *text;
    uint64_t *bits;      /* of the chunk; 0 already for the block at hand */
    uint64_t carry;      /* 1: the block's first byte is escaped */
    uint32_t first, end; /* offsets of the first block with some and behind the last one */
    bool others;         /* some are no plain escapes */
    bool letters;        /* some stand for another byte than they escape */
};

/* Backslashes that begin escapes: every other one of a row of them, of which bit 0 may have been
 * taken by the block before (Langdale and Lemire 2019, as reworked in simdjson 3: adding the rows'
 * first bits to alternating ones tells even from odd places by a carry). */
WEIR_INLINE uint64_t json_escapes_begin(uint64_t slashes, uint64_t carry)
{
    const uint64_t odd = UINT64_C(0xAAAAAAAAAAAAAAAA);
    uint64_t candidates = slashes & ~carry;
    uint64_t ends = (((candidates << 1) | odd) - candidates) ^ odd;
    return ends & slashes;
}

WEIR_INLINE void json_doubts_note(struct json_doubts *doubts, uint32_t offset, uint64_t bits)
{
    doubts->bits[offset / 64] = bits;
    if (!bits)
        return;
    doubts->first = offset < doubts->first ? offset : doubts->first;
    doubts->end = offset + 64;
}

/* Of control bytes, a bit each, those that are no '\r' before a '\n'. */
uint64_t weir_json_without_line_ends(const char *text, uint64_t controls);
/* Notes the doubts of the block at offset, a bit each: backslashes, and control bytes other than
 * newlines. Returns marks without the quotes that are escaped. */
uint64_t weir_json_add_doubts(struct json_doubts *doubts, uint32_t offset, uint64_t slashes,
                              uint64_t controls, uint64_t marks);
/* Closes the index, of which out is the end, and the doubts. */
void weir_json_end_index(struct json_chunk *chunk, const struct json_doubts *doubts, uint16_t *out);

/* The doubts among 64 bytes of the chunk. */
WEIR_INLINE uint64_t json_doubts_at(const struct json_chunk *chunk, uint32_t offset)
{
    const uint64_t *bits = chunk->doubt_bits + offset / 64;
    uint32_t shift = offset % 64;
    return bits[0] >> shift | bits[1] << 1 << (63 - shift);
}
/* Whether there is one in [begin, end). */
WEIR_INLINE bool json_any_doubts(const struct json_chunk *chunk, uint32_t begin, uint32_t end)
{
    for (; begin + 64 <= end; begin += 64)
        if (json_doubts_at(chunk, begin))
            return true;
    return (json_doubts_at(chunk, begin) & ~(UINT64_MAX << (end - begin))) != 0;
}

/* What a backslash and this byte stand for; 0: they are no escape of two bytes. */
extern const char weir_json_escapes[256];

/* A line for the strict path. quotes: the index at its first quote and base what it counts from,
 * when the line has no control bytes and its escapes are fine; else NULL. */
struct json_line {
    const char *begin;
    const char *end; /* its newline */
    const char *base;
    const uint16_t *quotes;
    bool is_utf8; /* known to be well-formed */
    bool has_escapes;
};
/* Judges the line and fills the lanes of row. WEIR_OK with *good, or with a fault that says why
 * not; another status only when memory runs out. */
enum weir_status weir_json_strict_record(struct json_decoder *decoder, const struct json_line *line,
                                         uint32_t row, bool *good, struct json_fault *fault);
/* Why what begins here is no record; at least three bytes can be read. */
const char *weir_json_no_object(const char *at);
/* The end of the escape at p, which is a backslash, or NULL when it is none of JSON's; a pair of
 * surrogates counts as one. */
const char *weir_json_escape_end(const char *p);
/* Whether the doubts from *doubt on that lie before end are escapes, all of them fine. */
bool weir_json_escapes_valid(const struct json_chunk *chunk, const uint32_t *doubt, uint32_t end);
/* What the escapes in a text (all valid) amount to: enum weir_json_flag. */
uint32_t weir_json_escape_flags(struct weir_slice text);
/* The end of a number that begins at text (a line, newline at its end), or NULL; *at (nullable) is
 * where it goes wrong. */
const char *weir_json_number_end(const char *text, const char **at);

WEIR_INLINE void json_leaf_set_null(struct json_leaf *leaf, uint32_t row)
{
    weir_bit_clear(leaf->validity, row);
    leaf->has_nulls = true;
    if (leaf->values)
        memset(leaf->values + (size_t)row * leaf->width, 0, leaf->width);
}

/* Learns the layout of a line that is valid and has quotes. Does nothing
 * when the layout is unfit or memory is short. */
void weir_json_shape_learn(struct json_decoder *decoder, const struct json_line *line);
void weir_json_shapes_free(struct json_decoder *decoder);
/* True when the line whose index begins at quotes has the shape. */
bool weir_json_shape_matches(const struct json_shape *shape, const struct json_line *line);
/* Values for which there is no kernel: true when valid and, unless leaf is JSON_NONE, stored;
 * false: leave the line to the strict path. */
bool weir_json_scalar_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end);
bool weir_json_string_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end);
bool weir_json_object_slow(struct json_decoder *decoder, uint32_t leaf, uint32_t row,
                           const char *begin, const char *end);

#endif
