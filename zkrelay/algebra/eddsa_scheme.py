"""EdDSA-Poseidon on Baby Jubjub as a kernel prepares it: the constants go in once, tables stay for the process."""

from __future__ import annotations

import functools

from ..curves.embedded import BABY_JUBJUB
from ..kernel import EddsaParameters, PreparedEddsa, current, get
from .eddsa_bounds import BABY_JUBJUB_BOUNDS
from .encoding import pack_field
from .poseidon import montgomery_parameters

_HASH_WIDTH = 6  # R8, A and M


def scheme() -> PreparedEddsa:
    """The scheme in the kernel in use; made on first use, never closed."""
    return _prepare(current().name)


def scheme_parameters() -> EddsaParameters:
    """Curve, base, bounds and hash as ``Kernel.eddsa`` takes them."""
    curve, bounds = BABY_JUBJUB, BABY_JUBJUB_BOUNDS
    hashing, round_constants, mds = montgomery_parameters(curve.field, _HASH_WIDTH)
    order, s_end, k_begin, k_end = (
        number.to_bytes(32, "little") for number in (curve.order, bounds.s_end, bounds.k_begin, bounds.k_end)
    )
    return EddsaParameters(
        a=pack_field(curve.field, [curve.a]),
        d=pack_field(curve.field, [curve.d]),
        base=pack_field(curve.field, curve.generator),
        order=order,
        s_end=s_end,
        k_begin=k_begin,
        k_end=k_end,
        full_rounds=hashing.full_rounds,
        partial_rounds=hashing.partial_rounds,
        round_constants=round_constants,
        mds=mds,
    )


@functools.cache
def _prepare(kernel: str) -> PreparedEddsa:
    return get(kernel).eddsa(BABY_JUBJUB.field.name, scheme_parameters())
