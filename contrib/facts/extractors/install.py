"""``install-location``, ``on-path``, ``installed-tools``, ``install-checked``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.dockerfile.model import Instruction
from contrib.facts.extractors.origin import from_system, program_copy, program_package, program_place, unpacks
from contrib.facts.kinds import Fact, InstallChecked, InstalledTool, InstallLocation, OnPath
from contrib.facts.subject import Subject, related
from contrib.values.records import replace

_LINUX_DIRECTORIES = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
_CHECK_WORDS = frozenset(
    ("--version", "-version", "version", "-v", "-V", "-vV", "--help", "-h", "help", "/?", "--info", "info")
)
#: With one of these first, ``--version`` says which one to install.
_INSTALL_WORDS = frozenset(
    ("install", "i", "add", "get", "update", "upgrade", "create", "tool", "uninstall", "remove")
)
#: Programs that an image takes along; that they run says nothing of its own.
_TAKEN_ALONG = frozenset(
    ("gosu", "su-exec", "setpriv", "tini", "dumb-init", "git", "catatonit", "openssl", "gpg")
)
#: Programs that run another one as a user.
_AS_USER = frozenset(("gosu", "su-exec"))
#: Servers that packages put into /usr/sbin (Debian, Alpine).
_SBIN = frozenset(
    ("nginx", "haproxy", "sshd", "lighttpd", "httpd", "apache2", "squid", "named", "unbound", "dnsmasq", "chronyd",
     "slapd", "smbd", "varnishd", "cupsd", "exim", "postfix", "dovecot", "vsftpd")
)  # fmt: skip
_SCRATCH = re.compile(r"^/(?:usr/src|tmp|build|src|opt/src)(?:/|$)", re.IGNORECASE)


def location(build: Build, subject: Subject) -> tuple[str, act.Action] | None:
    """Directory of the image's programs and the action that decides it."""
    found = _decided(build, subject)
    if found is None:
        return None
    return _below_shared(build, subject, _in_image(build, subject, *found)), found[1]


#: Directories that several programs share: an archive unpacked there has a directory of its own.
_SHARED = frozenset(
    ("/usr/local", "/opt", "c:\\", "c:\\program files", "c:\\program files (x86)", "c:\\tools")
)


def _below_shared(build: Build, subject: Subject, directory: str) -> str:
    """The directory below a shared one that the program is started from, or that PATH names; else the shared one."""
    style = build.platform
    if paths.key(directory, style) not in _SHARED:
        return directory
    separator = "\\" if style == "windows" else "/"
    below: dict[str, str] = {}
    absolute = paths.absolute(subject.start.path, style)
    started = paths.join(build.workdir, subject.start.path, style) if absolute else ""
    named = [paths.parent(started)] if started and paths.under(started, directory, style) else []
    for edit in path_edits(build) if not named else ():
        named.extend(edit.directories)
    link = _link_on_path(build, subject.start.program) if style == "linux" and not named else None
    if link is not None:
        named.append(paths.parent(link.source))
    others = [
        action.directory
        for action in build.of(act.Unpack)
        if subject.main is not None and not unpacks(build, action, subject.main)
    ]
    for added in named:
        if any(
            paths.under(added, other, style) for other in others if not paths.same(other, directory, style)
        ):
            continue
        if paths.under(added, directory, style) and not paths.same(added, directory, style):
            first = added[len(directory.rstrip("/\\")) :].lstrip("/\\").split(separator)[0]
            if first.lower() not in ("bin", "sbin", "lib", "scripts"):
                below.setdefault(first.lower(), first)
    if len(below) > 1:
        product = products.product(subject.main.url.text) if subject.main is not None else ""
        names = (subject.start.program, product, *product.split("-"))
        below = {key: first for key, first in below.items() if any(related(first, name) for name in names)}
    if len(below) != 1:
        return directory
    return paths.join(directory, next(iter(below.values())), style)


def _decided(build: Build, subject: Subject) -> tuple[str, act.Action] | None:
    found: tuple[str, act.Action] | None = None
    style = build.platform
    main = subject.main
    unpacked: str | None = None
    named = False  # a move of the program by its own name was seen
    if main is not None:
        names = [main.file]
        for action in build.actions:
            if action.order <= main.order or action.stage not in build.contributing:
                continue
            if isinstance(action, act.Unpack):
                ours = (
                    any(paths.same(action.file, name, style) for name in names if name not in ("", "-"))
                    or (action.file == "-" and action.instruction is main.instruction)
                )  # fmt: skip
                if ours and action.directory:
                    unpacked = action.directory
                    found = (unpacked, action)
            elif isinstance(action, act.Move) and action.kind != "link":
                if (
                    unpacked is not None
                    and (
                        paths.under(action.source, unpacked, style)
                        or paths.under(unpacked, action.source, style)
                    )
                    and not _SCRATCH.match(action.target)
                ):
                    target = _directory_of(action, style, subject.start.program)
                    if paths.key(action.source, style) == paths.key(unpacked, style) or _holds_program(
                        action, subject, unpacked, style
                    ):
                        unpacked = (
                            target
                            if paths.key(action.source, style) == paths.key(unpacked, style)
                            else unpacked
                        )
                        by_name = paths.program(action.source) == subject.start.program
                        if by_name or not named:
                            found = (target, action)
                        named = named or by_name
                elif any(paths.same(action.source, name, style) for name in names):
                    names.append(action.target)
                    if not _SCRATCH.match(action.target):
                        found = (_directory_of(action, style, subject.start.program), action)
    since = main.order if main is not None else -1
    built = [a for a in build.of(act.Compile) if a.order > since]
    compiled = [a for a in built if a.install]
    if compiled:
        set_up = [a.prefix for a in built if a.prefix and a.order <= compiled[-1].order]
        prefix = compiled[-1].prefix or (set_up[-1] if set_up else "")
        found = ((prefix.rstrip("/") + "/bin") if prefix else "/usr/local/bin", compiled[-1])
    for move in build.of(act.Move) if built else ():
        # what is built may be put in place by hand
        ours = move.kind != "link" and paths.program(move.source) == subject.start.program
        if ours and move.order > (compiled or built)[-1].order and not _SCRATCH.match(move.target):
            found = (_directory_of(move, style, subject.start.program), move)
    if found is not None and not _SCRATCH.match(found[0]):
        return found
    if main is not None and main.file not in ("", "-") and found is None and _kept(build, main):
        if any(unpacks(build, action, main) for action in build.of(act.Unpack)):
            return None  # an installer that is not told where to
        if main.tool == "git":
            return None  # the source: what is made from it goes elsewhere
        return paths.parent(main.file), main
    package = program_package(build, subject)
    if package is not None and style == "linux":
        return "/usr/sbin" if subject.start.program in _SBIN else "/usr/bin", package[0]
    brought, directory = program_copy(build, subject), program_place(build, subject)
    if brought is not None and directory is not None:
        return directory, brought
    copies = [a for a in build.of(act.CopyIn, own=True) if a.origin is not None]
    for action in copies:
        if all("system32" in source.lower() for source in action.sources):
            continue
        last = paths.name(action.target)
        if products.kind("https://x/" + last) == "archive":
            continue
        named = (
            bool(subject.start.program)
            and paths.program(last) == subject.start.program
            and ("." in last or paths.name(action.sources[0]).lower() == last.lower())
        )
        return (paths.parent(action.target) if named else action.target.rstrip("/") or "/"), action
    return None


def _kept(build: Build, download: act.Download) -> bool:
    """Whether the image has the file that was fetched: in a stage of its own, or copied from another."""
    if download.stage in build.own:
        return True
    copies = (copy for copy in build.of(act.CopyIn, own=True) if copy.origin == download.stage)
    return any(
        paths.under(download.file, source, build.platform) for copy in copies for source in copy.sources
    )


def _directory_of(action: act.Move, style: paths.Platform, program: str) -> str:
    """Directory that a move puts things in: a renamed directory is its own, a file goes to its parent."""
    if action.target.endswith(("/", "\\")):
        return action.target.rstrip("/\\") or action.target
    source, target = paths.name(action.source), paths.name(action.target)
    if source.lower().endswith(".exe") and target.lower().endswith(".exe"):
        return paths.parent(action.target)
    if style == "linux" and target == source == program:
        return paths.parent(action.target)
    return action.target


def _in_image(build: Build, subject: Subject, directory: str, action: act.Action) -> str:
    """Where a directory of an earlier stage is in the image: what COPY --from makes of it."""
    if action.stage in build.own:
        return directory
    style = build.platform
    copies = [
        (copy, source)
        for copy in build.of(act.CopyIn, own=True)
        if copy.origin == action.stage and not from_system(copy)
        for source in copy.sources
    ]
    for copy, source in copies:
        if paths.under(directory, source, style):
            rest = directory[len(source.rstrip("/\\")) :].lstrip("/\\")
            return paths.join(copy.target, rest, style) if rest else copy.target
    inside = [(copy, source) for copy, source in copies if paths.under(source, directory, style)]
    names = [
        subject.start.program,
        *([products.product(subject.main.url.text)] if subject.main is not None else []),
    ]
    # of several the one that is called as the program is
    inside.sort(key=lambda pair: not any(related(paths.program(pair[1]), name) for name in names))
    for copy, source in inside[:1]:
        file = "." in paths.name(source)[-5:] or (
            style == "linux" and paths.name(source) == subject.start.program
        )
        single = len(copy.sources) == 1 and paths.name(copy.target).lower() == paths.name(source).lower()
        return paths.parent(copy.target) if file and single else copy.target
    return directory


def _holds_program(action: act.Move, subject: Subject, unpacked: str, style: paths.Platform) -> bool:
    """Whether what is moved is the program, or the directory with the programs."""
    name = paths.program(action.source)
    if action.kind == "copy" and re.search(r"(?i)conf|licen[cs]e|readme", paths.name(action.source)):
        return False
    if subject.start.program and name == subject.start.program:
        return True
    if "*" in action.source:
        return True
    if paths.under(action.source, unpacked, style) and "." not in paths.name(action.source).lstrip(".")[-4:]:
        return True
    return paths.under(action.source, unpacked, style) and paths.parent(action.source).rstrip(
        "\\/"
    ) == unpacked.rstrip("\\/")


def path_edits(build: Build) -> list[act.PathEdit]:
    """Changes of PATH that last, of the stages that make the image."""
    return [a for a in build.of(act.PathEdit, own=True) if a.scope != "process"]


def extract(build: Build, subject: Subject) -> Iterator[Fact]:
    """See the module."""
    place = location(build, subject)
    start = subject.start
    if (
        place is None
        and build.platform == "windows"
        and paths.absolute(start.path, "windows")
        and start.instruction
    ):
        directory = paths.parent(paths.clean(start.path, "windows"))
        at = start.instruction
        yield InstallLocation("install-location", directory, at.line, at.end_line)
    if place is not None:
        directory, action = place
        yield InstallLocation(
            "install-location", directory, action.line, action.end_line, removed=_removed(build, directory)
        )
    yield from _on_path(build, subject, place[0] if place else None)
    yield from _tools(build, subject)
    checks = checked(build)
    if checks:
        names = list(dict.fromkeys(run.name for run in checks))
        shown = ", ".join(" ".join([run.name, *run.arguments[:1]]) for run in _unique(checks))
        yield InstallChecked(
            "install-checked", shown, checks[0].line, checks[-1].end_line, programs=tuple(names)
        )


def _removed(build: Build, directory: str) -> tuple[str, ...]:
    """Programs that the build takes out of the install directory again."""
    found: list[str] = []
    for action in build.of(act.Remove):
        for path in action.paths:
            if path.lower().endswith(".exe") and paths.under(path, directory, build.platform):
                found.append(paths.program(path))
    return tuple(found)


def _unique(runs: list[act.Run]) -> list[act.Run]:
    seen: dict[str, act.Run] = {}
    for run in runs:
        seen.setdefault(run.name, run)
    return list(seen.values())


def checked(build: Build) -> list[act.Run]:
    """Programs that are run to see that they work, helpers' apart."""
    found: list[act.Run] = []
    for run in build.of(act.Run):
        if run.name in _AS_USER and len(run.arguments) > 1:
            name, *arguments = run.arguments[1:]
            run = replace(run, name=paths.program(name), path=name, arguments=tuple(arguments))
        if run.quiet or run.conditional or run.name in _TAKEN_ALONG:
            continue
        if run.name in (
            "apk",
            "dpkg",
            "gpgconf",
            "gpg",
            "powershell",
            "pwsh",
            "cmd",
            "sh",
            "bash",
            "make",
            "gcc",
        ):
            continue
        installs = run.arguments[:1] and run.arguments[0] in _INSTALL_WORDS
        if not installs and any(argument in _CHECK_WORDS for argument in run.arguments[:3]):
            found.append(run)
    return found


def _on_path(build: Build, subject: Subject, directory: str | None) -> Iterator[Fact]:
    style = build.platform
    edits = path_edits(build)
    program = subject.start.program
    if style == "linux":
        where = directory
        if where is None and subject.start.path.startswith("./") and not subject.start.script:
            where = build.workdir
        if where is None or where == "/":
            for check in checked(build):
                if check.name == (program or subject.name) and "/" not in check.path:
                    yield OnPath(
                        "on-path", "yes", check.line, check.end_line, ok=True
                    )  # the build finds it so
                    return
            return
        for edit in edits:
            for added in edit.directories:
                if paths.under(added, where, style):
                    yield OnPath("on-path", "yes", edit.line, edit.end_line, ok=True)
                    return
        link = _link_on_path(build, program or subject.name)
        if link is not None:
            yield OnPath("on-path", "yes", link.line, link.end_line, ok=True)
            return
        if where.rstrip("/") in (*_LINUX_DIRECTORIES, "/usr/local"):
            at = _named_in_path(build, where)
            lines = (at.line, at.end_line) if at is not None else ()
            yield OnPath("on-path", "yes", *lines, ok=True)
        return
    best: tuple[int, OnPath] | None = None
    for edit in edits:
        ours = [d for d in edit.directories if directory is None or _near(d, directory, program)]
        if edit.literal and edit.scope != "image":
            rank, ok, text = 1, False, f"no: becomes “{edit.literal}”"
        elif edit.scope == "installer" and not _of_another(build, subject, edit):
            rank, ok, text = 3, True, "yes: by the installer"
        elif not ours:
            continue
        elif edit.scope == "user":
            rank, ok, text = 2, False, "no: one user’s only"
        elif edit.scope == "image":
            rank, ok, text = 3, True, f"yes: {ours[0]} (ENV)"
        else:
            rank, ok, text = 4, True, f"yes: {ours[0]}"
        if best is None or rank > best[0]:
            lines = (edit.line, edit.end_line)
            best = (rank, OnPath("on-path", text, *lines, ok=ok, scope=edit.scope, literal=edit.literal))
    if best is None and directory is not None:
        run = _run_after_installer(build)
        if run is not None:
            text = "yes: by the installer"
            yield OnPath("on-path", text, run.line, run.end_line, ok=True, scope="installer")
            return
    if best is not None:
        yield best[1]
        return
    if directory is not None and paths.key(directory, style).startswith("c:\\windows\\system32"):
        yield OnPath("on-path", f"yes: {directory}", ok=True)
    elif directory is not None and paths.same(directory, build.workdir, style) and _may_hold(build, subject):
        words = subject.start.words
        if not words or not re.search(r"[\\/:]", words[0]):
            yield OnPath("on-path", f"no: only from {directory}", ok=False, workdir=True)


def _of_another(build: Build, subject: Subject, edit: act.PathEdit) -> bool:
    """Whether PATH is changed by the installer of something else than what the image is about."""
    main = subject.main
    if main is None:
        return False
    return not any(
        action.instruction is edit.instruction and unpacks(build, action, main)
        for action in build.of(act.Unpack)
    )


def _may_hold(build: Build, subject: Subject) -> bool:
    """Whether the install directory may hold the program that starts: a jar beside ``java`` does not make it there."""
    main = subject.main
    if main is None or not subject.start.program:
        return main is None
    if main.tool == "git":
        return True  # what is made from the source is put there
    single = paths.name(main.file).lower()
    if any(unpacks(build, action, main) for action in build.of(act.Unpack)):
        return True
    return not single or paths.program(single) == subject.start.program or single.endswith((".exe", ".zip"))


def _link_on_path(build: Build, program: str) -> act.Move | None:
    """A link to the program in a directory that every base has on PATH."""
    for move in build.of(act.Move, own=True):
        if move.kind != "link" or not program:
            continue
        named = paths.program(move.target) == program and paths.parent(move.target) in _LINUX_DIRECTORIES
        into = paths.program(move.source) == program and move.target.rstrip("/") in _LINUX_DIRECTORIES
        if named or into:
            return move
    return None


def _named_in_path(build: Build, directory: str) -> Instruction | None:
    """The ENV that puts a directory on PATH, though every base has it there."""
    for instruction in reversed(build.instructions("ENV")):
        for name, word in instruction.pairs:
            parts = word.text.split(":") if name.text == "PATH" and word is not None else []
            if directory in [build.resolve(instruction, part) for part in parts]:
                return instruction
    return None


def _run_after_installer(build: Build) -> act.Run | None:
    """A program that a later RUN finds by its name alone, after an installer that may have set PATH."""
    installers = [a for a in build.of(act.Unpack, own=True) if a.installer]
    if not installers:
        return None
    for run in checked(build):
        later = run.order > installers[-1].order and run.instruction is not installers[-1].instruction
        if later and not re.search(r"[\\/]", run.path):
            return run
    return None


def _near(added: str, directory: str, program: str) -> bool:
    """Whether a directory of PATH is the install directory, inside it, or just below where an archive was unpacked."""
    if paths.under(added, directory, "windows") or paths.under(directory, added, "windows"):
        return True
    return bool(program) and program.split("-")[0] in added.lower()


def _is_script(build: Build, path: str) -> bool:
    """Whether what starts is a script of the build context, by its first line."""
    name = paths.name(path)
    return any(paths.name(file) == name and data.startswith(b"#!") for file, data in build.copied.items())


def _from_context(build: Build, name: str) -> bool:
    """Whether a file of that very name comes from the build context of a Linux image: a program or a script."""
    return build.platform == "linux" and any(
        paths.name(source) == name
        for copy in build.of(act.CopyIn, own=True)
        if copy.origin is None
        for source in copy.sources
    )


def _tools(build: Build, subject: Subject) -> Iterator[Fact]:
    """Programs that the file itself names: the one it starts, and those that it runs to check."""
    names: dict[str, tuple[int | None, int | None]] = {}
    start = subject.start
    if build.platform == "linux" and _is_script(build, start.path):
        pass  # a script of the build context is not a program that is installed
    elif start.program and start.entrypoint is not None and start.by_entrypoint and not start.script:
        names[start.program] = (start.entrypoint.line, start.entrypoint.end_line)
    elif start.program and start.command is not None:
        source = start.command
        names[start.program] = (source.line, source.end_line)
    elif start.program and start.entrypoint is not None:
        names[start.program] = (start.entrypoint.line, start.entrypoint.end_line)
    for run in checked(build):
        names.setdefault(run.name, (run.line, run.end_line))
    for run in build.of(act.Run, own=True) if build.platform == "windows" else ():
        if not run.conditional and run.path == run.name:
            names.setdefault(run.name, (run.line, run.end_line))  # it is there, for the build runs it
    for copy in build.of(act.CopyIn, own=True) if build.platform == "windows" else ():
        for file in copy.sources:
            if file.lower().endswith(".exe") and "*" not in file:
                names.setdefault(paths.program(file), (copy.line, copy.end_line))
    for name, (line, end_line) in names.items():
        if re.search(r"[\[\]\"]", name):
            continue  # of JSON that is broken
        yield InstalledTool(
            f"installed-tools:{name}", name, line, end_line, context=_from_context(build, name)
        )
