/* A paced sequence of numbered events with a time each: what impulse and generator share. Row n has
 * counter n; its time is the start plus n intervals, or the clock's when no interval is set. */
#ifndef WEIR_CONNECT_SEQUENCE_H
#define WEIR_CONNECT_SEQUENCE_H

#include "flow/connector.h"

struct weir_sequence {
    const struct weir_sys *sys;
    int64_t rows_max;    /* -1: without end */
    double rate;         /* rows a second; 0: as fast as possible */
    int64_t interval_us; /* between event times; 0: the clock */
    int64_t start_us;    /* event time of row 0 */
    int64_t next;        /* counter of the next row */
    int64_t began_ns;    /* monotonic, of the first poll; 0: not yet */
};

/* How many rows may be produced now, at most rows_max. 0 with END when the sequence is over, or
 * WAIT with poll->wakeup_ns set. */
enum weir_poll_result weir_sequence_take(struct weir_sequence *sequence,
                                         struct weir_source_poll *poll, uint32_t *count);
/* Event time of a row. */
int64_t weir_sequence_time_us(const struct weir_sequence *sequence, int64_t counter);
enum weir_status weir_sequence_position(const struct weir_sequence *sequence,
                                        struct weir_buffer *out);
enum weir_status weir_sequence_seek(struct weir_sequence *sequence, struct weir_slice position,
                                    struct weir_error *error);

#endif
