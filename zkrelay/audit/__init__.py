"""The auditor: does a circuit determine its outputs?"""
