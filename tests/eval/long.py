"""Long ordinary texts as labelled rows, on stdout: sources and documents of the Python packages that the other detectors need.
Nobody wrote them to be judged, no policy learnt from them, and nothing of them is kept.

A policy that refuses one ordinary text in a thousand of a line each refuses every tenth that is a hundred times as long: this is
what agents send when they read files. The same Python and packages make the same rows.
"""

import collections
import json
import pathlib
import sysconfig
import zlib

SIZES = (1_000, 10_000, 100_000)
ROWS = 200
OF_A_PACKAGE = 8


def order(thing):
    return zlib.crc32(thing.encode())


def texts():
    """Package, name and text of each file, in an order that has nothing to do with its name."""
    paths = sysconfig.get_paths()
    roots = {pathlib.Path(paths[name]) for name in ("purelib", "platlib")}
    files = {(root, path) for root in roots for end in ("*.py", "METADATA", "*.md", "*.rst", "*.txt") for path in root.rglob(end)}
    for root, path in sorted(files, key=lambda file: (order(file[1].name), str(file[1]))):
        try:
            text = path.read_text(encoding="utf-8")
        except (UnicodeDecodeError, OSError):
            continue
        package = path.relative_to(root).parts[0].split("-")[0]
        yield package, "source" if path.suffix == ".py" else "document", path.name, text


def rows():
    count = collections.Counter()
    for package, kind, name, text in texts():
        for size in SIZES:
            if len(text) < size or count[kind, size] == ROWS or count[kind, size, package] == OF_A_PACKAGE:
                continue
            count[kind, size] += 1
            count[kind, size, package] += 1
            at = order(name) % (len(text) - size + 1)
            for channel in ("user", "tool_result"):
                source = f"{kind}/{size}/{channel}"
                yield {"text": text[at : at + size], "label": "benign", "kind": kind, "channel": channel, "source": source}


if __name__ == "__main__":
    for row in rows():
        print(json.dumps(row))
