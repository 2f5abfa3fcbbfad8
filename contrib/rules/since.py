"""Since when the maintainers ask for what a rule says: a change is judged as of its own date.

A pull request of 2017 could not name a Windows release that had no tag yet. The dates are those of the commits that
brought the custom to docker-library's repositories (golang, mongo, python, openjdk and docker did each on the same
day), or of what made it possible.
"""

from __future__ import annotations

#: Rule to the day, as ISO dates; rules that are not here have been right all along.
RULES: dict[str, str] = {
    "directory-name": "2017-11-22",  # docker-library/golang@4ae3bfb: directories by Windows release
    "installer-result-unchecked": "2021-03-23",  # docker-library/python@0573fe3
    "moving-base-tag": "2017-11-22",  # the same: before it the bases had no other tag than latest
    "powershell-per-run": "2016-07-28",  # SHELL came with Docker 1.12
    "retired-base-repository": "2018-12-21",  # docker-library/golang@b77b187: the bases moved to Microsoft's registry
    "tls12-not-set": "2018-02-22",  # GitHub refuses older versions since; python.org was half a year earlier
}

#: Windows release to the day on which docker-library's repositories dropped it.
RELEASES: dict[str, str] = {
    "sac2016": "2019-04-12",
    "1709": "2019-04-11",
    "1803": "2019-12-09",
    "1903": "2020-12-08",
    "1909": "2021-05-11",
    "2004": "2021-12-14",
    "ltsc2016": "2022-01-12",
    "1607": "2022-01-12",
    "20H2": "2022-08-09",
    "1809": "2025-05-30",
    "ltsc2019": "2025-05-30",
}


def early(date: str | None) -> frozenset[str]:
    """The rules that do not apply to what was written on a day; none where the day is not known.

    >>> sorted(early("2018-01-01")), early(None)
    (['retired-base-repository'], frozenset())
    """
    return frozenset(rule for rule, since in RULES.items() if date and date < since)


def retired(release: str | None, date: str | None) -> bool:
    """Whether a Windows release was dropped by that day, or ever where the day is not known.

    >>> retired("1809", "2024-06-01"), retired("1809", None), retired("ltsc2025", None)
    (False, True, False)
    """
    return release in RELEASES and not (date and date < RELEASES[release])
