#!/usr/bin/env python3
"""Makes src/weights.bin from labelled rows.

    pip install -r requirements.txt
    python3 train.py DATA_FOLDER [--out ../src/weights.bin] [--report report.json]

DATA_FOLDER holds injection.dev.jsonl (see examples/measure_injection.rs for its format). The rows of own.py are trained on as well. Features come from the plugin itself (`cargo run --example features`), so that what is learnt is what is seen. Nothing
is random: the same rows, the same code and the same versions make the same file.

Each row is cut into windows. Windows of harmless rows are harmless; of an attack at least one is one, and which one is found by
training some rounds (multiple-instance learning). A feature is kept where it occurs in several groups of sources only. The
limits are chosen on scores of sources that the model has not seen.

A document of many windows has as many chances to look like an attack. So what a first model finds the worst in long harmless
texts (long.py) is trained on as well, and limits hold for long texts that were not.
"""
import argparse, collections, json, multiprocessing, pathlib, struct, subprocess, sys, tempfile

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

import long
import own

WINDOW = {False: 48, True: 20}              # words of a user's text, and of a tool's; as in scorer.rs
ROUNDS, TOL = 2, (1e-2, 1e-3)
BITS, KEEP = 13, 4400                       # slots of the table, features kept
C = 0.15                                    # inverse of the regularisation
USER_FPR, TOOL_FPR = 0.0045, 0.03           # by the scorer alone, of short texts that were left out
AGREE_FPR = {False: 0.08, True: 0.05}       # where rules speak for the same
USER_LONG_FPR, TOOL_LONG_FPR = 0.001, 0.001 # of pieces of 3,000 characters of long texts
LONG = 600                                  # words of a long text; as in scorer.rs
TOGETHER = 48                               # words between what rules and scorer say; as in matcher.rs
ORDER = 3                                   # words of its own that a window of an attack has
SHINGLE = 6                                 # words in a row that two texts have in common when they were made of one
MINED, MININGS, LONG_SHARE = 2, 3, 0.35     # windows of a long text; how often they are looked for; their part of the weight
HERE = pathlib.Path(__file__).resolve().parent

ATTACK_FAMILY = [("BIPIA", "bipia"), ("InjecAgent", "injecagent"), ("PurpleLlama", "purplellama"), ("JailbreakBench", "jbb"),
                 ("garak/sysprompt", "extraction"), ("garak/promptinject", "hijack")]
# Harmless sources that attacks were made of are left out with them.
OF_ATTACKS = {"BIPIA/email(openai-evals)": "bipia", "InjecAgent/user_cases": "injecagent", "garak/promptinject": "hijack"}


def family(row):
    """Sources that took from each other are one family."""
    if row["source"] == "own":
        return "own"
    if row["label"] != "attack":
        return row["source"]
    return next((name for start, name in ATTACK_FAMILY if row["source"].startswith(start)), "in-the-wild")


def group(row):
    """What counts as one voice for a feature: where a source has variants of its own, each of them is one."""
    if row["label"] == "attack" and row.get("variant"):
        return family(row) + "/" + str(row["variant"])
    return family(row) if row["label"] == "attack" else row["source"]


def read(data):
    lines = [line for line in (pathlib.Path(data) / "injection.dev.jsonl").read_text(encoding="utf-8").split("\n") if line.strip()]
    lines += [json.dumps(row) for row in [*own.rows(), *long.rows(HERE.parents[2] / "Cargo.toml")]]
    rows = [json.loads(line) for line in lines]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
        file.flush()
        command = ["cargo", "run", "--release", "--quiet", "-p", "witgate-plugin-injection", "--example", "features", "--", file.name]
        out = subprocess.run(command, cwd=HERE, capture_output=True, check=True, text=True).stdout.splitlines()
    for row, line in zip(rows, out, strict=True):
        points, halves, words = line.split("\t")
        row["points"], row["halves"] = int(points), [int(at) for at in halves.split(",") if at]
        row["words"] = [[int(f) for f in word.split(",") if f] for word in words.split(" ")] if words else []
        row["attack"], row["tool"] = row["label"] == "attack", row.get("channel") == "tool_result"
        row["family"], row["group"] = family(row), group(row)
        row["long"] = row["source"].startswith("long/")
    rows = [row for row in rows if row["words"] and row.get("channel") != "system"]
    short, longs = [row for row in rows if not row["long"]], [row for row in rows if row["long"]]
    return short, [row for row in longs if not row["held"]], [row for row in longs if row["held"]]


def shingles(row):
    """Each run of so many words, by the first feature of a word, which is the word itself."""
    words = [word[0] if word else 0 for word in row["words"]]
    return [tuple(words[at:at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)]


def carriers(rows):
    """What attacks were put into: words of a tool's result that stand in harmless rows, too, or around orders of several kinds. A
    window of them alone is no attack, and what was cut out is a harmless row of its own."""
    harmless = {s for row in rows if not row["attack"] and row["tool"] for s in shingles(row)}
    variants = collections.defaultdict(set)
    attacks = [row for row in rows if row["attack"] and row["tool"]]
    for row in attacks:
        for shingle in set(shingles(row)):
            variants[row["family"], shingle].add(row.get("variant"))
    cut, carrier_of = {}, {attack: source for source, attack in OF_ATTACKS.items()}
    for row in attacks:
        carried = [False] * len(row["words"])
        for at, shingle in enumerate(shingles(row)):
            if shingle in harmless or len(variants[row["family"], shingle]) >= 2:
                carried[at:at + SHINGLE] = [True] * SHINGLE
        if all(carried):
            continue
        begin = 0
        for at in range(len(carried) + 1):
            if at == len(carried) or not carried[at]:
                words = row["words"][begin:at]
                source = carrier_of.get(row["family"])
                if len(words) >= WINDOW[True] and source:
                    key = tuple(word[0] if word else 0 for word in words)
                    cut[key] = {**row, "attack": False, "label": "benign", "family": source, "group": source, "source": source,
                                "words": words, "halves": [], "points": 0, "cut": True}
                begin = at + 1
        row["order"] = [[] if carried[at] else word for at, word in enumerate(row["words"])]
    return list(cut.values())


def windows(row):
    words, size = len(row["words"]), WINDOW[row["tool"]]
    last = max(words - size, 0)
    return [(a, min(a + size, words)) for a in sorted({*range(0, last + 1, size // 2), last})]


def vocabulary(rows):
    """Features that several groups have; an attack's must not be those of one source alone."""
    docs, attack, benign = collections.Counter(), collections.defaultdict(set), collections.defaultdict(set)
    for row in rows:
        for f in {f for word in row.get("order", row["words"]) for f in word}:
            docs[f] += 1
            (attack if row["attack"] else benign)[f].add(row["group"])
    def voices(groups):
        families = collections.Counter(g.split("/")[0] for g in groups)
        return sum(1 + (n >= 4) for n in families.values())
    keep = [f for f, n in docs.items() if n >= 4 and (voices(attack[f]) >= 2 or len(benign[f]) >= 4)]
    return {f: i for i, f in enumerate(sorted(keep))}


def matrix(rows, vocab):
    """A row for each window: which features it has, and again for those of tools; whose window it is; and whether it may be an attack."""
    n, indptr, indices, owner, may = len(vocab), [0], [], [], []
    for r, row in enumerate(rows):
        ids = [[vocab[f] for f in word if f in vocab] for word in row["words"]]
        for a, b in windows(row):
            here = [i for word in ids[a:b] for i in word]
            indices += here + ([i + n for i in here] if row["tool"] else [])
            indptr.append(len(indices))
            owner.append(r)
            may.append(sum(map(bool, row.get("order", row["words"])[a:b])) >= min(ORDER, b - a))
    x = sp.csr_matrix((np.ones(len(indices), np.float32), indices, indptr), shape=(len(owner), 2 * n))
    x.sum_duplicates()
    x.data[:] = 1
    return x, np.array(owner), np.array(may)


def fit(rows, vocab):
    x, owner, may = matrix(rows, vocab)
    attack = np.array([row["attack"] for row in rows])
    size = collections.Counter((row["attack"], row["family"]) for row in rows)
    weight = np.array([size[row["attack"], row["family"]] ** -0.35 for row in rows])
    weight[attack] *= 0.45 * len(rows) / 2 / weight[attack].sum()
    mined = np.array([row["long"] for row in rows])
    for part, share in ((~attack & mined, LONG_SHARE if mined.any() else 0), (~attack & ~mined, 1 - LONG_SHARE if mined.any() else 1)):
        weight[part] *= 1.55 * share * len(rows) / 2 / max(weight[part].sum(), 1e-9)
    use = ~attack[owner] | may
    for turn in range(ROUNDS):
        model = LogisticRegression(C=C, solver="liblinear", max_iter=60, tol=TOL[turn], random_state=7)
        many = np.bincount(owner[use], minlength=len(rows))
        # All windows of a harmless row say so; those of an attack that are left share its weight.
        w = weight[owner] / np.where(attack[owner], np.maximum(many[owner], 1), np.sqrt(np.maximum(many[owner], 1)))
        model.fit(x[use], attack[owner[use]], sample_weight=w[use])
        score = x @ model.coef_[0]
        best = np.full(len(rows), -np.inf)
        np.maximum.at(best, owner[may], score[may])
        # The highest window of an attack, and what comes close to it.
        use = ~attack[owner] | may & (score >= best[owner] - (1.0 if turn == 0 else 0.3))
    return model.coef_[0]


def compress(coef, vocab):
    """The weights in a byte each: feature -> (general, for tools)."""
    n = len(vocab)
    top = np.argsort(-(np.abs(coef[:n]) + np.abs(coef[n:])), kind="stable")[:KEEP]
    scale = 127 / np.quantile(np.abs(np.concatenate([coef[top], coef[top + n]])), 0.999)
    whole = lambda w: int(np.clip(np.rint(w * scale), -127, 127))
    features = list(vocab)
    table = {features[i]: (whole(coef[i]), whole(coef[i + n])) for i in top}
    return {f: w for f, w in table.items() if w != (0, 0)}


def pack(table):
    """The table of scorer.rs. Two features of one slot and the same 16 bits are one; the heavier stays."""
    mask, slots = (1 << BITS) - 1, [None] * (1 << BITS)
    for f, (general, tool) in sorted(table.items(), key=lambda item: (-abs(item[1][0]) - abs(item[1][1]), item[0])):
        at = f >> (32 - BITS) & mask
        while slots[at] is not None and slots[at][0] != f & 0xFFFF:
            at = at + 1 & mask
        if slots[at] is None:
            slots[at] = (f & 0xFFFF, general, tool)
    return b"".join(struct.pack("<Hbb", *slot) if slot else bytes(4) for slot in slots)


class Table:
    """Looks up as scorer.rs does."""

    def __init__(self, packed):
        self.packed, self.known = packed, {}

    def of(self, f):
        if f not in self.known:
            mask, at = (1 << BITS) - 1, f >> (32 - BITS)
            while True:
                fp, general, tool = struct.unpack_from("<Hbb", self.packed, at * 4)
                if (fp, general, tool) == (0, 0, 0):
                    self.known[f] = None
                    break
                if fp == f & 0xFFFF:
                    self.known[f] = (at, general, general + tool)
                    break
                at = at + 1 & mask
        return self.known[f]

    def scores(self, row):
        """The sum of the window that ends at each word."""
        size, seen, words = WINDOW[row["tool"]], {}, []
        for position, word in enumerate(row["words"]):
            total = 0
            for slot in map(self.of, word):
                # What the window has counts once.
                if slot and position - seen.get(slot[0], -size) >= size:
                    seen[slot[0]] = position
                    total += slot[2] if row["tool"] else slot[1]
            words.append(total)
        sums = np.concatenate([[0], np.cumsum(words)])
        ends = np.arange(1, len(sums))
        return sums[ends] - sums[np.maximum(ends - size, 0)]


def train(rows):
    vocab = vocabulary(rows)
    return pack(compress(fit(rows, vocab), vocab))


def mine(longs, table):
    """The worst windows of long texts, each as a row."""
    out = []
    for row in longs:
        scores, size = table.scores(row).astype(float), WINDOW[row["tool"]]
        for _ in range(MINED):
            end = int(scores.argmax())
            if scores[end] <= 0:
                break
            out.append({**row, "words": row["words"][max(0, end + 1 - size):end + 1]})
            scores[max(0, end - size):end + size] = -np.inf
    return out


def limit(scores, share):
    """The lowest limit that at most this share reaches."""
    scores = np.sort(np.array(scores))[::-1]
    return int(scores[min(int(len(scores) * share), len(scores) - 1)]) + 1


def left_out(rows, more):
    """Scores of each row by a model that has not seen its source; and, as `alone`, of harmless texts by one that has seen the attacks
    made of them."""
    attacks = sorted({row["family"] for row in rows if row["attack"] and row["family"] != "own"})
    harmless = sorted({row["family"] for row in rows if not row["attack"] and row["family"] != "own"})
    turns = []
    for k, held in enumerate(attacks):
        out = {held, *(source for source in harmless[k::len(attacks)] if source not in OF_ATTACKS)}
        out |= {source for source, attack in OF_ATTACKS.items() if attack == held}
        turns.append(("loso", [row["family"] in out for row in rows], [row for row in more if row["family"] not in out]))
    # What was cut out of attacks stays.
    turns.append(("alone", [not row["attack"] and row["family"] in OF_ATTACKS for row in rows], more))
    with multiprocessing.get_context("fork").Pool(2, without, (rows, turns)) as pool:
        for judged in pool.imap_unordered(turn, range(len(turns)), chunksize=1):
            for at, scores in judged:
                rows[at].update(scores)
            print("left out", len(judged), file=sys.stderr)
    return [row for row in rows if row["family"] != "own"]


def without(rows, turns):
    global WITHOUT
    WITHOUT = rows, turns


def turn(number):
    """The rows that one model is to do without, and what it says of them."""
    rows, turns = WITHOUT
    key, out, more = turns[number]
    table, judged = Table(train([row for row, is_out in zip(rows, out) if not is_out] + more)), []
    for at, row in enumerate(rows):
        if out[at]:
            judge(row, key, table)
            judged.append((at, {name: row[name] for name in (key, key + " near")}))
    return judged


def judge(row, key, table):
    """Its score, and the highest where rules have half of the points."""
    scores = table.scores(row)
    near = np.zeros(len(scores), bool)
    for at in row["halves"]:
        near[max(0, at - 1 - TOGETHER):at + TOGETHER] = True
    row[key], row[key + " near"] = int(max(0, scores.max())), int(scores[near].max()) if near.any() else -1 << 15


def refused(row, key, limits):
    agree, sure, long_one = limits[row["tool"]]
    if row["long"] or len(row["words"]) > LONG:
        sure = long_one
    return row["points"] >= 70 or row[key] >= sure or row[key + " near"] >= agree


def report(rows, key, limits):
    out = {}
    for label in (True, False):
        of = collections.defaultdict(list)
        for row in rows:
            if row["attack"] == label:
                of[row["family"]].append(refused(row, key, limits))
                of["all"].append(refused(row, key, limits))
        out["attack" if label else "harmless"] = {k: [sum(v), len(v), round(100 * sum(v) / len(v), 2)] for k, v in sorted(of.items())}
    return out


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("data")
    parse.add_argument("--out", default=HERE.parent / "src/weights.bin", type=pathlib.Path)
    parse.add_argument("--report", type=pathlib.Path)
    args = parse.parse_args()
    rows, longs, held = read(args.data)
    more = carriers(rows)
    print("harmless texts around attacks", len(more), file=sys.stderr)
    table = Table(train(rows + more))
    for _ in range(MININGS):
        more += mine(longs, table)
        packed = train(rows + more)
        table = Table(packed)
        print("and windows of long texts", len(more), file=sys.stderr)
    for row in rows + held:
        judge(row, "seen", table)
    judged = left_out(rows, more)
    limits = {}
    for tool, share, long_share in ((False, USER_FPR, USER_LONG_FPR), (True, TOOL_FPR, TOOL_LONG_FPR)):
        benign = [row["loso"] for row in judged if not row["attack"] and row["tool"] == tool]
        long_ones = [row["seen"] for row in held if row["tool"] == tool]
        print("limits by short and long texts", tool, limit(benign, share), limit(long_ones, long_share), file=sys.stderr)
        sure = limit(benign, share)
        limits[tool] = (min(limit(benign, AGREE_FPR[tool]), sure), sure, max(sure, limit(long_ones, long_share)))
    head = struct.pack("<BBhhhhhh", BITS, 0, *limits[False], *limits[True]).ljust(16, b"\0")
    args.out.write_bytes(head + packed)
    result = {"limits": {"user": limits[False], "tool": limits[True]}, "bytes": len(head + packed),
              "in sample": report(judged, "seen", limits), "left out": report(judged, "loso", limits)}
    if args.report:
        args.report.write_text(json.dumps(result, indent=1) + "\n")
    for name in ("in sample", "left out"):
        for label in ("attack", "harmless"):
            for key, (n, of, share) in result[name][label].items():
                if label == "attack" or n or key == "all":
                    print(f"{name:10} {label:9} {key:45} {n:5} of {of:5} {share:6.2f} %")
    print("limits", limits)
    alone = [row for row in judged if "alone" in row]
    print("harmless texts whose attacks were seen", sum(refused(row, "alone", limits) for row in alone), "of", len(alone))
    for tool in (False, True):
        of = [refused(row, "seen", limits) for row in held if row["tool"] == tool]
        alone = [row["seen"] >= limits[tool][2] for row in held if row["tool"] == tool]
        rules = [row["points"] >= 70 for row in held if row["tool"] == tool]
        print("long", "tool" if tool else "user", f"{sum(of)} of {len(of)}: rules {sum(rules)}, scorer alone {sum(alone)}")
    for tool in (False, True):
        benign = [row["loso"] for row in judged if not row["attack"] and row["tool"] == tool]
        for share in (0.001, 0.002, 0.003, 0.005, 0.01, 0.02):
            at = limit(benign, share)
            found = collections.Counter(row["family"] for row in judged if row["attack"] and row["tool"] == tool and row["loso"] >= at)
            print("tool" if tool else "user", share, at, dict(found))


if __name__ == "__main__":
    main()
