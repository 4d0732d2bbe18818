/* Keys asked for: sent, answered, repeated, given up. See lookup_internal.h. */
#include "exec/lookup_internal.h"

#include "base/checked.h"

enum { DOUBLINGS_MAX = 16 };

/* ---- requests ---- */

static struct lookup_request *free_request(struct lookup *lookup)
{
    for (uint32_t i = 0; i < lookup->requests_count; i++)
        if (lookup->requests[i]->phase == LOOKUP_FREE)
            return lookup->requests[i];
    if (lookup->requests_count == lookup->requests_capacity) {
        uint32_t capacity = lookup->requests_capacity ? lookup->requests_capacity * 2 : 16;
        struct lookup_request **made =
            WEIR_ARENA_ARRAY(&lookup->arena, struct lookup_request *, capacity);
        if (!made)
            return NULL;
        for (uint32_t i = 0; i < lookup->requests_count; i++)
            made[i] = lookup->requests[i];
        lookup->requests = made;
        lookup->requests_capacity = capacity;
    }
    struct lookup_request *request = WEIR_ARENA_NEW(&lookup->arena, struct lookup_request);
    uint32_t *keys = WEIR_ARENA_ARRAY(&lookup->arena, uint32_t, lookup->settings->batch);
    if (!request || !keys)
        return NULL;
    request->keys = keys;
    lookup->requests[lookup->requests_count++] = request;
    return request;
}

enum weir_status lookup_ask(struct lookup *lookup, uint32_t key, struct weir_error *error)
{
    struct lookup_request *request = lookup->filling;
    if (!request) {
        request = free_request(lookup);
        if (!request)
            return exec_out_of_memory(&lookup->env, error);
        *request = (struct lookup_request){.number = lookup->next_number++,
                                           .keys = request->keys,
                                           .phase = LOOKUP_QUEUED,
                                           .begun_ns = LOOKUP_NOT_BEGUN,
                                           .next_ns = INT64_MIN,
                                           .batch = request->batch};
        lookup->queued++;
        lookup->filling = request;
    }
    request->keys[request->count++] = key;
    lookup_key_of(lookup, key)->status = LOOKUP_ASKED;
    if (request->count == lookup->settings->batch)
        lookup->filling = NULL;
    return WEIR_OK;
}

static enum weir_status fill_batch(struct lookup *lookup, struct lookup_request *request,
                                   struct weir_error *error)
{
    WEIR_TRY(weir_batch_renew(&request->batch, &lookup->key_schema, lookup->env.budget, error));
    struct weir_batch *batch = request->batch;
    batch->rows_count = batch->selected_count = request->count;
    for (uint32_t k = 0; k < lookup->plan->keys_count; k++) {
        struct weir_column column;
        WEIR_TRY(weir_state_table_keys(lookup->keys, k, request->keys, request->count,
                                       &batch->arena, &column, error));
        WEIR_TRY(
            exec_own_column(&column, request->count, &batch->arena, &batch->columns[k], error));
    }
    return WEIR_OK;
}

static enum weir_status send(struct lookup *lookup, struct lookup_request *request,
                             struct weir_error *error)
{
    if (request == lookup->filling)
        lookup->filling = NULL;
    if (request->attempts == 0)
        WEIR_TRY(fill_batch(lookup, request, error));
    /* An attempt has a number of its own: what comes for an earlier one is no answer to it. */
    if (request->attempts)
        request->number = lookup->next_number++;
    request->attempts++;
    request->phase = LOOKUP_IN_FLIGHT;
    lookup->queued--;
    lookup->in_flight++;
    return lookup->type->get_many(lookup->connection, request->number, request->batch, error);
}

enum weir_status lookup_send(struct lookup *lookup, struct weir_error *error)
{
    for (uint32_t i = 0; i < lookup->requests_count && lookup->queued; i++) {
        struct lookup_request *request = lookup->requests[i];
        if (lookup->in_flight >= lookup->settings->concurrency)
            return WEIR_OK;
        if (request->phase == LOOKUP_QUEUED && request->next_ns <= lookup->now_ns)
            WEIR_TRY(send(lookup, request, error));
    }
    return WEIR_OK;
}

/* ---- answers ---- */

static enum weir_status keys_known(struct lookup *lookup, struct lookup_request *request,
                                   bool uncertain, struct weir_error *error)
{
    for (uint32_t i = 0; i < request->count; i++) {
        lookup_key_of(lookup, request->keys[i])->uncertain = uncertain;
        WEIR_TRY(lookup_keep(lookup, request->keys[i], error));
    }
    request->phase = LOOKUP_FREE;
    return WEIR_OK;
}

static enum weir_status give_up(struct lookup *lookup, struct lookup_request *request,
                                struct weir_error *error)
{
    if (!lookup->settings->null_on_failure)
        return error->code;
    weir_error_clear(error);
    if (lookup->env.unanswered_count)
        *lookup->env.unanswered_count += request->count;
    return keys_known(lookup, request, true, error);
}

static enum weir_status too_late(struct lookup *lookup, struct weir_error *error)
{
    return weir_error_set(error, WEIR_E_LOOKUP_DEADLINE,
                          "lookup table \"%s\" gave no answer within %.3g seconds",
                          lookup->table_name, (double)lookup->settings->deadline_ns / 1e9);
}

/* The error says why; the request is in flight no more. */
static enum weir_status failed(struct lookup *lookup, struct lookup_request *request,
                               struct weir_error *error)
{
    if (!(error->flags & WEIR_ERROR_RETRYABLE) || request->attempts > lookup->settings->retries)
        return give_up(lookup, request, error);
    uint32_t doublings =
        request->attempts - 1 < DOUBLINGS_MAX ? request->attempts - 1 : DOUBLINGS_MAX;
    int64_t delay_ns;
    if (!weir_mul_i64(lookup->settings->retry_delay_ns, INT64_C(1) << doublings, &delay_ns) ||
        !weir_add_i64(lookup->now_ns, delay_ns, &request->next_ns))
        request->next_ns = INT64_MAX;
    weir_error_clear(error);
    request->phase = LOOKUP_QUEUED;
    lookup->queued++;
    return WEIR_OK;
}

static struct lookup_request *find_request(struct lookup *lookup, uint64_t number)
{
    for (uint32_t i = 0; i < lookup->requests_count; i++)
        if (lookup->requests[i]->phase >= LOOKUP_IN_FLIGHT && lookup->requests[i]->number == number)
            return lookup->requests[i];
    return NULL;
}

static enum weir_status answered(struct lookup *lookup, const struct weir_lookup_answer *answer,
                                 struct weir_error *error)
{
    struct lookup_request *request = find_request(lookup, answer->request);
    if (!request)
        return weir_error_set(error, WEIR_E_INTERNAL, "lookup table \"%s\" answers unasked",
                              lookup->table_name);
    lookup->in_flight -= !answer->more;
    if (request->phase == LOOKUP_ABANDONED) {
        request->phase = answer->more ? LOOKUP_ABANDONED : LOOKUP_FREE;
        weir_error_clear(error);
        return WEIR_OK;
    }
    if (!answer->rows)
        return failed(lookup, request, error);
    WEIR_TRY(lookup_store(lookup, request, answer, error));
    return answer->more ? WEIR_OK : keys_known(lookup, request, false, error);
}

/* Time counts from the first look on after a request was made, and not while it waits for nothing
 * but the job. The job may have been busy with other things for long: what lies between two looks
 * counts as half the deadline at most, so that what has come meanwhile is seen before. */
static enum weir_status look_at_deadlines(struct lookup *lookup, struct weir_error *error)
{
    int64_t most = lookup->settings->deadline_ns / 2, busy_ns = lookup->now_ns - lookup->looked_ns;
    busy_ns = busy_ns > most ? busy_ns - most : 0;
    lookup->looked_ns = lookup->now_ns;
    for (uint32_t i = 0; i < lookup->requests_count; i++) {
        struct lookup_request *request = lookup->requests[i];
        int64_t age;
        bool waits = request->phase == LOOKUP_QUEUED || request->phase == LOOKUP_IN_FLIGHT;
        bool is_next = request->attempts == 0 && lookup->in_flight < lookup->settings->concurrency;
        if (request->begun_ns == LOOKUP_NOT_BEGUN || (request->phase == LOOKUP_QUEUED && is_next))
            request->begun_ns = lookup->now_ns;
        else
            request->begun_ns += busy_ns;
        if (!waits || !weir_sub_i64(lookup->now_ns, request->begun_ns, &age) ||
            age < lookup->settings->deadline_ns)
            continue;
        bool in_flight = request->phase == LOOKUP_IN_FLIGHT;
        lookup->queued -= !in_flight;
        lookup->filling = request == lookup->filling ? NULL : lookup->filling;
        (void)too_late(lookup, error);
        WEIR_TRY(give_up(lookup, request, error));
        request->phase = in_flight ? LOOKUP_ABANDONED : LOOKUP_FREE;
    }
    return WEIR_OK;
}

enum weir_status lookup_receive(struct lookup *lookup, struct weir_error *error)
{
    struct weir_lookup_answer answer = {0};
    enum weir_poll_result result;
    while ((result = lookup->type->done(lookup->connection, &answer, error)) != WEIR_POLL_WAIT) {
        if (result == WEIR_POLL_FAILED)
            answer.rows = NULL;
        WEIR_TRY(answered(lookup, &answer, error));
        answer = (struct weir_lookup_answer){0};
    }
    return look_at_deadlines(lookup, error);
}
