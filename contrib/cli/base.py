"""`contrib base`: a Windows release added to images' repositories, dropped from them, or held back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.continuing import continuing
from contrib.cli.github import Account, author_of, connect, github_options
from contrib.cli.options import (
    allow_option,
    check_option,
    clone_option,
    clones_of,
    diff_option,
    official_images_option,
    offline_option,
    templates_option,
    together,
    upstream_option,
)
from contrib.cli.proposing import carried_out, show, stats_of, tell
from contrib.values.errors import BadInput, ContribError
from contrib.values.records import dataclass

if TYPE_CHECKING:
    from contrib.cli.campaigning import Campaigns, Wish
    from contrib.generate.bases import Campaign
    from contrib.values.guards import Guards
    from contrib.values.tree import FileChange

F = TypeVar("F", bound=Callable[..., Any])


@click.group(name="base")
def command() -> None:
    """Add a Windows release to images, or drop or hold one.

    One plan: a pull request per image's repository (lists of variants, scripts, the directories that upstream's own
    templates give), then one to official-images with the library files. Run again, it goes on where it is.

    \b
    contrib base add ltsc2025 golang --dry-run
    contrib base drop 1809 golang python --clone golang=../golang --clone python=../python
    """


@dataclass(frozen=True, slots=True)
class Given:
    """The options that `add` and `drop` share, as they were given."""

    release: str
    images: tuple[str, ...]
    all_: bool
    upstream: str | None
    clones: tuple[str, ...]
    official_images: str | None
    kinds: tuple[str, ...]
    offline: bool
    templates: Path | None
    guards: Guards
    write: bool
    diff: bool
    check: bool
    dry_run: bool
    yes: bool
    draft: bool
    early: bool
    only: str | None
    signoff: bool | None
    no_fork: bool
    account: Account
    format_: str
    output: Path | None
    terminal: Terminal


def _options(function: F) -> F:
    return together(
        click.argument("release"),
        click.argument("images", nargs=-1, metavar="[IMAGE...]"),
        click.option("--all", "all_", is_flag=True, help="All images whose templates are known."),
        upstream_option("The repository of the one image: a directory or URL [default: as its folder says]."),
        clone_option,
        official_images_option(": a directory or URL [default: GitHub]"),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(["windowsservercore", "nanoserver"]),
            help="Only variants of this kind; repeatable [default: both].",
        ),
        offline_option,
        templates_option,
        allow_option,
        click.option(
            "--write", is_flag=True, help="Write into the work trees of --upstream and --clone; open nothing."
        ),
        diff_option(),
        check_option("Exit 1 when a repository would change; write nothing."),
        click.option("-n", "--dry-run", is_flag=True, help="Show the whole plan; change nothing."),
        click.option("-y", "--yes", is_flag=True, help="Do not ask."),
        click.option("-d", "--draft", is_flag=True, help="Open drafts."),
        click.option(
            "--early",
            is_flag=True,
            help="Open official-images' pull request at once, as a draft that says what it waits for.",
        ),
        click.option(
            "--only",
            type=click.Choice(["image", "official-images"]),
            help="Only the pull requests to the images' repositories, or only the one to official-images.",
        ),
        click.option(
            "--signoff/--no-signoff",
            "--sign-off/--no-sign-off",
            default=None,
            help="Add Signed-off-by [default: where most of the repository's recent commits have it].",
        ),
        click.option("--no-fork", is_flag=True, help="Push to the repositories themselves."),
        github_options,
        report_options("text", "json"),
        terminal_options,
    )(function)


@command.command(name="add")
@_options
def add(**given: Any) -> int:
    """Add the Windows release RELEASE to images.

    It goes before the older releases, in every list that has them; a variant that is held back is taken up again.
    Shows the plan and asks before anything is opened.

    \b
    contrib base add ltsc2025 golang --dry-run
    contrib base add ltsc2025 golang --upstream ../golang --diff
    """
    return _run("add", Given(**given))


@command.command(name="drop")
@_options
@click.option(
    "--hold",
    default=None,
    metavar="REASON",
    help="Only hold it back: versions.sh keeps it as a comment with REASON.",
)
@click.option("--link", default="", metavar="URL", help="With --hold: where it is discussed.")
@click.option(
    "--until",
    default="",
    metavar="WHEN",
    help="With --hold: the version, day or build of the runners from which `contrib bump` says to look again.",
)
def drop(hold: str | None, link: str, until: str, **given: Any) -> int:
    """Drop the Windows release RELEASE from images, or hold it back for now.

    Shows the plan and asks before anything is opened.

    \b
    contrib base drop ltsc2022 golang --upstream ../golang --diff
    contrib base drop ltsc2025 mongo --kind nanoserver --hold "mongod does not start" --until 8.0.6
    """
    if hold is None and (link or until):
        raise BadInput("--link and --until say more of --hold", kind="usage")
    return _run("drop", Given(**given), hold, link, until)


def _run(what: str, given: Given, hold: str | None = None, link: str = "", until: str = "") -> int:
    from contrib.cli.campaigning import KINDS, Wish
    from contrib.generate import holds
    from contrib.generate.bases import checked_release

    checked_release(given.release)
    kinds = given.kinds or KINDS
    held = None if hold is None else holds.made(f"{kinds[0]}-{given.release}", hold, link, until)
    names = _images(given.images, given.all_, given.templates)
    wish = Wish(
        what, given.release, tuple(names), kinds, held, given.all_, _places(given.upstream, given.clones, names),
        given.official_images, given.templates, given.offline,
    )  # fmt: skip
    _refuse_contradictions(given)
    if given.write or given.diff or given.check:
        return _in_work_trees(wish, given)
    return _proposed(wish, given)


def _refuse_contradictions(given: Given) -> None:
    local = [
        name
        for name, on in (("--write", given.write), ("--diff", given.diff), ("--check", given.check))
        if on
    ]
    opening = given.dry_run or given.yes or given.draft or given.early or given.only or given.no_fork
    if len(local) > 1 or (local and opening):
        raise BadInput(
            f"{local[0]} is about work trees: no pull request is planned or opened beside it", kind="usage"
        )
    if given.offline and not given.dry_run and not local:
        raise BadInput(
            "a pull request needs the network",
            kind="usage",
            hint="--offline --dry-run shows the plan without it; --write writes into work trees",
        )
    if given.early and given.only == "image":
        raise BadInput(
            "--early is for official-images' pull request, and --only image leaves it out", kind="usage"
        )


# -- pull requests -----------------------------------------------------------------------------------------


def _proposed(wish: Wish, given: Given) -> int:
    from contrib.cli.campaigning import Campaigns
    from contrib.clients.github import GitHubReads, UnaskedGitHub, addresses
    from contrib.pulls.plan import Settings

    terminal, account, dry_run = given.terminal, given.account, given.dry_run
    with ExitStack() as stack:
        github: GitHubReads
        if given.offline:
            github, viewer = UnaskedGitHub(addresses(account.github_url)), None
        else:
            github, viewer = connect(account, terminal, dry_run=dry_run, guards=given.guards)
        login = None if viewer is None else viewer.login or None
        if not dry_run and login is None and account.fork_owner is None and not given.no_fork:
            raise BadInput(
                "this token belongs to no account that could have a fork",
                kind="authentication",
                hint="a classic token with public_repo in CONTRIB_GITHUB_TOKEN",
            )
        name = f"base {wish.what} {wish.release}"
        settings = Settings(
            owner=account.fork_owner or login,
            author=author_of(None, terminal, dry_run=dry_run),
            signoff=given.signoff,
            fork=not given.no_fork,
            early=given.early,
            guards=given.guards,
            draft=given.draft,
            command=continuing(name, *([] if wish.every else wish.images)),
            accounts=tuple(each for each in (login, account.fork_owner) if each),
        )
        shop = stack.enter_context(Campaigns(wish, github, terminal))
        plan = shop.plan(settings, only=given.only, draft=given.draft)
        for applied in plan.guards:
            given.guards.record(applied)
        stats = stats_of(plan, shop.store)
        more = _more(shop)
        own = _own_folders(wish, [part.image for part in shop.parts])
        plan = replace(plan, notes=(*plan.notes, *(note for note, _, _ in own)))
        if dry_run:
            problem = given.guards.problem(settings.command, preview=True)
            if problem is not None:
                raise problem
            show(plan, stats, given.format_, given.output, more)
            return 0
        if given.guards.force or not any(step.stop for step in plan):
            given.guards.settle(settings.command)
        plan = carried_out(
            plan, stats, github, shop.store, settings, terminal,
            yes=given.yes, organization=account.fork_owner if account.fork_owner != login else None,
            maintainer_can_modify=True, json_=given.format_ == "json",
        )  # fmt: skip
        plan = replace(plan, after=shop.next(plan, settings.command))
        _write_folders(own, terminal)
        tell(plan, given.format_, given.output, terminal, web=False, more=more)
    return 0


def _more(shop: Campaigns) -> dict[str, Any]:
    """What the plan's JSON has beside the plan."""
    return {
        "release": shop.wish.release,
        "images": [
            {
                "image": part.image,
                "key": part.key,
                "maintainers": list(part.maintainers),
                "series": {}
                if part.campaign is None
                else {k: list(v) for k, v in part.campaign.variants.items()},
                "library_file": f"library/{part.image}",
                "notes": [] if part.campaign is None else list(part.campaign.notes),
            }
            for part in shop.parts
        ],
        "pins": list(shop.asked.pins),
        "left_out": [{"image": name, **error.as_json()} for name, error in shop.left_out],
    }


# -- a person's own folders --------------------------------------------------------------------------------


def _own_folders(wish: Wish, images: Sequence[str]) -> list[tuple[str, Path, bytes]]:
    """For each of the images with an ``image.toml`` of its own: what is said, the file, its new content.

    What upstream's data names has to be in the folder as well, or the next `contrib generate` would take it back.
    Only ``--templates DIR`` is written; the package's own folders come with the program.
    """
    from contrib.generate.bases import older
    from contrib.images.reading import read_image
    from contrib.images.variants import with_release, without_release
    from contrib.values.tables import image_folders

    found = []
    for name, folder in image_folders("image.toml", wish.templates).items():
        path = folder / "image.toml"
        if name not in images or not path.is_file():
            continue
        data = path.read_bytes()
        text = data.decode("utf-8")
        if wish.what == "add":
            new = with_release(text, wish.release, wish.kinds, older)
        elif wish.hold is not None:
            continue
        else:
            new = without_release(text, wish.release, wish.kinds)
        if new == text:
            continue
        if wish.templates is None or folder.parent != wish.templates:
            found.append(
                (
                    f"{name}: the program's own image.toml {'does not have' if wish.what == 'add' else 'still has'} "
                    f"{wish.release} ([[variant]]); --templates DIR takes one of your own",
                    path,
                    data,
                )
            )
            continue
        read_image(new.encode("utf-8"), folder, str(path))
        verb = "gets" if wish.what == "add" else "loses"
        found.append((f"{path} {verb} the variants of {wish.release}", path, new.encode("utf-8")))
    return found


def _write_folders(own: Sequence[tuple[str, Path, bytes]], terminal: Terminal) -> None:
    from contrib.clients.worktree import replace as write_whole

    for note, path, content in own:
        if path.read_bytes() != content:
            write_whole(path, content)
            terminal.say(note)


# -- work trees --------------------------------------------------------------------------------------------


def _in_work_trees(wish: Wish, given: Given) -> int:
    plan: list[dict[str, Any]] = []
    failed: list[tuple[str, ContribError]] = []
    shown: list[str] = []
    changes = 0
    for name in wish.images:
        try:
            campaign, todo, text = _one(wish, name, given)
        except ContribError as error:
            # Under --all an image that the release does not concern is not a failure of the others.
            failed.append((name, error))
            continue
        changes += len(todo)
        shown.append(text)
        plan.append(_as_json(name, campaign, todo))
        for note in campaign.notes if campaign is not None else ():
            given.terminal.say(f"- {name}: {note}")
    if failed and (len(wish.images) == 1 or not plan):
        raise failed[0][1]
    for name, failure in failed:
        given.terminal.warn(f"{name}: {failure}")
    if given.write:
        _write_folders(_own_folders(wish, [each["image"] for each in plan]), given.terminal)
    if given.format_ == "json":
        left = [{"image": name, **failure.as_json()} for name, failure in failed]
        emit(
            json.dumps(
                {"release": wish.release, "plan": plan, "left_out": left}, indent=2, ensure_ascii=False
            ),
            given.output,
        )
    else:
        emit("\n".join(text for text in shown if text), given.output)
    return 1 if given.check and changes else 0


def _images(images: tuple[str, ...], every: bool, templates: Path | None) -> list[str]:
    from contrib.values.tables import image_folders

    known = sorted(image_folders("render.toml", templates))
    if every and images:
        raise BadInput("--all is every image: name none beside it", kind="usage")
    if every:
        return known
    if not images:
        raise BadInput(
            "which image?", hint=f"there are: {', '.join(known)}; --all takes every one", kind="usage"
        )
    for name in images:
        if name not in known:
            raise BadInput(
                f"there is no image {name!r} whose templates are known", hint=f"there are: {', '.join(known)}"
            )
    return list(dict.fromkeys(images))


def _places(upstream: str | None, clones: tuple[str, ...], names: Sequence[str]) -> dict[str, str]:
    found = {}
    if upstream is not None:
        if len(names) != 1:
            raise BadInput(
                f"--upstream {upstream}: whose is it? write --clone IMAGE={upstream}", kind="usage"
            )
        found[names[0]] = upstream
    return found | clones_of(clones, names)


def _one(wish: Wish, name: str, given: Given) -> tuple[Campaign | None, tuple[FileChange, ...], str]:
    """One image's change in its own work tree: written, or only shown."""
    from contrib.cli.campaigning import changed
    from contrib.cli.repositories import open_upstream
    from contrib.clients.libjq import Worker
    from contrib.generate.patch import needed, unified
    from contrib.upstream import render

    profiles = render.load(name, wish.templates)
    place = wish.places.get(name) or profiles.repository
    with open_upstream(place, None, wish.offline, given.terminal) as opened, Worker() as worker:
        campaign = changed(wish, profiles, opened.tree, worker)
        if campaign is None:
            return (
                None,
                (),
                f"{name}: {'has' if wish.what == 'add' else 'does not have'} {wish.release} already",
            )
        todo = needed(opened.tree, campaign.files)
        if given.diff:
            return campaign, todo, unified(opened.tree, todo)
        if given.write and todo:
            if not opened.work_tree or opened.repository.work_dir is None:
                raise BadInput(
                    "nothing can be written there: it has no work tree",
                    file=place,
                    hint="look at the result with --diff, or name a clone with a work tree",
                )
            dirty = opened.repository.changed_files()
            if dirty:
                raise BadInput(
                    f"the work tree has changes of its own: {', '.join(sorted(dirty)[:5])}",
                    file=str(opened.repository.path),
                    hint="commit or stash them first (git stash)",
                )
            from contrib.clients.worktree import write as write_files

            write_files(opened.repository.work_dir, todo)
        series = ", ".join(campaign.variants)
        return campaign, todo, f"{name}: {campaign.title} ({series}; {len(todo)} files)"


def _as_json(name: str, campaign: Campaign | None, todo: Sequence[FileChange]) -> dict[str, Any]:
    variants = {} if campaign is None else campaign.variants
    return {
        "image": name,
        "title": None if campaign is None else campaign.title,
        "series": {series: list(names) for series, names in variants.items()},
        "library_file": f"library/{name}",
        "files": [{"path": change.path, "deleted": change.content is None} for change in todo],
        "notes": [] if campaign is None else list(campaign.notes),
    }
