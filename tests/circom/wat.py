"""A calculator in WebAssembly text that computes (1, x) from an input x, with each of its parts to be replaced."""

from __future__ import annotations

import wasmtime

from zkrelay.curves import bn254


def fnv1a(name: str) -> tuple[int, int]:
    """Both halves of the hash by which circom names an input, the slow and plain way."""
    state = 14695981039346656037
    for byte in name.encode():
        state ^= byte
        state = state * 1099511628211 % 2**64
    return divmod(state, 2**32)


def is_input(name: str) -> str:
    """A condition over the parameters $high and $low."""
    high, low = fnv1a(name)
    return f"(i32.and (i32.eq (local.get $high) (i32.const {high})) (i32.eq (local.get $low) (i32.const {low})))"


def result(value: int | str) -> str:
    """A function without parameters that returns a constant."""
    return f"(result i32) (i32.const {value})"


FUNCTIONS = {
    "getVersion": result(2),
    "getMinorVersion": result(2),
    "getPatchVersion": result(3),
    "getFieldNumLen32": result(8),
    "getRawPrime": "(memory.copy (i32.const 0) (i32.const 1024) (i32.const 32))",
    "getWitnessSize": result(2),
    "getInputSize": result(1),
    "getInputSignalSize": f"(param $high i32) (param $low i32) (result i32) "
    f"(select (i32.const 1) (i32.const -1) {is_input('x')})",
    "getMessageChar": "(result i32) (local i32) (i32.load8_u offset=2048 (local.tee 0 (i32.load (i32.const 512)))) "
    "(i32.store (i32.const 512) (i32.add (local.get 0) (i32.const 1)))",
    "readSharedRWMemory": "(param i32) (result i32) (i32.load (i32.shl (local.get 0) (i32.const 2)))",
    "writeSharedRWMemory": "(param i32 i32) (i32.store (i32.shl (local.get 0) (i32.const 2)) (local.get 1))",
    "init": "(param i32)",
    "setInputSignal": "(param $high i32) (param $low i32) (param $at i32) "
    f"(if (i32.eqz {is_input('x')}) (then (call $throw (i32.const 1)))) "
    "(memory.copy (i32.const 64) (i32.const 0) (i32.const 32))",
    "getWitness": "(param i32) (memory.copy (i32.const 0) (i32.const 64) (i32.const 32)) "
    "(if (i32.eqz (local.get 0)) (then (memory.fill (i32.const 0) (i32.const 0) (i32.const 32)) "
    "(i32.store (i32.const 0) (i32.const 1))))",
}
IMPORTS = (
    '(import "runtime" "exceptionHandler" (func $throw (param i32))) '
    '(import "runtime" "printErrorMessage" (func $print))'
)
EARLY: dict[str, str | None] = dict.fromkeys(
    ("getMinorVersion", "getPatchVersion", "getInputSignalSize", "getMessageChar")
)
"""What calculators of early circom 2 did not export."""
FOREVER = "(loop $on (br $on))"


def calculator(
    functions: dict[str, str | None] | None = None,
    *,
    modulus: int = bn254.FR.modulus,
    memory: str = "(memory 1)",
    imports: str = IMPORTS,
    more: str = "",
    message: str = "",
) -> bytes:
    """The module with functions replaced, or left out for None."""
    parts = {**FUNCTIONS, **(functions or {})}
    prime = "".join(f"\\{byte:02x}" for byte in modulus.to_bytes(64, "little")[:64])
    text = "".join(f"\\{byte:02x}" for byte in message.encode("latin-1"))
    body = "\n".join(f'(func ${name} (export "{name}") {code})' for name, code in parts.items() if code is not None)
    data = f'(data (i32.const 1024) "{prime}") (data (i32.const 2048) "{text}")'
    return bytes(wasmtime.wat2wasm(f"(module {imports} {memory} {data} {body} {more})"))
