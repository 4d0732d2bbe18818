/* Arrow schemas from outside: any format strings, names, flags, children and dictionaries. What is
 * accepted can be exported and imported again as the same types.
 *
 * Input: nodes in depth-first order, each a line "<children><flags><more><format>\tname", the
 * first three one character each; more is d for a dictionary, u or j for the extension types UUID
 * and JSON; the root's format is always "+s". */
#include "column/arrow.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NODES_MAX = 64, CHILDREN_MAX = 4, DEPTH_MAX = 12 };

struct node {
    struct ArrowSchema schema;
    struct ArrowSchema *children[CHILDREN_MAX];
    char format[64], name[32], metadata[64];
};
struct tree {
    struct node nodes[NODES_MAX];
    uint32_t count;
    struct weir_slice rest;
};

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

static void ignore_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* One pair as the C Data Interface has it: counts and sizes as int32, then bytes. */
static const char *extension(const char *name, char out[64])
{
    static const char key[] = "ARROW:extension:name";
    int32_t pairs = 1, key_size = sizeof key - 1, name_size = (int32_t)strlen(name);
    memcpy(out, &pairs, 4);
    memcpy(out + 4, &key_size, 4);
    memcpy(out + 8, key, sizeof key - 1);
    memcpy(out + 8 + key_size, &name_size, 4);
    memcpy(out + 12 + key_size, name, (size_t)name_size);
    return out;
}

static struct weir_slice take_line(struct tree *tree)
{
    size_t end = weir_slice_find(tree->rest, weir_slice_from_string("\n"), 0);
    size_t size = end == SIZE_MAX ? tree->rest.size : end;
    struct weir_slice line = weir_slice_make(tree->rest.data, size);
    size += end != SIZE_MAX;
    tree->rest = weir_slice_make(tree->rest.data + size, tree->rest.size - size);
    return line;
}

static void copy_text(char *to, size_t capacity, struct weir_slice text)
{
    size_t size = text.size < capacity - 1 ? text.size : capacity - 1;
    if (size)
        memcpy(to, text.data, size);
    to[size] = '\0';
}

/* The next node with its children; NULL when there are none left. */
static struct ArrowSchema *make_node(struct tree *tree, int depth)
{
    if (tree->count == NODES_MAX || tree->rest.size < 3 || depth > DEPTH_MAX)
        return NULL;
    struct node *node = &tree->nodes[tree->count++];
    struct weir_slice line = take_line(tree);
    if (line.size < 3)
        return NULL;
    uint32_t wanted = (uint8_t)line.data[0] % (CHILDREN_MAX + 1);
    size_t tab = weir_slice_find(line, weir_slice_from_string("\t"), 3);
    size_t format_end = tab == SIZE_MAX ? line.size : tab;
    copy_text(node->format, sizeof node->format, weir_slice_make(line.data + 3, format_end - 3));
    if (tab != SIZE_MAX)
        copy_text(node->name, sizeof node->name,
                  weir_slice_make(line.data + tab + 1, line.size - tab - 1));
    node->schema = (struct ArrowSchema){.format = node->format,
                                        .name = node->name,
                                        .flags = line.data[1] & 7,
                                        .children = node->children,
                                        .release = ignore_release};
    for (uint32_t i = 0; i < wanted; i++) {
        struct ArrowSchema *child = make_node(tree, depth + 1);
        if (child)
            node->children[node->schema.n_children++] = child;
    }
    if (line.data[2] == 'u' || line.data[2] == 'j')
        node->schema.metadata =
            extension(line.data[2] == 'u' ? "arrow.uuid" : "arrow.json", node->metadata);
    if (line.data[2] == 'd')
        node->schema.dictionary = make_node(tree, depth + 1);
    return &node->schema;
}

static void check_again(const struct weir_schema *schema, struct weir_arena *arena, bool classic)
{
    struct ArrowSchema out;
    struct weir_schema again;
    enum weir_status status = classic ? weir_arrow_export_schema_classic(schema, &out, NULL)
                                      : weir_arrow_export_schema(schema, &out, NULL);
    check(status == WEIR_OK, "an imported schema cannot be exported");
    check(weir_arrow_import_schema(&out, arena, &again, NULL) == WEIR_OK, "nor come back");
    check(again.fields_count == schema->fields_count, "columns are lost");
    for (uint32_t i = 0; i < again.fields_count; i++) {
        check(weir_slice_equals(again.fields[i].name, schema->fields[i].name), "another name");
        check(weir_type_equals(again.fields[i].type, schema->fields[i].type), "another type");
    }
    out.release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tree tree;
    struct weir_arena arena;
    struct weir_schema schema;
    memset(&tree, 0, sizeof tree);
    tree.rest = weir_slice_make((const char *)data, size);
    struct ArrowSchema *root = make_node(&tree, 0);
    if (!root)
        return 0;
    root->format = "+s";
    weir_arena_init(&arena, NULL, 0);
    if (weir_arrow_import_schema(root, &arena, &schema, NULL) == WEIR_OK) {
        check_again(&schema, &arena, false);
        check_again(&schema, &arena, true);
    }
    weir_arena_deinit(&arena);
    return 0;
}
