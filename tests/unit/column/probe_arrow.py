#!/usr/bin/env python3
"""The Arrow edge, judged by others.

Sends pyarrow arrays of every type through weir's import and export (libweir_arrow_probe.so, loaded
with ctypes) and asks pyarrow whether what comes back is equal, for several batch sizes, with slices
(offsets), with a selection, with view types and classic ones. Then lets DuckDB aggregate what weir
exported. Needs Python with pyarrow and duckdb.

    probe_arrow.py path/to/libweir_arrow_probe.so        (or WEIR_ARROW_PROBE=path)

Prints one line per failure and closes with `N passed, N failed`; exit code 77 when pyarrow or
duckdb is missing, which the test runner reports as a skip with its reason.
"""
import ctypes
import datetime
import decimal
import os
import sys
import uuid

try:
    import duckdb
    import pyarrow as pa
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


class ArrowSchema(ctypes.Structure):
    pass


ArrowSchema._fields_ = [
    ("format", ctypes.c_char_p),
    ("name", ctypes.c_char_p),
    ("metadata", ctypes.c_void_p),
    ("flags", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("children", ctypes.c_void_p),
    ("dictionary", ctypes.c_void_p),
    ("release", ctypes.c_void_p),
    ("private_data", ctypes.c_void_p),
]


class ArrowArray(ctypes.Structure):
    _fields_ = [
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.c_void_p),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    ]


class Probe(ctypes.Structure):
    _fields_ = [
        ("batch_rows", ctypes.c_uint32),
        ("keep_every", ctypes.c_uint32),
        ("classic", ctypes.c_int32),
    ]


class ProbeError(Exception):
    pass


class Library:
    def __init__(self, path):
        self.call = ctypes.CDLL(path).weir_arrow_probe
        self.call.restype = ctypes.c_int32

    def through(self, batch, batch_rows=2048, keep_every=1, classic=False):
        """The record batch as a table of what weir made of it."""
        schema, array, out_schema = ArrowSchema(), ArrowArray(), ArrowSchema()
        batches = batch.num_rows // batch_rows + 2
        out = (ArrowArray * batches)()
        count = ctypes.c_uint32()
        message = ctypes.create_string_buffer(512)
        batch._export_to_c(ctypes.addressof(array), ctypes.addressof(schema))
        probe = Probe(batch_rows, keep_every, int(classic))
        status = self.call(
            ctypes.byref(schema), ctypes.byref(array), ctypes.byref(probe),
            ctypes.byref(out_schema), out, ctypes.byref(count), message,
            ctypes.c_size_t(len(message)))
        if status != 0:
            raise ProbeError(f"WEIR-{status}: {message.value.decode()}")
        result_schema = pa.Schema._import_from_c(ctypes.addressof(out_schema))
        results = [
            pa.RecordBatch._import_from_c(ctypes.addressof(out[i]), result_schema)
            for i in range(count.value)
        ]
        for result in results:
            result.validate(full=True)
        return pa.Table.from_batches(results, result_schema)


DAY = datetime.date
TIME = datetime.time
STAMP = datetime.datetime
SPAN = datetime.timedelta
TEXTS = ["", "a", "exactly12byt", "thirteen byte", "größe", "日本語のテキスト、長い方",
         "x" * 300, "with\0nul inside it", None]
INSTANTS = [STAMP(1970, 1, 1), STAMP(2024, 2, 29, 23, 59, 59), STAMP(1969, 12, 31, 1, 2, 3), None]


def cycle(values, rows):
    return [values[i * 7 % len(values)] if i % 5 else values[i % len(values)] for i in range(rows)]


def integer_cases():
    for bits in (8, 16, 32, 64):
        low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        yield f"int{bits}", getattr(pa, f"int{bits}")(), [0, 1, -1, low, high, None]
        yield f"uint{bits}", getattr(pa, f"uint{bits}")(), [0, 1, (1 << bits) - 1, None]


def number_cases():
    yield "null", pa.null(), [None]
    yield "bool", pa.bool_(), [True, False, None]
    yield "bool_dense", pa.bool_(), [True, False, False]
    yield "float", pa.float32(), [0.0, -0.0, 1.5, float("inf"), None]
    yield "double", pa.float64(), [0.1, -1e300, 5e-324, float("-inf"), None]
    yield "decimal", pa.decimal128(12, 2), [decimal.Decimal("-1.50"), decimal.Decimal("0.01"),
                                            decimal.Decimal("9999999999.99"), None]
    yield "decimal38", pa.decimal128(38, 0), [decimal.Decimal(10**37), decimal.Decimal(-7), None]


def text_cases():
    raw = [None if t is None else t.encode() + b"\xff" for t in TEXTS]
    yield "utf8", pa.string(), TEXTS
    yield "large_utf8", pa.large_string(), TEXTS
    yield "utf8_view", pa.string_view(), TEXTS
    yield "binary", pa.binary(), raw
    yield "large_binary", pa.large_binary(), raw
    yield "binary_view", pa.binary_view(), raw
    yield "fixed_binary", pa.binary(16), [b"0123456789abcdef", bytes(16), None]
    yield "fixed_binary3", pa.binary(3), [b"abc", b"\0\0\0", None]


def time_cases():
    yield "date32", pa.date32(), [DAY(1970, 1, 1), DAY(2024, 2, 29), DAY(1, 1, 1), None]
    yield "date64", pa.date64(), [DAY(1970, 1, 1), DAY(2024, 2, 29), DAY(1960, 1, 1), None]
    times = [TIME(0), TIME(23, 59, 59), TIME(1, 2, 3), None]
    for unit in ("s", "ms"):
        yield f"time32_{unit}", pa.time32(unit), times
    for unit in ("us", "ns"):
        yield f"time64_{unit}", pa.time64(unit), times
    for unit in ("s", "ms", "us", "ns"):
        yield f"timestamp_{unit}", pa.timestamp(unit), INSTANTS
        yield f"timestamptz_{unit}", pa.timestamp(unit, "Europe/Berlin"), INSTANTS
        yield f"duration_{unit}", pa.duration(unit), [SPAN(0), SPAN(1, 2), SPAN(-3, 5), None]
    nano = pa.MonthDayNano
    yield "interval", pa.month_day_nano_interval(), [
        nano([1, -2, 3_000]), nano([0, 0, 0]), nano([-14, 40, -86_400_000_001_000]), None]


def nested_cases():
    ints = [[1, None, 3], [], None, [4], [5, 6, 7, 8]]
    texts = [["a", "longer than twelve bytes", None], [], None, ["größe"]]
    for name, make in (("list", pa.list_), ("large_list", pa.large_list),
                       ("list_view", pa.list_view), ("large_list_view", pa.large_list_view)):
        yield f"{name}_int", make(pa.int32()), ints
        yield f"{name}_text", make(pa.string()), texts
        yield f"{name}_bool", make(pa.bool_()), [[True, False, None], [], None]
        yield f"{name}_list", make(pa.list_(pa.int64())), [[[1], None, []], None, [], [[2, 3]]]
    yield "fixed_list", pa.list_(pa.int16(), 3), [[1, 2, 3], None, [4, None, 6]]
    row = pa.struct([("a", pa.int64()), ("b", pa.string()), ("c", pa.list_(pa.date32()))])
    rows = [{"a": 1, "b": "x", "c": [DAY(2024, 1, 1)]}, None, {"a": None, "b": TEXTS[6], "c": None}]
    yield "struct", row, rows
    yield "list_struct", pa.list_(row), [rows, [], None, rows[:1]]
    yield "map", pa.map_(pa.string(), pa.int64()), [[("k", 1), (TEXTS[3], None)], [], None]
    yield "map_struct", pa.map_(pa.int32(), row), [[(1, rows[0]), (2, None)], None, []]
    yield "struct_null", pa.struct([("n", pa.null()), ("m", pa.int8())]), [{"n": None, "m": 1}]
    dictionary = pa.dictionary(pa.int8(), pa.string())
    for index in (pa.int8(), pa.uint16(), pa.int32(), pa.int64()):
        yield f"dictionary_{index}", pa.dictionary(index, pa.string()), TEXTS
    yield "dictionary_int", pa.dictionary(pa.int32(), pa.int64()), [5, 6, None]
    yield "list_dictionary", pa.list_(dictionary), None
    yield "struct_dictionary", pa.struct([("d", dictionary)]), None


def array_of(name, kind, values, rows):
    texts = pa.array(cycle(TEXTS, rows)).dictionary_encode().cast(
        pa.dictionary(pa.int8(), pa.string()))
    if name == "list_dictionary":
        return pa.ListArray.from_arrays(pa.array([i // 2 * 2 for i in range(rows + 1)]), texts)
    if name == "struct_dictionary":
        return pa.StructArray.from_arrays([texts], names=["d"])
    if pa.types.is_dictionary(kind):
        return pa.array(cycle(values, rows), kind.value_type).dictionary_encode().cast(kind)
    return pa.array(cycle(values, rows), kind)


def all_cases():
    for make in (integer_cases, number_cases, text_cases, time_cases, nested_cases):
        yield from make()


def plain(value):
    """What weir means by a value: durations are intervals, views and dictionaries do not show."""
    if isinstance(value, SPAN):
        return pa.MonthDayNano([0, 0, (value.days * 86400 + value.seconds) * 10**9
                                + value.microseconds * 1000])
    if isinstance(value, list):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, STAMP) and value.tzinfo:
        return value.astimezone(datetime.timezone.utc)
    return value


def same(a, b):
    return [plain(v) for v in a] == [plain(v) for v in b]


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
            print(f"FAILED {name} {detail}")


def round_trips(library, report):
    settings = [
        dict(),
        dict(classic=True),
        dict(batch_rows=1),
        dict(batch_rows=7, keep_every=3),
        dict(batch_rows=64, keep_every=2, classic=True),
    ]
    for name, kind, values in all_cases():
        whole = array_of(name, kind, values, 200)
        for cut, array in (("whole", whole), ("slice", whole.slice(13, 130)),
                           ("aligned", whole.slice(64, 70)), ("empty", whole.slice(5, 0))):
            for setting in settings:
                batch = pa.record_batch([array], names=["x"])
                label = f"{name} {cut} {setting}"
                try:
                    got = library.through(batch, **setting).column("x")
                except (ProbeError, pa.ArrowInvalid) as error:
                    report.check(label, False, str(error))
                    continue
                rows, every = setting.get("batch_rows", 2048), setting.get("keep_every", 1)
                wanted = [v for i, v in enumerate(array.to_pylist()) if i % rows % every == 0]
                report.check(label, same(got.to_pylist(), wanted),
                             f"{got.type} {got.to_pylist()[:6]} of {array.to_pylist()[:6]}")


def sliced_tables(library, report):
    """A whole batch cut as one: its columns' offsets and the batch's length together."""
    names, arrays = [], []
    for name, kind, values in all_cases():
        names.append(name)
        arrays.append(array_of(name, kind, values, 5000))
    batch = pa.record_batch(arrays, names=names).slice(3, 4990)
    got = library.through(batch)
    for name in names:
        report.check(f"table {name}", same(got.column(name).to_pylist(),
                                            batch.column(name).to_pylist()))
    struct = batch.to_struct_array().slice(100, 50)
    got = library.through(pa.record_batch([struct], names=["s"]))
    report.check("table in a struct", same(got.column("s").to_pylist(), struct.to_pylist()))


def types_back(library, report):
    """Which Arrow types weir speaks of its own accord."""
    wanted = [
        (pa.string(), pa.string_view(), pa.string()),
        (pa.binary(), pa.binary_view(), pa.binary()),
        (pa.list_(pa.int32()), pa.list_view(pa.int32()), pa.list_(pa.int32())),
        (pa.dictionary(pa.int8(), pa.string()), pa.string_view(), pa.string()),
        (pa.decimal128(12, 2), pa.decimal128(12, 2), pa.decimal128(12, 2)),
        (pa.timestamp("ms"), pa.timestamp("us"), pa.timestamp("us")),
        (pa.timestamp("ns", "UTC"), pa.timestamp("ns", "UTC"), pa.timestamp("ns", "UTC")),
        (pa.date64(), pa.date32(), pa.date32()),
        (pa.uuid(), pa.uuid(), pa.uuid()),
        (pa.json_(), pa.json_(pa.string_view()), pa.json_()),
    ]
    for given, view, classic in wanted:
        batch = pa.record_batch([pa.nulls(3, given)], names=["x"])
        for want, is_classic in ((view, False), (classic, True)):
            got = library.through(batch, classic=is_classic).schema.field("x").type
            report.check(f"type of {given}", got.equals(want), f"{got}, not {want}")


def extensions(library, report):
    values = [uuid.UUID(int=i * 2**100 + 7) for i in range(5)] + [None]
    array = pa.array([None if v is None else v.bytes for v in values], pa.binary(16))
    array = pa.ExtensionArray.from_storage(pa.uuid(), array)
    got = library.through(pa.record_batch([array], names=["u"])).column("u")
    report.check("uuid", got.to_pylist() == values, got.to_pylist())
    texts = ['{"a": 1}', "[1, 2, 3, 4, 5, 6, 7]", "null", None]
    array = pa.ExtensionArray.from_storage(pa.json_(), pa.array(texts))
    got = library.through(pa.record_batch([array], names=["j"])).column("j")
    report.check("json", [v if v is None else str(v) for v in got.to_pylist()] == texts,
                 got.to_pylist())


def other_units(library, report):
    half = pa.array([0, 0x3C00, 0xC000, 0x7BFF, 0x0001, 0x8400], pa.uint16()).view(pa.float16())
    got = library.through(pa.record_batch([half], names=["x"])).column("x").to_pylist()
    report.check("half floats", got == [0.0, 1.0, -2.0, 65504.0, 2.0**-24, -(2.0**-14)], got)
    for bits, make in ((32, getattr(pa, "decimal32", None)), (64, getattr(pa, "decimal64", None))):
        if make:
            values = [decimal.Decimal("-1.50"), decimal.Decimal("99999.99"), None]
            array = pa.array(values, make(7, 2))
            got = library.through(pa.record_batch([array], names=["x"])).column("x")
            report.check(f"decimal{bits}", got.to_pylist() == values, got.to_pylist())
    stamps = pa.array([1, -1, 1999, None], pa.int64())
    got = library.through(pa.record_batch([stamps.cast(pa.duration("ns"))], names=["x"]))
    report.check("nanoseconds floor to microseconds",
                 [v if v is None else v.nanoseconds for v in got.column("x").to_pylist()]
                 == [0, -1000, 1000, None])


def refusals(library, report):
    """What weir has no type for, or must not believe."""
    cases = [
        ("union", pa.UnionArray.from_dense(pa.array([0], pa.int8()), pa.array([0], pa.int32()),
                                           [pa.array([1])])),
        ("decimal256", pa.array([decimal.Decimal(1)], pa.decimal256(50, 0))),
        ("run_end", pa.RunEndEncodedArray.from_arrays([2], [7])),
        ("overflow", pa.array([2**62], pa.int64()).view(pa.timestamp("s"))),
        ("utf8", pa.Array.from_buffers(pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\2\0\0\0"),
                                                        pa.py_buffer(b"\xff\xfe")])),
    ]
    for name, array in cases:
        try:
            library.through(pa.record_batch([array], names=["x"]))
            report.check(f"refuses {name}", False)
        except ProbeError as error:
            report.check(f"refuses {name}", '"x"' in str(error) or "UTF-8" in str(error)
                         or "range" in str(error), str(error))


def duckdb_reads(library, report):
    rows = 4321
    batch = pa.record_batch({
        "id": pa.array(range(rows), pa.int64()),
        "flag": pa.array([i % 3 == 0 for i in range(rows)]),
        "name": pa.array([None if i % 10 == 0 else f"a name that is long enough {i % 7}"
                          for i in range(rows)]),
        "price": pa.array([decimal.Decimal(i) / 4 for i in range(rows)], pa.decimal128(12, 2)),
        "ts": pa.array([STAMP(2024, 1, 1) + SPAN(0, i) for i in range(rows)], pa.timestamp("us")),
        "tags": pa.array([[f"t{i % 3}", None][: i % 3] for i in range(rows)]),
        "pos": pa.array([{"x": i, "y": [i]} for i in range(rows)]),
        "attr": pa.array([[("k", i)] for i in range(rows)], pa.map_(pa.string(), pa.int64())),
        "key": pa.ExtensionArray.from_storage(
            pa.uuid(), pa.array([uuid.UUID(int=i % 5).bytes for i in range(rows)], pa.binary(16))),
    })
    queries = [
        "select count(*), sum(id), count(name), max(name), sum(price) from t",
        "select name, count(*), min(ts), max(ts) from t where flag group by all order by all",
        "select tags, count(*) from t group by all order by all",
        "select sum(pos.x), sum(pos.y[1]), sum(attr['k']) from t",
        "select count(distinct key), min(key), max(key) from t",
        "select typeof(id), typeof(flag), typeof(name), typeof(price), typeof(ts), typeof(tags),"
        " typeof(key) from t limit 1",
    ]
    want_table = pa.Table.from_batches([batch])
    for classic in (False, True):
        got_table = library.through(batch, classic=classic)
        for query in queries:
            answers = []
            for table in (want_table, got_table):
                connection = duckdb.connect()
                connection.register("t", table)
                answers.append(connection.execute(query).fetchall())
            report.check(f"duckdb classic={classic}: {query}", answers[0] == answers[1],
                         f"{answers[1][:3]} not {answers[0][:3]}")


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("WEIR_ARROW_PROBE")
    if not path:
        print(__doc__)
        return 2
    library, report = Library(os.path.abspath(path)), Report()
    for part in (round_trips, sliced_tables, types_back, extensions, other_units, refusals,
                 duckdb_reads):
        part(library, report)
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
