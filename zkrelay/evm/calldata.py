"""The data of a call of ``verifyProof``, ``verifyProofs`` or ``verifyVector``: a selector, then words.

``verifyProof`` and ``verifyVector`` take arrays of known length, which are their elements.  ``verifyProofs`` takes two
of unknown length: two offsets from the end of the selector, and at each the count and the elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..curves import CURVES
from ..errors import MalformedInput
from ..groth16.keys import Proof
from ..groth16.verify import check_public_inputs
from .compressed import CURVE, MAX_LENGTH
from .keccak import selector
from .words import WORD_BYTES, pack_words, proof_words

Item = tuple[Sequence[int], Proof]
"""Public inputs and a proof, as ``verify_many`` takes them."""


@dataclass(frozen=True)
class Call:
    """The words of each proof and of its public inputs; ``is_one`` tells ``verifyProof`` from ``verifyProofs``."""

    proofs: tuple[tuple[int, ...], ...]
    inputs: tuple[tuple[int, ...], ...]
    is_one: bool

    @property
    def signature(self) -> str:
        """The function's name and types, of which the selector is the hash."""
        proof, inputs = f"uint256[{len(self.proofs[0])}]", f"uint256[{len(self.inputs[0])}]"
        return f"verifyProof({proof},{inputs})" if self.is_one else f"verifyProofs({proof}[],{inputs}[])"

    @property
    def data(self) -> bytes:
        """The calldata."""
        head = selector(self.signature).to_bytes(4, "big")
        proofs = [word for proof in self.proofs for word in proof]
        inputs = [word for row in self.inputs for word in row]
        if self.is_one:
            return head + pack_words([*proofs, *inputs])
        count = len(self.proofs)
        offsets = (2 * WORD_BYTES, (3 + len(proofs)) * WORD_BYTES)
        return head + pack_words([*offsets, count, *proofs, count, *inputs])

    @property
    def arguments(self) -> str:
        """Both arguments as JSON arrays of hexadecimal strings with a comma between: what wallets' forms take."""
        parts = []
        for rows in (self.proofs, self.inputs):
            arrays = [_array(row) for row in rows]
            parts.append(arrays[0] if self.is_one else "[" + ",".join(arrays) + "]")
        return ",".join(parts)


@dataclass(frozen=True)
class VectorCall:
    """The words of a proof, h and the vector of a statement that the contract of ``compressed`` verifies."""

    proof: tuple[int, ...]
    h: int
    vector: tuple[int, ...]

    @property
    def signature(self) -> str:
        """As of ``Call``."""
        return f"verifyVector(uint256[{len(self.proof)}],uint256,uint256[{len(self.vector)}])"

    @property
    def data(self) -> bytes:
        """The calldata."""
        return selector(self.signature).to_bytes(4, "big") + pack_words([*self.proof, self.h, *self.vector])

    @property
    def arguments(self) -> str:
        """As of ``Call``: an array, a string and an array."""
        return f'{_array(self.proof)},"0x{self.h:064x}",{_array(self.vector)}'


def verify_vector_call(vector: Sequence[int], h: int, proof: Proof) -> VectorCall:
    """A call of ``verifyVector``; whether the proof is true is not asked.

    Raises:
        MalformedInput: h or a value of the vector is no integer, the vector has another length than 1 to
            ``MAX_LENGTH``, or the proof is over another curve than BN254.
        NonCanonicalNumber, InvalidPoint: as ``verify_proof_call``.
    """
    if proof.curve != CURVE:
        raise MalformedInput(f"a compressed statement is proved over {CURVE}, this proof is over {proof.curve}")
    if not 1 <= len(vector) <= MAX_LENGTH:
        raise MalformedInput(f"a vector has 1 to {MAX_LENGTH} values, not {len(vector)}")
    check_public_inputs([h, *vector], 1 + len(vector), CURVES[CURVE].fr)
    proof.check()
    return VectorCall(tuple(proof_words(proof)), h, tuple(vector))


def _array(words: Sequence[int]) -> str:
    return "[" + ",".join(f'"0x{word:064x}"' for word in words) + "]"


def verify_proof_call(public_inputs: Sequence[int], proof: Proof) -> Call:
    """A call of ``verifyProof``; whether the proof is true is not asked.

    Raises:
        MalformedInput: a public input is no integer, or there is none.
        NonCanonicalNumber: a public input is not in [0, r), or a coordinate not below p.
        InvalidPoint: a point is infinity, off its curve or outside its subgroup.
    """
    return _call([(public_inputs, proof)], is_one=True)


def verify_proofs_call(items: Sequence[Item]) -> Call:
    """A call of ``verifyProofs`` for proofs under one key; raises as ``verify_proof_call`` and

    ``MalformedInput`` for no proof at all, or for proofs over two curves or with two counts of public inputs.
    """
    if not items:
        raise MalformedInput("a call of verifyProofs holds one proof at least")
    return _call(items, is_one=False)


def _call(items: Sequence[Item], *, is_one: bool) -> Call:
    curve, num_public = items[0][1].curve, len(items[0][0])
    if not num_public:
        raise MalformedInput("a contract takes one public input at least")
    for index, (public_inputs, proof) in enumerate(items):
        if proof.curve != curve:
            raise MalformedInput(
                f"proof {index} is over {proof.curve}, proof 0 over {curve}: they have no key in common"
            )
        check_public_inputs(public_inputs, num_public, CURVES[curve].fr)
        proof.check()
    proofs = tuple(tuple(proof_words(proof)) for _, proof in items)
    return Call(proofs, tuple(tuple(public_inputs) for public_inputs, _ in items), is_one)
