#!/usr/bin/env bash
# Makes a Debian system below a folder with the PostgreSQL that its suite has, its headers and a C compiler:
#   chroot.sh SUITE VERSION FOLDER
# Needs root, debootstrap, and a mirror, which is that of the machine's own apt sources. A finished one is left as it is.
set -euo pipefail

suite=$1 version=$2 to=$3
[ ! -e "$to/.complete" ] || exit 0
here=$(cd "$(dirname "$0")" && pwd)

mirror=$(sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v security | head -n 1)
[ -n "$mirror" ] || mirror=$(sed -n 's/^deb[[:space:]]\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\)[[:space:]].*/\2/p' /etc/apt/sources.list 2>/dev/null | grep -v security | head -n 1)
[ -n "$mirror" ] || { echo "chroot: no Debian mirror found in the apt sources" >&2; exit 2; }

# A suite that is newer than this machine's debootstrap is made as the newest that it knows.
script=/usr/share/debootstrap/scripts/$suite
[ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

rm -rf "$to"
mkdir -p "$to"
debootstrap --variant=minbase --keyring="$keyring" "$suite" "$to" "$mirror" "$script" >"$to.log" 2>&1 ||
	{ echo "chroot: $suite cannot be had of $mirror: $(tail -n 1 "$to.log")" >&2; exit 2; }

# A mirror that has stood still for a while has suites that say they are too old.
echo 'Acquire::Check-Valid-Until "false";' >"$to/etc/apt/apt.conf.d/mirror"

# No server is started by installing it, and none is set up: the tests make their own.
printf '#!/bin/sh\nexit 101\n' >"$to/usr/sbin/policy-rc.d"
chmod 755 "$to/usr/sbin/policy-rc.d"
mkdir -p "$to/etc/postgresql-common"
echo 'create_main_cluster = false' >"$to/etc/postgresql-common/createcluster.conf"
"$here/enter.sh" "$to" env DEBIAN_FRONTEND=noninteractive bash -ec "
	apt-get -qq update
	apt-get -qq install -y --no-install-recommends gcc libc6-dev make pkg-config binutils python3 util-linux \
		libipc-run-perl postgresql-$version postgresql-server-dev-$version
	apt-get clean" >>"$to.log" 2>&1 ||
	{ echo "chroot: $suite has no PostgreSQL $version: $(grep -E '^E:' "$to.log" | tail -n 1)" >&2; exit 2; }
touch "$to/.complete"
