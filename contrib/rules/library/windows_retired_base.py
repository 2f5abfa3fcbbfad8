"""windows-retired-base: retired Windows release."""

from __future__ import annotations

from collections.abc import Iterator

from contrib.library.tags import EntryTags, windows_release
from contrib.rules.library.context import LibraryContext, listed
from contrib.rules.library.define import library_rule
from contrib.values.findings import Finding

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


def check(context: LibraryContext) -> Iterator[Finding]:
    """One finding per release. The pins are those of the file's own tree or commit; without them nothing is known."""
    if not context.windows:
        return
    assert context.others is not None
    pins = context.others.pins()
    if pins is None:
        context.not_known("others", "which Windows releases were pinned (.external-pins)")
        return
    pinned = {windows_release(pin.partition(":")[2]) for pin in pins if "windows/" in pin} - {""}
    if not pinned:
        context.not_known("others", "which Windows releases were pinned: no base of Windows was")
        return
    retired: dict[str, list[EntryTags]] = {}
    for each in context.windows:
        texts = [tag.text for tag in each.own] + list(each.entry.constraints) + [each.entry.directory]
        release = next((r for text in texts if (r := windows_release(text)) and r not in pinned), None)
        if release is not None:
            retired.setdefault(release, []).append(each)
    for release, entries in retired.items():
        ended = ENDED.get(release)
        yield context.found(
            RULE,
            context.line(entries[0].entry),
            f"{listed([each.entry.tags[0] for each in entries], 3)} {'is' if len(entries) == 1 else 'are'} built on "
            f"{release}, which is not pinned any more"
            + (f" (its support ended on {ended})" if ended else ""),
        )


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
    needs=("text", "others"),
)
