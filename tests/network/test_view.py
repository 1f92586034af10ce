"""What is shown: lines in a pipe, a table below them on a terminal, nothing when it is to be silent."""

from __future__ import annotations

import io

import pytest
from network.plan import MEBIBYTE, NODES, quick
from network.reckoning import Line
from network.view import View
from rich.console import Console

REPORT = {
    "relayed_bytes": 3 * MEBIBYTE,
    "receipted_bytes": 2 * MEBIBYTE,
    "unsigned_bytes": MEBIBYTE,
    "claimed_units": 7,
    "open": 1,
    "closed": 2,
    "claimed": 3,
}
FETCHED = {"journey": 1, "fetched": {"file_bytes": 1_234_567}, "hops": []}
BOOKS = {"paid_in": "100", "locked": "60", "paid_out": {"claim": "30", "batch": "10"}}


def tell(view: View) -> None:
    with view.table():
        view.chapter("A chapter")
        view.warn("development keys")
        view.node_said("exit", {"port": 1})
        view.node_said("exit", REPORT)
        view.node_said("exit", {**REPORT, "unsigned_bytes": 5})
        view.client_said("alice", {"journey": 0, "so_far": MEBIBYTE})
        view.client_said("alice", "not JSON")
        view.client_said("alice", FETCHED)
        view.books(BOOKS)
        view.check(Line("files", "all of them", True))
        view.check(Line("money", "one coin more", False))


def test_lines_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    view = View(quick(), silent=False)
    tell(view)
    lines = capsys.readouterr().out.splitlines()
    assert "  alice     1,234,567 bytes through relay-2 > exit: all sessions ended, all signed" in lines
    assert "  files     all of them  holds" in lines and "  money     one coin more  DOES NOT HOLD" in lines
    assert view.most_unsigned == {**dict.fromkeys(NODES, 0), "exit": MEBIBYTE}


def test_a_table_on_a_terminal() -> None:
    view, screen = View(quick(), silent=False), io.StringIO()
    view._console = Console(file=screen, force_terminal=True, width=120, highlight=False, markup=False)
    tell(view)
    assert "development keys" in screen.getvalue()
    page = Console(file=(shown := io.StringIO()), width=120)
    page.print(view._table())
    rows = {line.split()[0]: line.split()[1:] for line in shown.getvalue().splitlines()[1:]}
    assert rows["exit"] == ["1", "2", "3", "3.0", "2.0", "0", "7"]
    assert rows["relay-1"][:3] == ["0", "0", "0"]
    assert rows["alice"] == ["2/2", "2", "hops", "done"] and rows["bob"][-1] == "starting"
    assert rows["ledger"] == ["in", "100", "locked", "60", "paid", "40"]


def test_silence(capsys: pytest.CaptureFixture[str]) -> None:
    tell(View(quick(), silent=True))
    assert capsys.readouterr().out == ""
