//! Compiles the built-in plugins to wasm, so that one binary is a working product, and lists the files of the SDK and of the
//! contract, which the binary carries for `witgate plugin new`.
//!
//! The script decides which toolchain does it. Its own target folder lies beside the usual ones, so that the cargo it starts
//! and the one that runs this never wait for each other.
#![expect(clippy::unwrap_used, reason = "a build script may fail loudly")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

const PLUGINS: [&str; 7] = ["pii", "secrets", "injection", "payloads", "classification", "tool-tiers", "patterns"];

fn main() {
    // Asked when it runs: a target folder may serve several checkouts, and this program may come from another one.
    let package = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap());
    let root = package.ancestors().nth(2).unwrap();
    for input in ["plugins", "plugin-sdk", "wit", "scripts/build-plugin.sh", "Cargo.lock", "Cargo.toml"] {
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
    carry(root, &out);
}

/// Writes `carried.rs`: every file that a project of its own needs of this repository, as `(path in the project, text)`.
fn carry(root: &Path, out: &Path) {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let cargo = out.join("sdk-Cargo.toml");
    std::fs::write(&cargo, standalone(&read("plugin-sdk/Cargo.toml"), &read("Cargo.toml"))).unwrap();
    let mut files = vec![("sdk/Cargo.toml".to_owned(), cargo), ("sdk/LICENSE".to_owned(), root.join("LICENSE"))];
    collect(&root.join("plugin-sdk/src"), "sdk/src", &mut files);
    collect(&root.join("wit"), "wit", &mut files);
    let readme = root.join("plugin-sdk/README.md");
    if readme.is_file() {
        files.push(("sdk/README.md".to_owned(), readme));
    }
    files.sort();
    let mut text = String::from("&[\n");
    for (name, path) in &files {
        writeln!(text, "    ({name:?}, include_str!({:?})),", path.display().to_string()).unwrap();
    }
    text.push_str("]\n");
    std::fs::write(out.join("carried.rs"), text).unwrap();
}

/// Every file below a folder but for unit tests.
fn collect(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_str().unwrap();
        let hidden = file.starts_with('.') || file.ends_with('~');
        match path.is_dir() {
            _ if hidden || file == "tests.rs" || file == "tests" => {}
            true => collect(&path, &format!("{name}/{file}"), files),
            false => files.push((format!("{name}/{file}"), path)),
        }
    }
}

/// The SDK's `Cargo.toml` as it stands outside of this workspace: what it inherits is written out, what only concerns this
/// repository is left out.
fn standalone(member: &str, root: &str) -> String {
    let (mut text, mut section) = (String::new(), String::new());
    for line in member.lines() {
        if line.starts_with('[') {
            section = line.trim().to_owned();
        }
        if section == "[lints]" || section.starts_with("[dev-dependencies") || section.starts_with("[[") {
            continue;
        }
        let inherited = |name: &str| {
            let from = if section == "[package]" { "[workspace.package]" } else { "[workspace.dependencies]" };
            let lines = root.lines().skip_while(|line| *line != from).skip(1).take_while(|line| !line.starts_with('['));
            let found = lines.filter_map(|line| line.split_once(" = ")).find(|(key, _)| *key == name);
            found.unwrap_or_else(|| panic!("{name} is not in {from}")).1
        };
        match line.split_once('=') {
            Some((name, _)) if name.trim().ends_with(".workspace") => {
                let name = name.trim().trim_end_matches(".workspace");
                writeln!(text, "{name} = {}", inherited(name)).unwrap();
            }
            Some((name, more)) if more.contains("workspace = true") => {
                let (name, whole) = (name.trim(), inherited(name.trim()));
                let more = more.trim().trim_start_matches('{').trim_end_matches('}').replace("workspace = true", "");
                let more = more.trim().trim_start_matches(',').trim();
                let whole = match whole.strip_prefix('{').and_then(|whole| whole.strip_suffix('}')) {
                    Some(inner) => inner.trim().to_owned(),
                    None => format!("version = {whole}"),
                };
                assert!(
                    !(whole.contains("features = [") && more.contains("features = [")),
                    "{name}: write them in one place"
                );
                writeln!(text, "{name} = {{ {whole}, {more} }}").unwrap();
            }
            _ => writeln!(text, "{line}").unwrap(),
        }
    }
    assert!(!text.contains("workspace"), "the SDK's Cargo.toml inherits what this cannot write out:\n{text}");
    // A path dependency's warnings are shown; these attributes answer to lints of this repository.
    format!("{}\n\n[lints.rust]\nunfulfilled_lint_expectations = \"allow\"\n", text.trim_end())
}
