#!/usr/bin/env bash
# Makes the archives and the Debian packages, installs them into a scratch root and looks at what is there: run.sh
# Prints "ok NAME" or "FAIL NAME" for each test. Root is not needed, but then dpkg's part runs under fakeroot.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../postgres/server.sh"
out=$root/build/packages
release=$(sed -n 's/^.define HESSRA_VERSION "\(.*\)"/\1/p' "$root/include/hessra.h")
failed=0 passed=0

check() { # name command...
	local name=$1
	shift
	if output=$("$@" 2>&1); then
		echo "ok packages: $name"
		passed=$((passed + 1))
	else
		echo "FAIL packages: $name: $(tail -n 5 <<<"$output" | tr '\n' ' ')"
		failed=$((failed + 1))
	fi
}

rm -rf "$out"
server_make || exit 2
PG_VERSIONS=$version bash "$root/packaging/package.sh" "$out" || { echo "FAIL packages: not made"; exit 1; }
architecture=$(dpkg --print-architecture)
libdir=usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)

check "Dockerfile and compose file" python3 "$here/docker.py" "$work/docker"

# Checksums, of all files but their own.
sums() {
	(cd "$1" && sha256sum --check --strict --quiet SHA256SUMS &&
		[ "$(find . -type f ! -name SHA256SUMS | wc -l)" = "$(wc -l <SHA256SUMS)" ])
}
check "checksums" sums "$out"
cp -r "$out" "$work/altered" && printf x >>"$work/altered/libhessra-$release-linux-$architecture.tar.gz"
altered() { ! sums "$work/altered"; }
check "checksums: an altered file is noticed" altered

# Licences, of these modules and of none that a tool of ours needs.
licences() { # file module...
	local file=$1 module
	shift
	for module; do grep -Eq "^== $module/(LICEN[CS]E|COPYING)" "$file" || { echo "none of $module"; return 1; }; done
	! grep -E '^== .*(gofumpt|honnef|golang.org/x/tools)' "$file"
}
# What section 4(d) of the Apache License asks for: the texts themselves, each under its name.
notices() { # file
	local notice
	for notice in aws-sdk-go-v2/NOTICE.txt smithy-go/NOTICE; do
		[ "$(awk -v begins="== github.com/aws/$notice" '/^== / { on = $0 == begins; next } on' "$1" | sed 1d)" = \
			"$(cat "$root/vendor/github.com/aws/$notice")" ] || return 1
	done
}
declare -A linked=([libasherah]="github.com/aws/smithy-go github.com/mattn/go-sqlite3" [libhessra]=github.com/BurntSushi/toml)

# The archives, unpacked anywhere.
mkdir "$work/unpacked"
for library in libasherah libhessra; do
	check "archive of $library" tar -xzf "$out/$library-$release-linux-$architecture.tar.gz" -C "$work/unpacked"
	tree=$work/unpacked/$library-$release-linux-$architecture
	name=${library#lib}
	printf '#include <%s.h>\n#include <stdio.h>\nint main(void) { return puts(%s_version()) < 0; }\n' "$name" "$name" \
		>"$work/version.c"
	link() {
		# shellcheck disable=SC2046
		gcc -o "$work/version" "$work/version.c" \
			$(PKG_CONFIG_PATH=$tree/lib/pkgconfig pkg-config --cflags --libs "$library")
	}
	prints() { [ "$(LD_LIBRARY_PATH=$tree/lib "$work/version")" = "$release" ]; }
	check "archive of $library: a program is linked" link
	check "archive of $library: and runs" prints
	# shellcheck disable=SC2086
	check "archive of $library: licences" licences "$tree/share/doc/$library/third-party-licences" \
		${linked[$library]} github.com/alecthomas/kong
	check "archive of $library: the tool" "$tree/bin/$name" --help
done

check "archive of libasherah: notices" \
	notices "$work/unpacked/libasherah-$release-linux-$architecture/share/doc/libasherah/third-party-licences"

# The packages: which, and what dpkg makes of them in a root of their own.
expected=("libasherah1" "libhessra1" "postgresql-$version-asherah-crypt" "postgresql-$version-hessra-authz")
names() { (cd "$out" && diff <(printf '%s\n' *.deb) <(printf "%s_${release}_$architecture.deb\n" "${expected[@]}")); }
check "names" names
scratch=$work/scratch
mkdir -p "$scratch/var/lib/dpkg/"{info,updates} "$scratch/var/log" && touch "$scratch/var/lib/dpkg/"{status,available}
fake=()
[ "$(id -u)" = 0 ] || fake=(fakeroot)
check "dpkg installs them" "${fake[@]}" dpkg --root="$scratch" --force-depends,not-root,bad-path -i "$out"/*.deb
files() { (cd "$scratch" && find usr -type f -not -path 'usr/share/doc/*' | LC_ALL=C sort); }
check "their files" diff <(files) - <<END
usr/lib/postgresql/$version/lib/asherah_crypt.so
usr/lib/postgresql/$version/lib/hessra_authz.so
$libdir/libasherah.so.1
$libdir/libhessra.so.1
usr/share/postgresql/$version/extension/asherah_crypt--0.1.0.sql
usr/share/postgresql/$version/extension/asherah_crypt.control
usr/share/postgresql/$version/extension/hessra_authz--0.1.0.sql
usr/share/postgresql/$version/extension/hessra_authz.control
END
check "nobody else can write them" \
	bash -c '[ -z "$(find "$1/usr" -perm /022 -not -type l)" ]' - "$scratch"
for library in libasherah libhessra; do
	gunzip "$scratch/usr/share/doc/${library}1/third-party-licences.gz" 2>/dev/null
	# shellcheck disable=SC2086
	check "package of $library: licences" licences "$scratch/usr/share/doc/${library}1/third-party-licences" ${linked[$library]}
done
check "package of libasherah: notices" notices "$scratch/usr/share/doc/libasherah1/third-party-licences"
check "templates" test -e "$scratch/usr/share/doc/postgresql-$version-hessra-authz/examples/wrapped.sql"
modules=$scratch/usr/lib/postgresql/$version/lib
check "the path of libhessra" grep -aq "/$libdir/libhessra.so.1" "$modules/hessra_authz.so"
check "the path of libasherah" grep -aq "/$libdir/libasherah.so.1" "$modules/asherah_crypt.so"
check "dependencies can be had" apt-get --simulate install "$out"/*.deb
guide() {
	grep -o '\./[a-z0-9_.-]*\.deb' "$root/docs/hessra-postgres.md" | while read -r file; do
		[ -e "$out/$file" ] || exit 1
	done
}
check "the guide has their names" guide
check "lintian" lintian --fail-on error,warning "$out"/*.deb

# A server with the files of the packages.
cp "$modules/"*.so "$("$PG_CONFIG" --pkglibdir)"
cp "$scratch/usr/share/postgresql/$version/extension/"* "$("$PG_CONFIG" --sharedir)/extension"
printf '{"public_key": "-----BEGIN PUBLIC KEY-----\\n%s\\n-----END PUBLIC KEY-----\\n"}' \
	"$(sed -n "s/.*set service_key '\(.*\)'/\1/p" "$root/postgres/hessra_authz/data/tokens.psql")" >"$work/hessra.json"
token=$(sed -n "s/.*set orders_select '\(.*\)'/\1/p" "$root/postgres/hessra_authz/data/tokens.psql")
server_start "hessra.library_path=$scratch/$libdir/libhessra.so.1" "hessra.config_path=$work/hessra.json" || exit 1
"$bin/psql" -Xqc 'CREATE EXTENSION hessra_authz'
judged() { [ "$("$bin/psql" -XqAtc "SELECT hessra_row_security('$1', 'orders', 'select')")" = "$2" ]; }
check "a server judges a good token" judged "$token" t
check "and one that is none" judged "x$token" f
check "and has asherah_crypt" "$bin/psql" -Xqc 'CREATE EXTENSION asherah_crypt'

echo "packages: $passed passed, $failed failed"
[ "$failed" = 0 ]
