"""Processes that are started, listened to, and stopped whatever happens.

A child says what it has to say in lines of JSON on its standard output.  It is in a session of its own, so that Ctrl-C
reaches the parent alone, which stops its children in the reverse order of their start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from zkrelay.errors import ZkrelayError

EXAMPLES = Path(__file__).resolve().parents[1]
_STOP_S = 15.0
_TAIL_LINES = 12


class ChildFailed(ZkrelayError):
    """A process ended with an error, or said nothing in time."""


class Child:
    """One running process; ``said`` is everything that it said, and ``on_word`` is called for each, in a thread."""

    def __init__(self, name: str, command: list[str], folder: Path, on_word: Callable[[Any], None]) -> None:
        self.name = name
        self.said: list[Any] = []
        self._errors = folder / f"{name}.log"
        environment = {**os.environ, "PYTHONPATH": str(EXAMPLES), "PYTHONUNBUFFERED": "1"}
        with self._errors.open("ab") as errors:
            self.process = subprocess.Popen(  # noqa: S603, our own modules
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        self._on_word = on_word
        self._heard = threading.Condition()
        self._is_silent = False
        self._listener = threading.Thread(target=self._listen, name=f"listening to {name}", daemon=True)
        self._listener.start()

    def first_word(self, seconds: float) -> Any:
        """What it said first, which says that it is ready; raises ``ChildFailed``."""
        with self._heard:
            self._heard.wait_for(lambda: self.said or self._is_silent, seconds)
            if self.said:
                return self.said[0]
        raise self.failure("did not begin")

    def ended(self, seconds: float) -> Any:
        """Wait for its end; what it said last.  Raises ``ChildFailed``."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise self.failure(f"is not done after {seconds:g} s") from None
        self._listener.join(_STOP_S)
        if code:
            raise self.failure(f"ended with code {code}")
        return self.said[-1] if self.said else None

    def stop(self) -> Any:
        """Ask it to end, and wait; what it said last."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.ended(_STOP_S)

    def kill(self) -> None:
        """End it whatever it does."""
        try:
            if self.process.poll() is None:
                self.process.terminate()
                with suppress(subprocess.TimeoutExpired):
                    self.process.wait(_STOP_S)
        finally:  # also when a second Ctrl-C does not want to wait
            self.process.kill()
            self.process.wait()
            self._listener.join(_STOP_S)
            assert self.process.stdout is not None
            self.process.stdout.close()

    def failure(self, what: str) -> ChildFailed:
        tail = self._errors.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL_LINES:]
        return ChildFailed("\n    ".join([f"{self.name} {what}", *tail]))

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            try:
                word = json.loads(line)
            except ValueError:
                word = line.rstrip("\n")
            with self._heard:
                self.said.append(word)
                self._heard.notify_all()
            self._on_word(word)
        with self._heard:
            self._is_silent = True
            self._heard.notify_all()


class Children:
    """As a context: all are gone when the block is left, also by an error or Ctrl-C."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._all: list[Child] = []

    def __enter__(self) -> Children:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with ExitStack() as kills:  # the last one first, and all of them whatever one of them raises
            for child in self._all:
                kills.callback(child.kill)

    def start(self, name: str, *arguments: object, on_word: Callable[[Any], None] = lambda word: None) -> Child:
        """``python -m`` with these arguments."""
        command = [sys.executable, "-m", *map(str, arguments)]
        child = Child(name, command, self._folder, on_word)
        self._all.append(child)
        return child

    def check(self) -> None:
        """Raises ``ChildFailed`` when one has ended with an error."""
        for child in self._all:
            if child.process.poll():
                raise child.failure(f"ended with code {child.process.returncode}")

    def wait_for(self, some: list[Child], seconds: float, meanwhile: Callable[[], None]) -> list[Any]:
        """The last words of ``some``, when all have ended; raises ``ChildFailed`` as soon as any child fails."""
        end = time.monotonic() + seconds
        while any(child.process.poll() is None for child in some):
            self.check()
            meanwhile()
            if time.monotonic() > end:
                raise next(c for c in some if c.process.poll() is None).failure(f"is not done after {seconds:g} s")
            time.sleep(0.1)
        return [child.ended(_STOP_S) for child in some]
