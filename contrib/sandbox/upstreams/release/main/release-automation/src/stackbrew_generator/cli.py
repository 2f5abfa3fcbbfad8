"""The commands."""

import argparse
import json
import sys
from pathlib import Path
from typing import List

from .distribution import DistributionDetector
from .dockerfile import DockerfileRenderer
from .git_operations import GitClient
from .stackbrew import StackbrewGenerator, StackbrewUpdater
from .version_filter import VersionFilter


def content_of(major: int, remote: str) -> str:
    """The entries of a major."""
    client = GitClient(remote)
    versions = VersionFilter(client).get_actual_major_redis_versions(major)
    if not versions:
        raise SystemExit(f"No versions found for Redis {major}.x")
    client.fetch_refs([commit for _, commit, _ in versions])
    releases = DistributionDetector(client).prepare_releases_list(versions)
    generator = StackbrewGenerator()
    latest = client.get_highest_remote_ga_major_version() == major
    return generator.format_stackbrew_output(generator.generate_stackbrew_library(releases, latest))


def main(arguments: List[str]) -> int:
    """Run a command."""
    parser = argparse.ArgumentParser(prog="stackbrew_generator")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("generate-stackbrew-content", "update-stackbrew-file"):
        command = commands.add_parser(name)
        command.add_argument("major", type=int)
        command.add_argument("--remote", default="origin")
        if name == "update-stackbrew-file":
            command.add_argument("--input", type=Path, required=True)
            command.add_argument("--output", type=Path)
    command = commands.add_parser("render-dockerfile")
    command.add_argument("-t", "--template", type=Path, required=True)
    command.add_argument("-j", "--set-from-json", type=Path)
    command.add_argument("-o", "--out-file", type=Path, required=True)
    command.add_argument("-s", "--set", nargs=2, action="append", default=[])
    asked = parser.parse_args(arguments)
    if asked.command == "render-dockerfile":
        renderer = DockerfileRenderer()
        if asked.set_from_json:
            for name, value in json.loads(asked.set_from_json.read_text(encoding="utf-8")).items():
                renderer.set_variable(name, value)
        for name, value in asked.set:
            renderer.set_variable(name, value)
        asked.out_file.write_text(renderer.render_template(asked.template), encoding="utf-8")
        return 0
    content = content_of(asked.major, asked.remote)
    if asked.command == "update-stackbrew-file":
        content = StackbrewUpdater().update_stackbrew_content(asked.input, asked.major, content)
        if asked.output:
            asked.output.write_text(content, encoding="utf-8")
            return 0
    print(content)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
