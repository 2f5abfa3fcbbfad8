"""Checksums and signatures: sha256sum and its kin, gpg, test."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import comparing, options
from contrib.build.actions import Value
from contrib.build.printed import printed
from contrib.build.programs.base import add, program, run_program, texts
from contrib.build.values import HASHERS
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: Programs that compare a file with a digest, and the algorithm that they take unasked.
CHECKERS = {**HASHERS, "shasum": "sha1"}


#: https://www.gnu.org/software/coreutils/manual/ (9.5), BusyBox's, and ``shasum`` of Perl
SUMS = options.Table(
    valued=frozenset(["algorithm", "length"]),
    short={"a": "algorithm", "l": "length", "c": "check", "w": "warn", "s": "status"},
    flags=frozenset(["check", "strict", "status", "quiet", "warn", "ignore-missing", "binary", "text"]),
)


def checksum(walk: Walk, command: shell.Command, place: Place) -> None:
    name = command.full_name.lower()
    algorithm = CHECKERS[name]
    words = texts(walk, command)
    line = options.read(words, SUMS)
    operands = line.operands
    if name == "shasum":
        algorithm = "sha" + (line.last("algorithm") or "1")
    if not line.has("check"):
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


#: https://www.gnupg.org/documentation/manuals/gnupg/ (2.4)
GPG = options.Table(
    valued=frozenset(["keyserver", "homedir", "keyring", "primary-keyring", "secret-keyring", "output", "status-fd", "status-file", "logger-fd", "logger-file", "command-fd", "passphrase", "passphrase-fd", "passphrase-file", "trusted-key", "trust-model", "keyserver-options", "verify-options", "import-options", "export-options", "list-options", "pinentry-mode", "recipient", "local-user", "default-key", "options", "log-file", "debug-level", "compress-algo", "cipher-algo", "digest-algo", "weak-digest", "auto-key-locate", "set-filename"]),
    short={"o": "output", "r": "recipient", "u": "local-user", "d": "decrypt", "q": "quiet", "k": "list-keys"},
    flags=frozenset(["verify", "import", "recv-keys", "receive-keys", "recv-key", "decrypt", "export", "batch", "no-tty", "yes", "fingerprint", "list-keys", "dearmor", "no-default-keyring"]),
)  # fmt: skip


@program("gpg", "gpg2")
def _gpg(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), GPG)
    operands = line.operands
    if line.has("verify"):
        files = list(operands)
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
    elif line.has("recv-keys", "receive-keys", "recv-key"):
        keys = [w for w in operands if re.search(r"[0-9A-Fa-f]{8,}|\$", w)]
        walk.small["\0gpg"] = Value(" ".join(keys) or "key")
    elif line.has("import"):
        files = [walk.absolute(o) for o in operands]
        walk.small["\0gpg"] = Value("imported key", True, fetched=any(f in walk.fetched for f in files))


#: https://jedisct1.github.io/minisign/, and cosign's ``verify-blob``
MINISIGN = options.Table(
    valued=frozenset(["file", "signature", "public", "key", "output", "comment", "trusted"]),
    short={"m": "file", "x": "signature", "P": "public", "p": "key", "s": "secret", "o": "output", "c": "comment", "t": "trusted", "V": "verify"},
)  # fmt: skip
COSIGN = options.Table(
    valued=frozenset(["key", "signature", "certificate", "certificate-chain", "certificate-identity", "certificate-identity-regexp", "certificate-oidc-issuer", "certificate-oidc-issuer-regexp", "bundle", "rekor-url", "timeout", "output-file", "trusted-root"]),
)  # fmt: skip


@program("minisign")
def _minisign(walk: Walk, command: shell.Command, place: Place) -> None:
    """``minisign -Vm FILE -P KEY``: the key stands in the RUN, or in a file (``-p``)."""
    line = options.read(texts(walk, command), MINISIGN)
    file = line.last("file")
    if not line.has("verify") or file is None:
        run_program(walk, command, place)
        return
    public = line.last("public")
    _signature(walk, command, place, file, public or line.last("key"), "minisign")


@program("cosign")
def _cosign(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), COSIGN)
    verb, *operands = line.operands or ("",)
    if verb != "verify-blob" or not operands:
        run_program(walk, command, place)
        return
    who = line.last("key", "certificate-identity", "certificate-identity-regexp")
    _signature(walk, command, place, operands[-1], who, "cosign")


def _signature(
    walk: Walk, command: shell.Command, place: Place, file: str, key: str | None, tool: str
) -> None:
    """A signature verified; ``key`` is a key, a file that holds one, or who has to have signed."""
    expected = Value(key, fetched=walk.absolute(key) in walk.fetched) if key else None
    add(
        walk, act.Verify, command, place, file=walk.absolute(file), algorithm=tool, expected=expected,
        acted_on=place.guarded, tool=tool,
    )  # fmt: skip


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


@program("findstr")
def _findstr(walk: Walk, command: shell.Command, place: Place) -> None:
    """cmd's; in a pipeline :func:`contrib.build.comparing.digest_pipeline` sees to it."""
    if place.piped or not comparing.digest_in_file(walk, command, place):
        run_program(walk, command, place)


@program("grep", "egrep", "fgrep")
def _grep(walk: Walk, command: shell.Command, place: Place) -> None:
    if not place.quiet and not place.piped and comparing.digest_in_file(walk, command, place):
        return
    if place.guarded and not place.quiet and not place.piped and place.to is None:
        comparing.note_check(walk, command, place)
