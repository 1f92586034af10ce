"""One run of a foreign WebAssembly module under wasmtime: what it may import, how much memory and how much time.

The module sees no files, no clock, no randomness and no threads: its only imports are circom's ``runtime`` functions,
and of these only those that report an error have an effect.  What it logs is dropped: circuits log their signals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout  # an alias of TimeoutError from Python 3.11 on
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

from ..errors import CalculatorRefused, FormatError
from .compiler import CompilerStopped, InvalidModule, compiled, configuration

T = TypeVar("T")
BUFFER_PAGES = 16
BUFFER_BYTES = BUFFER_PAGES << 16
HARMLESS_BYTES = 2048
"""So small a module is compiled in this process: at worst in seconds, and another process takes a tenth of one."""
_MAX_MESSAGES, _MESSAGE_CHARACTERS = 8, 128  # of the module; circom says one line for each template on the way
_REASON_CHARACTERS = 400  # of wasmtime
_IMPORTS = frozenset(
    {"exceptionHandler", "printErrorMessage", "writeBufferMessage", "showSharedRWMemory", "printDebug", "error", "log"}
)
_EXCEPTIONS = {
    1: "no such signal",
    2: "too many signals were set",
    3: "a signal was set twice",
    4: "an assertion or constraint does not hold",
    5: "not enough memory",
    6: "an input has fewer elements than were given",
    7: "an array is read or written outside its bounds",
}
# The loops over elements run inside: a call from Python costs as much as a thousand instructions.
_LOOPS = f"""
(module
  (import "circom" "readSharedRWMemory" (func $read (param i32) (result i32)))
  (import "circom" "writeSharedRWMemory" (func $write (param i32 i32)))
  (import "circom" "setInputSignal" (func $set (param i32 i32 i32)))
  (import "circom" "getWitness" (func $get (param i32)))
  (memory (export "buffer") {BUFFER_PAGES} {BUFFER_PAGES})
  (func $load (param $address i32) (param $words i32)
    (local $word i32)
    (loop $next
      (i32.store
        (i32.add (local.get $address) (i32.shl (local.get $word) (i32.const 2)))
        (call $read (local.get $word)))
      (br_if $next
        (i32.lt_u (local.tee $word (i32.add (local.get $word) (i32.const 1))) (local.get $words)))))
  (func $store (param $address i32) (param $words i32)
    (local $word i32)
    (loop $next
      (call $write
        (local.get $word)
        (i32.load (i32.add (local.get $address) (i32.shl (local.get $word) (i32.const 2)))))
      (br_if $next
        (i32.lt_u (local.tee $word (i32.add (local.get $word) (i32.const 1))) (local.get $words)))))
  (func (export "shared") (param $words i32)
    (call $load (i32.const 0) (local.get $words)))
  (func (export "give") (param $high i32) (param $low i32) (param $first i32) (param $count i32) (param $words i32)
    (local $index i32)
    (loop $next
      (call $store
        (i32.shl (i32.mul (local.get $index) (local.get $words)) (i32.const 2))
        (local.get $words))
      (call $set (local.get $high) (local.get $low) (i32.add (local.get $first) (local.get $index)))
      (br_if $next
        (i32.lt_u (local.tee $index (i32.add (local.get $index) (i32.const 1))) (local.get $count)))))
  (func (export "collect") (param $first i32) (param $count i32) (param $words i32)
    (local $index i32)
    (loop $next
      (call $get (i32.add (local.get $first) (local.get $index)))
      (call $load
        (i32.shl (i32.mul (local.get $index) (local.get $words)) (i32.const 2))
        (local.get $words))
      (br_if $next
        (i32.lt_u (local.tee $index (i32.add (local.get $index) (i32.const 1))) (local.get $count))))))
"""


@dataclass(frozen=True)
class Limits:
    """What a module may take: bytes of its file, bytes of memory (and as much again for its results), seconds a run;

    and to be compiled, which can take a millisecond a byte: seconds, and bytes of address space.
    """

    module_bytes: int = 1 << 29
    memory_bytes: int = 1 << 31
    seconds: float = 600.0
    compiler_seconds: float = 600.0
    compiler_bytes: int = 1 << 33


class _Stop(Exception):
    """Raised in a callback to end the run; why is in the machine."""


class Engine:
    """A compiled module, and the loops beside it; runs of it end after ``limits.seconds``."""

    def __init__(self, code: bytes, name: str, limits: Limits) -> None:
        import wasmtime

        self.name = name
        self.limits = limits
        self._one_run = Lock()  # the epoch is the engine's: one run that takes too long would end the others
        self._engine = wasmtime.Engine(configuration())
        try:
            if len(code) <= HARMLESS_BYTES:
                self.module = wasmtime.Module(self._engine, code)
            else:
                made = compiled(code, seconds=limits.compiler_seconds, memory_bytes=limits.compiler_bytes)
                self.module = wasmtime.Module.deserialize(self._engine, made)
        except (wasmtime.WasmtimeError, InvalidModule) as error:
            raise FormatError(f"no valid WebAssembly module: {_printable(str(error))}", source=name) from None
        except CompilerStopped as error:
            raise CalculatorRefused(f"{name}: {error}") from None
        self._loops = wasmtime.Module(self._engine, _LOOPS)

    def run(self, action: Callable[[Machine], T]) -> T:
        """``action`` with a fresh instance, in a thread of its own so that time and Ctrl-C can end it.

        Raises:
            CalculatorRefused: the module reported an error, trapped, or took too long or too much memory.
            FormatError: the module lacks something, or imports something that circom's do not.
        """
        with self._one_run, ThreadPoolExecutor(1) as pool:
            future = pool.submit(self._run, action)
            try:
                return future.result(self.limits.seconds)
            except FutureTimeout:
                if future.done():  # in the last moment
                    return future.result()
                self._engine.increment_epoch()
                raise CalculatorRefused(f"{self.name}: no result after {self.limits.seconds:g} seconds") from None
            except BaseException:
                self._engine.increment_epoch()
                raise

    def _run(self, action: Callable[[Machine], T]) -> T:
        machine = Machine(self)
        try:
            return action(machine)
        finally:
            machine.close()

    def instantiate(self, report: Report) -> tuple[Any, Any, Any]:
        """(store, exports of the module, exports of the loops), wasmtime's objects."""
        import wasmtime

        store = wasmtime.Store(self._engine)
        store.set_limits(self.limits.memory_bytes, table_elements=1 << 20, instances=2, tables=8, memories=2)
        store.set_epoch_deadline(1)
        functions = [self._import(store, item, report) for item in self.module.imports]
        exports = wasmtime.Instance(store, self.module, functions).exports(store)
        linked = [exports[item.name or ""] for item in self._loops.imports]
        return store, exports, wasmtime.Instance(store, self._loops, linked).exports(store)

    def _import(self, store: Any, item: Any, report: Report) -> Any:
        """The function for one import of the module."""
        import wasmtime

        kind = item.type
        if item.module != "runtime" or item.name not in _IMPORTS or not isinstance(kind, wasmtime.FuncType):
            what = _printable(f"{item.module}.{item.name}")
            raise FormatError(f"it imports {what}, which circom 2's calculators do not", source=self.name)
        if len(kind.results):
            raise FormatError(f"its import {item.name} returns something", source=self.name)
        return wasmtime.Func(store, kind, report.handler(item.name), access_caller=True)


class Report:
    """What the module said on its way to an error.  It knows no store: wasmtime keeps callbacks in a global."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.code: int | None = None

    def handler(self, name: str) -> Callable[..., None]:
        """What an import does: keep a message, end the run, or nothing."""
        if name in ("exceptionHandler", "error"):
            return self._exception
        return self._message if name == "printErrorMessage" else lambda *_: None

    def _exception(self, _caller: Any, code: int = 0, *_: int) -> None:
        self.code = code
        raise _Stop

    def _message(self, caller: Any, *_: int) -> None:
        read = caller.get("getMessageChar")
        if read is None or len(self.messages) == _MAX_MESSAGES:
            return
        characters: list[str] = []
        while len(characters) < _MESSAGE_CHARACTERS and (character := read(caller)):
            characters.append(chr(character & 0x7F))
        self.messages.append(_printable("".join(characters)))


class Machine:
    """An instance of the module; every call may raise what ``Engine.run`` raises."""

    def __init__(self, engine: Engine) -> None:
        self._name = engine.name
        self._report = Report()
        self._store, self._exports, self._loops = self._guarded(lambda: engine.instantiate(self._report))

    def close(self) -> None:
        """Give the memory back."""
        self._store.close()

    def has(self, function: str) -> bool:
        return function in self._exports

    def call(self, function: str, *arguments: int) -> int:
        """The result of an export as an unsigned number; 0 when it has none."""
        if not self.has(function):
            raise FormatError(f"it exports no {function}: not a calculator of circom 2", source=self._name)
        return self._call(self._exports[function], arguments)

    def loop(self, function: str, *arguments: int) -> None:
        """A function of the loops: ``shared``, ``give`` or ``collect``; elements lie from byte 0 of the buffer on."""
        self._call(self._loops[function], arguments)

    def read(self, num_bytes: int) -> bytearray:
        return bytearray(self._loops["buffer"].read(self._store, 0, num_bytes))

    def write(self, data: bytes) -> None:
        self._loops["buffer"].write(self._store, data, 0)

    def _call(self, function: Any, arguments: Sequence[int]) -> int:
        signed = [number - (1 << 32) if number >> 31 else number for number in arguments]
        result = self._guarded(lambda: function(self._store, *signed))
        return result & 0xFFFFFFFF if isinstance(result, int) else 0

    def _guarded(self, action: Callable[[], T]) -> T:
        import wasmtime

        try:
            return action()
        except (wasmtime.Trap, wasmtime.WasmtimeError, TypeError, KeyError, _Stop) as error:
            problem = error
        # what the callback noted decides: wasmtime passes exceptions of callbacks through one global
        code = self._report.code
        if code is not None:
            told = f"{_EXCEPTIONS.get(code, 'an unknown error')} (circom's exception {code})"
            raise CalculatorRefused(": ".join([self._name, told, *self._report.messages]))
        if isinstance(problem, wasmtime.Trap):
            raise CalculatorRefused(f"{self._name}: the calculator trapped: {_reason(problem)}")
        raise FormatError(f"not to be run as circom 2's calculator: {_printable(str(problem))}", source=self._name)


def _reason(trap: Any) -> str:
    code = trap.trap_code
    return str(code.name).lower().replace("_", " ") if code is not None else "unknown reason"


def _printable(text: str) -> str:
    """One line without anything that a terminal would act on: the text may be an attacker's."""
    return "".join(c if c.isprintable() else " " for c in text.strip())[:_REASON_CHARACTERS]
