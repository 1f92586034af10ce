"""The benchmark house: zkrelay and its peers, run side by side.

``peers`` says which programs there are and builds them, ``protocol`` talks to one, ``race`` alternates two, ``ratios``
is the statistics, ``circuits`` writes the files that all of them read, ``measures`` lists what is measured, ``results``
is the file of a run, ``targets`` the table, ``plots`` and ``page`` the report.
"""
