"""``zkrelay ptau`` and ``zkrelay zkey``: the two phases of a ceremony."""
