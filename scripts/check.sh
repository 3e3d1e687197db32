#!/usr/bin/env bash
# Formatting and lint of everything that is ours. Says what to run where something is not as it should be.
set -uo pipefail

failed=0
fail() {
	echo "check: $*" >&2
	failed=1
}

mapfile -t go_files < <(git ls-files --cached --others --exclude-standard '*.go' ':!vendor')
mapfile -t c_files < <(git ls-files --cached --others --exclude-standard '*.c' '*.h' ':!vendor')

unformatted=$(go tool gofumpt -l "${go_files[@]}")
[ -z "$unformatted" ] || fail "run make fmt: gofumpt would change" $unformatted
go vet ./... || fail "go vet has complaints"
go tool staticcheck ./... || fail "staticcheck has complaints"
clang-format --dry-run -Werror "${c_files[@]}" || fail "run make fmt: clang-format would change C files"
# White space alone: rules of style and analyzers are part of every build.
dotnet format whitespace . --folder --verify-no-changes --include csharp/ examples/ tests/ --exclude vendor/ build/ ||
	fail "run make fmt: dotnet format would change C# files"
exit $failed
