"""Claims and batches that are built and not yet proved, as a node keeps them: with their domain and their payout.

A draft holds the secrets of node and session (files of mode 0600).  Reading one checks the whole predicate again, so
that a damaged file is refused with a reason, before anything is proved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..algebra.compression import MAX_SLOTS
from ..errors import InvalidBatch, InvalidClaim, MalformedInput
from .batch import Batch, cut, shared_of
from .claim import Claim
from .context import ClaimContext
from .domain import Domain
from .numbers import parse_decimal, parse_fields

CLAIM_TYPE = "zkrelay-claim"
BATCH_TYPE = "zkrelay-batch"


@dataclass(frozen=True)
class ClaimDraft:
    """A claim with what its ``aux`` is the hash of; raises ``InvalidClaim`` when they do not belong together."""

    domain: Domain
    context: ClaimContext
    claim: Claim

    def __post_init__(self) -> None:
        if self.claim.statement.aux != self.context.aux:
            raise InvalidClaim("the claim is bound to another payout address, relayer or fee")

    @property
    def handle(self) -> int:
        """What is recorded to commit now and prove later: cc."""
        return self.claim.statement.cc

    def to_dict(self) -> dict[str, Any]:
        """For JSON; holds secrets."""
        return {
            "domain": self.domain.to_strings(),
            "context": self.context.to_dict(),
            "inputs": self.claim.to_json_inputs(),
        }

    @classmethod
    def from_dict(cls, data: object) -> ClaimDraft:
        """Inverse of ``to_dict``.

        Raises:
            MalformedInput: not of that form.
            InvalidClaim, InvalidReceipt, InvalidSignature, InvalidPoint: as ``check_claim_inputs``.
        """
        fields = parse_fields("a claim's draft", data, ("domain", "context", "inputs"))
        domain = Domain.from_strings(fields["domain"])
        claim = Claim.from_json_inputs(fields["inputs"], domain)
        return cls(domain, ClaimContext.from_dict(fields["context"]), claim)


@dataclass(frozen=True)
class BatchDraft:
    """A batch with the drafts that it was built from, at least one; ``batch`` is what ``Batch.build`` makes of them."""

    drafts: tuple[ClaimDraft, ...]
    batch: Batch = field(repr=False)

    @classmethod
    def build(cls, drafts: Sequence[ClaimDraft], num_slots: int) -> BatchDraft:
        """Raises as ``Batch.build``, and ``InvalidBatch`` for drafts of domains that differ in anything."""
        for index, draft in enumerate(drafts):
            if draft.domain != drafts[0].domain:
                raise InvalidBatch(f"claim {index} has another domain than the first: it needs a batch of its own")
        return cls(tuple(drafts), Batch.build([draft.claim for draft in drafts], num_slots))

    @property
    def context(self) -> ClaimContext:
        """Of all its claims: they agree in aux."""
        return self.drafts[0].context

    @property
    def handle(self) -> int:
        """What is recorded to commit now and prove later: h."""
        return self.batch.statement.h

    def to_dict(self) -> dict[str, Any]:
        """For JSON; holds secrets."""
        slots = self.batch.statement.num_slots
        return {"num_slots": str(slots), "claims": [draft.to_dict() for draft in self.drafts]}

    @classmethod
    def from_dict(cls, data: object) -> BatchDraft:
        """Inverse of ``to_dict``; raises ``MalformedInput`` for another form, and as ``ClaimDraft`` and ``build``."""
        fields: Mapping[str, Any] = parse_fields("a batch's draft", data, ("num_slots", "claims"))
        num_slots = parse_decimal("num_slots", fields["num_slots"])
        if num_slots > MAX_SLOTS or not isinstance(fields["claims"], list) or len(fields["claims"]) > num_slots:
            raise MalformedInput(f"a batch has a list of claims, no more than slots, and at most {MAX_SLOTS} slots")
        return cls.build([ClaimDraft.from_dict(draft) for draft in fields["claims"]], num_slots)


def cut_drafts(drafts: Sequence[ClaimDraft], num_slots: int) -> list[BatchDraft]:
    """``drafts`` in batches of at most ``num_slots``, in order: those that agree in domain and all that a batch shares.

    Raises ``DuplicateNullifier`` for two claims of one note that meet in a batch, and ``InvalidBatch`` as
    ``Batch.build``.
    """
    groups = cut(drafts, lambda draft: (draft.domain, shared_of(draft.claim)), num_slots)
    return [BatchDraft.build(group, num_slots) for group in groups]
