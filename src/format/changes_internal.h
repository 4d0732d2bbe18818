/* What the decoders of changes share: they let another decoder read the records, and make rows with
 * weights of what it found.
 *
 *     bytes ─▶ inner decoder ─▶ a row per record ─▶ lanes: (record, image, weight) ─▶ batch
 *
 * An image is a set of columns that a row may be taken from: the row before a change, the row after
 * it. Private to src/format. */
#ifndef WEIR_FORMAT_CHANGES_INTERNAL_H
#define WEIR_FORMAT_CHANGES_INTERNAL_H

#include "format/format.h"

enum { CHANGE_NO_IMAGE = UINT8_MAX };

/* The rows of a batch in the making; arrays have WEIR_BATCH_ROWS_MAX entries in its arena. */
struct change_lanes {
    uint16_t *records; /* lane of the inner batch */
    uint8_t *images;   /* CHANGE_NO_IMAGE: a row of nulls */
    int64_t *weights;
    uint32_t count;
};

/* Bad records of a run in the order in which they were found. */
struct change_faults {
    struct weir_arena *arena;
    struct weir_bad_record *items;
    uint32_t count, capacity;
};

enum weir_status weir_change_lanes_init(struct change_lanes *lanes, struct weir_arena *arena,
                                        struct weir_error *error);
static inline void weir_change_lanes_add(struct change_lanes *lanes, uint32_t record, uint8_t image,
                                         int64_t weight)
{
    lanes->records[lanes->count] = (uint16_t)record;
    lanes->images[lanes->count] = image;
    lanes->weights[lanes->count++] = weight;
}
/* Fills out (its rows_count lanes) from the columns images[0 … images_count), which have rows_count
 * lanes each and are FLAT or nulls. plain: lane i is record i of image `only`. */
enum weir_status weir_change_column(const struct weir_column *const *images,
                                    const struct change_lanes *lanes, struct weir_arena *arena,
                                    struct weir_column *out, struct weir_error *error);
/* Sets everything of batch but its columns. inner: where the lanes came from. */
enum weir_status weir_change_batch(const struct change_lanes *lanes, const struct weir_batch *inner,
                                   struct weir_batch *batch, struct weir_error *error);

/* Keeps a copy of record. */
enum weir_status weir_change_fault(struct change_faults *faults,
                                   const struct weir_bad_record *record, struct weir_error *error);
/* Tells the run's owner of them, in the order of records. */
enum weir_status weir_change_faults_tell(struct change_faults *faults, struct weir_decode_run *run,
                                         struct weir_error *error);

/* Whether what follows the run goes on inside a record that was given up. */
bool weir_change_is_skipping(const struct weir_decode_run *run, bool before);

/* Goes from record to record of a run whose records are lines. */
struct change_cursor {
    struct weir_slice bytes;
    size_t at;
    uint64_t record; /* the one that begins at `at`, when that is no blank line */
};
void weir_change_cursor_init(struct change_cursor *cursor, struct weir_slice bytes, bool skipping);
/* The line of the record, without its end; records must be asked for in ascending order. Empty when
 * there is none. */
struct weir_slice weir_change_cursor_line(struct change_cursor *cursor, uint64_t record);

#endif
