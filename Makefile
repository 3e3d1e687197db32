# Everything is built into build/. The goals that people use have a comment with two hashes, which `make` prints.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/^.define ASHERAH_VERSION "\(.*\)"/\1/p' include/asherah.h)
SONAME := libasherah.so.$(shell sed -n 's/^.define ASHERAH_ABI_VERSION \([0-9]*\).*/\1/p' include/asherah.h)

export GOFLAGS := -mod=vendor -trimpath -buildvcs=false
export GOTOOLCHAIN := local
export CGO_ENABLED := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

LIB := $(CURDIR)/build/libasherah.so
# Settings of the Go runtime that docs/host-safety.md explains; a library linked without them reports "degraded".
RUNTIME := -X runtime.godebugDefault=gcshrinkstackoff=1,asyncpreemptoff=1
LINK := -Wl,--version-script=$(CURDIR)/cmd/asherah-ffi/exports.map -Wl,-soname,$(SONAME) -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now
# The go command of a recipe: what is on PATH if it is new enough, else what set-up installed.
WITH_GO = PATH="$$(bash scripts/setup.sh go-path):$$PATH"

SOURCES := $(shell find cmd internal include vendor -name '*_test.go' -prune -o -type f -print) go.mod

.PHONY: help
help: ## show the goals
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' $(MAKEFILE_LIST) | awk -F'\t' '{ printf "  make %-12s %s\n", $$1, $$2 }'

.PHONY: setup-build setup-test
setup-build:
	@bash scripts/setup.sh build
setup-test:
	@bash scripts/setup.sh test

.PHONY: build
build: setup-build ## the library: build/libasherah.so and build/libasherah.pc
	@$(MAKE) --no-print-directory build/$(SONAME) build/libasherah.pc

build/$(SONAME): $(SOURCES) Makefile
	@mkdir -p build
	$(WITH_GO) go build -buildmode=c-shared -ldflags "$(RUNTIME) -extldflags '$(LINK)'" -o build/whole.so ./cmd/asherah-ffi
	objcopy --only-keep-debug build/whole.so build/$(SONAME).debug
	objcopy --strip-unneeded --add-gnu-debuglink=build/$(SONAME).debug build/whole.so $@
	@rm -f build/whole.so build/whole.h
	ln -sf $(SONAME) build/libasherah.so

build/libasherah.pc: cmd/asherah-ffi/libasherah.pc.in Makefile include/asherah.h
	sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$${prefix}/lib|; s|@includedir@|$${prefix}/include|; s|@version@|$(VERSION)|' $< > $@

.PHONY: install
install: build ## install library, header and pkg-config file below PREFIX (default /usr/local)
	install -d $(DESTDIR)$(PREFIX)/lib/pkgconfig $(DESTDIR)$(PREFIX)/include
	install -m 755 build/$(SONAME) $(DESTDIR)$(PREFIX)/lib/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(PREFIX)/lib/libasherah.so
	install -m 644 include/asherah.h $(DESTDIR)$(PREFIX)/include/asherah.h
	sed -e 's|@prefix@|$(PREFIX)|; s|@libdir@|$${prefix}/lib|; s|@includedir@|$${prefix}/include|; s|@version@|$(VERSION)|' \
	  cmd/asherah-ffi/libasherah.pc.in > $(DESTDIR)$(PREFIX)/lib/pkgconfig/libasherah.pc

.PHONY: clean
clean: ## remove what was built
	rm -rf build
	find csharp examples tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
