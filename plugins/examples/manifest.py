#!/usr/bin/env python3
"""Puts a manifest into a component or core module: manifest.py PLUGIN.wasm MANIFEST.json OUT.wasm

The manifest is the custom section `witgate:manifest`. A custom section may stand at the end of either kind of file, so it is
appended: the byte 0, the length, then the length of the name, the name and the JSON.
"""

import json
import sys
from pathlib import Path

NAME = b"witgate:manifest"


def leb128(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out) + bytes([number])


def main(plugin: str, manifest: str, out: str) -> None:
    data = json.dumps(json.loads(Path(manifest).read_text()), ensure_ascii=False, separators=(",", ":")).encode()
    section = leb128(len(NAME)) + NAME + data
    wasm = Path(plugin).read_bytes()
    if not wasm.startswith(b"\0asm"):
        sys.exit(f"{plugin} is not WebAssembly")
    Path(out).write_bytes(wasm + b"\0" + leb128(len(section)) + section)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
