"""Command lines of programs: every program that is registered, with options that nobody lists."""

from __future__ import annotations

import doctest
from collections.abc import Sequence

import pytest

from contrib.build import actions as act
from contrib.build import options, read
from contrib.build.programs.base import HANDLERS
from contrib.build.programs.checks import CHECKERS
from contrib.dockerfile import parse
from tests.build.test_actions import HEADS


def test_examples_of_the_docstrings() -> None:
    assert doctest.testmod(options, extraglobs={"CURL": options.CURL}).failed == 0


SHA = "24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d"
URL = "https://example.org/app-1.2.3.zip"
#: A command line that does something, for each program of the registry: shell, and the words; ``+`` is where
#: an option that no table lists is put.
LINES = {
    "7z": ("cmd", "x + a.7z"), "7za": ("cmd", "e + a.7z"), "7zr": ("cmd", "x a.7z +"), "7zz": ("posix", "x + a.7z"),
    "7zzs": ("posix", "x + a.7z"), "[": ("posix", '"$(sha256sum a.zip)" = "$SHA" ]'),
    "[[": ("posix", '"$(sha256sum a.zip)" = "$SHA" ]]'), "test": ("posix", '"$(sha256sum a.zip)" = "$SHA"'),
    "addgroup": ("posix", "+ x"), "adduser": ("posix", "+ x"), "apk": ("posix", "add + gcc"),
    "apt": ("posix", "install + gcc"), "apt-get": ("posix", "+ install gcc"), "ar": ("posix", "x a.deb +"),
    "aria2c": ("cmd", f"+ -o a.zip {URL}"), "axel": ("posix", f"+ {URL}"), "bitsadmin": ("cmd", f"/transfer j + {URL} C:\\a.zip"),
    "bsdtar": ("posix", "-x + -f a.zip"), "bunzip2": ("posix", "+ a.bz2"), "bzip2": ("posix", "-d + a.bz2"),
    "cargo": ("posix", "install + x"), "cc": ("posix", "+ a.c"), "certutil": ("cmd", f"-urlcache + -f {URL} a.zip"),
    "chgrp": ("posix", "+ x y"), "chmod": ("posix", "+ 777 y"), "choco": ("cmd", "install + git"),
    "chocolatey": ("cmd", "install git +"), "chown": ("posix", "+ x y"), "cinst": ("cmd", "git +"), "clang": ("posix", "+ a.c"),
    "cmake": ("posix", "--build . +"), "conda": ("posix", "install + x"), "configure": ("posix", "+"),
    "cosign": ("posix", "verify-blob + --key k --signature s a.zip"),
    "copy": ("cmd", "+ a b"), "cp": ("posix", "+ a b"), "cpio": ("posix", "-i + -F a"), "curl": ("posix", f"+ -fsSLO {URL}"),
    "del": ("cmd", "+ a.zip"), "dnf": ("posix", "install + gcc"), "dotnet": ("cmd", "tool install + x"),
    "dpkg": ("posix", "+ -i a.deb"), "egrep": ("posix", "+ x f"), "erase": ("cmd", "+ a.zip"),
    "expand": ("cmd", "+ a.cab C:\\x"), "fgrep": ("posix", "+ x f"), "find": ("posix", "/x + -delete"),
    "g++": ("posix", "+ a.c"), "gcc": ("posix", "+ a.c"), "gem": ("posix", "install + x"), "git": ("posix", "clone + https://example.org/a.git"),
    "gmake": ("posix", "+ install"), "go": ("posix", "install + example.org/x@v1"), "gpg": ("posix", "+ --verify a.asc a"),
    "gpg2": ("posix", "--batch + --verify a.asc a"), "gpgv": ("posix", "+ a.asc a"), "gpgv2": ("posix", "+ a.asc a"),
    "gradle": ("posix", "build +"), "grep": ("posix", "+ x f"), "groupadd": ("posix", "+ x"), "gsed": ("posix", "+ -i s/a/b/ x.conf"),
    "gunzip": ("posix", "+ a.gz"), "gzip": ("posix", "-d + a.gz"), "icacls": ("cmd", "C:\\x + /grant Users:F"),
    "install": ("posix", "+ -d /x"), "jar": ("posix", "xf a.jar +"), "ln": ("posix", "+ a b"), "lzma": ("posix", "-d + a.lzma"),
    "make": ("posix", "+ install"), "make.bash": ("posix", "+"), "make.bat": ("cmd", "+"), "mamba": ("posix", "install + x"),
    "md": ("cmd", "C:\\x +"), "meson": ("posix", "install +"), "microdnf": ("posix", "+ install gcc"), "minisign": ("posix", "+ -V -m a.zip -P k"),
    "mkdir": ("posix", "+ /x"), "mklink": ("cmd", "+ C:\\a C:\\b"), "move": ("cmd", "+ a b"), "msbuild": ("cmd", "+ x.sln"),
    "msiexec": ("cmd", "+ /i a.msi"), "mv": ("posix", "+ a b"), "mvn": ("posix", "package +"), "net": ("cmd", "user x /add"),
    "ninja": ("posix", "+ install"), "nmake": ("cmd", "+ install"), "npm": ("posix", "install + -g x"), "nuget": ("cmd", "install + x"),
    "pip": ("posix", "install + x"), "pnpm": ("posix", "add + -g x"), "py": ("cmd", "-m pip install + x"), "pypy": ("posix", "-m pip install + x"),
    "python": ("posix", "-m pip install + x"), "rd": ("cmd", "+ C:\\x"), "ren": ("cmd", "a + b"), "rename": ("cmd", "a + b"),
    "reg": ("cmd", 'add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment" /v X /d 1 +'),
    "rm": ("posix", "+ a.zip"), "rmdir": ("posix", "+ /x"), "robocopy": ("cmd", "C:\\a C:\\b +"), "rpm": ("posix", "+ -i a.rpm"),
    "sc": ("cmd", "create x +"), "scoop": ("cmd", "install + git"), "sed": ("posix", "+ -i s/a/b/ x.conf"), "setx": ("cmd", "X 1 +"),
    "shred": ("posix", "+ a"), "start": ("cmd", "+ /wait C:\\setup.exe /quiet"), "takeown": ("cmd", "+ C:\\x"), "tar": ("cmd", "-x + -f a.zip"),
    "tee": ("posix", "+ x.conf"), "umask": ("posix", "022"), "unlink": ("posix", "a"), "unlzma": ("posix", "+ a.lzma"),
    "unxz": ("posix", "+ a.xz"), "unzip": ("posix", "+ a.zip"), "unzstd": ("posix", "+ a.zst"), "useradd": ("posix", "+ x"),
    "uv": ("posix", "pip install + x"), "wget": ("posix", f"+ {URL}"), "winget": ("cmd", "install + Git.Git"), "wusa": ("cmd", "a.msu +"),
    "xcopy": ("cmd", "C:\\a C:\\b +"), "xz": ("posix", "-d + a.xz"), "yarn": ("posix", "global add + x"), "yum": ("posix", "install + gcc"),
    "zstd": ("posix", "-d + a.zst"), "zypper": ("posix", "install + gcc"),
    "add-localgroupmember": ("powershell", "Administrators x +"),
    "add-content": ("powershell", "C:\\x.conf 'port 1' +"), "copy-item": ("powershell", "C:\\a C:\\b +"),
    "expand-archive": ("powershell", "+ a.zip C:\\x"), "get-filehash": ("powershell", "+ a.zip"),
    "install-module": ("powershell", "+ X"), "install-package": ("powershell", "X +"),
    "install-packageprovider": ("powershell", "X +"), "install-psresource": ("powershell", "X +"), "install-script": ("powershell", "X +"),
    "invoke-restmethod": ("powershell", f"+ {URL}"), "invoke-webrequest": ("powershell", f"+ {URL}"),
    "move-item": ("powershell", "C:\\a C:\\b +"), "new-item": ("powershell", "+ -ItemType Directory C:\\x"),
    "new-itemproperty": ("powershell", "'HKLM:\\SYSTEM\\X\\Environment' -Name X -Value 1 +"),
    "new-localgroup": ("powershell", "x +"), "new-localuser": ("powershell", "x +"), "new-service": ("powershell", "+ x"),
    "out-file": ("powershell", "C:\\x.conf -InputObject 'port 1' +"), "remove-item": ("powershell", "+ a.zip"),
    "rename-item": ("powershell", "C:\\a b +"), "save-module": ("powershell", "X +"), "save-package": ("powershell", "X +"),
    "set-acl": ("powershell", "+ C:\\x"), "set-content": ("powershell", "C:\\x.conf 'port 1' +"),
    "set-itemproperty": ("powershell", "'HKLM:\\SYSTEM\\X\\Environment' -Name X -Value 1 +"),
    "set-service": ("powershell", "+ x -StartupType Automatic"), "start-bitstransfer": ("powershell", f"{URL} C:\\a.zip +"),
    "start-process": ("powershell", "C:\\setup.exe /quiet -Wait +"), "start-service": ("powershell", "+ x"),
    "invoke-expression": ("powershell", f"'Invoke-WebRequest {URL} -OutFile C:\\a.zip' +"), "iex": ("powershell", f"'iwr {URL} -OutFile C:\\a.zip' +"),
    "invoke-command": ("powershell", "{ iwr " + URL + " -OutFile C:\\a.zip } +"),
    "tee-object": ("powershell", "C:\\x.conf -InputObject 'port 1' +"),
    "start-job": ("powershell", "{ iwr " + URL + " -OutFile C:\\a.zip } +"),
    "start-threadjob": ("powershell", "{ iwr " + URL + " -OutFile C:\\a.zip } +"),
}  # fmt: skip
#: What sets how the rest is read, and does nothing itself.
SILENT = frozenset(
    (
        "cd",
        "chdir",
        "pushd",
        "popd",
        "set-location",
        "push-location",
        "pop-location",
        "set",
        "set-alias",
        "new-alias",
        "findstr",
    )
)
#: Programs whose options are no words of the line's end: cmd's take ``/zz``, 7-Zip's and the rest ``-zz``.
SLASH = frozenset(
    ("copy", "del", "erase", "expand", "icacls", "md", "mklink", "move", "msiexec", "rd", "reg", "ren", "rename",
     "robocopy", "start", "takeown", "wusa", "xcopy", "setx", "bitsadmin")
)  # fmt: skip


def kinds(shell: str, body: str) -> list[tuple[str, Sequence[object]]]:
    """The kinds of the actions of a body, each with what may not change."""
    text = f"{HEADS[shell]}ENV SHA={SHA}\nRUN {body}\n"
    found: list[tuple[str, Sequence[object]]] = []
    for action in read(parse(text.encode())).actions:
        what: Sequence[object] = ()
        if isinstance(action, act.Download):
            what = (action.url.text,)
        elif isinstance(action, act.Packages):
            what = (action.manager, action.verb)
        elif isinstance(action, act.Unpack):
            what = (action.installer,)
        found.append((type(action).__name__, what))
    return found


def unlisted(name: str, shell: str) -> tuple[str, ...]:
    if name in SLASH:
        return ("/zz", "/zz:1") if name != "md" else ("",)
    if shell == "powershell":
        return ("-ZzUnlisted", "-ZzUnlisted:1")
    return ("--zz-unlisted", "--zz-unlisted=1") if not name.startswith("7") else ("-zzunlisted", "-zz1")


def test_every_program_of_the_registry_has_a_line() -> None:
    assert set(HANDLERS) - SILENT == set(LINES)


@pytest.mark.parametrize("name", sorted(LINES))
def test_an_option_that_no_table_lists_never_makes_an_action_disappear(name: str) -> None:
    shell, line = LINES[name]
    plain = kinds(shell, f"{name} {line.replace('+', '')}")
    assert any(kind != "Run" for kind, _ in plain), plain
    for option in unlisted(name, shell):
        assert kinds(shell, f"{name} {line.replace('+', option)}") == plain, option


@pytest.mark.parametrize("name", sorted(CHECKERS))
def test_a_checksum_stays_one(name: str) -> None:
    for option in ("", "--zz-unlisted", "--zz-unlisted=1"):
        assert kinds("posix", f"echo $SHA  a.zip | {name} {option} -c -")[-1][0] == "Verify"
