#!/usr/bin/env bash
# Runs a command as root in another system, with the kernel's file systems there and folders of this one:
#   enter.sh ROOT [HERE:THERE[:ro]]... COMMAND...
# What it mounts is in a mount namespace of its own, so that nothing remains mounted whatever happens to the command.
set -euo pipefail

root=$1
shift
if [ "${ENTERED:-}" != "$root" ]; then
	exec env ENTERED="$root" unshare --mount --pid --fork --kill-child --propagation private "$0" "$root" "$@"
fi
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777,size=4g tmpfs "$root/dev/shm"
while [[ $1 == /*:/* ]]; do
	IFS=: read -r from there mode <<<"$1"
	mkdir -p "$root$there"
	mount --bind "$from" "$root$there"
	[ "$mode" != ro ] || mount -o remount,bind,ro "$root$there"
	shift
done
cp /etc/resolv.conf "$root/etc/resolv.conf" 2>/dev/null || true
exec chroot "$root" /usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 "$@"
