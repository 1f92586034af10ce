"""Random circuits: the compiled rows and the integer engine accept and refuse the same inputs."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from zkrelay.curves import PrimeField, bn254
from zkrelay.errors import UnsatisfiedConstraint
from zkrelay.r1cs import Circuit, ConstraintApi, compile_circuit, private_array, public, run

NUM_INPUTS = 3
TINY = PrimeField("prime_101", 101)

steps = st.lists(
    st.tuples(st.sampled_from(["add", "sub", "mul", "scale", "inverse"]), st.integers(0, 9), st.integers(0, 9)),
    min_size=1,
    max_size=12,
)


class RandomCircuit(Circuit):
    """A straight line of operations over three inputs; the last value is the public output."""

    out = public()
    x = private_array((NUM_INPUTS,))

    def __init__(self, program: list[tuple[str, int, int]]) -> None:
        self.program = program

    def define(self, cs: ConstraintApi) -> None:
        stack = list(self.x)
        for x in self.x:
            cs.mul(x, x)
        for op, i, j in self.program:
            a, b = stack[i % len(stack)], stack[j % len(stack)]
            if op == "add":
                stack.append(a + b)
            elif op == "sub":
                stack.append(a - 2 * b + 1)
            elif op == "mul":
                stack.append(a * b)
            elif op == "scale":
                stack.append((j + 2) * a - i)
            else:
                inverse = cs.witness(cs.value_of(a).inverse())
                cs.assert_product(a, 1 - a * inverse, cs.constant(0))
                stack.append(inverse)
        cs.assert_equal(stack[-1], self.out)


def evaluate(program: list[tuple[str, int, int]], xs: list[int], p: int) -> int:
    """The third, independent reading of the same program."""
    stack = list(xs)
    for op, i, j in program:
        a, b = stack[i % len(stack)], stack[j % len(stack)]
        stack.append(
            {
                "add": lambda a=a, b=b: a + b,
                "sub": lambda a=a, b=b: a - 2 * b + 1,
                "mul": lambda a=a, b=b: a * b,
                "scale": lambda a=a, i=i, j=j: (j + 2) * a - i,
                "inverse": lambda a=a: pow(a, -1, p) if a % p else 0,
            }[op]()
            % p
        )
    return stack[-1] % p


def accepted(action) -> bool:  # type: ignore[no-untyped-def]
    try:
        action()
    except UnsatisfiedConstraint:
        return False
    return True


@given(steps, st.lists(st.integers(0, 100), min_size=NUM_INPUTS, max_size=NUM_INPUTS), st.integers(1, 100))
@settings(max_examples=60, deadline=None)
def test_both_engines_agree_and_refuse_every_other_output(program, xs, error) -> None:  # type: ignore[no-untyped-def]
    for field in (bn254.FR, TINY):
        p = field.modulus
        compiled, circuit = compile_circuit(RandomCircuit(program), field), RandomCircuit(program)
        right = evaluate(program, xs, p)
        for out, expected in ((right, True), ((right + error) % p, error % p == 0)):
            inputs = {"x": xs, "out": out}
            assert accepted(lambda c=compiled, i=inputs: c.assign(i)) is expected
            assert accepted(lambda c=circuit, i=inputs, f=field: run(c, i, f)) is expected
