"""When the suites that images are built on ended: the end of their (long-term) support."""

from __future__ import annotations

import re

#: Debian's and Ubuntu's by name and number, from their projects' release pages.
ENDED: dict[str, str] = {
    "wheezy": "2018-05-31",
    "jessie": "2020-06-30",
    "stretch": "2022-06-30",
    "buster": "2024-06-30",
    "bullseye": "2026-08-31",
    "trusty": "2019-04-25",
    "xenial": "2021-04-30",
    "artful": "2018-07-19",
    "bionic": "2023-05-31",
    "cosmic": "2019-07-18",
    "disco": "2020-01-23",
    "eoan": "2020-07-17",
    "focal": "2025-05-31",
    "groovy": "2021-07-22",
    "hirsute": "2022-01-20",
    "impish": "2022-07-14",
    "kinetic": "2023-07-20",
    "lunar": "2024-01-25",
    "mantic": "2024-07-11",
    "oracular": "2025-07-10",
    "plucky": "2026-01-15",
}
_NUMBERS = {
    "debian": {"7": "wheezy", "8": "jessie", "9": "stretch", "10": "buster", "11": "bullseye"},
    "ubuntu": {
        "14.04": "trusty",
        "16.04": "xenial",
        "18.04": "bionic",
        "20.04": "focal",
        "22.10": "kinetic",
        "23.04": "lunar",
        "23.10": "mantic",
        "24.10": "oracular",
        "25.04": "plucky",
    },
}
#: Alpine's by series, from alpinelinux.org/releases.
_ALPINE = {
    (3, 8): "2020-05-01",
    (3, 9): "2020-11-01",
    (3, 10): "2021-05-01",
    (3, 11): "2021-11-01",
    (3, 12): "2022-05-01",
    (3, 13): "2022-11-01",
    (3, 14): "2023-05-01",
    (3, 15): "2023-11-01",
    (3, 16): "2024-05-23",
    (3, 17): "2024-11-22",
    (3, 18): "2025-05-09",
    (3, 19): "2025-11-01",
    (3, 20): "2026-04-01",
    (3, 21): "2026-11-01",
}


def ended_suite(name: str, tag: str, today: str) -> str:
    """Date on which the suite that a base is or is built on ended; "" when it has not by ``today``, or is not known.

    :param today: ISO date; "" knows no suite that ended.

    >>> ended_suite("debian", "buster-slim", "2026-01-01"), ended_suite("debian", "trixie", "2026-01-01")
    ('2024-06-30', '')
    """
    date = ""
    words = re.split(r"[-_]", tag)
    numbered = _NUMBERS.get(name, {})
    for word in words:
        suite = numbered.get(word.split(".")[0] if name == "debian" else word, word)
        date = date or ENDED.get(suite, "")
        alpine = re.fullmatch(r"alpine([0-9]+)\.([0-9]+)", word)
        if name == "alpine":
            alpine = re.fullmatch(r"([0-9]+)\.([0-9]+)(?:\.[0-9]+)?", word)
        if alpine is not None:
            series = (int(alpine[1]), int(alpine[2]))
            date = date or _ALPINE.get(series, "2020-05-01" if series < (3, 8) else "")
    return date if date and date <= today else ""
