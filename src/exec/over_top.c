/* Top-N over append input: what a step changed in all of its partitions at once, and what comes out
 * of partitions that close.
 *
 * Rows are never taken back, so a row is either of this step or it was within the limit before it
 * (O2), and what was shown follows from the same order as what is shown now:
 *
 *     a partition in order, limit 2      rank was   rank is     comes out
 *     900  of before                         1         1
 *     870  of this step                      -         2        + 870
 *     850  of before                         2         3        - 850, and is forgotten
 *
 * Equal rows stay in the order in which they came, so that a difference by rows is one by values.
 * Only the columns of ORDER BY are looked at, the others when these are equal; partitions with one
 * row need none.
 *
 * Memory: scratch. Tested by tests/suites/changes.py, windows.py, nexmark_queries.py. */
#include "exec/over_internal.h"
#include "exec/row_store.h"

struct candidates {
    uint32_t count;
    uint32_t *rows;   /* in the order in which they came, repeated by weight */
    bool *is_new;     /* of this step */
    uint32_t *starts; /* per partition, and count at the end */
    uint32_t partitions_count;
    bool is_closing; /* all comes out, whatever the rows are */
    uint32_t *refs;  /* positions in rows, sorted in each partition */
    struct weir_column *columns;
    bool has_all_columns; /* else those of ORDER BY */
};

struct changes {
    uint32_t count;
    uint32_t *rows;
    int64_t *ranks, *weights;
    uint32_t *forgotten; /* rows behind the limit */
    uint32_t forgotten_count;
};

struct comparison {
    const struct over *over;
    const struct candidates *candidates;
    bool *is_tied; /* set when the columns at hand did not decide */
};

enum { ROWS_AT_ONCE = 32 * WEIR_BATCH_ROWS_MAX };

bool over_top_applies(const struct over *over)
{
    if (!over->forgets)
        return false;
    enum weir_over_function function = over->plan->calls[0].function;
    return function == WEIR_OVER_ROW_NUMBER || function == WEIR_OVER_RANK ||
           function == WEIR_OVER_DENSE_RANK;
}

/* ---- candidates ---- */

static enum weir_status make_room(struct over *over, uint64_t total, uint32_t partitions,
                                  struct candidates *candidates, struct changes *changes,
                                  struct weir_error *error)
{
    struct weir_arena *arena = &over->scratch;
    if (total >= UINT32_MAX / 2)
        return weir_error_set(error, WEIR_E_LIMIT, "the partitions of a step have %llu rows",
                              (unsigned long long)total);
    candidates->rows = WEIR_ARENA_ARRAY(arena, uint32_t, total + 1);
    candidates->is_new = WEIR_ARENA_ARRAY(arena, bool, total + 1);
    candidates->refs = WEIR_ARENA_ARRAY(arena, uint32_t, total + 1);
    candidates->starts = WEIR_ARENA_ARRAY(arena, uint32_t, (size_t)partitions + 1);
    candidates->columns =
        WEIR_ARENA_ARRAY(arena, struct weir_column, over->input_schema->fields_count + 1);
    changes->rows = WEIR_ARENA_ARRAY(arena, uint32_t, 2 * total + 1);
    changes->ranks = WEIR_ARENA_ARRAY(arena, int64_t, 2 * total + 1);
    changes->weights = WEIR_ARENA_ARRAY(arena, int64_t, 2 * total + 1);
    changes->forgotten = WEIR_ARENA_ARRAY(arena, uint32_t, total + 1);
    return candidates->rows && candidates->is_new && candidates->refs && candidates->starts &&
                   candidates->columns && changes->rows && changes->ranks && changes->weights &&
                   changes->forgotten
               ? WEIR_OK
               : exec_out_of_memory(&over->env, error);
}

static void add_change(struct changes *changes, uint32_t row, int64_t rank, int64_t weight)
{
    changes->rows[changes->count] = row;
    changes->ranks[changes->count] = rank;
    changes->weights[changes->count++] = weight;
}

/* Lists a partition's rows; a change that is its only row comes out at once. */
static void list_partition(struct over *over, uint32_t key, struct candidates *candidates,
                           struct changes *changes)
{
    uint32_t row = weir_multimap_first(over->rows, key);
    bool is_single = weir_multimap_next(over->rows, row) == WEIR_MULTIMAP_NONE &&
                     weir_multimap_weight(over->rows, row) == 1;
    if (is_single && over->plan->limit > 0 && !candidates->is_closing) {
        add_change(changes, row, 1, 1);
        return;
    }
    candidates->starts[candidates->partitions_count++] = candidates->count;
    for (; row != WEIR_MULTIMAP_NONE; row = weir_multimap_next(over->rows, row)) {
        bool is_new = candidates->is_closing || over_row(over, row)->change != 0;
        for (int64_t n = weir_multimap_weight(over->rows, row); n > 0; n--) {
            candidates->is_new[candidates->count] = is_new;
            candidates->rows[candidates->count++] = row;
        }
    }
}

/* *listed: how many of the partitions; at least one, and others as long as their rows are few. */
static enum weir_status list_candidates(struct over *over, const uint32_t *keys,
                                        uint32_t keys_count, uint32_t *listed,
                                        struct candidates *candidates, struct changes *changes,
                                        struct weir_error *error)
{
    uint64_t total = 0;
    uint32_t count = 0;
    for (; count < keys_count && total < ROWS_AT_ONCE; count++)
        for (uint32_t row = weir_multimap_first(over->rows, keys[count]); row != WEIR_MULTIMAP_NONE;
             row = weir_multimap_next(over->rows, row))
            total += (uint64_t)weir_multimap_weight(over->rows, row);
    WEIR_TRY(make_room(over, total, count, candidates, changes, error));
    for (uint32_t k = 0; k < count; k++)
        list_partition(over, keys[k], candidates, changes);
    candidates->starts[candidates->partitions_count] = candidates->count;
    *listed = count;
    return WEIR_OK;
}

/* ---- order ---- */

static enum weir_status gather(struct over *over, struct candidates *candidates, uint32_t column,
                               struct weir_error *error)
{
    return weir_multimap_gather(over->rows, column, candidates->rows, candidates->count,
                                &over->scratch, &candidates->columns[column], error);
}

static enum weir_status gather_order(struct over *over, struct candidates *candidates,
                                     struct weir_error *error)
{
    for (uint32_t k = 0; k < over->plan->order_count; k++)
        WEIR_TRY(gather(over, candidates, over->plan->order[k].column, error));
    return WEIR_OK;
}

static enum weir_status gather_all(struct over *over, struct candidates *candidates,
                                   struct weir_error *error)
{
    for (uint32_t c = 0; c < over->input_schema->fields_count; c++)
        WEIR_TRY(gather(over, candidates, c, error));
    candidates->has_all_columns = true;
    return WEIR_OK;
}

/* As over_sort does: by ORDER BY, by event time, by all columns. */
static int compare_candidates(const void *context, uint32_t a, uint32_t b)
{
    const struct comparison *comparison = context;
    const struct candidates *candidates = comparison->candidates;
    const struct over *over = comparison->over;
    int compared = over_compare_order(over, candidates->columns, a, b);
    if (compared || candidates->rows[a] == candidates->rows[b])
        return compared;
    if (over->node->inputs[0]->has_event_time) {
        int64_t time_a = over_row(over, candidates->rows[a])->event_time;
        int64_t time_b = over_row(over, candidates->rows[b])->event_time;
        if (time_a != time_b)
            return time_a < time_b ? -1 : 1;
    }
    if (!candidates->has_all_columns) {
        *comparison->is_tied = true;
        return 0;
    }
    return over_compare_columns(over, candidates->columns, a, b);
}

static void sort_partition(struct candidates *candidates, uint32_t start, uint32_t count,
                           uint32_t *room, const struct comparison *comparison)
{
    for (uint32_t i = 0; i < count; i++)
        candidates->refs[start + i] = start + i;
    row_refs_sort(candidates->refs + start, count, room, compare_candidates, comparison);
}

static enum weir_status sort_partitions(struct over *over, struct candidates *candidates,
                                        struct weir_error *error)
{
    bool is_tied = false;
    struct comparison comparison = {over, candidates, &is_tied};
    uint32_t *room = WEIR_ARENA_ARRAY(&over->scratch, uint32_t, candidates->count + 1);
    if (!room)
        return exec_out_of_memory(&over->env, error);
    WEIR_TRY(gather_order(over, candidates, error));
    for (uint32_t p = 0; p < candidates->partitions_count; p++) {
        uint32_t start = candidates->starts[p], count = candidates->starts[p + 1] - start;
        is_tied = false;
        sort_partition(candidates, start, count, room, &comparison);
        if (!is_tied)
            continue;
        WEIR_TRY(gather_all(over, candidates, error));
        sort_partition(candidates, start, count, room, &comparison);
    }
    return WEIR_OK;
}

/* ---- ranks ---- */

/* Ranks of rows as they come in order. */
struct ranking {
    int64_t rows, rank, groups;
    uint32_t before; /* the row before, a position in candidates; OVER_NONE: there is none */
};

static int64_t next_rank(const struct over *over, const struct candidates *candidates,
                         struct ranking *ranking, uint32_t at)
{
    enum weir_over_function function = over->plan->calls[0].function;
    ranking->rows++;
    if (function == WEIR_OVER_ROW_NUMBER)
        return ranking->rows;
    if (ranking->before == OVER_NONE ||
        over_compare_order(over, candidates->columns, ranking->before, at) != 0) {
        ranking->rank = ranking->rows;
        ranking->groups++;
    }
    ranking->before = at;
    return function == WEIR_OVER_RANK ? ranking->rank : ranking->groups;
}

/* Ranks that a partition's rows have, or had; 0: not within the limit. */
static void rank_partition(const struct over *over, const struct candidates *candidates,
                           uint32_t start, uint32_t count, bool before, int64_t *ranks)
{
    struct ranking ranking = {.before = OVER_NONE};
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = candidates->refs[start + i];
        ranks[i] = 0;
        if (before && candidates->is_new[at])
            continue;
        int64_t rank = next_rank(over, candidates, &ranking, at);
        ranks[i] = rank <= over->plan->limit ? rank : 0;
    }
}

static void compare_ranks(const struct over *over, const struct candidates *candidates,
                          uint32_t start, uint32_t count, const int64_t *was, const int64_t *is,
                          struct changes *changes)
{
    bool only_shown = over->plan->hides_rank;
    uint32_t last_shown = OVER_NONE;
    for (uint32_t i = 0; i < count; i++)
        if (was[i] && (only_shown ? !is[i] : was[i] != is[i]))
            add_change(changes, candidates->rows[candidates->refs[start + i]], was[i], -1);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = candidates->rows[candidates->refs[start + i]];
        if (is[i] && (only_shown ? !was[i] : was[i] != is[i]))
            add_change(changes, row, is[i], 1);
        if (is[i])
            last_shown = row;
        else if (row != last_shown)
            changes->forgotten[changes->forgotten_count++] = row;
    }
}

static enum weir_status find_changes(struct over *over, const struct candidates *candidates,
                                     struct changes *changes, struct weir_error *error)
{
    int64_t *was = WEIR_ARENA_ARRAY(&over->scratch, int64_t, candidates->count + 1);
    int64_t *is = WEIR_ARENA_ARRAY(&over->scratch, int64_t, candidates->count + 1);
    if (!was || !is)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t p = 0; p < candidates->partitions_count; p++) {
        uint32_t start = candidates->starts[p], count = candidates->starts[p + 1] - start;
        rank_partition(over, candidates, start, count, true, was);
        rank_partition(over, candidates, start, count, false, is);
        compare_ranks(over, candidates, start, count, was, is, changes);
    }
    return WEIR_OK;
}

/* ---- emission ---- */

static enum weir_status build_changes(struct over *over, const struct changes *changes, uint32_t at,
                                      uint32_t count, struct weir_error *error)
{
    uint32_t inputs = over->input_schema->fields_count;
    WEIR_TRY(weir_batch_renew(&over->out, &over->node->schema, over->env.budget, error));
    struct weir_batch *out = over->out;
    out->rows_count = out->selected_count = count;
    for (uint32_t c = 0; c < inputs; c++) {
        struct weir_column column;
        WEIR_TRY(weir_multimap_gather(over->rows, c, changes->rows + at, count, &out->arena,
                                      &column, error));
        WEIR_TRY(exec_own_column(&column, count, &out->arena, &out->columns[c], error));
    }
    int64_t *values = weir_arena_alloc(&out->arena, 2 * (count + 1) * sizeof *values, 64);
    if (!values)
        return weir_budget_error(out->arena.budget, error);
    if (over->node->changelog) {
        memcpy(values, changes->weights + at, count * sizeof *values);
        out->weights = values;
    } else if (over->node->has_event_time) { /* that of their partition, which is a window's */
        for (uint32_t i = 0; i < count; i++)
            values[i] = over_row(over, changes->rows[at + i])->expires;
        out->event_times = values;
    }
    if (over->plan->hides_rank)
        return WEIR_OK;
    memcpy(values + count, changes->ranks + at, count * sizeof *values);
    out->columns[inputs] = (struct weir_column){.type = over->node->schema.fields[inputs].type,
                                                .encoding = WEIR_FLAT,
                                                .rows_count = count,
                                                .values = values + count};
    return WEIR_OK;
}

static enum weir_flow push_changes(struct over *over, const struct changes *changes,
                                   struct weir_output *output, struct weir_error *error)
{
    uint32_t limit = exec_batch_rows(&over->env);
    for (uint32_t at = 0; at < changes->count && !over->done; at += limit) {
        uint32_t some = changes->count - at < limit ? changes->count - at : limit;
        if (build_changes(over, changes, at, some, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
        enum weir_flow flow = output->push(output, over->out, error);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
        over->done = flow == WEIR_FLOW_DONE;
    }
    return WEIR_FLOW_OK;
}

enum weir_flow over_top_emit(struct over *over, const uint32_t *keys, uint32_t keys_count,
                             bool is_closing, struct weir_output *output, struct weir_error *error)
{
    uint32_t listed = 0;
    for (uint32_t at = 0; at < keys_count && !over->done; at += listed) {
        struct candidates candidates = {.is_closing = is_closing};
        struct changes changes = {0};
        weir_arena_reset(&over->scratch);
        if (list_candidates(over, keys + at, keys_count - at, &listed, &candidates, &changes,
                            error) != WEIR_OK ||
            sort_partitions(over, &candidates, error) != WEIR_OK ||
            find_changes(over, &candidates, &changes, error) != WEIR_OK ||
            push_changes(over, &changes, output, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        for (uint32_t i = 0; i < changes.forgotten_count && !is_closing; i++)
            if (weir_multimap_has(over->rows, changes.forgotten[i]))
                weir_multimap_remove(over->rows, changes.forgotten[i]);
    }
    return WEIR_FLOW_OK;
}
