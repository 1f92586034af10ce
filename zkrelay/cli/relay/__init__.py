"""The commands of the relay protocol, one verb a file: key, note, receipt, claim, batch, nullifier, slash, ledger.

They speak to each other through files and pipes of records, one JSON object a line (``zkrelay.relay.record``), so that
a session's whole life can be played at the shell.  ``records`` reads and writes them.
"""

from __future__ import annotations
