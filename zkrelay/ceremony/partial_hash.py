"""BLAKE2b-512 that can be put down and taken up again: a ``.ptau`` holds its state before the last part of a message.

The state is 216 bytes, in blake2b-wasm's layout: the block that waits (128; a full one waits until more comes), the
eight words, the bytes before that block (u64), how many of it are filled (u64), and 8 bytes of zero.
"""

from __future__ import annotations

from ..errors import CeremonyRefused
from ..kernel import Buffer, current

BLOCK_BYTES, STATE_BYTES = 128, 64
PARTIAL_BYTES = BLOCK_BYTES + STATE_BYTES + 8 + 8 + 8
_INITIAL = b"".join(
    word.to_bytes(8, "little")
    for word in (
        0x6A09E667F3BCC908 ^ 0x01010040,  # unkeyed, a digest of 64 bytes
        0xBB67AE8584CAA73B,
        0x3C6EF372FE94F82B,
        0xA54FF53A5F1D36F1,
        0x510E527FADE682D1,
        0x9B05688C2B3E6C1F,
        0x1F83D9ABFB41BD6B,
        0x5BE0CD19137E2179,
    )
)


class PartialHash:
    """Updates in any pieces; ``save`` and ``restore`` between them."""

    def __init__(self) -> None:
        self._state = _INITIAL
        self._offset = 0  # bytes before the block that waits
        self._block = bytearray(BLOCK_BYTES)
        self._filled = 0

    def update(self, data: Buffer) -> None:
        """Blocks that lie whole in ``data`` are not copied: so what stands behind the filled bytes, and is saved with
        them, is what other implementations have there, too."""
        view, position = memoryview(data), 0
        while position < len(view):
            if self._filled == BLOCK_BYTES:
                self._absorb(self._block)
                self._filled = 0
            whole = (len(view) - position - 1) // BLOCK_BYTES * BLOCK_BYTES
            if self._filled == 0 and whole:
                self._absorb(view[position : position + whole])
                position += whole
            taken = min(BLOCK_BYTES - self._filled, len(view) - position)
            self._block[self._filled : self._filled + taken] = view[position : position + taken]
            self._filled += taken
            position += taken

    def digest(self) -> bytes:
        return current().blake2b(self._state, self._offset, self._block[: self._filled], last=True)

    def save(self) -> bytes:
        counts = self._offset.to_bytes(8, "little") + self._filled.to_bytes(8, "little") + bytes(8)
        return bytes(self._block) + self._state + counts

    @classmethod
    def restore(cls, saved: bytes) -> PartialHash:
        """Raises ``CeremonyRefused`` for what is no state of a hash."""
        made, counts = cls(), saved[BLOCK_BYTES + STATE_BYTES :]
        made._block[:] = saved[:BLOCK_BYTES]
        made._state = saved[BLOCK_BYTES : BLOCK_BYTES + STATE_BYTES]
        made._offset, made._filled = (int.from_bytes(counts[i : i + 8], "little") for i in (0, 8))
        is_last_zero = not any(counts[16:])
        if not is_last_zero or made._offset % BLOCK_BYTES or made._filled > BLOCK_BYTES or made._offset >> 62:
            raise CeremonyRefused("the partial hash is not a state of BLAKE2b")
        return made

    def _absorb(self, blocks: Buffer) -> None:
        self._state = current().blake2b(self._state, self._offset, blocks)
        self._offset += len(blocks)
