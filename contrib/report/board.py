"""The board as one self-contained page (no script, charts as plain SVG, light and dark) and as a table of text."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from html import escape

from contrib.library.board import Base, Board, Point, Row

_WIDTH, _HEIGHT = 260, 64

_STYLE = """
:root { color-scheme: light dark; --ink: #1d2129; --dim: #5a6472; --paper: #ffffff; --line: #d8dde4;
  --card: #f6f8fa; --curve: #0b5fa5; --fill: #0b5fa522; --bad: #a8201a; --good: #1f6f3d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e7eaee; --dim: #a3adba; --paper: #14171c; --line: #38404b;
  --card: #1c2129; --curve: #6cb6ff; --fill: #6cb6ff2b; --bad: #ff8f88; --good: #73d298; } }
* { box-sizing: border-box; }
body { margin: 0 auto; overflow-wrap: break-word; max-width: 76rem; padding: 1.5rem; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 0; }
p { margin: .25rem 0; } .dim { color: var(--dim); } .bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); }
.summary { overflow-x: auto; margin: 1rem 0 1.5rem; } .summary table { min-width: 46rem; } caption { text-align: left; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
.cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); }
article { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .9rem 1rem; min-width: 0; }
svg { width: 100%; height: auto; display: block; margin: .5rem 0; }
svg text { fill: var(--dim); font-size: 9px; font-family: system-ui, sans-serif; }
.axis { stroke: var(--line); stroke-width: 1; } .curve { stroke: var(--curve); stroke-width: 1.6; fill: none; }
.area { fill: var(--fill); stroke: none; }
a { color: var(--curve); } code { font-size: .92em; overflow-wrap: anywhere; }
ul { margin: .25rem 0; padding-left: 1.1rem; }
"""


def html(board: Board) -> str:
    """The page."""
    lagging = sum(1 for row in board.rows if row.lag)
    parts = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        "<title>Official images on Windows</title>",
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
        "<header>",
        "<h1>Official images on Windows</h1>",
        f'<p class="dim">{len(board.rows)} images with Windows entries, {lagging} behind Linux; official-images at '
        f"<code>{escape(board.commit[:12])}</code>, {board.day.isoformat()}.</p>",
        *(f'<p class="dim">{escape(note)}</p>' for note in board.notes),
        "</header>",
        "<main>",
        _table(board),
        '<section class="cards" aria-label="Images">',
        *(_card(row, board) for row in board.rows),
        "</section>",
        _waiting(board),
        _pins(board),
        "</main>",
        "</body>",
        "</html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _table(board: Board) -> str:
    lines = [
        '<div class="summary"><table>',
        "<caption class='dim'>Newest released version on each platform</caption>",
        "<thead><tr><th scope=col>Image</th><th scope=col>Linux</th><th scope=col>Windows</th><th scope=col>Days behind</th>"
        "<th scope=col>Bases</th><th scope=col>Open pull requests</th></tr></thead><tbody>",
    ]
    for row in board.rows:
        lag = "unknown" if row.lag is None else str(row.lag)
        mark = ' class="number bad"' if row.lag else ' class="number"'
        bases = ", ".join(
            f'<span class="bad">{escape(base.constraint)} (not pinned any more)</span>'
            if base.pinned is False
            else escape(base.constraint)
            for base in row.bases
        )
        pulls = "not asked" if row.pulls is None else str(len(row.pulls))
        lines.append(
            f'<tr><th scope=row><a href="#{escape(row.image)}">{escape(row.image)}</a></th><td>{escape(row.linux or "unknown")}</td>'
            f"<td>{escape(row.windows or 'unknown')}</td><td{mark}>{lag}</td><td>{bases}</td><td>{pulls}</td></tr>"
        )
    return "\n".join([*lines, "</tbody></table></div>"])


def _card(row: Row, board: Board) -> str:
    lines = [f'<article id="{escape(row.image)}"><h2>{escape(row.image)}</h2>']
    if row.lag is None:
        lines.append('<p class="dim">How far Windows is behind is not known.</p>')
    elif row.lag:
        lines.append(
            f'<p><span class="bad">{row.lag} days behind</span>: Linux {escape(row.linux or "?")}, Windows {escape(row.windows or "?")}</p>'
        )
    else:
        lines.append(f'<p class="good">Windows has {escape(row.windows or "?")}, the newest.</p>')
    lines.append(chart(row.points, row.image))
    behind = [
        f"<li>{escape(line)}: Linux {escape(one)}, Windows {escape(other)}</li>"
        for line, (one, other) in row.series.items()
        if one and other and one != other
    ]
    alone = [line for line, (one, other) in row.series.items() if one and not other]
    if behind:
        lines.append(f"<ul>{''.join(behind)}</ul>")
    if alone:
        lines.append(f'<p class="dim">Linux only: {escape(", ".join(alone))}</p>')
    lines += _ends(row.bases, board)
    if row.pulls:
        items = "".join(
            f'<li><a href="{escape(url)}">{escape(title)}</a></li>'
            if url.startswith("https://")
            else f"<li>{escape(title)}</li>"
            for title, url in row.pulls
        )
        lines.append(f"<ul>{items}</ul>")
    lines += [f"<p>{escape(sentence)}</p>" for sentence in row.port]
    return "\n".join([*lines, "</article>"])


def _ends(bases: Sequence[Base], board: Board) -> list[str]:
    """When each Windows release that an image is built on ends: one line per release."""
    found: dict[str, list[Base]] = {}
    for base in bases:
        if base.ends is not None:
            found.setdefault(base.constraint.rpartition("-")[2], []).append(base)
    lines = []
    for release, those in found.items():
        kinds = ", ".join(escape(base.constraint.rpartition("-")[0]) for base in those)
        first, last = those[0].mainstream, those[0].ends
        assert last is not None
        mark = "bad" if last < board.day else "dim"
        more = ""
        if first is not None:
            over = "ended" if first < board.day else "until"
            more = f"mainstream support {over} {first.isoformat()}, "
        word = "fixes ended" if last < board.day else "fixes until"
        lines.append(f'<p class="{mark}">{escape(release)} ({kinds}): {more}{word} {last.isoformat()}</p>')
    return lines


def _waiting(board: Board) -> str:
    if not board.waiting:
        return ""
    lines = ["<section><h2>Not listed for Windows yet</h2>"]
    for image, said in board.waiting.items():
        lines.append(f"<p><strong>{escape(image)}</strong>: {escape(' '.join(said))}</p>")
    return "\n".join([*lines, "</section>"])


def chart(points: Sequence[Point], image: str) -> str:
    """Days behind over time, as steps: a plain SVG that takes its colours from the page."""
    known = [point for point in points if point.lag is not None]
    if len(known) < 2:
        return '<p class="dim">Too little history for a chart.</p>'
    first, last = known[0].day.toordinal(), known[-1].day.toordinal()
    most = max(*(point.lag or 0 for point in known), 1)
    left, right, top, bottom = 26, _WIDTH - 4, 6, _HEIGHT - 14

    def x(day: int) -> float:
        return round(left + (right - left) * (day - first) / max(last - first, 1), 1)

    def y(lag: int) -> float:
        return round(bottom - (bottom - top) * lag / most, 1)

    steps = [f"M{x(first)} {y(known[0].lag or 0)}"]
    for before, point in itertools.pairwise(known):
        steps.append(f"H{x(point.day.toordinal())}")
        if point.lag != before.lag:
            steps.append(f"V{y(point.lag or 0)}")
    curve = "".join(steps)
    area = f"{curve}V{bottom}H{x(first)}Z"
    highest = max(known, key=lambda point: point.lag or 0)
    label = f"{image}: days that Windows was behind Linux, {known[0].day} to {known[-1].day}; at most {highest.lag}, now {known[-1].lag}"
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}"><title>{escape(label)}</title>'
        f'<line class="axis" x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>'
        f'<line class="axis" x1="{left}" y1="{top}" x2="{left}" y2="{bottom}"/>'
        f'<path class="area" d="{area}"/><path class="curve" d="{curve}"/>'
        f'<text x="{left - 4}" y="{top + 7}" text-anchor="end">{most}</text>'
        f'<text x="{left - 4}" y="{bottom}" text-anchor="end">0</text>'
        f'<text x="{left}" y="{_HEIGHT - 3}">{known[0].day.isoformat()}</text>'
        f'<text x="{right}" y="{_HEIGHT - 3}" text-anchor="end">{known[-1].day.isoformat()}</text></svg>'
    )


def _pins(board: Board) -> str:
    if not board.pins and not board.retired and not board.unread:
        return ""
    lines = ["<section><h2>Bases that official-images pins</h2>"]
    if board.pins:
        lines.append("<ul>" + "".join(f"<li><code>{escape(pin)}</code></li>" for pin in board.pins) + "</ul>")
    if board.retired:
        lines.append(
            "<p>Retired: " + ", ".join(f"<code>{escape(pin)}</code>" for pin in board.retired) + "</p>"
        )
    for name, why in board.unread.items():
        lines.append(f'<p class="bad">{escape(name)} could not be read: {escape(why)}</p>')
    return "\n".join([*lines, "</section>"])


def text(board: Board) -> str:
    """The same as a table for a terminal."""
    rows = [("IMAGE", "LINUX", "WINDOWS", "BEHIND", "BASES")]
    for row in board.rows:
        lag = "unknown" if row.lag is None else f"{row.lag} d"
        bases = ", ".join(
            base.constraint + (" (not pinned)" if base.pinned is False else "") for base in row.bases
        )
        rows.append((row.image, row.linux or "?", row.windows or "?", lag, bases))
    widths = [max(len(one[column]) for one in rows) for column in range(4)]
    lines = [
        "  ".join([*(one[column].ljust(widths[column]) for column in range(4)), one[4]]).rstrip()
        for one in rows
    ]
    lines += [f"{row.image}: {sentence}" for row in board.rows for sentence in row.port]
    lines += [f"{image} (not listed yet): {' '.join(said)}" for image, said in board.waiting.items()]
    lines += [f"retired pin: {pin}" for pin in board.retired]
    lines += [f"{name} could not be read: {why}" for name, why in board.unread.items()]
    return "\n".join(lines) + "\n"
