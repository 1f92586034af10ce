"""Nodes in a row that each ask for payment, and a client with notes for each of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from circuit_world import CircuitWorld, circuit_world
from nacl.signing import SigningKey
from paid_world import DOMAIN, EPOCH, EXPIRY, FAST, Clock, Escrow
from tunnel.cashier import Cashier, Terms
from tunnel.payer import Payer
from tunnel.sessions import SessionFile, StoredSession
from tunnel.wallet import Wallet

from zkrelay.relay.identity import NodeIdentity


@dataclass(frozen=True)
class PaidCircuitWorld:
    """Lists are in the order of the hops."""

    circuit: CircuitWorld
    escrow: Escrow
    identities: list[NodeIdentity]
    sessions: list[SessionFile]
    wallets: list[Wallet]
    payers: list[Payer]
    cashiers: list[Cashier]

    @property
    def front(self):  # type: ignore[no-untyped-def]
        """So that ``tunnel_world.socks`` takes this world."""
        return self.circuit.front

    def stored(self, hop: int, *stages: str) -> list[StoredSession]:
        return [session for stage in stages for session in self.sessions[hop].of_stage(stage)]

    @property
    def carried(self) -> list[int]:
        """Payload bytes that the client handed to each hop or had from it."""
        return [traffic.received + traffic.sent for traffic in self.circuit.client.hop_traffic]

    @property
    def signed(self) -> list[int]:
        return [payer.signed_bytes for payer in self.payers]

    def receipted(self, hop: int) -> int:
        return self.sessions[hop].statistics()["receipted_bytes"]


@contextlib.asynccontextmanager
async def paid_circuit_world(
    folder: Path,
    *ports: int,
    hops: int = 3,
    caps: Sequence[Sequence[int]] | None = None,
    terms: Terms = FAST,
    window_bytes: int = 4 << 20,
) -> AsyncIterator[PaidCircuitWorld]:
    """``caps``: those of the notes for each hop; files are in ``folder``."""
    escrow = Escrow(Clock(EPOCH))
    identities = [NodeIdentity.generate() for _ in range(hops)]
    with contextlib.ExitStack() as files:
        sessions = [files.enter_context(SessionFile(folder / f"sessions-{hop}.sqlite")) for hop in range(hops)]
        wallets = [files.enter_context(Wallet(folder / f"wallet-{hop}.sqlite")) for hop in range(hops)]
        for hop in range(hops):
            for cap in [64 << 20] if caps is None else caps[hop]:
                wallets[hop].fund(escrow, identities[hop].payee, cap, EXPIRY)
        cashiers = [
            Cashier(escrow, sessions[hop], identities[hop], SigningKey.generate(), terms) for hop in range(hops)
        ]
        payers = [
            Payer(wallet, DOMAIN, window_bytes=window_bytes, answer_s=5.0, retry_s=(0.02, 0.1)) for wallet in wallets
        ]
        async with circuit_world(*ports, hops=hops, cashiers=cashiers, payers=payers) as circuit:
            yield PaidCircuitWorld(circuit, escrow, identities, sessions, wallets, payers, cashiers)
