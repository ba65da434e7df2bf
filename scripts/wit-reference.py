#!/usr/bin/env python3
"""Renders docs/contract.md, the author's reference, from wit/*.wit.

  wit-reference.py            writes the page
  wit-reference.py --check    exits 1 when the page is not what it would write

It reads the part of WIT that the contract uses (interfaces, worlds, records, variants, enums, resources, functions, `use`,
documentation comments) and stops with file and line at anything else, so that nothing is left out unseen.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIT = ROOT / "wit"
PAGE = ROOT / "docs" / "contract.md"
# Interfaces in the order an author meets them; one that is not named comes last.
ORDER = ["types", "lifecycle", "admission", "inspection", "commitment", "recording", "log", "metrics", "clock", "state"]
TOKEN = re.compile(r"(?P<doc>///[^\n]*)|(?P<skip>\s+|//[^\n]*)|(?P<word>%?[a-z][a-z0-9-]*)|(?P<version>\d+\.\d+\.\d+[-.\w]*)"
                   r"|(?P<sign>->|[{}()<>,:;=.*/@_])")


@dataclass
class Item:
    """A named thing with its documentation; `text` is its declaration without documentation."""
    kind: str
    name: str
    docs: str
    text: str = ""
    items: list["Item"] = field(default_factory=list)


class Reader:
    """Tokens of one file, with the documentation before each."""

    def __init__(self, path: Path):
        self.path, self.at, self.tokens = path, 0, []
        text, position, docs = path.read_text(), 0, []
        while position < len(text):
            found = TOKEN.match(text, position)
            line = text.count("\n", 0, position) + 1
            if not found:
                self.stop(f"unexpected {text[position]!r}", line)
            if found.lastgroup == "doc":
                docs.append(found[0][3:].removeprefix(" ").rstrip())
            elif found.lastgroup != "skip":
                self.tokens.append((found[0], "\n".join(docs), line))
                docs = []
            position = found.end()
        self.tokens.append(("", "\n".join(docs), text.count("\n") + 1))

    def stop(self, what: str, line: int) -> None:
        sys.exit(f"wit-reference: {self.path.relative_to(ROOT)}:{line}: {what}; teach scripts/wit-reference.py about it")

    def peek(self) -> str:
        return self.tokens[self.at][0]

    def docs(self) -> str:
        return self.tokens[self.at][1]

    def take(self, *wanted: str) -> str:
        token, _, line = self.tokens[self.at]
        if (wanted and token not in wanted) or not token:
            self.stop(f"found {token or 'the end'!r}" + (f", expected {' or '.join(wanted)}" if wanted else ""), line)
        self.at += 1
        return token

    def until(self, *ends: str) -> str:
        """Takes tokens up to one of `ends` outside brackets, and writes them as they are usually written."""
        depth, out = 0, []
        while depth or self.peek() not in ends:
            if out and self.docs():
                self.stop("documentation inside a declaration", self.tokens[self.at][2])
            token = self.take()
            depth += (token in "(<") - (token in ")>")
            out.append(token)
        text = " ".join(out)
        text = re.sub(r" ?([<(]) ?", r"\1", text)
        text = re.sub(r" ([>),:;])", r"\1", text)
        text = re.sub(r" ?([./@]) ?", r"\1", text)
        return re.sub(r"->\s*", "-> ", text).replace(")->", ") ->")


def read_item(reader: Reader, allowed: set[str]) -> Item:
    docs, start = reader.docs(), reader.tokens[reader.at][2]
    kind = reader.take()
    if kind in ("record", "variant", "enum", "flags", "resource") and kind in allowed:
        item = Item(kind, reader.take(), docs)
        reader.take("{")
        while reader.peek() != "}":
            item.items.append(read_function(reader) if kind == "resource" else read_part(reader))
        reader.take("}")
        return item
    if kind == "type" and kind in allowed:
        name = reader.take()
        reader.take("=")
        item = Item(kind, name, docs, f"type {name} = {reader.until(';')}")
        reader.take(";")
        return item
    if kind in ("use", "import", "export", "include") and kind in allowed:
        item = Item(kind, "", docs)
        item.name = reader.until(";", "{")
        if reader.peek() == "{":
            reader.take("{")
            item.text = f"{kind} {item.name}{{{reader.until('}')}}}"
            reader.take("}")
        else:
            item.text = f"{kind} {item.name}"
        reader.take(";")
        return item
    if "func" in allowed:
        reader.at -= 1
        return read_function(reader)
    reader.stop(f"found {kind!r}", start)


def read_part(reader: Reader) -> Item:
    """A field or a case; the comma after the last one may be left out."""
    docs, name = reader.docs(), reader.take()
    item = Item("part", name, docs)
    if reader.peek() in (":", "("):
        item.text = reader.until(",", "}")
    if reader.peek() == ",":
        reader.take(",")
    return item


def read_function(reader: Reader) -> Item:
    docs, name = reader.docs(), reader.take()
    reader.take(":")
    item = Item("func", name, docs, f"{name}: {reader.until(';')}")
    reader.take(";")
    return item


def read_file(path: Path) -> tuple[str, str, list[Item]]:
    """The package's name, its documentation, and what the file declares."""
    reader, out = Reader(path), []
    docs = reader.docs()
    reader.take("package")
    package = reader.until(";").replace(": ", ":")
    reader.take(";")
    while reader.peek():
        docs_of, kind = reader.docs(), reader.take("interface", "world")
        outer = Item(kind, reader.take(), docs_of)
        inner = {"import", "export", "include"} if kind == "world" else {
            "use", "type", "record", "variant", "enum", "flags", "resource", "func"}
        reader.take("{")
        while reader.peek() != "}":
            outer.items.append(read_item(reader, inner))
        reader.take("}")
        out.append(outer)
    return package, docs, out


def paragraphs(docs: str) -> str:
    return docs + "\n\n" if docs else ""


def cell(docs: str) -> str:
    return docs.replace("\n\n", "<br>").replace("\n", " ").replace("|", "\\|")


class Page:
    def __init__(self, interfaces: list[Item]):
        self.out: list[str] = []
        self.homes = {item.name: i.name for i in interfaces for item in i.items
                      if item.kind not in ("use", "func")}

    def linked(self, text: str) -> str:
        """A type with each name that the contract declares linked to its section."""
        parts = re.split(r"([a-z][a-z0-9-]*)", text)
        link = lambda word: f"[{word}](#{word})" if word in self.homes else word
        return "".join(link(part) for part in parts).replace("<", "&lt;").replace(">", "&gt;")

    def interface(self, item: Item) -> None:
        self.out.append(f"## Interface `{item.name}`\n\n{paragraphs(item.docs)}")
        uses = [i.text for i in item.items if i.kind == "use"]
        if uses:
            names = re.findall(r"[a-z][a-z0-9-]*", uses[0].split("{", 1)[1])
            self.out.append("Uses " + ", ".join(self.linked(name) for name in names) + ".\n\n")
        for inner in item.items:
            if inner.kind == "func":
                self.function(inner, f"{item.name}.{inner.name}", "###")
            elif inner.kind != "use":
                self.type(inner)

    def type(self, item: Item) -> None:
        self.out.append(f"### {item.name}\n\n*{item.kind}*" + (f", `{item.text}`" if item.text else "") + "\n\n")
        self.out.append(paragraphs(item.docs))
        if item.kind == "resource":
            for inner in item.items:
                self.function(inner, f"{item.name}.{inner.name}", "####")
        elif item.items:
            head = "field | type" if item.kind == "record" else "case | carries"
            self.out.append(f"| {head} | |\n|---|---|---|\n")
            for part in item.items:
                carried = part.text.removeprefix(": ").strip()
                carried = carried[1:-1] if carried.startswith("(") else carried
                self.out.append(f"| `{part.name}` | {self.linked(carried)} | {cell(part.docs)} |\n")
            self.out.append("\n")

    def function(self, item: Item, title: str, level: str) -> None:
        self.out.append(f"{level} `{title}`\n\n```wit\n{item.text};\n```\n\n{paragraphs(item.docs)}")


def render() -> str:
    packages, package_docs, interfaces, worlds = set(), "", [], []
    for path in sorted(WIT.glob("*.wit")):
        package, docs, items = read_file(path)
        packages.add(package)
        package_docs = package_docs or docs
        interfaces += [i for i in items if i.kind == "interface"]
        worlds += [i for i in items if i.kind == "world"]
    if len(packages) != 1:
        sys.exit(f"wit-reference: wit/ declares several packages: {', '.join(sorted(packages))}")
    interfaces.sort(key=lambda i: ORDER.index(i.name) if i.name in ORDER else len(ORDER))
    page = Page(interfaces)
    page.out.append(f"# The contract: `{packages.pop()}`\n\n"
                    "<!-- Rendered from wit/ by scripts/wit-reference.py; `make check` fails when it is stale. Edit the WIT. -->\n\n"
                    f"{paragraphs(package_docs)}How to write a plugin against it is in [policies.md](policies.md). What a released version says never "
                    "changes: a change is a new version, and `make check` compares the text with the frozen one in "
                    "`tests/contract/`.\n\n")
    for name in (i.name for i in interfaces):
        page.out.append(f"- [{name}](#interface-{name})\n")
    page.out.append("- [Worlds](#worlds)\n\n")
    for item in interfaces:
        page.interface(item)
    page.out.append("## Worlds\n\n")
    for item in worlds:
        lines = "".join(f"    {i.text};\n" for i in item.items)
        page.out.append(f"### World `{item.name}`\n\n{paragraphs(item.docs)}```wit\nworld {item.name} {{\n{lines}}}\n```\n\n")
    return "".join(page.out).rstrip() + "\n"


def main() -> None:
    wanted = render()
    if sys.argv[1:] == ["--check"]:
        if not PAGE.exists() or PAGE.read_text() != wanted:
            sys.exit("wit-reference: docs/contract.md is not what wit/ says: run scripts/wit-reference.py")
    elif sys.argv[1:]:
        sys.exit(__doc__)
    else:
        PAGE.write_text(wanted)


if __name__ == "__main__":
    main()
