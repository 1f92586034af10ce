"""Money adds up whatever is asked for in whatever order, and what is refused or repeated changes nothing."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from settlement import books
from settlement.bodies import ClaimBody, CommitmentBody, DepositBody, ExitBody, LeafBody, SlashBody, StakeBody
from settlement.problems import IdempotencyKeyReused
from settlement.service import Request, Service
from settlement.unit import SqlStoreTransaction, UnitStore

from zkrelay.errors import InvalidProof, MalformedInput, StoreError, ZkrelayError
from zkrelay.groth16 import Proof
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.slash import slash_handle
from zkrelay.relay.store_sqlite import SqliteStore

from .world import CONTEXT, DOMAIN, FUNDING, STAKES, START, Keys, Running, World, deposit_body

G1, G2 = ["1", "2", "1"], [["1", "2"], ["3", "4"], ["1", "0"]]
PROOF = {"pi_a": G1, "pi_b": G2, "pi_c": G1}
NODE = NodeIdentity(20261129)


class TakesAll:
    """A proof system in which everything is true: only the rules of the ledger are left."""

    development = False

    def __init__(self, digest: str) -> None:
        self.digest = digest

    def verify(self, public_inputs: Sequence[int], proof: Proof) -> None: ...

    def verify_many(self, items: Sequence[tuple[Sequence[int], Proof]]) -> Mapping[int, InvalidProof | MalformedInput]:
        return {}


def make_service(world: World, store: SqliteStore) -> Service:
    everything = {"registration_verifier": TakesAll("registration"), "funding": FUNDING}
    return world.service(store, verifier=TakesAll("claim"), **everything)


class Player:
    """Does one thing after another to a service, with few enough numbers that they meet."""

    def __init__(self, world: World, service: Service, source: random.Random) -> None:
        self.world, self.service, self.source = world, service, source
        self.outcomes: set[str] = set()

    def step(self) -> None:
        names = "deposit claim claim commit fund stake leave withdraw slash wait"
        action = getattr(self, self.source.choice(names.split()))
        key = self.source.choice([None, *(f"one-of-a-few-keys-{number}" for number in range(5))])
        before = state(self.service)
        try:
            done = action(Request(key, f"{action.__name__}{self.source.randrange(3)}"))
        except (ZkrelayError, IdempotencyKeyReused) as error:
            self.outcomes.add(type(error).__name__)
            assert state(self.service) == before
        else:
            self.outcomes.add("repeated" if done and done[1] else "done")
            assert done is None or not done[1] or state(self.service) == before
        assert self.service.balances().conserved
        events = self.service.events(0, 10_000, None)
        assert [event.number for event in events.events] == list(range(1, events.last + 1))

    def wait(self, _: Request) -> None:
        self.world.now += self.source.randrange(3)

    def deposit(self, request: Request):  # type: ignore[no-untyped-def]
        inner = self.source.randrange(6)
        return self.service.deposit(request, DepositBody.model_validate(deposit_body(inner, expiry=str(START + 200))))

    def claim(self, request: Request):  # type: ignore[no-untyped-def]
        root = self.service.settlement.root
        statement = {
            "domain": DOMAIN.value,
            "root": root if self.source.randrange(7) else 5,
            "payee": 7,
            "amount": self.source.choice([1, 20, 500]),
            "epoch": self.world.now - self.source.choice([0, 0, 1, 3]),
            "venue": 0,
            "nf": self.source.randrange(4),
            "cc": self.source.randrange(3),
            "aux": CONTEXT.aux,
        }
        body = {
            "statement": {name: str(value) for name, value in statement.items()},
            "context": CONTEXT.to_dict(),
            "proof": PROOF,
        }
        return self.service.redeem(request, ClaimBody.model_validate(body))

    def commit(self, request: Request):  # type: ignore[no-untyped-def]
        values = (NODE.payee, NODE.kn, 9, 1)
        handle = self.source.choice([0, 1, 2, slash_handle(DOMAIN.value, *values)])
        return self.service.commit(request, CommitmentBody(handle=str(handle)))

    def fund(self, request: Request):  # type: ignore[no-untyped-def]
        return self.service.fund(request, LeafBody(identity=str(self.source.randrange(4)), limit="3"))

    def stake(self, request: Request):  # type: ignore[no-untyped-def]
        payee = self.source.choice([7, NODE.payee])
        amount = self.source.choice([1, 500, 777])
        body = {"payee": str(payee), "address": "9", "amount": str(amount), "proof": PROOF}
        return self.service.register(request, StakeBody.model_validate(body))

    def leave(self, request: Request):  # type: ignore[no-untyped-def]
        payee = str(self.source.choice([7, NODE.payee]))
        return self.service.leave(request, payee, ExitBody.model_validate({"proof": PROOF}))

    def withdraw(self, request: Request):  # type: ignore[no-untyped-def]
        return self.service.withdraw(request, str(self.source.choice([7, NODE.payee])))

    def slash(self, request: Request):  # type: ignore[no-untyped-def]
        return self.service.slash(request, SlashBody(payee=str(NODE.payee), kn=str(NODE.kn), slasher="9", salt="1"))


def state(service: Service) -> object:
    return Running(service, 0, None).state()  # type: ignore[arg-type]


def play(seed: int, steps: int) -> tuple[set[str], set[str]]:
    """What was refused or done, and the kinds of events."""
    world = World(Keys())
    with SqliteStore(":memory:") as store:
        service = make_service(world, store)
        player = Player(world, service, random.Random(seed))
        for _ in range(steps):
            player.step()
        return player.outcomes, {event.kind for event in service.events(0, 10_000, None).events}


@settings(max_examples=8)
@given(st.integers(0, 1 << 32))
def test_any_order_of_requests(seed: int) -> None:
    play(seed, 30)


def test_everything_happens_in_some_order() -> None:
    """So that the test above is known to try something."""
    played = [play(seed, steps=150) for seed in range(4)]
    outcomes, kinds = (set().union(*parts) for parts in zip(*played, strict=True))
    assert kinds == {"note", "leaf", "commitment", "nullifier", "payment", "stake", "stake-exit", "stake-end"}
    refusals = {"NullifierSpent", "UnknownRoot", "InsufficientEscrow", "DuplicateNote", "StakeLocked", "NotCommitted"}
    assert outcomes >= {"done", "repeated", "IdempotencyKeyReused", *refusals}


def test_a_ledger_that_was_used_before_is_taken_over_as_it_stands(tmp_path: Path) -> None:
    world = World(Keys())
    with SqliteStore(tmp_path / "ledger.sqlite") as store:
        before = Settlement(
            store,
            DOMAIN,
            TakesAll("claim"),
            clock=lambda: world.now,
            stake_rules=STAKES,
            registration_verifier=TakesAll("registration"),
            funding=FUNDING,
        )
        before.deposit(1, 50 << 20, START + 9)
        before.fund(5, 2)
        before.register(7, 9, 500, Proof(bytes(64), bytes(128), bytes(64)))
        before.leave(7, Proof(bytes(64), bytes(128), bytes(64)))
        world.now += STAKES.lock
        before.withdraw(7)
        for _ in range(2):  # and again, as it was left
            sums = make_service(world, store).balances()
            assert sums.conserved and sums.paid_out["stake"] == "500"
            assert (sums.paid_in, sums.locked, sums.pots) == (str(150 + 60 + 500), "150", "60")


def test_a_reader_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    world, path = World(Keys()), tmp_path / "ledger.sqlite"
    with SqliteStore(path) as writer, SqliteStore(path, busy_timeout_s=0) as reader:
        make_service(world, writer)
        units = UnitStore(writer, reader)
        with units.unit() as unit:
            unit.begin().set_balance(5)
            with units.read() as transaction:
                assert transaction.balance() == 5  # a unit sees what it wrote
            with UnitStore(writer, reader)._reader.read() as transaction:
                assert transaction.balance() == 0  # nobody else does
            with pytest.raises(StoreError), SqliteStore(path, busy_timeout_s=0).write():
                pass
        with units.read() as transaction:
            assert transaction.balance() == 5


@pytest.mark.parametrize("kind", [None, "stake"])
def test_events_are_found_without_going_through_all(kind: str | None) -> None:
    """Anybody may ask, and the table grows with what anybody may record: a rare kind costs no walk through it."""
    plans = []

    class Explained:
        def __init__(self, inner: SqlStoreTransaction) -> None:
            self._inner = inner

        def execute(self, statement: str, *parameters: object) -> Any:
            plans.extend(row[3] for row in self._inner.execute(f"EXPLAIN QUERY PLAN {statement}", *parameters))
            return self._inner.execute(statement, *parameters)

    with SqliteStore(":memory:") as store, store.write() as transaction:
        books.make_tables(transaction)
        books.write_events(transaction, 5, [("note", {}), ("stake", {}), ("note", {})])
        found = books.events_after(Explained(transaction), 0, 10, kind)  # type: ignore[arg-type]
    assert [event.number for event in found] == ([1, 2, 3] if kind is None else [2])
    assert len(plans) == 1 and plans[0].startswith("SEARCH") and "number>" in plans[0]
