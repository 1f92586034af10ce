"""A few instructions of the EVM, for code that no compiler lays out well: values by name, wherever the stack has them.

The names of opcodes are those of the Ethereum yellow paper.  What is on the stack is known at every place, so the only
jumps are those of a loop that leaves it as it was, and to a refusal.
"""

from __future__ import annotations

OPCODES = {
    "ADD": (0x01, 2, 1),
    "ADDMOD": (0x08, 3, 1),
    "MULMOD": (0x09, 3, 1),
    "LT": (0x10, 2, 1),
    "XOR": (0x18, 2, 1),
    "ISZERO": (0x15, 1, 1),
    "OR": (0x17, 2, 1),
    "SHR": (0x1C, 2, 1),
    "CALLDATALOAD": (0x35, 1, 1),
    "CALLDATASIZE": (0x36, 0, 1),
    "CODECOPY": (0x39, 3, 0),
    "POP": (0x50, 1, 0),
    "MLOAD": (0x51, 1, 1),
    "MSTORE": (0x52, 2, 0),
    "JUMP": (0x56, 1, 0),
    "JUMPI": (0x57, 2, 0),
    "JUMPDEST": (0x5B, 0, 0),
    "RETURN": (0xF3, 2, 0),
    "REVERT": (0xFD, 2, 0),
}
"""By name: the byte, words taken, words put."""
_PUSH, _DUP, _SWAP = 0x5F, 0x80, 0x90
REACH = 16


class Assembly:
    """Code as it grows.  A *slot* is a place of the stack, counted from the bottom."""

    def __init__(self) -> None:
        self.code = bytearray()
        self.height = 0

    def op(self, *names: str) -> None:
        for name in names:
            byte, taken, put = OPCODES[name]
            assert self.height >= taken, f"{name} at a height of {self.height}"
            self.code.append(byte)
            self.height += put - taken

    def push(self, value: int, size: int | None = None) -> int:
        """Push a number, in its shortest form or in ``size`` bytes; returns its slot."""
        size = (value.bit_length() + 7) // 8 if size is None else size
        self.code.append(_PUSH + size)
        self.code += value.to_bytes(size, "big")
        self.height += 1
        return self.height - 1

    def dup(self, slot: int) -> None:
        """Push what is in a slot."""
        distance = self.height - slot
        assert 1 <= distance <= REACH
        self.code.append(_DUP + distance - 1)
        self.height += 1

    def swap(self, slot: int) -> None:
        """Exchange the top with a slot below it."""
        distance = self.height - 1 - slot
        assert 1 <= distance <= REACH
        self.code.append(_SWAP + distance - 1)

    def into(self, slot: int) -> None:
        """Move the top into a slot below it."""
        self.swap(slot)
        self.op("POP")

    def here(self) -> int:
        """A place to jump to."""
        self.op("JUMPDEST")
        return len(self.code) - 1

    def later(self) -> int:
        """Push a number of two bytes that ``fill`` gives afterwards; returns where it stands."""
        self.push(0, 2)
        return len(self.code) - 2

    def fill(self, where: int, value: int) -> None:
        self.code[where : where + 2] = value.to_bytes(2, "big")


def creation_code(runtime: bytes) -> bytes:
    """What a transaction sends to put ``runtime`` on a chain."""
    head = Assembly()
    head.push(len(runtime), 2)
    where = head.later()
    head.push(0)
    head.op("CODECOPY")
    head.push(len(runtime), 2)
    head.push(0)
    head.op("RETURN")
    head.fill(where, len(head.code))
    return bytes(head.code) + runtime
