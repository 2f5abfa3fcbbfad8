"""Guards: what stops a command until a person lifts it by name, for one run.

``--allow GUARD`` lifts one guard that was shown and leaves the others in place. A command tells its
:class:`Guards` about every guard that applies, and calls :meth:`Guards.settle` before its first write: all
that stop the run are then reported together. The table :data:`GUARDS` is the documentation's source
(``docs/guards.md``).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from contrib.values.errors import BadInput
from contrib.values.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Guard:
    """One guard.

    :param name: what ``--allow`` takes.
    :param stops: when it applies: "stops when …".
    :param lifting: what happens when it is lifted.
    :param commands: the commands that have it.
    :param absolute: where lifting does less than its name says: what it never allows.
    """

    name: str
    stops: str
    lifting: str
    commands: tuple[str, ...] = ("pr",)
    absolute: str = ""

    @property
    def page(self) -> str:
        """Where the documentation explains it, relative to the repository."""
        return f"docs/guards.md#{self.name}"


def _table(*guards: Guard) -> dict[str, Guard]:
    return {guard.name: guard for guard in guards}


_WRITERS = ("generate", "bump", "pr")

#: Every guard there is, by name.
GUARDS = _table(
    # -- what is on the branch, and what upstream did with it --
    Guard(
        "foreign-commits",
        "the branch of our pull request has commits that contrib did not push",
        "those commits leave the branch; their ids stay in the output and in the plan",
    ),
    Guard(
        "own-branch",
        "a branch with our name, and without a pull request, holds something that contrib did not make",
        "the branch is replaced, if it still holds what was shown",
    ),
    Guard(
        "maintainer-changes",
        "the proposal would take back a change of upstream's that a three-way merge cannot keep",
        "our text replaces upstream's on those paths only; the pull request says which commit it undoes",
    ),
    Guard(
        "reverted",
        "upstream reverted the contribution",
        "it is proposed again, and the text links the revert",
    ),
    Guard(
        "closed-unmerged",
        "somebody else closed our last pull request without merging it",
        "a new pull request is opened that links the closed one",
    ),
    Guard(
        "smaller",
        "the plan has fewer series, variants or files than what is open or listed",
        "they are removed, and the text lists them",
    ),
    Guard(
        "own-dockerfile",
        "the contribution was made from a person's own Dockerfile (--from), and this run has none, or another",
        "this run's decisions replace that person's; the text says so",
    ),
    Guard(
        "second-contribution",
        "a pull request of ours for this image exists from another owner, fork or branch",
        "a second one is opened; it links the first",
    ),
    Guard(
        "others-pull",
        "somebody else's open pull request adds Windows variants, or Windows entries, of this image",
        "ours is opened beside it, and its text names theirs",
    ),
    # -- what official-images would get --
    Guard(
        "series-dropped",
        "the library file would lose an entry, a series or a variant",
        "official-images' pull request removes them and says so in its first paragraph",
    ),
    Guard(
        "tag-down",
        "a tag would move to a lower version",
        "official-images' pull request moves it and says so in its first paragraph",
    ),
    Guard(
        "linux-changed",
        "a Linux entry would change in more than upstream's own commits explain",
        "official-images' pull request carries the change and shows it",
    ),
    Guard(
        "gitfetch",
        "the commit of an entry is not on its GitFetch in its GitRepo",
        "official-images' pull request is opened as a draft",
        absolute="It is never opened ready for review: official-images' CI refuses it.",
    ),
    Guard(
        "unmerged-commit",
        "an entry names a commit that is not on upstream's branch",
        "official-images' pull request is opened as a draft, as --early does",
        absolute="It is never opened ready for review.",
    ),
    Guard(
        "library-finding",
        "the rules report another error in the library file",
        "official-images' pull request is opened as a draft, with the finding in its text",
    ),
    Guard(
        "review-finding",
        "the review reports an error in a proposed Dockerfile",
        "the pull request is opened as a draft, with the finding in its text",
    ),
    # -- the text --
    Guard(
        "text-edited",
        "a section that a person edited states a version, an address or a checksum that is no longer true",
        "that section is written anew; words outside our sections are never touched",
    ),
    # -- where it would be written, and with what --
    Guard(
        "upstream-branch",
        "the head's owner is upstream's owner, so the branch would be made in upstream itself",
        "nothing: --no-fork is what says that it is meant",
        absolute="--allow does not lift it.",
    ),
    Guard(
        "actions-off",
        "a rehearsal would open pull requests in a fork whose workflows do not run, or may not",
        "they are opened; nothing runs there until Actions are switched on",
    ),
    Guard(
        "rehearsal-failed",
        "the rehearsal of these very files has a failed check",
        "the pull request is opened, and its text names the failed check",
    ),
    Guard(
        "token",
        "the token's kind or scopes are known to be insufficient",
        "the run tries all the same",
    ),
    # -- releases and files --
    Guard(
        "ended-port",
        "the project that builds the Windows binaries has ended",
        "its last release is used all the same",
        _WRITERS,
    ),
    Guard("stale-port", "the project has had no release for a year", "it is used all the same", _WRITERS),
    Guard("version-down", "a version in a file would go down", "it goes down", _WRITERS),
    Guard(
        "digest-changed",
        "a release has another checksum than the files name",
        "the new checksum is taken",
        _WRITERS,
        absolute="It takes --to with that version as well.",
    ),
    Guard(
        "windows-gone",
        "the newest release has no file for Windows any more",
        "the release is taken, and the series loses its Windows variants",
        ("bump",),
    ),
    Guard("too-young", "a release is younger than the image waits for", "it is taken now", _WRITERS),
    Guard(
        "failed-variant",
        "a check of the variant failed; the variant is left out",
        "it is proposed with the failure in the text",
    ),
    Guard(
        "uncontained-scripts",
        "upstream's own scripts would run without containment",
        "they run with this user's rights",
        ("generate",),
    ),
    Guard(
        "uncommitted-work",
        "files that git does not have would be overwritten or deleted",
        "they are lost",
        ("generate", "render", "bump"),
    ),
    Guard("workflow-differs", "a workflow is there and differs", "it is replaced", ("init-ci",)),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """A guard that applies in this run.

    :param message: what applies here, one clause: names, ids, addresses.
    :param details: what a person has to see to decide, one line each.
    :param stops: False for a guard whose default is to go on without something (``ended-port``).
    :param lifted: ``--allow`` named it.
    """

    name: str
    message: str
    details: tuple[str, ...] = ()
    stops: bool = True
    lifted: bool = False

    @property
    def guard(self) -> Guard:
        """What the table says of it."""
        return GUARDS[self.name]

    @property
    def liftable(self) -> bool:
        """Whether ``--allow`` can lift it at all."""
        return self.name not in UNLIFTABLE

    def as_json(self) -> dict[str, object]:
        """``{"guard", "message", "details", "lifted", "allow", "page"}``; ``allow`` is null where nothing lifts it."""
        return {
            "guard": self.name,
            "message": self.message,
            "details": list(self.details),
            "lifted": self.lifted,
            "allow": f"--allow {self.name}" if self.liftable else None,
            "page": self.guard.page,
        }


#: Guards that are shown with the others, and that another option answers.
UNLIFTABLE = frozenset({"upstream-branch"})


class Stopped(BadInput):
    """Guards stop the run; nothing was changed. ``applied`` has them all."""

    def __init__(self, applied: tuple[Applied, ...], message: str, hint: str | None) -> None:
        super().__init__(message, kind="stopped", hint=hint)
        self.applied = applied

    @classmethod
    def by(cls, applied: Iterable[Applied], hint: str | None = None) -> Stopped:
        """Stopped by those that are not lifted."""
        every = tuple(applied)
        message = "; ".join(
            f"{each.message} ({each.name})" for each in every if each.stops and not each.lifted
        )
        return cls(every, f"{message}; nothing was changed", hint)

    def as_json(self) -> dict[str, Any]:
        """The error's shape, with ``guards`` beside the kind."""
        shape = super().as_json()
        shape["error"]["guards"] = [each.as_json() for each in self.applied]
        return shape


@dataclass
class Guards:
    """The guards of one run: what was allowed, and what applies.

    :param allowed: names given with ``--allow``.
    :param force: ``--force`` was given: an error that names the guards that apply.
    """

    allowed: tuple[str, ...] = ()
    force: bool = False
    _applied: list[Applied] = field(default_factory=list)

    def stop(self, name: str, message: str, details: Iterable[str] = ()) -> bool:
        """A guard applies and stops the run unless it is lifted; gives whether it is."""
        return self._add(Applied(name, message, tuple(details)))

    def offer(self, name: str, message: str, details: Iterable[str] = ()) -> bool:
        """A guard applies; unless it is lifted the run goes on without what it guards. Gives whether it is."""
        return self._add(Applied(name, message, tuple(details), stops=False))

    def judge(self, name: str, message: str, details: Iterable[str] = (), *, stops: bool = True) -> Applied:
        """A guard that applies somewhere, not yet counted: whether it is lifted."""
        one = Applied(name, message, tuple(details), stops)
        lifted = bool(GUARDS[name]) and one.liftable and name in self.allowed
        return Applied(name, message, one.details, stops, lifted)

    def record(self, one: Applied) -> bool:
        """Count a guard that was judged; gives whether it is lifted."""
        if one not in self._applied:
            self._applied.append(one)
        return one.lifted

    def _add(self, one: Applied) -> bool:
        return self.record(self.judge(one.name, one.message, one.details, stops=one.stops))

    @property
    def applied(self) -> tuple[Applied, ...]:
        """What applies, in the order in which it was met."""
        return tuple(self._applied)

    @property
    def stopping(self) -> tuple[Applied, ...]:
        """What stops the run."""
        return tuple(each for each in self._applied if each.stops and not each.lifted)

    def problem(self, command: str = "", *, preview: bool = False) -> BadInput | None:
        """Why the run may not write: a guard that stops it, an override that nothing asked for, ``--force``.

        :param command: what the person would type again; the hint is complete with it.
        :param preview: nothing is written anyway: guards that would stop are shown and are no problem.
        """
        applied = self.applied
        if self.force:
            named = [each.name for each in applied if each.liftable and not each.lifted]
            if named:
                message = (
                    f"--force is gone: each guard is lifted by its name, and these apply: {', '.join(named)}"
                )
            else:
                message = "--force is gone: each guard is lifted by its name, and none applies in this run"
            return Stopped(applied, message, _allowing(command, self.allowed, applied))
        stopping = self.stopping
        if stopping and not preview:
            return Stopped.by(applied, _allowing(command, self.allowed, applied))
        names = {each.name for each in applied}
        unused = [name for name in dict.fromkeys(self.allowed) if name not in names]
        if unused:
            return BadInput(
                f"--allow {unused[0]}: that guard does not apply in this run"
                if len(unused) == 1
                else f"--allow: these guards do not apply in this run: {', '.join(unused)}",
                kind="usage",
                hint="leave it out" if len(unused) == 1 else "leave them out",
            )
        return None

    def settle(self, command: str = "") -> None:
        """To be called before the first write.

        :raises Stopped: guards that apply are not lifted; or ``--force``.
        :raises BadInput: a guard was lifted that does not apply.
        """
        problem = self.problem(command)
        if problem is not None:
            raise problem


#: Lifting this guard is never suggested: the other person is to be asked first (Homebrew/brew#16664).
_NEVER_SUGGESTED = frozenset({"others-pull"})


def _allowing(command: str, allowed: Iterable[str], applied: Iterable[Applied]) -> str | None:
    """How to go on with what applies lifted; None where nothing may be suggested."""
    options = allowing_options(allowed, applied)
    if not options:
        return None
    return (
        f"look first; to go on all the same: {command} {options}"
        if command
        else f"look first, then: {options}"
    )


def allowing_options(allowed: Iterable[str], applied: Iterable[Applied]) -> str:
    """The ``--allow`` options that lift what stops, as far as it can be lifted and may be suggested; empty for none."""
    wanted = list(dict.fromkeys(allowed))
    more = [each.name for each in applied if each.stops and each.liftable and not each.lifted]
    offered = [name for name in dict.fromkeys(more) if name not in wanted and name not in _NEVER_SUGGESTED]
    return " ".join(f"--allow {name}" for name in [*wanted, *offered]) if offered else ""


def check_names(names: Iterable[str]) -> tuple[str, ...]:
    """The names given with ``--allow``, each once.

    :raises BadInput: there is no such guard.
    """
    given = tuple(dict.fromkeys(names))
    for name in given:
        if name not in GUARDS:
            raise BadInput(
                f"--allow {name}: there is no such guard",
                kind="usage",
                hint=f"the guards are {', '.join(sorted(GUARDS))}",
            )
    return given


def page() -> str:
    """The documentation's page on guards, from the table."""
    lines = [
        "# Guards",
        "",
        "A guard stops a command before it writes anything. All guards that apply are reported together, and the",
        "command exits with 2. `--allow GUARD` lifts one of them for one run; it is repeatable, it never comes from the",
        "environment, and a name that does not apply in the run is an error. Lifting one guard leaves the others in",
        "place.",
    ]
    for name in sorted(GUARDS):
        guard = GUARDS[name]
        commands = ", ".join(f"`contrib {command}`" for command in guard.commands)
        lines += [
            "",
            f"## {name}",
            "",
            f"Applies when {guard.stops}. Lifted: {guard.lifting}."
            + (f" {guard.absolute}" if guard.absolute else ""),
            "",
            f"Commands: {commands}.",
        ]
    return "\n".join(line.rstrip(" \t") for line in "\n".join(lines).split("\n")) + "\n"
