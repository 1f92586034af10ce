"""One proved statement for all tests that only look at it."""

from __future__ import annotations

import random

import pytest

from .small_circuits import Statement, prove_statement, random_satisfied


@pytest.fixture(scope="session")
def statement() -> Statement:
    """Three public inputs, 20 random rows."""
    return prove_statement(*random_satisfied(random.Random("statement"), 20, 3, 12))


@pytest.fixture(scope="session")
def other_statement() -> Statement:
    """Another circuit of the same shape, under its own key."""
    return prove_statement(*random_satisfied(random.Random("other statement"), 20, 3, 12))
