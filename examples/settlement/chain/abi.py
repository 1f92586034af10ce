"""Calls as words: a number is a word, a tuple of fixed length its words, a list an array of any length.

That is all that our contracts take.  A list stands behind the words of fixed length, as the ABI has it: its place is a
number of bytes from where the arguments begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from zkrelay.errors import MalformedInput
from zkrelay.evm.keccak import keccak256, selector
from zkrelay.evm.words import WORD_BYTES, pack_words

Argument = int | Sequence[int]
"""A tuple is inline, a list is not."""


def encode(arguments: Sequence[Argument]) -> bytes:
    """The words of the arguments; raises ``MalformedInput`` for a number that is not in [0, 2^256)."""
    head_words = sum(len(a) if isinstance(a, tuple) else 1 for a in arguments)
    head: list[int] = []
    tail: list[int] = []
    for argument in arguments:
        if isinstance(argument, int):
            head.append(argument)
        elif isinstance(argument, tuple):
            head += argument
        else:
            head.append((head_words + len(tail)) * WORD_BYTES)
            tail += [len(argument), *argument]
    if not all(0 <= word < 1 << 256 for word in (*head, *tail)):
        raise MalformedInput("a word of a call is a number in [0, 2^256)")
    return pack_words([*head, *tail])


def call(signature: str, *arguments: Argument) -> bytes:
    """The data of a call of the function of ``signature``, such as ``withdraw(address)``."""
    return _selector(signature) + encode(arguments)


def words(data: bytes) -> list[int]:
    """What a call returned, or an event holds; raises ``MalformedInput`` unless it is whole words."""
    if len(data) % WORD_BYTES:
        raise MalformedInput("what a contract returns is whole words")
    return [int.from_bytes(data[at : at + WORD_BYTES], "big") for at in range(0, len(data), WORD_BYTES)]


@lru_cache(maxsize=256)
def _selector(signature: str) -> bytes:
    return selector(signature).to_bytes(4, "big")


def topic(event: str) -> str:
    """The first topic of an event, such as ``Inserted(uint256,uint256)``."""
    return f"0x{keccak256(event.encode('ascii')).hex()}"
