"""``user``: as whom the main process runs; ``step-down``, ``users-and-groups`` and ``ownership`` of Linux."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build.account import Build
from contrib.build.entry import lines
from contrib.facts.kinds import Fact, OfPlatform, User
from contrib.facts.subject import Subject

_STEPPERS = frozenset(
    ("gosu", "su-exec", "setpriv", "runuser", "chroot", "su", "sudo", "chpst", "setuser", "s6-setuidgid")
)


def stepper(build: Build) -> tuple[str, str]:
    """The program that steps down from root, and the user it steps down to ("" when it is not seen)."""
    if build.entry is not None:
        for command in lines(build.entry.nodes):
            plain_words = zip(command.words, command.literal, strict=True)
            words = [command.name, *(word if plain else "" for word, plain in plain_words)]
            for index, word in enumerate(words[:2]):
                name = word.rsplit("/", 1)[-1]
                if name in _STEPPERS and name not in ("su", "sudo", "chroot"):
                    options = [w for w in words[index + 1 :] if w]
                    named = next(
                        (o.partition("=")[2] for o in options if o.startswith(("--reuid=", "--user="))), ""
                    )
                    plain = next((o for o in options if not o.startswith("-")), "")
                    return name, (named or plain).split(":")[0]
    for action in build.of(act.Packages, own=True):
        if action.verb == "add":
            for package in action.names:
                bare = package.split(">")[0].split("=")[0].split("~")[0]
                if bare in ("su-exec", "gosu"):
                    return bare, ""
    for download in build.of(act.Download, own=True):
        if "/gosu" in download.url.text:
            return "gosu", ""
    return "", ""


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    instructions = build.instructions("USER")
    last = instructions[-1] if instructions else None
    if build.platform == "windows":
        base = build.base
        nano = base is not None and base.kind == "nanoserver" and (base.build is None or base.build > 14393)
        default = "ContainerUser" if nano else "ContainerAdministrator"
        if base is not None and base.configuration is not None and base.configuration.user:
            default = base.configuration.user
        if last is not None:
            named = build.resolve(last, last.words[0].text) if last.words else last.body
            yield User(
                "user", named, last.line, last.end_line, user=named, explicit=True,
                administrator=named.lower().endswith("administrator") or _joins_administrators(build, named),
                nanoserver=nano,
            )  # fmt: skip
        else:
            yield User(
                "user", f"{default} (the base's)", user=default, explicit=False,
                administrator=default.lower().endswith("administrator"), nanoserver=nano,
            )  # fmt: skip
    else:
        yield from _linux(build, subject, last is not None)
    accounts = list(build.of(act.Account))
    made = [a for a in accounts if a.kind in ("user", "group")]
    if made:
        yield OfPlatform("users-and-groups", made[-1].text[:60], made[0].line, made[-1].end_line)
    owned = [a for a in accounts if a.kind in ("chown", "umask")]
    umask = _umask(build)
    if owned or umask:
        line = owned[0].line if owned else None
        shown = owned[0].text if owned else "umask"
        if owned and umask:
            shown += " and umask"
        yield OfPlatform("ownership", shown[:60], line, owned[0].end_line if owned else None)


def _joins_administrators(build: Build, user: str) -> bool:
    """Whether the build puts a user into the group of administrators (``net localgroup``, a cmdlet)."""
    for action in build.of(act.Account):
        words = [word.strip("'\"").lower() for word in action.text.split()]
        if action.kind == "group" and "administrators" in words and user.lower() in words:
            return True
    return False


def _linux(build: Build, subject: Subject, explicit: bool) -> Iterator[Fact]:
    last = build.last("USER")
    tool, target = ("", "")
    if subject.start.script or build.entry is not None:
        tool, target = stepper(build)
    if last is not None:
        named = build.resolve(last, last.words[0].text) if last.words else last.body
        yield User("user", named, last.line, last.end_line, user=named, explicit=explicit)
    elif tool:
        line = subject.start.entrypoint.line if subject.start.entrypoint is not None else None
        shown = f"root, then {target}" if target else "root, then steps down"
        yield User("user", f"{shown} ({tool})", line, line, user=target or "root", explicit=False)
    else:
        yield User("user", "root", user="root", explicit=False)
    if tool:
        line = subject.start.entrypoint.line if subject.start.entrypoint is not None else None
        yield OfPlatform("step-down", tool, line, line)


def _umask(build: Build) -> bool:
    if build.entry is None:
        return False
    return any(command.name == "umask" and command.words for command in lines(build.entry.nodes))
