/* Walking through JSON text that is known to be valid: columns of JSON and JSONB, and text that
 * weir_json_validate has accepted. Where value/json_token.h checks every byte, this skips values by
 * looking for quotes and brackets only, sixteen bytes at a time.
 *
 *     {"a": [1, 2], "b": 3}       weir_json_scan_key(text, "b") is 3; [1, 2] was stepped over
 *
 * Invariants: (1) no byte outside the text is read, whatever it holds; (2) nothing is allocated;
 * (3) values come without white space around them. Text that is not valid gives some answer.
 * Tests: tests/unit/kernel/json. */
#ifndef WEIR_VALUE_JSON_SCAN_H
#define WEIR_VALUE_JSON_SCAN_H

#include "value/json_token.h"

/* What a value is, by its first byte: OBJECT_BEGIN, ARRAY_BEGIN, STRING, NUMBER, TRUE, FALSE, NULL;
 * ERROR for an empty text. */
enum weir_json_kind weir_json_scan_kind(struct weir_slice value);
/* The first value of text: white space around it and what follows are cut off. */
struct weir_slice weir_json_scan_value(struct weir_slice text);

/* One after the other the items of an array or the members of an object. */
struct weir_json_items {
    const char *next;
    const char *end;
    bool is_object;
};
struct weir_json_item {
    struct weir_slice key;   /* between the quotes, still escaped; empty in arrays */
    struct weir_slice value; /* its bytes from first to last */
};
/* container begins with '{' or '['; of any other value there are no items. */
void weir_json_items_begin(struct weir_json_items *items, struct weir_slice container);
bool weir_json_items_next(struct weir_json_items *items, struct weir_json_item *item);
uint32_t weir_json_items_count(struct weir_slice container);

/* The value of the object's member; of equal keys the last counts. unique: there are no equal
 * keys (JSONB), the first that is found is it. False when there is none. */
bool weir_json_scan_key(struct weir_slice object, struct weir_slice key, bool unique,
                        struct weir_slice *value);
/* The array's item; negative indexes count from the end. */
bool weir_json_scan_index(struct weir_slice array, int64_t index, struct weir_slice *value);

/* The text between the quotes of a string or key spells text. */
bool weir_json_spells(struct weir_slice escaped, struct weir_slice text);
/* The string value has an escape. */
static inline bool weir_json_has_escape(struct weir_slice text)
{
    return text.size && memchr(text.data, '\\', text.size) != NULL;
}
/* Without the quotes of a string value. */
static inline struct weir_slice weir_json_inside(struct weir_slice string)
{
    return string.size < 2 ? weir_slice_make(string.data, 0)
                           : weir_slice_make(string.data + 1, string.size - 2);
}
/* The order of JSONB keys, by what they spell: shorter before longer, then by bytes. Both are
 * between quotes and canonical. */
int weir_json_compare_keys(struct weir_slice a, struct weir_slice b);
/* The order of strings, by the bytes they spell. Both are between quotes and canonical. */
int weir_json_compare_strings(struct weir_slice a, struct weir_slice b);
/* How deep the value nests: 0 for a scalar, 1 for []. */
uint32_t weir_json_scan_depth(struct weir_slice value);

#endif
