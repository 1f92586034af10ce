"""Every reader over real files spoiled in known and in random ways: an error that tells where, and bounded memory.

The long campaign prints, for each kind of file, how many inputs it tried and the most memory that one took.  It goes on
for ZKRELAY_FORMATS_FUZZ_SECONDS where that is set: an hour was 3600.
"""

from __future__ import annotations

import io
import itertools
import json
import os
import random
import resource
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from zkrelay import formats
from zkrelay.errors import FormatError, InvalidKey, InvalidTables, ZkrelayError
from zkrelay.groth16 import precompute, prove
from zkrelay.relay.nullifier_file import read_nullifiers, write_nullifiers
from zkrelay.relay.record import read_records, to_line

from ..ceremony.small_ceremony import small_ceremony
from ..groth16.small_circuits import cubic
from .encoding_samples import CURVE_NAMES, LIBRARIES
from .samples import circuit, interop, small_key
from .spoil import certain, is_container, numbers, random_edit

MAX_TRACED_BYTES = 2 << 20
"""For files below 0.2 MB: what a reader may take is a small multiple of the file, and the parsers' own."""
ADDRESS_SPACE_BYTES = 1 << 30
"""Added to what a child process has when it starts reading."""
ROUNDS = 20
LONG_ROUNDS = 2_000
FUZZ_SECONDS = float(os.environ.get("ZKRELAY_FORMATS_FUZZ_SECONDS", "0"))
DOMAIN = 12345
TESTS = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Kind:
    data: bytes
    read: Callable[[bytes], Any]


def made(write: Callable[[Path], None], folder: Path) -> bytes:
    path = folder / "sample"
    write(path)
    data = path.read_bytes()
    path.unlink()
    return data


def nullifiers() -> bytes:
    out, pairs = io.BytesIO(), [(n * n + 1, n) for n in range(40)]
    write_nullifiers(out, DOMAIN, len(pairs), lambda after, _: [pair for pair in pairs if pair[0] > after])
    return out.getvalue()


def all_kinds(folder: Path) -> dict[str, Kind]:
    """One small real file of each format that is read anywhere, and its reader."""
    key, compiled = small_key(), circuit()
    r1cs, assignment = cubic(3)
    proof = prove(key, _packed(assignment))
    records = "\n".join(to_line("zkrelay-test", {"n": str(n), "list": [1, {"a": None}]}) for n in range(4)).encode()
    kinds = {
        "r1cs": Kind(made(lambda p: formats.write_r1cs(p, compiled.r1cs), folder), formats.read_r1cs),
        "wtns": Kind(made(lambda p: formats.write_wtns(p, r1cs.field, _packed(assignment)), folder), formats.read_wtns),
        "zkey": Kind(made(lambda p: formats.write_zkey(p, key), folder), formats.read_zkey),
        "ptau": Kind(small_ceremony("bn254").prepared, formats.read_ptau),
        "zktb": Kind(made(lambda p: formats.write_zktb(p, precompute(key, 2)), folder), formats.read_zktb),
        "zkwp": Kind(made(lambda p: formats.write_zkwp(p, compiled), folder), formats.read_zkwp),
        "sym": Kind(made(lambda p: formats.write_sym(p, formats.symbols_of(compiled.r1cs)), folder), formats.read_sym),
        "proof.json": Kind(formats.proof_to_json(proof).encode(), formats.read_proof),
        "public.json": Kind(interop("claim.public.json"), formats.read_public),
        "verification_key.json": Kind(
            formats.verifying_key_to_json(key.verifying_key).encode(), formats.read_verifying_key
        ),
        "input.json": Kind(interop("claim.input.json"), formats.read_inputs),
        "nullifiers": Kind(nullifiers(), lambda data: list(read_nullifiers(io.BytesIO(data), DOMAIN))),
        "records": Kind(records, lambda data: list(read_records(data, "zkrelay-test"))),
    }
    for library in LIBRARIES.values():
        for curve in CURVE_NAMES:
            vk, other, _ = library.sample(curve)
            kinds[f"{library.name} vk {curve}"] = Kind(vk, partial(_read, library.read_key, curve))
            kinds[f"{library.name} proof {curve}"] = Kind(other, partial(_read, library.read_proof, curve))
    return kinds


def _read(reader: Callable[..., Any], curve: str, data: bytes) -> Any:
    return reader(data, curve)


def _packed(assignment: list[int]) -> bytes:
    return b"".join(value.to_bytes(32, "little") for value in assignment)


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Kind]:
    return all_kinds(tmp_path_factory.mktemp("hostile"))


NAMES = [
    *(
        "r1cs",
        "wtns",
        "zkey",
        "ptau",
        "zktb",
        "zkwp",
        "sym",
        "proof.json",
        "public.json",
        "verification_key.json",
        "input.json",
    ),
    *("nullifiers", "records"),
    *(f"{library} {part} {curve}" for library in LIBRARIES for curve in CURVE_NAMES for part in ("vk", "proof")),
]
CONTAINERS = ["r1cs", "wtns", "zkey", "ptau", "zktb", "zkwp"]


def test_all_kinds_are_listed(kinds: dict[str, Kind]) -> None:
    """And every reader of ``formats`` is among them, so that a new one is not forgotten."""
    assert sorted(kinds) == sorted(NAMES)
    assert [name for name in NAMES if is_container(kinds[name].data)] == CONTAINERS
    readers = {name for name in formats.__all__ if name.startswith("read_")}
    covered = {"read_r1cs", "read_wtns", "read_zkey", "read_zktb", "read_zkwp", "read_sym", "read_proof", "read_public"}
    covered |= {"read_ptau", "read_verifying_key", "read_inputs", "read_arkworks_proof", "read_arkworks_verifying_key"}
    covered |= {"read_gnark_proof", "read_gnark_verifying_key"}
    assert readers - covered == {"read_container", "read_r1cs_file"}, "the parts that the others are made of"
    for kind in kinds.values():
        kind.read(kind.data)


def peak_of(kind: Kind, data: bytes) -> tuple[ZkrelayError | None, int]:
    """The error, and the memory traced at its highest; anything but our errors escapes."""
    tracemalloc.reset_peak()
    before = tracemalloc.get_traced_memory()[0]
    error: ZkrelayError | None = None
    try:
        kind.read(data)
    except ZkrelayError as found:
        error = found.with_traceback(None)
    return error, tracemalloc.get_traced_memory()[1] - before


@pytest.fixture
def traced() -> Any:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.parametrize("name", CONTAINERS)
def test_a_broken_container_says_where(kinds: dict[str, Kind], traced: None, name: str) -> None:
    kind = kinds[name]
    for what, data in certain(kind.data, random.Random(name)):
        error, peak = peak_of(kind, data)
        assert isinstance(error, ZkrelayError), f"{what}: was read"
        if isinstance(error, FormatError):
            assert error.source, f"{what}: {error!r}"
            assert error.section or error.offset is not None or "empty" in str(error) or "missing" in str(error), what
        else:
            assert isinstance(error, (InvalidKey, InvalidTables)) and what.startswith("section"), f"{what}: {error!r}"
        assert peak < MAX_TRACED_BYTES, f"{what}: {peak} bytes"


@pytest.mark.parametrize("name", CONTAINERS)
def test_numbers_that_lie_take_no_memory(kinds: dict[str, Kind], traced: None, name: str) -> None:
    kind, refused = kinds[name], 0
    for what, data in numbers(kind.data, random.Random(name)):
        error, peak = peak_of(kind, data)
        refused += error is not None
        assert peak < MAX_TRACED_BYTES, f"{what}: {peak} bytes"
    assert refused > 20


def campaign(kind: Kind, seed: str, rounds: int) -> tuple[int, int]:
    """(refused, most memory) of random edits; an error's message is one printable piece of a bounded length."""
    rng, refused, most = random.Random(seed), 0, 0
    for _ in range(rounds):
        error, peak = peak_of(kind, random_edit(kind.data, rng))
        if error is not None:
            refused += 1
            text = str(error)
            assert text.isprintable() and len(text) < 1000
        most = max(most, peak)
        assert peak < MAX_TRACED_BYTES, f"{peak} bytes"
    return refused, most


@pytest.mark.parametrize("name", NAMES)
def test_random_edits(kinds: dict[str, Kind], traced: None, name: str) -> None:
    refused, _ = campaign(kinds[name], name, ROUNDS)
    assert refused > ROUNDS // 4


def child(folder: str, rounds: int, seconds: float) -> None:
    """All kinds under a limit of the address space, which also sees what is not traced.  Prints its report.

    Random edits go on, always with others, until ``seconds`` are over.
    """
    kinds, started = all_kinds(Path(folder)), time.monotonic()
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + ADDRESS_SPACE_BYTES, resource.RLIM_INFINITY))
    tracemalloc.start()
    report = {name: {"tried": 0, "refused": 0, "most_bytes": 0} for name in kinds}

    def add(name: str, tried: int, refused: int, most: int) -> None:
        row = report[name]
        row["tried"] += tried
        row["refused"] += refused
        row["most_bytes"] = max(row["most_bytes"], most)

    for name, kind in kinds.items():
        if is_container(kind.data):
            rng = random.Random(f"child {name}")
            for _, data in (*certain(kind.data, rng), *numbers(kind.data, rng)):
                error, peak = peak_of(kind, data)
                add(name, 1, error is not None, peak)
    for batch in itertools.count():
        for name, kind in kinds.items():
            add(name, rounds, *campaign(kind, f"child {name} {batch}", rounds))
        if time.monotonic() - started >= seconds:
            break
    print(json.dumps({"kinds": report, "resident_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))


def run_child(folder: Path, rounds: int, seconds: float = 0) -> dict[str, Any]:
    """``child`` in a process whose first folder is not the repository, where zkrelay/ has no kernel."""
    (folder / "tests").symlink_to(TESTS)
    code = (
        f"import sys; sys.path.append({str(TESTS / 'helpers')!r}); from tests.formats.test_hostile_files import child; "
    )
    done = subprocess.run(
        [sys.executable, "-c", code + f"child({str(folder)!r}, {rounds}, {seconds})"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=3600 + 2 * seconds,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


needs_limits = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="the limit is set from /proc")


@needs_limits
def test_a_process_with_little_memory_reads_them_all(tmp_path: Path) -> None:
    report = run_child(tmp_path, 10)["kinds"]
    assert sorted(report) == sorted(NAMES) and all(row["refused"] for row in report.values())


@pytest.mark.long
@pytest.mark.timeout(2 * 3600 + 2 * FUZZ_SECONDS)
@needs_limits
def test_the_long_campaign(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run_child(tmp_path, LONG_ROUNDS, FUZZ_SECONDS)
    with capsys.disabled():
        print()
        for name, row in found["kinds"].items():
            print(f"{name}: {row['tried']:,} tried, {row['refused']:,} refused, at most {row['most_bytes']:,} bytes")
        tried = sum(row["tried"] for row in found["kinds"].values())
        print(f"{tried:,} inputs in all, resident memory at most {found['resident_kib']:,} KiB")
