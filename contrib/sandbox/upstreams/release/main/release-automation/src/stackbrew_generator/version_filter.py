"""Which of the tags are published."""

from typing import Dict, List

from .git_operations import GitClient
from .models import RedisVersion, Tagged


class VersionFilter:
    """Newest first; retired series out; one per patch; nothing of a series below its newest release."""

    def __init__(self, git_client: GitClient) -> None:
        self.git_client = git_client

    def get_actual_major_redis_versions(self, major_version: int) -> List[Tagged]:
        """The versions of a major that are published."""
        tags = []
        for commit, ref in self.git_client.list_remote_tags(major_version):
            tags.append((RedisVersion.parse(ref.rpartition("/")[2]), commit, ref))
        retired = {version.mainline_version for version, _, _ in tags if version.is_eol}
        tags = [tag for tag in tags if tag[0].mainline_version not in retired]
        tags.sort(key=lambda tag: tag[0].sort_key, reverse=True)
        patches: Dict[tuple, Tagged] = {}
        for tag in tags:
            version = tag[0]
            key = (version.major, version.minor, version.patch)
            if key not in patches or (patches[key][0].is_milestone and not version.is_milestone):
                patches[key] = tag
        actual, released = [], set()
        for tag in patches.values():
            if tag[0].mainline_version in released:
                continue
            if not tag[0].is_milestone:
                released.add(tag[0].mainline_version)
            actual.append(tag)
        return actual
