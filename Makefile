# bench | test | full | site | native: the only commands a newcomer needs. Each can be interrupted and
# started again. Everything lives in .venv/ and .asv/, and in the cache of emch and of uv.

PYTHON ?= python3
MACHINE ?= $(shell hostname)
# Without bytecode every start of PyTorch takes several times as long.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
ASV_RUN = COLUMNS=150 EMCH_PROGRESS=/proc/$$$$/fd/2 $(BIN)/asv run --machine "$(MACHINE)" --record-samples --show-stderr
# What the table shows, of one backend for each engine and precision; make full has all.
QUICK_TRACKERS = track_(wall|peak_memory|hitrate)
QUICK_BACKENDS = pytorch|pytorch-bf16|onnxruntime|onnxruntime-int8|openvino-bf16|openvino-int8|ctranslate2-int8|sentence-transformers
QUICK = WholeProcess\.$(QUICK_TRACKERS)\('mini', '($(QUICK_BACKENDS))', (1|16)\)

.PHONY: bench test full site native check check-native check-site prepare machine

bench: prepare machine
	# asv ends with 2 when a cell failed: that is a result.
	$(ASV_RUN) -E emch-current --bench "$(QUICK)" HEAD^! || [ $$? -eq 2 ]
	$(BIN)/emch site --machine "$(MACHINE)"

# Threads that wait for their next work must not take the CPU of the test that runs beside.
test: export OMP_WAIT_POLICY = PASSIVE
test: prepare check
	# An engine in a test takes two threads and some memory, so more at a time would gain little.
	$(BIN)/pytest --numprocesses logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

full: prepare
	$(BIN)/pytest -m matrix
	EMCH_PROGRESS=/proc/$$$$/fd/2 $(BIN)/emch track --machine "$(MACHINE)"
	$(BIN)/emch site --machine "$(MACHINE)"

site: .venv/done
	$(BIN)/emch site
	$(BIN)/asv preview

# The runners in Rust and Go; a language that is not here is skipped with the reason.
native: .venv/done
	$(BIN)/python native/build.py

check-native:
	cd native/rust-ort && cargo fmt --check && cargo clippy --release --all-targets --locked -- -D warnings
	cd native/rust-ort && cargo test --release --locked
	cd evaluation/rust_engines && cargo fmt --check
	cd native/go-gomlx && test -z "$$(gofmt -l .)" && go vet ./... && go test ./...

check: .venv/done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	@if command -v npm > /dev/null; then $(MAKE) --no-print-directory check-site; \
	else echo "The site's JavaScript is not checked: Biome needs Node.js, which is not installed."; fi

check-site: .venv/biome/done
	.venv/biome/node_modules/.bin/biome ci --error-on-warnings --config-path=tools/biome emch/site/static

prepare: .venv/done
	$(BIN)/emch prepare

machine: .venv/done
	$(BIN)/emch machine "$(MACHINE)"

# uv installs the stack in seconds and shares its files with asv's environments by hard links.
.venv/done: pyproject.toml setup.py
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "emch pins its stacks for Python 3.11: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.8"
	$(BIN)/uv pip install --python $(BIN)/python --editable '.[dev]' --constraints constraints.txt
	touch $@

.venv/biome/done: tools/biome/package.json tools/biome/package-lock.json | .venv/done
	mkdir -p .venv/biome
	cp tools/biome/package.json tools/biome/package-lock.json .venv/biome/
	cd .venv/biome && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@
