"""One extractor a kind of fact. Each gives facts from what was read; none looks at a file."""
