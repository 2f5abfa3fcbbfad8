"""What a file leaves open: why a fact cannot be known from it, and what would give the answer."""

from __future__ import annotations

import re

from contrib.build import actions as act
from contrib.build import paths, products
from contrib.build.account import Build
from contrib.build.downloads import fetched
from contrib.facts.extractors.configuration import configuration_file, content_of, is_configuration
from contrib.facts.extractors.origin import added_archive, own_installer, program_copy, unpacks
from contrib.facts.handed import configuration_of, plain
from contrib.facts.model import Open
from contrib.facts.subject import HELPERS, Subject, related

_SCRIPTS = (".ps1", ".psm1", ".cmd", ".bat")


def openness(build: Build, subject: Subject) -> Open:
    """What ``build`` leaves open."""
    script = _script(build) or _fetched_script(build)
    packages = _packages(build)
    base = _base(build)
    copied = _directory(build, subject) or _added(build, subject)
    archive = _archive(build, subject)
    unread = _unread(build)
    version = ""
    if subject.main is not None and not subject.main.url.known:
        names = [s.name for s in subject.main.url.via if s.kind in ("ARG", "ENV")]
        version = "the address holds a variable without a value" + (f" ({names[0]})" if names else "")
    return Open(
        programs=archive or copied or script or packages or base or unread,
        brought=_brought(build),
        version=version or script or packages or copied,
        configuration=_configuration(build, subject) or script,
        path=script
        or _started_by_script(subject)
        or _packages(build, own=True)
        or _installer(build, subject)
        or _from_base(build, subject),
        base=base,
        varying=_varying(build),
        script=script or unread,
        fetches=script or packages or _language(build) or unread,
        context=copied,
        environment=script or _packages(build, own=True),
        brings=_brings(build),
        single=_single(build),
        leaves=_leaves(build),
        given=_given(build),
        **_installed(build),
    )


def places(build: Build) -> tuple[str, ...]:
    """Directories that the file puts programs or files in: unpacked, copied, moved or installed there."""
    found: list[str] = []
    for action in build.actions:
        if isinstance(action, act.Unpack):
            found.append(action.directory)
        elif isinstance(action, (act.CopyIn, act.Move)):
            found.append(action.target)
        elif isinstance(action, act.Compile):
            found.append(action.prefix)
    return tuple(dict.fromkeys(each for each in found if paths.absolute(each, build.platform)))


def _brings(build: Build) -> tuple[tuple[str, str], ...]:
    """Archives and installers by the product that their name says."""
    found: dict[str, str] = {}
    for action in build.of(act.Unpack):
        name = paths.name(action.file)
        product = products.product("https://x/" + name) if action.file not in ("", "-") else ""
        if product:
            what = "what the installer {} installs" if action.installer else "the content of {}"
            found.setdefault(product, f"{what.format(name)} is not known")
    return tuple(found.items())


def _single(build: Build) -> frozenset[str] | None:
    """The programs that come one by one from other stages or the context; None where anything else may bring more."""
    if build.platform != "windows" or not plain(build):
        return None
    bringing = (act.Download, act.Unpack, act.Packages, act.Compile, act.Run, act.Move)
    if any(isinstance(each, bringing) and each.stage in build.own for each in build.actions):
        return None
    sources = [source for copy in build.of(act.CopyIn, own=True) for source in copy.sources]
    if not sources or not all(
        re.search(r"\.(exe|dll|conf|cfg|ini|ya?ml|json|toml)$", s, re.IGNORECASE) for s in sources
    ):
        return None
    if any(set("*?[") & set(source) for source in sources):
        return None
    return frozenset(paths.program(source) for source in sources)


def _started_by_script(subject: Subject) -> str:
    """A script starts whatever it is that has to be found."""
    start = subject.start
    return f"what {start.script} starts is not known" if start.script and not start.program else ""


def _given(build: Build) -> frozenset[str]:
    """ENV whose value an ARG without a default gives."""
    variables = build.final.variables() if build.final is not None else ()
    return frozenset(each.name.upper() for each in variables if each.kind == "env" and not each.known)


def _leaves(build: Build) -> str:
    """Package managers keep what they fetched, unless they are told not to."""
    for action in build.of(act.Packages, own=True):
        keeps = action.manager in ("choco", "winget", "scoop") or action.of_language
        if build.platform == "windows" and action.verb == "add" and keeps and not action.no_cache:
            return f"what {action.manager} leaves in its caches is not known"
    return ""


def _installed(build: Build) -> dict[str, str]:
    """The first installer that is run, and what it is told."""
    for action in build.of(act.Unpack, own=True):
        if action.installer:
            told = re.sub(r"[^a-z0-9]", "", " ".join(action.arguments).lower())
            return {"installer": paths.name(action.file), "arguments": told}
    return {"installer": "", "arguments": ""}


def _unread(build: Build) -> str:
    lines = sorted({line for line, text in build.notes if "could not be read" in text})
    return f"a part of the script at line {lines[0]} could not be read" if lines else ""


def _script(build: Build) -> str:
    """A script of the build context that a RUN runs."""
    copies = [copy for copy in build.of(act.CopyIn) if copy.origin is None]
    for run in build.of(act.Run):
        for file in (run.path, *run.files):
            if file.lower().endswith(_SCRIPTS) and any(
                paths.brings(copy.target, copy.sources, file) for copy in copies
            ):
                return f"the script {paths.name(file)} is run, and this file does not show what it does"
    return ""


#: Scripts that install a package manager and nothing else; what it then installs is read by itself.
_BOOTSTRAPS = frozenset(("chocolatey.org", "community.chocolatey.org", "get.scoop.sh", "bootstrap.pypa.io"))
_INTERPRETERS = frozenset(("sh", "bash", "ash", "dash", "iex", "invoke-expression", "powershell", "pwsh"))


def _fetched_script(build: Build) -> str:
    """A script that is fetched and run: ``curl … | sh``, ``irm … | iex``, a file that is started."""
    for each in fetched(build):
        use, host = each.use, products.host(each.url)
        if not isinstance(use, act.Run) or host in _BOOTSTRAPS:
            continue
        saved = each.download.file not in ("", "-")
        runs = use.name in _INTERPRETERS or use.name.endswith((*_SCRIPTS, ".sh"))
        if runs and (not saved or each.download.file.lower().endswith((*_SCRIPTS, ".sh"))):
            return f"the script at {each.url} is fetched and run, and nobody has seen what it does"
    return ""


def _added(build: Build, subject: Subject) -> str:
    """An archive of the build context with the program: ADD unpacks it, or a RUN does."""
    added = added_archive(build)
    if added is not None:
        return f"the content of {paths.name(added[1])}, from the build context, is not known"
    own = own_installer(build, subject)
    for copy in build.of(act.CopyIn) if own is not None else ():
        if own is not None and copy.origin is None and paths.brings(copy.target, copy.sources, own.file):
            return f"the content of {paths.name(own.file)}, from the build context, is not known"
    return ""


def _language(build: Build) -> str:
    """A program that a language's own manager fetches."""
    for action in build.of(act.Packages):
        if action.of_language and action.verb == "add" and build.platform == "windows" and action.names:
            return f"{action.manager} fetches {', '.join(action.names)}, and what it verifies is not known"
    return ""


def _packages(build: Build, own: bool = False) -> str:
    for action in build.of(act.Packages, own):
        if action.manager in ("choco", "winget", "scoop") and action.verb == "add":
            return f"{action.manager} installs {', '.join(action.names)}; what is in the package is not known"
    return ""


def _base(build: Build) -> str:
    base = build.base
    if base is None:
        return ""
    if not base.known and not plain(build):
        return "the base is given at build time"
    if base.configuration is None and not plain(build):
        return f"what {base.root.text} hands on is not known"
    return ""


def _varying(build: Build) -> frozenset[str]:
    configuration = configuration_of(build)
    if configuration is None:
        return frozenset()
    return configuration.unknown | {name.upper() for name in configuration.varying}


def _archive(build: Build, subject: Subject) -> str:
    """The archive or installer that the program comes from: the image's own before its helpers'."""
    main = subject.main
    own = [] if main is None else [a for a in build.of(act.Unpack) if unpacks(build, a, main)]
    for action in (*own, *build.of(act.Unpack)):
        name = paths.name(action.file) if action.file not in ("", "-") else "the archive"
        if action.installer:
            return f"what the installer {name} installs is not known"
        return f"the content of {name} is not known"
    return ""


def _installer(build: Build, subject: Subject) -> str:
    """An installer that may put the program on PATH: not one of libraries that it takes along."""
    main = subject.main
    installers = list(build.of(act.Unpack, own=True))
    if main is not None:
        installers.sort(key=lambda action: not unpacks(build, action, main))
    for action in installers:
        ours = main is not None and unpacks(build, action, main)
        helper = products.product("https://x/" + paths.name(action.file)) in HELPERS
        if action.installer and (ours or not helper):
            return f"the installer {paths.name(action.file)} may set it"
    return ""


def _brought(build: Build) -> str:
    """What else may bring programs that the file does not name."""
    for build_ in build.of(act.Compile):
        return f"what {build_.tool} makes is not listed"
    for download in build.of(act.Download):
        return f"what comes from {download.url.text} is not known"
    for copy in build.of(act.CopyIn, own=True):
        for source in copy.sources:
            last = paths.name(source)
            if "*" in last or not re.search(r"\.[A-Za-z][A-Za-z0-9]{0,4}$", last):
                return f"what is in {source} is not known"
    return ""


def _from_base(build: Build, subject: Subject) -> str:
    """A program that nothing in the file brings, on a base that has programs of its own."""
    main, start = subject.main, subject.start
    if plain(build) or not start.program or build.base is None:
        return ""
    if main is not None and related(products.product(main.url.text), start.program):
        return ""
    return f"{start.program} may come with {build.base.root.text}"


def _directory(build: Build, subject: Subject) -> str:
    """A directory, or the program itself, from the build context."""
    copy = program_copy(build, subject)
    if copy is None:
        return ""
    sources = [each for each in copy.sources if paths.program(each) == subject.start.program] or copy.sources
    return f"what is in {sources[0]}, from the build context, is not known"


def _configuration(build: Build, subject: Subject) -> str:
    """The configuration that CMD names, or that is copied to where it is read anyway, where nobody has seen it."""
    if build.platform != "windows":
        return ""
    for copy in build.of(act.CopyIn, own=True):
        for source in copy.sources if copy.origin is None else ():
            if is_configuration(source) and content_of(build, source) is None and source[:2] != "<<":
                return f"{paths.name(source)} comes from the build context, and was not read"
    for edit in build.of(act.Edit, own=True):
        unseen = edit.kind == "replace" and not edit.pattern and not edit.text
        if unseen and is_configuration(edit.file):
            return f"{paths.name(edit.file)} is edited in a way that could not be followed"
    script = subject.start.script
    if script and not any(paths.name(path) == script for path in build.copied):
        return f"{script} starts the program, and nobody has seen what it sets"
    named = configuration_file(build, subject)
    if named is None:
        return ""
    name = paths.name(named)
    for download in build.of(act.Download):
        if paths.same(download.file, named, build.platform):
            return f"{name} is fetched from {download.url.text} and decides it"
    for copy in build.of(act.CopyIn):
        if copy.origin is None and paths.brings(copy.target, copy.sources, named):
            if any(paths.name(path) == name for path in build.copied):
                return ""
            return f"{name} comes from the build context and decides it"
    for action in build.of(act.Unpack):
        if action.directory and paths.under(named, action.directory, build.platform):
            return f"{name} of the archive decides it"
    return ""
