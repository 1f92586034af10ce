"""What the checker of derivations reads: the rows of a ``.r1cs`` and the lines of a ``.zkdl`` (docs/formats.md).

It stands alone on purpose: the standard library and the error tree, no line of the engine, no line of ``formats``.
Nothing in a file is believed.  In particular the modulus is shown to be prime: over a ring with zero divisors most
rules of a derivation are false.
"""

from __future__ import annotations

import secrets
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from ...errors import AuditError, FormatError

Form: TypeAlias = dict[int, int]  # wire -> canonical non-zero coefficient
Row: TypeAlias = tuple[Form, Form, Form]  # A·B = C

MAGIC = b"zkdl 1\n"
MAX_LOG_BYTES = 2 << 30  # once decompressed
MAX_RATIO = 250  # decompressed to compressed bytes, above the first MiB
MAX_LINE_BYTES = 16 << 20
_CHUNK = 1 << 20
_ROUNDS = 64


@dataclass(frozen=True)
class Statement:
    """Rows over wires 0..num_wires-1 modulo a prime; ``inputs`` are given, ``outputs`` are asked about."""

    modulus: int
    num_wires: int
    rows: list[Row] = field(repr=False)
    inputs: frozenset[int]
    outputs: frozenset[int]


def is_prime(n: int) -> bool:
    """Miller-Rabin with random bases, so that no composite can be made to fit: wrong with probability 4^-64."""
    if n < 4 or n % 2 == 0:
        return n in (2, 3)
    twos = ((n - 1) & (1 - n)).bit_length() - 1
    for _ in range(_ROUNDS):
        x = pow(2 + secrets.randbelow(n - 3), (n - 1) >> twos, n)
        if x in (1, n - 1):
            continue
        for _ in range(twos - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def read_statement(path: str | Path) -> Statement:
    """The rows and the inputs of a ``.r1cs`` file.

    Raises:
        FormatError: the file does not follow its format, or its modulus is not an odd prime.
        AuditError: a private input has no wire, so that nothing can be said about what depends on it.
    """
    return parse_statement(_read(path), str(path))


def parse_statement(data: bytes, source: str = "") -> Statement:
    """As ``read_statement``, from the bytes of a file."""
    sections = _sections(data, source)

    def part(kind: int, name: str) -> memoryview:
        if kind not in sections:
            raise FormatError(f"section {kind} ({name}) is missing", source=source)
        return sections[kind]

    if any(bytes(sections.get(kind, b"")[:4]).strip(b"\0") for kind in (4, 5)):
        raise FormatError("the circuit uses custom gates", source=source)
    head = part(1, "header")
    n8 = int.from_bytes(head[:4], "little")
    if n8 % 8 or not 8 <= n8 <= 64 or len(head) != 32 + n8:
        raise FormatError(f"{len(head)} bytes of header, field elements of {n8}", source=source, section="1 (header)")
    modulus = int.from_bytes(head[4 : 4 + n8], "little")
    if modulus < 3 or not is_prime(modulus):
        raise FormatError("the modulus is not an odd prime", source=source, section="1 (header)")
    wires, outputs, public, private, _, constraints = struct.unpack("<IIIIQI", head[4 + n8 :])
    labels = part(3, "wire to label")
    last_public = outputs + public
    if last_public >= wires or len(labels) != 8 * wires:
        raise FormatError(f"{wires} wires do not fit the public ones or the labels", source=source)
    # circom numbers the inputs of main right behind its public signals; an optimised circuit lacks some
    end = last_public + private + 1
    found = sorted(struct.unpack(f"<{wires}Q", labels)[last_public + 1 : end])
    if end > wires or found != list(range(last_public + 1, end)):  # a header may promise four billion
        raise AuditError("a private input has no wire: the compiler optimised it away; compile with --O0")
    return Statement(
        modulus=modulus,
        num_wires=wires,
        rows=_rows(part(2, "constraints"), source, constraints, wires, n8, modulus),
        inputs=frozenset(range(outputs + 1, end)),
        outputs=frozenset(range(1, outputs + 1)),
    )


def read_log(path: str | Path) -> Iterator[str]:
    """The lines of a ``.zkdl`` file behind its first one, decompressed as they are asked for.

    Raises (while it is read):
        AuditError: not such a file, damaged, too large once decompressed, or followed by something.
    """
    return parse_log(_read(path))


def parse_log(data: bytes) -> Iterator[str]:
    """As ``read_log``, from the bytes of a file."""
    if not data.startswith(MAGIC):
        raise AuditError("not a derivation log of version 1")
    limit = min(MAX_LOG_BYTES, _CHUNK + MAX_RATIO * len(data))
    stream = zlib.decompressobj()
    pending, rest, total = data[len(MAGIC) :], "", 0
    while not stream.eof:
        try:
            chunk = stream.decompress(pending, _CHUNK).decode("ascii")
        except (zlib.error, UnicodeDecodeError) as error:
            raise AuditError(f"the log is damaged: {error}") from None
        pending = stream.unconsumed_tail
        total += len(chunk)
        if not chunk and not pending and not stream.eof:
            raise AuditError("the log is cut short")
        if total > limit:
            raise AuditError(f"the log has more than {limit:,} bytes once decompressed")
        *lines, rest = (rest + chunk).split("\n")
        if len(rest) > MAX_LINE_BYTES:
            raise AuditError(f"a line is longer than {MAX_LINE_BYTES:,} bytes")
        yield from lines
    if rest or stream.unused_data:
        raise AuditError("something follows the last line of the log")


def _read(path: str | Path) -> bytes:
    if not Path(path).is_file():
        raise FormatError("not a regular file", source=str(path))
    return Path(path).read_bytes()


def _sections(data: bytes, source: str) -> dict[int, memoryview]:
    """The container: magic, version, number of sections, then type, size and payload of each."""
    view = memoryview(data)
    if data[:8] != b"r1cs\x01\0\0\0" or len(data) < 12:
        raise FormatError("not a .r1cs file of version 1", source=source, offset=0)
    found: dict[int, memoryview] = {}
    position = 12
    for _ in range(int.from_bytes(data[8:12], "little")):
        kind, size = int.from_bytes(data[position : position + 4], "little"), data[position + 4 : position + 12]
        start = position + 12
        position = start + int.from_bytes(size, "little")
        if len(size) < 8 or position > len(data) or kind in found:
            raise FormatError(f"section {kind} is cut short or appears twice", source=source, offset=start)
        found[kind] = view[start:position]
    if position != len(data):
        raise FormatError("bytes follow the last section", source=source, offset=position)
    return found


class _Coefficients(dict[bytes, int]):
    """Each distinct encoding is read and checked once."""

    def __init__(self, modulus: int) -> None:
        self.modulus = modulus

    def __missing__(self, encoded: bytes) -> int:
        value = self[encoded] = int.from_bytes(encoded, "little")
        if not 0 < value < self.modulus:
            raise FormatError("a coefficient is zero or not below the modulus", section="2 (constraints)")
        return value


def _rows(view: memoryview, source: str, count: int, wires: int, n8: int, modulus: int) -> list[Row]:
    term = struct.Struct(f"<I{n8}s")
    table = _Coefficients(modulus)
    position = 0

    def refused(reason: str) -> FormatError:
        return FormatError(reason, source=source, section="2 (constraints)", offset=position)

    if 12 * count > len(view):
        raise refused(f"{count} rows do not fit into {len(view)} bytes")
    forms: list[Form] = []
    for _ in range(3 * count):
        terms = int.from_bytes(view[position : position + 4], "little")
        end = position + 4 + terms * term.size
        if end > len(view):
            raise refused(f"{terms} terms do not fit")
        form = {wire: table[encoded] for wire, encoded in term.iter_unpack(view[position + 4 : end])}
        if len(form) != terms or (form and max(form) >= wires):
            raise refused("a wire appears twice or does not exist")
        forms.append(form)
        position = end
    if position != len(view):
        raise refused("bytes follow the last row")
    return list(zip(forms[0::3], forms[1::3], forms[2::3], strict=True))
