"""A service on a port of this machine, over real keys, with an epoch that the test sets."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import uvicorn
from settlement.app import Access, Limits, bordered, make_app
from settlement.client import SettlementClient
from settlement.service import Service
from settlement.unit import UnitStore

from zkrelay.circuits.batch import Batch as BatchCircuit
from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.circuits.open import Open
from zkrelay.circuits.registration import Registration
from zkrelay.groth16 import Prover, ProvingKey, setup
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.claim import Claim
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.domain import Domain
from zkrelay.relay.funding import FundingDomain
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.note import Note, random_rho
from zkrelay.relay.proving import prove_claim
from zkrelay.relay.receipt import Receipt
from zkrelay.relay.settlement import Settlement, StakeRules
from zkrelay.relay.store import SettlementStore
from zkrelay.relay.store_sqlite import SqliteStore
from zkrelay.relay.submission import ClaimSubmission

MIB = 1 << 20
START = 100
TOKEN = "a token of the operator"
DOMAIN = Domain.of_service(b"a service", tree_no=1, unit=MIB, price_per_unit=3, arity=2, depth=5)
FUNDING = FundingDomain(0, DOMAIN.contract, funding_tree_no=1, ticket_bytes=10 * MIB, fee_bytes=MIB, depth=3)
CONTEXT = ClaimContext(payout_address=0xBEEF, relayer=0xCAFE, relayer_fee=1)
STAKES = StakeRules(minimum=500, lock=3, burn_percent=40)
SLOTS = 2


class Keys:
    """Development keys over small trees, each made when it is first asked for."""

    @cached_property
    def claim(self) -> tuple[ProvingKey, Prover]:
        return _made(ClaimCircuit(arity=DOMAIN.arity, depth=DOMAIN.depth, unit=DOMAIN.unit))

    @cached_property
    def batch(self) -> tuple[ProvingKey, Prover]:
        return _made(BatchCircuit(SLOTS, arity=DOMAIN.arity, depth=DOMAIN.depth, unit=DOMAIN.unit))

    @cached_property
    def registration(self) -> tuple[ProvingKey, Prover]:
        return _made(Registration())

    @cached_property
    def open(self) -> tuple[ProvingKey, Prover]:
        return _made(Open(depth=FUNDING.depth))

    def close(self) -> None:
        for made in vars(self).values():
            made[1].close()


def _made(circuit: Any) -> tuple[ProvingKey, Prover]:
    compiled = compile_circuit(circuit)
    key = setup(compiled.r1cs)
    return key, Prover(key, compiled)


@dataclass
class World:
    """The parties, and the ledger's clock."""

    keys: Keys
    now: int = START
    node: NodeIdentity = field(default_factory=NodeIdentity.generate)

    def service(self, store: SettlementStore, **settings: object) -> Service:
        """Of all entry points those that ``settings`` ask for; claims always."""
        units = UnitStore(store)
        settlement = Settlement(
            units,
            DOMAIN,
            self.keys.claim[0].verifying_key,
            clock=lambda: self.now,
            stake_rules=STAKES,
            allow_development=True,
            **settings,  # type: ignore[arg-type]
        )
        return Service(units, settlement, lambda: self.now, epoch_seconds=3600, is_test_money=True)

    def everything(self) -> dict[str, object]:
        """The settings of a ledger with all its entry points."""
        return {
            "batch_verifiers": {SLOTS: self.keys.batch[0].verifying_key},
            "registration_verifier": self.keys.registration[0].verifying_key,
            "open_verifier": self.keys.open[0].verifying_key,
            "funding": FUNDING,
            "fee_recipient": 0xFEE,
        }

    def session(self, megabytes: int = 12, cap: int = 50 * MIB) -> tuple[SessionKey, Note, Receipt]:
        client = SessionKey.generate()
        note = Note(DOMAIN.value, self.node.payee, client.public, random_rho(), cap=cap, expiry=self.now + 30)
        return client, note, Receipt.sign(client, note.cm, megabytes * MIB)

    def claim(self, client: SettlementClient, note: Note, receipt: Receipt) -> Claim:
        """By a node that follows the service's leaves."""
        tree = MerkleTree(DOMAIN.arity, DOMAIN.depth)
        leaves = list(client.leaves())
        tree.extend(leaves)
        proof = tree.proof(leaves.index(note.cm))
        return Claim.build(DOMAIN, note, receipt, self.node, proof, CONTEXT, epoch=self.now)

    def submission(self, client: SettlementClient, megabytes: int = 12) -> ClaimSubmission:
        """A new note, deposited, and a proved claim of it."""
        _, note, receipt = self.session(megabytes)
        client.deposit(DepositOrder.of_note(note))
        return self.prove(self.claim(client, note, receipt))

    def prove(self, claim: Claim) -> ClaimSubmission:
        return ClaimSubmission(claim.statement, CONTEXT, prove_claim(claim, self.keys.claim[1]))


@dataclass
class Running:
    """A service that answers at ``url``."""

    service: Service
    port: int
    server: uvicorn.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, token: str | None = TOKEN, **settings: Any) -> SettlementClient:
        return SettlementClient(self.url, token=token, **{"pause_s": 0.01, **settings})

    def ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """One request as it is: status, headers in lower case, body.  A body that is not bytes is sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            kind = {} if data is None else {"Content-Type": "application/json"}
            connection.request(method, path, data, {**kind, **(headers or {})})
            response = connection.getresponse()
            return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
        finally:
            connection.close()

    def refusal(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        """Status and code of a problem."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, found, answer = self.ask(method, path, body, named)
        assert found["content-type"] == "application/problem+json", answer
        problem = json.loads(answer)
        assert problem["status"] == status and set(problem) == {"type", "title", "status", "code", "detail"}
        return status, problem["code"]

    def state(self) -> object:
        """Everything that a refusal must leave as it is."""
        with self.service._store.read() as transaction:
            tables = ("service_events", "service_money", "service_answers", "settings", "payments", "stakes", "escrow")
            tables += ("notes", "roots", "commitments", "nullifiers", "funding_leaves", "tickets", "pots")
            return {name: sorted(map(str, transaction.execute(f"SELECT * FROM {name}").fetchall())) for name in tables}


@contextmanager
def running(service: Service, access: Access | None = None, limits: Limits | None = None) -> Iterator[Running]:
    """The service in a thread of this process."""
    limits = limits or Limits(commitments_a_second=1000, commitment_burst=1000)
    app = make_app(service, access or Access(TOKEN), limits)
    config = uvicorn.Config(bordered(app, limits), lifespan="on", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Running(service, listener.getsockname()[1], server)
        finally:
            server.should_exit = True
            thread.join(60)
            assert not thread.is_alive()


@contextmanager
def sqlite_service(world: World, path: str = ":memory:", **settings: object) -> Iterator[Service]:
    with SqliteStore(path) as store:
        yield world.service(store, **settings)
