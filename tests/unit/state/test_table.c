/* State tables against a naive map.
 *
 * Keys are drawn from pools of values whose equality classes are known by construction (-0 and 0,
 * NaN and NaN, '1 month' and '30 days' share a class), so the reference is an array indexed by the
 * classes of a row's keys: it never hashes and never compares. Random batches of upserts, finds and
 * deletions run under each key path, encoding and test mode. */
#include "state/table_internal.h"

#include "test.h"
#include "value/interval.h"
#include "value/isa.h"

#include <math.h>
#include <stdlib.h>

enum { POOL_MAX = 400, KEYS_MAX = 3, LANES_MAX = WEIR_BATCH_ROWS_MAX };

static uint64_t random_state = 88172645463325252u;
static uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}
static uint32_t random_below(uint32_t limit)
{
    return (uint32_t)(random_next() % limit);
}

/* A pool: values as a FLAT column, and the class of each. Class 0 is NULL. */
struct pool {
    struct weir_column column;
    uint32_t classes[POOL_MAX];
    uint32_t count;
};

static char texts[POOL_MAX][64];

static void fill_text(struct pool *pool, struct weir_arena *arena)
{
    struct weir_view *views = WEIR_ARENA_ARRAY(arena, struct weir_view, POOL_MAX);
    for (uint32_t i = 0; i < pool->count; i++) {
        int size = snprintf(texts[i], sizeof texts[i],
                            i % 3 == 0   ? "%u"
                            : i % 3 == 1 ? "twelve%06u"
                                         : "a text that is longer than twelve bytes %u",
                            i);
        views[i] = weir_view_make(texts[i], (size_t)size);
        pool->classes[i] = i + 1;
    }
    pool->column.values = views;
}

static void fill_f64(struct pool *pool, struct weir_arena *arena)
{
    double *values = WEIR_ARENA_ARRAY(arena, double, POOL_MAX);
    for (uint32_t i = 0; i < pool->count; i++) {
        values[i] = i == 0 ? -0.0 : i == 1 ? 0.0 : i <= 3 ? NAN : (double)i / 3;
        pool->classes[i] = i < 2 ? 1 : i < 4 ? 2 : i;
    }
    uint64_t other_nan = UINT64_C(0xFFF8000000000123);
    memcpy(&values[3], &other_nan, 8);
    pool->column.values = values;
}

static void fill_interval(struct pool *pool, struct weir_arena *arena)
{
    struct weir_interval *values = WEIR_ARENA_ARRAY(arena, struct weir_interval, POOL_MAX);
    for (uint32_t i = 0; i < pool->count; i++) {
        values[i] = i % 2 ? (struct weir_interval){0, (int32_t)(i / 2) * 30, 0}
                          : (struct weir_interval){(int32_t)(i / 2), 0, 0};
        pool->classes[i] = i / 2 + 1;
    }
    pool->column.values = values;
}

static void fill_list(struct pool *pool, struct weir_arena *arena)
{
    struct weir_list_entry *entries = WEIR_ARENA_ARRAY(arena, struct weir_list_entry, POOL_MAX);
    int64_t *items = WEIR_ARENA_ARRAY(arena, int64_t, POOL_MAX * 3);
    struct weir_column *child = WEIR_ARENA_NEW(arena, struct weir_column);
    uint32_t used = 0;
    for (uint32_t i = 0; i < pool->count; i++) {
        entries[i] = (struct weir_list_entry){used, i % 4};
        for (uint32_t k = 0; k < i % 4; k++)
            items[used++] = (int64_t)(i / 4) - 7;
        pool->classes[i] = i % 4 == 0 ? 1 : i + 1;
    }
    *child = (struct weir_column){.type = weir_type_of(WEIR_TYPE_INT64),
                                  .encoding = WEIR_FLAT,
                                  .rows_count = used,
                                  .values = items};
    pool->column.values = entries;
    pool->column.children = child;
    pool->column.children_count = 1;
}

static void fill_words(struct pool *pool, struct weir_arena *arena, size_t width)
{
    uint8_t *values = weir_arena_calloc(arena, POOL_MAX, 16);
    for (uint32_t i = 0; i < pool->count; i++) {
        uint64_t word = width == 8 ? (uint64_t)i * 0x9E3779B97F4A7C15u : i;
        memcpy(values + i * width, &word, width < 8 ? width : 8);
        pool->classes[i] = i + 1;
    }
    pool->column.values = values;
}

static void pool_init(struct pool *pool, const struct weir_type *type, uint32_t count,
                      struct weir_arena *arena)
{
    size_t width = weir_type_width(type);
    if (width == 1 && count > 250)
        count = 250;
    memset(pool, 0, sizeof *pool);
    pool->count = count;
    pool->column = (struct weir_column){.type = type, .encoding = WEIR_FLAT, .rows_count = count};
    switch (type->kind) {
    case WEIR_TYPE_TEXT:
        fill_text(pool, arena);
        break;
    case WEIR_TYPE_FLOAT64:
        fill_f64(pool, arena);
        break;
    case WEIR_TYPE_INTERVAL:
        fill_interval(pool, arena);
        break;
    case WEIR_TYPE_LIST:
        fill_list(pool, arena);
        break;
    default:
        fill_words(pool, arena, width);
        break;
    }
}

/* A batch's key column over a pool, and the class of each lane. */
static void draw(const struct pool *pool, uint32_t rows, bool nulls, struct weir_arena *arena,
                 struct weir_column *out, uint32_t *classes)
{
    uint32_t lanes[LANES_MAX];
    uint32_t kind = random_below(6);
    for (uint32_t i = 0; i < rows; i++)
        lanes[i] = random_below(pool->count);
    uint64_t *validity = weir_arena_calloc(arena, weir_validity_words(rows), 8);
    memset(validity, 0xFF, weir_validity_words(rows) * 8);
    if (kind == 0 && pool->column.type->kind != WEIR_TYPE_LIST) {
        *out = pool->column;
        out->encoding = WEIR_DICTIONARY;
        out->values_count = pool->count;
        out->codes = memcpy(weir_arena_calloc(arena, rows, 4), lanes, rows * 4);
        out->rows_count = rows;
    } else if (kind == 1) {
        EXPECT_INT(weir_column_gather(&pool->column, lanes, 1, arena, out, NULL), WEIR_OK);
        out->encoding = WEIR_CONSTANT;
        out->rows_count = rows;
    } else {
        EXPECT_INT(weir_column_gather(&pool->column, lanes, rows, arena, out, NULL), WEIR_OK);
    }
    for (uint32_t i = 0; i < rows; i++) {
        bool null = nulls && random_below(8) == 0;
        if (kind == 1 && i)
            null = !weir_bit_get(validity, 0);
        classes[i] = null ? 0 : pool->classes[lanes[kind == 1 ? 0 : i]];
        if (null)
            weir_bit_clear(validity, i);
    }
    if (nulls)
        out->validity = validity;
}

struct model_row {
    bool live;
    uint32_t id;
    uint64_t count;
};

struct setup {
    const struct weir_type *types[KEYS_MAX];
    uint32_t keys_count;
    uint32_t pool_count;
    bool nulls, collide, deletes;
    int isa;
    uint32_t rounds, rows;
};

struct model {
    struct model_row *rows;
    uint32_t classes_count[KEYS_MAX];
    uint32_t live_count;
    uint32_t next_id; /* as long as nothing was deleted */
};

static uint32_t model_index(const struct model *model, uint32_t classes[KEYS_MAX][LANES_MAX],
                            uint32_t keys_count, uint32_t lane)
{
    uint32_t index = 0;
    for (uint32_t k = 0; k < keys_count; k++)
        index = index * model->classes_count[k] + classes[k][lane];
    return index;
}

static uint32_t make_selection(uint32_t rows, uint16_t *selection, const uint16_t **out)
{
    uint32_t count = 0;
    if (random_below(2)) {
        *out = NULL;
        return rows;
    }
    for (uint32_t i = 0; i < rows; i++)
        if (random_below(3))
            selection[count++] = (uint16_t)i;
    *out = selection;
    return count;
}

static void check_upsert(struct weir_state_table *table, struct model *model,
                         const struct setup *setup, const struct weir_column *columns,
                         uint32_t classes[KEYS_MAX][LANES_MAX], uint32_t rows)
{
    uint16_t room[LANES_MAX];
    const uint16_t *selection;
    uint8_t *payloads[LANES_MAX];
    uint32_t ids[LANES_MAX];
    uint32_t count = make_selection(rows, room, &selection);
    bool insert = random_below(4) != 0;
    if (insert)
        EXPECT_INT(weir_state_table_upsert(table, columns, selection, count, payloads, ids, NULL),
                   WEIR_OK);
    else
        EXPECT_INT(weir_state_table_find(table, columns, selection, count, payloads, ids, NULL),
                   WEIR_OK);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t lane = selection ? selection[i] : i;
        struct model_row *row = &model->rows[model_index(model, classes, setup->keys_count, lane)];
        if (!insert && !row->live) {
            EXPECT(payloads[i] == NULL && ids[i] == UINT32_MAX);
            continue;
        }
        if (!EXPECT(payloads[i] != NULL))
            continue;
        if (!row->live) {
            *row = (struct model_row){.live = true, .id = ids[i]};
            model->live_count++;
            if (!setup->deletes)
                EXPECT_INT(ids[i], model->next_id++);
        }
        EXPECT_INT(ids[i], row->id);
        uint64_t stored;
        memcpy(&stored, payloads[i], 8);
        EXPECT_INT(stored, row->count);
        row->count = ++stored;
        memcpy(payloads[i], &stored, 8);
        EXPECT(weir_state_table_payload(table, ids[i]) == payloads[i]);
    }
    EXPECT_INT(weir_state_table_count(table), model->live_count);
}

static void delete_some(struct weir_state_table *table, struct model *model, uint32_t total)
{
    for (uint32_t i = 0; i < total; i++) {
        struct model_row *row = &model->rows[i];
        if (row->live && random_below(3) == 0) {
            weir_state_table_delete(table, row->id);
            row->live = false;
            model->live_count--;
        }
    }
    EXPECT_INT(weir_state_table_count(table), model->live_count);
}

/* Reads all keys back and looks them up again: each must be found under its own id. */
static void check_keys(struct weir_state_table *table, const struct setup *setup)
{
    uint32_t cursor = 0, ids[700], found[700], count, total = 0;
    uint8_t *payloads[700];
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 0);
    while ((count = weir_state_table_scan(table, &cursor, ids, 700)) > 0) {
        struct weir_column columns[KEYS_MAX];
        for (uint32_t k = 0; k < setup->keys_count; k++) {
            EXPECT_INT(weir_state_table_keys(table, k, ids, count, &arena, &columns[k], NULL),
                       WEIR_OK);
            EXPECT_INT(weir_column_verify(&columns[k], NULL), WEIR_OK);
        }
        EXPECT_INT(weir_state_table_find(table, columns, NULL, count, payloads, found, NULL),
                   WEIR_OK);
        EXPECT(memcmp(ids, found, count * sizeof *ids) == 0);
        total += count;
    }
    EXPECT_INT(total, weir_state_table_count(table));
    weir_arena_deinit(&arena);
}

static void run_setup(const struct setup *setup)
{
    static uint32_t classes[KEYS_MAX][LANES_MAX];
    struct weir_budget budget;
    struct weir_arena arena, batch;
    struct pool pools[KEYS_MAX];
    struct model model = {0};
    uint32_t total = 1;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    weir_arena_init(&arena, NULL, 0);
    weir_arena_init(&batch, NULL, 0);
    for (uint32_t k = 0; k < setup->keys_count; k++) {
        pool_init(&pools[k], setup->types[k], setup->pool_count, &arena);
        model.classes_count[k] = POOL_MAX + 2;
        total *= POOL_MAX + 2;
    }
    model.rows = calloc(total, sizeof *model.rows);
    const struct weir_table_config config = {.key_types = setup->types,
                                             .keys_count = setup->keys_count,
                                             .payload_size = 24,
                                             .hash_seed = 0x1234567,
                                             .hash_collide = setup->collide,
                                             .isa = setup->isa,
                                             .budget = &budget};
    struct weir_state_table *table;
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    for (uint32_t round = 0; round < setup->rounds; round++) {
        struct weir_column columns[KEYS_MAX];
        uint32_t rows = setup->rows ? setup->rows : 1 + random_below(LANES_MAX);
        weir_arena_reset(&batch);
        for (uint32_t k = 0; k < setup->keys_count; k++)
            draw(&pools[k], rows, setup->nulls, &batch, &columns[k], classes[k]);
        check_upsert(table, &model, setup, columns, classes, rows);
        if (setup->deletes && random_below(4) == 0)
            delete_some(table, &model, total);
        if (round == setup->rounds / 2) {
            check_keys(table, setup);
            weir_state_table_clear(table);
            memset(model.rows, 0, total * sizeof *model.rows);
            model.live_count = model.next_id = 0;
        }
    }
    check_keys(table, setup);
    weir_state_table_destroy(table);
    EXPECT_INT(budget.used_bytes, 0);
    free(model.rows);
    weir_arena_deinit(&arena);
    weir_arena_deinit(&batch);
}

static const enum weir_type_kind kinds[] = {
    WEIR_TYPE_INT64,   WEIR_TYPE_INT32,     WEIR_TYPE_INT8, WEIR_TYPE_UINT16,
    WEIR_TYPE_DATE,    WEIR_TYPE_TIMESTAMP, WEIR_TYPE_TEXT, WEIR_TYPE_FLOAT64,
    WEIR_TYPE_DECIMAL, WEIR_TYPE_INTERVAL,  WEIR_TYPE_UUID, WEIR_TYPE_LIST};

static const struct weir_type *type_named(enum weir_type_kind kind, struct weir_arena *arena)
{
    return kind == WEIR_TYPE_LIST ? weir_type_list(arena, weir_type_of(WEIR_TYPE_INT64))
                                  : weir_type_of(kind);
}

static void run_kinds(uint32_t keys_count, bool collide, bool deletes, uint32_t pool_count,
                      uint32_t rounds, uint32_t rows)
{
    struct weir_arena arena;
    weir_arena_init(&arena, NULL, 0);
    for (uint32_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        for (uint32_t nulls = 0; nulls < 2; nulls++) {
            struct setup setup = {.keys_count = keys_count,
                                  .pool_count = pool_count,
                                  .nulls = nulls,
                                  .collide = collide,
                                  .deletes = deletes,
                                  .isa = (int)weir_isa_detect(WEIR_ISA_AVX512),
                                  .rounds = rounds,
                                  .rows = rows};
            for (uint32_t i = 0; i < keys_count; i++)
                setup.types[i] =
                    type_named(kinds[(k + i * 5) % (sizeof kinds / sizeof *kinds)], &arena);
            run_setup(&setup);
            setup.isa = 0;
            if (keys_count == 1)
                run_setup(&setup);
        }
    }
    weir_arena_deinit(&arena);
}

static void one_key(void)
{
    run_kinds(1, false, false, POOL_MAX, 20, 0);
}
static void one_key_with_deletes(void)
{
    run_kinds(1, false, true, POOL_MAX, 40, 0);
}
static void two_keys(void)
{
    run_kinds(2, false, false, 60, 12, 0);
    run_kinds(2, false, true, 20, 24, 0);
}
static void all_hashes_equal(void)
{
    run_kinds(1, true, false, 50, 6, 300);
    run_kinds(2, true, true, 7, 12, 200);
}
static void one_row_at_a_time(void)
{
    run_kinds(1, false, true, 30, 300, 1);
    run_kinds(2, false, true, 6, 300, 1);
}

static void no_keys(void)
{
    const struct weir_table_config config = {.payload_size = 8};
    struct weir_state_table *table;
    uint8_t *payloads[3];
    uint32_t ids[3];
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    EXPECT_INT(weir_state_table_find(table, NULL, NULL, 3, payloads, ids, NULL), WEIR_OK);
    EXPECT(payloads[0] == NULL && ids[2] == UINT32_MAX);
    EXPECT_INT(weir_state_table_upsert(table, NULL, NULL, 3, payloads, ids, NULL), WEIR_OK);
    EXPECT(payloads[0] && payloads[0] == payloads[2] && ids[1] == 0);
    EXPECT_INT(weir_state_table_count(table), 1);
    weir_state_table_delete(table, 0);
    EXPECT_INT(weir_state_table_count(table), 0);
    weir_state_table_destroy(table);
}

/* Two million keys: the stepwise growth, under lookups between the steps. */
static void large_growth(void)
{
    static int64_t keys[LANES_MAX];
    static uint8_t *payloads[LANES_MAX];
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    struct weir_budget budget;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    const struct weir_table_config config = {.key_types = &type,
                                             .keys_count = 1,
                                             .payload_size = 8,
                                             .hash_seed = 99,
                                             .isa = (int)weir_isa_detect(WEIR_ISA_AVX512),
                                             .budget = &budget};
    struct weir_state_table *table;
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    struct weir_column column = {
        .type = type, .encoding = WEIR_FLAT, .rows_count = LANES_MAX, .values = keys};
    uint64_t wrong = 0;
    const uint32_t batches = 1000;
    for (uint32_t b = 0; b < batches; b++) {
        for (uint32_t i = 0; i < LANES_MAX; i++) /* half new keys, half old ones */
            keys[i] = i % 2 ? (int64_t)b * LANES_MAX + i
                            : (int64_t)(random_next() % ((uint64_t)b * LANES_MAX + 1)) | 1;
        EXPECT_INT(weir_state_table_upsert(table, &column, NULL, LANES_MAX, payloads, NULL, NULL),
                   WEIR_OK);
        for (uint32_t i = 0; i < LANES_MAX; i++) {
            int64_t stored;
            memcpy(&stored, payloads[i], 8);
            wrong += stored != 0 && stored != keys[i] + 1;
            stored = keys[i] + 1;
            memcpy(payloads[i], &stored, 8);
        }
        if (b % 100 == 50) /* deletions in every phase of growth */
            for (uint32_t i = 0; i < 64; i++) {
                uint32_t id = weir_state_table_count(table) / 2 + i;
                uint32_t cursor = id;
                if (weir_state_table_scan(table, &cursor, &id, 1))
                    weir_state_table_delete(table, id);
            }
    }
    EXPECT_INT(wrong, 0);
    uint64_t missing = 0;
    for (uint32_t b = 0; b < batches; b++) {
        for (uint32_t i = 0; i < LANES_MAX; i++)
            keys[i] = ((int64_t)b * LANES_MAX + i) | 1;
        EXPECT_INT(weir_state_table_find(table, &column, NULL, LANES_MAX, payloads, NULL, NULL),
                   WEIR_OK);
        for (uint32_t i = 1; i < LANES_MAX; i += 2)
            missing += payloads[i] == NULL;
    }
    EXPECT(missing <= 640);
    EXPECT_INT(weir_state_table_count(table) + missing, batches * LANES_MAX / 2);
    weir_state_table_destroy(table);
    EXPECT_INT(budget.used_bytes, 0);
}

static void small_table_is_small(void)
{
    static int64_t keys[8] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t *payloads[8];
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    struct weir_budget budget;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    const struct weir_table_config config = {
        .key_types = &type, .keys_count = 1, .payload_size = 32, .budget = &budget};
    struct weir_state_table *table;
    struct weir_column column = {
        .type = type, .encoding = WEIR_FLAT, .rows_count = 8, .values = keys};
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    EXPECT_INT(weir_state_table_upsert(table, &column, NULL, 8, payloads, NULL, NULL), WEIR_OK);
    EXPECT(budget.used_bytes < 4096);
    weir_state_table_destroy(table);
}

static void memory_limit(void)
{
    static int64_t keys[LANES_MAX];
    static uint8_t *payloads[LANES_MAX];
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    struct weir_budget budget;
    struct weir_error error;
    weir_budget_init(&budget, "the test", 1 << 20, NULL);
    const struct weir_table_config config = {
        .key_types = &type, .keys_count = 1, .payload_size = 8, .budget = &budget};
    struct weir_column column = {
        .type = type, .encoding = WEIR_FLAT, .rows_count = LANES_MAX, .values = keys};
    struct weir_state_table *table;
    enum weir_status status = WEIR_OK;
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    for (int64_t b = 0; b < 100 && status == WEIR_OK; b++) {
        for (uint32_t i = 0; i < LANES_MAX; i++)
            keys[i] = b * LANES_MAX + i;
        status = weir_state_table_upsert(table, &column, NULL, LANES_MAX, payloads, NULL, &error);
    }
    EXPECT_INT(status, WEIR_E_MEMORY_LIMIT);
    weir_state_table_destroy(table);
    EXPECT_INT(budget.used_bytes, 0);
}

/* Every allocation fails once: an error or success, nothing leaked, nothing broken. */
static void allocation_sweep(void)
{
    static uint32_t classes[LANES_MAX];
    struct weir_arena arena;
    struct pool pool;
    weir_arena_init(&arena, NULL, 0);
    for (uint32_t k = 0; k < 3; k++) {
        const struct weir_type *type = type_named(k == 0   ? WEIR_TYPE_INT64
                                                  : k == 1 ? WEIR_TYPE_TEXT
                                                           : WEIR_TYPE_LIST,
                                                  &arena);
        struct weir_column column;
        pool_init(&pool, type, POOL_MAX, &arena);
        draw(&pool, 1000, true, &arena, &column, classes);
        enum weir_status status = WEIR_E_OUT_OF_MEMORY;
        uint64_t n = 0;
        while (status != WEIR_OK) {
            static uint8_t *payloads[LANES_MAX];
            struct weir_budget budget;
            struct weir_error error;
            struct weir_state_table *table = NULL;
            weir_budget_init(&budget, "test", UINT64_MAX, NULL);
            const struct weir_table_config config = {
                .key_types = &type, .keys_count = 1, .payload_size = 8, .budget = &budget};
            (void)weir_memory_fail_at(++n);
            status = weir_state_table_create(&config, &table, &error);
            for (uint32_t b = 0; b < 4 && status == WEIR_OK; b++)
                status =
                    weir_state_table_upsert(table, &column, NULL, 1000, payloads, NULL, &error);
            (void)weir_memory_fail_at(0);
            EXPECT(status == WEIR_OK || status == WEIR_E_OUT_OF_MEMORY);
            weir_state_table_destroy(table);
            EXPECT_INT(budget.used_bytes, 0);
        }
        EXPECT(n > 4);
    }
    weir_arena_deinit(&arena);
}

/* Words that fill a range, with some far away: which rows there are, their payloads and ids. */
enum { DENSE_WORDS = 6000, DENSE_NULL = 77 /* the number that stands for NULL */ };
struct dense_naive {
    bool live[DENSE_WORDS];
    uint64_t payload[DENSE_WORDS];
};

static int64_t dense_word(uint32_t number)
{
    return number > 3000 && number % 50 == 49 ? INT64_MAX - number : (int64_t)number - 100;
}

static void dense_round(struct weir_state_table *table, struct dense_naive *naive, uint32_t range,
                        bool insert)
{
    static int64_t words[WEIR_BATCH_ROWS_MAX];
    static uint32_t numbers[WEIR_BATCH_ROWS_MAX], ids[WEIR_BATCH_ROWS_MAX];
    static uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    static uint64_t validity[WEIR_BATCH_ROWS_MAX / 64];
    bool any_null = false;
    uint32_t count = 1 + random_below(WEIR_BATCH_ROWS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        numbers[i] = random_below(range);
        words[i] = dense_word(numbers[i]);
        any_null |= numbers[i] == DENSE_NULL;
    }
    memset(validity, 0xFF, sizeof validity);
    for (uint32_t i = 0; i < count; i++)
        if (numbers[i] == DENSE_NULL)
            weir_bit_clear(validity, i);
    struct weir_column column = {.type = weir_type_of(WEIR_TYPE_INT64),
                                 .encoding = WEIR_FLAT,
                                 .rows_count = count,
                                 .values = words,
                                 .validity = any_null ? validity : NULL};
    if (insert)
        EXPECT_INT(weir_state_table_upsert(table, &column, NULL, count, payloads, ids, NULL),
                   WEIR_OK);
    else
        EXPECT_INT(weir_state_table_find(table, &column, NULL, count, payloads, ids, NULL),
                   WEIR_OK);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t number = numbers[i];
        if (!insert) {
            EXPECT((payloads[i] != NULL) == naive->live[number]);
            if (payloads[i] && random_below(8) == 0) {
                EXPECT(weir_state_table_payload(table, ids[i]) == payloads[i]);
                weir_state_table_delete(table, ids[i]);
                naive->live[number] = false;
                break; /* what else was found may be the same row */
            }
            continue;
        }
        uint64_t expected = naive->live[number] ? naive->payload[number] : 0, got;
        memcpy(&got, payloads[i], sizeof got);
        EXPECT_INT(got, expected);
        got = naive->payload[number] = expected + 1;
        naive->live[number] = true;
        memcpy(payloads[i], &got, sizeof got);
        EXPECT(weir_state_table_payload(table, ids[i]) == payloads[i]);
    }
}

static void dense_check(const struct weir_state_table *table, const struct dense_naive *naive,
                        struct weir_arena *arena)
{
    uint32_t cursor = 0, ids[64], count, live = 0, seen = 0;
    uint8_t *payloads[64];
    for (uint32_t i = 0; i < DENSE_WORDS; i++)
        live += naive->live[i];
    EXPECT_INT(weir_state_table_count(table), live);
    while ((count = weir_state_table_scan(table, &cursor, ids, 64)) > 0) {
        struct weir_column keys;
        EXPECT_INT(weir_state_table_keys(table, 0, ids, count, arena, &keys, NULL), WEIR_OK);
        weir_state_table_payloads(table, ids, count, payloads);
        for (uint32_t i = 0; i < count; i++) {
            int64_t word = ((const int64_t *)keys.values)[i];
            uint32_t number =
                word > INT64_MAX / 2 ? (uint32_t)(INT64_MAX - word) : (uint32_t)(word + 100);
            if (weir_column_is_null(&keys, i))
                number = DENSE_NULL;
            uint64_t payload;
            memcpy(&payload, payloads[i], sizeof payload);
            EXPECT(naive->live[number]);
            EXPECT_INT(payload, naive->payload[number]);
        }
        seen += count;
    }
    EXPECT_INT(seen, live);
    weir_arena_reset(arena);
}

/* Every second batch of rows of a table is copied into another one; what is found there is what
 * was copied, and no more. */
static void check_match(const struct weir_state_table *table, struct weir_state_table *other,
                        struct weir_arena *arena)
{
    uint32_t ids[64], found[64], count, cursor = 0, number = 0, copied = 0, seen = 0;
    uint8_t *from[64], *into[64];
    weir_state_table_clear(other);
    for (; (count = weir_state_table_scan(table, &cursor, ids, 64)) > 0; number++) {
        const struct weir_table_rows rows = {table, ids, count, arena};
        if (number % 2)
            continue;
        weir_state_table_payloads(table, ids, count, from);
        EXPECT_INT(weir_state_table_match(other, &rows, true, into, found, NULL), WEIR_OK);
        for (uint32_t i = 0; i < count; i++) {
            uint64_t sum;
            memcpy(&sum, into[i], sizeof sum);
            EXPECT_INT(sum, 0);
            memcpy(into[i], from[i], sizeof sum);
        }
        copied += count;
    }
    EXPECT_INT(weir_state_table_count(other), copied);
    for (cursor = number = 0; (count = weir_state_table_scan(table, &cursor, ids, 64)) > 0;
         number++) {
        const struct weir_table_rows rows = {table, ids, count, arena};
        weir_state_table_payloads(table, ids, count, from);
        EXPECT_INT(weir_state_table_match(other, &rows, false, into, found, NULL), WEIR_OK);
        for (uint32_t i = 0; i < count; i++) {
            EXPECT((into[i] != NULL) == (number % 2 == 0));
            if (!into[i])
                continue;
            EXPECT(memcmp(into[i], from[i], sizeof(uint64_t)) == 0);
            EXPECT(weir_state_table_payload(other, found[i]) == into[i]);
            weir_state_table_delete(other, found[i]);
            seen++;
        }
    }
    EXPECT_INT(seen, copied);
    EXPECT_INT(weir_state_table_count(other), 0);
    weir_arena_reset(arena);
}

/* Rows side by side, into a table that has none. Returns how many blocks there were. */
static uint32_t check_blocks(const struct weir_state_table *table, struct weir_state_table *other)
{
    static uint32_t ids[WEIR_BATCH_ROWS_MAX];
    struct weir_table_block block;
    uint32_t cursor = 0, blocks = 0, seen = 0, rest;
    EXPECT_INT(weir_state_table_count(other), 0);
    EXPECT(!weir_state_table_block(other, table, &cursor, false, &block));
    EXPECT_INT(cursor, 0);
    do {
        for (; weir_state_table_block(other, table, &cursor, true, &block); blocks++)
            for (uint32_t i = 0; i < block.count; i++) {
                uint64_t from, into;
                bool is_row = block.groups >> i & 1;
                memcpy(&from, block.from + i * block.from_step, sizeof from);
                memcpy(&into, block.into + i * block.into_step, sizeof into);
                EXPECT(is_row || from == 0);
                EXPECT(into == 0);
                EXPECT_INT(weir_state_table_has(other, block.first + i), is_row);
                seen += is_row;
            }
        rest = weir_state_table_scan(table, &cursor, ids, 1);
        seen += rest;
    } while (rest);
    EXPECT_INT(seen, weir_state_table_count(table));
    weir_state_table_clear(other);
    return blocks;
}

static void check_dense(bool by_place)
{
    uint32_t blocks = 0;
    static struct dense_naive naive;
    struct weir_budget budget;
    struct weir_arena arena;
    struct weir_state_table *table, *next, *other;
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    weir_arena_init(&arena, &budget, 0);
    struct weir_table_config config = {.key_types = &type,
                                       .keys_count = 1,
                                       .payload_size = 8,
                                       .ids_by_place = by_place,
                                       .budget = &budget};
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    config.payload_size = 16;
    EXPECT_INT(weir_state_table_create(&config, &other, NULL), WEIR_OK);
    config.payload_size = 8;
    for (uint32_t lap = 0; lap < 3; lap++) {
        memset(&naive, 0, sizeof naive);
        for (uint32_t step = 0; step < 200; step++) {
            uint32_t range = step < 100 ? 200 + step * 20 : DENSE_WORDS; /* it grows */
            dense_round(table, &naive, range, step % 3 != 2);
            if (step % 20 == 0) {
                dense_check(table, &naive, &arena);
                check_match(table, other, &arena);
                blocks += check_blocks(table, other);
            }
        }
        EXPECT(table->dense.size > 0);
        dense_check(table, &naive, &arena);
        if (lap == 0) {
            weir_state_table_clear(table);
        } else if (lap == 1) {
            config.like = table; /* the layout is taken over */
            EXPECT_INT(weir_state_table_create(&config, &next, NULL), WEIR_OK);
            EXPECT(next->dense.size == table->dense.size);
            weir_state_table_destroy(table);
            table = next;
        }
    }
    EXPECT(by_place == (blocks > 0));
    weir_state_table_destroy(table);
    weir_state_table_destroy(other);
    weir_arena_deinit(&arena);
    EXPECT_INT(budget.used_bytes, 0);
}

/* Keys in a row, some met again and some deleted, in a table that grows in place; stray: now and
 * then one far away. */
static void keys_in_a_row(bool stray)
{
    enum { ROWS = 300000, STEP = 1500 };
    static uint64_t expected[ROWS];
    static int64_t words[WEIR_BATCH_ROWS_MAX];
    static uint32_t ids[WEIR_BATCH_ROWS_MAX];
    static uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    struct weir_budget budget;
    struct weir_state_table *table;
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    const uint8_t *first = NULL;
    uint32_t live = 0;
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    struct weir_table_config config = {
        .key_types = &type, .keys_count = 1, .payload_size = 8, .compact = true, .budget = &budget};
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    memset(expected, 0, sizeof expected);
    for (uint32_t begin = 0; begin < ROWS; begin += STEP) {
        for (uint32_t i = 0; i < STEP; i++)
            words[i] = (int64_t)(i % 7 == 6 ? random_below(begin + 1) : begin + i) - 1000;
        if (stray && begin == 60000)
            words[0] = INT64_MIN + 5;
        struct weir_column column = {
            .type = type, .encoding = WEIR_FLAT, .rows_count = STEP, .values = words};
        EXPECT_INT(weir_state_table_upsert(table, &column, NULL, STEP, payloads, ids, NULL),
                   WEIR_OK);
        for (uint32_t i = 0; i < STEP; i++) {
            uint64_t got, stray_count = 1, *count = &stray_count;
            if (words[i] >= -1000)
                count = &expected[words[i] + 1000], live += (*count)++ == 0;
            memcpy(&got, payloads[i], sizeof got);
            EXPECT_INT(++got, *count);
            memcpy(payloads[i], &got, sizeof got);
        }
        if (expected[begin + 1] && random_below(3) == 0) {
            weir_state_table_delete(table, ids[1]);
            expected[words[1] + 1000] = 0;
            live--;
        }
        if (!first && table->dense.capacity > table->dense.size)
            first = table->dense.payloads;
        EXPECT(!first || table->dense.payloads == first); /* nothing moves any more */
    }
    EXPECT(first != NULL);
    EXPECT_INT(weir_state_table_count(table), live + stray);
    EXPECT(table->dense.size >= ROWS && table->current.used == stray);
    weir_state_table_destroy(table);
    EXPECT_INT(budget.used_bytes, 0);
}

static void dense_words(void)
{
    check_dense(false);
}

static void dense_words_by_place(void)
{
    check_dense(true);
}

/* Keys that have moved on: a table that is cleared takes to their range. */
static void dense_words_that_move(void)
{
    static int64_t words[1000];
    static uint8_t *payloads[1000];
    struct weir_budget budget;
    struct weir_state_table *table;
    const struct weir_type *type = weir_type_of(WEIR_TYPE_INT64);
    weir_budget_init(&budget, "test", UINT64_MAX, NULL);
    const struct weir_table_config config = {.key_types = &type,
                                             .keys_count = 1,
                                             .payload_size = 8,
                                             .ids_by_place = true,
                                             .budget = &budget};
    const struct weir_column column = {.type = type, .rows_count = 1000, .values = words};
    EXPECT_INT(weir_state_table_create(&config, &table, NULL), WEIR_OK);
    for (int64_t lap = 0; lap < 6; lap++) {
        for (int64_t i = 0; i < 1000; i++)
            words[i] = lap / 2 * 1000000 + i;
        for (uint32_t twice = 0; twice < 2; twice++)
            EXPECT_INT(weir_state_table_upsert(table, &column, NULL, 1000, payloads, NULL, NULL),
                       WEIR_OK);
        EXPECT_INT(weir_state_table_count(table), 1000);
        bool is_near = (uint64_t)(lap / 2 * 1000000) - table->dense.base < table->dense.size;
        EXPECT(lap % 2 == 0 || is_near);
        weir_state_table_clear(table);
    }
    weir_state_table_destroy(table);
    EXPECT_INT(budget.used_bytes, 0);
}

static void grows_in_place(void)
{
    keys_in_a_row(false);
    keys_in_a_row(true);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(no_keys),
                                             TEST_CASE(one_key),
                                             TEST_CASE(one_key_with_deletes),
                                             TEST_CASE(two_keys),
                                             TEST_CASE(all_hashes_equal),
                                             TEST_CASE(one_row_at_a_time),
                                             TEST_CASE(large_growth),
                                             TEST_CASE(dense_words),
                                             TEST_CASE(grows_in_place),
                                             TEST_CASE(dense_words_by_place),
                                             TEST_CASE(dense_words_that_move),
                                             TEST_CASE(small_table_is_small),
                                             TEST_CASE(memory_limit),
                                             TEST_CASE(allocation_sweep)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
