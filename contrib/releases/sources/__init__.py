"""The kinds of version sources, one module a kind: bytes in, releases out."""
