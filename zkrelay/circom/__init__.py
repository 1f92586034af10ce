"""circom's own programs, run here: the witness calculators that it compiles to WebAssembly (extra ``wasm``)."""

from __future__ import annotations

from .calculator import CALCULATOR_MAGIC, WitnessCalculator
from .machine import Limits

__all__ = ["CALCULATOR_MAGIC", "Limits", "WitnessCalculator"]
