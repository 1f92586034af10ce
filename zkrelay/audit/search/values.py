"""The forward solver: a partial assignment is completed to one that satisfies every row, by propagation of values.

Rows wait on a worklist until they can say something: with no unknown wire left a row is checked; with one it gives that
wire (or two roots to choose from); with a factor that is zero it says C = 0; a linear row whose unknown wires are all
bits is decoded from its integer (``rows_index``), and an integer with an alias is a choice.  When nothing follows any
more, a choice is made: first among the options of some row, then by a guess (inputs first).  Every step is on a trail,
so that going back costs what going on did: counters of unknown wires for each row make both proportional to the
terms touched, whatever the size of the system.

Nothing found here is taken on trust: whoever uses an assignment checks it with ``System.violated``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from .rows_index import IN_A, IN_B, RowsIndex, Terms, decodings, find_decoder

Option: TypeAlias = list[tuple[int, int]]
GIVEN, CHOSEN = -1, -2  # reasons that are not rows
TINY = 64  # below this modulus a guess tries every element


class Mark(NamedTuple):
    """Where a state of ``Values`` stood, to go back to."""

    trail: int
    pending: int
    cursors: tuple[int, int, int]


@dataclass
class Frame:
    """A choice: where the trail stood, and what is left to try."""

    mark: Mark
    options: Iterator[Option]
    wires: tuple[int, ...]


@dataclass
class Guide:
    """How to choose: ``prefer`` first (an assignment, or None), then small values, then random ones."""

    rng: random.Random
    prefer: Sequence[int] | None = None
    first: Sequence[int] = ()  # wires to guess before all others
    guesses: int = 5
    frames: list[Frame] = field(default_factory=list)


class Values:
    """A partial assignment (``value[w]`` or None) with what follows from it.

    ``reason[w]`` is the row that gave the wire, or ``GIVEN`` or ``CHOSEN``; ``trail`` has the wires in order.
    """

    def __init__(self, index: RowsIndex) -> None:
        self.index = index
        self.value: list[int | None] = [None] * index.system.num_wires
        self.value[0] = 1
        self.reason = [GIVEN] * index.system.num_wires
        self.trail: list[int] = []
        self._left, self._wild = list(index.left), list(index.wild)
        self._left_a, self._left_b = list(index.left_a), list(index.left_b)
        self._zero = bytearray(len(index.forms))  # sides that are known to be zero
        self._pending: list[int] = []
        self._cursors = (0, 0, 0)  # of the guide's first wires, of rows, of wires: all before have their values
        self._queue: list[int] = [
            i for i, n in enumerate(self._left) if n <= 1 or (index.forms[i] is not None and not self._wild[i])
        ]
        self._queued = bytearray(len(index.forms))
        for i in self._queue:
            self._queued[i] = 1

    def assign(self, wire: int, value: int, reason: int = GIVEN) -> bool:
        """Give a wire its value; False when it has another one already.  What follows waits for ``propagate``."""
        known = self.value[wire]
        if known is not None:
            return known == value
        self.value[wire], self.reason[wire] = value, reason
        self.trail.append(wire)
        left, wild, zero, queued = self._left, self._wild, self._zero, self._queued
        wide = not self.index.is_bit[wire]
        for row, mask in self.index.touch[wire]:
            left[row] -= 1
            wake = left[row] <= 1 or zero[row]
            if wide:
                wild[row] -= 1
                wake = wake or not wild[row]
            if mask & IN_A:
                self._left_a[row] -= 1
                wake = wake or not self._left_a[row]
            if mask & IN_B:
                self._left_b[row] -= 1
                wake = wake or not self._left_b[row]
            if wake and not queued[row]:
                queued[row] = 1
                self._queue.append(row)
        return True

    def mark(self) -> Mark:
        """Now; what waits for ``propagate`` is not part of it."""
        return Mark(len(self.trail), len(self._pending), self._cursors)

    def undo(self, mark: Mark) -> None:
        """Take back every assignment since ``mark``, which was made after a ``propagate``."""
        left, wild = self._left, self._wild
        while len(self.trail) > mark.trail:
            wire = self.trail.pop()
            self.value[wire] = None
            wide = not self.index.is_bit[wire]
            for row, mask in self.index.touch[wire]:
                left[row] += 1
                wild[row] += wide
                if mask & IN_A:
                    self._left_a[row] += 1
                    self._zero[row] &= ~IN_A
                if mask & IN_B:
                    self._left_b[row] += 1
                    self._zero[row] &= ~IN_B
        self._forget_queue()
        del self._pending[mark.pending :]
        self._cursors = mark.cursors

    def propagate(self) -> bool:
        """Draw all consequences; False at a contradiction (then ``undo``)."""
        queue, queued, forms = self._queue, self._queued, self.index.forms
        while queue:
            row = queue.pop()
            queued[row] = 0
            form = forms[row]
            if not (self._linear(row, form) if form is not None else self._product(row)):
                self._forget_queue()
                return False
        return True

    def solutions(self, guide: Guide, deadline: float, max_backtracks: int = 1 << 30) -> Iterator[list[int]]:
        """Complete assignments, depth first; ends when there are no more, or at ``deadline`` (``time.monotonic``).

        While one is out, ``guide.frames`` are the choices that led to it.
        """
        frames = guide.frames
        frames.clear()
        self._cursors = (0, *self._cursors[1:])
        alive = self.propagate()
        backtracks = 0
        while time.monotonic() < deadline:
            if alive:
                frame = self._choose(guide)
                if frame is not None:
                    frames.append(frame)
                else:
                    yield [value or 0 for value in self.value]
            if not frames:
                return
            alive = self.next_option(frames)
            if not alive:
                backtracks += 1
                if not frames or backtracks > max_backtracks:
                    return

    def next_option(self, frames: list[Frame]) -> bool:
        """Go on with the next option of the last frame; drop the frame when there is none, and return False."""
        frame = frames[-1]
        self.undo(frame.mark)
        option = next(frame.options, None)
        if option is None:
            frames.pop()
            return False
        return all(self.assign(wire, value, CHOSEN) for wire, value in option) and self.propagate()

    def _forget_queue(self) -> None:
        for row in self._queue:
            self._queued[row] = 0
        self._queue.clear()

    def _side(self, terms: Terms) -> tuple[int, Option]:
        """The sum of the known terms, and the unknown ones."""
        total, unknown, value = 0, [], self.value
        for wire, k in terms:
            known = value[wire]
            if known is None:
                unknown.append((wire, k))
            else:
                total += k * known
        return total % self.index.modulus, unknown

    def _linear(self, row: int, form: Terms) -> bool:
        if self._left[row] > 1 and self._wild[row]:
            return True
        return self._linear_says(row, *self._side(form))

    def _linear_says(self, row: int, constant: int, unknown: Option) -> bool:
        """Σ unknown + constant = 0."""
        p = self.index.modulus
        if not unknown:
            return constant == 0
        if len(unknown) == 1:
            wire, k = unknown[0]
            return self.assign(wire, -constant * (pow(k, -1, p) if k != 1 else 1) % p, row)
        if self.index.forms[row] is None or self._wild[row]:
            return True
        decoder = self.index.decoder(row)
        if decoder is None:
            return True
        options = decodings(decoder, (wire for wire, _ in unknown), constant, p)
        if len(options) == 1:
            return all(self.assign(wire, bit, row) for wire, bit in options[0])
        if options:
            self._pending.append(row)
        return bool(options)

    def _product(self, row: int) -> bool:
        a, b, c = self.index.sides[row]
        if self._left[row] > 1:
            if self._left_a[row] and self._left_b[row]:
                return True
            zero = self._zero
            if not self._left_a[row] and not zero[row] & IN_A and not self._side(a)[0]:
                zero[row] |= IN_A
            if not self._left_b[row] and not zero[row] & IN_B and not self._side(b)[0]:
                zero[row] |= IN_B
            if not zero[row]:
                return True
            constant, unknown = self._side(c)
            return len(unknown) > 1 or self._linear_says(row, constant, unknown)
        square, linear, constant, wire = self.polynomial(row)
        if square == 0:
            if linear == 0:
                if wire >= 0 and constant == 0:
                    self._pending.append(row)  # 0·wire = 0: this is where the wire comes from, and it may be anything
                return constant == 0
            p = self.index.modulus
            return self.assign(wire, -constant * (pow(linear, -1, p) if linear != 1 else 1) % p, row)
        roots = self.index.roots(square, linear, constant)
        if self.index.is_bit[wire]:
            roots = [root for root in roots if root < 2]
            if len(roots) == 2:
                return True  # nothing new: guessed or decoded when its time comes
        if len(roots) == 2:
            self._pending.append(row)
            return True
        return bool(roots) and self.assign(wire, roots[0], row)

    def polynomial(self, row: int) -> tuple[int, int, int, int]:
        """A·B - C as a polynomial (x², x, 1) in the one unknown wire of the row; that wire, or -1 when none is left."""
        p = self.index.modulus
        (a0, a1), (b0, b1), (c0, c1) = (self._side(terms) for terms in self.index.sides[row])
        wire = next((w for w, _ in (*a1, *b1, *c1)), -1)
        k, m, n = (terms[0][1] if terms else 0 for terms in (a1, b1, c1))
        return k * m % p, (k * b0 + m * a0 - n) % p, (a0 * b0 - c0) % p, wire

    def _choose(self, guide: Guide) -> Frame | None:
        """The next choice, or None when every wire has a value."""
        wire = self._first_wire(guide.first)
        while wire is None and self._pending:
            row = self._pending[-1]
            options = self._options(row, guide) if self._left[row] else []
            if options:
                if guide.prefer is not None:
                    prefer = guide.prefer
                    options.sort(key=lambda option: sum(prefer[wire] != value for wire, value in option))
                return Frame(self.mark(), iter(options), tuple(wire for wire, _ in options[0]))
            self._pending.pop()
        if wire is None:
            wire = self._wire_to_guess()
        if wire is None:
            return None
        options = self._late_decoding(wire) or [[(wire, value)] for value in self._guesses(wire, guide)]
        return Frame(self.mark(), iter(options), (wire,))

    def _options(self, row: int, guide: Guide) -> list[Option]:
        """What a row that waited for a choice allows now."""
        form = self.index.forms[row]
        if form is not None:
            constant, unknown = self._side(form)
            decoder = self.index.decoder(row)
            assert decoder is not None
            return decodings(decoder, (wire for wire, _ in unknown), constant, self.index.modulus)
        square, linear, constant, wire = self.polynomial(row)
        if self._left[row] > 1:
            return []
        if square == linear == constant == 0:
            return [[(wire, value)] for value in self._guesses(wire, guide)]
        return [[(wire, root)] for root in self.index.roots(square, linear, constant)]

    def _late_decoding(self, wire: int) -> list[Option]:
        """A row all of whose bits cannot be decoded together may be once some of them are known."""
        if self.index.is_bit[wire]:
            for row, _ in self.index.touch[wire]:
                form = self.index.forms[row]
                if form is None or self._wild[row] or self.index.decoder(row) is not None:
                    continue
                constant, unknown = self._side(form)
                decoder = find_decoder(dict(unknown), self.index.modulus)
                if decoder is not None:
                    return decodings(decoder, decoder.order, constant, self.index.modulus)
        return []

    def _first_wire(self, first: Sequence[int]) -> int | None:
        place, rows, wires = self._cursors
        while place < len(first) and self.value[first[place]] is not None:
            place += 1
        self._cursors = place, rows, wires
        return first[place] if place < len(first) else None

    def _wire_to_guess(self) -> int | None:
        place, row, wire = self._cursors
        value = self.value
        while row < len(self._left) and not self._left[row]:
            row += 1
        while row == len(self._left) and wire < len(value) and value[wire] is not None:
            wire += 1
        self._cursors = place, row, wire
        if row == len(self._left):
            return wire if wire < len(value) else None
        form = self.index.forms[row]
        sides = self.index.sides[row] if form is None else (form,)
        return next(w for side in sides for w, _ in side if value[w] is None)

    def _guesses(self, wire: int, guide: Guide) -> list[int]:
        p, rng = self.index.modulus, guide.rng
        values = [guide.prefer[wire]] if guide.prefer is not None else []
        if self.index.is_bit[wire]:
            first = rng.randrange(2)
            values += [first, 1 - first]
        elif p < TINY:
            values += rng.sample(range(p), p)
        else:
            values += [rng.randrange(p), 0, 1, 2, p - 1][: guide.guesses]
        return list(dict.fromkeys(values))
