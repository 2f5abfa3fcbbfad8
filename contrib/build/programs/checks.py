"""Checksums and signatures: sha256sum and its kin, gpg, test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import comparing, options
from contrib.build.actions import Value
from contrib.build.printed import printed
from contrib.build.programs.base import add, getopt, program, texts
from contrib.build.values import HASHERS
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: Programs that compare a file with a digest, and the algorithm that they take unasked.
CHECKERS = {**HASHERS, "shasum": "sha1"}


def checksum(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    algorithm = CHECKERS[name]
    words = texts(walk, command)
    found, operands = getopt(words, "a" if name == "shasum" else "", ("algorithm",))
    if name == "shasum":
        algorithm = "sha" + (found.get("a") or found.get("algorithm") or ["1"])[-1]
    if "c" not in found and "check" not in found:
        return
    listing: Value | None = None
    lines: list[Value] = []
    if operands and operands[0] != "-":
        file = walk.absolute(operands[0])
        listing = walk.small.get(file)
        if listing is None:
            fetched = file in walk.fetched
            lines = [Value("", False, fetched=fetched)]
    elif place.piped:
        for node in place.piped:
            if not isinstance(node, shell.Command):
                continue
            producer = node.full_name.lower()
            if producer in ("echo", "printf"):
                listing = printed(walk, node)
            elif producer in ("grep", "cat", "awk", "sed"):
                files = [walk.absolute(walk.text(w)) for w in node.words]
                small = next((walk.small[f] for f in files if f in walk.small), None)
                listing = small if small is not None else listing
                if small is None and any(f in walk.fetched for f in files):
                    lines = [Value("", False, fetched=True)]
    else:
        for redirection in command.redirections:
            if redirection.operator.startswith("<<"):
                listing = walk.value(redirection.target)
    if listing is not None:
        for text in listing.text.splitlines() or [listing.text]:
            parts = text.strip().split(None, 1)
            if not parts:
                continue
            file = walk.absolute(parts[1].lstrip("* ").strip()) if len(parts) > 1 else ""
            expected = Value(
                parts[0], listing.known or "$" not in parts[0], listing.via, fetched=listing.fetched
            )
            add(
                walk, act.Verify, command, place, file=file, algorithm=algorithm, expected=expected,
                acted_on=place.guarded, tool=name,
            )  # fmt: skip
        return
    for expected in lines or [Value("", False)]:
        add(
            walk, act.Verify, command, place, file="", algorithm=algorithm, expected=expected,
            acted_on=place.guarded, tool=name,
        )  # fmt: skip


_GPGV = options.Table(
    valued=frozenset(("keyring", "homedir", "output", "status-fd", "logger-fd", "weak-digest"))
)


@program("gpgv", "gpgv2")
def _gpgv(walk: Walk, command: shell.Command, place: Place) -> None:
    """``gpgv [--keyring FILE] SIGNATURE FILE``."""
    line = options.read(texts(walk, command), _GPGV)
    if len(line.operands) > 1:
        add(
            walk, act.Verify, command, place, file=walk.absolute(line.operands[1]), algorithm="gpg",
            expected=walk.small.get("\0gpg"), acted_on=place.guarded, tool="gpgv",
        )  # fmt: skip


@program("gpg", "gpg2")
def _gpg(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    found, operands = getopt(
        words,
        "ru",
        ("keyserver", "homedir", "keyring", "output", "status-fd", "trusted-key", "keyserver-options"),
    )
    if "verify" in found:
        index = words.index("--verify") if "--verify" in words else 0
        files = [w for w in words[index + 1 :] if not w.startswith("-")]
        subject = (
            files[1]
            if len(files) > 1
            else (files[0].removesuffix(".asc").removesuffix(".sig") if files else "")
        )
        key = walk.small.get("\0gpg")
        add(
            walk, act.Verify, command, place, file=walk.absolute(subject), algorithm="gpg", expected=key,
            acted_on=place.guarded, tool="gpg",
        )  # fmt: skip
    elif "recv-keys" in found or "receive-keys" in found or "recv-key" in found:
        keys = [w for w in operands if re.search(r"[0-9A-Fa-f]{8,}|\$", w)]
        walk.small["\0gpg"] = Value(" ".join(keys) or "key")
    elif "import" in found:
        files = [walk.absolute(o) for o in operands]
        walk.small["\0gpg"] = Value("imported key", True, fetched=any(f in walk.fetched for f in files))


@program("[", "test", "[[")
def _test_hash(walk: Walk, command: shell.Command, place: Place) -> None:
    """``[ "$(sha256sum f | cut …)" = "$X" ]`` as a statement."""
    if len(command.words) < 3:
        return
    values = [walk.value(word) for word in command.words]
    texts = [value.text for value in values]
    for index, value in enumerate(values):
        if value.digest is None:
            continue
        for operator in ("=", "==", "!="):
            if operator in texts:
                at = texts.index(operator)
                other = values[at + 1] if index < at and at + 1 < len(values) else values[at - 1]
                comparing.verify(
                    walk, value.digest, other, place.guarded and operator != "!=", command, place, "test"
                )
                return


@program("grep", "egrep", "fgrep")
def _grep(walk: Walk, command: shell.Command, place: Place) -> None:
    if place.guarded and not place.quiet and not place.piped and place.to is None:
        comparing.note_check(walk, command, place)
