"""windows-retired-base: retired Windows release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import windows_release
from contrib.rules.library.context import Context, named
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding


def check(context: Context) -> Iterator[Finding]:
    """The pinned images decide where they are at hand, else what was pinned when this was written."""
    if not context.windows:
        return
    pinned = {"ltsc2022", "ltsc2025"}
    if context.others is not None and context.others.pins():
        pinned = {
            windows_release(pin.partition(":")[2]) for pin in context.others.pins() if "windows/" in pin
        } - {""}
    for each in context.windows:
        texts = [tag.text for tag in each.own] + list(each.entry.constraints) + [each.entry.directory]
        release = next((r for text in texts if (r := windows_release(text)) and r not in pinned), None)
        if release is None:
            continue
        ended = ENDED.get(release)
        yield context.found(
            RULE,
            context.line(each.entry),
            f"{named(each)} is built on {release}, which is not pinned any more"
            + (f" (its support ended on {ended})" if ended else ""),
        )


#: End of mainstream support or servicing, from Microsoft's lifecycle pages.
ENDED = {
    "sac2016": "2022-01-11",
    "ltsc2016": "2022-01-11",
    "1709": "2019-04-09",
    "1803": "2019-11-12",
    "1809": "2024-01-09",
    "ltsc2019": "2024-01-09",
    "1903": "2020-12-08",
    "1909": "2021-05-11",
    "2004": "2021-12-14",
    "20h2": "2022-08-09",
}


RULE = library_rule(
    id="windows-retired-base",
    severity="warning",
    title="Retired Windows release",
    looks_for=(
        "A Windows release, in tags, `Directory` or constraints, that is no longer supported or pinned."
    ),
    why=("Microsoft publishes no updates for it, and there is no host to build it on."),
    proof="constraints",
    bad="""
Tags: 1.2-nanoserver-1809
Architectures: windows-amd64
Constraints: nanoserver-1809
""",
    good="""
Tags: 1.2-nanoserver-ltsc2025
Architectures: windows-amd64
Constraints: nanoserver-ltsc2025
""",
    check=check,
)
