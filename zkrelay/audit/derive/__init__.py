"""Derivations: rules that show wires determined by the inputs, and the engine that runs them."""
