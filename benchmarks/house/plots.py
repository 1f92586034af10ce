"""The plots, as SVG that is the same on every machine.  matplotlib comes with the ``bench`` extra."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .results import Run
from .series import GROWTH_FROM, OURS, Point, chains
from .targets import AIM, AT_LEAST, MISSED, evaluate

COLOURS = {"gnark": "#d55e00", "arkworks": "#cc79a7", "snarkjs": "#e69f00"}
OWN_COLOURS = {"x86_ifma": "#0072b2", "x86_adx": "#56b4e9", "portable": "#009e73", "aarch64": "#0072b2"}
VERDICT_COLOURS = {AIM: "#0072b2", AT_LEAST: "#56b4e9"}
MISSED_COLOUR = "#d55e00"
STYLE: Any = {
    "svg.hashsalt": "zkrelay",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}


def draw_all(run: Run, growth: Run, folder: Path) -> list[Path]:
    """Draw every plot that the runs (of the targets, and over circuit sizes) have data for; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    series = chains(growth)
    drawn = []
    if any(len(points) > 1 for points in series.values()):
        times = _draw(folder / "prove-time.svg", lambda axes: _time_axes(axes, series))
        memory = _draw(folder / "prove-memory.svg", lambda axes: _memory_axes(axes, series))
        drawn += [times, memory]
    if any(line.ratio is not None and line.needs is not None for line in evaluate(run)):
        drawn.append(_draw(folder / "targets.svg", lambda axes: _target_axes(axes, run)))
    return drawn


def _draw(path: Path, fill: Callable[[Any], None]) -> Path:
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    with matplotlib.rc_context(STYLE):
        figure, axes = pyplot.subplots(figsize=(8, 5))
        fill(axes)
        figure.tight_layout()
        figure.savefig(path, metadata={"Date": None, "Creator": None})
        pyplot.close(figure)
    # one line more or less of an id must not show as a change
    path.write_text("\n".join(line.rstrip() for line in path.read_text(encoding="utf-8").splitlines()) + "\n", "utf-8")
    return path


def _line_style(name: str) -> dict[str, Any]:
    if name in COLOURS:
        return {"color": COLOURS[name], "marker": "o", "linewidth": 1.4, "markersize": 4}
    kernel = name.removeprefix(f"{OURS} ")
    return {"color": OWN_COLOURS.get(kernel, "#333333"), "marker": "s", "linewidth": 2.4, "markersize": 5, "zorder": 3}


def _log_axes(axes: Any, series: dict[str, list[Point]]) -> None:
    logs = sorted({round(math.log2(p.rows)) for points in series.values() for p in points})
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks([2**k for k in logs], [f"$2^{{{k}}}$" for k in logs])
    axes.minorticks_off()
    axes.set_xlabel("rows of the circuit (chain of Poseidon hashes)")


def _time_axes(axes: Any, series: dict[str, list[Point]]) -> None:
    _log_axes(axes, series)
    for name, points in series.items():
        axes.plot([p.rows for p in points], [p.ms for p in points], label=name, **_line_style(name))
    start = next((p for p in next(iter(series.values())) if p.rows > 1 << (GROWTH_FROM - 1)), None)
    if start is not None:
        sizes = sorted({p.rows for points in series.values() for p in points if p.rows >= start.rows})
        scale = start.ms / (start.rows * math.log2(start.rows))
        line = [scale * n * math.log2(n) for n in sizes]
        axes.plot(sizes, line, "k:", linewidth=1, label="n log n, from our $2^{12}$")
    axes.set_ylabel("CPU milliseconds of a proof, one thread")
    axes.set_title("Time of a Groth16 proof over BN254: key loaded, witness computed")
    axes.legend()


def _memory_axes(axes: Any, series: dict[str, list[Point]]) -> None:
    _log_axes(axes, series)
    for name, points in series.items():
        known = [(p.rows, p.mb) for p in points if p.mb is not None and p.mb > 0]
        if known:
            axes.plot(*zip(*known, strict=True), label=name, **_line_style(name))
    axes.set_ylabel("MB at the peak of proving (ours beside Python)")
    axes.set_title("Memory of a Groth16 proof over BN254, proving key included")
    axes.legend()


def _target_axes(axes: Any, run: Run) -> None:
    """A bar for each target with a yardstick: how many times faster than it; marks where "at least" and "aim" are."""
    lines = [line for line in evaluate(run) if line.ratio is not None and line.needs is not None][::-1]
    for y, line in enumerate(lines):
        assert line.ratio is not None
        assert line.needs is not None
        axes.barh(y, line.ratio.median, height=0.6, color=VERDICT_COLOURS.get(line.verdict, MISSED_COLOUR))
        axes.plot([line.ratio.low, line.ratio.high], [y, y], color="black", linewidth=1)
        for need, mark in zip(line.needs, ("|", "d"), strict=True):
            axes.plot(need, y, mark, color="black", markersize=9 if mark == "|" else 5, fillstyle="none")
    for verdict, colour in (*VERDICT_COLOURS.items(), (MISSED, MISSED_COLOUR)):
        axes.barh([], [], color=colour, label=f"reached: {verdict}" if verdict != MISSED else verdict)
    axes.plot([], [], "|", color="black", markersize=9, label="at least")
    axes.plot([], [], "d", color="black", markersize=5, fillstyle="none", label="aim")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_yticks(range(len(lines)), [line.target.label for line in lines])
    axes.set_xlabel("times faster than gnark in the same run")
    axes.set_title(f"Targets, kernel {run.machine['kernel']}")
    axes.grid(axis="y", visible=False)
    axes.legend(loc="lower right")
