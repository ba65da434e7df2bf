#!/usr/bin/env python3
"""Holds the contract to its word: the text of a released version never changes.

  wit-frozen.py                      exits 1 when a released version's text changed, or a bound it promises did
  wit-frozen.py --release VERSION    freezes wit/ as VERSION; once, when the version is released

tests/contract/VERSION/ has the text of each released version, and tests/contract/released.sha256 (as sha256sum writes it) the
hash of every file there. While the version that wit/ declares is listed, wit/ must be that text to the byte, comments too,
since they say what a plugin may rely on. tests/contract/bounds.txt has the numbers that the text promises and where the host
keeps them.
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIT = ROOT / "wit"
KEPT = ROOT / "tests" / "contract"
HASHES = KEPT / "released.sha256"
BOUNDS = KEPT / "bounds.txt"
PACKAGE = re.compile(r"^package\s+([a-z:-]+)@([0-9][^;\s]*)\s*;", re.MULTILINE)


def hash_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def released() -> dict[str, dict[str, str]]:
    """For each released version, the hash of each of its files."""
    versions: dict[str, dict[str, str]] = {}
    for number, line in enumerate(HASHES.read_text().splitlines(), 1):
        found = re.fullmatch(r"([0-9a-f]{64})  ([^/\s]+)/([^/\s]+\.wit)", line)
        if not found:
            sys.exit(f"wit-frozen: tests/contract/released.sha256:{number}: not a line of sha256sum: {line!r}")
        versions.setdefault(found[2], {})[found[3]] = found[1]
    return versions


def declared() -> str:
    """The version that wit/ says it is; all files say the same."""
    versions = {}
    for path in sorted(WIT.glob("*.wit")):
        found = PACKAGE.search(path.read_text())
        versions[path.name] = found[2] if found else "none"
    if len(set(versions.values())) != 1 or "none" in versions.values():
        sys.exit("wit-frozen: the files of wit/ declare different versions: "
                 + ", ".join(f"{name} {version}" for name, version in versions.items()))
    return next(iter(versions.values()))


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version.split("-")[0].split("+")[0]))


def first_difference(old: Path, new: Path) -> int:
    before, after = old.read_text().splitlines(), new.read_text().splitlines()
    same = (number for number, (a, b) in enumerate(zip(before, after), 1) if a != b)
    return next(same, min(len(before), len(after)) + 1)


def frozen_copies(versions: dict[str, dict[str, str]]) -> list[str]:
    wrong = []
    for version, files in versions.items():
        there = {path.name for path in (KEPT / version).glob("*.wit")}
        for name in sorted(there ^ files.keys()):
            which = "is not listed in" if name in there else "is missing, but listed in"
            wrong.append(f"tests/contract/{version}/{name} {which} released.sha256")
        wrong += [f"tests/contract/{version}/{name} is not what was released: take it back from the version's commit"
                  for name in sorted(there & files.keys()) if hash_of(KEPT / version / name) != files[name]]
    folders = {path.name for path in KEPT.iterdir() if path.is_dir()}
    wrong += [f"tests/contract/{folder}/ is listed nowhere in released.sha256" for folder in sorted(folders - versions.keys())]
    return wrong


def changes(version: str, files: dict[str, str]) -> list[str]:
    """What differs between wit/ and the released text of the version it still declares."""
    wrong = []
    there = {path.name for path in WIT.glob("*.wit")}
    for name in sorted(there | files.keys()):
        if name not in files:
            wrong.append(f"wit/{name} is new")
        elif name not in there:
            wrong.append(f"wit/{name} is gone")
        elif hash_of(WIT / name) != files[name]:
            wrong.append(f"wit/{name}:{first_difference(KEPT / version / name, WIT / name)} changed")
    if wrong:
        wrong.append(f"{version} is released, and plugins were built against its text. Undo the change, or raise the version in every "
                     "file of wit/ (a later release freezes it)")
    return wrong


def broken_bounds() -> list[str]:
    """Each line of bounds.txt: a file, a constant in it, its value."""
    wrong = []
    for number, line in enumerate(BOUNDS.read_text().splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        file, constant, value = line.split(None, 2)
        text = (ROOT / file).read_text() if (ROOT / file).exists() else ""
        # A constant, or a field in a default; the field's declaration gives a type, which is no number.
        values = re.findall(rf"\b{re.escape(constant)}\b\s*(?::[^=;,}}]*=|:)\s*([^;,}}]+?)\s*[;,}}]", text)
        got = value if value in values else ", ".join(values) or "nowhere"
        if got != value:
            wrong.append(f"tests/contract/bounds.txt:{number}: {constant} in {file} is {got}, and the contract promises {value}. A bound "
                         "that moved to another file is a change of that line; one that got tighter is a new version of the contract")
    return wrong


def check() -> None:
    versions, version = released(), declared()
    wrong = frozen_copies(versions)
    if not wrong:
        if version in versions:
            wrong = changes(version, versions[version])
        elif versions and order(version) <= max(map(order, versions)):
            wrong = [f"wit/ declares {version}, which is not above the released {max(versions, key=order)}"]
    wrong += broken_bounds()
    if wrong:
        sys.exit("".join(f"wit-frozen: {line}\n" for line in wrong).rstrip())


def release(version: str) -> None:
    versions = released() if HASHES.exists() else {}
    if version in versions:
        sys.exit(f"wit-frozen: {version} is released already. Before anybody has it, remove tests/contract/{version}/ and its lines in "
                 "released.sha256 by hand, and freeze it again")
    if declared() != version:
        sys.exit(f"wit-frozen: wit/ declares {declared()}, not {version}")
    folder = KEPT / version
    folder.mkdir(parents=True)
    with HASHES.open("a") as hashes:
        for path in sorted(WIT.glob("*.wit")):
            shutil.copyfile(path, folder / path.name)
            hashes.write(f"{hash_of(path)}  {version}/{path.name}\n")


if __name__ == "__main__":
    match sys.argv[1:]:
        case []:
            check()
        case ["--release", version]:
            release(version)
        case _:
            sys.exit(__doc__)
