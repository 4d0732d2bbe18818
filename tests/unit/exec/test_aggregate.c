/* AGGREGATE against a reference that keeps all rows and computes every group by hand.
 *
 * The aggregate functions here are small ones of the test's own (count, sum, an order-sensitive
 * hash, a text list in the heap), so that a mistake in the real ones cannot hide one in exec/.
 * Random rows run under every mix of keys, window, emission, batch size, changelog input and test
 * mode; the net of what comes out must be the reference's groups over the rows not late. */
#include "exec_test.h"

#include <time.h>

/* ---- aggregate functions of the test ---- */

#define STATE(call, i) \
    ((void *)(((call)->states ? (call)->states[i] : (call)->state) + (call)->state_offset))
#define LANE(call, i) ((call)->selection ? (call)->selection[i] : (i))
#define WEIGHT(call, lane) ((call)->weights ? (call)->weights[lane] : 1)

static int64_t number_at(const struct weir_column *column, uint32_t lane)
{
    EXPECT(column->encoding != WEIR_DICTIONARY);
    return ((const int64_t *)column->values)[weir_column_index(column, lane)];
}

static void count_update(struct weir_aggregate_call *call)
{
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = LANE(call, i);
        if (call->args_count == 0 || !weir_column_is_null(&call->args[0], lane))
            *(int64_t *)STATE(call, i) += WEIGHT(call, lane);
    }
}
static void count_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    for (uint32_t i = 0; i < out->rows_count; i++)
        ((int64_t *)out->out_values)[i] = *(int64_t *)(void *)(states[i] + offset);
}
static const struct weir_aggregate_ops count_ops = {.update = count_update, .finish = count_finish};

struct sum_state {
    int64_t count, sum;
};
static void sum_update(struct weir_aggregate_call *call)
{
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = LANE(call, i);
        struct sum_state *state = STATE(call, i);
        if (weir_column_is_null(&call->args[0], lane))
            continue;
        state->count += WEIGHT(call, lane);
        state->sum += WEIGHT(call, lane) * number_at(&call->args[0], lane);
    }
}
static void sum_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct sum_state *state = (const void *)(states[i] + offset);
        ((int64_t *)out->out_values)[i] = state->sum;
        if (state->count == 0)
            weir_bit_clear(out->validity, i);
    }
}
static const struct weir_aggregate_ops sum_ops = {.update = sum_update, .finish = sum_finish};

static int64_t mix(int64_t hash, int64_t value)
{
    return (int64_t)((uint64_t)hash * 31 + (uint64_t)value + 1);
}
static void hash_update(struct weir_aggregate_call *call)
{
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = LANE(call, i);
        int64_t *state = STATE(call, i);
        for (int64_t n = 0; n < WEIGHT(call, lane); n++)
            *state = mix(*state, number_at(&call->args[0], lane));
    }
}
static const struct weir_aggregate_ops hash_ops = {.update = hash_update, .finish = count_finish};

struct text_state {
    char *bytes;
    uint32_t size, capacity;
};
static void text_append(struct text_state *state, struct weir_slice text,
                        struct weir_aggregate_call *call)
{
    uint32_t wanted = state->size + (uint32_t)text.size + 1;
    if (wanted > state->capacity) {
        uint32_t capacity = state->capacity ? state->capacity * 2 : 16;
        while (capacity < wanted)
            capacity *= 2;
        char *bytes = weir_aggregate_heap_alloc(call->heap, capacity);
        if (!bytes) {
            call->errors->status = WEIR_E_OUT_OF_MEMORY;
            return;
        }
        if (state->size)
            memcpy(bytes, state->bytes, state->size);
        if (state->capacity)
            weir_aggregate_heap_free(call->heap, state->bytes, state->capacity);
        state->bytes = bytes;
        state->capacity = capacity;
    }
    if (text.size)
        memcpy(state->bytes + state->size, text.data, text.size);
    state->bytes[wanted - 1] = ',';
    state->size = wanted;
}
static void text_update(struct weir_aggregate_call *call)
{
    for (uint32_t i = 0; i < call->rows_count; i++) {
        uint32_t lane = LANE(call, i);
        const struct weir_column *column = &call->args[0];
        if (weir_column_is_null(column, lane))
            continue;
        for (int64_t n = 0; n < WEIGHT(call, lane); n++)
            text_append(STATE(call, i),
                        weir_view_slice((const struct weir_view *)column->values +
                                        weir_column_index(column, lane)),
                        call);
    }
}
static void text_finish(struct weir_kernel_call *out, uint8_t *const *states, size_t offset)
{
    for (uint32_t i = 0; i < out->rows_count; i++) {
        const struct text_state *state = (const void *)(states[i] + offset);
        char *copy = weir_arena_copy(out->arena, weir_slice_make(state->bytes, state->size));
        if (state->size == 0)
            weir_bit_clear(out->validity, i);
        else if (!copy)
            out->errors->status = WEIR_E_OUT_OF_MEMORY;
        else
            ((struct weir_view *)out->out_values)[i] = weir_view_make(copy, state->size);
    }
}
static void text_drop(uint8_t *state, struct weir_aggregate_heap *heap)
{
    struct text_state *text = (struct text_state *)(void *)state;
    if (text->capacity)
        weir_aggregate_heap_free(heap, text->bytes, text->capacity);
    *text = (struct text_state){0};
}
static const struct weir_aggregate_ops text_ops = {
    .update = text_update, .finish = text_finish, .drop = text_drop};

static const struct weir_aggregate count_aggregate = {
    .name = "count", .ops = &count_ops, .flags = WEIR_AGGREGATE_RETRACTS};
static const struct weir_aggregate sum_aggregate = {.name = "sum", .ops = &sum_ops};
static const struct weir_aggregate hash_aggregate = {.name = "hash", .ops = &hash_ops};
static const struct weir_aggregate text_aggregate = {.name = "texts", .ops = &text_ops};

/* ---- setups ---- */

enum { CALLS_MAX = 8, ROWS_MAX = 3000, FIELDS_MAX = 12 };

struct setup {
    uint32_t keys_count;
    uint32_t keys[2];
    struct weir_plan_window window;
    uint32_t window_output; /* among the keys; UINT32_MAX: none */
    enum weir_emit emit;
    bool weights, collide, bounded, dead_lanes;
    uint32_t rows_count, push_rows, batch_rows, full_every;
    int64_t unit; /* of times: rows are 1,000 units apart */
    int64_t lag;  /* of the watermark, in units */
};

static const uint32_t col_v[] = {COL_V}, col_s[] = {COL_S};
static const struct weir_plan_order by_t[] = {{COL_T, {false, false}}};
static const struct weir_plan_order by_v[] = {{COL_V, {true, false}}};

static uint32_t make_calls(struct weir_plan_aggregate_call *calls, bool weights)
{
    const struct weir_type *bigint = weir_type_of(WEIR_TYPE_INT64);
    const struct weir_type *text = weir_type_of(WEIR_TYPE_TEXT);
    const struct weir_plan_aggregate_call all[CALLS_MAX] = {
        {.aggregate = &count_aggregate, .state_size = 8, .type = bigint, .filter = UINT32_MAX},
        {.aggregate = &sum_aggregate,
         .state_size = 16,
         .type = bigint,
         .args = col_v,
         .args_count = 1,
         .filter = UINT32_MAX},
        {.aggregate = &count_aggregate,
         .state_size = 8,
         .type = bigint,
         .args = col_v,
         .args_count = 1,
         .distinct = true,
         .filter = UINT32_MAX},
        {.aggregate = &sum_aggregate,
         .state_size = 16,
         .type = bigint,
         .args = col_v,
         .args_count = 1,
         .filter = COL_B},
        {.aggregate = &sum_aggregate,
         .state_size = 16,
         .type = bigint,
         .args = col_v,
         .args_count = 1,
         .distinct = true,
         .filter = COL_B},
        {.aggregate = &hash_aggregate,
         .state_size = 8,
         .type = bigint,
         .args = col_v,
         .args_count = 1,
         .filter = UINT32_MAX,
         .order = by_t,
         .order_count = 1},
        {.aggregate = &text_aggregate,
         .state_size = 16,
         .type = text,
         .args = col_s,
         .args_count = 1,
         .filter = UINT32_MAX,
         .order = by_v,
         .order_count = 1},
        {.aggregate = &text_aggregate,
         .state_size = 16,
         .type = text,
         .args = col_s,
         .args_count = 1,
         .filter = COL_B}};
    memcpy(calls, all, sizeof all);
    return weights ? CALLS_MAX - 1 : CALLS_MAX; /* the last one depends on arrival */
}

/* ---- reference ---- */

struct accepted {
    struct row row;
    int64_t start, end;
    uint32_t arrival;
};

static void reference_window(const struct setup *setup, int64_t t, int64_t *start, int64_t *end)
{
    const struct weir_plan_window *window = &setup->window;
    *start = INT64_MIN;
    *end = INT64_MAX;
    if (window->kind == WEIR_WINDOW_NONE)
        return;
    if (window->width_us) {
        *start = window->offset_us % window->width_us;
        while (*start > t) /* by steps: slow and plain */
            *start -= window->width_us;
        *start += (t - *start) / window->width_us * window->width_us;
        *end = *start + window->width_us;
        return;
    }
    int64_t shifted = t - window->offset_us;
    time_t seconds = (time_t)(shifted / 1000000 - (shifted % 1000000 < 0));
    struct tm tm;
    gmtime_r(&seconds, &tm);
    int months = tm.tm_year * 12 + tm.tm_mon - 70 * 12;
    months -= ((months % window->width_months) + window->width_months) % window->width_months;
    struct tm first = {.tm_year = 70, .tm_mon = months, .tm_mday = 1};
    *start = (int64_t)timegm(&first) * 1000000 + window->offset_us;
    first = (struct tm){.tm_year = 70, .tm_mon = months + window->width_months, .tm_mday = 1};
    *end = (int64_t)timegm(&first) * 1000000 + window->offset_us;
}

static void print_number(char *out, size_t size, int64_t value)
{
    if (value == NULL_NUMBER)
        snprintf(out, size, "NULL");
    else
        snprintf(out, size, "%lld", (long long)value);
}

static void group_name(const struct setup *setup, const struct accepted *row, char *out,
                       size_t size)
{
    size_t at = 0;
    out[0] = 0;
    for (uint32_t k = 0; k <= setup->keys_count; k++) {
        if (k == setup->window_output)
            at += (size_t)snprintf(out + at, size - at, "(%lld,%lld)|", (long long)row->start,
                                   (long long)row->end);
        if (k == setup->keys_count)
            break;
        char number[32];
        print_number(number, sizeof number, row->row.k);
        at += (size_t)snprintf(out + at, size - at, "%s|",
                               setup->keys[k] == COL_K ? number
                               : row->row.s            ? row->row.s
                                                       : "NULL");
    }
}

static bool same_group(const struct setup *setup, const struct accepted *a,
                       const struct accepted *b)
{
    if (a->start != b->start)
        return false;
    for (uint32_t k = 0; k < setup->keys_count; k++)
        if (setup->keys[k] == COL_K ? a->row.k != b->row.k : a->row.s != b->row.s)
            return false;
    return true;
}

static int by_time(const void *x, const void *y)
{
    const struct accepted *a = x, *b = y;
    if (a->row.t != b->row.t)
        return a->row.t < b->row.t ? -1 : 1;
    return (a->row.v > b->row.v) - (a->row.v < b->row.v);
}

static bool value_order_uses_time;
static int by_value(const void *x, const void *y)
{
    const struct accepted *a = x, *b = y;
    if (a->row.v != b->row.v) { /* descending, nulls last */
        if (a->row.v == NULL_NUMBER || b->row.v == NULL_NUMBER)
            return a->row.v == NULL_NUMBER ? 1 : -1;
        return a->row.v > b->row.v ? -1 : 1;
    }
    if (value_order_uses_time && a->row.t != b->row.t)
        return a->row.t < b->row.t ? -1 : 1;
    return strcmp(a->row.s, b->row.s);
}

static int by_arrival(const void *x, const void *y)
{
    const struct accepted *a = x, *b = y;
    return (a->arrival > b->arrival) - (a->arrival < b->arrival);
}

static bool is_first_value(const struct accepted *rows, uint32_t i, bool filtered)
{
    for (uint32_t j = 0; j < i; j++)
        if (rows[j].row.v == rows[i].row.v && (!filtered || rows[j].row.b))
            return false;
    return true;
}

static void append_texts(struct weir_buffer *line, const struct accepted *rows, uint32_t count,
                         bool filtered)
{
    size_t before = line->size;
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].row.s && (!filtered || rows[i].row.b))
            weir_buffer_printf(line, "%s,", rows[i].row.s);
    if (line->size == before)
        weir_buffer_append_string(line, "NULL");
}

static void append_sum(struct weir_buffer *line, int64_t count, int64_t sum)
{
    if (count)
        weir_buffer_printf(line, "|%lld", (long long)sum);
    else
        weir_buffer_append_string(line, "|NULL");
}

/* The results of all calls over the rows of one group; reorders them. */
static void reference_results(const struct setup *setup, struct accepted *rows, uint32_t count,
                              struct weir_buffer *line)
{
    int64_t n = 0, sum = 0, distinct = 0, n_b = 0, sum_b = 0, n_db = 0, sum_db = 0, hash = 0;
    for (uint32_t i = 0; i < count; i++) {
        int64_t v = rows[i].row.v;
        if (v == NULL_NUMBER)
            continue;
        n++, sum += v;
        distinct += is_first_value(rows, i, false);
        if (!rows[i].row.b)
            continue;
        n_b++, sum_b += v;
        if (is_first_value(rows, i, true))
            n_db++, sum_db += v;
    }
    weir_buffer_printf(line, "%u", count);
    append_sum(line, n, sum);
    weir_buffer_printf(line, "|%lld", (long long)distinct);
    append_sum(line, n_b, sum_b);
    append_sum(line, n_db, sum_db);
    qsort(rows, count, sizeof *rows, by_time);
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].row.v != NULL_NUMBER)
            hash = mix(hash, rows[i].row.v);
    weir_buffer_printf(line, "|%lld|", (long long)hash);
    uint32_t texts = 0;
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].row.s) {
            struct accepted swap = rows[texts];
            rows[texts++] = rows[i];
            rows[i] = swap;
        }
    value_order_uses_time = !setup->weights;
    qsort(rows, texts, sizeof *rows, by_value);
    append_texts(line, rows, texts, false);
    if (setup->weights)
        return;
    weir_buffer_append_char(line, '|');
    qsort(rows, count, sizeof *rows, by_arrival);
    append_texts(line, rows, count, true);
}

static bool is_global(const struct setup *setup)
{
    return setup->keys_count == 0 && setup->window.kind == WEIR_WINDOW_NONE;
}

/* Removes retractions and what they take back. */
static uint32_t net_accepted(struct accepted *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].row.weight != -1)
            continue;
        for (uint32_t j = 0; j < count; j++) {
            struct row *a = &rows[i].row, *b = &rows[j].row;
            if (b->weight == 1 && a->k == b->k && a->s == b->s && a->v == b->v && a->b == b->b &&
                a->t == b->t) {
                a->weight = b->weight = 0;
                break;
            }
        }
    }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (rows[i].row.weight)
            rows[kept++] = rows[i];
    return kept;
}

static void reference(const struct setup *setup, struct accepted *rows, uint32_t count,
                      struct collector *out)
{
    struct accepted *group = calloc(count + 1, sizeof *group);
    bool *used = calloc(count + 1, 1);
    struct weir_buffer line;
    char name[256];
    weir_buffer_init(&line, NULL);
    count = net_accepted(rows, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t size = 0;
        if (used[i])
            continue;
        for (uint32_t j = i; j < count; j++)
            if (!used[j] && same_group(setup, &rows[i], &rows[j])) {
                used[j] = true;
                group[size++] = rows[j];
            }
        weir_buffer_clear(&line);
        group_name(setup, &rows[i], name, sizeof name);
        weir_buffer_append_string(&line, name);
        reference_results(setup, group, size, &line);
        collect_line(out, weir_buffer_slice(&line), 1);
    }
    if (count == 0 && is_global(setup)) {
        weir_buffer_clear(&line);
        reference_results(setup, group, 0, &line);
        collect_line(out, weir_buffer_slice(&line), 1);
    }
    weir_buffer_deinit(&line);
    free(group);
    free(used);
}

/* ---- running ---- */

static const char *const words[] = {"",
                                    "a",
                                    "bc",
                                    "a key that is longer than twelve bytes",
                                    "a key that is longer than twelve bytes too",
                                    "q",
                                    NULL};

static void random_rows(const struct setup *setup, struct row *rows)
{
    bool *taken = calloc(setup->rows_count + 1, 1);
    for (uint32_t i = 0; i < setup->rows_count; i++) {
        int64_t jitter = (int64_t)random_below(60000) - 30000;
        rows[i] = (struct row){.k = random_below(9) ? (int64_t)random_below(12) : NULL_NUMBER,
                               .s = words[random_below(7)],
                               .v = random_below(6) ? (int64_t)random_below(20) : NULL_NUMBER,
                               .b = random_below(2),
                               .t = ((int64_t)i * 1000 + jitter) * setup->unit,
                               .weight = 1};
        if (setup->weights && i && random_below(5) < 2) {
            uint32_t from = i - 1 - random_below(i < 150 ? i : 150);
            if (rows[from].weight == 1 && !taken[from]) {
                taken[from] = true;
                rows[i] = rows[from];
                rows[i].weight = -1;
            }
        }
    }
    free(taken);
}

/* Turns v into a dictionary, lane for lane. */
static void encode_dictionary(struct weir_batch *batch)
{
    struct weir_column *column = &batch->columns[COL_V];
    uint32_t *codes = WEIR_ARENA_ARRAY(&batch->arena, uint32_t, batch->rows_count);
    for (uint32_t i = 0; i < batch->rows_count; i++)
        codes[i] = i;
    column->encoding = WEIR_DICTIONARY;
    column->values_count = batch->rows_count;
    column->codes = codes;
}

struct run {
    const struct setup *setup;
    struct machine machine;
    struct accepted *accepted;
    uint32_t accepted_count, late_count;
    int64_t watermark, greatest;
};

static void accept_rows(struct run *run, const struct row *rows, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        struct accepted accepted = {.row = rows[i], .arrival = run->accepted_count};
        reference_window(run->setup, rows[i].t, &accepted.start, &accepted.end);
        if (rows[i].t > run->greatest)
            run->greatest = rows[i].t;
        if (accepted.end <= run->watermark && !run->setup->bounded)
            run->late_count++;
        else
            run->accepted[run->accepted_count++] = accepted;
    }
}

static void push_all(struct run *run, const struct row *rows)
{
    const struct setup *setup = run->setup;
    struct machine *machine = &run->machine;
    for (uint32_t done = 0; done < setup->rows_count;) {
        uint32_t count = setup->push_rows;
        if (count > setup->rows_count - done)
            count = setup->rows_count - done;
        struct weir_batch *batch =
            make_batch(rows + done, count, setup->weights, setup->dead_lanes);
        if (random_below(2))
            encode_dictionary(batch);
        accept_rows(run, rows + done, count);
        EXPECT(machine_push_batch(machine, 0, batch) != WEIR_FLOW_FAILED);
        weir_batch_release(batch);
        done += count;
        if (random_below(2)) {
            run->watermark = run->greatest - setup->lag * setup->unit;
            EXPECT(machine_watermark(machine, run->watermark) != WEIR_FLOW_FAILED);
        }
        if (random_below(4) == 0)
            (void)machine->type->timer(machine->state, (struct weir_processing_time){1},
                                       &machine->collector.output, &machine->error);
    }
    EXPECT_INT(machine_end(machine), WEIR_FLOW_OK);
}

/* At no point may more rows have been taken back than were there. */
static void check_running_sums(const struct collector *collector)
{
    uint32_t negative = 0;
    if (collector->lines_count > 3000)
        return;
    for (uint32_t i = 0; i < collector->lines_count; i++) {
        int64_t sum = 0;
        if (collector->lines[i].weight > 0)
            continue;
        for (uint32_t j = 0; j <= i; j++)
            if (strcmp(collector->lines[j].text, collector->lines[i].text) == 0)
                sum += collector->lines[j].weight;
        negative += sum < 0;
    }
    EXPECT_INT(negative, 0);
}

static void make_node(const struct setup *setup, struct weir_plan_node *node,
                      struct weir_field *fields, struct weir_plan_aggregate_call *calls,
                      struct weir_arena *arena)
{
    const struct weir_type **times = WEIR_ARENA_ARRAY(arena, const struct weir_type *, 2);
    struct weir_slice *names = WEIR_ARENA_ARRAY(arena, struct weir_slice, 2);
    uint32_t count = 0, calls_count = make_calls(calls, setup->weights);
    times[0] = times[1] = weir_type_of(WEIR_TYPE_TIMESTAMP);
    names[0] = weir_slice_from_string("start");
    names[1] = weir_slice_from_string("end");
    for (uint32_t k = 0; k <= setup->keys_count; k++) {
        if (k == setup->window_output)
            fields[count++] =
                (struct weir_field){names[0], weir_type_struct(arena, 2, times, names), true};
        if (k < setup->keys_count)
            fields[count++] = row_fields[setup->keys[k]];
    }
    for (uint32_t c = 0; c < calls_count; c++)
        fields[count++] = (struct weir_field){names[0], calls[c].type, true};
    *node = row_node(WEIR_PLAN_AGGREGATE);
    node->schema = (struct weir_schema){fields, count};
    node->changelog = setup->emit == WEIR_EMIT_CHANGES || setup->emit == WEIR_EMIT_EVERY;
    node->has_event_time = setup->window.kind != WEIR_WINDOW_NONE && !node->changelog;
    node->of.aggregate = (struct weir_plan_aggregate){.keys = setup->keys,
                                                      .keys_count = setup->keys_count,
                                                      .window = setup->window,
                                                      .window_output = setup->window_output,
                                                      .calls = calls,
                                                      .calls_count = calls_count,
                                                      .emit = setup->emit};
}

static void describe(const struct setup *setup, char *out, size_t size)
{
    snprintf(out, size,
             "the reference's groups: %u keys, window %d (%lld us, %d months), emit %d, weights "
             "%d, collide %d, bounded %d, push %u, batch %u, full %u",
             setup->keys_count, (int)setup->window.kind, (long long)setup->window.width_us,
             setup->window.width_months, (int)setup->emit, setup->weights, setup->collide,
             setup->bounded, setup->push_rows, setup->batch_rows, setup->full_every);
}

static void run_setup(const struct setup *setup)
{
    static struct row rows[ROWS_MAX];
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    struct weir_arena arena;
    struct collector want;
    struct run run = {.setup = setup, .watermark = INT64_MIN, .greatest = INT64_MIN};
    char what[300];
    weir_arena_init(&arena, NULL, 0);
    row_input_init(setup->weights);
    make_node(setup, &node, fields, calls, &arena);
    random_rows(setup, rows);
    run.accepted = calloc(setup->rows_count + 1, sizeof *run.accepted);
    machine_init(&run.machine, setup->batch_rows);
    run.machine.env.hash_collide = setup->collide;
    run.machine.env.bounded_query = setup->bounded;
    run.machine.collector.full_every = setup->full_every;
    run.machine.collector.retain = true;
    EXPECT_INT(machine_open(&run.machine, &node), WEIR_OK);
    push_all(&run, rows);
    struct collector *got = &run.machine.collector;
    collector_init(&want);
    reference(setup, run.accepted, run.accepted_count, &want);
    describe(setup, what, sizeof what);
    EXPECT_INT(run.machine.late.all.count, run.late_count);
    EXPECT_INT(got->ends, 1);
    EXPECT(got->rows_max <= setup->batch_rows);
    if (node.changelog)
        check_running_sums(got);
    collector_check_kept(got);
    for (uint32_t b = 0; b < got->kept_count; b++)
        weir_batch_release(got->kept[b]);
    got->kept_count = 0;
    expect_lines(got, &want, what);
    machine_close(&run.machine);
    collector_deinit(&want);
    free(run.accepted);
    weir_arena_deinit(&arena);
}

static const struct setup base_setup = {.window_output = UINT32_MAX,
                                        .rows_count = 1500,
                                        .push_rows = 300,
                                        .batch_rows = 2048,
                                        .unit = 1,
                                        .lag = 40000};

/* All keys and emissions over one base. */
static void run_matrix(struct setup setup)
{
    static const uint32_t keys[5][3] = {
        {0, 0, 0}, {1, COL_K, 0}, {1, COL_S, 0}, {2, COL_K, COL_S}, {2, COL_S, COL_K}};
    for (uint32_t k = 0; k < 5; k++) {
        setup.keys_count = keys[k][0];
        setup.keys[0] = keys[k][1];
        setup.keys[1] = keys[k][2];
        if (setup.window.kind != WEIR_WINDOW_NONE)
            setup.window_output = k % 2 ? 0 : setup.keys_count;
        for (int emit = WEIR_EMIT_ON_CLOSE; emit <= WEIR_EMIT_EVERY; emit++) {
            setup.emit = (enum weir_emit)emit;
            for (int weights = 0; weights < 2; weights++) {
                setup.weights = weights;
                setup.dead_lanes = random_below(2) && setup.push_rows <= 1000;
                run_setup(&setup);
            }
        }
    }
}

static void groups(void)
{
    struct setup setup = base_setup;
    run_matrix(setup);
    setup.rows_count = 0;
    run_matrix(setup);
    setup.rows_count = 400;
    setup.push_rows = 1;
    run_matrix(setup);
    setup.rows_count = 1500;
    setup.push_rows = 1500;
    setup.batch_rows = 7;
    setup.full_every = 3;
    run_matrix(setup);
    setup.batch_rows = 1;
    run_matrix(setup);
}

static void windows(void)
{
    struct setup setup = base_setup;
    setup.window = (struct weir_plan_window){
        .kind = WEIR_WINDOW_TUMBLE, .time_column = UINT32_MAX, .width_us = 100000};
    run_matrix(setup);
    setup.window.time_column = COL_T;
    setup.window.offset_us = 130000;
    setup.push_rows = 7;
    run_matrix(setup);
    setup.bounded = true;
    setup.batch_rows = 5;
    setup.full_every = 2;
    run_matrix(setup);
    setup.bounded = false;
    setup.batch_rows = 1;
    setup.window.width_us = 1500; /* many panes, few rows each */
    run_matrix(setup);
}

static void windows_of_months(void)
{
    struct setup setup = base_setup;
    setup.unit = 43200000;
    setup.window = (struct weir_plan_window){
        .kind = WEIR_WINDOW_TUMBLE, .time_column = UINT32_MAX, .width_months = 1};
    run_matrix(setup);
    setup.window.width_months = 5;
    setup.window.offset_us = INT64_C(86400000000) * 3;
    run_matrix(setup);
}

static void all_hashes_equal(void)
{
    struct setup setup = base_setup;
    setup.collide = true;
    run_matrix(setup);
    setup.window = (struct weir_plan_window){
        .kind = WEIR_WINDOW_TUMBLE, .time_column = UINT32_MAX, .width_us = 400000};
    run_matrix(setup);
}

/* Groups come by window end, then as first seen; event time is the window's end less 1 us. */
static void order_and_event_time(void)
{
    struct setup setup = base_setup;
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    struct weir_arena arena;
    struct machine machine;
    weir_arena_init(&arena, NULL, 0);
    row_input_init(false);
    setup.keys_count = 1;
    setup.keys[0] = COL_K;
    setup.window = (struct weir_plan_window){
        .kind = WEIR_WINDOW_TUMBLE, .time_column = UINT32_MAX, .width_us = 10};
    setup.window_output = 1;
    make_node(&setup, &node, fields, calls, &arena);
    node.of.aggregate.calls_count = 1;
    node.schema.fields_count = 3;
    const struct row rows[] = {{7, "x", 1, true, 25, 1},
                               {5, "x", 1, true, 3, 1},
                               {9, "x", 1, true, 21, 1},
                               {7, "x", 1, true, 4, 1},
                               {7, "x", 1, true, -5, 1}};
    machine_init(&machine, 2048);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    struct weir_batch *batch = make_batch(rows, 5, false, false);
    machine_push_batch(&machine, 0, batch);
    machine_watermark(&machine, 9);
    expect_sequence(&machine.collector, "7|(-10,0)|1");
    machine_watermark(&machine, 10);
    expect_sequence(&machine.collector, "7|(-10,0)|1 5|(0,10)|1 7|(0,10)|1");
    EXPECT_INT(machine.collector.last_event_time, 9);
    EXPECT_INT(machine.collector.watermark, 10);
    machine_push_batch(&machine, 0, batch); /* three of five are late now */
    EXPECT_INT(machine.late.all.count, 3);
    EXPECT_INT(machine.late.all.delay_us, 11);
    machine_end(&machine);
    expect_sequence(&machine.collector,
                    "7|(-10,0)|1 5|(0,10)|1 7|(0,10)|1 7|(20,30)|2 9|(20,30)|2");
    weir_batch_release(batch);
    machine_close(&machine);
    weir_arena_deinit(&arena);
}

/* One change per group and push; none when the result stays as it was. */
static void changes_are_net(void)
{
    struct setup setup = base_setup;
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    struct weir_arena arena;
    struct machine machine;
    weir_arena_init(&arena, NULL, 0);
    row_input_init(true);
    setup.keys_count = 1;
    setup.keys[0] = COL_K;
    setup.emit = WEIR_EMIT_CHANGES;
    make_node(&setup, &node, fields, calls, &arena);
    node.of.aggregate.calls_count = 1;
    node.schema.fields_count = 2;
    struct row rows[] = {{1, "x", 1, true, 1, 1}, {1, "x", 1, true, 1, 1}, {2, "x", 1, true, 1, 1}};
    machine_init(&machine, 2048);
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    struct weir_batch *batch = make_batch(rows, 3, true, false);
    machine_push_batch(&machine, 0, batch);
    weir_batch_release(batch);
    expect_sequence(&machine.collector, "1|2 2|1");
    rows[0].weight = -1;
    rows[2].weight = -1;
    batch = make_batch(rows, 3, true, false);
    machine_push_batch(&machine, 0, batch);
    weir_batch_release(batch);
    expect_sequence(&machine.collector, "1|2 2|1 2|1x-1");
    EXPECT_INT(machine.collector.pushes, 2);
    EXPECT_INT(machine.type->state_rows(machine.state), 1);
    rows[2] = rows[1];
    rows[2].k = 3;
    batch = make_batch(rows + 1, 2, true, false);
    machine_push_batch(&machine, 0, batch);
    weir_batch_release(batch);
    expect_sequence(&machine.collector, "1|2 2|1 2|1x-1 1|2x-1 1|3 3|1");
    machine_end(&machine);
    machine_close(&machine);
    weir_arena_deinit(&arena);
}

static void downstream_that_is_done(void)
{
    struct setup setup = base_setup;
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    static struct row rows[ROWS_MAX];
    struct weir_arena arena;
    for (int emit = WEIR_EMIT_ON_CLOSE; emit <= WEIR_EMIT_CHANGES; emit++) {
        struct machine machine;
        weir_arena_init(&arena, NULL, 0);
        row_input_init(false);
        setup.keys_count = 2;
        setup.keys[0] = COL_K;
        setup.keys[1] = COL_S;
        setup.emit = (enum weir_emit)emit;
        make_node(&setup, &node, fields, calls, &arena);
        random_rows(&setup, rows);
        machine_init(&machine, 3);
        machine.collector.done_after = 5;
        EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
        struct weir_batch *batch = make_batch(rows, 1000, false, false);
        EXPECT_INT(machine_push_batch(&machine, 0, batch),
                   emit == WEIR_EMIT_CHANGES ? WEIR_FLOW_DONE : WEIR_FLOW_OK);
        weir_batch_release(batch);
        EXPECT_INT(machine_end(&machine), WEIR_FLOW_OK);
        EXPECT(machine.collector.lines_count <= 8);
        EXPECT_INT(machine.collector.ends, 1);
        machine_close(&machine);
        weir_arena_deinit(&arena);
    }
}

static void memory_limit_names_the_operator(void)
{
    struct setup setup = base_setup;
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    static struct row rows[ROWS_MAX];
    struct weir_arena arena;
    struct machine machine;
    weir_arena_init(&arena, NULL, 0);
    row_input_init(false);
    setup.keys_count = 1;
    setup.keys[0] = COL_K;
    setup.emit = WEIR_EMIT_FINAL;
    make_node(&setup, &node, fields, calls, &arena);
    machine_init(&machine, 2048);
    machine.budget.limit_bytes = 4 << 20;
    enum weir_flow flow = WEIR_FLOW_OK;
    EXPECT_INT(machine_open(&machine, &node), WEIR_OK);
    for (int64_t b = 0; b < 200 && flow == WEIR_FLOW_OK; b++) {
        for (int64_t i = 0; i < 1000; i++)
            rows[i] = (struct row){b * 1000 + i, "x", 1, true, 0, 1};
        struct weir_batch *batch = make_batch(rows, 1000, false, false);
        flow = machine_push_batch(&machine, 0, batch);
        weir_batch_release(batch);
    }
    EXPECT_INT(flow, WEIR_FLOW_FAILED);
    EXPECT_INT(machine.error.code, WEIR_E_MEMORY_LIMIT);
    EXPECT_STRING(machine.error.frames[0], "test #1");
    machine_close(&machine);
    weir_arena_deinit(&arena);
}

static void sweep(struct setup setup)
{
    struct weir_plan_node node;
    struct weir_field fields[FIELDS_MAX];
    struct weir_plan_aggregate_call calls[CALLS_MAX];
    static struct row rows[ROWS_MAX];
    struct weir_arena arena;
    bool failed = true;
    weir_arena_init(&arena, NULL, 0);
    row_input_init(setup.weights);
    make_node(&setup, &node, fields, calls, &arena);
    random_rows(&setup, rows);
    struct weir_batch *batch = make_batch(rows, setup.rows_count, setup.weights, false);
    for (uint64_t n = 1; failed; n++) {
        struct machine machine;
        machine_init(&machine, 64);
        (void)weir_memory_fail_at(n);
        failed = machine_open(&machine, &node) != WEIR_OK;
        for (int i = 0; i < 2 && !failed; i++)
            failed = machine_push_batch(&machine, 0, batch) == WEIR_FLOW_FAILED;
        if (!failed)
            failed = machine_watermark(&machine, 200000) == WEIR_FLOW_FAILED;
        if (!failed)
            failed = machine_end(&machine) == WEIR_FLOW_FAILED;
        (void)weir_memory_fail_at(0);
        if (failed)
            EXPECT_INT(machine.error.code, WEIR_E_OUT_OF_MEMORY);
        machine_close(&machine);
    }
    weir_batch_release(batch);
    weir_arena_deinit(&arena);
}

static void allocation_sweep(void)
{
    struct setup setup = base_setup;
    setup.rows_count = 400;
    setup.keys_count = 2;
    setup.keys[0] = COL_K;
    setup.keys[1] = COL_S;
    sweep(setup);
    setup.window = (struct weir_plan_window){
        .kind = WEIR_WINDOW_TUMBLE, .time_column = COL_T, .width_us = 100000};
    setup.window_output = 0;
    sweep(setup);
    setup.emit = WEIR_EMIT_CHANGES;
    sweep(setup);
    setup.keys_count = 0;
    setup.weights = true;
    sweep(setup);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {TEST_CASE(groups),
                                             TEST_CASE(windows),
                                             TEST_CASE(windows_of_months),
                                             TEST_CASE(all_hashes_equal),
                                             TEST_CASE(order_and_event_time),
                                             TEST_CASE(changes_are_net),
                                             TEST_CASE(downstream_that_is_done),
                                             TEST_CASE(memory_limit_names_the_operator),
                                             TEST_CASE(allocation_sweep)};
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
