"""Long harmless texts: documents and sources of the crates that Cargo.lock names, and of Python's own library, as an agent's tools
bring them.

They are read where Cargo and Python keep them, and nothing of them is kept. Which they are is told by Cargo.lock and Python's
version: the same make the same rows. Every fifth crate or module is not trained on: limits are chosen with it.
"""
import json, pathlib, subprocess, sysconfig, zlib

ENDS = {".md", ".rs", ".txt", ".toml"}
PIECE = 3000                # characters of a row
OF_A_CRATE = 14             # rows of a crate that are trained on
OF_A_HELD_CRATE = 24        # and of one that is not
OF_A_MODULE = 3
PERMISSIVE = ("MIT", "Apache-2.0", "BSD", "ISC", "Zlib", "Unlicense", "0BSD", "CC0-1.0", "BSL-1.0", "Unicode-3.0", "MIT-0")


def held(name):
    return zlib.crc32(name.encode()) % 5 == 0


def pieces(folder, most):
    """Pieces of a crate's files, each kind of file as often as the others."""
    by_end = {}
    for path in sorted(p for p in folder.rglob("*") if p.suffix in ENDS or p.name.upper().startswith(("LICENSE", "CHANGELOG", "README"))):
        if not path.is_file() or path.stat().st_size > 1 << 20:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        end = path.suffix if path.suffix in (".md", ".rs") else "other"
        step = max(PIECE, len(text) // 4)
        by_end.setdefault(end, []).extend(text[at:at + PIECE] for at in range(0, max(len(text) - 200, 1), step))
    for texts in by_end.values():
        texts.sort(key=lambda text: zlib.crc32(text.encode()))
    out = []
    while len(out) < most and any(by_end.values()):
        out += [texts.pop() for texts in by_end.values() if texts]
    return out[:most]


def modules():
    """Name and pieces of each file of Python's own library."""
    root = pathlib.Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root)
        if "site-packages" in inside.parts or "test" in inside.parts or path.stat().st_size < 2000:
            continue
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        step = max(PIECE, len(text) // OF_A_MODULE)
        yield "python/" + str(inside), [text[at:at + PIECE] for at in range(0, len(text) - 200, step)][:OF_A_MODULE]


def rows(manifest):
    """A row as a user pastes it and one as a tool brings it, of each piece."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", str(manifest)]
    packages = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)["packages"]
    packages = [p for p in packages if p["source"] and any(name in (p["license"] or "") for name in PERMISSIVE)]
    texts = []
    for package in sorted(packages, key=lambda p: (p["name"], p["version"])):
        folder = pathlib.Path(package["manifest_path"]).parent
        texts.append((package["name"], pieces(folder, OF_A_HELD_CRATE if held(package["name"]) else OF_A_CRATE)))
    return [
        {"text": text, "label": "benign", "source": "long/" + name, "kind": "long", "channel": channel, "held": held(name)}
        for name, of in [*texts, *modules()] for text in of for channel in ("user", "tool_result")
    ]
