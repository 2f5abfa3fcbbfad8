"""Windows binaries: what they say they need, what a base has, and whether one starts on the other.

Nothing is run. :mod:`~contrib.binaries.pe` and :mod:`~contrib.binaries.archives` read files in a process of
their own (:mod:`~contrib.binaries.reading`), :mod:`~contrib.binaries.inventory` keeps what a base has, and
:mod:`~contrib.binaries.resolve` answers as Windows' loader would.
"""
