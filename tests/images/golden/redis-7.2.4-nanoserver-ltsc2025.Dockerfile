FROM mcr.microsoft.com/windows/nanoserver:ltsc2025

SHELL ["cmd", "/S", "/C"]

# Windows keeps PATH in its registry, where ENV cannot add to it (https://github.com/moby/moby/issues/30033)
USER ContainerAdministrator
RUN setx /M PATH "C:\redis;%PATH%"
USER ContainerUser
# (this names no version, so it comes first: all versions share the layer)

# MSYS2's run-time library asks netapi32.dll for the account that it runs as; nanoserver has none (https://github.com/microsoft/Windows-Containers/issues/72)
COPY --from=redis:7.2.4-windowsservercore-ltsc2025 C:\\Windows\\System32\\netapi32.dll C:\\Windows\\System32\\

# https://github.com/redis-windows/redis-windows/releases
ENV REDIS_VERSION=7.2.4
ENV REDIS_DOWNLOAD_URL=https://github.com/redis-windows/redis-windows/releases/download/7.2.4/Redis-7.2.4-Windows-x64-msys2.zip
ENV REDIS_DOWNLOAD_SHA=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

COPY --from=redis:7.2.4-windowsservercore-ltsc2025 C:\\redis C:\\redis
RUN redis-cli --version && redis-server --version

# made by the user that runs the server, so that it may write there
RUN mkdir C:\data
VOLUME C:\\data
WORKDIR C:\\data

EXPOSE 6379
# protected mode guards a server that is on the open network by mistake; a container's port is only open
# where somebody publishes it, and then has to be reachable: off, as in the Linux image
# https://github.com/redis/redis/commit/edd4d555df57dc84265fdfb4ef59a4678832f6da
CMD ["redis-server", "--protected-mode", "no"]
