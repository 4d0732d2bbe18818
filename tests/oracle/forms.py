"""Expressions: each line is one operator, function or form of syntax.

    form(kinds of the result, tags, template, K = kinds to choose from)

In a template {i4} is an expression of kind i4 (data.py), {K} of the kind chosen for this use and
{a=K} the same expression wherever {a=…} stands again; {?x|y} is one of several texts, {#1,9} a number.
‹…¦…› is weir's text and Postgres' text where the two differ. A tag is a function class of `weir
functions` or a form of syntax. Kind `approx` is a double that may differ in the last digits: it is only
ever passed on."""

import re

from oracle.data import TYPES

FORMS = []
AGGREGATES = []
WINDOWS = []

INTS = ["i2", "i4", "i8"]
NUMBERS = ["i2", "i4", "i8", "f4", "f8", "n", "n6"]
ORDERED = [*NUMBERS, "X2", "X4", "X8", "W", "D", "b", "s", "v", "y", "dt", "tm", "ts", "tz", "iv", "u"]
HASHED = [*ORDERED, "ai", "at", "jb"]
ANY = [*HASHED, "j"]
COMPARE = "{?=|<>|<|<=|>|>=|!=}"
ZONES = "{?UTC|Europe/Berlin|America/New_York|Asia/Kolkata}"


SYNTAX = {"cast", "coalesce", "numeric", "decimal", "varchar", "any", "all", "extract", "try", "try_cast", "position", "substring", "trim",
          "overlay", "values", "array", "exists",
          "from", "one", "row_number", "rank", "dense_rank", "lag", "lead", "first_value"}


KINDS = frozenset([*TYPES, "approx"])


class Form:
    def __init__(self, kind, tags, template, choices):
        self.kind, self.tags, self.template, self.choices = kind, tags.split(", "), template, choices
        self.needs = frozenset(re.findall(r"[{=]([A-Za-z]\w?)\}", template)) & KINDS
        if choices:
            self.needs = frozenset()


def form(kinds, tags, template, K=None):
    for kind in kinds.split():
        FORMS.append(Form(kind, tags, template, K))


def each(kinds, tags, template):
    """The same form for results of many kinds: {T} is the kind of the result."""
    for kind in kinds:
        FORMS.append(Form(kind, tags, template.replace("=T}", f"={kind}}}").replace("{T}", "{" + kind + "}"), None))


def aggregate(kind, tags, template, K=None):
    AGGREGATES.append(Form(kind, "aggregate, " + tags if tags else "aggregate", template, K))


def names_of(template):
    """The functions that weir's side of a template calls."""
    ours = re.sub(r"'[^']*'", "", re.sub(r"‹([^¦]*)¦[^›]*›", r"\1", template))
    names = re.findall(r"\b([A-Za-z_][A-Za-z0-9_]*)\(", ours)
    for choice in re.findall(r"\{[a-z]?\?([^{}]*)\}\(", ours):
        names += [name for name in choice.split("|") if name.isidentifier()]
    for choice in re.findall(r"([a-z_]+)\{[a-z]\?([^{}]*)\}\(", ours):
        names = [name for name in names if name not in choice[1].split("|")] + [choice[0] + name for name in choice[1].split("|")]
    return {name.lower() for name in names} - SYNTAX


# Forms of syntax that have a value of any kind.
each(ANY, "case", "CASE WHEN {b} THEN {T} ELSE {T} END")
each(ANY, "case", "CASE WHEN {b} THEN {T} WHEN {b} THEN {T} END")
each(HASHED, "case", "CASE {i4} % 3 WHEN 0 THEN {T} WHEN {#1,2} THEN {T} ELSE {T} END")
each(ANY, "coalesce", "coalesce({T}, {T}{?|, NULL})")
each(HASHED, "nullif, conditional", "nullif({T}, {T})")
each(ORDERED, "conditional", "{?greatest|least}({T}, {T}{?|, NULL})")
each(ANY, "conditional", "‹{?if|iff}({c=b}, {d=T}, {e=T})¦CASE WHEN {c=b} THEN {d=T} ELSE {e=T} END›")
each(ANY, "conditional", "‹{?ifnull|nvl}({d=T}, {e=T})¦coalesce({d=T}, {e=T})›")
each(["i4", "i8", "s", "f8", "n"], "scalar subquery", "(SELECT {T} FROM (VALUES (1)) AS one(x))")

# Truth.
form("b", "logic", "({b} {?AND|OR} {b})")
form("b", "logic", "({b} {?AND|OR} {b} {?AND|OR} {b})")
form("b", "logic", "(NOT {b})")
form("b", "logic, is truth", "(({b} {?AND|OR} {b}) IS {?|NOT }{?UNKNOWN|FALSE|TRUE})")
form("b", "logic, is null", "(({i4} > {#0,20} {?AND|OR} {s} < {?'k'|'tea'|'mug'}) IS {?|NOT }NULL)")
form("b", "is truth", "({b} IS {?|NOT }{?TRUE|FALSE|UNKNOWN})")
form("b", "is null", "({K} IS {?|NOT }NULL)", ANY)
form("b", "comparison", f"({{K}} {COMPARE} {{K}})", ORDERED)
form("b", "comparison", f"({{K}} {COMPARE} {{i8}})", NUMBERS)
form("b", "comparison", f"({{n}} {COMPARE} {{K}})", ["n6", "D", "f8", "X8"])
form("b", "comparison", f"({{X8}} {COMPARE} {{K}})", ["i2", "X4", "f8", "W"])
form("b", "comparison", f"({{W}} {COMPARE} {{?{{W}}|0.25::float8|'NaN'::float8|{{f8}}}})")
form("b", "comparison", f"({{s}} {COMPARE} {{?'tea'|'jug'|'a'|{{s}}}})")
form("b", "comparison", f"({{ts}} {COMPARE} {{K}})", ["dt", "tz"])
form("b", "comparison", f"({{K}} {{?=|<>}} {{K}})", ["ai", "at", "jb"])
form("b", "comparison", f"({{i4}} {COMPARE} {{#-10,30}})")
form("b", "comparison", f"({{X8}} {COMPARE} {{?9223372036854775807|-9223372036854775807|0}})")
form("b", "comparison", f"({{i4}} {COMPARE} {{#0,20}}.5)")
form("b", "comparison", "(num_nulls({s}, {i4}, {b}) {?>|=} {#0,1})")
form("b", "comparison", "(num_nonnulls({s}, {i4}) = {#0,2})")
form("b", "is distinct", "({K} IS {?|NOT }DISTINCT FROM {K})", HASHED)
form("b", "between", "({K} {?|NOT }BETWEEN {?|SYMMETRIC }{K} AND {K})", ORDERED)
form("b", "in list", "({K} {?|NOT }IN ({K}, {K}, {K}))", ORDERED)
form("b", "in list", "({i4} {?|NOT }IN (1, 3, 5, 7, 11, 13, {i4}))")
form("b", "in list", "({s} {?|NOT }IN ('tea', 'mug', '', 'Käse', 'jug'))")
form("b", "like, pattern", "({s} {?|NOT }LIKE {?'%e%'|'a_%'|'%\\%%'|'_'|''|'%'|'%tea'|'te%'|'_ä%'|'%日%'|'%\\_%'})")
form("b", "like, pattern", "({s} {?|NOT }LIKE {?'%!%%'|'%!_s%'|'!!%'|'_!_%'} ESCAPE '!')")
form("b", "like, pattern", "({s} {?|NOT }ILIKE {?'%E%'|'KÄ%'|'%TEA%'|'_UG'|'ünï%'})")
form("b", "similar, pattern", "({s} {?|NOT }SIMILAR TO {?'%(ea\\|ug)'|'[a-m]%'|'_\\{2,4\\}'|'(tea\\|mug\\|jug)'|'%[0-9]+%'})")
form("b", "regex, pattern", "({s} {?~|~*|!~|!~*} {?'^[a-k]'|'e+$'|'(tea\\|MUG)'|'[0-9]'|'^.\\{3\\}$'|'\\s'|'[[:upper:]]'})")
form("b", "pattern", "regexp_like({s}, {?'e.'|'^[A-Z]'|'a\\{2\\}'}{?|, 'i'})")
form("b", "string", "‹contains({a=s}, {c=s})¦(strpos({a=s}, {c=s}) > 0)›")
form("b", "string", "{?starts_with({s}, {s})|({s} ^@ {s})}")
form("b", "string", "‹ends_with({a=s}, {c=s})¦(right({a=s}, length({c=s})) = {c=s})›")
form("b", "array", "({i4} {?=|<|<>} {?ANY|ALL}(ARRAY[{i4}, {i4}, {#0,9}]))")
form("b", "array", "({i4} = ANY({ai}))")
form("b", "array", "({ai} {?@>|<@|&&} {ai})")
form("b", "json", "({jb} {?@>|<@} {jb})")
form("b", "json", "({jb} ? {?'a'|'b'|'x'})")
form("b", "json", "({jb} @> '{?\\{\"a\": 1\\}|[true]|\\{\"b\": [2]\\}|3.5}'::jsonb)")
form("b", "cast", "(({i4} % 2)::{?int|integer})::boolean")
form("b", "cast", "({b})::text::boolean")
form("b", "in list", "(({i4}, {s}) {?|NOT }IN (({i4}, {s}), (3, 'tea')))")
form("b", "comparison", "(({i4}, {s}) {?=|<>|<|>=} ({i4}, {s}))")

# Integers.
form("i4", "math", "({i4} {?+|-} {i4})")
form("i4", "math", "({i4} * {#-3,5})")
form("i4", "math", "({i4} {?/|%} {?3|-4|7|2|10})")
form("i4", "math", "({i4} {?/|%} nullif({i4}, 0))")
form("i4", "math", "mod({i4}, {#2,9})")
form("i4", "math", "{?abs|-|+|@ |~}({i4})")
form("i4", "math", "({i4} {?&|\\||#} {i4})")
form("i4", "math", "(({i4} % 1000) << {#0,4})")
form("i4", "math", "({i4} >> {#0,4})")
form("i4", "math", "{?gcd|div}({i4}, {#1,9})::int")
form("i4", "math", "sign({K})::int", ["f8", "n", "i4"])
form("i4", "math", "width_bucket({f8}, -500{?|.0}::float8, 500::float8, {#2,9})")
form("i4", "math", "({i2} {?+|-|*} {i4})")
form("i2", "math", "({i2} {?/|%} {?3|7|-5}::smallint)")
form("i2", "math", "({i2} {?&|\\||#} {i2})")
form("i2", "math", "abs({i2})")
form("i2", "cast", "({i4} % 100)::smallint")
form("i8", "math", "({i8} {?+|-} {i8})")
form("i8", "math", "({i8} {?+|-|*} {i2})")
form("i8", "math", "({i8} {?/|%} {?3|-7|10|16}{?|::bigint})")
form("i8", "math", "{?abs|-|~}({i8})")
form("i8", "math", "({i8} {?&|\\||#} {i8})")
form("i8", "math", "({X8} {?%|/} 1000000000000)")
form("i8", "math", "({X4}::bigint {?+|-|*} {?{X4}|7})")
form("i8", "math", "{?gcd|lcm}({i4}::bigint, {#1,9})")
form("i8", "cast", "{?cast({i4} AS bigint)|({i4})::bigint|({i2})::bigint|({n})::bigint|({f8})::bigint}")
form("i4", "cast", "{?cast({i2} AS integer)|({n})::int|({f8})::integer|({b})::int|(({i4})::text)::int}")
form("X8", "math", "({X8} {?&|\\||#} {X8})")
form("X8", "math", "({X8} {?/ 2|% 7|>> 3|/ 1})")
form("X8", "cast", "({X4})::bigint")
form("X4", "math", "({X4} {?/ 2|% 7|>> 3|# 1})")
form("X4", "cast", "({X2})::int")
form("X2", "math", "({X2} {?/ 2|% 7}::smallint)")
form("X8", "math", "~{X8}")
form("i4", "string", "{?length|char_length|octet_length|ascii|bit_length}({s})")
form("i4", "string", "{?length|char_length|character_length}({s} || {?'é'|'日本'|'e'})")
form("i4", "string", "{?strpos({s}, {s})|position({s} IN {s})|position('e' IN {s})}")
form("i4", "string", "‹instr({a=s}, {c=s})¦strpos({a=s}, {c=s})›")
form("i4", "string", "levenshtein(left({s}, 8), left({s}, 8))")
form("i4", "string", "difference({s}, {s})")
form("i4", "binary string", "{?length|octet_length}({y})")
form("i4", "binary string", "position('\\xff'::bytea IN {y})")
form("i4", "binary string", "bit_count({y})::int")
form("i4", "binary string", "get_byte({y} || '\\x41'::bytea, 0)")
form("i4", "pattern", "regexp_count({s}, {?'e'|'[a-z]+'|'.'})")
form("i4", "pattern", "regexp_instr({s}, {?'e'|'[0-9]+'|'a.'})")
form("i4", "array", "cardinality({K})", ["ai", "at"])
form("i4", "array", "array_length({K}, 1)", ["ai", "at"])
form("i4", "array", "coalesce(array_position({ai}, {i4}), 0)")
form("i4", "array, subscript", "({ai})[{#0,4}]")
form("i4", "json", "json_array_length({?'[1,2,3]'::json|json_build_array({i4}, {s})})")
form("i4", "json", "(CASE WHEN jsonb_typeof({a=jb}) = 'array' THEN jsonb_array_length({a=jb}) END)")
form("i8", "date and time", "‹epoch_ms({a=ts})¦floor(extract(epoch FROM {a=ts}) * 1000)::bigint›")
form("i8", "date and time", "‹unix_timestamp({a=ts})¦floor(extract(epoch FROM {a=ts}))::bigint›")
form("i4", "date and time, extract", "extract({?year|month|day|dow|doy|isodow|week|quarter|isoyear|century|decade} FROM {?{dt}|{ts}|{tz}})::int")
form("i4", "date and time, extract", "extract({?hour|minute} FROM {?{tm}|{ts}|{iv}})::int")
form("i4", "date and time, extract", "date_part({?'year'|'month'|'day'}, {ts})::int")
form("i4", "date and time", "‹{u?year|month|day}({a=ts})¦extract({u?year|month|day} FROM {a=ts})::int›")
form("i4", "date and time", "({dt} - {dt})")
form("i8", "date and time", "‹date_diff('day', {a=ts}, {c=ts})¦(({c=ts})::date - ({a=ts})::date)::bigint›")
form("i4", "formatting", "to_number(({i4})::text, 'S9999')::int")
form("i4", "URL", "‹url_port({a=s})¦ref_port({a=s})›")
form("i8", "hash", "‹crc32({a=s})¦ref_crc32({a=s})›")
form("i4", "try", "‹TRY({a=i4} / {c=i4})¦({a=i4} / nullif({c=i4}, 0))›")
form("i4", "try", "‹TRY_CAST({a=s} AS INTEGER)¦try_int({a=s})›")
form("f8", "try", "‹TRY_CAST({a=s} AS DOUBLE)¦try_double({a=s})›")
form("dt", "try", "‹TRY_CAST({a=s} AS DATE)¦try_date({a=s})›")

# Decimals.
form("n", "math", "({n} {?+|-} {n})")
form("n", "math", "({n} {?+|-|*} {#-3,9})")
form("n", "math", "({n} % {?7|2.5|-3.25})")
form("n", "math", "{?abs|-}({n})")
form("n", "math", "{?round|trunc}({K}, 2)", ["n", "n6"])
form("n", "math", "round({n} * {n6}, 2)")
form("n", "math", "round({n} / nullif({n}, 0), 4)")
form("n6", "math", "round({n} / {?3|7|1.5|-0.07}, {#0,6})")
form("n6", "math", "({n6} {?+|-} {n})")
form("n6", "math", "{?round|trunc|floor|ceil|abs}({n6})")
form("n", "cast", "({K})::{?numeric(12,2)|decimal(14,2)}", ["i4", "i8", "n6", "f8"])
form("n6", "cast", "cast({K} AS numeric(18,6))", ["i4", "n", "f8"])
form("n6", "date and time, extract", "extract({?second|epoch|microseconds} FROM {?{tm}|{iv}|{ts}})")
form("D", "cast", "({K})::numeric(38,0)", ["X8", "i8", "n", "n6"])
form("D", "math", "{?-|abs|sign|trunc|round}({D})")
form("D", "math", "({X8}::numeric(38,0) {?+|-|*} {X8}::numeric(38,0))")
form("D", "math", "({D} % {?1000007|10|-77})")
form("D", "math", "div({D}, {?10|7|1000})")
form("n", "formatting", "to_number(to_char({n}, 'S9999999.99'), 'S9999999.99')")

# Doubles.
form("f8", "math", "({f8} {?+|-} {f8})")
form("f8", "math", "({f8} * {?0.5|2|-1}::float8)")
form("f8", "math", "{?abs|-|floor|ceil|round|trunc|ceiling}({f8})")
form("f8", "math", "({f4} {?+|-} {f8})")
form("f8", "cast", "({K})::double precision", ["i4", "i8", "f4", "i2"])
form("f4", "math", "{?abs|-}({f4})")
form("f4", "math", "({f4} * 2::real)")
form("f4", "cast", "({K})::real", ["i2", "f8"])
form("W", "math", "{?abs|-}({W})")
form("W", "cast", "({f8})::double precision")
form("approx", "math", "({f8} / nullif({f8}, 0))")
form("approx", "math", "({f8} * {f8})")
form("approx", "math", "{?sqrt|ln|log}(abs({f8}) + 1)")
form("approx", "math", "{?sin|cos|tan|atan|exp|cbrt|sinh|cosd|sind|degrees|radians|tanh|asinh}({f8} / 100)")
form("approx", "math", "{?power|pow}(abs({f8}) + 1, {?2|0.5|-1|3})")
form("approx", "math", "atan2({f8}, {f8})")
form("approx", "math", "|/ abs({f8})")
form("approx", "math", "({n} / nullif({n6}, 0))::float8")
form("approx", "math", "({i4}::float8 ^ 2)")

# Text.
form("s", "string", "({s} || {?{s}|{i4}|'-'})")
form("s", "string", "{?upper|lower|initcap|reverse}({s})")
form("s", "string", "concat({s}, {K}, {s})", ["i4", "s", "dt", "u"])
form("s", "string", "concat_ws('{?-|, |}', {s}, {i4}, {s})")
form("s", "string", "{?substr|substring}({s}, {#-2,4}, {#0,6})")
form("s", "string", "substring({s}, {#-2,0}, {#1,6})")
form("s", "string", "substring({s} FROM {#1,3}{?| FOR 3})")
form("s", "string", "{?left|right}({s}, {#-2,5})")
form("s", "string", "replace({s}, {?'e'|'a'|'ä'|''}, {?'E'|''|'日本'})")
form("s", "string", "translate({s}, 'aeiou', {?'AEIOU'|'123'|''})")
form("s", "string", "{?trim({s})|btrim({s}, 'et ')|ltrim({s}, 't')|rtrim({s}, 'ge')|trim(BOTH 'te' FROM {s})|trim(LEADING FROM {s})}")
form("s", "string", "{?lpad|rpad}(left({s}, 9), {#0,12}, {?'*'|'xy'|'日'})")
form("s", "string", "repeat(left({s}, 5), {#-1,3})")
form("s", "string", "split_part({s}, {?' '|'e'|','}, {?1|2|-1})")
form("s", "string", "overlay({s} PLACING 'XY' FROM {#1,3}{?| FOR 1})")
form("s", "string", "format('{?%s-%s|%s and %I|%2$s/%1$s|%L %s}', {s}, {s})")
form("s", "string", "{?quote_literal|quote_ident|quote_nullable|normalize}({s})")
form("s", "string", "to_hex(abs({i4}))")
form("s", "string", "{?chr(65 + abs({i4}) % 50)|soundex({s})|left(md5({s}), 6)}")
form("s", "string", "‹substring_index({a=s}, 'e', 1)¦split_part({a=s}, 'e', 1)›")
form("s", "cast", "({K})::text", ["i2", "i4", "i8", "X8", "X2", "b", "s", "v", "y", "dt", "tm", "ts", "tz", "iv", "u", "ai", "at", "jb", "f8", "f4", "D", "W"])
form("s", "cast", "({n})::numeric(16,2)::text")
form("s", "cast", "({s})::varchar(4)")
form("v", "cast", "cast({s} AS varchar(12))")
form("v", "cast", "({i4})::varchar(12)")
form("s", "pattern", "regexp_replace({s}, {?'[aeiou]'|'e+'|'(.)(.)'|'^t'}, {?'*'|''|'<\\&>'}{?|, 'g'|, 'gi'})")
form("s", "pattern", "substring({s} FROM {?'[a-z]+'|'(.)e'|'[0-9]+'})")
form("s", "pattern", "regexp_substr({s}, {?'[a-z]+'|'e.'|'[A-Z].'})")
form("s", "pattern, subscript", "(regexp_match({s}, {?'([a-z])([a-z])'|'e(.)'}))[1]")
form("s", "pattern, array, subscript", "(regexp_split_to_array({s}, {?'e'|' +'|','}))[{#1,2}]")
form("s", "array, subscript", "({at})[{#0,3}]")
form("s", "array, subscript", "(string_to_array({s}, {?' '|'e'}))[1]")
form("s", "array", "array_to_string({K}, {?','|'-'}{?|, '?'})", ["ai", "at"])
form("s", "binary string", "encode({y}, '{?hex|base64|escape}')")
form("s", "binary string", "convert_from(convert_to({s}, 'UTF8'), 'UTF8')")
form("s", "hash", "{?md5({s})|encode(sha256(convert_to({s}, 'UTF8')), 'hex')|md5({y})}")
form("s", "hash", "encode({?sha224|sha256|sha384|sha512}({y}), 'hex')")
form("y", "hash", "digest({s}, '{?md5|sha256|sha512}')")
form("s", "formatting", "to_char({i4}, '{?999|000|S999|9,999|FM999}')")
form("s", "formatting", "to_char({n}, '{?99999.99|FM999990.00|S00000.0|999,999.99}')")
form("s", "formatting", "to_char({ts}, '{?YYYY-MM-DD HH24:MI:SS|Mon DD, YYYY|IYYY-IW|HH12:MI AM|DDD Q|Day|FMMonth FMDDth}')")
form("s", "formatting", "to_char({dt}, '{?YYYY/MM/DD|DY D|ID WW}')")
form("s", "formatting", "to_char({iv}, 'HH24:MI:SS')")
form("s", "json", "({K} ->> {?'a'|'b'|'k'})", ["j", "jb"])
form("s", "json", "({K} ->> {#-1,2})", ["j", "jb"])
form("s", "json", "({jb} #>> {?'\\{a,b\\}'|'\\{n,m,o\\}'|'\\{b,0\\}'})")
form("s", "json", "{?json_typeof({j})|jsonb_typeof({jb})}")
form("s", "json", "json_extract_path_text({j}, 'a', 'b')")
form("s", "json", "jsonb_extract_path_text({jb}, {?'a'|'b'}{?|, '0'})")
form("s", "URL", "‹url_{u?host|protocol|path|query|fragment}({a=s})¦ref_{u?host|protocol|path|query|fragment}({a=s})›")
form("s", "URL", "‹url_param({a=s}, '{u?x|q|y|lang}')¦ref_param({a=s}, '{u?x|q|y|lang}')›")
form("s", "URL", "‹url_encode({a=s})¦ref_encode({a=s})›")
form("s", "URL", "‹url_decode(url_encode({a=s}))¦({a=s})›")

# Bytes, dates, times and the rest.
form("y", "binary string", "({y} || {y})")
form("y", "binary string", "{?substr|substring}({y}, {#1,2}{?|, 2})")
form("y", "binary string", "decode({?encode({y}, 'hex')|md5({s})}, 'hex')")
form("y", "binary string", "{?btrim|ltrim|rtrim}({y}, '\\x00ff'::bytea)")
form("y", "binary string", "overlay({y} PLACING '\\x2a'::bytea FROM 1)")
form("y", "binary string", "set_byte({y} || '\\x41'::bytea, 0, {#0,255})")
form("y", "binary string", "convert_to({s}, 'UTF8')")
form("y", "cast", "left(md5({s}), 8)::bytea")
form("dt", "date and time", "({dt} {?+|-} {#0,40})")
form("dt", "date and time", "make_date({#1990,2030}, abs({i4}) % 12 + 1, {#1,28})")
form("dt", "cast", "({?{ts}|{tz}})::date")
form("dt", "formatting", "to_date('{#1990,2030}-{#1,12}-{#1,28}', 'YYYY-MM-DD')")
form("tm", "date and time", "({tm} {?+|-} {iv})")
form("tm", "date and time", "make_time(abs({i4}) % 24, {#0,59}, {#0,59}.5)")
form("tm", "cast", "({ts})::time")
form("ts", "date and time", "({?{ts}|{dt}} {?+|-} {iv})")
form("ts", "date and time", "({dt} + {tm})")
form("ts", "date and time", "date_trunc('{?hour|day|week|month|quarter|year|minute|decade|millennium}', {ts})")
form("ts", "date and time", "date_trunc('week', {ts})")
form("i4", "date and time, extract", "extract({?week|isoyear|isodow} FROM {?{dt}|{ts}})::int")
form("ts", "date and time", "date_bin(INTERVAL '{?15 minutes|1 hour|7 days|90 seconds}', {ts}, TIMESTAMP '{?1970-01-01|2024-01-01 00:05:00}')")
form("ts", "date and time", f"({{tz}} AT TIME ZONE '{ZONES}')")
form("ts", "date and time", "make_timestamp({#1990,2030}, {#1,12}, {#1,28}, abs({i4}) % 24, {#0,59}, {#0,59})")
form("ts", "cast", "({dt})::timestamp")
form("tz", "date and time", f"({{ts}} AT TIME ZONE '{ZONES}')")
form("tz", "date and time", "({tz} {?+|-} {iv})")
form("tz", "date and time", "date_trunc('{?hour|day|week|month|year}', {tz})")
form("tz", "date and time", "to_timestamp({i4} % 2000 * 1000000{?|.5})")
form("ts", "date and time", "‹to_timestamp_millis({a=i8})¦(to_timestamp({a=i8} / 1000.0) AT TIME ZONE 'UTC')›")
form("tz", "cast", "({?{ts}|{dt}})::timestamptz")
form("iv", "date and time", "({?{ts} - {ts}|{tm} - {tm}|{iv} + {iv}|{iv} * {#-2,3}|age({ts}, {ts})})")
form("iv", "date and time", "{?justify_hours|justify_days|justify_interval}({iv})")
form("iv", "date and time", "make_interval({?days => {#0,9}|hours => abs({i4})|months => {#0,5}})")
form("iv", "date and time", "({i4} * INTERVAL '{?1 day|1 hour|90 seconds}')")
form("iv", "cast", "({tm})::interval")
form("u", "cast", "md5({s})::uuid")
form("u", "cast", "({u})::text::uuid")
form("ai", "array constructor, array", "ARRAY[{i4}, {i4}{?|, {i4}|, NULL}]")
form("at", "array constructor, array", "ARRAY[{s}, {s}{?|, 'x'}]")
form("at", "array", "string_to_array({s}, {?' '|','|'e'}{?|, 'tea'})")
form("ai", "array", "{?array_append({ai}, {i4})|array_prepend({i4}, {ai})|array_cat({ai}, {ai})|({ai} \\|\\| {ai})|array_remove({ai}, {i4})|array_replace({ai}, 1, {i4})}")
form("at", "array", "{?array_append({at}, {s})|({at} \\|\\| {s})|array_remove({at}, 'tea')}")
form("ai", "array, subscript", "(coalesce({ai}, ARRAY[7]))[{#1,2}:{#2,4}]")
form("j", "json", "({j} -> {?'a'|'b'|0|'n'})")
form("j", "json", "{?json_build_object('x', {i4}, 'y', {s})|json_build_array({i4}, {s}, {b})|to_json({s})}")
form("j", "cast", "({jb})::text::json")
form("jb", "json", "({jb} -> {?'a'|'b'|0|'n'})")
form("jb", "json", "({jb} #> {?'\\{a,b\\}'|'\\{n,m\\}'|'\\{b\\}'})")
form("jb", "json", "jsonb_extract_path({jb}, {?'a'|'b'|'n'})")
form("jb", "json", "{?jsonb_build_object('x', {i4}, 'y', {s})|jsonb_build_array({i4}, {s})|to_jsonb({i4})|to_jsonb({s})}")
form("jb", "json", "{?jsonb_strip_nulls({jb})|(CASE WHEN jsonb_typeof({c=jb}) = 'object' THEN {c=jb} \\|\\| '\\{\"z\": 1\\}'::jsonb END)}")
form("jb", "cast", "({j})::{?text::|}jsonb")
form("X8", "cast", "(({X8})::text)::bigint")

# Aggregates: those with {f} take FILTER there.
aggregate("i8", "", "count(*){f}")
aggregate("i8", "", "count({K}){f}", ANY)
aggregate("i8", "distinct aggregate", "count(DISTINCT {K}){f}", HASHED)
aggregate("i8", "", "‹count_if({a=b})¦count(*) FILTER (WHERE {a=b})›")
aggregate("i8", "", "sum({K}){f}", ["i2", "i4"])
aggregate("i8", "", "sum({i8})::bigint")
aggregate("i8", "distinct aggregate", "sum(DISTINCT {i4}){f}")
aggregate("D", "", "sum({X8}){f}")
aggregate("n", "", "sum({n}){f}")
aggregate("n6", "", "sum({n6}){f}")
aggregate("n", "distinct aggregate", "sum(DISTINCT {n}){f}")
aggregate("f8", "", "sum({f8}){f}")
aggregate("iv", "", "{?sum|max}({iv}){f}")
aggregate("approx", "", "avg({K}){f}", ["i2", "i4", "i8", "f4", "f8", "n", "n6"])
aggregate("approx", "", "{?stddev|variance|var_pop|stddev_pop|var_samp|stddev_samp}({K}){f}", ["i4", "f8", "n", "i8"])
aggregate("approx", "", "{?covar_pop|covar_samp|regr_avgx|regr_avgy|regr_sxx|regr_sxy}({f8}, {f8}){f}")
aggregate("i8", "", "regr_count({f8}, {f8}){f}")
for K in [*NUMBERS, "X2", "X4", "X8", "W", "D", "s", "dt", "tm", "ts", "tz", "iv"]:
    aggregate(K, "", "{?min|max}({" + K + "}){f}")
for K in ["i4", "s", "dt", "n", "b", "u", "f8", "ts"]:
    aggregate(K, "ordered aggregate", "‹first_value({a=K} ORDER BY {a=K} {u?ASC|DESC})¦(array_agg({a=K} ORDER BY {a=K} {u?ASC|DESC}))[1]›".replace("=K}", f"={K}}}"))
for K in ["i4", "s", "n", "f8", "dt"]:
    aggregate(K, "", f"‹arg_max({{a={K}}}, {{c=i4}})¦(array_agg({{a={K}}} ORDER BY {{c=i4}} DESC, {{a={K}}}) FILTER (WHERE {{c=i4}} IS NOT NULL))[1]›")
    aggregate(K, "", f"‹min_by({{a={K}}}, {{c=s}})¦(array_agg({{a={K}}} ORDER BY {{c=s}}, {{a={K}}}) FILTER (WHERE {{c=s}} IS NOT NULL))[1]›")
    aggregate(K, "within group", f"{{?percentile_disc({{?0.5|0.25|0|1}})|mode()}} WITHIN GROUP (ORDER BY {{{K}}}{{?| DESC}})")
aggregate("approx", "within group", "percentile_cont({?0.5|0.9|0.1}) WITHIN GROUP (ORDER BY {f8})")
aggregate("approx", "", "‹median({a=f8})¦percentile_cont(0.5) WITHIN GROUP (ORDER BY {a=f8})›")
aggregate("approx", "", "product({f8} / 500){f}")
aggregate("b", "", "{?bool_and|bool_or|every}({b}){f}")
aggregate("i4", "", "{?bit_and|bit_or|bit_xor}({i4}){f}")
aggregate("X8", "", "{?bit_and|bit_or|bit_xor}({X8}){f}")
aggregate("s", "ordered aggregate", "string_agg({a=s}, '{?,|; |}' ORDER BY {a=s}{?| DESC}){f}")
aggregate("s", "ordered aggregate, distinct aggregate", "string_agg(DISTINCT {a=s}, '|' ORDER BY {a=s}){f}")
aggregate("ai", "ordered aggregate", "array_agg({a=i4} ORDER BY {a=i4}{?| DESC| NULLS FIRST}){f}")
aggregate("at", "ordered aggregate", "array_agg({a=s} ORDER BY {a=s}{?| DESC NULLS LAST}){f}")
aggregate("ai", "ordered aggregate, distinct aggregate", "array_agg(DISTINCT {a=i4} ORDER BY {a=i4}){f}")
aggregate("j", "ordered aggregate, json", "json_agg({a=i4} ORDER BY {a=i4}){f}")
aggregate("jb", "ordered aggregate, json", "jsonb_agg({a=s} ORDER BY {a=s}){f}")

# Window functions over a total order: {w} is PARTITION BY … ORDER BY all columns.
for kind, template in [("i8", "row_number() OVER ({w})"), ("i8", "{?rank|dense_rank}() OVER ({w})"), ("i4", "{?lag|lead}({i4}) OVER ({w})"),
                       ("s", "lag({s}, {#1,2}) OVER ({w})"), ("i8", "sum({i4}) OVER ({w})"), ("i8", "count({s}) OVER ({w})"),
                       ("i4", "max({i4}) OVER ({w} ROWS BETWEEN {#1,3} PRECEDING AND CURRENT ROW)"), ("i4", "first_value({i4}) OVER ({w})")]:
    WINDOWS.append(Form(kind, "window function", template, None))


def literal(rng, kind):
    """A literal of a kind."""
    if rng.random() < 0.07:
        return f"NULL::{TYPES[kind].lower()}" if kind != "approx" else "NULL::float8"
    pick = rng.choice
    return {
        "b": lambda: pick(["TRUE", "FALSE"]), "i2": lambda: f"{rng.randrange(0, 60)}::smallint", "i4": lambda: str(rng.randrange(0, 30)),
        "i8": lambda: f"{rng.randrange(0, 4000)}::bigint", "X2": lambda: pick(["32767", "(-32768)", "0"]) + "::smallint",
        "X4": lambda: pick(["2147483647", "(-2147483648)", "0"]) + "::integer",
        "X8": lambda: pick(["9223372036854775807", "(-9223372036854775808)", "0"]) + "::bigint",
        "f4": lambda: f"{rng.randrange(0, 800) / 8}::real", "f8": lambda: f"{rng.randrange(0, 2000) / 8}::double precision",
        "W": lambda: pick(["'NaN'", "'Infinity'", "1e300", "'-0'", "0.1"]) + "::double precision",
        "n": lambda: f"{rng.randrange(0, 20000) / 100:.2f}", "n6": lambda: f"{rng.randrange(0, 10 ** 10) / 10 ** 6:.6f}::numeric(18,6)",
        "D": lambda: pick(["'99999999999999999999999999999999999999'", "'-12345678901234567890'", "0"]) + "::numeric(38,0)",
        "s": lambda: pick(["'tea'", "'e'", "''", "'Käse'", "'a long piece of text, longer than sixteen bytes'", "'it''s'", "'mug'", "'日本'"]),
        "v": lambda: pick(["'tea'", "'jug'"]) + "::varchar(12)", "y": lambda: pick(["'\\xff'", "'\\x616263'", "'\\x'"]) + "::bytea",
        "dt": lambda: f"DATE '{rng.randrange(1960, 2040)}-{rng.randrange(1, 13):02d}-{rng.randrange(1, 29):02d}'",
        "tm": lambda: f"TIME '{rng.randrange(24):02d}:{rng.randrange(60):02d}:30.5'",
        "ts": lambda: f"TIMESTAMP '{rng.randrange(1960, 2040)}-0{rng.randrange(1, 10)}-15 {rng.randrange(24):02d}:30:00.25'",
        "tz": lambda: f"TIMESTAMPTZ '2024-0{rng.randrange(1, 10)}-15 12:30:00+0{rng.randrange(6)}'",
        "iv": lambda: f"INTERVAL '{pick(['1 day', '2 months', '36 hours', '1 year -1 day', '90 seconds'])}'",
        "u": lambda: f"'00000000-0000-4000-8000-{rng.randrange(12):012x}'::uuid", "j": lambda: "'{\"a\": [1, 2], \"b\": \"x\"}'::json",
        "jb": lambda: pick(["'{\"a\": 1}'", "'[1, 2]'", "'\"x\"'"]) + "::jsonb", "ai": lambda: pick(["ARRAY[1, 2, 3]", "ARRAY[NULL, 5]"]),
        "at": lambda: "ARRAY['tea', 'mug']", "approx": lambda: "0.125::double precision",
    }[kind]()
