"""The kinds of errors: ``error.kind`` of an error as JSON, which scripts may rely on."""

from __future__ import annotations

#: Kind to what it means. Exit code 2 for those of ``BAD_INPUT``, 3 for all others.
BAD_INPUT: dict[str, str] = {
    "bad-input": "A file, its contents or an address is not usable; `file` and `line` say where.",
    "usage": "The arguments or options are wrong, or do not go together.",
    "stopped": "Guards stop the run; the message lists all that apply. See guards.md.",
    "confirmation": "The plan was not confirmed, and nobody can be asked here: `--yes` confirms it.",
    "exists": "Something is there already that would be overwritten.",
    "anchor": "An edit of upstream's files does not find the lines that it belongs to.",
    "link": "A symbolic link, device or other special file is where a plain file is written or read.",
    "git-identity": "git has no name or address for the commit.",
    "no-digest": "Nothing gives the digest of a release's archive, and it may not be downloaded.",
    "checksum": "Published checksums of a release contradict each other, or the download.",
    "evidence": "An evidence record is of something else, or one that is required is missing.",
    "other-state": "official-images has no such parent image; the hint names the state that is needed.",
    "moved": "Something moved since the plan was made.",
}
OUTSIDE: dict[str, str] = {
    "outside": "Something outside failed; the message says what.",
    "internal": "A fault of contrib itself. `-vv` prints the traceback; please report it.",
    "broken-installation": "A library of this installation does not load, or another package overwrote it.",
    "out-of-memory": "There is not enough memory.",
    "source": "A version source on the network answers something else than it should.",
    "archive": "What was downloaded is not the archive that its name says.",
    "no-git": "git is not installed, or not on PATH.",
    "git": "git failed.",
    "offline": "Something is on the network, and `--offline` was given.",
    "network": "A server cannot be reached.",
    "proxy": "The proxy does not answer, or refuses.",
    "address": "An address is not one that may be opened: wrong scheme, host, or a private address.",
    "deadline": "A request or a program took longer than its limit.",
    "broken-off": "A connection broke off.",
    "rate-limit": "The server asks to come back later; the message says when.",
    "authentication": "There is no token, or the server does not accept it.",
    "single-sign-on": "The organisation wants the token authorised; the message has the address.",
    "forbidden": "The token may not do this.",
    "workflow-scope": "The token may not change files below `.github/workflows`.",
    "not-found": "The repository, branch or pull request is not there, or the token may not see it.",
    "github": "GitHub answered with an error.",
    "invalid-head": "GitHub does not see the pushed branch (yet).",
    "rejected": "The push was refused.",
    "lease": "The branch moved between the look at it and the push; nothing was overwritten.",
    "tools": "A tool that upstream's scripts need is not installed (`--prove`).",
    "engine": "The container engine is not there, or failed.",
    "pull": "A base image cannot be pulled.",
    "build": "The engine could not carry out the build.",
    "login": "The registry wants a login.",
    "digest": "A registry gave other bytes than the digest says.",
    "answer": "A server's answer is not what it should be.",
    "artifact": "An archive of a workflow run is damaged, too large, or leads out of its folder.",
    "host": "The host cannot run the image: older than the base, another platform, no space.",
}

KINDS: dict[str, str] = {**BAD_INPUT, **OUTSIDE}
