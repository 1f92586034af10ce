"""A client of the service: the library's objects go in, its objects and its errors come out.

Every change is sent under an idempotency key and sent again under the same one when no answer came, or one that says
"later".  So whatever happens on the way, it is done once.  A caller who must survive its own end keeps the key: the
same call with the same ``key`` gets the answer of the first.

The standard library's HTTP alone.  Methods block; in an event loop call them through ``asyncio.to_thread``.
"""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from zkrelay import errors
from zkrelay.errors import FormatError, MalformedInput, ZkrelayError
from zkrelay.formats.snarkjs_json import proof_fields
from zkrelay.formats.strict_json import read_json
from zkrelay.groth16 import Proof
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.domain import Domain
from zkrelay.relay.merkle import MerkleTree
from zkrelay.relay.numbers import parse_decimal
from zkrelay.relay.opening import OpenMessage, OpenStatement
from zkrelay.relay.refund import RefundRequest
from zkrelay.relay.settlement import Deposit
from zkrelay.relay.share import Share
from zkrelay.relay.store import Payment, PaymentKind, StoredStake
from zkrelay.relay.store_funding import FundedLeaf
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

from .books import Event
from .problems import STATUS, code_of

MAX_ANSWER_BYTES = 16 << 20
MAX_WAIT_S = 30.0
PAGE = 1000
_LATER = (408, 429, 503)


class ServiceRefused(ZkrelayError):
    """The service refused for a reason that is not the library's; ``code`` and ``status`` say which."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        self.status, self.code = status, code
        super().__init__(f"{code}: {detail}")


class Unreachable(ZkrelayError):
    """No answer, or only "later", as often as was tried.  A change may have been made: send it again with its key."""


@dataclass(frozen=True)
class LedgerInfo:
    """What the service says of its ledger; ``all`` is the whole answer, decimal strings."""

    domain: Domain
    epoch: int
    epoch_seconds: int
    venue: int
    window: int
    finality: int
    num_final_notes: int
    root: int
    all: Mapping[str, Any]


class SettlementClient:
    """One service.  Holds no connection between calls, so threads may share it."""

    def __init__(
        self, url: str, *, token: str | None = None, timeout_s: float = 40.0, attempts: int = 5, pause_s: float = 0.2
    ) -> None:
        """``url`` is ``http[s]://host[:port][/prefix]``; ``pause_s`` doubles from one attempt to the next.

        Raises ``ValueError`` for another URL.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("the service's URL is http[s]://host[:port][/prefix]")
        self._is_secure = parts.scheme == "https"
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._token = token
        self._timeout_s, self._attempts, self._pause_s = timeout_s, attempts, pause_s

    # what is read

    def ledger(self) -> LedgerInfo:
        found = self._get("/v1/ledger")
        names = ("epoch", "epoch_seconds", "venue", "window", "finality", "num_final_notes", "root")
        return LedgerInfo(Domain.from_strings(_field(found, "domain")), **_numbers(found, *names), all=found)

    def root_at(self, epoch: int) -> int | None:
        """The note tree's root at the end of an epoch; None while it had none."""
        try:
            return _number(self._get(f"/v1/roots/{epoch}"), "root")
        except ServiceRefused as refusal:
            if refusal.status == http.client.NOT_FOUND:
                return None
            raise

    def leaves(self, first: int = 0) -> Iterator[int]:
        """The note tree's final leaves from position ``first`` on."""
        return chain.from_iterable(self._pages("/v1/notes", first))

    def extend(self, tree: MerkleTree) -> int:
        """Append what is final and not yet in ``tree``, a copy of the note tree; returns its root.

        Page by page, so that a service without end meets ``TreeFull``.
        """
        for page in self._pages("/v1/notes", len(tree)):
            tree.extend(page)
        return tree.root

    def funding_leaves(self, first: int = 0) -> Iterator[int]:
        """The funding tree's leaves from position ``first`` on."""
        return chain.from_iterable(self._pages("/v1/funding/leaves", first))

    def is_spent(self, nf: int) -> bool:
        spent = _field(self._get(f"/v1/nullifiers/{nf}"), "spent")
        if not isinstance(spent, bool):
            raise MalformedInput("the service's answer must be true or false")
        return spent

    def stake(self, payee: int) -> StoredStake:
        """Raises ``UnknownStake`` when the payee has none."""
        return _stake(self._get(f"/v1/stakes/{payee}"))

    def ticket(self, nf: int) -> Share:
        """The share of a spent ticket; raises ``ServiceRefused`` (404) for an unspent one."""
        return Share(**_numbers(self._get(f"/v1/tickets/{nf}"), "nf", "x", "y"))

    def events(self, after: int = 0, kind: str | None = None) -> Iterator[Event]:
        """All events after that number, up to the last."""
        query = f"&kind={kind}" if kind else ""
        while True:
            page = _list(self._get(f"/v1/events?after={after}&limit={PAGE}{query}"), "events")
            for item in page:
                event = _event(item, after)
                yield event
                after = event.number
            if len(page) < PAGE:
                return

    def balances(self) -> Mapping[str, Any]:
        """The answer as it is: sums as decimal strings, and ``conserved``."""
        return self._get("/v1/balances")

    # what is changed

    def deposit(self, order: DepositOrder, *, key: str | None = None) -> Deposit:
        """Needs the operator's token, or a faucet."""
        made = self._post("/v1/deposits", order.to_dict(), key)
        return Deposit(**_numbers(made, "cm", "position", "root", "locked"))

    def fund(self, identity: int, limit: int, *, key: str | None = None) -> FundedLeaf:
        """Buy a leaf of ``limit`` tickets; needs the operator's token, or a faucet."""
        made = self._post("/v1/leaves", _strings(identity=identity, limit=limit), key)
        return FundedLeaf(**_numbers(made, "identity", "limit", "position"))

    def open(self, message: OpenMessage, statement: OpenStatement, proof: Proof, *, key: str | None = None) -> int:
        """Open a note with a ticket; returns its cm."""
        body = {
            "message": _strings(
                domain=message.domain, inner=message.inner, ticket_bytes=message.ticket_bytes, expiry=message.expiry
            ),
            "statement": _strings(**vars(statement)),
            "proof": proof_fields(proof),
        }
        return _number(self._post("/v1/openings", body, key), "cm")

    def commit(self, handle: int, *, key: str | None = None) -> int:
        """Record a commitment; returns the first epoch that it was recorded in."""
        return _number(self._post("/v1/commitments", _strings(handle=handle), key), "epoch")

    def redeem(self, claim: ClaimSubmission, *, key: str | None = None) -> Payment:
        return _payment(self._post("/v1/claims", claim.to_dict(), key))

    def redeem_batch(self, batch: BatchSubmission, *, key: str | None = None) -> Payment:
        return _payment(self._post("/v1/batches", batch.to_dict(), key))

    def refund(self, request: RefundRequest, *, key: str | None = None) -> Payment:
        return _payment(self._post("/v1/refunds", request.to_dict(), key))

    def register(self, payee: int, address: int, amount: int, proof: Proof, *, key: str | None = None) -> StoredStake:
        """Needs the operator's token, or a faucet."""
        body = {**_strings(payee=payee, address=address, amount=amount), "proof": proof_fields(proof)}
        return _stake(self._post("/v1/stakes", body, key))

    def leave(self, payee: int, proof: Proof, *, key: str | None = None) -> StoredStake:
        return _stake(self._post(f"/v1/stakes/{payee}/exit", {"proof": proof_fields(proof)}, key))

    def withdraw(self, payee: int, *, key: str | None = None) -> Payment:
        return _payment(self._post(f"/v1/stakes/{payee}/withdrawal", None, key))

    def slash(self, payee: int, kn: int, slasher: int, salt: int, *, key: str | None = None) -> list[Payment]:
        body = _strings(payee=payee, kn=kn, slasher=slasher, salt=salt)
        return [_payment(item) for item in _list(self._post("/v1/slashings", body, key), "payments")]

    def slash_tickets(
        self, first: Share, second: Share, slasher: int, salt: int, *, key: str | None = None
    ) -> list[Payment]:
        shares = {"first": _strings(**vars(first)), "second": _strings(**vars(second))}
        body = {**shares, **_strings(slasher=slasher, salt=salt)}
        return [_payment(item) for item in _list(self._post("/v1/ticket-slashings", body, key), "payments")]

    # how

    def _pages(self, path: str, first: int) -> Iterator[list[int]]:
        while True:
            answer = self._get(f"{path}?first={first}&limit={PAGE}")
            page = [parse_decimal("a leaf", leaf) for leaf in _list(answer, "leaves")]
            yield page
            first += len(page)
            if len(page) < PAGE:
                return

    def _get(self, path: str) -> Mapping[str, Any]:
        return self._until_answered("GET", path, None, {})

    def _post(self, path: str, body: Mapping[str, Any] | None, key: str | None) -> Mapping[str, Any]:
        headers = {"Idempotency-Key": key or secrets.token_urlsafe(24)}
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body, separators=(",", ":")).encode()
        return self._until_answered("POST", path, data, headers)

    def _until_answered(
        self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]
    ) -> Mapping[str, Any]:
        """The answer's object; raises the library's own error for a code of the library's."""
        reason = ""
        for attempt in range(self._attempts):
            wait = self._pause_s * 2**attempt * (1 + secrets.randbelow(1000) / 1000)
            try:
                status, asked_wait, answer = self._once(method, path, data, headers)
            except (OSError, http.client.HTTPException) as error:
                reason = type(error).__name__
            else:
                if status < 300:
                    return _read(answer)
                refusal = _error(status, answer)
                if status not in _LATER:
                    raise refusal
                reason = str(refusal)
                wait = max(wait, asked_wait)
            if attempt + 1 < self._attempts:
                time.sleep(min(wait, MAX_WAIT_S))
        raise Unreachable(f"no answer after {self._attempts} attempts: {reason}")

    def _once(self, method: str, path: str, data: bytes | None, headers: Mapping[str, str]) -> tuple[int, float, bytes]:
        kind = http.client.HTTPSConnection if self._is_secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._timeout_s)
        try:
            connection.request(method, self._prefix + path, data, dict(headers))
            response = connection.getresponse()
            answer = response.read(MAX_ANSWER_BYTES + 1)
            if len(answer) > MAX_ANSWER_BYTES:
                raise FormatError("the service's answer is too large")
            if response.length:  # cut short, of which a read of so many bytes says nothing
                raise http.client.IncompleteRead(answer, response.length)
            wait = response.getheader("Retry-After", "")
            return response.status, float(wait) if wait.isascii() and wait.isdigit() else 0.0, answer
        finally:
            connection.close()


_LIBRARY_ERRORS: dict[str, type[ZkrelayError]] = {
    code_of(kind): kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and any(issubclass(kind, mapped) for mapped in STATUS)
}


def _error(status: int, answer: bytes) -> ZkrelayError:
    """The error behind a problem; a service is not trusted to send one that makes sense."""
    try:
        found = _read(answer)
        code, detail = str(found["code"])[:100], str(found["detail"])[:1000]
    except (FormatError, KeyError, TypeError):
        return ServiceRefused(status, "no-problem", f"status {status} without a problem that can be read")
    kind = _LIBRARY_ERRORS.get(code)
    return ServiceRefused(status, code, detail) if kind is None else kind(detail)


def _read(answer: bytes) -> Mapping[str, Any]:
    found = read_json(answer, limit_bytes=MAX_ANSWER_BYTES).value
    if not isinstance(found, dict):
        raise FormatError("the service's answer is no object")
    return found


def _event(item: Any, after: int) -> Event:
    """The event after number ``after``; what repeats itself would never end."""
    event = Event(*(_field(item, name) for name in ("number", "epoch", "kind", "fields")))
    fields = event.fields
    is_one = isinstance(fields, dict) and all(isinstance(text, str) for text in (event.kind, *fields.values()))
    if not is_one or any(type(number) is not int for number in (event.number, event.epoch)) or event.number <= after:
        raise MalformedInput("the service's answer has no event, or not the next one")
    return event


def _payment(fields: Any) -> Payment:
    numbers = _numbers(fields, "recipient", "money", "relayer", "fee", "epoch")
    nf = _number(fields, "nf") if "nf" in fields else None
    try:
        return Payment(nf, **numbers, kind=PaymentKind(_field(fields, "kind")))
    except ValueError:
        raise MalformedInput("the service's answer has no kind of payment that is known") from None


def _stake(fields: Mapping[str, Any]) -> StoredStake:
    exit_epoch = _number(fields, "exit_epoch") if "exit_epoch" in fields else None
    return StoredStake(**_numbers(fields, "payee", "address", "amount", "epoch"), exit_epoch=exit_epoch)


def _field(fields: Any, name: str) -> Any:
    if not isinstance(fields, dict) or name not in fields:
        raise MalformedInput(f"the service's answer lacks {name}")
    return fields[name]


def _list(fields: Any, name: str) -> list[Any]:
    found = _field(fields, name)
    if not isinstance(found, list):
        raise MalformedInput(f"{name} of the service's answer must be a list")
    return found


def _number(fields: Any, name: str) -> int:
    return parse_decimal(f"{name} of the service's answer", _field(fields, name))


def _numbers(fields: Any, *names: str) -> dict[str, int]:
    return {name: _number(fields, name) for name in names}


def _strings(**numbers: int) -> dict[str, str]:
    return {name: str(value) for name, value in numbers.items()}
