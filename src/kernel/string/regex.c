/* Compiling, keeping and running regular expressions by PCRE2 (https://pcre.org, version 10).
 *
 * Constant patterns are translated at planning; each program slot compiles them for itself, so that
 * compiled code, JIT memory and match memory belong to one thread and go with the slot. Patterns
 * from columns are kept in a small cache per slot, the one used longest ago making room.
 *
 * Which match: PCRE2 tries alternatives in order and stops at the first that fits; Postgres wants
 * the longest (or shortest) of all that begin leftmost. Where both can differ (regex_pattern.h) the
 * extent comes from pcre2_dfa_match, which sees all matches, and the groups from a second run that
 * must end there.
 *
 * Limits: PCRE2 bounds steps and memory for one place where a match may begin; the places of a long
 * text, and the matches of a global search, would still add up to minutes ('a.*[bc]' on a million
 * times 'a'). Therefore
 *   1. each search of a lane gets STEPS_LANE / (searches so far) steps, and a search that may begin
 * at n places STEPS_LANE / n for each;
 *   2. in long texts a finder goes first: `.*?(?:pattern)` run as an automaton reads the text once
 * and says where the match that ends first ends, if there is any;
 *   3. when the steps run out the finder, asked again and again whether a match begins at or before
 *      some place, gives the place of the first match, and only there PCRE2 matches.
 * What is too costly even so is an error.
 * Without PCRE2 in the build every use is one clear error.
 * Tests: tests/unit/kernel/string/test_regex.c. */
#include "kernel/string/regex.h"

static bool fail_pattern(struct weir_kernel_call *call, uint32_t lane, const char *failure)
{
    return weir_kernel_fail(call, lane, WEIR_E_BAD_REGEX, "invalid regular expression: %s",
                            failure);
}

#ifdef WEIR_HAVE_PCRE2

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

enum {
    STEPS_MAX = 10000000, /* for one place: some tenths of a second */
    STEPS_LANE = 100000000,
    STEPS_MIN = 1000,
    PLACEMENTS_MAX = 16, /* times per lane that the finder looks for the place */
    MATCH_HEAP_KIB = 32 * 1024,
    JIT_STACK_START = 32 * 1024,
    JIT_STACK_MAX = 1024 * 1024,
    DFA_WORKSPACE = 4096,   /* ints */
    FINDER_WORKSPACE = 600, /* the same for finders: some 90 states, or they give up */
    LONG_TEXT = 16 * 1024,  /* bytes from which on a finder goes first */
    CACHE_MAX = 16,         /* patterns per slot */
    JIT_USES_MIN = 64,      /* a pattern used so often is worth machine code */
    DFA_SPANS = 2
};

/* What bind makes: a pattern ready to compile. */
struct prepared_pattern {
    struct weir_slice text;
    struct weir_regex_flags flags;
    uint32_t groups_count;
    bool has_backreference, prefers_shorter, is_ambiguous;
};

struct weir_regex {
    pcre2_code *code;
    pcre2_code *finder;              /* made when it is first needed */
    struct prepared_pattern pattern; /* its text is owned, unless it is the call's constant */
    /* the cache's key, owned; NULL for the constant */
    char *key;
    size_t key_size;
    uint64_t last_use;
    uint32_t uses_count; /* up to JIT_USES_MIN */
};

struct weir_regex_run {
    const struct weir_regex_use *use;
    pcre2_general_context *memory;
    pcre2_match_context *context;
    pcre2_jit_stack *jit_stack;
    pcre2_match_data *match;
    pcre2_match_data *dfa_match;
    uint32_t match_groups; /* groups `match` has room for */
    int *workspace;        /* of the DFA */
    struct weir_regex patterns[CACHE_MAX];
    uint32_t patterns_count;
    bool is_constant; /* patterns[0] is the call's constant pattern */
    uint64_t uses_count;
    uint64_t searches_count;              /* of this lane */
    uint32_t placements_count;            /* of this lane */
    struct weir_regex_pattern translated; /* working memory */
    struct weir_buffer key;               /* of the lane's pattern */
};

static void *allocate(size_t size, void *context)
{
    (void)context;
    return weir_malloc(size);
}
static void release(void *memory, void *context)
{
    (void)context;
    weir_free(memory);
}

/* --- compiling ------------------------------------------------------------------------------- */

enum { COMPILE_OUT_OF_MEMORY = 121 }; /* PCRE2_ERROR_HEAP_FAILED */

/* NULL: *failure is the message, or NULL when memory has run out. */
static pcre2_code *compile(struct weir_slice text, const struct prepared_pattern *pattern,
                           pcre2_general_context *memory, char *message, size_t message_size)
{
    uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_DOTALL | PCRE2_DOLLAR_ENDONLY |
                       PCRE2_ALT_CIRCUMFLEX | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK |
                       PCRE2_USE_OFFSET_LIMIT;
    int code;
    size_t offset;
    options |= pattern->flags.ignore_case ? PCRE2_CASELESS : 0;
    options |= pattern->flags.lines_anchor ? PCRE2_MULTILINE : 0;
    /* Possessive repeats would hide the shorter matches from the automaton. */
    options |= pattern->is_ambiguous && pattern->prefers_shorter ? PCRE2_NO_AUTO_POSSESS : 0;
    pcre2_compile_context *context = pcre2_compile_context_create(memory);
    *message = 0;
    if (!context)
        return NULL;
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_code *compiled =
        pcre2_compile((PCRE2_SPTR)text.data, text.size, options, &code, &offset, context);
    pcre2_compile_context_free(context);
    if (!compiled && code != COMPILE_OUT_OF_MEMORY)
        pcre2_get_error_message(code, (PCRE2_UCHAR *)message, message_size);
    return compiled;
}

/* Translates by what the use says; a failure's text, or NULL (see pattern->text.failed). */
static const char *translate(const struct weir_regex_use *use, struct weir_slice pattern,
                             struct weir_slice option, struct weir_regex_pattern *out)
{
    if (use->is_similar)
        return weir_utf8_count(option) > 1
                   ? "invalid escape string: it must be empty or one character"
                   : weir_regex_translate_similar(pattern, option, use->is_substring, out);
    struct weir_regex_flags flags;
    const char *failure = weir_regex_flags_parse(option, &flags);
    if (failure)
        return failure;
    if (flags.is_global && !use->takes_global)
        return "this function does not support the \"global\" option";
    flags.ignore_case |= use->ignore_case;
    return weir_regex_translate(pattern, &flags, out);
}

static struct weir_slice default_option(const struct weir_regex_use *use)
{
    return use->is_similar ? weir_slice_make("\\", 1) : weir_slice_make("", 0);
}
static uint32_t option_argument(const struct weir_regex_use *use, uint32_t args_count)
{
    uint32_t argument = use->is_similar ? use->escape_argument : use->flags_argument;
    return argument < args_count ? argument : 0;
}

/* Borrows the pattern's text. */
static struct prepared_pattern prepared_from(const struct weir_regex_pattern *pattern)
{
    struct weir_slice text = weir_buffer_slice(&pattern->text);
    text.data = text.data ? text.data : ""; /* of the empty pattern */
    return (struct prepared_pattern){.text = text,
                                     .flags = pattern->flags,
                                     .groups_count = pattern->groups_count,
                                     .has_backreference = pattern->has_backreference,
                                     .prefers_shorter = pattern->prefers_shorter,
                                     .is_ambiguous =
                                         pattern->is_ambiguous && !pattern->has_backreference};
}

/* --- at planning ----------------------------------------------------------------------------- */

/* Translates and compiles for the sake of errors; the compiled code is not kept. */
static enum weir_status prepare(struct weir_function_bind *bind, const struct weir_regex_use *use,
                                struct weir_slice text, struct weir_slice option,
                                struct weir_regex_pattern *pattern, struct weir_error *error)
{
    char message[128];
    const char *failure = translate(use, text, option, pattern);
    if (pattern->text.failed)
        return weir_error_set_out_of_memory(error);
    if (failure)
        return weir_error_set(error, WEIR_E_BAD_REGEX, "invalid regular expression: %s", failure);
    pcre2_general_context *memory = pcre2_general_context_create(allocate, release, NULL);
    if (!memory)
        return weir_error_set_out_of_memory(error);
    struct prepared_pattern made = prepared_from(pattern);
    pcre2_code *code = compile(made.text, &made, memory, message, sizeof message);
    bool ok = code != NULL;
    pcre2_code_free(code);
    pcre2_general_context_free(memory);
    if (!ok)
        return *message ? weir_error_set(error, WEIR_E_BAD_REGEX, "invalid regular expression: %s",
                                         message)
                        : weir_error_set_out_of_memory(error);
    struct prepared_pattern *prepared = WEIR_ARENA_NEW(bind->arena, struct prepared_pattern);
    char *kept = weir_arena_copy(bind->arena, weir_buffer_slice(&pattern->text));
    if (!prepared || !kept)
        return weir_error_set_out_of_memory(error);
    *prepared = made;
    prepared->text.data = kept;
    bind->instance = prepared;
    return WEIR_OK;
}

enum weir_status weir_regex_bind(struct weir_function_bind *bind, const struct weir_regex_use *use,
                                 struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[use->pattern_argument];
    uint32_t argument = option_argument(use, bind->args_count);
    const struct weir_column *option = argument ? bind->constants[argument] : NULL;
    if (!constant || weir_column_is_null(constant, 0) ||
        (argument && (!option || weir_column_is_null(option, 0))))
        return WEIR_OK;
    struct weir_regex_pattern pattern;
    weir_regex_pattern_init(&pattern);
    enum weir_status status =
        prepare(bind, use, weir_view_slice(constant->values),
                option ? weir_view_slice(option->values) : default_option(use), &pattern, error);
    weir_regex_pattern_deinit(&pattern);
    return status;
}

/* --- runs ------------------------------------------------------------------------------------ */

static void regex_deinit(struct weir_regex *regex)
{
    pcre2_code_free(regex->code);
    pcre2_code_free(regex->finder);
    weir_free(regex->key);
}

static void run_destroy(struct weir_regex_run *run)
{
    for (uint32_t i = 0; i < run->patterns_count; i++)
        regex_deinit(&run->patterns[i]);
    pcre2_match_data_free(run->match);
    pcre2_match_data_free(run->dfa_match);
    if (run->jit_stack)
        pcre2_jit_stack_free(run->jit_stack);
    pcre2_match_context_free(run->context);
    pcre2_general_context_free(run->memory);
    weir_regex_pattern_deinit(&run->translated);
    weir_buffer_deinit(&run->key);
    weir_free(run->workspace);
    weir_free(run);
}

static struct weir_regex_run *run_create(const struct weir_regex_use *use)
{
    struct weir_regex_run *run = weir_calloc(1, sizeof *run);
    if (!run)
        return NULL;
    run->use = use;
    weir_regex_pattern_init(&run->translated);
    weir_buffer_init(&run->key, NULL);
    run->memory = pcre2_general_context_create(allocate, release, NULL);
    run->context = run->memory ? pcre2_match_context_create(run->memory) : NULL;
    if (!run->context) {
        run_destroy(run);
        return NULL;
    }
    pcre2_set_heap_limit(run->context, MATCH_HEAP_KIB);
    return run;
}

void weir_regex_scratch_close(void *scratch)
{
    if (scratch)
        run_destroy(scratch);
}

/* Makes machine code for the pattern, if the processor lets us; matching works without. */
static void make_jit(struct weir_regex_run *run, struct weir_regex *regex)
{
    if (pcre2_jit_compile(regex->code, PCRE2_JIT_COMPLETE) != 0)
        return;
    if (!run->jit_stack)
        run->jit_stack = pcre2_jit_stack_create(JIT_STACK_START, JIT_STACK_MAX, run->memory);
    if (run->jit_stack)
        pcre2_jit_stack_assign(run->context, NULL, run->jit_stack);
}

/* Room for the groups of a pattern. */
static bool reserve_groups(struct weir_regex_run *run, uint32_t groups_count)
{
    if (run->match && run->match_groups >= groups_count)
        return true;
    pcre2_match_data *match = pcre2_match_data_create(groups_count + 1, run->memory);
    if (!match)
        return false;
    pcre2_match_data_free(run->match);
    run->match = match;
    run->match_groups = groups_count;
    return true;
}

static bool reserve_dfa(struct weir_regex_run *run)
{
    if (!run->dfa_match)
        run->dfa_match = pcre2_match_data_create(DFA_SPANS, run->memory);
    if (!run->workspace)
        run->workspace = weir_malloc(DFA_WORKSPACE * sizeof *run->workspace);
    return run->dfa_match && run->workspace;
}

/* Compiles into the entry. False: *message is what is wrong, or empty when memory has run out. */
static bool regex_init(struct weir_regex_run *run, struct weir_regex *regex,
                       const struct prepared_pattern *prepared, char *message, size_t message_size)
{
    *message = 0;
    *regex = (struct weir_regex){.pattern = *prepared};
    if (!reserve_groups(run, prepared->groups_count) ||
        (prepared->is_ambiguous && !reserve_dfa(run)))
        return false;
    regex->code = compile(prepared->text, prepared, run->memory, message, message_size);
    return regex->code != NULL;
}

/* The call's constant pattern, compiled at its first batch. */
static bool open_constant(struct weir_kernel_call *call, struct weir_regex_run *run)
{
    char message[128];
    if (run->is_constant || !call->instance)
        return true;
    if (!regex_init(run, &run->patterns[0], call->instance, message, sizeof message))
        return false;
    run->patterns_count = 1;
    run->is_constant = true;
    return true;
}

struct weir_regex_run *weir_regex_open(struct weir_kernel_call *call,
                                       const struct weir_regex_use *use)
{
    struct weir_regex_run *run = call->scratch ? *call->scratch : NULL;
    if (!run)
        run = run_create(use);
    if (!run) {
        weir_kernel_out_of_memory(call);
        return NULL;
    }
    if (call->scratch)
        *call->scratch = run;
    if (open_constant(call, run))
        return run;
    weir_kernel_out_of_memory(call);
    weir_regex_close(call, run);
    return NULL;
}

void weir_regex_close(struct weir_kernel_call *call, struct weir_regex_run *run)
{
    if (!call->scratch)
        run_destroy(run);
}

/* --- the pattern of a lane ------------------------------------------------------------------- */

/* Finds the key among the kept patterns. */
static struct weir_regex *find_kept(struct weir_regex_run *run)
{
    for (uint32_t i = 0; i < run->patterns_count; i++) {
        struct weir_regex *regex = &run->patterns[i];
        if (regex->key_size == run->key.size &&
            memcmp(regex->key, run->key.data, run->key.size) == 0)
            return regex;
    }
    return NULL;
}

/* A free entry, if need be that of the pattern used longest ago. */
static struct weir_regex *free_entry(struct weir_regex_run *run)
{
    if (run->patterns_count < CACHE_MAX)
        return &run->patterns[run->patterns_count++];
    struct weir_regex *oldest = &run->patterns[0];
    for (uint32_t i = 1; i < CACHE_MAX; i++)
        if (run->patterns[i].last_use < oldest->last_use)
            oldest = &run->patterns[i];
    regex_deinit(oldest);
    return oldest;
}

/* Compiles what run->translated holds under run->key; NULL as regex_init says. */
static struct weir_regex *keep(struct weir_regex_run *run, char *message, size_t message_size)
{
    struct prepared_pattern prepared = prepared_from(&run->translated);
    struct weir_regex made;
    char *key = weir_malloc(run->key.size + prepared.text.size + 1);
    *message = 0;
    if (!key || !regex_init(run, &made, &prepared, message, message_size)) {
        weir_free(key);
        return NULL;
    }
    memcpy(key, run->key.data, run->key.size);
    memcpy(key + run->key.size, prepared.text.data, prepared.text.size);
    made.pattern.text.data = key + run->key.size;
    made.key = key;
    made.key_size = run->key.size;
    struct weir_regex *entry = free_entry(run);
    *entry = made;
    return entry;
}

/* Counts the use. */
static const struct weir_regex *use_pattern(struct weir_regex_run *run, struct weir_regex *regex)
{
    regex->last_use = ++run->uses_count;
    if (regex->uses_count < JIT_USES_MIN && ++regex->uses_count == JIT_USES_MIN)
        make_jit(run, regex);
    return regex;
}

static const struct weir_regex *lane_out_of_memory(struct weir_kernel_call *call, bool *stop)
{
    weir_kernel_out_of_memory(call);
    *stop = true;
    return NULL;
}

const struct weir_regex *weir_regex_of_lane(struct weir_kernel_call *call, uint32_t lane,
                                            struct weir_regex_run *run, bool *stop)
{
    *stop = false;
    run->searches_count = run->placements_count = 0;
    if (run->is_constant)
        return use_pattern(run, &run->patterns[0]);
    uint32_t argument = option_argument(run->use, call->args_count);
    struct weir_slice text = weir_arg_text(call, run->use->pattern_argument, lane);
    struct weir_slice option =
        argument ? weir_arg_text(call, argument, lane) : default_option(run->use);
    uint32_t option_size = (uint32_t)option.size;
    weir_buffer_clear(&run->key);
    weir_buffer_append(&run->key, &option_size, sizeof option_size);
    weir_buffer_append_slice(&run->key, option);
    weir_buffer_append_slice(&run->key, text);
    if (run->key.failed)
        return lane_out_of_memory(call, stop);
    struct weir_regex *found = find_kept(run);
    if (!found) {
        char message[128];
        const char *failure = translate(run->use, text, option, &run->translated);
        if (run->translated.text.failed)
            return lane_out_of_memory(call, stop);
        if (!failure)
            found = keep(run, message, sizeof message);
        if (!failure && !found && !*message)
            return lane_out_of_memory(call, stop);
        if (!found) {
            *stop = !fail_pattern(call, lane, failure ? failure : message);
            return NULL;
        }
    }
    return use_pattern(run, found);
}

uint32_t weir_regex_groups_count(const struct weir_regex *regex)
{
    return regex->pattern.groups_count;
}
bool weir_regex_is_global(const struct weir_regex *regex)
{
    return regex->pattern.flags.is_global;
}

/* --- searching ------------------------------------------------------------------------------- */

static enum weir_regex_result search_failed(struct weir_kernel_call *call, uint32_t lane, int code)
{
    if (code == PCRE2_ERROR_NOMATCH)
        return WEIR_REGEX_NOT_FOUND;
    if (code == PCRE2_ERROR_NOMEMORY) {
        weir_kernel_out_of_memory(call);
        return WEIR_REGEX_STOP;
    }
    return weir_kernel_fail(call, lane, WEIR_E_BAD_REGEX,
                            "the regular expression is too costly on this text")
               ? WEIR_REGEX_LANE_FAILED
               : WEIR_REGEX_STOP;
}

static void read_spans(pcre2_match_data *match, struct weir_regex_span *spans, uint32_t spans_count)
{
    const size_t *offsets = pcre2_get_ovector_pointer(match);
    uint32_t known = pcre2_get_ovector_count(match);
    for (uint32_t i = 0; i < spans_count; i++) {
        bool is_set = i < known && offsets[2 * (size_t)i] != PCRE2_UNSET;
        spans[i] =
            is_set ? (struct weir_regex_span){offsets[2 * (size_t)i], offsets[2 * (size_t)i + 1]}
                   : (struct weir_regex_span){SIZE_MAX, SIZE_MAX};
    }
}

/* The extent Postgres prefers for a match that begins where spans[0] does, then its groups. PCRE2's
 * own match stays where the DFA cannot tell. */
static void settle_extent(struct weir_regex_run *run, const struct weir_regex *regex,
                          struct weir_slice text, struct weir_regex_span *spans,
                          uint32_t spans_count)
{
    uint32_t options = PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK;
    options |= regex->pattern.prefers_shorter ? PCRE2_DFA_SHORTEST : 0;
    size_t begin = spans[0].begin;
    if (spans[0].end == text.size && !regex->pattern.prefers_shorter)
        return; /* there is no longer one */
    int code = pcre2_dfa_match(regex->code, (PCRE2_SPTR)text.data, text.size, begin, options,
                               run->dfa_match, run->context, run->workspace, DFA_WORKSPACE);
    if (code < 0)
        return;
    size_t end = pcre2_get_ovector_pointer(run->dfa_match)[1];
    if (end == spans[0].end)
        return;
    spans[0].end = end;
    if (spans_count < 2)
        return;
    code = pcre2_match(regex->code, (PCRE2_SPTR)text.data, end, begin,
                       PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_UTF_CHECK, run->match,
                       run->context);
    if (code > 0)
        read_spans(run->match, spans, spans_count);
}

enum finding { FINDING_NONE, FINDING_END, FINDING_UNKNOWN };

/* Compiles the finder. False: it cannot be had. */
static bool make_finder(struct weir_regex_run *run, struct weir_regex *regex)
{
    char message[128];
    struct weir_slice text = regex->pattern.text;
    if (regex->finder || regex->pattern.has_backreference || !reserve_dfa(run))
        return regex->finder != NULL;
    struct weir_buffer source;
    weir_buffer_init(&source, NULL);
    weir_buffer_append_string(&source, ".*?(?C1)(?:");
    weir_buffer_append_slice(&source, text);
    weir_buffer_append_string(&source, ")");
    struct prepared_pattern whole = regex->pattern;
    whole.prefers_shorter = whole.is_ambiguous = true;
    if (!source.failed)
        regex->finder =
            compile(weir_buffer_slice(&source), &whole, run->memory, message, sizeof message);
    weir_buffer_deinit(&source);
    return regex->finder != NULL;
}

/* Where the match that ends first ends. */
static enum finding find_first_end(struct weir_regex_run *run, struct weir_regex *regex,
                                   struct weir_slice text, size_t from, size_t *end)
{
    if (!make_finder(run, regex))
        return FINDING_UNKNOWN;
    int code = pcre2_dfa_match(regex->finder, (PCRE2_SPTR)text.data, text.size, from,
                               PCRE2_ANCHORED | PCRE2_NO_UTF_CHECK | PCRE2_DFA_SHORTEST,
                               run->dfa_match, run->context, run->workspace, FINDER_WORKSPACE);
    if (code == PCRE2_ERROR_NOMATCH)
        return FINDING_NONE;
    if (code < 0)
        return FINDING_UNKNOWN;
    *end = pcre2_get_ovector_pointer(run->dfa_match)[1];
    return FINDING_END;
}

/* The finder's answer, if it settles the search. */
static bool is_settled(enum finding finding, uint32_t spans_count, enum weir_regex_result *result)
{
    *result = finding == FINDING_NONE ? WEIR_REGEX_NOT_FOUND : WEIR_REGEX_FOUND;
    return finding == FINDING_NONE || (finding == FINDING_END && !spans_count);
}

/* A callout of the finder, at each place a match could begin: those behind the last one fail. */
static int refuse_later(pcre2_callout_block *block, void *last_begin)
{
    return block->current_position > *(const size_t *)last_begin;
}

/* The leftmost place in [from, end] where a match begins, by halving: one reading of the text per
 * step. False: the finder gave up. */
static bool find_begin(struct weir_regex_run *run, struct weir_regex *regex, struct weir_slice text,
                       size_t from, size_t end, size_t *begin)
{
    size_t low = from, high = end, middle, ignored;
    enum finding finding = FINDING_END;
    pcre2_set_callout(run->context, refuse_later, &middle);
    while (low < high && finding != FINDING_UNKNOWN) {
        middle = low + (high - low) / 2;
        finding = find_first_end(run, regex, text, from, &ignored);
        if (finding == FINDING_NONE)
            low = middle + 1;
        else
            high = middle;
    }
    pcre2_set_callout(run->context, NULL, NULL);
    *begin = low;
    return finding != FINDING_UNKNOWN;
}

/* One search as PCRE2 sees it. */
struct attempt {
    struct weir_slice text;
    size_t from;
    size_t last_begin; /* the last place where the match may begin */
};

static int try_match(struct weir_regex_run *run, const struct weir_regex *regex,
                     const struct attempt *attempt)
{
    uint64_t places = attempt->last_begin - attempt->from + 1, steps = STEPS_LANE / places;
    if (steps > STEPS_LANE / run->searches_count)
        steps = STEPS_LANE / run->searches_count;
    if (steps < STEPS_MIN)
        steps = STEPS_MIN;
    pcre2_set_match_limit(run->context, steps > STEPS_MAX ? STEPS_MAX : (uint32_t)steps);
    pcre2_set_offset_limit(run->context, attempt->last_begin);
    int code = pcre2_match(regex->code, (PCRE2_SPTR)attempt->text.data, attempt->text.size,
                           attempt->from, PCRE2_NO_UTF_CHECK, run->match, run->context);
    pcre2_set_offset_limit(run->context, PCRE2_UNSET);
    return code;
}

/* Looks for the place of the first match and matches there. */
static int try_at_place(struct weir_regex_run *run, struct weir_regex *regex,
                        struct attempt *attempt)
{
    size_t begin;
    if (++run->placements_count > PLACEMENTS_MAX ||
        !find_begin(run, regex, attempt->text, attempt->from, attempt->last_begin, &begin))
        return PCRE2_ERROR_MATCHLIMIT;
    attempt->from = attempt->last_begin = begin;
    return try_match(run, regex, attempt);
}

static bool is_costly(int code)
{
    return code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT ||
           code == PCRE2_ERROR_DEPTHLIMIT || code == PCRE2_ERROR_JIT_STACKLIMIT;
}

enum weir_regex_result weir_regex_search(struct weir_kernel_call *call, uint32_t lane,
                                         struct weir_regex_run *run,
                                         const struct weir_regex *wanted, struct weir_slice text,
                                         size_t from, struct weir_regex_span *spans,
                                         uint32_t spans_count)
{
    struct weir_regex *regex = &run->patterns[wanted - run->patterns];
    enum weir_regex_result result;
    enum finding finding = FINDING_UNKNOWN;
    text.data = text.data ? text.data : "";
    struct attempt attempt = {text, from, text.size};
    run->searches_count++;
    if (text.size - from > LONG_TEXT)
        finding = find_first_end(run, regex, text, from, &attempt.last_begin);
    if (is_settled(finding, spans_count, &result))
        return result;
    int code = try_match(run, regex, &attempt);
    if (is_costly(code) && finding == FINDING_UNKNOWN)
        finding = find_first_end(run, regex, text, from, &attempt.last_begin);
    if (is_costly(code) && is_settled(finding, spans_count, &result))
        return result;
    if (is_costly(code) && finding == FINDING_END)
        code = try_at_place(run, regex, &attempt);
    if (code < 0)
        return search_failed(call, lane, code);
    if (!spans_count)
        return WEIR_REGEX_FOUND;
    read_spans(run->match, spans, spans_count);
    if (regex->pattern.is_ambiguous)
        settle_extent(run, regex, text, spans, spans_count);
    return WEIR_REGEX_FOUND;
}

#else /* without PCRE2 */

static const char missing[] = "this build has no regular expressions (PCRE2)";

struct weir_regex {
    char none;
};

enum weir_status weir_regex_bind(struct weir_function_bind *bind, const struct weir_regex_use *use,
                                 struct weir_error *error)
{
    (void)bind, (void)use;
    return weir_error_set(error, WEIR_E_NOT_EXECUTABLE, "%s", missing);
}
struct weir_regex_run *weir_regex_open(struct weir_kernel_call *call,
                                       const struct weir_regex_use *use)
{
    (void)use;
    WEIR_FOR_VALID_LANES(call, lane)
    if (!fail_pattern(call, lane, missing))
        break;
    return NULL;
}
void weir_regex_close(struct weir_kernel_call *call, struct weir_regex_run *run)
{
    (void)call, (void)run;
}
void weir_regex_scratch_close(void *scratch)
{
    (void)scratch;
}
const struct weir_regex *weir_regex_of_lane(struct weir_kernel_call *call, uint32_t lane,
                                            struct weir_regex_run *run, bool *stop)
{
    (void)call, (void)lane, (void)run;
    *stop = true;
    return NULL;
}
uint32_t weir_regex_groups_count(const struct weir_regex *regex)
{
    (void)regex;
    return 0;
}
bool weir_regex_is_global(const struct weir_regex *regex)
{
    (void)regex;
    return false;
}
enum weir_regex_result weir_regex_search(struct weir_kernel_call *call, uint32_t lane,
                                         struct weir_regex_run *run, const struct weir_regex *regex,
                                         struct weir_slice text, size_t from,
                                         struct weir_regex_span *spans, uint32_t spans_count)
{
    (void)call, (void)lane, (void)run, (void)regex, (void)text, (void)from, (void)spans;
    (void)spans_count;
    return WEIR_REGEX_STOP;
}

#endif

size_t weir_regex_next(struct weir_slice text, struct weir_regex_span match)
{
    if (match.begin < match.end)
        return match.end;
    if (match.end >= text.size)
        return SIZE_MAX;
    return match.end + weir_utf8_offset(weir_slice_from(text, match.end), 1);
}
