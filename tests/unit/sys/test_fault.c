#include "sys/fault.h"

#include "base/memory.h"
#include "sys/sys.h"
#include "test.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct weir_error error;

static void unarmed_sites_pass(void)
{
    EXPECT_INT(weir_fault_arm(NULL, &error), WEIR_OK);
    EXPECT(!weir_fault_armed);
    for (int i = 0; i < WEIR_FAULT_SITES_COUNT; i++) {
        EXPECT_INT(weir_fault_pass((enum weir_fault_site)i, &error), WEIR_OK);
        EXPECT(weir_fault_sites()[i].text[0] != '\0');
    }
}

static void fails_at_the_named_passes_once(void)
{
    EXPECT_INT(
        weir_fault_arm("epoch.begin:fail@3, sink.commit.before:fail,epoch.begin:fail@5", &error),
        WEIR_OK);
    for (int pass = 1; pass <= 7; pass++) {
        enum weir_status want = pass == 3 || pass == 5 ? WEIR_E_IO : WEIR_OK;
        EXPECT_INT(weir_fault_pass(WEIR_FAULT_EPOCH_BEGIN, &error), want);
    }
    EXPECT_STRING(error.message, "fault injected at epoch.begin, pass 5");
    EXPECT_INT(weir_fault_pass(WEIR_FAULT_SINK_COMMIT_BEFORE, &error), WEIR_E_IO);
    EXPECT_INT(weir_fault_pass(WEIR_FAULT_SINK_COMMIT_BEFORE, &error), WEIR_OK);
    EXPECT_INT(weir_fault_arm("", &error), WEIR_OK);
}

static void delays(void)
{
    const struct weir_sys *sys = weir_sys_real();
    EXPECT_INT(weir_fault_arm("source.batch:delay=20@1", &error), WEIR_OK);
    uint64_t begin = sys->monotonic_ns(sys);
    EXPECT_INT(weir_fault_pass(WEIR_FAULT_SOURCE_BATCH, &error), WEIR_OK);
    EXPECT(sys->monotonic_ns(sys) - begin >= 20000000);
    EXPECT_INT(weir_fault_arm("", &error), WEIR_OK);
}

static void kills(void)
{
    pid_t child = fork();
    if (child == 0) {
        if (weir_fault_arm("epoch.begin:kill@2", NULL) != WEIR_OK ||
            weir_fault_pass(WEIR_FAULT_EPOCH_BEGIN, NULL) != WEIR_OK)
            _exit(1);
        (void)!weir_fault_pass(WEIR_FAULT_EPOCH_BEGIN, NULL);
        _exit(2);
    }
    int status = 0;
    EXPECT(waitpid(child, &status, 0) == child);
    EXPECT(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void allocation_fails(void)
{
    EXPECT_INT(weir_fault_arm("memory.alloc:fail@2", &error), WEIR_OK);
    EXPECT(!weir_fault_armed);
    void *first = weir_malloc(1);
    EXPECT(first != NULL);
    EXPECT(weir_malloc(1) == NULL);
    weir_free(first);
}

static void files_pass_their_sites(void)
{
    const struct weir_sys *sys = weir_sys_real();
    EXPECT_INT(
        weir_fault_arm("io.read:fail@2,io.write:fail@1,io.fsync:fail@1,io.rename:fail@1", &error),
        WEIR_OK);
    char path[] = "/tmp/weir-fault-XXXXXX";
    int descriptor = mkstemp(path);
    close(descriptor);
    struct weir_file *file;
    char byte;
    size_t got;
    EXPECT_INT(sys->file_open(sys, path, WEIR_OPEN_APPEND, &file, &error), WEIR_OK);
    EXPECT_INT(weir_file_write(file, "ab", 2, &error), WEIR_E_IO);
    EXPECT_INT(weir_file_write(file, "ab", 2, &error), WEIR_OK);
    EXPECT_INT(weir_file_sync(file, &error), WEIR_E_IO);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    EXPECT_INT(sys->file_open(sys, path, WEIR_OPEN_READ, &file, &error), WEIR_OK);
    EXPECT_INT(weir_file_read(file, &byte, 1, &got, &error), WEIR_OK);
    EXPECT_INT(weir_file_read(file, &byte, 1, &got, &error), WEIR_E_IO);
    EXPECT_INT(weir_file_close(file, &error), WEIR_OK);
    EXPECT_INT(sys->path_rename(sys, path, path, &error), WEIR_E_IO);
    EXPECT_INT(sys->path_unlink(sys, path, &error), WEIR_OK);
    EXPECT_INT(weir_fault_arm("", &error), WEIR_OK);
}

static void nonsense_is_refused(void)
{
    static const char *const texts[] = {
        "epoch.begin",
        "nosuch.site:kill@1",
        "epoch.begin:explode@1",
        "epoch.begin:kill@0",
        "epoch.begin:kill@x",
        "epoch.begin:kill@",
        "epoch.begin:delay@1",
        "epoch.begin:delay=@1",
        "epoch.begin:kill=3@1",
        "memory.alloc:kill@1",
        ":",
        "epoch.begin:fail@99999999999999999999",
        "epoch.begin:fail@1,,x",
        "epoch.begin:@1",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        EXPECT_INT(weir_fault_arm(texts[i], &error), WEIR_E_USAGE);
        EXPECT(strstr(error.message, "WEIR_FAULT: ") == error.message);
        EXPECT(!weir_fault_armed);
    }
    char many[40 * 16] = "";
    for (int i = 0; i < 33; i++)
        strncat(many, "io.read:fail@1,", 16);
    EXPECT_INT(weir_fault_arm(many, &error), WEIR_E_USAGE);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(unarmed_sites_pass),
        TEST_CASE(fails_at_the_named_passes_once),
        TEST_CASE(delays),
        TEST_CASE(kills),
        TEST_CASE(allocation_fails),
        TEST_CASE(files_pass_their_sites),
        TEST_CASE(nonsense_is_refused),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
