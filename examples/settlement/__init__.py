"""The settlement service: a thin HTTP front of ``zkrelay.relay.settlement`` (extra ``settlement``).

All rules are the library's.  What is here is what a network adds: one transaction for a rule, its events and its answer
(``unit``), stable error codes (``problems``), limits (``border``, ``workers``), a page to watch (``dashboard``), and a
client that tries again without doing anything twice (``client``).
"""
