/* Compiler attributes used across the tree, one spelling each. */
#ifndef WEIR_BASE_COMPILER_H
#define WEIR_BASE_COMPILER_H

#define WEIR_CHECKED __attribute__((warn_unused_result))
#define WEIR_PRINTF(format_index, args_index) \
    __attribute__((format(printf, format_index, args_index)))
#define WEIR_LIKELY(condition) __builtin_expect(!!(condition), 1)
#define WEIR_UNLIKELY(condition) __builtin_expect(!!(condition), 0)
#define WEIR_INLINE static inline __attribute__((always_inline))
#define WEIR_NOINLINE __attribute__((noinline))
#define WEIR_UNUSED __attribute__((unused))
#define WEIR_FALLTHROUGH __attribute__((fallthrough))
#define WEIR_COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
