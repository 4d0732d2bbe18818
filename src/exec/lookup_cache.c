/* Keys known and their rows, and what of it is forgotten. See lookup_internal.h.
 *
 * Keys stand in a ring in the order of their answers. When there is too much, the oldest go, but
 * for those that were used since they were looked at last: these get another round. */
#include "exec/lookup_internal.h"

#include "base/checked.h"

enum { ROW_BYTES = 16, KEY_BYTES = 96 }; /* about, besides their values */

static enum weir_status describe(struct lookup *lookup, struct weir_error *error)
{
    const struct weir_schema *rows = &lookup->scan->physical_schema;
    const struct weir_schema *shown = &lookup->node->inputs[1]->schema;
    uint32_t keys = lookup->plan->keys_count;
    struct weir_field *fields = WEIR_ARENA_ARRAY(&lookup->arena, struct weir_field, keys + 1);
    lookup->row_types =
        WEIR_ARENA_ARRAY(&lookup->arena, const struct weir_type *, rows->fields_count + 1);
    lookup->columns = WEIR_ARENA_ARRAY(&lookup->arena, uint32_t, shown->fields_count + 1);
    lookup->key_columns = WEIR_ARENA_ARRAY(&lookup->arena, uint32_t, keys + 1);
    if (!fields || !lookup->row_types || !lookup->columns || !lookup->key_columns)
        return exec_out_of_memory(&lookup->env, error);
    for (uint32_t c = 0; c < rows->fields_count; c++)
        lookup->row_types[c] = rows->fields[c].type;
    for (uint32_t c = 0; c < shown->fields_count; c++)
        lookup->columns[c] = lookup->scan->projections ? lookup->scan->projections[c]->index : c;
    for (uint32_t k = 0; k < keys; k++) {
        lookup->key_columns[k] = lookup->columns[lookup->plan->sides[1].keys[k]];
        fields[k] = rows->fields[lookup->key_columns[k]];
    }
    lookup->key_schema = (struct weir_schema){fields, keys};
    return WEIR_OK;
}

enum weir_status lookup_cache_open(struct lookup *lookup, struct weir_error *error)
{
    WEIR_TRY(describe(lookup, error));
    const struct weir_operator_env *env = &lookup->env;
    const struct weir_type **types =
        WEIR_ARENA_ARRAY(&lookup->arena, const struct weir_type *, lookup->plan->keys_count + 1);
    if (!types)
        return exec_out_of_memory(env, error);
    for (uint32_t k = 0; k < lookup->plan->keys_count; k++)
        types[k] = lookup->key_schema.fields[k].type;
    struct weir_table_config table = {.key_types = types,
                                      .keys_count = lookup->plan->keys_count,
                                      .payload_size = sizeof(struct lookup_key),
                                      .hash_seed = env->hash_seed,
                                      .hash_collide = env->hash_collide,
                                      .isa = env->isa,
                                      .budget = env->budget};
    WEIR_TRY(weir_state_table_create(&table, &lookup->keys, error));
    table.key_types = lookup->row_types;
    table.keys_count = lookup->scan->physical_schema.fields_count;
    table.payload_size = sizeof(uint64_t);
    table.append = true;
    return weir_state_table_create(&table, &lookup->rows, error);
}

static bool is_stale(const struct lookup *lookup, const struct lookup_key *key)
{
    int64_t age;
    return key->uses == 0 && key->pinned == 0 &&
           weir_sub_i64(lookup->now_ns, key->fetched_ns, &age) &&
           age > lookup->settings->cache_ttl_ns;
}

/* ---- rows ---- */

/* About what a row takes. */
static uint64_t bytes_of(const struct weir_batch *rows, uint32_t lane)
{
    uint64_t bytes = ROW_BYTES;
    for (uint32_t c = 0; c < rows->schema->fields_count; c++) {
        const struct weir_column *column = &rows->columns[c];
        bytes += weir_type_width(column->type);
        if (!weir_type_is_view(column->type) || weir_column_is_null(column, lane))
            continue;
        const struct weir_view *view =
            (const struct weir_view *)column->values + weir_column_index(column, lane);
        bytes += view->size > WEIR_VIEW_INLINE_MAX ? view->size : 0;
    }
    return bytes;
}

/* What was asked for may be found by other rules over there: without regard to case, say. */
static bool is_wanted(const struct lookup *lookup, const struct lookup_request *request,
                      const struct weir_lookup_answer *answer, uint32_t row)
{
    for (uint32_t k = 0; k < lookup->plan->keys_count; k++)
        if (!weir_column_equals(&answer->rows->columns[lookup->key_columns[k]], row,
                                &request->batch->columns[k], answer->lanes[row]))
            return false;
    return true;
}

enum weir_status lookup_store(struct lookup *lookup, const struct lookup_request *request,
                              const struct weir_lookup_answer *answer, struct weir_error *error)
{
    struct weir_batch *rows = answer->rows;
    uint16_t wanted[WEIR_BATCH_ROWS_MAX];
    uint32_t ids[WEIR_BATCH_ROWS_MAX], count = 0;
    uint8_t *payloads[WEIR_BATCH_ROWS_MAX];
    for (uint32_t i = 0; i < rows->rows_count; i++) {
        wanted[count] = (uint16_t)i;
        count += is_wanted(lookup, request, answer, i);
    }
    if (count == 0)
        return WEIR_OK;
    WEIR_TRY(
        weir_state_table_upsert(lookup->rows, rows->columns, wanted, count, payloads, ids, error));
    for (uint32_t i = 0; i < count; i++) {
        struct lookup_key *key = lookup_key_of(lookup, request->keys[answer->lanes[wanted[i]]]);
        uint32_t number = ids[i] + 1;
        if (key->last)
            memcpy(weir_state_table_payload(lookup->rows, key->last - 1), &number, sizeof number);
        else
            key->first = number;
        key->last = number;
        key->bytes += (uint32_t)bytes_of(rows, wanted[i]);
    }
    return WEIR_OK;
}

static void drop_rows(struct lookup *lookup, const struct lookup_key *key)
{
    for (uint32_t row = key->first - 1, next; row != LOOKUP_NONE; row = next) {
        next = lookup_next_row(lookup, row);
        weir_state_table_delete(lookup->rows, row);
    }
    lookup->kept_bytes -= key->bytes + KEY_BYTES;
}

/* ---- keys ---- */

static bool make_room(struct lookup *lookup)
{
    if (lookup->kept_count < lookup->kept_capacity)
        return true;
    uint32_t capacity = lookup->kept_capacity ? lookup->kept_capacity * 2 : 256;
    if (!weir_budget_charge(lookup->env.budget, (uint64_t)capacity * sizeof *lookup->kept))
        return false;
    struct lookup_kept *made = weir_malloc(capacity * sizeof *made);
    if (!made) {
        weir_budget_release(lookup->env.budget, (uint64_t)capacity * sizeof *made);
        return false;
    }
    for (uint32_t i = 0; i < lookup->kept_count; i++)
        made[i] = lookup->kept[(lookup->kept_first + i) % lookup->kept_capacity];
    weir_budget_release(lookup->env.budget, (uint64_t)lookup->kept_capacity * sizeof *made);
    weir_free(lookup->kept);
    lookup->kept = made;
    lookup->kept_first = 0;
    lookup->kept_capacity = capacity;
    return true;
}

static void push_kept(struct lookup *lookup, struct lookup_kept kept)
{
    lookup->kept[(lookup->kept_first + lookup->kept_count) % lookup->kept_capacity] = kept;
    lookup->kept_count++;
}

/* There is room. */
static void enter_ring(struct lookup *lookup, uint32_t number)
{
    struct lookup_key *key = lookup_key_of(lookup, number);
    key->in_ring = true;
    lookup->kept_bytes += key->bytes + KEY_BYTES;
    push_kept(lookup, (struct lookup_kept){number, key->serial});
}

enum weir_status lookup_keep(struct lookup *lookup, uint32_t number, struct weir_error *error)
{
    struct lookup_key *key = lookup_key_of(lookup, number);
    if (!make_room(lookup))
        return exec_out_of_memory(&lookup->env, error);
    key->status = LOOKUP_KNOWN;
    key->fetched_ns = lookup->now_ns;
    key->serial = lookup->next_serial++;
    enter_ring(lookup, number);
    return WEIR_OK;
}

static bool is_kept(const struct lookup *lookup, struct lookup_kept kept)
{
    if (!weir_state_table_has(lookup->keys, kept.key))
        return false;
    const struct lookup_key *key = lookup_key_of(lookup, kept.key);
    return key->status == LOOKUP_KNOWN && key->serial == kept.serial;
}

bool lookup_use(struct lookup *lookup, uint32_t number)
{
    struct lookup_key *key = lookup_key_of(lookup, number);
    if (key->status == LOOKUP_KNOWN &&
        (is_stale(lookup, key) || (key->uncertain && !key->uses && !key->pinned))) {
        drop_rows(lookup, key);
        *key = (struct lookup_key){0};
    }
    key->fresh = true;
    key->uses++;
    return key->status == LOOKUP_NEW;
}

void lookup_release(struct lookup *lookup, uint32_t number)
{
    lookup_key_of(lookup, number)->uses--;
}

void lookup_trim(struct lookup *lookup)
{
    /* Twice round at most: the first time takes the marks of use away. */
    for (uint64_t left = 2 * (uint64_t)lookup->kept_count; left > 0 && lookup->kept_count; left--) {
        struct lookup_kept kept = lookup->kept[lookup->kept_first];
        struct lookup_key *key = is_kept(lookup, kept) ? lookup_key_of(lookup, kept.key) : NULL;
        bool must_go = key && (key->uncertain || is_stale(lookup, key));
        if (key && !must_go && lookup->kept_bytes <= lookup->settings->cache_bytes)
            return;
        lookup->kept_first = (lookup->kept_first + 1) % lookup->kept_capacity;
        lookup->kept_count--;
        if (!key)
            continue;
        if (key->pinned) { /* L5 */
            key->in_ring = false;
            lookup->kept_bytes -= key->bytes + KEY_BYTES;
        } else if (key->uses || (key->fresh && !must_go && lookup->settings->cache_bytes)) {
            key->fresh = false;
            push_kept(lookup, kept);
        } else {
            drop_rows(lookup, key);
            weir_state_table_delete(lookup->keys, kept.key);
        }
    }
}

/* ---- rows that may be taken back ---- */

enum weir_status lookup_pin(struct lookup *lookup, uint32_t number, int64_t weight, bool *known,
                            struct weir_error *error)
{
    struct lookup_key *key = lookup_key_of(lookup, number);
    *known = !weir_ttl_is_on(&lookup->ttl) || key->pinned + weight >= 0;
    if (!*known) {
        if (lookup->env.unmatched_count)
            ++*lookup->env.unmatched_count;
        return WEIR_OK;
    }
    key->pinned += weight;
    if (weir_ttl_is_on(&lookup->ttl))
        WEIR_TRY(weir_ttl_touch(&lookup->ttl, &number, 1, error));
    if (key->pinned || key->in_ring)
        return WEIR_OK;
    if (!make_room(lookup))
        return exec_out_of_memory(&lookup->env, error);
    enter_ring(lookup, number);
    return WEIR_OK;
}

enum weir_status lookup_unpin_silent(struct lookup *lookup, struct weir_processing_time now,
                                     struct weir_error *error)
{
    uint32_t cursor = 0, number;
    if (!weir_ttl_advance(&lookup->ttl, now))
        return WEIR_OK;
    while (weir_state_table_scan(lookup->keys, &cursor, &number, 1) != 0) {
        struct lookup_key *key = lookup_key_of(lookup, number);
        if (!key->pinned || !weir_ttl_is_over(&lookup->ttl, number))
            continue;
        key->pinned = 0;
        exec_count_expired(&lookup->env, 1);
        if (key->in_ring)
            continue;
        if (!make_room(lookup))
            return exec_out_of_memory(&lookup->env, error);
        enter_ring(lookup, number);
    }
    return WEIR_OK;
}
