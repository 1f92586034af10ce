"""A ledger of development keys for a measurement, what node and clients need of it, and a prover beside them."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.relay.domain import Domain
from zkrelay.relay.identity import NodeIdentity
from zkrelay.relay.ledger_file import LedgerFile
from zkrelay.relay.record import read_record

from .development import DOMAIN_FILE, LEDGER_FILE, write_keys, write_ledger
from .measure_parts import TUNNEL, run, script

_CAP = 1 << 40
_ARITY, _LEAST_DEPTH = 2, 3


class PaidFolder:
    """``path`` with a ledger for so many notes in it, and the identity of the node that they are for."""

    def __init__(self, path: Path, *, num_notes: int) -> None:
        depth = max(_LEAST_DEPTH, (num_notes - 1).bit_length())
        domain = Domain.of_service(b"a service", tree_no=0, arity=_ARITY, depth=depth)
        write_keys(path, "claim", ClaimCircuit(arity=_ARITY, depth=depth, unit=domain.unit))
        write_ledger(path, LedgerFile("ledger.sqlite", domain, "claim.vk.json", allow_development=True))
        identity = NodeIdentity.generate()
        identity.save(path / "identity.key")
        self.sessions = path / "sessions"
        self._path, self._payee = path, identity.payee

    def fund(self, wallets: Sequence[Path]) -> None:
        """A note in each."""
        ledger, payee = str(self._path / LEDGER_FILE), str(self._payee)
        for_node = ("--ledger", ledger, "--payee", payee, "--cap", str(_CAP), "--epochs", "50")
        run(*TUNNEL, "fund", *map(str, wallets), *for_node)

    @property
    def node_options(self) -> tuple[str, ...]:
        ledger, identity = str(self._path / LEDGER_FILE), str(self._path / "identity.key")
        return ("--paid", ledger, "--identity", identity, "--sessions", str(self.sessions))

    def client_options(self, wallet: Path) -> tuple[str, ...]:
        return ("--wallet", str(wallet), "--domain", str(self._path / DOMAIN_FILE))


def prover(folder: Path, wallet: Path) -> tuple[str, ...]:
    """A process that proves at a collector's pace for as long as it lives; in the end it prints how many proofs."""
    return (*script("measure_paid"), str(folder), str(wallet))


def _prove(folder: Path, path: Path) -> None:
    """At a collector's priority and pace, with more to prove than it has time for."""
    from zkrelay.formats import open_prover
    from zkrelay.relay.claim import Claim
    from zkrelay.relay.context import ClaimContext
    from zkrelay.relay.merkle import MerkleTree
    from zkrelay.relay.proving import prove_claim
    from zkrelay.relay.receipt import Receipt

    from .priority import DEFAULT_SHARE, DutyCycle, give_way
    from .wallet import Wallet

    give_way()
    domain = Domain.from_strings(read_record(folder / DOMAIN_FILE, "zkrelay-domain")[1])
    with Wallet(path) as wallet, open_prover(folder / "claim.zkey", folder / "claim.zkwp") as opened:
        funded = wallet.next_note(domain)
        assert funded is not None
        tree = MerkleTree(domain.arity, domain.depth)
        tree.append(funded.note.cm)
        receipt = Receipt.sign(funded.key, funded.note.cm, 5 << 20)
        identity = NodeIdentity.load(folder / "identity.key")
        claim = Claim.build(domain, funded.note, receipt, identity, tree.proof(0), ClaimContext(1), epoch=0)
        print(json.dumps({"port": 0}), flush=True)
        proofs, stopped, duty = 0, threading.Event(), DutyCycle(DEFAULT_SHARE)
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        while not stopped.wait(duty.pause_s):
            with duty.work():
                prove_claim(claim, opened)
            proofs += 1
    print(json.dumps({"proofs": proofs}))


if __name__ == "__main__":
    _prove(Path(sys.argv[1]), Path(sys.argv[2]))
