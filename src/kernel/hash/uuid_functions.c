/* UUIDs made at random (version 4) and by time (version 7), RFC 9562. */
#include "kernel/string/string_internal.h"
#include "value/uuid.h"

enum { RANDOM_LANES = 64 }; /* lanes served by one request for random bytes */

struct random_bytes {
    uint8_t bytes[RANDOM_LANES][WEIR_UUID_BYTES];
    uint32_t used;
};

/* 16 bytes for one lane; NULL: there is no source of randomness here, the lane fails. */
static const uint8_t *take_random(struct weir_kernel_call *call, struct random_bytes *random)
{
    const struct weir_session *session = call->session;
    if (!session || !session->random_fill)
        return NULL;
    if (random->used == RANDOM_LANES) {
        session->random_fill(session, random->bytes, sizeof random->bytes);
        random->used = 0;
    }
    return random->bytes[random->used++];
}

static void run_uuid(struct weir_kernel_call *call, bool by_time)
{
    struct random_bytes random = {.used = RANDOM_LANES};
    struct weir_uuid *out = call->out_values;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        const uint8_t *bytes = take_random(call, &random);
        if (!bytes) {
            if (!weir_kernel_fail(call, lane, WEIR_E_INTERNAL, "no source of randomness"))
                return;
            continue;
        }
        out[lane] = by_time
                        ? weir_uuid_v7((uint64_t)(call->session->now.us / WEIR_US_PER_MS), bytes)
                        : weir_uuid_v4(bytes);
    }
}
void weir_fn_gen_random_uuid(struct weir_kernel_call *call)
{
    run_uuid(call, false);
}
void weir_fn_uuid_v7(struct weir_kernel_call *call)
{
    run_uuid(call, true);
}
