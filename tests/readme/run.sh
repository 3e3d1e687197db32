#!/usr/bin/env bash
# Builds and runs the programs of README.md as a newcomer has them, against what is installed.
#   run.sh PREFIX FEED    PREFIX is where `make install` has put library, header and pkg-config file, FEED where
#                         `make nupkg` has put the packages for .NET
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
prefix=$(realpath "${1:?usage: run.sh PREFIX FEED}")
feed=$(realpath "${2:?usage: run.sh PREFIX FEED}")
out=$root/build/readme
rm -rf "$out/run" "$out/nuget" "$out/bin" "$out/csharp"
mkdir -p "$out/run" "$out/csharp"

# Prints the first code block of a language.
block() { sed -n "/^\`\`\`$1\$/,/^\`\`\`\$/p" "$root/README.md" | sed '1d;/^```$/,$d'; }
passed=0
holds() { # name, expected pattern, output
	if ! grep -Eq "$2" <<<"$3"; then
		echo "FAIL $1: printed: $3"
		exit 1
	fi
	echo "ok $1"
	passed=$((passed + 1))
}

export PKG_CONFIG_PATH=$prefix/lib/pkgconfig
block c >"$out/program.c"
# shellcheck disable=SC2046
gcc -Wall -Wextra -Werror -o "$out/program" "$out/program.c" $(pkg-config --cflags --libs libasherah)
holds "readme: C" '^\{"Key":\{"Created":[0-9]+,"Key":"[^"]{80}","ParentKeyMeta":\{"KeyId":"_IK_user-1001_billing_shop","Created":[0-9]+\}\},"Data":"[^"]+"\}$' \
	"$(cd "$out/run" && LD_LIBRARY_PATH=$prefix/lib "$out/program")"

# The library in the package is under licences that go with it.
licences=$(python3 -c 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("third-party-licences").decode())' \
	"$feed"/GoDaddy.Asherah.PlatformNative.[0-9]*.nupkg)
for text in LICENSE NOTICE; do
	holds "readme: the package has the $text of smithy-go" "^== github.com/aws/smithy-go/$text\$" "$licences"
done
holds "readme: and what the notice says" "^$(head -n 1 "$root/vendor/github.com/aws/smithy-go/NOTICE")\$" "$licences"

# The package folder is the test's own: another build may have left packages of the same version in that of the user.
version=$(basename "$feed"/GoDaddy.Asherah.AppEncryption.[0-9]*.nupkg | sed 's/.*AppEncryption\.\(.*\)\.nupkg/\1/')
cat >"$out/csharp/Readme.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <RestorePackagesPath>$out/nuget</RestorePackagesPath>
    <RestoreFallbackFolders>$root/build/nuget</RestoreFallbackFolders>
    <RestoreAdditionalProjectSources>$feed;$root/build/feed</RestoreAdditionalProjectSources>
    <NoWarn>NU1603</NoWarn>
  </PropertyGroup>
  <ItemGroup>
    <PackageReference Include="GoDaddy.Asherah.AppEncryption" Version="$version" />
  </ItemGroup>
</Project>
PROJECT
{
	block csharp
	printf 'Console.WriteLine(Encoding.UTF8.GetString(plaintext));\n'
} >"$out/csharp/Program.cs"
dotnet build -v quiet -c Release -o "$out/bin" "$out/csharp/Readme.csproj" >"$out/build.log" || {
	tail -n 20 "$out/build.log"
	echo "FAIL readme: C# does not build"
	exit 1
}
holds "readme: C#, with the key store of the C program" '^secret$' \
	"$(cd "$out/run" && dotnet exec "$out/bin/Readme.dll")"
echo "$passed passed, 0 failed"
