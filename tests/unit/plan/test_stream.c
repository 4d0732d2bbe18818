/* Modes, windows and changes: what `weir run` plans over streams. */
#include "plan_test.h"

static void windows(void)
{
    EXPECT_RUN("SELECT tumble(INTERVAL '10 seconds') AS window, k, count(*) FROM events "
               "GROUP BY window, k",
               "SINK result\n"
               "  AGGREGATE by k: count(*); tumble 10 seconds of event time; emit on close\n"
               "    SCAN events (stream, json): k; decode k, ts; event time ts; watermark ts - 1 "
               "second\n");
    EXPECT_RUN("SELECT tumble(ts, INTERVAL '10 seconds') AS w, w.start, count(*) FROM events "
               "GROUP BY 1",
               "SINK result\n"
               "  COMPUTE window AS w, (window).start AS start, count(*) AS count\n"
               "    AGGREGATE count(*); tumble 10 seconds of event time; emit on close\n"
               "      SCAN events (stream, json): no columns; decode ts; event time ts; watermark "
               "ts - 1 second\n");
    EXPECT_RUN(
        "SELECT w.start, c FROM (SELECT tumble(INTERVAL '1 week') AS w, count(*) c FROM events"
        " GROUP BY 1)",
        "SINK result\n"
        "  COMPUTE (w).start AS start, c\n"
        "    AGGREGATE count(*); tumble 7 days offset 4 days of event time; emit on close\n"
        "      SCAN events (stream, json): no columns; decode ts; event time ts; watermark "
        "ts - 1 second\n");
    EXPECT_RUN("SELECT tumble(INTERVAL '1 minute') w, sum(c) FROM (SELECT tumble(INTERVAL "
               "'10 seconds') AS x, count(*) c FROM events GROUP BY x) GROUP BY w",
               "SINK result\n"
               "  AGGREGATE sum(c); tumble 1 minute of event time; emit on close\n"
               "    AGGREGATE count(*); tumble 10 seconds of event time; emit on close\n"
               "      SCAN events (stream, json): no columns; decode ts; event time ts; watermark "
               "ts - 1 second\n");
}

static void window_columns(void)
{
    EXPECT_RUN(
        "SELECT window_start, window_end, sum(v) FROM TUMBLE(TABLE events, DESCRIPTOR(ts), "
        "INTERVAL '1 minute') GROUP BY window_start, window_end",
        "SINK result\n"
        "  COMPUTE (window).start AS window_start, (window).end AS window_end, sum(v) AS sum\n"
        "    AGGREGATE sum(v); tumble 1 minute of event time; emit on close\n"
        "      SCAN events (stream, json): v; decode v, ts; event time ts; watermark ts - 1 "
        "second\n");
    /* Not the attribute: rows are expanded, the groups are updated. */
    EXPECT_RUN("SELECT window_start, sum(v) FROM TUMBLE(events, other, INTERVAL '1 minute') "
               "GROUP BY window_start",
               "SINK result; changelog\n"
               "  AGGREGATE by window_start: sum(v); emit changes\n"
               "    COMPUTE v, window_start(other, '00:01:00'::INTERVAL, '00:00:00'::INTERVAL) AS "
               "window_start\n"
               "      SCAN events (stream, json): v, other\n");
    EXPECT_RUN("SELECT tumble(other, INTERVAL '1 month') AS w, count(*) FROM events GROUP BY w",
               "SINK result; changelog\n"
               "  AGGREGATE count(*); tumble 1 month of other; emit changes\n"
               "    SCAN events (stream, json): other\n");
    /* Grouped again by the same window. */
    EXPECT_RUN("SELECT e, max(s) FROM (SELECT window_start, window_end e, sum(v) s FROM "
               "TUMBLE(events, ts, INTERVAL '1 minute') GROUP BY window_start, window_end, k) "
               "GROUP BY e",
               "SINK result\n"
               "  COMPUTE (window).end AS e, max(s) AS max\n"
               "    AGGREGATE max(s); tumble 1 minute of event time; emit on close\n"
               "      COMPUTE sum(v) AS s\n"
               "        AGGREGATE by k: sum(v); tumble 1 minute of event time; emit on close\n"
               "          SCAN events (stream, json): k, v; decode k, v, ts; event time ts; "
               "watermark ts - 1 second\n");
}

static void changes(void)
{
    EXPECT_RUN("SELECT k, count(*) FROM events GROUP BY k",
               "SINK result; changelog\n"
               "  AGGREGATE by k: count(*); emit changes\n"
               "    SCAN events (stream, json): k\n");
    EXPECT_RUN("SELECT DISTINCT k FROM events", "SINK result\n"
                                                "  AGGREGATE by k; emit changes\n"
                                                "    SCAN events (stream, json): k\n");
    EXPECT_RUN("SELECT k, count(*) FROM events GROUP BY k EMIT EVERY INTERVAL '1 second'",
               "SINK result; changelog\n"
               "  AGGREGATE by k: count(*); emit every 1 second\n"
               "    SCAN events (stream, json): k\n");
    EXPECT_RUN("SELECT tumble(INTERVAL '1 minute') w, count(*) FROM events GROUP BY w EMIT CHANGES",
               "SINK result; changelog\n"
               "  NET by w\n" /* watermarks cut a step into several changes of a window */
               "    AGGREGATE count(*); tumble 1 minute of event time; emit changes\n"
               "      SCAN events (stream, json): no columns; decode ts; event time ts; watermark "
               "ts - 1 second\n");
    /* Below ORDER BY and LIMIT over bounded inputs only the final answer counts. */
    EXPECT_RUN("SELECT customer, count(*) FROM orders GROUP BY 1 ORDER BY 2",
               "SINK result\n"
               "  SORT count\n"
               "    AGGREGATE by customer: count(*); emit final\n"
               "      SCAN orders (file, json): customer\n");
    EXPECT_RUN("SELECT customer, count(*) FROM orders GROUP BY 1 LIMIT 5",
               "SINK result\n"
               "  LIMIT limit 5\n"
               "    AGGREGATE by customer: count(*); emit final\n"
               "      SCAN orders (file, json): customer\n");
}

static void sql_mode(void)
{
    EXPECT_SQL("SELECT tumble(INTERVAL '1 hour') w, count(*) FROM orders GROUP BY w",
               "SINK result\n"
               "  AGGREGATE count(*); tumble 1 hour of event time; emit final\n"
               "    SCAN orders (file, json): no columns; decode at; event time at; watermark at - "
               "1 second\n");
    /* Over inputs that do not end, as weir run. */
    EXPECT_SQL("SELECT k, count(*) FROM events GROUP BY k",
               "SINK result; changelog\n"
               "  AGGREGATE by k: count(*); emit changes\n"
               "    SCAN events (stream, json): k\n");
}

/* Rows that are taken back, or come when others do, have no event time. */
static void windows_that_stay_open(void)
{
    EXPECT_RUN(
        "SELECT tumble(INTERVAL '10 seconds'), count(*) FROM (SELECT ts FROM events WHERE k IN "
        "(SELECT k FROM events)) GROUP BY 1",
        "SINK result; changelog\n"
        "  NET by tumble\n"
        "    AGGREGATE count(*); tumble 10 seconds of ts; emit changes\n"
        "      COMPUTE ts\n"
        "        JOIN semi on k = k\n"
        "          SCAN #0 events (stream, json): k, ts; event time ts; watermark ts - 1 "
        "second\n"
        "          SCAN see #0\n");
    EXPECT_RUN(
        "SELECT tumble(INTERVAL '10 seconds'), count(*) FROM (SELECT k FROM events WHERE k IN "
        "(SELECT k FROM events)) GROUP BY 1",
        "1:119+1 NO_EVENT_TIME the window has no event time to divide: its input is an "
        "updating result (name a column: tumble(column, width))\n");
    EXPECT_RUN(
        "SELECT session(INTERVAL '10 seconds'), count(*) FROM (SELECT ts FROM events WHERE k "
        "IN (SELECT k FROM events)) GROUP BY 1",
        "SINK result; changelog\n"
        "  NET by session\n"
        "    AGGREGATE count(*); session 10 seconds of ts; emit changes\n"
        "      COMPUTE ts\n"
        "        JOIN semi on k = k\n"
        "          SCAN #0 events (stream, json): k, ts; event time ts; watermark ts - 1 "
        "second\n"
        "          SCAN see #0\n");
}

static void refusals(void)
{
    EXPECT_RUN("SELECT k FROM events ORDER BY k",
               "1:31+1 UNBOUNDED_SORT ORDER BY over inputs that do not end\n");
    EXPECT_RUN("SELECT k FROM events ORDER BY k LIMIT 5",
               "SINK result; changelog\n"
               "  OVER row_number(); order k; first 5; emit changes\n"
               "    SCAN events (stream, json): k\n");
    EXPECT_RUN("SELECT k, count(*) FROM events GROUP BY k LIMIT 5",
               "SINK result; changelog\n"
               "  OVER row_number(); first 5; emit changes\n"
               "    AGGREGATE by k: count(*); emit changes\n"
               "      SCAN events (stream, json): k\n");
    EXPECT_RUN("INSERT INTO sink SELECT k, count(*) FROM events GROUP BY k",
               "1:13+4 APPEND_ONLY_SINK the result is updated as it grows, but \"sink\" only takes "
               "new rows (aggregate by a window of the event time, or let the sink write changes: "
               "format = 'debezium_json', changelog = 'op-column', or a PRIMARY KEY)\n");
    EXPECT_RUN("INSERT INTO updates SELECT k, count(*) FROM events GROUP BY k EMIT ON WINDOW CLOSE",
               "1:61+1 NO_EVENT_TIME EMIT ON WINDOW CLOSE needs a window over the event time\n");
    EXPECT_RUN(
        "SELECT tumble(INTERVAL '1 minute') w, sum(c) FROM (SELECT k, count(*) c FROM events "
        "GROUP BY 1) GROUP BY w",
        "1:8+6 NO_EVENT_TIME a window without a time column needs an event time, and FROM has "
        "none\n");
    EXPECT_RUN("SELECT tumble(INTERVAL '10 seconds') AS w FROM events",
               "1:8+6 MISPLACED_WINDOW a window over the event time must be a grouping expression "
               "(add GROUP BY 1)\n");
    EXPECT_RUN("SELECT tumble(INTERVAL '0 seconds') FROM events GROUP BY 1",
               "1:15+8 BAD_LITERAL the width of a window must be more than nothing (write it as "
               "INTERVAL '10 seconds')\n");
    EXPECT_RUN("SELECT tumble(v, INTERVAL '1 s') FROM events GROUP BY 1",
               "1:15+1 TYPE_MISMATCH a window needs a TIMESTAMP to divide, this is INTEGER\n");
    EXPECT_RUN(
        "SELECT hop(INTERVAL '1 s', INTERVAL '2 s') w FROM events GROUP BY 1",
        "SINK result\n"
        "  AGGREGATE hop 2 seconds by 1 second of event time; emit on close\n"
        "    SCAN events (stream, json): no columns; decode ts; event time ts; watermark ts - 1 "
        "second\n");
    EXPECT_RUN(
        "SELECT k FROM events WHERE tumble(INTERVAL '1 s') IS NULL",
        "1:28+6 MISPLACED_WINDOW a window cannot stand in WHERE (group by it; a query around that "
        "one can filter by its bounds)\n");
    /* By a bound that says which window it is: by the window. */
    EXPECT_RUN("SELECT hop(INTERVAL '1 s', INTERVAL '2 s').end w FROM events GROUP BY 1",
               "SINK result\n"
               "  COMPUTE (window).end AS w\n"
               "    AGGREGATE hop 2 seconds by 1 second of event time; emit on close\n"
               "      SCAN events (stream, json): no columns; decode ts; event time ts; watermark "
               "ts - 1 second\n");
    EXPECT_RUN(
        "SELECT count(*) FROM events GROUP BY cumulate(INTERVAL '1 s', INTERVAL '2 s').start",
        "1:79+5 MISPLACED_WINDOW a window over the event time is grouped by as a whole (compute "
        "from it in the select list, or in a query around this one)\n");
    EXPECT_RUN("SELECT count(*) FROM events "
               "GROUP BY date_trunc('day', tumble(INTERVAL '1 minute').start)",
               "1:38+10 MISPLACED_WINDOW a window over the event time is grouped by as a whole "
               "(compute from it in the select list, or in a query around this one)\n");
    EXPECT_RUN(
        "SELECT k FROM events ORDER BY tumble(INTERVAL '1 minute')",
        "1:31+6 MISPLACED_WINDOW a window over the event time must be a grouping expression\n");
    EXPECT_RUN(
        "SELECT DISTINCT ON (session(INTERVAL '1 minute')) k FROM events",
        "1:21+7 MISPLACED_WINDOW a window over the event time must be a grouping expression\n");
    EXPECT_RUN(
        "SELECT rank() OVER (PARTITION BY tumble(INTERVAL '1 minute') ORDER BY k) FROM events",
        "1:34+6 MISPLACED_WINDOW a window over the event time must be a grouping expression\n");
    EXPECT_RUN(
        "SELECT k FROM events QUALIFY rank() OVER (ORDER BY tumble(INTERVAL '1 minute')) = 1",
        "1:52+6 MISPLACED_WINDOW a window over the event time must be a grouping expression\n");
    EXPECT_RUN("SELECT random(), count(*) FROM events GROUP BY k",
               "1:8+6 VOLATILE_CHANGELOG a volatile function over an updating input gives another "
               "value when a row is taken back\n");
}

static void explain_forms(void)
{
    EXPECT_RUN("EXPLAIN WATERMARK SELECT tumble(INTERVAL '10 seconds'), count(*) FROM events "
               "GROUP BY 1",
               "events (stream, json): event time ts, watermark ts - 1 second, idle after 30 "
               "seconds, cut every 10 seconds\n");
    EXPECT_RUN(
        "EXPLAIN STATE SELECT tumble(INTERVAL '10 seconds'), k, count(*) FROM events "
        "GROUP BY 1, 2",
        "AGGREGATE #1 by k, tumble 10 seconds of event time: freed when the watermark passes "
        "the window's end\n");
    EXPECT_RUN("EXPLAIN STATE SELECT k, count(*) FROM events GROUP BY k",
               "AGGREGATE #1 by k: unbounded: one row per distinct key\n");
    EXPECT_RUN(
        "SET updating_ttl = '1 day'; EXPLAIN STATE SELECT k, count(*) FROM events GROUP BY k",
        "AGGREGATE #1 by k: keys silent for 1 day are forgotten\n");
    EXPECT_RUN("EXPLAIN STATE SELECT k FROM events", "no operator keeps state\n");
}

static void panes(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_RUN);
    planning_run(&p, tables_sql);
    planning_run(&p, "SELECT tumble(INTERVAL '10 seconds') w, count(*) FROM events GROUP BY w;"
                     "SELECT tumble(INTERVAL '15 seconds') w, count(*) FROM events GROUP BY w");
    EXPECT(p.ok);
    /* One scan for both; its batches are cut at every border of either window. */
    EXPECT_INT(p.planned.plan->nodes[0]->kind, WEIR_PLAN_SCAN);
    EXPECT_INT(p.planned.plan->nodes[0]->consumers_count, 2);
    EXPECT_INT(p.planned.plan->nodes[0]->of.scan.pane_us, 5000000);
    planning_end(&p);
}

/* The hidden event time goes through projections, filters and UNION, pruned or not. */
static void event_time_travels(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_RUN);
    planning_run(&p, tables_sql);
    planning_run(&p, "SELECT tumble(INTERVAL '1 minute') w, n, count(*) FROM (SELECT v AS n FROM "
                     "events WHERE k = 'a' UNION ALL SELECT amount FROM orders) GROUP BY w, n;"
                     "SELECT k, v, other FROM events; SELECT amount, id FROM orders");
    EXPECT(p.ok && p.planned.plan);
    for (uint32_t i = 0; p.planned.plan && i < p.planned.plan->nodes_count; i++) {
        const struct weir_plan_node *node = p.planned.plan->nodes[i];
        if (node->kind != WEIR_PLAN_AGGREGATE)
            continue;
        EXPECT_INT(node->of.aggregate.emit, WEIR_EMIT_ON_CLOSE);
        const struct weir_plan_node *input = node->inputs[0];
        EXPECT_INT(input->kind, WEIR_PLAN_UNION);
        EXPECT(input->has_event_time);
        EXPECT(input->inputs[0]->has_event_time && input->inputs[1]->has_event_time);
    }
    planning_end(&p);
}

static void notes(void)
{
    struct planning p;
    planning_begin(&p, WEIR_PLAN_MODE_RUN);
    planning_run(&p, tables_sql);
    planning_run(&p, "INSERT INTO updates SELECT k, count(*) FROM events GROUP BY k;"
                     "INSERT INTO sink SELECT k, v FROM events");
    EXPECT_SLICE(weir_buffer_slice(&p.notes),
                 "warning: unbounded state: AGGREGATE #1 keeps one row per distinct k; SET "
                 "updating_ttl bounds it\n"
                 "sink \"updates\": changelog, at least once\n"
                 "sink \"sink\": append, exactly once (idempotent)\n");
    planning_end(&p);
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        TEST_CASE(windows),       TEST_CASE(window_columns),
        TEST_CASE(changes),       TEST_CASE(windows_that_stay_open),
        TEST_CASE(sql_mode),      TEST_CASE(refusals),
        TEST_CASE(explain_forms), TEST_CASE(panes),
        TEST_CASE(notes),         TEST_CASE(event_time_travels),
    };
    return test_main(argc, argv, cases, sizeof cases / sizeof *cases);
}
