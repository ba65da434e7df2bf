#!/bin/sh
# Builds crates to wasm32-unknown-unknown core modules, with whatever on this machine can do it.
#
#   build-plugin.sh MANIFEST_PATH TARGET_DIR PACKAGE...      builds; the modules are in TARGET_DIR/wasm32-unknown-unknown/release
#   build-plugin.sh --prepare                                only finds or installs the toolchain
#
# Three ways, tried in this order; each is said on stderr when it is taken for the first time:
#   1. the target is there already                  -> cargo as it is
#   2. rustup may fetch it                          -> rustup target add, once
#   3. a Debian rustc with its library source       -> -Z build-std (installed with apt-get where we may)
# The choice is also used by `witgate plugin build`, which carries this script in the binary.
set -eu

target=wasm32-unknown-unknown
# A small stack keeps what a fresh sandbox dirties within a few pages; see docs/building.md.
# 128-bit vectors are a part of WebAssembly 2.0; memchr searches a text of 10 KiB four times as fast with them.
flags="-C link-arg=-zstack-size=32768 -C panic=abort -C target-feature=+simd128"

say() { printf '%s\n' "build-plugin: $*" >&2; }
fail() { say "$*"; exit 2; }

# A build script's cargo leaves settings of the outer compilation behind; they are not for this one.
for v in $(env | sed -n 's/^\(CARGO_[A-Z0-9_]*\|RUSTC[A-Z0-9_]*\|RUSTFLAGS\|RUSTDOC[A-Z_]*\|RUST_RECURSION_COUNT\|TARGET\|HOST\|OPT_LEVEL\|PROFILE\|DEBUG\|OUT_DIR\|NUM_JOBS\)=.*/\1/p'); do
  case $v in CARGO_HOME|CARGO_NET_*|CARGO_HTTP_*|CARGO_REGISTRIES_*|CARGO_SOURCE_*) ;; *) unset "$v" ;; esac
done

has_target() { [ -d "$(rustc --print target-libdir --target $target 2>/dev/null)" ]; }

# A compiler outside rustup whose library source lies beside it.
with_source() {
  for rustc in /usr/bin/rustc /usr/local/bin/rustc; do
    [ -x "$rustc" ] && [ -x "$(dirname "$rustc")/cargo" ] || continue
    [ -f "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library/Cargo.toml" ] && { printf '%s' "$rustc"; return 0; }
  done
  return 1
}

# rust-lld of any toolchain, else Debian's wasm-ld.
linker() {
  for d in "$(rustc --print sysroot 2>/dev/null)" "$(dirname "$(dirname "$1")")"; do
    for l in "$d"/lib/rustlib/*/bin/rust-lld; do [ -x "$l" ] && { printf '%s' "$l"; return 0; }; done
  done
  for l in wasm-ld wasm-ld-19 wasm-ld-16 wasm-ld-14; do command -v "$l" && return 0; done
  return 1
}

prepare() {
  has_target && { way=cargo; return; }
  if command -v rustup >/dev/null && [ "${RUSTUP_AUTO_INSTALL:-1}" != 0 ]; then
    say "fetching the target $target with rustup"
    rustup target add $target >&2 && has_target && { way=cargo; return; }
  fi
  if ! debian=$(with_source); then
    if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
      say "installing Debian's rustc-web, cargo-web and rust-web-src (about 30 s, once)"
      { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends rustc-web cargo-web rust-web-src; } >/dev/null 2>&1 || true
    fi
    debian=$(with_source) || fail "no way to compile for $target: run 'rustup target add $target', or as root 'apt-get install rustc-web cargo-web rust-web-src'"
  fi
  lld=$(linker "$debian") || fail "no linker for wasm: install Debian's package lld, or a rustup toolchain (it has rust-lld)"
  way=build-std
}

prepare
[ "${1:-}" = --prepare ] && exit 0
[ $# -ge 3 ] || fail "usage: build-plugin.sh MANIFEST_PATH TARGET_DIR PACKAGE..."
manifest=$1 dir=$2
shift 2
packages=
for p in "$@"; do packages="$packages -p $p"; done

export CARGO_TARGET_DIR="$dir" CARGO_ENCODED_RUSTFLAGS= RUSTFLAGS="$flags" CARGO_INCREMENTAL=0
unset CARGO_ENCODED_RUSTFLAGS
# Plugins have the workspace's profile, but for what makes them small.
export CARGO_PROFILE_RELEASE_LTO=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1 CARGO_PROFILE_RELEASE_OPT_LEVEL=3 \
       CARGO_PROFILE_RELEASE_PANIC=abort CARGO_PROFILE_RELEASE_STRIP=debuginfo
case $way in
  cargo)
    # shellcheck disable=SC2086 # a list
    exec cargo build --manifest-path "$manifest" --release --target $target --lib $packages ;;
  build-std)
    [ -d "$dir/$target" ] || say "building the standard library for $target from Debian's source (about a minute, once)"
    export RUSTC_BOOTSTRAP=1 RUSTC="$debian" CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$lld"
    # shellcheck disable=SC2086
    exec "$(dirname "$debian")/cargo" build --manifest-path "$manifest" --release --target $target -Z build-std=std,panic_abort --lib $packages ;;
esac
