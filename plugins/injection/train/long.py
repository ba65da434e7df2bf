"""Long harmless texts: documents and sources of the crates that Cargo.lock names, as an agent's tools bring them.

They are read where Cargo keeps them, and nothing of them is kept. Which they are is told by Cargo.lock, so that the same lock
makes the same rows. Every fifth crate is not trained on: limits are chosen with it.
"""
import json, pathlib, subprocess, zlib

ENDS = {".md", ".rs", ".txt", ".toml"}
PIECE = 3000                # characters of a row
OF_A_CRATE = 8              # rows of a crate that are trained on
OF_A_HELD_CRATE = 24        # and of one that is not
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


def rows(manifest):
    """A row as a user pastes it and one as a tool brings it, of each piece."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--manifest-path", str(manifest)]
    packages = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)["packages"]
    packages = [p for p in packages if p["source"] and any(name in (p["license"] or "") for name in PERMISSIVE)]
    out = []
    for package in sorted(packages, key=lambda p: (p["name"], p["version"])):
        keep = held(package["name"])
        folder = pathlib.Path(package["manifest_path"]).parent
        for text in pieces(folder, OF_A_HELD_CRATE if keep else OF_A_CRATE):
            for channel in ("user", "tool_result"):
                out.append({"text": text, "label": "benign", "source": "long/" + package["name"], "kind": "long",
                            "channel": channel, "held": keep})
    return out
