/* What the machine allows: memory, processors, vector instructions.
 *
 * In a container the limits are those of its cgroup, and of every cgroup above it: version 2
 * keeps them in memory.max and cpu.max, version 1 in memory/…/memory.limit_in_bytes and
 * cpu/…/cpu.cfs_quota_us. The path of the process's own group is in /proc/self/cgroup:
 *
 *     0::/system.slice/weir.service        version 2
 *     4:memory:/docker/0a1b                version 1 */
#include "sys/real_internal.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PATH_CAPACITY = 1024, TEXT_CAPACITY = 4096 };

/* Reads a small file of the kernel whole, NUL-terminated; false when there is none. */
static bool read_small(const char *path, char *text, size_t capacity)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    ssize_t size = read(descriptor, text, capacity - 1);
    close(descriptor);
    text[size > 0 ? size : 0] = '\0';
    return size > 0;
}

/* The path of the process's cgroup for a controller ("" is version 2), "" when unknown. */
static void cgroup_path(const char *controller, char *path, size_t capacity)
{
    char text[TEXT_CAPACITY];
    path[0] = '\0';
    if (!read_small("/proc/self/cgroup", text, sizeof text))
        return;
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        char *name = strchr(line, ':');
        char *group = name ? strchr(name + 1, ':') : NULL;
        if (!group)
            continue;
        *group++ = '\0';
        name++;
        const char *found = *controller ? strstr(name, controller) : name;
        if (*controller ? found != NULL : *name == '\0') {
            (void)snprintf(path, capacity, "%s", strcmp(group, "/") == 0 ? "" : group);
            return;
        }
    }
}

/* Calls take for the file in the process's cgroup and in each one above it. */
static void cgroup_walk(const char *root, const char *controller, const char *file,
                        void (*take)(const char *text, uint64_t *limit), uint64_t *limit)
{
    char group[PATH_CAPACITY], path[2 * PATH_CAPACITY], text[256];
    cgroup_path(controller, group, sizeof group);
    for (;;) {
        (void)snprintf(path, sizeof path, "%s%s/%s", root, group, file);
        if (read_small(path, text, sizeof text))
            take(text, limit);
        char *slash = strrchr(group, '/');
        if (!slash)
            return;
        *slash = '\0';
    }
}

static void take_bytes(const char *text, uint64_t *limit)
{
    char *end;
    unsigned long long bytes = strtoull(text, &end, 10); /* "max" has no digits */
    if (end != text && bytes > 0 && bytes < *limit)
        *limit = bytes;
}

uint64_t real_memory_limit_bytes(const struct weir_sys *sys)
{
    (void)sys;
    uint64_t limit = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
    cgroup_walk("/sys/fs/cgroup", "", "memory.max", take_bytes, &limit);
    cgroup_walk("/sys/fs/cgroup/memory", "memory", "memory.limit_in_bytes", take_bytes, &limit);
    return limit;
}

/* "150000 100000": 1.5 processors, which is 2 to those who count threads. */
static void take_quota(const char *text, uint64_t *limit)
{
    unsigned long long quota, period;
    if (sscanf(text, "%llu %llu", &quota, &period) != 2 || period == 0 || quota == 0)
        return;
    uint64_t count = (quota + period - 1) / period;
    if (count < *limit)
        *limit = count;
}

uint32_t real_processors_count(const struct weir_sys *sys)
{
    (void)sys;
    cpu_set_t set;
    uint64_t count = 0;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        count = (uint64_t)CPU_COUNT(&set);
    if (count == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        count = online > 0 ? (uint64_t)online : 1;
    }
    cgroup_walk("/sys/fs/cgroup", "", "cpu.max", take_quota, &count);
    return (uint32_t)count;
}

static struct weir_cpu detect(void)
{
    struct weir_cpu cpu = {false, false, false};
#if defined(__x86_64__)
    cpu.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt") &&
               __builtin_cpu_supports("pclmul");
    cpu.avx512 = cpu.avx2 && __builtin_cpu_supports("avx512f") &&
                 __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                 __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
                 __builtin_cpu_supports("avx512vbmi2");
#elif defined(__aarch64__)
    cpu.neon = true;
#endif
    return cpu;
}

struct weir_cpu real_cpu(const struct weir_sys *sys)
{
    struct weir_cpu cpu = detect();
    const char *wanted = sys->environment(sys, "WEIR_CPU");
    if (wanted && strcmp(wanted, "scalar") == 0)
        cpu = (struct weir_cpu){false, false, false};
    else if (wanted && strcmp(wanted, "avx2") == 0)
        cpu.avx512 = false;
    return cpu;
}
