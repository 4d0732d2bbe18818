"""The expressions of the differential tests: (expression over {0} {1} …, kinds of the arguments)."""


class Case:
    def __init__(self, expression, *kinds, zoned=False, numeric=False, digits=None):
        self.expression, self.kinds = expression, kinds
        self.zoned = zoned      # asked in several session zones
        self.numeric = numeric  # 1.50 is 1.5
        self.digits = digits    # None: exact; 0: to the digits of the shorter one; n: relative


ALL = []


def add(expressions, *kinds, **options):
    for expression in expressions.split(" ;; "):
        ALL.append(Case(expression.strip(), *kinds, **options))


# --- strings
add("upper({0}) ;; lower({0}) ;; initcap({0}) ;; length({0}) ;; char_length({0}) ;; octet_length({0}) ;; bit_length({0}) ;; reverse({0})"
    " ;; ascii({0}) ;; md5({0}) ;; quote_ident({0}) ;; quote_literal({0}) ;; quote_nullable({0}) ;; btrim({0}) ;; ltrim({0}) ;; rtrim({0})"
    " ;; trim({0}) ;; {0} || 'x' ;; normalize({0}) ;; normalize({0}, NFD) ;; normalize({0}, NFKC) ;; normalize({0}, NFKD)"
    " ;; {0} IS NORMALIZED ;; {0} IS NFD NORMALIZED ;; convert_to({0}, 'UTF8') ;; convert_to({0}, 'LATIN1') ;; {0}::bytea ;; unistr({0})"
    " ;; parse_ident({0}) ;; string_to_array({0}, NULL)", "text")
add("left({0}, {1}) ;; right({0}, {1}) ;; repeat({0}, {1}) ;; lpad({0}, {1}) ;; rpad({0}, {1}) ;; substr({0}, {1}) ;; substring({0}, {1})"
    " ;; {0} || {1}", "text", "small")
add("lpad({0}, {1}, {2}) ;; rpad({0}, {1}, {2})", "text", "small", "pad")
add("substr({0}, {1}, {2}) ;; substring({0} FROM {1} FOR {2})", "text", "small", "small")
add("overlay({0} PLACING {1} FROM {2}) ;; split_part({0}, {1}, {2})", "text", "pad", "small")
add("overlay({0} PLACING {1} FROM {2} FOR {3})", "text", "pad", "small", "small")
add("strpos({0}, {1}) ;; position({1} IN {0}) ;; starts_with({0}, {1}) ;; {0} ^@ {1} ;; btrim({0}, {1}) ;; ltrim({0}, {1}) ;; rtrim({0}, {1})"
    " ;; string_to_array({0}, {1}) ;; {0} || {1} ;; {0} < {1} ;; {0} = {1} ;; concat({0}, {1}) ;; concat_ws({1}, {0}, NULL, {0}) ;; greatest({0}, {1})"
    " ;; nullif({0}, {1}) ;; coalesce({0}, {1}) ;; trim(BOTH {1} FROM {0}) ;; trim(LEADING {1} FROM {0})", "text", "pad")
add("replace({0}, {1}, {2}) ;; translate({0}, {1}, {2}) ;; string_to_array({0}, {1}, {2})", "text", "text:a¦b¦ab¦xy¦é¦日¦ ¦,¦aA¦", "pad")
add("chr({0}) ;; to_hex({0})", "integer")
add("to_hex({0})", "bigint")
add("chr({0})", "integer:0¦1¦65¦233¦8364¦128512¦55296¦57343¦1114109¦1114112¦-1")
add("{0} LIKE {1} ;; {0} NOT LIKE {1} ;; {0} ILIKE {1}", "text", "text:%¦_¦a%¦%a¦%b%¦a_c¦\\%¦%\\¦\\¦___¦%é%¦h%o¦H_llo%¦¦%%¦_%_¦A%¦%ss%¦100\\%¦\\")
add("{0} LIKE {1} ESCAPE {2}", "text", "text:%¦#%¦a#_c¦%#¦100#%¦_#_%¦a%b", "text:#¦\\¦¦##¦%")
add("{0} SIMILAR TO {1}", "text", "text:%¦a%¦(a|b)%¦[a-z]+¦_¦%(o|l)%¦a{1,3}¦[^a]*¦abc¦\\%¦%[[:upper:]]%¦h(e|a)llo¦¦a*¦(ab)?%¦a|b")
add("{0} ~ {1} ;; {0} ~* {1} ;; {0} !~ {1} ;; substring({0} FROM {1}) ;; regexp_count({0}, {1}) ;; regexp_like({0}, {1}) ;; regexp_instr({0}, {1})"
    " ;; regexp_substr({0}, {1}) ;; regexp_match({0}, {1}) ;; regexp_split_to_array({0}, {1}) ;; regexp_replace({0}, {1}, '<\\&>')"
    " ;; regexp_replace({0}, {1}, '<\\1>', 'g') ;; regexp_replace({0}, {1}, 'X', 'gi')",
    "text", "text:a¦b+¦^a¦c$¦(.)(.)¦[a-z]+¦[^a-z]¦\\d¦\\w+¦\\s¦x*¦(l+)o¦.¦\\m¦[[:alpha:]]¦(a|ab)(c|bcd)?¦é¦日¦(?i)ABC¦o.*¦a{2}¦\\y¦(¦[¦*a¦(?:x|y)+¦^$¦¦a|b¦(a)|(b)¦l+?¦(?=l)¦b|")
add("regexp_instr({0}, {1}, {2}, {3}) ;; regexp_substr({0}, {1}, {2}, {3}) ;; regexp_replace({0}, {1}, 'Z', {2}, {3})",
    "text", "text:a¦.¦[a-z]¦\\w¦l¦(o)", "integer:1¦2¦3¦0¦7¦-1", "integer:1¦2¦3¦0")
add("format({0}, {1}, {2})", "text:%s¦%I¦%L¦%s %s¦%2$s %1$s¦%%¦%10s¦%-10s¦%*s¦%¦%q¦%1$*2$s¦%s %1$s¦%3$s¦[%-3s]¦", "text", "text:a¦b c¦7¦-5¦NULL")
add("encode({0}, {1})", "bytea", "text:hex¦base64¦escape¦HEX¦foo")
add("decode({0}, {1})", "text:abc¦YWJj¦YWJ¦YQ==¦6162¦616¦zz¦\\001a¦\\\\¦\\9¦ 61 62 ¦YW Jj¦¦===¦Y=Q=¦+/+/¦é", "text:hex¦base64¦escape")
add("length({0}) ;; bit_length({0}) ;; bit_count({0}) ;; md5({0}) ;; sha256({0}) ;; sha224({0}) ;; sha512({0}) ;; sha384({0}) ;; {0}::text"
    " ;; convert_from({0}, 'UTF8') ;; convert_from({0}, 'LATIN1')", "bytea")
add("get_bit({0}, {1}) ;; substr({0}, {1}) ;; get_byte({0}, {1})", "bytea", "small")
add("set_bit({0}, {1}, {2}) ;; set_byte({0}, {1}, {2}) ;; substring({0}, {1}, {2})", "bytea", "small", "integer:0¦1¦2¦255¦256¦-1")
add("{0} || {1} ;; position({1} IN {0}) ;; btrim({0}, {1}) ;; ltrim({0}, {1}) ;; rtrim({0}, {1}) ;; {0} < {1} ;; {0} = {1}", "bytea", "bytea:\\x¦\\x00¦\\xff¦\\x12¦\\x90¦\\x6162¦\\x00ff")
add("overlay({0} PLACING {1} FROM {2} FOR {3})", "bytea", "bytea:\\x¦\\x00¦\\xaabb", "small", "small")

# --- casts
add("{0}::boolean", "text:t¦f¦true¦FALSE¦yes¦no¦on¦off¦1¦0¦y¦n¦o¦tr¦ye¦ true ¦2¦¦of¦nO¦truex")
add("{0}::integer ;; {0}::smallint ;; {0}::bigint", "text:0¦1¦-1¦+5¦ 42 ¦2147483647¦2147483648¦-2147483648¦-2147483649¦32767¦32768¦9223372036854775807¦9223372036854775808¦-9223372036854775808¦1.5¦1e3¦¦abc¦0x10¦1_000¦--1¦- 1¦00012¦\t7\n")
add("{0}::double precision ;; {0}::real", "text:0¦1.5¦-0¦1e308¦1e309¦1e-400¦1e-46¦1e39¦NaN¦nan¦inf¦-Infinity¦infinity¦+inf¦ 1.5 ¦1e¦.5¦5.¦.¦abc¦¦1e+5¦-1E-5¦1.7976931348623159e308¦123456789012345678901234567890¦0.1¦1e23¦9007199254740993¦4.9e-324¦2.5e-324¦1.17549435e-38")
add("{0}::numeric(20,5) ;; {0}::numeric(6,2)", "text:0¦1.5¦-0¦1e5¦1e-5¦0.005¦0.004999¦-0.005¦9999.994¦9999.995¦ 1.5 ¦1e¦.5¦5.¦.¦abc¦¦1e15¦123456789012345.123456¦99999999999999.999995¦1_0", numeric=True)
add("{0}::date", "text:2024-01-02¦2024-02-30¦20240102¦Jan 2, 2024¦2 January 2024¦01/02/2024¦2024.033¦J2451187¦1999-01-08 BC¦0000-01-01¦10000-01-01¦2024-1-2¦2024-13-01¦epoch¦¦abc¦2024-01-02 03:04:05¦today x¦99-01-08¦2024/01/02¦08-Jan-1999¦January 8, 99 BC¦5874897-12-31¦5874898-01-01¦4714-11-24 BC¦4714-11-23 BC¦2024-02-29¦2023-02-29¦1999-Jan-08¦Monday 1 Jan 2024")
add("{0}::time", "text:04:05¦04:05:06¦04:05:06.789¦040506¦04:05 AM¦04:05 PM¦12:00 AM¦12:00 PM¦13:00 PM¦24:00¦24:00:01¦25:00¦23:59:60¦23:59:60.5¦allballs¦¦abc¦4:5:6¦04:05:06.1234567¦2003-04-12 04:05:06¦04:60¦00:00:00.0000005¦T040506¦noon")
add("{0}::timestamp", "text:2024-01-02¦2024-01-02 03:04:05¦2024-01-02T03:04:05Z¦2024-01-02T03:04:05.123456789¦2024-01-02 03:04¦20240102T030405¦2024-01-02 24:00¦2024-01-02 25:00¦epoch¦Jan 2 2024 3:04 PM¦2024-02-30 00:00¦abc¦¦294246-12-31 23:59:59¦294278-01-01¦4713-01-01 BC¦0044-03-15 BC¦2024-01-02 03:04:60¦2024-06-30 23:59:60.5¦Tue Jan 2 03:04:05 2024¦1999-12-31 23:59:59.9999995¦2024-01-02 3:4:5¦2024-01-02 03:04:05.¦2024-366¦2024-01-02 12:00 AM")
add("{0}::timestamptz", "text:2024-01-02¦2024-01-02 03:04:05¦2024-01-02T03:04:05Z¦2024-01-02 03:04:05+05:30¦2024-01-02 03:04:05-08¦2024-01-02 03:04:05 America/New_York¦2024-07-02 03:04:05 America/New_York¦2024-03-10 02:30:00¦2024-11-03 01:30:00¦2024-03-31 02:30¦2024-10-27 02:30¦2024-01-02 03:04 EST¦2024-01-02 03:04 PST¦2024-01-02 03:04 UTC¦2024-01-02 03:04+1530¦2024-01-02 03:04+16¦2024-01-02 03:04+15:59:59¦epoch¦2024-01-02 03:04 Foo/Bar¦2024-01-02 03:04 CET¦2024-07-02 03:04 CEST¦2024-01-02 03:04 +2¦Jan 2 2024 PST¦2024-01-02 03:04:05zulu", zoned=True)
add("{0}::interval", "text:1 day¦1 year 2 months¦1-2¦3 4:05:06¦4:05¦P1Y2M3DT4H5M6S¦P0001-02-03T04:05:06¦1.5 days¦1.5 months¦1.5 years¦-1.5 weeks¦1 week¦1 decade¦1 century¦1 millennium¦1 hour ago¦1 day 2 hours ago¦@ 1 minute¦5 s¦5.5 sec¦100 ms¦100 us¦1¦1.5¦abc¦¦1 day 1 day¦-1 day -2:03¦+1 day¦PT36H¦P¦P1W¦1 mon 1 year¦1d2h3m¦99999999999 days¦178956970 years¦1.123456789 s¦2 yrs 3 hrs¦0.0000005 sec¦1 12:59:10¦-1-2¦1 month -1 hour¦P-1Y¦3 days 04:05:06.7¦00:00:61¦1:2:3:4¦1 fortnight¦1 quarter")
add("{0}::uuid", "text:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11¦A0EEBC999C0B4EF8BB6D6BB9BD380A11¦{{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}}¦a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11¦a0eebc99¦¦zz¦a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1g¦a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11 ")
add("{0}::bytea", "text:\\x00ff¦\\xZZ¦\\x0¦abc¦\\000¦\\\\¦\\8¦é¦¦\\x 00 ff¦a\\001b¦\\xFF¦\\")
for kind in ("smallint", "integer", "bigint", "real", "double precision", "numeric(20,5)", "numeric(6,2)"):
    add("{0}::smallint ;; {0}::integer ;; {0}::bigint ;; {0}::real ;; {0}::double precision ;; {0}::text", kind)
    add("{0}::numeric(8,3) ;; {0}::numeric(38,0)", kind, numeric=True)
add("{0}::integer ;; {0}::text", "boolean")
add("{0}::boolean", "integer")
add("{0}::text ;; {0}::timestamp ;; {0}::timestamptz", "date", zoned=True)
add("{0}::text ;; {0}::date ;; {0}::time ;; {0}::timestamptz ;; {0}::timestamp(0) ;; {0}::timestamp(3)", "timestamp", zoned=True)
add("{0}::text ;; {0}::date ;; {0}::time ;; {0}::timestamp ;; {0}::timestamptz(3)", "timestamptz", zoned=True)
add("{0}::text ;; {0}::interval ;; {0}::time(0) ;; {0}::time(3)", "time")
add("{0}::text ;; {0}::time", "interval")
add("{0}::varchar(3) ;; {0}::char(3) = 'abc'", "text")
add("{0}::varchar(3)", "bigint")

# --- mathematics
INTS = ("smallint", "integer", "bigint")
for kind in INTS:
    add("{0} + {1} ;; {0} - {1} ;; {0} * {1} ;; {0} / {1} ;; {0} % {1} ;; mod({0}, {1}) ;; {0} & {1} ;; {0} | {1} ;; {0} # {1} ;; {0} < {1} ;; greatest({0}, {1}) ;; least({0}, {1})", kind, kind)
    add("- {0} ;; abs({0}) ;; @ {0} ;; ~ {0}", kind)
    add("{0} << {1} ;; {0} >> {1}", kind, "integer:0¦1¦2¦5¦15¦16¦31¦32¦33¦63¦64¦-1")
add("gcd({0}, {1}) ;; lcm({0}, {1})", "integer", "integer")
add("gcd({0}, {1}) ;; lcm({0}, {1}) ;; div({0}, {1})", "bigint", "bigint", numeric=True)
add("factorial({0})", "bigint:0¦1¦5¦10¦20¦25¦30¦33¦-1", numeric=True)
add("round({0}) ;; trunc({0}) ;; ceil({0}) ;; floor({0}) ;; sign({0}) ;; abs({0}) ;; - {0} ;; sqrt({0}) ;; |/ {0}", "double precision")
add("exp({0}) ;; ln({0}) ;; log({0}) ;; log10({0}) ;; cbrt({0}) ;; ||/ {0} ;; sin({0}) ;; cos({0}) ;; tan({0}) ;; cot({0}) ;; asin({0}) ;; acos({0}) ;; atan({0}) ;; sinh({0}) ;; cosh({0})"
    " ;; tanh({0}) ;; asinh({0}) ;; acosh({0}) ;; atanh({0}) ;; degrees({0}) ;; radians({0}) ;; sind({0}) ;; cosd({0}) ;; tand({0}) ;; cotd({0}) ;; asind({0}) ;; acosd({0}) ;; atand({0})", "double precision", numeric=True, digits=14)
add("{0} + {1} ;; {0} - {1} ;; {0} * {1} ;; {0} / {1} ;; {0} = {1} ;; {0} < {1} ;; {0} >= {1} ;; greatest({0}, {1}) ;; least({0}, {1})", "double precision", "double precision")
add("{0} ^ {1} ;; power({0}, {1}) ;; atan2({0}, {1}) ;; atan2d({0}, {1})", "double precision", "double precision", numeric=True, digits=14)
add("{0} + {1} ;; {0} - {1} ;; {0} * {1} ;; {0} / {1} ;; {0} < {1}", "real", "real")
add("{0} + {1} ;; {0} * {1} ;; {0} = {1}", "real", "double precision")
add("{0}::double precision ;; - {0} ;; abs({0})", "real")
add("width_bucket({0}, 0, 10, {1})", "double precision", "integer:1¦5¦10¦0¦-1¦2147483647")
add("width_bucket({0}, {1}, {2}, 7)", "double precision:0¦1¦-1¦2.5¦9.99¦10¦11¦-7¦NaN¦Infinity¦-Infinity¦0.1¦1e300", "double precision:0¦1¦10¦-5¦NaN¦Infinity", "double precision:0¦1¦10¦-5¦100")
for kind in ("numeric(20,5)", "numeric(6,2)"):
    add("abs({0}) ;; - {0} ;; ceil({0}) ;; floor({0}) ;; round({0}) ;; trunc({0}) ;; sign({0}) ;; scale({0}) ;; min_scale({0}) ;; trim_scale({0})", kind, numeric=True)
    add("sqrt({0}) ;; exp({0}) ;; ln({0}) ;; log({0})", kind, numeric=True, digits=0)
    add("{0} + {1} ;; {0} - {1} ;; {0} * {1} ;; {0} % {1} ;; mod({0}, {1}) ;; div({0}, {1}) ;; {0} < {1} ;; {0} = {1} ;; greatest({0}, {1}) ;; gcd({0}, {1}) ;; lcm({0}, {1})", kind, kind, numeric=True)
    add("{0} / {1}", kind, kind, numeric=True, digits=0)
    add("round({0}, {1}) ;; trunc({0}, {1})", kind, "small", numeric=True)
add("log({0}, {1}) ;; power({0}, {1})", "numeric(6,2)", "numeric(6,2):2¦3¦0.5¦-1¦0¦1.5¦-2¦10", numeric=True, digits=0)
add("width_bucket({0}, 0, 10, {1})", "numeric(6,2)", "integer:1¦5¦10¦0¦-1")
add("{0} + {1} ;; {0} * {1} ;; {0} < {1}", "numeric(6,2)", "integer", numeric=True)
add("{0} + {1} ;; {0} * {1} ;; {0} = {1}", "numeric(6,2)", "double precision", numeric=True)

# --- conditional, comparison
add("coalesce({0}, {1}) ;; nullif({0}, {1}) ;; num_nulls({0}, {1}) ;; num_nonnulls({0}, {1}) ;; {0} IS DISTINCT FROM {1} ;; {0} BETWEEN {1} AND 10 ;; {0} BETWEEN SYMMETRIC 10 AND {1}"
    " ;; CASE WHEN {0} > {1} THEN 'a' WHEN {0} = {1} THEN 'b' END ;; {0} IN ({1}, 1, NULL) ;; {0} NOT IN ({1}, 2)", "small", "small")
add("{0} AND {1} ;; {0} OR {1} ;; NOT {0} ;; {0} IS TRUE ;; {0} IS NOT FALSE ;; {0} IS UNKNOWN ;; {0} < {1} ;; {0} = {1}", "boolean", "boolean")
for kind in ("uuid", "date", "time", "timestamp", "timestamptz", "interval"):
    add("{0} < {1} ;; {0} = {1} ;; {0} >= {1} ;; greatest({0}, {1}) ;; least({0}, {1})", kind, kind, zoned=kind == "timestamptz")
add("{0} < {1} ;; {0} = {1}", "date", "timestamp")
add("{0} < {1} ;; {0} = {1}", "timestamp", "timestamptz", zoned=True)

# --- dates and times
FIELDS = "text:century¦day¦decade¦dow¦doy¦epoch¦hour¦isodow¦isoyear¦julian¦microseconds¦millennium¦milliseconds¦minute¦month¦quarter¦second¦week¦year¦timezone¦timezone_hour¦timezone_minute¦foo¦YEAR¦days¦usec"
FIELD_LIST = "century day decade dow doy epoch hour isodow isoyear julian microseconds millennium milliseconds minute month quarter second week year timezone timezone_hour timezone_minute".split()
for kind in ("date", "time", "timestamp", "timestamptz", "interval"):
    add("date_part({1}, {0})", kind, FIELDS, zoned=kind == "timestamptz")
    for field in FIELD_LIST:
        add(f"extract({field} FROM {{0}})", kind, zoned=kind == "timestamptz", numeric=True)
TRUNCS = "text:microseconds¦milliseconds¦second¦minute¦hour¦day¦week¦month¦quarter¦year¦decade¦century¦millennium¦foo¦epoch¦DAY¦dow"
add("date_trunc({1}, {0})", "timestamp", TRUNCS)
add("date_trunc({1}, {0})", "timestamptz", TRUNCS, zoned=True)
add("date_trunc({1}, {0})", "date", TRUNCS, zoned=True)
add("date_trunc({1}, {0})", "interval", TRUNCS)
add("date_trunc({1}, {0}, {2})", "timestamptz", TRUNCS, "text:UTC¦America/New_York¦Europe/Berlin¦Asia/Kolkata¦Australia/Lord_Howe¦EST¦Foo¦+03¦-04:30", zoned=True)
BINS = "interval:15 minutes¦1 hour¦1 day¦7 days¦1 second¦00:00:00.000007¦1 month¦0¦-1 hour¦2 days 03:04:05¦1000000 days"
add("date_bin({1}, {0}, {2})", "timestamp", BINS, "timestamp:2001-01-01¦1970-01-01 00:00:01¦2020-02-29 12:00¦0001-01-01")
add("date_bin({1}, {0}, {2})", "timestamptz", BINS, "timestamptz:2001-01-01+00¦1970-01-01 00:00:01+00¦2020-02-29 12:00+02", zoned=True)
add("age({0}, {1}) ;; {0} - {1} ;; timestamp '2020-01-31' + ({0} - {1})", "timestamp", "timestamp")
add("age({0}, {1}) ;; {0} - {1}", "timestamptz", "timestamptz", zoned=True)
add("{0} - {1} ;; age({0}, {1})", "date", "date", zoned=True)
add("{0} + {1} ;; {0} - {1} ;; {1} + {0}", "date", "integer:0¦1¦-1¦365¦-400¦2147483647¦100000¦-2147483648")
add("- {0} ;; justify_days({0}) ;; justify_hours({0}) ;; justify_interval({0}) ;; isfinite({0}) ;; make_interval(days => extract(day FROM {0})::integer)", "interval")
add("isfinite({0})", "date")
add("isfinite({0})", "timestamp")
add("{0} + {1} ;; {0} - {1} ;; {1} + {0}", "timestamp", "interval")
add("{0} + {1} ;; {0} - {1} ;; {1} + {0}", "timestamptz", "interval", zoned=True)
add("{0} + {1} ;; {0} - {1}", "date", "interval")
add("{0} + {1} ;; {0} - {1} ;; {1} + {0}", "time", "interval")
add("{0} - {1}", "time", "time")
add("{0} + {1} ;; {1} + {0}", "date", "time")
add("{0} + {1} ;; {0} - {1}", "interval", "interval")
add("{0} * {1} ;; {0} / {1} ;; {1} * {0}", "interval", "double precision:0¦1¦-1¦2¦0.5¦1.5¦-0.3333333333¦10¦1e10¦NaN¦Infinity¦3¦7¦0.1")
add("make_date({0}, {1}, {2})", "integer:2024¦1¦0¦-1¦-4713¦-4714¦9999¦2023¦5874897¦5874898", "integer:1¦2¦12¦13¦0¦11", "integer:1¦28¦29¦30¦31¦32¦0¦24¦23")
add("make_time({0}, {1}, {2})", "integer:0¦12¦23¦24¦25¦-1", "integer:0¦30¦59¦60¦-1", "double precision:0¦30.5¦59.999999¦60¦60.5¦-1¦59.9999999¦NaN")
add("make_timestamp({0}, {1}, {2}, {3}, {4}, {5})", "integer:2024¦1¦-44¦0¦294246¦294278", "integer:1¦2¦12¦13", "integer:1¦29¦31", "integer:0¦23¦24", "integer:0¦59¦60", "double precision:0¦30.5¦59.999999¦60¦0.0000005")
add("make_timestamptz({0}, {1}, {2}, {3}, {4}, {5})", "integer:2024¦2023¦1", "integer:3¦11¦7", "integer:10¦3¦31", "integer:1¦2¦3", "integer:0¦30", "double precision:0¦30.5", zoned=True)
add("make_timestamptz({0}, {1}, {2}, {3}, 30, 0, {4})", "integer:2024¦2023¦1", "integer:3¦11¦7", "integer:10¦3¦31", "integer:1¦2¦3", "text:UTC¦America/New_York¦Europe/Berlin¦Foo¦EST¦+02¦CEST", zoned=True)
add("make_interval({0}, {1}, {2}, {3}, {4}, {5}, {6})", "small", "small", "small", "small", "small", "small", "double precision:0¦1.5¦-0.000001¦1e10¦NaN¦Infinity¦61.7")
add("make_interval(years => {0}, secs => {1})", "small", "double precision:0¦1.5¦-1e9")
PLACES = "text:UTC¦America/New_York¦Europe/Berlin¦Asia/Kolkata¦Australia/Lord_Howe¦America/Sao_Paulo¦EST¦PST¦CEST¦+03¦-04:30¦UTC+3¦EST5EDT¦Foo¦utc¦GMT¦Z"
add("{0} AT TIME ZONE {1}", "timestamp", PLACES, zoned=True)
add("{0} AT TIME ZONE {1}", "timestamptz", PLACES, zoned=True)
add("{0} AT TIME ZONE {1} ;; timezone({1}, {0})", "timestamp", "interval:2 hours¦-05:30¦0¦1 day¦1 month¦00:00:30")
add("({0}, {1}) OVERLAPS ({2}, {3})", "timestamp", "timestamp", "timestamp", "interval")
add("({0}, {1}) OVERLAPS ({2}, {3})", "date", "date", "date", "date")
add("({0}, {1}) OVERLAPS ({2}, {3})", "time", "interval", "time", "time")
add("to_timestamp({0})", "double precision:0¦1284352323.355¦-1¦1e10¦1.5¦NaN¦1e18¦-1e12¦0.0000005¦1700000000.123456", zoned=True)

# --- formatting
STAMPS = "text:YYYY-MM-DD HH24:MI:SS¦HH12:MI:SS AM¦hh:mi:ss p.m.¦MS US¦FF1 FF2 FF3 FF4 FF5 FF6¦SSSS SSSSS¦Y,YYY YYY YY Y¦IYYY IYY IY I¦BC b.c. AD¦MONTH Month month¦MON Mon mon¦MM¦DAY Day day¦DY Dy dy¦DDD IDDD DD D ID¦W WW IW¦CC J Q¦RM rm¦FMMonth FMDD, FMYYYY¦FMHH24:FMMI¦DDth DDTH¦\"literal\" YYYY¦TMMonth¦HH24\"h\"MI¦YYYYth Mon¦fmDay¦FMDDD¦¦¦foo YYYY¦J¦AM¦Day, DD Month YYYY¦YYYY\"-W\"IW¦FMRM¦DD-Mon-YYYY A.D."
add("to_char({0}, {1})", "timestamp", STAMPS)
add("to_char({0}, {1})", "timestamptz", STAMPS + "¦TZ tz¦OF¦TZH:TZM¦YYYY-MM-DD HH24:MI:SSOF", zoned=True)
add("to_char({0}, {1})", "date", STAMPS)
add("to_char({0}, {1})", "interval", "text:HH24:MI:SS¦HH12 AM¦YYYY MM DD¦DDD¦SSSS¦MS US FF3¦Y YY¦J¦Q¦MONTH¦CC¦FMHH24:FMMI¦RM¦DD HH24")
NUMBERS = "text:999¦000¦9,999.99¦0000.00¦S999¦999S¦MI999¦999MI¦PL999¦SG999¦999PR¦FM999.99¦FM000.00¦FM9,999¦RN¦FMRN¦rn¦L999¦999th¦999TH¦$999¦99\"x\"9¦FM990.099¦9G999D99¦.99¦FM.99¦0.9¦9¦S9.9¦9SG¦999 999¦¦¦FMS999.9¦99.99PR¦FM99999999999¦9.9.9¦B999"
# Not asked: EEEE of DECIMAL, where Postgres 15 prints 10e+03 for 1e+04; V of large integers, which
# wrap around there.
for kind in ("integer", "bigint", "numeric(20,5)", "numeric(6,2)", "double precision", "real"):
    add("to_char({0}, {1})", kind, NUMBERS)
add("to_char({0}, {1})", "integer", "text:9.99EEEE¦EEEE¦99EEEE¦.9EEEE")
add("to_char({0}, {1})", "double precision", "text:9.99EEEE¦EEEE¦99EEEE¦.9EEEE¦999V99")
add("to_char({0}, {1})", "small", "text:999V99¦99V9¦9V999")
add("to_number({0}, {1})", "text:12,454.8-¦123¦-123¦1,234.56¦$99¦<45>¦12th¦XII¦¦¦abc¦1 2 3¦ 42 ¦0.5¦.5¦5.¦-.5¦1e3¦+7¦99,99", "text:99G999D9S¦999¦S999¦9,999.99¦L99¦99PR¦99th¦RN¦9 9 9¦999.99¦FM999¦9.9EEEE¦MI999¦", numeric=True)
add("to_date({0}, {1})", "text:2024-01-02¦20240102¦02 Jan 2024¦Jan 2, 2024¦2024 5¦05 Dec 2000¦2024-13-01¦2024-02-30¦1 BC¦¦abc¦24-1-2¦2451187¦2024-060¦2006-W02-3¦44-03-15 BC¦2,024¦xii 5¦Monday 3 2024¦99", "text:YYYY-MM-DD¦YYYYMMDD¦DD Mon YYYY¦Mon DD, YYYY¦YYYY Q¦YY-MM-DD¦J¦YYYY-DDD¦IYYY-\"W\"IW-ID¦YYYY-MM-DD BC¦Y,YYY¦RM DD¦Day DD YYYY¦YY¦FXYYYY-MM-DD¦")
add("to_timestamp({0}, {1})", "text:2024-01-02 03:04:05¦2024-01-02 15:04¦12:30 PM 2024¦2024-01-02 03:04:05.678¦20240102030405¦2024-01-02T03:04:05Z¦2024-03-10 02:30:00¦3:4:5¦23:59:60¦2024-01-02 03:04:05 +05:30¦86399 2024¦¦abc¦12¦13 AM", "text:YYYY-MM-DD HH24:MI:SS¦YYYY-MM-DD HH24:MI¦HH12:MI PM YYYY¦YYYY-MM-DD HH24:MI:SS.MS¦YYYYMMDDHH24MISS¦YYYY-MM-DD\"T\"HH24:MI:SS¦HH24:MI:SS¦YYYY-MM-DD HH24:MI:SS TZH:TZM¦SSSSS YYYY¦HH¦HH AM¦US", zoned=True)
add("soundex({0})", "word")
add("difference({0}, {1}) ;; levenshtein({0}, {1}) ;; levenshtein({0}, {1}, 2, 0, 3) ;; levenshtein_less_equal({0}, {1}, 3) ;; levenshtein_less_equal({0}, {1}, 1, 3, 2, 4)", "word", "word")
# signs belong to numbers
add("-(-2147483648) ;; - -2147483648 ;; -2147483648 - 1 ;; -(-2147483648) - 1 ;; -(-9223372036854775808) ;; -2147483648::integer ;; -(-2147483647) + 1 ;; - - - 2147483648 ;; -(-0.5) ;; -(-(-1e3))")
