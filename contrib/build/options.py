"""Command lines of programs: options, their values and operands, by a table per program.

A table says which options take a value; every other option takes none, known or not. So an option that
a table does not list can leave one operand too many, and never makes an address disappear. Three ways to
write options are read: getopt's (``-fo FILE``, ``--output=FILE``), that of cmd's own commands
(:func:`slashed`: ``/s /x:NAME``) and that of 7-Zip (:func:`whole`: ``-oDIR``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from contrib.values.records import dataclass, field


@dataclass(frozen=True, slots=True)
class Table:
    """The options of one program.

    :param valued: long names of the options that take a value.
    :param short: what a letter is short for; a letter that is not listed goes by itself.
    :param pairs: letters that are followed by a letter of their own (``-nv`` of wget).
    :param flags: long names that take no value, where an abbreviation could be mistaken for another.
    :param joined: long names of the options that take a value only where it is joined to them (``-i.bak``).
    """

    valued: frozenset[str]
    short: Mapping[str, str] = field(default_factory=dict)
    pairs: str = ""
    flags: frozenset[str] = frozenset()
    joined: frozenset[str] = frozenset()

    def full(self, name: str) -> str:
        """The option that a long name, or the beginning of one, means."""
        if name in self.valued or name in self.flags or name in self.joined or len(name) < 3:
            return name
        for options in (self.valued, self.joined | self.flags):
            found = [option for option in options if option.startswith(name)]
            if found:
                return found[0] if len(found) == 1 else name
        return name


@dataclass(frozen=True, slots=True)
class Given:
    """An option as it was given.

    :param index: of the word that names it.
    :param value: None when it takes none.
    :param value_index: of the word that holds the value.
    """

    name: str
    index: int
    value: str | None = None
    value_index: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A command line taken apart: options in order, and the indices of the operands."""

    words: tuple[str, ...]
    options: tuple[Given, ...]
    positions: tuple[int, ...]

    @property
    def operands(self) -> tuple[str, ...]:
        """The operands' texts."""
        return tuple(self.words[index] for index in self.positions)

    def has(self, *names: str) -> bool:
        """Whether any of these options is given."""
        return any(option.name in names for option in self.options)

    def values(self, *names: str) -> list[str]:
        """The values of these options, in order."""
        return [o.value for o in self.options if o.name in names and o.value is not None]

    def last(self, *names: str) -> str | None:
        """The last value of these options, which is the one that counts."""
        found = self.values(*names)
        return found[-1] if found else None


def read(words: Sequence[str], table: Table) -> Line:
    """Take a command line apart, as getopt does.

    >>> line = read(["-fsSLo", "x.zip", "--retry", "3", "https://example.org"], CURL)
    >>> line.last("output"), line.operands
    ('x.zip', ('https://example.org',))
    """
    options: list[Given] = []
    operands: list[int] = []
    index = 0
    while index < len(words):
        here, word = index, words[index]
        index += 1
        if word == "--":
            operands.extend(range(index, len(words)))
            break
        if word.startswith("--"):
            key, equals, joined = word[2:].partition("=")
            name = table.full(key)
            if name not in table.valued:
                options.append(Given(name, here, joined if equals else None, here if equals else None))
            elif equals:
                options.append(Given(name, here, joined, here))
            elif index < len(words):
                options.append(Given(name, here, words[index], index))
                index += 1
            else:
                options.append(Given(name, here, ""))
        elif word.startswith("-") and len(word) > 1:
            index = _letters(words, here, table, options)
        else:
            operands.append(here)
    return Line(tuple(words), tuple(options), tuple(operands))


def _letters(words: Sequence[str], here: int, table: Table, options: list[Given]) -> int:
    """Letters of one word (``-fsSLo``, ``-oFILE``); the index of the word to go on with."""
    letters = words[here][1:]
    at = 0
    while at < len(letters):
        letter = letters[at]
        at += 1
        if letter in table.pairs and at < len(letters):
            options.append(Given(letter + letters[at], here))
            at += 1
            continue
        name = table.short.get(letter, letter)
        if name in table.joined:
            options.append(Given(name, here, letters[at:] or None, here))
            break
        if name not in table.valued:
            options.append(Given(name, here))
            continue
        rest = letters[at:]
        if rest:
            options.append(Given(name, here, rest, here))
        elif here + 1 < len(words):
            options.append(Given(name, here, words[here + 1], here + 1))
            return here + 2
        else:
            options.append(Given(name, here, ""))
        break
    return here + 1


def bundled(words: Sequence[str], table: Table) -> list[str]:
    """Words in which the first holds letters without a dash (``tar xvfC FILE DIR``), as options that getopt reads.

    >>> bundled(["xfC", "a.tgz", "/app", "b"], Table(frozenset(["file", "dir"]), {"f": "file", "C": "dir"}))
    ['-x', '-f', 'a.tgz', '-C', '/app', 'b']
    """
    if not words or not words[0].isalpha():
        return list(words)
    rest = list(words[1:])
    found: list[str] = []
    for letter in words[0]:
        found.append(f"-{letter}")
        if table.short.get(letter, letter) in table.valued and rest:
            found.append(rest.pop(0))
    return found + rest


def slashed(words: Sequence[str], table: Table | None = None) -> Line:
    """Take apart a command line of cmd's own commands and of those written for it: ``/s``, ``/x:VALUE``, ``/f/q``.

    Names come in lower case. An option of the table takes the next word.

    >>> slashed(["/f/q", "C:/a.zip", "/a:h"]).operands
    ('C:/a.zip',)
    """
    options: list[Given] = []
    operands: list[int] = []
    valued = table.valued if table is not None else frozenset()
    index = 0
    while index < len(words):
        here, word = index, words[index]
        index += 1
        if not word.startswith("/") or len(word) < 2:
            operands.append(here)
            continue
        given, colon, joined = word[1:].partition(":")
        *before, last = given.lower().split("/")
        options.extend(Given(name, here) for name in before)
        if colon:
            options.append(Given(last, here, joined, here))
        elif last in valued and index < len(words):
            options.append(Given(last, here, words[index], index))
            index += 1
        else:
            options.append(Given(last, here))
    return Line(tuple(words), tuple(options), tuple(operands))


def whole(words: Sequence[str], table: Table) -> Line:
    """Take apart a command line in which a word is one option, its value joined to its name (7-Zip's ``-oDIR``).

    >>> line = whole(["x", "a.7z", "-oC:/app", "-y", "-mmt2"], Table(frozenset(["o", "m"])))
    >>> line.last("o"), line.operands
    ('C:/app', ('x', 'a.7z'))
    """
    options: list[Given] = []
    operands: list[int] = []
    only_operands = False
    for index, word in enumerate(words):
        if only_operands or not word.startswith("-") or word == "-":
            operands.append(index)
        elif word == "--":
            only_operands = True
        else:
            given = word[1:].lower()
            sizes = range(len(given), 0, -1)
            size = next((size for size in sizes if given[:size] in table.valued), len(given))
            options.append(Given(given[:size], index, word[1 + size :] or None, index))
    return Line(tuple(words), tuple(options), tuple(operands))


#: https://curl.se/docs/manpage.html (8.x); options that are not listed take no value.
CURL = Table(
    valued=frozenset(
        ["abstract-unix-socket", "alt-svc", "aws-sigv4", "cacert", "capath", "cert", "cert-type", "ciphers", "config", "connect-timeout", "connect-to", "continue-at", "cookie", "cookie-jar", "create-file-mode", "crlfile", "curves", "data", "data-ascii", "data-binary", "data-raw", "data-urlencode", "delegation", "dns-interface", "dns-ipv4-addr", "dns-ipv6-addr", "dns-servers", "doh-url", "dump-header", "ech", "egd-file", "engine", "etag-compare", "etag-save", "expect100-timeout", "form", "form-string", "ftp-account", "ftp-alternative-to-user", "ftp-method", "ftp-port", "ftp-ssl-ccc-mode", "happy-eyeballs-timeout-ms", "haproxy-clientip", "header", "hostpubmd5", "hostpubsha256", "hsts", "interface", "ip-tos", "ipfs-gateway", "json", "keepalive-cnt", "keepalive-time", "key", "key-type", "krb", "libcurl", "limit-rate", "local-port", "login-options", "mail-auth", "mail-from", "mail-rcpt", "max-filesize", "max-redirs", "max-time", "netrc-file", "noproxy", "oauth2-bearer", "output", "output-dir", "parallel-max", "pass", "pinnedpubkey", "preproxy", "proto", "proto-default", "proto-redir", "proxy", "proxy-cacert", "proxy-capath", "proxy-cert", "proxy-cert-type", "proxy-ciphers", "proxy-crlfile", "proxy-header", "proxy-key", "proxy-key-type", "proxy-pass", "proxy-pinnedpubkey", "proxy-service-name", "proxy-tls13-ciphers", "proxy-tlsauthtype", "proxy-tlspassword", "proxy-tlsuser", "proxy-user", "proxy1.0", "pubkey", "quote", "random-file", "range", "rate", "referer", "request", "request-target", "resolve", "retry", "retry-delay", "retry-max-time", "sasl-authzid", "service-name", "sigalgs", "socks4", "socks4a", "socks5", "socks5-gssapi-service", "socks5-hostname", "speed-limit", "speed-time", "stderr", "telnet-option", "tftp-blksize", "time-cond", "tls-max", "tls13-ciphers", "tlsauthtype", "tlspassword", "tlsuser", "trace", "trace-ascii", "trace-config", "unix-socket", "upload-file", "url", "url-query", "user", "user-agent", "variable", "vlan-priority", "write-out"]
    ),
    flags=frozenset(
        ["anyauth", "append", "basic", "compressed", "crlf", "create-dirs", "digest", "fail", "fail-early", "fail-with-body", "get", "globoff", "head", "http1.0", "http1.1", "http2", "http3", "include", "insecure", "ipv4", "ipv6", "junk-session-cookies", "list-only", "location", "location-trusted", "manual", "next", "no-buffer", "no-clobber", "no-progress-meter", "ntlm", "parallel", "progress-bar", "proxy-insecure", "raw", "remote-header-name", "remote-name", "remote-name-all", "remote-time", "retry-all-errors", "retry-connrefused", "show-error", "silent", "ssl", "ssl-no-revoke", "ssl-reqd", "tcp-fastopen", "tcp-nodelay", "tlsv1", "tlsv1.0", "tlsv1.1", "tlsv1.2", "tlsv1.3", "trace-time", "use-ascii", "verbose", "version"]
    ),
    short={
        "A": "user-agent", "b": "cookie", "c": "cookie-jar", "C": "continue-at", "d": "data", "D": "dump-header",
        "e": "referer", "E": "cert", "F": "form", "f": "fail", "H": "header", "I": "head", "J": "remote-header-name",
        "K": "config", "k": "insecure", "L": "location", "m": "max-time", "o": "output", "O": "remote-name",
        "P": "ftp-port", "Q": "quote", "r": "range", "R": "remote-time", "s": "silent", "S": "show-error",
        "t": "telnet-option", "T": "upload-file", "u": "user", "U": "proxy-user", "V": "version", "w": "write-out",
        "x": "proxy", "X": "request", "y": "speed-time", "Y": "speed-limit", "z": "time-cond", ":": "next",
    },
)  # fmt: skip

#: https://www.gnu.org/software/wget/manual/ (1.24), and BusyBox's; options that are not listed take no value.
WGET = Table(
    valued=frozenset(
        ["accept", "accept-regex", "append-output", "base", "bind-address", "bind-dns-address", "body-data", "body-file", "ca-certificate", "ca-directory", "certificate", "certificate-type", "ciphers", "compression", "config", "connect-timeout", "crl-file", "cut-dirs", "default-page", "directory-prefix", "dns-servers", "dns-timeout", "domains", "egd-file", "exclude-directories", "exclude-domains", "execute", "follow-tags", "ftp-password", "ftp-user", "header", "hsts-file", "http-password", "http-user", "ignore-tags", "include-directories", "input-file", "input-metalink", "level", "limit-rate", "load-cookies", "local-encoding", "max-redirect", "metalink-index", "method", "output-document", "output-file", "password", "pinnedpubkey", "post-data", "post-file", "prefer-family", "preferred-location", "private-key", "private-key-type", "progress", "proxy", "proxy-password", "proxy-user", "quota", "random-file", "read-timeout", "referer", "regex-type", "reject", "reject-regex", "rejected-log", "remote-encoding", "report-speed", "restrict-file-names", "retry-on-http-error", "save-cookies", "secure-protocol", "start-pos", "timeout", "tries", "use-askpass", "user", "user-agent", "wait", "waitretry", "warc-cdx", "warc-dedup", "warc-file", "warc-header", "warc-max-size", "warc-tempdir"]
    ),
    flags=frozenset(
        ["adjust-extension", "auth-no-challenge", "background", "content-disposition", "content-on-error", "continue", "convert-links", "debug", "delete-after", "force-directories", "force-html", "https-only", "ignore-case", "ignore-length", "inet4-only", "inet6-only", "keep-session-cookies", "mirror", "no-cache", "no-check-certificate", "no-clobber", "no-cookies", "no-directories", "no-dns-cache", "no-glob", "no-host-directories", "no-hsts", "no-http-keep-alive", "no-iri", "no-parent", "no-passive-ftp", "no-proxy", "no-verbose", "page-requisites", "passive-ftp", "protocol-directories", "quiet", "random-wait", "recursive", "relative", "retry-connrefused", "save-headers", "server-response", "show-progress", "span-hosts", "spider", "timestamping", "trust-server-names", "unlink", "verbose", "version", "xattr"]
    ),
    short={
        "A": "accept", "a": "append-output", "B": "base", "c": "continue", "D": "domains", "e": "execute",
        "I": "include-directories", "i": "input-file", "l": "level", "O": "output-document", "o": "output-file",
        "P": "directory-prefix", "Q": "quota", "q": "quiet", "R": "reject", "T": "timeout", "t": "tries",
        "U": "user-agent", "w": "wait", "X": "exclude-directories", "Y": "proxy",
    },
    pairs="n",
)  # fmt: skip
