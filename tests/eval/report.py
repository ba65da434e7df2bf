"""docs/detection.md from what `scripts/eval.sh` measured, on stdout.

    report.py VERSION FOLDER

The folder has PART.policy.json, as `witgate plugin eval --format json` writes it, PART.others.json of baselines.py, and
POLICY.long.json of the rows of long.py.
"""

import datetime
import json
import math
import os
import pathlib
import platform
import sys

import rows as data

HEAD = """# Detection, measured

Written by `make eval` on {date}: {version}, Python {python}, {cores} cores. Every figure is of this one run, all detectors on the
same rows: {versions}. `witgate plugin eval` measures any policy on your own rows in the same way; see [policies.md](policies.md).

A row is *detected* when, at default settings, the policy denies, escalates or edits; findings and labels alone do not count. For
the others, any result is a detection. Recall is the share of positive rows detected, FPR that of negative rows. In brackets stand
Wilson intervals of 95 %. Times are of a text, in the middle of all, in a fresh sandbox for a policy and in a running Python for the
others: they tell orders of magnitude.

**Read with care.** The policies were developed with the rows of files named `dev`, the others were not; rows of one source resemble
each other; a policy is told whose text it is (a tool's result is judged otherwise than a user's words), the others are not.
No row is quoted here, and none is part of this repository.
"""


def wilson(part, of):
    if not of:
        return None
    z, p = 1.959963984540054, part / of
    spread = 1 + z * z / of
    middle = (p + z * z / (2 * of)) / spread
    half = z / spread * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    # Four places, as the policies' figures come: the page and the command line show the same.
    return tuple(round(share, 4) for share in (p, max(0.0, middle - half), min(1.0, middle + half)))


def percent(share):
    return "–" if share is None else f"{share * 100:.1f} %"


def rate(part, of):
    found = wilson(part, of)
    return "–" if found is None else f"{found[0] * 100:.1f} % ({found[1] * 100:.1f} to {found[2] * 100:.1f})"


def f1(right, wrong, missed):
    return 2 * right / (2 * right + wrong + missed) if right + missed else None


def table(head, lines):
    yield "| " + " | ".join(head) + " |"
    yield "|---|" + "---:|" * (len(head) - 1)
    for line in lines:
        yield "| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |"


def of_policy(told):
    """In the shape of the others."""
    result = told["result"]

    def four(counts):
        return [counts[f"{name}"] for name in ("true_positives", "false_positives", "true_negatives", "false_negatives")]

    spans = result["spans"]
    return {
        "name": f"**{result['plugin']}**",
        "version": result["version"],
        "counts": four(result["counts"]),
        "kinds": {kind["name"]: four(kind["counts"]) for kind in result["kinds"]},
        "spans": spans and {one["type"]: one for one in spans["types"]},
        "call_us_median": result["time"]["call_us_median"],
    }


def overlap_f1(one):
    precision = one["found_overlap"] / one["found"] if one["found"] else None
    recall = one["labelled_overlap"] / one["labelled"] if one["labelled"] else None
    return 2 * precision * recall / (precision + recall) if precision and recall else 0.0


def span_tables(policy, others):
    """F1 of each type that the policy declares and the data labels."""
    for title, pick, count in [
        ("exact", lambda one: one["exact"]["f1"], lambda one: f1(one["exact"], one["found"] - one["exact"], one["labelled"] - one["exact"])),
        ("overlapping", lambda one: one["overlapping"]["f1"], overlap_f1),
    ]:
        lines = []
        for name, one in policy["spans"].items():
            line = [name, one["labelled"], percent(pick(one))]
            for other in others:
                there = (other["spans"] or {}).get(data.type_name(name))
                line.append(percent(count(there)) if there and there["found"] else "–")
            lines.append(line)
        yield f"F1 of spans, {title}, of the types that the policy declares and the rows label:\n"
        yield from table(["type", "labelled", policy["name"], *(other["name"] for other in others)], lines)
        yield ""


def section(part, told, others):
    result, policy = told["result"], of_policy(told)
    tp, fp, tn, fn = policy["counts"]
    yield f"## {part}\n"
    yield f"{told['rows']:,} rows: {tp + fn:,} positive, {fp + tn:,} negative.\n"
    lines = []
    for one in [policy, *others]:
        tp, fp, tn, fn = one["counts"]
        lines.append([one["name"], rate(tp, tp + fn), rate(fp, fp + tn), rate(tp, tp + fp), percent(f1(tp, fp, fn)), f"{one['call_us_median']:,.0f}"])
    yield from table(["", "recall", "FPR", "precision", "F1", "µs a text"], lines)
    yield ""
    counts = result["counts"]
    noticed = f"Noticed only (findings or labels): {counts['noticed_positives']} positive and {counts['noticed_negatives']} negative rows."
    if result["auc"] is not None:
        noticed += f" AUC over the confidence of findings: {result['auc']:.3f}."
    time = result["time"]
    if time["us_per_kib_median"] is not None:
        noticed += f" A KiB of text: {time['us_per_kib_median']:.0f} µs, over the {time['long_questions']} texts of 1 KiB and more."
    yield noticed + "\n"
    declared = result["declared_only"]
    if declared:
        counts = declared["counts"]
        right, all = counts["true_positives"], counts["true_positives"] + counts["false_negatives"]
        yield f"Of the {all:,} positive rows with a type that the policy declares: {rate(right, all)}. The rows also label what it does not"
        yield f"look for: {', '.join(f'{name} {count}' for name, count in result['spans']['not_declared'])}.\n"
    for fault in result["faults"]:
        yield f"**Faults:** {fault['rows']} rows with `{fault['code']}`.\n"
    if policy["spans"]:
        yield from span_tables(policy, others)
    lines = []
    for kind, (tp, fp, tn, fn) in policy["kinds"].items():
        for side, of, place in [("positive", tp + fn, 0), ("negative", fp + tn, 1)]:
            if of:
                shares = [percent(one["kinds"][kind][place] / of) for one in [policy, *others]]
                lines.append([f"{kind}, {side}", of, *shares])
    lines.sort(key=lambda line: line[0].endswith("negative"))
    yield "Share of rows acted on, by kind: recall where they are positive, FPR where they are negative.\n"
    yield from table(["kind", "rows", policy["name"], *(other["name"] for other in others)], lines)
    yield ""


LONG = """## Long ordinary texts

Share of ordinary texts that a policy acts on, by length: pieces of the sources and documents of Python packages, once as a user
pastes them and once as a tool brings them. Nothing was learnt from them. A policy that is right about a line may still be wrong about
a file, because a file has a thousand lines. Packages name their authors, so that what `pii` edits here are mostly addresses.
"""


def long_texts(told):
    """A line for each length and channel, a column for each policy."""
    def acted(counts):
        return counts["false_positives"], counts["false_positives"] + counts["true_negatives"]

    counts = {name: {one["name"]: acted(one["counts"]) for one in result["result"]["sources"]} for name, result in told.items()}
    sources = sorted({source for of in counts.values() for source in of}, key=lambda name: (name.split("/")[2], int(name.split("/")[1]), name))
    lines = []
    for source in sources:
        kind, size, channel = source.split("/")
        who = "a tool's" if channel == "tool_result" else "a user's"
        _, rows = next(iter(counts.values()))[source]
        lines.append([f"{who}, {kind}s of {int(size) // 1000} KB", rows, *(rate(*of[source]) for of in counts.values())])
    yield LONG
    yield from table(["texts", "rows", *(f"**{name}**" for name in counts)], lines)
    yield ""


def main(version, folder):
    today = datetime.date.today().isoformat()
    parts = []
    for file in sorted(pathlib.Path(folder).glob("*.policy.json")):
        part = file.name.removesuffix(".policy.json")
        others = json.loads((file.parent / f"{part}.others.json").read_text())
        parts.append((part, json.loads(file.read_text()), others))
    versions = {f"{told['result']['plugin']} {told['result']['version']}": None for _, told, _ in parts}
    versions |= {one["version"]: None for _, _, others in parts for one in others if one["version"]}
    print(HEAD.format(
        date=today,
        version=version,
        python=platform.python_version(),
        cores=os.cpu_count(),
        versions=", ".join(versions),
    ))
    for part in parts:
        print("\n".join(section(*part)))
    long = {file.name.removesuffix(".long.json"): json.loads(file.read_text()) for file in sorted(pathlib.Path(folder).glob("*.long.json"))}
    if long:
        print("\n".join(long_texts(long)))


if __name__ == "__main__":
    main(*sys.argv[1:])
