"""The checker of derivations, apart from everything else in the package: ``python -m zkrelay.audit.replay``."""

from __future__ import annotations

from .checker import Checker, Replayed, replay, replay_lines, replay_steps, statement_of

__all__ = ["Checker", "Replayed", "replay", "replay_lines", "replay_steps", "statement_of"]
