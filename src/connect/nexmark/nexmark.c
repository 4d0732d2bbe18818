/* nexmark: the event stream of the Nexmark benchmark, an auction site's persons, auctions and bids.
 *
 * One table of all events in their order, a struct column per kind. model.c says what an event is,
 * fill.c makes columns of it; here are the options, the columns of a table declared without, and
 * the source. Event n is made from n alone, so a position is a number. */
#include "connect/nexmark/fill.h"
#include "connect/sequence.h"
#include "sys/sys.h"
#include "value/timestamp.h"

struct nexmark_options {
    double event_rate, next_event_rate, runtime_s;
    int64_t events;
    int64_t person_proportion, auction_proportion, bid_proportion;
    int64_t person_size, auction_size, bid_size;
    int64_t hot_auction_ratio, hot_bidder_ratio, hot_seller_ratio;
    int64_t in_flight_auctions, active_people, out_of_order_group_size, seed;
    int64_t rate_limited;
    struct weir_slice base_time;
};

enum { RATE_LIMITED_AUTO, RATE_LIMITED_YES, RATE_LIMITED_NO };
static const char *const limited_choices[] = {"auto", "true", "false", NULL};

#define INTEGER(field, other, least, most, standard, what)                                \
    {                                                                                     \
        .name = #field, .kind = WEIR_OPTION_INTEGER, .alias = (other),                    \
        .offset = offsetof(struct nexmark_options, field), .min = (least), .max = (most), \
        .fallback = (standard), .help = (what)                                            \
    }
#define SIZE(field, other, standard, what)                                         \
    {                                                                              \
        .name = #field, .kind = WEIR_OPTION_SIZE, .alias = (other),                \
        .offset = offsetof(struct nexmark_options, field), .min = 0, .max = 65536, \
        .fallback = (standard), .help = (what)                                     \
    }

static const struct weir_option_spec nexmark_specs[] = {
    {.name = "event_rate",
     .kind = WEIR_OPTION_NUMBER,
     .alias = "first-event.rate",
     .offset = offsetof(struct nexmark_options, event_rate),
     .fallback = "10000",
     .help = "events in a second of event time"},
    {.name = "next_event_rate",
     .kind = WEIR_OPTION_NUMBER,
     .alias = "next-event.rate",
     .offset = offsetof(struct nexmark_options, next_event_rate),
     .fallback = "0",
     .help = "accepted when it says the same: the rate does not change"},
    INTEGER(events, "events.num", 0, INT64_C(1000000000000000), "0",
            "ends after so many events; 0 is without end"),
    {.name = "runtime",
     .kind = WEIR_OPTION_NUMBER,
     .offset = offsetof(struct nexmark_options, runtime_s),
     .fallback = "0",
     .help = "ends after so many seconds of event time; 0 is without end"},
    {.name = "rate_limited",
     .kind = WEIR_OPTION_CHOICE,
     .alias = "rate.limited",
     .choices = limited_choices,
     .offset = offsetof(struct nexmark_options, rate_limited),
     .fallback = "auto",
     .help = "whether events come at their rate by the clock: 'true', 'false', or 'auto', which "
             "does so when there is no end"},
    INTEGER(person_proportion, "person.proportion", 1, 1000000, "1",
            "persons in a group of events"),
    INTEGER(auction_proportion, "auction.proportion", 1, 1000000, "3",
            "auctions in a group of events"),
    INTEGER(bid_proportion, "bid.proportion", 0, 1000000, "46", "bids in a group of events"),
    SIZE(person_size, "person.avg-size", "200", "bytes of a person on average"),
    SIZE(auction_size, "auction.avg-size", "500", "bytes of an auction on average"),
    SIZE(bid_size, "bid.avg-size", "100", "bytes of a bid on average"),
    INTEGER(hot_auction_ratio, "bid.hot-ratio.auctions", 1, 1000000, "2",
            "all bids to those not on the hot auction"),
    INTEGER(hot_bidder_ratio, "bid.hot-ratio.bidders", 1, 1000000, "4",
            "all bids to those not of the hot bidder"),
    INTEGER(hot_seller_ratio, "auction.hot-ratio.sellers", 1, 1000000, "4",
            "all auctions to those not of the hot seller"),
    INTEGER(in_flight_auctions, NULL, 0, 1000000000, "100",
            "auctions that run at a time, on average"),
    INTEGER(active_people, NULL, 1, 1000000000, "1000", "the latest so many people sell and bid"),
    INTEGER(out_of_order_group_size, NULL, 1, 1000000000, "1",
            "the events of each so many in a row come in disorder; 1 is in order"),
    {.name = "base_time",
     .kind = WEIR_OPTION_TEXT,
     .offset = offsetof(struct nexmark_options, base_time),
     .fallback = "2015-07-15T00:00:00Z",
     .help = "event time of the first event"},
    INTEGER(seed, NULL, INT64_MIN, INT64_MAX, "0",
            "another stream of the same kind; 0 is Apache Beam's"),
};
#undef INTEGER
#undef SIZE

struct nexmark {
    struct weir_sequence sequence;
    struct nexmark_model model;
    struct nexmark_columns columns;
    struct weir_arena arena;
    struct weir_budget *budget;
    struct weir_batch *batch;
    struct weir_split split;
};

/* ---- columns of a table declared without ---- */

static const struct weir_type *kind_type(const struct nexmark_kind_description *kind,
                                         struct weir_arena *arena)
{
    const struct weir_type *types[NEXMARK_FIELDS_MAX];
    struct weir_slice names[NEXMARK_FIELDS_MAX];
    for (uint32_t i = 0; i < kind->fields_count; i++) {
        types[i] = weir_type_of(kind->fields[i].kind);
        names[i] = weir_slice_from_string(kind->fields[i].name);
    }
    return weir_type_struct(arena, kind->fields_count, types, names);
}

static enum weir_status nexmark_schema(struct weir_option *options, size_t options_count,
                                       struct weir_arena *arena, struct weir_schema *out,
                                       struct weir_error *error)
{
    (void)options, (void)options_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(arena, struct weir_field, NEXMARK_KINDS_COUNT + 2);
    if (!fields)
        return weir_error_set_out_of_memory(error);
    for (unsigned i = 0; i < NEXMARK_KINDS_COUNT; i++) {
        fields[i] = (struct weir_field){weir_slice_from_string(nexmark_kinds[i].name),
                                        kind_type(&nexmark_kinds[i], arena), true};
        if (!fields[i].type)
            return weir_error_set_out_of_memory(error);
    }
    fields[NEXMARK_KINDS_COUNT] = (struct weir_field){weir_slice_from_string("event_type"),
                                                      weir_type_of(WEIR_TYPE_INT32), false};
    fields[NEXMARK_KINDS_COUNT + 1] = (struct weir_field){weir_slice_from_string("timestamp"),
                                                          weir_type_of(WEIR_TYPE_TIMESTAMP), false};
    *out = (struct weir_schema){fields, NEXMARK_KINDS_COUNT + 2};
    return WEIR_OK;
}

/* ---- opening ---- */

/* A value that its spec lets pass, but Nexmark does not. */
static enum weir_status bad_option(const struct weir_connector_table *table, const char *name,
                                   const char *hint, struct weir_error *error)
{
    const struct weir_option_spec *spec = nexmark_specs;
    while (strcmp(spec->name, name) != 0)
        spec++;
    for (size_t i = 0; i < table->options_count; i++) {
        const struct weir_option *given = &table->options[i];
        if (!weir_option_is(spec, given->name))
            continue;
        (void)weir_error_set(error, WEIR_E_BAD_OPTION,
                             "option \"%s\" of connector \"nexmark\" cannot be '%.*s'", spec->name,
                             WEIR_SLICE_ARGS(given->value));
        weir_error_at(error, given->value_position);
    }
    weir_error_hint(error, "%s", hint);
    return WEIR_E_BAD_OPTION;
}

static enum weir_status check_rates(const struct weir_connector_table *table,
                                    const struct nexmark_options *options, struct weir_error *error)
{
    if (!(options->event_rate >= 0.001 && options->event_rate <= 1e9))
        return bad_option(table, "event_rate", "it takes events a second, from 0.001 to 1e9",
                          error);
    if (options->next_event_rate != 0 && options->next_event_rate != options->event_rate)
        return bad_option(table, "next_event_rate",
                          "the rate cannot change: leave it out, or give it the event_rate", error);
    if (!(options->runtime_s >= 0 && options->runtime_s <= 1e9))
        return bad_option(table, "runtime", "it takes seconds, from 0 to 1e9", error);
    return WEIR_OK;
}

static enum weir_status read_options(const struct weir_connector_table *table,
                                     struct nexmark_options *out, int64_t *base_time_us,
                                     struct weir_error *error)
{
    WEIR_TRY(weir_options_parse(nexmark_specs, WEIR_COUNT_OF(nexmark_specs), table->options,
                                table->options_count, WEIR_OPTION_SOURCE, "connector \"nexmark\"",
                                out, error));
    WEIR_TRY(check_rates(table, out, error));
    if (weir_timestamp_parse(out->base_time, base_time_us, NULL) == WEIR_PARSE_OK)
        return WEIR_OK;
    return bad_option(table, "base_time", "it takes a time such as 2015-07-15T00:00:00Z", error);
}

static struct nexmark_model model_of(const struct nexmark_options *options, int64_t base_time_us)
{
    return (struct nexmark_model){
        .proportions = {options->person_proportion, options->auction_proportion,
                        options->bid_proportion},
        .proportions_total =
            options->person_proportion + options->auction_proportion + options->bid_proportion,
        .average_sizes = {options->person_size, options->auction_size, options->bid_size},
        .hot_auction_ratio = (int32_t)options->hot_auction_ratio,
        .hot_bidder_ratio = (int32_t)options->hot_bidder_ratio,
        .hot_seller_ratio = (int32_t)options->hot_seller_ratio,
        .in_flight_auctions = options->in_flight_auctions,
        .active_people = options->active_people,
        .group_size = options->out_of_order_group_size,
        .base_time_ms = base_time_us / 1000,
        .delay_us = 1e6 / options->event_rate,
        .seed = options->seed,
    };
}

/* -1: without end. */
static int64_t events_of(const struct nexmark_options *options)
{
    int64_t events = options->events ? options->events : -1;
    double timed = options->runtime_s * options->event_rate;
    if (timed > 0 && (events < 0 || timed < (double)events))
        events = timed < 1e15 ? (int64_t)timed : INT64_C(1000000000000000);
    return events;
}

static enum weir_status nexmark_open(const struct weir_connector_table *table,
                                     const struct weir_connector_env *env, void **source,
                                     struct weir_error *error)
{
    struct nexmark_options options = {0};
    int64_t base_time_us = 0;
    WEIR_TRY(read_options(table, &options, &base_time_us, error));
    struct nexmark *nexmark = weir_calloc(1, sizeof *nexmark);
    if (!nexmark)
        return weir_error_set_out_of_memory(error);
    *source = nexmark;
    weir_arena_init(&nexmark->arena, env->budget, 4096);
    nexmark->budget = env->budget;
    int64_t events = events_of(&options);
    bool limited = options.rate_limited == RATE_LIMITED_YES ||
                   (options.rate_limited == RATE_LIMITED_AUTO && events < 0);
    nexmark->sequence = (struct weir_sequence){
        .sys = env->sys, .rows_max = events, .rate = limited ? options.event_rate : 0};
    nexmark->split = (struct weir_split){"nexmark", events >= 0, 0};
    nexmark->model = model_of(&options, base_time_us);
    WEIR_TRY(nexmark_columns_bind(table->schema, &nexmark->arena, &nexmark->columns, error));
    if (nexmark->columns.wants_channel) {
        nexmark->model.channels = nexmark_channels_make(&nexmark->arena);
        if (!nexmark->model.channels)
            return weir_budget_error(env->budget, error);
    }
    nexmark->batch = weir_batch_create(table->schema, env->budget);
    return nexmark->batch ? WEIR_OK : weir_budget_error(env->budget, error);
}

static enum weir_status nexmark_splits(void *source, const struct weir_split **splits,
                                       uint32_t *count, struct weir_error *error)
{
    (void)error;
    *splits = &((struct nexmark *)source)->split;
    *count = 1;
    return WEIR_OK;
}

/* ---- reading ---- */

static enum weir_poll_result nexmark_poll(void *source, struct weir_source_poll *poll,
                                          struct weir_error *error)
{
    struct nexmark *nexmark = source;
    struct weir_sequence *sequence = &nexmark->sequence;
    uint32_t count = 0;
    enum weir_poll_result result = weir_sequence_take(sequence, poll, &count);
    if (result != WEIR_POLL_DATA)
        return result;
    if (weir_batch_renew(&nexmark->batch, NULL, nexmark->budget, error) != WEIR_OK ||
        nexmark_batch_fill(&nexmark->model, &nexmark->columns, sequence->next, count,
                           nexmark->batch, nexmark->budget, error) != WEIR_OK)
        return WEIR_POLL_FAILED;
    nexmark->batch->origin.record = (uint64_t)sequence->next;
    sequence->next += count;
    poll->batch = nexmark->batch;
    return WEIR_POLL_DATA;
}

static enum weir_status nexmark_position(void *source, uint32_t split, struct weir_buffer *out,
                                         struct weir_error *error)
{
    (void)split, (void)error;
    return weir_sequence_position(&((struct nexmark *)source)->sequence, out);
}

static enum weir_status nexmark_seek(void *source, uint32_t split, struct weir_slice position,
                                     struct weir_error *error)
{
    (void)split;
    return weir_sequence_seek(&((struct nexmark *)source)->sequence, position, error);
}

static void nexmark_close(void *source)
{
    struct nexmark *nexmark = source;
    weir_batch_release(nexmark->batch);
    weir_arena_deinit(&nexmark->arena);
    weir_free(nexmark);
}

static bool nexmark_bounded(const struct weir_option *options, size_t options_count)
{
    static const char *const ends[] = {"events", "events.num", "runtime"};
    for (size_t i = 0; i < options_count; i++)
        for (size_t k = 0; k < WEIR_COUNT_OF(ends); k++)
            if (weir_slice_equals_ignoring_case(options[i].name, weir_slice_from_string(ends[k])) &&
                !weir_slice_equals_string(options[i].value, "0"))
                return true;
    return false;
}

static const struct weir_source_type nexmark_source = {
    .yield = WEIR_SOURCE_BATCHES,
    .opens_nothing = true,
    .leaves_fields_out = true,
    .open = nexmark_open,
    .splits = nexmark_splits,
    .poll = nexmark_poll,
    .position = nexmark_position,
    .seek = nexmark_seek,
    .close = nexmark_close,
};

const struct weir_connector weir_connector_nexmark = {
    .name = "nexmark",
    .summary = "persons, auctions and bids of the Nexmark benchmark",
    .details =
        "The stream of Apache Beam's generator: each event is made from its number, the same in\n"
        "every run. Columns `person`, `auction` and `bid`, each a STRUCT that is NULL in the rows\n"
        "of the other kinds, `event_type INT` (0, 1, 2) and `timestamp TIMESTAMP`, the event "
        "time.\n"
        "A table may declare those that it needs, and of the structs the fields that it needs;\n"
        "names count without case and underscores (`dateTime`, `date_time`), and the event time\n"
        "may be called `date_time` too.\n\n"
        "```sql\n"
        "CREATE TABLE nexmark WITH (connector = 'nexmark', events = '1000');\n"
        "SELECT count(person), count(auction), count(bid), max(bid.price) FROM nexmark;\n"
        "```\n",
    .options = nexmark_specs,
    .options_count = WEIR_COUNT_OF(nexmark_specs),
    .options_size = sizeof(struct nexmark_options),
    .roles = WEIR_ROLE_SOURCE,
    .source = &nexmark_source,
    .schema = nexmark_schema,
    .bounded = nexmark_bounded,
};
