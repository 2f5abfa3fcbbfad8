"""Where the program starts.

``contrib library cat`` and ``list`` are used in loops, as bashbrew's are, and are held to its time: click alone
takes longer to import than bashbrew to run. So these two, in their plain forms, are done before it is
imported; whatever is not plain (another option, a setting in the environment, an error to tell) goes to the
commands in :mod:`contrib.cli.library`, which give the same.
"""

from __future__ import annotations

import gc
import os
import sys

from contrib.cli.streams import prepare, reader_gone, silence


def main() -> None:
    """Entry point."""
    prepare()
    # Imports make many objects and no garbage: looking for some among them, meanwhile and once more at the end,
    # takes a tenth of a short command's time.
    gc.set_threshold(50_000)
    try:
        if plain(sys.argv[1:]):
            return
        from contrib.cli.main import main as rest

        rest()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise SystemExit(130) from None
    except Exception as error:
        # Even what prints errors may not load.
        from contrib.cli.faults import fault, show

        found = fault(error)
        show(found, sys.argv[1:], error)
        raise SystemExit(found.exit_code) from None
    finally:
        gc.freeze()


#: bashbrew's variables that change what is printed; its others (BASHBREW_CACHE, BASHBREW_SCRIPTS) do not.
_SETTINGS = frozenset(("BASHBREW_NAMESPACE", "BASHBREW_ARCH", "BASHBREW_CONSTRAINTS"))


def plain(arguments: list[str]) -> bool:
    """Do a plain ``library cat`` or ``library list``; false for anything else, with nothing done."""
    if len(arguments) < 3 or arguments[0] != "library" or arguments[1] not in ("cat", "list"):
        return False
    if any(name.startswith("CONTRIB_") or name in _SETTINGS for name in os.environ):
        return False
    command, *rest = arguments[1:]
    given: set[str] = set()
    names: list[str] = []
    folder = os.environ.get("BASHBREW_LIBRARY") or "library"
    words = iter(rest)
    for word in words:
        if word == "--library":
            folder = next(words, "")
        elif word in ("--all", "--uniq", "--repos"):
            given.add(word)
        elif word.startswith("-") or not word:
            return False
        else:
            names.append(word)
    if not folder or (command == "cat" and given - {"--all"}):
        return False
    return _run(command, given, tuple(names), folder)


def _run(command: str, given: set[str], names: tuple[str, ...], folder: str) -> bool:
    from contrib.cli import library_files as files
    from contrib.values.errors import ContribError

    try:
        selections = list(files.selections(files.named(names, "--all" in given, folder)))
    except ContribError:
        return False
    if command == "cat":
        from contrib.library.writer import cat, cat_entries

        text = "\n\n".join(
            [cat(each.file) if each.tag is None else cat_entries(each.entries) for each in selections]
        )
    else:
        from contrib.library.select import Wanted, repositories, tags

        listed = repositories if "--repos" in given else tags
        wanted = Wanted()
        lines = [line for each in selections for line in listed(each, wanted, uniq="--uniq" in given)]
        text = "".join([line + "\n" for line in lines])
    try:
        files.write(text)
    except OSError as error:
        if not reader_gone(error):
            return False  # the command, tried again, fails in the same way and tells it
        silence()
    return True


if __name__ == "__main__":
    main()
