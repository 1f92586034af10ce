"""Zero-knowledge proof of relay: circuits, Groth16, and a protocol that pays nodes for bandwidth.

Only names live here, and each is loaded when it is first used: ``import zkrelay`` loads no numpy and no kernel.

>>> from zkrelay import Circuit, compile_circuit, public, private
"""

from __future__ import annotations

import importlib

TYPE_CHECKING = False  # type checkers know the name; importing typing would be most of the cost of importing zkrelay
if TYPE_CHECKING:
    from typing import Any

    from .audit import assert_determined
    from .errors import InvalidProof, MalformedInput, UnsatisfiedConstraint, ZkrelayError
    from .groth16 import Proof, ProvingKey, VerifyingKey, prove, public_inputs, setup, verify
    from .r1cs import (
        Circuit,
        CompiledCircuit,
        ConstraintApi,
        Expr,
        compile_circuit,
        private,
        private_array,
        public,
        public_array,
    )

    __version__: str

# public name -> module that defines it; must say the same as the block above (tests/test_package.py holds them equal)
_HOMES = {
    "Circuit": "r1cs",
    "CompiledCircuit": "r1cs",
    "ConstraintApi": "r1cs",
    "Expr": "r1cs",
    "InvalidProof": "errors",
    "MalformedInput": "errors",
    "Proof": "groth16",
    "ProvingKey": "groth16",
    "UnsatisfiedConstraint": "errors",
    "VerifyingKey": "groth16",
    "ZkrelayError": "errors",
    "assert_determined": "audit",
    "compile_circuit": "r1cs",
    "private": "r1cs",
    "private_array": "r1cs",
    "prove": "groth16",
    "public": "r1cs",
    "public_array": "r1cs",
    "public_inputs": "groth16",
    "setup": "groth16",
    "verify": "groth16",
}
_FLOORS = (
    "algebra",
    "audit",
    "ceremony",
    "circom",
    "circuits",
    "curves",
    "errors",
    "evm",
    "formats",
    "groth16",
    "kernel",
    "r1cs",
    "relay",
)

__all__ = [
    "Circuit",
    "CompiledCircuit",
    "ConstraintApi",
    "Expr",
    "InvalidProof",
    "MalformedInput",
    "Proof",
    "ProvingKey",
    "UnsatisfiedConstraint",
    "VerifyingKey",
    "ZkrelayError",
    "__version__",
    "assert_determined",
    "compile_circuit",
    "private",
    "private_array",
    "prove",
    "public",
    "public_array",
    "public_inputs",
    "setup",
    "verify",
]


def __getattr__(name: str) -> Any:
    """Load a public name, a floor such as ``zkrelay.kernel``, or the version, on first use (PEP 562)."""
    value: Any
    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in _FLOORS:
        value = importlib.import_module(f".{name}", __name__)
    elif name == "__version__":
        from importlib.metadata import version

        value = version("zkrelay")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_FLOORS})
