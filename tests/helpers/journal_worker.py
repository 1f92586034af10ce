"""A party that dies around its promise: writes to the journal of argv[1], and is killed where argv[2] says.

before   inside the transaction, before its commit
after    when the value is written, before anything is proved
race N   no crash: tries venues N, N+1, ... until one is accepted, and prints what each attempt gave
"""

from __future__ import annotations

import os
import signal
import sys

from claim_world import World

from zkrelay.errors import Equivocation
from zkrelay.relay.domain import SEVERAL_VENUES, Domain
from zkrelay.relay.journal import Journal
from zkrelay.relay.statement import SharedClaimStatement

DOMAIN = Domain(chain_id=31337, contract=0xC0FFEE, tree_no=1, mode=SEVERAL_VENUES)


def shared_statement(world: World, venue: int) -> SharedClaimStatement:
    found = world.make_claim(venue=venue).statement
    assert isinstance(found, SharedClaimStatement)
    return found


def main() -> None:
    path, how = sys.argv[1:3]
    world = World(domain=DOMAIN)
    journal = Journal(path)
    if how == "race":
        first = int(sys.argv[3])
        statements = [shared_statement(world, (first + offset) % 4) for offset in range(4)]
        print("ready", flush=True)
        sys.stdin.readline()
        for statement in statements:
            try:
                journal.record_claim(statement)
                print(statement.venue, "kept", flush=True)
            except Equivocation:
                print(statement.venue, "refused", flush=True)
        return
    if how == "before":
        with journal._transaction() as connection:
            nf = world.claim.statement.nf.to_bytes(32, "big")
            connection.execute("INSERT INTO claims VALUES (?, ?, ?)", (nf, 1, "100"))
            os.kill(os.getpid(), signal.SIGKILL)
    journal.record_claim(shared_statement(world, 1))
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
