/* jsonb_path_exists, _match, _query, _query_array, _query_first, their _tz forms, @? and @@.
 *
 *     (document, path [, variables [, silent]])
 *
 * A constant path is parsed at planning, any other lane by lane, where one that comes again is
 * kept. The operators are silent. Regular expressions of a constant path live in the slot's
 * scratch. */
#include "kernel/json/path.h"
#include "kernel/string/regex.h"

enum path_flag { PATH_OPERATOR = 1, PATH_USE_ZONE = 2, PATH_JSONPATH = 4 };

/* What a slot keeps between batches. */
struct path_scratch {
    uint32_t regexes_count;
    void *regexes[]; /* of kernel/string/regex.h */
};

static enum weir_status bind_path(struct weir_function_bind *bind, bool is_jsonpath,
                                  struct weir_error *error)
{
    const struct weir_column *constant = bind->constants[1];
    if (!constant || weir_column_is_null(constant, 0))
        return WEIR_OK;
    struct weir_path *path = WEIR_ARENA_NEW(bind->arena, struct weir_path);
    if (!path)
        return weir_error_set_out_of_memory(error);
    struct weir_slice text = weir_view_slice(constant->values);
    WEIR_TRY(is_jsonpath ? weir_path_parse_jsonpath(text, bind->arena, path, error)
                         : weir_path_parse(text, bind->arena, path, error));
    bind->instance = path;
    return WEIR_OK;
}
enum weir_status weir_bind_json_path_query(struct weir_function_bind *bind,
                                           struct weir_error *error)
{
    return bind_path(bind, false, error);
}
/* (JSON or TEXT, path) */
enum weir_status weir_bind_jsonpath(struct weir_function_bind *bind, struct weir_error *error)
{
    enum weir_type_kind kind = bind->arg_types[0]->kind;
    if (kind != WEIR_TYPE_TEXT && kind != WEIR_TYPE_JSON && kind != WEIR_TYPE_JSONB)
        return weir_error_set(error, WEIR_E_TYPE_MISMATCH,
                              "the first argument must be JSON or TEXT, this is %s",
                              weir_type_name(bind->arg_types[0]).text);
    return bind_path(bind, true, error);
}

void weir_close_json_path(void *memory)
{
    struct path_scratch *scratch = memory;
    for (uint32_t i = 0; scratch && i < scratch->regexes_count; i++)
        weir_regex_scratch_close(scratch->regexes[i]);
    weir_free(scratch);
}

static struct path_scratch *scratch_create(uint32_t regexes_count)
{
    struct path_scratch *scratch = weir_calloc(1, sizeof *scratch + regexes_count * sizeof(void *));
    if (scratch)
        scratch->regexes_count = regexes_count;
    return scratch;
}

/* One call of a function: the path at hand and memory for evaluations. */
struct path_call {
    struct weir_kernel_call *call;
    struct weir_arena arena;      /* of one lane */
    struct weir_arena path_arena; /* of `parsed` */
    struct weir_path parsed;
    struct weir_slice parsed_text; /* in path_arena; data NULL: none */
    struct path_scratch *scratch;
    bool owns_scratch; /* it is not the slot's */
    struct weir_path_run run;
    bool is_operator; /* variables are null */
    bool is_jsonpath; /* RFC 9535, over JSON or TEXT */
    bool stop;
};

static void path_begin(struct path_call *p, struct weir_kernel_call *call, unsigned flags)
{
    *p = (struct path_call){.call = call};
    weir_arena_init(&p->arena, call->arena->budget, 4096);
    weir_arena_init(&p->path_arena, call->arena->budget, 4096);
    p->is_jsonpath = flags & PATH_JSONPATH;
    p->run.call = call;
    p->run.arena = &p->arena;
    p->run.use_zone = flags & PATH_USE_ZONE;
    p->run.is_silent = p->is_operator = flags & PATH_OPERATOR;
}

static void drop_scratch(struct path_call *p)
{
    if (p->owns_scratch)
        weir_close_json_path(p->scratch);
    p->scratch = NULL;
    p->owns_scratch = false;
}

static void path_end(struct path_call *p)
{
    drop_scratch(p);
    weir_arena_deinit(&p->arena);
    weir_arena_deinit(&p->path_arena);
}

/* False: stop. */
static bool open_scratch(struct path_call *p, const struct weir_path *path)
{
    p->run.path = path;
    if (p->scratch || !path->regexes_count)
        return true;
    bool keep = p->call->scratch && path == p->call->instance;
    p->scratch = keep ? *p->call->scratch : NULL;
    if (!p->scratch)
        p->scratch = scratch_create(path->regexes_count);
    if (!p->scratch) {
        weir_kernel_out_of_memory(p->call);
        p->stop = true;
        return false;
    }
    p->owns_scratch = !keep;
    if (keep)
        *p->call->scratch = p->scratch;
    p->run.regexes = p->scratch->regexes;
    return true;
}

/* The path of the lane; false: the lane failed or the kernel stops. */
static bool open_path(struct path_call *p, uint32_t lane)
{
    if (p->call->instance)
        return open_scratch(p, p->call->instance);
    struct weir_slice text = weir_arg_text(p->call, 1, lane);
    if (p->parsed_text.data && weir_slice_equals(p->parsed_text, text))
        return open_scratch(p, &p->parsed);
    struct weir_error error;
    drop_scratch(p);
    weir_arena_reset(&p->path_arena);
    char *copy = weir_arena_copy(&p->path_arena, text);
    p->parsed_text = weir_slice_make(NULL, 0);
    enum weir_status status =
        !copy            ? WEIR_E_OUT_OF_MEMORY
        : p->is_jsonpath ? weir_path_parse_jsonpath(text, &p->path_arena, &p->parsed, &error)
                         : weir_path_parse(text, &p->path_arena, &p->parsed, &error);
    if (status == WEIR_E_OUT_OF_MEMORY || status == WEIR_E_MEMORY_LIMIT) {
        weir_kernel_out_of_memory(p->call);
        p->stop = true;
        return false;
    }
    if (status != WEIR_OK) {
        p->stop = !weir_kernel_fail(p->call, lane, status, "%s", error.message);
        return false;
    }
    p->parsed_text = weir_slice_make(copy, text.size);
    return open_scratch(p, &p->parsed);
}

/* Evaluates the lane. False: it failed, or the kernel stops. */
static bool evaluate(struct path_call *p, uint32_t lane, struct weir_path_items *found,
                     enum weir_path_result *result)
{
    struct weir_kernel_call *call = p->call;
    struct weir_path_run *run = &p->run;
    weir_arena_reset(&p->arena);
    if (!open_path(p, lane))
        return false;
    if (!weir_json_document(call, 0, lane, &run->document))
        return false;
    if (!p->is_operator)
        run->variables = weir_slice_from_string("{}");
    if (call->args_count > 2 && !p->is_jsonpath) {
        run->variables = weir_arg_text(call, 2, lane);
        if (weir_json_scan_kind(run->variables) != WEIR_JSON_OBJECT_BEGIN) {
            p->stop = !weir_kernel_fail(call, lane, WEIR_E_BAD_ARGUMENT,
                                        "the variables of a JSON path must be an object");
            return false;
        }
    }
    if (call->args_count > 3 && !p->is_jsonpath)
        run->is_silent = *WEIR_ARG(call, 3, uint8_t, lane);
    *result = weir_path_execute(run, found);
    if (run->status == WEIR_OK)
        return true;
    if (run->status == WEIR_E_OUT_OF_MEMORY) {
        weir_kernel_out_of_memory(call);
        p->stop = true;
    } else {
        p->stop = !weir_kernel_fail(call, lane, run->status, "%s", run->message);
    }
    return false;
}

/* --- exists, match --------------------------------------------------------------------------- */

static void path_exists(struct weir_kernel_call *call, unsigned flags)
{
    struct path_call p;
    path_begin(&p, call, flags);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        enum weir_path_result result;
        if (!evaluate(&p, lane, NULL, &result)) {
            if (p.stop)
                break;
            weir_kernel_set_null(call, lane);
        } else if (result == WEIR_PATH_FAILED) {
            weir_kernel_set_null(call, lane);
        } else {
            weir_string_set_boolean(call, lane, result == WEIR_PATH_FOUND);
        }
    }
    path_end(&p);
}

/* True: go on. */
static bool store_match(struct path_call *p, uint32_t lane, const struct weir_path_items *found)
{
    enum weir_json_kind kind = WEIR_JSON_ERROR;
    if (found->count == 1 && !found->items[0].time)
        kind = weir_json_scan_kind(found->items[0].text);
    if (kind == WEIR_JSON_TRUE || kind == WEIR_JSON_FALSE) {
        weir_string_set_boolean(p->call, lane, kind == WEIR_JSON_TRUE);
        return true;
    }
    weir_kernel_set_null(p->call, lane);
    return kind == WEIR_JSON_NULL || p->run.is_silent ||
           weir_kernel_fail(p->call, lane, WEIR_E_BAD_JSON_PATH,
                            "the JSON path does not give a single boolean");
}

static void path_match(struct weir_kernel_call *call, unsigned flags)
{
    struct path_call p;
    path_begin(&p, call, flags);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_path_items found = {0};
        enum weir_path_result result;
        if (!evaluate(&p, lane, &found, &result)) {
            if (p.stop)
                break;
            weir_kernel_set_null(call, lane);
        } else if (!store_match(&p, lane, &found)) {
            break;
        }
    }
    path_end(&p);
}

/* --- query ----------------------------------------------------------------------------------- */

static enum weir_string_list_result fill_query(struct weir_kernel_call *call, uint32_t lane,
                                               struct weir_builder *child, void *context)
{
    struct path_call *p = context;
    struct weir_path_items found = {0};
    enum weir_path_result result;
    (void)call;
    if (!evaluate(p, lane, &found, &result))
        return p->stop ? WEIR_STRING_LIST_STOP : WEIR_STRING_LIST_NULL;
    enum weir_status status = WEIR_OK;
    for (uint32_t i = 0; i < found.count && status == WEIR_OK; i++)
        status = weir_builder_append_text(child, found.items[i].text, NULL);
    return weir_string_list_status(call, status);
}

static void path_query(struct weir_kernel_call *call, unsigned flags)
{
    struct path_call p;
    path_begin(&p, call, flags);
    weir_string_build_lists(call, fill_query, &p);
    path_end(&p);
}

/* Stores what was found; true: go on. */
typedef bool (*store_fn)(struct weir_kernel_call *call, uint32_t lane,
                         const struct weir_path_items *found, struct weir_buffer *buffer);

static bool store_array(struct weir_kernel_call *call, uint32_t lane,
                        const struct weir_path_items *found, struct weir_buffer *buffer)
{
    weir_buffer_append_char(buffer, '[');
    for (uint32_t i = 0; i < found->count; i++) {
        if (i)
            weir_buffer_append(buffer, ", ", 2);
        weir_buffer_append_slice(buffer, found->items[i].text);
    }
    weir_buffer_append_char(buffer, ']');
    return weir_json_store_canonical(call, lane, buffer);
}

static bool store_first(struct weir_kernel_call *call, uint32_t lane,
                        const struct weir_path_items *found, struct weir_buffer *buffer)
{
    if (!found->count) {
        weir_json_set_null(call, lane);
        return true;
    }
    weir_buffer_append_slice(buffer, found->items[0].text);
    return weir_json_store_canonical(call, lane, buffer);
}

static void path_store(struct weir_kernel_call *call, unsigned flags, store_fn store)
{
    struct path_call p;
    struct weir_buffer buffer;
    path_begin(&p, call, flags);
    weir_buffer_init(&buffer, NULL);
    WEIR_FOR_VALID_LANES(call, lane)
    {
        struct weir_path_items found = {0};
        enum weir_path_result result;
        weir_buffer_clear(&buffer);
        if (!evaluate(&p, lane, &found, &result)) {
            if (p.stop)
                break;
            weir_json_set_null(call, lane);
        } else if (!store(call, lane, &found, &buffer)) {
            break;
        }
    }
    weir_buffer_deinit(&buffer);
    path_end(&p);
}

/* --- the functions --------------------------------------------------------------------------- */

void weir_fn_jsonb_path_exists(struct weir_kernel_call *call)
{
    path_exists(call, 0);
}
void weir_fn_jsonb_path_exists_tz(struct weir_kernel_call *call)
{
    path_exists(call, PATH_USE_ZONE);
}
void weir_fn_jsonb_path_exists_operator(struct weir_kernel_call *call)
{
    path_exists(call, PATH_OPERATOR);
}
void weir_fn_jsonb_path_match(struct weir_kernel_call *call)
{
    path_match(call, 0);
}
void weir_fn_jsonb_path_match_tz(struct weir_kernel_call *call)
{
    path_match(call, PATH_USE_ZONE);
}
void weir_fn_jsonb_path_match_operator(struct weir_kernel_call *call)
{
    path_match(call, PATH_OPERATOR);
}
void weir_fn_jsonb_path_query(struct weir_kernel_call *call)
{
    path_query(call, 0);
}
void weir_fn_jsonb_path_query_tz(struct weir_kernel_call *call)
{
    path_query(call, PATH_USE_ZONE);
}
void weir_fn_jsonb_path_query_array(struct weir_kernel_call *call)
{
    path_store(call, 0, store_array);
}
void weir_fn_jsonb_path_query_array_tz(struct weir_kernel_call *call)
{
    path_store(call, PATH_USE_ZONE, store_array);
}
void weir_fn_jsonb_path_query_first(struct weir_kernel_call *call)
{
    path_store(call, 0, store_first);
}
void weir_fn_jsonb_path_query_first_tz(struct weir_kernel_call *call)
{
    path_store(call, PATH_USE_ZONE, store_first);
}

/* --- JSONPath -------------------------------------------------------------------------------- */

void weir_fn_extract_json(struct weir_kernel_call *call)
{
    path_query(call, PATH_JSONPATH);
}

/* The first value, when it is a string. */
static bool store_string(struct weir_kernel_call *call, uint32_t lane,
                         const struct weir_path_items *found, struct weir_buffer *buffer)
{
    (void)buffer;
    if (found->count && weir_json_scan_kind(found->items[0].text) == WEIR_JSON_STRING)
        return weir_json_set_as_text(call, lane, found->items[0].text);
    weir_json_set_null(call, lane);
    return true;
}
void weir_fn_extract_json_string(struct weir_kernel_call *call)
{
    path_store(call, PATH_JSONPATH, store_string);
}

/* The first value; it is a part of the document. */
static bool store_part(struct weir_kernel_call *call, uint32_t lane,
                       const struct weir_path_items *found, struct weir_buffer *buffer)
{
    (void)buffer;
    if (found->count)
        weir_json_set_part(call, lane, found->items[0].text);
    else
        weir_json_set_null(call, lane);
    return true;
}
void weir_fn_json_extract(struct weir_kernel_call *call)
{
    path_store(call, PATH_JSONPATH, store_part);
}

static bool store_as_text(struct weir_kernel_call *call, uint32_t lane,
                          const struct weir_path_items *found, struct weir_buffer *buffer)
{
    (void)buffer;
    if (found->count)
        return weir_json_set_as_text(call, lane, found->items[0].text);
    weir_json_set_null(call, lane);
    return true;
}
void weir_fn_json_extract_string(struct weir_kernel_call *call)
{
    path_store(call, PATH_JSONPATH, store_as_text);
}
