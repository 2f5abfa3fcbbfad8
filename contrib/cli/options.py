"""Options that more than one command has, each written once, and the environment variables of all options."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from contrib.cli.helping import describe
from contrib.values.errors import BadInput
from contrib.values.guards import Guards, check_names

F = TypeVar("F", bound=Callable[..., Any])

#: Options that lift a guard: said each time by a person, never set by the environment.
GUARDS = frozenset({"--yes", "--allow", "--force", "--prove"})


def together(*options: Callable[[Any], Any]) -> Callable[[F], F]:
    """Several options as one decorator, shown in this order."""

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def gathered(wrapper: Any, function: F) -> F:
    """``wrapper`` under the function's name, with click's parameters of both.

    What ``functools.update_wrapper`` does, but for the parameters: it would replace the wrapper's own.
    """
    wrapper.__name__ = function.__name__
    wrapper.__doc__ = function.__doc__
    own = getattr(wrapper, "__click_params__", [])
    wrapper.__click_params__ = getattr(function, "__click_params__", []) + own
    named: F = wrapper
    return named


def upstream_option(
    help_: str = "The image's repository: a directory or URL [default: as the image's folder says].",
    **more: Any,
) -> Callable[[F], F]:
    """``--upstream REPO[@REF]``."""
    return click.option("--upstream", metavar="REPO[@REF]", help=help_, **more)


def library_upstream_option(
    help_: str = "The image's git repository: a directory or URL; with URL= for the entries whose GitRepo that is.",
) -> Callable[[F], F]:
    """``--upstream [URL=]REPO``, repeatable: repositories that library files name; the command gets ``upstreams``."""
    return click.option(
        "--upstream",
        "upstreams",
        multiple=True,
        envvar="CONTRIB_LIBRARY_UPSTREAM",
        metavar="[URL=]REPO",
        help=help_,
    )


ref_option = click.option("--ref", metavar="REF", help="Short for the @REF of --upstream.")


clone_option = click.option(
    "--clone",
    "clones",
    multiple=True,
    metavar="IMAGE=REPO",
    help="The repository of one of several images, a directory or URL; repeatable.",
)


def clones_of(clones: Iterable[str], names: Collection[str]) -> dict[str, str]:
    """Image to repository, of ``--clone``.

    :param names: the images that are asked for.
    :raises BadInput: a word of another form, or another image.
    """
    found = {}
    for given in clones:
        name, equals, where = given.partition("=")
        if not equals or not where or name not in names:
            raise BadInput(
                f"--clone {given}: expected IMAGE=REPO, with an image that is asked for", kind="usage"
            )
        found[name] = where
    return found


def official_images_option(what: str) -> Callable[[F], F]:
    """``--official-images REPO[@REF]``."""
    return click.option(
        "--official-images", metavar="REPO[@REF]", help=f"docker-library/official-images{what}."
    )


offline_option = click.option("--offline", is_flag=True, help="Use nothing on the network.")

templates_option = click.option(
    "--templates",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="Directory of images' folders of your own; they come before the package's.",
)


def image_option(what: str) -> Callable[[F], F]:
    """``--image IMAGE``, for commands whose arguments are files; the command gets ``image_name``."""
    return click.option("--image", "image_name", metavar="IMAGE", help=what)


def series_option(what: str) -> Callable[[F], F]:
    """``--series``, repeatable; the command gets a tuple."""
    return click.option("--series", multiple=True, metavar="SERIES", help=what)


def from_option(what: str) -> Callable[[F], F]:
    """``--from DOCKERFILE``; the command gets ``from_``."""
    return click.option("--from", "from_", metavar="DOCKERFILE", help=f"Your own Windows Dockerfile{what}")


def to_option(what: str) -> Callable[[F], F]:
    """``--to FULL``, a full version."""
    return click.option("--to", metavar="FULL", help=what)


def diff_option(what: str = "Show what would change; write nothing.") -> Callable[[F], F]:
    """``--diff``; the command gets ``diff``."""
    return click.option("--diff", is_flag=True, help=what)


def check_option(
    what: str = "Exit 1 when something would change; write nothing.",
) -> Callable[[F], F]:
    """``--check``; the command gets ``check``."""
    return click.option("--check", is_flag=True, help=what)


#: ``--fix`` and its ``--diff``; the command gets ``fix`` and ``diff``.
fix_options = together(
    click.option("--fix", is_flag=True, help="Apply the safe fixes to the files named."),
    diff_option("With --fix: show what it would change, and change nothing."),
)


def allow_option(function: F) -> F:
    """``--allow GUARD``, repeatable; the command gets ``guards``, which it settles before its first write.

    ``--force``, which lifted all guards at once, remains for one release as an error that names those that apply.
    """

    @click.option(
        "--allow",
        multiple=True,
        metavar="GUARD",
        help="Lift one guard that was shown, for this run; repeatable.",
    )
    @click.option("--force", "-f", is_flag=True, hidden=True, help="Gone: see --allow.")
    def wrapper(*args: Any, allow: tuple[str, ...], force: bool, **kwargs: Any) -> Any:
        return function(*args, guards=Guards(check_names(allow), force), **kwargs)

    return gathered(wrapper, function)


web_option = click.option("-w", "--web", is_flag=True, help="Show the pull requests in a browser.")


def output_option(what: str) -> Callable[[F], F]:
    """``-o/--output FILE``."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        default=None,
        metavar="FILE",
        help=what,
    )


def variables(command: tuple[str, ...], option: click.Option) -> list[str]:
    """The environment variables that set the option, the first that is set wins; none for a guard's.

    ``CONTRIB_PR_DRAFT`` for one command, ``CONTRIB_DRAFT`` for all that have ``--draft``. An option that names
    variables of its own (because other programs read them, or because the common name means something else
    elsewhere) has those in place of the common one.
    """
    name = next(each for each in option.opts if each.startswith("--"))
    if name in GUARDS:
        return []
    whole = _variable(*command, name)
    own = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar or ())
    # A command may be asked for more than once in a process: what the last time gave is given again.
    return [whole, *([each for each in own if each != whole] or [_variable(name)])]


def _variable(*words: str) -> str:
    return "_".join(["CONTRIB", *(word.strip("-").replace("-", "_").upper() for word in words)])


def take_environment(command: click.Command, path: tuple[str, ...]) -> None:
    """Let each option of the command, and of those below it, be set by its variables."""
    if isinstance(command, click.Group):
        for name, below in command.commands.items():
            take_environment(below, (*path, name))
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names = variables(path, parameter)
            parameter.envvar = names or None
            describe(parameter, names)
            # These names are all there are: a prefix for the whole program would set a guard's option too.
            parameter.allow_from_autoenv = False
