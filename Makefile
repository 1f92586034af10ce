# `make demo` and `make test` are all a person needs.  They ask for Python 3.10 or newer (with venv and Python.h), a C compiler
# and make; everything else (cmake, ninja, pytest, ...) comes from the package index into .venv.
#
# One wheel is built and used by all targets: the folder zkrelay/ at the root has no compiled kernel in it.

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/pip --disable-pip-version-check --quiet
PYTEST_ARGS ?=
TEST_EXTRAS ?= test
BENCH_ARGS  ?=

SOURCES := $(shell find zkrelay circuits native -name __pycache__ -prune -o -print) pyproject.toml README.md LICENSE
WHEEL   := build/wheel
NATIVE  := build/native

EMULATED := build/emulated
WHEEL_ARGS ?=
EMULATED_WHEEL_ARGS := --config-settings=cmake.define.ZKR_EMULATE_AVX512=ON --config-settings=build-dir=$(EMULATED)/cmake \
                       --config-settings=wheel.build-tag=0emulated

.PHONY: help demo demo-network test test-long test-emulated bench bench-peers bench-wireguard audit-corpus audit-mutants bench-report lint native-test native-test-emulated native-test-bochs native-test-aarch64 fuzz wheel clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo         build, then a relay session from deposit to payment'
	@echo 'make demo-network build, then a network of processes: paid tunnels of one to three hops, proofs, payments (ARGS=--json, ...)'
	@echo 'make test         the whole suite but the long tests'
	@echo 'make test-long    the fuzzing of make fuzz, then the long tests'
	@echo 'make bench        the benchmarks, timed'
	@echo 'make bench-peers  zkrelay against gnark, arkworks and snarkjs: the table of targets (BENCH_ARGS=--quick for a short one)'
	@echo 'make bench-wireguard  the tunnel over WireGuard beside bare wireguard-go, as root: about 8 minutes'
	@echo 'make audit-corpus  the auditor on circomlib, every artefact checked (ARGS=--large for 200,000 rows and more)'
	@echo 'make audit-mutants the auditor on 5,500 mutants: over an hour (ARGS=--ours, ARGS="--most 20")'
	@echo 'make bench-report the plots and docs/benchmarks.md from the results in benchmarks/results'
	@echo 'make lint         ruff and mypy'
	@echo 'make native-test  the C kernel alone, as it is shipped and under the address and undefined-behaviour sanitizers'
	@echo 'make test-emulated  the suite with the kernel x86_ifma emulated, for a machine without AVX-512 IFMA'
	@echo 'make native-test-emulated  the C tests of that kernel'
	@echo 'make native-test-bochs  the same as a compiler makes it for AVX-512, in an emulated machine: minutes, Debian packages only'
	@echo 'make native-test-aarch64  the same for 64-bit ARM under qemu, where a cross compiler and qemu are installed'
	@echo 'make fuzz         the C border under libFuzzer, ZKRELAY_FUZZ_SECONDS seconds in all (3600), where clang has it'
	@echo 'make clean        remove everything that was built'

demo: $(VENV)/.installed
	$(BIN)/zkrelay demo

demo-network: $(VENV)/.network
	cd examples && $(abspath $(BIN))/python -m network $(ARGS)

# Hundreds of interpreters are started: none should compile anew what an earlier one has.
test test-long: export PYTHONDONTWRITEBYTECODE =

test: $(VENV)/.test node-packages
	$(BIN)/pytest -m "not long" -n auto --dist loadfile $(PYTEST_ARGS)

test-long: $(VENV)/.test node-packages fuzz
	$(BIN)/pytest -m long --timeout 3600 $(PYTEST_ARGS)

bench: $(VENV)/.test
	$(BIN)/pytest benchmarks --benchmark-enable --benchmark-only --benchmark-columns=min,median,stddev,rounds $(PYTEST_ARGS)

# Builds the peers whose toolchains are there (go, cargo, node) and names the others; needs no network afterwards.
bench-peers: $(VENV)/.test
	$(BIN)/python benchmarks/bench_peers.py $(BENCH_ARGS)

# As root, where wg and iperf3 are installed; wireguard-go is built by Go.
bench-wireguard: $(VENV)/.test
	PYTHONPATH=examples:tests/helpers $(BIN)/python benchmarks/bench_wireguard.py $(ARGS)

# ARGS=--large for circuits of 200,000 rows and more, ARGS=--prove to prove both sides of every pair
audit-corpus: $(VENV)/.test node-packages
	$(BIN)/python benchmarks/audit_corpus.py $(ARGS)

audit-mutants: $(VENV)/.test node-packages
	$(BIN)/python benchmarks/audit_mutants.py $(ARGS)

bench-report: $(VENV)/.bench
	$(BIN)/python benchmarks/report.py
	$(BIN)/python benchmarks/report.py benchmarks/results/zen3/targets.json --page benchmarks-zen3.md

# mypy runs in a folder of its own, so that it reads the installed wheel and not zkrelay/ at the root, which lacks circuits/.
lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	mkdir -p build/mypy
	cd build/mypy && $(abspath $(BIN))/mypy --config-file $(abspath pyproject.toml) --package zkrelay
	cd build/mypy && MYPYPATH=$(abspath benchmarks) $(abspath $(BIN))/mypy --strict --package house
	cd build/mypy && MYPYPATH=$(abspath examples) $(abspath $(BIN))/mypy --strict --package tunnel
	cd build/mypy && MYPYPATH=$(abspath examples) $(abspath $(BIN))/mypy --strict --package settlement
	cd build/mypy && MYPYPATH=$(abspath examples) $(abspath $(BIN))/mypy --strict --package network

# Twice: as it is shipped, and under the sanitizers.
native-test: $(VENV)/.native
	$(call native_test,$(NATIVE)-release,)
	$(call native_test,$(NATIVE)-sanitized,-DZKR_SANITIZE=ON)

HAVE_AARCH64 := $(shell command -v aarch64-linux-gnu-gcc >/dev/null 2>&1 && command -v qemu-aarch64 >/dev/null 2>&1 && echo yes)
native-test-aarch64: $(VENV)/.native
ifeq ($(HAVE_AARCH64),yes)
	$(call native_test,$(NATIVE)-aarch64,-DCMAKE_TOOLCHAIN_FILE=$(abspath native/cmake/aarch64.cmake))
else
	@echo 'skipped: aarch64-linux-gnu-gcc and qemu-aarch64 are not both installed, the kernel aarch64 was not tested' >&2
	@[ "$$ZKRELAY_REQUIRE_TOOLS" != 1 ]
endif

# The kernel for AVX-512 IFMA with its instructions by AVX2: for a CPU that lacks them, in a wheel and venv of its own.
native-test-emulated: $(VENV)/.native
	$(call native_test,$(NATIVE)-emulated,-DZKR_EMULATE_AVX512=ON)

# The same with its own instructions, in the emulator Bochs; native/bochs/machine.py names the packages that it needs.
native-test-bochs: $(VENV)/.native
	$(call native_build,$(NATIVE)-bochs,-DZKR_WITHOUT_ADX=ON)
	PATH="$(abspath $(BIN)):$$PATH" $(BIN)/python native/bochs/ctests.py $(NATIVE)-bochs build/bochs $(ARGS)

test-emulated:
	ZKRELAY_KERNEL=x86_ifma $(MAKE) test VENV=$(EMULATED)/venv WHEEL=$(EMULATED)/wheel WHEEL_ARGS="$(EMULATED_WHEEL_ARGS)" \
	  PYTEST_ARGS="--timeout 3000 $(PYTEST_ARGS)"

fuzz: $(VENV)/.native
	PATH="$(abspath $(BIN)):$$PATH" native/fuzz/run build/fuzz

PROCESSORS := $(shell getconf _NPROCESSORS_ONLN)
define native_build
	PATH="$(abspath $(BIN)):$$PATH" cmake -S native -B $(1) -G Ninja -DZKR_BUILD_TESTS=ON -DZKR_WERROR=ON $(2)
	PATH="$(abspath $(BIN)):$$PATH" cmake --build $(1)
endef
define native_test
	$(call native_build,$(1),$(2))
	PATH="$(abspath $(BIN)):$$PATH" ctest --test-dir $(1) --output-on-failure --parallel $(PROCESSORS)
endef

wheel: $(WHEEL)/.built

clean:
	rm -rf build dist $(VENV) tests/node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- what the targets stand on; each stamp is younger than what it was made from -----------------------------------------

$(VENV)/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo 'zkrelay needs Python 3.10 or newer; make PYTHON=... names another one' >&2; exit 1; }
	@$(PYTHON) -c 'import os, sys, sysconfig as s; sys.exit(not os.path.exists(os.path.join(s.get_path("include"), "Python.h")))' || \
	  { echo 'Python.h is missing: install the development files of Python (Debian: apt install python3-dev)' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(WHEEL)/.built: $(VENV)/.created $(SOURCES)
	rm -f $(WHEEL)/*.whl
	$(PIP) wheel --no-deps --wheel-dir $(WHEEL) $(WHEEL_ARGS) .
	touch $@

$(VENV)/.installed: $(WHEEL)/.built
	$(PIP) install --force-reinstall --no-deps $(WHEEL)/*.whl
	$(PIP) install $(WHEEL)/*.whl
	touch $@

$(VENV)/.test: $(VENV)/.installed
	$(PIP) install "$$(echo $(WHEEL)/*.whl)[$(TEST_EXTRAS)]"
	touch $@

$(VENV)/.network: $(VENV)/.installed
	$(PIP) install "$$(echo $(WHEEL)/*.whl)[tunnel,settlement]"
	touch $@

# after .test: mypy must see the same third parties whichever target ran first
$(VENV)/.lint: $(VENV)/.test
	$(PIP) install "$$(echo $(WHEEL)/*.whl)[lint]"
	touch $@

$(VENV)/.bench: $(VENV)/.test
	$(PIP) install "$$(echo $(WHEEL)/*.whl)[bench]"
	touch $@

$(VENV)/.native: $(VENV)/.created
	$(PIP) install cmake ninja
	touch $@

# The tests against JavaScript verifiers need node 20.19 or newer; without it they are skipped, and pytest says so.
.PHONY: node-packages have-node
NODE_IS_NEW := 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)'
HAVE_NODE   := $(shell command -v npm >/dev/null 2>&1 && node -e $(NODE_IS_NEW) 2>/dev/null && echo yes)
have-node:
	@echo '$(HAVE_NODE)'
ifeq ($(HAVE_NODE),yes)
node-packages: tests/node_modules/.installed
else
node-packages:
	@echo 'node 20.19 or newer with npm was not found: tests against snarkjs and noble-curves, and on an EVM, will be skipped' >&2
endif

tests/node_modules/.installed: tests/package-lock.json
	cd tests && npm ci --ignore-scripts
	touch $@
