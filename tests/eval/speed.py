"""Time against size: each built-in policy, compiled, on hostile texts. Writes docs/detection-speed.md and its plot.

    speed.py WITGATE OUT_FOLDER [--plugins FOLDER] [--policies NAME,...] [--raw FILE]

Each point is of calls in fresh sandboxes, asked by `witgate plugin eval`: the median of many for small texts, the one call of
a large text in the same run, since what takes longest is to compile the component. With --plugins, components of that folder
(`witgate_plugin_NAME.wasm`) are asked instead of those in the binary.
"""

import argparse
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import plot
from shapes import SHAPES

# Two sizes a run: many calls of the small one, one of the large.
RUNS = [(1 << 10, 100 << 10), (10 << 10, 1 << 20)]
SMALL = 41
# Whose text it is; policies that read a text at that place.
ASKS = {
    "user": ["pii", "secrets", "injection", "payloads", "patterns", "classification", "tool-tiers"],
    "answer": ["pii", "secrets", "patterns", "classification"],
    "tool-argument": ["pii", "secrets", "payloads"],
}
PLACES = {"user": "a request", "answer": "an answer, in pieces", "tool-argument": "a tool's argument"}
# Without an entry it finds nothing and looks for nothing.
PATTERNS = {
    "patterns": [
        {"name": "birds", "words": ["blue heron", "night owl", "project nightingale"], "action": "mask"},
        {"name": "ticket", "regex": "\\bSEC-\\d{4,6}\\b", "action": "token"},
        {"name": "secret", "regex": "<secret>.*?</secret>", "max_bytes": 128, "action": "mask"},
    ]
}
# What a text may cost per byte at 1 MiB beside 100 KiB: caches are left, pages are faulted in; a quadratic path would be at ten.
MOST_GROWTH = 3.0
# All of these together, on chat of 10 KiB.
TOGETHER = ["pii", "secrets", "injection", "payloads", "classification", "tool-tiers"]


def measure(witgate, plugin, policy, ask, make, folder):
    """Microseconds of a call by size, and the sizes at which some call passed its deadline."""
    out, late = {}, set()
    for small, large in RUNS:
        data = folder / "rows.jsonl"
        texts = [make(small)] * SMALL + [make(large)]
        data.write_text("".join(json.dumps({"text": text, "label": "clean"}) + "\n" for text in texts))
        command = [witgate, "plugin", "eval", plugin, "--data", data, "--as", ask, "--jobs", "1", "--worst", "0", "--format", "json"]
        if policy == "patterns":
            config = folder / "patterns.json"
            config.write_text(json.dumps(PATTERNS))
            command += ["--config", config]
        run = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        # 1: rows without an answer.
        if run.returncode not in (0, 1):
            sys.exit(f"speed: {' '.join(map(str, command))}: {run.stderr}")
        result = json.loads(run.stdout)["result"]
        # Of fewer than a hundred calls the 99th percentile is the slowest.
        out[small], out[large] = result["time"]["call_us_median"], result["time"]["call_us_p99"]
        if result["faults"]:
            late.add(large)
    return out, late


def steadily(*args):
    """As above, again where the large text took long: another process may have had the processor."""
    best, late = measure(*args)
    for _ in range(2):
        if best[1 << 20] <= MOST_GROWTH * 10 * best[100 << 10] or late:
            break
        again, late = measure(*args)
        best = {size: min(us, again[size]) for size, us in best.items()}
    return best, late


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("witgate")
    parse.add_argument("out", type=pathlib.Path)
    parse.add_argument("--plugins", type=pathlib.Path)
    parse.add_argument("--policies", default=",".join(ASKS["user"]))
    parse.add_argument("--raw", type=pathlib.Path, help="figures so far, a JSON object a line: those are not measured again")
    parse.add_argument("--page-only", action="store_true", help="measure nothing; write what there is in --raw")
    args = parse.parse_args()
    names = args.policies.split(",")
    points = [json.loads(line) for line in args.raw.read_text().splitlines()] if args.raw and args.raw.exists() else []
    known = {(p["ask"], p["policy"], p["shape"]) for p in points}
    wanted = [
        (ask, policy, shape)
        for ask, policies in ASKS.items()
        for policy in policies
        for shape in SHAPES
        # It reads names of tools, and no text.
        if policy in names and (policy != "tool-tiers" or shape == "chat")
    ]
    # Each shape of all policies before the next, so that what was measured is of use when it is stopped.
    wanted.sort(key=lambda ask: list(SHAPES).index(ask[2]))
    with tempfile.TemporaryDirectory() as folder:
        for at, (ask, policy, shape) in enumerate([] if args.page_only else wanted, 1):
            if (ask, policy, shape) in known:
                continue
            built = args.plugins / f"witgate_plugin_{policy.replace('-', '_')}.wasm" if args.plugins else f"builtin:{policy}"
            by_size, late = steadily(args.witgate, built, policy, ask, SHAPES[shape], pathlib.Path(folder))
            new = [
                {"ask": ask, "policy": policy, "shape": shape, "size": size, "us": us, "late": size in late}
                for size, us in sorted(by_size.items())
            ]
            points += new
            if args.raw:
                with args.raw.open("a") as raw:
                    raw.writelines(json.dumps(point) + "\n" for point in new)
            print(f"speed: {at} of {len(wanted)}: {policy}, {PLACES[ask]}, {shape}", file=sys.stderr, flush=True)
    order = [(ask, policy) for ask, policies in ASKS.items() for policy in policies]
    points.sort(key=lambda p: (order.index((p["ask"], p["policy"])), list(SHAPES).index(p["shape"]), p["size"]))
    version = subprocess.run([args.witgate, "--version"], capture_output=True, text=True).stdout.strip()
    (args.out / "detection-speed.md").write_text(page(points, version))
    (args.out / "detection-speed.svg").write_text(plot.svg(panels(points)))
    steep = [row for row in rows(points) if row["growth"] > MOST_GROWTH]
    for row in steep:
        print(f"speed: {row['policy']}, {row['ask']}, {row['shape']}: {row['growth']:.1f} times as much a byte at 1 MiB", file=sys.stderr)
    return 1 if steep else 0


def rows(points):
    """Each shape of each policy and place: microseconds a KiB by size, and the growth from 100 KiB to 1 MiB."""
    series = {}
    for p in points:
        series.setdefault((p["policy"], p["ask"], p["shape"]), {})[p["size"]] = p
    for (policy, ask, shape), by_size in series.items():
        per = {size: p["us"] / (size / 1024) for size, p in by_size.items()}
        middle, last = sorted(per)[-2:]
        late = [size for size, p in by_size.items() if p["late"]]
        yield {"policy": policy, "ask": ask, "shape": shape, "per": per, "growth": per[last] / max(per[middle], 0.1), "late": late}


def panels(points):
    """One for each policy and place: its name, and its lines by shape."""
    out = {}
    for p in points:
        title = f"{p['policy']}: {PLACES[p['ask']]}"
        out.setdefault(title, {}).setdefault(p["shape"], []).append((p["size"], p["us"]))
    return out


def page(points, version):
    lines = [
        "# Time against size",
        "",
        f"Written by `make speed` on {datetime.date.today()}: {version}, {os.cpu_count()} cores. Each built-in policy, compiled, on "
        f"{len({p['shape'] for p in points}) - 1} shapes of text made to be slow, and on chat. Each call is in a fresh sandbox; small texts: the median of many calls, 100 KiB and 1 MiB: one. "
        f"The machine's load was {os.getloadavg()[2]:.0f} (15 minutes): where that is more than it has cores, times are longer than they need be.",
        "",
        "![Time against size for each policy](detection-speed.svg)",
        "",
        "Both scales are logarithmic: a line at the slope of the dotted one is linear. Chat is the thick line; the slowest shape is named.",
        "",
    ]
    every = list(rows(points))
    chat = [r for r in every if r["ask"] == "user" and r["shape"] == "chat" and r["policy"] in TOGETHER]
    ten = {r["policy"]: r["per"][10 << 10] for r in chat}
    if len(ten) == len(TOGETHER):
        total = sum(ten.values())
        each = ", ".join(f"{policy} {us:.1f}" for policy, us in ten.items())
        lines += [f"Chat of 10 KiB, {len(ten)} policies together: **{total:.0f} µs a KiB, {total / 100:.2f} ms** in all ({each}).", ""]
    lines += [
        "Microseconds a KiB. *Growth* is what a byte costs at 1 MiB beside 100 KiB: about 1 where the time is linear. The highest of all shapes.",
        "",
        "| policy, of | chat, 10 KiB | 1 MiB | slowest shape at 1 MiB | 10 KiB | 100 KiB | 1 MiB | highest growth | passed its deadline |",
        "|---|---:|---:|---|---:|---:|---:|---:|---|",
    ]
    for title in dict.fromkeys((r["policy"], r["ask"]) for r in every):
        own = [r for r in every if (r["policy"], r["ask"]) == title]
        _, first, middle, last = sorted(own[0]["per"])
        chat = next(r for r in own if r["shape"] == "chat")
        worst = max(own, key=lambda r: r["per"][last])
        steepest = max(own, key=lambda r: r["growth"])
        late = [r["shape"] for r in own if r["late"]]
        lines.append(
            f"| {title[0]}, {PLACES[title[1]]} | {chat['per'][first]:.1f} | {chat['per'][last]:.1f} | {worst['shape']} | "
            f"{worst['per'][first]:.1f} | {worst['per'][middle]:.1f} | {worst['per'][last]:.1f} | "
            f"{steepest['growth']:.1f} ({steepest['shape']}) | {', '.join(late) or 'none'} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
