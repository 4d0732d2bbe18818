/* format(template, …): %s %I %L with positions, flags and widths, as Postgres has it:
 *
 *     format('%-10s|%2$5s|%*3$s', …)     %[position$][-][width | * | *position$]type
 *
 * Arguments come as text. */
#include "kernel/string/quote.h"
#include "kernel/string/string_internal.h"
#include "value/number.h"

#include <stdio.h>

struct formatter {
    struct weir_kernel_call *call;
    uint32_t lane;
    struct weir_slice text; /* the template */
    size_t at;
    uint32_t next; /* number of the last argument taken */
    struct weir_buffer out;
    struct weir_buffer word; /* one argument as SQL */
    char failure[96];        /* "" when all is well */
};

struct directive {
    uint32_t argument; /* 0: the next */
    bool at_left;
    bool has_width_argument;
    uint32_t width_argument; /* 0: the next */
    uint32_t width;
};

static bool fail_format(struct formatter *f, const char *what)
{
    snprintf(f->failure, sizeof f->failure, "%s", what);
    return false;
}
static char peek(const struct formatter *f)
{
    return f->at < f->text.size ? f->text.data[f->at] : 0;
}

/* Digits at the cursor; false when there are none or too many. */
static bool read_number(struct formatter *f, uint32_t *out, bool *found)
{
    uint64_t value = 0;
    *found = false;
    while (peek(f) >= '0' && peek(f) <= '9') {
        value = value * 10 + (uint64_t)(peek(f) - '0');
        f->at++;
        *found = true;
        if (value > INT32_MAX)
            return fail_format(f, "number is out of range");
    }
    *out = (uint32_t)value;
    return true;
}

static bool check_position(struct formatter *f, uint32_t position)
{
    return position ? true
                    : fail_format(f, "format specifies argument 0, but arguments are numbered "
                                     "from 1");
}

/* [position$] [flags] [width] behind the percent sign. */
static bool read_directive(struct formatter *f, struct directive *d)
{
    uint32_t number;
    bool found;
    *d = (struct directive){0};
    if (!read_number(f, &number, &found))
        return false;
    if (found && peek(f) != '$') {
        d->width = number;
        return true;
    }
    if (found) {
        f->at++;
        d->argument = number;
        if (!check_position(f, number))
            return false;
    }
    while (peek(f) == '-') {
        d->at_left = true;
        f->at++;
    }
    if (peek(f) != '*')
        return read_number(f, &d->width, &found);
    f->at++;
    d->has_width_argument = true;
    if (!read_number(f, &d->width_argument, &found))
        return false;
    if (!found)
        return true;
    if (peek(f) != '$')
        return fail_format(f, "width argument position must be ended by \"$\"");
    f->at++;
    return check_position(f, d->width_argument);
}

/* Index of the argument with this number (0: the next) in the call. */
static bool take_argument(struct formatter *f, uint32_t number, uint32_t *index)
{
    f->next = number ? number : f->next + 1;
    if (f->next >= f->call->args_count)
        return fail_format(f, "too few arguments for format()");
    *index = f->next;
    return true;
}

static bool read_width_argument(struct formatter *f, struct directive *d)
{
    uint32_t index;
    int64_t width = 0;
    if (!take_argument(f, d->width_argument, &index))
        return false;
    if (weir_arg_is_null(f->call, index, f->lane))
        return true;
    struct weir_slice text = weir_slice_trim(weir_arg_output(f->call, index, f->lane));
    if (weir_number_parse_i64(text, &width) != WEIR_PARSE_OK || width < -INT32_MAX ||
        width > INT32_MAX)
        return fail_format(f, "a width argument is no integer");
    d->at_left |= width < 0;
    d->width = (uint32_t)(width < 0 ? -width : width);
    return true;
}

static bool append_padded(struct formatter *f, struct weir_slice text, const struct directive *d)
{
    size_t has = d->width ? weir_utf8_count(text) : 0;
    size_t padding = d->width > has ? d->width - has : 0;
    if (f->out.size + text.size + padding > WEIR_STRING_SIZE_MAX)
        return fail_format(f, "the result is too large");
    if (!d->at_left)
        for (size_t i = 0; i < padding; i++)
            weir_buffer_append_char(&f->out, ' ');
    weir_buffer_append_slice(&f->out, text);
    if (d->at_left)
        for (size_t i = 0; i < padding; i++)
            weir_buffer_append_char(&f->out, ' ');
    return true;
}

static bool append_argument(struct formatter *f, char type, const struct directive *d,
                            uint32_t index)
{
    struct weir_slice text = {0};
    bool is_null = weir_arg_is_null(f->call, index, f->lane);
    if (!is_null)
        text = weir_arg_output(f->call, index, f->lane);
    weir_buffer_clear(&f->word);
    if (type == 'I' && is_null)
        return fail_format(f, "null values cannot be formatted as an SQL identifier");
    if (type == 'L' && is_null)
        text = weir_slice_from_string("NULL");
    if (type == 'I')
        weir_quote_identifier(&f->word, text);
    else if (type == 'L' && !is_null)
        weir_quote_literal(&f->word, text);
    f->out.failed |= f->word.failed;
    return append_padded(f, f->word.size ? weir_buffer_slice(&f->word) : text, d);
}

/* Behind a percent sign. */
static bool run_directive(struct formatter *f)
{
    struct directive d;
    uint32_t index;
    if (peek(f) == '%') {
        f->at++;
        weir_buffer_append_char(&f->out, '%');
        return true;
    }
    if (!read_directive(f, &d))
        return false;
    if (f->at >= f->text.size)
        return fail_format(f, "unterminated format() type specifier");
    char type = f->text.data[f->at];
    if (type != 's' && type != 'I' && type != 'L')
        return fail_format(f, "unrecognized format() type specifier, it must be s, I or L");
    f->at++;
    return (!d.has_width_argument || read_width_argument(f, &d)) &&
           take_argument(f, d.argument, &index) && append_argument(f, type, &d, index);
}

static bool run_template(struct formatter *f)
{
    f->text = weir_arg_text(f->call, 0, f->lane);
    f->at = f->next = 0;
    f->failure[0] = 0;
    weir_buffer_clear(&f->out);
    while (f->at < f->text.size) {
        const char *from = f->text.data + f->at;
        const char *percent = memchr(from, '%', f->text.size - f->at);
        size_t plain = percent ? (size_t)(percent - from) : f->text.size - f->at;
        weir_buffer_append(&f->out, from, plain);
        f->at += plain;
        if (!percent)
            break;
        f->at++;
        if (!run_directive(f))
            return false;
    }
    return true;
}

void weir_fn_format(struct weir_kernel_call *call)
{
    struct formatter f = {.call = call};
    weir_buffer_init(&f.out, NULL);
    weir_buffer_init(&f.word, NULL);
    WEIR_FOR_LANES(call, lane)
    {
        bool goes_on = true;
        f.lane = lane;
        if (weir_arg_is_null(call, 0, lane)) {
            ((struct weir_view *)call->out_values)[lane] = (struct weir_view){0};
            weir_kernel_set_null(call, lane);
        } else if (!run_template(&f)) {
            goes_on = weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT, "%s", f.failure);
        } else {
            goes_on = weir_string_store_buffer(call, lane, &f.out);
        }
        if (!goes_on)
            break;
    }
    weir_buffer_deinit(&f.out);
    weir_buffer_deinit(&f.word);
}
