/* The formats by their C names, from formats.def. Private to src/format. */
#ifndef WEIR_FORMAT_FORMATS_INTERNAL_H
#define WEIR_FORMAT_FORMATS_INTERNAL_H

#include "format/format.h"

#define WEIR_FORMAT(name, extensions) extern const struct weir_format weir_format_##name;
#include "format/formats.def"
#undef WEIR_FORMAT

#endif
