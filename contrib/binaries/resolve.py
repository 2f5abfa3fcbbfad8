"""Would a program start? Answered as Windows' loader would, from the tables of the files alone.

The order in which a library is looked for is that of Microsoft's "Dynamic-link library search order" for
desktop programs with safe search: API sets, the manifest's assemblies, a ``.local`` directory, libraries that
are loaded already, known DLLs, the program's directory, System32, System, Windows, the working directory, PATH.
A file for another kind of processor is passed over, and makes the error 0xC000007B when nothing else is found.
What is imported must be exported, also through forwards. Delay-loaded libraries are resolved too; what they lack
shows only when they are used.
"""

from __future__ import annotations

import ntpath
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from contrib.binaries.apisets import is_api_set
from contrib.binaries.inventory import Inventory
from contrib.binaries.model import Assembly, Binary, Manifest
from contrib.values.exits import EXITS, Exit

#: Libraries that are always taken from System32 (the usual values of the registry key
#: ``Session Manager\KnownDLLs``; the key itself is in a hive, which is not read). Those that a base lacks do
#: not count.
KNOWN_DLLS = frozenset(
    f"{name}.dll"
    for name in (
        "advapi32", "clbcatq", "combase", "comdlg32", "coml2", "difxapi", "gdi32", "gdiplus", "imagehlp", "imm32",
        "kernel32", "kernelbase", "msctf", "msvcrt", "normaliz", "nsi", "ntdll", "ole32", "oleaut32", "psapi",
        "rpcrt4", "sechost", "setupapi", "shcore", "shell32", "shlwapi", "user32", "wldap32", "ws2_32",
    )
)  # fmt: skip
#: A chain of forwards longer than this goes round in a circle.
MAX_FORWARDS = 32

_SYSTEM = r"c:\windows\system32"
_WOW = r"c:\windows\syswow64"
#: What a process of a kind can load.
_LOADABLE = {
    "x64": {"x64", "arm64ec", "arm64x"},
    "arm64": {"arm64", "arm64x"},
    "arm64ec": {"x64", "arm64ec", "arm64x"},
}
_ARCHITECTURES = {"x64": "amd64", "x86": "x86", "arm64": "arm64"}


class Verdict(str, Enum):
    """What the loader would say."""

    LOADS = "loads"
    LIBRARY_MISSING = "library missing"
    ENTRY_POINT_MISSING = "entry point missing"
    WRONG_MACHINE = "wrong machine"
    NEEDS_NEWER = "needs newer Windows"
    UNKNOWN = "unknown"

    @property
    def fails(self) -> bool:
        """Whether the program would certainly not start."""
        return self not in (Verdict.LOADS, Verdict.UNKNOWN)


#: The order in which the loader gets to them: it maps all libraries before it looks for functions.
_RANK = (
    Verdict.NEEDS_NEWER,
    Verdict.WRONG_MACHINE,
    Verdict.LIBRARY_MISSING,
    Verdict.ENTRY_POINT_MISSING,
    Verdict.UNKNOWN,
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is in the way.

    :param library: the library that is missing, or that lacks functions; "" when it is the program itself.
    :param functions: those that it lacks; a number is an ordinal.
    :param chain: from the program to whoever asks for the library, file names.
    :param why: a clause for people.
    :param later: it shows only when a delay-loaded library is first used: the program starts.
    """

    verdict: Verdict
    library: str
    chain: tuple[str, ...]
    why: str
    functions: tuple[str | int, ...] = ()
    later: bool = False
    exit: Exit | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """The answer for one program or library.

    :param troubles: in the loader's order; those of delay-loaded libraries are last.
    :param modules: paths of what would be loaded at the start, the program first.
    """

    binary: Binary
    verdict: Verdict
    troubles: tuple[Trouble, ...] = ()
    modules: tuple[str, ...] = ()

    @property
    def exit(self) -> Exit | None:
        """The exit code that Docker would show."""
        return self.troubles[0].exit if self.verdict.fails and self.troubles else None


@dataclass(frozen=True)
class Place:
    """Where programs run: the base, and what the image adds.

    :param base: None when nothing is known of it.
    :param files: binaries of the image by absolute path in lower case.
    :param opaque: files that are there, and of which nothing else is known: path in lower case to the path.
    :param path: directories of PATH. :param directory: the working directory.
    :param manifests: external manifests by absolute path in lower case (``c:\\app\\x.exe.manifest``).
    :param local: files and directories named ``*.local``, likewise.
    """

    base: Inventory | None
    files: Mapping[str, Binary] = field(default_factory=dict)
    opaque: Mapping[str, str] = field(default_factory=dict)
    path: tuple[str, ...] = ()
    directory: str = "C:\\"
    manifests: Mapping[str, Manifest] = field(default_factory=dict)
    local: Collection[str] = frozenset()

    def at(self, path: str) -> Binary | str | None:
        """The binary at a path; the path itself for a file of which nothing is known; None for no file."""
        key = path.lower()
        found = self.files.get(key)
        if found is None and key in self.opaque:
            return self.opaque[key]
        if found is None and self.base is not None:
            found = self.base.at(key)
        return found


@dataclass(slots=True)
class _Module:
    binary: Binary
    chain: tuple[str, ...]
    later: bool

    @property
    def name(self) -> str:
        return self.binary.name


def resolve(binary: Binary, place: Place) -> Resolved:
    """Whether the loader would start ``binary`` (or load it, for a library) in ``place``."""
    return _Loader(binary, place).run()


class _Loader:
    """One process: the modules that are loaded so far, and what went wrong."""

    def __init__(self, binary: Binary, place: Place) -> None:
        self.root = binary
        self.place = place
        self.machine = binary.machine
        if binary.managed and binary.machine == "x86" and place.base is not None and not binary.library:
            # A .NET program for any processor has a header for x86; it runs as the system does.
            self.machine = place.base.machine
        self.loaded: dict[str, _Module | None] = {}  # name -> module; None for one that nothing is known of
        self.paths: dict[str, _Module] = {}
        self.troubles: list[Trouble] = []
        self.waiting: deque[_Module] = deque()
        self.assemblies: dict[str, str] = {}
        self.system = _WOW if self.machine == "x86" and self._wow() else _SYSTEM

    def run(self) -> Resolved:
        start = _Module(self.root, (self.root.name,), False)
        self.loaded[self.root.key] = start
        self.paths[self.root.path.lower()] = start
        self._fits()
        if not self.troubles:
            self.waiting.append(start)
            self._drain()
            modules = tuple(module.binary.path for module in self.paths.values())
            self._delayed()
            self._looked_up()
        else:
            modules = (self.root.path,)
        troubles = sorted(self.troubles, key=lambda each: (each.later, _RANK.index(each.verdict)))
        now = [each for each in troubles if not each.later]
        return Resolved(self.root, now[0].verdict if now else Verdict.LOADS, tuple(troubles), modules)

    # -- the program itself -------------------------------------------------------------------------------

    def _wow(self) -> bool:
        return self.place.base is not None and (self.place.base.machine != "x86" and self.place.base.wow64)

    def _fits(self) -> None:
        base = self.place.base
        binary = self.root
        if base is None:
            return
        runs = {base.machine} | ({"x86"} if base.wow64 else set())
        if base.machine == "arm64":
            runs |= {"arm64x"} | ({"x64", "arm64ec"} if self._emulates(base) else set())
        if self.machine not in runs and not (self.machine in ("arm64ec",) and base.machine == "x64"):
            what = f"is built for {self.machine}; {base.base} runs {' and '.join(sorted(runs))}"
            if self.machine == "x86" and base.machine == "x64":
                what = f"is a 32-bit program; {base.base} has no 32-bit subsystem"
            self._trouble(Verdict.WRONG_MACHINE, "", (binary.name,), what, code=0xC000007B)
        elif binary.windows > base.windows:
            needs = ".".join(map(str, binary.windows))
            has = ".".join(map(str, base.windows))
            what = f"says that it needs Windows {needs}; {base.base} is {has}"
            self._trouble(Verdict.NEEDS_NEWER, "", (binary.name,), what, code=1150)
        elif not binary.library and binary.subsystem not in ("windows", "console"):
            what = f"is not a program of Windows (its subsystem is {binary.subsystem})"
            self._trouble(Verdict.UNKNOWN, "", (binary.name,), what)
        for problem in binary.problems:
            self._trouble(Verdict.UNKNOWN, "", (binary.name,), f"cannot be read in part: {problem}")

    @staticmethod
    def _emulates(base: Inventory) -> bool:
        return r"c:\windows\system32\xtajit64.dll" in base.lines

    def _manifest(self, module: _Module) -> None:
        """The assemblies that a manifest asks for: one that is missing ends the start.

        What a library of the program asks for is searched by the whole process here; Windows would search it for
        that library alone.
        """
        binary = module.binary
        manifest = binary.manifest or self.place.manifests.get(binary.path.lower() + ".manifest")
        if manifest is None:
            return
        if manifest.error:
            self._trouble(
                Verdict.UNKNOWN, "", module.chain, f"its manifest {manifest.error}", later=module.later
            )
        for assembly in manifest.assemblies:
            private = self._private(assembly)
            if private is not None:
                self.assemblies |= private
                continue
            base = self.place.base
            if base is None:
                why = "nothing is known of the base"
                self._trouble(Verdict.UNKNOWN, str(assembly), module.chain, why, later=module.later)
                continue
            found = self._installed(assembly, base)
            if found is None:
                self._trouble(
                    Verdict.LIBRARY_MISSING,
                    str(assembly),
                    module.chain,
                    f"the side-by-side assembly {assembly}, which its manifest asks for, is not installed",
                    later=module.later,
                    code=14001 if binary is self.root else 0xC0150002,
                )
                continue
            directory = base.assemblies[found].lower() + "\\"
            for key in base.lines:
                if key.startswith(directory):
                    self.assemblies[key.rpartition("\\")[2]] = key

    def _installed(self, wanted: Assembly, base: Inventory) -> Assembly | None:
        """The newest that fits: same major and minor version, as publisher policy decides."""
        architecture = wanted.architecture.lower()
        own = _ARCHITECTURES.get(self.machine, self.machine)
        numbers = wanted.version.split(".")
        found = [
            each
            for each in base.assemblies
            if each.name.lower() == wanted.name.lower()
            and each.architecture.lower() in ({own} if architecture == "*" else {architecture})
            and (not wanted.token or each.token.lower() == wanted.token.lower())
            and each.version.split(".")[:2] == numbers[:2]
            and _numbers(each.version) >= _numbers(wanted.version)
        ]
        return max(found, key=lambda each: _numbers(each.version), default=None)

    def _private(self, assembly: Assembly) -> dict[str, str] | None:
        """An assembly beside the program: its files' paths by name, None when it is not there."""
        directory = ntpath.dirname(self.root.path).lower()
        name = assembly.name.lower()
        for folder in (directory, f"{directory}\\{name}"):
            manifest = self.place.manifests.get(f"{folder}\\{name}.manifest")
            if manifest is not None:
                files = manifest.files or (f"{name}.dll",)
                return {file.lower(): f"{folder}\\{file.lower()}" for file in files}
            library = self.place.files.get(f"{folder}\\{name}.dll")
            if library is not None and library.manifest is not None:
                return {f"{name}.dll": f"{folder}\\{name}.dll"}
        return None

    # -- libraries ----------------------------------------------------------------------------------------

    def _drain(self) -> None:
        while self.waiting:
            module = self.waiting.popleft()
            if module.binary.path.lower() in self.place.files or module.binary is self.root:
                self._manifest(module)
            for each in module.binary.imports:
                self._import(module, each.library, each.functions, later=module.later)

    def _import(
        self,
        module: _Module,
        library: str,
        functions: Sequence[str | int],
        *,
        later: bool,
        delayed: bool = False,
    ) -> None:
        target = self._load(module, library, later=later, delayed=delayed)
        if target is None:
            return
        missing = [
            each for each in functions if not self._offers(target, each, module, library, later, delayed)
        ]
        if missing:
            name = target.name if target.name.lower() == library.lower() else f"{library} ({target.name})"
            named = all(isinstance(each, str) for each in missing)
            self._trouble(
                Verdict.ENTRY_POINT_MISSING,
                name,
                module.chain,
                f"{name} does not have {_list(missing)}",
                tuple(missing),
                later=later,
                code=0xC06D007F if delayed else 0xC0000139 if named else 0xC0000138,
            )

    def _load(self, module: _Module, library: str, *, later: bool, delayed: bool) -> _Module | None:
        """The module of that name, loaded now if it was not; None when there is none, which is then said."""
        name = library.lower().rstrip(" ")
        if "." not in ntpath.basename(name):
            name += ".dll"
        base = self.place.base
        if is_api_set(name) and base is not None:
            # First, since the same API set may have another host for another importer.
            host = base.apisets.host(name, module.name)
            if host == "":
                self._missing(module, library, f"{base.base} has no host for this API set", later, delayed)
                return None
            if host is not None:
                return self._load(module, host, later=later, delayed=delayed)
        if name in self.loaded:
            return self.loaded[name]
        found, passed = self._find(name)
        if found is None:
            self.loaded[name] = None
            if passed is not None:
                self._trouble(
                    Verdict.WRONG_MACHINE,
                    library,
                    module.chain,
                    f"{passed.path} is built for {passed.machine}, the program for {self.machine}",
                    later=later,
                    code=0xC000007B,
                )
            elif base is None:
                self._trouble(
                    Verdict.UNKNOWN,
                    library,
                    module.chain,
                    "it is not among the files, and nothing is known of the base",
                    later=later,
                )
            elif is_api_set(name) and not base.apisets.hosts:
                why = "; ".join((f"the API sets of {base.base} are not known", *base.notes))
                self._trouble(Verdict.UNKNOWN, library, module.chain, why, later=later)
            else:
                self._missing(module, library, self._nowhere(), later, delayed)
            return None
        if isinstance(found, str):
            self.loaded[name] = None
            self._trouble(
                Verdict.UNKNOWN,
                library,
                module.chain,
                f"what {found} exports and imports is not known",
                later=later,
            )
            return None
        key = found.path.lower()
        target = self.paths.get(key)
        if target is None:
            target = _Module(found, (*module.chain, found.name), later)
            self.paths[key] = target
            self.waiting.append(target)
        self.loaded[name] = target
        return target

    def _nowhere(self) -> str:
        base = self.place.base
        return f"it is neither beside the program, nor in {base.base if base else 'the base'}, nor on PATH"

    def _missing(self, module: _Module, library: str, why: str, later: bool, delayed: bool) -> None:
        code = 0xC06D007E if delayed else 0xC0000135
        self._trouble(Verdict.LIBRARY_MISSING, library, module.chain, why, later=later, code=code)

    def _find(self, name: str) -> tuple[Binary | str | None, Binary | None]:
        """The file that the loader takes, and one for another machine that it passed over."""
        passed = None
        for path in self._candidates(name):
            found = self.place.at(path)
            if found is None:
                continue
            if isinstance(found, Binary) and not self._loadable(found):
                passed = passed or found
                continue
            return found, passed
        return None, passed

    def _loadable(self, binary: Binary) -> bool:
        if binary.managed and not binary.imports:
            return True  # a .NET library for any processor
        return binary.machine in _LOADABLE.get(self.machine, {self.machine})

    def _candidates(self, name: str) -> Iterator[str]:
        if ntpath.isabs(name):
            yield name
            return
        if name in self.assemblies:
            yield self.assemblies[name]
        local = self.root.path.lower() + ".local"
        redirected = local in self.place.local or any(
            each.startswith(local + "\\") for each in self.place.local
        )
        if redirected and self.root.manifest is None:
            yield f"{local}\\{name}"
            yield f"{ntpath.dirname(self.root.path)}\\{name}"
        if name in KNOWN_DLLS:
            yield f"{self.system}\\{name}"
        for directory in self._directories():
            yield f"{directory}\\{name}"

    def _directories(self) -> Iterator[str]:
        yield ntpath.dirname(self.root.path).rstrip("\\")
        yield self.system
        yield r"c:\windows\system"
        yield r"c:\windows"
        yield self.place.directory.rstrip("\\")
        base = self.place.base
        for directory in (*self.place.path, *(base.path if base is not None else ())):
            expanded = _expanded(directory).rstrip("\\")
            yield self.system if expanded.lower() == _SYSTEM else expanded
        # Present on servercore for programs that name API sets of older Windows.
        yield f"{self.system}\\downlevel"

    def _offers(
        self, module: _Module, function: str | int, asking: _Module, library: str, later: bool, delayed: bool
    ) -> bool:
        """Whether a module has a function, in itself or through forwards."""
        for _ in range(MAX_FORWARDS):
            exports = module.binary.exports
            if module.binary.problems or not exports.has(function):
                # A table that could not be read does not say that the function is missing.
                return bool(module.binary.problems)
            forward = exports.forwards.get(function)
            if forward is None:
                return True
            target, _, wanted = forward.rpartition(".")
            if not target:
                return False
            through = _Module(
                module.binary,
                module.chain if module.chain[-1:] == (module.name,) else (*asking.chain, module.name),
                later,
            )
            following = self._load(through, target, later=later, delayed=delayed)
            if following is None:
                return True  # the library is missing, which is said already
            if following is module and wanted == function:
                return False
            module = following
            function = (
                int(wanted[1:])
                if wanted[:1] == "#" and wanted[1:].isascii() and wanted[1:].isdigit()
                else wanted
            )
        return False

    # -- later --------------------------------------------------------------------------------------------

    def _own(self) -> list[_Module]:
        """Modules that are not the base's."""
        base = self.place.base
        return [
            each
            for key, each in self.paths.items()
            if base is None or key in self.place.files or each.binary is self.root
        ]

    def _delayed(self) -> None:
        """What the image's own modules load on first use."""
        done: set[str] = set()
        while True:
            modules = [each for each in self._own() if each.binary.path.lower() not in done]
            if not modules:
                return
            for module in modules:
                done.add(module.binary.path.lower())
                for each in module.binary.delayed:
                    self._import(module, each.library, each.functions, later=True, delayed=True)
            self._drain()

    def _looked_up(self) -> None:
        """Libraries that the text of the image's own modules names: they may be loaded by name."""
        if self.place.base is None:
            return
        for module in self._own():
            if not module.binary.looks_up:
                continue
            missing = []
            for name in module.binary.names:
                if is_api_set(name) or name in self.loaded:
                    continue
                found, _ = self._find(name)
                beside = self.place.at(f"{ntpath.dirname(module.binary.path)}\\{name}")
                if found is None and beside is None:
                    missing.append(name)
            for name in missing:
                self._trouble(
                    Verdict.UNKNOWN,
                    name,
                    module.chain,
                    "its text names this library, which it may look up while it runs, and which is not there",
                )

    def _trouble(
        self,
        verdict: Verdict,
        library: str,
        chain: tuple[str, ...],
        why: str,
        functions: tuple[str | int, ...] = (),
        *,
        later: bool = False,
        code: int | None = None,
    ) -> None:
        known = EXITS.get(code) if code is not None else None
        trouble = Trouble(verdict, library, chain, why, functions, later, known)
        if trouble not in self.troubles:
            self.troubles.append(trouble)


def _expanded(directory: str) -> str:
    """``%SystemRoot%`` and its like in PATH."""
    lowered = directory.lower()
    for name, value in (
        ("%systemroot%", "C:\\Windows"),
        ("%windir%", "C:\\Windows"),
        ("%systemdrive%", "C:"),
    ):
        if lowered.startswith(name):
            return value + directory[len(name) :]
    return directory


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(
        int(part) if part.isascii() and part.isdigit() and len(part) < 10 else 0
        for part in version.split(".")
    )


def _list(functions: Sequence[str | int]) -> str:
    shown = [each if isinstance(each, str) else f"ordinal {each}" for each in functions[:3]]
    more = len(functions) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")
