# syntax=docker/dockerfile:1
# docker build -t annoconv .
# docker run --rm -v "$PWD:/data" annoconv validate .
# This file is linted and what it copies is checked (tests/packaging/docker.py); no image is built by the tests.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /annoconv
COPY Cargo.toml Cargo.lock ./
# The manifest names tests and benchmarks, and does not load without them.
COPY benches benches
COPY docs docs
COPY examples examples
COPY python python
COPY src src
COPY tests tests
RUN cargo build --release --locked --bin annoconv

# The same Debian, for the same C library. Not "scratch": CI systems start a shell in the image, and musl's allocator slows threads down.
FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="annoconv" \
      org.opencontainers.image.description="Converts image annotations exactly, counts every loss, and judges datasets" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /annoconv/target/release/annoconv /usr/local/bin/annoconv
WORKDIR /data
# Nobody: to write into a mounted folder, run it with --user "$(id -u):$(id -g)".
USER 65534:65534
ENTRYPOINT ["annoconv"]
CMD ["--help"]
