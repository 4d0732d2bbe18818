/* What the files of the evaluator call of each other. */
#ifndef WEIR_KERNEL_JSON_PATH_INTERNAL_H
#define WEIR_KERNEL_JSON_PATH_INTERNAL_H

#include "kernel/json/path.h"

#include <stdarg.h>
#include <stdio.h>

enum weir_path_truth { PATH_FALSE, PATH_TRUE, PATH_UNKNOWN };

/* A failure that silence or an enclosing predicate covers. */
enum weir_path_result path_fail(struct weir_path_run *run, const char *format, ...)
    WEIR_PRINTF(2, 3);
/* One that nothing covers. */
enum weir_path_result path_fail_hard(struct weir_path_run *run, enum weir_status status,
                                     const char *format, ...) WEIR_PRINTF(3, 4);
enum weir_path_result path_fail_memory(struct weir_path_run *run);

/* How many bytes of a name a message shows. */
static inline int path_clip(struct weir_slice text)
{
    return (int)(text.size < 100 ? text.size : 100);
}
/* Counts one step of work; FAILED when there were too many, or something failed hard. */
enum weir_path_result path_step(struct weir_path_run *run);

/* ERROR for a date or time. */
enum weir_json_kind path_kind(const struct weir_path_item *item);
static inline const char *path_noun(const struct weir_path_item *item)
{
    return item->time ? "a date or time" : weir_json_noun(item->text);
}
enum weir_path_result path_append(struct weir_path_run *run, struct weir_path_items *items,
                                  const struct weir_path_item *item);

/* Applies node and what follows it to the item. */
enum weir_path_result path_item(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item, struct weir_path_items *found);
enum weir_path_result path_item_unwrap(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item,
                                       struct weir_path_items *found, bool unwraps);
/* The same; in lax mode, if unwrap, arrays among the results give their elements. */
enum weir_path_result path_item_result(struct weir_path_run *run, const struct weir_path_node *node,
                                       const struct weir_path_item *item, bool unwrap,
                                       struct weir_path_items *found);
/* Applies what follows node to the item, or takes the item. */
enum weir_path_result path_next(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item, struct weir_path_items *found);
/* .type() … .datetime() */
enum weir_path_result path_method(struct weir_path_run *run, const struct weir_path_node *node,
                                  const struct weir_path_item *item, struct weir_path_items *found);
/* The predicate over the item; UNKNOWN too when run->status says that it failed hard. */
enum weir_path_truth path_truth(struct weir_path_run *run, const struct weir_path_node *node,
                                const struct weir_path_item *item);

#endif
