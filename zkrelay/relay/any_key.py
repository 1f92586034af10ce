"""A key file whose kind its reader does not know."""

from __future__ import annotations

import os
from collections.abc import Callable

from .funding import FUNDING_KEY_TYPE, FundingKey
from .identity import NODE_KEY_TYPE, SESSION_KEY_TYPE, NodeIdentity, SessionKey
from .key_file import read_any_key_file

AnyKey = SessionKey | NodeIdentity | FundingKey
_KINDS: dict[str, Callable[[int], AnyKey]] = {
    SESSION_KEY_TYPE: SessionKey,
    NODE_KEY_TYPE: NodeIdentity,
    FUNDING_KEY_TYPE: FundingKey,
}


def load_any_key(path: str | os.PathLike[str]) -> AnyKey:
    """The key in a file of any kind.

    Raises as ``read_key_file``, and ``NonCanonicalNumber`` for a secret out of range.
    """
    kind, secret = read_any_key_file(path, tuple(_KINDS))
    return _KINDS[kind](secret)
