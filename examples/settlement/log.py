"""Log lines as JSON objects, one a line.

A line says when, what route, which status and code, and how long it took.  No body, no query, no header, no address
of a caller, and no path with a number of somebody's note in it: the route's template stands for it.
"""

from __future__ import annotations

import json
import logging
import time
import traceback

LOGGER = logging.getLogger("settlement")
FIELDS = ("request", "method", "route", "status", "code", "ms", "error", "where", "port", "replayed")


class JsonLines(logging.Formatter):
    """Only fields that are named here come into a line, whatever a record carries."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        return json.dumps(line)


def start_logging(level: int = logging.INFO) -> None:
    """To stderr; uvicorn's own lines too, but not its access log, which has addresses and full paths."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    LOGGER.setLevel(level)


def failure_fields(error: BaseException) -> dict[str, str]:
    """Type and place of an unexpected error.  Not its message, which may quote what a caller sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return {"error": type(error).__name__, "where": where}
