//! Compiles the built-in plugins to wasm, so that one binary is a working product.
//!
//! The script decides which toolchain does it. Its own target folder lies beside the usual ones, so that the cargo it starts
//! and the one that runs this never wait for each other.
#![expect(clippy::unwrap_used, reason = "a build script may fail loudly")]

use std::path::PathBuf;
use std::process::Command;

const PLUGINS: [&str; 4] = ["pii", "injection", "classification", "tool-tiers"];

fn main() {
    // Asked when it runs: a target folder may serve several checkouts, and this program may come from another one.
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let root = package.ancestors().nth(2).unwrap();
    for input in ["plugins", "plugin-sdk", "wit", "scripts/build-plugin.sh", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(input).display());
    }
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    // OUT_DIR is TARGET/PROFILE/build/PACKAGE-HASH/out.
    let target = out.ancestors().nth(4).unwrap().join("wasm-plugins");
    let packages = PLUGINS.map(|p| format!("witgate-plugin-{p}"));
    let built = Command::new("sh")
        .arg(root.join("scripts/build-plugin.sh"))
        .arg(root.join("Cargo.toml"))
        .arg(&target)
        .args(&packages)
        .output()
        .unwrap();
    if !built.status.success() {
        panic!("the built-in plugins do not compile:\n{}", String::from_utf8_lossy(&built.stderr));
    }
    for (plugin, package) in PLUGINS.iter().zip(&packages) {
        let module =
            target.join("wasm32-unknown-unknown/release").join(package.replace('-', "_")).with_extension("wasm");
        std::fs::copy(&module, out.join(plugin).with_extension("wasm")).unwrap();
    }
}
