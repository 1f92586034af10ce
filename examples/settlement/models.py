"""The bodies of answers, as the OpenAPI description has them.

Numbers are decimal strings, as in the library's files: no reader of JSON keeps 254 bits of a number.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, StringConstraints

from .books import Balances, Event
from .unit import payment_fields

Decimal = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]{0,77})$", max_length=78)]
Money = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)$")]
PaymentKindName = Literal["claim", "batch", "refund", "stake", "slash", "burn", "fee", "move"]


class Deposited(BaseModel):
    """``position`` of the note's leaf, the tree's ``root`` after it, and the money ``locked`` for it."""

    cm: Decimal
    position: Decimal
    root: Decimal
    locked: Money


class Leaf(BaseModel):
    identity: Decimal
    limit: Decimal
    position: Decimal
    price: Money


class Opened(BaseModel):
    """The ticket's nullifier and the note it was spent on."""

    nf: Decimal
    cm: Decimal


class Committed(BaseModel):
    """``epoch``: the first that the handle was recorded in."""

    handle: Decimal
    epoch: Decimal


class Paid(BaseModel):
    """Money that left; ``nf`` is absent when it is for no note."""

    recipient: Decimal
    money: Money
    relayer: Decimal
    fee: Money
    epoch: Decimal
    kind: PaymentKindName
    nf: Decimal | None = None

    @classmethod
    def of(cls, payment: Any) -> Paid:
        return cls.model_validate(payment_fields(payment))


class Payments(BaseModel):
    payments: list[Paid]


class Stake(BaseModel):
    """``exit_epoch`` is when its owner asked for it."""

    payee: Decimal
    address: Decimal
    amount: Money
    epoch: Decimal
    exit_epoch: Decimal | None = None


class FundingTree(BaseModel):
    """What ``FundingDomain`` is made of, and its two field elements."""

    chain_id: Decimal
    contract: Decimal
    funding_tree_no: Decimal
    ticket_bytes: Decimal
    fee_bytes: Decimal
    depth: Decimal
    value: Decimal
    ext: Decimal


class Ledger(BaseModel):
    """What a node or client must know before it deals with this ledger; ``domain`` is ``Domain.to_strings``."""

    domain: dict[str, Decimal]
    domain_value: Decimal
    venue: Decimal
    epoch: Decimal
    epoch_seconds: Decimal
    window: Decimal
    finality: Decimal
    refund_period: Decimal
    min_stake: Money
    stake_minimum: Money
    stake_lock: Decimal
    burn_percent: Decimal
    batch_slots: list[int]
    takes_stakes: bool
    takes_openings: bool
    is_test_money: bool
    num_final_notes: Decimal
    root: Decimal
    funding: FundingTree | None = None


class Root(BaseModel):
    """The root at the end of ``epoch``; the present epoch may still have another."""

    epoch: Decimal
    root: Decimal


class Leaves(BaseModel):
    """``leaves`` of a tree from position ``first`` on; fewer than asked for, or none, at its end."""

    first: int
    leaves: list[Decimal]


class Path(BaseModel):
    """All children of each node from the leaf's parent up to the root."""

    leaf: Decimal
    root: Decimal
    path: list[list[Decimal]]


class Nullifier(BaseModel):
    nf: Decimal
    spent: bool


class Ticket(BaseModel):
    """The share of a spent ticket; ``cm`` is absent when it was taken by slashing."""

    nf: Decimal
    x: Decimal
    y: Decimal
    cm: Decimal | None = None


class Events(BaseModel):
    """``last`` is the number of the ledger's last event, of whatever kind; after it there is nothing yet."""

    events: list[Event]
    last: int


class Sums(BaseModel):
    """Conservation: ``paid_in`` = ``locked`` + ``pots`` + ``stakes`` + the sum of ``paid_out``."""

    locked: Money
    pots: Money
    stakes: Money
    paid_in: Money
    paid_out: dict[PaymentKindName, Money]
    conserved: bool

    @classmethod
    def of(cls, sums: Balances) -> Sums:
        return cls(
            locked=str(sums.locked),
            pots=str(sums.pots),
            stakes=str(sums.stakes),
            paid_in=str(sums.paid_in),
            paid_out={kind: str(money) for kind, money in sums.paid_out.items()},  # type: ignore[misc]
            conserved=sums.conserved,
        )


class Refusal(BaseModel):
    """A request that this process refused: when (seconds since 1970), where, and why."""

    time: int
    route: str
    status: int
    code: str
    detail: str


class Refusals(BaseModel):
    refusals: list[Refusal]


class Health(BaseModel):
    status: Literal["ok"]


class Problem(BaseModel):
    """``code`` is stable, and one for each error of the library; ``detail`` is for people."""

    type: Literal["about:blank"]
    title: str
    status: int
    code: str
    detail: str
