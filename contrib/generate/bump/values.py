"""A release into the object that the tree has for it: the one move that every image's bump is.

The new version is put into every text that holds the old one, at the version's boundaries; for every digest a rule
names the address whose digest it is; named keys are taken from the source. Nothing else changes, and keys stay
where they are. What does not fit is refused with the reason.
"""

from __future__ import annotations

import contextlib
import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contrib.generate.bump.tracks import Files, Track
from contrib.releases.archives import Archives, NoArchive, Wanted, file_name
from contrib.releases.checksums import Verified
from contrib.releases.model import File, Release
from contrib.releases.sources import filled
from contrib.values import jsontext
from contrib.values.budgets import bounded
from contrib.values.errors import BadInput, ContribError, OutsideError
from contrib.values.numbers import whole
from contrib.values.versions import Version

#: Lengths of digests in hexadecimal.
ALGORITHMS = {40: "sha1", 64: "sha256", 128: "sha512"}
_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128}")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: An address that can be in a Dockerfile, a template and a shell as it is.
_SAFE_URL = re.compile(r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?/[A-Za-z0-9._~:/%+@=,-]*")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:/%+@=, -]*")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text of the object that changes.

    :param path: its keys. :param kind: ``version``, ``url``, ``digest``, ``value``.
    :param algorithm: of a digest.
    """

    path: tuple[str, ...]
    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Moved:
    """The object with a release in it.

    :param told_by: and ``absent``: who gave the digests, and who could have.
    :param url: and ``checksum``: of the archive, where there is one.
    :param notes: what a person should know.
    """

    value: dict[str, Any]
    leaves: tuple[Leaf, ...]
    url: str | None = None
    checksum: str | None = None
    told_by: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Refused(OutsideError):
    """A release does not fit what the tree has; nothing of the series is written."""

    def __init__(self, message: str, *, reason: str = "unproved", file: str | None = None) -> None:
        super().__init__(message, file=file, kind=reason)
        self.reason = reason


class BadAddress(BadInput):
    """A source gives an address that is never written anywhere."""


class WindowsGone(Refused):
    """The release has no file for the Windows variants any more."""

    def __init__(self, message: str, *, file: str | None = None) -> None:
        super().__init__(message, reason="windows-gone", file=file)


def holding(version: str) -> re.Pattern[str]:
    """A version at its boundaries: 1.20 is not part of 1.20.1, nor 3.15.0 of 3.15.0b3.

    What is before it may be a character that an address has in its encoded form (``%227.0.36%22``).

    >>> holding("1.20").sub("1.21", "go1.20.linux 1.20.1 11.20 1.20rc1 1.20 %221.20%22")
    'go1.21.linux 1.20.1 11.20 1.20rc1 1.21 %221.21%22'
    """
    return re.compile(
        r"(?:(?<![0-9])(?<![0-9]\.)|(?<=%[0-9A-Fa-f]{2}))"
        + re.escape(version)
        + r"(?![0-9])(?!\.[0-9])(?!-?(?:alpha|beta|milestone|rc|pre|dev|[abcmM])[.]?[0-9])"
    )


def words_of(version: Version, series: str) -> dict[str, str]:
    """What addresses may name: ``{version}``, ``{numbers}`` (without the stage), ``{series}``, ``{line}`` (X.Y)."""
    numbers = ".".join(str(number) for number in version.numbers)
    if version.suffix:
        numbers = version.text[: len(version.text) - len(version.suffix)].rstrip("-")
    return {
        "version": version.text,
        "numbers": numbers or version.text,
        "series": series.removesuffix("-rc"),
        "line": ".".join(numbers.split(".")[:2]),
        "major": numbers.split(".")[0],
    }


def texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every text of an object with its path; the places of a list are numbers."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from texts(inner, (*path, str(number)))


def at(value: Any, path: tuple[str, ...]) -> Any:
    """What is at a path; None where there is nothing."""
    for key in path:
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and (index := whole(key)) is not None and index < len(value):
            value = value[index]
        else:
            return None
    return value


def put(value: Any, path: tuple[str, ...], new: Any) -> None:
    """Put something at a path that is there."""
    inner = at(value, path[:-1])
    inner[int(path[-1]) if isinstance(inner, list) else path[-1]] = new


class Mover:
    """Puts releases into objects.

    :param archives: gives digests. :param windows: whether the series has Windows variants.
    """

    def __init__(self, archives: Archives, track: Track, series: str, *, windows: bool) -> None:
        self.archives = archives
        self.track = track
        self.series = series
        self.windows = windows

    def move(
        self, value: Mapping[str, Any], release: Release, apart: tuple[tuple[str, ...], ...] = ()
    ) -> Moved:
        """The object with the release in it.

        :param apart: paths below it that belong to other tracks.
        :raises NoArchive: the release's archive is not there. :raises Refused: it does not fit.
        :raises BadAddress: an address with characters that are never written.
        :raises OutsideError: a digest cannot be had, or digests differ.
        """
        track = self.track
        new: dict[str, Any] = copy.deepcopy(dict(value))
        before, after = str(new[track.key]), release.version.text
        notes: list[str] = []
        files = track.files
        if files is not None and release.files:
            self._files(new, files, release)
        # What the source gives by its key is no digest of a file, whatever it looks like (a commit's id).
        ruled = {rule.at for rule in track.digests} | {(key,) for key in track.keys}
        inside = (*apart, *((files.at,) if files is not None and release.files else ()))
        url = self._versions(new, before, release, inside, notes)
        for key, name in track.keys.items():
            if name not in release.values:
                raise Refused(f"the source gives no {name} for {after}, which {key} is to get")
            new[key] = release.values[name]
        found = self._digests(new, release, inside, ruled, url)
        leaves = tuple(_leaves(value, new, track.key, apart))
        for leaf in leaves:
            _check(leaf)
        checksum = next((leaf.new for leaf in leaves if leaf.kind == "digest"), None)
        return Moved(
            new,
            leaves,
            url,
            checksum,
            tuple(dict.fromkeys(name for each in found for name in each.agreeing)),
            tuple(dict.fromkeys(name for each in found for name in each.absent)),
            tuple(notes),
        )

    # -- versions and addresses --------------------------------------------------------------------------

    def _versions(
        self,
        new: dict[str, Any],
        before: str,
        release: Release,
        apart: tuple[tuple[str, ...], ...],
        notes: list[str],
    ) -> str | None:
        """Puts the version in; gives the archive's address where the object has one."""
        after = release.version.text
        pattern = holding(before)
        archive = _archive_key(new)
        found = None
        for path, text in list(texts(new)):
            if any(path[: len(one)] == one for one in apart):
                continue
            if path == (self.track.key,):
                put(new, path, after)
                continue
            single = "." not in before
            changed = pattern.sub(lambda _: after, text) if not single or _URL.match(text) else text
            if path == (archive,) and release.url:
                changed = self._address(text, changed, release, notes)
            if path == (archive,):
                found = changed
            if changed != text:
                put(new, path, changed)
        return found

    def _address(self, old: str, derived: str, release: Release, notes: list[str]) -> str:
        """The new address: that of the old form; another form only where the image's data allows it."""
        given = release.url
        if not _SAFE_URL.fullmatch(given):
            raise BadAddress(
                f"{release.version}: the address {given[:200]!r} has characters, or a scheme, that are never written"
            )
        if given == derived:
            self._allowed(given, old, release)
            return derived
        version = release.version.text
        if holding(version).search(derived) and not holding(version).search(given):
            raise Refused(
                f"{version}: the source gives the address {given}, which is not of {version}", file=given
            )
        self._allowed(given, old, release)
        if not self.track.hosts:
            raise Refused(
                f"{version}: the source gives the address {given}; from the one that is there, {derived} is expected",
                file=given,
            )
        notes.append(f"{self.series}: the address changes its form, from {old} to {given}.")
        return given

    def _allowed(self, given: str, old: str, release: Release) -> None:
        if given.split("/")[:3] == old.split("/")[:3]:
            return
        if not any(pattern.match(given) for pattern in self.track.hosts):
            raise Refused(
                f"{release.version}: the address {given} is none that the image's data allows", file=given
            )

    # -- digests -----------------------------------------------------------------------------------------

    def _digests(
        self,
        new: dict[str, Any],
        release: Release,
        apart: tuple[tuple[str, ...], ...],
        ruled: set[tuple[str, ...]],
        url: str | None,
    ) -> list[Verified]:
        wanted: list[tuple[tuple[str, ...], Wanted, bool]] = []
        words = words_of(release.version, self.series)
        for path, digest, address in _pairs(new, apart, ruled):
            mine = address == url
            wanted.append((path, self._wanted(release, address, digest, words, mine), False))
        for rule in self.track.digests:
            digest = at(new, rule.at)
            if rule.windows and not self.windows:
                continue
            address = filled(rule.url, words)
            if not isinstance(digest, str):
                if rule.windows and not self._there(address):
                    raise WindowsGone(
                        f"{release.version} has no {file_name(address)}, so {self.series} would lose its Windows variants",
                        file=address,
                    )
                continue
            one = Wanted(
                address,
                file_name(address),
                sums=rule.sources,
                words=tuple(words.items()),
                algorithm=ALGORITHMS.get(len(digest), "sha256"),
            )
            wanted.append((rule.at, one, rule.windows))
        answered = {one.url for _, one, _ in wanted}
        for pattern in self.track.exists:
            address = filled(pattern, words)
            if address not in answered and not self._there(address):
                raise NoArchive(f"{release.version} has no {file_name(address)}", file=address)
        found: list[Verified] = []
        archives = [one for _, one, _ in wanted]
        with contextlib.suppress(ContribError):  # each is met again below, where it is known what it means
            self.archives.verify_all(archives)
        for path, one, windows in wanted:
            try:
                verified = self.archives.verify(one)
            except NoArchive as error:
                if windows:
                    raise WindowsGone(
                        f"{release.version} has no {one.name}, so {self.series} would lose its Windows variants",
                        file=one.url,
                    ) from error
                raise NoArchive(f"{release.version} has no {one.name}", file=one.url) from error
            except BadInput as error:
                if error.kind == "no-digest" and self._missing(one):
                    gone = f"{release.version} has no {one.name}"
                    if windows:
                        raise WindowsGone(
                            f"{gone}, so {self.series} would lose its Windows variants", file=one.url
                        ) from error
                    raise NoArchive(gone, file=one.url) from error
                raise Refused(f"{release.version}: {error.message}", reason="no-digest") from error
            put(new, path, verified.of(one.algorithm))
            found.append(verified)
        return found

    def _missing(self, one: Wanted) -> bool:
        """Whether nothing gives a digest because there is no such file."""
        if not one.sums:
            return False
        try:
            return not self.archives.releases.answers(one.url)
        except ContribError:
            return False

    def _there(self, address: str) -> bool:
        try:
            return self.archives.releases.answers(address)
        except OutsideError as error:
            if error.kind == "offline":
                return True
            raise

    def _wanted(
        self, release: Release, address: str, digest: str, words: Mapping[str, str], mine: bool
    ) -> Wanted:
        algorithm = ALGORITHMS[len(digest)]
        if mine and release.download not in ("", address) and self.archives.documents is not None:
            raise BadAddress(
                f"{release.version}: the source names the address {release.download[:200]!r}, and {address} would be "
                "written; nothing was downloaded"
            )
        if mine:
            return Wanted(
                address,
                release.asset or file_name(address),
                release.checksums,
                release.absent,
                () if release.checksums else self.track.sums,
                release.lists,
                tuple(words.items()),
                algorithm,
                release.size,
                self.track.top.replace("{version}", release.version.text),
            )
        return Wanted(
            address,
            file_name(address),
            sums=self.track.sums,
            words=tuple(words.items()),
            algorithm=algorithm,
            skip_download=bool(self.track.sums) and self.track.component,
        )

    # -- one entry per file ------------------------------------------------------------------------------

    def _files(self, new: dict[str, Any], rule: Files, release: Release) -> None:
        """The entries of :class:`Files`: those of the source, with what the tree says beside address and digest."""
        entries = at(new, rule.at)
        if not isinstance(entries, dict):
            raise Refused(f"the tree has no {'.'.join(rule.at)}")
        there: dict[str, File] = {}
        for file in release.files:
            there.setdefault(file.key, file)
        version = release.version.text
        for key in rule.must:
            if key not in there and isinstance(entries.get(key), dict) and rule.url in entries[key]:
                if key.startswith("windows") and self.windows:
                    raise WindowsGone(
                        f"{version} has no file for {key}, so {self.series} would lose its Windows variants"
                    )
                raise Refused(f"{version} has no file for {key}", reason="no-archive")
        for key, entry in list(entries.items()):
            if not isinstance(entry, dict) or rule.url not in entry or key in there:
                continue
            if rule.used and entry.get(rule.used):
                raise Refused(
                    f"{version} has no file for {key}, which {self.series} builds", reason="no-archive"
                )
            del entries[key]
        for key, file in there.items():
            if not file.url or not _SAFE_URL.fullmatch(file.url):
                raise BadAddress(f"{version}: the address of {key}, {file.url[:200]!r}, is never written")
            entry = entries.get(key)
            if not isinstance(entry, dict):
                extra = {name: file.values[name] for name in rule.new if name in file.values}
                entry = entries[key] = {rule.url: "", rule.digest: "", **extra, **rule.defaults}
            elif rule.url not in entry:
                entries[key] = entry = {rule.url: "", rule.digest: "", **entry}
            old = str(entry[rule.url])
            if old and old.split("/")[:3] != file.url.split("/")[:3]:
                self._allowed(file.url, old, release)
            if (
                not holding(version).search(file.url)
                and old
                and holding(str(new[self.track.key])).search(old)
            ):
                raise Refused(
                    f"{version}: the address of {key}, {file.url}, is not of {version}", file=file.url
                )
            entry[rule.url] = file.url
        self._file_digests(entries, rule, there, release)
        if [*entries] != sorted(entries) and self._sorted(new, rule):
            put(new, rule.at, dict(sorted(entries.items())))

    def _file_digests(
        self, entries: dict[str, Any], rule: Files, there: Mapping[str, File], release: Release
    ) -> None:
        words = tuple(words_of(release.version, self.series).items())
        wanted = []
        for key, file in there.items():
            entry = entries[key]
            used = not rule.used or bool(entry.get(rule.used))
            wanted.append(
                (
                    key,
                    Wanted(
                        file.url,
                        file_name(file.url),
                        file.checksums,
                        sums=() if file.checksums else self.track.sums,
                        words=words,
                        size=file.size,
                        skip_download=not used,
                    ),
                )
            )
        with contextlib.suppress(ContribError):  # met again below
            self.archives.verify_all([one for _, one in wanted])
        for key, one in wanted:
            try:
                entries[key][rule.digest] = self.archives.verify(one).sha256
            except NoArchive as error:
                raise NoArchive(f"{release.version} has no {one.name}", file=one.url) from error
            except BadInput as error:
                raise Refused(f"{release.version}: {error.message}", reason="no-digest") from error

    @staticmethod
    def _sorted(new: dict[str, Any], rule: Files) -> bool:
        """Whether the entries were sorted before new ones were put at the end."""
        keys = [*at(new, rule.at)]
        rest = [key for number, key in enumerate(keys) if number == 0 or key >= keys[number - 1]]
        return len(rest) >= len(keys) - 6


def _archive_key(value: Mapping[str, Any]) -> str:
    """The key of the one address of an object that has a digest beside it; empty when there is none."""
    urls = [key for key, text in value.items() if isinstance(text, str) and _URL.match(text)]
    hexes = [key for key, text in value.items() if isinstance(text, str) and _HEX.fullmatch(text)]
    urls = [key for key in urls if key != "version"]
    return urls[0] if len(urls) == 1 and hexes else ""


def _pairs(
    value: Any, apart: tuple[tuple[str, ...], ...], ruled: set[tuple[str, ...]], path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Digests with the one address beside them: path, digest, address."""
    if any(path == one for one in apart) or not isinstance(value, dict):
        if isinstance(value, list):
            for number, inner in enumerate(value):
                yield from _pairs(inner, apart, ruled, (*path, str(number)))
        return
    archive = _archive_key(value)
    for key, inner in value.items():
        if isinstance(inner, str):
            if archive and _HEX.fullmatch(inner) and (*path, key) not in ruled:
                yield (*path, key), inner, value[archive]
        else:
            yield from _pairs(inner, apart, ruled, (*path, key))


def _leaves(
    before: Mapping[str, Any], after: Mapping[str, Any], key: str, apart: tuple[tuple[str, ...], ...]
) -> Iterator[Leaf]:
    old = dict(texts(before))
    for path, text in texts(after):
        if any(path[: len(one)] == one for one in apart):
            continue
        was = old.get(path)
        if was == text:
            continue
        if path == (key,):
            kind = "version"
        elif _URL.match(text):
            kind = "url"
        elif _HEX.fullmatch(text):
            kind = "digest"
        else:
            kind = "value"
        yield Leaf(path, kind, was or "", text)


def _check(leaf: Leaf) -> None:
    """:raises BadAddress: a new text has something in it that could mean more than itself somewhere."""
    pattern = _SAFE_URL if leaf.kind == "url" else _SAFE
    if not pattern.fullmatch(leaf.new) and not (leaf.kind == "url" and _as_before(leaf)):
        raise BadAddress(
            f"{'.'.join(leaf.path)}: {leaf.new[:200]!r} has characters, or a scheme, that are never written"
        )


def _as_before(leaf: Leaf) -> bool:
    """Whether an address has a query, as upstream's own had it: no character, host or path that is new."""
    new, old = leaf.new.partition("?"), leaf.old.partition("?")
    return (
        _SAFE_URL.fullmatch(new[0]) is not None
        and new[0] == old[0]
        and re.fullmatch(r"[A-Za-z0-9._~:/%+@=,&-]*", new[2]) is not None
        and set(new[2]) <= set(old[2]) | set("0123456789.")
    )


@bounded("file")
def read_object(data: bytes, file: str) -> dict[str, Any]:
    """An object with an object (or null) per series.

    :raises BadInput: it is not that.
    """
    value = jsontext.read(data, file, dict, exact=True)
    if not all(each is None or isinstance(each, dict) for each in value.values()):
        raise BadInput("expected an object with an object (or null) for each series", file=file)
    return value
