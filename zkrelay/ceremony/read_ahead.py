"""A difference of points of which one is none: what snarkjs hashes for large circuits (``new_key``)."""

from __future__ import annotations

from ..curves import PrimeField
from ..errors import MalformedInput
from ..formats.ptau import TAU_G1, PowersOfTau
from ..kernel import Buffer
from .transcript import uncompressed

_SECTION_HEAD_BYTES = 12


def points_after(ptau: PowersOfTau, last: Buffer) -> bytes:
    raise NotImplementedError
