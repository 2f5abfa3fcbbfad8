"""What fetches files: curl, wget, the web cmdlets, BITS, certutil, git."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import options, paths, transfers
from contrib.build.actions import Value
from contrib.build.options import Table
from contrib.build.programs.base import (
    add,
    add_download,
    arguments,
    last_part,
    named,
    program,
    run_program,
    stdout_target,
    texts,
    url_words,
)
from contrib.build.transfers import Transfer, looks_like_address
from contrib.build.values import digest_of
from contrib.shells import model as shell
from contrib.values.records import replace

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


_CURL_NAMES = ("curl", "wget")


def _transferred(walk: Walk, command: shell.Command, place: Place, found: list[Transfer], tool: str) -> None:
    given = arguments(walk, command)
    for transfer in found:
        word, url = given[transfer.index]
        if url.text != transfer.url:
            url = Value(transfer.url, url.known, url.via)
        if transfer.file == "-":
            file = stdout_target(walk, command)
        else:
            directory = walk.absolute(transfer.directory) if transfer.directory else walk.directory
            file = paths.join(directory, transfer.file or last_part(url), walk.style)
        add_download(walk, command, place, url, file, tool, word)


@program("wget")
def _wget(walk: Walk, command: shell.Command, place: Place) -> None:
    line, found = transfers.wget(texts(walk, command))
    if line.has("spider") or line.has("input-file"):
        _listed_elsewhere(walk, command, place, line.last("input-file"), "wget")
        return
    _transferred(walk, command, place, found, "wget")


@program("curl")
def _curl(walk: Walk, command: shell.Command, place: Place) -> None:
    line, found = transfers.curl(texts(walk, command))
    if line.has("head"):
        run_program(walk, command, place)
        return
    _transferred(walk, command, place, found, "curl")
    if not found:
        _listed_elsewhere(walk, command, place, line.last("config"), "curl")


def _listed_elsewhere(walk: Walk, command: shell.Command, place: Place, file: str | None, tool: str) -> None:
    """The addresses stand in a file: something is fetched, and nobody knows what."""
    if file is None:
        run_program(walk, command, place)
    else:
        add_download(walk, command, place, Value("", False), "", tool, None)


#: https://aria2.github.io/manual/en/html/aria2c.html (1.37) and axel's manual (2.17)
ARIA2 = Table(
    valued=frozenset(
        ["dir", "out", "log", "max-concurrent-downloads", "checksum", "split", "max-connection-per-server", "min-split-size", "timeout", "connect-timeout", "max-tries", "retry-wait", "user-agent", "header", "load-cookies", "all-proxy", "http-proxy", "https-proxy", "input-file", "conf-path", "summary-interval", "console-log-level", "file-allocation", "lowest-speed-limit", "max-download-limit", "referer", "piece-length", "stop"]
    ),
    short={"d": "dir", "o": "out", "l": "log", "j": "max-concurrent-downloads", "s": "split", "x": "max-connection-per-server", "k": "min-split-size", "t": "timeout", "m": "max-tries", "U": "user-agent", "i": "input-file"},
)  # fmt: skip
AXEL = Table(
    valued=frozenset(["max-speed", "num-connections", "max-redirect", "output", "search", "header", "user-agent", "timeout"]),
    short={"s": "max-speed", "n": "num-connections", "o": "output", "S": "search", "H": "header", "U": "user-agent", "T": "timeout"},
)  # fmt: skip


@program("aria2c")
def _aria2(walk: Walk, command: shell.Command, place: Place) -> None:
    """``aria2c -d DIR -o FILE URL``; several addresses are the mirrors of one file."""
    line = options.read(texts(walk, command), ARIA2)
    found = transfers.addresses(line)[:1]
    directory = line.last("dir") or ""
    _transferred(
        walk,
        command,
        place,
        [Transfer(i, line.words[i], line.last("out"), directory) for i in found],
        "aria2c",
    )
    if not found:
        _listed_elsewhere(walk, command, place, line.last("input-file"), "aria2c")


@program("axel")
def _axel(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read(texts(walk, command), AXEL)
    found = transfers.addresses(line)[:1]
    _transferred(
        walk, command, place, [Transfer(i, line.words[i], line.last("output")) for i in found], "axel"
    )
    if not found:
        run_program(walk, command, place)


@program("invoke-webrequest", "invoke-restmethod")
def _web_request(walk: Walk, command: shell.Command, place: Place) -> None:
    if command.name.lower() in _CURL_NAMES and transfers.written_for_the_tool(command):
        (_wget if command.name.lower() == "wget" else _curl)(walk, command, place)
        return
    uri = named(command, "Uri") or (command.positional[0] if command.positional else None)
    if uri is None:
        # its parameters are in a table that nobody knows: something is fetched
        add_download(walk, command, place, Value("", False), "", command.full_name, None)
        return
    method = named(command, "Method")
    if method is not None and walk.text(method).lower() in ("head", "options", "delete"):
        run_program(walk, command, place)
        return
    out = named(command, "OutFile")
    file = walk.absolute(walk.text(out)) if out is not None else stdout_target(walk, command)
    if out is not None and not walk.value(out).known and not file:
        file = ""
    add_download(walk, command, place, walk.value(uri), file, command.full_name, uri, target=out)


@program("start-bitstransfer")
def _bits(walk: Walk, command: shell.Command, place: Place) -> None:
    words = list(command.positional)
    source = named(command, "Source") or (words.pop(0) if words else None)
    target = named(command, "Destination") or (words.pop(0) if words else None)
    if source is None:
        return
    files = walk.value(target).each if target is not None else ()
    for index, url in enumerate(walk.value(source).each):
        file = walk.absolute(files[min(index, len(files) - 1)].text) if files else ""
        if len(files) == 1 and index:
            file = paths.join(file, last_part(url), walk.style)  # one directory for all
        add_download(walk, command, place, url, file, "BITS", source, target=target)


@program("bitsadmin")
def _bitsadmin(walk: Walk, command: shell.Command, place: Place) -> None:
    """``/transfer NAME [/priority X] URL FILE [URL FILE …]``."""
    given = arguments(walk, command)
    for (word, url), (_, file) in itertools.pairwise(given):
        if looks_like_address(url.text) or looks_like_address(word.text):
            add_download(walk, command, place, url, walk.absolute(file.text), "BITS", word)


@program("certutil")
def _certutil(walk: Walk, command: shell.Command, place: Place) -> None:
    words = [word.lower().lstrip("-/") for word in texts(walk, command)]
    if "urlcache" in words:
        urls = url_words(walk, command)
        operands = [w for w in texts(walk, command) if not w.startswith(("-", "/"))]
        if urls:
            file = walk.absolute(operands[-1]) if len(operands) > 1 else ""
            add_download(walk, command, place, walk.value(urls[0]), file, "certutil", urls[0])
    elif "hashfile" in words:
        add_hash(walk, command, place)


@program("get-filehash")
def _file_hash(walk: Walk, command: shell.Command, place: Place) -> None:
    add_hash(walk, command, place)


def add_hash(walk: Walk, command: shell.Command, place: Place) -> None:
    """A digest computed."""
    assert walk.scope is not None
    digest = digest_of((command,), walk.scope)
    if digest is None and place.piped:
        # Get-Item x | Get-FileHash
        for node in place.piped:
            if isinstance(node, shell.Command) and node.positional:
                digest = act.Digest(walk.absolute(walk.text(node.positional[0])), "sha256")
    if digest is not None:
        add(walk, act.Hash, command, place, file=digest.file, algorithm=digest.algorithm)


_GIT = Table(
    valued=frozenset(
        [
            "branch",
            "depth",
            "origin",
            "config",
            "jobs",
            "filter",
            "reference",
            "reference-if-able",
            "template",
            "separate-git-dir",
            "upload-pack",
            "shallow-since",
            "shallow-exclude",
            "server-option",
            "bundle-uri",
            "C",
            "c",
            "git-dir",
            "work-tree",
            "namespace",
            "exec-path",
            "message",
        ]
    ),
    short={"b": "branch", "o": "origin", "j": "jobs", "u": "upload-pack", "m": "message"},
)


@program("git")
def _git(walk: Walk, command: shell.Command, place: Place) -> None:
    """Clones, and what is checked out afterwards: only a commit's whole name fixes the content."""
    line = options.read(texts(walk, command), _GIT)
    directory = walk.directory
    for given in line.values("C"):
        directory = paths.join(directory, given, walk.style)
    verb, *operands = line.operands or ("",)
    if verb in ("checkout", "reset", "switch"):
        named_ = [o for o in operands if o not in ("--",)]
        _checked_out(walk, directory, named_[0] if named_ else "")
    if verb not in ("clone", "fetch"):
        run_program(walk, command, place)
        return
    address = next((o for o in operands if "://" in o or o.startswith("git@") or o.endswith(".git")), None)
    if address is None:
        run_program(walk, command, place)
        return
    word = next((w for w in command.words if walk.text(w) == address), None)
    url = walk.value(word) if word is not None else Value(address)
    revision = line.last("branch") or ""
    others = [o for o in operands if o != address]
    if verb == "clone":
        target = others[0] if others else paths.name(address).removesuffix(".git")
        place_ = paths.join(directory, target, walk.style)
        add_download(walk, command, place, url, place_, "git", word, revision)
    else:
        revision = revision or (others[0].split(":")[0] if others else "")
        add_download(walk, command, place, url, directory, "git", word, revision)


def _checked_out(walk: Walk, directory: str, revision: str) -> None:
    for index in range(len(walk.actions) - 1, -1, -1):
        earlier = walk.actions[index]
        if isinstance(earlier, act.Download) and earlier.tool == "git":
            if revision and paths.same(earlier.file, directory, walk.style):
                walk.actions[index] = replace(earlier, revision=revision)
            return
