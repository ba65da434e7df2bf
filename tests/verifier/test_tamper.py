"""Every kind of single edit is found, located and named by the second verifier.

At every record of the small ledger; of the thousand, at a sample with a fixed seed (the Rust tests edit all of them).
"""

import base64
import random
import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from verifier import Checkpoint, Verifier, Wrong, load_key, sha256

VECTORS = Path(__file__).parent / "vectors"
CHAIN, ONE, TWO = (load_key(VECTORS / name) for name in ("chain.key", "one.pub", "two.pub"))
SAMPLE = 40


def entries(data):
    at, found = 128, []
    while length := int.from_bytes(data[at : at + 4], "big"):
        found.append((at, at + length + 44))
        at += length + 44
    return found


class Ledger:
    def __init__(self, name):
        self.folder, self.random = VECTORS / name, random.Random(name)
        self.files = {path.name: path.read_bytes() for path in self.folder.glob("*.wgl")}
        self.places = [(file, *place) for file in sorted(self.files) for place in entries(self.files[file])]
        numbers = range(len(self.places))
        self.sample = list(numbers) if len(numbers) <= SAMPLE else sorted(self.random.sample(numbers, SAMPLE))


@pytest.fixture(scope="module", params=["every-kind", "thousand"])
def ledger(request):
    return Ledger(request.param)


def flip(ledger, index, files):
    file, start, end = ledger.places[index]
    at = ledger.random.randrange(start, end)
    data = bytearray(files[file])
    data[at] ^= 1 << ledger.random.randrange(8)
    files[file] = bytes(data)


def delete(ledger, index, files):
    file, start, end = ledger.places[index]
    files[file] = files[file][:start] + files[file][end:]


def insert(ledger, index, files):
    file, start, _ = ledger.places[index]
    other, begin, end = ledger.places[(index + 7) % len(ledger.places)]
    files[file] = files[file][:start] + ledger.files[other][begin:end] + files[file][start:]


def swap(ledger, index, files):
    file, start, end = ledger.places[index]
    if index + 1 == len(ledger.places) or ledger.places[index + 1][0] != file:
        return False
    stop, data = ledger.places[index + 1][2], files[file]
    files[file] = data[:start] + data[end:stop] + data[start:end] + data[stop:]


def cut(ledger, index, files):
    file, start, _ = ledger.places[index]
    files[file] = files[file][:start]
    for later in [name for name in files if name > file]:
        del files[later]


def found(folder, **check):
    with pytest.raises(Wrong) as why:
        Verifier(folder, **check).run()
    return why.value


@pytest.mark.parametrize("edit", [flip, delete, insert, swap, cut])
def test_an_edit_at_every_record(ledger, edit, tmp_path):
    folder = tmp_path / "ledger"
    shutil.copytree(ledger.folder, folder)
    for index in ledger.sample:
        files = dict(ledger.files)
        if edit(ledger, index, files) is False:
            continue
        touched = [name for name in ledger.files if files.get(name) != ledger.files[name]]
        for name in touched:
            if name in files:
                (folder / name).write_bytes(files[name])
            else:
                (folder / name).unlink()
        exact, within = found(folder, chain=CHAIN, keys=[ONE]), found(folder, keys=[ONE])
        assert (exact.seq, exact.through) == (index + 1, index + 1), (index, exact)
        assert within.seq <= index + 1 <= within.through, (index, within)
        for name in touched:
            (folder / name).write_bytes(ledger.files[name])
    assert Verifier(folder, CHAIN, [ONE]).run().seq == len(ledger.places)


def test_a_segment_replayed(ledger, tmp_path):
    names = sorted(ledger.files)
    for index in range(1, len(names)):
        folder = tmp_path / str(index)
        shutil.copytree(ledger.folder, folder)
        (folder / names[index]).write_bytes(ledger.files[names[index - 1]])
        assert found(folder, keys=[ONE]).code == "segment_misnamed"


def test_two_ledgers_spliced(tmp_path):
    small, large = Ledger("every-kind"), Ledger("thousand")
    first = sorted(small.files)[0]
    folder = tmp_path / "ledger"
    shutil.copytree(large.folder, folder)
    (folder / first).write_bytes(small.files[first])
    assert found(folder, keys=[ONE]).code in ("records_missing", "segment_foreign")
    # One record of the other, at the place of each of a sample.
    for index in large.sample:
        file, start, end = large.places[index]
        other, begin, stop = small.places[index % len(small.places)]
        shutil.copy(large.folder / first, folder / first)
        data = large.files[file]
        (folder / file).write_bytes(data[:start] + small.files[other][begin:stop] + data[end:])
        assert found(folder, chain=CHAIN, keys=[ONE]).seq == index + 1
        within = found(folder, keys=[ONE])
        assert within.seq <= index + 1 <= within.through
        (folder / file).write_bytes(data)


def test_signed_by_nobody_who_counts():
    assert found(VECTORS / "thousand", keys=[TWO]).code == "checkpoint_wrong_key"
    other = Checkpoint((VECTORS / "every-kind/checkpoint").read_bytes().decode())
    assert found(VECTORS / "thousand", keys=[ONE], checkpoints=[other]).code == "checkpoint_foreign"


def test_signed_with_a_key_that_was_retired(tmp_path):
    """Whoever got hold of the first key appends a record and signs the file `checkpoint` anew; the second one took over long ago."""
    folder = tmp_path / "ledger"
    shutil.copytree(VECTORS / "every-kind", folder)
    last = sorted(folder.glob("*.wgl"))[-1]
    data = last.read_bytes()
    start, end = entries(data)[-1]
    told = Verifier(folder, keys=[ONE]).run()
    forged = data[start:end].replace(b"\xa3seq\xcf" + told.seq.to_bytes(8, "big"), b"\xa3seq\xcf" + (told.seq + 1).to_bytes(8, "big"))
    last.write_bytes(data[:end] + forged)
    (folder / "checkpoint").unlink()
    run = Verifier(folder).run()
    assert run.seq == told.seq + 1
    (folder / "checkpoint").write_text(signed(run, run.seq, seed=1))
    assert found(folder, keys=[ONE]).code == "checkpoint_wrong_key"
    (folder / "checkpoint").write_text(signed(run, run.seq, seed=2))
    assert Verifier(folder, keys=[ONE]).run().signed == run.seq
    # What the first key signed while it counted, it still vouches for.
    earlier = Checkpoint((VECTORS / "earlier-checkpoint").read_bytes().decode())
    assert earlier.is_signed(ONE) and Verifier(folder, keys=[ONE], checkpoints=[earlier]).run().signed == run.seq


def signed(run, size, seed):
    """The text of a checkpoint over all that a run read."""
    key = Ed25519PrivateKey.from_private_bytes(bytes([seed] * 32))
    origin, public = f"witgate-ledger/{run.ledger.hex()}", [ONE, TWO][seed - 1]
    root, segment = (base64.b64encode(part).decode() for part in (run.tree.root(), run.segment))
    text = f"{origin}\n{size}\n{root}\nwitgate-segment {segment}\n"
    raw = sha256(origin.encode(), b"\x0a\x01", public)[:4] + key.sign(text.encode())
    return f"{text}\n\u2014 {origin} {base64.b64encode(raw).decode()}\n"


def test_an_emptied_ledger(tmp_path):
    kept = Checkpoint((VECTORS / "thousand/checkpoint").read_bytes().decode())
    assert found(tmp_path, keys=[ONE], checkpoints=[kept]).code == "tail_cut"
    assert found(tmp_path, keys=[ONE]).code == "checkpoint_missing"
