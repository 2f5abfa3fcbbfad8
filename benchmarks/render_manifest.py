"""`contrib render` and `contrib manifest` beside upstream's own scripts: same clone, same run, whole processes.

    python -m benchmarks.render_manifest --clones DIR [--scripts DIR] [--runs N] [--growth]

``DIR`` holds ``OWNER+NAME/repo`` clones of redis, golang, python, mongo, docker and official-images. The peers are
``apply-templates.sh`` (bash, jq, gawk; ``--scripts`` names a directory with bashbrew's ``jq-template.awk`` and
``template-helper-functions.jq``, so that nothing is downloaded) and ``generate-stackbrew-library.sh`` (bash, jq,
git, and a bashbrew on PATH; its library is a local directory). A peer that cannot run is left out, saying so.

Times are seconds of wall clock, the best of the runs, with what the peer took divided by what we took (and the
same of CPU time, which a busy machine changes less); memory is that of the largest process, in MiB. Both sides must
print the same, or the row says so. ``--growth`` adds synthetic repositories: the history of golang's clone tenfold,
and ten to a thousand directories.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measuring
from contrib.clients.git import Repository, git_environment

IMAGES = ("redis", "golang", "python", "mongo", "docker")


@dataclass(frozen=True)
class Figure:
    """The best of several runs."""

    seconds: float
    cpu: float
    memory: float
    stdout: bytes


def measure(command: Sequence[str], runs: int, cwd: Path, env: Mapping[str, str]) -> Figure | str:
    """Run a command several times; why not, when it fails."""
    done = measuring.in_turn({"": command}, runs, cwd=cwd, env=env)[""]
    if failed := [each.why for each in done if each.code != 0]:
        return failed[0]
    return Figure(
        min(each.seconds for each in done),
        min(each.cpu for each in done),
        measuring.peak(command, cwd=cwd, env=env),
        done[-1].stdout,
    )


def contrib(*arguments: str) -> list[str]:
    """Our command, as it is installed."""
    return [measuring.program("contrib") or "contrib", *arguments]


def row(name: str, ours: Figure | str, theirs: Figure | str, same: bool | None = None) -> None:
    """One line of the table."""
    if isinstance(ours, str):
        print(f"| {name} | failed: {ours} | | | | |")
        return
    left = f"| {name} | {ours.seconds:.3f} s, {ours.memory:.0f} MiB"
    if isinstance(theirs, str):
        print(f"{left} | left out: {theirs} | | | |")
        return
    verdict = "" if same is None else "same bytes" if same else "DIFFERENT BYTES"
    ratio = theirs.seconds / ours.seconds
    print(
        f"{left} | {theirs.seconds:.3f} s, {theirs.memory:.0f} MiB | {ratio:.1f} | {theirs.cpu / ours.cpu:.1f} | {verdict} |"
    )


def work_tree(source: Path, target: Path) -> Path:
    """A clone with a work tree at the newest commit, without the clone's remote."""
    subprocess.run(
        ["git", "clone", "-q", "--no-hardlinks", str(source), str(target)], check=True, env=git_environment()
    )
    return target


def environment(scripts: Path | None, library: Path | None) -> dict[str, str]:
    env = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT", "TMPDIR") if name in os.environ}
    env["LC_ALL"] = "C.UTF-8"
    if scripts is not None:
        env["BASHBREW_SCRIPTS"] = str(scripts.resolve())
    if library is not None:
        env["BASHBREW_LIBRARY"] = str(library)
    return env


def beside(options: argparse.Namespace, scratch: Path) -> None:
    official = options.clones / "docker-library+official-images" / "repo"
    env = environment(options.scripts, None)
    print("| | contrib | peer | ratio | ratio of CPU time | |")
    print("|---|---|---|---|---|---|")
    for image in options.image or IMAGES:
        source = options.clones / f"docker-library+{image}" / "repo"
        clone = work_tree(source, scratch / image)
        ours = measure(contrib("render", image, "--upstream", str(clone), "-q"), options.runs, clone, env)
        why = measuring.missing("bash", "jq", "gawk") or (None if options.scripts else "no --scripts")
        theirs: Figure | str = why or measure(["bash", "./apply-templates.sh"], options.runs, clone, env)
        clean = subprocess.run(["git", "status", "--porcelain"], cwd=clone, capture_output=True, check=True)
        row(f"render {image}", ours, theirs, not clean.stdout)
    for image in options.image or IMAGES:
        clone = scratch / image
        # Parents as they stood at the clone's newest commit: redis's clone is of 2024.
        then = _when(official, clone)
        library = _library_at(official, then, scratch / f"library-{image}")
        env = environment(options.scripts, library)
        if shutil.which("bashbrew") and os.name != "nt":
            env["PATH"] = f"{_offline_bashbrew(scratch / f'bin-{image}', library)}{os.pathsep}{env['PATH']}"
        wanted = ["--official-images", f"{official}@{then}"]
        ours = measure(
            contrib("manifest", image, "--upstream", str(clone), *wanted), options.runs, clone, env
        )
        theirs = measuring.missing("bash", "jq", "gawk", "bashbrew") or measure(
            ["bash", "./generate-stackbrew-library.sh"], options.runs, clone, env
        )
        both = isinstance(ours, Figure) and isinstance(theirs, Figure)
        row(f"manifest {image}", ours, theirs, both and ours.stdout == theirs.stdout)  # type: ignore[union-attr]


def _when(official: Path, clone: Path) -> str:
    """The commit of official-images at the date of the clone's newest commit."""
    with Repository.open(clone) as repository:
        date = repository.commit(repository.resolve("HEAD")).committer.time
    with Repository.open(official) as repository:
        listed = repository.run(
            "rev-list", "-1", "--first-parent", f"--before={date}", repository.resolve("HEAD")
        )
    return listed.stdout.decode().strip()


def _offline_bashbrew(directory: Path, library: Path) -> Path:
    """A directory with a bashbrew that reads official-images' addresses from the library instead.

    Older scripts name GitHub, whatever BASHBREW_LIBRARY says. The detour costs two milliseconds.
    """
    directory.mkdir()
    program = directory / "bashbrew"
    program.write_text(
        "#!/usr/bin/env bash\nprefix='https://github.com/docker-library/official-images/raw/*/library'\n"
        f'exec {shutil.which("bashbrew")} "${{@/#$prefix/{library}}}"\n'
    )
    program.chmod(0o755)
    return directory


def _library_at(official: Path, commit: str, target: Path) -> Path:
    with Repository.open(official) as repository:
        tree = repository.tree(commit)
        target.mkdir()
        for path, data in tree.read_all(tree.paths("library")).items():
            (target / path.rpartition("/")[2]).write_bytes(data)
    return target


def longer(source: Path, target: Path, factor: int) -> Path:
    """A bare clone with its newest tree, and ``factor`` times its history between that and the rest.

    Each added commit touches a file that no image copies, so that all answers lie below them.
    """
    subprocess.run(
        ["git", "clone", "-q", "--bare", str(source), str(target)], check=True, env=git_environment()
    )
    with Repository.open(target) as repository:
        head = repository.resolve("HEAD")
        count = int(repository.run("rev-list", "--count", head).stdout)
        branch = repository.head_ref
    out: list[bytes] = []
    for number in range(count * (factor - 1)):
        out.append(
            f"commit {branch}\ncommitter T <t@example.org> {2_000_000_000 + number} +0000\ndata 1\nx\n".encode()
            + (f"from {head}\n".encode() if number == 0 else b"")
            + f"M 100644 inline NEWS\ndata {len(str(number))}\n{number}\n".encode()
        )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=target, input=b"".join(out), check=True, env=git_environment()
    )
    return target


def wide(target: Path, directories: int) -> Path:
    """A repository in golang's layout with this many directories of one variant each."""
    target.mkdir()
    run = ["git", "init", "-q", "--initial-branch=main", "."]
    subprocess.run(run, cwd=target, check=True, env=git_environment())
    versions = {
        f"1.{number}": {
            "version": f"1.{number}.1",
            "variants": ["bookworm"],
            "arches": {"amd64": {"supported": True}},
        }
        for number in range(directories)
    }
    files = {
        "versions.json": json.dumps(versions, indent=2) + "\n",
        "Dockerfile-linux.template": 'FROM buildpack-deps:bookworm-scm\nENV V {{ .version }}\n{{ if env.variant then ( -}}\nRUN x\n{{ ) else "" end -}}\n',
        "apply-templates.sh": 'generated_warning() {\n\tcat <<-EOH\n\t\t#\n\n\tEOH\n}\nrm -rf "$version/"\n',
        "generate-stackbrew-library.sh": "#!/bin/bash\nBuilder: classic\ncat <<-EOH\nMaintainers: T (@t)\nGitRepo: https://example.org/r.git\nEOH\n",
    }
    out = [b"commit refs/heads/main\ncommitter T <t@example.org> 1700000000 +0000\ndata 1\nx\n"]
    for path, text in files.items():
        out.append(f"M 100644 inline {path}\ndata {len(text)}\n{text}\n".encode())
    # Half of the directories are older than the rest, so that histories are walked.
    for key in versions:
        text = f"#\n\nFROM buildpack-deps:bookworm-scm\nENV V {key}.1\nRUN x\n"
        out.append(f"M 100644 inline {key}/bookworm/Dockerfile\ndata {len(text)}\n{text}\n".encode())
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=target, input=b"".join(out), check=True, env=git_environment()
    )
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=target, check=True, env=git_environment())
    return target


def growth(options: argparse.Namespace, scratch: Path) -> None:
    official = options.clones / "docker-library+official-images" / "repo"
    env = environment(options.scripts, None)
    print("\n| | contrib |\n|---|---|")
    source = options.clones / "docker-library+golang" / "repo"
    for factor in (1, 10):
        clone = longer(source, scratch / f"history-{factor}", factor)
        ours = measure(
            contrib("manifest", "golang", "--upstream", str(clone), "--official-images", str(official)),
            options.runs,
            scratch,
            env,
        )
        shown = ours if isinstance(ours, str) else f"{ours.seconds:.3f} s, {ours.memory:.0f} MiB"
        print(f"| manifest golang, history x{factor} | {shown} |")
    for directories in (10, 100, 1000):
        clone = wide(scratch / f"wide-{directories}", directories)
        for command in (
            contrib("render", "golang", "--upstream", str(clone), "-q"),
            contrib("manifest", "golang", "--upstream", str(clone), "--official-images", str(official)),
        ):
            ours = measure(command, options.runs, scratch, env)
            shown = ours if isinstance(ours, str) else f"{ours.seconds:.3f} s, {ours.memory:.0f} MiB"
            print(f"| {command[1]}, {directories} directories | {shown} |")


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("--clones", type=Path, required=True, help="directory of OWNER+NAME/repo clones")
    parser.add_argument(
        "--scripts", type=Path, default=None, help="directory with bashbrew's jq-template.awk"
    )
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--image", action="append", choices=IMAGES)
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        beside(options, Path(directory))
        if options.growth:
            growth(options, Path(directory))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
