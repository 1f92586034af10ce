"""The ledger behind a settlement service (the package ``settlement`` beside this one), over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from settlement.client import ServiceRefused, SettlementClient, Unreachable

from zkrelay.errors import StoreError
from zkrelay.relay.deposit_order import DepositOrder
from zkrelay.relay.submission import BatchSubmission, ClaimSubmission

from .errors import LedgerUnavailable
from .ledger import LedgerState, Settlement

_SERVER_ERRORS = 500


class ServiceSettlement(Settlement):
    """One service.  A deposit needs its operator's token, or a service of test money, which gives to everybody."""

    def __init__(self, url: str, *, token: str | None = None) -> None:
        """Asks for the domain; raises ``LedgerUnavailable``, or ``ValueError`` for no URL."""
        self._client = SettlementClient(url, token=token)
        with _available():
            self.domain = self._client.ledger().domain

    def state(self) -> LedgerState:
        with _available():
            info = self._client.ledger()
        return LedgerState(info.epoch, info.epoch_seconds, info.window)

    def final_leaves(self, first: int) -> list[int]:
        with _available():
            return list(self._client.leaves(first))

    def is_spent(self, nf: int) -> bool:
        with _available():
            return self._client.is_spent(nf)

    def commit(self, handle: int) -> int:
        with _available():
            return self._client.commit(handle)

    def redeem(self, submission: ClaimSubmission | BatchSubmission) -> int:
        with _available():
            if isinstance(submission, BatchSubmission):
                return self._client.redeem_batch(submission).money
            return self._client.redeem(submission).money

    def deposit(self, inner: int, cap: int, expiry: int) -> int:
        with _available():
            return self._client.deposit(DepositOrder(self.domain.value, inner, cap, expiry)).position


@contextlib.contextmanager
def _available() -> Iterator[None]:
    """No answer, and what is nobody's fault outside the service, say to ask again later."""
    try:
        yield
    except (Unreachable, StoreError) as error:
        raise LedgerUnavailable(str(error)) from error
    except ServiceRefused as error:
        if error.status < _SERVER_ERRORS:
            raise
        raise LedgerUnavailable(str(error)) from error
