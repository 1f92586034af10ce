"""Many copies of one part of a circuit, stated once: what a circuit of N equal slots is made of.

Between two marks a builder has made rows, instructions, wires and temporaries.  A copy of them is the same numbers with
three changes: what was made in between moves on by as much as was made, the input wires become those of the copy, and
everything older is shared.  So copies are made of arrays, without running Python for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[tuple[int], np.dtype[Any]]


class Mark(NamedTuple):
    """How much a builder has made: stated rows and instructions without copies, wires and temporaries with them."""

    rows: int
    instructions: int
    wires: int
    temporaries: int


@dataclass(frozen=True)
class Repeat:
    """What was stated from ``start`` to ``end``, followed by a copy for each of ``copies``.

    ``inputs`` are wires of the stated part; copies[k] are the wires that stand in their place in copy k.
    """

    start: Mark
    end: Mark
    inputs: tuple[int, ...]
    copies: tuple[tuple[int, ...], ...]

    @property
    def num_wires(self) -> int:
        """Made by each copy."""
        return self.end.wires - self.start.wires

    @property
    def num_temporaries(self) -> int:
        return self.end.temporaries - self.start.temporaries

    def wires(self, copy: int) -> Array:
        """By wire of the stated part: the wire in ``copy``."""
        import numpy as np

        out = np.arange(self.end.wires, dtype=np.int64)
        out[self.start.wires :] += (copy + 1) * self.num_wires
        out[list(self.inputs)] = self.copies[copy]
        return out

    def registers(self, copy: int, indices: Array) -> Array:
        """Registers (a temporary t is written ~t) of the stated part as ``copy`` has them."""
        import numpy as np

        temporaries = np.arange(self.end.temporaries, dtype=np.int64)
        temporaries[self.start.temporaries :] += (copy + 1) * self.num_temporaries
        moved = np.empty_like(indices)
        is_wire = indices >= 0
        moved[is_wire] = self.wires(copy)[indices[is_wire]]
        moved[~is_wire] = ~temporaries[~indices[~is_wire]]
        return moved


def with_copies(
    values: Array, repeats: Sequence[Repeat], parts: Sequence[slice], copied: Callable[[Repeat, int, slice], Array]
) -> Array:
    """``values`` of all stated parts; after the part of each repeat ``copied(repeat, k, part)`` for each copy k."""
    import numpy as np

    pieces, done = [], 0
    for repeat, part in zip(repeats, parts, strict=True):
        pieces.append(values[done : part.stop])
        pieces += [copied(repeat, copy, part) for copy in range(len(repeat.copies))]
        done = part.stop
    return np.concatenate([*pieces, values[done:]])
