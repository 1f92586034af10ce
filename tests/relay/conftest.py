"""One ledger for each kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from stores import KINDS, store_opener

from zkrelay.relay.store import SettlementStore

from .ledger import Ledger


@pytest.fixture(params=KINDS)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], SettlementStore]:
    """Opens one and the same ledger, as often as it is called."""
    return store_opener(request.param, request, tmp_path)


@pytest.fixture
def ledger(open_store: Callable[[], SettlementStore]) -> Iterator[Ledger]:
    ledger = Ledger(open_store())
    yield ledger
    ledger.store.close()
