"""The rule for tools of other people: a missing one skips its tests, and fails them where everything must run."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def tool_missing(reason: str) -> NoReturn:
    """Skip, or fail where ``ZKRELAY_REQUIRE_TOOLS=1``."""
    if os.environ.get("ZKRELAY_REQUIRE_TOOLS") == "1":
        pytest.fail(f"ZKRELAY_REQUIRE_TOOLS=1, and {reason}", pytrace=False)
    pytest.skip(reason)
