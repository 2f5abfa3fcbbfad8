"""The tokens of PowerShell: patterns, operators and their levels, approved verbs."""

from __future__ import annotations

import re

from contrib.values.patterns import lazy

MAX_DEPTH = 32
# Quotes, dashes and blanks that PowerShell takes for ASCII's
ALIKE = str.maketrans(
    {
        "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u201b": "'",
        "\u201c": '"', "\u201d": '"', "\u201e": '"',
        "\u2013": "-", "\u2014": "-", "\u2015": "-",
        "\u00a0": " ", "\u0085": " ",
    }
)  # fmt: skip
BLANK = lazy(r"[ \t\f\v\r]+")
BLANK_OR_NEWLINE = lazy(r"[ \t\f\v\r\n]+")
KEYWORD = lazy(r"[A-Za-z]{1,30}(?![\w\-.:\\/=*?!])")
LABEL = lazy(r":[A-Za-z_]\w*(?=[ \t\r\n]+(?:while|for|foreach|do|switch)\b)", re.IGNORECASE)
VARIABLE = lazy(r"\$(?:\{((?:[^{}`]|`.)*)\}|((?:[A-Za-z_]\w*:(?=[\w?]))?\w+)|([?$^]))", re.DOTALL)
SPLAT = lazy(r"@([A-Za-z_]\w*)")
NUMBER = lazy(
    r"(?:0[xX][0-9A-Fa-f]+|\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+)[lLdDuUnN]?(?:[kKmMgGtTpP][bB])?"
)
TYPE = lazy(r"\[([A-Za-z_][\w.+`]{0,250}(?:\[[\w., \[\]]{0,250}\])?)\]")
ATTRIBUTE = lazy(r"\[[A-Za-z_][\w.]*\(")
ASSIGN = lazy(r"(?:[-+*/%]|\?\?)?=(?!=)")
WORD_OPERATOR = lazy(
    r"-([ci]?(?:eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in|notin|replace|split)"
    r"|and|or|xor|band|bor|bxor|shl|shr|isnot|is|as|join|f)(?![A-Za-z_])",
    re.IGNORECASE,
)
UNARY = lazy(r"-(not|bnot|join|split|csplit|isplit)(?![\w-])", re.IGNORECASE)
REDIRECTION = lazy(r"([0-6*]?>>?)(&[0-6])?|<")
PARAMETER = lazy(r"-([A-Za-z_?][\w?]*)(:|(?=[\s;|&(){},<>]|\Z))")
PLAIN = lazy(r"""[^\s;|&(){},<>$"'`]+""")
IN_STRING = lazy(r'[^"$`]+')
FOREIGN = lazy(r"%([A-Za-z_][\w()]*)(?::[^%]*)?%")
MEMBER = lazy(r"[A-Za-z_]\w*")
NEXT_STATEMENT = lazy(r"[;\n)}]")
ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
}
STOPS = frozenset(" \t\f\v\r\n;|&(){},<>")
SCOPES = frozenset({"global", "script", "local", "private", "using", "variable"})
LEVELS = {"and": 1, "or": 1, "xor": 1, "band": 2, "bor": 2, "bxor": 2, "shl": 2, "shr": 2, "f": 6}
COMPARISON = 3
ADDITIVE = 4
MULTIPLICATIVE = 5
RANGE = 7
#: Approved verbs: what makes a name with a dash a cmdlet's rather than a program's.
VERBS = frozenset(
    re.findall(
        r"\w+",
        """
add approve assert backup block build checkpoint clear close compare complete compress confirm connect convert
convertfrom convertto copy debug deny deploy disable disconnect dismount edit enable enter exit expand export
find foreach format get grant group hide import initialize install invoke join limit lock measure merge mount
move new open optimize out ping pop protect publish push read receive redo register remove rename repair
request reset resize resolve restart restore resume revoke save search select send set show skip sort split
start step stop submit suspend switch sync tee test trace unblock undo uninstall unlock unprotect unpublish
unregister update use wait watch where write
""",
    )
)
CMDLET = lazy(r"([A-Za-z]+)-[A-Za-z]\w*\Z")


class Refused(Exception):
    """The statement is not understood; the reader goes on at the next one."""
