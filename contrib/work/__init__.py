"""Use cases: what a command does, put together from the rooms below."""
