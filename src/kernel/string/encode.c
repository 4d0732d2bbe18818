/* Bytes as text and texts in other encodings: encode, decode, convert, convert_from, convert_to,
 * length(bytea, encoding).
 *
 * Encodings: UTF8, LATIN1, LATIN9 and WIN1252, under any of their usual spellings. The three of one
 * byte differ from Latin-1 in a few places, which the tables name. */
#include "kernel/string/string_internal.h"
#include "value/base64.h"

/* --- encode, decode -------------------------------------------------------------------------- */

enum binary_format { FORMAT_BASE64, FORMAT_HEX, FORMAT_ESCAPE, FORMATS_COUNT };
static const char *const format_names[] = {
    [FORMAT_BASE64] = "base64", [FORMAT_HEX] = "hex", [FORMAT_ESCAPE] = "escape"};

/* FORMATS_COUNT when there is no such format: the lane fails, *stop says whether to return. */
static enum binary_format read_format(struct weir_kernel_call *call, uint32_t lane, bool *stop)
{
    struct weir_slice name = weir_arg_text(call, 1, lane);
    *stop = false;
    for (unsigned i = 0; i < FORMATS_COUNT; i++)
        if (weir_slice_equals_ignoring_case(name, weir_slice_from_string(format_names[i])))
            return (enum binary_format)i;
    *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                              "unrecognized encoding: \"%.*s\" is not base64, hex or escape",
                              WEIR_SLICE_ARGS(name));
    return FORMATS_COUNT;
}

static void encode(struct weir_buffer *out, struct weir_slice bytes, enum binary_format format)
{
    if (format == FORMAT_BASE64)
        weir_base64_encode(out, bytes, WEIR_BASE64_MIME);
    else if (format == FORMAT_HEX)
        weir_hex_encode(out, bytes);
    else
        weir_escape_encode(out, bytes);
}
static bool decode(struct weir_buffer *out, struct weir_slice text, enum binary_format format)
{
    if (format == FORMAT_BASE64)
        return weir_base64_decode(out, text, WEIR_BASE64_MIME);
    return format == FORMAT_HEX ? weir_hex_decode(out, text) : weir_escape_decode(out, text);
}

void weir_fn_encode(struct weir_kernel_call *call)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        enum binary_format format = read_format(call, lane, &stop);
        weir_buffer_clear(&buffer);
        if (format != FORMATS_COUNT) {
            encode(&buffer, weir_arg_text(call, 0, lane), format);
            stop = !weir_string_store_buffer(call, lane, &buffer);
        }
        if (stop)
            break;
    }
    weir_buffer_deinit(&buffer);
}

void weir_fn_decode(struct weir_kernel_call *call)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        enum binary_format format = read_format(call, lane, &stop);
        weir_buffer_clear(&buffer);
        if (format != FORMATS_COUNT && !decode(&buffer, weir_arg_text(call, 0, lane), format) &&
            !buffer.failed)
            stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "the text is not valid %s",
                                     format_names[format]);
        else if (format != FORMATS_COUNT)
            stop = !weir_string_store_buffer(call, lane, &buffer);
        if (stop)
            break;
    }
    weir_buffer_deinit(&buffer);
}

/* --- character encodings --------------------------------------------------------------------- */

enum encoding {
    ENCODING_UTF8,
    ENCODING_LATIN1,
    ENCODING_LATIN9,
    ENCODING_WIN1252,
    ENCODINGS_COUNT
};
static const char *const encoding_names[] = {[ENCODING_UTF8] = "UTF8",
                                             [ENCODING_LATIN1] = "LATIN1",
                                             [ENCODING_LATIN9] = "LATIN9",
                                             [ENCODING_WIN1252] = "WIN1252"};

/* Spellings, in lower case and without anything but letters and digits. */
static const struct {
    const char *name;
    enum encoding encoding;
} spellings[] = {
    {"utf8", ENCODING_UTF8},       {"unicode", ENCODING_UTF8},
    {"latin1", ENCODING_LATIN1},   {"iso88591", ENCODING_LATIN1},
    {"latin9", ENCODING_LATIN9},   {"iso885915", ENCODING_LATIN9},
    {"win1252", ENCODING_WIN1252}, {"windows1252", ENCODING_WIN1252},
    {"cp1252", ENCODING_WIN1252},
};

struct exception {
    uint8_t byte;
    uint16_t code_point; /* 0: the byte has no meaning */
};
static const struct exception latin9_exceptions[] = {
    {0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161}, {0xB4, 0x17D},
    {0xB8, 0x17E},  {0xBC, 0x152}, {0xBD, 0x153}, {0xBE, 0x178},
};
static const struct exception win1252_exceptions[] = {
    {0x80, 0x20AC}, {0x81, 0},      {0x82, 0x201A}, {0x83, 0x192},  {0x84, 0x201E}, {0x85, 0x2026},
    {0x86, 0x2020}, {0x87, 0x2021}, {0x88, 0x2C6},  {0x89, 0x2030}, {0x8A, 0x160},  {0x8B, 0x2039},
    {0x8C, 0x152},  {0x8D, 0},      {0x8E, 0x17D},  {0x8F, 0},      {0x90, 0},      {0x91, 0x2018},
    {0x92, 0x2019}, {0x93, 0x201C}, {0x94, 0x201D}, {0x95, 0x2022}, {0x96, 0x2013}, {0x97, 0x2014},
    {0x98, 0x2DC},  {0x99, 0x2122}, {0x9A, 0x161},  {0x9B, 0x203A}, {0x9C, 0x153},  {0x9D, 0},
    {0x9E, 0x17E},  {0x9F, 0x178},
};

static const struct exception *exceptions_of(enum encoding encoding, size_t *count)
{
    if (encoding == ENCODING_LATIN9) {
        *count = WEIR_COUNT_OF(latin9_exceptions);
        return latin9_exceptions;
    }
    *count = encoding == ENCODING_WIN1252 ? WEIR_COUNT_OF(win1252_exceptions) : 0;
    return win1252_exceptions;
}

/* The code point at data; *used bytes. False when they mean nothing in the encoding. */
static bool decode_character(enum encoding encoding, const char *data, size_t size,
                             uint32_t *code_point, size_t *used)
{
    unsigned char byte = (unsigned char)*data;
    *used = 1;
    *code_point = byte;
    if (encoding == ENCODING_UTF8)
        return weir_utf8_decode_strict(data, size, code_point, used) && *code_point;
    size_t count;
    const struct exception *exceptions = exceptions_of(encoding, &count);
    for (size_t i = 0; byte >= 0x80 && i < count; i++)
        if (exceptions[i].byte == byte)
            *code_point = exceptions[i].code_point;
    return *code_point != 0;
}

/* Writes the character; 0 when the encoding has it not. */
static size_t encode_character(enum encoding encoding, uint32_t code_point,
                               char out[WEIR_UTF8_SIZE])
{
    if (encoding == ENCODING_UTF8)
        return weir_utf8_encode(code_point, out);
    size_t count;
    const struct exception *exceptions = exceptions_of(encoding, &count);
    bool fits = code_point < 0x100;
    *out = (char)code_point;
    for (size_t i = 0; code_point >= 0x80 && i < count; i++) {
        if (exceptions[i].code_point == code_point) {
            *out = (char)exceptions[i].byte;
            return 1;
        }
        fits &= exceptions[i].byte != code_point;
    }
    return fits;
}

static bool read_encoding(struct weir_kernel_call *call, uint32_t lane, uint32_t argument,
                          enum encoding *out, bool *stop)
{
    struct weir_slice name = weir_arg_text(call, argument, lane);
    char plain[16];
    size_t size = 0;
    for (size_t i = 0; i < name.size && size < sizeof plain; i++) {
        char c = name.data[i], letter = (char)(c | 32);
        if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9'))
            plain[size++] = c >= 'A' && c <= 'Z' ? letter : c;
    }
    *stop = false;
    for (size_t i = 0; i < WEIR_COUNT_OF(spellings); i++) {
        if (weir_slice_equals_string(weir_slice_make(plain, size), spellings[i].name)) {
            *out = spellings[i].encoding;
            return true;
        }
    }
    *stop = !weir_kernel_fail(
        call, lane, WEIR_E_BAD_ARGUMENT,
        "invalid encoding name \"%.*s\": it must be UTF8, LATIN1, LATIN9 or WIN1252",
        WEIR_SLICE_ARGS(name));
    return false;
}

struct conversion {
    enum encoding from, to;
    int64_t characters_count; /* converted */
};

/* Appends the converted bytes; false: the lane fails, *stop says whether to return. */
static bool convert(struct weir_kernel_call *call, uint32_t lane, struct conversion *conversion,
                    struct weir_buffer *out, bool *stop)
{
    struct weir_slice bytes = weir_arg_text(call, 0, lane);
    conversion->characters_count = 0;
    *stop = false;
    for (size_t at = 0, used; at < bytes.size; at += used) {
        char character[WEIR_UTF8_SIZE];
        uint32_t c;
        if (!decode_character(conversion->from, bytes.data + at, bytes.size - at, &c, &used)) {
            *stop =
                !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                  "invalid byte sequence for encoding \"%s\": 0x%02x",
                                  encoding_names[conversion->from], (unsigned char)bytes.data[at]);
            return false;
        }
        size_t size = encode_character(conversion->to, c, character);
        if (!size) {
            *stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                      "character U+%04X has no equivalent in encoding \"%s\"",
                                      (unsigned)c, encoding_names[conversion->to]);
            return false;
        }
        weir_buffer_append(out, character, size);
        conversion->characters_count++;
    }
    return true;
}

/* The arguments that name the encodings; 0: UTF8. */
struct conversion_arguments {
    uint32_t from, to;
};

/* Runs the conversion of each lane; with counts the result is the number of characters. */
static void run_conversion(struct weir_kernel_call *call, struct conversion_arguments arguments,
                           bool counts)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct conversion conversion = {ENCODING_UTF8, ENCODING_UTF8, 0};
        bool stop = false;
        weir_buffer_clear(&buffer);
        bool ok =
            (!arguments.from ||
             read_encoding(call, lane, arguments.from, &conversion.from, &stop)) &&
            (!arguments.to || read_encoding(call, lane, arguments.to, &conversion.to, &stop)) &&
            convert(call, lane, &conversion, &buffer, &stop);
        if (ok && counts)
            weir_string_set_int32(call, lane, (int32_t)conversion.characters_count);
        else if (ok)
            stop = !weir_string_store_buffer(call, lane, &buffer);
        if (stop)
            break;
    }
    weir_buffer_deinit(&buffer);
}
void weir_fn_convert(struct weir_kernel_call *call)
{
    run_conversion(call, (struct conversion_arguments){1, 2}, false);
}
void weir_fn_convert_from(struct weir_kernel_call *call)
{
    run_conversion(call, (struct conversion_arguments){1, 0}, false);
}
void weir_fn_convert_to(struct weir_kernel_call *call)
{
    run_conversion(call, (struct conversion_arguments){0, 1}, false);
}
void weir_fn_length_in_encoding(struct weir_kernel_call *call)
{
    run_conversion(call, (struct conversion_arguments){1, 0}, true);
}
