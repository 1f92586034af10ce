"""A real PostgreSQL server of one's own: in a temporary folder, on a Unix socket only, gone when it is closed."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tools import tool_missing

ROLE = "zkrelay"
DATABASE = "postgres"
START_TIMEOUT_S = 60
_UNPRIVILEGED = "postgres"  # the server refuses to run as root
_ledgers = itertools.count()


def find_binaries() -> Path:
    """The folder of initdb and postgres: on the path, or the newest of Debian's; skips (or fails) without."""
    on_path = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    for initdb in [*([Path(on_path).resolve()] if on_path else []), *reversed(debian)]:
        if (initdb.parent / "postgres").is_file():
            return initdb.parent
    tool_missing("PostgreSQL is not installed (initdb and postgres were not found)")


class PostgresServer:
    """``conninfo`` connects as the owner of everything; ``ledger()`` names a ledger that nobody else has."""

    def __init__(self, **settings: str) -> None:
        try:
            import psycopg  # noqa: F401
        except ImportError:
            tool_missing("psycopg is not installed (extra postgres)")
        self._binaries = find_binaries()
        self.settings = {"listen_addresses": "", "max_connections": "50", "shared_buffers": "32MB", **settings}
        # short: the name of a Unix socket has at most 107 bytes
        self._folder = Path(tempfile.mkdtemp(prefix="zkr-pg-", dir="/tmp"))
        self._user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            if self._user is not None:
                os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, -1)
            data = str(self._folder / "data")
            self._run("initdb", "-D", data, "-U", ROLE, "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")
            self.start()
        except BaseException:
            self.close()
            raise

    @property
    def conninfo(self) -> str:
        return f"host={self._folder} user={ROLE} dbname={DATABASE}"

    def ledger(self) -> str:
        return f"ledger_{next(_ledgers)}"

    def start(self) -> None:
        settings = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    str(self._binaries / "postgres"),
                    "-D",
                    str(self._folder / "data"),
                    "-k",
                    str(self._folder),
                    *settings,
                ],
                user=self._user,
                stdout=log,
                stderr=log,
                cwd=self._folder,
                start_new_session=True,  # Ctrl-C is for the tests, which then close the server
            )
        self._wait_until_ready()

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: in order, connections are cut.  SIGQUIT: as a crash, recovered from at the next start."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(START_TIMEOUT_S)
            self._process = None

    def close(self) -> None:
        try:
            self.stop(signal.SIGQUIT)  # what it holds is thrown away
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments]
        done = subprocess.run(command, user=self._user, cwd=self._folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def _wait_until_ready(self) -> None:
        import psycopg

        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                psycopg.connect(self.conninfo).close()
            except psycopg.OperationalError:
                assert self._process is not None and self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.02)
            else:
                return


def _unprivileged_user() -> str | None:
    """Whom to run the server as: nobody else, unless we are root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_UNPRIVILEGED).pw_name
    except KeyError:
        tool_missing(f"PostgreSQL refuses to run as root, and there is no user {_UNPRIVILEGED}")
