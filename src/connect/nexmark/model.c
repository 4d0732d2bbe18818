/* Persons, auctions and bids; see model.h. Each function draws in the order that the generator
 * fixes: a draw left out, or added, would change all behind it. */
#include "connect/nexmark/model.h"

#include "connect/nexmark/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

enum {
    FIRST_AUCTION = 1000,
    FIRST_PERSON = 1000,
    FIRST_CATEGORY = 10,
    CATEGORIES_COUNT = 5,
    LEAD = 10,      /* people and auctions that may be named before they are there */
    HOT_SPAN = 100, /* of so many people (auctions) in a row, one is the hot one */
};

static const char *const first_names[] = {"Peter", "Paul",  "Luke",  "John",   "Saul",  "Vicky",
                                          "Kate",  "Julie", "Sarah", "Deiter", "Walter"};
static const char *const last_names[] = {"Shultz", "Abrams", "Spencer", "White", "Bartels",
                                         "Walton", "Smith",  "Jones",   "Noris"};
static const char *const cities[] = {"Phoenix",  "Los Angeles", "San Francisco", "Boise",
                                     "Portland", "Bend",        "Redmond",       "Seattle",
                                     "Kent",     "Cheyenne"};
static const char *const states[] = {"AZ", "CA", "ID", "OR", "WA", "WY"};
static const char *const hot_channels[NEXMARK_HOT_CHANNELS_COUNT] = {"Google", "Facebook", "Baidu",
                                                                     "Apple"};

/* ---- events ---- */

static int64_t time_of(const struct nexmark_model *model, int64_t id)
{
    double us = (double)id * model->delay_us;
    return model->base_time_ms + (us < 4e18 ? (int64_t)us : INT64_C(4000000000000000000)) / 1000;
}

struct nexmark_event nexmark_event_make(const struct nexmark_model *model, int64_t number)
{
    int64_t id = number;
    if (model->group_size > 1) {
        int64_t place = number % model->group_size;
        id += place * 953 % model->group_size - place; /* the same as number * 953 mod the size */
    }
    int64_t group = id / model->proportions_total;
    return (struct nexmark_event){id, group, id - group * model->proportions_total,
                                  time_of(model, id)};
}

enum nexmark_kind nexmark_event_kind(const struct nexmark_model *model,
                                     const struct nexmark_event *event)
{
    const int64_t *proportions = model->proportions;
    if (event->place < proportions[NEXMARK_PERSON])
        return NEXMARK_PERSON;
    return event->place < proportions[NEXMARK_PERSON] + proportions[NEXMARK_AUCTION]
               ? NEXMARK_AUCTION
               : NEXMARK_BID;
}

/* ---- who there is ---- */

static struct java_random random_of(const struct nexmark_model *model,
                                    const struct nexmark_event *event)
{
    return java_random_of((int64_t)((uint64_t)event->id + (uint64_t)model->seed));
}

/* Uniform in [0, bound): as Beam does it, skewed where the bound needs more than 31 bits. */
static int64_t draw_below(struct java_random *random, int64_t bound)
{
    if (bound < INT32_MAX)
        return java_random_below(random, (int32_t)bound);
    int64_t rest = java_random_long(random) % bound;
    return rest < 0 ? -rest : rest;
}

/* The last person, counted from 0, when the event happens: itself when it is one. */
static int64_t last_person(const struct nexmark_model *model, const struct nexmark_event *event)
{
    int64_t per_group = model->proportions[NEXMARK_PERSON];
    int64_t place = event->place < per_group ? event->place : per_group - 1;
    return event->group * per_group + place;
}

static int64_t last_auction(const struct nexmark_model *model, const struct nexmark_event *event)
{
    int64_t persons = model->proportions[NEXMARK_PERSON];
    int64_t per_group = model->proportions[NEXMARK_AUCTION];
    if (event->place < persons)
        return event->group * per_group - 1; /* the last of the group before */
    int64_t place = event->place - persons;
    return event->group * per_group + (place < per_group ? place : per_group - 1);
}

static int64_t draw_person(const struct nexmark_model *model, const struct nexmark_event *event,
                           struct java_random *random)
{
    int64_t people = last_person(model, event) + 1;
    int64_t active = people < model->active_people ? people : model->active_people;
    return people - active + draw_below(random, active + LEAD);
}

static int64_t draw_auction(const struct nexmark_model *model, const struct nexmark_event *event,
                            struct java_random *random)
{
    int64_t last = last_auction(model, event);
    int64_t first = last > model->in_flight_auctions ? last - model->in_flight_auctions : 0;
    return first + draw_below(random, last - first + 1 + LEAD);
}

/* Log-uniform, 100 to 10^8 cents. */
static int64_t draw_price(struct java_random *random)
{
    return (int64_t)(pow(10.0, java_random_double(random) * 6.0) * 100.0 + 0.5);
}

static void put_number(const struct nexmark_lanes *out, unsigned field, uint32_t row, int64_t value)
{
    if (out->lanes[field])
        ((int64_t *)out->lanes[field])[row] = value;
}

static void put_text(const struct nexmark_lanes *out, unsigned field, uint32_t row,
                     struct weir_view value)
{
    if (out->lanes[field])
        ((struct weir_view *)out->lanes[field])[row] = value;
}

static bool wants_any(const struct nexmark_lanes *out, const uint8_t *fields, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (out->lanes[fields[i]])
            return true;
    return false;
}

/* ---- persons ---- */

static const char *choose(struct java_random *random, const char *const *texts, size_t count)
{
    return texts[java_random_below(random, (int32_t)count)];
}

static char *append(char *at, const char *text)
{
    size_t size = strlen(text);
    memcpy(at, text, size);
    return at + size;
}

static struct weir_view person_name(struct java_random *random, struct nexmark_text *text)
{
    char *at = append(text->at, choose(random, first_names, WEIR_COUNT_OF(first_names)));
    *at++ = ' ';
    at = append(at, choose(random, last_names, WEIR_COUNT_OF(last_names)));
    return nexmark_text_take(text, (size_t)(at - text->at));
}

static struct weir_view person_email(struct java_random *random, struct nexmark_text *text)
{
    char *at = text->at;
    at += nexmark_text_words(random, 7, ' ', at);
    *at++ = '@';
    at += nexmark_text_words(random, 5, ' ', at);
    at = append(at, ".com");
    return nexmark_text_take(text, (size_t)(at - text->at));
}

static struct weir_view person_card(struct java_random *random, struct nexmark_text *text)
{
    char *at = text->at;
    for (unsigned i = 0; i < 4; i++) {
        int32_t digits = java_random_below(random, 10000);
        if (i)
            *at++ = ' ';
        for (int32_t unit = 1000; unit; unit /= 10)
            *at++ = (char)('0' + digits / unit % 10);
    }
    return nexmark_text_take(text, (size_t)(at - text->at));
}

bool nexmark_person_make(const struct nexmark_model *model, const struct nexmark_event *event,
                         const struct nexmark_lanes *out, uint32_t row, struct nexmark_text *text)
{
    static const uint8_t drawn[] = {PERSON_NAME, PERSON_EMAIL, PERSON_CARD,
                                    PERSON_CITY, PERSON_STATE, PERSON_EXTRA};
    enum { TEXTS_SIZE_MAX = 128 };
    struct weir_view extra;
    put_number(out, PERSON_ID, row, FIRST_PERSON + last_person(model, event));
    put_number(out, PERSON_TIME, row, event->time_ms * 1000);
    if (!wants_any(out, drawn, sizeof drawn))
        return true;
    if (!nexmark_text_reserve(text, TEXTS_SIZE_MAX))
        return false;
    struct java_random random = random_of(model, event);
    struct weir_view name = person_name(&random, text);
    struct weir_view email = person_email(&random, text);
    struct weir_view card = person_card(&random, text);
    const char *city = choose(&random, cities, WEIR_COUNT_OF(cities));
    const char *state = choose(&random, states, WEIR_COUNT_OF(states));
    put_text(out, PERSON_NAME, row, name);
    put_text(out, PERSON_EMAIL, row, email);
    put_text(out, PERSON_CARD, row, card);
    put_text(out, PERSON_CITY, row, weir_view_make(city, strlen(city)));
    put_text(out, PERSON_STATE, row, weir_view_make(state, strlen(state)));
    if (!out->lanes[PERSON_EXTRA])
        return true;
    int64_t size = 8 + (int64_t)(name.size + email.size + card.size + strlen(city) + strlen(state));
    if (!nexmark_text_filler(&random, size, model->average_sizes[NEXMARK_PERSON], text, &extra))
        return false;
    put_text(out, PERSON_EXTRA, row, extra);
    return true;
}

/* ---- auctions ---- */

/* How long an auction lasts: on average until as many more have begun as are in flight. */
static int64_t draw_length_ms(const struct nexmark_model *model, const struct nexmark_event *event,
                              struct java_random *random)
{
    int64_t events =
        model->in_flight_auctions * model->proportions_total / model->proportions[NEXMARK_AUCTION];
    int64_t horizon_ms = time_of(model, event->id + events) - event->time_ms;
    return 1 + draw_below(random, horizon_ms > 0 ? 2 * horizon_ms : 1);
}

static bool auction_texts(const struct nexmark_model *model, struct java_random *random,
                          int64_t first_bid, const struct nexmark_lanes *out, uint32_t row,
                          struct nexmark_text *text)
{
    enum { NAME_MAX_LENGTH = 20, DESCRIPTION_MAX_LENGTH = 100 };
    struct weir_view extra;
    if (!nexmark_text_reserve(text, NAME_MAX_LENGTH + DESCRIPTION_MAX_LENGTH))
        return false;
    struct weir_view name =
        nexmark_text_take(text, nexmark_text_words(random, NAME_MAX_LENGTH, ' ', text->at));
    struct weir_view description =
        nexmark_text_take(text, nexmark_text_words(random, DESCRIPTION_MAX_LENGTH, ' ', text->at));
    put_text(out, AUCTION_NAME, row, name);
    put_text(out, AUCTION_DESCRIPTION, row, description);
    put_number(out, AUCTION_RESERVE, row, first_bid + draw_price(random));
    if (!out->lanes[AUCTION_EXTRA])
        return true;
    int64_t size = 6 * 8 + (int64_t)(name.size + description.size);
    if (!nexmark_text_filler(random, size, model->average_sizes[NEXMARK_AUCTION], text, &extra))
        return false;
    put_text(out, AUCTION_EXTRA, row, extra);
    return true;
}

bool nexmark_auction_make(const struct nexmark_model *model, const struct nexmark_event *event,
                          const struct nexmark_lanes *out, uint32_t row, struct nexmark_text *text)
{
    static const uint8_t texts[] = {AUCTION_NAME, AUCTION_DESCRIPTION, AUCTION_RESERVE,
                                    AUCTION_EXTRA};
    struct java_random random = random_of(model, event);
    int64_t seller;
    put_number(out, AUCTION_ID, row, FIRST_AUCTION + last_auction(model, event));
    put_number(out, AUCTION_TIME, row, event->time_ms * 1000);
    if (java_random_below(&random, model->hot_seller_ratio) > 0)
        seller = last_person(model, event) / HOT_SPAN * HOT_SPAN;
    else
        seller = draw_person(model, event, &random);
    put_number(out, AUCTION_SELLER, row, FIRST_PERSON + seller);
    put_number(out, AUCTION_CATEGORY, row,
               FIRST_CATEGORY + java_random_below(&random, CATEGORIES_COUNT));
    int64_t first_bid = draw_price(&random);
    put_number(out, AUCTION_FIRST_BID, row, first_bid);
    put_number(out, AUCTION_EXPIRES, row,
               (event->time_ms + draw_length_ms(model, event, &random)) * 1000);
    if (!wants_any(out, texts, sizeof texts))
        return true;
    return auction_texts(model, &random, first_bid, out, row, text);
}

/* ---- bids ---- */

static int64_t scramble(int64_t number)
{
    return (int64_t)((uint64_t)number * UINT64_C(0x9E3779B97F4A7C15) >> 16);
}

static void put_channel(const struct nexmark_model *model, const struct nexmark_event *event,
                        const struct nexmark_lanes *out, uint32_t row)
{
    struct java_random random =
        java_random_of(scramble((int64_t)((uint64_t)event->id + (uint64_t)model->seed)));
    int32_t channel;
    if (java_random_below(&random, 2) > 0)
        channel = NEXMARK_CHANNELS_COUNT + java_random_below(&random, NEXMARK_HOT_CHANNELS_COUNT);
    else
        channel = java_random_below(&random, NEXMARK_CHANNELS_COUNT);
    put_text(out, BID_CHANNEL, row, model->channels[channel].name);
    put_text(out, BID_URL, row, model->channels[channel].url);
}

bool nexmark_bid_make(const struct nexmark_model *model, const struct nexmark_event *event,
                      const struct nexmark_lanes *out, uint32_t row, struct nexmark_text *text)
{
    static const uint8_t behind_auction[] = {BID_BIDDER, BID_PRICE, BID_EXTRA};
    static const uint8_t behind_bidder[] = {BID_PRICE, BID_EXTRA};
    struct java_random random = random_of(model, event);
    struct weir_view extra;
    int64_t auction, bidder;
    put_number(out, BID_TIME, row, event->time_ms * 1000);
    if (model->channels)
        put_channel(model, event, out, row);
    if (java_random_below(&random, model->hot_auction_ratio) > 0)
        auction = last_auction(model, event) / HOT_SPAN * HOT_SPAN;
    else
        auction = draw_auction(model, event, &random);
    put_number(out, BID_AUCTION, row, FIRST_AUCTION + auction);
    if (!wants_any(out, behind_auction, sizeof behind_auction))
        return true;
    if (java_random_below(&random, model->hot_bidder_ratio) > 0)
        bidder = last_person(model, event) / HOT_SPAN * HOT_SPAN + 1; /* another than the seller */
    else
        bidder = draw_person(model, event, &random);
    put_number(out, BID_BIDDER, row, FIRST_PERSON + bidder);
    if (!wants_any(out, behind_bidder, sizeof behind_bidder))
        return true;
    if (out->lanes[BID_PRICE])
        put_number(out, BID_PRICE, row, draw_price(&random));
    else
        (void)java_random_double(&random);
    if (!out->lanes[BID_EXTRA])
        return true;
    if (!nexmark_text_filler(&random, 4 * 8, model->average_sizes[NEXMARK_BID], text, &extra))
        return false;
    put_text(out, BID_EXTRA, row, extra);
    return true;
}

/* ---- channels ---- */

static bool make_url(int32_t channel, struct nexmark_text *text, struct weir_view *out)
{
    enum { URL_SIZE_MAX = 128 };
    struct java_random random = java_random_of(scramble((INT64_C(1) << 40) + channel));
    if (!nexmark_text_reserve(text, URL_SIZE_MAX))
        return false;
    char *at = append(text->at, "https://www.nexmark.com/");
    for (unsigned i = 0; i < 3; i++) {
        at += nexmark_text_words(&random, 5, '_', at);
        *at++ = '/';
    }
    at = append(at, "item.htm?query=1");
    if (channel < NEXMARK_CHANNELS_COUNT && java_random_below(&random, 10) > 0) {
        uint32_t reversed = 0; /* Integer.reverse, then Math.abs */
        for (unsigned bit = 0; bit < 32; bit++)
            reversed |= ((uint32_t)channel >> bit & 1) << (31 - bit);
        int64_t identity = (int32_t)reversed;
        at += snprintf(at, 32, "&channel_id=%" PRId64, identity < 0 ? -identity : identity);
    }
    *out = nexmark_text_take(text, (size_t)(at - text->at));
    return true;
}

const struct nexmark_channel *nexmark_channels_make(struct weir_arena *arena)
{
    enum { COUNT = NEXMARK_CHANNELS_COUNT + NEXMARK_HOT_CHANNELS_COUNT };
    struct nexmark_text text = {.arena = arena};
    struct nexmark_channel *channels = WEIR_ARENA_ARRAY(arena, struct nexmark_channel, COUNT);
    for (int32_t i = 0; channels && i < COUNT; i++) {
        if (!make_url(i, &text, &channels[i].url) || !nexmark_text_reserve(&text, 32))
            return NULL;
        if (i >= NEXMARK_CHANNELS_COUNT)
            channels[i].name = weir_view_from_slice(
                weir_slice_from_string(hot_channels[i - NEXMARK_CHANNELS_COUNT]));
        else
            channels[i].name =
                nexmark_text_take(&text, (size_t)snprintf(text.at, 32, "channel-%d", (int)i));
    }
    return channels;
}
