/* Printing rows; see results.h. */
#include "cli/results.h"

#include "format/format.h"
#include "value/utf8.h"

#include <stdio.h>

enum { FLUSH_SIZE = 64 << 10, FLUSH_INTERVAL_NS = 100 * 1000 * 1000, TERMINAL_CELL_WIDTH_MAX = 60 };

enum weir_status weir_results_format_parse(struct weir_cli *cli, const char *text,
                                           enum weir_results_format *out, struct weir_error *error)
{
    static const char *const names[] = {"table", "json", "csv"};
    if (!text) {
        *out = cli->sys->file_is_terminal(cli->out) ? WEIR_RESULTS_TABLE : WEIR_RESULTS_JSON;
        return WEIR_OK;
    }
    for (size_t i = 0; i < WEIR_COUNT_OF(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *out = (enum weir_results_format)i;
            return WEIR_OK;
        }
    }
    (void)weir_error_set(error, WEIR_E_USAGE, "no output format \"%s\"", text);
    weir_error_hint(error, "it is one of table, json, csv");
    return WEIR_E_USAGE;
}

/* ---- writing ---- */

void weir_results_undraw(struct weir_results *results)
{
    char text[32];
    weir_progress_clear(results->progress);
    if (results->drawn_lines) {
        int size = snprintf(text, sizeof text, "\033[%uA\033[J", results->drawn_lines);
        results->drawn_lines = 0;
        (void)!weir_cli_print(results->cli, weir_slice_make(text, (size_t)size), NULL);
    }
}

static void undraw(void *context)
{
    weir_results_undraw(context);
}

static enum weir_flow flush(struct weir_results *results, struct weir_error *error)
{
    if (results->buffer.failed) {
        (void)weir_error_set_out_of_memory(error);
        return WEIR_FLOW_FAILED;
    }
    weir_results_undraw(results);
    enum weir_status status =
        weir_cli_print(results->cli, weir_buffer_slice(&results->buffer), error);
    weir_buffer_clear(&results->buffer);
    results->last_flush_ns = results->cli->sys->monotonic_ns(results->cli->sys);
    return status == WEIR_OK ? WEIR_FLOW_OK : WEIR_FLOW_FAILED;
}

/* ---- tables ---- */

static bool is_number(const struct weir_results *results, uint32_t column)
{
    uint32_t field = column - (results->node->changelog ? 1 : 0);
    if (results->node->changelog && column == 0)
        return false;
    return weir_type_is_number(results->node->schema.fields[field].type);
}

static struct weir_slice column_name(const struct weir_results *results, uint32_t column)
{
    if (results->node->changelog) {
        if (column == 0)
            return weir_slice_from_string("_op");
        column--;
    }
    return results->node->schema.fields[column].name;
}

static void draw_cell(struct weir_results *results, struct weir_slice text, uint32_t column)
{
    struct weir_buffer *out = &results->buffer;
    size_t width = results->widths[column];
    size_t size = weir_utf8_count(text);
    bool last = column + 1 == results->columns_count;
    bool right = is_number(results, column);
    bool cut = results->is_terminal && size > TERMINAL_CELL_WIDTH_MAX;
    if (cut) {
        text = weir_utf8_prefix(text, TERMINAL_CELL_WIDTH_MAX - 1);
        size = TERMINAL_CELL_WIDTH_MAX;
    }
    size_t padding = size < width ? width - size : 0;
    weir_buffer_append_char(out, ' ');
    for (size_t i = 0; right && i < padding; i++)
        weir_buffer_append_char(out, ' ');
    weir_buffer_append_slice(out, text);
    if (cut)
        weir_buffer_append_string(out, "…");
    for (size_t i = 0; !right && !last && i < padding; i++)
        weir_buffer_append_char(out, ' ');
    weir_buffer_append_string(out, last ? "\n" : " │");
}

static void draw_header(struct weir_results *results)
{
    for (uint32_t c = 0; c < results->columns_count; c++)
        draw_cell(results, column_name(results, c), c);
    for (uint32_t c = 0; c < results->columns_count; c++) {
        for (uint32_t i = 0; i < results->widths[c] + 2; i++)
            weir_buffer_append_string(&results->buffer, "─");
        weir_buffer_append_string(&results->buffer, c + 1 == results->columns_count ? "\n" : "┼");
    }
    results->header_drawn = true;
}

static struct weir_slice cell(const struct weir_results *results, uint32_t index)
{
    const uint32_t *ends = (const uint32_t *)(const void *)results->cell_ends.data;
    uint32_t start = index ? ends[index - 1] : 0;
    return weir_slice_make(results->cells.data + start, ends[index] - start);
}

/* The widths of the pending rows; those of a preview only grow, so that it stands still. */
static void measure(struct weir_results *results, bool grow)
{
    for (uint32_t c = 0; c < results->columns_count; c++) {
        struct weir_slice name = column_name(results, c);
        size_t width = weir_utf8_count(name);
        if (grow && width < results->widths[c])
            width = results->widths[c];
        for (uint32_t r = 0; r < results->pending_rows; r++) {
            struct weir_slice text = cell(results, r * results->columns_count + c);
            size_t size = weir_utf8_count(text);
            width = size > width ? size : width;
        }
        if (results->is_terminal && width > TERMINAL_CELL_WIDTH_MAX)
            width = TERMINAL_CELL_WIDTH_MAX;
        results->widths[c] = (uint32_t)width;
    }
}

/* Draws the rows that are pending. */
static enum weir_flow draw(struct weir_results *results, struct weir_error *error)
{
    if (!results->header_drawn && results->columns_count) {
        measure(results, false);
        draw_header(results);
    }
    for (uint32_t r = 0; r < results->pending_rows; r++)
        for (uint32_t c = 0; c < results->columns_count; c++)
            draw_cell(results, cell(results, r * results->columns_count + c), c);
    results->pending_rows = 0;
    weir_buffer_clear(&results->cells);
    weir_buffer_clear(&results->cell_ends);
    return flush(results, error);
}

static void end_cell(struct weir_results *results)
{
    uint32_t end = (uint32_t)results->cells.size;
    weir_buffer_append(&results->cell_ends, &end, sizeof end);
}

/* Line feeds would break the frame. */
static void flatten_cell(struct weir_results *results, size_t start)
{
    for (size_t i = start; i < results->cells.size; i++)
        if ((unsigned char)results->cells.data[i] < 0x20)
            results->cells.data[i] = ' ';
}

static void add_row(struct weir_results *results, const struct weir_batch *batch, uint32_t lane,
                    int64_t weight)
{
    if (results->node->changelog) {
        weir_buffer_append_char(&results->cells, weight < 0 ? '-' : '+');
        end_cell(results);
    }
    for (uint32_t c = 0; c < results->node->schema.fields_count; c++) {
        size_t start = results->cells.size;
        weir_column_print(&batch->columns[c], lane, &results->text_options, &results->cells);
        flatten_cell(results, start);
        end_cell(results);
    }
    results->pending_rows++;
    results->rows_count++;
}

static enum weir_flow add_batch(struct weir_results *results, struct weir_batch *batch,
                                struct weir_error *error)
{
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        uint32_t lane = weir_batch_lane(batch, i);
        int64_t weight = weir_batch_weight(batch, lane);
        for (int64_t n = weight < 0 ? -weight : weight; n > 0; n--)
            add_row(results, batch, lane, weight);
        if (results->cells.failed || results->cell_ends.failed) {
            (void)weir_error_set_out_of_memory(error);
            return WEIR_FLOW_FAILED;
        }
        if (results->pending_rows >= WEIR_RESULTS_BLOCK_ROWS &&
            draw(results, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
    }
    return WEIR_FLOW_OK;
}

/* ---- the receiver ---- */

static void forget_rows(struct weir_results *results)
{
    results->pending_rows = 0;
    results->rows_count = 0;
    results->header_drawn = false;
    weir_buffer_clear(&results->cells);
    weir_buffer_clear(&results->cell_ends);
}

static enum weir_status begin_encoder(struct weir_results *results, struct weir_error *error)
{
    const char *name = results->format == WEIR_RESULTS_JSON ? "json" : "csv";
    results->encoder_format = weir_format_find(weir_slice_from_string(name));
    if (!results->encoder_format)
        return weir_error_set(error, WEIR_E_UNKNOWN_FORMAT, "no format \"%s\"", name);
    struct weir_encoder_config config = {.schema = &results->node->schema,
                                         .changelog = results->node->changelog};
    const struct weir_encoder_ops *ops = results->encoder_format->encoder;
    WEIR_TRY(ops->create(&config, &results->encoder, error));
    if (ops->begin)
        ops->begin(results->encoder, &results->buffer);
    return WEIR_OK;
}

static void end_encoder(struct weir_results *results)
{
    if (results->encoder)
        results->encoder_format->encoder->destroy(results->encoder);
    results->encoder = NULL;
}

/* Makes a SELECT the one whose rows come now. */
static enum weir_flow take_up(struct weir_results *results, uint32_t select,
                              struct weir_error *error)
{
    const struct weir_plan_node *node = results->selects[select].node;
    end_encoder(results);
    results->select = select;
    results->node = node;
    forget_rows(results);
    results->rows_count = results->selects[select].rows_count;
    results->columns_count = node->schema.fields_count + (node->changelog ? 1 : 0);
    weir_free(results->widths);
    results->widths = weir_calloc(results->columns_count + 1u, sizeof *results->widths);
    if (!results->widths) {
        (void)weir_error_set_out_of_memory(error);
        return WEIR_FLOW_FAILED;
    }
    return WEIR_FLOW_OK;
}

/* Rows of another SELECT of the job: what there is of the last one is shown first. */
static enum weir_flow switch_to(struct weir_results *results, uint32_t select,
                                struct weir_error *error)
{
    if (select == results->select)
        return WEIR_FLOW_OK;
    results->selects[results->select].rows_count = results->rows_count;
    bool drawn = results->format == WEIR_RESULTS_TABLE && results->pending_rows > 0;
    if (drawn && draw(results, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    if (flush(results, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    return take_up(results, select, error);
}

static enum weir_flow receive_begin(void *context, uint32_t select,
                                    const struct weir_plan_node *node, struct weir_error *error)
{
    struct weir_results *results = context;
    if (select >= results->selects_count) {
        size_t size = (select + 1u) * sizeof *results->selects;
        struct weir_results_select *grown = weir_realloc(results->selects, size);
        if (!grown) {
            (void)weir_error_set_out_of_memory(error);
            return WEIR_FLOW_FAILED;
        }
        results->selects = grown;
        results->selects_count = select + 1;
    }
    results->selects[select] = (struct weir_results_select){.node = node};
    results->progress->enabled |= results->line_waits;
    weir_buffer_clear(&results->buffer); /* of one that failed */
    results->last_flush_ns = results->cli->sys->monotonic_ns(results->cli->sys);
    results->text_options = (struct weir_text_options){.style = WEIR_TEXT_POSTGRES};
    return take_up(results, select, error);
}

static enum weir_flow receive_batch(void *context, uint32_t select, struct weir_batch *batch,
                                    struct weir_error *error)
{
    struct weir_results *results = context;
    if (switch_to(results, select, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    if (results->format == WEIR_RESULTS_TABLE)
        return add_batch(results, batch, error);
    if (!results->encoder && begin_encoder(results, error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    results->rows_count += batch->selected_count;
    if (results->encoder_format->encoder->encode(results->encoder, batch, &results->buffer,
                                                 error) != WEIR_OK)
        return WEIR_FLOW_FAILED;
    return results->buffer.size >= FLUSH_SIZE ? flush(results, error) : WEIR_FLOW_OK;
}

static enum weir_flow receive_end(void *context, uint32_t select, struct weir_error *error)
{
    struct weir_results *results = context;
    if (switch_to(results, select, error) == WEIR_FLOW_FAILED)
        return WEIR_FLOW_FAILED;
    bool untold = results->rows_count == 0; /* the names of its columns */
    if (results->format == WEIR_RESULTS_TABLE) {
        bool rest = untold || results->pending_rows > 0;
        if (rest && draw(results, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        weir_buffer_printf(&results->buffer, "(%llu row%s)\n",
                           (unsigned long long)results->rows_count,
                           results->rows_count == 1 ? "" : "s");
    } else if (untold && !results->encoder && begin_encoder(results, error) != WEIR_OK) {
        return WEIR_FLOW_FAILED;
    }
    return flush(results, error);
}

/* Rows are shown within a tenth of a second. (A table in a pipe, from weir sql, is not: its widths
 * must not depend on time.) */
static enum weir_status receive_step(void *context, struct weir_error *error)
{
    struct weir_results *results = context;
    uint64_t now_ns = results->cli->sys->monotonic_ns(results->cli->sys);
    bool soon = results->streaming || results->is_terminal;
    if (!soon || !results->node || now_ns - results->last_flush_ns < FLUSH_INTERVAL_NS)
        return WEIR_OK;
    bool table = results->format == WEIR_RESULTS_TABLE;
    if (table ? results->pending_rows == 0 : results->buffer.size == 0)
        return WEIR_OK;
    enum weir_flow flow = table ? draw(results, error) : flush(results, error);
    return flow == WEIR_FLOW_FAILED ? (error ? error->code : WEIR_E_IO) : WEIR_OK;
}

/* ---- previews ---- */

enum { HEADER_LINES = 2, SPARE_LINES = 4, PREVIEW_ROWS_MAX = 100 };

static bool preview_begin(void *context)
{
    struct weir_results *results = context;
    if (results->format != WEIR_RESULTS_TABLE)
        return false;
    uint32_t rows = results->cli->sys->terminal_size(results->cli->out).rows;
    uint32_t other = HEADER_LINES + SPARE_LINES;
    rows = rows > other ? rows - other : 1;
    results->preview_rows_max = rows < PREVIEW_ROWS_MAX ? rows : PREVIEW_ROWS_MAX;
    results->preview_cut = false;
    forget_rows(results);
    return true;
}

static enum weir_flow preview_batch(void *context, struct weir_batch *batch)
{
    struct weir_results *results = context;
    for (uint32_t i = 0; i < batch->selected_count; i++) {
        results->preview_cut = results->pending_rows == results->preview_rows_max;
        if (results->preview_cut)
            return WEIR_FLOW_DONE;
        add_row(results, batch, weir_batch_lane(batch, i), 1);
    }
    return WEIR_FLOW_OK;
}

/* Ends a drawn line of the buffer: what stood there before is wiped. */
static void wipe_line_ends(const struct weir_buffer *lines, struct weir_buffer *out,
                           uint32_t *count)
{
    size_t start = 0;
    *count = 0;
    for (size_t i = 0; i < lines->size; i++) {
        if (lines->data[i] != '\n')
            continue;
        weir_buffer_append(out, lines->data + start, i - start);
        weir_buffer_append_string(out, "\033[K\n");
        start = i + 1;
        ++*count;
    }
}

/* One write: over the lines of the one before, without wrapping, the rest of the screen wiped. */
static void preview_end(void *context)
{
    struct weir_results *results = context;
    struct weir_buffer *lines = &results->buffer, out;
    uint32_t count = 0;
    if (results->pending_rows) {
        measure(results, true);
        draw_header(results);
        for (uint32_t i = 0; i < results->pending_rows * results->columns_count; i++)
            draw_cell(results, cell(results, i), i % results->columns_count);
        weir_buffer_append_string(lines, results->preview_cut ? " …\n" : "\n");
        weir_buffer_init(&out, NULL);
        weir_progress_clear(results->progress);
        weir_buffer_append_string(&out, "\033[?7l");
        if (results->drawn_lines)
            weir_buffer_printf(&out, "\033[%uA", results->drawn_lines);
        wipe_line_ends(lines, &out, &count);
        weir_buffer_append_string(&out, "\033[J\033[?7h");
        if (!out.failed && !lines->failed &&
            weir_cli_print(results->cli, weir_buffer_slice(&out), NULL) == WEIR_OK)
            results->drawn_lines = count;
        weir_buffer_deinit(&out);
    }
    weir_buffer_clear(lines);
    forget_rows(results);
}

void weir_results_init(struct weir_results *results, struct weir_cli *cli,
                       enum weir_results_format format, bool streaming,
                       struct weir_progress *progress)
{
    *results = (struct weir_results){
        .receiver = {.begin = receive_begin,
                     .batch = receive_batch,
                     .end = receive_end,
                     .step = receive_step,
                     .context = results},
        .cli = cli,
        .format = format,
        .is_terminal = cli->sys->file_is_terminal(cli->out),
        .streaming = streaming,
        .progress = progress,
    };
    if (results->is_terminal) {
        results->receiver.preview_begin = preview_begin;
        results->receiver.preview_batch = preview_batch;
        results->receiver.preview_end = preview_end;
    }
    cli->undraw = undraw;
    cli->undraw_context = results;
    weir_buffer_init(&results->buffer, NULL);
    weir_buffer_init(&results->cells, NULL);
    weir_buffer_init(&results->cell_ends, NULL);
}

void weir_results_share_line(struct weir_results *results)
{
    results->line_waits = results->progress->enabled;
    results->progress->enabled = false;
}

void weir_results_deinit(struct weir_results *results)
{
    end_encoder(results);
    weir_free(results->widths);
    weir_free(results->selects);
    weir_buffer_deinit(&results->buffer);
    weir_buffer_deinit(&results->cells);
    weir_buffer_deinit(&results->cell_ends);
    results->cli->undraw = NULL;
}
