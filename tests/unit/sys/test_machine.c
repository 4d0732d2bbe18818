/* Clocks, entropy, environment, limits, libraries. */
#include "sys/sys.h"

#include "test.h"

#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void clocks_go_forward(void)
{
    const struct weir_sys *sys = weir_sys_real();
    EXPECT_INT(sys->size, sizeof(struct weir_sys));
    uint64_t begin = sys->monotonic_ns(sys);
    EXPECT(sys->sleep_ns(sys, 2000000));
    EXPECT(sys->monotonic_ns(sys) - begin >= 2000000);
    EXPECT(sys->wall_clock(sys).us > INT64_C(1700000000000000));
}

static void entropy_differs(void)
{
    const struct weir_sys *sys = weir_sys_real();
    uint64_t a[2] = {0}, b[2] = {0};
    EXPECT_INT(sys->entropy(sys, a, sizeof a, NULL), WEIR_OK);
    EXPECT_INT(sys->entropy(sys, b, sizeof b, NULL), WEIR_OK);
    EXPECT(memcmp(a, b, sizeof a) != 0);
}

static void environment_and_limits(void)
{
    const struct weir_sys *sys = weir_sys_real();
    setenv("WEIR_TEST_VALUE", "x y", 1);
    EXPECT_STRING(sys->environment(sys, "WEIR_TEST_VALUE"), "x y");
    EXPECT(sys->environment(sys, "WEIR_TEST_NO_SUCH_VALUE") == NULL);
    EXPECT(sys->memory_limit_bytes(sys) > 16u << 20);
    EXPECT(sys->processors_count(sys) >= 1);
}

static void processor_can_be_lowered(void)
{
    const struct weir_sys *sys = weir_sys_real();
    unsetenv("WEIR_CPU");
    struct weir_cpu cpu = sys->cpu(sys);
    EXPECT(cpu.avx2 || !cpu.avx512);
    setenv("WEIR_CPU", "avx2", 1);
    EXPECT(!sys->cpu(sys).avx512);
    EXPECT(sys->cpu(sys).avx2 == cpu.avx2);
    setenv("WEIR_CPU", "avx512", 1);
    EXPECT(sys->cpu(sys).avx512 == cpu.avx512);
    setenv("WEIR_CPU", "scalar", 1);
    cpu = sys->cpu(sys);
    EXPECT(!cpu.avx2 && !cpu.avx512 && !cpu.neon);
    unsetenv("WEIR_CPU");
}

static void libraries_give_symbols(void)
{
    const struct weir_sys *sys = weir_sys_real();
    struct weir_library *library;
    if (!EXPECT_INT(sys->library_open(sys, "libm.so.6", &library, NULL), WEIR_OK))
        return;
    double (*root)(double);
    *(void **)&root = sys->library_symbol(library, "sqrt");
    EXPECT(root && fabs(root(16.0) - 4.0) < 1e-12);
    EXPECT(sys->library_symbol(library, "no_such_symbol_here") == NULL);
    sys->library_close(library);
}

/* In a child: the first SIGINT asks, the second ends the process by that signal. */
static void second_signal_ends(void)
{
    pid_t child = fork();
    if (child == 0) {
        const struct weir_sys *sys = weir_sys_real();
        (void)sys->signals_watch(sys, NULL);
        raise(SIGINT);
        if (sys->stop_signal(sys) != SIGINT)
            _exit(1);
        raise(SIGINT);
        _exit(2);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGINT);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(clocks_go_forward),      TEST_CASE(entropy_differs),
        TEST_CASE(environment_and_limits), TEST_CASE(processor_can_be_lowered),
        TEST_CASE(libraries_give_symbols), TEST_CASE(second_signal_ends),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
