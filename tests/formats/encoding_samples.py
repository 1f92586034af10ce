"""Keys and proofs of other libraries, and the two pairs of readers and writers, for the tests of encodings."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from zkrelay import formats
from zkrelay.groth16 import Proof, VerifyingKey

ENCODINGS = Path(__file__).resolve().parent.parent / "vectors" / "encodings"
CURVE_NAMES = ("bn254", "bls12_381")


@dataclass(frozen=True)
class Library:
    """``read_key`` and ``read_proof`` as formats has them; and back."""

    name: str
    read_key: Callable[..., VerifyingKey]
    read_proof: Callable[..., Proof]
    write_key: Callable[..., bytes]
    write_proof: Callable[[Proof], bytes]

    def sample(self, curve: str) -> tuple[bytes, bytes, list[int]]:
        """(key, proof, public inputs) that the library itself made and verified."""
        made = _vectors(self.name)[curve]
        return bytes.fromhex(made["vk"]), bytes.fromhex(made["proof"]), [int(text) for text in made["public"]]

    def key_points(self, size: int) -> dict[str, int]:
        """Offset of each point before the count, for a G1 point of ``size`` bytes; and of the count."""
        widths = {
            "arkworks": {"alpha_g1": 1, "beta_g2": 2, "gamma_g2": 2, "delta_g2": 2},
            "gnark": {"alpha_g1": 1, "beta_g1": 1, "beta_g2": 2, "gamma_g2": 2, "delta_g1": 1, "delta_g2": 2},
        }[self.name]
        places, at = {}, 0
        for name, width in widths.items():
            places[name] = at
            at += width * size
        return {**places, "count": at}

    def count(self, number: int) -> bytes:
        return number.to_bytes(8, "little") if self.name == "arkworks" else number.to_bytes(4, "big")


@cache
def _vectors(name: str) -> dict[str, dict[str, str]]:
    return json.loads((ENCODINGS / f"{name}.json").read_text())


LIBRARIES = {
    "arkworks": Library(
        "arkworks",
        formats.read_arkworks_verifying_key,
        formats.read_arkworks_proof,
        formats.verifying_key_to_arkworks,
        formats.proof_to_arkworks,
    ),
    "gnark": Library(
        "gnark",
        formats.read_gnark_verifying_key,
        formats.read_gnark_proof,
        formats.verifying_key_to_gnark,
        formats.proof_to_gnark,
    ),
}
