/* Waiting for other threads: a job sleeps until one of them has something for it. */
#ifndef WEIR_RUNTIME_WAKER_H
#define WEIR_RUNTIME_WAKER_H

#include "base/status.h"

struct weir_waker;

WEIR_CHECKED enum weir_status weir_waker_create(struct weir_waker **out, struct weir_error *error);
void weir_waker_destroy(struct weir_waker *waker); /* NULL is fine */
/* From any thread; context is the waker (struct weir_connector_env). */
void weir_waker_wake(void *context);
/* Until somebody wakes it, or timeout_ns have passed; at once when somebody has. */
void weir_waker_wait(struct weir_waker *waker, uint64_t timeout_ns);

#endif
