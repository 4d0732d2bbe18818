/* The fractions of a percentile call, read when it is planned, and the writing of its result: one
 * value or a list. Private to kernel/aggregate/. */
#ifndef WEIR_KERNEL_AGGREGATE_PERCENTILES_H
#define WEIR_KERNEL_AGGREGATE_PERCENTILES_H

#include "kernel/aggregate/aggregate_internal.h"

struct weir_percentile {
    double fraction; /* 0 … 1 */
    bool is_null;
};
struct weir_percentiles {
    const struct weir_type *type; /* of the values */
    bool is_list;
    bool is_null;    /* the fraction, or the list, is NULL */
    bool descending; /* the order of the values */
    uint32_t count;
    struct weir_percentile *fractions;
};

/* bind: instance is a weir_percentiles made of constant argument fraction_arg. */
WEIR_CHECKED enum weir_status weir_percentiles_bind(struct weir_function_bind *bind,
                                                    uint32_t fraction_arg, uint32_t value_arg,
                                                    struct weir_error *error);

struct weir_percentile_writer {
    const struct weir_percentiles *percentiles;
    struct weir_value_writer values;
};
/* The encoded value at a fraction; lane is room for it. */
typedef struct weir_slice (*weir_percentile_of)(const void *context, double fraction,
                                                struct weir_lane *lane);
/* The result of a group that has values. */
void weir_percentiles_write(struct weir_percentile_writer *writer, uint32_t lane,
                            weir_percentile_of value_of, const void *context);

#endif
