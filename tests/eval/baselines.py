"""Other detectors over the rows of one policy, as JSON on stdout: counts, kinds, spans and time.

    baselines.py POLICY FILE

What is not installed is passed over, and said on stderr.
"""

import collections
import json
import statistics
import sys
import time
from importlib.metadata import version

import regexes
import rows as data


def overlapping(one, others):
    return any(other[0] == one[0] and one[1] < other[2] and other[1] < one[2] for other in others)


def spans(rows, found):
    """By type: labelled, found, exactly right, and those that overlap one of the other side."""
    tally = collections.defaultdict(lambda: [0, 0, 0, 0, 0])
    for row, spans in zip(rows, found):
        if row.spans is None:
            continue
        for one in row.spans:
            counts = tally[one[0]]
            counts[0] += 1
            counts[2] += one in spans
            counts[3] += overlapping(one, spans)
        for one in spans:
            counts = tally[one[0]]
            counts[1] += 1
            counts[4] += overlapping(one, row.spans)
    names = ["labelled", "found", "exact", "labelled_overlap", "found_overlap"]
    return {name: dict(zip(names, counts)) for name, counts in tally.items() if counts[0]}


def measured(name, package, rows, detect):
    """`detect` gives of a text whether it is detected, and its spans."""
    acted, found, took = [], [], []
    for row in rows:
        began = time.perf_counter()
        one, marked = detect(row.text)
        took.append((time.perf_counter() - began) * 1e6)
        acted.append(bool(one))
        found.append(marked)
    kinds = collections.defaultdict(lambda: [0, 0, 0, 0])
    for row, one in zip(rows, acted):
        kinds[row.kind][(0 if one else 3) if row.positive else (1 if one else 2)] += 1
    total = [sum(counts) for counts in zip(*kinds.values())]
    return {
        "name": name,
        "version": package,
        "counts": total,
        "kinds": dict(kinds),
        "spans": spans(rows, found) if any(row.spans for row in rows) else None,
        "call_us_median": round(statistics.median(took), 1),
    }


def by_regexes(policy):
    patterns = regexes.OF[policy]

    def detect(text):
        hits = [(name, match) for name, one in patterns.items() for match in one.finditer(text)]
        return hits, {(data.type_name(name), *match.span()) for name, match in hits}

    return detect


def by_presidio(least):
    import presidio

    analyzer = presidio.analyzer()

    def detect(text):
        results = analyzer.analyze(text, language="en", score_threshold=least)
        return results, {(data.type_name(one.entity_type), one.start, one.end) for one in results}

    return detect


def named(package):
    return f"{package} {version(package)}"


def main(policy, file):
    rows = data.read(file)
    told = [measured(f"{len(regexes.OF[policy])} regular expressions", "", rows, by_regexes(policy))]
    try:
        if policy == "pii":
            for least, words in [(0.0, "every result"), (0.4, "from a score of 0.4")]:
                name = f"Presidio's patterns, {words}"
                told.append(measured(name, named("presidio-analyzer"), rows, by_presidio(least)))
        if policy == "secrets":
            from detect import Scanner

            with Scanner() as scanner:
                told.append(
                    measured("detect-secrets", named("detect-secrets"), rows, lambda text: (scanner.found(text), set()))
                )
    except ImportError as missing:
        print(f"eval: passed over, since it is not installed: {missing}", file=sys.stderr)
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
