# Every target makes what it needs first. Python 3.11 or newer and make are enough; `tools` needs Go.

# The interpreter to build .venv on: unset, the one that .venv has, and python3 at first.
PYTHON ?=
export PYTHON

bin := .venv/bin
tools := $(patsubst tests/tools/%/go.mod,%,$(wildcard tests/tools/*/go.mod))

# Where tests and linters look for outside tools first.
export PATH := $(CURDIR)/.tools/bin:$(PATH)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help setup demo test lint lint-python lint-workflows fix bench tools wheel gate upgrade clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv hold what uv.lock says (PYTHON=… picks the interpreter)
	@sh scripts/setup.sh

demo: setup ## gate an example fleet before and after it was pinned, on loopback registries
	$(bin)/python examples/demo.py

test: setup ## run the tests, with at least 90 % of branches covered; skips name the missing tool
	$(bin)/coverage erase
	$(bin)/coverage run -m pytest
	$(bin)/coverage combine --quiet
	$(bin)/coverage report

lint: lint-python lint-workflows ## run every linter

lint-python: setup
	$(bin)/ruff check .
	$(bin)/ruff format --check .
	$(bin)/mypy
	$(bin)/lint-imports

lint-workflows: setup
	$(bin)/zizmor --offline --no-progress --persona=auditor .github
	@if command -v actionlint >/dev/null; then \
		set -x; actionlint -shellcheck= -pyflakes=; \
	elif [ -n "$$SUPPLYCHAIN_REQUIRE_TOOLS" ]; then \
		echo "error: actionlint not found; make tools builds it" >&2; exit 1; \
	else \
		echo "actionlint skipped: not found; make tools builds it"; \
	fi

fix: setup ## mend what ruff can mend, and format
	$(bin)/ruff check --fix .
	$(bin)/ruff format .

bench: setup ## run the benchmarks (tests/bench/bench_*.py) beside their peers
	sh scripts/uv.sh sync --locked --group bench --quiet
	$(bin)/python -m pytest tests/bench -o python_files='bench_*.py' -p no:cacheprovider

tools: $(tools:%=.tools/bin/%) ## build the outside tools of the tests (needs Go)

# What a tool needs besides: an experiment of Go, and its own version, which it reports.
.tools/bin/trivy: export GOEXPERIMENT = jsonv2
.tools/bin/trivy: version_flag = -X=github.com/aquasecurity/trivy/pkg/version/app.ver=$(call version_of,trivy)
.tools/bin/grype: version_flag = -X=main.version=$(call version_of,grype)
version_of = $(patsubst v%,%,$(word 2,$(shell grep -E '/$(1) v[0-9]' tests/tools/$(1)/go.mod)))

.tools/bin/%: tests/tools/%/go.mod tests/tools/%/go.sum
	@command -v go >/dev/null || { \
		echo "error: go not found, it builds $*" >&2; \
		echo "hint: install the Go that tests/tools/$*/go.mod names" >&2; exit 1; }
	@mkdir -p .tools/bin
	cd tests/tools/$* && CGO_ENABLED=0 GOTOOLCHAIN=local GOFLAGS=-mod=readonly GOWORK=off \
		go build -trimpath -ldflags '-s -w $(version_flag)' -o "$(CURDIR)/.tools/bin/" tool
	@touch $@

wheel: setup ## build the wheel, install it alone and try it
	$(bin)/python scripts/smoke_wheel.py

gate: setup ## judge this repository by its own gate
	$(bin)/supplychain gate .

upgrade: setup ## renew uv.lock and requirements/uv.txt, keeping a week's distance from the newest
	sh scripts/uv.sh lock --upgrade
	sh scripts/uv.sh pip compile --quiet --upgrade --universal --python-version 3.11 \
		--generate-hashes --custom-compile-command 'make upgrade' \
		requirements/uv.in -o requirements/uv.txt

clean: ## remove all that git ignores, .venv included
	rm -rf .venv .tools dist build .coverage .coverage.* .hypothesis \
		.mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
