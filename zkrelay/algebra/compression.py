"""Many public values as three: what a batch shows to the verifier in place of its whole vector v.

    h     = chain of P16 over v, 15 values a call, from H2F("batch", N, len v); the last call is padded with zeros
    alpha = H2F("alpha", h, v)
    e     = Σ v_i·alpha^i

A circuit that shows chain(v') = h and v'(alpha) = e for its own v', against (h, alpha, e) of which the verifier
computed alpha and e from the v it was given, shows v' = v: h fixes v' (Poseidon is collision resistant) before alpha
is known, and two different polynomials of degree below len v meet in fewer than len v of the r places that alpha may
fall on.  So h has to go into alpha: without it a prover chooses v' after alpha.

The verifier never computes h: a wrong one makes the statement false.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..curves import bn254
from .hash_to_field import hash_to_field
from .poseidon import poseidon

RATE = 15  # values a call of P16; the first input is the chain so far
MAX_SLOTS = 1 << 16  # of a batch: so that a total of amounts below 2^64 stays below 2^80
_R = bn254.FR.modulus


def chain_start(num_slots: int, length: int) -> int:
    """The constant that a chain over ``length`` values of a batch of ``num_slots`` begins with.

    It holds the length, so the zeros of the last call are not a second reading.
    """
    return hash_to_field("batch", num_slots, length)


def chain(num_slots: int, values: Sequence[int]) -> int:
    """h of ``values``, canonical elements; raises ``NonCanonicalNumber``."""
    state = chain_start(num_slots, len(values))
    for first in range(0, len(values), RATE):
        block = values[first : first + RATE]
        state = poseidon([state, *block, *[0] * (RATE - len(block))])
    return state


def challenge(h: int, values: Sequence[int]) -> int:
    """alpha of h and ``values``, all below 2^256; raises ``NonCanonicalNumber``."""
    return hash_to_field("alpha", h, *values)


def evaluate(values: Sequence[int], alpha: int) -> int:
    """e = Σ values[i]·alpha^i, by Horner."""
    total = 0
    for value in reversed(values):
        total = (total * alpha + value) % _R
    return total
