"""A piece of a circuit as a drawing: signals and rows in layers, from what is known to what is loose.  Inline SVG.

The graph is bipartite: a row is joined to the signals that it mentions.  Layers are breadth-first distances from the
known signals; within a layer nodes stand by the mean place of their neighbours (barycentres, a few sweeps).
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from html import escape

from ..report import Stuck
from ..system import System
from .render import row_text

MAX_SIGNALS = 40  # loose ones that are drawn
MAX_ROWS = 40
MAX_KNOWN_A_ROW = 4  # known signals drawn beside a row; the rest is counted
_SWEEPS = 6
_LAYER, _LINE, _HEIGHT, _CHARACTER = 90, 34, 24, 7.3
_LABEL = 28

Node = tuple[str, int]  # ("wire" or "row", number)


@dataclass
class Drawing:
    """What of a piece is drawn; ``left_out`` says in words what is not."""

    wires: list[int]
    rows: list[int]
    known: list[int]
    edges: list[tuple[int, int]]  # (row, wire)
    hidden: dict[int, int] = field(default_factory=dict)  # row -> known signals that are not drawn
    left_out: str = ""


def choose(system: System, piece: Stuck, start: Iterable[int] = ()) -> Drawing:
    """As much of the piece as fits, nearest to ``start`` first."""
    loose, allowed = set(piece.wires), set(piece.rows)
    queue: deque[int] = deque(wire for wire in start if wire in loose)
    queue.extend(wire for wire in piece.wires if wire not in queue)
    wires: list[int] = []
    rows: list[int] = []
    seen_wires, seen_rows = set(queue) - loose, set[int]()
    while queue and len(wires) < MAX_SIGNALS:
        wire = queue.popleft()
        if wire in seen_wires:
            continue
        seen_wires.add(wire)
        wires.append(wire)
        for row in system.occurrences[wire]:
            if row in allowed and row not in seen_rows and len(rows) < MAX_ROWS:
                seen_rows.add(row)
                rows.append(row)
                queue.extendleft(sorted(system.rows[row].wires() & loose - seen_wires, reverse=True))
    drawn, known, edges, hidden = set(wires), dict[int, None](), list[tuple[int, int]](), dict[int, int]()
    for row in rows:
        mentioned = sorted(system.rows[row].wires())
        others = [wire for wire in mentioned if wire not in drawn]
        edges += [(row, wire) for wire in mentioned if wire in drawn]
        edges += [(row, wire) for wire in others[:MAX_KNOWN_A_ROW]]
        known.update(dict.fromkeys(others[:MAX_KNOWN_A_ROW]))
        if len(others) > MAX_KNOWN_A_ROW:
            hidden[row] = len(others) - MAX_KNOWN_A_ROW
    missing = [
        f"{total - shown:,} more {what}"
        for total, shown, what in ((len(loose), len(wires), "loose signals"), (len(allowed), len(rows), "rows"))
        if total > shown
    ]
    return Drawing(wires, rows, list(known), edges, hidden, " and ".join(missing))


def svg(system: System, piece: Stuck, asked: Collection[int] = (), start: Iterable[int] = ()) -> str:
    """The drawing, with every text escaped; ``asked`` are the targets among the wires."""
    drawing = choose(system, piece, start)
    loose = set(piece.wires)
    places, width, height = _place(system, drawing)
    parts = [
        f'<svg role="img" aria-labelledby="graph-title graph-text" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" xmlns="http://www.w3.org/2000/svg">',
        '<title id="graph-title">Signals and the rows that join them</title>',
        f'<desc id="graph-text">{len(drawing.wires)} loose signals, {len(drawing.known)} others, '
        f"{len(drawing.rows)} rows; the table below says the same in words.</desc>",
    ]
    for row, wire in drawing.edges:
        parts.append(_edge(places["row", row], places["wire", wire], wire in loose))
    for wire in [*drawing.known, *drawing.wires]:
        kind = " ".join(["wire", *(["loose"] if wire in loose else []), *(["asked"] if wire in asked else [])])
        parts.append(_box(places["wire", wire], kind, _short(system.name(wire)), system.name(wire), rounded=11))
    for row in drawing.rows:
        beyond = f"; {drawing.hidden[row]} more signals are not drawn" if row in drawing.hidden else ""
        line = f" ({system.line(row)})" if system.line(row) else ""
        title = f"row {row}{line}: {row_text(system, row)}{beyond}"
        parts.append(_box(places["row", row], "row", _row_label(drawing, row), title, rounded=0))
    return "\n".join([*parts, "</svg>"])


@dataclass(frozen=True)
class _Place:
    x: float
    y: float
    width: float


def _place(system: System, drawing: Drawing) -> tuple[dict[Node, _Place], float, float]:
    """Where each node stands, and the size of the whole."""
    near: dict[Node, list[Node]] = defaultdict(list)
    for row, wire in drawing.edges:
        near["row", row].append(("wire", wire))
        near["wire", wire].append(("row", row))
    nodes: list[Node] = [("wire", w) for w in [*drawing.known, *drawing.wires]] + [("row", r) for r in drawing.rows]
    depth = _depths(nodes, near, [("wire", wire) for wire in drawing.known])
    layers: dict[int, list[Node]] = defaultdict(list)
    for node in nodes:
        layers[depth[node]].append(node)
    for sweep in range(_SWEEPS):
        rank = {node: index / len(layer) for layer in layers.values() for index, node in enumerate(layer)}
        for number in sorted(layers, reverse=bool(sweep % 2)):
            layers[number].sort(key=lambda node: sum(rank[n] for n in near[node]) / max(len(near[node]), 1))
            rank.update({node: index / len(layers[number]) for index, node in enumerate(layers[number])})
    labels = {n: _short(system.name(n[1])) if n[0] == "wire" else _row_label(drawing, n[1]) for n in nodes}
    places: dict[Node, _Place] = {}
    tallest = max((len(layer) for layer in layers.values()), default=1)
    x = 16.0
    for number in sorted(layers):
        widest = max(len(labels[node]) for node in layers[number]) * _CHARACTER + 18
        gap = _LINE * tallest / len(layers[number])
        for index, node in enumerate(layers[number]):
            places[node] = _Place(x, 12 + gap * (index + 0.5) - _HEIGHT / 2, len(labels[node]) * _CHARACTER + 18)
        x += widest + _LAYER
    return places, x - _LAYER + 16, _LINE * tallest + 24


def _depths(nodes: list[Node], near: dict[Node, list[Node]], sources: list[Node]) -> dict[Node, int]:
    """Breadth-first from the sources, and then from whatever they do not reach."""
    depth: dict[Node, int] = {}
    for batch in [sources, *([node] for node in nodes)]:
        queue = deque(node for node in batch if node not in depth)
        depth.update(dict.fromkeys(queue, 0))
        while queue:
            node = queue.popleft()
            for other in near[node]:
                if other not in depth:
                    depth[other] = depth[node] + 1
                    queue.append(other)
    return depth


def _edge(row: _Place, wire: _Place, loose: bool) -> str:
    left, right = (wire, row) if wire.x < row.x else (row, wire)
    x1, y1, x2, y2 = left.x + left.width, left.y + _HEIGHT / 2, right.x, right.y + _HEIGHT / 2
    middle = (x1 + x2) / 2
    kind = "edge loose" if loose else "edge"
    return (
        f'<path class="{kind}" d="M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"/>'
    )


def _box(place: _Place, kind: str, label: str, title: str, rounded: int) -> str:
    return (
        f'<g class="{kind}"><title>{escape(title)}</title>'
        f'<rect x="{place.x:.1f}" y="{place.y:.1f}" width="{place.width:.1f}" height="{_HEIGHT}" rx="{rounded}"/>'
        f'<text x="{place.x + 9:.1f}" y="{place.y + 16:.1f}">{escape(label)}</text></g>'
    )


def _row_label(drawing: Drawing, row: int) -> str:
    return f"row {row}" + (f" +{drawing.hidden[row]}" if row in drawing.hidden else "")


def _short(name: str) -> str:
    return name if len(name) <= _LABEL else f"{name[:9]}…{name[10 - _LABEL :]}"
