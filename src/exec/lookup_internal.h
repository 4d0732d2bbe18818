/* LOOKUP: a join whose right rows are asked for by key, shared by its files.
 *
 *   op_lookup.c       open, push, watermark, end, poll, close; what waits, in order
 *   lookup_request.c  keys asked for: sending, answers, repetition, deadline
 *   lookup_cache.c    keys known and their rows; what is forgotten
 *   lookup_emit.c     output batches
 *
 * A batch that comes in is kept until all its keys are known:
 *
 *     waiting:   batch 7 (keys 3, 9: asked)  |  watermark  |  batch 8 (all known)
 *     key 3 ─▶ request 12, in flight          key 9 ─▶ request 13, to be sent
 *
 * and then joined with the rows of its keys. Keys are rows of a state table, asked for once however
 * many rows want them; what waits holds its keys, so that they stay until it is out.
 *
 * Invariants
 *   L1 watermarks and the end leave behind the batches they came behind
 *   L2 `uses` of a key is the number of waiting batches that have it; such a key is not forgotten
 *   L3 a key that is asked for is in one request; when its keys are known it is free for others,
 *      but for one that was given up in flight: that keeps its place until it is done
 *   L4 rows are in the table of rows only while their key is known; they are reached from it alone
 *   L5 left rows may be taken back: `pinned` of a key is the weight of those that are out. What
 * they were joined with stays as long, so that it is taken back with them */
#ifndef WEIR_EXEC_LOOKUP_INTERNAL_H
#define WEIR_EXEC_LOOKUP_INTERNAL_H

#include "exec/exec_internal.h"
#include "flow/connector.h"
#include "state/table.h"

#define LOOKUP_NONE UINT32_MAX

enum lookup_status { LOOKUP_NEW, LOOKUP_ASKED, LOOKUP_KNOWN };

/* What is known of a key: payload of the table of keys. */
struct lookup_key {
    int64_t fetched_ns;
    int64_t pinned;       /* L5 */
    uint32_t uses;        /* L2 */
    uint32_t first, last; /* rows, plus one; 0: it has none */
    uint32_t serial; /* of the answer: a number that is given again is not taken for the old key */
    uint32_t bytes;  /* about, of its rows */
    uint8_t status;
    bool fresh;     /* used since the cache looked at it last */
    bool in_ring;   /* else it is not known, or pinned */
    bool uncertain; /* no answer: counts as no rows, and is not kept */
};

enum lookup_kind { LOOKUP_BATCH, LOOKUP_WATERMARK };

/* What waits, in order of arrival. */
struct lookup_item {
    struct lookup_item *next;
    enum lookup_kind kind;
    struct weir_event_time watermark;
    struct weir_batch *batch; /* retained */
    size_t keys_size;
    uint32_t *keys; /* per selected row: its key, or NONE: it matches nothing */
    uint32_t asked; /* the first rows whose keys are known */
};

enum lookup_phase {
    LOOKUP_FREE,
    LOOKUP_QUEUED,
    LOOKUP_IN_FLIGHT,
    LOOKUP_ABANDONED /* given up; its batch is still being read over there */
};

#define LOOKUP_NOT_BEGUN INT64_MIN

struct lookup_request {
    uint64_t number;
    uint32_t *keys; /* settings->batch of them */
    uint32_t count;
    enum lookup_phase phase;
    uint32_t attempts;
    int64_t begun_ns; /* LOOKUP_NOT_BEGUN: at the next look */
    int64_t next_ns;  /* not sent before */
    struct weir_batch *batch;
};

/* Known keys in the order of their answers. */
struct lookup_kept {
    uint32_t key, serial;
};

struct lookup {
    const struct weir_plan_node *node;
    const struct weir_plan_join *plan;
    const struct weir_plan_scan *scan;
    const struct weir_lookup_settings *settings;
    const struct weir_lookup_type *type;
    struct weir_operator_env env;
    void *connection;
    char *table_name;
    struct weir_arena arena;   /* of this structure's arrays */
    struct weir_arena scratch; /* of a call */
    struct weir_schema key_schema;
    struct weir_state_table *keys; /* struct lookup_key by key */
    struct weir_state_table
        *rows;             /* of the lookup table; payload: the next row of the key plus one */
    uint32_t *key_columns; /* of the rows */
    uint32_t *columns;     /* of the rows: per column of the right input */
    const struct weir_type **row_types;
    struct weir_schema pair_schema; /* left columns, then right ones */
    struct weir_program *condition;
    struct weir_batch *pair_batch, *out;
    struct lookup_item *first, *last;
    uint32_t items_count;
    struct lookup_request **requests;
    uint32_t requests_count, requests_capacity, in_flight, queued;
    struct lookup_request *filling; /* takes more keys; among the queued ones */
    uint64_t next_number;
    struct lookup_kept *kept; /* ring */
    uint32_t kept_first, kept_count, kept_capacity;
    uint64_t kept_bytes;
    uint32_t next_serial;
    int64_t looked_ns; /* at deadlines, last */
    int64_t now_ns;
    struct weir_ttl ttl; /* of pinned keys */
    bool changelog;      /* left rows may be taken back */
    bool done;           /* downstream wants no more */
    bool ended;          /* input */
    bool out_ended;
};

static inline uint32_t lookup_next_row(const struct lookup *lookup, uint32_t row)
{
    uint32_t next;
    memcpy(&next, weir_state_table_payload(lookup->rows, row), sizeof next);
    return next - 1; /* 0 - 1 is NONE */
}

static inline struct lookup_key *lookup_key_of(const struct lookup *lookup, uint32_t key)
{
    return (struct lookup_key *)(void *)weir_state_table_payload(lookup->keys, key);
}

/* ---- lookup_request.c ---- */

/* Puts a new key on the list of those to ask for. */
WEIR_CHECKED enum weir_status lookup_ask(struct lookup *lookup, uint32_t key,
                                         struct weir_error *error);
/* Sends what may be sent. */
WEIR_CHECKED enum weir_status lookup_send(struct lookup *lookup, struct weir_error *error);
/* Takes the answers that are there, repeats, gives up. */
WEIR_CHECKED enum weir_status lookup_receive(struct lookup *lookup, struct weir_error *error);

/* ---- lookup_cache.c ---- */

WEIR_CHECKED enum weir_status lookup_cache_open(struct lookup *lookup, struct weir_error *error);
/* A waiting batch wants a key. True when it has to be asked for: it is new, or what is known is too
 * old. */
bool lookup_use(struct lookup *lookup, uint32_t key);
/* Rows of an answer; those whose key is not what was asked for are left out. */
WEIR_CHECKED enum weir_status lookup_store(struct lookup *lookup,
                                           const struct lookup_request *request,
                                           const struct weir_lookup_answer *answer,
                                           struct weir_error *error);
/* A key is known now. */
WEIR_CHECKED enum weir_status lookup_keep(struct lookup *lookup, uint32_t key,
                                          struct weir_error *error);
/* A waiting batch no longer holds it. */
void lookup_release(struct lookup *lookup, uint32_t key);
/* A row of the key comes out, with its weight. *known: false for one that is taken back of what
 * updating_ttl has forgotten. */
WEIR_CHECKED enum weir_status lookup_pin(struct lookup *lookup, uint32_t key, int64_t weight,
                                         bool *known, struct weir_error *error);
/* updating_ttl: keys without rows for so long are no longer pinned. */
WEIR_CHECKED enum weir_status lookup_unpin_silent(struct lookup *lookup,
                                                  struct weir_processing_time now,
                                                  struct weir_error *error);
/* Forgets what is too old or too much. */
void lookup_trim(struct lookup *lookup);

/* ---- lookup_emit.c ---- */

enum weir_flow lookup_emit(struct lookup *lookup, const struct lookup_item *item,
                           struct weir_output *output, struct weir_error *error);

#endif
