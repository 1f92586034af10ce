"""Real files spoiled in known ways: each way with its name, so that a test can say what has to be refused.

``certain`` breaks a container whatever is in it; ``numbers`` and ``random_edit`` may leave a readable file.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from .samples import borders, pack_container, patched, unpack_container

MAGICS = (b"r1cs", b"wtns", b"zkey", b"ptau", b"zktb", b"zkwp")
HUGE = [0x7FFFFFFF, 0xFFFFFFFF]
Spoiled = Iterator[tuple[str, bytes]]


def is_container(data: bytes) -> bool:
    return data[:4] in MAGICS


def certain(data: bytes, rng: random.Random) -> Spoiled:
    """(what was done, the file): every one must be refused, by the format or the key."""
    for cut in sorted(
        {at + d for at in borders(data) for d in (-1, 0, 1)} | {rng.randrange(len(data)) for _ in range(12)}
    ):
        if 0 <= cut < len(data):
            yield f"cut at {cut}", data[:cut]
    yield "a byte more", data + b"\0"
    yield "itself twice", data + data
    for magic in (b"\0\0\0\0", b"R1CS", *(magic for magic in MAGICS if magic != data[:4])):
        yield f"magic {magic!r}", magic + data[4:]
    (version,) = struct.unpack_from("<I", data, 4)
    for other in (0, version + 10, 0xFFFFFFFF):
        yield f"version {other}", patched(data, 4, struct.pack("<I", other))
    yield from _sections(data)


def _sections(data: bytes) -> Spoiled:
    magic, version, count = struct.unpack_from("<4sII", data)
    sections = unpack_container(data)
    for lie in (0, count - 1, count + 1, *HUGE):
        yield f"{lie} sections", patched(data, 8, struct.pack("<I", lie))
    position = 12
    for index, (kind, payload) in enumerate(sections):
        for lie in (len(payload) + 1, 1 << 32, 1 << 40, (1 << 63) - 1, (1 << 64) - 1):
            yield f"section {kind} of {lie} bytes", patched(data, position + 4, struct.pack("<Q", lie))
        position += 12 + len(payload)
        again = [*sections[: index + 1], (kind, payload), *sections[index + 1 :]]
        yield f"section {kind} twice", pack_container(magic.decode(), version, again)
        if needed(data, kind):
            rest = [section for section in sections if section[0] != kind]
            yield f"without section {kind}", pack_container(magic.decode(), version, rest)
            for shorter in (payload[:-1], payload + b"\0", b""):
                changed = [(k, shorter if k == kind else p) for k, p in sections]
                if shorter != payload:
                    yield f"section {kind} of {len(shorter)}", pack_container(magic.decode(), version, changed)


def needed(data: bytes, kind: int) -> bool:
    """Whether the format asks for the section: sections 3 to 5 of a ``.r1cs`` may be missing or another's."""
    return data[:4] != b"r1cs" or kind in (1, 2)


def numbers(data: bytes, rng: random.Random) -> Spoiled:
    """Words near the beginning of a section, where counts and primes are, made huge; and elements above any modulus.

    Some are refused by a key's own checks, and a few may be read (a coefficient's row, a label).
    """
    for position in borders(data)[:-1]:
        for word in range(0, 44, 4):
            if position + word + 4 <= len(data):
                for huge in HUGE:
                    yield (
                        f"word at {position + word} is {huge:#x}",
                        patched(data, position + word, struct.pack("<I", huge)),
                    )
    for at in (rng.randrange(12, max(13, len(data) - 48)) for _ in range(20)):
        filled = b"\xff" * min(48, len(data) - at)
        yield f"ones at {at}", patched(data, at, filled)


def random_edit(data: bytes, rng: random.Random) -> bytes:
    """One to four changes: bytes, a cut, an insertion, a piece copied over another."""
    out = bytearray(data)
    marks = borders(data)[:-1] if is_container(data) else [0]
    for _ in range(rng.randrange(1, 5)):
        at = min(len(out), rng.choice(marks) + rng.randrange(64) if rng.random() < 0.6 else rng.randrange(len(out) + 1))
        way = rng.randrange(5)
        if way == 0 and at < len(out):
            out[at] ^= 1 << rng.randrange(8)
        elif way == 1:
            out[at : at + 4] = struct.pack("<I", rng.choice([0, 1, rng.randrange(1 << 32), *HUGE]))
        elif way == 2:
            out[at:at] = rng.randbytes(rng.randrange(1, 40))
        elif way == 3:
            source = rng.randrange(len(out) + 1)
            out[at : at + 32] = out[source : source + 32]
        else:
            del out[at : at + rng.randrange(1, 60)]
    return bytes(out)
