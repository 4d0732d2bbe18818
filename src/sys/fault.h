/* Fault sites: places where a run can be told to die, fail or dawdle, to rehearse recovery.
 *
 *     WEIR_FAULT="epoch.state.written:kill@2,io.write:fail@7,source.batch:delay=50@1"
 *
 * kill sends SIGKILL to the process itself; fail makes the step return an IO error; delay=MS
 * sleeps. N counts passes of the site from 1 (the default); each action happens once.
 * Unarmed, a pass costs one predictable branch. fault_sites.def lists the sites. */
#ifndef WEIR_SYS_FAULT_H
#define WEIR_SYS_FAULT_H

#include "base/compiler.h"
#include "base/status.h"

enum weir_fault_site {
#define WEIR_FAULT_SITE(symbol, name, text) WEIR_FAULT_##symbol,
#include "sys/fault_sites.def"
#undef WEIR_FAULT_SITE
    WEIR_FAULT_SITES_COUNT
};

struct weir_fault_site_info {
    const char *name;
    const char *text;
};
/* WEIR_FAULT_SITES_COUNT entries, indexed by enum weir_fault_site. */
const struct weir_fault_site_info *weir_fault_sites(void);

/* Arms the faults of a WEIR_FAULT text; NULL or "" disarms all and restarts the counts.
 * USAGE when it cannot be understood. Call it while no other thread passes sites. */
WEIR_CHECKED enum weir_status weir_fault_arm(const char *text, struct weir_error *error);

/* Written by weir_fault_arm only. */
extern bool weir_fault_armed;

WEIR_CHECKED enum weir_status weir_fault_pass_slow(enum weir_fault_site site,
                                                   struct weir_error *error);
/* OK, or IO when the site is told to fail. */
WEIR_CHECKED static inline enum weir_status weir_fault_pass(enum weir_fault_site site,
                                                            struct weir_error *error)
{
    if (WEIR_LIKELY(!weir_fault_armed))
        return WEIR_OK;
    return weir_fault_pass_slow(site, error);
}

#endif
