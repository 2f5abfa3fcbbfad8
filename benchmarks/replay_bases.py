"""How many hand-made base commits `contrib base add` and `base drop` reproduce, byte for byte.

    python -m benchmarks.replay_bases IMAGE REPO add|drop RELEASE COMMIT [--kind KIND]

From the commit's parent; what differs is printed.
"""

from __future__ import annotations

import difflib

from benchmarks import measuring
from contrib.clients.git import Repository
from contrib.clients.libjq import Worker
from contrib.generate import bases
from contrib.upstream import render
from contrib.values.tree import OverlayTree


def main() -> int:
    parser = measuring.parser(__doc__)
    parser.add_argument("image")
    parser.add_argument("repository", help="the image's repository, a clone or URL")
    parser.add_argument("what", choices=["add", "drop"])
    parser.add_argument("release")
    parser.add_argument("commit")
    parser.add_argument("--kind", action="append", help="only such variants")
    parser.add_argument("--hold", default="", help="with drop: the reason that the scripts keep")
    options = parser.parse_args()
    profiles = render.load(options.image)
    with Repository.obtain(options.repository) as repository, Worker() as worker:
        info = repository.commit(repository.resolve(options.commit))
        parent, child = repository.tree(info.parents[0]), repository.tree(info.sha)
        change = getattr(bases, options.what)
        kinds = options.kind or ("windowsservercore", "nanoserver")
        more = {"hold": options.hold} if options.hold else {}
        campaign = change(
            parent,
            options.release,
            lambda tree: render.render_tree(profiles, tree, worker=worker),
            kinds=kinds,
            **more,
        )
        made = OverlayTree(parent, campaign.files)
        paths = sorted({*made.paths(), *child.paths()})
        wrong = [path for path in paths if made.read(path) != child.read(path)]
        for path in wrong:
            ours = (made.read(path) or b"").decode("utf-8", "replace").splitlines()
            theirs = (child.read(path) or b"").decode("utf-8", "replace").splitlines()
            print(
                "\n".join(
                    list(
                        difflib.unified_diff(ours, theirs, f"ours/{path}", f"theirs/{path}", lineterm="", n=1)
                    )[:12]
                )
            )
    verdict = "exact" if not wrong else f"{len(wrong)} files differ"
    print(f"{options.image} {options.commit[:9]} {info.subject}: {verdict}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
