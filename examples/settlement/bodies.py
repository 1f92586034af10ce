"""The bodies of requests, as the OpenAPI description has them.

They have the fields of the library's own files, in decimal strings.  The patterns here are the outer border; ranges,
field elements and points are the library's to check, with errors of its own.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from .models import Decimal

MAX_SLOTS = 1024
Hex32 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hex64 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{128}$")]


class Body(BaseModel):
    """Exactly these fields: one that is not known is refused."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)

    def to_library(self) -> dict[str, Any]:
        """What the library's ``from_dict`` takes."""
        return self.model_dump(exclude_none=True)


Triple = Annotated[list[Decimal], Field(min_length=3, max_length=3)]
Pair = Annotated[list[Decimal], Field(min_length=2, max_length=2)]


class ProofBody(Body):
    """A Groth16 proof over BN254 as snarkjs writes ``proof.json``."""

    pi_a: Triple
    pi_b: Annotated[list[Pair], Field(min_length=3, max_length=3)]
    pi_c: Triple
    protocol: Literal["groth16"] = "groth16"
    curve: Literal["bn128", "bn254"] = "bn128"


class ContextBody(Body):
    """Where the money goes, and who carried the claim for what fee."""

    payout_address: Decimal
    relayer: Decimal
    relayer_fee: Decimal


class ClaimStatementBody(Body):
    """The public side of a claim; ``x`` and ``y`` in a domain of several venues, and only there."""

    domain: Decimal
    root: Decimal
    payee: Decimal
    amount: Decimal
    epoch: Decimal
    venue: Decimal
    nf: Decimal
    cc: Decimal
    aux: Decimal
    x: Decimal | None = None
    y: Decimal | None = None


class BatchStatementBody(Body):
    """The public side of a batch; one nullifier for each slot of the circuit, 0 in unused ones."""

    domain: Decimal
    root: Decimal
    epoch: Decimal
    venue: Decimal
    payee: Decimal
    total: Decimal
    count: Decimal
    aux: Decimal
    h: Decimal
    nullifiers: Annotated[list[Decimal], Field(min_length=1, max_length=MAX_SLOTS)]


class ClaimBody(Body):
    """A proved claim, as ``zkrelay claim prove`` writes it, without type and version."""

    statement: ClaimStatementBody
    context: ContextBody
    proof: ProofBody


class BatchBody(Body):
    """A proved batch."""

    statement: BatchStatementBody
    context: ContextBody
    proof: ProofBody


class DepositBody(Body):
    """What a depositor tells the ledger; ``domain`` is the domain's field element."""

    domain: Decimal
    inner: Decimal
    cap: Decimal
    expiry: Decimal


class LeafBody(Body):
    """A leaf of the funding tree with ``limit`` tickets."""

    identity: Decimal
    limit: Decimal


class OpenMessageBody(Body):
    domain: Decimal
    inner: Decimal
    ticket_bytes: Decimal
    expiry: Decimal


class OpenStatementBody(Body):
    y: Decimal
    root: Decimal
    nf: Decimal
    x: Decimal
    ext: Decimal


class OpeningBody(Body):
    """A ticket, spent on the note of ``message``."""

    message: OpenMessageBody
    statement: OpenStatementBody
    proof: ProofBody


class CommitmentBody(Body):
    """cc of a claim, h of a batch, or a slasher's handle."""

    handle: Decimal


class RefundBody(Body):
    """It opens the note to the ledger: payee, key and secret of the session."""

    payee: Decimal
    rho: Decimal
    cap: Decimal
    expiry: Decimal
    recipient: Decimal
    public_key: Hex32
    signature: Hex64


class StakeBody(Body):
    """A stake that the operator was paid; the proof shows the payee's secret for this address and amount."""

    payee: Decimal
    address: Decimal
    amount: Decimal
    proof: ProofBody


class ExitBody(Body):
    """The proof shows the payee's secret for this stake."""

    proof: ProofBody


class SlashBody(Body):
    """The secret of a node that gave it away; the handle of these values was committed in an earlier epoch."""

    payee: Decimal
    kn: Decimal
    slasher: Decimal
    salt: Decimal


class ShareBody(Body):
    nf: Decimal
    x: Decimal
    y: Decimal


class TicketSlashBody(Body):
    """Two shares of one ticket; the handle was committed in an earlier epoch."""

    first: ShareBody
    second: ShareBody
    slasher: Decimal
    salt: Decimal
