/* The functions and operators over regular expressions: Postgres 15 sections 9.7.2 and 9.7.3.
 *
 * Each has a `use` that says where its pattern and flags are, a bind made from it, and a routine
 * for one lane; run_lanes does the rest. */
#include "kernel/string/regex.h"

/* One lane of a call. */
struct matcher {
    struct weir_kernel_call *call;
    uint32_t lane;
    struct weir_regex_run *run;
    const struct weir_regex *regex;
    struct weir_slice text; /* argument 0 */
    struct weir_regex_span *spans;
    uint32_t spans_capacity;
    struct weir_buffer out;
};

/* Room for the whole match and every group. False: memory has run out, which is recorded. */
static bool reserve_spans(struct matcher *m)
{
    uint32_t wanted = weir_regex_groups_count(m->regex) + 1;
    if (wanted <= m->spans_capacity)
        return true;
    m->spans = WEIR_ARENA_ARRAY(m->call->arena, struct weir_regex_span, wanted);
    m->spans_capacity = m->spans ? wanted : 0;
    if (!m->spans)
        weir_kernel_out_of_memory(m->call);
    return m->spans != NULL;
}

static enum weir_regex_result search(struct matcher *m, size_t from, uint32_t spans_count)
{
    return weir_regex_search(m->call, m->lane, m->run, m->regex, m->text, from, m->spans,
                             spans_count);
}
static enum weir_regex_result search_all(struct matcher *m, size_t from)
{
    return search(m, from, weir_regex_groups_count(m->regex) + 1);
}

/* Does one lane; false: the kernel returns. */
typedef bool (*lane_routine)(struct matcher *m);

/* Chooses the lane and its pattern. False: the lane is done with, *stop: the kernel is. */
static bool begin_lane(struct matcher *m, uint32_t lane, bool *stop)
{
    m->lane = lane;
    m->text = weir_arg_text(m->call, 0, lane);
    m->regex = weir_regex_of_lane(m->call, lane, m->run, stop);
    if (m->regex && !reserve_spans(m))
        *stop = true;
    return m->regex && !*stop;
}

static bool matcher_init(struct matcher *m, struct weir_kernel_call *call,
                         const struct weir_regex_use *use)
{
    *m = (struct matcher){.call = call, .run = weir_regex_open(call, use)};
    weir_buffer_init(&m->out, NULL);
    return m->run != NULL;
}
static void matcher_deinit(struct matcher *m)
{
    weir_buffer_deinit(&m->out);
    weir_regex_close(m->call, m->run);
}

static void run_lanes(struct weir_kernel_call *call, const struct weir_regex_use *use,
                      lane_routine routine)
{
    struct matcher m;
    if (!matcher_init(&m, call, use))
        return;
    WEIR_FOR_VALID_LANES(call, lane)
    {
        bool stop;
        if (begin_lane(&m, lane, &stop))
            stop = !routine(&m);
        if (stop)
            break;
    }
    matcher_deinit(&m);
}

static void set_null(struct matcher *m)
{
    if (weir_type_is_view(m->call->out->type))
        ((struct weir_view *)m->call->out_values)[m->lane] = (struct weir_view){0};
    weir_kernel_set_null(m->call, m->lane);
}

/* --- is there a match? ----------------------------------------------------------------------- */

static bool test(struct matcher *m, bool negated)
{
    enum weir_regex_result result = search(m, 0, 0);
    if (result == WEIR_REGEX_FOUND || result == WEIR_REGEX_NOT_FOUND)
        weir_string_set_boolean(m->call, m->lane, (result == WEIR_REGEX_FOUND) != negated);
    return result != WEIR_REGEX_STOP;
}
static bool test_match(struct matcher *m)
{
    return test(m, false);
}
static bool test_no_match(struct matcher *m)
{
    return test(m, true);
}

static const struct weir_regex_use match_use = {.pattern_argument = 1};
static const struct weir_regex_use match_nocase_use = {.pattern_argument = 1, .ignore_case = true};
static const struct weir_regex_use like_use = {.pattern_argument = 1, .flags_argument = 2};
static const struct weir_regex_use similar_use = {
    .pattern_argument = 1, .escape_argument = 2, .is_similar = true};

enum weir_status weir_bind_regex(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &match_use, error);
}
enum weir_status weir_bind_regex_nocase(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &match_nocase_use, error);
}
enum weir_status weir_bind_regexp_like(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &like_use, error);
}
enum weir_status weir_bind_similar(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &similar_use, error);
}

void weir_fn_regex(struct weir_kernel_call *call)
{
    run_lanes(call, &match_use, test_match);
}
void weir_fn_not_regex(struct weir_kernel_call *call)
{
    run_lanes(call, &match_use, test_no_match);
}
void weir_fn_regex_nocase(struct weir_kernel_call *call)
{
    run_lanes(call, &match_nocase_use, test_match);
}
void weir_fn_not_regex_nocase(struct weir_kernel_call *call)
{
    run_lanes(call, &match_nocase_use, test_no_match);
}
void weir_fn_regexp_like(struct weir_kernel_call *call)
{
    run_lanes(call, &like_use, test_match);
}
void weir_fn_similar_to(struct weir_kernel_call *call)
{
    run_lanes(call, &similar_use, test_match);
}

/* --- arguments that are numbers -------------------------------------------------------------- */

/* The integer argument, or the default when the call has not so many. False: it is below least; the
 * lane fails, *goes_on says whether the kernel goes on. */
static bool read_integer(struct matcher *m, uint32_t argument, const char *name, int32_t least,
                         int32_t *value, bool *goes_on)
{
    if (argument >= m->call->args_count)
        return true;
    *value = weir_arg_int32(m->call, argument, m->lane);
    if (*value >= least)
        return true;
    *goes_on = weir_kernel_fail(m->call, m->lane, WEIR_E_BAD_ARGUMENT,
                                "invalid value for parameter \"%s\": %d", name, *value);
    return false;
}

/* Byte offset of the character `start` (from 1); SIZE_MAX when the text ends before. */
static size_t start_offset(struct weir_slice text, int32_t start)
{
    size_t offset = weir_utf8_offset(text, (size_t)start - 1);
    if (offset == text.size && weir_utf8_count(text) < (size_t)start - 1)
        return SIZE_MAX;
    return offset;
}

/* --- regexp_count, regexp_instr, regexp_substr ----------------------------------------------- */

static const struct weir_regex_use count_use = {
    .name = "regexp_count", .pattern_argument = 1, .flags_argument = 3};
static const struct weir_regex_use instr_use = {
    .name = "regexp_instr", .pattern_argument = 1, .flags_argument = 5};
static const struct weir_regex_use substr_use = {
    .name = "regexp_substr", .pattern_argument = 1, .flags_argument = 4};

enum weir_status weir_bind_regexp_count(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &count_use, error);
}
enum weir_status weir_bind_regexp_instr(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &instr_use, error);
}
enum weir_status weir_bind_regexp_substr(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &substr_use, error);
}

static bool count_lane(struct matcher *m)
{
    int32_t start = 1, count = 0;
    bool goes_on = true;
    if (!read_integer(m, 2, "start", 1, &start, &goes_on))
        return goes_on;
    for (size_t from = start_offset(m->text, start); from != SIZE_MAX;) {
        enum weir_regex_result result = search(m, from, 1);
        if (result == WEIR_REGEX_NOT_FOUND)
            break;
        if (result != WEIR_REGEX_FOUND)
            return result == WEIR_REGEX_LANE_FAILED;
        count++;
        from = weir_regex_next(m->text, m->spans[0]);
    }
    weir_string_set_int32(m->call, m->lane, count);
    return true;
}
void weir_fn_regexp_count(struct weir_kernel_call *call)
{
    run_lanes(call, &count_use, count_lane);
}

/* Finds the n-th match; its spans are in m->spans. */
static enum weir_regex_result find_nth(struct matcher *m, int32_t start, int32_t n)
{
    size_t from = start_offset(m->text, start);
    for (; from != SIZE_MAX; n--) {
        enum weir_regex_result result = search_all(m, from);
        if (result != WEIR_REGEX_FOUND || n == 1)
            return result;
        from = weir_regex_next(m->text, m->spans[0]);
    }
    return WEIR_REGEX_NOT_FOUND;
}

/* The span a subexpression number means; 0, or any when the pattern has no groups: the whole. NULL:
 * there is none. */
static const struct weir_regex_span *choose_span(const struct matcher *m, int32_t subexpression)
{
    uint32_t groups = weir_regex_groups_count(m->regex);
    if ((uint32_t)subexpression > (groups ? groups : 1))
        return NULL;
    const struct weir_regex_span *span = &m->spans[groups ? subexpression : 0];
    return span->begin == SIZE_MAX ? NULL : span;
}

static bool instr_lane(struct matcher *m)
{
    int32_t start = 1, n = 1, end_option = 0, subexpression = 0, position = 0;
    bool goes_on = true;
    if (!read_integer(m, 2, "start", 1, &start, &goes_on) ||
        !read_integer(m, 3, "n", 1, &n, &goes_on) ||
        !read_integer(m, 4, "endoption", 0, &end_option, &goes_on) ||
        !read_integer(m, 6, "subexpr", 0, &subexpression, &goes_on))
        return goes_on;
    if (end_option > 1)
        return weir_kernel_fail(m->call, m->lane, WEIR_E_BAD_ARGUMENT,
                                "invalid value for parameter \"endoption\": %d", end_option);
    enum weir_regex_result result = find_nth(m, start, n);
    if (result == WEIR_REGEX_STOP || result == WEIR_REGEX_LANE_FAILED)
        return result == WEIR_REGEX_LANE_FAILED;
    const struct weir_regex_span *span =
        result == WEIR_REGEX_FOUND ? choose_span(m, subexpression) : NULL;
    if (span)
        position = 1 + (int32_t)weir_utf8_count(
                           weir_slice_make(m->text.data, end_option ? span->end : span->begin));
    weir_string_set_int32(m->call, m->lane, position);
    return true;
}
void weir_fn_regexp_instr(struct weir_kernel_call *call)
{
    run_lanes(call, &instr_use, instr_lane);
}

static bool set_span(struct matcher *m, const struct weir_regex_span *span)
{
    if (!span) {
        set_null(m);
        return true;
    }
    struct weir_slice part = weir_regex_slice(m->text, *span);
    weir_kernel_set_text(m->call, m->lane, part.data, part.size);
    return true;
}

static bool substr_lane(struct matcher *m)
{
    int32_t start = 1, n = 1, subexpression = 0;
    bool goes_on = true;
    if (!read_integer(m, 2, "start", 1, &start, &goes_on) ||
        !read_integer(m, 3, "n", 1, &n, &goes_on) ||
        !read_integer(m, 5, "subexpr", 0, &subexpression, &goes_on))
        return goes_on;
    enum weir_regex_result result = find_nth(m, start, n);
    if (result == WEIR_REGEX_STOP || result == WEIR_REGEX_LANE_FAILED)
        return result == WEIR_REGEX_LANE_FAILED;
    return set_span(m, result == WEIR_REGEX_FOUND ? choose_span(m, subexpression) : NULL);
}
void weir_fn_regexp_substr(struct weir_kernel_call *call)
{
    run_lanes(call, &substr_use, substr_lane);
}

/* --- substring by pattern -------------------------------------------------------------------- */

static const struct weir_regex_use substring_similar_use = {
    .pattern_argument = 1, .escape_argument = 2, .is_similar = true, .is_substring = true};

enum weir_status weir_bind_substring_similar(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    return weir_regex_bind(bind, &substring_similar_use, error);
}

/* The first group, or the whole match when the pattern has none. */
static bool substring_lane(struct matcher *m)
{
    enum weir_regex_result result = search_all(m, 0);
    if (result == WEIR_REGEX_STOP || result == WEIR_REGEX_LANE_FAILED)
        return result == WEIR_REGEX_LANE_FAILED;
    return set_span(m, result == WEIR_REGEX_FOUND ? choose_span(m, 1) : NULL);
}
void weir_fn_substring_regex(struct weir_kernel_call *call)
{
    run_lanes(call, &match_use, substring_lane);
}
void weir_fn_substring_similar(struct weir_kernel_call *call)
{
    run_lanes(call, &substring_similar_use, substring_lane);
}

/* --- regexp_match, regexp_matches, regexp_split_to_array ------------------------------------- */

static const struct weir_regex_use regexp_match_use = {
    .name = "regexp_match", .pattern_argument = 1, .flags_argument = 2};
static const struct weir_regex_use regexp_matches_use = {
    .name = "regexp_matches", .pattern_argument = 1, .flags_argument = 2, .takes_global = true};

enum weir_status weir_bind_regexp_match(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &regexp_match_use, error);
}
enum weir_status weir_bind_regexp_matches(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &regexp_matches_use, error);
}

static void run_lists(struct weir_kernel_call *call, const struct weir_regex_use *use,
                      weir_string_list_fill fill)
{
    struct matcher m;
    if (!matcher_init(&m, call, use))
        return;
    weir_string_build_lists(call, fill, &m);
    matcher_deinit(&m);
}

/* The groups of the match in m->spans, or the whole match when the pattern has none. */
static enum weir_status append_groups(const struct matcher *m, struct weir_builder *texts)
{
    uint32_t groups = weir_regex_groups_count(m->regex);
    for (uint32_t i = groups ? 1 : 0; i <= groups; i++) {
        if (m->spans[i].begin == SIZE_MAX)
            WEIR_TRY(weir_builder_append_null(texts, NULL));
        else
            WEIR_TRY(weir_builder_append_text(texts, weir_regex_slice(m->text, m->spans[i]), NULL));
    }
    return WEIR_OK;
}

static enum weir_string_list_result list_result(enum weir_regex_result result)
{
    return result == WEIR_REGEX_FOUND  ? WEIR_STRING_LIST_OK
           : result == WEIR_REGEX_STOP ? WEIR_STRING_LIST_STOP
                                       : WEIR_STRING_LIST_NULL;
}

static enum weir_string_list_result match_lane(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child, void *context)
{
    struct matcher *m = context;
    bool stop;
    if (!begin_lane(m, lane, &stop))
        return stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    enum weir_regex_result result = search_all(m, 0);
    return result == WEIR_REGEX_FOUND ? weir_string_list_status(call, append_groups(m, child))
                                      : list_result(result);
}
void weir_fn_regexp_match(struct weir_kernel_call *call)
{
    run_lists(call, &regexp_match_use, match_lane);
}

static enum weir_string_list_result matches_lane(struct weir_kernel_call *call, uint32_t lane,
                                                 struct weir_builder *child, void *context)
{
    struct matcher *m = context;
    bool stop;
    if (!begin_lane(m, lane, &stop))
        return stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    for (size_t from = 0; from != SIZE_MAX;) {
        enum weir_regex_result result = search_all(m, from);
        if (result == WEIR_REGEX_NOT_FOUND)
            break;
        if (result != WEIR_REGEX_FOUND)
            return list_result(result);
        uint32_t first = child->children[0].rows_count;
        enum weir_status status = append_groups(m, &child->children[0]);
        if (status == WEIR_OK)
            status = weir_builder_end_list(child, first, NULL);
        if (status != WEIR_OK)
            return weir_string_list_status(call, status);
        from = weir_regex_is_global(m->regex) ? weir_regex_next(m->text, m->spans[0]) : SIZE_MAX;
    }
    return WEIR_STRING_LIST_OK;
}
void weir_fn_regexp_matches(struct weir_kernel_call *call)
{
    run_lists(call, &regexp_matches_use, matches_lane);
}

/* Empty matches at either end of the text, or right behind a match, do not split. */
static enum weir_string_list_result split_lane(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child, void *context)
{
    struct matcher *m = context;
    size_t piece = 0, last_end = 0;
    enum weir_status status = WEIR_OK;
    bool stop;
    if (!begin_lane(m, lane, &stop))
        return stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    for (size_t from = 0; status == WEIR_OK && from != SIZE_MAX;) {
        enum weir_regex_result result = search(m, from, 1);
        if (result == WEIR_REGEX_NOT_FOUND)
            break;
        if (result != WEIR_REGEX_FOUND)
            return list_result(result);
        struct weir_regex_span match = m->spans[0];
        if (match.begin < m->text.size && match.end > last_end) {
            struct weir_slice part = weir_slice_make(m->text.data + piece, match.begin - piece);
            status = weir_builder_append_text(child, part, NULL);
            piece = match.end;
        }
        last_end = match.end;
        from = weir_regex_next(m->text, match);
    }
    if (status == WEIR_OK)
        status = weir_builder_append_text(child, weir_slice_from(m->text, piece), NULL);
    return weir_string_list_status(call, status);
}
void weir_fn_regexp_split_to_array(struct weir_kernel_call *call)
{
    run_lists(call, &regexp_match_use, split_lane);
}

/* --- regexp_replace -------------------------------------------------------------------------- */

static const struct weir_regex_use replace_use = {
    .name = "regexp_replace", .pattern_argument = 1, .flags_argument = 3, .takes_global = true};
static const struct weir_regex_use replace_at_use = {
    .name = "regexp_replace", .pattern_argument = 1, .flags_argument = 5, .takes_global = true};

enum weir_status weir_bind_regexp_replace(struct weir_function_bind *bind, struct weir_error *error)
{
    return weir_regex_bind(bind, &replace_use, error);
}
enum weir_status weir_bind_regexp_replace_at(struct weir_function_bind *bind,
                                             struct weir_error *error)
{
    return weir_regex_bind(bind, &replace_at_use, error);
}

/* Appends the replacement: \1 … \9 are groups, \& the match, \\ a backslash; another backslash is
 * itself. */
static void append_replacement(struct matcher *m, struct weir_slice by)
{
    uint32_t groups = weir_regex_groups_count(m->regex);
    for (size_t i = 0; i < by.size; i++) {
        char next = by.data[i] == '\\' && i + 1 < by.size ? by.data[i + 1] : 0;
        uint32_t group = next >= '1' && next <= '9' ? (uint32_t)(next - '0') : 0;
        if (group || next == '&') {
            if (group <= groups && m->spans[group].begin != SIZE_MAX)
                weir_buffer_append_slice(&m->out, weir_regex_slice(m->text, m->spans[group]));
            i++;
        } else {
            weir_buffer_append_char(&m->out, by.data[i]);
            i += next == '\\';
        }
    }
}

/* n: the match to replace, 0: all. */
static bool replace_matches(struct matcher *m, int32_t start, int32_t n)
{
    struct weir_slice by = weir_arg_text(m->call, 2, m->lane);
    size_t copied = 0, from = start_offset(m->text, start);
    bool stop;
    weir_buffer_clear(&m->out);
    for (int32_t number = 1; from != SIZE_MAX; number++) {
        enum weir_regex_result result = search_all(m, from);
        if (result == WEIR_REGEX_NOT_FOUND)
            break;
        if (result != WEIR_REGEX_FOUND)
            return result == WEIR_REGEX_LANE_FAILED;
        from = weir_regex_next(m->text, m->spans[0]);
        if (n && number != n)
            continue;
        weir_buffer_append(&m->out, m->text.data + copied, m->spans[0].begin - copied);
        append_replacement(m, by);
        copied = m->spans[0].end;
        if (weir_string_is_too_large(m->call, m->lane, m->out.size, &stop))
            return !stop;
        if (n)
            break;
    }
    if (!m->out.size && !copied) {
        weir_kernel_set_text(m->call, m->lane, m->text.data, m->text.size);
        return true;
    }
    weir_buffer_append_slice(&m->out, weir_slice_from(m->text, copied));
    return weir_string_store_buffer(m->call, m->lane, &m->out);
}

static bool replace_lane(struct matcher *m)
{
    return replace_matches(m, 1, weir_regex_is_global(m->regex) ? 0 : 1);
}
static bool replace_at_lane(struct matcher *m)
{
    int32_t start = 1, n = m->call->args_count > 4 || !weir_regex_is_global(m->regex) ? 1 : 0;
    bool goes_on = true;
    if (!read_integer(m, 3, "start", 1, &start, &goes_on) ||
        !read_integer(m, 4, "n", 0, &n, &goes_on))
        return goes_on;
    return replace_matches(m, start, n);
}
void weir_fn_regexp_replace(struct weir_kernel_call *call)
{
    run_lanes(call, &replace_use, replace_lane);
}
void weir_fn_regexp_replace_at(struct weir_kernel_call *call)
{
    run_lanes(call, &replace_at_use, replace_at_lane);
}
