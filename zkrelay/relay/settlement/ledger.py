"""What every rule stands on: the domain, the store, the clock, the pinned keys, and the only way for money to leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from ...errors import (
    DevelopmentKeyRefused,
    EntryPointClosed,
    InsufficientEscrow,
    InvalidKey,
    MalformedInput,
    NotFinal,
    StoreError,
)
from ...groth16 import VerifyingKey
from ..domain import EPOCH_BITS, SINGLE_VENUE, Domain
from ..merkle import MerkleTree, PrefixNodes
from ..numbers import check_range
from ..registration import REGISTRATION_PUBLIC_NAMES
from ..statement import PUBLIC_NAMES
from ..store import Payment, SettlementStore, StoreTransaction
from ..verifier import ClaimVerifier, Groth16Verifier

DEFAULT_WINDOW = 2
DEFAULT_REFUND_PERIOD = 1 << 16
BATCH_PUBLIC_NAMES = ("h", "alpha", "e")
_MONEY_BITS = 192  # 2^64 units of a price below 2^128


@dataclass(frozen=True)
class StakeRules:
    """``minimum`` of a stake, ``lock`` in epochs from asking for it to getting it, ``burn_percent`` of a slashed one.

    A slasher needs two epochs of the lock: one to commit in, a later one to reveal in.  What is burnt is the least that
    an offender loses, who may slash itself first.

    Raises (on construction):
        MalformedInput: minimum outside [1, 2^192), lock outside [2, 2^32), burn_percent outside [1, 100].
    """

    minimum: int = 1
    lock: int = 8
    burn_percent: int = 50

    def __post_init__(self) -> None:
        check_range("minimum of a stake", self.minimum, 1, 1 << _MONEY_BITS)
        check_range("lock of a stake", self.lock, 2, 1 << EPOCH_BITS)
        check_range("burn_percent", self.burn_percent, 1, 101)


class Ledger:
    """One domain over one store."""

    def __init__(
        self,
        store: SettlementStore,
        domain: Domain,
        verifier: VerifyingKey | ClaimVerifier,
        *,
        clock: Callable[[], int],
        window: int = DEFAULT_WINDOW,
        finality: int = 0,
        refund_period: int = DEFAULT_REFUND_PERIOD,
        batch_verifiers: Mapping[int, VerifyingKey | ClaimVerifier] | None = None,
        registration_verifier: VerifyingKey | ClaimVerifier | None = None,
        stake_rules: StakeRules | None = None,
        allow_development: bool = False,
    ) -> None:
        """Open the ledger; the first opening pins domain, rules and keys in the store, later ones must agree.

        Args:
            clock: the present epoch; it must not go back.
            window: epochs after its own in which a committed claim may still be proved; at least 1.
            finality: epochs after which a deposit counts: until then its roots redeem nothing and nobody serves it.
            refund_period: epochs for which refunds are promised; after it the domain can be pruned.
            batch_verifiers: by the number of slots of the batch circuit; none when not given.
            registration_verifier: of the circuit ``registration``; without it there are no stakes.
            stake_rules: ``StakeRules()`` when not given.
            allow_development: let a key without ceremony contributions move (test) money.

        Raises:
            DevelopmentKeyRefused: a key is a development key and this was not allowed.
            InvalidKey, InvalidPoint: a key cannot be sound, is not of its statement, or is not the pinned one.
            MalformedInput: the domain has several venues (it takes other claims), or a rule is out of range.
            StoreError: the store belongs to a ledger with other settings.
        """
        if domain.mode != SINGLE_VENUE:
            raise MalformedInput("this ledger is the only venue of its domain: the domain's mode must be 0")
        check_range("window", window, 1, 1 << EPOCH_BITS)
        check_range("finality", finality, 0, 1 << EPOCH_BITS)
        check_range("refund_period", refund_period, 1, 1 << EPOCH_BITS)
        self._verifier = _checked(verifier, len(PUBLIC_NAMES), allow_development)
        self._batch_verifiers = {
            num_slots: _checked(key, len(BATCH_PUBLIC_NAMES), allow_development)
            for num_slots, key in (batch_verifiers or {}).items()
        }
        self._registration_verifier = (
            None
            if registration_verifier is None
            else _checked(registration_verifier, len(REGISTRATION_PUBLIC_NAMES), allow_development)
        )
        self._store = store
        self._clock = clock
        self.domain = domain
        self.window = window
        self.finality = finality
        self.refund_period = refund_period
        self.stake_rules = stake_rules or StakeRules()
        self._pin()

    @property
    def balance(self) -> int:
        """Money behind the notes; stakes are not in it."""
        with self._store.read() as transaction:
            return transaction.balance()

    def payments(self) -> list[Payment]:
        """All payments, oldest first."""
        with self._store.read() as transaction:
            return transaction.payments()

    def _now(self) -> int:
        """Read inside the transaction: waiting for other writers must not make a claim younger."""
        now = self._clock()
        check_range("the clock's epoch", now, 0, 1 << EPOCH_BITS)
        return now

    def _check_final(self, what: str, epoch: int, now: int) -> None:
        """``what`` came in ``epoch``; raises ``NotFinal`` while it may still be forgotten."""
        if self.finality and epoch + self.finality > now:
            raise NotFinal(f"{what} of epoch {epoch} is final in epoch {epoch + self.finality}")

    def _tree(self, transaction: StoreTransaction, size: int | None = None) -> MerkleTree:
        """The note tree, or as it was when it held ``size`` notes."""
        shape = (self.domain.arity, self.domain.depth)
        if size is None:
            return MerkleTree(*shape, transaction.nodes, transaction.num_notes())
        return MerkleTree(*shape, PrefixNodes(transaction.nodes, self.domain.arity, size), size)

    def _pay(self, transaction: StoreTransaction, payments: Sequence[Payment]) -> None:
        """Take what is paid out of the money behind the notes, all or nothing."""
        total = sum(payment.money + payment.fee for payment in payments)
        balance = transaction.balance()
        if total > balance:
            raise InsufficientEscrow(f"{total} is due and {balance} is in escrow")
        transaction.set_balance(balance - total)
        transaction.insert_payments(payments)

    def _pin(self) -> None:
        keys = {"claim_key": self._verifier, "registration_key": self._registration_verifier}
        keys |= {f"batch_key_{num_slots}": verifier for num_slots, verifier in self._batch_verifiers.items()}
        rules = {
            "domain": json.dumps(self.domain.to_dict(), sort_keys=True),
            "window": str(self.window),
            "finality": str(self.finality),
            "refund_period": str(self.refund_period),
            "stake_rules": json.dumps(asdict(self.stake_rules), sort_keys=True),
        }
        digests = {name: verifier.digest for name, verifier in keys.items() if verifier is not None}
        held = self._store.pin({**rules, **digests})
        for name, digest in digests.items():
            if held[name] != digest:
                raise InvalidKey(f"the ledger pins another verifying key as its {name}")
        for name, value in rules.items():
            if held[name] != value:
                raise StoreError(f"the ledger was made with another {name}: {held[name]}")


def entry_point(verifier: ClaimVerifier | None, name: str) -> ClaimVerifier:
    """The verifier of an entry point; raises ``EntryPointClosed`` when the ledger was opened without it."""
    if verifier is None:
        raise EntryPointClosed(f"this ledger was opened without a verifying key for {name}")
    return verifier


def _checked(verifier: VerifyingKey | ClaimVerifier, num_public: int, allow_development: bool) -> ClaimVerifier:
    checked = Groth16Verifier(verifier, num_public) if isinstance(verifier, VerifyingKey) else verifier
    if checked.development and not allow_development:
        raise DevelopmentKeyRefused("the verifying key has no ceremony behind it: whoever made it can forge claims")
    return checked
