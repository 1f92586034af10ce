"""One proved statement for all tests that only look at it, over each curve."""

from __future__ import annotations

import random

import pytest

from zkrelay.curves import CURVES, PairingCurve

from .small_circuits import Statement, prove_statement, random_satisfied


@pytest.fixture(scope="session", params=list(CURVES))
def curve(request: pytest.FixtureRequest) -> PairingCurve:
    return CURVES[request.param]


@pytest.fixture(scope="session")
def statement(curve: PairingCurve) -> Statement:
    """Three public inputs, 20 random rows."""
    return prove_statement(*random_satisfied(random.Random("statement"), 20, 3, 12, field=curve.fr))


@pytest.fixture(scope="session")
def other_statement(curve: PairingCurve) -> Statement:
    """Another circuit of the same shape, under its own key."""
    return prove_statement(*random_satisfied(random.Random("other statement"), 20, 3, 12, field=curve.fr))


@pytest.fixture(scope="session")
def foreign(curve: PairingCurve) -> Statement:
    """A true statement of the same shape over the other curve."""
    (other,) = (known for known in CURVES.values() if known != curve)
    return prove_statement(*random_satisfied(random.Random("foreign"), 20, 3, 12, field=other.fr))
