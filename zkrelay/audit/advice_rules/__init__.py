"""The rules of the lint: each yields findings from the facts of one system (``facts.py``)."""
