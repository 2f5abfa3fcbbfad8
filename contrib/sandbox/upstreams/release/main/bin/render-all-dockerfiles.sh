#!/bin/bash
# All Dockerfiles of this branch from their templates.
set -e

if [ $# -eq 0 ]; then
    set -- --set custom_build false
fi

for distro in alpine debian; do
    echo "Rendering $distro/Dockerfile..."
    PYTHONPATH=release-automation/src "${PYTHON:-python3}" -m stackbrew_generator render-dockerfile \
        -t "$distro/Dockerfile.j2" \
        -j .redis.version.json \
        -o "$distro/Dockerfile" \
        "$@"
done
