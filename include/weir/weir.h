/* weir as a library: SQL over Arrow data, files and streams, inside another program.
 *
 *     struct weir *weir;
 *     if (weir_open(&weir) == 0 &&
 *         weir_table_from_arrow(weir, "orders", &schema, arrays, 1) == 0 &&
 *         weir_query(weir, "SELECT item, sum(price) FROM orders GROUP BY item", receive, NULL) !=
 * 0) fputs(weir_error_text(weir), stderr); weir_close(weir);
 *
 * Functions return 0, or the exit code that the command `weir` would have ended with (1 failed
 * while running, 2 wrong program, 3 over budget); weir_error_text says what happened, in the words
 * of the command. One weir is used by one thread at a time; several may live side by side. */
#ifndef WEIR_H
#define WEIR_H

#include "weir/arrow_abi.h"

#ifdef __cplusplus
extern "C" {
#endif

struct weir;

/* 0, or 3 when memory has run out; *out is owned by the caller, and set to NULL on failure. */
int weir_open(struct weir **out);
/* NULL is fine. */
void weir_close(struct weir *weir);

/* A job option such as "batch_rows"; see the documentation of SET. */
int weir_set(struct weir *weir, const char *name, const char *value);

/* Declares a table over arrays of a struct-typed schema. Takes the arrays (they are released when
 * weir is closed, also when this fails); borrows schema for the call. event_time names the column
 * of event time, or is NULL. */
int weir_table_from_arrow(struct weir *weir, const char *name, const struct ArrowSchema *schema,
                          struct ArrowArray *arrays, int arrays_count, const char *event_time);

/* Receives the rows of a query: schema once per query (released after the call), then arrays, which
 * the receiver takes and releases when it likes. Not 0 ends the query. */
struct weir_receiver {
    int (*schema)(void *context, struct ArrowSchema *schema);
    int (*rows)(void *context, struct ArrowArray *array);
    void *context;
};

/* Runs SQL statements one after the other; the rows of SELECTs go to receiver, which may be NULL
 * when there are none. */
int weir_query(struct weir *weir, const char *sql, const struct weir_receiver *receiver);

/* How the last query went. */
struct weir_query_stats {
    unsigned long long rows_in, rows_out, bytes_in;
    double seconds;
};
struct weir_query_stats weir_last_stats(const struct weir *weir);

/* Of the last call that failed; "" when none has. Valid until the next call. */
const char *weir_error_text(const struct weir *weir);

#ifdef __cplusplus
}
#endif

#endif
