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
    bool has_all_columns;    /* else those of ORDER BY */
    const int64_t *integers; /* of the first of these, as over_order_integer; NULL: it has none */
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

enum { ROWS_AT_ONCE = 32 * WEIR_BATCH_ROWS_MAX, FEW_ROWS = 24 };

bool over_top_applies(const struct over *over)
{
    if (!over->forgets)
        return false;
    enum weir_over_function function = over->plan->calls[0].function;
    return function == WEIR_OVER_ROW_NUMBER || function == WEIR_OVER_RANK ||
           function == WEIR_OVER_DENSE_RANK;
}

/* ---- candidates ---- */

/* For items that are all written before they are read; there are fewer than UINT32_MAX. */
static void *room_of(struct weir_arena *arena, size_t count, size_t size)
{
    return weir_arena_alloc(arena, count * size, 64);
}

static enum weir_status make_room(struct over *over, uint64_t total, uint32_t partitions,
                                  struct candidates *candidates, struct changes *changes,
                                  struct weir_error *error)
{
    struct weir_arena *arena = &over->scratch;
    if (total >= UINT32_MAX / 2)
        return weir_error_set(error, WEIR_E_LIMIT, "the partitions of a step have %llu rows",
                              (unsigned long long)total);
    candidates->rows = room_of(arena, total + 1, sizeof(uint32_t));
    candidates->is_new = room_of(arena, total + 1, sizeof(bool));
    candidates->refs = room_of(arena, total + 1, sizeof(uint32_t));
    candidates->starts = room_of(arena, (size_t)partitions + 1, sizeof(uint32_t));
    candidates->columns =
        WEIR_ARENA_ARRAY(arena, struct weir_column, over->input_schema->fields_count + 1);
    changes->rows = room_of(arena, 2 * total + 1, sizeof(uint32_t));
    changes->ranks = room_of(arena, 2 * total + 1, sizeof(int64_t));
    changes->weights = room_of(arena, 2 * total + 1, sizeof(int64_t));
    changes->forgotten = room_of(arena, total + 1, sizeof(uint32_t));
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
    struct weir_multimap_row at = weir_multimap_row(over->rows, row);
    bool is_single = at.next == WEIR_MULTIMAP_NONE && at.weight == 1;
    if (is_single && over->plan->limit > 0 && !candidates->is_closing) {
        add_change(changes, row, 1, 1);
        return;
    }
    candidates->starts[candidates->partitions_count++] = candidates->count;
    for (;; at = weir_multimap_row(over->rows, row)) {
        const struct over_row *kept = at.extra;
        bool is_new = candidates->is_closing || kept->change != 0;
        for (int64_t n = at.weight; n > 0; n--) {
            candidates->is_new[candidates->count] = is_new;
            candidates->rows[candidates->count++] = row;
        }
        row = at.next;
        if (row == WEIR_MULTIMAP_NONE)
            return;
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
    for (; count < keys_count && total < ROWS_AT_ONCE; count++) {
        uint32_t row = weir_multimap_first(over->rows, keys[count]);
        while (row != WEIR_MULTIMAP_NONE) {
            struct weir_multimap_row at = weir_multimap_row(over->rows, row);
            total += (uint64_t)at.weight;
            row = at.next;
        }
    }
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

/* Without nulls, whose place is not an integer's. */
static enum weir_status make_integers(struct over *over, struct candidates *candidates,
                                      struct weir_error *error)
{
    if (!over_order_is_integer(over))
        return WEIR_OK;
    const struct weir_column *column = &candidates->columns[over->plan->order[0].column];
    if (column->validity)
        return WEIR_OK;
    int64_t *integers = room_of(&over->scratch, (size_t)candidates->count + 1, sizeof *integers);
    if (!integers)
        return exec_out_of_memory(&over->env, error);
    for (uint32_t i = 0; i < candidates->count; i++)
        integers[i] = over_order_integer(over, column, i);
    candidates->integers = integers;
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
    if (candidates->integers && candidates->integers[a] != candidates->integers[b])
        return candidates->integers[a] < candidates->integers[b] ? -1 : 1;
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

/* Few rows, each put before those it precedes. */
static void insert_in_order(uint32_t *refs, uint32_t count, const struct comparison *comparison)
{
    const int64_t *integers = comparison->candidates->integers;
    for (uint32_t i = 1; i < count; i++) {
        uint32_t ref = refs[i], at = i;
        for (; at > 0; at--) {
            uint32_t before = refs[at - 1];
            bool precedes = integers && integers[ref] != integers[before]
                                ? integers[ref] < integers[before]
                                : compare_candidates(comparison, ref, before) < 0;
            if (!precedes)
                break;
            refs[at] = before;
        }
        refs[at] = ref;
    }
}

static void sort_partition(struct candidates *candidates, uint32_t start, uint32_t count,
                           uint32_t *room, const struct comparison *comparison)
{
    for (uint32_t i = 0; i < count; i++)
        candidates->refs[start + i] = start + i;
    if (count <= FEW_ROWS)
        insert_in_order(candidates->refs + start, count, comparison);
    else
        (void)row_refs_sort(candidates->refs + start, count, room, compare_candidates, comparison,
                            NULL);
}

static enum weir_status sort_partitions(struct over *over, struct candidates *candidates,
                                        struct weir_error *error)
{
    bool is_tied = false;
    struct comparison comparison = {over, candidates, &is_tied};
    uint32_t *room = room_of(&over->scratch, (size_t)candidates->count + 1, sizeof *room);
    if (!room)
        return exec_out_of_memory(&over->env, error);
    WEIR_TRY(gather_order(over, candidates, error));
    WEIR_TRY(make_integers(over, candidates, error));
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
    int64_t *was = room_of(&over->scratch, (size_t)candidates->count + 1, sizeof *was);
    int64_t *is = room_of(&over->scratch, (size_t)candidates->count + 1, sizeof *is);
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

/* Rows that came with a batch, by position in what comes out: their lanes plus one, else 0. */
struct origins {
    struct weir_batch *batch;
    const uint16_t *lanes;
};

static enum weir_status find_origins(struct over *over, struct weir_batch *batch,
                                     const uint32_t *rows, uint32_t count, struct origins *origins,
                                     struct weir_error *error)
{
    *origins = (struct origins){.batch = batch};
    if (!batch)
        return WEIR_OK;
    uint16_t *lanes = room_of(&over->out->arena, count, sizeof *lanes);
    if (!lanes)
        return weir_budget_error(over->out->arena.budget, error);
    for (uint32_t i = 0; i < count; i++)
        lanes[i] = (uint16_t)over_row(over, rows[i])->change;
    origins->lanes = lanes;
    return weir_batch_hold(over->out, &batch->shared, error);
}

/* Texts as a kept column has them: those that came with the batch are borrowed from it, which is
 * held; the others, whose rows may go before the output does, are copied. */
static enum weir_status take_texts(const struct origins *origins, const struct weir_column *given,
                                   const struct weir_column *kept, struct weir_arena *arena,
                                   struct weir_column *out, struct weir_error *error)
{
    const struct weir_view *came = given->values, *from = kept->values;
    uint32_t count = kept->rows_count;
    struct weir_view *views = room_of(arena, (size_t)count + 1, sizeof *views);
    if (!views)
        return weir_budget_error(arena->budget, error);
    for (uint32_t i = 0; i < count; i++) {
        views[i] = origins->lanes[i] ? came[origins->lanes[i] - 1] : from[i];
        if (origins->lanes[i] || from[i].size <= WEIR_VIEW_INLINE_MAX)
            continue;
        char *text = weir_arena_alloc(arena, from[i].size, 1);
        if (!text)
            return weir_budget_error(arena->budget, error);
        memcpy(text, from[i].body.far.data, from[i].size);
        views[i].body.far.data = text;
    }
    *out = *kept;
    out->values = views;
    return WEIR_OK;
}

static enum weir_status build_column(struct over *over, const struct origins *origins,
                                     const uint32_t *rows, uint32_t count, uint32_t c,
                                     struct weir_error *error)
{
    struct weir_arena *arena = &over->out->arena;
    struct weir_column *out = &over->out->columns[c], kept;
    const struct weir_column *given = origins->batch ? &origins->batch->columns[c] : NULL;
    WEIR_TRY(weir_multimap_gather(over->rows, c, rows, count, arena, &kept, error));
    if (given && given->encoding == WEIR_FLAT && weir_type_is_view(kept.type))
        return take_texts(origins, given, &kept, arena, out, error);
    return exec_own_column(&kept, count, arena, out, error);
}

static enum weir_status build_changes(struct over *over, struct weir_batch *batch,
                                      const struct changes *changes, uint32_t at, uint32_t count,
                                      struct weir_error *error)
{
    uint32_t inputs = over->input_schema->fields_count;
    struct origins origins;
    WEIR_TRY(weir_batch_renew(&over->out, &over->node->schema, over->env.budget, error));
    struct weir_batch *out = over->out;
    out->rows_count = out->selected_count = count;
    WEIR_TRY(find_origins(over, batch, changes->rows + at, count, &origins, error));
    for (uint32_t c = 0; c < inputs; c++)
        WEIR_TRY(build_column(over, &origins, changes->rows + at, count, c, error));
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

static enum weir_flow push_changes(struct over *over, struct weir_batch *batch,
                                   const struct changes *changes, struct weir_output *output,
                                   struct weir_error *error)
{
    uint32_t limit = exec_batch_rows(&over->env);
    for (uint32_t at = 0; at < changes->count && !over->done; at += limit) {
        uint32_t some = changes->count - at < limit ? changes->count - at : limit;
        if (build_changes(over, batch, changes, at, some, error) != WEIR_OK)
            return WEIR_FLOW_FAILED;
        enum weir_flow flow = output->push(output, over->out, error);
        if (flow == WEIR_FLOW_FAILED)
            return flow;
        over->done = flow == WEIR_FLOW_DONE;
    }
    return WEIR_FLOW_OK;
}

enum weir_flow over_top_emit(struct over *over, struct weir_batch *batch, const uint32_t *keys,
                             uint32_t keys_count, struct weir_output *output,
                             struct weir_error *error)
{
    uint32_t listed = 0;
    for (uint32_t at = 0; at < keys_count && !over->done; at += listed) {
        struct candidates candidates = {.is_closing = batch == NULL};
        struct changes changes = {0};
        weir_arena_reset(&over->scratch);
        if (list_candidates(over, keys + at, keys_count - at, &listed, &candidates, &changes,
                            error) != WEIR_OK ||
            sort_partitions(over, &candidates, error) != WEIR_OK ||
            find_changes(over, &candidates, &changes, error) != WEIR_OK ||
            push_changes(over, batch, &changes, output, error) == WEIR_FLOW_FAILED)
            return WEIR_FLOW_FAILED;
        for (uint32_t i = 0; i < changes.forgotten_count && batch; i++)
            if (weir_multimap_has(over->rows, changes.forgotten[i]))
                weir_multimap_remove(over->rows, changes.forgotten[i]);
    }
    return WEIR_FLOW_OK;
}
