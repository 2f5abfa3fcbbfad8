"""`contrib manifest`: the library file as upstream's generator prints it, with the Windows entries."""

from __future__ import annotations

import re
from pathlib import Path

import click

from contrib.cli import output as output_
from contrib.cli.common import Terminal, terminal_options
from contrib.cli.options import check_option, diff_option, output_option, series_option
from contrib.cli.repositories import Opened, image_named, open_upstream, repository_options
from contrib.values.errors import BadInput


@click.command(name="manifest")
@repository_options(official_images=True)
@diff_option("Show the difference to official-images' present file.")
@check_option("Exit 1 and show the difference when there is one.")
@series_option("Versions, as the generator's arguments; repeatable [default: all].")
@click.option(
    "--script", metavar="PATH", help="Path of the generator, where the repository has a second one."
)
@output_option("Write it to FILE instead of stdout.")
@terminal_options
def command(
    image: str | None,
    upstream: str | None,
    ref: str | None,
    offline: bool,
    templates: Path | None,
    official_images: str | None,
    diff: bool,
    check: bool,
    series: tuple[str, ...],
    script: str | None,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Print the library file of IMAGE at the commit of --upstream (HEAD unless @REF names one).

    Linux entries are what upstream's own generator prints, to the byte; architectures of parent images are
    those of --official-images (at @REF, if one is named). Only what is committed is read.

    \b
    contrib manifest redis --upstream redis --official-images official-images
    contrib manifest golang --upstream golang@7aa947b --official-images official-images@HEAD~9 --diff
    """
    from contrib.upstream.manifest import check_fits, generate
    from contrib.upstream.profile import load

    profiles = load(image_named(image, templates, "manifest.toml"), templates)
    with open_upstream(upstream or profiles.repository, ref, offline, terminal, committed=True) as opened:
        assert opened.commit is not None
        check_fits(profiles, opened.repository, opened.commit, script)
        official = official_images or _OFFICIAL_IMAGES
        with open_upstream(official, None, offline, terminal) as library:
            path = f"library/{profiles.image}"
            present = library.tree.read(path)
            if opened.repository.work_dir is not None and not ref and "@" not in (upstream or ""):
                waiting = len(opened.repository.changed_files())
                if waiting:
                    terminal.warn(
                        f"{waiting} files of the work tree are not committed; only what is committed counts"
                    )
            try:
                text = generate(
                    profiles,
                    opened.repository,
                    opened.commit,
                    library.tree,
                    present=present,
                    script=script,
                    only=() if series == ("all",) else series,
                )
            except BadInput as error:
                if error.kind == "other-state":
                    error.hint = _needed_state(opened, library, official)
                raise
    if not (diff or check):
        _put(text, output)
        return 0
    if present is None:
        raise BadInput("there is no such file to compare with", file=f"{official}:{path}")
    from contrib.generate.patch import unified
    from contrib.values.tree import FileChange, MemoryTree

    before = MemoryTree({path: present})
    change = FileChange(path, text.encode("utf-8", "surrogateescape"))
    if change.content == present:
        terminal.say(f"{path} is as upstream's generator prints it")
        return 0
    if output is not None:
        _put(unified(before, [change]), output)
    else:
        from contrib.cli.writing import Target, show_diff

        show_diff(terminal, Target(before, False), [change])
    return 1 if check else 0


def _needed_state(opened: Opened, library: Opened, official: str) -> str:
    """The state of official-images that the commit of upstream was made beside."""
    assert opened.commit is not None
    when = opened.repository.run("show", "-s", "--format=%cI", opened.commit).stdout.decode().strip()
    name = official.partition("@")[0] or official
    found = library.repository.run("rev-list", "-1", f"--before={when}", "--all", accept=range(256))
    before = found.stdout.decode("ascii", "replace").strip()
    if not re.fullmatch(r"[0-9a-f]{40,64}", before):
        return f"it needs official-images as it stood on {when[:10]}: --official-images REPO@REF"
    return f"it needs official-images as it stood on {when[:10]}: --official-images {name}@{before[:12]}"


#: Where library files are, when no other place is named.
_OFFICIAL_IMAGES = "https://github.com/docker-library/official-images.git"


def _put(text: str, output: Path | None) -> None:
    """As it is: some files of official-images end without a newline."""
    if output is None:
        output_.content(text)
        return
    from contrib.clients.worktree import save

    save(output, text.encode("utf-8", "surrogateescape"))
