"""What may end a hold: evidence records, reports of `contrib loads`, and the builds of GitHub's runners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contrib.cli.common import Terminal
from contrib.values import jsontext
from contrib.values.errors import BadInput, ContribError

#: Releases of GitHub's runners.
RUNNERS = "https://api.github.com/repos/actions/runner-images/releases?per_page=100"
_MOST = 8 << 20
#: What a report of `contrib loads` says of a file that would start.
LOADS = "loads"


def builds(runners: str | None, terminal: Terminal) -> dict[str, str]:
    """Windows release to the newest build of GitHub's runners; empty where they could not be asked.

    :param runners: a file or address with the releases of actions/runner-images; None asks GitHub.
    :raises BadInput: what was named is not that.
    """
    from contrib.releases.pins import runner_builds

    where = runners or RUNNERS
    try:
        if where.startswith(("http://", "https://")):
            from contrib.clients.addresses import origin
            from contrib.clients.http import Http

            data = Http(named={origin(where)}).get(where).content
        else:
            data = Path(where).read_bytes()
    except ContribError as error:
        terminal.warn(f"the runners' builds are not known: {error}")
        return {}
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=where) from None
    expected = "expected a list of releases, as GitHub's API gives it"
    releases = jsontext.read(data, where, list, hint=expected)
    return runner_builds([item for item in releases if isinstance(item, dict)])


def passed(named: Sequence[str], image: str) -> dict[str, str]:
    """Variant to how it passed, of an image, from records of `contrib try` and reports of `contrib loads --format json`.

    :raises BadInput: a file is neither.
    """
    from contrib.cli.records import read_records

    found: dict[str, str] = {}
    records = []
    for each in named:
        report = None if each.startswith(("http://", "https://")) else _report(Path(each))
        if report is None:
            records.append(each)
        else:
            found.update(_that_load(report, each))
    for source, record in read_records(tuple(records)):
        for tried in record.variants:
            if record.image == image and tried.result == "passed" and tried.kind != "linux":
                found[tried.variant] = (
                    f"{tried.version} was built and its checks passed on {record.when.date()} ({record.run or source})"
                )
    return found


def _report(path: Path) -> Mapping[str, Any] | None:
    """A report of `contrib loads`; None for anything else."""
    try:
        with path.open("rb") as stream:
            value = jsontext.read(stream.read(_MOST), str(path))
    except (OSError, BadInput):
        return None
    if isinstance(value, dict) and isinstance(value.get("bases"), list) and "files" in value:
        return value
    return None


def _that_load(report: Mapping[str, Any], source: str) -> dict[str, str]:
    """The variants of the bases on which everything starts."""
    found = {}
    for base in report["bases"]:
        results = base.get("results") if isinstance(base, dict) else None
        if not isinstance(results, list) or not results or base.get("error"):
            continue
        if not all(isinstance(each, dict) and each.get("verdict") == LOADS for each in results):
            continue
        name, _, release = str(base.get("base", "")).rpartition("/")[2].partition(":")
        kind = {"servercore": "windowsservercore", "nanoserver": "nanoserver"}.get(name)
        if kind is not None and release:
            found[f"{kind}-{release}"] = f"all of it would start on {base['base']} ({source})"
    return found
