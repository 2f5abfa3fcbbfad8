"""`contrib pins`: the Windows bases that official-images pins, and whether they may move."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contrib.cli.board import OFFICIAL
from contrib.cli.common import Terminal, emit, report_options, terminal_options
from contrib.cli.holding import builds as runner_builds
from contrib.cli.options import official_images_option, offline_option
from contrib.values.errors import BadInput, ContribError

if TYPE_CHECKING:
    from contrib.clients.git import Repository
    from contrib.releases.pins import PinState


@click.command(name="pins")
@official_images_option(": a clone or URL [default: GitHub]")
@click.option(
    "--runners",
    metavar="FILE|URL",
    help="Releases of actions/runner-images, as GitHub's API gives them [default: GitHub].",
)
@click.option("--registry", metavar="HOST", help="Ask this registry for the bases instead of their own.")
@offline_option
@report_options("text", "json")
@terminal_options
def command(
    official_images: str | None,
    runners: str | None,
    registry: str | None,
    offline: bool,
    format_: str,
    output: Path | None,
    terminal: Terminal,
) -> int:
    """Show the Windows bases that official-images pins: builds, runners, what may move and what waits.

    With --offline only what a clone of official-images says: the pins, their digests and when they moved.

    \b
    contrib pins --official-images ../official-images --offline
    """
    from contrib.clients.git import Repository, split_spec

    spec, ref = split_spec(official_images or OFFICIAL)
    with Repository.obtain(spec, offline=offline) as repository:
        commit = repository.resolve(ref or "HEAD")
        found = _pinned(repository, commit)
    if not found:
        raise BadInput("pins no Windows base: this is not official-images", file=spec)
    builds = {} if offline and runners is None else runner_builds(runners, terminal)
    if not offline:
        found = [_asked(pin, registry, terminal) for pin in found]
    found = [replace(pin, runner=builds.get(pin.reference.rpartition(":")[2])) for pin in found]
    if format_ == "json":
        emit(json.dumps({"pins": [pin.as_json() for pin in found]}, indent=2), output)
    else:
        emit("\n".join(_line(pin) for pin in found), output)
    asked = [pin for pin in found if pin.verdict[0] == "unknown"]
    return 3 if asked and not offline else 0


def _pinned(repository: Repository, commit: str) -> list[PinState]:
    from contrib.releases.pins import PinState

    tree = repository.tree(commit)
    found = []
    for path in tree.paths(".external-pins"):
        if "___" not in path or "/windows/" not in path:
            continue
        digest = (tree.read(path) or b"").decode("ascii", "replace").strip()
        reference = path.removeprefix(".external-pins/").replace("___", ":", 1)
        since = repository.run("log", "-1", "--format=%cs", commit, "--", path).stdout.decode().strip()
        found.append(PinState(reference, digest, since=since or None))
    return found


def _asked(pin: PinState, registry: str | None, terminal: Terminal) -> PinState:
    """The pin with what the registry says of it; what cannot be asked stays unknown."""
    from contrib.clients.registry import Reference, Registry

    name, _, tag = pin.reference.rpartition(":")
    if registry is not None:
        name = f"{registry}/{name.partition('/')[2]}"

    def version(reference: str) -> tuple[str, str]:
        client = Registry(Reference.parse(reference))
        image = client.image()
        return image.digest, str(client.config(image).get("os.version") or "")

    try:
        pinned = version(f"{name}@{pin.digest}")[1]
        floating = version(f"{name}:{tag}")
        # What is pinned may be a list with the image in it: it is current when its version is the tag's.
        if floating[1] == pinned:
            floating = (pin.digest, pinned)
        exact = None
        if floating[1] != pinned:
            exact = version(f"{name}:{floating[1]}")[0]
        return replace(pin, version=pinned, floating=floating, exact=exact)
    except ContribError as error:
        terminal.warn(f"{pin.reference}: {error}")
        return pin


def _line(pin: PinState) -> str:
    state, why = pin.verdict
    version = f" {pin.version}" if pin.version else ""
    since = f" since {pin.since}" if pin.since else ""
    return f"{pin.reference}{version} {pin.digest[:19]}{since}: {state} ({why})"
