"""The statements that the command line knows by name, with their compile-time constants."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from zkrelay.errors import CircuitError
from zkrelay.r1cs import Circuit

from .batch import Batch
from .claim import Claim
from .claim_x1 import ClaimX1
from .open import Open
from .registration import Registration
from .usage_limit import UsageLimit

BATCH_SIZES = (8, 16, 64)
STANDARD: dict[str, Callable[..., Circuit]] = {
    "claim": Claim,
    "claim_x1": ClaimX1,
    "open": Open,
    "registration": Registration,
    "usage_limit": UsageLimit,
    **{f"batch{size}": partial(Batch, size) for size in BATCH_SIZES},
}


def standard_circuit(name: str, **constants: int) -> Circuit:
    """The circuit called ``name``; ``constants`` are its constructor arguments, e.g. arity=4, depth=10, unit=1048576.

    Raises:
        CircuitError: the name is unknown, or the circuit has no such constant or refuses its value.
    """
    if name not in STANDARD:
        raise CircuitError(f"no standard circuit is called {name!r}; there are {', '.join(sorted(STANDARD))}")
    try:
        return STANDARD[name](**constants)
    except TypeError:
        raise CircuitError(f"{name} does not take the constants {', '.join(sorted(constants))}") from None
