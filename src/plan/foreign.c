/* Names of other engines, for the hints of errors: foreign.def. Tested in tests/suites/errors.py.
 */
#include "plan/catalog_internal.h"

static const struct {
    enum plan_foreign kind;
    const char *name;
    const char *hint;
} foreign[] = {
#define WEIR_FOREIGN(kind, name, hint) {PLAN_FOREIGN_##kind, name, hint},
#include "plan/foreign.def"
#undef WEIR_FOREIGN
};

const char *plan_foreign_hint(enum plan_foreign kind, struct weir_slice name)
{
    for (size_t i = 0; i < WEIR_COUNT_OF(foreign); i++)
        if (foreign[i].kind == kind &&
            weir_slice_equals_ignoring_case(name, weir_slice_from_string(foreign[i].name)))
            return foreign[i].hint;
    return NULL;
}
