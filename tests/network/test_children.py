"""Processes: none outlives the block that it was started in, and what failed is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from network import children as module
from network.children import EXAMPLES, ChildFailed, Children
from network.fetch import FetchFailed, fetch
from tunnel_world import destination, run, world

SPEAKER = "import json, sys, time; print(json.dumps({'port': 1}), flush=True); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SPEAKER
FAILING = "import sys; print('it began'); sys.exit('the disk is full')"
SILENT = "pass"


@pytest.fixture
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small programs as modules in the children's folder, which ``python -m`` finds first."""
    for name, text in (("speaker", SPEAKER), ("stubborn", STUBBORN), ("failing", FAILING), ("silent", SILENT)):
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return tmp_path


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("error", [KeyboardInterrupt, ChildFailed, ZeroDivisionError])
def test_nothing_outlives_an_error(modules: Path, error: type[BaseException]) -> None:
    pids = []

    def play() -> None:
        with Children(modules) as children:
            for name in ("one", "two"):
                child = children.start(name, "speaker")
                assert child.first_word(30) == {"port": 1}
                pids.append(child.process.pid)
            raise error

    with pytest.raises(error):
        play()
    assert len(pids) == 2 and all(map(is_gone, pids))


def test_who_does_not_end_is_killed(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STOP_S", 0.2)
    with Children(modules) as children:
        child = children.start("mule", "stubborn")
        child.first_word(30)
    assert child.process.returncode == -signal.SIGKILL


def test_a_second_interruption_leaves_nobody_either(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while it waits for a child's end: that one and those before it are killed all the same."""
    children = Children(modules)
    mules = [children.start(name, "stubborn") for name in ("one", "two")]
    for mule in mules:
        mule.first_word(30)

        def wait(timeout: float | None = None, wait=mule.process.wait) -> int:  # type: ignore[no-untyped-def]
            if timeout is not None:
                raise KeyboardInterrupt
            return int(wait())

        monkeypatch.setattr(mule.process, "wait", wait)
    with pytest.raises(KeyboardInterrupt), children:
        pass
    assert [mule.process.returncode for mule in mules] == [-signal.SIGKILL] * 2


def test_a_failure_says_what_the_process_said(modules: Path) -> None:
    with Children(modules) as children:
        child = children.start("node", "failing")
        with pytest.raises(ChildFailed, match=r"node ended with code 1\n.*the disk is full"):
            child.ended(30)
        with pytest.raises(ChildFailed, match="the disk is full"):
            children.check()
        with pytest.raises(ChildFailed, match="the disk is full"):
            children.wait_for([children.start("other", "speaker")], 30, lambda: None)


def test_one_that_says_nothing_did_not_begin(modules: Path) -> None:
    with Children(modules) as children:
        with pytest.raises(ChildFailed, match="quiet did not begin"):
            children.start("quiet", "silent").first_word(30)
        with pytest.raises(ChildFailed, match=r"is not done after 0\.2 s"):
            children.wait_for([children.start("slow", "speaker")], 0.2, lambda: None)


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.0 404 Not Found\r\n\r\n", b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nfour", b"\r\n\r\n"],
    ids=["nothing", "refused", "cut short", "no HTTP"],
)
def test_what_is_not_the_whole_file_is_refused(answer: bytes) -> None:
    async def serve(reader, writer) -> None:  # type: ignore[no-untyped-def]
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)

    async def test() -> None:
        async with destination(serve) as port, world(port) as w:
            with pytest.raises(FetchFailed):
                await fetch(w.front.port, "127.0.0.1", port, "/x")
            with pytest.raises(FetchFailed, match="SOCKS code 2"):
                await fetch(w.front.port, "127.0.0.1", 1, "/x")

    run(test())


def test_a_server_that_hangs_up_before_it_speaks_socks() -> None:
    async def test() -> None:
        async with destination(lambda reader, writer: reader.read(100)) as port:
            with pytest.raises(FetchFailed, match="no answer of SOCKS"):
                await fetch(port, "127.0.0.1", 1, "/x")

    run(test())


@pytest.mark.long
@pytest.mark.parametrize("after", ["keys", "alice"])
def test_ctrl_c_ends_all_of_it(tmp_path: Path, after: str) -> None:
    """In the midst of it, wherever that is: the exit code says so, and no process and no folder is left."""
    environment = {**os.environ, "PYTHONPATH": str(EXAMPLES), "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-m", "network", "--quick"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.split()[:1] == [after]:
                break
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 130
    time.sleep(0.2)
    assert not list(tmp_path.iterdir())
    mine = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False)
    assert mine.stdout == ""


@pytest.mark.long
def test_the_whole_network() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "network"],
        cwd=EXAMPLES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("  holds") == 10
    assert "2 of batch8 and 3 single ones for 16 sessions  holds" in done.stdout
    assert "OK: every byte and every coin is accounted for" in done.stdout
