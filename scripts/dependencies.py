"""Checks licences, bans and sources of every dependency against deny.toml.

cargo-deny does this where it is installed, advisories included. Where it is not, this does the same for what can be known
offline, and says that advisories were not checked.
"""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def allowed(expression: str, allow: set[str]) -> bool:
    """Whether an SPDX expression can be met with the licences allowed; `/` is the old way to write OR."""
    tokens = re.findall(r"\(|\)|[^\s()]+", expression.replace("/", " OR "))
    position = 0

    def term() -> bool:
        nonlocal position
        token = tokens[position]
        position += 1
        if token == "(":
            value = either()
            position += 1
            return value
        if position + 1 < len(tokens) and tokens[position] == "WITH":
            token = f"{token} WITH {tokens[position + 1]}"
            position += 2
        return token in allow

    def both() -> bool:
        nonlocal position
        value = term()
        while position < len(tokens) and tokens[position] == "AND":
            position += 1
            value = term() and value
        return value

    def either() -> bool:
        nonlocal position
        value = both()
        while position < len(tokens) and tokens[position] == "OR":
            position += 1
            value = both() or value
        return value

    return either()


def main() -> int:
    if shutil.which("cargo-deny"):
        offline = ["cargo", "deny", "--offline", "check", "licenses", "bans", "sources"]
        checked = subprocess.run(offline, cwd=ROOT, check=False).returncode
        advisories = subprocess.run(["cargo", "deny", "check", "advisories"], cwd=ROOT, check=False).returncode
        if advisories:
            print("ADVISORIES WERE NOT FOUND CLEAN: see above (an unreachable database is told there, too)", file=sys.stderr)
        return checked or advisories

    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    allow = set(rules["licenses"]["allow"])
    banned = {entry["crate"] for entry in rules["bans"]["deny"]}
    metadata = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--format-version", "1", "--locked"], cwd=ROOT, check=True, capture_output=True
        ).stdout
    )
    mistakes = []
    packages = metadata["packages"]
    for package in packages:
        name = f"{package['name']} {package['version']}"
        source = package["source"]
        if source is not None and not source.startswith("registry+"):
            mistakes.append(f"{name}: comes from {source}, which is no registry")
        if package["name"] in banned:
            mistakes.append(f"{name}: is banned, see deny.toml")
        licence = package["license"]
        if licence is None or not allowed(licence, allow):
            mistakes.append(f"{name}: its licence is {licence!r}, which deny.toml does not allow")
    for mistake in mistakes:
        print(f"error[dependency]: {mistake}", file=sys.stderr)
    print(f"{len(packages)} packages: licences, bans and sources checked")
    print("ADVISORIES WERE NOT CHECKED: cargo-deny is not installed (cargo install cargo-deny)", file=sys.stderr)
    return 1 if mistakes else 0


if __name__ == "__main__":
    sys.exit(main())
