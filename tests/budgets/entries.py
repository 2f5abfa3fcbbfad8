"""Every reader of other people's text, as a function of bytes: what the doubling test grows and the fuzz breaks.

A new reader is one more function here. ``python benchmarks/fuzz.py`` runs them on mutated and on made-up input.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

Entry = Callable[[bytes], object]
ENTRIES: dict[str, Entry] = {}


def entry(function: Entry) -> Entry:
    """Put a reader into the table."""
    ENTRIES[function.__name__] = function
    return function


@cache
def _image() -> Any:
    from contrib.images import load

    return load("redis")


@cache
def _sources() -> Any:
    from contrib.releases import read_sources

    file = _image().folder / "sources.toml"
    return read_sources(file.read_bytes(), str(file))


# -- Dockerfiles -------------------------------------------------------------------------------------------


@entry
def review(data: bytes) -> object:
    """The review of a Windows Dockerfile."""
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed, review_all

    return review_all([Reviewed(parse(data, "Dockerfile"))])


@entry
def facts(data: bytes) -> object:
    """The facts of a Dockerfile, as either side of a comparison."""
    from contrib.dockerfile import parse
    from contrib.facts import extract

    return extract(parse(data, "Dockerfile"))


@entry
def comparison(data: bytes) -> object:
    """A Windows Dockerfile beside a Linux one, and every form of the report."""
    from contrib.compare import Comparison, compare
    from contrib.dockerfile import parse
    from contrib.facts import extract
    from contrib.report import jsonform, markdown, text

    windows, linux = extract(parse(data, "Dockerfile")), extract(parse(LINUX_TWIN, "linux"))
    made = [Comparison("redis", windows, linux, compare(windows, linux, _image()), ())]
    return [text.render(made), markdown.render(made), jsonform.render(made)]


@entry
def fix(data: bytes) -> object:
    """The safe fixes of a Dockerfile."""
    from contrib.dockerfile import parse
    from contrib.rules.review import Reviewed, fix_file

    return fix_file(Reviewed(parse(data, "Dockerfile")))


@entry
def changed(data: bytes) -> object:
    """The lines that a change touched."""
    from contrib.rules.changed import changed_lines

    half = len(data) // 2
    return changed_lines(data[:half], data[half:])


@entry
def patch(data: bytes) -> object:
    """A change as a patch."""
    from contrib.generate.patch import difference

    half = len(data) // 2
    return difference(data[:half], data[half:], "f")


@entry
def rewritten(data: bytes) -> object:
    """A bump of a Dockerfile's variables."""
    from contrib.generate.bump.routes import variables_of
    from contrib.generate.rewrite import rewrite

    return variables_of(data, "Dockerfile"), rewrite(data, "Dockerfile", {"REDIS_VERSION": "7.2.5"})


# -- library files -----------------------------------------------------------------------------------------


@entry
def library(data: bytes) -> object:
    """The rules over a library file."""
    from contrib.rules.library.context import LibraryContext
    from contrib.rules.library.form.reading import read_on
    from contrib.rules.library.run import check

    return check(LibraryContext(read_on(data, "library/demo")))


@entry
def listed(data: bytes) -> object:
    """``library cat`` and ``list``."""
    from contrib.library import parse

    return parse(data, "library/demo")


@entry
def compared(data: bytes) -> object:
    """``library diff``: against the file with its lines upside down, entry by entry."""
    from contrib.library import parse
    from contrib.library.diff import as_json, diff, markdown, text

    head, *rest = data.split(b"\n\n")
    found = diff(parse(data, "library/demo"), parse(b"\n\n".join([head, *rest[::-1]]), "library/demo"))
    return text(found), markdown(found), as_json(found)


# -- what is known of releases -----------------------------------------------------------------------------


@entry
def releases(data: bytes) -> object:
    """A list of releases, as GitHub gives it."""
    from contrib.releases.sources import github_releases

    return github_releases.parse([data], _image().port, name="port", origin="x")


@entry
def hashes(data: bytes) -> object:
    """A list of checksums, as redis has it."""
    from contrib.releases.sources.hashes import parse

    return parse([data], next(each for each in _sources().values() if each.kind == "hashes"), "x")


def _source(kind: str, options: Any) -> Any:
    from contrib.releases.sources import Source

    return Source("x", kind, options)


@entry
def listing(data: bytes) -> object:
    """A directory's page."""
    from contrib.releases.sources import listing

    pattern = re.compile(r'href="redis-(?P<version>[0-9.]+)\.zip"')
    return listing.parse(
        [data], _source("listing", listing.Options("https://x/", pattern, "", {}, False)), "x"
    )


@entry
def git_tags(data: bytes) -> object:
    """What ``git ls-remote`` prints."""
    from contrib.releases.sources import git_tags

    options = git_tags.Options("https://x/", re.compile(r"v?(?P<version>[0-9][0-9A-Za-z.-]*)"), "")
    return git_tags.parse([data], _source("git-tags", options), "x")


@entry
def library_tags(data: bytes) -> object:
    """The tags of another library file."""
    from contrib.releases.sources import library_tags

    options = library_tags.Options("https://x/", "latest", re.compile(r"(?P<version>[0-9.]+)"))
    return library_tags.parse([data], _source("library-tags", options), "x")


@entry
def pins(data: bytes) -> object:
    """``.external-pins``."""
    from contrib.releases.sources.external_pins import parse

    return parse(data, origin="x")


@entry
def digest_file(data: bytes) -> object:
    """A list of digests."""
    from contrib.releases.sources import digest_file

    source = _source("digest-file", digest_file.Options(("https://x/",), "sha256"))
    return digest_file.digest([data], source, "x", "a.zip"), digest_file.names([data], source, "x")


# -- upstream's files --------------------------------------------------------------------------------------


@entry
def template(data: bytes) -> object:
    """A jq template of upstream's."""
    from contrib.upstream.jqtemplate import compile_template

    return compile_template(data, "Dockerfile.template", lambda name: None)


@entry
def jinja(data: bytes) -> object:
    """A Jinja2 template of upstream's."""
    from contrib.generate.bump import speak
    from contrib.upstream.layouts.base import Pin

    return speak._by_jinja(
        "Dockerfile.j2", data, Pin("7.2.5", "https://example.com/a.zip", "a" * 64, ("nanoserver-ltsc2022",))
    )


@entry
def versions(data: bytes) -> object:
    """``versions.json``, and the version file of a release branch."""
    from contrib.generate.bump.values import read_object
    from contrib.upstream.jqtemplate import checked_json
    from contrib.upstream.layouts.release_branches import read_version_file

    return _all(
        lambda: checked_json(data, "versions.json"),
        lambda: read_object(data, "versions.json"),
        lambda: read_version_file(data, ".redis.version.json"),
    )


@entry
def edits(data: bytes) -> object:
    """Anchored edits of a script of upstream's, and the words of a Dockerfile's COPY."""
    from contrib.upstream.edits import AnchoredEdit, Where, apply_edit
    from contrib.upstream.history import copied_words

    edit = AnchoredEdit("a b", "c", Where.AFTER, "it is so")
    script = data.decode("utf-8", "replace")
    return _all(lambda: apply_edit(script, edit, "update.sh"), lambda: copied_words(data, skip_from=True))


@entry
def git_objects(data: bytes) -> object:
    """A tree and a commit, as git keeps them."""
    from contrib.clients import git

    return _all(lambda: git._parse_tree(data, 20, "a" * 40), lambda: git._parse_commit("a" * 40, data))


@entry
def merged(data: bytes) -> object:
    """A branch of ours that a person has changed."""
    from contrib.pulls.threeway import changed_lines, merge_text

    third = len(data) // 3
    base, ours, theirs = data[:third], data[third : 2 * third], data[2 * third :]
    return changed_lines(base, ours), merge_text(base, ours, theirs), merge_text(base, base + ours, theirs)


# -- data of images ----------------------------------------------------------------------------------------


@entry
def case(data: bytes) -> object:
    """``case.toml``."""
    from contrib.images.case import read_case

    return read_case(data, "case.toml", ("redis-windows",), ("windowsservercore", "nanoserver"))


@entry
def checks(data: bytes) -> object:
    """``checks.toml``."""
    from contrib.images.checks import read_checks

    return read_checks(data, "checks.toml", ("windowsservercore", "nanoserver"))


@entry
def image_data(data: bytes) -> object:
    """The other tables of an image's folder."""
    from contrib.generate.bump import tracks
    from contrib.images.reading import read_image
    from contrib.releases import read_sources
    from contrib.upstream import edits, profile, render

    return _all(
        lambda: read_image(data, Path("redis"), "image.toml"),
        lambda: read_sources(data, "sources.toml"),
        lambda: edits.load(data, "edits.toml"),
        lambda: profile.read(data, "manifest.toml", "redis"),
        lambda: render.read(data, "render.toml", "redis"),
        lambda: tracks.read(data, "bump.toml"),
    )


# -- pull requests and trials ------------------------------------------------------------------------------


@entry
def body(data: bytes) -> object:
    """The body of a pull request, with a marker and sections of ours."""
    from contrib.pulls.marker import read
    from contrib.pulls.sections import Section, facts, refresh, sections_in

    text, _ = read(data.decode("utf-8", "replace"))
    return sections_in(text), facts(text), refresh(text, [Section("a", "b c"), Section("d", "e")])


@entry
def evidence(data: bytes) -> object:
    """An evidence record."""
    from contrib.values.evidence import read_record

    return read_record(data, "evidence.json")


@entry
def log(data: bytes) -> object:
    """The log of a failed build."""
    from contrib.trial import causes

    return causes.classify(data.decode("utf-8", "replace"))


@entry
def words(data: bytes) -> object:
    """Text of others on its way out, for each medium."""
    from contrib.values import markdown, visible

    text = data.decode("utf-8", "replace")
    return markdown.plain(text), markdown.code(text, cell=True), visible.visible(text), visible.line(text)


@entry
def json_text(data: bytes) -> object:
    """JSON of others: what every file and answer goes through."""
    from contrib.values import jsontext

    return jsontext.read(data, "a.json")


@entry
def json_source(data: bytes) -> object:
    """A version source in JSON, read by a jq expression."""
    from contrib.releases.sources import json as source

    options = source.Options("https://x/", ".[]? | {version: .v?}", False)
    return source.parse([data], _source("json", options), "x")


# -- binaries ----------------------------------------------------------------------------------------------


@entry
def program(data: bytes) -> object:
    """A PE file, its manifest and an API set schema."""
    from contrib.binaries import apisets, manifest, pe

    return _all(
        lambda: pe.read(data, "a.exe"),
        lambda: manifest.read_manifest(data),
        lambda: apisets.read_schema(data),
    )


@entry
def archive(data: bytes) -> object:
    """A downloaded archive: a zip, and a tar as it is compressed by others."""
    import bz2
    import io

    from contrib.releases.archives import look_at

    packed = bz2.compress(data)
    return _all(
        lambda: look_at(io.BytesIO(data), "a.zip", len(data), None, "top", "x"),
        lambda: look_at(io.BytesIO(packed), "a.tar.bz2", len(packed), None, "top", "x"),
    )


@entry
def artifact(data: bytes) -> object:
    """The files of a run's artifact."""
    from contrib.clients.actions import unpacked

    return _all(lambda: list(unpacked(data, "x", 1 << 24)))


@entry
def inventory(data: bytes) -> object:
    """An inventory of a base."""
    from contrib.binaries.inventory import read

    return read(data, "base.inventory")


def _all(*calls: Callable[[], object]) -> list[object]:
    """What each call gives; its error, where that is one of ours."""
    from contrib.binaries.apisets import NotSchema
    from contrib.binaries.pe import NotBinary
    from contrib.values.errors import ContribError

    found: list[object] = []
    for call in calls:
        try:
            found.append(call())
        except (ContribError, NotBinary, NotSchema) as error:
            found.append(error)
    return found


LINUX_TWIN = b"""FROM alpine:3.20
RUN addgroup -S redis && adduser -S -G redis redis
ENV REDIS_VERSION 7.2.4
ENV REDIS_DOWNLOAD_URL http://download.redis.io/releases/redis-7.2.4.tar.gz
ENV REDIS_DOWNLOAD_SHA 8d104c26a154b29fd67d6568b4f375212212ad41e0c2caa3d66480e78dbd3b59
RUN set -eux; wget -O redis.tar.gz "$REDIS_DOWNLOAD_URL"; echo "$REDIS_DOWNLOAD_SHA *redis.tar.gz" | sha256sum -c -
VOLUME /data
WORKDIR /data
COPY docker-entrypoint.sh /usr/local/bin/
ENTRYPOINT ["docker-entrypoint.sh"]
EXPOSE 6379
CMD ["redis-server"]
"""


def seeds() -> dict[str, list[bytes]]:
    """Whole inputs of ours for the readers, by reader."""
    from tests.binaries.workshop import schema
    from tests.budgets.cases import cases

    found: dict[str, list[bytes]] = {name: [] for name in ENTRIES}
    for each in cases():
        found[each.entry].append(each.text(600).encode())
    folder = _image().folder
    found["case"].append((folder / "case.toml").read_bytes())
    found["checks"].append((folder / "checks.toml").read_bytes())
    for name in (
        "image.toml",
        "sources.toml",
        "edits-plain.toml",
        "manifest.toml",
        "render.toml",
        "bump.toml",
    ):
        found["image_data"].append((folder / name).read_bytes())
    found["jinja"].append((folder / "Dockerfile.j2").read_bytes())
    found["facts"].append(LINUX_TWIN)
    found["evidence"].append(json.dumps(_record()).encode())
    found["program"] += [schema({"a": {"": "b.dll"}}), b"<assembly/>", MANIFEST]
    found["archive"] += [ZIP, TAR]
    found["artifact"].append(ZIP)
    found["git_objects"] += [b"100644 a\0" + b"b" * 20, COMMIT]
    found["json_text"].append(b"[" + b"1, " * 30_000 + b"1]")
    found["releases"].append(json.dumps([RELEASE, {**RELEASE, "tag_name": "7.2.4"}]).encode())
    found["versions"].append(b'{"7.2": {"version": "7.2.5", "alpine": {"version": "3.20"}}, "8.0-rc": null}')
    found["body"].append(
        b'Text\n\n<!-- contrib: section a -->\nb c\n<!-- contrib: end -->\n<!-- contrib: {"a": 1} -->'
    )
    found["template"].append(
        b'{{ if env.variant == "alpine" then ( -}}\nFROM alpine:{{ .alpine.version }}\n{{ ) else "" end -}}\n'
    )
    for name in ("review", "fix", "comparison", "rewritten", "changed", "patch"):
        found[name] += found["review"][:40] + found["facts"][:20] if name != "review" else []
    for name in ("listed", "compared", "library_tags"):
        found[name] += found["library"]
    return found


RELEASE = {
    "tag_name": "7.2.5", "name": "7.2.5", "draft": False, "prerelease": False, "published_at": "2026-01-01T00:00:00Z", "body": "x",
    "html_url": "https://github.com/redis-windows/redis-windows/releases/tag/7.2.5",
    "assets": [{
        "name": "Redis-7.2.5-Windows-x64-msys2.zip", "digest": "sha256:" + "a" * 64, "size": 5, "state": "uploaded",
        "browser_download_url": "https://github.com/redis-windows/redis-windows/releases/download/7.2.5/Redis-7.2.5-Windows-x64-msys2.zip",
    }],
}  # fmt: skip
MANIFEST = b"""<assembly xmlns="urn:schemas-microsoft-com:asm.v1" manifestVersion="1.0"><dependency><dependentAssembly>
<assemblyIdentity type="win32" name="Microsoft.VC90.CRT" version="9.0.1" processorArchitecture="amd64"/></dependentAssembly></dependency>
</assembly>"""


COMMIT = b"tree %s\nauthor A <a@b> 1 +0000\ncommitter A <a@b> 1 +0000\nencoding x\n\nA\n" % (b"a" * 40)


def _zip() -> bytes:
    import io
    import zipfile

    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("top/a", "b")
    return made.getvalue()


def _tar() -> bytes:
    import io
    import tarfile

    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("top/a"))
    return made.getvalue()


ZIP, TAR = _zip(), _tar()


def _record() -> Any:
    from tests.values.test_evidence import record, variant

    return record(variant())


def seconds(entry: Entry, data: bytes) -> float:
    """CPU time that a reader takes; an error that names the input is an answer, too."""

    from contrib.values.errors import ContribError

    start = time.process_time()
    with suppress(ContribError):
        entry(data)
    return time.process_time() - start
