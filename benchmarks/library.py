"""``contrib library`` beside its peers, in one run: time, memory, growth.

    python -m benchmarks.library OFFICIAL_IMAGES CLONES [--rounds 7]

OFFICIAL_IMAGES is a checkout of official-images, CLONES a directory of bare clones with
``docker-library+golang/repo``. Whole processes, taken in turn, so that whatever else the machine does falls on
all alike; the least and the median of the rounds, and of the processor's time too. Needs a bashbrew on PATH;
jq and bash for the scripts; python-debian, where it is installed, is put beside the hand-made reader.
"""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks import measuring
from benchmarks.naughty import SCRIPTS, Scripts
from contrib.library import cat, parse
from contrib.library.reader import read
from contrib.library.source import Source
from contrib.rules.library.form.reading import read_on


class Timed:
    """Rounds of some commands, in turn."""

    def __init__(
        self, commands: Mapping[str, Sequence[str]], rounds: int, env: Mapping[str, str], cwd: Path
    ) -> None:
        self.runs = measuring.in_turn(commands, rounds, cwd=cwd, env=env)
        self.memory = {name: measuring.peak(each, cwd=cwd, env=env) for name, each in commands.items()}

    def _of(self, name: str) -> tuple[list[float], float, float]:
        wall = [run.seconds for run in self.runs[name]]
        return wall, statistics.median(wall), statistics.median(run.cpu for run in self.runs[name])

    def table(self, names: Sequence[str], against: str) -> None:
        _, base_wall, base_cpu = self._of(against)
        for name in names:
            wall, median, cpu = self._of(name)
            print(
                f"  {name:38} {min(wall) * 1000:8.1f} {median * 1000:8.1f} ms wall"
                f" {cpu * 1000:8.1f} ms cpu {self.memory[name]:6.0f} MiB"
                f"   x{median / base_wall:.2f} wall x{cpu / base_cpu:.2f} cpu"
            )


def readers(files: Mapping[str, bytes]) -> None:
    """The hand-made reader beside python-debian's, in one process."""
    print(
        f"reading {len(files)} files, {sum(map(len, files.values())) / 1000:.0f} KB, in one process (best of 5)"
    )
    rows = {
        "paragraphs, ours": measuring.best(lambda: [Source(data) for data in files.values()]),
        "read and checked, ours": measuring.best(lambda: [read(data) for data in files.values()]),
        "read, checked and printed, ours": measuring.best(
            lambda: [cat(parse(data)) for data in files.values()]
        ),
        "surveyed to the end, ours": measuring.best(lambda: [read_on(data) for data in files.values()]),
    }
    try:
        from debian.deb822 import Deb822
    except ImportError:
        print("  python-debian is not installed")
    else:
        rows["paragraphs, python-debian"] = measuring.best(
            lambda: [
                list(Deb822.iter_paragraphs(data.splitlines(), use_apt_pkg=False)) for data in files.values()
            ]
        )
        try:
            from debian._deb822_repro import parse_deb822_file
        except ImportError:
            pass
        else:
            rows["format-preserving, python-debian"] = measuring.best(
                lambda: [
                    parse_deb822_file(
                        data.decode().splitlines(keepends=True),
                        accept_files_with_error_tokens=True,
                        accept_files_with_duplicated_fields=True,
                    )
                    for data in files.values()
                ],
                rounds=1,
            )
    for name, seconds in rows.items():
        print(f"  {name:38} {seconds * 1000:8.1f} ms")


def main() -> None:
    """Run all of it."""
    parser = measuring.parser(__doc__)
    parser.add_argument("official_images", type=Path)
    parser.add_argument("clones", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    bashbrew = shutil.which("bashbrew")
    if bashbrew is None:
        sys.exit("no bashbrew on PATH")
    library = (options.official_images / "library").resolve()
    files = {path.name: path.read_bytes() for path in sorted(library.iterdir())}
    readers(files)
    here = Path(__file__).resolve().parents[1]
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("BASHBREW_", "CONTRIB_"))
    }
    env["PYTHONPATH"] = str(here)
    with tempfile.TemporaryDirectory() as folder:
        many = Path(folder) / "library"
        many.mkdir()
        for name, data in files.items():
            for number in range(10):
                (many / f"{name}-{number}").write_bytes(data)
        ours = [sys.executable, "-c", "from contrib.cli.start import main; main()"]
        click = [sys.executable, "-c", "from contrib.cli.main import main; main()"]
        for what, where in ((f"{len(files)} files", library), (f"{len(files) * 10} files", many)):
            commands: dict[str, Sequence[str]] = {}
            for name, arguments in (("cat --all", ["cat", "--all"]), ("list --all", ["list", "--all"])):
                commands[f"{name}, ours"] = [*ours, "library", *arguments, "--library", str(where)]
                commands[f"{name}, ours through click"] = [
                    *click,
                    "library",
                    *arguments,
                    "--library",
                    str(where),
                ]
                commands[f"{name}, bashbrew"] = [bashbrew, "--library", str(where), *arguments]
            timed = Timed(commands, options.rounds, env, Path(folder))
            for name in ("cat --all", "list --all"):
                print(f"{name}, {what} (least, median of {options.rounds})")
                timed.table([each for each in commands if each.startswith(name)], f"{name}, bashbrew")
            check = {
                "check --all": [
                    *click,
                    "library",
                    "check",
                    "--all",
                    "--library",
                    str(where),
                    "--fail-on",
                    "never",
                ]
            }
            scripts = Scripts(options.official_images, options.clones, Path(folder) / what.replace(" ", "-"))
            script_env = {**env, **scripts.env, "BASHBREW_LIBRARY": str(where)}
            check["naughty-sharedtags.sh --all"] = [
                "bash",
                str(scripts.top / "naughty-sharedtags.sh"),
                "--all",
            ]
            timed = Timed(check, max(options.rounds // 2, 1), script_env, scripts.top)
            print(f"check --all (rules of the text and of the other files), {what}")
            timed.table(list(check), "naughty-sharedtags.sh --all")
        clone = options.clones / "docker-library+golang" / "repo"
        scripts = Scripts(options.official_images, options.clones, Path(folder) / "golang")
        commands = {
            "check golang --upstream": [
                *click, "library", "check", "golang", "--library", str(library), "--upstream", str(clone.resolve())
            ],
            "from golang --upstream": [
                *click, "library", "from", "golang", "--library", str(library), "--upstream", str(clone.resolve())
            ],
            "from golang, bashbrew": [bashbrew, "from", "golang"],
            **{script: ["bash", str(scripts.top / script), "golang"] for script in SCRIPTS[:2]},
        }  # fmt: skip
        timed = Timed(
            commands,
            max(options.rounds // 2, 1),
            {**env, **scripts.env, "PYTHONPATH": str(here)},
            scripts.top,
        )
        print("golang, with its repository")
        timed.table(list(commands), SCRIPTS[0])


if __name__ == "__main__":
    main()
