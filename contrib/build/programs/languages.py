"""Package managers of languages, and PowerShell's modules: pip, npm, gem, cargo, go, dotnet, conda.

What such a manager does besides stays a program that is run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contrib.build import actions as act
from contrib.build import options
from contrib.build.actions import Value
from contrib.build.programs.base import add, named, program, run_program
from contrib.build.programs.compilers import compiler
from contrib.build.programs.installers import any_program
from contrib.shells import model as shell
from contrib.values.patterns import lazy

if TYPE_CHECKING:
    from contrib.build.walk import Place, Walk

#: https://pip.pypa.io/en/stable/cli/pip_install/ (25.0)
PIP = options.Table(
    valued=frozenset(
        ["abi", "build", "cache-dir", "cert", "client-cert", "config-settings", "constraint", "build-constraint", "editable", "exists-action", "extra-index-url", "find-links", "global-option", "implementation", "index-url", "keyring-provider", "log", "no-binary", "only-binary", "platform", "prefix", "progress-bar", "proxy", "python", "python-version", "report", "requirement", "resume-retries", "retries", "root", "root-user-action", "src", "target", "timeout", "trusted-host", "upgrade-strategy", "use-deprecated", "use-feature"]
    ),
    flags=frozenset(
        ["break-system-packages", "check-build-dependencies", "compile", "debug", "disable-pip-version-check", "dry-run", "force-reinstall", "ignore-installed", "ignore-requires-python", "isolated", "no-build-isolation", "no-cache-dir", "no-clean", "no-color", "no-compile", "no-deps", "no-index", "no-input", "no-python-version-warning", "no-warn-conflicts", "no-warn-script-location", "pre", "prefer-binary", "quiet", "require-hashes", "require-virtualenv", "upgrade", "user", "verbose", "version"]
    ),
    short={"c": "constraint", "e": "editable", "f": "find-links", "i": "index-url", "r": "requirement", "t": "target", "C": "config-settings", "U": "upgrade", "q": "quiet", "v": "verbose", "I": "ignore-installed"},
)  # fmt: skip

#: https://docs.npmjs.com/cli/v11/commands/npm-install
NPM = options.Table(
    valued=frozenset(
        ["access", "arch", "audit-level", "before", "ca", "cache", "cafile", "cert", "cpu", "fetch-retries", "fetch-timeout", "heading", "include", "install-strategy", "key", "libc", "location", "loglevel", "maxsockets", "noproxy", "omit", "only", "os", "otp", "prefix", "proxy", "https-proxy", "registry", "save-prefix", "scope", "script-shell", "tag", "userconfig", "workspace"]
    ),
    flags=frozenset(
        ["force", "global", "ignore-scripts", "legacy-peer-deps", "no-audit", "no-fund", "no-save", "package-lock-only", "production", "save", "save-dev", "save-exact", "silent", "strict-peer-deps", "unsafe-perm", "verbose"]
    ),
    short={"C": "prefix", "w": "workspace", "g": "global"},
)  # fmt: skip

#: https://guides.rubygems.org/command-reference/#gem-install
GEM = options.Table(
    valued=frozenset(
        ["version", "platform", "install-dir", "bindir", "document", "build-root", "target-rbconfig", "file", "trust-policy", "source", "http-proxy", "config-file", "without"]
    ),
    short={"v": "version", "i": "install-dir", "n": "bindir", "P": "trust-policy", "s": "source", "p": "http-proxy", "g": "file"},
    flags=frozenset(["no-document", "prerelease"]),
)  # fmt: skip

#: https://doc.rust-lang.org/cargo/commands/cargo-install.html
CARGO = options.Table(
    valued=frozenset(
        ["version", "vers", "git", "branch", "tag", "rev", "path", "registry", "index", "root", "features", "bin", "example", "target", "target-dir", "profile", "jobs", "config", "color"]
    ),
    short={"F": "features", "j": "jobs"},
)  # fmt: skip

#: https://learn.microsoft.com/dotnet/core/tools/dotnet-tool-install, nuget.exe likewise
DOTNET = options.Table(
    valued=frozenset(
        ["version", "add-source", "source", "configfile", "framework", "tool-manifest", "tool-path", "verbosity", "arch", "outputdirectory", "solutiondirectory", "packagesdirectory", "packagesavemode", "dependencyversion", "msbuildversion", "msbuildpath"]
    ),
    short={"a": "arch", "v": "verbosity"},
)  # fmt: skip

_CONDA = options.Table(
    valued=frozenset(["name", "prefix", "channel", "file", "revision", "solver"]),
    short={"n": "name", "p": "prefix", "c": "channel", "f": "file"},
)
_FILE = lazy(
    r"(?i)\.{1,2}$|\.{0,2}[\\/]|[a-z]:[\\/]|(git\+|https?:|file:)|.*\.(whl|tgz|zip|tar\.\w+|gz|nupkg|gem)$"
)
_MODULE = lazy(r"[a-z0-9-]+(\.[a-z0-9-]+)+/")
#: npm's and go's words for whatever is newest, and ranges.
_MOVES = lazy(r"(?i)(latest|next|beta|canary|master|main|head|upgrade)?$|[~^><*]|.*\.[x*]$")


def words_of(walk: Walk, command: shell.Command) -> list[Value]:
    """The words after a command's name; the items of a list one by one."""
    return [item for word in command.words for item in walk.value(word).each]


def _install(
    walk: Walk, command: shell.Command, place: Place, manager: str, names: Sequence[str], loose: Sequence[str],
    version: str | None = None, no_cache: bool = False,
) -> None:  # fmt: skip
    """Add the packages that are installed; those that are files of their own are none."""
    kept = tuple(name for name in names if name and not _FILE.match(name))
    if kept:
        add(
            walk, act.Packages, command, place, manager=manager, verb="add", names=kept,
            version=version or "", loose=tuple(name for name in loose if name in kept), no_cache=no_cache,
        )  # fmt: skip


def _pip(walk: Walk, command: shell.Command, place: Place, words: Sequence[Value]) -> None:
    line = options.read([value.text for value in words], PIP)
    if line.operands[:1] != ("install",):
        return
    names = [operand.strip() for operand in line.operands[1:]]
    loose = [name for name in names if "==" not in name and "@" not in name]
    _install(walk, command, place, "pip", names, loose, no_cache=line.has("no-cache-dir"))


@program("pip")
def pip(walk: Walk, command: shell.Command, place: Place) -> None:
    run_program(walk, command, place)
    _pip(walk, command, place, words_of(walk, command))


@program("python", "py", "pypy", "uv")
def python(walk: Walk, command: shell.Command, place: Place) -> None:
    """``python -m pip install …``, ``uv pip install …``; else a program as any other."""
    any_program(walk, command, place)
    words = words_of(walk, command)
    lowered = [value.text.lower() for value in words]
    start = lowered.index("-m") + 1 if "-m" in lowered else 0
    if lowered[start : start + 1] == ["pip"]:
        _pip(walk, command, place, words[start + 1 :])


@program("npm", "pnpm", "yarn")
def npm(walk: Walk, command: shell.Command, place: Place) -> None:
    """``npm install -g``, ``yarn global add``; what ``package.json`` asks for is not in the file."""
    run_program(walk, command, place)
    line = options.read([value.text for value in words_of(walk, command)], NPM)
    verb, *names = line.operands or ("",)
    everywhere = line.has("global") or line.last("location") == "global"
    if command.full_name.lower() == "yarn" and verb == "global":
        everywhere, verb, names = True, *(names[:1] or [""]), names[1:]
    if not everywhere or verb not in ("install", "i", "add", "isntall"):
        return
    loose = [name for name in names if _MOVES.match(name[1:].partition("@")[2])]
    _install(walk, command, place, "npm", names, loose)


@program("gem")
def gem(walk: Walk, command: shell.Command, place: Place) -> None:
    run_program(walk, command, place)
    line = options.read([value.text for value in words_of(walk, command)], GEM)
    if line.operands[:1] not in (("install",), ("i",)):
        return
    names = line.operands[1:]
    version = line.last("version")
    loose = [name for name in names if ":" not in name] if version is None else []
    _install(walk, command, place, "gem", names, loose, version)


@program("cargo")
def cargo(walk: Walk, command: shell.Command, place: Place) -> None:
    line = options.read([value.text for value in words_of(walk, command)], CARGO)
    if line.operands[:1] != ("install",) or line.has("path", "git"):
        compiler(walk, command, place)
        return
    run_program(walk, command, place)
    names = line.operands[1:]
    version = line.last("version", "vers")
    loose = [name for name in names if "@" not in name] if version is None else []
    _install(walk, command, place, "cargo", names, loose, version)


@program("go")
def go(walk: Walk, command: shell.Command, place: Place) -> None:
    """``go install MODULE@VERSION``, and ``go get MODULE``, which takes whatever is newest without a version."""
    words = [value.text for value in words_of(walk, command)]
    if words[:1] not in (["install"], ["get"]):
        compiler(walk, command, place)
        return
    any_program(walk, command, place)
    names = [word for word in words[1:] if "@" in word or (words[0] == "get" and _MODULE.match(word))]
    _install(walk, command, place, "go", names, [n for n in names if _MOVES.match(n.partition("@")[2])])


@program("dotnet", "nuget")
def dotnet(walk: Walk, command: shell.Command, place: Place) -> None:
    """``dotnet tool install``, ``nuget install``."""
    words = [_long(value.text) for value in words_of(walk, command)]
    if command.full_name.lower() == "dotnet" and words[:1] != ["tool"]:
        compiler(walk, command, place)
        return
    any_program(walk, command, place)
    line = options.read(words, DOTNET)
    verbs = ("tool", "install") if command.full_name.lower() == "dotnet" else ("install",)
    if line.operands[: len(verbs)] != verbs:
        return
    names = [name for name in line.operands[len(verbs) :] if not name.lower().endswith(".config")]
    version = line.last("version")
    _install(
        walk, command, place, command.full_name.lower(), names, names if version is None else [], version
    )


@program("conda", "mamba")
def conda(walk: Walk, command: shell.Command, place: Place) -> None:
    run_program(walk, command, place)
    line = options.read([value.text for value in words_of(walk, command)], _CONDA)
    if line.operands[:1] in (("install",), ("create",)):
        names = line.operands[1:]
        _install(walk, command, place, "conda", names, [name for name in names if "=" not in name])


@program(
    "install-module", "install-package", "install-script", "install-packageprovider", "install-psresource",
    "save-module", "save-package",
)  # fmt: skip
def module(walk: Walk, command: shell.Command, place: Place) -> None:
    """PowerShellGet and PackageManagement: ``-RequiredVersion`` (``-Version`` of PSResource) is exact."""
    name = command.full_name
    word = named(command, "Name") or (command.positional[0] if command.positional else None)
    if word is None:
        return
    names = [item.text for item in walk.value(word).each]
    exact = named(command, "RequiredVersion")
    if name.lower() == "install-psresource":
        exact = named(command, "Version")
    add(
        walk, act.Packages, command, place, manager=name, verb="add", names=tuple(names),
        version=walk.text(exact) if exact is not None else "", loose=tuple(names) if exact is None else (),
    )  # fmt: skip


def _long(text: str) -> str:
    """nuget takes ``-Version`` where others take ``--version``."""
    return "-" + text.lower() if re.match(r"-[A-Za-z]{2,}", text) else text
