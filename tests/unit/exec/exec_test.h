/* Operators by hand: plan nodes, batches from rows of C values, and an output that collects.
 *
 * Rows have five columns: k BIGINT, s TEXT, v BIGINT, b BOOLEAN, t TIMESTAMP. What comes out is
 * kept as lines of text ("3|abc|NULL") with a net weight each, and as the sequence of pushes. */
#ifndef WEIR_EXEC_TEST_H
#define WEIR_EXEC_TEST_H

#include "column/builder.h"
#include "exec/exec_internal.h"
#include "test.h"
#include "value/isa.h"

#include <stdarg.h>
#include <stdlib.h>

enum { ROW_COLUMNS = 5, COL_K = 0, COL_S, COL_V, COL_B, COL_T };
#define NULL_NUMBER INT64_MIN

struct row {
    int64_t k;
    const char *s; /* NULL: null */
    int64_t v;
    bool b;
    int64_t t;
    int64_t weight;
};

static uint64_t random_state = 88172645463325252u;
static inline uint64_t random_next(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}
static inline uint32_t random_below(uint32_t limit)
{
    return (uint32_t)(random_next() % limit);
}

static struct weir_field row_fields[ROW_COLUMNS];
static const struct weir_schema row_schema = {row_fields, ROW_COLUMNS};

static inline void row_fields_init(void)
{
    static const enum weir_type_kind kinds[ROW_COLUMNS] = {
        WEIR_TYPE_INT64, WEIR_TYPE_TEXT, WEIR_TYPE_INT64, WEIR_TYPE_BOOLEAN, WEIR_TYPE_TIMESTAMP};
    static const char *const names[ROW_COLUMNS] = {"k", "s", "v", "b", "t"};
    for (int i = 0; i < ROW_COLUMNS; i++)
        row_fields[i] =
            (struct weir_field){weir_slice_from_string(names[i]), weir_type_of(kinds[i]), true};
}

/* ---- batches ---- */

static inline bool append_number(struct weir_builder *builder, int64_t value)
{
    if (value == NULL_NUMBER)
        return weir_builder_append_null(builder, NULL) == WEIR_OK;
    return weir_builder_append_value(builder, &value, NULL) == WEIR_OK;
}

/* A batch of rows with event times; NULL when memory has run out. Every third lane may be dead. */
static inline struct weir_batch *make_batch(const struct row *rows, uint32_t count, bool weights,
                                            bool dead_lanes)
{
    struct weir_batch *batch = weir_batch_create(&row_schema, NULL);
    struct weir_builder builders[ROW_COLUMNS];
    uint32_t lanes = dead_lanes ? count * 2 : count;
    int64_t *lane_weights = WEIR_ARENA_ARRAY(&batch->arena, int64_t, lanes);
    int64_t *times = WEIR_ARENA_ARRAY(&batch->arena, int64_t, lanes);
    uint16_t *selection = WEIR_ARENA_ARRAY(&batch->arena, uint16_t, lanes);
    for (int c = 0; c < ROW_COLUMNS; c++)
        (void)!weir_builder_init(&builders[c], row_fields[c].type, &batch->arena, NULL);
    for (uint32_t lane = 0; lane < lanes; lane++) {
        const struct row *row = &rows[dead_lanes ? lane / 2 : lane];
        uint8_t flag = row->b;
        append_number(&builders[COL_K], row->k);
        if (row->s)
            (void)!weir_builder_append_text(&builders[COL_S], weir_slice_from_string(row->s), NULL);
        else
            (void)!weir_builder_append_null(&builders[COL_S], NULL);
        append_number(&builders[COL_V], row->v);
        (void)!weir_builder_append_value(&builders[COL_B], &flag, NULL);
        append_number(&builders[COL_T], row->t);
        lane_weights[lane] = row->weight;
        times[lane] = row->t;
        if (dead_lanes && lane % 2)
            selection[lane / 2] = (uint16_t)lane;
    }
    for (int c = 0; c < ROW_COLUMNS; c++)
        batch->columns[c] = weir_builder_column(&builders[c]);
    batch->rows_count = lanes;
    batch->selected_count = count;
    batch->selection = dead_lanes ? selection : NULL;
    batch->weights = weights ? lane_weights : NULL;
    batch->event_times = times;
    return batch;
}

/* ---- printing ---- */

static inline void print_lane(const struct weir_column *column, uint32_t lane,
                              struct weir_buffer *out)
{
    uint32_t index = weir_column_index(column, lane);
    if (weir_column_is_null(column, lane)) {
        weir_buffer_append_string(out, "NULL");
        return;
    }
    switch (column->type->kind) {
    case WEIR_TYPE_BOOLEAN:
        weir_buffer_append_char(out, ((const uint8_t *)column->values)[index] ? 't' : 'f');
        break;
    case WEIR_TYPE_TEXT:
        weir_buffer_append_slice(out,
                                 weir_view_slice((const struct weir_view *)column->values + index));
        break;
    case WEIR_TYPE_STRUCT:
        for (uint32_t i = 0; i < column->children_count; i++) {
            weir_buffer_append_char(out, i ? ',' : '(');
            print_lane(&column->children[i], lane, out);
        }
        weir_buffer_append_char(out, ')');
        break;
    case WEIR_TYPE_LIST: {
        struct weir_list_entry entry = ((const struct weir_list_entry *)column->values)[index];
        weir_buffer_append_char(out, '{');
        for (uint32_t i = 0; i < entry.count; i++) {
            if (i)
                weir_buffer_append_char(out, ',');
            print_lane(column->children, entry.offset + i, out);
        }
        weir_buffer_append_char(out, '}');
        break;
    }
    case WEIR_TYPE_DECIMAL: {
        __extension__ __int128 wide;
        memcpy(&wide, (const char *)column->values + index * sizeof wide, sizeof wide);
        weir_buffer_printf(out, "%lld", (long long)wide);
        break;
    }
    default:
        weir_buffer_printf(out, "%lld", (long long)((const int64_t *)column->values)[index]);
        break;
    }
}

/* ---- output ---- */

struct line {
    char *text;
    int64_t weight;
};

struct collector {
    struct weir_output output; /* first */
    struct line *lines;        /* in order of arrival, nothing netted */
    uint32_t lines_count, lines_capacity;
    uint32_t pushes, ends;
    uint32_t rows_max; /* of a push */
    int64_t watermark;
    int64_t last_event_time;
    uint32_t done_after; /* lines; 0: never */
    uint32_t full_every; /* pushes; 0: never */
    bool retain;         /* keep every batch to the end, to see that it stays whole */
    struct weir_batch *kept[4096];
    uint32_t kept_first[4096];
    uint32_t kept_count;
};

static inline void print_row(const struct weir_batch *batch, uint32_t lane, struct weir_buffer *out)
{
    for (uint32_t c = 0; c < batch->schema->fields_count; c++) {
        if (c)
            weir_buffer_append_char(out, '|');
        print_lane(&batch->columns[c], lane, out);
    }
}

static inline void collect_line(struct collector *collector, struct weir_slice text, int64_t weight)
{
    if (collector->lines_count == collector->lines_capacity) {
        collector->lines_capacity = collector->lines_capacity ? collector->lines_capacity * 2 : 64;
        collector->lines =
            realloc(collector->lines, collector->lines_capacity * sizeof *collector->lines);
    }
    char *copy = malloc(text.size + 1);
    memcpy(copy, text.data, text.size);
    copy[text.size] = 0;
    collector->lines[collector->lines_count++] = (struct line){copy, weight};
}

static inline enum weir_flow collector_push(struct weir_output *output, struct weir_batch *batch,
                                            struct weir_error *error)
{
    struct collector *collector = (struct collector *)output;
    struct weir_buffer line;
    (void)error;
    EXPECT(batch->selected_count > 0);
    EXPECT(weir_batch_verify(batch, error) == WEIR_OK);
    weir_buffer_init(&line, NULL);
    collector->pushes++;
    if (batch->selected_count > collector->rows_max)
        collector->rows_max = batch->selected_count;
    if (collector->retain && collector->kept_count < 4096) {
        weir_batch_retain(batch);
        collector->kept_first[collector->kept_count] = collector->lines_count;
        collector->kept[collector->kept_count++] = batch;
    }
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        weir_buffer_clear(&line);
        print_row(batch, lane, &line);
        collect_line(collector, weir_buffer_slice(&line), weir_batch_weight(batch, lane));
        if (batch->event_times)
            collector->last_event_time = batch->event_times[lane];
    }
    weir_buffer_deinit(&line);
    if (collector->done_after && collector->lines_count >= collector->done_after)
        return WEIR_FLOW_DONE;
    if (collector->full_every && collector->pushes % collector->full_every == 0)
        return WEIR_FLOW_FULL;
    return WEIR_FLOW_OK;
}

static inline enum weir_flow collector_watermark(struct weir_output *output,
                                                 struct weir_event_time watermark,
                                                 struct weir_error *error)
{
    (void)error;
    ((struct collector *)output)->watermark = watermark.us;
    return WEIR_FLOW_OK;
}

static inline enum weir_flow collector_end(struct weir_output *output, struct weir_error *error)
{
    (void)error;
    ((struct collector *)output)->ends++;
    return WEIR_FLOW_OK;
}

static inline void collector_init(struct collector *collector)
{
    memset(collector, 0, sizeof *collector);
    collector->output = (struct weir_output){collector_push, collector_watermark, collector_end};
    collector->watermark = INT64_MIN;
}

/* Batches that were kept must still print what they did when they came. */
static inline void collector_check_kept(struct collector *collector)
{
    struct weir_buffer line;
    weir_buffer_init(&line, NULL);
    for (uint32_t b = 0; b < collector->kept_count; b++) {
        const struct weir_batch *batch = collector->kept[b];
        for (uint32_t i = 0; i < batch->selected_count; i++) {
            weir_buffer_clear(&line);
            print_row(batch, weir_batch_lane(batch, i), &line);
            EXPECT_SLICE(weir_buffer_slice(&line),
                         collector->lines[collector->kept_first[b] + i].text);
        }
    }
    weir_buffer_deinit(&line);
}

static inline void collector_deinit(struct collector *collector)
{
    for (uint32_t b = 0; b < collector->kept_count; b++)
        weir_batch_release(collector->kept[b]);
    for (uint32_t i = 0; i < collector->lines_count; i++)
        free(collector->lines[i].text);
    free(collector->lines);
}

static inline int line_compare(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

/* Sorts lines and sums the weights of equal ones; those that cancel go. Returns how many are left.
 */
static inline uint32_t net_lines(struct line *lines, uint32_t count)
{
    uint32_t kept = 0;
    if (count)
        qsort(lines, count, sizeof *lines, line_compare);
    for (uint32_t i = 0; i < count;) {
        struct line line = lines[i];
        uint32_t end = i + 1;
        while (end < count && strcmp(lines[end].text, line.text) == 0) {
            line.weight += lines[end].weight;
            free(lines[end++].text);
        }
        i = end;
        if (line.weight)
            lines[kept++] = line;
        else
            free(line.text);
    }
    return kept;
}

/* Both as multisets. */
static inline void expect_lines(struct collector *got, struct collector *want, const char *what)
{
    got->lines_count = net_lines(got->lines, got->lines_count);
    want->lines_count = net_lines(want->lines, want->lines_count);
    bool same = got->lines_count == want->lines_count;
    for (uint32_t i = 0; same && i < got->lines_count; i++)
        same = strcmp(got->lines[i].text, want->lines[i].text) == 0 &&
               got->lines[i].weight == want->lines[i].weight;
    if (same)
        return;
    test_report(false, __FILE__, __LINE__, what);
    for (uint32_t i = 0; i < 8; i++)
        fprintf(stderr, "  got %.60s x %lld, want %.60s x %lld\n",
                i < got->lines_count ? got->lines[i].text : "-",
                i < got->lines_count ? (long long)got->lines[i].weight : 0,
                i < want->lines_count ? want->lines[i].text : "-",
                i < want->lines_count ? (long long)want->lines[i].weight : 0);
}

/* The lines in order, joined by spaces; weights other than 1 as "xN". */
static inline void expect_sequence(const struct collector *collector, const char *want)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    for (uint32_t i = 0; i < collector->lines_count; i++) {
        if (i)
            weir_buffer_append_char(&text, ' ');
        weir_buffer_append_string(&text, collector->lines[i].text);
        if (collector->lines[i].weight != 1)
            weir_buffer_printf(&text, "x%lld", (long long)collector->lines[i].weight);
    }
    if (text.size || *want)
        EXPECT_SLICE(weir_buffer_slice(&text), want);
    weir_buffer_deinit(&text);
}

/* ---- nodes ---- */

static struct weir_plan_node row_input; /* the node below */
static const struct weir_plan_node *const row_inputs[] = {&row_input, &row_input};

static inline void row_input_init(bool changelog)
{
    row_fields_init();
    row_input = (struct weir_plan_node){.kind = WEIR_PLAN_SCAN,
                                        .schema = row_schema,
                                        .changelog = changelog,
                                        .has_event_time = true};
}

static inline struct weir_plan_node row_node(enum weir_plan_kind kind)
{
    return (struct weir_plan_node){.kind = kind,
                                   .inputs = row_inputs,
                                   .inputs_count = 1,
                                   .schema = row_schema,
                                   .has_event_time = true};
}

/* An open operator and where its rows go. */
struct machine {
    struct weir_budget budget;
    struct weir_operator_env env;
    const struct weir_operator_type *type;
    void *state;
    struct collector collector;
    struct weir_error error;
    struct weir_late_counts late;
    uint64_t nulled;
    enum weir_flow flow; /* of the last call */
};

static inline void machine_init(struct machine *machine, uint32_t batch_rows)
{
    memset(machine, 0, sizeof *machine);
    weir_budget_init(&machine->budget, "test", UINT64_MAX, NULL);
    machine->env = (struct weir_operator_env){.budget = &machine->budget,
                                              .batch_rows = batch_rows,
                                              .hash_seed = 4711,
                                              .isa = (int)weir_isa_detect(WEIR_ISA_AVX512),
                                              .nulled_count = &machine->nulled,
                                              .late = &machine->late,
                                              .operator_name = "test #1"};
    collector_init(&machine->collector);
}

static inline enum weir_status machine_open(struct machine *machine,
                                            const struct weir_plan_node *node)
{
    machine->type = weir_exec_operator(node);
    return machine->type->open(node, &machine->env, &machine->state, &machine->error);
}

static inline enum weir_flow machine_push_batch(struct machine *machine, uint32_t port,
                                                struct weir_batch *batch)
{
    do {
        machine->flow = machine->type->push(machine->state, port, batch, &machine->collector.output,
                                            &machine->error);
    } while (machine->flow == WEIR_FLOW_YIELD);
    return machine->flow;
}

static inline enum weir_flow machine_watermark(struct machine *machine, int64_t us)
{
    do {
        machine->flow = machine->type->watermark(machine->state, (struct weir_event_time){us},
                                                 &machine->collector.output, &machine->error);
    } while (machine->flow == WEIR_FLOW_YIELD);
    return machine->flow;
}

static inline enum weir_flow machine_end(struct machine *machine)
{
    do {
        machine->flow =
            machine->type->end(machine->state, &machine->collector.output, &machine->error);
    } while (machine->flow == WEIR_FLOW_YIELD);
    return machine->flow;
}

/* Closes; all memory must be back (kept batches are let go first, for they own some). */
static inline void machine_close(struct machine *machine)
{
    if (machine->state)
        machine->type->close(machine->state);
    collector_check_kept(&machine->collector);
    collector_deinit(&machine->collector);
    EXPECT_INT(machine->budget.used_bytes, 0);
}

#endif
