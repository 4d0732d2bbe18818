/* Job options: the table settings.def, and setting one of them by name.
 *
 * memory_limit is kept in bytes; a share of the machine is kept as a negative percentage, but for
 * the default of 75 %, which is 0. Tested in tests/unit/plan/test_catalog.c. */
#include "plan/catalog_internal.h"

#define WEIR_SETTING(name_, kind_, field_, fallback_, min_, max_, help_) \
    {.name = name_,                                                      \
     .kind = WEIR_OPTION_##kind_,                                        \
     .offset = offsetof(struct weir_settings, field_),                   \
     .fallback = fallback_,                                              \
     .min = min_,                                                        \
     .max = max_,                                                        \
     .help = help_},
#define WEIR_SETTING_SPECIAL(name_, fallback_, help_) \
    {.name = name_,                                   \
     .kind = WEIR_OPTION_TEXT,                        \
     .offset = SIZE_MAX,                              \
     .fallback = fallback_,                           \
     .help = help_},
static const struct weir_option_spec specs[] = {
#include "plan/settings.def"
};
#undef WEIR_SETTING
#undef WEIR_SETTING_SPECIAL

const struct weir_option_spec *plan_settings_specs(size_t *count)
{
    *count = WEIR_COUNT_OF(specs);
    return specs;
}

static bool set_memory_limit(struct weir_settings *settings, struct weir_slice value)
{
    if (value.size && value.data[value.size - 1] == '%') {
        int64_t percent = 0;
        for (size_t i = 0; i + 1 < value.size; i++) {
            if (value.data[i] < '0' || value.data[i] > '9' || percent > 100)
                return false;
            percent = percent * 10 + (value.data[i] - '0');
        }
        if (percent < 1 || percent > 100)
            return false;
        settings->memory_limit = percent == 75 ? 0 : -percent;
        return true;
    }
    int64_t bytes;
    if (!weir_option_parse_size(value, &bytes) || bytes <= 0)
        return false;
    settings->memory_limit = bytes;
    return true;
}

static bool set_special(struct weir_settings *settings, const char *name, struct weir_slice value)
{
    if (strcmp(name, "memory_limit") == 0)
        return set_memory_limit(settings, value);
    bool is_null = weir_slice_equals_ignoring_case(value, weir_slice_from_string("null"));
    if (!is_null && !weir_slice_equals_ignoring_case(value, weir_slice_from_string("fail")))
        return false;
    settings->null_on_error = is_null;
    return true;
}

static enum weir_status set_one(struct weir_settings *settings, const struct weir_option_spec *spec,
                                struct weir_slice value, struct weir_error *error)
{
    if (spec->offset == SIZE_MAX) {
        if (set_special(settings, spec->name, value))
            return WEIR_OK;
        (void)weir_error_set(error, WEIR_E_BAD_OPTION, "\"%s\" cannot be '%.*s'", spec->name,
                             WEIR_SLICE_ARGS(value));
        weir_error_hint(error, "%s", spec->help);
        return WEIR_E_BAD_OPTION;
    }
    struct weir_option option = {.name = weir_slice_from_string(spec->name), .value = value};
    struct weir_settings before = *settings;
    enum weir_status status =
        weir_options_parse(spec, 1, &option, 1, 0, "the settings", settings, error);
    if (status != WEIR_OK)
        *settings = before;
    return status;
}

void plan_settings_init(struct weir_settings *settings)
{
    *settings = (struct weir_settings){0};
    for (size_t i = 0; i < WEIR_COUNT_OF(specs); i++) {
        enum weir_status status =
            set_one(settings, &specs[i], weir_slice_from_string(specs[i].fallback), NULL);
        (void)status; /* the fallbacks are our own */
    }
}

enum weir_status weir_settings_zone(const struct weir_session *session, struct weir_slice name,
                                    struct weir_slice value, struct weir_error *error)
{
    struct weir_error why = {0};
    if (!weir_slice_equals_ignoring_case(name, weir_slice_from_string("timezone")) ||
        !session->timezone_find || !value.size ||
        weir_slice_equals_ignoring_case(value, weir_slice_from_string("UTC")) ||
        session->timezone_find(session, value, &why))
        return WEIR_OK;
    (void)weir_error_set(error, WEIR_E_BAD_OPTION, "\"timezone\" cannot be '%.*s': %s",
                         WEIR_SLICE_ARGS(value), why.message);
    weir_error_hint(error, "use a name of the tz database, such as Europe/Berlin");
    return WEIR_E_BAD_OPTION;
}

static const struct weir_option_spec *find_spec(struct weir_slice name, size_t *index)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(specs); i++) {
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(specs[i].name))) {
            *index = i;
            return &specs[i];
        }
    }
    return NULL;
}

static enum weir_status unknown_setting(struct weir_slice name, struct weir_error *error)
{
    struct weir_slice names[WEIR_COUNT_OF(specs)];
    for (size_t i = 0; i < WEIR_COUNT_OF(specs); i++)
        names[i] = weir_slice_from_string(specs[i].name);
    struct weir_slice nearest = weir_slice_nearest(name, names, WEIR_COUNT_OF(specs));
    (void)weir_error_set(error, WEIR_E_UNKNOWN_OPTION, "no job option \"%.*s\"",
                         WEIR_SLICE_ARGS(name));
    const char *foreign = plan_foreign_hint(PLAN_FOREIGN_SETTING, name);
    if (foreign)
        weir_error_hint(error, "%s", foreign);
    else if (nearest.size)
        weir_error_hint(error, "did you mean \"%.*s\"?", WEIR_SLICE_ARGS(nearest));
    return WEIR_E_UNKNOWN_OPTION;
}

enum weir_status weir_catalog_set(struct weir_catalog *catalog, struct weir_slice name,
                                  struct weir_slice value, bool from_command_line,
                                  struct weir_error *error)
{
    size_t index;
    const struct weir_option_spec *spec = find_spec(name, &index);
    if (!spec)
        return unknown_setting(name, error);
    bool fixed = catalog->settings_fixed >> index & 1;
    struct weir_slice kept;
    if (!plan_slice_copy(value, &catalog->arena, &kept))
        return weir_error_set_out_of_memory(error);
    struct weir_settings checked = catalog->settings;
    WEIR_TRY(set_one(&checked, spec, kept, error));
    if (fixed && !from_command_line)
        return WEIR_OK; /* the command line wins */
    catalog->settings = checked;
    if (from_command_line)
        catalog->settings_fixed |= UINT64_C(1) << index;
    return WEIR_OK;
}
