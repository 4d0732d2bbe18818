#include "base/buffer.h"

#include "test.h"

static void appends_and_clears(void)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    weir_buffer_append(&buffer, NULL, 0);
    EXPECT_INT(weir_buffer_slice(&buffer).size, 0);
    weir_buffer_append_string(&buffer, "abc");
    weir_buffer_append_char(&buffer, '-');
    weir_buffer_append_slice(&buffer, weir_slice_make("xyz", 2));
    weir_buffer_printf(&buffer, "[%d]", 7);
    EXPECT_SLICE(weir_buffer_slice(&buffer), "abc-xy[7]");
    weir_buffer_clear(&buffer);
    EXPECT_INT(buffer.size, 0);
    weir_buffer_deinit(&buffer);
    EXPECT(buffer.data == NULL);
}

static void printf_grows(void)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    for (int i = 0; i < 200; i++) {
        size_t before = buffer.size;
        weir_buffer_printf(&buffer, "%*d", i, 1);
        EXPECT_INT(buffer.size - before, i > 1 ? i : 1);
    }
    EXPECT(!buffer.failed);
    weir_buffer_deinit(&buffer);
}

static void budget_is_charged_and_returned(void)
{
    struct weir_budget budget;
    weir_budget_init(&budget, "test", 1000, NULL);
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, &budget);
    char bytes[400] = {0};
    weir_buffer_append(&buffer, bytes, sizeof bytes);
    EXPECT_INT(budget.used_bytes, buffer.capacity);
    weir_buffer_append(&buffer, bytes, sizeof bytes);
    EXPECT(buffer.failed);
    EXPECT_INT(buffer.size, 400);
    weir_buffer_clear(&buffer);
    EXPECT(!buffer.failed);
    weir_buffer_deinit(&buffer);
    EXPECT_INT(budget.used_bytes, 0);
}

static void lack_of_memory_sticks(void)
{
    struct weir_buffer buffer;
    weir_buffer_init(&buffer, NULL);
    (void)weir_memory_fail_at(1);
    weir_buffer_append_string(&buffer, "lost");
    weir_buffer_append_string(&buffer, "kept");
    (void)weir_memory_fail_at(1);
    weir_buffer_printf(&buffer, "%500d", 1);
    (void)weir_memory_fail_at(0);
    EXPECT(buffer.failed);
    EXPECT_SLICE(weir_buffer_slice(&buffer), "kept");
    EXPECT(!weir_buffer_reserve(&buffer, SIZE_MAX - 2));
    weir_buffer_deinit(&buffer);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(appends_and_clears),
        TEST_CASE(printf_grows),
        TEST_CASE(budget_is_charged_and_returned),
        TEST_CASE(lack_of_memory_sticks),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
