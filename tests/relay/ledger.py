"""A ledger with a clock that the test sets, over a fake proof system."""

from __future__ import annotations

from pathlib import Path

from fake_verifier import FakeVerifier, fake_proof

from zkrelay.groth16 import Proof
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store import Payment
from zkrelay.relay.store_sqlite import SqliteStore

from .parties import CONTEXT, DOMAIN

START = 100
WINDOW = 3


class Ledger:
    """``now`` is the present epoch."""

    def __init__(self, path: str | Path = ":memory:", **settings: object) -> None:
        self.now = START
        self.store = SqliteStore(path)
        arguments: dict[str, object] = {
            "domain": DOMAIN,
            "verifier": FakeVerifier(),
            "clock": lambda: self.now,
            "window": WINDOW,
            **settings,
        }
        self.settlement = Settlement(self.store, **arguments)  # type: ignore[arg-type]

    def fund(self, units: int = 1000, inner: int = 1, expiry: int = START + 50) -> int:
        """Deposit a note of so many units and return the root that holds it."""
        return self.settlement.deposit(inner, units * DOMAIN.unit, expiry).root

    def statement(self, **changes: int) -> ClaimStatement:
        values = {
            "domain": DOMAIN.value,
            "root": self.settlement.root,
            "payee": 7,
            "amount": 100,
            "epoch": self.now,
            "venue": 0,
            "nf": 11,
            "cc": 12,
            "aux": CONTEXT.aux,
            **changes,
        }
        return ClaimStatement(**values)

    def redeem(
        self, statement: ClaimStatement | None = None, context: ClaimContext = CONTEXT, proof: Proof | None = None
    ) -> Payment:
        statement = statement or self.statement()
        return self.settlement.redeem(statement.public_inputs, context, proof or fake_proof(statement))

    def dump(self) -> list[str]:
        """Everything that the store holds, as SQL."""
        return list(self.store._connection.iterdump())
