"""A node's reputation: what clients who paid say of it, weighted by what they paid.

    testimony    note, receipt, the opening of the receipt's ctx, attestations of bandwidth
    weight       the money that left the escrow for the note's claim, the relayer's fee included
    quality      the part of the context's canary probes that were answered; without a probe nothing is said
    score        sum of floor(weight * quality) over testimonies, one for each nullifier

Whoever wants a higher score needs more money in claimed notes: score <= what the ledger paid for them, and the ledger
pays at most what was deposited (conservation).  So a node that vouches for itself pays with its own deposits, which
come back less what the network keeps of them; where it keeps nothing, a score costs as much as the money's time.  A
score never falls by a testimony: a client who lies about losses withholds its own weight and no more.

A testimony gives away its session: it shows rho, hence nullifier, deposit and claim.  So it is made after the claim was
paid, by a client who agrees to that.  Only single claims count: a batch shows what all of its notes got together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from zkrelay.errors import InvalidPoint, InvalidSignature, MalformedInput, NonCanonicalNumber, ReceiptLength
from zkrelay.relay.note import Note
from zkrelay.relay.nullifier import note_nullifier
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.receipt_context import ChallengeResult, ReceiptContext, parse_hex
from zkrelay.relay.store import Payment, PaymentKind

from .canary import LOST
from .challenger import Attestation
from .errors import TestimonyRefused, TunnelError, UntrustedChallenger

MAX_ATTESTATIONS = 64
_NAMES = {"note", "receipt", "context", "attestations"}


@dataclass(frozen=True)
class Testimony:
    """One session, laid open.  Nothing is verified on construction but that the parts are whole."""

    __test__ = False  # for pytest: no test

    note: Note
    receipt: Receipt
    context: ReceiptContext
    attestations: tuple[Attestation, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """For JSON, to be published."""
        return {
            "note": self.note.to_dict(),
            "receipt": self.receipt.pack().hex(),
            "context": self.context.to_dict(),
            "attestations": [attestation.pack().hex() for attestation in self.attestations],
        }

    @classmethod
    def from_dict(cls, data: object) -> Testimony:
        """Inverse of ``to_dict``; raises ``TestimonyRefused`` for anything else."""
        if not isinstance(data, Mapping) or set(data) != _NAMES or not isinstance(data["attestations"], list):
            raise TestimonyRefused(f"a testimony has exactly the fields {', '.join(sorted(_NAMES))}")
        if len(data["attestations"]) > MAX_ATTESTATIONS or not isinstance(data["note"], Mapping):
            raise TestimonyRefused(f"a testimony has one note and at most {MAX_ATTESTATIONS} attestations")
        try:
            note = Note.from_dict(data["note"])
            receipt = Receipt.unpack(parse_hex("receipt", data["receipt"]), note.cm)
            packed = [parse_hex("attestation", text) for text in data["attestations"]]
            attestations = tuple(map(Attestation.unpack, packed))
            return cls(note, receipt, ReceiptContext.from_dict(data["context"]), attestations)
        except (MalformedInput, NonCanonicalNumber, InvalidPoint, ReceiptLength, TunnelError) as error:
            raise TestimonyRefused(f"malformed: {error}") from error


def paid_claims(payments: Iterable[Payment]) -> dict[int, int]:
    """What the ledger paid for each single claim, the relayer's fee included, by nullifier."""
    return {
        payment.nf: payment.money + payment.fee
        for payment in payments
        if payment.kind is PaymentKind.CLAIM and payment.nf is not None
    }


class Reputation:
    """Of one node.  ``score``, ``paid`` and the probes' counts only ever grow."""

    def __init__(self, payee: int, domain: int, paid: Mapping[int, int], *, challengers: Iterable[bytes] = ()) -> None:
        """``paid`` is ``paid_claims`` of a ledger; ``challengers`` are the Ed25519 keys that are trusted."""
        self.payee, self.domain = payee, domain
        self._paid, self._challengers = paid, frozenset(challengers)
        self._counted: set[int] = set()
        self._rates: list[tuple[int, int]] = []
        self.score = self.paid = self.num_probes = self.num_lost = 0

    @property
    def bytes_a_second(self) -> int | None:
        """The median of the rates that challengers measured, each weighted by its session's money; None without any."""
        half, seen = sum(weight for _, weight in self._rates) / 2, 0
        for rate, weight in sorted(self._rates):
            seen += weight
            if seen >= half:
                return rate
        return None

    def add(self, testimony: Testimony) -> int:
        """Count a testimony; returns what it added to ``score``.  What is refused changes nothing.

        Raises:
            TestimonyRefused: another node's, of another domain, of a claim that was not paid, or counted before; or
                receipt, context and attestations are not what the note's client signed.
        """
        note, context = testimony.note, testimony.context
        if (note.payee, note.domain) != (self.payee, self.domain):
            raise TestimonyRefused("the note is for another node or of another domain")
        nf = note_nullifier(note.cm, note.rho)
        if nf in self._counted:
            raise TestimonyRefused("this note's testimony was counted before")
        weight = self._paid.get(nf)
        if weight is None:
            raise TestimonyRefused("no claim of this note was paid")
        self._check_signed(testimony)
        attested = _results(testimony)
        delays = [result.value for result in context.challenges if result not in attested]
        num_lost = delays.count(LOST)
        added = weight * (len(delays) - num_lost) // len(delays) if delays else 0
        self._counted.add(nf)
        self._rates += [(attestation.bytes_a_second, weight) for attestation in testimony.attestations]
        self.score, self.paid = self.score + added, self.paid + weight
        self.num_probes, self.num_lost = self.num_probes + len(delays), self.num_lost + num_lost
        return added

    def _check_signed(self, testimony: Testimony) -> None:
        note, receipt, context = testimony.note, testimony.receipt, testimony.context
        if receipt.cm != note.cm or receipt.ctx != context.ctx:
            raise TestimonyRefused("the receipt is for another note, or does not sign this context")
        results = _results(testimony)
        if len(results) != len(testimony.attestations):
            raise TestimonyRefused("an attestation comes twice")
        if not results <= set(context.challenges):
            raise TestimonyRefused("the receipt does not sign the result of an attestation")
        try:
            receipt.verify(note.public_key)
            for attestation in testimony.attestations:
                if attestation.cm != note.cm:
                    raise TestimonyRefused("an attestation is of another session")
                attestation.verify(note.public_key, self._challengers)
        except (InvalidSignature, InvalidPoint, UntrustedChallenger) as error:
            raise TestimonyRefused(f"not signed: {error}") from error


def _results(testimony: Testimony) -> set[ChallengeResult]:
    return {attestation.result for attestation in testimony.attestations}
