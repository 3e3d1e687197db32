#!/usr/bin/env bash
# Builds and runs the programs of README.md: the C one against an installed library, the C# one against the projects.
#   run.sh LIBRARY PREFIX    PREFIX is where `make install` has put library, header and pkg-config file
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
library=$(realpath "${1:?usage: run.sh LIBRARY PREFIX}")
prefix=$(realpath "${2:?usage: run.sh LIBRARY PREFIX}")
out=$root/build/readme
rm -rf "$out/run"
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

cat >"$out/csharp/Readme.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
  <ItemGroup>
    <ProjectReference Include="$root/csharp/AppEncryption/AppEncryption.csproj" />
  </ItemGroup>
</Project>
PROJECT
{
	printf 'using System.Text;\nusing GoDaddy.Asherah.AppEncryption;\n\n'
	block csharp
	printf 'Console.WriteLine(Encoding.UTF8.GetString(plaintext));\n'
} >"$out/csharp/Program.cs"
dotnet build -v quiet -c Release -o "$out/bin" "$out/csharp/Readme.csproj" >"$out/build.log" || {
	tail -n 20 "$out/build.log"
	echo "FAIL readme: C# does not build"
	exit 1
}
holds "readme: C#, with the key store of the C program" '^secret$' \
	"$(cd "$out/run" && ASHERAH_NATIVE_LIBRARY=$library dotnet exec "$out/bin/Readme.dll")"
echo "$passed passed, 0 failed"
