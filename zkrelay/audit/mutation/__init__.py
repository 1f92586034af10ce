"""Mutants of a circuit: is every constraint needed?"""
