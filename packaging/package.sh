#!/usr/bin/env bash
# Makes what is given away: archives of the libraries, Debian packages of libraries and extensions, and their checksums.
#   package.sh FOLDER    an empty or absent folder
#   PG_VERSIONS          of PostgreSQL; by default each whose headers are installed
# `make build` has run. The files are taken as they are in the folder of the project, committed or not.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
out=$(realpath -m "${1:?usage: package.sh FOLDER}")
version=$(sed -n 's/^.define ASHERAH_VERSION "\(.*\)"/\1/p' "$root/include/asherah.h")
architecture=$(dpkg --print-architecture)
PATH="$(bash "$root/scripts/setup.sh" go-path):$PATH"
# The same files give the same archives.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct)}
stage=$root/build/package
rm -rf "$stage"
mkdir -p "$stage" "$out"
[ -z "$(ls -A "$out")" ] || { echo "package: $out is not empty" >&2; exit 2; }

# A tree like that of /usr/local, for one library: its name, and the files of `make install` that are its own.
archive() { # library tool header
	local name=$1-$version-linux-$architecture tree=$stage/$1-$version-linux-$architecture
	mkdir -p "$tree/bin" "$tree/include" "$tree/lib/pkgconfig" "$tree/share/doc/$1"
	(cd "$stage/installed" && cp -P "bin/$2" "$tree/bin" && cp -P "include/$3" "$tree/include" &&
		cp -P lib/"$1".* "$tree/lib" && cp "lib/pkgconfig/$1.pc" "$tree/lib/pkgconfig")
	# The tree may be unpacked anywhere.
	sed -i 's|^prefix=.*|prefix=${pcfiledir}/../..|' "$tree/lib/pkgconfig/$1.pc"
	cp "$root/LICENSE" "$root/CHANGELOG.md" "$tree/share/doc/$1"
	bash "$root/packaging/licences.sh" "./cmd/$2-ffi" "./cmd/$2" >"$tree/share/doc/$1/third-party-licences"
	tar -C "$stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" -cf - "$name" |
		gzip -n >"$out/$name.tar.gz"
}

make -s -C "$root" install PREFIX="$stage/installed"
archive libasherah asherah asherah.h
archive libhessra hessra hessra.h

# Debian wants its folder at the top of a source tree of its own.
source=$stage/libasherah-$version
mkdir -p "$source"
(cd "$root" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp -P --parents -t "$source")
cp -r "$root/packaging/debian" "$source/debian"
# They are newer than the copied sources, so that they are not built again.
mkdir "$source/build"
cp "$root"/build/lib{asherah,hessra}.so.1 "$source/build"
(
	cd "$source"
	read -ra versions <<<"${PG_VERSIONS:-$(ls -d /usr/lib/postgresql/*/lib/pgxs | cut -d/ -f5 | sort -V | tr '\n' ' ')}"
	[ ${#versions[@]} -gt 0 ] || {
		echo "package: no headers of a PostgreSQL server: install postgresql-server-dev-<version>" >&2
		exit 1
	}
	{
		for v in "${versions[@]}"; do echo " postgresql-server-dev-$v,"; done >"$stage/build-depends"
		sed -e "/^@build-depends@$/{r $stage/build-depends" -e 'd}' debian/control.in
		for v in "${versions[@]}"; do sed "s/@version@/$v/g" debian/control.postgresql.in; done
	} >debian/control
	rm debian/control.in debian/control.postgresql.in
	GOCACHE=$(go env GOCACHE) dpkg-buildpackage --build=binary --unsigned-changes >"$stage/log" 2>&1 || {
		tail -n 30 "$stage/log" >&2
		exit 1
	}
)
mv "$stage"/*.deb "$out"
(cd "$out" && sha256sum -- * >SHA256SUMS)
