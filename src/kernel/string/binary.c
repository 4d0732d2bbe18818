/* Bits and bytes of BYTEA: Postgres 15 chapter 9.5. Bytes count from 0; bit n is bit n % 8, from
 * the least significant one, of byte n / 8. */
#include "kernel/string/string_internal.h"

/* False when the lane fails; *stop: the kernel returns. */
static bool check_index(struct weir_kernel_call *call, uint32_t lane, int64_t index, int64_t count,
                        bool *stop)
{
    *stop = false;
    if (index >= 0 && index < count)
        return true;
    *stop =
        !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "index %lld out of valid range, 0..%lld",
                          (long long)index, (long long)count - 1);
    return false;
}

void weir_fn_get_byte(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        int32_t index = weir_arg_int32(call, 1, lane);
        bool stop;
        if (check_index(call, lane, index, (int64_t)bytes.size, &stop))
            weir_string_set_int32(call, lane, (unsigned char)bytes.data[index]);
        if (stop)
            return;
    }
}

void weir_fn_get_bit(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        int64_t index = *WEIR_ARG(call, 1, int64_t, lane);
        bool stop;
        if (check_index(call, lane, index, (int64_t)bytes.size * 8, &stop))
            weir_string_set_int32(call, lane,
                                  (unsigned char)bytes.data[index / 8] >> (index % 8) & 1);
        if (stop)
            return;
    }
}

/* Stores a copy whose byte at index is the given one. */
static bool store_changed(struct weir_kernel_call *call, uint32_t lane, struct weir_slice bytes,
                          size_t index, unsigned char byte)
{
    char *out = weir_string_reserve(call, bytes.size);
    if (!out)
        return false;
    memcpy(out, bytes.data, bytes.size);
    out[index] = (char)byte;
    weir_string_commit(call, lane, out, bytes.size, bytes.size);
    return true;
}

void weir_fn_set_byte(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        int32_t index = weir_arg_int32(call, 1, lane), value = weir_arg_int32(call, 2, lane);
        bool stop;
        if (check_index(call, lane, index, (int64_t)bytes.size, &stop))
            stop = !store_changed(call, lane, bytes, (size_t)index, (unsigned char)value);
        if (stop)
            return;
    }
}

void weir_fn_set_bit(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        int64_t index = *WEIR_ARG(call, 1, int64_t, lane);
        int32_t value = weir_arg_int32(call, 2, lane);
        bool stop;
        if (!check_index(call, lane, index, (int64_t)bytes.size * 8, &stop)) {
            if (stop)
                return;
        } else if (value != 0 && value != 1) {
            if (!weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "new bit must be 0 or 1"))
                return;
        } else {
            unsigned char byte = (unsigned char)bytes.data[index / 8];
            unsigned char bit = (unsigned char)(1u << (index % 8));
            byte = value ? byte | bit : byte & (unsigned char)~bit;
            if (!store_changed(call, lane, bytes, (size_t)index / 8, byte))
                return;
        }
    }
}

void weir_fn_bit_count(struct weir_kernel_call *call)
{
    int64_t *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice bytes = weir_arg_text(call, 0, lane);
        int64_t count = 0;
        size_t at = 0;
        for (uint64_t word; at + sizeof word <= bytes.size; at += sizeof word) {
            memcpy(&word, bytes.data + at, sizeof word);
            count += __builtin_popcountll(word);
        }
        for (; at < bytes.size; at++)
            count += __builtin_popcount((unsigned char)bytes.data[at]);
        out[lane] = count;
    }
}
