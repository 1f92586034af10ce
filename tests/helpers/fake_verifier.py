"""A stand-in for a proof system, for tests of the ledger's own rules and races; real proofs are in tests/adversary."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from zkrelay.errors import InvalidProof, MalformedInput
from zkrelay.groth16 import Proof
from zkrelay.relay.opening import OpenStatement
from zkrelay.relay.statement import ClaimStatement


class FakeVerifier:
    """A "proof" is a digest of the public inputs: true for one statement only, and anybody can make it."""

    def __init__(self, digest: str = "fake", *, development: bool = False) -> None:
        self.digest = digest
        self.development = development

    def verify(self, public_inputs: Sequence[int], proof: Proof) -> None:
        if proof.a != _digest(public_inputs):
            raise InvalidProof("not the digest of these public inputs")

    def verify_many(self, items: Sequence[tuple[Sequence[int], Proof]]) -> Mapping[int, InvalidProof | MalformedInput]:
        refused: dict[int, InvalidProof | MalformedInput] = {}
        for index, item in enumerate(items):
            try:
                self.verify(*item)
            except InvalidProof as error:
                refused[index] = error
        return refused


def fake_proof(statement: ClaimStatement | OpenStatement | Sequence[int]) -> Proof:
    """Of a claim, an opening, or any other public inputs."""
    public_inputs = statement if isinstance(statement, Sequence) else statement.public_inputs
    return Proof(_digest(public_inputs), bytes(128), bytes(64))


def _digest(public_inputs: Sequence[int]) -> bytes:
    return hashlib.sha512(",".join(map(str, public_inputs)).encode()).digest()
