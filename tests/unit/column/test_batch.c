#include "fixtures.h"

static const struct weir_field fields[] = {{{"id", 2}, NULL, false}, {{"name", 4}, NULL, true}};

/* A schema of two columns, filled in at run time. */
static struct weir_schema schema_make(struct weir_field *out)
{
    memcpy(out, fields, sizeof fields);
    out[0].type = weir_type_of(WEIR_TYPE_INT64);
    out[1].type = weir_type_of(WEIR_TYPE_TEXT);
    return (struct weir_schema){out, 2};
}

struct block {
    struct weir_shared shared;
    int *destroyed;
};
static void block_destroy(struct weir_shared *shared)
{
    (*((struct block *)shared)->destroyed)++;
}

static void counts_references(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    EXPECT(weir_batch_is_exclusive(batch));
    weir_batch_retain(batch);
    EXPECT(!weir_batch_is_exclusive(batch));
    weir_batch_release(batch);
    EXPECT(weir_batch_is_exclusive(batch));
    EXPECT(weir_batch_verify(batch, NULL) == WEIR_OK);
    weir_batch_release(batch);
    weir_batch_release(NULL);
    weir_shared_release(NULL);
}

static void holds_and_lets_go(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    int destroyed = 0;
    struct block blocks[20];
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    for (int i = 0; i < 20; i++) {
        blocks[i] = (struct block){{.refs = 1, .destroy = block_destroy}, &destroyed};
        EXPECT(weir_batch_hold(batch, &blocks[i].shared, NULL) == WEIR_OK);
        EXPECT(weir_batch_hold(batch, &blocks[i].shared, NULL) == WEIR_OK);
        weir_shared_release(&blocks[i].shared);
    }
    EXPECT_INT(batch->owners_count, 20);
    EXPECT_INT(destroyed, 0);
    EXPECT(weir_batch_reset(batch, NULL, NULL) == WEIR_OK);
    EXPECT_INT(destroyed, 20);
    blocks[0].shared.refs = 1;
    EXPECT(weir_batch_hold(batch, &blocks[0].shared, NULL) == WEIR_OK);
    weir_shared_release(&blocks[0].shared);
    weir_batch_release(batch);
    EXPECT_INT(destroyed, 21);
}

static void renews(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    struct weir_batch *batch = NULL;
    EXPECT(weir_batch_renew(&batch, &schema, NULL, NULL) == WEIR_OK);
    struct weir_batch *first = batch;
    EXPECT(weir_batch_renew(&batch, NULL, NULL, NULL) == WEIR_OK);
    EXPECT(batch == first);
    weir_batch_retain(first);
    EXPECT(weir_batch_renew(&batch, NULL, NULL, NULL) == WEIR_OK);
    EXPECT(batch != first && batch->schema == &schema);
    EXPECT(weir_batch_is_exclusive(first));
    weir_batch_release(first);
    weir_batch_release(batch);
}

static void reuse_allocates_nothing(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    for (int i = 0; i < 10; i++) {
        if (i == 2)
            (void)weir_memory_fail_at(0);
        EXPECT(weir_batch_renew(&batch, NULL, NULL, NULL) == WEIR_OK);
        EXPECT(weir_arena_alloc(&batch->arena, 2048 * 16, 64) != NULL);
    }
    EXPECT_INT(weir_memory_fail_at(0), 0);
    weir_batch_release(batch);
}

static void verifies(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    struct weir_error error;
    static const uint16_t good[] = {0, 2}, twice[] = {1, 1}, beyond[] = {0, 3};
    static const int64_t weights[] = {1, 0, -1};
    batch->rows_count = batch->selected_count = 3;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    for (uint32_t i = 0; i < 2; i++)
        batch->columns[i] = weir_column_nulls(schema.fields[i].type, 3);
    EXPECT(weir_batch_verify(batch, &error) == WEIR_OK);
    batch->weights = weights;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    batch->selected_count = 2;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    batch->selection = good;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_OK);
    EXPECT_INT(weir_batch_lane(batch, 1), 2);
    EXPECT_INT(weir_batch_weight(batch, 2), -1);
    batch->selection = twice;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    batch->selection = beyond;
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    batch->selection = good;
    batch->columns[1] = weir_column_nulls(schema.fields[0].type, 3);
    EXPECT(weir_batch_verify(batch, &error) == WEIR_E_INTERNAL);
    EXPECT(strstr(error.frames[0], "name") != NULL);
    weir_batch_release(batch);
}

static void survives_full_memory(void)
{
    struct weir_field list[2];
    struct weir_schema schema = schema_make(list);
    struct weir_budget budget;
    weir_budget_init(&budget, "test", 1000, NULL);
    EXPECT(weir_batch_create(&schema, &budget) == NULL);
    struct weir_batch *batch = NULL;
    struct weir_error error;
    EXPECT(weir_batch_renew(&batch, &schema, &budget, &error) == WEIR_E_MEMORY_LIMIT);
    for (uint64_t n = 1; n <= 3; n++) {
        (void)weir_memory_fail_at(n);
        batch = weir_batch_create(&schema, NULL);
        EXPECT((batch != NULL) == (n == 3));
        weir_batch_release(batch);
    }
    (void)weir_memory_fail_at(0);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(counts_references),
                                             TEST_CASE(holds_and_lets_go),
                                             TEST_CASE(renews),
                                             TEST_CASE(reuse_allocates_nothing),
                                             TEST_CASE(verifies),
                                             TEST_CASE(survives_full_memory)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
