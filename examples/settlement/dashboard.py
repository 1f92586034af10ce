"""The page for people: one file, which loads nothing but this service's own answers.

Its policy names its style and its script by their hashes: whatever else gets into the page is neither styled nor run.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

PAGE = Path(__file__).with_name("dashboard.html").read_text(encoding="utf-8")


def _hashes(tag: str) -> str:
    """The sources that may be in ``<tag>`` elements of the page."""
    found = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in found)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


POLICY = (
    f"default-src 'none'; script-src {_hashes('script')}; style-src {_hashes('style')}; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
