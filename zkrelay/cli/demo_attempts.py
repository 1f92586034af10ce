"""Four ways to be paid more than once, or more than was signed for.  Each must be refused, for the right reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from ..errors import InvalidClaim, InvalidProof, NullifierSpent, UnsatisfiedConstraint, ZkrelayError
from ..groth16 import Proof, rerandomize, verify
from ..r1cs import CompiledCircuit
from ..relay.claim import Claim
from ..relay.context import ClaimContext
from ..relay.identity import NodeIdentity
from ..relay.settlement import Settlement
from .demo_node import Served
from .demo_stage import Stage


@dataclass(frozen=True)
class Paid:
    """Everything about the claim that was paid, as its node knows it."""

    session: Served
    identity: NodeIdentity
    claim: Claim
    context: ClaimContext
    proof: Proof


@dataclass(frozen=True)
class Way:
    """One thing to try: ``who`` must refuse it with the error ``expected``."""

    who: str
    expected: type[ZkrelayError]
    action: Callable[[], object]


@dataclass(frozen=True)
class Refusal:
    """``error`` is the class of the error, and empty when nobody refused."""

    who: str
    error: str
    reason: str
    as_expected: bool


def attempts(stage: Stage, ledger: Settlement, paid: Paid) -> list[tuple[str, list[Way]]]:
    """The attempts by name; a name with several ways is refused at several doors."""
    statement = paid.claim.statement
    again = statement.public_inputs
    unspent = replace(statement, nf=statement.nf ^ 1)
    more = replace(statement, amount=statement.amount + 1)

    def redeem(public_inputs: list[int], proof: Proof) -> object:
        return ledger.redeem(public_inputs, paid.context, proof)

    return [
        ("the same claim again", [Way("ledger", NullifierSpent, lambda: redeem(again, paid.proof))]),
        (
            "the same proof, re-randomised: other bytes, still true",
            [Way("ledger", NullifierSpent, lambda: redeem(again, _other_bytes(stage, paid)))],
        ),
        (
            "its nullifier changed, so that it looks unspent",
            [Way("verifier", InvalidProof, lambda: redeem(unspent.public_inputs, paid.proof))],
        ),
        (
            "one unit more than the client signed for",
            [
                Way("claim", InvalidClaim, lambda: _claim_of(ledger, paid, more.amount)),
                Way("circuit", UnsatisfiedConstraint, lambda: _witness_of(stage.circuit, paid, more.meta)),
                Way("verifier", InvalidProof, lambda: redeem(more.public_inputs, paid.proof)),
            ],
        ),
    ]


def try_each(ways: list[Way]) -> list[Refusal]:
    """Run them all.  Of a reason the first line is kept: the sides of a constraint are the prover's own business."""
    refusals = []
    for way in ways:
        try:
            way.action()
        except ZkrelayError as error:
            reason = str(error).split("\n", 1)[0]
            refusals.append(Refusal(way.who, type(error).__name__, reason, isinstance(error, way.expected)))
        else:
            refusals.append(Refusal(way.who, "", "it was accepted", False))
    return refusals


def _other_bytes(stage: Stage, paid: Paid) -> Proof:
    """A proof of the same statement that differs in every byte, and verifies."""
    vk = stage.key.verifying_key
    fresh = rerandomize(vk, paid.proof)
    verify(vk, paid.claim.statement.public_inputs, fresh)
    assert paid.proof.a != fresh.a and paid.proof.b != fresh.b and paid.proof.c != fresh.c
    return fresh


def _claim_of(ledger: Settlement, paid: Paid, amount: int) -> Claim:
    session, epoch = paid.session, paid.claim.statement.epoch
    return Claim.build(
        ledger.domain,
        session.note,
        session.receipt,
        paid.identity,
        session.path,
        paid.context,
        epoch=epoch,
        amount=amount,
    )


def _witness_of(circuit: CompiledCircuit, paid: Paid, meta: int) -> bytes:
    return circuit.assign({**paid.claim.inputs, "meta": meta})
