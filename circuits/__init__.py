"""Gadgets and statements, one idea a file; installed as ``zkrelay.circuits``.

Gadgets are functions ``gadget(cs, ...)`` over expressions; statements are ``Circuit`` classes.  ``standard`` names the
statements that the command line knows.  Row counts are in ``costs.csv``.
"""
