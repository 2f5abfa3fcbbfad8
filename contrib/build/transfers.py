"""What a command line of curl or wget fetches, and where each file goes: one account for every shell."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from contrib.build import options
from contrib.build.options import Given, Line
from contrib.shells import model as shell
from contrib.values.patterns import lazy
from contrib.values.records import dataclass

_ADDRESS = lazy(r"(?i)\W?(?:https?|ftps?|sftp|file)://")
#: A word that holds an address, by its name: ``$URL``, ``%DOWNLOAD_URL%``, ``$env:X_URI``.
_NAMED = lazy(r"(?i)^[\"']?[$%!][{(]?(?:env:)?\w*ur[li]\w*[}%!)]?")
#: A host without a scheme, which curl and wget take for http.
_HOST = lazy(r"^(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?/\S+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file fetched.

    :param index: of the word that holds the address.
    :param url: the address, as the word gives it.
    :param file: where it is put, as written; ``-`` for standard output; None when the program names it
        after the address (see :attr:`directory`).
    :param directory: that the file goes to, as written; "" for the working directory.
    """

    index: int
    url: str
    file: str | None
    directory: str = ""


def looks_like_address(text: str) -> bool:
    """An address, or a variable that is named as one."""
    return bool(_ADDRESS.match(text) or _NAMED.match(text))


def addresses(line: Line) -> list[int]:
    """The operands that are addresses.

    Where none looks like one, a host without a scheme is taken, then an operand with a variable in it.
    """
    found = [index for index in line.positions if looks_like_address(line.words[index])]
    if not found:
        found = [index for index in line.positions if _HOST.match(line.words[index])]
    if not found:
        found = [index for index in line.positions if re.search(r"[$%!]", line.words[index])][:1]
    return found


def curl(words: Sequence[str]) -> tuple[Line, list[Transfer]]:
    """curl's: the n-th ``-o`` or ``-O`` belongs to the n-th address, ``--next`` starts afresh.

    >>> [(t.url, t.file) for t in curl(["--proto", "=https", "-Lo", "a.zip", "https://x.org/a"])[1]]
    [('https://x.org/a', 'a.zip')]
    """
    whole = options.read(words, options.CURL)
    found: list[Transfer] = []
    for line in _groups(whole):
        places = sorted(
            [*addresses(line), *(o.value_index or o.index for o in line.options if o.name == "url")]
        )
        targets = [o for o in line.options if o.name in ("output", "remote-name")]
        rest: Given | None = next((o for o in line.options if o.name == "remote-name-all"), None)
        directory = line.last("output-dir") or ""
        for position, index in enumerate(places):
            target = targets[position] if position < len(targets) else rest
            written = words[index].removeprefix("--url=")
            for url, taken in [(written, [])] if line.has("globoff", "g") else globbed(written):
                if target is None:
                    found.append(Transfer(index, url, "-"))
                elif target.name == "output":
                    file = _numbered(target.value or "", taken)
                    found.append(Transfer(index, url, file, "" if file == "-" else directory))
                else:
                    found.append(Transfer(index, url, None, directory))
    return whole, found


#: Alternatives and ranges of curl in an address, none of them a variable's braces.
_GLOB = lazy(r"(?<![$%])\{([^{}$,]*,[^{}$]*)\}|\[(\d{1,4})-(\d{1,4})\]")
_MOST_GLOBBED = 20
_LONGEST_GLOBBED = 4096


def globbed(url: str) -> list[tuple[str, list[str]]]:
    """The addresses that curl makes of one with ``{a,b}`` or ``[1-3]`` in it, each with what was put in.

    >>> globbed("https://example.org/a.{zip,sig}")
    [('https://example.org/a.zip', ['zip']), ('https://example.org/a.sig', ['sig'])]
    """
    matches = list(_GLOB.finditer(url)) if len(url) <= _LONGEST_GLOBBED else []
    if not matches or len(matches) > 9:
        return [(url, [])]
    found: list[tuple[str, list[str]]] = [("", [])]
    at = 0
    for match in matches:
        if match[1] is not None:
            choices = match[1].split(",")
        else:
            first = int(match[2])
            choices = [str(n) for n in range(first, min(int(match[3]), first + _MOST_GLOBBED) + 1)]
        before = url[at : match.start()]
        turns = ((text + before + choice, [*taken, choice]) for text, taken in found for choice in choices)
        found = list(itertools.islice(turns, _MOST_GLOBBED)) or [
            (text + before, taken) for text, taken in found
        ]
        at = match.end()
    return [(text + url[at:], taken) for text, taken in found]


def _numbered(file: str, taken: Sequence[str]) -> str:
    """``#1`` of ``--output`` is what was put in first."""
    for number, text in enumerate(taken[:9], start=1):
        file = file.replace(f"#{number}", text)
    return file


def _groups(line: Line) -> list[Line]:
    """The line cut at each ``--next``."""
    cuts = [option.index for option in line.options if option.name == "next"]
    if not cuts:
        return [line]
    edges = [-1, *cuts, len(line.words)]
    return [
        Line(
            line.words,
            tuple(o for o in line.options if start < o.index < end),
            tuple(index for index in line.positions if start < index < end),
        )
        for start, end in itertools.pairwise(edges)
    ]


def wget(words: Sequence[str]) -> tuple[Line, list[Transfer]]:
    """wget's: one ``-O`` for all addresses, else each file by its name, under ``-P``.

    >>> [(t.file, t.directory) for t in wget(["-P", "/t", "-q", "--tries", "3", "https://x.org/a.zip"])[1]]
    [(None, '/t')]
    """
    line = options.read(words, options.WGET)
    named = line.last("output-document")
    directory = (line.last("directory-prefix") or "") if named is None else ""
    return line, [Transfer(index, words[index], named, directory) for index in addresses(line)]


_CURL_STYLE = lazy(r"-[a-zA-Z]{2,}$|--[a-z]|-[oOLsSfkI]$")
_CMDLET = lazy(
    r"(?i)-(uri?|outf\w*|usebasicparsing|headers?|method|body|useragent|timeoutsec|passthru|websession|sessionvariable)$"
)


#: Aliases of the web cmdlets in PowerShell; pwsh has those that are no other tool's name.
_ALIASES = {
    "wget": "Invoke-WebRequest",
    "curl": "Invoke-WebRequest",
    "iwr": "Invoke-WebRequest",
    "irm": "Invoke-RestMethod",
}


def alias_of(command: shell.Command, program: str) -> str | None:
    """The web cmdlet that a command of PowerShell calls by an alias; None for any other command.

    :param program: ``powershell`` or ``pwsh``.
    """
    name = command.name.lower()
    if program == "pwsh" and name in ("wget", "curl"):
        return None
    return _ALIASES.get(name)


def written_for_the_tool(command: shell.Command) -> bool:
    """``curl -fsSL -o f URL`` under PowerShell: written for the program, whatever the alias makes of it.

    >>> bool(_CMDLET.match("-OutFile")), bool(_CMDLET.match("-fsSL"))
    (True, False)
    """
    words = [word.literal or "" for word in command.words]
    if any(_CMDLET.match(word) for word in words):
        return False
    return any(_CURL_STYLE.match(word) for word in words)
