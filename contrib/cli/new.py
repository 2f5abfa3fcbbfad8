"""`contrib new`: an image's folder, begun from its repository."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from contrib.cli import output
from contrib.cli.common import Terminal, emit, terminal_options
from contrib.cli.options import official_images_option, offline_option, upstream_option
from contrib.clients.worktree import write
from contrib.values.errors import BadInput
from contrib.values.tree import FileChange


@click.command(name="new")
@click.argument("image")
@upstream_option("The image's repository: a directory or URL.", required=True)
@official_images_option(", for the tests that must be left out: a directory or URL")
@click.option(
    "--answers",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help='Answers to what the repository cannot tell (TOML, key = "value"), for scripts.',
)
@click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    default=Path("library_templates"),
    show_default=True,
    help="Where the folder is made; use it with --templates DIR afterwards.",
)
@offline_option
@terminal_options
def command(
    image: str,
    upstream: str,
    official_images: str | None,
    answers: Path | None,
    templates: Path,
    offline: bool,
    terminal: Terminal,
) -> int:
    """Scaffold the folder of IMAGE from its upstream repository.

    Reads what the repository tells (series, the Alpine twin, variables, ports, data, command, tests) and asks
    what it cannot: where Windows binaries come from. Writes image.toml and its companions, which load; nothing
    that is there is written over.

    \b
    contrib new haproxy --upstream https://github.com/docker-library/haproxy.git
    contrib new rabbitmq --upstream rabbitmq --answers rabbitmq.answers
    """
    from contrib.clients.git import Repository, split_spec
    from contrib.generate import scaffold as folder
    from contrib.images import read_file, templates_directory
    from contrib.images.reading import read_image
    from contrib.upstream.layouts import layouts_of

    target = templates / image
    if target.exists():
        raise BadInput("is there already", file=str(target), hint="name another place with --templates DIR")
    where, ref = split_spec(upstream)
    tests = None
    with Repository.obtain(where, offline=offline) as repository:
        tree = repository.tree(repository.resolve(ref or "HEAD"))
        found = layouts_of(tree, image)
        if len(found) != 1:
            what = f"signs of {' and '.join(found)}" if found else "none of the layouts that we know"
            raise BadInput(
                f"this repository has {what}", file=upstream, hint="name a branch: --upstream REPO@REF"
            )
        if official_images is not None:
            official, at = split_spec(official_images)
            with Repository.obtain(official, offline=offline) as other:
                tests = other.tree(other.resolve(at or "HEAD")).read("test/config.sh")
        seen = folder.observe(image, found[0], tree, tests)
    for line in _told(seen):
        terminal.say(line)
    asked = folder.questions(seen)
    if answers is not None:
        given = folder.checked_answers(asked, _read(answers), str(answers))
    elif terminal.interactive:
        given = _ask(asked)
    else:
        given = folder.checked_answers(asked, {}, "--answers")
    files = folder.scaffold(seen, given)
    # What is written must load: checked before anything is written.
    read_image(files["image.toml"].encode(), target)
    made = {f"{image}/{name}": text.encode() for name, text in files.items()}
    macros = templates / "macros" / "windows.j2"
    if not macros.exists():
        # What all templates share must stand beside the folder: templates are read from one place alone.
        made["macros/windows.j2"] = read_file(templates_directory() / "macros" / "windows.j2")
    try:
        templates.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot be written: {error.strerror}", file=str(templates)) from error
    write(templates, [FileChange(path, data) for path, data in made.items()])
    emit("\n".join(sorted((templates / path).as_posix() for path in made)))
    terminal.say(
        f"next: contrib generate {image} --templates {templates.as_posix()} --upstream {upstream} --diff"
    )
    return 0


def _told(seen: Any) -> list[str]:
    """What the repository has told, for people."""
    series = ", ".join(f"{name} ({version or 'no version'})" for name, version in seen.series[:6])
    return [
        f"layout: {seen.layout}; twin: {seen.linux}",
        f"series: {series or 'one per branch'}",
        f"variables: {seen.version_env}, {seen.url_env or 'no address'}, {seen.digest_env or 'no digest'}",
        f"ports: {', '.join(seen.exposed) or 'none'}; data: {seen.volume or 'none'}; program: {seen.program}",
        f"tests of official-images: {', '.join(seen.tests) or 'none that are known'}",
    ]


def _read(path: Path) -> dict[str, object]:
    from contrib.values.tables import decode, read_file

    table = decode(read_file(path), str(path))
    flat: dict[str, object] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update({f"{key}.{inner}": each for inner, each in value.items()})
        else:
            flat[key] = value
    return flat


def _ask(asked: Any) -> dict[str, str]:
    """Put the questions; a wrong answer is asked again."""
    from contrib.generate.scaffold import checked

    answers = {}
    for question in asked:
        while True:
            value = output.answered(question.text, question.default)
            try:
                answers[question.key] = checked(question, value)
                break
            except BadInput as error:
                output.message(error.message)
    return answers
