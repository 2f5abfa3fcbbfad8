"""How much of a repository's history `contrib render` reproduces: every commit of the first-parent line.

    python -m benchmarks.replay_renders IMAGE --upstream REPO [--last N] [--script DIR]

At each commit all Dockerfiles are rendered and compared with those that were committed. Some commits of
upstream's are not what their own script makes; with ``--script`` (a directory with bashbrew's
``jq-template.awk`` and ``template-helper-functions.jq``; needs bash, gawk, jq) it is run at the commits that
differ, on a copy, and its files are compared with ours.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from benchmarks import measuring
from contrib.clients.git import Repository, WorkTree
from contrib.clients.libjq import Worker
from contrib.upstream import render
from contrib.values.errors import BadInput


def by_script(repository: Repository, commit: str, scripts: Path, directory: Path) -> WorkTree:
    """The files after upstream's own script ran on a copy, in an environment without tokens."""
    archive = repository.run("archive", commit).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(directory, filter="data")
    subprocess.run(
        ["bash", "./apply-templates.sh"],
        cwd=directory,
        env={"PATH": os.environ["PATH"], "BASHBREW_SCRIPTS": str(scripts.resolve()), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
        timeout=600,
    )
    return WorkTree(directory)


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("image")
    parser.add_argument("--upstream", required=True, help="the image's repository, a clone or URL")
    parser.add_argument("--ref", default="HEAD")
    parser.add_argument(
        "--last", type=int, default=0, help="commits to look at (default: all with templates)"
    )
    parser.add_argument("--templates", type=Path, default=None, help="the images' folders")
    parser.add_argument("--script", type=Path, default=None, help="run upstream's script where they differ")
    options = parser.parse_args()
    profiles = render.load(options.image, options.templates)
    same = files = 0
    differing: list[str] = []
    with Repository.obtain(options.upstream) as repository, Worker() as worker:
        listed = (
            repository.run("rev-list", "--first-parent", repository.resolve(options.ref))
            .stdout.decode()
            .split()
        )
        for commit in listed[: options.last or None]:
            tree = repository.tree(commit)
            if tree.read(profiles.script) is None:
                break
            try:
                changes = render.render_tree(profiles, tree, worker=worker)
            except BadInput as error:
                differing.append(f"{commit[:12]} cannot: {error}")
                continue
            files += sum(1 for change in changes if change.content is not None)
            todo = render.differing(tree, changes)
            if not todo:
                same += 1
                continue
            verdict = f"{len(todo)} files differ from what was committed, {todo[0].path} first"
            if options.script is not None:
                with tempfile.TemporaryDirectory() as directory:
                    made = by_script(repository, commit, options.script, Path(directory))
                    wrong = render.differing(made, changes)
                verdict += (
                    f"; {len(wrong)} differ from what the script makes ({wrong[0].path})"
                    if wrong
                    else "; all are what the script makes"
                )
            differing.append(f"{commit[:12]} {verdict}")
    for line in differing:
        print(line)
    print(f"{options.image}: {same} of {same + len(differing)} commits as committed, {files} files rendered")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
