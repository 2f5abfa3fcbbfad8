"""Which distributions a version has, by the Dockerfiles at its tag."""

import subprocess
import sys
from typing import List

from .git_operations import GitClient
from .models import Distribution, RedisVersion, Release
from .models import Tagged


class DistributionDetector:
    """Reads FROM lines."""

    def __init__(self, git_client: GitClient) -> None:
        self.git_client = git_client

    def get_distribution_for_commit(self, commit: str, distro_type: str) -> Distribution:
        """The distribution of a directory at a commit."""
        content = self.git_client.show_file(commit, f"{distro_type}/Dockerfile")
        for line in content.splitlines():
            if line.upper().startswith("FROM "):
                return Distribution.from_dockerfile_line(line)
        raise ValueError(f"no FROM in {distro_type}/Dockerfile")

    def prepare_releases_list(self, versions: List[Tagged]) -> List[Release]:
        """The releases of versions, newest first, each in its distributions."""
        releases: List[Release] = []
        for version, commit, ref in versions:
            for distro_type in ["debian", "alpine"]:
                try:
                    distribution = self.get_distribution_for_commit(commit, distro_type)
                except (ValueError, subprocess.CalledProcessError) as error:
                    print(f"warning: {version} has no {distro_type}: {error}", file=sys.stderr)
                    continue
                releases.append(self._release(version, commit, distribution, ref))
        console.print(f"[green]Prepared {len(releases)} releases[/green]")
        return releases

    def _release(self, version: RedisVersion, commit: str, distribution: Distribution, ref: str) -> Release:
        return Release(commit=commit, version=version, distribution=distribution, git_fetch_ref=ref)


class _Console:
    """Messages, on standard error."""

    def print(self, text: str) -> None:
        """One line."""
        print(text, file=sys.stderr)


console = _Console()
