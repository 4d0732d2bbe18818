/* Parts of URLs (RFC 3986) and percent encoding.
 *
 *     https://user@example.com:8080/a/b?x=1&y=%C3%A9#top
 *     └─┬─┘   └┬─┘ └────┬────┘ └┬─┘└─┬┘ └─────┬────┘ └┬┘
 *     scheme  user    host     port path    query    fragment
 *
 * A part that is not there is NULL; a path is there when the text has a scheme. Hosts come as
 * written, brackets of IPv6 addresses apart. */
#include "kernel/string/string_internal.h"

struct url {
    struct weir_slice scheme, authority, user, host, port, path, query, fragment;
    bool has_authority, has_user, has_port, has_query, has_fragment;
};

static bool is_letter(char c)
{
    char letter = (char)(c | 32);
    return letter >= 'a' && letter <= 'z';
}
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Cuts [*rest, first of the stop bytes) off. */
static struct weir_slice take_until(struct weir_slice *rest, const char *stops)
{
    size_t size = 0;
    while (size < rest->size && !strchr(stops, rest->data[size]))
        size++;
    struct weir_slice part = weir_slice_make(rest->data, size);
    *rest = weir_slice_from(*rest, size);
    return part;
}

static void split_authority(struct url *url)
{
    struct weir_slice rest = url->authority;
    for (size_t i = rest.size; i-- > 0;) {
        if (rest.data[i] != '@')
            continue;
        url->user = weir_slice_make(rest.data, i);
        url->has_user = true;
        rest = weir_slice_from(rest, i + 1);
        break;
    }
    size_t end = 0;
    if (rest.size && *rest.data == '[')
        while (end < rest.size && rest.data[end] != ']')
            end++;
    while (end < rest.size && rest.data[end] != ':')
        end++;
    url->host = weir_slice_make(rest.data, end);
    if (end < rest.size) {
        url->port = weir_slice_from(rest, end + 1);
        url->has_port = url->port.size > 0;
    }
    if (url->host.size > 1 && *url->host.data == '[' && url->host.data[url->host.size - 1] == ']')
        url->host = weir_slice_make(url->host.data + 1, url->host.size - 2);
}

/* False when the text has no scheme, that is: is no absolute URL. */
static bool split_url(struct weir_slice text, struct url *url)
{
    *url = (struct url){0};
    struct weir_slice rest = weir_slice_trim(text);
    url->scheme = take_until(&rest, ":/?#");
    if (!url->scheme.size || !rest.size || *rest.data != ':' || !is_letter(*url->scheme.data))
        return false;
    for (size_t i = 0; i < url->scheme.size; i++)
        if (!is_letter(url->scheme.data[i]) && !is_digit(url->scheme.data[i]) &&
            !strchr("+-.", url->scheme.data[i]))
            return false;
    rest = weir_slice_from(rest, 1);
    if (rest.size >= 2 && memcmp(rest.data, "//", 2) == 0) {
        rest = weir_slice_from(rest, 2);
        url->authority = take_until(&rest, "/?#");
        url->has_authority = true;
        split_authority(url);
    }
    url->path = take_until(&rest, "?#");
    if (rest.size && *rest.data == '?') {
        rest = weir_slice_from(rest, 1);
        url->query = take_until(&rest, "#");
        url->has_query = true;
    }
    if (rest.size) {
        url->fragment = weir_slice_from(rest, 1);
        url->has_fragment = true;
    }
    return true;
}

enum url_part {
    URL_PROTOCOL,
    URL_AUTHORITY,
    URL_USERINFO,
    URL_HOST,
    URL_PORT,
    URL_PATH,
    URL_QUERY,
    URL_REF,
    URL_FILE,
    URL_PARTS_COUNT
};
static const char *const part_names[] = {[URL_PROTOCOL] = "PROTOCOL", [URL_AUTHORITY] = "AUTHORITY",
                                         [URL_USERINFO] = "USERINFO", [URL_HOST] = "HOST",
                                         [URL_PORT] = "PORT",         [URL_PATH] = "PATH",
                                         [URL_QUERY] = "QUERY",       [URL_REF] = "REF",
                                         [URL_FILE] = "FILE"};

/* False when the URL has not that part. */
static bool part_of(const struct url *url, enum url_part part, struct weir_slice *out)
{
    switch (part) {
    case URL_PROTOCOL:
        *out = url->scheme;
        return true;
    case URL_AUTHORITY:
        *out = url->authority;
        return url->has_authority;
    case URL_USERINFO:
        *out = url->user;
        return url->has_user;
    case URL_HOST:
        *out = url->host;
        return url->has_authority && url->host.size;
    case URL_PORT:
        *out = url->port;
        return url->has_port;
    case URL_PATH:
        *out = url->path;
        return true;
    case URL_QUERY:
        *out = url->query;
        return url->has_query;
    case URL_REF:
        *out = url->fragment;
        return url->has_fragment;
    default: /* path and query, which are neighbours */
        *out = url->path;
        if (url->has_query)
            out->size += 1 + url->query.size;
        return true;
    }
}

static void set_part(struct weir_kernel_call *call, uint32_t lane, enum url_part part)
{
    struct url url;
    struct weir_slice text;
    if (split_url(weir_arg_text(call, 0, lane), &url) && part_of(&url, part, &text)) {
        weir_kernel_set_text(call, lane, text.data, text.size);
    } else {
        ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
        weir_kernel_set_null(call, lane);
    }
}

static void run_part(struct weir_kernel_call *call, enum url_part part)
{
    WEIR_FOR_VALID_LANES(call, lane)
    set_part(call, lane, part);
}
void weir_fn_url_protocol(struct weir_kernel_call *call)
{
    run_part(call, URL_PROTOCOL);
}
void weir_fn_url_host(struct weir_kernel_call *call)
{
    run_part(call, URL_HOST);
}
void weir_fn_url_path(struct weir_kernel_call *call)
{
    run_part(call, URL_PATH);
}
void weir_fn_url_query(struct weir_kernel_call *call)
{
    run_part(call, URL_QUERY);
}
void weir_fn_url_fragment(struct weir_kernel_call *call)
{
    run_part(call, URL_REF);
}

/* The port as written; NULL when there is none, or it is no port number. */
void weir_fn_url_port(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct url url;
        int32_t port = 0;
        bool ok = split_url(weir_arg_text(call, 0, lane), &url) && url.has_port;
        for (size_t i = 0; ok && i < url.port.size; i++) {
            port = port * 10 + (url.port.data[i] - '0');
            ok = is_digit(url.port.data[i]) && port <= 65535;
        }
        if (ok)
            weir_string_set_int32(call, lane, port);
        else
            weir_kernel_set_null(call, lane);
    }
}

/* --- percent encoding ------------------------------------------------------------------------ */

static bool is_unreserved(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

void weir_fn_url_encode(struct weir_kernel_call *call)
{
    static const char digits[] = "0123456789ABCDEF";
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice text = weir_arg_text(call, 0, lane);
        size_t room = text.size * 3, used = 0;
        char *out = weir_string_reserve(call, room);
        if (!out)
            return;
        for (size_t i = 0; i < text.size; i++) {
            unsigned char c = (unsigned char)text.data[i];
            if (is_unreserved(text.data[i])) {
                out[used++] = text.data[i];
                continue;
            }
            out[used++] = '%';
            out[used++] = digits[c >> 4];
            out[used++] = digits[c & 15];
        }
        weir_string_commit(call, lane, out, room, used);
    }
}

static int hex_value(char c)
{
    char letter = (char)(c | 32);
    return is_digit(c) ? c - '0' : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

/* Decodes %XX, and + as a space, into out (room for text.size); SIZE_MAX when that is not UTF-8 or
 * holds NUL. A percent sign without two digits stands for itself. */
static size_t percent_decode(struct weir_slice text, char *out)
{
    size_t used = 0;
    bool has_nul = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '+') {
            c = ' ';
        } else if (c == '%' && i + 2 < text.size && hex_value(text.data[i + 1]) >= 0 &&
                   hex_value(text.data[i + 2]) >= 0) {
            c = (char)(hex_value(text.data[i + 1]) << 4 | hex_value(text.data[i + 2]));
            i += 2;
        }
        has_nul |= c == 0;
        out[used++] = c;
    }
    return !has_nul && weir_utf8_is_valid(WEIR_ISA_SCALAR, out, used) ? used : SIZE_MAX;
}

/* Sets the lane to the decoded text. False: the kernel returns. */
static bool set_decoded(struct weir_kernel_call *call, uint32_t lane, struct weir_slice text)
{
    char *out = weir_string_reserve(call, text.size);
    if (!out)
        return false;
    size_t used = percent_decode(text, out);
    if (used == SIZE_MAX)
        return weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                "the decoded text is not valid UTF-8");
    weir_string_commit(call, lane, out, text.size, used);
    return true;
}

void weir_fn_url_decode(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!set_decoded(call, lane, weir_arg_text(call, 0, lane)))
        return;
}

/* --- parameters ------------------------------------------------------------------------------ */

/* The raw value of the first parameter of this name: name=value&name=value. */
static bool find_parameter(struct weir_slice query, struct weir_slice name,
                           struct weir_slice *value)
{
    while (query.size) {
        struct weir_slice pair = take_until(&query, "&"), rest = pair;
        struct weir_slice key = take_until(&rest, "=");
        if (weir_slice_equals(key, name)) {
            *value = rest.size ? weir_slice_from(rest, 1) : rest;
            return true;
        }
        if (query.size)
            query = weir_slice_from(query, 1);
    }
    return false;
}

/* False: the kernel returns. */
static bool set_parameter(struct weir_kernel_call *call, uint32_t lane, uint32_t name_argument)
{
    struct url url;
    struct weir_slice value;
    if (split_url(weir_arg_text(call, 0, lane), &url) &&
        find_parameter(url.query, weir_arg_text(call, name_argument, lane), &value))
        return set_decoded(call, lane, value);
    ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
    weir_kernel_set_null(call, lane);
    return true;
}

void weir_fn_url_param(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    if (!set_parameter(call, lane, 1))
        return;
}

/* parse_url(url, part [, name]): the parts by Hive's names. */
void weir_fn_parse_url(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_slice name = weir_arg_text(call, 1, lane);
        unsigned part = 0;
        while (part < URL_PARTS_COUNT &&
               !weir_slice_equals_ignoring_case(name, weir_slice_from_string(part_names[part])))
            part++;
        bool goes_on = true;
        if (part == URL_PARTS_COUNT || (call->args_count > 2 && part != URL_QUERY))
            goes_on = weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                       part == URL_PARTS_COUNT
                                           ? "no part of a URL: \"%.*s\""
                                           : "only QUERY has parameters, not \"%.*s\"",
                                       WEIR_SLICE_ARGS(name));
        else if (call->args_count > 2)
            goes_on = set_parameter(call, lane, 2);
        else
            set_part(call, lane, (enum url_part)part);
        if (!goes_on)
            return;
    }
}
