/* The tree of keys that are read, made once per decoder from the projection.
 *
 * Columns  a BIGINT,  s STRUCT<x TEXT, y DOUBLE>,  d TEXT "json.path" = '$.s.z[1]'  give
 *
 *     root ─ "a" ─▶ leaf 0
 *          └ "s" ─▶ leaf 1 (STRUCT: validity only)
 *                 ├ "x" ─▶ leaf 2      leaves of a STRUCT's fields follow each other
 *                 ├ "y" ─▶ leaf 3
 *                 └ "z" ─ [1] ─▶ leaf 4
 *
 * A node that is reached twice (two columns of one path) has a chain of leaves. A STRUCT column is
 * flattened in this way, so that its fields are as cheap as columns; a STRUCT within a LIST or MAP
 * is not (json_nested.c).
 *
 * Keys are found by an open table per node: first and last eight bytes and the size decide, longer
 * names compare the middle. At most a quarter of a table is filled, and the hash is chosen so that
 * no two names of a node meet, when that can be had.
 *
 * Paths: $ .name ["name"] ['name'] [n], as SQL/JSON writes them; no wildcards.
 *
 * Memory: the decoder's arena. Tested in tests/unit/format/test_json_decode.c. */
#include "format/json_internal.h"

#define MULTIPLIER_FIRST UINT64_C(0xD6E8FEB86659FD93)

enum {
    MULTIPLIERS_MAX = 64, /* tried to find one without collisions */
    LOOSE_NAME_MAX = 31
};

struct tree_builder {
    const struct weir_decoder_config *config;
    const struct json_options *options;
    struct weir_arena *arena;
    struct json_tree *tree;
    struct weir_error *error;
    uint32_t field; /* being added */
};

static enum weir_status out_of_memory(const struct tree_builder *build)
{
    return weir_budget_error(build->arena->budget, build->error);
}

static struct json_node *make_node(struct tree_builder *build)
{
    struct json_node *node = WEIR_ARENA_NEW(build->arena, struct json_node);
    if (node) {
        node->leaf = JSON_NONE;
        node->multiplier = MULTIPLIER_FIRST;
    }
    return node;
}

static void slot_put(struct json_node *node, struct json_slot slot)
{
    uint32_t at = json_key_hash(node, slot.head, slot.tail, slot.size);
    while (node->slots[at].node)
        at = (at + 1) & node->slots_mask;
    node->slots[at] = slot;
    node->slots_used++;
}

static void clear_slots(struct json_node *node)
{
    for (uint32_t i = 0; i <= node->slots_mask; i++)
        node->slots[i] = (struct json_slot){.size = UINT32_MAX};
    node->slots_used = 0;
}

static bool slots_grow(struct tree_builder *build, struct json_node *node)
{
    struct json_slot *old = node->slots;
    uint32_t old_count = old ? node->slots_mask + 1 : 0;
    uint32_t count = old ? old_count * 4 : 16;
    node->slots = WEIR_ARENA_ARRAY(build->arena, struct json_slot, count);
    if (!node->slots)
        return false;
    node->slots_mask = count - 1;
    clear_slots(node);
    for (uint32_t i = 0; i < old_count; i++)
        if (old[i].node)
            slot_put(node, old[i]);
    return true;
}

/* The child under name, made when there is none. NULL: memory has run out. */
static struct json_node *child_by_name(struct tree_builder *build, struct json_node *node,
                                       struct weir_slice name)
{
    char *copy = weir_arena_alloc(build->arena, name.size + 8, 1);
    if (!copy)
        return NULL;
    memset(copy, 0, name.size + 8);
    if (name.size)
        memcpy(copy, name.data, name.size);
    struct json_node *child = json_find_child(node, copy, name.size);
    if (child)
        return child;
    if ((!node->slots || (node->slots_used + 1) * 4 > node->slots_mask + 1) &&
        !slots_grow(build, node))
        return NULL;
    child = make_node(build);
    if (child)
        slot_put(node,
                 (struct json_slot){.head = json_load_head(copy, name.size),
                                    .tail = name.size > 8 ? json_load_u64(copy + name.size - 8) : 0,
                                    .name = copy,
                                    .size = (uint32_t)name.size,
                                    .node = child});
    return child;
}

static struct json_node *child_by_index(struct tree_builder *build, struct json_node *node,
                                        uint32_t index)
{
    for (uint32_t i = 0; i < node->elements_count; i++)
        if (node->elements[i].index == index)
            return node->elements[i].node;
    struct json_element *grown =
        WEIR_ARENA_ARRAY(build->arena, struct json_element, node->elements_count + 1);
    struct json_node *child = make_node(build);
    if (!grown || !child)
        return NULL;
    if (node->elements_count)
        memcpy(grown, node->elements, node->elements_count * sizeof *grown);
    grown[node->elements_count] = (struct json_element){index, child};
    node->elements = grown;
    node->elements_count++;
    return child;
}

static enum weir_status bad_path(const struct tree_builder *build, size_t at)
{
    const struct weir_decode_field *field = &build->config->fields[build->field];
    return weir_error_set(build->error, WEIR_E_BAD_OPTION,
                          "json.path '%.*s' of column \"%.*s\" is wrong at character %zu",
                          WEIR_SLICE_ARGS(field->path), WEIR_SLICE_ARGS(field->name), at + 1);
}

/* One step of a path, from *at on: .name, ["name"], ['name'] or [n]. False: malformed. */
static bool path_step(struct weir_slice path, size_t *at, struct weir_slice *name, uint32_t *index)
{
    const char *text = path.data;
    size_t i = *at + 1, end = path.size;
    *name = weir_slice_make(NULL, 0);
    if (text[*at] == '.') {
        size_t begin = i;
        while (i < end && text[i] != '.' && text[i] != '[')
            i++;
        *name = weir_slice_make(text + begin, i - begin);
        *at = i;
        return i > begin;
    }
    if (text[*at] != '[' || i >= end)
        return false;
    if (text[i] == '"' || text[i] == '\'') {
        char quote = text[i];
        size_t begin = ++i;
        while (i < end && text[i] != quote)
            i++;
        *name = weir_slice_make(text + begin, i - begin);
        *at = i + 2;
        return i + 1 < end && text[i + 1] == ']';
    }
    uint64_t value = 0;
    size_t begin = i;
    while (i < end && text[i] >= '0' && text[i] <= '9' && i - begin < 9)
        value = value * 10 + (uint64_t)(text[i++] - '0');
    *index = (uint32_t)value;
    *at = i + 1;
    return i > begin && i < end && text[i] == ']';
}

static enum weir_status walk_path(struct tree_builder *build, struct weir_slice path,
                                  struct json_node **node)
{
    if (path.size == 0 || path.data[0] != '$')
        return bad_path(build, 0);
    for (size_t at = 1; at < path.size;) {
        struct weir_slice name;
        uint32_t index = 0;
        size_t before = at;
        if (!path_step(path, &at, &name, &index))
            return bad_path(build, before);
        *node = name.data ? child_by_name(build, *node, name) : child_by_index(build, *node, index);
        if (!*node)
            return out_of_memory(build);
    }
    return WEIR_OK;
}

static uint32_t count_leaves(const struct weir_type *type)
{
    uint32_t count = 1;
    for (uint32_t i = 0; type->kind == WEIR_TYPE_STRUCT && i < type->children_count; i++)
        count += count_leaves(type->children[i]);
    return count;
}

/* Fills leaf `at` for a value of type under node; the leaves of a STRUCT's fields are the next
 * free ones. */
static enum weir_status add_leaf(struct tree_builder *build, struct json_node *node, uint32_t at,
                                 const struct weir_type *type)
{
    struct json_tree *tree = build->tree;
    struct json_leaf *leaf = &tree->leaves[at];
    *leaf = (struct json_leaf){.type = type,
                               .width = (uint32_t)weir_json_lane_width(type),
                               .field = build->field,
                               .next = node->leaf,
                               .nullable = true,
                               .epoch_scale = weir_json_epoch_scale(build->options, type)};
    node->leaf = at;
    tree->row_width += leaf->width + 1;
    if (type->kind != WEIR_TYPE_STRUCT)
        return WEIR_OK;
    leaf->first_child = tree->leaves_count;
    tree->leaves_count += type->children_count;
    for (uint32_t i = 0; i < type->children_count; i++) {
        struct json_node *child = child_by_name(build, node, type->names[i]);
        if (!child)
            return out_of_memory(build);
        WEIR_TRY(add_leaf(build, child, leaf->first_child + i, type->children[i]));
    }
    return WEIR_OK;
}

static enum weir_status add_field(struct tree_builder *build)
{
    const struct weir_decode_field *field = &build->config->fields[build->field];
    struct json_node *node = build->tree->root;
    if (field->path.size)
        WEIR_TRY(walk_path(build, field->path, &node));
    else if (!build->options->unstructured)
        node = child_by_name(build, node, field->name);
    if (!node)
        return out_of_memory(build);
    uint32_t at = build->tree->leaves_count++;
    build->tree->field_leaves[build->field] = at;
    WEIR_TRY(add_leaf(build, node, at, field->type));
    build->tree->leaves[at].nullable = field->nullable && !field->is_event_time;
    build->tree->leaves[at].is_event_time = field->is_event_time;
    return WEIR_OK;
}

static uint32_t count_below(const struct json_tree *tree, const struct json_node *node, bool own)
{
    uint32_t count = 0;
    for (uint32_t leaf = own ? node->leaf : JSON_NONE; leaf != JSON_NONE;
         leaf = tree->leaves[leaf].next)
        count++;
    for (uint32_t i = 0; node->slots && i <= node->slots_mask; i++)
        if (node->slots[i].node)
            count += count_below(tree, node->slots[i].node, true);
    for (uint32_t i = 0; i < node->elements_count; i++)
        count += count_below(tree, node->elements[i].node, true);
    return count;
}

/* Lists the leaves under node, for it and for each node below. */
static enum weir_status list_below(struct tree_builder *build, struct json_node *node)
{
    struct json_tree *tree = build->tree;
    uint32_t count = count_below(tree, node, false);
    if (count == 0)
        return WEIR_OK;
    node->below = WEIR_ARENA_ARRAY(build->arena, uint32_t, count);
    if (!node->below)
        return out_of_memory(build);
    uint32_t slots = node->slots ? node->slots_mask + 1 : 0;
    for (uint32_t i = 0; i < slots + node->elements_count; i++) {
        struct json_node *child = i < slots ? node->slots[i].node : node->elements[i - slots].node;
        if (!child)
            continue;
        WEIR_TRY(list_below(build, child));
        for (uint32_t leaf = child->leaf; leaf != JSON_NONE; leaf = tree->leaves[leaf].next)
            node->below[node->below_count++] = leaf;
        for (uint32_t k = 0; k < child->below_count; k++)
            node->below[node->below_count++] = child->below[k];
    }
    return WEIR_OK;
}

/* Puts the names into fresh slots by multiplier; false when two meet. */
static bool place_names(struct json_node *node, const struct json_slot *names, uint32_t count,
                        uint64_t multiplier)
{
    bool met = false;
    node->multiplier = multiplier;
    clear_slots(node);
    for (uint32_t i = 0; i < count; i++) {
        met = met || names[i].size > LOOSE_NAME_MAX ||
              node->slots[json_key_hash(node, names[i].head, names[i].tail, names[i].size)].node;
        slot_put(node, names[i]);
    }
    return !met;
}

/* Seeks a hash without collisions for the names of node, and notes which of them loose lines may
 * feed. Large tables stay as they are: then a search may look at several slots. */
static enum weir_status settle_slots(struct tree_builder *build, struct json_node *node)
{
    uint32_t slots = node->slots ? node->slots_mask + 1 : 0, count = 0;
    struct json_slot *names = WEIR_ARENA_ARRAY(build->arena, struct json_slot, slots + 1);
    if (!names)
        return out_of_memory(build);
    for (uint32_t i = 0; i < slots; i++) {
        struct json_node *child = node->slots[i].node;
        if (!child)
            continue;
        names[count] = node->slots[i];
        names[count].loose_leaf = child->below_count == 0 && child->leaf != JSON_NONE &&
                                          build->tree->leaves[child->leaf].next == JSON_NONE
                                      ? child->leaf
                                      : JSON_NONE;
        if (names[count].loose_leaf < 64)
            names[count].loose_bit = UINT64_C(1) << names[count].loose_leaf;
        count++;
        WEIR_TRY(settle_slots(build, child));
    }
    uint64_t multiplier = MULTIPLIER_FIRST;
    for (uint32_t i = 0; slots && i < MULTIPLIERS_MAX && !node->perfect; i++) {
        node->perfect = place_names(node, names, count, multiplier);
        multiplier = (multiplier * UINT64_C(0x9E3779B97F4A7C15) + i) | 1;
    }
    return WEIR_OK;
}

/* A node with one free slot: whatever is looked for in it is not there. */
static struct json_node *make_nobody(struct tree_builder *build)
{
    struct json_node *node = make_node(build);
    if (node)
        node->slots = WEIR_ARENA_NEW(build->arena, struct json_slot);
    if (!node || !node->slots)
        return NULL;
    clear_slots(node);
    node->perfect = true;
    return node;
}

enum weir_status weir_json_tree_build(const struct weir_decoder_config *config,
                                      const struct json_options *options, struct weir_arena *arena,
                                      struct json_tree *tree, struct weir_error *error)
{
    struct tree_builder build = {
        .config = config, .options = options, .arena = arena, .tree = tree, .error = error};
    uint32_t leaves = 0;
    for (uint32_t i = 0; i < config->fields_count; i++)
        leaves += count_leaves(config->fields[i].type);
    *tree = (struct json_tree){.root = make_node(&build),
                               .leaves = WEIR_ARENA_ARRAY(arena, struct json_leaf, leaves + 1),
                               .field_leaves =
                                   WEIR_ARENA_ARRAY(arena, uint32_t, config->fields_count + 1)};
    tree->nobody = make_nobody(&build);
    if (!tree->root || !tree->nobody || !tree->leaves || !tree->field_leaves)
        return out_of_memory(&build);
    for (build.field = 0; build.field < config->fields_count; build.field++)
        WEIR_TRY(add_field(&build));
    for (uint32_t i = 0; tree->root->slots && i <= tree->root->slots_mask; i++)
        if (tree->root->slots[i].node)
            WEIR_TRY(list_below(&build, tree->root->slots[i].node));
    return settle_slots(&build, tree->root);
}
