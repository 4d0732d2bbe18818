/* How alike texts are: levenshtein, soundex, difference (as in Postgres' fuzzystrmatch). */
#include "kernel/string/string_internal.h"

/* --- levenshtein ----------------------------------------------------------------------------- */

enum { DISTANCE_LENGTH_MAX = 4096 }; /* characters: one row of costs stays in the cache */

struct edit_costs {
    int64_t insert, remove, substitute;
};

struct distance_memory {
    uint32_t source[DISTANCE_LENGTH_MAX], target[DISTANCE_LENGTH_MAX];
    int64_t row[DISTANCE_LENGTH_MAX + 1];
};

/* Code points of the text; SIZE_MAX when they are too many. */
static size_t decode_all(struct weir_slice text, uint32_t *out)
{
    size_t count = 0, used;
    for (size_t at = 0; at < text.size; at += used) {
        if (count == DISTANCE_LENGTH_MAX)
            return SIZE_MAX;
        out[count++] = weir_utf8_decode(text.data + at, text.size - at, &used);
    }
    return count;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* R. Wagner and M. Fischer 1974, one row: row[j] is the cost of turning the source read so far into
 * the first j characters of the target. */
static int64_t edit_distance(struct distance_memory *m, size_t source, size_t target,
                             struct edit_costs costs)
{
    for (size_t j = 0; j <= target; j++)
        m->row[j] = (int64_t)j * costs.insert;
    for (size_t i = 0; i < source; i++) {
        int64_t diagonal = m->row[0];
        m->row[0] += costs.remove;
        for (size_t j = 0; j < target; j++) {
            int64_t above = m->row[j + 1];
            int64_t change = diagonal + (m->source[i] == m->target[j] ? 0 : costs.substitute);
            m->row[j + 1] = least(change, least(above + costs.remove, m->row[j] + costs.insert));
            diagonal = above;
        }
    }
    return m->row[target];
}

/* Arguments from `first` on: insert, remove, substitute; all 1 when there are none. */
static struct edit_costs read_costs(const struct weir_kernel_call *call, uint32_t lane,
                                    uint32_t count)
{
    if (count < 5)
        return (struct edit_costs){1, 1, 1};
    return (struct edit_costs){weir_arg_int32(call, 2, lane), weir_arg_int32(call, 3, lane),
                               weir_arg_int32(call, 4, lane)};
}

/* limit_argument: 0 when the distance has no limit; else a distance beyond it is the limit + 1,
 * unless one of the texts is empty (as in Postgres). */
static bool distance_lane(struct weir_kernel_call *call, uint32_t lane, uint32_t limit_argument,
                          struct distance_memory *memory)
{
    size_t source = decode_all(weir_arg_text(call, 0, lane), memory->source);
    size_t target = decode_all(weir_arg_text(call, 1, lane), memory->target);
    if (source == SIZE_MAX || target == SIZE_MAX)
        return weir_kernel_fail(call, lane, WEIR_E_LIMIT,
                                "levenshtein argument exceeds maximum length of %d characters",
                                DISTANCE_LENGTH_MAX);
    uint32_t costs_count = limit_argument ? call->args_count - 1 : call->args_count;
    int64_t distance = edit_distance(memory, source, target, read_costs(call, lane, costs_count));
    if (limit_argument && source && target) {
        int64_t limit = weir_arg_int32(call, limit_argument, lane);
        if (limit >= 0 && distance > limit)
            distance = limit + 1;
    }
    if (distance != (int32_t)distance)
        return weir_kernel_fail_range(call, lane);
    weir_string_set_int32(call, lane, (int32_t)distance);
    return true;
}

static void run_distance(struct weir_kernel_call *call, uint32_t limit_argument)
{
    struct distance_memory *memory = weir_arena_alloc(call->arena, sizeof *memory, 8);
    if (!memory) {
        weir_kernel_out_of_memory(call);
        return;
    }
    WEIR_FOR_VALID_LANES(call, lane)
    if (!distance_lane(call, lane, limit_argument, memory))
        return;
}
void weir_fn_levenshtein(struct weir_kernel_call *call)
{
    run_distance(call, 0);
}
void weir_fn_levenshtein_less_equal(struct weir_kernel_call *call)
{
    run_distance(call, call->args_count - 1);
}

/* --- soundex --------------------------------------------------------------------------------- */

enum { SOUNDEX_SIZE = 4 };

/* The class of a letter: 0 for vowels and the like. */
static char soundex_class(char letter)
{
    /*                          ABCDEFGHIJKLMNOPQRSTUVWXYZ */
    static const char classes[] = "01230120022455012623010202";
    return classes[letter - 'A'];
}
static char upper_letter(char c)
{
    char letter = (char)(c & ~32);
    return letter >= 'A' && letter <= 'Z' ? letter : 0;
}

/* What a letter is compared with: the class of the character before it, or, as in Postgres, that
 * character itself when it is none of A to Z: 'a1b' is A000, for b is of class 1. */
static char soundex_before(char c)
{
    char letter = upper_letter(c);
    return letter ? soundex_class(letter) : c;
}

/* The first letter and three classes. Letters of one class in a row count once, as long as no other
 * character (vowels are characters) is between them. False for a text without letters. */
static bool soundex(struct weir_slice text, char out[SOUNDEX_SIZE])
{
    size_t at = 0, count = 0;
    while (at < text.size && !upper_letter(text.data[at]))
        at++;
    if (at == text.size)
        return false;
    memset(out, '0', SOUNDEX_SIZE);
    out[count++] = upper_letter(text.data[at]);
    for (at++; at < text.size && count < SOUNDEX_SIZE; at++) {
        char letter = upper_letter(text.data[at]);
        char class = letter ? soundex_class(letter) : '0';
        if (class != '0' && soundex_before(text.data[at - 1]) != class)
            out[count++] = class;
    }
    return true;
}

void weir_fn_soundex(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        char code[SOUNDEX_SIZE];
        bool found = soundex(weir_arg_text(call, 0, lane), code);
        weir_kernel_set_text(call, lane, code, found ? SOUNDEX_SIZE : 0);
    }
}

/* How many of the four places agree. */
void weir_fn_difference(struct weir_kernel_call *call)
{
    WEIR_FOR_VALID_LANES(call, lane)
    {
        char a[SOUNDEX_SIZE] = {0}, b[SOUNDEX_SIZE] = {0};
        int32_t same = 0;
        (void)soundex(weir_arg_text(call, 0, lane), a);
        (void)soundex(weir_arg_text(call, 1, lane), b);
        for (size_t i = 0; i < SOUNDEX_SIZE; i++)
            same += a[i] == b[i];
        weir_string_set_int32(call, lane, same);
    }
}
