/* The registry of formats, made from formats.def. */
#include "format/formats_internal.h"

struct entry {
    const struct weir_format *format;
    const char *extensions;
};

static const struct entry entries[] = {
#define WEIR_FORMAT(name, extensions) {&weir_format_##name, extensions},
#include "format/formats.def"
#undef WEIR_FORMAT
};

const struct weir_format *weir_format_find(struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(entries); i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(entries[i].format->name)))
            return entries[i].format;
    return NULL;
}

bool weir_format_is_later(struct weir_slice name)
{
    static const char *const later[] = {"avro", "parquet", "protobuf"};
    for (size_t i = 0; i < WEIR_COUNT_OF(later); i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(later[i])))
            return true;
    return false;
}

const struct weir_format *const *weir_formats_all(size_t *count)
{
    static const struct weir_format *const all[] = {
#define WEIR_FORMAT(name, extensions) &weir_format_##name,
#include "format/formats.def"
#undef WEIR_FORMAT
    };
    *count = WEIR_COUNT_OF(all);
    return all;
}

/* What follows the last point of the last part of a path; empty when there is none. */
static struct weir_slice extension_of(struct weir_slice name, struct weir_slice *stem)
{
    for (size_t i = name.size; i > 0 && name.data[i - 1] != '/'; i--)
        if (name.data[i - 1] == '.') {
            *stem = weir_slice_make(name.data, i - 1);
            return weir_slice_make(name.data + i, name.size - i);
        }
    *stem = name;
    return weir_slice_make(NULL, 0);
}

static bool is_compression(struct weir_slice extension)
{
    static const char *const known[] = {"gz", "gzip", "zst", "zstd", "lz4", "snappy", "bz2", "xz"};
    for (size_t i = 0; i < WEIR_COUNT_OF(known); i++)
        if (weir_slice_equals_ignoring_case(extension, weir_slice_from_string(known[i])))
            return true;
    return false;
}

static bool lists(const char *extensions, struct weir_slice wanted)
{
    while (*extensions) {
        size_t size = strcspn(extensions, " ");
        if (weir_slice_equals_ignoring_case(weir_slice_make(extensions, size), wanted))
            return true;
        extensions += size + (extensions[size] == ' ');
    }
    return false;
}

/* The format of an extension, NULL when none has it. */
static const struct weir_format *by_extension(struct weir_slice extension)
{
    for (size_t i = 0; extension.size && i < WEIR_COUNT_OF(entries); i++)
        if (lists(entries[i].extensions, extension))
            return entries[i].format;
    return NULL;
}

const struct weir_format *weir_format_guess(struct weir_slice file_name, struct weir_slice sample)
{
    struct weir_slice stem, extension = extension_of(file_name, &stem);
    if (is_compression(extension))
        extension = extension_of(stem, &stem);
    const struct weir_format *format = by_extension(extension);
    if (format)
        return format;
    /* JSON lines begin with a brace; text in columns is the likely rest. */
    struct weir_slice text = weir_slice_trim(sample);
    format = weir_format_find(weir_slice_from_string("csv"));
    return format && text.size && text.data[0] != '{' ? format : entries[0].format;
}
