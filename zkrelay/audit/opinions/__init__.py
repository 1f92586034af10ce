"""Other judges: an SMT solver on what is stuck, and everything tried over a tiny field."""
