"""A claim: everything a node puts together to be paid for one session, in the form that its circuit takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidClaim, InvalidReceipt
from .context import ClaimContext
from .domain import SINGLE_STORE_VENUE, SINGLE_VENUE, Domain
from .identity import NodeIdentity
from .merkle import MerkleProof
from .note import Note
from .nullifier import claim_blind, claim_commitment, note_nullifier
from .numbers import decimal_inputs, parse_inputs
from .predicate import check_claim_inputs, input_names
from .receipt import Receipt
from .share import claim_blind_x, claim_slope, claim_x, share_y
from .statement import ClaimStatement, SharedClaimStatement, statement_type


@dataclass(frozen=True)
class Claim:
    """``statement`` is for everyone; ``inputs`` holds secrets of node and session and is left out of the repr."""

    statement: ClaimStatement
    inputs: dict[str, Any] = field(repr=False)

    @classmethod
    def build(
        cls,
        domain: Domain,
        note: Note,
        receipt: Receipt,
        node: NodeIdentity,
        proof: MerkleProof,
        context: ClaimContext,
        *,
        epoch: int,
        amount: int | None = None,
        venue: int = SINGLE_STORE_VENUE,
    ) -> Claim:
        """A claim for ``amount`` units (all that the receipt shows by default), checked against the whole predicate.

        Args:
            proof: membership of the note under any root that the domain's tree ever had.
            epoch: at most the note's expiry.  The ledger wants the present or the last epoch, or one not before the
                commitment was recorded.
            venue: where the claim will be redeemed; a domain with a single venue has number 0 only.

        In a domain with several venues the claim shows a share of the node's secret: the same note with another venue
        or amount shows the secret to everybody.  Ask a ``ClaimJournal`` first.

        Raises:
            InvalidClaim: two parts do not belong together, the amount is not covered, or the epoch is after expiry.
            InvalidReceipt: the receipt is for another note, above the cap, or below one unit.
            MalformedInput, NonCanonicalNumber, InvalidPoint, InvalidSignature: as ``check_claim_inputs``.
        """
        if domain.mode == SINGLE_VENUE and venue != SINGLE_STORE_VENUE:
            raise InvalidClaim(f"the domain's only venue is {SINGLE_STORE_VENUE}")
        if note.domain != domain.value:
            raise InvalidClaim("the note belongs to another domain")
        if note.payee != node.payee:
            raise InvalidClaim("the note names another payee than this node")
        if receipt.cm != note.cm:
            raise InvalidReceipt("the receipt is for another note")
        if proof.leaf != note.cm:
            raise InvalidClaim("the Merkle proof is for another note")
        if amount is None:
            amount = min(domain.units(receipt.num_bytes), domain.max_amount)
            if amount == 0:
                raise InvalidReceipt(
                    f"{receipt.num_bytes} bytes are less than one unit of {domain.unit}: nothing to claim"
                )
        blind = claim_blind(note.rho, note.cm)
        statement = ClaimStatement(
            domain=note.domain,
            root=proof.root,
            payee=note.payee,
            amount=amount,
            epoch=epoch,
            venue=venue,
            nf=note_nullifier(note.cm, note.rho),
            cc=claim_commitment(note.cm, receipt.num_bytes, blind),
            aux=context.aux,
        )
        secret: dict[str, Any] = {}
        if domain.mode != SINGLE_VENUE:
            secret["blind_x"] = claim_blind_x(note.rho, note.cm)
            x = claim_x(statement.nf, amount, venue, secret["blind_x"])
            statement = SharedClaimStatement(
                **vars(statement), x=x, y=share_y(node.kn, claim_slope(node.kn, statement.nf), x)
            )
        inputs: dict[str, Any] = {
            **dict(zip(statement.names, statement.public_inputs, strict=True)),
            **secret,
            "epoch": statement.epoch,
            "venue": statement.venue,
            "ax": note.public_key[0],
            "ay": note.public_key[1],
            "r8x": receipt.signature.r8[0],
            "r8y": receipt.signature.r8[1],
            "s": receipt.signature.s,
            "bytes": receipt.num_bytes,
            "ctx": receipt.ctx,
            "rho": note.rho,
            "cap": note.cap,
            "expiry": note.expiry,
            "path": [list(children) for children in proof.path],
            "blind": blind,
            "kn": node.kn,
        }
        check_claim_inputs(inputs, domain)
        return cls(statement, inputs)

    def to_json_inputs(self) -> dict[str, Any]:
        """``inputs`` with decimal strings in place of numbers, as input files have them.  Secret: mode 0600."""
        return decimal_inputs(self.inputs)

    @classmethod
    def from_json_inputs(cls, data: object, domain: Domain) -> Claim:
        """Inverse of ``to_json_inputs`` for a claim in ``domain``, checked against the whole predicate again.

        Raises:
            MalformedInput: not the decimal strings of a claim's inputs.
            Everything that ``check_claim_inputs`` raises.
        """
        inputs = parse_inputs("a claim", data, input_names(domain))
        check_claim_inputs(inputs, domain)
        kind = statement_type(domain)
        return cls(kind.from_public_inputs([inputs[name] for name in kind.names]), inputs)


def session_commitment(note: Note, receipt: Receipt) -> int:
    """cc of a session, known before its claim is built: record it at session's end, prove later."""
    return claim_commitment(note.cm, receipt.num_bytes, claim_blind(note.rho, note.cm))
