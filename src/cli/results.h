/* Rows for people and pipes: the receiver of bare SELECTs. Tables are drawn in blocks: the widths
 * come from the first rows, later ones follow as they arrive. JSON and CSV are written by the
 * formats of the same names.
 *
 * On a terminal the result of a query that still reads is shown as it is so far, drawn over and
 * over in place, as many rows as fit the screen; the real one replaces it. */
#ifndef WEIR_CLI_RESULTS_H
#define WEIR_CLI_RESULTS_H

#include "cli/cli.h"
#include "cli/progress.h"
#include "column/text.h"
#include "runtime/job.h"

enum weir_results_format { WEIR_RESULTS_TABLE, WEIR_RESULTS_JSON, WEIR_RESULTS_CSV };

enum { WEIR_RESULTS_BLOCK_ROWS = 1000 };

struct weir_results_select {
    const struct weir_plan_node *node;
    uint64_t rows_count;
};

struct weir_results {
    struct weir_result_receiver receiver;
    struct weir_cli *cli;
    enum weir_results_format format;
    bool is_terminal;
    bool streaming;                 /* weir run: rows may come for ever, show them soon */
    struct weir_progress *progress; /* cleared before rows are printed */
    bool line_waits;                /* the progress line, for a SELECT */
    /* All SELECTs of the job: their rows may come in turns. */
    struct weir_results_select *selects;
    uint32_t selects_count;
    /* of the SELECT whose rows come now */
    uint32_t select;
    const struct weir_plan_node *node;
    const struct weir_format *encoder_format;
    void *encoder;
    struct weir_buffer buffer;
    struct weir_text_options text_options;
    /* table: cells of rows not drawn yet, row by row; ends are offsets into cells */
    struct weir_buffer cells;
    struct weir_buffer cell_ends; /* uint32_t */
    uint32_t *widths;
    uint32_t columns_count; /* the _op column included */
    uint32_t pending_rows;
    uint64_t rows_count;
    uint32_t drawn_lines;      /* of a preview, to be drawn over */
    uint32_t preview_rows_max; /* that fit the screen */
    bool preview_cut;          /* there are more */
    bool header_drawn;
    uint64_t last_flush_ns;
};

/* Makes itself what cli undraws before messages. */
void weir_results_init(struct weir_results *results, struct weir_cli *cli,
                       enum weir_results_format format, bool streaming,
                       struct weir_progress *progress);
/* The progress line waits for a SELECT: other outputs may write to the terminal, too. */
void weir_results_share_line(struct weir_results *results);
/* Takes a preview and the progress line off the screen. */
void weir_results_undraw(struct weir_results *results);
void weir_results_deinit(struct weir_results *results);
/* "table", "json", "csv", or NULL: a table on a terminal, JSON lines in a pipe. */
WEIR_CHECKED enum weir_status weir_results_format_parse(struct weir_cli *cli, const char *text,
                                                        enum weir_results_format *out,
                                                        struct weir_error *error);

#endif
