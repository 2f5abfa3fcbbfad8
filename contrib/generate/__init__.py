"""Image, layout and versions to files: what ``generate``, ``bump`` and ``pr`` carry upstream."""
