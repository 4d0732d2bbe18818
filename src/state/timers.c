/* Timers by buckets; see timers.h. Tested in tests/unit/state/test_timers.c. */
#include "state/timers.h"

#include "base/checked.h"

#include <string.h>

enum { BUCKET_FIRST = 16, BUCKETS_FIRST = 16 };

struct bucket {
    int64_t time; /* due when this has come */
    uint32_t *numbers;
    uint32_t count, capacity;
    uint32_t taken;
};

struct weir_timers {
    struct weir_budget *budget;
    int64_t granularity;
    struct bucket *buckets; /* ascending by time; those before `first` are gone */
    uint32_t first, end, capacity;
    uint64_t count; /* of timers */
};

/* Heap memory that is charged. NULL when memory or budget has run out. */
static void *charged_alloc(struct weir_budget *budget, size_t size)
{
    if (!weir_budget_charge(budget, size))
        return NULL;
    void *memory = weir_malloc(size);
    if (!memory)
        weir_budget_release(budget, size);
    return memory;
}

static void charged_free(struct weir_budget *budget, void *memory, size_t size)
{
    if (!memory)
        return;
    weir_free(memory);
    weir_budget_release(budget, size);
}

enum weir_status weir_timers_create(int64_t granularity_us, struct weir_budget *budget,
                                    struct weir_timers **out, struct weir_error *error)
{
    struct weir_timers *timers = *out = charged_alloc(budget, sizeof *timers);
    if (!timers)
        return weir_budget_error(budget, error);
    *timers = (struct weir_timers){.budget = budget, .granularity = granularity_us};
    return WEIR_OK;
}

static void bucket_free(struct weir_timers *timers, struct bucket *bucket)
{
    charged_free(timers->budget, bucket->numbers, bucket->capacity * sizeof *bucket->numbers);
    *bucket = (struct bucket){0};
}

void weir_timers_destroy(struct weir_timers *timers)
{
    if (!timers)
        return;
    for (uint32_t i = timers->first; i < timers->end; i++)
        bucket_free(timers, &timers->buckets[i]);
    charged_free(timers->budget, timers->buckets, timers->capacity * sizeof *timers->buckets);
    charged_free(timers->budget, timers, sizeof *timers);
}

/* ---- registering ---- */

static int64_t round_up(const struct weir_timers *timers, int64_t time)
{
    int64_t past = time % timers->granularity; /* of the sign of time */
    int64_t rounded;
    if (past > 0)
        past -= timers->granularity;
    return weir_sub_i64(time, past, &rounded) ? rounded : INT64_MAX;
}

/* Place of the first bucket at or after time. Most timers are later than all before. */
static uint32_t place_of(const struct weir_timers *timers, int64_t time)
{
    uint32_t low = timers->first, high = timers->end;
    if (low < high && timers->buckets[high - 1].time < time)
        return high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (timers->buckets[middle].time < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Room for one more bucket at the end: the dead ones in front are dropped, or the array doubles. */
static bool reserve_bucket(struct weir_timers *timers)
{
    uint32_t live = timers->end - timers->first;
    if (timers->end < timers->capacity)
        return true;
    if (timers->first > timers->capacity / 2) {
        memmove(timers->buckets, timers->buckets + timers->first, live * sizeof *timers->buckets);
        timers->first = 0;
        timers->end = live;
        return true;
    }
    uint32_t capacity = timers->capacity ? timers->capacity * 2 : BUCKETS_FIRST;
    struct bucket *buckets = charged_alloc(timers->budget, capacity * sizeof *buckets);
    if (!buckets)
        return false;
    if (live)
        memcpy(buckets, timers->buckets + timers->first, live * sizeof *buckets);
    charged_free(timers->budget, timers->buckets, timers->capacity * sizeof *timers->buckets);
    timers->buckets = buckets;
    timers->capacity = capacity;
    timers->first = 0;
    timers->end = live;
    return true;
}

/* The bucket of a rounded time; NULL when memory has run out. */
static struct bucket *bucket_of(struct weir_timers *timers, int64_t time)
{
    uint32_t place = place_of(timers, time);
    if (place < timers->end && timers->buckets[place].time == time)
        return &timers->buckets[place];
    if (!reserve_bucket(timers))
        return NULL;
    place = place_of(timers, time); /* buckets may have moved */
    memmove(&timers->buckets[place + 1], &timers->buckets[place],
            (timers->end - place) * sizeof *timers->buckets);
    timers->end++;
    timers->buckets[place] = (struct bucket){.time = time};
    return &timers->buckets[place];
}

static bool bucket_append(struct weir_timers *timers, struct bucket *bucket, uint32_t number)
{
    if (bucket->count == bucket->capacity) {
        uint32_t capacity = bucket->capacity ? bucket->capacity * 2 : BUCKET_FIRST;
        uint32_t *numbers = charged_alloc(timers->budget, capacity * sizeof *numbers);
        if (!numbers)
            return false;
        if (bucket->count)
            memcpy(numbers, bucket->numbers, bucket->count * sizeof *numbers);
        charged_free(timers->budget, bucket->numbers, bucket->capacity * sizeof *numbers);
        bucket->numbers = numbers;
        bucket->capacity = capacity;
    }
    bucket->numbers[bucket->count++] = number;
    timers->count++;
    return true;
}

enum weir_status weir_timers_register_many(struct weir_timers *timers, const int64_t *times,
                                           const uint32_t *numbers, uint32_t count,
                                           struct weir_error *error)
{
    struct bucket *bucket = NULL;
    for (uint32_t i = 0; i < count; i++) {
        int64_t time = round_up(timers, times[i]);
        if (!bucket || bucket->time != time)
            bucket = bucket_of(timers, time);
        if (!bucket || !bucket_append(timers, bucket, numbers[i]))
            return weir_budget_error(timers->budget, error);
    }
    return WEIR_OK;
}

/* ---- falling due ---- */

uint32_t weir_timers_due(struct weir_timers *timers, struct weir_event_time until,
                         uint32_t *numbers, uint32_t max)
{
    uint32_t count = 0;
    while (timers->first < timers->end && count < max) {
        struct bucket *bucket = &timers->buckets[timers->first];
        if (bucket->time > until.us)
            break;
        uint32_t take = bucket->count - bucket->taken;
        if (take > max - count)
            take = max - count;
        memcpy(numbers + count, bucket->numbers + bucket->taken, take * sizeof *numbers);
        bucket->taken += take;
        count += take;
        if (bucket->taken == bucket->count) {
            bucket_free(timers, bucket);
            timers->first++;
        }
    }
    timers->count -= count;
    return count;
}

uint64_t weir_timers_count(const struct weir_timers *timers)
{
    return timers->count;
}
