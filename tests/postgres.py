"""A temporary Postgres for tests: a server of its own on a unix socket in a temporary folder, which
is stopped and removed at the end.

    with postgres.start() as server:
        if server is None:                    # why: postgres.reason()
            …
        server.psql("SELECT 1; SELECT 2;")    # "1\\n2\\n"; raises Failed with psql's message
        server.rows("SELECT 1 AS a, NULL")    # [["1", None]]
        server.rows_of([query, …])            # [rows or Failed, …] in one session

initdb and postgres are taken from PATH or from /usr/lib/postgresql/N/bin (15 when there are
several). Postgres refuses to run as root: then both run as the user postgres or nobody. Time
zone UTC, C collation with the case of Unicode; nothing is synced to disk."""

import contextlib
import csv
import glob
import io
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

NULL = "<NULL>!"  # what psql prints for NULL: no text of the tests
START_TIMEOUT_S = 60
csv.field_size_limit(1 << 30)

_reason = ""


class Failed(Exception):
    """psql's message."""


def reason():
    """Why the last start() gave no server."""
    return _reason


def find_programs():
    """The folder of initdb, postgres and psql, or None."""
    folders = [os.path.dirname(os.path.realpath(path))
               for path in [shutil.which("initdb")] if path]
    versions = glob.glob("/usr/lib/postgresql/*/bin")
    folders += sorted(versions, key=lambda path: (path != "/usr/lib/postgresql/15/bin", path))
    for folder in folders:
        if all(os.access(os.path.join(folder, name), os.X_OK)
               for name in ("initdb", "postgres", "psql")):
            return folder
    return None


def other_user():
    """The user to become when root, (name, uid, gid); None when not root."""
    if os.geteuid() != 0:
        return None
    import pwd
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return name, entry.pw_uid, entry.pw_gid
    raise Failed("there is neither a user postgres nor nobody")


def as_user(user, command):
    if user is None:
        return command
    name, uid, gid = user
    if shutil.which("setpriv"):
        return ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", *command]
    return ["runuser", "-u", name, "--", *command]


class Server:
    def __init__(self, programs, folder):
        self.programs = programs
        self.folder = pathlib.Path(folder)
        self.user = other_user()
        self.process = None
        self.connection = f"host={folder} dbname=postgres user=weir"
        self.environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC",
                            "HOME": str(folder), "PGCLIENTENCODING": "UTF8"}

    def begin(self):
        """Makes the database and starts the server."""
        if self.user:
            os.chown(self.folder, self.user[1], self.user[2])
        data = str(self.folder / "data")
        made = self._call(as_user(self.user, [
            os.path.join(self.programs, "initdb"), "-D", data, "-U", "weir", "-A", "trust",
            "-E", "UTF8", "--locale=C", "--lc-ctype=C.UTF-8", "--no-sync"]))
        if made.returncode != 0:
            raise Failed("initdb: " + made.stderr.decode(errors="replace").strip()[-300:])
        options = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
                   "listen_addresses": "", "unix_socket_directories": str(self.folder),
                   "timezone": "UTC", "shared_buffers": "32MB", "max_connections": "10",
                   "autovacuum": "off", "jit": "off", "max_parallel_workers_per_gather": "0",
                   "log_min_messages": "fatal", "lc_messages": "C", "max_stack_depth": "4MB"}
        command = [os.path.join(self.programs, "postgres"), "-D", data]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.log = open(self.folder / "log", "wb")
        self.process = subprocess.Popen(as_user(self.user, command), stdout=self.log,
                                        stderr=self.log, env=self.environment, cwd="/")
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.psql("SELECT 1;")
                return
            except Failed as failed:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    log = (self.folder / "log").read_text(errors="replace")
                    raise Failed(f"postgres: {log[-300:].strip() or failed}") from None
            time.sleep(0.05)

    def end(self):
        if self.process:
            # SIGINT to the postmaster (the fast way to stop): setpriv has become postgres.
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(2)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.log.close()

    def _call(self, command, stdin=None):
        return subprocess.run(command, input=stdin, capture_output=True, env=self.environment,
                              cwd="/")

    def _psql(self, flags, script):
        return self._call([os.path.join(self.programs, "psql"), "-X", "-q", *flags,
                           self.connection], script.encode())

    def psql(self, script, flags=("-A", "-t")):
        """Runs a script in one session; returns what psql printed. Stops at the first error."""
        got = self._psql(["-v", "ON_ERROR_STOP=1", "-P", f"null={NULL}", *flags], script)
        if got.returncode != 0:
            raise Failed(got.stderr.decode(errors="replace").strip())
        return got.stdout.decode()

    def rows(self, query):
        """The rows of a query as lists of text, None for NULL."""
        result = self.rows_of([query])[0]
        if isinstance(result, Failed):
            raise result
        return result

    def rows_of(self, queries, before=""):
        """The rows of each query, or a Failed in their place: one session, which `before` opens.
        A query may not hold a line that starts with a backslash."""
        mark = "=====weir====="
        script = [before, r"\pset format csv", r"\pset tuples_only on", f"\\pset null '{NULL}'"]
        for query in queries:
            script += [query.rstrip().rstrip(";") + ";", f"\\echo {mark} :ERROR",
                       f"\\echo {mark} :LAST_ERROR_MESSAGE"]
        got = self._psql(["-v", "ON_ERROR_STOP=0"], "\n".join(script) + "\n")
        found = re.findall(rf"(.*?){mark} (\w+)\n{mark} ?([^\n]*)\n",
                           got.stdout.decode(), re.S)
        if len(found) != len(queries):
            raise Failed("psql: " + got.stderr.decode(errors="replace").strip()[-500:])
        return [Failed(message) if error == "true" else parse_csv(text)
                for text, error, message in found]


def parse_csv(text):
    """psql's CSV. A row of one empty text is an empty line."""
    rows = csv.reader(io.StringIO(text, newline=""))
    return [[None if cell == NULL else cell for cell in row] or [""] for row in rows]


@contextlib.contextmanager
def start():
    """A running Server, or None (and reason() says why)."""
    global _reason
    programs = find_programs()
    if programs is None:
        _reason = "Postgres (initdb, postgres, psql) is not installed (make setup)"
        yield None
        return
    # A short path: the name of a unix socket has at most 107 bytes.
    folder = tempfile.mkdtemp(prefix="weir-pg-", dir="/tmp")
    server = None
    try:
        try:
            server = Server(programs, folder)
            server.begin()
        except (Failed, OSError) as failed:
            _reason = f"Postgres does not start: {failed}"
            if server:
                server.end()
            server = None
        yield server
    finally:
        if server:
            server.end()
        shutil.rmtree(folder, ignore_errors=True)
