"""The form of a library file: what bashbrew refuses, and what goes wrong in writing.

:mod:`.document` is the file as it is meant, :mod:`.reading` the pass that makes it, with the checks beside it, one
module per part of the file; :mod:`.table` holds the rules' text.
"""
