"""Keys once for a file of tests, and a service for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from settlement.client import SettlementClient

from .world import Keys, Running, World, running, sqlite_service


@pytest.fixture(scope="session")
def keys() -> Iterator[Keys]:
    keys = Keys()
    yield keys
    keys.close()


@pytest.fixture
def world(keys: Keys) -> World:
    return World(keys)


@pytest.fixture
def served(world: World) -> Iterator[Running]:
    """A service for claims alone, over a ledger in memory."""
    with sqlite_service(world) as service, running(service) as served:
        yield served


@pytest.fixture
def client(served: Running) -> SettlementClient:
    return served.client()
