"""The container: sections in any order, nothing believed, files that appear whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from zkrelay.errors import FormatError
from zkrelay.formats import Container, read_container, write_container
from zkrelay.formats.files import create, open_source, write_bytes

from .samples import borders, pack_container, patched, peak_bytes

NAMES = {1: "first", 2: "second", 3: "third"}
SAMPLE = pack_container("test", 7, [(2, b"two"), (1, b"one!"), (3, b"")])


def read(data: bytes | Path, **options: bool) -> Container:
    return read_container(data, "test", (7,), NAMES, **options)


def refused(data: bytes, match: str, **options: bool) -> FormatError:
    with pytest.raises(FormatError, match=match) as caught:
        read(data, **options)
    return caught.value


def test_sections_come_in_any_order() -> None:
    container = read(SAMPLE)
    assert {kind: bytes(view) for kind, view in container.sections.items()} == {1: b"one!", 2: b"two", 3: b""}
    assert [SAMPLE[container.offsets[k] :][: len(container.sections[k])] for k in (1, 2)] == [b"one!", b"two"]


@pytest.mark.parametrize("wrap", [bytes, bytearray, memoryview])
def test_buffers_and_paths_read_alike(tmp_path: Path, wrap: type) -> None:
    path = tmp_path / "a.test"
    path.write_bytes(SAMPLE)
    for source in (wrap(SAMPLE), path, str(path)):
        container = read(source)
        assert bytes(container.sections[1]) == b"one!"
        assert container.sections[1].readonly
    assert read(path).source == "a.test"


def test_truncation_is_refused_everywhere() -> None:
    for length in range(len(SAMPLE)):
        with pytest.raises(FormatError):
            read(SAMPLE[:length])
    assert {12, 24, len(SAMPLE)} <= set(borders(SAMPLE))


@pytest.mark.parametrize(
    ("data", "match", "offset"),
    [
        (b"", "empty", None),
        (b"test", "cannot hold the header", 4),
        (patched(SAMPLE, 0, b"zkey"), "not a .test file: it begins with b'zkey'", 0),
        (patched(SAMPLE, 4, b"\x08"), "version 8 of .test is not supported", 4),
        (patched(SAMPLE, 8, b"\xff\xff\xff\xff"), "4294967295 sections cannot fit", 8),
        (patched(SAMPLE, 8, b"\x02"), "12 bytes follow the last section", len(SAMPLE) - 12),
        (patched(SAMPLE, 8, b"\x04"), "sections cannot fit|inside a section header", None),
        (patched(SAMPLE, 16, struct.pack("<Q", 1 << 63)), "claims 9223372036854775808 bytes", 24),
        (patched(SAMPLE, 16, b"\x02"), "section type|claims", None),
        (SAMPLE + b"\x00", "1 bytes follow the last section", len(SAMPLE)),
        (pack_container("test", 7, [(1, b""), (2, b""), (1, b"x")]), r"section 1 \(first\) appears twice", 36),
        (pack_container("test", 7, [(9, b"")]), "section type 9 does not belong", 12),
    ],
)
def test_malformed_is_refused(data: bytes, match: str, offset: int | None) -> None:
    error = refused(data, match)
    assert error.source == "<bytes>"
    if offset is not None:
        assert error.offset == offset


def test_unknown_sections_are_kept_unread_when_the_format_says_so() -> None:
    container = read(pack_container("test", 7, [(9, b"new"), (1, b"one")]), ignore_unknown=True)
    assert bytes(container.cursor(1).view) == b"one"
    refused(pack_container("test", 7, [(9, b"new"), (9, b"")]), "section 9 appears twice", ignore_unknown=True)


def test_missing_section_is_named() -> None:
    with pytest.raises(FormatError, match=r"section 2 \(second\) is missing"):
        read(pack_container("test", 7, [(1, b"")])).cursor(2)


def test_cursor_refuses_to_run_over_the_end() -> None:
    cursor = read(SAMPLE).cursor(1)
    assert bytes(cursor.take(2, "a field")) == b"on"
    with pytest.raises(FormatError, match="another field needs 4 bytes, the section has 2 left") as caught:
        cursor.u32("another field")
    assert caught.value.offset == SAMPLE.index(b"one!") + 2
    assert caught.value.section == "1 (first)"
    with pytest.raises(FormatError, match="4294967295 things of 32 bytes do not fit"):
        cursor.take_array(2**32 - 1, 32, "things")
    with pytest.raises(FormatError, match="2 bytes follow the last field"):
        cursor.end()


def test_a_lying_size_takes_no_memory() -> None:
    lie = patched(SAMPLE, 16, struct.pack("<Q", 1 << 40))
    assert peak_bytes(lambda: refused(lie, "claims")) < 1 << 20


def test_not_a_regular_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(FormatError, match="not a regular file"):
            read(path)
    (tmp_path / "empty").touch()
    with pytest.raises(FormatError, match="empty"):
        read(tmp_path / "empty")
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "missing")


def test_the_limit_is_checked_before_reading(tmp_path: Path) -> None:
    path = tmp_path / "big"
    with path.open("wb") as handle:
        handle.truncate(1 << 40)  # sparse
    with pytest.raises(FormatError, match="more than the limit of 1000"):
        open_source(path, limit_bytes=1000)
    assert len(open_source(b"x" * 1000, limit_bytes=1000).view) == 1000


def test_contents_stay_out_of_reprs() -> None:
    assert "secret" not in repr(open_source(b"secret value"))
    assert "one!" not in repr(read(SAMPLE))


# -- writing


def test_writer_streams_what_the_reader_finds(tmp_path: Path) -> None:
    path = tmp_path / "out.test"
    write_container(path, "test", 7, [(2, iter([b"t", b"wo"])), (1, [memoryview(b"one!")]), (3, [])])
    assert path.read_bytes() == SAMPLE
    assert os.listdir(tmp_path) == ["out.test"]


def test_nothing_is_overwritten_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "out.test"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="not overwritten"):
        write_container(path, "test", 7, [])
    assert path.read_bytes() == b"precious"
    write_container(path, "test", 7, [], overwrite=True)
    assert len(path.read_bytes()) == 12
    dangling = tmp_path / "link"
    dangling.symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        write_bytes(dangling, b"")


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"half"
        raise RuntimeError("the disk is gone")

    (tmp_path / "old.test").write_bytes(b"old")
    for name, overwrite in (("new.test", False), ("old.test", True)):
        with pytest.raises(RuntimeError):
            write_container(tmp_path / name, "test", 7, [(1, chunks())], overwrite=overwrite)
    assert os.listdir(tmp_path) == ["old.test"]
    assert (tmp_path / "old.test").read_bytes() == b"old"


def test_a_file_that_appears_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "out"

    def chunks() -> Iterator[bytes]:
        path.write_bytes(b"theirs")
        yield b"ours"

    with pytest.raises(FileExistsError, match="meanwhile"):
        write_container(path, "test", 7, [(1, chunks())])
    assert path.read_bytes() == b"theirs"
    assert os.listdir(tmp_path) == ["out"]


def no_links(*_: object, **__: object) -> None:
    raise PermissionError("not on this file system")


def test_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "link", no_links)
    write_bytes(tmp_path / "out", b"data")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"out": b"data"}


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="files without a name are Linux's")
def test_a_killed_writer_leaves_nothing(tmp_path: Path) -> None:
    code = """
import os, signal, sys
from zkrelay.formats.files import create
with create(sys.argv[1]) as out:
    out.write(b"half")
    out.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "out")], cwd=tmp_path, check=False)
    assert (done.returncode, list(tmp_path.iterdir())) == (-signal.SIGKILL, [])


@pytest.mark.parametrize("flag", [None, 0])
def test_without_nameless_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, flag: int | None) -> None:
    """A system that knows none, and a file system that refuses them: a folder opened for writing."""
    if flag is None:
        monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    else:
        monkeypatch.setattr(os, "O_TMPFILE", flag, raising=False)
    write_bytes(tmp_path / "out", b"data")
    with pytest.raises(ZeroDivisionError), create(tmp_path / "other") as out:
        out.write(b"%d" % (1 // 0))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == {"out": b"data"}


@pytest.mark.parametrize("links", [True, False])
@pytest.mark.parametrize(("private", "mode"), [(True, 0o600), (False, 0o644)])
def test_modes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool, private: bool, mode: int) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    old = os.umask(0o022)
    try:
        write_bytes(tmp_path / "out", b"", private=private)
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == mode
