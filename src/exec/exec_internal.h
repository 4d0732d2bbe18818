/* What the operators share. */
#ifndef WEIR_EXEC_EXEC_INTERNAL_H
#define WEIR_EXEC_EXEC_INTERNAL_H

#include "exec/exec.h"
#include "state/ttl.h"

extern const struct weir_operator_type exec_compute;
extern const struct weir_operator_type exec_aggregate;
extern const struct weir_operator_type exec_distinct;
extern const struct weir_operator_type exec_sort;
extern const struct weir_operator_type exec_limit;
extern const struct weir_operator_type exec_union;
extern const struct weir_operator_type exec_unnest;
extern const struct weir_operator_type exec_late;
extern const struct weir_operator_type exec_proctime;
extern const struct weir_operator_type exec_over;
extern const struct weir_operator_type exec_join;
extern const struct weir_operator_type exec_asof;
extern const struct weir_operator_type exec_lookup;
extern const struct weir_operator_type exec_values;
extern const struct weir_operator_type exec_series;
extern const struct weir_operator_type exec_normalize;
extern const struct weir_operator_type exec_net;

/* Zeroed heap memory for an operator's state, charged to env->budget, which *out then holds. */
WEIR_CHECKED enum weir_status exec_state_create(const struct weir_operator_env *env, size_t size,
                                                void **out, struct weir_error *error);
void exec_state_destroy(const struct weir_operator_env *env, void *state, size_t size);

/* Adds the operator's frame and says FAILED. */
enum weir_flow exec_failed(const struct weir_operator_env *env, struct weir_error *error);
/* The frame for a failing open. */
enum weir_status exec_open_failed(const struct weir_operator_env *env, enum weir_status status,
                                  struct weir_error *error);
/* MEMORY_LIMIT or OUT_OF_MEMORY. */
enum weir_status exec_out_of_memory(const struct weir_operator_env *env, struct weir_error *error);

/* A row that came behind a watermark for which its window had ended, in the operator's time. */
struct exec_late_row {
    int64_t watermark_us; /* as it came, less behind_us */
    int64_t behind_us;    /* how far the operator's time is behind the watermark */
    int64_t last_us;      /* the window's last moment */
    int64_t kept_us;      /* the last time at which the row would not have been late */
};
void exec_count_late(const struct weir_operator_env *env, const struct weir_batch *batch,
                     uint32_t lane, const struct exec_late_row *row);
/* The greatest multiple of granularity_us (at least 1) that is not above the time; the ends of time
 * stay. */
int64_t exec_round_down(int64_t time_us, int64_t granularity_us);

/* updating_ttl, from now on. */
void exec_ttl_init(const struct weir_operator_env *env, struct weir_ttl *ttl);
void exec_count_expired(const struct weir_operator_env *env, uint64_t rows);

/* Rows a batch may have: env->batch_rows within [1, WEIR_BATCH_ROWS_MAX]. */
uint32_t exec_batch_rows(const struct weir_operator_env *env);

/* Origin of a lane's record. */
struct weir_origin exec_origin(const struct weir_batch *batch, uint32_t lane);

/* The lanes [0, count) of column in memory of arena: text and nested values are copied, fixed width
 * ones are shared. */
WEIR_CHECKED enum weir_status exec_own_column(const struct weir_column *column, uint32_t count,
                                              struct weir_arena *arena, struct weir_column *out,
                                              struct weir_error *error);
/* A FLAT column of count lanes to be written: *values (NULL for nested types) and, all ones,
 * *validity. */
WEIR_CHECKED enum weir_status exec_blank_column(const struct weir_type *type, uint32_t count,
                                                struct weir_arena *arena, struct weir_column *out,
                                                void **values, uint64_t **validity,
                                                struct weir_error *error);
/* Empties a batch that nobody downstream has kept, so that the batches it holds may be reused by
 * their producers. NULL is fine. */
WEIR_CHECKED enum weir_status exec_let_go(struct weir_batch *batch, struct weir_error *error);
/* Passes weights, event times (when with_event_time) and origins of input's lanes on: lane i of out
 * is lane lanes[i] of input; lanes NULL: the same lanes, shared. out->rows_count is set. */
WEIR_CHECKED enum weir_status exec_pass_lanes(const struct weir_batch *input, const uint16_t *lanes,
                                              bool with_event_time, struct weir_batch *out,
                                              struct weir_error *error);

#endif
