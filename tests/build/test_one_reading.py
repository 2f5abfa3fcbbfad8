"""The review and the comparison see the same downloads, whatever options are on the line."""

from __future__ import annotations

import pytest

from contrib.build import actions as act
from contrib.build import options, paths, read
from contrib.build.programs import archives, languages, packages
from contrib.dockerfile import parse
from contrib.rules.context import Context

CMD = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
POWERSHELL = CMD + 'SHELL ["powershell", "-Command", "$ErrorActionPreference = \'Stop\';"]\n'
URL = "https://example.org/app-1.2.3.zip"


def both(text: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(address, file's name) of each download: for the review, for the comparison."""
    file = parse(text.encode(), "Dockerfile")
    reviewed = [(d.url, paths.name(d.file or "-")) for d in Context.of(file).downloads]
    compared = [(d.url.text, paths.name(d.file)) for d in read(file).of(act.Download)]
    return reviewed, compared


CURL = [
    "--retry-delay 5", "--retry 5 --retry-delay 2", "--proto =https", "--proto =https --tlsv1.2", "--max-redirs 3",
    "--cacert ca.pem", "-w done", "--retry-max-time 60", "--proxy http://p:1", "--referer https://x.org", "-b c=1",
    "--speed-limit 1", "--range 0-1", "--output-dir C:\\\\t", "-m 30", "-C -", "--ssl-no-revoke", "-e https://x.org",
    "--connect-timeout 5 -k", "-H 'Accept: text/plain'", "--compressed", "--not-an-option", "-A agent", "-sS",
    "--limit-rate 1M --create-dirs", "--user a:b", "-X GET", "--resolve example.org:443:1.2.3.4", "--max-t 5",
]  # fmt: skip
WGET = [
    "-P C:\\\\t", "-q", "-q --tries 3", "--no-check-certificate -U x", "-nv", "-nc", "--tries=3 --timeout=5", "-T 5",
    "--header 'Accept: x'", "--progress dot:giga", "-e robots=off", "--not-an-option", "-o log.txt", "-c",
]  # fmt: skip


@pytest.mark.parametrize("option", CURL)
@pytest.mark.parametrize("form", ["{} -fSL -o app.zip {}", "-fSLo app.zip {1} {0}", "-oapp.zip {} -L {}"])
@pytest.mark.parametrize(
    "start", [CMD + "RUN curl ", POWERSHELL + "RUN curl.exe "], ids=["cmd", "powershell"]
)
def test_no_option_of_curl_hides_the_download(option: str, form: str, start: str) -> None:
    reviewed, compared = both(start + form.format(option, URL))
    assert reviewed == compared == [(URL, "app.zip")]


@pytest.mark.parametrize("option", WGET)
@pytest.mark.parametrize("form", ["{} {}", "{} -O app-1.2.3.zip {}", "{} --output-document=app-1.2.3.zip {}"])
def test_no_option_of_wget_hides_the_download(option: str, form: str) -> None:
    reviewed, compared = both(CMD + "RUN wget " + form.format(option, URL))
    assert reviewed == compared == [(URL, "app-1.2.3.zip")]


@pytest.mark.parametrize(
    "table",
    [
        options.CURL, options.WGET, archives.TAR, archives.UNZIP, packages.APK, packages.APT, packages.RPM,
        languages.PIP, languages.NPM, languages.GEM, languages.CARGO, languages.DOTNET,
    ],
)  # fmt: skip
def test_an_option_takes_a_value_or_takes_none(table: options.Table) -> None:
    assert not table.valued & table.flags
    assert all(len(letter) == 1 for letter in table.short)


def test_two_names_of_their_own() -> None:
    text = CMD + "RUN curl -fSLO https://example.org/a-1.zip -O https://example.org/b-1.zip"
    reviewed, compared = both(text)
    assert reviewed == compared == [(f"https://example.org/{n}-1.zip", f"{n}-1.zip") for n in "ab"]


@pytest.mark.parametrize(
    "option", ["-v", "--no-same-owner", "--exclude=x", "-X list", "--owner root", "--not-an-option", "-z"]
)
@pytest.mark.parametrize(
    "form",
    ["-xf a.zip {} -C C:\\app", "{} -C C:\\app -x -f a.zip", "--extract {} --file a.zip --directory C:\\app"],
)
def test_no_option_of_tar_hides_what_is_unpacked(option: str, form: str) -> None:
    (found,) = read(parse(f"{CMD}RUN tar {form.format(option)}\n".encode())).of(act.Unpack)
    assert (found.file, found.directory) == ("C:\\a.zip", "C:\\app")


@pytest.mark.parametrize(
    "option",
    [
        "--no-cache-dir",
        "-q",
        "-i https://e.org/simple",
        "--retries 3",
        "--upgrade",
        "--not-an-option",
        "-r x.txt",
    ],
)
@pytest.mark.parametrize(
    "form", ["pip install {} a==1.0 b", "python -m pip install a==1.0 {} b", "pip3 install a==1.0 b {}"]
)
def test_no_option_of_pip_hides_a_package(option: str, form: str) -> None:
    (found,) = read(parse(f"{CMD}RUN {form.format(option)}\n".encode())).of(act.Packages)
    assert (found.names, found.loose) == (("a==1.0", "b"), ("b",))
