#!/usr/bin/env bash
# Installs what a build or a test of libasherah needs and what is missing.
#   setup.sh go-path prints the folder of the go command to use, once it is there
#   setup.sh build   Go >= 1.27, a C compiler, pkg-config
#   setup.sh demo    the above, python3 and .NET 10
#   setup.sh test    the above, valgrind, gdb, OpenSSL headers, clang-format, and the servers of the tests
# On Debian the packages come from the machine's own apt sources. Elsewhere the script lists what to install and stops.
set -euo pipefail

want=${1:-build}
apt_updated=

say() { printf 'setup: %s\n' "$*" >&2; }
have() { command -v "$1" >/dev/null 2>&1; }

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif have sudo; then sudo "$@"
	else say "needs root to run: $*"; exit 1
	fi
}

is_debian() { [ -r /etc/os-release ] && grep -Eq '^ID(_LIKE)?=.*debian' /etc/os-release && have apt-get; }

apt_install() {
	if ! is_debian; then
		say "missing: $*. Install these (Debian's names) with your package manager and run make again."
		exit 1
	fi
	if [ -z "$apt_updated" ]; then
		as_root apt-get -qq update >/dev/null 2>&1 || say "apt-get update reported an error, going on"
		apt_updated=1
	fi
	say "installing $*"
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

# The Go release of a go command is at least 1.27.
go_is_current() {
	local version
	version=$("$1" env GOVERSION 2>/dev/null) || return 1
	case $version in
	go1.2[789]* | go1.[3-9][0-9]* | go[2-9]*) return 0 ;;
	esac
	return 1
}

# The folder of a current go command, or nothing.
go_path() {
	if have go && go_is_current go; then
		dirname "$(command -v go)"
	elif [ -x /usr/lib/go-1.27/bin/go ]; then
		echo /usr/lib/go-1.27/bin
	fi
}

install_go() {
	[ -z "$(go_path)" ] || return 0
	if ! is_debian; then
		say "missing: Go 1.27 or newer. Install it from your distribution or from the Go project's site, put it on PATH and run make again."
		exit 1
	fi
	if ! apt-cache show golang-1.27-go >/dev/null 2>&1; then
		add_backports
	fi
	apt_install golang-1.27-go
	[ -x /usr/lib/go-1.27/bin/go ] || { say "golang-1.27-go was installed and /usr/lib/go-1.27/bin/go is not there"; exit 1; }
}

# Adds trixie-backports from the mirror the machine already uses, pinned so low that only the packages asked for by name
# and found nowhere else come from it.
add_backports() {
	local mirror keyring
	mirror=$(sed -n 's/^URIs:[[:space:]]*\([^[:space:]]*\).*/\1/p' /etc/apt/sources.list.d/*.sources 2>/dev/null | grep -v security | head -n 1)
	[ -n "$mirror" ] || mirror=$(sed -n 's/^deb[[:space:]]\(\[[^]]*\][[:space:]]*\)\{0,1\}\([^[:space:]]*\)[[:space:]].*/\2/p' /etc/apt/sources.list 2>/dev/null | grep -v security | head -n 1)
	[ -n "$mirror" ] || { say "no Debian mirror found in the apt sources: install Go 1.27 or newer by hand"; exit 1; }
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	printf 'Types: deb\nURIs: %s\nSuites: trixie-backports\nComponents: main\nSigned-By: %s\n' "$mirror" "$keyring" |
		as_root tee /etc/apt/sources.list.d/libasherah-backports.sources >/dev/null
	printf 'Package: *\nPin: release n=trixie-backports\nPin-Priority: 50\n\nPackage: golang-1.27*\nPin: release n=trixie-backports\nPin-Priority: 500\n' |
		as_root tee /etc/apt/preferences.d/libasherah-backports >/dev/null
	apt_updated=
	as_root apt-get -qq update >/dev/null 2>&1 || say "apt-get update reported an error, going on"
	apt_updated=1
}

if [ "$want" = go-path ]; then
	go_path
	exit
fi

need() { # command package
	if ! have "$1"; then missing+=("$2"); fi
}

missing=()
need gcc gcc
need pkg-config pkg-config
need objcopy binutils
need make make
[ -e /usr/include/stdlib.h ] || missing+=(libc6-dev)
if [ "$want" != build ]; then
	need python3 python3
fi
if [ "$want" = test ]; then
	need g++ g++
	need valgrind valgrind
	need gcore gdb
	need strace strace
	need clang-format clang-format
	need setpriv util-linux
	need node nodejs
	need npm npm
	need mariadbd mariadb-server
	need tsql freetds-bin
	need debootstrap debootstrap
	need script bsdutils
	need dpkg-buildpackage dpkg-dev
	need dh debhelper
	need fakeroot fakeroot
	need lintian lintian
	python3 -c 'import yaml' 2>/dev/null || missing+=(python3-yaml)
	# SqlClient, which the stand-in for SQL Server is held against, needs ICU, whose package has its version in the name.
	ls /usr/lib/*/libicuuc.so.* >/dev/null 2>&1 || missing+=("$(apt-cache search --names-only '^libicu[0-9]+$' | cut -d' ' -f1 | sort | tail -n 1)")
	# The headers and pg_regress are of the server's version; the server comes first, since its version is known then.
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || apt_install postgresql
	server=$(basename "$(ls -d /usr/lib/postgresql/*/ | sort -V | tail -n 1)")
	[ -e "/usr/lib/postgresql/$server/lib/pgxs/src/makefiles/pgxs.mk" ] || missing+=("postgresql-server-dev-$server")
	perl -MIPC::Run -e 1 2>/dev/null || missing+=(libipc-run-perl)
	[ -e /usr/include/openssl/evp.h ] || missing+=(libssl-dev)
	[ -e /usr/lib/debug/.build-id ] || [ -e /usr/share/doc/libc6-dbg ] || missing+=(libc6-dbg)
fi
[ ${#missing[@]} -eq 0 ] || apt_install "${missing[@]}"
install_go

# What npm installs goes below build/, anew when the folder it is listed in says something else.
install_npm() { # folder below build
	local from=$1 to=$2
	if [ -d "$to/node_modules" ] && cmp -s "$from/package-lock.json" "$to/package-lock.json"; then return 0; fi
	say "installing ${to#build/}"
	rm -rf "$to"
	mkdir -p "$to"
	cp "$from/package.json" "$from/package-lock.json" "$from/.npmrc" "$to"
	(cd "$to" && npm ci --silent)
}
if [ "$want" = test ]; then
	cd "$(dirname "${BASH_SOURCE[0]}")/.."
	install_npm tests/dynamodb build/dynalite
	install_npm tests/hessra/witness build/witness
fi

if [ "$want" != build ] && ! { have dotnet && dotnet --list-sdks 2>/dev/null | grep -q '^1[0-9]\.'; }; then
	say "missing: the .NET 10 SDK. Install it from your distribution (package dotnet-sdk-10.0) or from Microsoft, put dotnet on PATH and run make again."
	exit 1
fi

# Whether the packages of canonical Asherah's dependencies can be had decides what build/packages.props says; where they
# cannot, stand-ins of ours take their place, from a feed in build/feed.
choose_packages() {
	local output status=0 project=build/packages/Packages.csproj
	cd "$(dirname "${BASH_SOURCE[0]}")/.."
	[ ! -e build/packages.props ] || return 0
	mkdir -p build/packages
	cat >"$project" <<-'END'
		<Project Sdk="Microsoft.NET.Sdk">
		  <PropertyGroup>
		    <TargetFramework>netstandard2.0</TargetFramework>
		    <RestorePackagesPath>$(MSBuildProjectDirectory)/found</RestorePackagesPath>
		  </PropertyGroup>
		  <ItemGroup>
		    <PackageDownload Include="App.Metrics" Version="[4.3.0]" />
		    <PackageDownload Include="BouncyCastle.Cryptography" Version="[2.6.2]" />
		    <PackageDownload Include="LanguageExt.Core" Version="[4.4.9]" />
		  </ItemGroup>
		</Project>
	END
	output=$(dotnet restore "$project" -v quiet 2>&1) || status=$?
	if [ "$status" != 0 ] && ! grep -qE 'error NU110[123]' <<<"$output"; then
		say "the .NET packages cannot be had: $output"
		exit 1
	fi
	if [ "$status" != 0 ]; then
		say "stand-ins for packages that the sources of this machine do not have:" \
			$(grep -oE 'NU110[123]: [^.]*package [A-Za-z.]*' <<<"$output" | sed 's/.* //; s/\.$//' | sort -u)
		local stand_in
		for stand_in in App.Metrics BouncyCastle.Cryptography; do
			dotnet pack -v quiet -c Release "csharp/StandIns/$stand_in/$stand_in.csproj" >/dev/null
		done
	fi
	printf '<Project>\n  <PropertyGroup>\n    <AsherahStandIns>%s</AsherahStandIns>\n  </PropertyGroup>\n</Project>\n' \
		"$([ "$status" = 0 ] && echo false || echo true)" >build/packages.props
}
[ "$want" = build ] || choose_packages
