"""What the service does, without HTTP: each operation is the library's, run once for each idempotency key.

Methods run in a worker's thread and raise the library's errors.  A request that was refused leaves no trace, and no
answer under its key either: the same request may be accepted later.  One that found nothing to change (a commitment, an
exit or an opening again) keeps no answer: anybody may send it under ever new keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import cast

from pydantic import BaseModel

from zkrelay.errors import WrongDomain
from zkrelay.formats.snarkjs_json import proof_from_document
from zkrelay.formats.strict_json import Document
from zkrelay.groth16 import Proof
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.numbers import parse_decimal, parse_decimals
from zkrelay.relay.opening import OpenMessage, OpenStatement
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.settlement import Settlement
from zkrelay.relay.share import Share
from zkrelay.relay.store import Payment, StoredStake
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

from . import bodies, books, models
from .books import Answer
from .problems import IdempotencyKeyReused
from .unit import SqlStoreTransaction, UnitStore

KEEP_ANSWERS_EPOCHS = 1000
CREATED = 201
OK = 200


class _AnsweredBefore(Exception):
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


class Request:
    """One request to change something: its idempotency key, None without one, and the digest of all that it asks."""

    def __init__(self, key: str | None, digest: str) -> None:
        self.key, self.digest = key, digest

    def check(self, answer: Answer | None) -> Answer | None:
        """The answer, when it is this request's; raises ``IdempotencyKeyReused`` when it is another's."""
        if answer is not None and answer.digest != self.digest:
            raise IdempotencyKeyReused("another request was carried out under this key; take a new key for a new one")
        return answer


class Service:
    """One ledger, for many threads.  ``store`` is the one that ``settlement`` was opened over."""

    def __init__(
        self,
        store: UnitStore,
        settlement: Settlement,
        epoch: Callable[[], int],
        *,
        epoch_seconds: int,
        is_test_money: bool = False,
        keep_answers_epochs: int = KEEP_ANSWERS_EPOCHS,
    ) -> None:
        self.settlement = settlement
        self.is_test_money = is_test_money
        self._store = store
        self._epoch, self._epoch_seconds = epoch, epoch_seconds
        self._keep_answers_epochs = keep_answers_epochs
        with store.write() as transaction:
            books.make_tables(transaction)

    # what moves money or records something

    def deposit(self, request: Request, body: bodies.DepositBody) -> tuple[Answer, bool]:
        order = DepositOrder.from_dict(body.to_library())
        if order.domain != self.settlement.domain.value:
            raise WrongDomain("the note belongs to another chain, contract, tree or version")

        def run() -> tuple[models.Deposited, int]:
            made = self.settlement.deposit(order.inner, order.cap, order.expiry)
            fields = {name: str(value) for name, value in asdict(made).items()}
            return models.Deposited(**fields), made.locked

        return self._once(request, run)

    def fund(self, request: Request, body: bodies.LeafBody) -> tuple[Answer, bool]:
        fields = parse_decimals("a leaf", body.to_library(), ("identity", "limit"))

        def run() -> tuple[models.Leaf, int]:
            leaf = self.settlement.fund(fields["identity"], fields["limit"])
            assert self.settlement.funding is not None
            price = self.settlement.funding.price(leaf.limit, self.settlement.domain)
            strings = {name: str(value) for name, value in asdict(leaf).items()}
            return models.Leaf(**strings, price=str(price)), price

        return self._once(request, run)

    def open(self, request: Request, body: bodies.OpeningBody) -> tuple[Answer, bool]:
        names = ("domain", "inner", "ticket_bytes", "expiry")
        message = OpenMessage(**parse_decimals("an opening's message", body.message.to_library(), names))
        fields = parse_decimals("an opening's statement", body.statement.to_library(), ("y", "root", "nf", "x", "ext"))
        statement = OpenStatement(**fields)

        def run() -> tuple[models.Opened, int]:
            ticket = self.settlement.open(message, statement.public_inputs, _proof(body.proof))
            assert ticket.cm is not None
            return models.Opened(nf=str(ticket.share.nf), cm=str(ticket.cm)), 0

        return self._once(request, run)

    def commit(self, request: Request, body: bodies.CommitmentBody) -> tuple[Answer, bool]:
        handle = parse_decimal("a commitment", body.handle)

        def run() -> tuple[models.Committed, int]:
            return models.Committed(handle=str(handle), epoch=str(self.settlement.commit(handle))), 0

        return self._once(request, run, OK)

    def redeem(self, request: Request, body: bodies.ClaimBody) -> tuple[Answer, bool]:
        claim = ClaimSubmission.from_dict(body.to_library())
        inputs = claim.statement.public_inputs
        return self._pay(request, lambda: self.settlement.redeem(inputs, claim.context, claim.proof))

    def redeem_batch(self, request: Request, body: bodies.BatchBody) -> tuple[Answer, bool]:
        batch = BatchSubmission.from_dict(body.to_library())
        vector, h = batch.statement.vector, batch.statement.h
        return self._pay(request, lambda: self.settlement.redeem_batch(vector, h, batch.context, batch.proof))

    def refund(self, request: Request, body: bodies.RefundBody) -> tuple[Answer, bool]:
        asked = RefundRequest.from_dict(body.to_library())
        return self._pay(request, lambda: self.settlement.refund(asked))

    def register(self, request: Request, body: bodies.StakeBody) -> tuple[Answer, bool]:
        fields = body.to_library()
        fields.pop("proof")
        stake = parse_decimals("a stake", fields, ("payee", "address", "amount"))

        def run() -> tuple[models.Stake, int]:
            return _stake(self.settlement.register(**stake, proof=_proof(body.proof))), stake["amount"]

        return self._once(request, run)

    def leave(self, request: Request, payee: str, body: bodies.ExitBody) -> tuple[Answer, bool]:
        number = parse_decimal("payee", payee)

        def run() -> tuple[models.Stake, int]:
            return _stake(self.settlement.leave(number, _proof(body.proof))), 0

        return self._once(request, run, OK)

    def withdraw(self, request: Request, payee: str) -> tuple[Answer, bool]:
        number = parse_decimal("payee", payee)
        return self._pay(request, lambda: self.settlement.withdraw(number))

    def slash(self, request: Request, body: bodies.SlashBody) -> tuple[Answer, bool]:
        fields = parse_decimals("a slashing", body.to_library(), ("payee", "kn", "slasher", "salt"))

        def run() -> tuple[models.Payments, int]:
            return _payments(self.settlement.slash(**fields)), 0

        return self._once(request, run)

    def slash_tickets(self, request: Request, body: bodies.TicketSlashBody) -> tuple[Answer, bool]:
        shares = [
            Share(**parse_decimals("a share", part.to_library(), ("nf", "x", "y")))
            for part in (body.first, body.second)
        ]
        slasher, salt = parse_decimal("slasher", body.slasher), parse_decimal("salt", body.salt)

        def run() -> tuple[models.Payments, int]:
            return _payments(self.settlement.slash_tickets(shares[0], shares[1], slasher, salt)), 0

        return self._once(request, run)

    # what only reads

    def ledger(self) -> models.Ledger:
        settlement = self.settlement
        funding, rules = settlement.funding, settlement.stake_rules
        tree = None
        if funding is not None:
            strings = {name: str(value) for name, value in asdict(funding).items()}
            tree = models.FundingTree(**strings, value=str(funding.value), ext=str(funding.ext))
        return models.Ledger(
            domain=settlement.domain.to_strings(),
            domain_value=str(settlement.domain.value),
            venue=str(settlement.venue),
            epoch=str(self._epoch()),
            epoch_seconds=str(self._epoch_seconds),
            window=str(settlement.window),
            finality=str(settlement.finality),
            refund_period=str(settlement.refund_period),
            min_stake=str(settlement.min_stake),
            stake_minimum=str(rules.minimum),
            stake_lock=str(rules.lock),
            burn_percent=str(rules.burn_percent),
            batch_slots=settlement.batch_slots,
            takes_stakes=settlement.takes_stakes,
            takes_openings=settlement.takes_openings,
            is_test_money=self.is_test_money,
            num_final_notes=str(settlement.num_final_notes()),
            root=str(settlement.root),
            funding=tree,
        )

    def root_at(self, epoch: int) -> models.Root | None:
        root = self.settlement.root_at(epoch)
        return None if root is None else models.Root(epoch=str(epoch), root=str(root))

    def notes(self, first: int, limit: int) -> models.Leaves:
        return models.Leaves(first=first, leaves=[str(cm) for cm in self.settlement.final_leaves(first, limit)])

    def path(self, cm: str) -> models.Path:
        proof = self.settlement.proof(parse_decimal("cm", cm))
        path = [[str(child) for child in children] for children in proof.path]
        return models.Path(leaf=str(proof.leaf), root=str(proof.root), path=path)

    def funding_leaves(self, first: int, limit: int) -> models.Leaves:
        leaves = self.settlement.funding_leaves(first, limit)
        return models.Leaves(first=first, leaves=[str(leaf) for leaf in leaves])

    def ticket(self, nf: str) -> models.Ticket | None:
        found = self.settlement.ticket(parse_decimal("nf", nf))
        if found is None:
            return None
        share = found.share
        cm = None if found.cm is None else str(found.cm)
        return models.Ticket(nf=str(share.nf), x=str(share.x), y=str(share.y), cm=cm)

    def nullifier(self, nf: str) -> models.Nullifier:
        return models.Nullifier(nf=nf, spent=self.settlement.is_spent(parse_decimal("nf", nf)))

    def stake(self, payee: str) -> models.Stake:
        return _stake(self.settlement.stake(parse_decimal("payee", payee)))

    def events(self, after: int, limit: int, kind: str | None) -> models.Events:
        with self._store.read() as transaction:
            found = books.events_after(transaction, after, limit, kind)
            last = books.last_event(transaction)
        return models.Events(events=found, last=last)

    def balances(self) -> models.Sums:
        with self._store.read() as transaction:
            return models.Sums.of(books.balances(transaction))

    def is_ready(self) -> bool:
        """Whether the database answers; raises ``StoreError`` when it does not."""
        with self._store.read() as transaction:
            return transaction.balance() >= 0

    # once for each key

    def _pay(self, request: Request, pay: Callable[[], Payment]) -> tuple[Answer, bool]:
        return self._once(request, lambda: (models.Paid.of(pay()), 0))

    def _once(
        self, request: Request, run: Callable[[], tuple[BaseModel, int]], status: int = CREATED
    ) -> tuple[Answer, bool]:
        """Run an operation, or give the answer that its key has; the flag says that it is such an answer.

        Args:
            run: returns what to answer, and the money that came in.

        Raises:
            IdempotencyKeyReused: the key has the answer of another request.
            Everything that ``run`` raises.
        """
        if request.key is not None:
            with self._store.read() as transaction:
                answer = request.check(books.answer_under(transaction, request.key))
            if answer is not None:
                return answer, True
        try:
            with self._keyed_unit(request) as finish:
                result, paid_in = run()
                answer = Answer(request.digest, status, result.model_dump_json(exclude_none=True))
                finish(answer, paid_in)
        except _AnsweredBefore as before:
            return before.answer, True
        return answer, False

    @contextmanager
    def _keyed_unit(self, request: Request) -> Iterator[Callable[[Answer, int], None]]:
        """A unit whose transaction begins with a look at the key: of two equal requests one is run."""
        with self._store.unit() as unit:

            def look(transaction: SqlStoreTransaction) -> None:
                if request.key is not None:
                    answer = request.check(books.answer_under(transaction, request.key))
                    if answer is not None:
                        raise _AnsweredBefore(answer)

            unit.on_begin = look

            def finish(answer: Answer, paid_in: int) -> None:
                recorded = unit.begin()
                transaction = cast(SqlStoreTransaction, recorded)
                epoch = self._epoch()
                books.write_events(transaction, epoch, recorded.events)
                books.book(transaction, paid_in, recorded.paid)
                if request.key is not None and recorded.events:
                    books.keep_answer(transaction, request.key, answer, epoch, self._keep_answers_epochs)

            yield finish


def _proof(body: bodies.ProofBody) -> Proof:
    return proof_from_document(Document(body.to_library(), "proof"))


def _stake(stake: StoredStake) -> models.Stake:
    strings = {name: str(value) for name, value in asdict(stake).items() if value is not None}
    return models.Stake(**strings)


def _payments(payments: list[Payment]) -> models.Payments:
    return models.Payments(payments=[models.Paid.of(payment) for payment in payments])
