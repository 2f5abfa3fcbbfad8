"""``contrib library``: print, list, compare and check library files, as bashbrew and official-images' CI do.

What only one of the commands needs is imported by it: ``cat`` and ``list`` are held to bashbrew's time, and
an interpreter that starts has used up half of it.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from contrib.cli import library_files as files
from contrib.cli import output as output_
from contrib.cli.common import (
    Terminal,
    emit,
    fail_on_option,
    failing,
    format_option,
    report_options,
    terminal_options,
)
from contrib.cli.helping import Suggesting
from contrib.cli.options import fix_options, library_upstream_option, together
from contrib.cli.reporting import FORMATS
from contrib.cli.settings import Settings, policy_options
from contrib.library.fields import ARCHITECTURES
from contrib.library.parsing import parse
from contrib.library.select import Wanted
from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from pathlib import Path

    from contrib.cli.library_git import Clones
    from contrib.library.model import Entry, LibraryFile
    from contrib.values.findings import Severity


@click.group(name="library", cls=Suggesting)
def command() -> None:
    """Check, print, list and compare library files.

    Arguments are NAME or NAME:TAG of the library folder, or a path with a slash in it; a folder stands for
    all files in it.
    """


# -- options ---------------------------------------------------------------------------------------


def _commas(ctx: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for item in value for part in item.split(",") if part.strip())


_FILES = together(
    click.argument("names", nargs=-1, metavar="[NAME[:TAG]|FILE|FOLDER]..."),
    click.option("--all", "all_", is_flag=True, help="Every file of the library folder."),
    click.option(
        "--library",
        "folder",
        envvar=["CONTRIB_LIBRARY", "BASHBREW_LIBRARY"],
        default="library",
        show_default="./library",
        metavar="DIR",
        help="The library folder (also BASHBREW_LIBRARY).",
    ),
)

_SELECTION = together(
    click.option("--uniq", "--unique", is_flag=True, help="Only the first tag of each entry."),
    click.option(
        "--namespace",
        envvar=["CONTRIB_NAMESPACE", "BASHBREW_NAMESPACE"],
        default="",
        metavar="NS",
        help="Print NS/NAME.",
    ),
    click.option(
        "--arch",
        type=click.Choice(ARCHITECTURES),
        envvar=["CONTRIB_ARCH", "BASHBREW_ARCH"],
        default="amd64",
        show_default=True,
        help="The architecture that the next two options mean.",
    ),
    click.option("--arch-filter", is_flag=True, help="Only entries that have the architecture."),
    click.option("--apply-constraints", is_flag=True, help="That, and only those whose constraints are met."),
    click.option(
        "--constraint",
        "constraints",
        multiple=True,
        envvar=["CONTRIB_CONSTRAINT", "BASHBREW_CONSTRAINTS"],
        callback=_commas,
        metavar="C",
        help="A constraint that is met (repeatable).",
    ),
    click.option(
        "--exclusive-constraints",
        is_flag=True,
        help="With --apply-constraints, leave out entries without constraints.",
    ),
)

_FORMAT = format_option("text", "json")


def _wanted(
    arch: str,
    arch_filter: bool,
    apply_constraints: bool,
    constraints: tuple[str, ...],
    exclusive: bool,
    namespace: str,
) -> Wanted:
    return Wanted(
        architecture=arch,
        filter=arch_filter,
        apply=apply_constraints,
        constraints=constraints,
        exclusive=exclusive,
        namespace=namespace,
        say=output_.message,
    )


# -- output ------------------------------------------------------------------------------------------


def _print_json(value: object) -> None:
    import json

    text = json.dumps(value, ensure_ascii=False, indent=2)
    files.write(text.encode("utf-8", "replace").decode() + "\n")


# -- cat, list -------------------------------------------------------------------------------------


@command.command("cat")
@_FILES
@_FORMAT
def cat_command(names: tuple[str, ...], all_: bool, folder: str, format_: str) -> None:
    """Print library files in their canonical form.

    With NAME:TAG its entries in full, with everything that they inherit.

    \b
    contrib library cat redis --library official-images/library
    contrib library cat redis:7.2-alpine --library official-images/library
    """
    from contrib.library.writer import cat, cat_entries

    selections = files.selections(files.named(names, all_, folder))
    if format_ == "json":
        shapes = []
        for selection in selections:
            shape: dict[str, object] = {"name": selection.file.repository, "file": selection.file.name}
            if selection.tag is None:
                shape["header"] = selection.file.header.as_json()
            shape["entries"] = [entry.as_json() for entry in selection.entries]
            shapes.append(shape)
        _print_json(shapes)
        return
    parts = []
    for selection in selections:
        parts.append(cat(selection.file) if selection.tag is None else cat_entries(selection.entries))
    files.write("\n\n".join(parts))


@command.command("list")
@_FILES
@_SELECTION
@click.option("--repos", is_flag=True, help="Only the names; the tags of the first entry for NAME:TAG.")
@_FORMAT
def list_command(
    names: tuple[str, ...],
    all_: bool,
    folder: str,
    uniq: bool,
    namespace: str,
    arch: str,
    arch_filter: bool,
    apply_constraints: bool,
    constraints: tuple[str, ...],
    exclusive_constraints: bool,
    repos: bool,
    format_: str,
) -> None:
    """List tags, one NAME:TAG per line, in file order.

    \b
    contrib library list redis --library official-images/library
    contrib library list --all --uniq --library official-images/library
    """
    from contrib.library.select import repositories, tags

    wanted = _wanted(arch, arch_filter, apply_constraints, constraints, exclusive_constraints, namespace)
    lines: list[str] = []
    for selection in files.selections(files.named(names, all_, folder)):
        lines += (repositories if repos else tags)(selection, wanted, uniq=uniq)
    if format_ == "json":
        _print_json(lines)
    elif lines:
        files.write("\n".join(lines) + "\n")


# -- from ------------------------------------------------------------------------------------------

_UPSTREAM = together(
    library_upstream_option(),
    click.option(
        "--online",
        is_flag=True,
        help="Ask the network: clone what GitRepo names, ask registries and git servers.",
    ),
)


@command.command("from")
@_FILES
@_SELECTION
@_UPSTREAM
@_FORMAT
def from_command(
    names: tuple[str, ...],
    all_: bool,
    folder: str,
    uniq: bool,
    namespace: str,
    arch: str,
    arch_filter: bool,
    apply_constraints: bool,
    constraints: tuple[str, ...],
    exclusive_constraints: bool,
    upstreams: tuple[str, ...],
    online: bool,
    format_: str,
) -> None:
    """List the bases of each tag: NAME:TAG: BASE BASE ...

    The Dockerfiles are read from the image's repository at the commits that the entries name: from
    --upstream, or (--online) from a clone of GitRepo in the cache.

    \b
    contrib library from redis --library official-images/library --upstream redis
    """
    from contrib.cli.library_git import Clones

    wanted = _wanted(arch, arch_filter, apply_constraints, constraints, exclusive_constraints, namespace)
    clones = Clones(upstreams, online=online, say=output_.message)
    lines: list[str] = []
    shapes: list[dict[str, object]] = []
    try:
        for selection in files.selections(files.named(names, all_, folder)):
            lead = wanted.named(selection.file.repository) + ":"
            for entry in wanted.of(selection):
                chosen = (wanted.architecture,) if wanted.limited else entry.architectures
                bases = _bases(selection.file, entry, chosen, clones)
                for tag in entry.all_tags[:1] if uniq else entry.all_tags:
                    lines.append(f"{lead}{tag}: {' '.join(bases)}")
                    shapes.append({"tag": lead + tag, "from": bases})
    finally:
        clones.close()
    if format_ == "json":
        _print_json(shapes)
    elif lines:
        files.write("\n".join(lines) + "\n")


def _bases(file: LibraryFile, entry: Entry, architectures: tuple[str, ...], clones: Clones) -> list[str]:
    """Bases of the entry's architectures, in the order met, each once."""
    from contrib.library.bases import SCRATCH, read_bases

    found: dict[str, None] = {}
    read: dict[tuple[str, str, str], None] = {}
    for architecture in architectures:
        if entry.value("Builder", architecture) == "oci-import":
            found.update(dict.fromkeys(SCRATCH.froms))
            continue
        url, commit = entry.value("GitRepo", architecture), entry.value("GitCommit", architecture)
        path = entry.dockerfile(architecture)
        if (url, commit, path) in read:
            continue
        read[url, commit, path] = None
        view = clones.of(url)
        name = f"{file.repository}:{entry.tags[0]}"
        if view is None:
            raise clones.problems.get(url) or BadInput(
                f"the repository of {name}, {url}, is not at hand",
                file=file.name,
                hint="give --upstream CLONE, or --online to clone it",
            )
        data = view.read(commit, path)
        if data is None:
            what = f"there is no {path}" if view.has(commit) else "there is no such commit"
            raise BadInput(
                f"{what} at {commit[:12]} of {url} ({name}, {architecture})",
                file=file.name,
                hint=f"`contrib library check {file.repository} --upstream ...` says more",
            )
        bases = read_bases(data)
        if bases.nameless:
            raise BadInput(f"a FROM without a name in {path} of {name}", file=path, line=bases.nameless)
        found.update(dict.fromkeys(bases.froms))
    return list(found)


# -- check -----------------------------------------------------------------------------------------


@command.command("check")
@_FILES
@click.option(
    "--against",
    metavar="FILE|REPO@REF:PATH",
    help="The version before the change: a file, a library folder, or a path at a commit.",
)
@click.option("--changed", is_flag=True, help="The files that this branch of official-images changed.")
@click.option(
    "--base",
    envvar="CONTRIB_LIBRARY_BASE",
    metavar="REF",
    help="With --changed: the commit before (default: the merge base with the remote's default branch).",
)
@_UPSTREAM
@fix_options
@click.option("--ask", is_flag=True, help="With --fix: show the fixes that need a look, one by one, and ask.")
@click.option("--rule", "only", multiple=True, metavar="ID", help="Only this rule (repeatable).")
@policy_options
@fail_on_option
@report_options(*FORMATS)
@terminal_options
def check_command(
    names: tuple[str, ...],
    all_: bool,
    folder: str,
    against: str | None,
    changed: bool,
    base: str | None,
    upstreams: tuple[str, ...],
    online: bool,
    fix: bool,
    diff: bool,
    ask: bool,
    only: tuple[str, ...],
    settings: Settings,
    fail_on: Severity | None,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Check library files: what bashbrew and official-images' CI refuse, and what history taught.

    A rule runs where it gets what it needs: the text alone, the version before the change (--against, or
    --changed), the image's repository (--upstream, or --online), the other library files and the pins beside
    them (--library), the network (--online). What was not checked is listed at the end.

    A change is judged by what it introduced: what was there before is one line (-v shows it), and does not
    count. FILE and --library may be REPO@REF:PATH and REPO@REF; pins, bases and the date are then that commit's.

    \b
    contrib library check redis --library official-images/library
    contrib library check redis --library official-images/library --upstream redis
    contrib library check --changed
    """
    from contrib.cli import library_before as before
    from contrib.cli.library_check import Check
    from contrib.cli.library_sources import Commits, given

    if diff and not fix:
        raise click.UsageError("--diff shows what --fix would change: give both")
    if ask and not fix:
        raise click.UsageError("--ask goes with --fix")
    if changed and (against is not None or all_):
        raise click.UsageError(
            "--changed says which files and what was before: leave out --against and --all"
        )
    if base is not None and not changed:
        raise click.UsageError("--base goes with --changed")
    if ask and not terminal.interactive:
        raise BadInput("--ask needs a terminal to ask on", hint="--fix alone makes the safe fixes")
    commits = Commits(offline=not online)
    previous: before.Before | None
    deleted: list[str] = []
    try:
        if changed:
            sources, previous, deleted = before.changed(names, folder, base, commits)
        else:
            sources = given(names, all_, folder, commits)
            previous = before.against(against, commits) if against is not None else None
        for path in deleted:
            terminal.say(f"{path} is deleted: nothing to check")
        if changed and not sources:
            terminal.say("no library file changed")
        with Check(
            sources,
            before=previous,
            upstreams=upstreams,
            online=online,
            only=only,
            settings=settings,
            terminal=terminal,
        ) as check:
            if fix:
                patch = check.fix(ask=ask, in_place=not diff)
                if diff:
                    if patch:
                        emit(patch, output, exact=True)
                    return 0
            outcome = check.run()
            emit(outcome.report(format_, output), output, exact=format_ == "github")
    finally:
        commits.close()
    return 1 if failing(outcome.findings, fail_on) else 0


# -- diff ------------------------------------------------------------------------------------------


@command.command("diff")
@click.argument("old")
@click.argument("new")
@report_options("text", "markdown", "json")
@terminal_options
def diff_command(old: str, new: str, format_: str, output: Path | None, terminal: Terminal) -> None:
    """Show what a change means: which tags move to which commit, which come and go.

    OLD and NEW are files, `-`, or REPO@REF:PATH; two folders are compared file by file.

    \b
    contrib library diff official-images@HEAD~1:library/redis official-images@HEAD:library/redis
    """
    from contrib.library.diff import as_json, diff, markdown, text

    pairs = [
        (name, one, two)
        for name, one, two in _pairs(old, new)
        if one is None or two is None or one.data != two.data
    ]
    found = [each for _, one, two in pairs if (each := diff(one, two))]
    if format_ == "json":
        import json

        shapes = [as_json(each) for each in found]
        single = not (os.path.isdir(old) and os.path.isdir(new))  # noqa: PTH112
        shape: object = (shapes or [_same(old, new)])[0] if single else shapes
        emit(json.dumps(shape, ensure_ascii=False, indent=2), output)
    elif not found:
        terminal.say("no difference")
    elif format_ == "markdown":
        emit("\n".join(markdown(each) for each in found), output)
    else:
        emit("\n".join(text(each) for each in found), output)


def _same(old: str, new: str) -> dict[str, object]:
    from contrib.library.diff import as_json, diff

    (_, one, two), *_ = _pairs(old, new)
    return as_json(diff(one, two))


def _pairs(old: str, new: str) -> list[tuple[str, LibraryFile | None, LibraryFile | None]]:
    if os.path.isdir(old) or os.path.isdir(new):  # noqa: PTH112
        for path in (old, new):
            if not os.path.isdir(path):  # noqa: PTH112
                raise BadInput(
                    "is no folder, and the other side is one",
                    file=path,
                    hint="compare two files, or two folders",
                )
        one = {path: None for path, _ in files.of_folder(old, "a folder of library files")}
        two = {path: None for path, _ in files.of_folder(new, "a folder of library files")}
        before = {os.path.basename(path): path for path in one}  # noqa: PTH119
        after = {os.path.basename(path): path for path in two}  # noqa: PTH119
        return [
            (
                name,
                parse(files.read_bytes(before[name]), before[name]) if name in before else None,
                parse(files.read_bytes(after[name]), after[name]) if name in after else None,
            )
            for name in sorted({*before, *after}, key=os.fsencode)
        ]
    first, second = _source(old), _source(new)
    return [(second.name, first, second)]


def _source(spec: str) -> LibraryFile:
    """A file by any name that a source may have; NAME of the library folder is none."""
    from contrib.cli.source import read_source

    source = read_source(spec)
    # The image is named by its path, not by how the person came to it.
    name = source.path or source.name
    try:
        return parse(source.data, name)
    except BadInput as error:
        error.file = spec
        raise
