# Test data that is not part of the project, where it lies beside it.
shared := $(wildcard ../shared)
ifneq ($(shared),)
export FRACATLAS_DIR ?= $(abspath $(shared)/fracatlas)
export ANNOCONV_CASES_DIR ?= $(abspath $(shared)/cases)
endif

.PHONY: all test demo bless bench interop
all:
	cargo build --release

test:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
	cargo test
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

demo: all
	sh tests/demo.sh target/release/annoconv

bless:
	ANNOCONV_BLESS=1 cargo test --test fixtures

bench: all
	cargo build --release --examples
	python3 tests/bench.py target/release/annoconv target/release/examples

interop: all
	bash tests/interop/run.sh target/release/annoconv
