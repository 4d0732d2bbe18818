/* Dates, times and timestamps: Postgres' answers, round trips, printing, epochs. */
#include "value/timestamp.h"
#include "vectors.h"

static struct weir_slice text(const char *string)
{
    return weir_slice_from_string(string);
}

static void agrees_with_postgres(void)
{
    struct vectors v;
    if (!vectors_open(&v, "timestamps.tsv"))
        return;
    while (vectors_next(&v)) {
        char out[WEIR_TIMESTAMP_SIZE] = "ERR";
        size_t size = 3;
        int64_t us;
        int32_t days;
        switch (*v.fields[0].data) {
        case 'd':
            if (weir_date_parse(v.fields[1], &days) == WEIR_PARSE_OK)
                size = weir_date_print(out, days);
            break;
        case 't':
            if (weir_time_parse(v.fields[1], &us) == WEIR_PARSE_OK)
                size = weir_time_print(out, us);
            break;
        default:
            if (weir_timestamp_parse(v.fields[1], &us, NULL) == WEIR_PARSE_OK)
                size = weir_timestamp_print(out, us, WEIR_TIMESTAMP_POSTGRES);
        }
        vectors_expect(&v, 2, out, size);
    }
    EXPECT(v.lines > 1000);
}

/* ISO 8601 counts years on through 0000, which is 1 BC; Postgres' style knows no year 0. */
static void year_zero(void)
{
    char out[WEIR_TIMESTAMP_SIZE];
    int64_t us, again;
    EXPECT(weir_timestamp_parse(text("0000-03-15T22:30:42Z"), &us, NULL) == WEIR_PARSE_OK);
    size_t size = weir_timestamp_print(out, us, WEIR_TIMESTAMP_POSTGRES);
    EXPECT(weir_slice_equals(weir_slice_make(out, size), text("0001-03-15 22:30:42 BC")));
    size = weir_timestamp_print(out, us, WEIR_TIMESTAMP_ISO);
    EXPECT(weir_slice_equals(weir_slice_make(out, size), text("0000-03-15T22:30:42")));
    EXPECT(weir_timestamp_parse(weir_slice_make(out, size), &again, NULL) == WEIR_PARSE_OK);
    EXPECT(us == again);
    EXPECT(weir_timestamp_parse(text("0000-03-15 22:30:42"), &us, NULL) == WEIR_PARSE_RANGE);
    EXPECT(weir_timestamp_parse(text("0000-03-15T22:30:42 BC"), &us, NULL) == WEIR_PARSE_RANGE);
}

/* The fixed shape and the general reader give the same: a blank in front disables the former. */
static void both_readers_agree(void)
{
    static const char *const shapes[] = {"2024-01-02T03:04:05Z",
                                         "2024-02-29 23:59:59.999999",
                                         "2024-02-30T00:00:00",
                                         "2023-02-29T00:00:00",
                                         "1969-12-31T23:59:59.1Z",
                                         "0000-01-01T00:00:00",
                                         "9999-12-31T00:00:00",
                                         "2024-13-01T00:00:00",
                                         "2024-01-02T24:00:00",
                                         "2024-01-02T23:59:60",
                                         "2024-01-02T03:04:05.",
                                         "2024-01-02T03:04:05.1234565",
                                         "2024-01-02T03:04:05.12345650000000001",
                                         "2024-01-02T03:04:0x",
                                         "2024-01-02T03:04:05.1234567891234Z",
                                         "2024-01-02t03:04:05z",
                                         "2024-01-02T03:04:05+01:30",
                                         "2024-00-10T03:04:05",
                                         "2024-01-00T03:04:05",
                                         "202a-01-02T03:04:05",
                                         "2024-01-02T03:60:05",
                                         "2024/01/02T03:04:05",
                                         "2024-01-02T03:04:05.5+02",
                                         "2024-01-02T03:04:05ZZ"};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char padded[64] = " ";
        int64_t fast = 0, slow = 0;
        bool fast_offset = false, slow_offset = false;
        strcat(padded, shapes[i]);
        enum weir_parse a = weir_timestamp_parse(text(shapes[i]), &fast, &fast_offset);
        enum weir_parse b = weir_timestamp_parse(text(padded), &slow, &slow_offset);
        if (a != b || (a == WEIR_PARSE_OK && (fast != slow || fast_offset != slow_offset)))
            EXPECT_STRING(shapes[i], "read alike by both readers");
        a = weir_timestamp_parse_ns(text(shapes[i]), &fast, NULL);
        b = weir_timestamp_parse_ns(text(padded), &slow, NULL);
        if (a != b || (a == WEIR_PARSE_OK && fast != slow))
            EXPECT_STRING(shapes[i], "read alike in ns");
    }
}

static void round_trips(void)
{
    uint64_t state = 42;
    for (int i = 0; i < 200000; i++) {
        char out[WEIR_TIMESTAMP_SIZE];
        int64_t us, back;
        state = state * 6364136223846793005U + 1442695040888963407U;
        us = (int64_t)(state >> (i % 24)) % INT64_C(250000000000000000);
        if (us < WEIR_TIMESTAMP_US_MIN)
            continue;
        for (int style = 0; style < 3; style++) {
            size_t size = weir_timestamp_print(out, us, (enum weir_timestamp_style)style);
            if (weir_timestamp_parse(weir_slice_make(out, size), &back, NULL) != WEIR_PARSE_OK ||
                back != us) {
                EXPECT_SLICE(weir_slice_make(out, size), "reads back");
                return;
            }
        }
        size_t size = weir_timestamp_print_ns(out, (int64_t)state, WEIR_TIMESTAMP_ISO_Z);
        if (weir_timestamp_parse_ns(weir_slice_make(out, size), &back, NULL) != WEIR_PARSE_OK ||
            back != (int64_t)state) {
            EXPECT_SLICE(weir_slice_make(out, size), "reads back in ns");
            return;
        }
    }
}

static void prints(void)
{
    char out[WEIR_TIMESTAMP_SIZE];
    const int64_t us = INT64_C(1704164645500000); /* 2024-01-02T03:04:05.5Z */
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print(out, us, WEIR_TIMESTAMP_POSTGRES)),
                 "2024-01-02 03:04:05.5");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print(out, us, WEIR_TIMESTAMP_ISO)),
                 "2024-01-02T03:04:05.5");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print(out, us, WEIR_TIMESTAMP_ISO_Z)),
                 "2024-01-02T03:04:05.5Z");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print(out, -1, WEIR_TIMESTAMP_ISO_Z)),
                 "1969-12-31T23:59:59.999999Z");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print_tz(out, us, 3600)),
                 "2024-01-02 04:04:05.5+01");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print_tz(out, us, -12600)),
                 "2024-01-01 23:34:05.5-03:30");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print_tz(out, us, 1172)),
                 "2024-01-02 03:23:37.5+00:19:32");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print_ns(out, 1, WEIR_TIMESTAMP_ISO)),
                 "1970-01-01T00:00:00.000000001");
    EXPECT_SLICE(weir_slice_make(out, weir_date_print(out, weir_civil_to_days(-43, 3, 15))),
                 "0044-03-15 BC");
    EXPECT_SLICE(weir_slice_make(out, weir_time_print(out, INT64_C(86400000000))), "24:00:00");
    EXPECT_SLICE(weir_slice_make(out, weir_timestamp_print(out, INT64_MAX, WEIR_TIMESTAMP_ISO)),
                 "294247-01-10T04:00:54.775807");
}

static void refuses(void)
{
    int64_t us;
    EXPECT_INT(weir_timestamp_parse(text("now"), &us, NULL), WEIR_PARSE_SYNTAX);
    EXPECT_INT(weir_timestamp_parse(text("infinity"), &us, NULL), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_timestamp_parse(text("-infinity"), &us, NULL), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_timestamp_parse(text(""), &us, NULL), WEIR_PARSE_SYNTAX);
    EXPECT_INT(weir_timestamp_parse(text("2024-02-30"), &us, NULL), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_timestamp_parse_ns(text("1677-09-21T00:12:43"), &us, NULL), WEIR_PARSE_RANGE);
    EXPECT_INT(weir_timestamp_parse_ns(text("2262-04-12T00:00:00"), &us, NULL), WEIR_PARSE_RANGE);
    EXPECT(weir_timestamp_parse_ns(text("1677-09-21T00:12:43.145224192"), &us, NULL) ==
               WEIR_PARSE_OK &&
           us == INT64_MIN);
    EXPECT(weir_timestamp_parse_ns(text("2262-04-11T23:47:16.854775807"), &us, NULL) ==
               WEIR_PARSE_OK &&
           us == INT64_MAX);
    struct weir_timestamp_parts parts;
    EXPECT_INT(weir_timestamp_parse_parts(text("2024-01-02 03:04 America/New_York"), &parts),
               WEIR_PARSE_OK);
    EXPECT_SLICE(parts.zone, "America/New_York");
    EXPECT_INT(weir_timestamp_parse(text("2024-01-02 03:04 America/New_York"), &us, NULL),
               WEIR_PARSE_SYNTAX);
}

/* No byte beyond the slice is read: run under ASan over exact heap copies of every prefix. */
static void stays_inside(void)
{
    const char *whole = "Tue Jan 02 03:04:05.123456789 2024 -05:30:15 BC";
    for (size_t size = 0; size <= strlen(whole); size++) {
        char *copy = malloc(size ? size : 1);
        int64_t us;
        int32_t days;
        memcpy(copy, whole, size);
        (void)!weir_timestamp_parse(weir_slice_make(copy, size), &us, NULL);
        (void)!weir_time_parse(weir_slice_make(copy, size), &us);
        (void)!weir_date_parse(weir_slice_make(copy, size), &days);
        free(copy);
    }
}

static void converts_epochs(void)
{
    int64_t out;
    EXPECT(weir_timestamp_from_epoch(-1, WEIR_EPOCH_S, &out) && out == -1000000);
    EXPECT(weir_timestamp_from_epoch(1500, WEIR_EPOCH_MS, &out) && out == 1500000);
    EXPECT(weir_timestamp_from_epoch(-1, WEIR_EPOCH_NS, &out) && out == -1);
    EXPECT(!weir_timestamp_from_epoch(INT64_MAX, WEIR_EPOCH_MS, &out));
    EXPECT(weir_timestamp_to_epoch(-1, WEIR_EPOCH_S, &out) && out == -1);
    EXPECT(!weir_timestamp_to_epoch(INT64_MAX / 2, WEIR_EPOCH_NS, &out));
    EXPECT(weir_timestamp_ns_from_epoch(3, WEIR_EPOCH_US, &out) && out == 3000);
    EXPECT(weir_timestamp_from_seconds(1.5, &out) && out == 1500000);
    EXPECT(weir_timestamp_from_seconds(-0.25, &out) && out == -250000);
    EXPECT(!weir_timestamp_from_seconds(1e300, &out));
    EXPECT(!weir_timestamp_from_seconds(__builtin_nan(""), &out));
    /* timestamp(0) and (2) of 2024-01-02 03:04:05.5 and of 1999-12-31 23:59:59.5 in Postgres */
    EXPECT_INT(weir_timestamp_round(INT64_C(1704164645500000), 0), INT64_C(1704164646000000));
    EXPECT_INT(weir_timestamp_round(INT64_C(946684799500000), 0), INT64_C(946684799000000));
    EXPECT_INT(weir_timestamp_round(INT64_C(1704164645123456), 3), INT64_C(1704164645123000));
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(agrees_with_postgres), TEST_CASE(year_zero),      TEST_CASE(both_readers_agree),
        TEST_CASE(round_trips),          TEST_CASE(prints),         TEST_CASE(refuses),
        TEST_CASE(stays_inside),         TEST_CASE(converts_epochs)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
