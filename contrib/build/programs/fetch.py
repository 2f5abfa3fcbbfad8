"""What fetches files: curl, wget, the web cmdlets, BITS, certutil, git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.build import paths, transfers
from contrib.build.actions import Value
from contrib.build.programs.base import (
    add_download,
    getopt,
    last_part,
    named,
    program,
    run_program,
    stdout_target,
    texts,
    url_words,
)
from contrib.build.transfers import Transfer
from contrib.shells import model as shell

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk


def _transferred(walk: Walk, command: shell.Command, place: Place, found: list[Transfer], tool: str) -> None:
    for transfer in found:
        word = command.words[transfer.index]
        url = walk.value(word)
        if url.text != transfer.url:
            url = Value(transfer.url, url.known, url.via)
        if transfer.file == "-":
            file = stdout_target(walk, command)
        else:
            directory = walk.absolute(transfer.directory) if transfer.directory else walk.directory
            file = paths.join(directory, transfer.file or last_part(url), walk.style)
        add_download(walk, command, place, url, file, tool)


@program("wget")
def _wget(walk: Walk, command: shell.Command, place: Place) -> None:
    _, found = transfers.wget(texts(walk, command))
    _transferred(walk, command, place, found, "wget")


@program("curl")
def _curl(walk: Walk, command: shell.Command, place: Place) -> None:
    _, found = transfers.curl(texts(walk, command))
    _transferred(walk, command, place, found, "curl")


@program("invoke-webrequest", "invoke-restmethod")
def _web_request(walk: Walk, command: shell.Command, place: Place) -> None:
    uri = named(command, "Uri") or (command.positional[0] if command.positional else None)
    if uri is None:
        return
    out = named(command, "OutFile")
    file = walk.absolute(walk.text(out)) if out is not None else stdout_target(walk, command)
    add_download(walk, command, place, walk.value(uri), file, command.full_name)


@program("start-bitstransfer")
def _bits(walk: Walk, command: shell.Command, place: Place) -> None:
    words = list(command.positional)
    source = named(command, "Source") or (words.pop(0) if words else None)
    target = named(command, "Destination") or (words.pop(0) if words else None)
    if source is not None:
        file = walk.absolute(walk.text(target)) if target is not None else ""
        add_download(walk, command, place, walk.value(source), file, "BITS")


@program("bitsadmin")
def _bitsadmin(walk: Walk, command: shell.Command, place: Place) -> None:
    urls = url_words(walk, command)
    words = texts(walk, command)
    if urls and words:
        add_download(walk, command, place, urls[0], walk.absolute(words[-1]), "BITS")


@program("certutil")
def _certutil(walk: Walk, command: shell.Command, place: Place) -> None:
    words = [word.lower().lstrip("-/") for word in texts(walk, command)]
    if "urlcache" in words:
        urls = url_words(walk, command)
        operands = [w for w in texts(walk, command) if not w.startswith(("-", "/"))]
        if urls:
            file = walk.absolute(operands[-1]) if len(operands) > 1 else ""
            add_download(walk, command, place, urls[0], file, "certutil")


@program("git")
def _git(walk: Walk, command: shell.Command, place: Place) -> None:
    words = texts(walk, command)
    directory = walk.directory
    index = 0
    while index < len(words) and words[index].startswith("-"):
        if words[index] == "-C" and index + 1 < len(words):
            directory = walk.absolute(words[index + 1])
        index += 2 if words[index] in ("-C", "-c") else 1
    verb = words[index] if index < len(words) else ""
    rest = words[index + 1 :]
    if verb not in ("clone", "fetch"):
        run_program(walk, command, place)
        return
    found, operands = getopt(rest, "bo", ("branch", "depth", "origin", "config", "jobs", "filter"))
    address = [o for o in operands if "://" in o or o.startswith("git@")]
    if not address:
        return
    url_word = next((w for w in command.words if walk.text(w) == address[0]), None)
    url = walk.value(url_word) if url_word is not None else Value(address[0])
    revision = (found.get("b") or found.get("branch") or [""])[-1]
    others = [o for o in operands if o != address[0]]
    if verb == "clone":
        target = others[0] if others else paths.name(address[0]).removesuffix(".git")
        add_download(walk, command, place, url, paths.join(directory, target, walk.style), "git", revision)
    else:
        revision = revision or (others[0].split(":")[0] if others else "")
        add_download(walk, command, place, url, directory, "git", revision)
