"""What is shown while the network runs: lines, and on a terminal a table of all parties that changes below them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .plan import CLIENTS, MEBIBYTE, NODES, Scale
from .reckoning import Line

_NAME_WIDTH = 10


class View:
    """``heard`` and ``books`` may be called from any thread; ``most_unsigned`` is by node, of all that was heard."""

    def __init__(self, scale: Scale, *, silent: bool) -> None:
        self._scale = scale
        self._console = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, quiet=silent)
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._nodes: dict[str, Mapping[str, int]] = {node: {} for node in NODES}
        self._clients: dict[str, Mapping[str, Any]] = {client: {} for client in CLIENTS}
        self._books: Mapping[str, Any] = {}
        self.most_unsigned = dict.fromkeys(NODES, 0)

    def chapter(self, title: str) -> None:
        self._print(Text(f"\n{title}", style="bold"))

    def warn(self, text: str) -> None:
        self._print(Text(f"  {text}", style="bold yellow"))

    def step(self, name: str, text: str, seconds: float | None = None) -> None:
        line = _named(name, text)
        if seconds is not None:
            line.append(f"  ({seconds:.1f} s)", style="dim")
        self._print(line)

    def check(self, line: Line) -> None:
        told = _named(line.name, line.text)
        self._print(told.append("  holds", style="green") if line.holds else told.append("  DOES NOT HOLD", "bold red"))

    @contextmanager
    def table(self) -> Iterator[None]:
        """Show the table while the block runs, on a terminal."""
        if not self._console.is_terminal or self._console.quiet:
            yield
            return
        with Live(get_renderable=self._table, console=self._console, refresh_per_second=4, transient=True) as live:
            self._live = live
            try:
                yield
            finally:
                self._live = None

    def node_said(self, node: str, word: Any) -> None:
        """A node's report of its sessions; other words are not for the table."""
        if isinstance(word, dict) and "receipted_bytes" in word:
            with self._lock:
                self._nodes[node] = word
                self.most_unsigned[node] = max(self.most_unsigned[node], word["unsigned_bytes"])

    def client_said(self, client: str, word: Any) -> None:
        if not isinstance(word, dict):
            return
        with self._lock:
            self._clients[client] = word
        if "fetched" in word:
            journey = self._scale.of_client(client)[word["journey"]]
            num_bytes = word["fetched"]["file_bytes"]
            self.step(client, f"{num_bytes:,} bytes through {' > '.join(journey.way)}: all sessions ended, all signed")

    def books(self, balances: Mapping[str, Any]) -> None:
        """The service's, whenever they were asked for."""
        with self._lock:
            self._books = balances

    def _print(self, line: Text) -> None:
        (self._live.console if self._live else self._console).print(line)

    def _table(self) -> Table:
        with self._lock:
            nodes, clients, books = dict(self._nodes), dict(self._clients), self._books
        table = Table(box=None, padding=(0, 2))
        names = ("", "open", "ended", "claimed", "relayed MiB", "receipts MiB", "unsigned KiB", "paid units")
        for name in names:
            table.add_column(name, justify="left" if not name else "right", style="cyan" if not name else None)
        for node, said in nodes.items():
            table.add_row(
                node,
                *(str(said.get(name, 0)) for name in ("open", "closed", "claimed")),
                *(f"{said.get(name, 0) / MEBIBYTE:.1f}" for name in ("relayed_bytes", "receipted_bytes")),
                str(said.get("unsigned_bytes", 0) >> 10),
                str(said.get("claimed_units", 0)),
            )
        for client, said in clients.items():
            journeys = self._scale.of_client(client)
            number = said.get("journey", 0)
            done = f"{said['so_far'] / MEBIBYTE:.1f} MiB" if "so_far" in said else "done" if said else "starting"
            table.add_row(client, f"{number + 1}/{len(journeys)}", f"{journeys[number].hops} hops", done)
        if books:
            paid = sum(map(int, books["paid_out"].values()))
            table.add_row("ledger", "", "", "", f"in {books['paid_in']}", f"locked {books['locked']}", f"paid {paid}")
        return table


def _named(name: str, text: str) -> Text:
    return Text(f"  {name.ljust(_NAME_WIDTH)}", style="cyan").append(text, style="default")
