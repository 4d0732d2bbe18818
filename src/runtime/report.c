/* The report of a run: see report.h. */
#include "runtime/report.h"

#include "runtime/job_internal.h"
#include "value/interval.h"
#include "value/timestamp.h"

#include <inttypes.h>

/* ---- pieces ---- */

static void print_time(int64_t us, struct weir_buffer *out)
{
    char text[WEIR_TIMESTAMP_SIZE];
    size_t size = weir_timestamp_print(text, us, WEIR_TIMESTAMP_POSTGRES);
    weir_buffer_append_slice(out, weir_slice_make(text, size));
}

static void print_duration(int64_t us, struct weir_buffer *out)
{
    char text[WEIR_INTERVAL_SIZE];
    size_t size = weir_interval_print(text, (struct weir_interval){.us = us});
    weir_buffer_append_slice(out, weir_slice_make(text, size));
}

static bool is_known(struct weir_event_time time)
{
    return time.us > WEIR_EVENT_TIME_MIN.us && time.us < WEIR_EVENT_TIME_MAX.us;
}

static int64_t now_of(const struct weir_job *job)
{
    return (int64_t)job->env.sys->monotonic_ns(job->env.sys);
}

static uint64_t bytes_left(const struct weir_source_driver *source, uint32_t split)
{
    return source->type->lag ? source->type->lag(source->source, split) : UINT64_MAX;
}

/* The split that keeps the scan's watermark where it is; UINT32_MAX: none does. */
static uint32_t holding_split(const struct weir_source_driver *source, int64_t now_ns)
{
    uint32_t found = UINT32_MAX;
    for (uint32_t i = 0; source->time_program && i < source->splits_count; i++) {
        const struct weir_split_state *split = &source->states[i];
        if (split->ended || weir_source_split_is_idle(source, split, now_ns))
            continue;
        if (found == UINT32_MAX ||
            weir_event_time_before(split->watermark, source->states[found].watermark))
            found = i;
    }
    return found;
}

void weir_job_report_holder(const struct weir_job *job, struct weir_job_stats *stats)
{
    int64_t now_ns = now_of(job);
    struct weir_event_time least = WEIR_EVENT_TIME_MAX;
    stats->held_by = NULL;
    for (uint32_t i = 0; i < job->sources_count; i++) {
        const struct weir_source_driver *source = &job->sources[i];
        uint32_t split = holding_split(source, now_ns);
        if (split == UINT32_MAX || !weir_event_time_before(source->states[split].watermark, least))
            continue;
        least = source->states[split].watermark;
        stats->held_by = source->splits[split].name;
        stats->held_event_time = source->states[split].last_event_time;
        stats->held_bytes_left = bytes_left(source, split);
    }
}

/* The first scan of its table among the marked nodes. */
static bool is_first_scan(const struct weir_plan *plan, const char *marks, uint32_t id)
{
    const struct weir_plan_node *node = plan->nodes[id];
    if (node->kind != WEIR_PLAN_SCAN || !marks[id])
        return false;
    for (uint32_t i = 0; i < id; i++)
        if (marks[i] && plan->nodes[i]->kind == WEIR_PLAN_SCAN &&
            plan->nodes[i]->of.scan.table == node->of.scan.table)
            return false;
    return true;
}

/* Names of the tables that an operator's rows come from, each once. */
static void list_tables(const struct weir_plan_node *node, const struct weir_plan *plan,
                        void (*print)(struct weir_slice name, bool first, struct weir_buffer *out),
                        struct weir_buffer *out)
{
    bool first = true;
    char *marks = weir_calloc(plan->nodes_count, 1);
    if (!marks) {
        out->failed = true;
        return;
    }
    marks[node->id] = 1;
    for (uint32_t i = node->id + 1; i-- > 0;) /* inputs come before */
        for (uint32_t k = 0; marks[i] && k < plan->nodes[i]->inputs_count; k++)
            marks[plan->nodes[i]->inputs[k]->id] = 1;
    for (uint32_t i = 0; i <= node->id; i++) {
        if (!is_first_scan(plan, marks, i))
            continue;
        print(plan->nodes[i]->of.scan.table->name, first, out);
        first = false;
    }
    weir_free(marks);
}

static void print_name(struct weir_slice name, bool first, struct weir_buffer *out)
{
    weir_buffer_append_string(out, first ? "" : ", ");
    weir_buffer_append_slice(out, name);
}

static void print_quoted(struct weir_slice name, bool first, struct weir_buffer *out)
{
    weir_buffer_append_string(out, first ? "" : ",");
    weir_plan_json_string(name, out);
}

/* ---- late rows ---- */

/* Late rows of an operator, or of one table for it. */
struct late_entry {
    const struct weir_stage *stage;
    const struct weir_table *table; /* NULL: of any that it reads */
    struct weir_late_rows rows;
};

static void add_late(struct weir_late_rows *sum, const struct weir_late_rows *rows)
{
    if (rows->count == 0)
        return;
    if (sum->count == 0 || rows->first_us < sum->first_us)
        sum->first_us = rows->first_us;
    if (sum->count == 0 || rows->last_us > sum->last_us)
        sum->last_us = rows->last_us;
    if (rows->delay_us > sum->delay_us)
        sum->delay_us = rows->delay_us;
    sum->count += rows->count;
}

static const struct weir_table *table_of(const struct weir_job *job, uint32_t source)
{
    return job->sources[source].scan->table;
}

/* Late rows of the source's table; none but for the first source of it. */
static struct weir_late_rows late_of_table(const struct weir_job *job,
                                           const struct weir_late_counts *late, uint32_t source)
{
    struct weir_late_rows sum = {0};
    for (uint32_t i = 0; i < late->sources_count; i++) {
        if (table_of(job, i) != table_of(job, source))
            continue;
        if (i < source)
            return (struct weir_late_rows){0};
        add_late(&sum, &late->of_sources[i]);
    }
    return sum;
}

/* Shows each operator's late rows, by table where that is known. */
static void each_late(const struct weir_job *job, void *context,
                      void (*show)(const struct weir_job *job, const struct late_entry *entry,
                                   void *context))
{
    for (uint32_t i = 0; i < job->pipeline.stages_count; i++) {
        const struct weir_stage *stage = &job->pipeline.stages[i];
        const struct weir_late_counts *late = &stage->late;
        uint64_t known = 0;
        for (uint32_t k = 0; k < late->sources_count && late->all.count; k++) {
            const struct late_entry entry = {stage, table_of(job, k), late_of_table(job, late, k)};
            known += entry.rows.count;
            if (entry.rows.count)
                show(job, &entry, context);
        }
        struct late_entry rest = {stage, NULL, late->all};
        rest.rows.count -= known;
        if (rest.rows.count)
            show(job, &rest, context);
    }
}

/* ---- text ---- */

struct late_text {
    const char *before;
    struct weir_buffer *out;
};

static void text_late(const struct weir_job *job, const struct late_entry *entry, void *context)
{
    const struct late_text *text = context;
    const struct weir_late_rows *late = &entry->rows;
    struct weir_buffer *out = text->out;
    weir_buffer_printf(out, "%s%" PRIu64 " row%s of ", text->before, late->count,
                       late->count == 1 ? "" : "s");
    if (entry->table)
        weir_buffer_append_slice(out, entry->table->name);
    else
        list_tables(entry->stage->node, job->plan, print_name, out);
    weir_buffer_printf(out, " missed %s: ", entry->stage->name);
    weir_plan_print_node_window(entry->stage->node, out);
    weir_buffer_append_string(out, "; of windows up to ");
    print_time(late->first_us, out);
    if (late->last_us != late->first_us) {
        weir_buffer_append_string(out, " to ");
        print_time(late->last_us, out);
    }
    weir_buffer_append_string(out, "; a watermark later by ");
    print_duration(late->delay_us, out);
    weir_buffer_append_string(out, " would have kept all; ");
    if (entry->table && entry->table->late == WEIR_LATE_SIDE)
        weir_buffer_printf(out, "they went to %.*s\n", WEIR_SLICE_ARGS(entry->table->late_table));
    else
        weir_buffer_append_string(out, "dropped\n");
}

void weir_job_report_late(const struct weir_job *job, const char *before, struct weir_buffer *out)
{
    struct late_text text = {before, out};
    each_late(job, &text, text_late);
}

static void text_split(const struct weir_source_driver *source, uint32_t index, int64_t now_ns,
                       struct weir_buffer *out)
{
    const struct weir_split_state *split = &source->states[index];
    uint64_t left = bytes_left(source, index);
    weir_buffer_append_string(out, "  ");
    weir_buffer_append_string(out, source->splits[index].name);
    weir_buffer_printf(out, ": %" PRIu64 " row%s", split->rows_count,
                       split->rows_count == 1 ? "" : "s");
    if (source->time_program && split->rows_count && is_known(split->last_event_time)) {
        weir_buffer_append_string(out, ", last event ");
        print_time(split->last_event_time.us, out);
    }
    if (is_known(split->watermark)) {
        weir_buffer_append_string(out, ", watermark ");
        print_time(split->watermark.us, out);
    }
    if (split->ended)
        weir_buffer_append_string(out, ", ended");
    else if (weir_source_split_is_idle(source, split, now_ns))
        weir_buffer_append_string(out, ", idle");
    if (!split->ended && left != UINT64_MAX)
        weir_buffer_printf(out, ", %" PRIu64 " bytes left", left);
    if (holding_split(source, now_ns) == index)
        weir_buffer_append_string(out, ", holds the watermark");
    weir_buffer_append_char(out, '\n');
}

static void text_watermarks(const struct weir_job *job, struct weir_buffer *out)
{
    int64_t now_ns = now_of(job);
    for (uint32_t i = 0; i < job->sources_count; i++) {
        weir_plan_print_node_watermark(job->sources[i].node, out);
        weir_buffer_append_char(out, '\n');
        for (uint32_t k = 0; k < job->sources[i].splits_count; k++)
            text_split(&job->sources[i], k, now_ns, out);
    }
    weir_job_report_late(job, "late: ", out);
}

static void text_state(const struct weir_job *job, struct weir_buffer *out)
{
    bool any = false;
    for (uint32_t i = 0; i < job->pipeline.stages_count; i++) {
        const struct weir_stage *stage = &job->pipeline.stages[i];
        if (!stage->type || !weir_plan_keeps_state(stage->node))
            continue;
        any = true;
        weir_plan_print_node_state(job->plan, stage->node, out);
        if (stage->type->state_rows)
            weir_buffer_printf(out, "; %" PRIu64 " rows now",
                               stage->type->state_rows(stage->state));
        weir_buffer_printf(out, "; %" PRIu64 " bytes at most\n", stage->budget.peak_bytes);
    }
    if (!any)
        weir_buffer_append_string(out, "no operator keeps state\n");
}

void weir_job_report_text(const struct weir_job *job, enum weir_plan_report part,
                          struct weir_buffer *out)
{
    if (part != WEIR_REPORT_STATE)
        text_watermarks(job, out);
    if (part != WEIR_REPORT_WATERMARK)
        text_state(job, out);
}

/* ---- JSON ---- */

static void json_time(const char *name, struct weir_event_time time, struct weir_buffer *out)
{
    char text[WEIR_TIMESTAMP_SIZE];
    weir_buffer_printf(out, ",\"%s\":", name);
    if (!is_known(time)) {
        weir_buffer_append_string(out, "null");
        return;
    }
    size_t size = weir_timestamp_print(text, time.us, WEIR_TIMESTAMP_ISO);
    weir_plan_json_string(weir_slice_make(text, size), out);
}

static void json_count(const char *name, uint64_t count, struct weir_buffer *out)
{
    weir_buffer_printf(out, ",\"%s\":%" PRIu64, name, count);
}

static void json_split(const struct weir_source_driver *source, uint32_t index, int64_t now_ns,
                       struct weir_buffer *out)
{
    const struct weir_split_state *split = &source->states[index];
    uint64_t left = bytes_left(source, index);
    weir_buffer_append_string(out, index ? ",{\"split\":" : "{\"split\":");
    weir_plan_json_string(weir_slice_from_string(source->splits[index].name), out);
    json_count("rows", split->rows_count, out);
    if (source->time_program) {
        json_time("last_event_time", split->last_event_time, out);
        json_time("watermark", split->watermark, out);
    }
    weir_buffer_printf(
        out, ",\"ended\":%s,\"idle\":%s,\"holds\":%s", split->ended ? "true" : "false",
        !split->ended && weir_source_split_is_idle(source, split, now_ns) ? "true" : "false",
        holding_split(source, now_ns) == index ? "true" : "false");
    if (!split->ended && left != UINT64_MAX)
        json_count("bytes_left", left, out);
    weir_buffer_append_char(out, '}');
}

static void json_sources(const struct weir_job *job, struct weir_buffer *out)
{
    int64_t now_ns = now_of(job);
    weir_buffer_append_string(out, "\"sources\":[");
    for (uint32_t i = 0; i < job->sources_count; i++) {
        const struct weir_source_driver *source = &job->sources[i];
        weir_buffer_append_string(out, i ? ",{\"table\":" : "{\"table\":");
        weir_plan_json_string(source->scan->table->name, out);
        weir_buffer_append_string(out, ",\"splits\":[");
        for (uint32_t k = 0; k < source->splits_count; k++)
            json_split(source, k, now_ns, out);
        weir_buffer_append_string(out, "]}");
    }
    weir_buffer_append_char(out, ']');
}

static void json_operator(const struct weir_stage *stage, bool first, struct weir_buffer *out)
{
    weir_buffer_printf(out, "%s{\"operator\":", first ? "" : ",");
    weir_plan_json_string(weir_slice_from_string(stage->name), out);
}

static void json_text(const char *name,
                      void (*print)(const struct weir_plan_node *node, struct weir_buffer *out),
                      const struct weir_plan_node *node, struct weir_buffer *out)
{
    struct weir_buffer text;
    weir_buffer_init(&text, NULL);
    print(node, &text);
    weir_buffer_printf(out, ",\"%s\":", name);
    weir_plan_json_string(weir_buffer_slice(&text), out);
    out->failed |= text.failed;
    weir_buffer_deinit(&text);
}

struct late_json {
    bool any;
    struct weir_buffer *out;
};

static void json_late_entry(const struct weir_job *job, const struct late_entry *entry,
                            void *context)
{
    struct late_json *json = context;
    const struct weir_late_rows *late = &entry->rows;
    struct weir_buffer *out = json->out;
    json_operator(entry->stage, !json->any, out);
    json->any = true;
    json_text("window", weir_plan_print_node_window, entry->stage->node, out);
    weir_buffer_append_string(out, ",\"tables\":[");
    if (entry->table)
        weir_plan_json_string(entry->table->name, out);
    else
        list_tables(entry->stage->node, job->plan, print_quoted, out);
    weir_buffer_append_char(out, ']');
    json_count("rows", late->count, out);
    json_count("delay_us", (uint64_t)late->delay_us, out);
    json_time("first", (struct weir_event_time){late->first_us}, out);
    json_time("last", (struct weir_event_time){late->last_us}, out);
    weir_buffer_append_char(out, '}');
}

static void json_late(const struct weir_job *job, struct weir_buffer *out)
{
    struct late_json json = {false, out};
    weir_buffer_append_string(out, ",\"late\":[");
    each_late(job, &json, json_late_entry);
    weir_buffer_append_char(out, ']');
}

static void json_state(const struct weir_job *job, struct weir_buffer *out)
{
    bool first = true;
    weir_buffer_append_string(out, "\"state\":[");
    for (uint32_t i = 0; i < job->pipeline.stages_count; i++) {
        const struct weir_stage *stage = &job->pipeline.stages[i];
        if (!stage->type || !weir_plan_keeps_state(stage->node))
            continue;
        const char *bound = weir_plan_node_bound(job->plan, stage->node);
        json_operator(stage, first, out);
        json_text("keys", weir_plan_print_node_keys, stage->node, out);
        weir_buffer_append_string(out, ",\"bound\":");
        weir_plan_json_string(weir_slice_from_string(*bound ? bound : "none"), out);
        if (stage->type->state_rows)
            json_count("rows", stage->type->state_rows(stage->state), out);
        json_count("bytes", stage->budget.used_bytes, out);
        json_count("bytes_most", stage->budget.peak_bytes, out);
        weir_buffer_append_char(out, '}');
        first = false;
    }
    weir_buffer_append_char(out, ']');
}

static void json_totals(const struct weir_job *job, struct weir_buffer *out)
{
    struct weir_job_stats stats;
    weir_job_stats(job, &stats);
    weir_buffer_printf(out, "\"rows_in\":%" PRIu64, stats.rows_in);
    json_count("rows_out", stats.rows_out, out);
    json_count("bytes_in", stats.bytes_in, out);
    json_count("bad_records", stats.bad_records, out);
    json_count("late_rows", stats.late_rows, out);
    json_count("future_rows", stats.future_rows, out);
    json_count("unmatched_changes", stats.unmatched_changes, out);
    json_count("expired_rows", stats.expired_rows, out);
    json_count("nulled", stats.nulled_count, out);
    json_count("elapsed_us", (uint64_t)stats.elapsed_ns / 1000, out);
    weir_buffer_append_char(out, ',');
}

void weir_job_report_json(const struct weir_job *job, enum weir_plan_report part,
                          struct weir_buffer *out)
{
    weir_buffer_append_char(out, '{');
    if (part == WEIR_REPORT_ALL)
        json_totals(job, out);
    if (part != WEIR_REPORT_STATE) {
        json_sources(job, out);
        json_late(job, out);
    }
    if (part == WEIR_REPORT_ALL)
        weir_buffer_append_char(out, ',');
    if (part != WEIR_REPORT_WATERMARK)
        json_state(job, out);
    weir_buffer_append_string(out, "}\n");
}
