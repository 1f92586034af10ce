"""Names that an exit does not open, each with all names below it; and spellings that only a trick needs.

Compared is what a resolver compares: ASCII, no matter the case, without the root's dot.  A name of the list may be
written in Unicode and is then blocked in both spellings that there are for it, IDNA 2003's and plain Punycode
[RFC 3492], which is IDNA 2008's.  A name is judged as it was asked for, and again as the resolver says that it is
called (CNAME).

This keeps names out, not machines: whoever knows the address asks for the address.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from .errors import InvalidName

_PREFIX = "xn--"
MAX_NAME, MAX_LABEL = 253, 63


class BlockList:
    """``blocks`` is all that the exit filter asks."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        """Raises ``InvalidName`` for what can be no name: a list with a slip in it must not silently block less."""
        self._names = frozenset(spelling for name in names for spelling in _spellings(name))

    def blocks(self, host: str) -> bool:
        """Whether the name ``host``, or one above it, is in the list, or ``host`` is spelled as no honest name is."""
        labels = host.lower().removesuffix(".").split(".")
        if any(label.startswith(_PREFIX) and not _is_honest(label) for label in labels):
            return True
        return any(".".join(labels[start:]) in self._names for start in range(len(labels)))


def _spellings(name: str) -> set[str]:
    """The ASCII forms of a name of the list."""
    text = unicodedata.normalize("NFC", name.strip().lower()).removesuffix(".")
    labels = text.split(".")
    try:
        spellings = {text.encode("idna").decode("ascii"), ".".join(map(_to_ascii, labels))}
    except UnicodeError:
        raise InvalidName(f"{name!r} is no name that could be blocked") from None
    for spelling in spellings:
        good = all(0 < len(label) <= MAX_LABEL for label in spelling.split("."))
        if not good or len(spelling) > MAX_NAME or not set(spelling) <= _CHARACTERS:
            raise InvalidName(f"{name!r} is no name that could be blocked")
    return spellings


_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def _to_ascii(label: str) -> str:
    return label if label.isascii() else _PREFIX + label.encode("punycode").decode("ascii")


def _is_honest(label: str) -> bool:
    """Whether a label ``xn--...`` stands for a Unicode label, is that one's only spelling, and needed one at all."""
    try:
        decoded = label[len(_PREFIX) :].encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return _to_ascii(decoded) == label
