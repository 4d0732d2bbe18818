/* What a program says of how a table is looked up; see struct weir_lookup_settings. */
#include "runtime/lookup_options.h"

struct lookup_options {
    int64_t cache_bytes, cache_ttl, deadline, retry_delay, retries, concurrency, batch, on_failure;
    bool ordered;
};

static const char *const failure_choices[] = {"fail", "null", NULL};
enum { FAILURE_NULL = 1 };

#define FIELD(field) .offset = offsetof(struct lookup_options, field), .roles = WEIR_OPTION_LOOKUP
static const struct weir_option_spec specs[] = {
    {.name = "lookup.cache.max_bytes",
     .kind = WEIR_OPTION_SIZE,
     FIELD(cache_bytes),
     .fallback = "16 MiB",
     .min = 0,
     .max = INT64_MAX,
     .help = "answers are kept up to this size; 0 keeps none"},
    {.name = "lookup.cache.ttl",
     .kind = WEIR_OPTION_DURATION,
     FIELD(cache_ttl),
     .fallback = "1 minute",
     .help = "an older answer is asked for again; 'off' is never"},
    {.name = "lookup.ordered",
     .kind = WEIR_OPTION_BOOLEAN,
     FIELD(ordered),
     .fallback = "true",
     .help = "batches of rows come out in the order in which they came; 'false' lets those whose "
             "answers are there go ahead, within the watermark"},
    {.name = "lookup.batch",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(batch),
     .fallback = "256",
     .min = 1,
     .max = WEIR_BATCH_ROWS_MAX,
     .help = "keys in a request, at most"},
    {.name = "lookup.concurrency",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(concurrency),
     .fallback = "4",
     .min = 1,
     .max = 256,
     .help = "requests in flight, at most"},
    {.name = "lookup.deadline",
     .kind = WEIR_OPTION_DURATION,
     FIELD(deadline),
     .fallback = "10 seconds",
     .help = "an answer that takes longer, repetitions included, is given up; 'off' waits"},
    {.name = "lookup.retries",
     .kind = WEIR_OPTION_INTEGER,
     FIELD(retries),
     .fallback = "3",
     .min = 0,
     .max = 1000000,
     .help = "how often a request that failed for the moment is repeated"},
    {.name = "lookup.retry_delay",
     .kind = WEIR_OPTION_DURATION,
     FIELD(retry_delay),
     .fallback = "100 ms",
     .min = 0,
     .max = INT64_MAX,
     .help = "before the first repetition; doubles with each"},
    {.name = "lookup.on_failure",
     .kind = WEIR_OPTION_CHOICE,
     FIELD(on_failure),
     .choices = failure_choices,
     .fallback = "fail",
     .help = "'fail' ends the job, 'null' counts the keys and goes on as if they had no rows"},
};
#undef FIELD

const struct weir_option_spec *weir_lookup_options(size_t *count)
{
    *count = WEIR_COUNT_OF(specs);
    return specs;
}

/* 'off' is -1. */
static int64_t duration_ns(int64_t us)
{
    return us < 0 || us > INT64_MAX / 1000 ? INT64_MAX : us * 1000;
}

enum weir_status weir_lookup_options_parse(struct weir_option *options, size_t count,
                                           const char *what, struct weir_lookup_settings *out,
                                           struct weir_error *error)
{
    struct lookup_options parsed = {0};
    WEIR_TRY(weir_options_parse(specs, WEIR_COUNT_OF(specs), options, count, WEIR_OPTION_LOOKUP,
                                what, &parsed, error));
    *out = (struct weir_lookup_settings){.cache_bytes = (uint64_t)parsed.cache_bytes,
                                         .cache_ttl_ns = duration_ns(parsed.cache_ttl),
                                         .deadline_ns = duration_ns(parsed.deadline),
                                         .retry_delay_ns = duration_ns(parsed.retry_delay),
                                         .retries = (uint32_t)parsed.retries,
                                         .concurrency = (uint32_t)parsed.concurrency,
                                         .batch = (uint32_t)parsed.batch,
                                         .ordered = parsed.ordered,
                                         .null_on_failure = parsed.on_failure == FAILURE_NULL};
    return WEIR_OK;
}
