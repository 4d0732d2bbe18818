/* The cast matrix by context and the common type of several (Postgres 15: pg_cast, 10.5). */
#include "kernel/type_rules.h"

bool weir_type_same(const struct weir_type *a, const struct weir_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->children_count != b->children_count)
        return false;
    for (uint32_t i = 0; i < a->children_count; i++)
        if (!weir_type_same(a->children[i], b->children[i]))
            return false;
    return true;
}

char weir_type_category(const struct weir_type *type)
{
    switch (type->kind) {
    case WEIR_TYPE_NULL:
        return 'X';
    case WEIR_TYPE_BOOLEAN:
        return 'B';
    case WEIR_TYPE_TEXT:
        return 'S';
    case WEIR_TYPE_INTERVAL:
        return 'T';
    case WEIR_TYPE_LIST:
        return 'A';
    case WEIR_TYPE_STRUCT:
        return 'C';
    case WEIR_TYPE_MAP:
        return 'M';
    case WEIR_TYPE_BYTEA:
    case WEIR_TYPE_UUID:
    case WEIR_TYPE_JSON:
    case WEIR_TYPE_JSONB:
        return 'U';
    default:
        return weir_type_is_number(type) ? 'N' : 'D';
    }
}

bool weir_type_is_preferred(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_BOOLEAN || type->kind == WEIR_TYPE_FLOAT64 ||
           type->kind == WEIR_TYPE_TEXT || type->kind == WEIR_TYPE_TIMESTAMPTZ ||
           type->kind == WEIR_TYPE_INTERVAL;
}

static bool is_unsigned(enum weir_type_kind kind)
{
    return kind >= WEIR_TYPE_UINT8 && kind <= WEIR_TYPE_UINT64;
}
static bool is_float(enum weir_type_kind kind)
{
    return kind == WEIR_TYPE_FLOAT32 || kind == WEIR_TYPE_FLOAT64;
}
/* 0 … 3 for 8 … 64 bits. */
static unsigned integer_rank(enum weir_type_kind kind)
{
    return is_unsigned(kind) ? kind - WEIR_TYPE_UINT8 : kind - WEIR_TYPE_INT8;
}

static unsigned integer_level(enum weir_type_kind from, enum weir_type_kind to)
{
    bool fits;
    if (is_unsigned(from) == is_unsigned(to))
        fits = integer_rank(from) <= integer_rank(to);
    else
        fits = is_unsigned(from) && integer_rank(from) < integer_rank(to);
    return fits ? WEIR_CAST_IMPLICIT : WEIR_CAST_ASSIGNMENT;
}

static unsigned number_level(const struct weir_type *from, const struct weir_type *to)
{
    if (weir_type_is_integer(from))
        return weir_type_is_integer(to) ? integer_level(from->kind, to->kind) : WEIR_CAST_IMPLICIT;
    if (from->kind == WEIR_TYPE_DECIMAL)
        return is_float(to->kind) ? WEIR_CAST_IMPLICIT : WEIR_CAST_ASSIGNMENT;
    return from->kind == WEIR_TYPE_FLOAT32 && to->kind == WEIR_TYPE_FLOAT64 ? WEIR_CAST_IMPLICIT
                                                                            : WEIR_CAST_ASSIGNMENT;
}

static bool is_zoned(enum weir_type_kind kind)
{
    return kind == WEIR_TYPE_TIMESTAMPTZ || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
}
static bool is_ns(enum weir_type_kind kind)
{
    return kind == WEIR_TYPE_TIMESTAMP_NS || kind == WEIR_TYPE_TIMESTAMPTZ_NS;
}

/* Among DATE, TIME and the timestamps; microseconds are the engine's unit, so ns goes to us
 * implicitly and not back. */
static unsigned time_level(const struct weir_type *from, const struct weir_type *to)
{
    bool from_stamp = weir_type_is_timestamp(from), to_stamp = weir_type_is_timestamp(to);
    if (from_stamp && to_stamp) {
        bool loses_zone = is_zoned(from->kind) && !is_zoned(to->kind);
        bool gains_ns = !is_ns(from->kind) && is_ns(to->kind);
        return loses_zone || gains_ns ? WEIR_CAST_ASSIGNMENT : WEIR_CAST_IMPLICIT;
    }
    if (from->kind == WEIR_TYPE_DATE && to_stamp)
        return is_ns(to->kind) ? WEIR_CAST_ASSIGNMENT : WEIR_CAST_IMPLICIT;
    if (from_stamp && (to->kind == WEIR_TYPE_DATE || to->kind == WEIR_TYPE_TIME))
        return WEIR_CAST_ASSIGNMENT;
    return WEIR_CAST_NONE;
}

static unsigned children_level(const struct weir_type *from, const struct weir_type *to)
{
    if (from->children_count != to->children_count)
        return WEIR_CAST_NONE;
    unsigned level = WEIR_CAST_IMPLICIT;
    for (uint32_t i = 0; i < from->children_count; i++) {
        unsigned child = weir_cast_level(from->children[i], to->children[i]);
        level = child > level ? child : level;
    }
    return level;
}

static bool is_json(const struct weir_type *type)
{
    return type->kind == WEIR_TYPE_JSON || type->kind == WEIR_TYPE_JSONB;
}

static unsigned other_level(const struct weir_type *from, const struct weir_type *to)
{
    if (from->kind == WEIR_TYPE_TIME && to->kind == WEIR_TYPE_INTERVAL)
        return WEIR_CAST_IMPLICIT;
    if (from->kind == WEIR_TYPE_INTERVAL && to->kind == WEIR_TYPE_TIME)
        return WEIR_CAST_ASSIGNMENT;
    if (is_json(from) && is_json(to))
        return WEIR_CAST_ASSIGNMENT;
    if (is_json(from) &&
        (weir_type_is_number(to) || to->kind == WEIR_TYPE_BOOLEAN || weir_type_is_nested(to)))
        return WEIR_CAST_EXPLICIT;
    if (is_json(to) && weir_type_is_nested(from))
        return WEIR_CAST_EXPLICIT;
    if ((from->kind == WEIR_TYPE_BOOLEAN && weir_type_is_integer(to)) ||
        (weir_type_is_integer(from) && to->kind == WEIR_TYPE_BOOLEAN))
        return WEIR_CAST_EXPLICIT;
    return WEIR_CAST_NONE;
}

unsigned weir_cast_level(const struct weir_type *from, const struct weir_type *to)
{
    if (from->kind == WEIR_TYPE_NULL)
        return WEIR_CAST_IMPLICIT;
    if (to->kind == WEIR_TYPE_NULL)
        return WEIR_CAST_NONE;
    if (from->kind == to->kind)
        return weir_type_is_nested(from) ? children_level(from, to) : WEIR_CAST_IMPLICIT;
    if (from->kind == WEIR_TYPE_TEXT)
        return WEIR_CAST_EXPLICIT;
    if (to->kind == WEIR_TYPE_TEXT)
        return WEIR_CAST_ASSIGNMENT;
    if (weir_type_is_number(from) && weir_type_is_number(to))
        return number_level(from, to);
    if (weir_type_category(from) == 'D' && weir_type_category(to) == 'D')
        return time_level(from, to);
    return other_level(from, to);
}

const struct weir_type *weir_type_decimal_capped(struct weir_arena *arena, unsigned precision,
                                                 unsigned scale)
{
    if (scale > WEIR_DECIMAL_PRECISION_MAX)
        scale = WEIR_DECIMAL_PRECISION_MAX;
    if (precision > WEIR_DECIMAL_PRECISION_MAX)
        precision = WEIR_DECIMAL_PRECISION_MAX;
    if (precision < scale)
        precision = scale;
    return weir_type_decimal(arena, precision ? precision : 1, scale);
}

const struct weir_type *weir_type_as_decimal(const struct weir_type *type, struct weir_arena *arena)
{
    static const uint8_t digits[] = {3, 5, 10, 19, 3, 5, 10, 20}; /* INT8 … UINT64 */
    if (type->kind == WEIR_TYPE_DECIMAL)
        return type;
    if (!weir_type_is_integer(type))
        return NULL;
    return weir_type_decimal(arena, digits[type->kind - WEIR_TYPE_INT8], 0);
}

const struct weir_type *weir_type_native(const struct weir_type *type, struct weir_arena *arena)
{
    switch (type->kind) {
    case WEIR_TYPE_INT8:
    case WEIR_TYPE_UINT8:
        return weir_type_of(WEIR_TYPE_INT16);
    case WEIR_TYPE_UINT16:
        return weir_type_of(WEIR_TYPE_INT32);
    case WEIR_TYPE_UINT32:
        return weir_type_of(WEIR_TYPE_INT64);
    case WEIR_TYPE_UINT64:
        return weir_type_as_decimal(type, arena);
    default:
        return type;
    }
}

static const struct weir_type *decimal_meet(const struct weir_type *a, const struct weir_type *b,
                                            struct weir_arena *arena)
{
    a = weir_type_as_decimal(a, arena);
    b = weir_type_as_decimal(b, arena);
    if (!a || !b)
        return NULL;
    unsigned scale = a->scale > b->scale ? a->scale : b->scale;
    unsigned whole_a = (unsigned)a->precision - a->scale,
             whole_b = (unsigned)b->precision - b->scale;
    return weir_type_decimal_capped(arena, (whole_a > whole_b ? whole_a : whole_b) + scale, scale);
}

static const struct weir_type *integer_meet(const struct weir_type *a, const struct weir_type *b,
                                            struct weir_arena *arena)
{
    if (is_unsigned(a->kind) == is_unsigned(b->kind))
        return integer_rank(a->kind) >= integer_rank(b->kind) ? a : b;
    const struct weir_type *natural = is_unsigned(a->kind) ? a : b; /* the unsigned one */
    const struct weir_type *integer = is_unsigned(a->kind) ? b : a;
    unsigned rank = integer_rank(natural->kind) + 1;
    if (rank > 3)
        return decimal_meet(a, b, arena);
    if (integer_rank(integer->kind) >= rank)
        return integer;
    return weir_type_of((enum weir_type_kind)(WEIR_TYPE_INT8 + rank));
}

static const struct weir_type *children_meet(const struct weir_type *a, const struct weir_type *b,
                                             struct weir_arena *arena)
{
    if (a->children_count != b->children_count)
        return NULL;
    const struct weir_type **children =
        WEIR_ARENA_ARRAY(arena, const struct weir_type *, a->children_count);
    if (!children)
        return NULL;
    for (uint32_t i = 0; i < a->children_count; i++) {
        children[i] = weir_type_meet(a->children[i], b->children[i], arena);
        if (!children[i])
            return NULL;
    }
    if (a->kind == WEIR_TYPE_LIST)
        return weir_type_list(arena, children[0]);
    if (a->kind == WEIR_TYPE_MAP)
        return weir_type_map(arena, children[0], children[1]);
    return weir_type_struct(arena, a->children_count, children, a->names);
}

/* Both of one kind: the parameters meet. */
static const struct weir_type *parameters_meet(const struct weir_type *a, const struct weir_type *b,
                                               struct weir_arena *arena)
{
    if (weir_type_equals(a, b))
        return a;
    if (a->kind == WEIR_TYPE_DECIMAL)
        return decimal_meet(a, b, arena);
    if (a->kind == WEIR_TYPE_TEXT)
        return a->length == b->length ? a : weir_type_of(WEIR_TYPE_TEXT);
    if (weir_type_is_nested(a))
        return children_meet(a, b, arena);
    return a->precision >= b->precision ? a : b;
}

const struct weir_type *weir_type_meet(const struct weir_type *a, const struct weir_type *b,
                                       struct weir_arena *arena)
{
    if (a->kind == WEIR_TYPE_NULL)
        return b;
    if (b->kind == WEIR_TYPE_NULL)
        return a;
    if (a->kind == b->kind)
        return parameters_meet(a, b, arena);
    if (weir_type_is_integer(a) && weir_type_is_integer(b))
        return integer_meet(a, b, arena);
    if (weir_type_is_number(a) && weir_type_is_number(b) && !is_float(a->kind) &&
        !is_float(b->kind))
        return decimal_meet(a, b, arena);
    if (weir_type_category(a) != weir_type_category(b))
        return NULL;
    bool to_b = weir_cast_level(a, b) == WEIR_CAST_IMPLICIT;
    bool to_a = weir_cast_level(b, a) == WEIR_CAST_IMPLICIT;
    if (!to_a && !to_b)
        return NULL;
    return to_a ? a : b;
}

const struct weir_type *weir_type_common(const struct weir_type *const *types, const bool *unknown,
                                         uint32_t count, struct weir_arena *arena)
{
    const struct weir_type *common = NULL;
    bool literals = false;
    for (uint32_t i = 0; i < count; i++) {
        literals |= unknown && unknown[i];
        if ((unknown && unknown[i]) || types[i]->kind == WEIR_TYPE_NULL)
            continue;
        common = common ? weir_type_meet(common, types[i], arena) : types[i];
        if (!common)
            return NULL;
    }
    /* A literal beside VARCHAR(n) is as long as it is written. */
    if (!common || (literals && common->kind == WEIR_TYPE_TEXT))
        return weir_type_of(WEIR_TYPE_TEXT);
    return common;
}
