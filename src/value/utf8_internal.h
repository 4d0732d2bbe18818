/* The validators behind weir_utf8_is_valid. */
#ifndef WEIR_VALUE_UTF8_INTERNAL_H
#define WEIR_VALUE_UTF8_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>

size_t weir_utf8_first_invalid_scalar(const char *data, size_t size);
#if defined(__x86_64__)
bool weir_utf8_is_valid_avx2(const char *data, size_t size);
bool weir_utf8_is_valid_avx512(const char *data, size_t size);
#endif

#endif
