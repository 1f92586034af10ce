"""``python -m zkrelay.audit.replay LOG circuit.r1cs``."""

from __future__ import annotations

import sys

from .checker import main

sys.exit(main(sys.argv[1:]))
