/* Import and export of batches over the Arrow C Data Interface.
 * Specification: Arrow "C data interface" (struct ArrowSchema, struct ArrowArray), format strings
 * included; view types by Arrow columnar format 1.4. */
#ifndef WEIR_COLUMN_ARROW_H
#define WEIR_COLUMN_ARROW_H

#include "column/batch.h"
#include "weir/arrow_abi.h"

/* A struct-typed ("+s") schema. The result owns its memory; release it by its callback. */
WEIR_CHECKED enum weir_status weir_arrow_export_schema(const struct weir_schema *schema,
                                                       struct ArrowSchema *out,
                                                       struct weir_error *error);
/* The same for arrays exported with classic_text. */
WEIR_CHECKED enum weir_status weir_arrow_export_schema_classic(const struct weir_schema *schema,
                                                               struct ArrowSchema *out,
                                                               struct weir_error *error);
/* Live rows only (the selection is applied); the array retains batch until released. classic_text:
 * utf8/binary/list with offsets, for consumers that know no view types. Weights are not exported;
 * the caller adds them as a column when the stream is a changelog. */
WEIR_CHECKED enum weir_status weir_arrow_export_batch(struct weir_batch *batch, bool classic_text,
                                                      struct ArrowArray *out,
                                                      struct weir_error *error);
/* Types into arena. Unknown formats: TYPE_MISMATCH naming the format string. */
WEIR_CHECKED enum weir_status weir_arrow_import_schema(const struct ArrowSchema *schema,
                                                       struct weir_arena *arena,
                                                       struct weir_schema *out,
                                                       struct weir_error *error);
/* Takes ownership of array (moves it; released when the last batch that uses it is gone, also on
 * failure). layout is the array's own schema (borrowed for the call): it tells what SQL types do
 * not, such as utf8 from large_utf8; its types must be those of schema. */
struct weir_arrow_import; /* a retained array */
WEIR_CHECKED enum weir_status weir_arrow_import_begin(struct ArrowArray *array,
                                                      const struct ArrowSchema *layout,
                                                      const struct weir_schema *schema,
                                                      struct weir_arrow_import **out,
                                                      struct weir_error *error);
uint64_t weir_arrow_import_rows(const struct weir_arrow_import *import);
/* Gives the rows [first, first + count), count <= WEIR_BATCH_ROWS_MAX, as a batch, without copying
 * fixed-width lanes. out is reset first, so it must be exclusive; it keeps the array alive by
 * itself. What foreign memory holds is checked: UTF-8, offsets, codes, ranges. */
WEIR_CHECKED enum weir_status weir_arrow_import_batch(struct weir_arrow_import *import,
                                                      uint64_t first, uint32_t count,
                                                      struct weir_batch *out,
                                                      struct weir_error *error);
void weir_arrow_import_release(struct weir_arrow_import *import);

#endif
