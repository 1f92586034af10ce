"""A node that asks for payment, a client that pays, and the ledger between them; its proofs are fakes of the tests."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from fake_verifier import FakeVerifier
from nacl.signing import SigningKey
from tunnel.cashier import Cashier, Terms
from tunnel.client import Socks5Front, TunnelClient
from tunnel.errors import LedgerUnavailable
from tunnel.exit_filter import ExitFilter
from tunnel.ledger import LedgerState, LocalSettlement
from tunnel.listener import Limits
from tunnel.node import Node
from tunnel.noise_ik import public_bytes
from tunnel.payer import Payer
from tunnel.reputation import Testimony
from tunnel.sessions import SessionFile
from tunnel.splice import cancel
from tunnel.wallet import Wallet
from tunnel_world import LOOPBACK, OPEN_LOOPBACK, World

from zkrelay.algebra.encoding import pack_g1
from zkrelay.algebra.points import g1_generator, g2_generator
from zkrelay.curves import bn254
from zkrelay.errors import InvalidProof
from zkrelay.groth16 import Proof
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.store_memory import MemoryStore
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

UNIT = 1 << 10
EPOCH, EXPIRY = 100, 120
DOMAIN = Domain.of_service(b"a service", tree_no=7, unit=UNIT, price_per_unit=3, arity=2, depth=6)


class PointVerifier(FakeVerifier):
    """As ``FakeVerifier``, with proofs whose points are points, so that they can be written to files."""

    def verify(self, public_inputs: Sequence[int], proof: Proof) -> None:
        if proof != point_proof(public_inputs):
            raise InvalidProof("not the point of these public inputs")


def point_proof(public_inputs: Sequence[int]) -> Proof:
    """A is the first point on the curve from a hash of the public inputs on."""
    p = bn254.FP.modulus
    x = int.from_bytes(hashlib.sha256(",".join(map(str, public_inputs)).encode()).digest(), "big") % p
    while (y := pow(x**3 + 3, (p + 1) // 4, p)) ** 2 % p != (x**3 + 3) % p:
        x += 1
    return Proof(pack_g1([(x, y)]), g2_generator(), g1_generator())


class Clock:
    def __init__(self, epoch: int = EPOCH) -> None:
        self.epoch = epoch

    def __call__(self) -> int:
        return self.epoch


class Escrow(LocalSettlement):
    """A ledger in memory that can be made unreachable; ``answers_lost`` does what is asked and then gives no answer."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.ledger = Settlement(
            MemoryStore(), DOMAIN, PointVerifier(), clock=clock, batch_verifiers={4: PointVerifier("batch")}
        )
        super().__init__(self.ledger, clock, 3600)
        self.is_down = False
        self.answers_lost = False
        self.asked = 0

    def _reach(self) -> None:
        self.asked += 1
        if self.is_down:
            raise LedgerUnavailable("the ledger is down")

    def state(self) -> LedgerState:
        self._reach()
        return super().state()

    def final_leaves(self, first: int) -> list[int]:
        self._reach()
        return super().final_leaves(first)

    def is_spent(self, nf: int) -> bool:
        self._reach()
        return super().is_spent(nf)

    def commit(self, handle: int) -> int:
        self._reach()
        return super().commit(handle)

    def redeem(self, submission: ClaimSubmission | BatchSubmission) -> int:
        self._reach()
        money = super().redeem(submission)
        if self.answers_lost:
            self.answers_lost = False
            raise LedgerUnavailable("the answer was lost")
        return money


FAST = Terms(patience_s=1.0, linger_s=60.0, refresh_s=0.05)


@dataclass(frozen=True)
class PaidWorld(World):
    folder: Path
    escrow: Escrow
    identity: NodeIdentity
    acknowledging: SigningKey
    terms: Terms
    sessions: SessionFile
    wallet: Wallet
    payer: Payer
    cashier: Cashier
    nodes: list[Node]

    async def restarted(self) -> PaidWorld:
        """The same world after the node was killed and started again on its port, with nothing but its files."""
        await self.node.transport.stop()  # what SIGKILL leaves of the connections; nothing is told to the cashier
        await cancel(*self.cashier._loops)
        account = self.cashier.account(self.client_key)
        assert account.channel is None
        cashier = Cashier(self.escrow, self.sessions, self.identity, self.acknowledging, self.terms)
        node = Node(
            self.node_static,
            host=LOOPBACK,
            port=self.node.transport.port,
            exit_filter=self.node._filter,
            limits=self.node._limits,
            cashier=cashier,
        )
        node.transport.add_peer(self.client_key)
        await node.start()
        await until(lambda: self.client_key in cashier._of_peer)
        await until(lambda: self.payer._is_open)
        self.nodes.append(node)
        return replace(self, node=node, cashier=cashier)

    async def vanish(self) -> None:
        """The client's process is killed."""
        assert self.payer._runner is not None
        await cancel(self.payer._runner)
        await self.front._listener.stop()


@contextlib.asynccontextmanager
async def paid_world(
    folder: Path,
    *ports: int,
    caps: Sequence[int] = (64 << 20,),
    terms: Terms = FAST,
    limits: Limits | None = None,
    escrow: Escrow | None = None,
    expiry: int = EXPIRY,
    payee: int | None = None,
    down: bool = False,
    keep: Callable[[Testimony], None] | None = None,
) -> AsyncIterator[PaidWorld]:
    """One node, one client with a note for each of ``caps``; files are in ``folder``."""
    escrow = escrow or Escrow(Clock())
    identity, acknowledging = NodeIdentity.generate(), SigningKey.generate()
    node_static, client_static = X25519PrivateKey.generate(), X25519PrivateKey.generate()
    with SessionFile(folder / "sessions.sqlite") as sessions, Wallet(folder / "wallet.sqlite") as wallet:
        for cap in caps:
            wallet.fund(escrow, identity.payee if payee is None else payee, cap, expiry)
        escrow.is_down = down
        cashier = Cashier(escrow, sessions, identity, acknowledging, terms)
        rules = ExitFilter(frozenset(ports), OPEN_LOOPBACK)
        node = Node(node_static, host=LOOPBACK, exit_filter=rules, limits=limits, cashier=cashier)
        node.transport.add_peer(public_bytes(client_static))
        await node.start()
        payer = Payer(wallet, DOMAIN, answer_s=30.0, retry_s=(0.02, 0.1), keep=keep)
        address = (LOOPBACK, node.transport.port)
        client = TunnelClient(client_static, address, public_bytes(node_static), limits=limits, payer=payer)
        front = Socks5Front(client)
        await front.start()
        world = PaidWorld(
            node,
            node_static,
            client_static,
            client,
            front,
            folder,
            escrow,
            identity,
            acknowledging,
            terms,
            sessions,
            wallet,
            payer,
            cashier,
            [node],
        )
        try:
            yield world
        finally:
            await front.stop()
            for each in world.nodes:
                await each.stop()


async def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait until ``condition()`` is true."""
    end = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < end, "it never became true"
        await asyncio.sleep(0.005)
