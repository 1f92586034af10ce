"""Counterexamples: assignments that agree on the inputs and differ on a target."""
