/* Fault sites: parsing WEIR_FAULT and acting on a pass.
 *
 * Passes are counted per site from the moment of arming. A fault remembers the pass it waits
 * for; the count only ever grows, so each fault happens once. `memory.alloc` is not passed:
 * arming it tells the allocator itself which allocation fails.
 * Tested in tests/unit/sys/test_fault.c. */
#include "sys/fault.h"

#include "base/memory.h"

#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

enum action { ACTION_KILL, ACTION_FAIL, ACTION_DELAY };

struct fault {
    enum weir_fault_site site;
    enum action action;
    uint64_t delay_ms;
    uint64_t pass; /* from 1 */
};

enum { FAULTS_MAX = 32 };

bool weir_fault_armed;
static struct fault faults[FAULTS_MAX];
static size_t faults_count;
static atomic_uint_fast64_t passes[WEIR_FAULT_SITES_COUNT];

const struct weir_fault_site_info *weir_fault_sites(void)
{
    static const struct weir_fault_site_info sites[] = {
#define WEIR_FAULT_SITE(symbol, name, text) {name, text},
#include "sys/fault_sites.def"
#undef WEIR_FAULT_SITE
    };
    return sites;
}

static enum weir_status bad(struct weir_slice item, const char *what, struct weir_error *error)
{
    (void)weir_error_set(error, WEIR_E_USAGE, "WEIR_FAULT: %s in \"%.*s\"", what,
                         WEIR_SLICE_ARGS(item));
    weir_error_hint(error, "write SITE:kill@N, SITE:fail@N or SITE:delay=MS@N; "
                           "weir fault-sites lists the sites");
    return WEIR_E_USAGE;
}

static bool parse_number(struct weir_slice text, uint64_t *number)
{
    *number = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9' || *number > UINT32_MAX)
            return false;
        *number = *number * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0;
}

/* Splits text at the first separator; after is empty and absent when there is none. */
static bool split(struct weir_slice text, char separator, struct weir_slice *before,
                  struct weir_slice *after)
{
    const char *at = text.size ? memchr(text.data, separator, text.size) : NULL;
    *before = at ? weir_slice_make(text.data, (size_t)(at - text.data)) : text;
    *after =
        at ? weir_slice_make(at + 1, text.size - before->size - 1) : weir_slice_make(text.data, 0);
    return at != NULL;
}

static bool parse_site(struct weir_slice name, enum weir_fault_site *site)
{
    for (int i = 0; i < WEIR_FAULT_SITES_COUNT; i++) {
        if (weir_slice_equals_string(name, weir_fault_sites()[i].name)) {
            *site = (enum weir_fault_site)i;
            return true;
        }
    }
    return false;
}

static bool parse_action(struct weir_slice text, struct fault *fault)
{
    struct weir_slice name, value;
    bool has_value = split(text, '=', &name, &value);
    if (weir_slice_equals_string(name, "delay")) {
        fault->action = ACTION_DELAY;
        return has_value && parse_number(value, &fault->delay_ms);
    }
    fault->action = weir_slice_equals_string(name, "kill") ? ACTION_KILL : ACTION_FAIL;
    return !has_value && (fault->action == ACTION_KILL || weir_slice_equals_string(name, "fail"));
}

static enum weir_status parse_item(struct weir_slice item, struct fault *fault,
                                   struct weir_error *error)
{
    struct weir_slice name, rest, action, pass;
    *fault = (struct fault){.pass = 1};
    if (!split(item, ':', &name, &rest))
        return bad(item, "no action", error);
    if (!parse_site(name, &fault->site))
        return bad(item, "no such site", error);
    bool has_pass = split(rest, '@', &action, &pass);
    if (has_pass && (!parse_number(pass, &fault->pass) || fault->pass == 0))
        return bad(item, "no pass number", error);
    if (!parse_action(action, fault))
        return bad(item, "no such action", error);
    if (fault->site == WEIR_FAULT_MEMORY_ALLOC && fault->action != ACTION_FAIL)
        return bad(item, "memory.alloc can only fail", error);
    return WEIR_OK;
}

static void disarm(void)
{
    weir_fault_armed = false;
    faults_count = 0;
    for (int i = 0; i < WEIR_FAULT_SITES_COUNT; i++)
        atomic_store(&passes[i], 0);
}

enum weir_status weir_fault_arm(const char *text, struct weir_error *error)
{
    disarm();
    uint64_t failing_allocation = 0;
    struct weir_slice rest = weir_slice_from_string(text ? text : "");
    while (rest.size) {
        struct weir_slice item;
        (void)split(rest, ',', &item, &rest);
        if (faults_count == FAULTS_MAX)
            return bad(item, "too many faults", error);
        struct fault *fault = &faults[faults_count];
        WEIR_TRY(parse_item(weir_slice_trim(item), fault, error));
        if (fault->site == WEIR_FAULT_MEMORY_ALLOC)
            failing_allocation = fault->pass;
        else
            faults_count++;
    }
    weir_fault_armed = faults_count > 0;
    if (failing_allocation)
        (void)weir_memory_fail_at(failing_allocation);
    return WEIR_OK;
}

static enum weir_status act(const struct fault *fault, struct weir_error *error)
{
    if (fault->action == ACTION_KILL) {
        kill(getpid(), SIGKILL);
        for (;;)
            pause();
    }
    if (fault->action == ACTION_DELAY) {
        struct timespec left = {(time_t)(fault->delay_ms / 1000),
                                (long)(fault->delay_ms % 1000 * 1000000)};
        nanosleep(&left, NULL);
        return WEIR_OK;
    }
    return weir_error_set(error, WEIR_E_IO, "fault injected at %s, pass %llu",
                          weir_fault_sites()[fault->site].name, (unsigned long long)fault->pass);
}

enum weir_status weir_fault_pass_slow(enum weir_fault_site site, struct weir_error *error)
{
    uint64_t pass = atomic_fetch_add(&passes[site], 1) + 1;
    for (size_t i = 0; i < faults_count; i++) {
        if (faults[i].site == site && faults[i].pass == pass)
            WEIR_TRY(act(&faults[i], error));
    }
    return WEIR_OK;
}
