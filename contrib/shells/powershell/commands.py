"""Commands of PowerShell: names, parameters, arguments, redirections, shells inside."""

from __future__ import annotations

import re

from contrib.shells import cmdlets, programs
from contrib.shells.model import (
    Command,
    Group,
    Node,
    Opaque,
    Parameter,
    Part,
    Redirection,
    Script,
    Text,
    Variable,
    Word,
)
from contrib.shells.powershell.expressions import Expressions
from contrib.shells.powershell.tokens import (
    CMDLET,
    PARAMETER,
    PLAIN,
    REDIRECTION,
    SPLAT,
    STOPS,
    VARIABLE,
    VERBS,
    Refused,
)


class Commands(Expressions):
    """Commands and their words."""

    def command(self) -> Node:
        start = self.at
        operator = ""
        char = self.text[self.at]
        if char == "&" or (
            char == "." and self.text[self.at + 1 : self.at + 2] in (" ", "\t", "$", '"', "'", "(", "{")
        ):
            operator = char
            self.at += 1
            self.space()
            if self.at >= self.size:
                raise Refused
        name_start = self.at
        if self.text[self.at] in ";|&(){},<>" and not (operator and self.text[self.at] in "({"):
            raise Refused
        name_word = self.argument(name=True)
        name_stop = self.at
        written = name_word.literal or ""
        full, cmdlet = self._full_name(written)
        words: list[Word] = []
        places: list[tuple[int, int]] = []
        parameters: list[Parameter] = []
        positional: list[Word] = []
        redirections: list[Redirection] = []
        waiting: tuple[str, str, int, Word] | None = None  # a parameter that may take the next word

        def settle(value: Word | None) -> None:
            nonlocal waiting
            if waiting is None:
                return
            name, full_name, begin, first = waiting
            span = self.source.span(begin, self.at) if value is not None else first.span
            parameters.append(Parameter(name, full_name, value, span))
            waiting = None

        while True:
            self.space()
            if self.at >= self.size or self.text[self.at] in ";|)}\n":
                break
            if self.text[self.at] == "&":
                break
            begin = self.at
            redirection = self._redirection()
            if redirection is not None:
                redirections.append(redirection)
                continue
            if self.text.startswith("--%", self.at) and self.text[self.at + 3 : self.at + 4] in (
                "",
                " ",
                "\t",
            ):
                # everything up to a pipe or the line's end goes to the program as it stands
                match = re.compile(r"[|\n]|&&").search(self.text, self.at)
                stop = match.start() if match else self.size
                for piece in re.compile(r"\S+").finditer(self.raw, self.at + 3, stop):
                    self.at = piece.end()
                    words.append(self.word(piece.start(), self._foreign(piece.group())))
                    places.append((piece.start(), piece.end()))
                    positional.append(words[-1])
                self.at = stop
                continue
            splat = SPLAT.match(self.text, self.at)
            if splat is not None:
                self.at = splat.end()
                word = self.word(begin, (Variable(splat.group(1), "local", splat.group()),))
                words.append(word)
                places.append((begin, self.at))
                settle(None)
                parameters.extend(self._splatted(full, splat.group(1)))
                continue
            match = PARAMETER.match(self.text, self.at) if cmdlet else None
            if match is not None:
                settle(None)
                self.at = match.end()
                word = self.word(begin, (Text(match.group()),))
                words.append(word)
                places.append((begin, self.at))
                full_name, switch = cmdlets.parameter(full, match.group(1))
                if match.group(2) == ":":
                    self.space()
                    value = None
                    if self.at < self.size and self.text[self.at] not in ";|)}\n":
                        inner = self.at
                        value = self.argument()
                        words.append(value)
                        places.append((inner, self.at))
                    parameters.append(
                        Parameter(match.group(1), full_name, value, self.source.span(begin, self.at))
                    )
                elif switch:
                    parameters.append(Parameter(match.group(1), full_name, None, word.span))
                else:
                    waiting = (match.group(1), full_name, begin, word)
                continue
            word = self.argument()
            if self.at == begin:
                raise Refused
            words.append(word)
            places.append((begin, self.at))
            if waiting is not None:
                settle(word)
            else:
                positional.append(word)
        settle(None)
        if not cmdlet and full:
            parameters, positional = options(words)
        stop = places[-1][1] if places else name_stop
        script_ = None
        if programs.is_shell(full) and self.depth < programs.MAX_SHELLS:
            script_ = self._inner(full, words, places)
        if (
            len(name_word.parts) == 1
            and isinstance(name_word.parts[0], Opaque)
            and name_word.parts[0].operator == "{}"
        ):
            span = self.source.span(start, max(stop, name_stop))
            return Group("block", name_word.parts[0].nodes, span, (), tuple(redirections))
        end = max(self._redirected_to, stop) if redirections else stop
        if name_word.literal is None:
            # what is computed runs before the command: keep it reachable
            words.insert(0, name_word)
        return Command(
            name=written,
            full_name=full,
            words=tuple(words),
            span=self.source.span(start, max(end, name_stop)),
            name_span=self.source.span(name_start, name_stop),
            parameters=tuple(parameters),
            positional=tuple(positional),
            redirections=tuple(redirections),
            script=script_,
        )

    def _full_name(self, written: str) -> tuple[str, bool]:
        """Canonical name, and whether it is a cmdlet's (then it has parameters)."""
        if not written:
            return "", False
        low = written.lower()
        alias = cmdlets.ALIASES.get(low)
        if alias is not None and not (self.core and low in ("curl", "wget", "sc")):
            return alias, "-" in alias
        _, _, bare = low.rpartition("\\") if "\\" in low else ("", "", low)
        known = cmdlets.canonical(bare)
        if known is not None:
            return known, True
        match = CMDLET.match(bare)
        if match is not None and match.group(1) in VERBS:
            return written.rpartition("\\")[2], True
        return programs.program(written), False

    def _redirection(self) -> Redirection | None:
        match = REDIRECTION.match(self.text, self.at) if self.at < self.size else None
        if match is None:
            return None
        self.at = match.end()
        if match.group(2):
            self._redirected_to = self.at
            return Redirection(match.group(), Word("", (), self.source.span(match.end(), match.end())))
        self.space()
        if self.at >= self.size or self.text[self.at] in ";|)}\n":
            raise Refused
        target = self.argument()
        self._redirected_to = self.at
        return Redirection(match.group(), target)

    def _splatted(self, full: str, name: str) -> list[Parameter]:
        table = self.tables.get(name.lower())
        if table is None:
            return []
        part = table.parts[0]
        assert isinstance(part, Opaque)
        found: list[Parameter] = []
        for key, value in zip(part.operands[::2], part.operands[1::2], strict=False):
            written = key.literal or key.text
            full_name, switch = cmdlets.parameter(full, written)
            if switch and len(value.parts) == 1 and isinstance(value.parts[0], Variable):
                if value.parts[0].name.lower() == "false":
                    continue
                if value.parts[0].name.lower() == "true":
                    found.append(Parameter(written, full_name, None, value.span))
                    continue
            found.append(Parameter(written, full_name, value, value.span))
        return found

    def _inner(self, full: str, words: list[Word], places: list[tuple[int, int]]) -> Script | None:
        """The script that ``cmd /C …``, ``powershell -Command …`` or ``sh -c …`` runs."""
        pieces: list[tuple[str, list[tuple[str, int, int]]]] = []
        for word, (start, stop) in zip(words, places, strict=True):
            value = "".join(part.value if isinstance(part, Text) else part.text for part in word.parts)
            if word.parts and isinstance(word.parts[0], Opaque) and word.parts[0].operator == "{}":
                value = self.raw[start + 1 : stop - 1]
            if word.text[1:-1] == value:
                pieces.append((value, [(value, start + 1, stop - 1)]))
            else:
                pieces.append((value, [(value, start, stop)]))
        return programs.inner_script(full, pieces, self.source, self.depth + 1, outer="powershell")

    def argument(self, name: bool = False) -> Word:
        """One argument; ``a, b`` is one argument that is a list."""
        start = self.at
        word = self._single_argument(name)
        if name:
            return word
        items = [word]
        while True:
            back = self.at
            self.space()
            if not self.text.startswith(",", self.at):
                self.at = back
                break
            self.at += 1
            self.space(True)
            if self.at >= self.size or self.text[self.at] in ";|)}\n&":
                break
            items.append(self._single_argument(False))
        if len(items) == 1:
            return word
        return self.opaque(start, ",", items)

    def _single_argument(self, name: bool) -> Word:
        start = self.at
        if self.at >= self.size:
            raise Refused
        char = self.text[self.at]
        following = self.text[self.at + 1 : self.at + 2]
        if char in "\"'":
            word = self._string()
            return self._postfix(word, start) if not name else word
        if char == "@" and following in ("(", "{", "'", '"'):
            return self._postfix(self.primary(), start)
        if char == "(" or (char == "$" and following == "("):
            word = self._postfix(self.primary(), start)
            if char == "(" or self.at >= self.size or self.text[self.at] in STOPS:
                return word
            return self._generic(start, list(word.parts))
        if char == "{":
            return self.primary()
        if char == "$":
            match = VARIABLE.match(self.text, self.at)
            if match is not None:
                variable = self._variable(match)
                self.at = match.end()
                after = self.text[self.at : self.at + 1]
                beyond = self.text[self.at + 1 : self.at + 2]
                if after == "[" or (
                    after == "." and (beyond.isalpha() or (beyond != "" and beyond in "_'\"$("))
                ):
                    return self._postfix(self.word(start, (variable,)), start)
                if after == "" or after in STOPS:
                    return self.word(start, (variable,))
                return self._generic(start, [variable])
        return self._generic(start, [])

    def _generic(self, start: int, parts: list[Part]) -> Word:
        """A bare word: text, variables and quoted pieces side by side."""
        text, raw = self.text, self.raw
        pending: list[str] = []

        def flush() -> None:
            if pending:
                parts.extend(self._foreign("".join(pending)))
                pending.clear()

        while self.at < self.size:
            char = text[self.at]
            if char in STOPS:
                break
            match = PLAIN.match(text, self.at)
            if match is not None:
                pending.append(raw[self.at : match.end()])
                self.at = match.end()
            elif char == "`":
                pending.append(self._escaped())
            elif char in "\"'":
                flush()
                parts.extend(self._string().parts)
            elif char == "$":
                part = self._dollar()
                if part is None:
                    pending.append("$")
                else:
                    flush()
                    parts.append(part)
            else:
                break
        if self.at == start:
            raise Refused
        flush()
        return self.word(start, parts)


def options(words: list[Word]) -> tuple[list[Parameter], list[Word]]:
    """A program's words: options (``-x``, ``--name=value``) and the others."""
    options: list[Parameter] = []
    others: list[Word] = []
    for word in words:
        if word.text.startswith("-") and len(word.text) > 1:
            options.append(programs.option(word))
        else:
            others.append(word)
    return options, others
