"""Work that is killed and taken up: the bytes of a run that was not, whatever was left behind; and no secret's rest."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkrelay import ceremony, formats
from zkrelay.ceremony.checkpoint import Checkpoint, task_digest
from zkrelay.ceremony.new_powers import challenge_of
from zkrelay.curves import CURVES
from zkrelay.errors import FormatError, MalformedInput

from .small_ceremony import BEACON, ITERATIONS, SmallCeremony, small_ceremony

TASK = task_digest(b"a test")
CHILD = """
import os, signal, sys
from zkrelay import ceremony, formats
before, out, killed_at = sys.argv[2], sys.argv[3], int(sys.argv[4])
calls = 0

def progress(step, done, total):
    global calls
    calls += 1
    if calls == killed_at:
        os.kill(os.getpid(), signal.SIGKILL)

more = dict(progress=progress)
if sys.argv[1] != "contribute":
    more["checkpoint"] = out + ".part"
powers = formats.read_ptau(before)
if sys.argv[1] == "prepare":
    ceremony.prepare_powers(out, powers, **more)
elif sys.argv[1] == "beacon":
    ceremony.apply_beacon_to_powers(out, powers, bytes(range(32)), 10, name="the end", **more)
else:
    ceremony.contribute_to_powers(out, powers, **more)
print(calls)
"""


@pytest.fixture(params=list(CURVES))
def made(request: pytest.FixtureRequest) -> SmallCeremony:
    return small_ceremony(request.param)


def run_until(folder: Path, command: str, killed_at: int) -> tuple[int, int]:
    """(exit status, calls of progress) of a process that ends itself at one of them; 0 for never."""
    arguments = [command, str(folder / "before.ptau"), str(folder / "out.ptau"), str(killed_at)]
    done = subprocess.run([sys.executable, "-c", CHILD, *arguments], cwd=folder, capture_output=True, check=False)
    assert done.returncode in (0, -signal.SIGKILL), done.stderr.decode()
    return done.returncode, int(done.stdout or 0)


@pytest.mark.parametrize("command", ["prepare", "beacon"])
def test_killed_again_and_again(made: SmallCeremony, tmp_path: Path, command: str) -> None:
    before, after = {"prepare": (made.powers[4], made.prepared), "beacon": (made.powers[3], made.powers[4])}[command]
    (tmp_path / "before.ptau").write_bytes(before)
    part, sizes = tmp_path / "out.ptau.part", [0]
    for killed_at in {"prepare": (9, 21), "beacon": (2, 5)}[command]:
        assert run_until(tmp_path, command, killed_at)[0] == -signal.SIGKILL
        assert sorted(path.name for path in tmp_path.iterdir()) == ["before.ptau", "out.ptau.part"]
        sizes.append(part.stat().st_size)
    assert sizes == sorted(set(sizes)), "the second run did not go on after the first"
    assert run_until(tmp_path, command, 0)[0] == 0
    assert (tmp_path / "out.ptau").read_bytes() == after
    assert not part.exists()


def test_finished_bases_are_not_made_again(tmp_path: Path) -> None:
    made = small_ceremony("bn254")
    (tmp_path / "before.ptau").write_bytes(made.powers[4])
    _, all_calls = run_until(tmp_path, "prepare", 0)
    (tmp_path / "out.ptau").unlink()
    run_until(tmp_path, "prepare", all_calls - 1)
    _, calls = run_until(tmp_path, "prepare", 0)
    assert calls < all_calls  # one for a basis that was there, and not one for each stage of it


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name are Linux's")
def test_a_killed_contribution_leaves_nothing(tmp_path: Path) -> None:
    made = small_ceremony("bn254")
    (tmp_path / "before.ptau").write_bytes(made.powers[1])
    assert run_until(tmp_path, "contribute", 4)[0] == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir()] == ["before.ptau"]
    assert run_until(tmp_path, "contribute", 0)[0] == 0


def interrupted(made: SmallCeremony, folder: Path, at: int) -> bytes:
    """The checkpoint of a preparation that an exception ended."""

    def progress(_step: str, done: int, _total: int) -> None:
        if done >= at:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(made, folder, progress=progress)
    return (folder / "part").read_bytes()


def prepare(
    made: SmallCeremony,
    folder: Path,
    progress: Callable[[str, int, int], None] | None = None,
    before: bytes | None = None,
) -> bytes:
    powers = formats.read_ptau(before or made.powers[4])
    ceremony.prepare_powers(
        folder / "out.ptau", powers, overwrite=True, threads=2, progress=progress, checkpoint=folder / "part"
    )
    return (folder / "out.ptau").read_bytes()


def test_any_damage_costs_time_only(tmp_path: Path) -> None:
    made = small_ceremony("bn254")
    left = interrupted(made, tmp_path, 400)
    damaged = [left[:cut] for cut in range(0, len(left), len(left) // 11)]
    damaged += [left[:at] + bytes([left[at] ^ 1]) + left[at + 1 :] for at in range(25, len(left), len(left) // 9)]
    damaged += [left + bytes(100), left + left[53:], left[:53] + left[-200:], left[:-1], left + b"\xff" * 60]
    for data in damaged:
        (tmp_path / "part").write_bytes(data)
        assert prepare(made, tmp_path) == made.prepared
        assert not (tmp_path / "part").exists()


def test_pieces_of_other_powers_are_not_taken(made: SmallCeremony, tmp_path: Path) -> None:
    interrupted(made, tmp_path, 300)
    other = small_ceremony("bn254" if made.curve != "bn254" else "bls12_381")
    assert prepare(other, tmp_path) == other.prepared
    interrupted(made, tmp_path, 300)
    mine = prepare(made, tmp_path, before=made.powers[3])
    ceremony.prepare_powers(tmp_path / "plain.ptau", formats.read_ptau(made.powers[3]))
    assert mine == (tmp_path / "plain.ptau").read_bytes()


def test_pieces_of_another_beacon_are_not_taken(tmp_path: Path) -> None:
    made, out = small_ceremony("bn254"), tmp_path / "out.ptau"
    before = formats.read_ptau(made.powers[3])
    part = tmp_path / "part"

    def progress(_step: str, done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    for beacon, iterations in ((BEACON[::-1], ITERATIONS), (BEACON, ITERATIONS + 1)):
        with pytest.raises(KeyboardInterrupt):
            ceremony.apply_beacon_to_powers(out, before, beacon, iterations, progress=progress, checkpoint=part)
        ceremony.apply_beacon_to_powers(
            out, before, BEACON, ITERATIONS, name="the end", overwrite=True, checkpoint=part
        )
        assert out.read_bytes() == made.powers[4]
        out.unlink()
    assert challenge_of(before) != challenge_of(formats.read_ptau(made.powers[2]))


def test_what_is_no_checkpoint_is_left_alone(tmp_path: Path) -> None:
    made = small_ceremony("bn254")
    (tmp_path / "part").write_bytes(b"somebody's file")
    with pytest.raises(FormatError, match="no checkpoint"):
        prepare(made, tmp_path)
    assert (tmp_path / "part").read_bytes() == b"somebody's file"
    (tmp_path / "part").rename(tmp_path / "target")
    (tmp_path / "part").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic link"):
        prepare(made, tmp_path)
    assert (tmp_path / "target").read_bytes() == b"somebody's file"
    (tmp_path / "part").unlink()
    os.mkfifo(tmp_path / "part")
    with pytest.raises(FormatError, match="not a regular file"):
        prepare(made, tmp_path)
    assert not (tmp_path / "out.ptau").exists()


def test_two_do_not_work_on_one(tmp_path: Path) -> None:
    pytest.importorskip("fcntl")
    with Checkpoint(tmp_path / "part", TASK) as first:
        first.piece(3, lambda: b"one")
        with pytest.raises(MalformedInput, match="another process"):
            Checkpoint(tmp_path / "part", TASK)
    with Checkpoint(tmp_path / "part", TASK) as second:
        assert second.found == 1


@pytest.mark.parametrize("num_bytes", [0, 2, 4, 1 << 62])
def test_a_piece_of_another_length_is_refused(tmp_path: Path, num_bytes: int) -> None:
    """Whoever wrote it knew how to hash it; it must not become points that nobody counted."""
    with Checkpoint(tmp_path / "part", TASK) as first:
        first.piece(3, lambda: b"one")
    with Checkpoint(tmp_path / "part", TASK) as second, pytest.raises(FormatError, match="piece 0 is not"):
        second.piece(num_bytes, lambda: b"")


PIECES = st.lists(st.binary(max_size=200), min_size=1, max_size=6)


@given(pieces=PIECES, made=st.integers(0, 6), cut=st.integers(0, 2000), flip=st.integers(0, 2**30) | st.none())
def test_pieces_come_back_or_are_made(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes], made: int, cut: int, flip: int | None
) -> None:
    """After any cut and any changed bit: each piece is right, and those before the damage were not made again."""
    path, made = tmp_path_factory.mktemp("pieces") / "part", min(made, len(pieces))
    with Checkpoint(path, TASK) as first:
        for piece in pieces[:made]:
            first.piece(len(piece), lambda piece=piece: piece)
    data = bytearray(path.read_bytes()[:cut])
    head = len(b"zkrelay checkpoint 1\n") + len(TASK)
    if flip is not None and len(data) > head:
        data[head + flip % (len(data) - head)] ^= 1 << flip % 8
    path.write_bytes(data)
    remade = []

    def make(index: int) -> bytes:
        remade.append(index)
        return pieces[index]

    with Checkpoint(path, TASK) as second:
        found = second.found
        assert [second.piece(len(p), lambda i=i: make(i)) for i, p in enumerate(pieces)] == pieces
        second.finish()
    assert remade == list(range(found, len(pieces)))
    if cut >= 2000 and flip is None:
        assert found == made
    assert not path.exists()


@given(parts=st.lists(st.binary(max_size=8), max_size=4), others=st.lists(st.binary(max_size=8), max_size=4))
def test_tasks_have_one_name_each(parts: list[bytes], others: list[bytes]) -> None:
    assert (task_digest(*parts) == task_digest(*others)) == (parts == others)
