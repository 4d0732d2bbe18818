/* Zones, checked arithmetic and fields by name, for all date and time kernels. */
#include "kernel/time/time_internal.h"

bool weir_time_to_local(struct weir_time_zone *zone, int64_t utc, int64_t *local)
{
    *local = utc;
    return !zone->zone || weir_timezone_to_local(zone->zone, &zone->cursor, utc, local);
}
bool weir_time_to_utc(struct weir_time_zone *zone, int64_t local, int64_t *utc)
{
    *utc = local;
    return !zone->zone || weir_timezone_to_utc(zone->zone, &zone->cursor, local, utc);
}
struct weir_timezone_info weir_time_zone_at(struct weir_time_zone *zone, int64_t utc)
{
    if (!zone->zone)
        return (struct weir_timezone_info){.abbreviation = "UTC"};
    return weir_timezone_at(zone->zone, &zone->cursor, weir_floor_div_i64(utc, 1000000));
}

bool weir_time_find_zone(struct weir_kernel_call *call, uint32_t lane, struct weir_slice name,
                         struct weir_time_zone_cache *cache, bool *stop)
{
    *stop = false;
    if (cache->is_known && weir_slice_equals(cache->name, name))
        return true;
    const struct weir_session *session = call->session;
    struct weir_error error = {0};
    const struct weir_timezone *zone =
        session && session->timezone_find ? session->timezone_find(session, name, &error) : NULL;
    if (!zone) {
        *stop =
            !weir_kernel_fail(call, lane, WEIR_E_BAD_TIME_ZONE, "time zone \"%.*s\" not recognized",
                              (int)(name.size < 64 ? name.size : 64), name.data);
        return false;
    }
    *cache = (struct weir_time_zone_cache){.name = name, .zone.zone = zone, .is_known = true};
    return true;
}

bool weir_time_add(struct weir_time_zone *zone, int64_t us, struct weir_interval by, int64_t *out)
{
    struct weir_interval date = {by.months, by.days, 0};
    *out = us;
    if ((by.months || by.days) &&
        !(weir_time_to_local(zone, us, out) && weir_interval_add_to_timestamp(*out, date, out) &&
          weir_time_to_utc(zone, *out, out)))
        return false;
    return weir_add_i64(*out, by.us, out) && weir_time_is_instant(*out);
}

bool weir_time_scale(struct weir_kernel_call *call, uint32_t k, int64_t scale, int64_t delta)
{
    const struct weir_column *column = &call->args[k];
    const int64_t *restrict from = column->values;
    int64_t *restrict to = call->out_values;
    weir_i128 low = (WEIR_TIMESTAMP_US_MIN - (weir_i128)delta) / scale + 1;
    weir_i128 high = (INT64_MAX - (weir_i128)delta) / scale - 1;
    weir_i128 limit = -low < high ? -low : high;
    uint64_t bits = 0; /* that some value, or its complement, has: a bound without comparisons */
    if (column->encoding != WEIR_FLAT)
        return false;
    for (uint32_t lane = 0; lane < call->rows_count; lane++) {
        uint64_t value = (uint64_t)from[lane];
        bits |= value ^ (value >> 63 ? UINT64_MAX : 0);
        to[lane] = (int64_t)(value * (uint64_t)scale + (uint64_t)delta);
    }
    return limit > 0 && (bits == 0 || (weir_i128)1 << (64 - __builtin_clzll(bits)) <= limit);
}

int64_t weir_time_wrap(int64_t us, int64_t by)
{
    return weir_floor_mod_i64(us + by % WEIR_US_PER_DAY, WEIR_US_PER_DAY);
}

struct field_name {
    const char *name; /* words apart by spaces */
    enum weir_time_field field;
};
static const struct field_name field_names[] = {
    {"us usec usecs usecond useconds microsecond microseconds", WEIR_FIELD_MICROSECONDS},
    {"ms msec msecs msecond mseconds millisecond milliseconds", WEIR_FIELD_MILLISECONDS},
    {"s sec secs second seconds", WEIR_FIELD_SECOND},
    {"m min mins minute minutes", WEIR_FIELD_MINUTE},
    {"h hr hrs hour hours", WEIR_FIELD_HOUR},
    {"d day days", WEIR_FIELD_DAY},
    {"w week weeks", WEIR_FIELD_WEEK},
    {"mon mons month months", WEIR_FIELD_MONTH},
    {"qtr quarter", WEIR_FIELD_QUARTER},
    {"y yr yrs year years", WEIR_FIELD_YEAR},
    {"dec decs decade decades", WEIR_FIELD_DECADE},
    {"c cent century centuries", WEIR_FIELD_CENTURY},
    {"mil mils millennium millennia", WEIR_FIELD_MILLENNIUM},
    {"epoch", WEIR_FIELD_EPOCH},
    {"j jd julian", WEIR_FIELD_JULIAN},
    {"isoyear", WEIR_FIELD_ISOYEAR},
    {"dow", WEIR_FIELD_DOW},
    {"isodow", WEIR_FIELD_ISODOW},
    {"doy", WEIR_FIELD_DOY},
    {"timezone", WEIR_FIELD_TIMEZONE},
    {"timezone_h timezone_hour", WEIR_FIELD_TIMEZONE_HOUR},
    {"timezone_m timezone_minute", WEIR_FIELD_TIMEZONE_MINUTE},
};

static bool has_word(const char *words, const char *word, size_t size)
{
    for (const char *at = words; *at;) {
        size_t length = strcspn(at, " ");
        if (length == size && memcmp(at, word, size) == 0)
            return true;
        at += length + (at[length] == ' ');
    }
    return false;
}

enum weir_time_field weir_time_field_find(struct weir_slice name)
{
    char lower[24];
    if (name.size == 0 || name.size > sizeof lower)
        return WEIR_FIELD_UNKNOWN;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        lower[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
    }
    for (size_t i = 0; i < sizeof field_names / sizeof *field_names; i++)
        if (has_word(field_names[i].name, lower, name.size))
            return field_names[i].field;
    return WEIR_FIELD_UNKNOWN;
}

bool weir_time_fail_field(struct weir_kernel_call *call, uint32_t lane, struct weir_slice name,
                          const struct weir_type *type)
{
    bool known = weir_time_field_find(name) != WEIR_FIELD_UNKNOWN;
    return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "unit \"%.*s\" not %s for type %s",
                            (int)(name.size < 64 ? name.size : 64), name.data,
                            known ? "supported" : "recognized", weir_type_name(type).text);
}
