"""The binary under test, as a command."""

import functools
import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]


@functools.lru_cache
def target():
    """Cargo's build folder."""
    if "CARGO_TARGET_DIR" in os.environ:
        return pathlib.Path(os.environ["CARGO_TARGET_DIR"])
    told = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1"], cwd=ROOT, capture_output=True, check=True
    )
    return pathlib.Path(json.loads(told.stdout)["target_directory"])


@functools.lru_cache
def witgate():
    """`WITGATE_BIN`, else what `cargo build --release` made."""
    path = pathlib.Path(os.environ.get("WITGATE_BIN") or target() / "release" / "witgate")
    if not path.is_file():
        raise FileNotFoundError(f"{path}: build it with `cargo build --release --workspace`, or name it in WITGATE_BIN")
    return str(path)


def run(*args, **more):
    """Runs `witgate ARGS` to its end."""
    return subprocess.run([witgate(), *map(str, args)], capture_output=True, text=True, timeout=60, **more)


@functools.lru_cache
def plugin(package):
    """The bytes of a plugin's module: from the folder WITGATE_TEST_PLUGINS, else cargo builds it when it is not up to date."""
    name = f"{package.replace('-', '_')}.wasm"
    built = pathlib.Path(os.environ.get("WITGATE_TEST_PLUGINS", "")) / name
    if "WITGATE_TEST_PLUGINS" in os.environ and built.is_file():
        return built.read_bytes()
    out = target() / "wasm-plugins"
    built = subprocess.run(
        [ROOT / "scripts/build-plugin.sh", ROOT / "Cargo.toml", out, package], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr
    return (out / "wasm32-unknown-unknown/release" / name).read_bytes()
