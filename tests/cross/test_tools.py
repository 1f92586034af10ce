"""The rule for missing tools: skip where they are a convenience, fail where they are required."""

from __future__ import annotations

import shutil

import pytest
from tools import tool_missing

from . import conftest


@pytest.mark.parametrize("setting", [None, "", "0"])
def test_a_missing_tool_skips_with_its_reason(monkeypatch: pytest.MonkeyPatch, setting: str | None) -> None:
    if setting is None:
        monkeypatch.delenv("ZKRELAY_REQUIRE_TOOLS", raising=False)
    else:
        monkeypatch.setenv("ZKRELAY_REQUIRE_TOOLS", setting)
    with pytest.raises(pytest.skip.Exception, match="node is not installed"):
        tool_missing("node is not installed")


def test_a_missing_tool_fails_where_tools_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZKRELAY_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="node is not installed"):
        tool_missing("node is not installed")


def test_both_halves_of_node_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setenv("ZKRELAY_REQUIRE_TOOLS", "1")
    with pytest.raises(pytest.fail.Exception, match="node is not installed"):
        conftest.find_node()
    monkeypatch.setattr(shutil, "which", lambda _: "node")
    monkeypatch.setattr(conftest, "TESTS", conftest.TESTS / "nowhere")
    with pytest.raises(pytest.fail.Exception, match="run npm ci"):
        conftest.find_node()
