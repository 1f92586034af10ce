"""Many proofs under one key for the price of a few: a random linear combination of their equations ([BGR98]).

With weights w_i drawn after the proofs are fixed, and S_i = Σ x_ij·IC_j, x_i0 = 1:

    Π e(w_i·A_i, B_i) = e((Σ w_i)·α, β) · e(Σ w_i·S_i, γ) · e(Σ w_i·C_i, δ)

**Soundness.**  A, B, C are first shown to lie in G1 and G2, of prime order r.  So the quotient of the two sides of
proof i's own equation is g^(d_i) for one generator g of GT, with d_i = 0 exactly when the proof is true, and the
combination says Σ w_i·d_i = 0 mod r.  If some d_k ≠ 0, then for any choice of the other weights exactly one residue w_k
satisfies it, and weights take 2^128 values that are distinct modulo r: a set with a false proof passes with probability
at most 2^-128.

* The weights come from the operating system after the proofs are given, so no proof can depend on them.  With equal or
  foreseeable weights two false proofs can cancel each other.
* Membership comes before the combination, for all three points of every proof.  The twists have points of small order
  (10069 divides BN254's cofactor, 13 that of BLS12-381): a B with such a part would change the sides by an element of
  small order, which a weight kills with probability 1/10069 or 1/13.  BLS12-381's G1 has a cofactor too, and 3 divides
  it: an A or C with a part T of such an order would have the pairing of the point without it, as T is r times a point,
  so one proof would have many encodings.  They are refused as well, and the argument is about G1 and G2 alone.  G1 of
  BN254 has cofactor 1, so that being on the curve is enough for A and C.

**Naming.**  When the combination fails, halves of the set are tried with the same weights, down to small groups
([LM07]), whose proofs are verified one by one without weights: a true proof is never refused, and no more than 2n sets
are ever tried, so a false one is accepted with probability below n·2^-127.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ..errors import InvalidProof, MalformedInput
from ..kernel import Verdict, current
from .keys import PreparedVerifyingKey, Proof, VerifyingKey
from .verify import WEIGHT_BYTES, check_curve_of, check_public_inputs, refusal

Refusal = InvalidProof | MalformedInput


@dataclass(frozen=True)
class BatchVerdict:
    """What ``verify_many`` found: ``refused`` maps the index of each bad item to the error that ``verify`` raises."""

    num_items: int
    refused: Mapping[int, Refusal]

    @property
    def all_true(self) -> bool:
        return not self.refused

    def __bool__(self) -> bool:
        """Raises ``TypeError``: a verdict that is always true in an ``if`` would let every proof pass."""
        raise TypeError("ask for .all_true, or look into .refused")


def verify_many(
    vk: VerifyingKey | PreparedVerifyingKey,
    items: Sequence[tuple[Sequence[int], Proof]],
    *,
    threads: int = 1,
) -> BatchVerdict:
    """Decide about (public_inputs, proof) pairs: exactly the items that ``verify`` refuses are in ``refused``.

    Bad items are named and do not spoil the others.  A refusal is ``InvalidProof`` for a false proof, and for a
    malformed item ``NonCanonicalNumber``, ``InvalidPoint`` or ``MalformedInput`` as ``verify`` documents them.

    Raises:
        InvalidKey, InvalidPoint, NonCanonicalNumber: the key cannot be sound, or its points are malformed.
        MalformedInput: ``threads`` is out of range.
    """
    prepared = vk if isinstance(vk, PreparedVerifyingKey) else vk.prepared
    key, kernel = prepared.verifying_key, current()
    refused: dict[int, Refusal] = {}
    well_formed: list[int] = []
    inputs: list[bytes] = []
    proofs: list[bytes] = []
    for index, item in enumerate(items):
        try:
            packed = _pack(key, item)
        except MalformedInput as error:
            refused[index] = error
            continue
        well_formed.append(index)
        inputs.append(packed[0])
        proofs.append(packed[1])
    weights = secrets.token_bytes(WEIGHT_BYTES * len(proofs))
    verdicts = kernel.groth16_verify(
        key.curve,
        prepared.for_kernel(kernel),
        key.num_public,
        b"".join(inputs),
        b"".join(proofs),
        weights,
        threads=threads,
    )
    for index, verdict in zip(well_formed, verdicts, strict=True):
        if verdict is not Verdict.TRUE:
            refused[index] = refusal(verdict, *items[index])
    return BatchVerdict(len(items), MappingProxyType(dict(sorted(refused.items()))))


def _pack(key: VerifyingKey, item: tuple[Sequence[int], Proof]) -> tuple[bytes, bytes]:
    """Public inputs and proof of one item in the kernel's form; errors as ``verify``, and for what is no such pair."""
    if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], Proof)):
        raise MalformedInput("an item is a pair of public inputs and a Proof")
    public_inputs, proof = item
    check_curve_of(proof, key)
    check_public_inputs(public_inputs, key.num_public, key.fr)
    packed = b"".join([value.to_bytes(key.fr.num_bytes, "little") for value in public_inputs])
    return packed, proof.a + proof.b + proof.c
