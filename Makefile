# Test data that is not part of the project, where it lies beside it.
shared := $(wildcard ../shared)
ifneq ($(shared),)
export FRACATLAS_DIR ?= $(abspath $(shared)/fracatlas)
export ANNOCONV_CASES_DIR ?= $(abspath $(shared)/cases)
endif

.PHONY: all dist test demo bless bench interop python site packaging fuzz
all:
	cargo build --release

# Man pages and completions, for packages: target/dist/man, target/dist/completions.
dist:
	rm -rf target/dist
	cargo run --quiet --example dist -- target/dist

# The library must build without the dependencies of the program.
test:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo check --no-default-features --lib
	cargo test
	RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items

demo: all
	sh tests/demo.sh target/release/annoconv

bless:
	ANNOCONV_BLESS=1 cargo test --test fixtures --test pages

bench: all
	cargo build --release --examples
	python3 tests/bench.py target/release/annoconv target/release/examples

interop: all
	bash tests/interop/run.sh target/release/annoconv

# The documentation as a site in target/site, and whether its links lead somewhere. The first run
# builds mdBook; searching is the only one of its features that is needed.
mdbook := target/tools/bin/mdbook
$(mdbook):
	cargo install mdbook --version 0.5.4 --locked --debug --no-default-features --features search \
	    --root target/tools
site: $(mdbook)
	$(mdbook) build
	python3 tests/site/links.py target/site

# The Python package (Python 3 with venv): the wheel in a fresh environment. PYTHON_PROFILE=dev is built faster.
PYTHON_PROFILE ?= release
python:
	bash python/tests/run.sh $(PYTHON_PROFILE)

# What users install and call in CI: the crate, the hook, the action, the workflows.
packaging: all
	bash tests/packaging/run.sh target/release/annoconv

# Each fuzz target for so many seconds; needs cargo-fuzz and a nightly toolchain.
SECONDS ?= 60
fuzz_targets = coco yolo voc vgg hf labelme detect images there_and_back
fuzz_flags = -max_total_time=$(SECONDS) -timeout=20 -rss_limit_mb=2048 -print_final_stats=1
fuzz:
	for target in $(fuzz_targets); do \
	    mkdir -p tests/fuzz/corpus/$$target && \
	    cargo +nightly fuzz run --fuzz-dir tests/fuzz $$target \
	        tests/fuzz/corpus/$$target tests/fuzz/seeds fixtures -- $(fuzz_flags) || exit 1; \
	done
