"""One chain with an escrow on it; each test finds it as it was deployed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from anvil import Anvil
from chain_world import START, ChainWorld


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    chain = Anvil(tmp_path_factory.mktemp("anvil"))
    yield chain
    chain.close()


@pytest.fixture(scope="session")
def deployed(anvil: Anvil) -> ChainWorld:
    return ChainWorld.deployed(anvil)


@pytest.fixture
def world(deployed: ChainWorld) -> Iterator[ChainWorld]:
    before = deployed.rpc.request("evm_snapshot")
    deployed.begin()
    deployed.set_epoch(START)
    yield deployed
    deployed.rpc.request("evm_revert", before)
