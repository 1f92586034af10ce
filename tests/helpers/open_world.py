"""An honest client with a funded leaf, for the adversary to start from."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from zkrelay.relay.domain import Domain
from zkrelay.relay.funding import FundingDomain, FundingKey, funding_leaf
from zkrelay.relay.opening import Opening, OpenMessage, Ticket

MIB = 1 << 20
TICKET_BYTES = 500 * MIB
FEE_BYTES = 3 * MIB
LIMIT = 10
EXPIRY = 1000
POSITION = 5


@dataclass
class OpenWorld:
    """``inputs()`` is a fresh copy of the honest opening's whole input, to be tampered with."""

    domain: Domain = field(default_factory=lambda: Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1))
    depth: int = 20

    def __post_init__(self) -> None:
        self.funding = FundingDomain(31337, 0xC0FFEE, 1, TICKET_BYTES, FEE_BYTES, self.depth)
        self.key = FundingKey(20261128)
        self.mallory = FundingKey(666)
        self.tree = self.funding.tree()
        for leaf in (11, 12, 13, 14, 15, funding_leaf(self.key.identity, LIMIT), 16):
            self.tree.append(leaf)
        self.message = self.make_message()
        self.opening = self.make_opening()

    def make_message(self, **changes: int) -> OpenMessage:
        values = {"domain": self.domain.value, "inner": 4711, "ticket_bytes": TICKET_BYTES, "expiry": EXPIRY}
        return OpenMessage(**{**values, **changes})

    def make_opening(self, **changes: Any) -> Opening:
        """The honest opening with other parts: funding, key, ticket, proof, message."""
        arguments: dict[str, Any] = {
            "funding": self.funding,
            "key": self.key,
            "ticket": Ticket(LIMIT - 1, LIMIT),
            "message": self.message,
            **changes,
        }
        if "proof" not in arguments:
            arguments["proof"] = self.tree.proof(POSITION)
        return Opening.build(**arguments)

    def inputs(self, **changes: Any) -> dict[str, Any]:
        return {**copy.deepcopy(self.opening.inputs), **changes}

    def fund(self, key: FundingKey, limit: int = LIMIT) -> int:
        """Buy a leaf for another key and return its position."""
        return self.tree.append(funding_leaf(key.identity, limit))
