# Everything is built into build/. The goals that people use have a comment with two hashes, which `make` prints.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/^.define ASHERAH_VERSION "\(.*\)"/\1/p' include/asherah.h)
# Part of every program that is linked with the library: it changes when the binary interface breaks, which it does not.
SONAME := libasherah.so.1

# Programs and tests are position-independent as libraries are, so that nothing is compiled twice. The race detector has
# none that are.
export GOFLAGS := -mod=vendor -trimpath -buildvcs=false -buildmode=pie
export GOTOOLCHAIN := local
export CGO_ENABLED := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

HESSRA_VERSION := $(shell sed -n 's/^.define HESSRA_VERSION "\(.*\)"/\1/p' include/hessra.h)
HESSRA_SONAME := libhessra.so.1

LIB := $(CURDIR)/build/libasherah.so
HESSRA_LIB := $(CURDIR)/build/libhessra.so
# Settings of the Go runtime that docs/host-safety.md explains; a library linked without them reports "degraded".
RUNTIME := -X runtime.godebugDefault=gcshrinkstackoff=1,asyncpreemptoff=1
# $(1) the symbols that leave the library, $(2) the name that programs linked with it look for
LINK = -Wl,--version-script=$(CURDIR)/$(1)/exports.map -Wl,-soname,$(2) -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now
# The go command of a recipe: what is on PATH if it is new enough, else what set-up installed.
WITH_GO = PATH="$$(bash scripts/setup.sh go-path):$$PATH"

DEBUG_LIB := $(CURDIR)/build/debug/libasherah.so
HESSRA_DEBUG := $(CURDIR)/build/debug/libhessra.so
CSHARP := $(shell find csharp examples/csharp \( -name bin -o -name obj \) -prune -o -type f -print)
SOURCES := $(shell find cmd internal include vendor -name '*_test.go' -prune -o -type f -print) go.mod

.PHONY: help
help: ## show the goals
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F'\t' '{ printf "  make %-20s %s\n", $$1, $$2 }'

.PHONY: setup-build setup-demo setup-test
setup-build:
	@bash scripts/setup.sh build
setup-demo:
	@bash scripts/setup.sh demo
setup-test:
	@bash scripts/setup.sh test

.PHONY: build
build: setup-build ## the libraries, build/libasherah.so and build/libhessra.so, and the tools, build/asherah and build/hessra
	@$(MAKE) --no-print-directory build/$(SONAME) build/$(HESSRA_SONAME) build/libhessra.a build/libasherah.pc build/libhessra.pc \
	  build/asherah build/hessra

# Builds $@ of the command $(1) and strips it.
define shared_library
	@mkdir -p build/debug
	$(WITH_GO) go build -buildmode=c-shared -ldflags "$(RUNTIME) -extldflags '$(call LINK,$(1),$(@F))'" -o build/debug/$(@F) ./$(1)
	@rm -f build/debug/*.h
	ln -sf $(@F) build/debug/$(@F:.so.1=.so)
	objcopy --only-keep-debug build/debug/$(@F) $@.debug
	objcopy --strip-unneeded --add-gnu-debuglink=$@.debug build/debug/$(@F) $@
	ln -sf $(@F) $(@:.so.1=.so)
endef

build/$(SONAME): $(SOURCES) Makefile
	$(call shared_library,cmd/asherah-ffi)

build/$(HESSRA_SONAME): $(SOURCES) Makefile
	$(call shared_library,cmd/hessra-ffi)

build/libhessra.a: $(SOURCES) Makefile
	$(WITH_GO) go build -buildmode=c-archive -ldflags "$(RUNTIME)" -o $@ ./cmd/hessra-ffi
	@rm -f build/libhessra.h

build/asherah: $(SOURCES) Makefile
	$(WITH_GO) go build -ldflags "-s -w -X main.version=$(VERSION)" -o $@ ./cmd/asherah

build/hessra: $(SOURCES) Makefile
	$(WITH_GO) go build -ldflags "-s -w -X main.version=$(HESSRA_VERSION)" -o $@ ./cmd/hessra

# $(1) a version
PC = sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$${prefix}/lib|; s|@includedir@|$${prefix}/include|; s|@version@|$(1)|'

build/libasherah.pc: cmd/asherah-ffi/libasherah.pc.in Makefile include/asherah.h
	$(call PC,$(VERSION)) $< > $@

build/libhessra.pc: cmd/hessra-ffi/libhessra.pc.in Makefile include/hessra.h
	$(call PC,$(HESSRA_VERSION)) $< > $@

build/demo/csharp/Demo.dll: $(CSHARP)
	dotnet build -v quiet -c Release examples/csharp/Demo.csproj -o build/demo/csharp

.PHONY: demo
demo: setup-demo build ## a C and a C# program that share records and keys in one SQLite file
	@$(MAKE) --no-print-directory build/demo/csharp/Demo.dll
	@bash examples/demo.sh $(LIB) include build/demo/csharp/Demo.dll build/demo/state

.PHONY: test
test: setup-test build ## the tests, but those that take longer
	@$(MAKE) --no-print-directory build/demo/csharp/Demo.dll
	$(WITH_GO) ASHERAH_LIB=$(LIB) go test -timeout 20m ./...
	$(WITH_GO) bash scripts/fuzz.sh 10
	$(WITH_GO) ASHERAH_LIB=$(LIB) ASHERAH_DEBUG=$(DEBUG_LIB) bash tests/capi/run.sh short
	$(WITH_GO) HESSRA_LIB=$(HESSRA_LIB) HESSRA_DEBUG=$(HESSRA_DEBUG) bash tests/hessra/run.sh short
	$(WITH_GO) HESSRA_LIB=$(HESSRA_LIB) ASHERAH_LIB=$(LIB) bash tests/postgres/run.sh short
	ASHERAH_LIB=$(LIB) bash tests/bindings/run.sh
	for tests in SecureMemory Crypto AppEncryption; do \
	  ASHERAH_NATIVE_LIBRARY=$(LIB) dotnet test -v quiet -c Release csharp/$$tests.Tests; \
	done
	ASHERAH_NATIVE_LIBRARY=$(LIB) dotnet test -v quiet -c Release csharp/PublicApi.Tests
	@$(MAKE) --no-print-directory install PREFIX=$(CURDIR)/build/install
	@$(MAKE) --no-print-directory nupkg
	bash tests/readme/run.sh build/install build/nupkg
	bash examples/demo.sh $(LIB) include build/demo/csharp/Demo.dll build/demo/test
	bash examples/demo.sh $(LIB) include build/demo/csharp/Demo.dll build/demo/test | grep "Records of an earlier run are here"
	$(WITH_GO) ASHERAH_LIB=$(LIB) bash tests/host/run.sh short
	@$(MAKE) --no-print-directory check

.PHONY: test-long
test-long: setup-test build ## longer storms, fuzzing, races and soak, and what make test leaves out
	$(WITH_GO) ASHERAH_LIB=$(LIB) ASHERAH_LONG=1 go test -race -buildmode=default -timeout 40m ./...
	$(WITH_GO) bash scripts/fuzz.sh 60
	$(WITH_GO) ASHERAH_LIB=$(LIB) ASHERAH_DEBUG=$(DEBUG_LIB) bash tests/capi/run.sh long cobhan memory
	$(WITH_GO) HESSRA_LIB=$(HESSRA_LIB) bash tests/hessra/run.sh long
	$(WITH_GO) HESSRA_LIB=$(HESSRA_LIB) ASHERAH_LIB=$(LIB) bash tests/postgres/run.sh long tap storm
	$(WITH_GO) bash tests/packages/run.sh
	ASHERAH_NATIVE_LIBRARY=$(LIB) ASHERAH_LONG=1 dotnet test -v quiet -c Release csharp/AppEncryption.Tests --filter FullyQualifiedName~DifferentialTests
	for tests in SecureMemory Crypto AppEncryption; do \
	  ASHERAH_NATIVE_LIBRARY=$(LIB) dotnet test -v quiet -c Release csharp/$$tests.Tests -p:AsherahAsset=netstandard2.0; \
	done
	ASHERAH_NATIVE_LIBRARY=$(LIB) dotnet test -v quiet -c Guards csharp/AppEncryption.Tests --filter FullyQualifiedName~Tests.Guards
	$(WITH_GO) ASHERAH_LIB=$(LIB) bash tests/host/run.sh soak

.PHONY: bench
bench: setup-test build ## speed as a ratio to OpenSSL doing the same; PEER=<library> measures another one beside
	@PEER=$(PEER) bash tests/bench/run.sh $(LIB)
	@echo && echo "Round trips to a database, for a cold partition and for a million encryptions with cached keys"
	@$(WITH_GO) go test -run '^$$' -bench 'Cold|Cached' ./internal/metastore/rdbms | grep '^Benchmark'

.PHONY: bench-hessra
bench-hessra: setup-test build ## libhessra as a ratio to OpenSSL verifying the same signatures
	$(WITH_GO) bash tests/hessra/bench/run.sh $(HESSRA_LIB)

.PHONY: bench-postgres
bench-postgres: setup-test build ## policies of hessra_authz as a ratio to ones of a constant function, and memory of both extensions
	HESSRA_LIB=$(HESSRA_LIB) ASHERAH_LIB=$(LIB) bash tests/postgres/bench.sh

.PHONY: test-postgres-matrix
test-postgres-matrix: setup-test ## the extensions on Debian 11 to 14, PostgreSQL 13 to 18, as root; SUITES=trixie:17 chooses
	bash tests/postgres/matrix.sh $(SUITES)

.PHONY: bench-dotnet
bench-dotnet: setup-test build ## nanoseconds and bytes allocated per call through the C# API
	dotnet build -v quiet -c Release csharp/Bench/Bench.csproj -o build/bench/csharp
	ASHERAH_NATIVE_LIBRARY=$(LIB) dotnet exec build/bench/csharp/Bench.dll

PACKAGES := $(patsubst csharp/PublicApi/PUBLIC_API.%.txt,%,$(wildcard csharp/PublicApi/PUBLIC_API.*.txt))
# $(1) a folder
PACK = rm -rf $(1); $(WITH_GO) bash packaging/licences.sh ./cmd/asherah-ffi > build/third-party-licences; \
for project in $(PACKAGES); do \
  dotnet pack -v quiet -c Release -p:AsherahNativeLibrary=$(LIB) -o $(1) csharp/$$project; \
done

.PHONY: nupkg
nupkg: setup-demo build ## the packages for .NET in build/nupkg; with stand-ins their version says so
	$(call PACK,build/nupkg)

.PHONY: publish
publish: setup-demo build ## the packages for .NET in build/publish; refuses a build made with stand-ins
	@if grep -q '<AsherahStandIns>true' build/packages.props; then \
	  echo "publish: this build has stand-ins for packages that its sources do not have; build where they can be had" >&2; \
	  exit 1; \
	fi
	$(call PACK,build/publish)

.PHONY: package
package: build ## archives of the libraries, Debian packages and their checksums in DEST (default build/release)
	bash packaging/package.sh $(or $(DEST),build/release)

.PHONY: fuzz
fuzz: setup-build ## every fuzz target for SECONDS_EACH (default 300)
	$(WITH_GO) bash scripts/fuzz.sh $(or $(SECONDS_EACH),300)

.PHONY: check
check: setup-test ## formatting and lint
	$(WITH_GO) bash scripts/check.sh

.PHONY: fmt
fmt: ## format everything
	$(WITH_GO) go tool gofumpt -w $$(git ls-files --cached --others --exclude-standard '*.go' ':!vendor')
	clang-format -i $$(git ls-files --cached --others --exclude-standard '*.c' '*.h' ':!vendor')
	dotnet format whitespace . --folder --include csharp/ examples/ tests/ --exclude vendor/ build/

.PHONY: install
install: build ## install libraries, headers, pkg-config files and tools below PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(PREFIX)/bin
	install -m 755 build/asherah build/hessra $(DESTDIR)$(PREFIX)/bin
	install -m 755 build/$(SONAME) build/$(HESSRA_SONAME) $(DESTDIR)$(PREFIX)/lib
	install -m 644 build/libhessra.a $(DESTDIR)$(PREFIX)/lib
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libasherah.so
	ln -sf $(HESSRA_SONAME) $(DESTDIR)$(PREFIX)/lib/libhessra.so
	install -m 644 include/asherah.h include/hessra.h $(DESTDIR)$(PREFIX)/include
	$(call PC,$(VERSION)) cmd/asherah-ffi/libasherah.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libasherah.pc
	$(call PC,$(HESSRA_VERSION)) cmd/hessra-ffi/libhessra.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libhessra.pc

.PHONY: clean
clean: ## remove what was built
	rm -rf build
	find csharp examples tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
