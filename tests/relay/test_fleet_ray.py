"""Proofs over a real Ray cluster of one machine.  Skipped where Ray is not installed (``pip install zkrelay[ray]``)."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from dying_worker import Deadly

from zkrelay import formats
from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.errors import MalformedInput, ProvingFailed, UnsatisfiedConstraint, WorkerLost
from zkrelay.groth16 import VerifyingKey, setup, verify
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.claim import Claim
from zkrelay.relay.fleet import ProverFiles
from zkrelay.relay.fleet_ray import prove_all_on_ray

from .parties import DOMAIN, make_session

pytestmark = [
    pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed: pip install zkrelay[ray]"),
    pytest.mark.filterwarnings("default"),  # Ray's own
    pytest.mark.skipif(current().name == "reference", reason="a setup of 6,000 rows takes minutes in Python integers"),
]
HELPERS = Path(__file__).parents[1] / "helpers"
SESSION = make_session()
CLAIMS = [SESSION.claim(amount=amount) for amount in (1, 2, 3)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prover")


@pytest.fixture(scope="module")
def vk(folder: Path) -> VerifyingKey:
    circuit = compile_circuit(ClaimCircuit(DOMAIN.arity, DOMAIN.depth, DOMAIN.unit))
    pk = setup(circuit.r1cs, threads=2)
    formats.write_zkey(folder / "claim.zkey", pk)
    formats.write_zkwp(folder / "claim.zkwp", circuit)
    return pk.verifying_key


@pytest.fixture(scope="module")
def files(folder: Path, vk: VerifyingKey) -> ProverFiles:
    return ProverFiles(str(folder / "claim.zkey"), str(folder / "claim.zkwp"))


@pytest.fixture(scope="module")
def ray() -> Any:
    """Imported here, as every worker of the suite collects this file and one runs it."""
    return pytest.importorskip("ray")


@pytest.fixture(scope="module")
def cluster(ray: Any, folder: Path) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        ray.init(
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            object_store_memory=100 << 20,
            runtime_env={"env_vars": {"PYTHONPATH": str(HELPERS)}},
        )
        yield
        ray.shutdown()


def deadly(claim: Claim, folder: Path, times: int) -> Claim:
    return Claim(claim.statement, Deadly(claim.inputs, folder, times))


def test_a_cluster_is_never_started(ray: Any, files: ProverFiles) -> None:
    assert not ray.is_initialized()
    with pytest.raises(MalformedInput, match=r"ray\.init"):
        prove_all_on_ray(CLAIMS, files)
    assert not ray.is_initialized()


@pytest.mark.usefixtures("cluster")
def test_proofs_in_order(files: ProverFiles, vk: VerifyingKey) -> None:
    seen: list[tuple[int, int]] = []
    proofs = prove_all_on_ray(CLAIMS, files, on_progress=lambda done, total: seen.append((done, total)))
    for claim, proof in zip(CLAIMS, proofs, strict=True):
        verify(vk, claim.statement.public_inputs, proof)
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert prove_all_on_ray([], files) == []


@pytest.mark.usefixtures("cluster")
def test_a_killed_worker_is_made_up_for(files: ProverFiles, vk: VerifyingKey, tmp_path: Path) -> None:
    claims = [deadly(CLAIMS[0], tmp_path, 1), CLAIMS[1]]
    proofs = prove_all_on_ray(claims, files, retries=2)
    for claim, proof in zip(claims, proofs, strict=True):
        verify(vk, claim.statement.public_inputs, proof)
    assert (tmp_path / "0").exists()


@pytest.mark.usefixtures("cluster")
def test_workers_that_keep_dying(files: ProverFiles, tmp_path: Path) -> None:
    with pytest.raises(WorkerLost, match="0 of 1 proofs"):
        prove_all_on_ray([deadly(CLAIMS[0], tmp_path, 9)], files, retries=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "1"]


@pytest.mark.usefixtures("cluster")
def test_a_failing_item_is_named(files: ProverFiles) -> None:
    bad = Claim(CLAIMS[1].statement, {**CLAIMS[1].inputs, "bytes": 1})
    with pytest.raises(ProvingFailed, match="item 1: constraint") as caught:
        prove_all_on_ray([CLAIMS[0], bad], files)
    assert caught.value.index == 1
    assert isinstance(caught.value.__cause__, UnsatisfiedConstraint)


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("change", [{"threads": 0}, {"retries": -1}])
def test_numbers_out_of_range(files: ProverFiles, change: dict[str, int]) -> None:
    with pytest.raises(MalformedInput, match="at least"):
        prove_all_on_ray(CLAIMS, files, **change)  # type: ignore[arg-type]
