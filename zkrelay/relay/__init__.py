"""The relay protocol: who takes part, what they promise, what they sign, what is claimed, and when it is paid.

Read in this order: ``domain``, ``identity``, ``note``, ``receipt``, ``admission``, ``binding``, ``meter``,
``acceptor``, ``nullifier``, ``merkle``, ``context``, ``statement``, ``claim``, ``batch_statement``, ``batch``,
``proving``, ``fleet``, ``refund``, ``registration``, ``store``, ``settlement``; then ``share``, ``slash`` and
``journal``; ``record`` and what files are made of, ``deposit_order``, ``draft``, ``submission``, ``ledger_file``,
``any_key``; and the anonymous ways in: ``funding``, ``opening``, ``funding_ledger``, and ``blind_rsa``,
``blind_token``.  ``docs/protocol.md`` says what each field means and what no proof can show.
"""

from __future__ import annotations
