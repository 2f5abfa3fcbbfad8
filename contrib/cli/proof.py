"""`contrib generate --prove`: upstream's next release over a copy of what is generated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contrib.values.errors import BadInput

if TYPE_CHECKING:
    from contrib.cli.common import Terminal
    from contrib.cli.job import Job
    from contrib.generate.model import Generated
    from contrib.images.model import Port
    from contrib.upstream.prove import Proof


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
            say=terminal.say,
        )
    for step in proof.steps:
        if not step.ok:
            terminal.say(step.detail)
    for replaced in proof.replaced:
        terminal.debug(f"in the proof: {replaced}")
    return proof
