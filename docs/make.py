"""Writes the pages that follow from the code: ``python docs/make.py``.

Commands from click, rules from the registry, guards and kinds of errors from their tables. The suite compares
what is committed with what this gives.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

HERE = Path(__file__).parent
#: The first line of every page that is written here.
MARK = "<!-- Written by docs/make.py: change the code, not this page. -->"


def pages() -> dict[str, str]:
    """Path below ``docs/`` to text."""
    made = {
        "commands.md": commands(),
        "errors.md": errors(),
        "rules.md": rules(),
    }
    made.update(rule_pages())
    from contrib.values.guards import page as guards

    return {**{name: f"{MARK}\n\n{text.rstrip()}\n" for name, text in made.items()}, "guards.md": guards()}


# -- commands ----------------------------------------------------------------------------------------------


def commands() -> str:
    """Every command with its text, examples and options."""
    import click

    from contrib.cli.helping import grouped
    from contrib.cli.main import COMMANDS, cli

    context = click.Context(cli, info_name="contrib")
    lines = [
        "# Commands",
        "",
        "Results go to stdout, everything else to stderr. Each option can be set by the variable in its row, or for",
        "one command alone by one with the command's name in it: `CONTRIB_FORMAT`, `CONTRIB_REVIEW_FORMAT`. Options",
        "that lift a guard or confirm a write have none. [output.md](output.md) has the exit codes and formats.",
        "",
    ]
    texts = {name: text for name, (_, text) in COMMANDS.items()}
    for title, rows in grouped(texts):
        lines += [f"**{title}**", ""]
        lines += [f"- [`contrib {name}`](#contrib-{name}): {text}" for name, text in rows]
        lines.append("")
    for name in (name for _, rows in grouped(texts) for name, _ in rows):
        command = cli.get_command(context, name)
        assert command is not None
        lines += _command(command, f"contrib {name}", 2)
        if isinstance(command, click.Group):
            for below, inner in command.commands.items():
                lines += _command(inner, f"contrib {name} {below}", 3)
    return "\n".join(lines)


def _command(command: object, name: str, level: int) -> list[str]:
    import click

    assert isinstance(command, click.Command)
    lines = [f"{'#' * level} {name}", ""]
    arguments = [
        p.make_metavar(click.Context(command)) for p in command.params if isinstance(p, click.Argument)
    ]
    more = ["COMMAND"] if isinstance(command, click.Group) else []
    lines += ["```", " ".join([name, "[OPTIONS]", *arguments, *more]), "```", ""]
    for paragraph in re.split(r"\n\s*\n", (command.help or "").strip()):
        if "\b" in paragraph:
            shown = [
                line.strip() for line in paragraph.replace("\b", "").strip("\n").splitlines() if line.strip()
            ]
            lines += [
                "```console",
                *(f"$ {line}" if line.startswith("contrib ") else line for line in shown),
                "```",
                "",
            ]
        else:
            lines += [_escaped(" ".join(paragraph.split())), ""]
    rows = [_option(p) for p in command.params if isinstance(p, click.Option) and not p.hidden]
    if rows:
        lines += ["| option | does | default | variable |", "|---|---|---|---|", *rows, ""]
    return lines


def _option(option: object) -> str:
    import click

    assert isinstance(option, click.Option)
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    if not option.is_flag and not option.count:
        names += f" `{option.make_metavar(click.Context(click.Command('x')))}`"
    text = option.help or ""
    said = re.search(r"\s*\[default: ([^\]]*)\]\.?", text)
    default = said.group(1) if said else ""
    if not default and option.show_default:
        default = f"`{option.default}`"
    text = re.sub(r"\s*\[default: [^\]]*\]", "", text)
    text = re.sub(r"\s*\[env: [^\]]*\]", "", text)
    variable = ""
    if option.envvar:
        variables = [option.envvar] if isinstance(option.envvar, str) else list(option.envvar)
        variable = ", ".join(f"`{each}`" for each in (variables[1:] or variables))
    return f"| {_cell(names)} | {_cell(_escaped(text))} | {_cell(default)} | {variable} |"


def _escaped(text: str) -> str:
    """Text in which nothing but what stands between backticks is Markdown."""
    parts = text.split("`")
    return "`".join(
        part if number % 2 else re.sub(r"([*_<\[\]|])", r"\\\1", part) for number, part in enumerate(parts)
    )


def _cell(text: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))


# -- errors ----------------------------------------------------------------------------------------


def errors() -> str:
    """Every kind of error as JSON has it."""
    from contrib.values.kinds import BAD_INPUT, OUTSIDE

    def table(kinds: dict[str, str]) -> list[str]:
        return [
            "| kind | meaning |",
            "|---|---|",
            *(f"| `{kind}` | {text} |" for kind, text in kinds.items()),
            "",
        ]

    return "\n".join(
        [
            "# Errors",
            "",
            "With `--format json` (or `CONTRIB_FORMAT=json`) an error is an object on stdout:",
            "",
            "```json",
            '{"error": {"kind": "bad-input", "message": "there is no such file", "file": "Dockerfil", "line": null,',
            '           "hint": "did you mean Dockerfile?"}}',
            "```",
            "",
            "`kind` is one of those below; `file`, `line` and `hint` may be null. Otherwise the same is on stderr as text.",
            "",
            "## Bad usage or bad input: exit code 2",
            "",
            "Nothing was changed.",
            "",
            *table(BAD_INPUT),
            "## Something outside failed: exit code 3",
            "",
            *table(OUTSIDE),
        ]
    )


# -- rules -------------------------------------------------------------------------------------------------


def rules() -> str:
    """The list of rules, and what the review says beside them."""
    from contrib.rules import REGISTRY
    from contrib.rules.review import REMARKS

    titles = {"dockerfile": "Windows Dockerfiles", "library": "Library files"}
    lines = [
        "# Rules",
        "",
        "`contrib rules` lists them, `contrib rules RULE` explains one. Fix: *yes*, `--fix` makes it; *ask*, it is",
        "offered with `--fix --ask`; *no*, there is no fix by machine. See [exceptions](exceptions.md).",
        "",
    ]
    for kind in ("dockerfile", "library"):
        own = REGISTRY.of_kind(kind)
        lines += [
            f"## {titles[kind]}",
            "",
            f"{len(own)} rules.",
            "",
            "| rule | severity | fix | what it says |",
            "|---|---|---|---|",
        ]
        lines += [
            f"| [`{rule.id}`](rules/{kind}/{rule.id}.md) | {rule.severity.value} | {rule.fix} | {_cell(_escaped(rule.title))} |"
            for rule in own
        ]
        lines.append("")
    lines += [
        "## Remarks",
        "",
        "What a review says that is not a rule.",
        "",
        "| remark | meaning |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {_cell(text)} |" for name, text in REMARKS.items()]
    return "\n".join(lines)


def rule_pages() -> dict[str, str]:
    """One page per rule."""
    from contrib.cli.rules import page_of
    from contrib.report.rules import page_markdown
    from contrib.rules import REGISTRY

    return {
        # a page has no carriage return, though an example may
        f"rules/{rule.kind}/{rule.id}.md": page_markdown(page_of(rule)).replace("\r", "")
        for rule in REGISTRY.all()
    }


def write() -> None:
    """Write what differs; remove pages that are no longer made."""
    made = pages()
    for page in HERE.rglob("*.md"):
        if page.relative_to(HERE).as_posix() not in made and MARK in page.read_text("utf-8"):
            page.unlink()
    for name, text in made.items():
        target = HERE / name
        if not target.is_file() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write()
