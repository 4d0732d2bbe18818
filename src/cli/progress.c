/* Progress line and end report; see progress.h. */
#include "cli/progress.h"

#include "value/interval.h"
#include "value/timestamp.h"

#include <stdio.h>

enum { SHOW_AFTER_NS = 500 * 1000 * 1000 };

void weir_progress_init(struct weir_progress *progress, struct weir_cli *cli, const char *when)
{
    bool terminal = cli->sys->file_is_terminal(cli->err);
    *progress = (struct weir_progress){.cli = cli, .enabled = terminal};
    if (when && strcmp(when, "always") == 0)
        progress->enabled = true;
    if (when && strcmp(when, "never") == 0)
        progress->enabled = false;
    progress->tells_holder = when && strcmp(when, "watermark") == 0;
    progress->enabled |= progress->tells_holder;
}

static void print_count(char *out, size_t size, double value)
{
    static const char *const suffixes[] = {"", " K", " M", " G", " T"};
    size_t i = 0;
    while (value >= 10000 && i + 1 < WEIR_COUNT_OF(suffixes)) {
        value /= 1000;
        i++;
    }
    (void)snprintf(out, size, value < 100 && i ? "%.1f%s" : "%.0f%s", value, suffixes[i]);
}

static void measure_rate(struct weir_progress *progress, const struct weir_job_stats *stats)
{
    int64_t span_ns = stats->elapsed_ns - progress->last_ns;
    if (span_ns < 1)
        return;
    double rate = (double)(stats->rows_in - progress->last_rows) / (double)span_ns * 1e9;
    progress->rows_per_second =
        progress->last_ns ? progress->rows_per_second * 0.7 + rate * 0.3 : rate;
    progress->last_rows = stats->rows_in;
    progress->last_ns = stats->elapsed_ns;
}

/* "  held by a.csv, last event 2024-05-01 10:00:07, 4096 bytes left" */
static void tell_holder(const struct weir_job_stats *stats, char *out, size_t size)
{
    char event[WEIR_TIMESTAMP_SIZE + 16] = "", left[48] = "";
    if (!stats->held_by)
        return;
    if (stats->held_event_time.us > WEIR_EVENT_TIME_MIN.us &&
        stats->held_event_time.us < WEIR_EVENT_TIME_MAX.us) {
        char text[WEIR_TIMESTAMP_SIZE];
        size_t length =
            weir_timestamp_print(text, stats->held_event_time.us, WEIR_TIMESTAMP_POSTGRES);
        (void)snprintf(event, sizeof event, ", last event %.*s", (int)length, text);
    }
    if (stats->held_bytes_left != UINT64_MAX)
        (void)snprintf(left, sizeof left, ", %llu bytes left",
                       (unsigned long long)stats->held_bytes_left);
    (void)snprintf(out, size, "  held by %s%s%s", stats->held_by, event, left);
}

void weir_progress_show(void *context, const struct weir_job_stats *stats)
{
    struct weir_progress *progress = context;
    char in[32], out[32], rate[32], done[16] = "", state[48] = "", watermark[64] = "";
    char holder[512] = "";
    measure_rate(progress, stats);
    if (!progress->enabled || stats->elapsed_ns < SHOW_AFTER_NS)
        return;
    print_count(in, sizeof in, (double)stats->rows_in);
    print_count(out, sizeof out, (double)stats->rows_out);
    print_count(rate, sizeof rate, progress->rows_per_second);
    if (stats->bytes_total_hint && stats->bytes_left_hint <= stats->bytes_total_hint)
        (void)snprintf(done, sizeof done, "%3.0f %%  ",
                       100.0 - 100.0 * (double)stats->bytes_left_hint /
                                   (double)stats->bytes_total_hint);
    if (stats->state_rows)
        (void)snprintf(state, sizeof state, "  state %llu rows",
                       (unsigned long long)stats->state_rows);
    if (stats->watermark.us > WEIR_EVENT_TIME_MIN.us &&
        stats->watermark.us < WEIR_EVENT_TIME_MAX.us) {
        char text[WEIR_TIMESTAMP_SIZE];
        size_t size = weir_timestamp_print(text, stats->watermark.us, WEIR_TIMESTAMP_POSTGRES);
        (void)snprintf(watermark, sizeof watermark, "  watermark %.*s", (int)size, text);
    }
    if (progress->tells_holder)
        tell_holder(stats, holder, sizeof holder);
    if (stats->rows_in)
        weir_cli_message(progress->cli, "\r\033[K%s%s rows in, %s out, %s rows/s%s%s%s", done, in,
                         out, rate, state, watermark, holder);
    else
        weir_cli_message(progress->cli, "\r\033[K%.1f s, %s rows out%s",
                         (double)stats->elapsed_ns / 1e9, out, state);
    progress->shown = true;
}

void weir_progress_clear(struct weir_progress *progress)
{
    if (progress->shown)
        weir_cli_message(progress->cli, "\r\033[K");
    progress->shown = false;
}

static void report_late_rows(struct weir_cli *cli, const struct weir_job_stats *stats)
{
    char delay[WEIR_INTERVAL_SIZE];
    bool one = stats->late_rows == 1;
    if (!stats->late_rows)
        return;
    weir_cli_message(cli, "weir: %llu row%s too late for %s window",
                     (unsigned long long)stats->late_rows, one ? " was" : "s were",
                     one ? "its" : "their");
    if (stats->late_delay_us > 0) {
        struct weir_interval interval = {.us = stats->late_delay_us};
        size_t size = weir_interval_print(delay, interval);
        weir_cli_message(cli, "; a watermark later by %.*s would have kept %s", (int)size, delay,
                         one ? "it" : "all");
    }
    weir_cli_message(cli, "\n");
}

void weir_progress_report(struct weir_progress *progress, const struct weir_job_stats *stats,
                          struct weir_slice late, bool verbose)
{
    struct weir_cli *cli = progress->cli;
    weir_progress_clear(progress);
    if (stats->bad_records)
        weir_cli_message(cli, "weir: %llu bad record%s dropped\n",
                         (unsigned long long)stats->bad_records,
                         stats->bad_records == 1 ? " was" : "s were");
    report_late_rows(cli, stats);
    if (stats->late_rows && late.size)
        (void)!weir_file_write(cli->err, late.data, late.size, NULL);
    if (stats->future_rows)
        weir_cli_message(
            cli,
            "weir: %llu row%s further ahead of the clock than max_future and moved no watermark\n",
            (unsigned long long)stats->future_rows, stats->future_rows == 1 ? " was" : "s were");
    if (stats->unmatched_changes)
        weir_cli_message(cli, "weir: %llu change%s of rows that were not there\n",
                         (unsigned long long)stats->unmatched_changes,
                         stats->unmatched_changes == 1 ? "" : "s");
    if (stats->expired_rows)
        weir_cli_message(cli, "weir: %llu row%s of state forgotten (updating_ttl)\n",
                         (unsigned long long)stats->expired_rows,
                         stats->expired_rows == 1 ? "" : "s");
    if (stats->unanswered_keys)
        weir_cli_message(cli, "weir: %llu key%s looked up without an answer\n",
                         (unsigned long long)stats->unanswered_keys,
                         stats->unanswered_keys == 1 ? "" : "s");
    if (stats->nulled_count)
        weir_cli_message(cli, "weir: %llu failing expression%s gave NULL (on_error = 'null')\n",
                         (unsigned long long)stats->nulled_count,
                         stats->nulled_count == 1 ? "" : "s");
    if (!verbose)
        return;
    double seconds = (double)stats->elapsed_ns / 1e9;
    weir_cli_message(cli, "weir: %llu rows in, %llu rows out, %llu bytes read, %.3f s, %.0f rows/s",
                     (unsigned long long)stats->rows_in, (unsigned long long)stats->rows_out,
                     (unsigned long long)stats->bytes_in, seconds,
                     seconds > 0 ? (double)stats->rows_in / seconds : 0.0);
    if (stats->fast_records + stats->strict_records)
        weir_cli_message(cli, ", %.2f %% of records on the fast path",
                         100.0 * (double)stats->fast_records /
                             (double)(stats->fast_records + stats->strict_records));
    weir_cli_message(cli, "\n");
}
