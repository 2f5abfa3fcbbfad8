"""`contrib generate --prove`: upstream's next release over a copy of what is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.cli.common import Terminal
    from contrib.cli.job import Job
    from contrib.generate.model import Generated
    from contrib.images.model import Port
    from contrib.upstream.layouts.base import Pin
    from contrib.upstream.prove import Judge, Proof
    from contrib.values.tree import Tree


def prove(job: Job, generated: Generated, port: Port, terminal: Terminal) -> Proof:
    """Run the proof and say each step; nothing of the person's is touched.

    :raises BadInput: official-images cannot be had, or the image's folder does not say how a release is made.
    :raises OutsideError: upstream's tools cannot run here.
    """
    from contrib.clients.contained import find
    from contrib.clients.git import Repository, split_spec
    from contrib.upstream.layouts.base import Pin
    from contrib.upstream.prove import prove as run

    wanted = {
        each.series.name: Pin(
            each.release.version.text, each.release.url, each.verified.sha256, each.variants
        )
        for each in generated.series
    }
    spec = job.options.official_images
    repository, ref = (
        split_spec(spec) if spec is not None else (job.image.official_images.repository.url, None)
    )
    try:
        official = Repository.obtain(repository, offline=job.options.offline)
    except BadInput as error:
        if spec is None:
            error.hint = (
                "name a copy of it: --official-images DIR (upstream's generator looks the parents up there)"
            )
        raise
    containment = find()
    if not containment.real:
        lifted = job.guards.stop(
            "uncontained-scripts",
            f"upstream's scripts would run {containment.sentence}",
            (
                "this system has no sandbox for them (bubblewrap, or Linux with user namespaces): read them first",
            ),
        )
        if not lifted:
            job.guards.settle("contrib generate --prove")
    terminal.say(f"proving on a copy: upstream's own scripts run {containment.sentence}")
    with official:
        tags = {name.removeprefix("refs/tags/"): sha for name, sha in job.upstream.refs("refs/tags/").items()}

        def commit_of(branch: str | None) -> str:
            if branch is None or branch == job.branch:
                return job.commit
            return job.branches.commit(branch)

        proof = run(
            job.layout(port),
            generated.branches,
            wanted,
            repository=job.upstream.git_dir,
            commit_of=commit_of,
            official_images=official.tree(official.resolve(ref or "HEAD")),
            port=port,
            tags=tags,
            containment=containment,
            judge=_judge(job, generated, port),
            say=terminal.say,
        )
    for step in proof.steps:
        if not step.ok:
            terminal.say(step.detail)
    for replaced in proof.replaced:
        terminal.debug(f"in the proof: {replaced}")
    return proof


def _judge(job: Job, generated: Generated, port: Port) -> Judge:
    """What is asked of the files that upstream's scripts have made: the review, our own writing, the library's rules."""
    from contrib.upstream.prove import Judge

    def files(tree: Tree, series: str, pin: Pin, linux: str | None) -> list[str]:
        from contrib.dockerfile import parse
        from contrib.rules.review import review
        from contrib.upstream.layouts import recognise
        from contrib.values.findings import Severity

        layout = job.layout(port)
        twin = tree.read(linux) if linux is not None else None
        problems = []
        for name in pin.variants:
            path = layout.dockerfile(series, name)
            data = tree.read(path)
            if data is None:
                continue  # that it is gone was said
            found = review(
                parse(data, path),
                path=path,
                twin=parse(twin, linux or "") if twin is not None else None,
                image=job.image,
            )
            problems += [
                f"{path}:{each.line}: {each.message} ({each.rule})"
                for each in found
                if each.severity is Severity.ERROR and each.accepted is None
            ]
        if not generated.branched and generated.speak is not None:
            now = recognise(job.image, tree, port=port)
            for change in (
                each for branch in now.changes({series: pin}, generated.speak) for each in branch.files
            ):
                if change.path.endswith("/Dockerfile") and tree.read(change.path) != change.content:
                    problems.append(
                        f"{change.path} is not as it would be written anew: {_first_difference(tree.read(change.path), change.content)}"
                    )
        return problems

    def library(before: bytes, after: bytes) -> list[str]:
        from contrib.rules.library.context import LibraryContext
        from contrib.rules.library.form.reading import read_on
        from contrib.rules.library.run import check
        from contrib.values.findings import Severity

        name = job.image.official_images.manifest
        old = read_on(before, name)
        known = {(each.rule, each.message) for each in check(LibraryContext(old)).findings}
        return [
            f"{name}:{each.line}: {each.message} ({each.rule})"
            for each in check(LibraryContext(read_on(after, name), previous=old)).findings
            if each.severity is Severity.ERROR and (each.rule, each.message) not in known
        ]

    return Judge(files, library)


def _first_difference(there: bytes | None, wanted: bytes | None) -> str:
    """The first line that differs, as it is and as it should be."""
    lines = zip((there or b"").splitlines(), (wanted or b"").splitlines(), strict=False)
    pair = next(((a, b) for a, b in lines if a != b), None)
    if pair is None:
        return "it has another number of lines"
    mine, ours = (each.decode("utf-8", "replace")[:120] for each in pair)
    return f"it says {mine!r} in place of {ours!r}"
