"""The events of the Nexmark benchmark, made by a second implementation of Apache Beam's generator: slowly and
plainly, one event after the other, so that the program's can be compared with it.

What is fixed elsewhere: java.util.Random by its documentation; the fields of an event, the order in which they are
drawn and the lengths of texts by Beam's Nexmark; channel and url of a bid by src/connect/nexmark/model.h.
"""

import datetime
import json

MASK = (1 << 48) - 1
FIRST_NAMES = "Peter Paul Luke John Saul Vicky Kate Julie Sarah Deiter Walter".split()
LAST_NAMES = "Shultz Abrams Spencer White Bartels Walton Smith Jones Noris".split()
CITIES = "Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne".split(",")
STATES = "AZ CA ID OR WA WY".split()
HOT_CHANNELS = "Google Facebook Baidu Apple".split()
CHANNELS = 10000
BASE_TIME = datetime.datetime(2015, 7, 15)


class JavaRandom:
    """java.util.Random."""

    def __init__(self, seed):
        self.state = (seed ^ 0x5DEECE66D) & MASK

    def next(self, bits):
        self.state = (self.state * 0x5DEECE66D + 0xB) & MASK
        value = self.state >> (48 - bits)
        return value - (1 << 32) if bits == 32 and value >= 1 << 31 else value

    def int(self, bound):
        if bound & (bound - 1) == 0:
            return (bound * self.next(31)) >> 31
        while True:
            drawn = self.next(31)
            if drawn - drawn % bound + bound - 1 < 1 << 31:
                return drawn % bound

    def long(self):
        return ((self.next(32) << 32) + self.next(32) + (1 << 63)) % (1 << 64) - (1 << 63)

    def below(self, bound):
        if bound < (1 << 31) - 1:
            return self.int(bound)
        return abs(self.long()) % bound

    def double(self):
        return ((self.next(26) << 27) + self.next(27)) / (1 << 53)


def words(random, longest, special=" "):
    length = 3 + random.int(longest - 3)
    text = "".join(special if random.int(13) == 0 else chr(ord("a") + random.int(26)) for _ in range(length))
    return text.strip(" ")


def filler(random, size, average):
    if size > average:
        return ""
    wanted = average - size
    spread = int(wanted * 0.2 + 0.5)
    length = wanted - spread + (random.int(2 * spread) if spread else 0)
    text = ""
    while len(text) < length:
        number = random.next(32)
        for _ in range(6):
            rest = abs(number) % 26 * (1 if number >= 0 else -1)
            text += chr(ord("a") + rest)
            number = (number - rest) // 26
    return text[:length]


def price(random):
    return int(10.0 ** (random.double() * 6.0) * 100.0 + 0.5)


def scramble(number):
    return (number * 0x9E3779B97F4A7C15 & (1 << 64) - 1) >> 16


class Events:
    """Events by number, as {"kind": …, "person" | "auction" | "bid": {…}}."""

    def __init__(self, rate=10000, proportions=(1, 3, 46), sizes=(200, 500, 100), hot_auction=2, hot_bidder=4,
                 hot_seller=4, in_flight=100, active=1000, group=1, seed=0):
        self.rate, self.proportions, self.sizes, self.seed = rate, proportions, sizes, seed
        self.hot_auction, self.hot_bidder, self.hot_seller = hot_auction, hot_bidder, hot_seller
        self.in_flight, self.active, self.group = in_flight, active, group
        self.total = sum(proportions)

    def milliseconds(self, identity):
        return int(identity * (1e6 / self.rate)) // 1000

    @staticmethod
    def time(milliseconds):
        return (BASE_TIME + datetime.timedelta(milliseconds=milliseconds)).isoformat(timespec="milliseconds")

    def last_person(self, identity):
        epoch, place = divmod(identity, self.total)
        return epoch * self.proportions[0] + min(place, self.proportions[0] - 1)

    def last_auction(self, identity):
        epoch, place = divmod(identity, self.total)
        persons, auctions, _ = self.proportions
        if place < persons:
            return epoch * auctions - 1
        return epoch * auctions + min(place - persons, auctions - 1)

    def some_person(self, random, identity):
        people = self.last_person(identity) + 1
        active = min(people, self.active)
        return people - active + random.below(active + 10)

    def some_auction(self, random, identity):
        last = self.last_auction(identity)
        first = max(last - self.in_flight, 0)
        return first + random.below(last - first + 1 + 10)

    def person(self, random, identity, ms):
        name = FIRST_NAMES[random.int(11)] + " " + LAST_NAMES[random.int(9)]
        email = words(random, 7) + "@" + words(random, 5) + ".com"
        card = " ".join("%04d" % random.int(10000) for _ in range(4))
        city, state = CITIES[random.int(10)], STATES[random.int(6)]
        size = 8 + len(name + email + card + city + state)
        return {"id": 1000 + self.last_person(identity), "name": name, "email_address": email, "credit_card": card,
                "city": city, "state": state, "datetime": self.time(ms), "extra": filler(random, size, self.sizes[0])}

    def auction(self, random, identity, ms):
        if random.int(self.hot_seller) > 0:
            seller = self.last_person(identity) // 100 * 100
        else:
            seller = self.some_person(random, identity)
        category = 10 + random.int(5)
        first_bid = price(random)
        ahead = self.milliseconds(identity + self.in_flight * self.total // self.proportions[1])
        expires = ms + 1 + random.below(max((ahead - ms) * 2, 1))
        name, description = words(random, 20), words(random, 100)
        reserve = first_bid + price(random)
        size = 48 + len(name) + len(description)
        return {"id": 1000 + self.last_auction(identity), "description": description, "item_name": name,
                "initial_bid": first_bid, "reserve": reserve, "datetime": self.time(ms), "expires": self.time(expires),
                "seller": 1000 + seller, "category": category, "extra": filler(random, size, self.sizes[1])}

    def bid(self, random, identity, ms):
        if random.int(self.hot_auction) > 0:
            auction = self.last_auction(identity) // 100 * 100
        else:
            auction = self.some_auction(random, identity)
        if random.int(self.hot_bidder) > 0:
            bidder = self.last_person(identity) // 100 * 100 + 1
        else:
            bidder = self.some_person(random, identity)
        amount = price(random)
        channel, url = self.channel(identity)
        return {"auction": 1000 + auction, "bidder": 1000 + bidder, "price": amount, "channel": channel, "url": url,
                "datetime": self.time(ms), "extra": filler(random, 32, self.sizes[2])}

    def channel(self, identity):
        random = JavaRandom(scramble(identity + self.seed))
        hot = random.int(2) > 0
        number = CHANNELS + random.int(4) if hot else random.int(CHANNELS)
        random = JavaRandom(scramble((1 << 40) + number))
        url = "https://www.nexmark.com/" + "".join(words(random, 5, "_") + "/" for _ in range(3)) + "item.htm?query=1"
        if hot:
            return HOT_CHANNELS[number - CHANNELS], url
        if random.int(10) > 0:
            reversed_bits = int(format(number, "032b")[::-1], 2)
            url += "&channel_id=%d" % min(reversed_bits, (1 << 32) - reversed_bits)
        return "channel-%d" % number, url

    def event(self, number):
        identity = number // self.group * self.group + number * 953 % self.group
        ms = self.milliseconds(identity)
        place = identity % self.total
        kind = 0 if place < self.proportions[0] else 1 if place < sum(self.proportions[:2]) else 2
        made = (self.person, self.auction, self.bid)[kind](JavaRandom(identity + self.seed), identity, ms)
        row = {"person": None, "auction": None, "bid": None, "event_type": kind, "timestamp": self.time(ms)}
        row[("person", "auction", "bid")[kind]] = made
        return row

    def lines(self, count):
        """As JSON lines, compact, keys in the order of the table's columns."""
        return [json.dumps(self.event(i), separators=(",", ":")) for i in range(count)]
