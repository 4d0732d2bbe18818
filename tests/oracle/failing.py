"""Queries that must fail, in weir as in Postgres: overflow, division by zero, casts of what is not so."""

from oracle.generator import Query

EXPRESSIONS = [
    "c_x8 * 2", "c_x8 + 9223372036854775807", "c_x8 - 9223372036854775807 - 2", "-c_x8", "abs(c_x8)", "c_x4 + 2147483647", "c_x4 * c_x4", "abs(c_x4)",
    "-c_x4", "c_x2 * c_x2", "c_x2 + 32767::smallint", "c_i4 / (e_i4 - e_i4)", "c_x8 % (e_i4 - e_i4)", "c_n / (c_n - c_n)", "c_f8 / (c_f8 - c_f8)",
    "(c_n * 1000)::numeric(6,2)::int", "c_x4::smallint", "c_x8::int", "c_w::int", "c_s::int", "length((c_s::date)::text)", "c_f8::numeric(3,1)::int",
    "length(c_s::uuid::text)", "c_x8 / (e_i4 - e_i4)", "mod(c_i4, e_i4 - e_i4)", "length(repeat(c_s, 1)::bytea::text::timestamp::text)",
    "c_d::bigint", "(c_x8::numeric(38,0) * 3)::bigint", "sqrt(-1 - abs(c_f8))::int", "ln(0 * c_f8)::int", "make_date(2024, 13 + id, 1) - DATE '2024-01-01'"]
CONTEXTS = ["SELECT {e} AS x FROM t", "SELECT count(*) AS x FROM t WHERE {e} > 0", "SELECT k, max({e}) AS x FROM t GROUP BY k", "SELECT id FROM t ORDER BY {e}, id",
            "SELECT x FROM (SELECT {e} AS x FROM t) AS q WHERE x > 0", "SELECT DISTINCT {e} AS x FROM t", "SELECT sum(x) AS s FROM (SELECT ({e})::numeric AS x FROM t) AS q"]


def queries(rng):
    out = []
    for n, expression in enumerate(EXPRESSIONS):
        for context in (CONTEXTS[n % len(CONTEXTS)], rng.choice(CONTEXTS)):
            out.append(Query(context.replace("{e}", expression), [], False, frozenset(), 1))
    return out
