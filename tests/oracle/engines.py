"""weir, Postgres and DuckDB as things to ask. An answer is a list of rows, or a Failed."""

import concurrent.futures
import json
import os
import subprocess
from decimal import Decimal

import postgres
from oracle import compare, data

MARK = "=====next====="
PER_PROCESS = 20


class Failed(Exception):
    pass


# What Postgres has not: the reference, written in its own language.
REFERENCES = r"""
CREATE EXTENSION fuzzystrmatch;
CREATE EXTENSION pgcrypto;
CREATE FUNCTION try_int(t text) RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN t::int; EXCEPTION WHEN others THEN RETURN NULL; END $f$;
CREATE FUNCTION try_double(t text) RETURNS float8 LANGUAGE plpgsql AS $f$ BEGIN RETURN t::float8; EXCEPTION WHEN others THEN RETURN NULL; END $f$;
CREATE FUNCTION try_date(t text) RETURNS date LANGUAGE plpgsql AS $f$ BEGIN RETURN t::date; EXCEPTION WHEN others THEN RETURN NULL; END $f$;
CREATE FUNCTION ref_split(u text) RETURNS text[] LANGUAGE sql AS
  $f$ SELECT regexp_match(u, '^([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/?#@]*@)?([^/?#:]*)(?::([0-9]+))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?$') $f$;
CREATE FUNCTION ref_protocol(u text) RETURNS text LANGUAGE sql AS $f$ SELECT (ref_split(u))[1] $f$;
CREATE FUNCTION ref_host(u text) RETURNS text LANGUAGE sql AS $f$ SELECT nullif((ref_split(u))[2], '') $f$;
CREATE FUNCTION ref_port(u text) RETURNS int LANGUAGE sql AS $f$ SELECT ((ref_split(u))[3])::int $f$;
CREATE FUNCTION ref_path(u text) RETURNS text LANGUAGE sql AS $f$ SELECT (ref_split(u))[4] $f$;
CREATE FUNCTION ref_query(u text) RETURNS text LANGUAGE sql AS $f$ SELECT (ref_split(u))[5] $f$;
CREATE FUNCTION ref_fragment(u text) RETURNS text LANGUAGE sql AS $f$ SELECT (ref_split(u))[6] $f$;
CREATE FUNCTION ref_decode(t text) RETURNS text LANGUAGE sql AS $f$
  SELECT convert_from(coalesce(string_agg(CASE WHEN length(p[1]) = 3 THEN decode(right(p[1], 2), 'hex')
    WHEN p[1] = '+' THEN ' '::bytea ELSE convert_to(p[1], 'UTF8') END, ''::bytea ORDER BY n), ''::bytea), 'UTF8')
  FROM regexp_matches(t, '(%[0-9A-Fa-f]{2}|.)', 'g') WITH ORDINALITY AS m(p, n) $f$;
CREATE FUNCTION ref_param(u text, name text) RETURNS text LANGUAGE sql AS $f$
  SELECT ref_decode(substring(part FROM length(name) + 2)) FROM string_to_table((ref_split(u))[5], '&') AS part
  WHERE starts_with(part, name || '=') LIMIT 1 $f$;
CREATE FUNCTION ref_encode(t text) RETURNS text LANGUAGE sql AS $f$
  SELECT CASE WHEN t IS NULL THEN NULL ELSE coalesce(string_agg(CASE WHEN chr(get_byte(b, i)) ~ '^[A-Za-z0-9._~-]$' AND get_byte(b, i) < 128
    THEN chr(get_byte(b, i)) ELSE '%' || upper(lpad(to_hex(get_byte(b, i)), 2, '0')) END, '' ORDER BY i), '') END
  FROM (SELECT convert_to(t, 'UTF8') AS b) AS x LEFT JOIN LATERAL generate_series(0, length(b) - 1) AS i ON true $f$;
CREATE FUNCTION ref_crc32(t text) RETURNS bigint LANGUAGE plpgsql AS $f$
DECLARE crc bigint := 4294967295; b bytea := convert_to(t, 'UTF8');
BEGIN
  IF t IS NULL THEN RETURN NULL; END IF;
  FOR i IN 0 .. length(b) - 1 LOOP
    crc := crc # get_byte(b, i);
    FOR k IN 1 .. 8 LOOP
      crc := CASE WHEN crc & 1 = 1 THEN (crc >> 1) # 3988292384 ELSE crc >> 1 END;
    END LOOP;
  END LOOP;
  RETURN crc # 4294967295;
END $f$;
CREATE AGGREGATE product(float8) (sfunc = float8mul, stype = float8);
SET statement_timeout = '5s';
"""


class Weir:
    def __init__(self, program, directory, jobs=None):
        self.program, self.directory = program, directory
        self.ddl = data.weir_ddl(directory)
        self.jobs = jobs or os.cpu_count() or 1

    def call(self, script, flags=(), env=None, command="sql", timeout=120):
        try:
            return subprocess.run([self.program, command, *flags, *(["-o", "json"] if command == "sql" else [])], input=script.encode(),
                                  capture_output=True, env=dict(os.environ, **(env or {})), cwd=self.directory, timeout=timeout)
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess([], -999, b"", b"no end within %d s" % timeout)

    def ask_some(self, queries, flags, env):
        """One process for all; one each for those behind the first that fails."""
        script = self.ddl + "".join(f"{query.text_for('weir')};\nSELECT 1 AS \"{MARK}\";\n" for query in queries)
        got = self.call(script, flags, env)
        parts, lines = [], []
        for line in got.stdout.decode(errors="replace").split("\n"):
            if line == f'{{"{MARK}":1}}':
                parts.append(lines)
                lines = []
            elif line:
                lines.append(line)
        answers = [self.rows(query, part) for query, part in zip(queries, parts)]
        if got.returncode == 0 and len(parts) == len(queries):
            return answers
        if len(queries) == 1:
            return [Failed(f"exit {got.returncode}: {got.stderr.decode(errors='replace').strip()[-600:]}")]
        for query in queries[len(answers):]:
            answers += self.ask_some([query], flags, env)
        return answers

    def rows(self, query, lines):
        kinds = [kind for _, kind in query.columns]
        out = []
        for line in lines:
            try:
                row = dict(compare.json_value(line)[1])
                out.append(tuple(compare.from_json(kind, row[name]) for name, kind in query.columns))
            except (ValueError, KeyError, TypeError, ArithmeticError) as wrong:
                return Failed(f"{wrong!r} in {line[:300]} as {kinds}")
        return out

    def ask(self, queries, flags=(), env=None):
        """The answers of many queries, in their order."""
        parts = [queries[at:at + PER_PROCESS] for at in range(0, len(queries), PER_PROCESS)]
        with concurrent.futures.ThreadPoolExecutor(self.jobs) as pool:
            return [answer for part in pool.map(lambda part: self.ask_some(part, flags, env), parts) for answer in part]


def ask_postgres(server, queries):
    answers = []
    for query, rows in zip(queries, server.rows_of([query.text_for("postgres") for query in queries], "SET statement_timeout = '5s';")):
        if isinstance(rows, postgres.Failed):
            answers.append(Failed(str(rows)))
        else:
            kinds = [kind for _, kind in query.columns]
            answers.append([tuple(compare.from_text(kind, cell) for kind, cell in zip(kinds, row)) for row in rows])
    return answers


AMONG_OPERATORS = {"window", "event time", "subquery"}  # syntax with pages like functions; coverage.py counts it so


def supported(weir):
    """Names of functions, and all their classes."""
    pages = [json.loads(line) for line in weir.call("", ["--format", "json"], command="functions").stdout.decode().splitlines()]
    return {page["name"].lower() for page in pages}, {page["category"] for page in pages} - AMONG_OPERATORS


def ask_duckdb(connection, query):
    try:
        rows = connection.execute(query.text_for("duckdb")).fetchall()
    except Exception as error:  # duckdb.Error; the module is imported only where it is
        return Failed(str(error))
    return [tuple(compare.from_python(kind, its) for (_, kind), its in zip(query.columns, row)) for row in rows]
