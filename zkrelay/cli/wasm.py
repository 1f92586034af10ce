"""An assignment from a witness calculator that circom compiled: what ``prove`` and ``witness`` share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .errors import naming
from .options import finite

if TYPE_CHECKING:
    from ..circom import WitnessCalculator

WasmOption = Annotated[
    Path | None,
    typer.Option(
        "--wasm", metavar="CIRCUIT.wasm", help="circom's witness calculator for --input, in place of a witness program."
    ),
]
WasmSeconds = Annotated[
    float,
    typer.Option(
        "--wasm-seconds",
        metavar="N",
        min=0.001,
        callback=finite,
        help="How long a calculator may run and be compiled.",
    ),
]
WasmBytes = Annotated[
    int, typer.Option("--wasm-bytes", metavar="N", min=1 << 16, help="How much memory a calculator may take.")
]
DEFAULT_SECONDS = 600.0
DEFAULT_BYTES = 1 << 31


def load_calculator(path: Path, seconds: float, num_bytes: int) -> WitnessCalculator:
    """Raises ``FormatError``, ``CalculatorRefused``, ``OSError``, or ``ImportError`` without the extra ``wasm``."""
    from ..circom import Limits, WitnessCalculator

    return WitnessCalculator(path, limits=Limits(seconds=seconds, memory_bytes=num_bytes, compiler_seconds=seconds))


def calculate(calculator: WitnessCalculator, path: Path, inputs: dict[str, Any], input_file: str) -> bytearray:
    """The assignment; a missing input is named when circom's ``.sym`` lies beside the module, or above its folder."""
    with naming(input_file):
        return calculator.assign(inputs, names=_input_names(path))


def _input_names(path: Path) -> Iterator[str]:
    """Names of the signals of ``main``, the inputs among them; none without a ``.sym``, which is read when asked."""
    from ..formats import read_sym

    for file in (path.with_suffix(".sym"), path.parent.parent / f"{path.stem}.sym"):
        if file.is_file():
            for symbol in read_sym(file):
                main, _, name = symbol.name.partition(".")
                if main == "main" and "." not in name:
                    yield name.partition("[")[0]
            return
