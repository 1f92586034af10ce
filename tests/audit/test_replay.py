"""The elementary rules of a derivation: each accepts an instance of its lemma and refuses what only looks like one.

The systems are small and over the real prime of BN254 unless the point is a small one.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from zkrelay.audit.replay import Checker, Replayed, replay_lines, replay_steps, statement_of
from zkrelay.audit.replay.reader import Row, Statement
from zkrelay.curves.bn254 import FR
from zkrelay.errors import AuditError

P = FR.modulus
HALF = (P + 1) // 2


def system(
    rows: list[Row], inputs: Iterable[int], outputs: Iterable[int] = (), p: int = P, wires: int = 0
) -> Statement:
    """As many wires as the rows name, if not told otherwise."""
    named = {0, *inputs, *outputs}.union(*(side for row in rows for side in row))
    return statement_of(rows, wires or max(named) + 1, inputs, outputs, p)


def run(statement: Statement, *lines: str, claim: str = "weak") -> Replayed:
    return replay_steps(statement, claim, [*lines, "end"])


def bit(wire: int) -> Row:
    return {wire: 1}, {wire: 1, 0: -1}, {}


def linear(form: dict[int, int]) -> Row:
    """FORM = 0."""
    return {0: 1}, form, {}


def sum_of_bits(wires: list[int], total: int, step: int = 1) -> list[Row]:
    """Bits and Σ 2^i·w_i = total."""
    return [*map(bit, wires), linear({total: -step, **{w: step << i for i, w in enumerate(wires)}})]


def ranges(wires: Iterable[int]) -> list[str]:
    """Steps that show the bits of rows 0, 1, ... to be bits."""
    return [f"r {row} {wire} 0 1" for row, wire in enumerate(wires)]


BITS3 = system(sum_of_bits([2, 3, 4], 1), [1], [2, 3, 4])
WIDE = 254  # 2^254 > p: x and x + p both have digits
BITS254 = system(sum_of_bits(list(range(2, WIDE + 2)), 1), [1], [2])
# x·inverse = 1 - zero, x·zero = 0: is x zero?
IS_ZERO = system([({1: 1}, {2: 1}, {0: 1, 3: -1}), ({1: 1}, {3: 1}, {})], [1], [3])
# the output is 3 where x = 0, and 1/x elsewhere
BRANCHES = system([({1: 1}, {2: 1}, {1: 1, 3: 1}), ({1: 1, 0: 5}, {4: 1}, {0: 10}), ({1: 1}, {5: 1}, {})], [1], [4])
QUOTIENT = system([({1: 1}, {1: 1}, {2: 1}), ({2: 1, 0: -5}, {3: 1}, {4: 1})], [1, 4], [3])  # 5 is no square
THREE_CASES = [*sum_of_bits([2, 3], 1), ({2: 1}, {3: 1}, {})]  # not both: V <= 2

ACCEPTED = {
    "s, in C": (system([({1: 2}, {2: 1}, {3: 1})], [1, 2], [3]), ["s 0 3"]),
    "s, in A": (system([({3: 2}, {0: 4}, {1: 1, 3: 1})], [1], [3]), ["s 0 3"]),
    "s, in B, and no A": (system([({}, {3: 2}, {1: 1, 3: 1})], [1], [3]), ["s 0 3"]),
    "w": (system([linear({1: 1, 2: -1})], [1], [2]), ["w 2:1 1:3", "s 0 2", "s 1 3"]),
    "w, of what is known": (
        system([linear({1: 1, 2: -1})], [1], [2]),
        ["w 1:3 0:1", "c 3:1", "s 0 2", "e", "s 0 2", "f"],
    ),
    "+": (system([linear({1: 1, 2: 1, 3: 1}), linear({2: 1, 3: 1, 4: 5})], [1], [4]), ["+ 0:1 1:-1", "s 2 4"]),
    "r": (BITS3, [*ranges([2, 3, 4]), "g 3 1 2 3 4"]),
    "r, roots apart": (system([({1: 2, 0: -6}, {1: 3, 0: 15}, {})], [1]), ["r 0 1 3 -5"]),
    "i": (system([bit(1), linear({1: 3, 2: -1, 0: 4})], [1], []), ["r 0 1 0 1", "i 1 2"]),
    "p": (system([bit(1), bit(2), ({1: 1, 0: -1}, {2: 2}, {3: -1, 1: 1})], [1]), [*ranges([1, 2]), "p 2 3"]),
    "z": (system([bit(1), ({2: 1, 1: -1}, {2: 2, 0: -6}, {})], [1]), ["r 0 1 0 1", "z 1 2"]),
    "g, scaled": (system(sum_of_bits([2, 3, 4], 1, HALF), [1], [2, 3, 4]), [*ranges([2, 3, 4]), "g 3 2 2 3 4"]),
    "g, other signs": (system([bit(2), bit(3), linear({1: 1, 2: 1, 3: -2})], [1], [2]), [*ranges([2, 3]), "g 2 1 2 3"]),
    "h, below p": (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], [2], p=13),  # V <= 11
        [*ranges([2, 3, 4, 5]), "b 0 11 2 3 4 5 ; x 5", "h 4 1 0 0 2 3 4 5"],
    ),
    "h, the bound above other bits": (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], [2], p=13),
        [*ranges([2, 3, 4, 5]), "b 0 2 4 5 ; x 5", "h 4 1 0 2 2 3 4 5"],
    ),
    "b, from below": (system([bit(1), bit(2), linear({1: 1, 2: 1, 0: -1})], [1]), [*ranges([1, 2]), "b 1 3 1 2 ; x 2"]),
    "b, v": (
        system([*THREE_CASES[:3], ({2: 1}, {3: 1}, {4: 1}), linear({4: 2})], [1]),
        [*ranges([2, 3]), "b 0 2 2 3 ; v 3 4 ; x 4"],
    ),
    "b, t": (system(sum_of_bits([2, 3], 0), []), [*ranges([2, 3]), "b 0 1 2 3 ; t 2 2 3"]),
    "is zero": (IS_ZERO, ["c 1:1", "0 0 a", "s 3 3", "e", "n 1 3", "f"]),
    "0, up to a constant": (
        BRANCHES,
        ["c 1:2", "0 1 a", "s 4 4", "e", "c 1:1 0:5", "0 1 a", "k 6", "e", "n 1 4", "f", "f"],
    ),
    "m": (
        BRANCHES,
        ["c 1:3", "0 1 a", "s 4 4", "e", "m 2", "s 5 5", "c 1:1 0:5", "0 1 a", "k 7", "e", "n 1 4", "f", "f"],
    ),
    "k in both branches: nothing is left": (
        system([linear({1: 1, 2: 0, 0: 3}), linear({1: 1, 0: 4})], [1], [2], wires=3),
        ["c 1:1", "+ 0:1 1:-1", "k 3", "e", "+ 0:1 1:-1", "k 4", "f"],
    ),
    "k in one branch": (
        system([({1: 1}, {2: 1}, {0: 5})], [1], [2]), ["c 1:1", "0 0 a", "k 2", "e", "n 0 2", "f"]
    ),
    "q": (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1:1 ; -5 1"]),
    "q, a gcd": (system([({1: 1, 0: 4}, {2: 1}, {1: 1})], [1], [2]), ["q 0 2 ; - ; 0:1 ; 0:0 ; 4 0"]),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_each_rule_accepts_an_instance_of_its_lemma(name: str) -> None:
    statement, lines = ACCEPTED[name]
    done = run(statement, *lines)
    assert sum(done.fired.values()) == len(lines)
    assert done.targets == len(statement.outputs)


@pytest.mark.parametrize(
    ("name", "wire", "expected"),
    [
        ("r, roots apart", 1, (-5, 3)),
        ("i", 2, (4, 7)),
        ("p", 3, (0, 3)),  # -((w1 - 1)·2·w2 - w1): [-2, 0] minus [0, 1], turned around
        ("z", 2, (0, 3)),
    ],
)
def test_a_range_is_what_the_lemma_gives(name: str, wire: int, expected: tuple[int, int]) -> None:
    statement, lines = ACCEPTED[name]
    checker = Checker(statement, "weak")
    for line in lines:
        checker.step(line)
    assert checker.state.ranges[wire] == expected


def test_a_range_only_shrinks() -> None:
    """1 and 1 - p are the same value, and other integers."""
    checker = Checker(system([bit(2), ({2: 1}, {2: 1, 0: -3}, {})], [1]), "weak")
    shown = []
    for line in ("r 1 2 0 3", "r 0 2 0 1", f"r 0 2 0 {1 - P}", "r 1 2 0 3"):
        checker.step(line)
        shown.append(checker.state.ranges[2])
    assert shown == [(0, 3), (0, 1), (0, 1), (0, 1)]


REFUSED = [
    # s
    (system([({1: 1}, {2: 1}, {3: 1})], [1]), ["s 0 3"], "wire 2 is not known either"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0 2"], "wire 3 is not known either"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2, 3]), ["s 0 3"], "known already"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 3]), ["s 0 2"], "not constant"),
    (system([({2: 1}, {1: 1}, {3: 1})], [1, 3]), ["s 0 2"], "not constant"),
    (system([({2: 1}, {2: 1}, {1: 1})], [1]), ["s 0 2"], "not constant"),
    (system([({0: 1}, {2: 1}, {2: 1, 1: 1})], [1]), ["s 0 2"], "is zero"),
    (system([({1: 1}, {0: 1}, {1: 1})], [1], wires=3), ["s 0 2"], "is zero"),  # the wire is not in the row
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 1 3"], "no row 1"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s -1 3"], "no row -1"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0 4"], "no wire 4"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0 -3"], "no wire -3"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0 0"], "no wire 0"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0"], "1 fields where 2"),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 2]), ["s 0 3 3"], "3 fields where 2"),
    # w, +
    (BITS3, ["w"], "no wire|decimal"),
    (BITS3, ["w 9:1"], "no wire 9"),
    (BITS3, ["w 1:1 1:2"], "named twice"),
    (BITS3, ["w 1"], "not a decimal"),
    (BITS3, ["+ 0:1"], "not linear"),
    (BITS3, ["+ 7:1"], "no row 7"),
    (BITS3, ["+ 3:x"], "not a decimal"),
    (system([linear({1: 1, 2: 1}), linear({2: 1, 3: 1})], [1], [3]), ["+ 0:1 1:1", "s 2 3"], "wire 2 is not known"),
    # ranges
    (BITS3, ["r 0 2 0 2"], "not the roots"),
    (BITS3, ["r 0 2 1 1"], "not the roots"),
    (BITS3, ["r 0 2 -1 2"], "not the roots"),  # their sum, not their product
    (BITS3, ["r 0 3 0 1"], "other wires"),
    (BITS3, ["r 3 2 0 1"], "other wires"),
    (system([linear({1: 1, 0: -1})], [1]), ["r 0 1 0 1"], "no square"),
    (system([({1: 1}, {1: 1, 0: -1}, {2: 1})], [1]), ["r 0 1 0 1"], "other wires"),
    (BITS3, [f"r 0 2 0 {1 + P}"], "as wide as the field"),
    (BITS3, [f"r 0 2 {P**3} {P**3 + 1}"], "out of bounds"),
    (BITS3, ["i 3 2"], "no range"),
    (BITS3, ["i 0 2"], "not linear"),
    (BITS3, [*ranges([2, 3, 4]), "i 3 5"], "no wire 5"),
    (system([bit(1), linear({1: 1})], [1], wires=3), ["r 0 1 0 1", "i 1 2"], "not in the form"),
    (system([bit(1), linear({1: HALF, 2: 1}), linear({2: 3, 3: 1})], [1]), ["r 0 1 0 1", "i 1 2", "i 2 3"], "as wide"),
    (system([bit(1), ({1: 1}, {1: 2}, {3: 2})], [1]), ["r 0 1 0 1", "p 1 3"], "coefficient 1 or -1"),
    (system([bit(1), ({1: 1}, {3: 2}, {3: 1})], [1]), ["r 0 1 0 1", "p 1 3"], "in C only"),
    (system([bit(1), ({1: 1}, {2: 2}, {3: 1})], [1]), ["r 0 1 0 1", "p 1 3"], "wire 2 has no range"),
    (system([bit(1), ({1: HALF}, {1: 4}, {3: 1})], [1]), ["r 0 1 0 1", "p 1 3"], "as wide"),
    (system([bit(1), ({2: 1, 1: -1}, {2: 2, 0: -6}, {3: 1})], [1]), ["r 0 1 0 1", "z 1 2"], "no product"),
    (system([bit(1), ({2: 1, 1: -1}, {1: 2, 0: -6}, {})], [1]), ["r 0 1 0 1", "z 1 2"], "no product"),
    (system([({2: 1, 1: -1}, {2: 2, 0: -6}, {})], [1]), ["z 0 2"], "wire 1 has no range"),
    # digits
    (BITS3, [*ranges([2, 3]), "g 3 1 2 3 4"], "no range"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 1 2 3"], "not the row's unknown wires"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 1 2 3 4 1"], "not the row's unknown wires"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 1 2 3 3"], "named twice"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 1 3 2 4"], "can outweigh"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 0 2 3 4"], "scale is zero"),
    (BITS3, [*ranges([2, 3, 4]), f"g 3 {P} 2 3 4"], "scale is zero"),
    (BITS3, [*ranges([2, 3, 4]), "g 3 1"], "2 fields"),
    (BITS3, [*ranges([2, 3, 4]), "g 0 1 2"], "not linear"),
    (system([bit(2), bit(3), linear({1: 1, 2: 1, 3: 1})], [1]), [*ranges([2, 3]), "g 2 1 2 3"], "can outweigh"),
    (BITS254, [*ranges(range(2, WIDE + 2)), " ".join(map(str, ["g", WIDE, 1, *range(2, WIDE + 2)]))], "outweigh"),
    (system(sum_of_bits([2, 3, 4, 5], 1), [1], p=13), [*ranges([2, 3, 4, 5]), "g 4 1 2 3 4 5"], "outweigh|reaches"),
    (system([({2: 1}, {2: 1, 0: -3}, {}), linear({1: 1, 2: 5})], [1], p=13), ["r 0 2 0 3", "g 1 1 2"], "reaches"),
    # bounds
    (BITS3, ["b 0 3 2 3"], "not known to be a bit"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3"], "not contradicted"),
    (BITS3, [*ranges([2, 3]), "b 1 3 2 3"], "not contradicted"),
    (BITS3, [*ranges([2, 3]), "b 0 4 2 3"], "no bounds"),
    (BITS3, [*ranges([2, 3]), "b -1 3 2 3"], "no bounds"),
    (BITS3, [*ranges([2, 3]), "b 3 2 2 3"], "no bounds"),
    (BITS3, [*ranges([2, 3]), "b 0 3 2 2"], "named twice"),
    (BITS3, [*ranges([2, 3]), "b 0 3"], "2 fields"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; y 0"], "no operation 'y 0'"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; x"], "0 fields"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; x 3"], "no set of values"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; t 0 2 3"], "not linear"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; t 3 300 3"], "out of range"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; t 3 2 3"], "no set of values"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; t 3 2 1"], "no bit of the row"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; v 3 3"], "no set of values"),
    (BITS3, [*ranges([2, 3]), "b 0 2 2 3 ; v 0 3"], "does not say|not linear"),
    (system(THREE_CASES, [1]), [*ranges([2, 3]), "b 0 1 2 3 ; x 3"], "not contradicted"),
    (system(sum_of_bits([2, 3, 4, 5], 0), [], p=13), [*ranges([2, 3, 4, 5]), "b 0 7 2 3 4 5 ; t 4 4 5"], "wrap around"),
    (
        system([*map(bit, range(2, 10)), linear(dict.fromkeys(range(2, 10), 1))], [1]),
        [*ranges(range(2, 10)), "b 0 0 2 ; x 8"],
        "more than 64",
    ),
    # digits under a bound: V <= 12 is all of p = 13
    (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], p=11),
        [*ranges([2, 3, 4, 5]), "b 0 11 2 3 4 5 ; x 5", "h 4 1 0 0 2 3 4 5"],
        "bounded total reaches",
    ),
    (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], p=13),
        [*ranges([2, 3, 4, 5]), "b 0 11 2 3 4 5 ; x 5", "h 4 1 0 1 2 3 4 5"],
        "at its place",
    ),
    (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], p=13),
        [*ranges([2, 3, 4, 5]), "b 0 11 2 3 4 5 ; x 5", "h 4 2 0 0 2 3 4 5"],
        "at its place",
    ),
    (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], p=13),
        [*ranges([2, 3, 4, 5]), "b 0 2 4 5 ; x 5", "h 4 1 0 2 3 2 4 5"],
        "outweigh",
    ),
    (
        system([*sum_of_bits([2, 3, 4, 5], 1), ({4: 1}, {5: 1}, {})], [1], p=13),
        [*ranges([2, 3, 4, 5]), "b 0 2 4 5 ; x 5", "h 4 1 1 2 2 3 4 5"],
        "no fact 1",
    ),
    (
        system([bit(2), bit(3), bit(4), linear({1: 1, 2: 1, 3: 1, 4: 2})], [1]),
        [*ranges([2, 3, 4]), "b 0 1 4", "h 3 1 0 1 2 3 4"],
        "reach it",
    ),
    (
        system([bit(2), bit(3), bit(4), linear({1: 1, 3: 1, 4: 2})], [1]),  # wire 2: in the bound, not in the row
        [*ranges([2, 3, 4]), "b 0 7 3 4 2", "h 3 1 0 0 3 4"],
        "bit of the bound is missing",
    ),
    (
        system([({2: 1}, {2: 1, 0: -2}, {}), bit(3), linear({1: 1, 2: 1, 3: 4})], [1]),
        ["r 0 2 0 2", "r 1 3 0 1", "b 0 1 3", "h 2 1 0 2 2 3"],
        "no bit with a positive",
    ),
    # cases
    (IS_ZERO, ["c 3:1"], "form is not known"),
    (IS_ZERO, ["c 1:1", "0 1 b"], "no multiple"),
    (IS_ZERO, ["c 1:1", "0 0 c"], "a or b"),
    (IS_ZERO, ["0 0 a"], "no multiple"),
    (IS_ZERO, ["c 1:1", "e", "0 0 a"], "no multiple"),
    (IS_ZERO, ["c 1:1", "n 1 3"], "not known to be nonzero"),
    (IS_ZERO, ["c 1:1 0:1", "e", "n 1 3"], "not known to be nonzero"),
    (IS_ZERO, ["c 1:1", "e", "n 0 2"], "another wire"),
    (IS_ZERO, ["c 1:1", "e", "n 1 1"], "another wire|not known to be nonzero"),
    (system([({1: 1}, {2: 1}, {2: 1})], [1]), ["c 1:1", "e", "n 0 2"], "the wire is in C"),
    (system([({}, {2: 1}, {})], [1]), ["c 1:1", "k 0"], "no contradiction"),
    (IS_ZERO, ["c 1:1", "e", "m 0"], "C is not zero"),
    (IS_ZERO, ["c 1:1", "m 1"], "no side"),
    (IS_ZERO, ["k 0"], "not linear"),
    (IS_ZERO, ["c 1:1", "k 2"], "no contradiction"),
    (system([linear({0: 1})], [], wires=2), ["k 0"], "no branch is open"),
    (IS_ZERO, ["e"], "no first branch"),
    (IS_ZERO, ["f"], "no second branch"),
    (IS_ZERO, ["c 1:1", "f"], "no second branch"),
    (IS_ZERO, ["c 1:1", "e", "e"], "no first branch"),
    (IS_ZERO, ["c 1:1", "e 1"], "no fields"),
    (IS_ZERO, ["c 1:1", "0 0 a", "s 3 3", "e", "n 1 3"], "a branch is open"),
    (IS_ZERO, ["c 1:1", "0 0 a", "s 3 3", "e", "f"], "wire 3 was not shown"),  # known in one branch only
    (IS_ZERO, ["c 1:1", "e", "n 1 3", "f"], "wire 3 was not shown"),
    (IS_ZERO, ["c 1:1", "0 0 a", "e", "s 3 3"], "branch that is closed"),
    (IS_ZERO, ["c 1:1", "0 0 a", "e", "f", "s 3 3"], "branch that is closed"),
    (IS_ZERO, ["c 1:1", "w 1:2", "e", "w 4:1"], "no wire 4"),
    (IS_ZERO, ["c 1:1", "0 0 a", "s 3 3", "e", "n 1 3", "f", "s 2 1"], "branch that is closed"),
    (BITS3, ["c 1:1", "r 0 2 0 1", "e", "f", "b 0 1 2"], "not known to be a bit"),  # ranges are forgotten
    (BITS3, ["r 0 2 0 1", "c 1:1", "b 0 1 2", "e", "f", "r 1 3 0 1", "r 2 4 0 1", "h 3 1 0 0 2 3 4"], "no fact 0"),
    (BRANCHES, ["c 1:2", "0 1 a", "s 4 4", "e", "n 1 4"], "not known to be nonzero"),
    # divisions
    (QUOTIENT, ["q 1 3 ; 0,2 ; 0:0 ; 1:1 ; -5 1"], "only unknown"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; - ; 0:0 ; 1:1 ; -5 1"], "not an identity"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1:1 ; -4 1"], "not an identity"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1:1 ; 5 -1"], "not an identity"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,1 ; 0:0 ; 1:1 ; -5 1"], "does not say|not linear"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0 ; 0:0 ; 1:1 ; -5 1"], "1 fields where 2"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1:1 ; -5"], "1 fields where 2"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; -5 1"], "4 fields where 5"),
    (QUOTIENT, ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1.9:1 ; -5 1"], "no wire 9"),
    (QUOTIENT, ["s 0 2", f"q 1 3 ; 0,2 ; 0:0 ; {'1.' * 16}1:1 ; -5 1"], "degree"),
    (
        system([({1: 1}, {1: 1}, {2: 1}), ({2: 1, 0: -4}, {3: 1}, {4: 1})], [1, 4], [3]),  # 4 is a square
        ["s 0 2", "q 1 3 ; 0,2 ; 0:0 ; 1:1 ; -4 1"],
        "is a square",
    ),
    (system([({1: 1}, {2: 1}, {3: 1})], [1, 3], [2]), ["q 0 2 ; - ; 0:0 ; 1:1 ; 0 0"], "not an identity"),
    (system([({1: 1}, {2: 1}, {})], [1], [2]), ["q 0 2 ; - ; 0:0 ; 0:0 ; 0 0"], "not an identity"),
    (system([({}, {2: 1}, {})], [1], [2]), ["q 0 2 ; - ; 0:0 ; 0:0 ; 0 0"], "may vanish"),
    (system([({2: 1}, {2: 1}, {1: 1})], [1], [2]), ["q 0 2 ; - ; 0:0 ; 0:0 ; 1 0"], "not linear in the wire"),
    # anything else
    (BITS3, ["y 1"], "no such step"),
    (BITS3, [""], "no such step"),
    (BITS3, ["s  0 2"], "fields"),
    (BITS3, ["s 0 2 "], "fields"),
    (BITS3, ["s +0 2"], "not a decimal"),
    (BITS3, ["s 00 2"], "not a decimal"),
    (BITS3, ["s 1_0 2"], "not a decimal"),
    (BITS3, ["s 0\t2"], "fields"),
    (BITS3, ["r 0 2 0 " + "9" * 5000], "not a decimal"),
    (BITS3, ["h 3 1 0 9999999999 2 3 4"], "no range|no fact"),
    (BITS3, [], "wire 2 was not shown|wire 3|wire 4"),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "lines", "reason"), REFUSED, ids=[str(i) for i in range(len(REFUSED))])
def test_what_only_looks_like_a_lemma_is_refused(statement: Statement, lines: list[str], reason: str) -> None:
    """The last line is the one that is refused, or the end is."""
    with pytest.raises(AuditError, match=rf"^line \d+: step .*({reason})") as refusal:
        run(statement, *lines)
    at = int(str(refusal.value).split(":")[0][5:])
    assert at >= len(lines)


def test_a_refused_step_changes_nothing() -> None:
    for statement, lines, _ in REFUSED:
        checker = Checker(statement, "weak")
        for line in lines:
            state = checker.state
            before = (set(state.known), dict(state.ranges), len(state.rows), len(state.bounds), len(state.branches))
            try:
                checker.step(line)
            except AuditError:
                assert before == (state.known, state.ranges, len(state.rows), len(state.bounds), len(state.branches))


def test_a_strong_claim_asks_for_every_signal() -> None:
    statement = system([({1: 1}, {2: 1}, {3: 1}), linear({3: 1, 4: 1})], [1, 2], [3])
    with pytest.raises(AuditError, match="wire 4 was not shown"):
        run(statement, "s 0 3", claim="strong")
    assert run(statement, "s 0 3", "s 1 4", claim="strong").targets == 4
    with pytest.raises(AuditError, match="no claim is called 'both'"):
        run(statement, "s 0 3", claim="both")


def test_header_and_end() -> None:
    statement = system([({1: 1}, {2: 1}, {3: 1})], [1, 2], [3])
    good = [f"prime {P}", "shape 4 1", "claim weak", "s 0 3", "end"]
    assert replay_lines(statement, good).fired == {"s": 1}
    spoiled = {
        "prime": ["prime 13", *good[1:]],
        "circuit has 'shape": [good[0], "shape 4 2", *good[2:]],
        "claim called|no claim": [*good[:2], "claim none", *good[3:]],
        "circuit has 'claim": [*good[:2], "proof weak", *good[3:]],
        "has no end": good[:-1],
        "circuit has": [],
        "follows the end": [*good, ""],
        "is called": [*good[:2], "claim ", *good[3:]],
    }
    for reason, lines in spoiled.items():
        with pytest.raises(AuditError, match=reason):
            replay_lines(statement, lines)


def test_rows_in_memory_are_made_canonical_and_must_fit() -> None:
    statement = statement_of([({1: P + 2, 2: P}, {0: -1}, {3: 0})], 4, [1], [3], P)
    assert statement.rows == [({1: 2}, {0: P - 1}, {})]
    for rows, wires, inputs in (([({9: 1}, {}, {})], 4, [1]), ([], 1, [1]), ([({-1: 1}, {}, {})], 4, [1])):
        with pytest.raises(AuditError, match="does not exist"):
            statement_of(rows, wires, inputs, [], P)
