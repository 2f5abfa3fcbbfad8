"""The workflow that tries the variants on GitHub's Windows runners, in the contributor's own repository.

One job per runner; a variant that fails hides no other, since `contrib try` goes on and the record is uploaded
whatever the outcome. The inventories of the bases (what `contrib loads` resolves against) are an artifact of their own. It asks for no permission, takes its inputs through the environment, and pins its actions.
"""

from __future__ import annotations

import re

from contrib.values.errors import BadInput

#: Where it goes.
PATH = ".github/workflows/try-windows.yml"

#: Runner to the Windows release that it can run under process isolation.
RUNNERS = ("windows-2022", "windows-2025")

# Looked up 2026-11: the commits of the releases that the comments name.
_CHECKOUT = "actions/checkout@8e8c483db84b4bee98b60c0593521ed34d9990e8 # v6.0.1"
_UPLOAD = "actions/upload-artifact@330a01c490aca151604b8cf639adc76d48f6c5d4 # v5.0.0"

_TEXT = """\
# Made by `contrib try --workflow`. Builds the Windows variants of {image} and runs their checks. Put it into a repository
# of your own, start it by hand, and give the address of its run to `contrib pr {image} --evidence ADDRESS`. What it uploads
# as inventories is for `contrib loads --inventory FILE`.
name: Try the Windows variants

on:
  workflow_dispatch:
    inputs:
      repository:
        description: the repository that holds the Dockerfiles (OWNER/NAME), such as your fork
        required: true
        type: string
      ref:
        description: a commit, branch or tag of it
        required: true
        type: string
      image:
        description: the image
        default: {image}
        type: string

permissions: {{}}

jobs:
  try:
    strategy:
      # what fails on one release of Windows hides nothing of the other
      fail-fast: false
      matrix:
        runner: [{runners}]
    runs-on: ${{{{ matrix.runner }}}}
    timeout-minutes: 90
    env:
      # digests are of the bytes that git holds
      GIT_CONFIG_COUNT: 1
      GIT_CONFIG_KEY_0: core.autocrlf
      GIT_CONFIG_VALUE_0: "false"
    steps:
      - uses: {checkout}
        with:
          repository: ${{{{ inputs.repository }}}}
          ref: ${{{{ inputs.ref }}}}
          path: upstream
          persist-credentials: false
      - name: Install contrib
        shell: bash
        run: python -m pip install --quiet --disable-pip-version-check '{install}'
      - name: Build and run
        shell: bash
        env:
          IMAGE: ${{{{ inputs.image }}}}
          RUNNER_IMAGE: ${{{{ matrix.runner }}}}
        run: contrib try "$IMAGE" --upstream upstream --summary "$GITHUB_STEP_SUMMARY" --evidence "evidence-$RUNNER_IMAGE.json"
      - name: Keep the record
        if: ${{{{ !cancelled() }}}}
        uses: {upload}
        with:
          name: evidence-${{{{ matrix.runner }}}}
          path: evidence-*.json
          if-no-files-found: error
      - name: Make the inventories of the bases
        if: ${{{{ !cancelled() }}}}
        shell: bash
        env:
          RUNNER_IMAGE: ${{{{ matrix.runner }}}}
        run: contrib loads --inventory-of "evidence-$RUNNER_IMAGE.json" -o inventories
      - name: Keep the inventories
        if: ${{{{ !cancelled() }}}}
        uses: {upload}
        with:
          name: inventories-${{{{ matrix.runner }}}}
          path: inventories/*.inventory
          if-no-files-found: warn
"""


def workflow(image: str, install: str) -> str:
    """The workflow's text.

    :param install: what pip installs in it.
    :raises BadInput: that cannot be written into it.
    """
    if not re.fullmatch(r"[A-Za-z0-9._+:/@=<>~!\[\],#&% -]+", install):
        raise BadInput(f"{install!r} is not something that pip installs")
    return _TEXT.format(
        image=image,
        install=install,
        runners=", ".join(RUNNERS),
        checkout=_CHECKOUT,
        upload=_UPLOAD,
    )
