/* The events of Nexmark: what each field of an event is, given the event's number.
 *
 * The stream is that of Apache Beam's generator: event number n (0, 1, 2 …) has an id, and the id
 * is the seed of the one java.util.Random that all of the event's fields are drawn from, in a fixed
 * order. So any event can be made alone, and a field that nobody reads is drawn only when one
 * behind it is wanted.
 *
 *     group    ids of person_proportion + auction_proportion + bid_proportion events: first the
 *              persons, then the auctions, then the bids; 1 + 3 + 46 unless set
 *     id       the number; with out-of-order groups of g events: the number's group begins at
 *              b = n / g * g, and the id is b + n * 953 mod g
 *     time     base time + id / event rate, in whole ms
 *     person   name, e-mail, card, city, state, extra
 *     auction  seller, category, first bid, length, name, description, reserve, extra
 *     bid      auction, bidder, price, extra
 *
 * Beam's bids have no channel and url. Those of the nexmark project are drawn differently in every
 * process; here they come from a second Random, so that they are the same in each run and Beam's
 * fields stay what they are. Its seed scrambles the id: draws from neighbouring seeds are alike.
 *
 * A second implementation, in Python, stands in tests/nexmark_events.py. */
#ifndef WEIR_CONNECT_NEXMARK_MODEL_H
#define WEIR_CONNECT_NEXMARK_MODEL_H

#include "column/column.h"

enum nexmark_kind { NEXMARK_PERSON, NEXMARK_AUCTION, NEXMARK_BID, NEXMARK_KINDS_COUNT };

enum {
    PERSON_ID,
    PERSON_NAME,
    PERSON_EMAIL,
    PERSON_CARD,
    PERSON_CITY,
    PERSON_STATE,
    PERSON_TIME,
    PERSON_EXTRA,
    PERSON_FIELDS_COUNT
};
enum {
    AUCTION_ID,
    AUCTION_DESCRIPTION,
    AUCTION_NAME,
    AUCTION_FIRST_BID,
    AUCTION_RESERVE,
    AUCTION_TIME,
    AUCTION_EXPIRES,
    AUCTION_SELLER,
    AUCTION_CATEGORY,
    AUCTION_EXTRA,
    AUCTION_FIELDS_COUNT
};
enum {
    BID_AUCTION,
    BID_BIDDER,
    BID_PRICE,
    BID_CHANNEL,
    BID_URL,
    BID_TIME,
    BID_EXTRA,
    BID_FIELDS_COUNT
};
enum {
    NEXMARK_FIELDS_MAX = AUCTION_FIELDS_COUNT,
    NEXMARK_CHANNELS_COUNT = 10000,
    NEXMARK_HOT_CHANNELS_COUNT = 4
};

struct nexmark_channel {
    struct weir_view name, url;
};

/* Parameters, as the options give them (nexmark.c); constant while events are made. */
struct nexmark_model {
    int64_t proportions[NEXMARK_KINDS_COUNT];
    int64_t proportions_total;
    int64_t average_sizes[NEXMARK_KINDS_COUNT]; /* bytes of an event, as Beam counts them */
    int32_t hot_auction_ratio, hot_bidder_ratio, hot_seller_ratio;
    int64_t in_flight_auctions, active_people;
    int64_t group_size; /* of events out of order; 1: in order */
    int64_t base_time_ms;
    double delay_us; /* between two events */
    int64_t seed;    /* added to ids when they become seeds; 0: Beam's stream */
    /* The common channels, then the hot ones; NULL: no bid's channel or url is wanted. */
    const struct nexmark_channel *channels;
};

struct nexmark_event {
    int64_t id;
    int64_t group, place; /* id = group * proportions_total + place */
    int64_t time_ms;
};

struct nexmark_event nexmark_event_make(const struct nexmark_model *model, int64_t number);
enum nexmark_kind nexmark_event_kind(const struct nexmark_model *model,
                                     const struct nexmark_event *event);

/* Bytes of texts, in chunks of an arena. */
struct nexmark_text {
    struct weir_arena *arena;
    char *at, *end;
};

/* Where fields go: lanes[field] is the array of the field's column, NULL when it is not wanted;
 * int64_t for numbers and times (us), struct weir_view for texts. */
struct nexmark_lanes {
    void *lanes[NEXMARK_FIELDS_MAX];
};

/* Makes the wanted fields of an event of the kind in lane row. False: memory has run out. */
WEIR_CHECKED bool nexmark_person_make(const struct nexmark_model *model,
                                      const struct nexmark_event *event,
                                      const struct nexmark_lanes *out, uint32_t row,
                                      struct nexmark_text *text);
WEIR_CHECKED bool nexmark_auction_make(const struct nexmark_model *model,
                                       const struct nexmark_event *event,
                                       const struct nexmark_lanes *out, uint32_t row,
                                       struct nexmark_text *text);
WEIR_CHECKED bool nexmark_bid_make(const struct nexmark_model *model,
                                   const struct nexmark_event *event,
                                   const struct nexmark_lanes *out, uint32_t row,
                                   struct nexmark_text *text);

/* The table of channels, in arena. NULL when memory has run out. */
const struct nexmark_channel *nexmark_channels_make(struct weir_arena *arena);

#endif
