#!/usr/bin/env bash

globalTests+=(
	utc
	no-hard-coded-passwords
	override-cmd
)

imageTests+=(
	[debian]='
		debian-apt-get
	'
	[redis]='
		redis-basics
		redis-basics-tls
		redis-basics-config
		redis-basics-persistent
	'
)

globalExcludeTests+=(
	# there is no /etc and no TZ on Windows
	[:nanoserver_no-hard-coded-passwords]=1
	[:nanoserver_utc]=1
	[:windowsservercore_no-hard-coded-passwords]=1
	[:windowsservercore_utc]=1
)
