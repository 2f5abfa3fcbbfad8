FROM mcr.microsoft.com/windows/servercore:ltsc2022

# no progress bars: drawing them makes downloads many times slower (https://github.com/PowerShell/PowerShell/issues/2138)
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';"]

# Windows keeps PATH in its registry, where ENV cannot add to it (https://github.com/moby/moby/issues/30033)
RUN setx /M PATH ('C:\redis;{0}' -f $env:PATH)
# (this names no version, so it comes first: all versions share the layer)

# https://github.com/redis-windows/redis-windows/releases
ENV REDIS_VERSION=7.2.4
ENV REDIS_DOWNLOAD_URL=https://github.com/redis-windows/redis-windows/releases/download/7.2.4/Redis-7.2.4-Windows-x64-msys2.zip
ENV REDIS_DOWNLOAD_SHA=0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef

RUN Write-Host ('Downloading {0} ...' -f $env:REDIS_DOWNLOAD_URL); \
	[Net.ServicePointManager]::SecurityProtocol = [Net.SecurityProtocolType]::Tls12; \
	Invoke-WebRequest -Uri $env:REDIS_DOWNLOAD_URL -OutFile redis.zip -UseBasicParsing; \
	\
	Write-Host ('Verifying sha256 ({0}) ...' -f $env:REDIS_DOWNLOAD_SHA); \
	if ((Get-FileHash redis.zip -Algorithm sha256).Hash -ne $env:REDIS_DOWNLOAD_SHA) { \
		Write-Host 'FAILED!'; \
		exit 1; \
	}; \
	\
	Write-Host 'Expanding ...'; \
	Expand-Archive redis.zip -DestinationPath C:\; \
	Move-Item ('C:\Redis-{0}-Windows-x64-msys2' -f $env:REDIS_VERSION) C:\redis; \
	\
	Write-Host 'Verifying install ...'; \
	redis-cli --version; \
	if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }; \
	redis-server --version; \
	if ($LASTEXITCODE -ne 0) { exit $LASTEXITCODE }; \
	\
	Write-Host 'Removing ...'; \
	Remove-Item redis.zip -Force

# made by the user that runs the server, so that it may write there
RUN mkdir C:\data
VOLUME C:\\data
WORKDIR C:\\data

EXPOSE 6379
# protected mode guards a server that is on the open network by mistake; a container's port is only open
# where somebody publishes it, and then has to be reachable: off, as in the Linux image
# https://github.com/redis/redis/commit/edd4d555df57dc84265fdfb4ef59a4678832f6da
CMD ["redis-server", "--protected-mode", "no"]
