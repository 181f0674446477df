# Every command of the project. `make` prints them; CI calls only these.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The machine's Node may be too old for the web tools: npm brings the one that builds.
NODE_PATH_PREFIX := $(CURDIR)/web/node_modules/node/bin
WITH_NODE := PATH="$(NODE_PATH_PREFIX):$$PATH"
DATA ?= $(CURDIR)/data
CONFIG ?=

WEB_SOURCES := $(shell find web/src web/public -type f 2>/dev/null) $(wildcard web/*.ts web/*.html web/tsconfig*.json)

.PHONY: help
help: ## Print the commands
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: run
run: build ## Build all and start Convoke at http://localhost:8080, with its data under ./data
	@exec target/release/convoke serve --data-dir "$(DATA)" $(if $(CONFIG),--config "$(CONFIG)")

.PHONY: dev
dev: build-debug ## Run a debug server at :8080 and the web UI with hot reload at :5173
	trap 'kill 0' EXIT; target/debug/convoke serve --data-dir "$(DATA)" & cd web && $(WITH_NODE) npm run dev

.PHONY: seed
seed: build-debug web/e2e/node_modules/.installed ## Fill an empty ./data with an administrator, two users and three rooms
	$(WITH_NODE) CONVOKE_BIN="$(CURDIR)/target/debug/convoke" node web/e2e/seed.ts "$(DATA)"

.PHONY: build
build: web/dist/index.html ## Build the web UI and the binary (target/release/convoke)
	cargo build --release --locked --bin convoke

.PHONY: build-debug
build-debug: web/dist/index.html ## Build the web UI and a debug binary (target/debug/convoke)
	cargo build --locked --bin convoke

.PHONY: release
release: web/dist/index.html ## Build the binary as it ships: link-time optimised and stripped
	cargo build --profile dist --locked --bin convoke
	@ls -l target/dist/convoke

# Where packages go, and the binary that goes into them; without one the release is built.
PACKAGES ?= target/package
BIN ?=

.PHONY: package
package: $(if $(BIN),,release) ## Build a Debian package and a tar file of the release, or of BIN=path (amd64 or arm64, as that is)
	bin/package/build "$(or $(BIN),target/dist/convoke)" "$(PACKAGES)"

TARGET ?= x86_64-unknown-linux-musl

.PHONY: package-portable
package-portable: web/dist/index.html ## Packages of a static or old-glibc binary: TARGET=x86_64-unknown-linux-musl, aarch64-…-musl, …-gnu.2.28 (needs zig, cargo-zigbuild)
	@command -v cargo-zigbuild >/dev/null || { echo "cargo-zigbuild is missing: cargo install cargo-zigbuild --locked, and zig"; exit 1; }
	rustup target add $(firstword $(subst ., ,$(TARGET)))
	cargo zigbuild --profile dist --locked --bin convoke --target $(TARGET)
	cargo build --locked --bin convoke
	HOST_BINARY=target/debug/convoke bin/package/build target/$(firstword $(subst ., ,$(TARGET)))/dist/convoke "$(PACKAGES)"

# `npm ci` refuses a lock file that lacks optional packages of other platforms; `install --no-save` keeps to it as well.
NPM_INSTALL := npm install --no-save --no-audit --no-fund --loglevel=error

web/node_modules/.installed: web/package.json web/package-lock.json
	cd web && $(NPM_INSTALL)
	@touch $@

web/e2e/node_modules/.installed: web/e2e/package.json web/e2e/package-lock.json
	cd web/e2e && $(NPM_INSTALL)
	@touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	cd web && $(WITH_NODE) npm run build
	@touch $@

.PHONY: setup
setup: ## Install what the tests need and is missing (Debian packages, cargo-deny)
	.ci/install

.PHONY: test
test: setup check test-rust test-postgres test-web test-programs e2e ## Everything: format, lints, Rust, web and browser tests

AS_NEW ?= make setup check

.PHONY: test-as-new
test-as-new: ## The install and check steps (or AS_NEW='…') in a fresh clone with empty package caches
	.ci/as-new-machine $(AS_NEW)

target/deploy/.installed: .ci/requirements.txt
	python3 -m venv target/deploy
	target/deploy/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

.PHONY: check-deploy
check-deploy: target/deploy/.installed ## The Kubernetes manifests against Kubernetes' schema, the compose files against what they name
	target/deploy/bin/python .ci/check-deploy docs/deploy

.PHONY: check
check: check-deploy web/node_modules/.installed web/e2e/node_modules/.installed web/dist/index.html ## Formatting and lints of Rust, web and browser tests
	.ci/check-docs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	@# cargo-deny reads the crates of every target, also of those that no build here ever needed.
	cargo fetch --locked
	cargo deny --offline check bans licenses sources
	.ci/check-advisories
	cargo machete
	cd web && $(WITH_NODE) npm run check
	cd web/e2e && $(WITH_NODE) npm run check

# Cargo chooses the features of a dependency by what is built together: one `-p`, or the binary alone, compiles hundreds of
# crates anew. All tests therefore select the whole workspace and narrow by target.
.PHONY: build-tests
build-tests: web/dist/index.html ## Build all Rust tests, and the debug binary that the other suites drive
	cargo test --workspace --locked --no-run

.PHONY: test-rust
test-rust: build-tests ## Rust tests
	CONVOKE_BIN=$(CURDIR)/target/debug/convoke cargo test --workspace --locked --no-fail-fast

.PHONY: test-postgres
test-postgres: build-tests ## The platform's store tests, and two servers, on a throw-away PostgreSQL
	.ci/with-postgres cargo test --workspace --lib --test replicas --locked --no-fail-fast

# Each of them waits for most of its time.
.PHONY: test-programs
test-programs: build-tests ## What programs judge: the official SDKs, livekit-agents, Schemathesis; and the Debian package
	$(MAKE) --jobs=2 --output-sync=target test-sdks test-agents test-api test-package

target/sdks/.installed: server/media-server/tests/sdks/requirements.txt
	python3 -m venv target/sdks
	target/sdks/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

target/agents/.installed: server/media-server/tests/agents/requirements.txt
	python3 -m venv target/agents
	target/agents/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

.PHONY: test-agents
test-agents: export CONVOKE_BIN := $(CURDIR)/target/debug/convoke
test-agents: build-tests target/agents/.installed ## The official livekit-agents judge the media server's workers and jobs
	target/agents/bin/python -m pytest -q -p no:cacheprovider server/media-server/tests/agents

.PHONY: test-sdks
test-sdks: export CONVOKE_BIN := $(CURDIR)/target/debug/convoke
test-sdks: build-tests target/sdks/.installed web/e2e/node_modules/.installed ## The official SDKs judge the media server (Python), a site as their server (Python, Go) and the API mock (Python, Node)
	target/sdks/bin/python -m pytest -q -p no:cacheprovider server/media-server/tests/sdks
	CONVOKE_SDKS_THROUGH=site target/sdks/bin/python -m pytest -q -p no:cacheprovider server/media-server/tests/sdks
	cd server/platform/tests/sdks/go && go build -o $(CURDIR)/target/sdks/go-judge .
	target/sdks/bin/python server/platform/tests/sdks/run.py target/sdks/go-judge
	target/sdks/bin/python -m pytest -q -p no:cacheprovider server/livekit-mock/tests/sdks
	cd web/e2e && $(WITH_NODE) npm run test:sdks

target/api/.installed: server/platform/tests/api/requirements.txt
	python3 -m venv target/api
	target/api/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

.PHONY: test-api
test-api: export CONVOKE_BIN := $(CURDIR)/target/debug/convoke
test-api: build-tests target/api/.installed ## Schemathesis judges the API by its own description, and a parser of Prometheus the metrics
	target/api/bin/python server/platform/tests/metrics/run.py
	target/api/bin/python server/platform/tests/api/run.py

.PHONY: test-package
test-package: build-tests ## Install, upgrade with a call running, remove and purge the Debian package (SYSTEMD=1: on this machine, under its systemd)
	SYSTEMD="$(SYSTEMD)" PREVIOUS_DEB="$(PREVIOUS_DEB)" bin/package/test target/debug/convoke

.PHONY: test-web
test-web: web/node_modules/.installed ## Web unit tests
	cd web && $(WITH_NODE) npm test

target/synapse/.installed: web/e2e/synapse/requirements.txt
	python3 -m venv target/synapse
	target/synapse/bin/pip install -q --disable-pip-version-check -r $<
	@touch $@

.PHONY: e2e
e2e: build-tests web/e2e/node_modules/.installed target/synapse/.installed ## Browser tests against the real binary (Chromium and Firefox, fake devices)
	cd web/e2e && $(WITH_NODE) npm test

.PHONY: generate
generate: ## Write the generated files anew: docs/openapi.json, the web's API types, the mock's descriptors
	UPDATE=1 cargo test --workspace --lib --locked openapi
	UPDATE=1 cargo test --workspace --test descriptors --locked
	cd web && $(WITH_NODE) npm run generate

.PHONY: bench
bench: release web/e2e/node_modules/.installed ## Measure start, memory, requests and forwarding; LIVEKIT_SERVER_BIN, LIVEKIT_TEST_SERVER_BIN and LK_JWT_SERVICE_BIN add peers
	$(WITH_NODE) node web/e2e/bench/run.ts

KILLS ?= 200
RUNS ?= 200
SEED ?= $(shell date +%s)

.PHONY: chaos
chaos: build-tests web/e2e/node_modules/.installed ## Kill recorder and transfers KILLS times, and anything in RUNS rounds of recordings (SEED repeats)
	cd web/e2e && $(WITH_NODE) CONVOKE_BIN="$(CURDIR)/target/debug/convoke" KILLS=$(KILLS) RUNS=$(RUNS) SEED=$(SEED) \
	  node --test --test-concurrency=1 --test-reporter=spec chaos/recorder.e2e.ts chaos/transfer.e2e.ts chaos/loop.e2e.ts

FUZZ_SECONDS ?= 60

.PHONY: fuzz
fuzz: ## Attack the parsers of the media server (nightly compiler, cargo-fuzz)
	command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked
	cd server/media-server && for target in $$(cargo +nightly fuzz list); do \
	  cargo +nightly fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS); \
	done

.PHONY: clean
clean: ## Remove what was built (not ./data)
	cargo clean
	rm -rf web/dist web/node_modules web/e2e/node_modules artifacts
