"""Runs of GitHub Actions: their evidence records and their logs, through the REST interface.

What comes from there was made by somebody else's workflow. An archive is opened in memory, with limits on the
number, the names and the size of what is in it; nothing of it is ever written to disk or run.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contrib.clients.http import Http
from contrib.values import jsontext
from contrib.values.damaged import FAULTS
from contrib.values.errors import BadInput, OutsideError

#: Artifacts that are looked at, and bytes of one as it is downloaded.
MOST_ARTIFACTS = 30
MAX_ARTIFACT = 16 << 20
#: Files of an archive, and bytes that are unpacked of it in all.
MOST_FILES = 500
MAX_RECORDS = 32 << 20
MAX_LOGS = 128 << 20
#: Characters of a run's logs that are handed on, of each job's an equal part.
MAX_LOG = 8 << 20

_ADDRESS = re.compile(
    r"(?P<web>https?://[\w.-]+(?::[0-9]{1,5})?)/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)/actions/runs/(?P<run>[0-9]+)"
    r"(?:/attempts/[0-9]+)?(?:/job/[0-9]+)?/?(?:[?#].*)?"
)


@dataclass(frozen=True, slots=True)
class RunAddress:
    """The page of a run, taken apart."""

    web: str
    owner: str
    name: str
    number: str

    @classmethod
    def parse(cls, url: str) -> RunAddress | None:
        """None when it is not the page of a run."""
        found = _ADDRESS.fullmatch(url)
        return None if found is None else cls(found["web"], found["owner"], found["name"], found["run"])

    @property
    def url(self) -> str:
        """Its page, without attempt and job."""
        return f"{self.web}/{self.owner}/{self.name}/actions/runs/{self.number}"

    @property
    def repository(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"


class Runs:
    """Reads runs.

    :param api: base of the REST interface. :param web: address of the pages that belong to it.
    """

    def __init__(self, http: Http, web: str, api: str) -> None:
        self._http = http
        self._web = web
        self._api = api

    def records(self, url: str, owners: Collection[str] | None = None) -> tuple[tuple[str, bytes], ...]:
        """The evidence records of a run: ``(artifact/file, bytes)``.

        :param owners: accounts whose runs count, in any case; None allows every one.
        :raises BadInput: it is not the address of a run, is somebody else's run, or holds no record.
        :raises OutsideError: GitHub did not give it, or an artifact is not what it says it is.
        """
        address = self._own(url)
        if owners is not None and address.owner.lower() not in {owner.lower() for owner in owners}:
            raise BadInput(
                f"is a run of {address.repository}, which does not belong to {' or '.join(sorted(owners))}",
                file=url,
                hint="run the workflow in a repository of your own: `contrib try --workflow` writes it",
            )
        run = self._json(f"/repos/{address.repository}/actions/runs/{address.number}", url)
        if run.get("status") != "completed":
            raise BadInput(
                f"the run has not ended (it is {str(run.get('status') or 'unknown')[:40]})",
                file=url,
                hint="wait until it has, and try again",
            )
        listed = self._json(
            f"/repos/{address.repository}/actions/runs/{address.number}/artifacts?per_page=100", url
        )
        artifacts = listed.get("artifacts")
        if not isinstance(artifacts, list):
            raise OutsideError("GitHub's answer has no list of artifacts", file=url, kind="answer")
        found = []
        for artifact in artifacts[:MOST_ARTIFACTS]:
            if not isinstance(artifact, dict):
                raise OutsideError(
                    "GitHub's list of artifacts has other things in it", file=url, kind="answer"
                )
            name, number = str(artifact.get("name") or ""), artifact.get("id")
            if not name.startswith("evidence") or not isinstance(number, int):
                continue
            if artifact.get("expired"):
                raise BadInput(f"the artifact {name} has expired", file=url, hint="run the workflow again")
            data = self._http.get(
                f"{self._api}/repos/{address.repository}/actions/artifacts/{number}/zip", limit=MAX_ARTIFACT
            ).content
            for path, content in unpacked(data, f"{url}#{name}", MAX_RECORDS):
                if path.endswith(".json"):
                    found.append((f"{url}#{name}/{path}", content))
        if not found:
            raise BadInput(
                "holds no evidence record (an artifact named evidence…, with a .json file)",
                file=url,
                hint="was it made by the workflow that `contrib try --workflow` writes?",
            )
        return tuple(found)

    def logs(self, url: str) -> str:
        """The logs of a run's jobs, one after the other.

        :raises BadInput, OutsideError: as :meth:`records`.
        """
        address = self._own(url)
        data = self._http.get(
            f"{self._api}/repos/{address.repository}/actions/runs/{address.number}/logs", limit=MAX_LOGS
        ).content
        # One file per job at the top, and its steps again below a directory of its name.
        texts = [
            content.decode("utf-8", "replace")
            for path, content in unpacked(data, url, MAX_LOGS)
            if "/" not in path and path.endswith(".txt")
        ]
        if not texts:
            raise BadInput("holds no log", file=url)
        # what made a job fail is at its end
        most = max(MAX_LOG // len(texts), 1 << 19)
        return "\n".join(text[-most:] for text in texts)

    def _own(self, url: str) -> RunAddress:
        address = RunAddress.parse(url)
        if address is None:
            raise BadInput(
                "is not the address of a run",
                file=url,
                hint="https://github.com/OWNER/REPO/actions/runs/NUMBER",
            )
        if urlsplit(address.web).netloc.lower() != urlsplit(self._web).netloc.lower():
            raise BadInput(
                f"is not a run of {urlsplit(self._web).netloc}",
                file=url,
                hint="--github-url names another GitHub",
            )
        return address

    def _json(self, path: str, url: str) -> dict[str, Any]:
        content = self._http.get(f"{self._api}{path}", accept="application/vnd.github+json").content
        return jsontext.read(content, url, dict, outside=True)


def unpacked(data: bytes, file: str, most: int) -> Iterator[tuple[str, bytes]]:
    """The files of a zip, in memory.

    :param most: bytes of all files together, as they are unpacked; what the archive says of itself is not believed.
    :raises OutsideError: it is not a zip, it unpacks to more, or a name in it is a path that leads elsewhere.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except FAULTS as error:
        raise OutsideError(f"is not a zip archive: {error}", file=file, kind="artifact") from error
    if len(entries) > MOST_FILES:
        raise OutsideError(f"holds {len(entries)} files, more than {MOST_FILES}", file=file, kind="artifact")
    left = most
    for entry in entries:
        name = entry.filename
        parts = name.split("/")
        if (
            name.startswith("/")
            or "\\" in name
            or ":" in name
            or ".." in parts
            or any(ord(char) < 32 for char in name)
            or (entry.external_attr >> 28) == 0xA
        ):
            raise OutsideError(
                f"has a file named {name[:80]!r}, which would lead out of the archive",
                file=file,
                kind="artifact",
            )
        try:
            if entry.is_dir():
                continue
            with archive.open(entry) as stream:
                content = stream.read(left + 1)
        except FAULTS as error:
            raise OutsideError(f"{name} cannot be unpacked: {error}", file=file, kind="artifact") from error
        left -= len(content)
        if left < 0:
            raise OutsideError(
                f"unpacks to more than {most >> 20} MB, which no artifact of ours does",
                file=file,
                kind="artifact",
            )
        yield name, content
