/* Pieces of EXPLAIN that its text, JSON, watermark and state forms share. */
#ifndef WEIR_PLAN_EXPLAIN_INTERNAL_H
#define WEIR_PLAN_EXPLAIN_INTERNAL_H

#include "plan/binder_internal.h"

const char *plan_emit_name(enum weir_emit emit);
void plan_print_duration(int64_t us, struct weir_buffer *out); /* "10 seconds" */
void plan_print_width(const struct weir_plan_window *window, struct weir_buffer *out);
void plan_print_column(const struct weir_schema *schema, uint32_t column, struct weir_buffer *out);
void plan_print_table_name(const struct weir_table *table, struct weir_buffer *out);
void plan_print_watermark(const struct weir_plan_scan *scan, struct weir_buffer *out);
void plan_print_projection(const struct weir_expr *expr, const struct weir_schema *input,
                           struct weir_slice name, struct weir_buffer *out);
void plan_print_orders(const struct weir_plan_order *order, uint32_t count,
                       const struct weir_schema *schema, struct weir_buffer *out);
void plan_print_call(const struct weir_plan_aggregate_call *call, const struct weir_schema *schema,
                     struct weir_buffer *out);
void plan_print_window(const struct weir_plan_window *window, const struct weir_schema *input,
                       struct weir_buffer *out);
void plan_print_bounds(int64_t limit, int64_t offset, const char *before, struct weir_buffer *out);
void plan_print_change_keys(const struct weir_plan_node *node, struct weir_buffer *out);
void plan_print_over(const struct weir_plan_node *node, struct weir_buffer *out);
/* "inner", "left", … */
const char *plan_join_name(const struct weir_plan_join *join);
void plan_print_join_keys(const struct weir_plan_node *node, struct weir_buffer *out);
/* The times that an ASOF join compares. */
void plan_print_asof(const struct weir_plan_node *node, struct weir_buffer *out);
void plan_print_join_condition(const struct weir_plan_node *node, struct weir_buffer *out);

#endif
