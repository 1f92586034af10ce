"""One ledger for each kind of store.

The stores' own promises are tested over all three.  The rules stand on those promises, so that on PostgreSQL, where a
test costs most, their tests are among the long ones.
"""

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


@pytest.fixture(params=[kind if kind != "postgres" else pytest.param(kind, marks=pytest.mark.long) for kind in KINDS])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    ledger = Ledger(store_opener(request.param, request, tmp_path)())
    yield ledger
    ledger.store.close()
