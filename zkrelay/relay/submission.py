"""Claims and batches as they travel to a ledger: statement, payout and proof.  Nothing in them is secret.

Whoever carries one can change none of it: the proof is bound to the statement, and the statement to the payout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import MalformedInput
from ..formats.snarkjs_json import proof_fields, proof_from_document
from ..formats.strict_json import Document
from ..groth16 import Proof
from .batch_statement import BatchStatement
from .context import ClaimContext
from .numbers import parse_fields
from .statement import SHARE_NAMES, ClaimStatement, SharedClaimStatement

CLAIM_PROOF_TYPE = "zkrelay-claim-proof"
BATCH_PROOF_TYPE = "zkrelay-batch-proof"
_NAMES = ("statement", "context", "proof")


@dataclass(frozen=True)
class ClaimSubmission:
    """A proved claim, with a share of the node's secret where its domain asks for one."""

    statement: ClaimStatement
    context: ClaimContext
    proof: Proof

    @property
    def nullifiers(self) -> Sequence[int]:
        """What a ledger marks as spent."""
        return (self.statement.nf,)

    def to_dict(self) -> dict[str, Any]:
        return _to_dict(self.statement, self.context, self.proof)

    @classmethod
    def from_dict(cls, data: object) -> ClaimSubmission:
        """Inverse of ``to_dict``; raises ``MalformedInput`` (or a child) for another form.  Nothing is verified."""
        fields = parse_fields("a proved claim", data, _NAMES)
        statement = fields["statement"]
        shared = isinstance(statement, dict) and set(SHARE_NAMES) <= set(statement)
        kind: type[ClaimStatement] = SharedClaimStatement if shared else ClaimStatement
        return cls(kind.from_dict(statement), ClaimContext.from_dict(fields["context"]), _proof(fields["proof"]))


@dataclass(frozen=True)
class BatchSubmission:
    """A proved batch."""

    statement: BatchStatement
    context: ClaimContext
    proof: Proof

    @property
    def nullifiers(self) -> Sequence[int]:
        """What a ledger marks as spent."""
        return self.statement.spent

    def to_dict(self) -> dict[str, Any]:
        return _to_dict(self.statement, self.context, self.proof)

    @classmethod
    def from_dict(cls, data: object) -> BatchSubmission:
        """Inverse of ``to_dict``; raises ``MalformedInput`` (or a child) for another form.  Nothing is verified."""
        fields = parse_fields("a proved batch", data, _NAMES)
        if not isinstance(fields["statement"], dict):
            raise MalformedInput("the statement of a batch must be an object")
        statement = BatchStatement.from_dict(fields["statement"])
        return cls(statement, ClaimContext.from_dict(fields["context"]), _proof(fields["proof"]))


def _to_dict(statement: ClaimStatement | BatchStatement, context: ClaimContext, proof: Proof) -> dict[str, Any]:
    """The proof as in ``proof.json``, so that other tools can be given it."""
    return {"statement": statement.to_dict(), "context": context.to_dict(), "proof": proof_fields(proof)}


def _proof(value: object) -> Proof:
    return proof_from_document(Document(value, "proof"))
