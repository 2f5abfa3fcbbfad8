#!/usr/bin/env bash
set -Eeuo pipefail

here="$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
"$here/versions.sh" "$@"
"$here/apply-templates.sh" "$@"
