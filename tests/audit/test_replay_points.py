"""The rules for points: on the two real curves with honest values, and on a tiny curve with every assignment."""

from __future__ import annotations

from random import Random

import pytest
from point_board import ALL_CURVES, Board, Pair, full_order_point, ladder, montgomery, multiples, on_edwards, start
from tiny import TINY_EDWARDS, points

from zkrelay.audit.replay import Checker, replay_steps, statement_of
from zkrelay.audit.replay.points import CURVES
from zkrelay.curves.embedded import BABY_JUBJUB, EMBEDDED, JUBJUB, EdwardsCurve
from zkrelay.errors import AuditError


@pytest.mark.parametrize("curve", [BABY_JUBJUB, JUBJUB, TINY_EDWARDS], ids=lambda curve: curve.name)
def test_a_ladder_of_honest_values_is_accepted(curve: EdwardsCurve) -> None:
    point = full_order_point(curve)
    board, number, at = start(curve, point)
    (bit, x), facts = ladder(board, number, at)
    board.check([1, 2, bit], (x, len(board.values) - 1))
    for (_, pair), expected, shape in zip(facts, multiples(curve, point), "mmmmmme", strict=True):
        assert on_edwards(board, pair, shape=shape) == expected


def test_the_table_of_curves_is_what_the_lemmas_stand_on() -> None:
    assert CURVES.keys() == {curve.field.modulus for curve in EMBEDDED.values()}
    for curve in (*EMBEDDED.values(), TINY_EDWARDS):
        mine, p = ALL_CURVES[curve.field.modulus], curve.field.modulus
        assert (mine.a % p, mine.d % p, mine.order) == (curve.a % p, curve.d % p, curve.order)
        assert pow(curve.a, p >> 1, p) == 1
        assert pow(curve.d, p >> 1, p) == p - 1
        assert pow(mine.montgomery[1], p >> 1, p) == 1
        point = full_order_point(curve)  # of order 8·l, and no other multiple of that is in Hasse's interval
        assert curve.mul_vartime(8 * curve.order, point) == (0, 1)
        assert all(curve.mul_vartime(8 * curve.order // k, point) != (0, 1) for k in (2, curve.order))
        assert 16 * curve.order > p + 2 * int(p**0.5 * 1.001) + 1
        assert mine.add(point, point) == curve.add_vartime(point, point)


# every assignment of the tiny curve


def solve(board: Board, inputs: dict[int, int]) -> list[list[int]]:
    """All assignments with these inputs: each row in turn must leave values for at most one new wire."""
    p = board.p
    found = [{0: 1, **inputs}]
    for row in board.rows:
        following: list[dict[int, int]] = []
        for x in found:
            new = [w for w in {w for side in row for w in side} if w not in x]
            assert len(new) <= 1
            (a, da), (b, db), (c, dc) = (
                (sum(k * x.get(w, 0) for w, k in side.items()), sum(side.get(w, 0) for w in new)) for side in row
            )
            for value in range(p) if new else [0]:
                if ((a + da * value) * (b + db * value) - c - dc * value) % p == 0:
                    following.append({**x, **dict.fromkeys(new, value)})
        found = following
    return [[x[w] for w in range(len(board.values))] for x in found]


def compare(checker: Checker, board: Board, solutions: list[list[int]], start_at: tuple[int, int]) -> None:
    """The facts of one set of inputs: known wires are unique, and points are the multiples that they are said to be."""
    curve, p = board.curve, board.p
    for x in solutions:
        assert all(x[w] == solutions[0][w] for w in checker.state.known)
        for fact in checker.state.points:
            px, py = (sum(c * x[w] for w, c in form.items()) % p for form in (fact.x, fact.y))
            if fact.shape == "m":
                px, py = board.scale * px * pow(py, -1, p) % p, (px - 1) * pow(px + 1, -1, p) % p
            assert curve.is_on_curve((px, py))
            if fact.base is not None:
                base = curve.mul_vartime(8 if fact.base.exact else 1, start_at)
                of_base = [curve.mul_vartime(m, base) for m in range(fact.low, fact.high + 1)]
                assert (px, py) in of_base or ((-px) % p, py) in of_base


def test_every_assignment_of_a_ladder_on_the_tiny_curve() -> None:
    board, number, at = start(TINY_EDWARDS, full_order_point(TINY_EDWARDS))
    (bit, _), _ = ladder(board, number, at)
    checker = Checker(statement_of(board.rows, len(board.values), [1, 2, bit], [3], board.p), "weak", ALL_CURVES)
    for line in board.lines:
        checker.step(line)
    assert all(w in checker.state.known for fact in checker.state.points for form in (fact.x, fact.y) for w in form)
    reached = 0
    for x, y in points(TINY_EDWARDS):
        for value in (0, 1):
            solutions = solve(board, {1: x, 2: y, bit: value})
            assert len(solutions) <= 1
            compare(checker, board, solutions, (x, y))
            reached += len(solutions)
    assert reached == 2 * 8 * (TINY_EDWARDS.order - 1)  # all but those with [8]P the identity


def test_every_pair_of_points_adds_on_the_tiny_curve() -> None:
    curve = TINY_EDWARDS
    board, first, at = start(curve, full_order_point(curve))
    other = board.wire(0), board.wire(1)
    second = board.on(*other)
    _, (x, y) = board.add(first, second, at, other)
    doubled, _ = board.add(first, first, at, at)
    assert doubled == 3
    board.check([1, 2, *other], (x, y))
    every, random = points(curve), Random(4)
    for p1 in random.sample(every, 12):
        for p2 in random.sample(every, 12):
            (found,) = solve(board, {1: p1[0], 2: p1[1], other[0]: p2[0], other[1]: p2[1]})
            assert (found[x], found[y]) == curve.add_vartime(p1, p2)


def test_twice_a_point_by_the_sum_keeps_its_base() -> None:
    """circom's BabyDbl is BabyAdd of a point and itself; three of them give [8]P."""
    board, number, at = start(BABY_JUBJUB, full_order_point(BABY_JUBJUB))
    for _ in range(3):
        number, at = board.add(number, number, at, at)
    _, pair = board.to_montgomery(number, at)
    board.check([1, 2], pair)
    board, number, at = start(BABY_JUBJUB, full_order_point(BABY_JUBJUB))
    twice = board.add(number, number, at, at)
    number, at = board.add(number, twice[0], at, twice[1])  # [3]P, of which nothing is kept
    _, pair = board.to_montgomery(number, at)
    with pytest.raises(AuditError, match="no base"):
        board.check([1, 2], pair)


# what only looks like a point


def tiny_ladder() -> Board:
    """On a curve of order l = 17, where multiples soon wrap around."""
    board, number, at = start(TINY_EDWARDS, full_order_point(TINY_EDWARDS))
    ladder(board, number, at)
    return board


def spoiled_ladders() -> list[tuple[int, str, str, str]]:
    """(line of ``tiny_ladder``, what to replace in it, by what, why the log is refused)."""
    lines = tiny_ladder().lines
    at = {name: [i for i, line in enumerate(lines) if line.startswith(f"P {name} ")] for name in ("on", "ed", "em")}
    index = {line.split(" ")[1]: i for i, line in reversed([*enumerate(lines)]) if line.startswith("P ")}
    found = [
        (0, lines[0], "P curve 2", "no square root"),
        (0, lines[0], "P curve 1 1", "not a decimal"),
        (0, lines[0], "w 0:1", "no curve was named"),
        (1, lines[1], lines[0], "named before"),
        (at["on"][0], "on 0,3 1,4", "on -", "does not say that"),
        (at["on"][0], " ; 1:1 ; 2:1", " ; 2:1 ; 1:1", "does not say that"),
        (at["on"][0], " ; 1:1 ; 2:1", " ; 1:1 ; 3:1", "does not say that"),
        (at["ed"][0], "ed 0", "ed 1", "no fact 1"),
        (at["ed"][1], "ed 1", "ed 0", "does not say that"),
        (at["ed"][2], lines[at["ed"][2]], "w 0:1", "no fact 3"),
        (at["em"][0], "em 3", "em 2", "not a known multiple of 8"),
        (index["md"], "md 4", "md 3", "shape e"),
        (index["me"], "me ", "me 4", "no fact|shape|does not say"),
        (index["ng"], lines[index["ng"]], lines[index["ng"]] + " 3", "fields"),
        (index["ma"], "ma 5 4", "ma 5 5", "may be equal"),
        (index["ma"], "ma 5 4", "ma 4 4", "may be equal"),
        (index["mx"], "mx 5 4", "mx 4 5", "sign of the sum"),
        (index["mx"], "mx 5 4", "mx 5", "1 fields where 2"),
        (index["ma"], "ma", "mu", "no rule P mu"),
        (index["ng"] - 1, lines[index["ng"] - 1], "w 0:1", "not known to be a bit"),
    ]
    for name in ("on", "ed", "em", "md", "ma", "mx", "ng", "me"):  # each row is looked at
        rows = lines[index[name]].rsplit(" ; ", 1)[1].split(" ")
        for i in range(len(rows)):
            wrong = " ".join("0" if j == i else row for j, row in enumerate(rows))
            found.append((index[name], " ; " + " ".join(rows), " ; " + wrong, "row 0 does not say that"))
    return found


@pytest.mark.parametrize(("line", "old", "new", "reason"), spoiled_ladders())
def test_a_spoiled_ladder_is_refused(line: int, old: str, new: str, reason: str) -> None:
    board = tiny_ladder()
    assert old in board.lines[line]
    board.lines[line] = board.lines[line].replace(old, new)
    with pytest.raises(AuditError, match=reason):
        board.check([1, 2, 37], (3,))


def test_points_that_are_equal_modulo_the_order_are_refused() -> None:
    """Q of order 17: [32]Q and [15]Q are one point; [16]Q and Q are opposite, which no assignment satisfies."""
    curve = TINY_EDWARDS

    def powers() -> tuple[Board, list[tuple[int, Pair]], tuple[int, Pair]]:
        board, number, at = start(curve, full_order_point(curve))
        for _ in range(3):
            number, at = board.double(number, at)
        chain = [board.to_montgomery(number, at)]
        for _ in range(5):
            chain.append(board.montgomery_double(*chain[-1]))  # 2, 4, 8, 16, 32
        total = chain[3]
        for number, at in (chain[2], chain[1], chain[0]):
            total = board.montgomery_add(total[0], number, total[1], at)
        return board, chain, total

    board, chain, fifteen = powers()
    board.check([1, 2], fifteen[1])
    board.to_edwards(*chain[5])
    board.check([1, 2], chain[5][1])
    for adding in ("montgomery_add", "double_and_add"):
        board, chain, fifteen = powers()
        getattr(board, adding)(chain[5][0], fifteen[0], chain[5][1], chain[0][1])  # honest values of another sum
        with pytest.raises(AuditError, match="may be equal"):
            board.check([1, 2], ())


def test_a_sign_is_known_only_where_its_bit_is() -> None:
    board, number, at = start(TINY_EDWARDS, full_order_point(TINY_EDWARDS))
    (bit, _), facts = ladder(board, number, at)
    with pytest.raises(AuditError, match=f"wire {facts[-2][1][1]} was not shown"):
        board.check([1, 2], (facts[-2][1][1],))
    assert len(solve_with_free(board, bit)) == 2


def solve_with_free(board: Board, bit: int) -> list[list[int]]:
    inputs = {1: board.values[1], 2: board.values[2]}
    return [x for value in (0, 1) for x in solve(board, {**inputs, bit: value})]


def test_a_point_with_unknown_coordinates_teaches_nothing() -> None:
    board, number, at = start(TINY_EDWARDS, full_order_point(TINY_EDWARDS))
    _, pair = board.double(number, at)
    with pytest.raises(AuditError, match=f"wire {pair[0]} was not shown"):
        board.check([1], (pair[0],))


def test_a_coordinate_of_two_unknown_wires_teaches_neither() -> None:
    board, number, at = start(TINY_EDWARDS, full_order_point(TINY_EDWARDS))
    _, (x, y) = board.double(number, at)
    other = board.wire(0)
    board.rows = [({x: 1, other: 1} if a == {x: 1} else a, b, c) for a, b, c in board.rows]
    board.lines[-1] = board.lines[-1].replace(f" ; {x}:1 ; ", f" ; {x}:1 {other}:1 ; ")
    board.check([1, 2], (y,))
    board.check([1, 2, other], (x, y))
    for wire in (x, other):
        with pytest.raises(AuditError, match=f"wire {wire} was not shown"):
            board.check([1, 2], (wire,))


def test_points_of_different_bases_are_not_compared() -> None:
    curve = BABY_JUBJUB
    board = table(curve, "m", [1, 2, -3, 4])
    pair = len(board.values) - 2, len(board.values) - 1
    h = curve.mul_vartime(7, curve.generator)
    u, v = montgomery(curve, curve.mul_vartime(9, h))
    other = board.point(f"lk m {h[0]} {h[1]}", f"0:{u}", f"0:{v}", "-", "-", "9")
    us, vs = board.define({0: 1}, {0: 1}, {0: u - 1})[0], board.define({0: 1}, {0: 1}, {0: v - 1})[0]
    board.montgomery_add(0, other, pair, (us, vs))
    with pytest.raises(AuditError, match="no common base"):
        board.check([1, 2], ())


def test_no_curve_is_known_over_another_field() -> None:
    with pytest.raises(AuditError, match="no curve is known"):
        replay_steps(statement_of([], 2, [1], [], 13), "weak", ["P curve 1", "end"])


# tables


def table(curve: EdwardsCurve, shape: str, ms: list[int]) -> Board:
    """A board whose wires X, Y (the last ones) are the table's entry that the bits 1 and 2 select."""
    board = Board(curve)
    board.begin()
    bits = [board.bit(1), board.bit(0)]
    h = curve.generator
    both, row = board.define({bits[0]: 1}, {bits[1]: 1}, {})
    entries = []
    for m in ms:
        x, y = curve.mul_vartime(m % curve.order, h)
        if shape == "m" and m % curve.order:
            x, y = montgomery(curve, (x, y))
        entries.append((x, y))
    pair = []
    for axis in (0, 1):
        e = [entry[axis] for entry in entries]
        form = {0: e[0], bits[0]: e[1] - e[0], bits[1]: e[2] - e[0], both: e[0] - e[1] - e[2] + e[3]}
        pair.append(board.define({0: 1}, {0: 0}, form)[0])
    for wire, defined in zip(pair, (len(board.rows) - 2, len(board.rows) - 1), strict=True):
        board.lines.append(f"s {defined} {wire}")
    subs = f"{len(board.rows) - 2},{pair[0]} {len(board.rows) - 1},{pair[1]} {row},{both}"
    board.lines.insert(len(board.lines) - 2, f"s {row} {both}")
    forms = [f"{wire}:1" for wire in pair]
    board.point(f"lk {shape} {h[0]} {h[1]}", *forms, f"{bits[0]} {bits[1]}", subs, " ".join(map(str, ms)))
    return board


@pytest.mark.parametrize("curve", [BABY_JUBJUB, JUBJUB], ids=lambda curve: curve.name)
def test_a_table_of_multiples_feeds_the_montgomery_rules(curve: EdwardsCurve) -> None:
    for shape, ms in (("e", [0, 1, -5, 1 << 200]), ("m", [1, 2, -3, 4])):
        board = table(curve, shape, ms)
        pair = len(board.values) - 2, len(board.values) - 1
        board.check([1, 2], pair)
    doubled = board.montgomery_double(0, pair)
    board.to_edwards(*doubled)
    board.check([1, 2], (len(board.values) - 2, len(board.values) - 1))


def spoiled_tables() -> list[tuple[str, str]]:
    """What the last line of a good table's log may not be, and why."""
    good = table(BABY_JUBJUB, "m", [1, 2, -3, 4]).lines[-1]
    x, y = BABY_JUBJUB.generator
    whole = full_order_point(BABY_JUBJUB)
    return [
        (good[:-1] + "5", "pattern 3 is not"),
        (good.replace("-3", "3"), "pattern 2 is not"),
        (good[:-2], "3 fields where 4"),
        (good.replace("lk m", "lk e"), "pattern 0 is not"),
        (good.replace("lk m", "lk x"), "e or m"),
        (good[:-1] + "0", "identity is not on"),
        (good.replace(f"{x} {y}", "0 1"), "is the identity"),
        (good.replace(f"{x} {y}", f"{x} {x}"), "not on the curve"),
        (good.replace(f"{x} {y}", f"{whole[0]} {whole[1]}"), "not of order l"),
        (good.replace(" ; 1 2 ; ", " ; 1 1 ; "), "named twice"),
        (good.replace(" ; 1 2 ; ", " ; 1 3 ; "), "not known to be a bit"),
        (good.replace(" ; 1 2 ; ", " ; 2 1 ; "), "is not"),
        (good.replace(" ; 1 2 ; ", " ; 1 ; ").replace("1 2 -3 4", "1 2"), "not one of its bits"),
        (good[: good.rindex(" ; 3,4")] + " ; - ; 1 2 -3 4", "not one of its bits"),
    ]


def test_a_table_that_is_not_one_is_refused() -> None:
    for line, reason in spoiled_tables():
        board = table(BABY_JUBJUB, "m", [1, 2, -3, 4])
        with pytest.raises(AuditError, match=reason):
            board.check([1, 2], (3,), [*board.lines[:-1], line])


def test_a_table_without_bits_is_a_constant() -> None:
    board = Board(BABY_JUBJUB)
    board.begin()
    x, y = BABY_JUBJUB.mul_vartime(3, BABY_JUBJUB.generator)
    h = BABY_JUBJUB.generator
    board.point(f"lk e {h[0]} {h[1]}", f"0:{x}", f"0:{y}", "-", "-", "3")
    board.check([], ())
