/* Paced sequences; see sequence.h. */
#include "connect/sequence.h"

#include "sys/sys.h"

enum weir_poll_result weir_sequence_take(struct weir_sequence *sequence,
                                         struct weir_source_poll *poll, uint32_t *count)
{
    int64_t rows = poll->rows_max;
    if (sequence->rows_max >= 0 && sequence->rows_max - sequence->next < rows)
        rows = sequence->rows_max - sequence->next;
    if (rows <= 0)
        return WEIR_POLL_END;
    if (sequence->rate > 0) {
        int64_t now_ns = (int64_t)sequence->sys->monotonic_ns(sequence->sys);
        if (sequence->began_ns == 0)
            sequence->began_ns = now_ns - (int64_t)((double)sequence->next / sequence->rate * 1e9);
        double due = (double)(now_ns - sequence->began_ns) / 1e9 * sequence->rate + 1;
        int64_t ready = due >= 9e18 ? rows : (int64_t)due - sequence->next;
        if (ready <= 0) {
            poll->wakeup_ns =
                sequence->began_ns + (int64_t)((double)sequence->next / sequence->rate * 1e9) + 1;
            return WEIR_POLL_WAIT;
        }
        rows = ready < rows ? ready : rows;
    }
    *count = (uint32_t)rows;
    return WEIR_POLL_DATA;
}

int64_t weir_sequence_time_us(const struct weir_sequence *sequence, int64_t counter)
{
    if (sequence->interval_us > 0)
        return sequence->start_us + counter * sequence->interval_us;
    return sequence->sys->wall_clock(sequence->sys).us;
}

enum weir_status weir_sequence_position(const struct weir_sequence *sequence,
                                        struct weir_buffer *out)
{
    weir_buffer_append(out, &sequence->next, sizeof sequence->next);
    return out->failed ? WEIR_E_OUT_OF_MEMORY : WEIR_OK;
}

enum weir_status weir_sequence_seek(struct weir_sequence *sequence, struct weir_slice position,
                                    struct weir_error *error)
{
    if (position.size != sizeof sequence->next)
        return weir_error_set(error, WEIR_E_STATE_DAMAGED, "a position has %zu bytes, not 8",
                              position.size);
    memcpy(&sequence->next, position.data, sizeof sequence->next);
    return WEIR_OK;
}
