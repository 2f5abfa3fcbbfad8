"""What an entrypoint script makes of the words of CMD: ``set -- registry serve "$@"`` for ``*.yml``."""

from __future__ import annotations

import contextlib
import fnmatch
import re
from collections.abc import Sequence

from contrib.shells import model as shell
from contrib.values.patterns import lazy

_FIRST = lazy(r"""["']?\$(?:1|\{1\})["']?""")
_WORDS = 200
_DEPTH = 50


class _End(Exception):
    """The script hands over: what comes after is not run."""


def handed_over(nodes: Sequence[shell.Node], words: Sequence[str]) -> tuple[str, ...]:
    """The command line that a script of POSIX shells hands over to, for the words that it is given.

    Followed are ``set --``, ``shift`` and ``exec``, and what decides by the first word (``case "$1"``,
    ``[ "$1" = 'agent' ]``, flags). A condition on anything else counts as false: what depends on the user, on a
    variable or on another program is not the rule. Words with a variable other than ``$@`` are left out.

    >>> from contrib.build.entry import script_in
    >>> script = script_in("entry.sh", b'case "$1" in *.yml) set -- app serve "$@" ;; esac; exec "$@"')
    >>> handed_over(script.nodes, ["/etc/app.yml"])
    ('app', 'serve', '/etc/app.yml')
    """
    current = list(words)
    with contextlib.suppress(_End):
        _follow(nodes, current, 0)
    return tuple(current)


def _follow(nodes: Sequence[shell.Node], current: list[str], depth: int) -> None:
    if depth > _DEPTH:
        return
    for node in nodes:
        if isinstance(node, shell.Case):
            subject = node.subject.text if node.subject is not None else ""
            if current and _FIRST.fullmatch(subject):
                for patterns, body in node.arms:
                    if any(fnmatch.fnmatchcase(current[0], each.strip("'\"")) for each in patterns):
                        _follow(body, current, depth + 1)
                        break
        elif isinstance(node, shell.If):
            for condition, body in node.arms:
                if condition is None or _holds(condition, current):
                    _follow(body, current, depth + 1)
                    break
        elif isinstance(node, shell.Command):
            _step(node, current)


def _holds(condition: shell.Condition, current: Sequence[str]) -> bool:
    """Whether a condition on the first word is true."""
    text = condition.text.strip()
    first = current[0] if current else ""
    match = re.fullmatch(r"""\[\[?\s+["']?\$\{?1\}?["']?\s+==?\s+["']?([\w./:*-]+)["']?\s+\]\]?""", text)
    if match is not None:
        return fnmatch.fnmatchcase(first, match[1])
    if re.search(r"\$\{1:0:1\}|\$\{1#-\}", text) and " -a " not in text and "&&" not in text:
        return first.startswith("-")
    match = re.search(r"\$\{1%%?\*?(\.\w+)\}", text)
    return match is not None and first.endswith(match[1])


def _step(command: shell.Command, current: list[str]) -> None:
    if command.full_name == "shift":
        del current[:1]
        return
    if command.full_name not in ("set", "exec"):
        return
    texts = [(word.literal, word.text) for word in command.words[:_WORDS]]
    if command.full_name == "set" and (not texts or texts[0][1] != "--"):
        return
    made: list[str] = []
    for literal, text in texts[1:] if command.full_name == "set" else texts:
        if text.strip('"') in ("$@", "${@}"):
            made.extend(current)
        elif literal is not None:
            made.append(literal)
        elif not made:
            return  # what is started is not known
    current[:] = made[:_WORDS]
    if command.full_name == "exec":
        raise _End
