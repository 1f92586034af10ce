"""The auditor: does a circuit determine its outputs?"""

from __future__ import annotations

from .api import audit
from .assertion import assert_determined

__all__ = ["assert_determined", "audit"]
