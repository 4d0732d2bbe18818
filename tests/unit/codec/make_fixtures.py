#!/usr/bin/env python3
"""Writes fixtures.h: compressed files made by programs other than weir (Python's gzip and zlib,
the zstd command), for test_codec.c. All of them hold the text that make_text() there makes."""
import gzip, io, struct, subprocess, zlib

TEXT = b"".join(b'{"id":%d,"name":"customer-%d","amount":%d.%02d}\n'
                % (i, i * 7919 % 1000, i * 31 % 977, i % 100) for i in range(400))


def named():
    out = io.BytesIO()
    with gzip.GzipFile("orders.json", "wb", 9, out, mtime=1700000000) as file:
        file.write(TEXT)
    return out.getvalue()


def all_fields():
    """Extra field, name, comment and header checksum (RFC 1952, section 2.3)."""
    header = b"\x1f\x8b\x08\x1e" + struct.pack("<I", 1) + b"\x00\xff"
    header += struct.pack("<H", 6) + b"AB\x02\x00xy" + b"name\x00" + b"a comment\x00"
    header += struct.pack("<H", zlib.crc32(header) & 0xFFFF)
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(TEXT) + deflate.flush()
    return header + body + struct.pack("<II", zlib.crc32(TEXT), len(TEXT))


def members():
    cuts = [0, 1, 1, 20, 500, 9000, len(TEXT)]
    return b"".join(gzip.compress(TEXT[a:b], 6, mtime=0) for a, b in zip(cuts, cuts[1:]))


def stored():
    return gzip.compress(TEXT[:3000], 0, mtime=0) + gzip.compress(TEXT[3000:], 1, mtime=0)


def zstd(data, *options):
    return subprocess.run(["zstd", "-q", "-c", *options], input=data, stdout=subprocess.PIPE,
                          check=True).stdout


def zstd_frames():
    skippable = struct.pack("<II", 0x184D2A53, 5) + b"hello"
    return skippable + zstd(TEXT[:700], "-19") + skippable + zstd(b"") + zstd(TEXT[700:], "-1")


FIXTURES = [("gzip_named", "GZIP", named()), ("gzip_all_fields", "GZIP", all_fields()),
            ("gzip_members", "GZIP", members()), ("gzip_stored", "GZIP", stored()),
            ("zstd_one", "ZSTD", zstd(TEXT)), ("zstd_frames", "ZSTD", zstd_frames())]

with open("fixtures.h", "w") as out:
    out.write("/* Made by make_fixtures.py. */\n")
    for name, _, data in FIXTURES:
        out.write("static const unsigned char %s[] = {\n" % name)
        for i in range(0, len(data), 24):
            out.write("    %s,\n" % ",".join("%d" % byte for byte in data[i:i + 24]))
        out.write("};\n")
    out.write("static const struct fixture {\n    const char *name;\n    enum weir_codec codec;\n"
              "    const unsigned char *bytes;\n    size_t size;\n} fixtures[] = {\n")
    for name, codec, _ in FIXTURES:
        out.write('    {"%s", WEIR_CODEC_%s, %s, sizeof %s},\n' % (name, codec, name, name))
    out.write("};\n")
