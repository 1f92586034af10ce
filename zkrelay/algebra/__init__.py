"""Vectors over fields and groups in terms of the kernel: encodings, domains, points, hashes.  Import the modules."""
