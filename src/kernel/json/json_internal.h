/* What the JSON kernels share: documents of any argument type, paths into them, results.
 *
 * Arguments of type JSON and JSONB hold valid text and are walked with value/json_scan.h; TEXT is
 * validated first. Results of JSON keep the bytes of the input, results of JSONB are canonical.
 * Private to kernel/json. */
#ifndef WEIR_KERNEL_JSON_JSON_INTERNAL_H
#define WEIR_KERNEL_JSON_JSON_INTERNAL_H

#include "kernel/string/string_internal.h"
#include "value/json_scan.h"

/* The lane's document. False: a TEXT argument that is not JSON. */
WEIR_CHECKED bool weir_json_document(const struct weir_kernel_call *call, uint32_t k, uint32_t lane,
                                     struct weir_slice *document);
/* The same, but TEXT that is not JSON fails the lane; then *stop says whether to return. */
WEIR_CHECKED bool weir_json_document_or_fail(struct weir_kernel_call *call, uint32_t k,
                                             uint32_t lane, struct weir_slice *document,
                                             bool *stop);
static inline bool weir_json_is_unique(const struct weir_kernel_call *call, uint32_t k)
{
    return call->args[k].type->kind == WEIR_TYPE_JSONB;
}

/* --- results --------------------------------------------------------------------------------- */

/* The lane is bytes of argument k's lane (or of its text): borrowed. */
static inline void weir_json_set_part(struct weir_kernel_call *call, uint32_t lane,
                                      struct weir_slice part)
{
    weir_kernel_set_text(call, lane, part.data, part.size);
}
/* Null with a zeroed view. */
void weir_json_set_null(struct weir_kernel_call *call, uint32_t lane);
/* The value as ->> gives it: strings unescaped, others as they are written; JSON null is NULL.
 * False: stop. */
WEIR_CHECKED bool weir_json_set_as_text(struct weir_kernel_call *call, uint32_t lane,
                                        struct weir_slice value);
enum weir_json_text {
    WEIR_JSON_TEXT_OK,
    WEIR_JSON_TEXT_NUL,   /* has \u0000, which TEXT cannot hold */
    WEIR_JSON_TEXT_MEMORY /* has run out */
};
/* What a string value spells, borrowed or in arena. */
WEIR_CHECKED enum weir_json_text
weir_json_string_text(struct weir_slice string, struct weir_arena *arena, struct weir_slice *out);
/* The lane fails for a result of weir_json_string_text that is not OK. True: go on. */
WEIR_CHECKED bool weir_json_fail_text(struct weir_kernel_call *call, uint32_t lane,
                                      enum weir_json_text result);

/* The lane is the JSON in buffer: for a JSONB result it is made canonical; nesting beyond 128 and
 * numbers that JSONB cannot hold fail the lane. False: stop. */
WEIR_CHECKED bool weir_json_store(struct weir_kernel_call *call, uint32_t lane,
                                  const struct weir_buffer *buffer);
/* The same for text that is canonical already, but may be too deep. */
WEIR_CHECKED bool weir_json_store_canonical(struct weir_kernel_call *call, uint32_t lane,
                                            const struct weir_buffer *buffer);

/* "an object", "a string"; for messages. */
const char *weir_json_noun(struct weir_slice value);

/* --- paths ----------------------------------------------------------------------------------- */

/* One step: a key of objects, a position of arrays, or what fits (the elements of text[]). */
struct weir_json_step {
    struct weir_slice key;
    int64_t index;
    bool has_key;
    bool has_index;
};
struct weir_json_steps {
    uint32_t count;
    uint32_t capacity;
    struct weir_json_step *steps;
    bool is_null; /* a step is NULL */
};
/* Where a function finds its steps. */
enum weir_json_steps_source {
    WEIR_JSON_STEPS_TYPED,    /* arguments 1 …: TEXT is a key, integers are positions */
    WEIR_JSON_STEPS_OPERATOR, /* the same of -> and ->> */
    WEIR_JSON_STEPS_ANY,      /* arguments 1 …: each is a key or a position, as it fits */
    WEIR_JSON_STEPS_TEXT_LIST /* argument 1 is text[], whose elements are keys or positions */
};
/* Prepares constant steps into bind->instance; other steps are made lane by lane. */
WEIR_CHECKED enum weir_status weir_json_bind_steps(struct weir_function_bind *bind,
                                                   enum weir_json_steps_source source,
                                                   struct weir_error *error);
/* The steps of a lane, into *own unless they are constant. NULL: memory has run out. */
WEIR_CHECKED const struct weir_json_steps *
weir_json_steps_of_lane(struct weir_kernel_call *call, uint32_t lane,
                        enum weir_json_steps_source source, struct weir_json_steps *own);
/* One step down. */
bool weir_json_step_into(struct weir_slice *value, const struct weir_json_step *step, bool unique);
/* Follows all steps. */
static inline bool weir_json_walk(struct weir_slice *value, const struct weir_json_steps *steps,
                                  bool unique)
{
    for (uint32_t i = 0; i < steps->count; i++)
        if (!weir_json_step_into(value, &steps->steps[i], unique))
            return false;
    return true;
}

/* --- writing --------------------------------------------------------------------------------- */

/* Turns lanes into JSON, as to_json does: null, numbers, booleans and JSON as they are, lists as
 * arrays, structs and maps as objects, all else as a string. */
struct weir_json_writer {
    struct weir_buffer out;
    struct weir_buffer scratch;
    const struct weir_timezone *timezone; /* NULL: UTC */
};
void weir_json_writer_init(struct weir_json_writer *writer, const struct weir_kernel_call *call);
void weir_json_writer_deinit(struct weir_json_writer *writer);
/* line_feeds: between the items of the value itself, not of those inside. */
void weir_json_write_lane(struct weir_json_writer *writer, const struct weir_column *column,
                          uint32_t lane, bool line_feeds);

#endif
