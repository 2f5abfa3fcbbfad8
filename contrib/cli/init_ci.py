"""`contrib init-ci`: the GitHub workflow that bumps and proposes."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import click

from contrib.cli.common import Terminal, emit, terminal_options
from contrib.cli.faults import DISTRIBUTION
from contrib.cli.options import allow_option, check_option, diff_option, templates_option
from contrib.values import jsontext
from contrib.values.errors import BadInput
from contrib.values.guards import Guards

#: Once a week: docker-library's FAQ asks bots for no more.
_SCHEDULE = "17 6 * * 1"

_WORKFLOW = """\
# Made by `contrib init-ci`. Brings the Windows variants of {image} to the port's newest releases and proposes
# them upstream; without anything new it does nothing. A person reads the plan in the log, and the pull request.
name: Windows variants of {image}

on:
  schedule:
    - cron: "{schedule}"
  workflow_dispatch:

permissions: {{}}

concurrency:
  group: contrib-{image}

jobs:
  propose:
    runs-on: ubuntu-latest
    timeout-minutes: 30
    # Its secret is of this environment, not of the repository: other workflows do not get it.
    environment: contrib
    steps:
      - name: Install contrib
        shell: bash
        run: |
          python3 -m venv "$RUNNER_TEMP/contrib"
          "$RUNNER_TEMP/contrib/bin/pip" install --quiet '{install}'
          echo "$RUNNER_TEMP/contrib/bin" >> "$GITHUB_PATH"
      - name: What is due
        id: due
        # 0: nothing; 1: something is due; anything else is a failure, and stays one.
        shell: bash
        run: |
          code=0
          contrib bump {image} --check | tee "$RUNNER_TEMP/due" || code=$?
          # Indented, it is code: nothing that others wrote is Markdown in the summary.
          {{ echo; sed 's/^/    /' "$RUNNER_TEMP/due"; echo; }} >> "$GITHUB_STEP_SUMMARY"
          echo "code=$code" >> "$GITHUB_OUTPUT"
          if [ "$code" -gt 1 ]; then exit "$code"; fi
      - name: Show the plan
        shell: bash
        run: |
          contrib pr {image} --dry-run | tee "$RUNNER_TEMP/plan"
          {{ echo; sed 's/^/    /' "$RUNNER_TEMP/plan"; echo; }} >> "$GITHUB_STEP_SUMMARY"
      - name: Propose
        shell: bash
        env:
          # A classic token with the scope public_repo (and workflow), of the account whose forks hold the branches:
          # the workflow's own token may not open pull requests on other repositories. No other step has it.
          CONTRIB_GITHUB_TOKEN: ${{{{ secrets.CONTRIB_GITHUB_TOKEN }}}}
          GIT_AUTHOR_NAME: ${{{{ vars.CONTRIB_AUTHOR_NAME }}}}
          GIT_AUTHOR_EMAIL: ${{{{ vars.CONTRIB_AUTHOR_EMAIL }}}}
        run: |
          contrib doctor {image}
          contrib pr {image} --yes
          contrib status {image} | tee "$RUNNER_TEMP/status"
          {{ echo; sed 's/^/    /' "$RUNNER_TEMP/status"; echo; }} >> "$GITHUB_STEP_SUMMARY"
"""


@click.command(name="init-ci")
@click.argument("image", required=False)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    metavar="DIR",
    help="Repository that the workflow is for [default: here].",
)
@click.option(
    "--install",
    metavar="SPEC",
    help="What pip installs in the workflow: a wheel's address with #sha256=…, or a repository at a commit "
    "[default: where this contrib was installed from, if that is a repository].",
)
@click.option(
    "--schedule",
    default=_SCHEDULE,
    show_default=True,
    metavar="CRON",
    help="When it runs; docker-library asks for no more than once or twice a week.",
)
@templates_option
@diff_option()
@check_option()
@allow_option
@terminal_options
def command(
    image: str | None,
    directory: Path,
    install: str | None,
    schedule: str,
    templates: Path | None,
    diff: bool,
    check: bool,
    guards: Guards,
    terminal: Terminal,
) -> int:
    """Write the workflow that keeps the Windows variants of IMAGE current: it bumps and proposes.

    It goes into a repository of yours, not into upstream's; the token is a secret of that repository.

    \b
    contrib init-ci redis --install 'git+https://github.com/OWNER/contrib@0123456789abcdef' --diff
    """
    from contrib.cli.repositories import image_named
    from contrib.clients.git import WorkTree
    from contrib.clients.worktree import write
    from contrib.generate.patch import unified
    from contrib.images import load
    from contrib.values.tree import FileChange, MemoryTree

    name = load(image_named(image, templates, "image.toml"), templates).name
    if not directory.is_dir():
        raise BadInput("there is no such directory", file=str(directory))
    relative = f".github/workflows/contrib-{name}.yml"
    text = workflow(name, install or _installed_from(), schedule)
    path = directory / relative
    # Neither read nor written through a link: the directory may be a clone of somebody else's.
    present = WorkTree(directory).read(relative)
    change = FileChange(relative, text.encode())
    differs = present is not None and present != change.content
    if differs and not (check or diff):
        guards.stop("workflow-differs", f"{path} is there and differs (--diff shows how)")
    guards.settle()
    if present == change.content:
        terminal.say(f"{relative} is as it should be")
        return 0
    if diff:
        tree = MemoryTree({} if present is None else {relative: present})
        emit(unified(tree, [change]), exact=True)
    if check or diff:
        return 1 if check else 0
    write(directory, [change])
    emit(relative)
    terminal.say(
        "next: the environment `contrib` with the secret CONTRIB_GITHUB_TOKEN, and the variables CONTRIB_AUTHOR_NAME and CONTRIB_AUTHOR_EMAIL"
    )
    return 0


def workflow(image: str, install: str, schedule: str = _SCHEDULE) -> str:
    """The workflow's text.

    :raises BadInput: a schedule or an address that cannot be written into it.
    """
    fields = schedule.split()
    if len(fields) != 5 or not all(re.fullmatch(r"[0-9A-Za-z*,/-]+", field) for field in fields):
        raise BadInput(f"{schedule!r} is not a schedule", hint=f"five fields, as in '{_SCHEDULE}'")
    for field, (name, low, high, names) in zip(fields, _FIELDS, strict=True):
        if not _fits(field, low, high, names):
            raise BadInput(
                f"{schedule!r} is not a schedule: its {name} is {field!r}, expected {low} to {high}",
                hint=f"five fields, as in '{_SCHEDULE}': minute, hour, day, month, day of the week",
            )
    if not re.fullmatch(r"[A-Za-z0-9._+:/@=<>~!\[\],#&% -]+", install):
        raise BadInput(f"{install!r} is nothing that pip installs")
    if re.match(r"https?://\S+\.whl", install) and not re.search(r"#sha256=[0-9a-f]{64}$", install):
        raise BadInput(
            f"{install}: a wheel's address needs its hash, which pip then compares",
            hint="--install 'https://…/contrib-….whl#sha256=…'",
        )
    return _WORKFLOW.format(image=image, install=install, schedule=" ".join(fields))


#: The fields of a cron schedule: name, lowest, highest, names that may be written for numbers.
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day", 1, 31, ()),
    ("month", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("day of the week", 0, 6, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)


def _fits(field: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    """Whether a field of a schedule is one that GitHub takes (POSIX cron).

    >>> _fits("1-5", 0, 6, ()), _fits("*/15", 0, 59, ()), _fits("60", 0, 59, ()), _fits("5-1", 0, 6, ())
    (True, True, False, False)
    """

    def number(text: str) -> int | None:
        if text.upper() in names:
            return names.index(text.upper()) + low
        return int(text) if re.fullmatch(r"[0-9]{1,2}", text) and low <= int(text) <= high else None

    for part in field.split(","):
        what, slash, step = part.partition("/")
        if slash and not (re.fullmatch(r"[0-9]{1,2}", step) and int(step) > 0):
            return False
        if what == "*":
            continue
        first, dash, last = what.partition("-")
        one, other = number(first), number(last) if dash else None
        if one is None or (dash and (other is None or other < one)):
            return False
    return True


def _installed_from() -> str:
    """The repository and commit that this program was installed from.

    A bare name is not taken for one: what a package index has under it may be something else.
    """
    try:
        text = metadata.distribution(DISTRIBUTION).read_text("direct_url.json") or "{}"
        data = jsontext.read(text, "direct_url.json", dict)
    except (metadata.PackageNotFoundError, ValueError, BadInput):
        data = {}
    vcs = data.get("vcs_info")
    vcs = vcs if isinstance(vcs, dict) else {}
    url = str(data.get("url") or "")
    if vcs.get("vcs") == "git" and url.startswith("https://") and vcs.get("commit_id"):
        return f"git+{url}@{vcs['commit_id']}"
    raise BadInput(
        "where the workflow gets contrib from is not known: this one was not installed from a repository",
        kind="usage",
        hint="--install 'git+https://github.com/OWNER/contrib@COMMIT'",
    )
