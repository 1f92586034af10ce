"""The circuit compiler: circuits as classes, linear expressions for free, one row per product."""

from __future__ import annotations

from .api import ConstraintApi, Expr, Value
from .circuit import Circuit, private, private_array, public, public_array
from .compiler import compile_circuit
from .constraint_system import R1CS, Debug
from .engine import Engine, run
from .program import CompiledCircuit, InputSpec, WitnessProgram

__all__ = [
    "R1CS",
    "Circuit",
    "CompiledCircuit",
    "ConstraintApi",
    "Debug",
    "Engine",
    "Expr",
    "InputSpec",
    "Value",
    "WitnessProgram",
    "compile_circuit",
    "private",
    "private_array",
    "public",
    "public_array",
    "run",
]
