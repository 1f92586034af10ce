"""An escrow and stakes on a test chain, and the Python ledger of the same domain beside them.

The keys are of circuits that leave their public inputs free: every statement has true proofs, so that the rules alone
decide, while the contracts verify as with any key.  The real circuits are in ``tests/escrow/test_real_claims.py``.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from anvil import MODULES, QUICK_START, Anvil, Compiled, Contract, Reverted
from settlement.chain import Escrow, EscrowRules, NodeStakes, Rpc, deploy_escrow, deploy_stakes
from settlement.chain.abi import call
from settlement.chain.compiler import compile_contracts
from settlement.chain.contracts import sources
from settlement.chain.escrow import REDEEM, REDEEM_BATCH
from settlement.chain.refusals import refusal
from tools import tool_missing

from zkrelay.algebra.compression import challenge, evaluate
from zkrelay.algebra.encoding import pack_field
from zkrelay.curves import bn254
from zkrelay.errors import ZkrelayError
from zkrelay.evm.words import proof_words
from zkrelay.groth16 import Proof, ProvingKey, VerifyingKey, prove, setup
from zkrelay.kernel import Matrix
from zkrelay.r1cs.constraint_system import R1CS
from zkrelay.relay.batch_statement import BatchStatement
from zkrelay.relay.context import ClaimContext
from zkrelay.relay.identity import NodeIdentity, SessionKey
from zkrelay.relay.note import Note
from zkrelay.relay.settlement import Settlement, StakeRules
from zkrelay.relay.statement import ClaimStatement
from zkrelay.relay.store_memory import MemoryStore

R = bn254.FR.modulus
EPOCH_SECONDS = 3600
START = 600_000  # an epoch of the year 2038: the clock is set to its beginning
WINDOW = 3
SLOTS = 3
STAKES = StakeRules(minimum=10, lock=3, burn_percent=40)
RULES = EscrowRules(tree_no=7, unit=1000, price_per_unit=3, epoch_seconds=EPOCH_SECONDS, window=WINDOW, depth=3)
CLIENT = SessionKey.from_seed(b"a client on a chain")
NODE = NodeIdentity(0x5EC2E7)
CONTEXT = ClaimContext(payout_address=0xABCDEF, relayer=0x123456, relayer_fee=5)
ATTACKERS = MODULES.parent / "escrow" / "Attackers.sol"
UNITS = 40  # of a note's cap when not told otherwise


@dataclass(frozen=True)
class FreeKey:
    """A key under which any values of its public inputs have a true proof."""

    key: ProvingKey
    num_public: int

    @classmethod
    def of(cls, num_public: int) -> FreeKey:
        """Of the circuit with one row, w·w = w."""
        wire = num_public + 1
        matrix = Matrix(*(np.array(v, dtype=t) for v, t in (([0, 1], "u8"), ([wire], "u4"), ([0], "u4"))))
        r1cs = R1CS(
            field=bn254.FR,
            num_variables=wire + 1,
            num_public=num_public,
            num_private_inputs=1,
            a=matrix,
            b=matrix,
            c=matrix,
            coefficients=pack_field(bn254.FR, [1]),
        )
        return cls(setup(r1cs), num_public)

    @property
    def vk(self) -> VerifyingKey:
        return self.key.verifying_key

    def prove(self, public: Sequence[int]) -> Proof:
        return prove(self.key, pack_field(bn254.FR, [1, *public, 1]))


@cache
def keys() -> dict[str, FreeKey]:
    """One for each entry point."""
    return {"claim": FreeKey.of(7), "batch": FreeKey.of(3), "registration": FreeKey.of(2)}


def solc() -> tuple[str, ...]:
    """The command of the compiler in tests/node_modules; skips or fails as ``tool_missing``."""
    node, script = shutil.which("node"), MODULES / "solc" / "solc.js"
    if node is None or not script.is_file():
        tool_missing("node or solc is not installed: run npm ci in tests/")
    return (node, QUICK_START, str(script))


@cache
def code() -> Mapping[str, bytes]:
    """The compiled contracts for ``keys``, and those of attackers, once in a process."""
    held = keys()
    found = sources(held["claim"].vk, {SLOTS: held["batch"].vk}, held["registration"].vk)
    return compile_contracts({**found, ATTACKERS.name: ATTACKERS.read_text(encoding="utf-8")}, solc())


@dataclass
class ChainWorld:
    """What a test plays with; ``twin`` is told of nothing that a test does not tell it."""

    anvil: Anvil
    rpc: Rpc
    escrow: Escrow
    stakes: NodeStakes
    twin: Settlement = field(init=False)

    @classmethod
    def deployed(cls, anvil: Anvil, rules: EscrowRules = RULES) -> ChainWorld:
        held, rpc = keys(), Rpc(anvil.url)
        batches = {SLOTS: held["batch"].vk}
        escrow = deploy_escrow(rpc, code(), rules, held["claim"].vk, batches, allow_development=True)
        stakes = deploy_stakes(
            rpc,
            code(),
            escrow.domain.value,
            held["registration"].vk,
            STAKES,
            epoch_seconds=EPOCH_SECONDS,
            allow_development=True,
        )
        return cls(anvil, rpc, escrow, stakes)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """A new twin, for a chain that has just been deployed or set back."""
        held = keys()
        self.twin = Settlement(
            MemoryStore(),
            self.escrow.domain,
            held["claim"].vk,
            clock=lambda: self.escrow.epoch,
            window=WINDOW,
            batch_verifiers={SLOTS: held["batch"].vk},
            registration_verifier=held["registration"].vk,
            stake_rules=STAKES,
            allow_development=True,
        )

    def set_epoch(self, epoch: int) -> None:
        """Go on to an epoch that is not over."""
        if self.escrow.epoch == epoch:
            return
        self.rpc.request("evm_setNextBlockTimestamp", hex(epoch * EPOCH_SECONDS + 60))
        self.rpc.request("evm_mine")

    def other_account(self) -> Rpc:
        """Somebody else at the same chain."""
        return Rpc(self.anvil.url, self.rpc.request("eth_accounts")[1])

    def money(self, address: int | str) -> int:
        """What an address has on the chain."""
        name = address if isinstance(address, str) else f"0x{address:040x}"
        return int(self.rpc.request("eth_getBalance", name, "latest"), 16)

    # --- notes and statements -----------------------------------------------------------------------------------------

    def note(self, rho: int, units: int = UNITS, expiry: int = START + 5) -> Note:
        domain = self.escrow.domain
        return Note(domain.value, NODE.payee, CLIENT.public, rho, units * domain.unit, expiry)

    def deposit(self, rho: int, units: int = UNITS, expiry: int = START + 5) -> Note:
        """On the chain, under a root, and with the twin."""
        note = self.note(rho, units, expiry)
        self.escrow.deposit(note.inner, note.cap, note.expiry)
        self.escrow.insert()
        self.twin.deposit(note.inner, note.cap, note.expiry)
        return note

    def statement(self, **changes: int) -> ClaimStatement:
        values = {
            "domain": self.escrow.domain.value,
            "root": self.escrow.root,
            "payee": NODE.payee,
            "amount": 30,
            "epoch": self.escrow.epoch,
            "venue": 0,
            "nf": 11,
            "cc": 12,
            "aux": CONTEXT.aux,
            **changes,
        }
        return ClaimStatement(**values)

    def batch(self, nullifiers: Sequence[int] = (21, 22), num_slots: int = SLOTS, **changes: int) -> BatchStatement:
        values = {
            "domain": self.escrow.domain.value,
            "root": self.escrow.root,
            "epoch": self.escrow.epoch,
            "venue": 0,
            "payee": NODE.payee,
            "total": 30,
            "aux": CONTEXT.aux,
            **changes,
        }
        return BatchStatement.sealed(nullifiers=list(nullifiers), num_slots=num_slots, **values)

    # --- calls that nothing checked beforehand ------------------------------------------------------------------------

    def redeem_data(
        self, public: Sequence[int], context: ClaimContext = CONTEXT, proof: Proof | Sequence[int] | None = None
    ) -> bytes:
        """A call of ``redeem`` with a true proof, or the given one."""
        return call(REDEEM, _words(proof or keys()["claim"].prove(public)), tuple(public), context_words(context))

    def batch_data(
        self,
        vector: Sequence[int],
        h: int,
        context: ClaimContext = CONTEXT,
        proof: Proof | Sequence[int] | None = None,
    ) -> bytes:
        """A call of ``redeemBatch`` with a proof that is true for these (h, alpha, e), or the given one."""
        if proof is None:
            proof = keys()["batch"].prove(public_of(vector, h))
        return call(REDEEM_BATCH, _words(proof), h, list(vector), context_words(context))

    def send(self, data: bytes, gas: int | None = None) -> None:
        self.rpc.send(self.escrow.address, data, gas=gas)

    def refusals(self, calldata: Sequence[bytes]) -> list[ZkrelayError | None]:
        """Of each call by itself, many in one request; None for one that would succeed."""
        contract = Contract(self.escrow.address, 0, Compiled("", 0, {}, {}))
        outcomes = self.anvil.calls(contract, calldata, 3_000_000)
        return [refusal(found.data) if isinstance(found, Reverted) else None for found in outcomes]

    def refuses(self, kind: type[ZkrelayError], data: bytes, match: str = "", value: int = 0) -> None:
        """The escrow reverts with exactly this error."""
        error = outcome(lambda: self.rpc.send(self.escrow.address, data, value=value))
        assert type(error) is kind, error
        assert match in str(error)


def public_of(vector: Sequence[int], h: int) -> list[int]:
    """(h, alpha, e), whatever the vector means."""
    alpha = challenge(h, vector)
    return [h, alpha, evaluate(vector, alpha)]


def context_words(context: ClaimContext) -> tuple[int, ...]:
    return (context.payout_address, context.relayer, context.relayer_fee)


def outcome(act: Callable[[], object]) -> ZkrelayError | None:
    """The refusal, or None."""
    try:
        act()
    except ZkrelayError as error:
        return error
    return None


def _words(proof: Proof | Sequence[int]) -> tuple[int, ...]:
    return tuple(proof_words(proof) if isinstance(proof, Proof) else proof)
