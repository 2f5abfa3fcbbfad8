"""``contrib loads``: will these binaries start on that base, answered without Windows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.common import Terminal, emit, report_options, report_width, terminal_options
from contrib.cli.options import offline_option
from contrib.values.errors import BadInput, ContribError, OutsideError

if TYPE_CHECKING:
    from contrib.binaries.answers import Base
    from contrib.binaries.store import Store
    from contrib.cli.source import Source
    from contrib.clients.http import Http
    from contrib.dockerfile.model import Dockerfile


@click.command(name="loads")
@click.argument("files", nargs=-1, metavar="FILE...")
@click.option(
    "--base",
    "bases",
    multiple=True,
    envvar="CONTRIB_LOADS_BASES",
    metavar="IMAGE",
    help="The base to answer for (repeatable) [default: what --dockerfile starts from].",
)
@click.option(
    "--dockerfile", metavar="DOCKERFILE", help="Take PATH, places and copied files from this Dockerfile."
)
@click.option(
    "--inventory",
    "inventories",
    multiple=True,
    metavar="FILE",
    help="An inventory, or a saved image, to answer for (repeatable); without FILE: keep it in the cache.",
)
@click.option(
    "--inventory-of",
    metavar="IMAGE",
    help="Make the inventory of a base (with -o: write it); of an evidence record: those of its bases (-o DIRECTORY).",
)
@offline_option
@report_options("text", "json")
@terminal_options
def command(
    files: tuple[str, ...],
    bases: tuple[str, ...],
    dockerfile: str | None,
    inventories: tuple[str, ...],
    inventory_of: str | None,
    offline: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Say whether Windows binaries would start on a base image.

    FILE is a PE file, a directory, an archive (zip, tar, 7z, cab), an MSI package, a saved image, or
    docker-daemon:NAME for an image that the local engine has. Nothing is run. For each program the answer is:
    loads, library missing (0xC0000135), entry point missing (0xC0000139), wrong machine (0xC000007B), needs newer
    Windows, or unknown, with the chain of libraries that leads there.

    The inventory of a base (names of its libraries and functions) is made from its registry once, and kept in
    the cache. Exit code 1: something would not start; 3: an inventory could not be had; 0 otherwise.

    \b
    contrib loads redis.zip --base mcr.microsoft.com/windows/nanoserver:ltsc2025
    contrib loads redis.zip --dockerfile 7.2/windows/nanoserver-ltsc2025/Dockerfile
    contrib loads --inventory-of mcr.microsoft.com/windows/nanoserver:ltsc2025 -o nanoserver.inventory
    """
    from contrib.clients.http import Http
    from contrib.work import loads
    from contrib.work.known import store

    kept = store()
    http = Http(offline=offline)
    if inventory_of is not None:
        if files or bases or inventories or dockerfile:
            raise click.UsageError(
                "--inventory-of makes an inventory and takes no FILE, --base or --inventory"
            )
        return _make(inventory_of, kept, http, format_, output, terminal)
    if not files and inventories and not bases and not dockerfile:
        return _import(inventories, kept, format_, output, terminal)
    if not files and not dockerfile:
        raise click.UsageError("name a FILE to read")
    source, read = _dockerfile(dockerfile, offline)
    contents = loads.read_files(files, terminal.progress, kept)
    found = [_from_file(each, terminal) for each in inventories]
    ours = bool(bases) or read is None  # what FROM says is the file's, whoever wrote that
    found += [_base(each, kept, http, terminal, named=ours) for each in _names(bases, found, read, files)]
    report = loads.report(
        contents,
        found or [_nothing()],
        dockerfile=read,
        context=source.file.parent if source is not None and source.file is not None else None,
        kept=kept,
        progress=terminal.progress,
    )
    from contrib.report import loads as texts

    if format_ == "json":
        emit(texts.json_text(report), output)
    else:
        width = report_width(output)
        color = terminal.color and output is None
        emit(texts.text(report, width=width, color=color, verbose=terminal.verbose > 0), output)
    return report.exit_code


def _names(
    bases: tuple[str, ...], found: list[Base], dockerfile: Dockerfile | None, files: tuple[str, ...]
) -> tuple[str, ...]:
    """The bases to look up: those that were named, else FROM, else a saved image itself."""
    if bases or found:
        return bases
    if dockerfile is not None:
        from contrib.build import read
        from contrib.facts.placement import placement

        base = placement(read(dockerfile)).base
        if not base:
            raise BadInput(
                "does not say what it starts from", file=dockerfile.name, hint="name it with --base"
            )
        return (base,)
    from contrib.work import loads
    from contrib.work.local_images import PREFIX

    return tuple(each for each in files if each.startswith(PREFIX) or loads.is_saved_image(Path(each)))


def _nothing() -> Base:
    from contrib.binaries.answers import Base

    return Base("no base", None)


def _base(name: str, kept: Store, http: Http, terminal: Terminal, *, named: bool) -> Base:
    from contrib.binaries.answers import Base
    from contrib.work import loads

    try:
        inventory, source = loads.inventory_of(name, kept, http, terminal.progress, named=named)
    except OutsideError as error:
        terminal.warn(str(error))
        if error.hint:
            terminal.say(f"hint: {error.hint}")
        return Base(name, None, error=error)
    if source == "cache":
        terminal.debug(f"{name}: inventory from the cache")
    return Base(name, inventory, source)


def _from_file(name: str, terminal: Terminal) -> Base:
    from contrib.binaries.answers import Base
    from contrib.work import loads

    path = Path(name)
    if not path.is_file():
        raise BadInput("there is no such file", file=name)
    inventory = loads.inventory_file(path, terminal.progress)
    return Base(inventory.base, inventory, "file")


def _dockerfile(name: str | None, offline: bool) -> tuple[Source | None, Dockerfile | None]:
    if name is None:
        return None, None
    from contrib.cli.source import checked_dockerfile, read_source
    from contrib.dockerfile import parse

    source = read_source(name, offline=offline)
    return source, checked_dockerfile(parse(source.data, source.name))


def _make(name: str, kept: Store, http: Http, format_: str, output: Path | None, terminal: Terminal) -> int:
    from contrib.binaries.inventory import write
    from contrib.report import loads as texts
    from contrib.work import loads

    bases = loads.bases_tried(Path(name))
    if bases is not None:
        return _make_all(bases, kept, http, format_, output, terminal)
    inventory, source = loads.inventory_of(name, kept, http, terminal.progress)
    data = write(inventory)
    if output is not None:
        from contrib.clients.worktree import save

        save(output, data)
    elif source == "file":
        kept.keep(inventory)
    show = texts.inventory_json if format_ == "json" else texts.inventory_text
    emit(show(inventory, source, len(data)))
    return 0


def _make_all(
    bases: tuple[str, ...], kept: Store, http: Http, format_: str, output: Path | None, terminal: Terminal
) -> int:
    """The inventories of several bases, in a directory or in the cache; one that cannot be had hides no other."""
    from contrib.binaries.inventory import write
    from contrib.report import loads as texts
    from contrib.work import loads

    show = texts.inventory_json if format_ == "json" else texts.inventory_text
    shown: list[str] = []
    problem: ContribError | None = None
    for name in bases:
        try:
            inventory, source = loads.inventory_of(name, kept, http, terminal.progress, named=False)
        except ContribError as error:
            terminal.warn(str(error))
            problem = error
            continue
        data = write(inventory)
        if output is not None:
            from contrib.clients.worktree import write as write_below
            from contrib.values.tree import FileChange

            try:
                output.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise BadInput(f"cannot be written: {error.strerror}", file=str(output)) from error
            file = name.rpartition("/")[2].replace(":", "-") + ".inventory"
            write_below(output, [FileChange(file, data)])
        shown.append(show(inventory, source, len(data)))
    if not bases:
        terminal.warn("no variant in that record was tried on a Windows base")
    emit(_together(shown, format_))
    return 3 if problem is not None else 0


def _together(shown: list[str], format_: str) -> str:
    if format_ == "json" and len(shown) != 1:
        return "[\n" + ",\n".join(shown) + "\n]"
    return "\n\n".join(shown)


def _import(
    names: tuple[str, ...], kept: Store, format_: str, output: Path | None, terminal: Terminal
) -> int:
    from contrib.binaries.inventory import write
    from contrib.report import loads as texts

    shown = []
    for each in (_from_file(name, terminal) for name in names):
        assert each.inventory is not None
        kept.keep(each.inventory)
        show = texts.inventory_json if format_ == "json" else texts.inventory_text
        shown.append(show(each.inventory, "file", len(write(each.inventory))))
    emit(_together(shown, format_), output)
    return 0
