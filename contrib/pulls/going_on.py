"""The command that goes on with a contribution: complete, and in an order that reads well."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

#: Options that say where things are read; they come last in a command that is to be typed.
PLACES = frozenset({"--upstream", "--ref", "--official-images", "--templates", "--source", "--no-download"})

#: Options of `contrib pr` that `contrib status` needs too.
_OF_STATUS = frozenset(
    {
        "--fork-owner",
        "--github-url",
        "--token-file",
        "--upstream",
        "--ref",
        "--official-images",
        "--templates",
    }
)

#: Options that may be given more than once.
_REPEATABLE = frozenset({"--series", "--variant", "--source", "--evidence", "--allow"})


def ordered(words: Sequence[str]) -> str:
    """A command from its words, with the options that say where things are read at the end.

    >>> ordered(["contrib", "pr", "redis", "--upstream", "../redis", "--title", "Two words"])
    "contrib pr redis --title 'Two words' --upstream ../redis"
    """
    command, options = _split(words)
    last = [option for option in options if _name(option) in PLACES]
    first = [option for option in options if _name(option) not in PLACES]
    return shlex.join([*command, *(word for option in (*first, *last) for word in option)])


def going_on(command: str, more: str) -> str:
    """The command with more options; those that it has already are not given twice.

    >>> going_on("contrib pr redis --series 7.2 --upstream ../redis", "--continue")
    'contrib pr redis --series 7.2 --continue --upstream ../redis'
    >>> going_on("contrib pr redis --fork-owner acme", "--fork-owner acme --continue")
    'contrib pr redis --fork-owner acme --continue'
    """
    words = shlex.split(command)
    _, there = _split(words)
    names = {_name(option) for option in there}
    wanted = [
        option
        for option in _options(shlex.split(more))
        if option not in there and (_name(option) not in names or _name(option) in _REPEATABLE)
    ]
    return ordered([*words, *(word for option in wanted for word in option)])


def asking_status(command: str) -> str:
    """The command that says where the contribution of ``contrib pr …`` stands.

    What decides what is proposed has no say there.

    >>> asking_status("contrib pr redis --series 7.2 --fork-owner acme")
    'contrib status redis --fork-owner acme'
    """
    words, options = _split(shlex.split(command))
    wanted = [option for option in options if _name(option) in _OF_STATUS]
    return shlex.join([words[0], "status", *words[2:3], *(word for option in wanted for word in option)])


def _split(words: Sequence[str]) -> tuple[Sequence[str], list[tuple[str, ...]]]:
    """The command with its arguments, and its options."""
    at = next((number for number, word in enumerate(words) if word.startswith("--")), len(words))
    return words[:at], list(_options(words[at:]))


def _options(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Each option with its value, as one tuple; a value that begins with ``--`` stands behind a ``=``."""
    at = 0
    while at < len(words):
        end = at + 1
        if words[at].startswith("--") and "=" not in words[at]:
            end += end < len(words) and not words[end].startswith("--")
        yield tuple(words[at:end])
        at = end


def _name(option: Sequence[str]) -> str:
    return option[0].partition("=")[0]
