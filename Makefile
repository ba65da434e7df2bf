# Thin: each target calls one thing. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help fuzz demo build test check bench eval speed leak fmt

help: ## list the targets
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: ## build everything and show what it does; no key, no network beyond the registries
	@scripts/build.sh
	@"$$(scripts/target-dir.sh)/release/witgate" demo

build: ## build the one binary, built-in plugins included
	@scripts/build.sh

test: ## all tests: Rust, the plugins' cases, end to end with the real SDK
	@scripts/test.sh

check: ## formatting, lints, docs, licences and sources of dependencies
	@scripts/check.sh

bench: ## measure the gate beside the upstream and write docs/benchmarks.md
	@scripts/bench.sh

eval: ## measure the built-in policies on labelled rows, EVAL_DATA=FOLDER, and write docs/detection.md
	@scripts/eval.sh

speed: ## measure the built-in policies on hostile texts up to 1 MiB and write docs/detection-speed.md
	@scripts/speed.sh

leak: ## plant values in every field and cut, and count the bytes that pass the gate; about 100,000 cases
	@scripts/leak.sh --sample 100000

fuzz: ## fuzz each parser for a minute; `scripts/fuzz.sh SECONDS TARGET` for more
	@scripts/fuzz.sh

fmt: ## format the code
	@cargo fmt --all
