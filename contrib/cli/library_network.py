"""What rules for library files ask of registries, git servers and the table of products at endoflife.date."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contrib.values import jsontext
from contrib.values.errors import BadInput, OutsideError

_DOCKER_ARCHES = {
    ("linux", "amd64", ""): "amd64",
    ("linux", "arm", "v5"): "arm32v5",
    ("linux", "arm", "v6"): "arm32v6",
    ("linux", "arm", "v7"): "arm32v7",
    ("linux", "arm64", ""): "arm64v8",
    ("linux", "arm64", "v8"): "arm64v8",
    ("linux", "386", ""): "i386",
    ("linux", "mips64le", ""): "mips64le",
    ("linux", "ppc64le", ""): "ppc64le",
    ("linux", "riscv64", ""): "riscv64",
    ("linux", "s390x", ""): "s390x",
    ("windows", "amd64", ""): "windows-amd64",
}
_INDEX = "application/vnd.oci.image.index.v1+json, application/vnd.docker.distribution.manifest.list.v2+json"


class Internet:
    """Registries, git servers and the table of products at endoflife.date; each asked once, None when out of reach."""

    def __init__(self) -> None:
        self._memory: dict[tuple[str, ...], Any] = {}

    def _once(self, key: tuple[str, ...], ask: Callable[[], Any]) -> Any:
        if key not in self._memory:
            try:
                self._memory[key] = ask()
            except (OutsideError, BadInput):
                self._memory[key] = None
        return self._memory[key]

    def architectures(self, image: str) -> frozenset[str] | None:
        """Architectures of an image's index."""
        found: frozenset[str] | None = self._once(("index", image), lambda: self._index(image))
        return found

    @staticmethod
    def _index(image: str) -> frozenset[str]:
        from contrib.clients.http import Http

        name, _, tag = image.partition(":")
        host, _, repository = name.partition("/")
        if "." not in host and ":" not in host:
            host, repository = "registry-1.docker.io", name
        tokens: dict[str, str] = {}
        if host == "registry-1.docker.io":
            scope = f"repository:{repository}:pull"
            answer = Http().get(f"https://auth.docker.io/token?service=registry.docker.io&scope={scope}")
            told = jsontext.read(answer.content, answer.url, dict, outside=True)
            tokens[host] = str(told.get("token", ""))
        try:
            response = Http(tokens).get(
                f"https://{host}/v2/{repository}/manifests/{tag or 'latest'}", accept=_INDEX
            )
        except BadInput:
            return frozenset()
        manifests = jsontext.read(response.content, response.url, dict, outside=True).get("manifests")
        found = set()
        for manifest in manifests if isinstance(manifests, list) else ():
            platform = manifest.get("platform") if isinstance(manifest, dict) else None
            if not isinstance(platform, dict):
                continue
            key = tuple(str(platform.get(each, "")) for each in ("os", "architecture", "variant"))
            if key in _DOCKER_ARCHES:
                found.add(_DOCKER_ARCHES[key])
        return frozenset(found)

    def _remote(self, url: str) -> dict[str, str] | None:
        """Refs of a repository; empty where there is none, None where it is not asked or does not say."""
        from contrib.clients.commits import ls_remote
        from contrib.values.addresses import foreign

        if foreign(url):
            return None  # the address is the file's, whoever wrote that

        def ask() -> dict[str, str]:
            try:
                return ls_remote(url)
            except OutsideError as error:
                if error.kind == "not-found":
                    return {}
                raise

        found: dict[str, str] | None = self._once(("refs", url), ask)
        return found

    def answers(self, url: str) -> bool | None:
        """Whether a git repository answers."""
        refs = self._remote(url)
        return None if refs is None else bool(refs)

    def tag_commit(self, url: str, tag: str) -> str | None:
        """Commit that a tag names."""
        refs = self._remote(url)
        if refs is None:
            return None
        return refs.get(f"refs/tags/{tag}^{{}}") or refs.get(f"refs/tags/{tag}", "")

    def _cycles(self, image: str) -> list[dict[str, Any]] | None:
        from contrib.clients.http import Http

        def ask() -> list[dict[str, Any]]:
            try:
                response = Http().get(f"https://endoflife.date/api/{image}.json")
            except BadInput:
                return []
            found = jsontext.read(response.content, response.url, list, outside=True)
            return [cycle for cycle in found if isinstance(cycle, dict)]

        cycles: list[dict[str, Any]] | None = self._once(("eol", image), ask)
        return cycles

    def _cycle(self, image: str, series: str) -> dict[str, Any] | None:
        cycles = self._cycles(image)
        if cycles is None:
            return None
        names = {str(cycle.get("cycle", "")): cycle for cycle in cycles}
        return names.get(series) or names.get(series.split(".")[0]) or {}

    def ended(self, image: str, series: str) -> str | None:
        """Date on which a series ended, "" when it has not or is not listed."""
        import datetime

        cycle = self._cycle(image, series)
        if cycle is None:
            return None
        end = cycle.get("eol", False)
        if end is True:
            return "a date that is not told"
        return end if isinstance(end, str) and end <= datetime.date.today().isoformat() else ""

    def newest(self, image: str, series: str) -> str | None:
        """Newest release of a series, "" where it is not listed."""
        cycle = self._cycle(image, series)
        return None if cycle is None else str(cycle.get("latest", ""))
