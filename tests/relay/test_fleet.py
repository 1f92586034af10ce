"""Many proofs at once: in order, wherever they are made; workers die, callers stop, items fail, and nothing hangs."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from dying_worker import Deadly

from zkrelay import formats
from zkrelay.circuits.claim import Claim as ClaimCircuit
from zkrelay.errors import (
    Cancelled,
    InvalidKey,
    MalformedInput,
    ProvingFailed,
    UnsatisfiedConstraint,
    WorkerLost,
)
from zkrelay.groth16 import Proof, VerifyingKey, setup, verify
from zkrelay.kernel import current
from zkrelay.r1cs import compile_circuit
from zkrelay.relay.claim import Claim
from zkrelay.relay.fleet import ProverFiles, prove_all

from .parties import DOMAIN, make_session

pytestmark = pytest.mark.skipif(
    current().name == "reference", reason="a setup of 6,000 rows takes minutes in Python integers"
)
SESSION = make_session()
CLAIMS = [SESSION.claim(amount=amount) for amount in (1, 2, 3, 4)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("prover")


@pytest.fixture(scope="module")
def vk(folder: Path) -> VerifyingKey:
    """Of the key in ``folder``, beside its program."""
    circuit = compile_circuit(ClaimCircuit(DOMAIN.arity, DOMAIN.depth, DOMAIN.unit))
    pk = setup(circuit.r1cs, threads=2)
    formats.write_zkey(folder / "claim.zkey", pk)
    formats.write_zkwp(folder / "claim.zkwp", circuit)
    return pk.verifying_key


@pytest.fixture(scope="module")
def files(folder: Path, vk: VerifyingKey) -> ProverFiles:
    return ProverFiles(str(folder / "claim.zkey"), str(folder / "claim.zkwp"))


@pytest.fixture(autouse=True)
def _outside_the_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root's zkrelay/ has no compiled kernel; spawned workers start where we are."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield pool


def check(vk: VerifyingKey, proofs: list[Proof], claims: list[Claim] = CLAIMS) -> None:
    assert len(proofs) == len(claims)
    for claim, proof in zip(claims, proofs, strict=True):
        verify(vk, claim.statement.public_inputs, proof)


def deadly(claim: Claim, folder: Path, times: int) -> Claim:
    return Claim(claim.statement, Deadly(claim.inputs, folder, times))


class Backwards(ThreadPoolExecutor):
    """Runs the last thing that was submitted first, when all are there."""

    def __init__(self, expected: int) -> None:
        super().__init__(1)
        self._expected = expected
        self._held: list[tuple[Future[Any], Any]] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._held.append((future, lambda: fn(*args, **kwargs)))
        if len(self._held) == self._expected:
            for waiting, call in reversed(self._held):
                waiting.set_result(call())
        return future


def test_the_default_pool_proves_in_order_and_tells_how_far_it_is(files: ProverFiles, vk: VerifyingKey) -> None:
    seen: list[tuple[int, int]] = []
    proofs = prove_all(CLAIMS, files, workers=2, on_progress=lambda done, total: seen.append((done, total)))
    check(vk, proofs)
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_other_executors(files: ProverFiles, vk: VerifyingKey, processes: Executor) -> None:
    """Processes, threads, and one that works in any order; each stays open."""
    check(vk, prove_all(CLAIMS, files, executor=processes))
    with ThreadPoolExecutor(2) as threads:
        check(vk, prove_all(CLAIMS, files, executor=threads, threads=2))
        assert threads.submit(int, "7").result() == 7
    check(vk, prove_all(CLAIMS, files, executor=Backwards(len(CLAIMS))))


def test_nothing_to_prove(files: ProverFiles) -> None:
    assert prove_all([], files) == []
    with ThreadPoolExecutor(1) as threads:
        assert prove_all([], files, executor=threads) == []


def test_a_lost_worker_is_made_up_for(files: ProverFiles, vk: VerifyingKey, tmp_path: Path) -> None:
    claims = [CLAIMS[0], deadly(CLAIMS[1], tmp_path, 1), *CLAIMS[2:]]
    check(vk, prove_all(claims, files, workers=1, retries=1), claims)
    assert (tmp_path / "0").exists()


def test_workers_that_keep_dying(files: ProverFiles, tmp_path: Path) -> None:
    with pytest.raises(WorkerLost, match=r"died, 1 times .* of 1 proofs"):
        prove_all([deadly(CLAIMS[0], tmp_path, 9)], files, workers=1, retries=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0"]


def test_an_executor_that_was_given_is_its_owner_s_to_mend(files: ProverFiles, tmp_path: Path) -> None:
    with (
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        pytest.raises(WorkerLost, match="0 of 1 proofs were made"),
    ):
        prove_all([deadly(CLAIMS[0], tmp_path, 9)], files, executor=pool)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0"]


def test_a_failing_item_is_named_and_ends_the_work(files: ProverFiles, processes: Executor) -> None:
    """Also from another process: the cause is the error that the circuit raised, with its row and line."""
    bad = Claim(CLAIMS[1].statement, {**CLAIMS[1].inputs, "bytes": 1})
    with pytest.raises(ProvingFailed, match="item 1: constraint") as caught:
        prove_all([CLAIMS[0], bad], files, executor=processes)
    assert caught.value.index == 1
    assert isinstance(caught.value.__cause__, UnsatisfiedConstraint)
    assert caught.value.__cause__.source.startswith("zkrelay.circuits.")
    assert str(SESSION.node.kn) not in str(caught.value)
    other = Claim(CLAIMS[1].statement, CLAIMS[0].inputs)
    with pytest.raises(ProvingFailed, match="item 2") as caught, ThreadPoolExecutor(1) as threads:
        prove_all([CLAIMS[0], CLAIMS[1], other], files, executor=threads)
    assert isinstance(caught.value.__cause__, InvalidKey)


def test_what_progress_raises_ends_the_work(files: ProverFiles) -> None:
    submitted: list[Future[Any]] = []

    class Recording(ThreadPoolExecutor):
        def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
            submitted.append(super().submit(*args, **kwargs))
            return submitted[-1]

    def enough(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with Recording(1) as threads, pytest.raises(KeyboardInterrupt):
        prove_all(CLAIMS * 3, files, executor=threads, on_progress=enough)
    assert submitted[-1].cancelled()


def test_stop(files: ProverFiles) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as threads, pytest.raises(Cancelled, match="of 12 proofs were made"):
        prove_all(CLAIMS * 3, files, executor=threads, stop=stop, on_progress=lambda done, total: stop.set())


def test_stop_after_the_last_proof_changes_nothing(files: ProverFiles, vk: VerifyingKey) -> None:
    stop = threading.Event()
    with ThreadPoolExecutor(1) as threads:
        proofs = prove_all(CLAIMS[:1], files, executor=threads, stop=stop, on_progress=lambda *_: stop.set())
    check(vk, proofs, CLAIMS[:1])


def test_files_that_are_not_there(files: ProverFiles, folder: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        with pytest.raises(FileNotFoundError):
            prove_all(CLAIMS, ProverFiles(str(folder / "none.zkey"), files.zkwp), executor=threads)
        with pytest.raises(ProvingFailed, match="item 0"):
            prove_all(CLAIMS, ProverFiles(files.zkwp, files.zkwp), executor=threads)


def test_a_changed_file_is_opened_again(files: ProverFiles, tmp_path: Path) -> None:
    """A worker keeps its prover, and must not prove under a key that was replaced."""
    mine = ProverFiles(str(tmp_path / "k.zkey"), str(tmp_path / "k.zkwp"))
    for ours, theirs in ((mine.zkey, files.zkey), (mine.zkwp, files.zkwp)):
        Path(ours).write_bytes(Path(theirs).read_bytes())
    with ThreadPoolExecutor(1) as threads:
        prove_all(CLAIMS[:1], mine, executor=threads)
        (tmp_path / "new").write_bytes(b"zkwp and nothing more")
        (tmp_path / "new").replace(mine.zkwp)
        with pytest.raises(ProvingFailed, match="item 0"):
            prove_all(CLAIMS[:1], mine, executor=threads)


@pytest.mark.parametrize("change", [{"workers": 0}, {"threads": 0}, {"retries": -1}])
def test_numbers_out_of_range(files: ProverFiles, change: dict[str, int]) -> None:
    with pytest.raises(MalformedInput, match=next(iter(change))):
        prove_all(CLAIMS, files, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        UnsatisfiedConstraint(7, source="a:1", left="2", right="3", signals=("x", "y")),
        ProvingFailed(3, "no memory"),
    ],
)
def test_errors_survive_the_way_between_processes(error: Exception) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert type(other) is type(error)
    assert str(other) == str(error)
    assert vars(other) == vars(error)
