# make demo: set up and evaluate the small checkpoint in demo/; make test: set up and run the tests.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test check golden docs train-demo clean

demo: .venv/.local
	@$(BIN)/evalscope eval --model demo/checkpoint --model-id tiny-demo \
	  --datasets demo/arithmetic.py demo/odd_one_out.py \
	  --dataset-args '{"arithmetic": {"local_path": "demo/data/arithmetic"}, "odd_one_out": {"local_path": "demo/data/odd_one_out"}}'

test: .venv/.dev
	$(BIN)/pytest -n 2 --dist loadfile

check: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# the exact prompts that the records in evalscope/benchmarks/records give; read the difference before committing it
golden: .venv/.dev
	$(BIN)/python -m tests.benchmarks.write_golden

# the pages of benchmarks, from their declarations
docs: .venv/.dev
	$(BIN)/evalscope benchmarks --markdown > docs/benchmarks.md
	$(BIN)/evalscope benchmarks --markdown --lang zh > docs/benchmarks_zh.md

train-demo: .venv/.local
	$(BIN)/python demo/train.py

clean:
	rm -rf .venv outputs

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=/path/to/python")'
	$(PYTHON) -m venv .venv

.venv/.local: .venv/bin/python pyproject.toml constraints.txt
	@echo "installing into .venv (once; about a minute) …"
	@$(INSTALL) --editable '.[local]'
	@touch $@

.venv/.dev: .venv/bin/python pyproject.toml constraints.txt
	@echo "installing into .venv (once; about two minutes) …"
	@$(INSTALL) --editable '.[dev]'
	@touch $@ .venv/.local

# Ray is 240 MB that only replicas of a checkpoint need: their tests are skipped aloud without it
.venv/.cluster: .venv/.dev
	@echo "installing Ray into .venv (once) …"
	@$(INSTALL) --editable '.[cluster]'
	@touch $@
