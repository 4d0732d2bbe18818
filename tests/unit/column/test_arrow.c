/* The Arrow edge against itself: what is exported comes back lane for lane, through every mode and
 * selection, and whatever is damaged is refused. That others understand it too is shown by
 * probe_arrow.py. */
#include "fixtures.h"

#include "column/arrow.h"

static struct weir_arena arena;
enum { ROWS = 200 };

struct table {
    struct weir_field fields[48];
    struct weir_schema schema;
};

static void table_init(struct table *table)
{
    struct test_types types = test_types_make(&arena);
    types_add(&types, weir_type_of(WEIR_TYPE_NULL));
    for (uint32_t i = 0; i < types.count; i++)
        table->fields[i] = (struct weir_field){
            weir_slice_from_string(weir_arena_printf(&arena, "c%u", i)), types.list[i], true};
    table->schema = (struct weir_schema){table->fields, types.count};
}

static struct weir_batch *random_batch(struct rng *rng, const struct table *table, uint32_t nulls)
{
    struct weir_batch *batch = weir_batch_create(&table->schema, NULL);
    for (uint32_t i = 0; i < table->schema.fields_count; i++) {
        const struct weir_type *type = table->fields[i].type;
        if (type->kind != WEIR_TYPE_NULL)
            batch->columns[i] = random_column(rng, type, ROWS, nulls,
                                              (enum weir_encoding)rng_below(rng, 3), &batch->arena);
        batch->columns[i].rows_count = ROWS;
    }
    batch->rows_count = batch->selected_count = ROWS;
    return batch;
}

static void select_some(struct rng *rng, struct weir_batch *batch)
{
    uint16_t *selection = WEIR_ARENA_ARRAY(&batch->arena, uint16_t, ROWS);
    batch->selected_count = 0;
    for (uint16_t i = 0; i < ROWS; i++) {
        if (rng_below(rng, 3))
            selection[batch->selected_count++] = i;
    }
    batch->selection = selection;
}

/* Import [first, first + count) and compare with the live rows of batch. JSONB comes back as JSON.
 */
static void expect_rows(struct weir_arrow_import *import, const struct weir_batch *batch,
                        uint32_t first, uint32_t count)
{
    struct weir_batch *got = weir_batch_create(batch->schema, NULL);
    EXPECT(weir_arrow_import_batch(import, first, count, got, NULL) == WEIR_OK);
    for (uint32_t c = 0; c < batch->schema->fields_count; c++) {
        uint32_t wrong = 0;
        struct weir_column want = batch->columns[c];
        if (want.type->kind == WEIR_TYPE_JSONB)
            want.type = weir_type_of(WEIR_TYPE_JSON);
        EXPECT(weir_column_verify(&got->columns[c], NULL) == WEIR_OK);
        for (uint32_t i = 0; i < count; i++)
            wrong +=
                !weir_column_equals(&want, weir_batch_lane(batch, first + i), &got->columns[c], i);
        if (!EXPECT(wrong == 0))
            fprintf(stderr, "  %u lanes of %s\n", wrong, weir_type_name(want.type).text);
    }
    weir_batch_release(got);
}

static enum weir_status export_both(struct weir_batch *batch, bool classic,
                                    struct ArrowSchema *schema, struct ArrowArray *array,
                                    struct weir_error *error)
{
    WEIR_TRY(classic ? weir_arrow_export_schema_classic(batch->schema, schema, error)
                     : weir_arrow_export_schema(batch->schema, schema, error));
    enum weir_status status = weir_arrow_export_batch(batch, classic, array, error);
    if (status != WEIR_OK)
        schema->release(schema);
    return status;
}

static void round_trips(void)
{
    static struct table table;
    struct rng rng = {21};
    table_init(&table);
    for (int round = 0; round < 16; round++) {
        struct weir_batch *batch = random_batch(&rng, &table, round % 4 == 3 ? 0 : 25);
        struct ArrowSchema schema;
        struct ArrowArray array;
        struct weir_arrow_import *import;
        struct weir_schema read;
        struct weir_error error;
        if (round & 2)
            select_some(&rng, batch);
        EXPECT(export_both(batch, round & 1, &schema, &array, NULL) == WEIR_OK);
        EXPECT_INT(array.length, batch->selected_count);
        EXPECT(weir_arrow_import_schema(&schema, &arena, &read, NULL) == WEIR_OK);
        enum weir_status status = weir_arrow_import_begin(&array, &schema, &read, &import, &error);
        schema.release(&schema);
        if (!EXPECT(status == WEIR_OK)) {
            fprintf(stderr, "  %s\n", error.message);
            continue;
        }
        EXPECT(array.release == NULL && schema.release == NULL);
        EXPECT_INT(weir_arrow_import_rows(import), batch->selected_count);
        struct weir_batch view = *batch;
        view.schema = &read;
        expect_rows(import, &view, 0, batch->selected_count);
        expect_rows(import, &view, 3, 70);
        expect_rows(import, &view, 64, 20);
        expect_rows(import, &view, batch->selected_count, 0);
        weir_arrow_import_release(import);
        EXPECT(weir_batch_is_exclusive(batch));
        weir_batch_release(batch);
    }
}

static void schemas_come_back(void)
{
    static struct table table;
    table_init(&table);
    for (int classic = 0; classic < 2; classic++) {
        struct ArrowSchema schema;
        struct weir_schema read;
        EXPECT((classic ? weir_arrow_export_schema_classic(&table.schema, &schema, NULL)
                        : weir_arrow_export_schema(&table.schema, &schema, NULL)) == WEIR_OK);
        EXPECT(weir_arrow_import_schema(&schema, &arena, &read, NULL) == WEIR_OK);
        EXPECT_INT(read.fields_count, table.schema.fields_count);
        for (uint32_t i = 0; i < read.fields_count; i++) {
            const struct weir_type *want = table.fields[i].type;
            if (want->kind == WEIR_TYPE_JSONB)
                want = weir_type_of(WEIR_TYPE_JSON);
            EXPECT_STRING(weir_type_name(read.fields[i].type).text, weir_type_name(want).text);
            EXPECT(weir_slice_equals(read.fields[i].name, table.fields[i].name));
            EXPECT(read.fields[i].nullable);
        }
        schema.release(&schema);
    }
}

/* A child that was moved out of its parent lives on after the parent has gone. */
static void children_can_be_moved(void)
{
    static const int64_t numbers[] = {1, 2, 3};
    const struct weir_field field = {{"n", 1}, weir_type_of(WEIR_TYPE_INT64), false};
    const struct weir_schema schema = {&field, 1};
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    batch->columns[0] =
        (struct weir_column){.type = field.type, .rows_count = 3, .values = numbers};
    batch->rows_count = batch->selected_count = 3;
    struct ArrowSchema layout, layout_child;
    struct ArrowArray array, child;
    EXPECT(export_both(batch, false, &layout, &array, NULL) == WEIR_OK);
    layout_child = *layout.children[0];
    layout.children[0]->release = NULL;
    child = *array.children[0];
    array.children[0]->release = NULL;
    layout.release(&layout);
    array.release(&array);
    EXPECT(!weir_batch_is_exclusive(batch));
    EXPECT_STRING(layout_child.format, "l");
    EXPECT_STRING(layout_child.name, "n");
    EXPECT_INT(layout_child.flags, 0);
    EXPECT(child.buffers[1] == (const void *)numbers && child.buffers[0] == NULL);
    layout_child.release(&layout_child);
    child.release(&child);
    EXPECT(weir_batch_is_exclusive(batch));
    weir_batch_release(batch);
}

static void schema_with(const char *format, struct ArrowSchema *child, struct ArrowSchema **list,
                        struct ArrowSchema *out)
{
    *child = (struct ArrowSchema){.format = format, .name = "x", .flags = ARROW_FLAG_NULLABLE};
    list[0] = child;
    *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 1, .children = list};
}

static void refuses_unknown_formats(void)
{
    static const char *const formats[] = {
        "",      "x",   "d:",  "d:10", "d:39,2", "d:10,2,256", "d:5,-1", "d:5,6",
        "w:",    "w:x", "tsu", "tsx:", "td",     "tdX",        "+x",     "+r",
        "+ud:0", "+l",  "+m",  "vx",   "uu",     "w:-1",       "ts"};
    for (size_t i = 0; i < WEIR_COUNT_OF(formats); i++) {
        struct ArrowSchema child, schema, *list[1];
        struct weir_schema read;
        struct weir_error error;
        schema_with(formats[i], &child, list, &schema);
        EXPECT(weir_arrow_import_schema(&schema, &arena, &read, &error) == WEIR_E_TYPE_MISMATCH);
        EXPECT(strstr(error.message, formats[i]) != NULL);
    }
    struct ArrowSchema plain = {.format = "l"};
    struct weir_schema read;
    EXPECT(weir_arrow_import_schema(&plain, &arena, &read, NULL) == WEIR_E_TYPE_MISMATCH);
}

static void refuses_bottomless_schemas(void)
{
    static struct ArrowSchema levels[200], *lists[200];
    for (int i = 0; i < 200; i++) {
        lists[i] = &levels[i + 1 < 200 ? i + 1 : i];
        levels[i] = (struct ArrowSchema){.format = i == 0    ? "+s"
                                                   : i < 199 ? "+l"
                                                             : "l",
                                         .n_children = i < 199,
                                         .children = &lists[i]};
    }
    struct weir_schema read;
    EXPECT(weir_arrow_import_schema(&levels[0], &arena, &read, NULL) == WEIR_E_TOO_DEEP);
}

/* Hand-made arrays */

static int released;
static void count_release(struct ArrowArray *array)
{
    released++;
    array->release = NULL;
}

struct hand {
    struct ArrowArray root, child, *list[1];
    struct ArrowSchema schema, schema_child, *schema_list[1];
    const void *root_buffers[1], *buffers[4];
};

static void hand_init(struct hand *hand, const char *format, int64_t rows, int64_t buffers_count,
                      const void *first, const void *second, const void *third)
{
    *hand = (struct hand){0};
    schema_with(format, &hand->schema_child, hand->schema_list, &hand->schema);
    hand->buffers[1] = first;
    hand->buffers[2] = second;
    hand->buffers[3] = third;
    hand->child =
        (struct ArrowArray){.length = rows, .n_buffers = buffers_count, .buffers = hand->buffers};
    hand->list[0] = &hand->child;
    hand->root = (struct ArrowArray){.length = rows,
                                     .n_buffers = 1,
                                     .buffers = hand->root_buffers,
                                     .n_children = 1,
                                     .children = hand->list,
                                     .release = count_release};
}

/* Imports all rows; the status, and the batch when *out is wanted. */
static enum weir_status hand_import(struct hand *hand, struct weir_batch **out)
{
    struct weir_schema *schema = WEIR_ARENA_NEW(&arena, struct weir_schema);
    struct weir_arrow_import *import;
    struct weir_error error;
    int before = released;
    EXPECT(weir_arrow_import_schema(&hand->schema, &arena, schema, NULL) == WEIR_OK);
    enum weir_status status =
        weir_arrow_import_begin(&hand->root, &hand->schema, schema, &import, &error);
    if (status != WEIR_OK) {
        EXPECT_INT(released, before + 1);
        return status;
    }
    struct weir_batch *batch = weir_batch_create(schema, NULL);
    status =
        weir_arrow_import_batch(import, 0, (uint32_t)weir_arrow_import_rows(import), batch, &error);
    weir_arrow_import_release(import);
    if (status == WEIR_OK && out) {
        EXPECT(weir_batch_verify(batch, NULL) == WEIR_OK);
        EXPECT_INT(released, before);
        *out = batch;
        return status;
    }
    weir_batch_release(batch);
    EXPECT_INT(released, before + 1);
    return status;
}

static void refuses_damaged_arrays(void)
{
    struct hand hand;
    static const int32_t good[] = {0, 2, 5}, down[] = {0, 3, 2}, negative[] = {-1, 0, 0};
    hand_init(&hand, "u", 2, 3, good, "abcde", NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_OK);
    hand_init(&hand, "u", 2, 3, down, "abcde", NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "u", 2, 3, negative, "abcde", NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "u", 2, 3, good,
              "ab\xff"
              "de",
              NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_UTF8);
    hand_init(&hand, "u", 2, 3, good,
              "a\xc3\xa4"
              "de",
              NULL); /* cut within a character */
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_UTF8);
    hand_init(&hand, "z", 2, 3, good,
              "a\xc3\xa4"
              "de",
              NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_OK);
    hand_init(&hand, "u", 2, 2, good, "abcde", NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "l", 2, 2, NULL, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "l", -1, 2, good, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "n", 2, 1, NULL, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "l", 2, 2, good, NULL, NULL);
    hand.root.length = 3; /* more than the child has */
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
}

static void refuses_damaged_views(void)
{
    struct hand hand;
    static const int64_t sizes[] = {20};
    static const char *const bytes = "twenty bytes of text";
    static const int32_t good[] = {20, 0, 0, 0}, index[] = {20, 0, 1, 0}, start[] = {20, 0, 0, 1},
                         low[] = {20, 0, 0, -1}, size[] = {-1, 0, 0, 0};
    static const struct {
        const int32_t *view;
        enum weir_status want;
    } cases[] = {{good, WEIR_OK},
                 {index, WEIR_E_BAD_VALUE},
                 {start, WEIR_E_BAD_VALUE},
                 {low, WEIR_E_BAD_VALUE},
                 {size, WEIR_E_BAD_VALUE}};
    for (size_t i = 0; i < WEIR_COUNT_OF(cases); i++) {
        hand_init(&hand, "vu", 1, 4, cases[i].view, bytes, sizes);
        EXPECT(hand_import(&hand, NULL) == cases[i].want);
    }
}

static void refuses_values_out_of_range(void)
{
    struct hand hand;
    static const int64_t seconds[] = {INT64_MAX}, late[] = {INT64_C(86400000001)};
    static const _Alignas(16) int64_t wide[] = {100000, 0};
    hand_init(&hand, "tss:", 1, 2, seconds, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_TIME_RANGE);
    hand_init(&hand, "tdm", 1, 2, seconds, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_TIME_RANGE);
    hand_init(&hand, "tDs", 1, 2, seconds, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_TIME_RANGE);
    hand_init(&hand, "ttu", 1, 2, late, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_TIME_RANGE);
    hand_init(&hand, "d:5,2", 1, 2, wide, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    hand_init(&hand, "d:6,2", 1, 2, wide, NULL, NULL);
    EXPECT(hand_import(&hand, NULL) == WEIR_OK);
    static const struct weir_interval long_us[] = {{0, 0, INT64_MAX}};
    const struct weir_field field = {{"i", 1}, weir_type_of(WEIR_TYPE_INTERVAL), true};
    const struct weir_schema schema = {&field, 1};
    struct weir_batch *batch = weir_batch_create(&schema, NULL);
    struct ArrowArray array;
    batch->columns[0] =
        (struct weir_column){.type = field.type, .rows_count = 1, .values = long_us};
    batch->rows_count = batch->selected_count = 1;
    EXPECT(weir_arrow_export_batch(batch, false, &array, NULL) == WEIR_E_TIME_RANGE);
    EXPECT(array.release == NULL && weir_batch_is_exclusive(batch));
    weir_batch_release(batch);
}

static void fixed_lanes_are_not_copied(void)
{
    struct hand hand;
    struct weir_batch *batch = NULL;
    static const int64_t numbers[] = {0, 5, 6, 7};
    static const uint8_t validity[] = {0x0B}; /* lane 2 is null */
    hand_init(&hand, "l", 3, 2, numbers, NULL, NULL);
    hand.child.offset = 1;
    hand.child.null_count = -1;
    hand.buffers[0] = validity;
    EXPECT(hand_import(&hand, &batch) == WEIR_OK);
    const struct weir_column *column = &batch->columns[0];
    EXPECT(column->values == (const void *)(numbers + 1));
    EXPECT(!weir_column_is_null(column, 0) && weir_column_is_null(column, 1) &&
           !weir_column_is_null(column, 2));
    int before = released;
    weir_batch_release(batch);
    EXPECT_INT(released, before + 1);
}

static void dictionaries(void)
{
    struct hand hand;
    struct weir_batch *batch = NULL;
    static const int8_t codes[] = {1, 0, 2, 1}, bad[] = {0, 3}, negative[] = {-1, 0};
    static const int32_t offsets[] = {0, 1, 14, 14};
    static const uint8_t validity[] = {0x03}; /* value 2 is null */
    const void *buffers[] = {validity, offsets, "athirteen byte"};
    struct ArrowArray values = {.length = 3, .null_count = 1, .n_buffers = 3, .buffers = buffers};
    struct ArrowSchema schema = {.format = "u"};
    hand_init(&hand, "c", 4, 2, codes, NULL, NULL);
    hand.schema_child.dictionary = &schema;
    hand.child.dictionary = &values;
    EXPECT(hand_import(&hand, &batch) == WEIR_OK);
    const struct weir_column *column = &batch->columns[0];
    EXPECT_INT(column->encoding, WEIR_DICTIONARY);
    const struct weir_view *views = column->values;
    EXPECT_SLICE(weir_view_slice(&views[weir_column_index(column, 0)]), "thirteen byte");
    EXPECT_SLICE(weir_view_slice(&views[weir_column_index(column, 1)]), "a");
    EXPECT(weir_column_is_null(column, 2) && !weir_column_is_null(column, 3));
    weir_batch_release(batch);
    for (int i = 0; i < 2; i++) {
        hand_init(&hand, "c", 2, 2, i ? negative : bad, NULL, NULL);
        hand.schema_child.dictionary = &schema;
        hand.child.dictionary = &values;
        EXPECT(hand_import(&hand, NULL) == WEIR_E_BAD_VALUE);
    }
}

static void types_must_be_those_expected(void)
{
    struct hand hand;
    static const int64_t numbers[] = {1};
    const struct weir_field field = {{"x", 1}, weir_type_of(WEIR_TYPE_TEXT), true};
    const struct weir_schema text = {&field, 1}, none = {&field, 0};
    struct weir_arrow_import *import;
    int before = released;
    hand_init(&hand, "l", 1, 2, numbers, NULL, NULL);
    EXPECT(weir_arrow_import_begin(&hand.root, &hand.schema, &text, &import, NULL) ==
           WEIR_E_TYPE_MISMATCH);
    hand_init(&hand, "l", 1, 2, numbers, NULL, NULL);
    EXPECT(weir_arrow_import_begin(&hand.root, &hand.schema, &none, &import, NULL) ==
           WEIR_E_COLUMN_COUNT);
    EXPECT_INT(released, before + 2);
}

static void memory_failures(void)
{
    static struct table table;
    struct rng rng = {22};
    table_init(&table);
    struct weir_batch *batch = random_batch(&rng, &table, 25);
    for (int classic = 0; classic < 2; classic++) {
        enum weir_status status = WEIR_E_INTERNAL;
        for (uint64_t n = 1; status != WEIR_OK && n < 500; n++) {
            struct ArrowSchema schema;
            struct ArrowArray array;
            struct weir_arrow_import *import = NULL;
            struct weir_arena scratch;
            struct weir_schema read;
            struct weir_error error;
            weir_arena_init(&scratch, NULL, 512);
            (void)weir_memory_fail_at(n);
            status = export_both(batch, classic, &schema, &array, &error);
            if (status == WEIR_OK) {
                status = weir_arrow_import_schema(&schema, &scratch, &read, &error);
                if (status != WEIR_OK)
                    array.release(&array);
                else
                    status = weir_arrow_import_begin(&array, &schema, &read, &import, &error);
                schema.release(&schema);
            }
            struct weir_batch *got = NULL;
            if (status == WEIR_OK) {
                got = weir_batch_create(&read, NULL);
                status = got ? weir_arrow_import_batch(import, 0, ROWS, got, &error)
                             : WEIR_E_OUT_OF_MEMORY;
            }
            EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
            (void)weir_memory_fail_at(0);
            weir_batch_release(got);
            weir_arrow_import_release(import);
            weir_arena_deinit(&scratch);
            EXPECT(weir_batch_is_exclusive(batch));
        }
        EXPECT(status == WEIR_OK);
    }
    weir_batch_release(batch);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(round_trips),
                                             TEST_CASE(schemas_come_back),
                                             TEST_CASE(children_can_be_moved),
                                             TEST_CASE(refuses_unknown_formats),
                                             TEST_CASE(refuses_bottomless_schemas),
                                             TEST_CASE(refuses_damaged_arrays),
                                             TEST_CASE(refuses_damaged_views),
                                             TEST_CASE(refuses_values_out_of_range),
                                             TEST_CASE(fixed_lanes_are_not_copied),
                                             TEST_CASE(dictionaries),
                                             TEST_CASE(types_must_be_those_expected),
                                             TEST_CASE(memory_failures)};
    weir_arena_init(&arena, NULL, 0);
    int result = test_main(argc, argv, cases, sizeof cases / sizeof *cases);
    weir_arena_deinit(&arena);
    return result;
}
