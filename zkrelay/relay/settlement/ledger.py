"""What every rule stands on: the domain, the store, the clock, the pinned keys, and the only way for money to leave."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict

from ...errors import (
    DevelopmentKeyRefused,
    EntryPointClosed,
    InsufficientEscrow,
    InvalidKey,
    NotFinal,
    Retired,
    StoreError,
)
from ...groth16 import VerifyingKey
from ..blind_token import TokenIssuer
from ..domain import EPOCH_BITS, SINGLE_STORE_VENUE, Domain
from ..funding import FundingDomain
from ..merkle import MerkleTree, PrefixNodes
from ..numbers import check_range
from ..opening import OPEN_NAMES
from ..registration import REGISTRATION_PUBLIC_NAMES
from ..statement import statement_type
from ..store import Payment, SettlementStore, StoreTransaction
from ..verifier import ClaimVerifier, Groth16Verifier
from .rules import StakeRules, check_venue, funding_settings

DEFAULT_WINDOW = 2
DEFAULT_REFUND_PERIOD = 1 << 16
BATCH_PUBLIC_NAMES = ("h", "alpha", "e")


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
        venue: int = SINGLE_STORE_VENUE,
        min_stake: int = 0,
        funding: FundingDomain | None = None,
        open_verifier: VerifyingKey | ClaimVerifier | None = None,
        token_issuers: Sequence[TokenIssuer] = (),
        fee_recipient: int = 0,
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
            venue: this ledger's number among those of a domain with several venues; 0 in a domain with one.
            min_stake: what a payee must have staked here for its claims to be paid; only with several venues.
            funding: the funding tree whose tickets open notes here; none when not given.
            open_verifier: of the circuit ``open``, of the funding tree's depth.
            token_issuers: whose blind tokens open notes here.
            fee_recipient: the address that the fees of opened notes go to; 0, the default, burns them.
            allow_development: let a key without ceremony contributions move (test) money.

        Raises:
            DevelopmentKeyRefused: a key is a development key and this was not allowed.
            InvalidKey, InvalidPoint: a key cannot be sound, is not of its statement, or is not the pinned one.
            MalformedInput: a rule is out of range, or not one that this venue, or a single one, can keep.
            StoreError: the store belongs to a ledger with other settings.
        """
        opens = funding is not None or bool(token_issuers)
        check_venue(domain, venue, min_stake, batches=bool(batch_verifiers), opens=opens)
        check_range("window", window, 1, 1 << EPOCH_BITS)
        check_range("finality", finality, 0, 1 << EPOCH_BITS)
        check_range("refund_period", refund_period, 1, 1 << EPOCH_BITS)
        self._statement_type = statement_type(domain)
        self._verifier = _checked(verifier, len(self._statement_type.names), allow_development)
        self._batch_verifiers = {
            num_slots: _checked(key, len(BATCH_PUBLIC_NAMES), allow_development)
            for num_slots, key in (batch_verifiers or {}).items()
        }
        self._registration_verifier = _checked_or_none(
            registration_verifier, len(REGISTRATION_PUBLIC_NAMES), allow_development
        )
        self._open_verifier = _checked_or_none(open_verifier, len(OPEN_NAMES), allow_development)
        self._token_issuers = {issuer.key.digest: issuer for issuer in token_issuers}
        self._funding_settings = funding_settings(domain, funding, token_issuers, fee_recipient)
        self._store = store
        self._clock = clock
        self.domain = domain
        self.venue = venue
        self.min_stake = min_stake
        self.funding = funding
        self.fee_recipient = fee_recipient
        self.window = window
        self.finality = finality
        self.refund_period = refund_period
        self.stake_rules = stake_rules or StakeRules()
        self._pin()

    @property
    def balance(self) -> int:
        """Money behind the notes; stakes and pots are not in it."""
        with self._store.read() as transaction:
            return transaction.balance()

    @property
    def batch_slots(self) -> list[int]:
        """The numbers of slots for which there is a key of batches."""
        return sorted(self._batch_verifiers)

    @property
    def takes_stakes(self) -> bool:
        """Whether there is a key of registrations."""
        return self._registration_verifier is not None

    @property
    def takes_openings(self) -> bool:
        """Whether there are a funding tree and a key of openings."""
        return self.funding is not None and self._open_verifier is not None

    def pots(self) -> dict[str, int]:
        """Money that waits to become notes: behind unspent tickets, and of each issuer of tokens."""
        with self._store.read() as transaction:
            return transaction.pots()

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

    def _put_in(self, transaction: StoreTransaction, pot: str, money: int) -> int:
        """Add what the caller was paid; returns what the pot holds then."""
        held = transaction.pots().get(pot, 0) + money
        transaction.set_pot(pot, held)
        return held

    def _take_out(self, transaction: StoreTransaction, pot: str, money: int) -> None:
        """What is taken must go behind a note, or be paid, in the same transaction."""
        held = transaction.pots().get(pot, 0)
        if money > held:
            raise InsufficientEscrow(f"{money} is due and {held} is in the pot")
        transaction.set_pot(pot, held - money)

    def _check_not_moved(self, transaction: StoreTransaction) -> None:
        """Raise ``Retired`` when the next ledger took over tickets and tokens."""
        move = transaction.funding.moved()
        if move is not None:
            raise Retired("tickets and tokens went to the ledger of the next note tree")

    def _pin(self) -> None:
        keys = {
            "claim_key": self._verifier,
            "registration_key": self._registration_verifier,
            "open_key": self._open_verifier,
        }
        keys |= {f"batch_key_{num_slots}": verifier for num_slots, verifier in self._batch_verifiers.items()}
        rules = {
            "domain": json.dumps(self.domain.to_dict(), sort_keys=True),
            "window": str(self.window),
            "finality": str(self.finality),
            "refund_period": str(self.refund_period),
            "stake_rules": json.dumps(asdict(self.stake_rules), sort_keys=True),
            "venue": str(self.venue),
            "min_stake": str(self.min_stake),
            **self._funding_settings,
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


def _checked_or_none(
    verifier: VerifyingKey | ClaimVerifier | None, num_public: int, allow_development: bool
) -> ClaimVerifier | None:
    return None if verifier is None else _checked(verifier, num_public, allow_development)
