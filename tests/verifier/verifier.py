"""A second verifier of Witgate's ledgers, written from docs/ledger-format.md alone.

    python verifier.py verify DIR [--key PUBLIC] [--chain-key FILE] [--expect-head SEQ:MAC] [--checkpoint FILE] [--witness-key KEY]
    python verifier.py check-proof FILE --key PUBLIC

Prints one JSON object. Exit codes: 0 intact, 1 not, 2 could not be checked. Needs Python 3.9, `cryptography`, and
`zstandard` for segments that were packed.
"""

import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

HEADER, AROUND, MAX_PAYLOAD, MAX_DEPTH = 128, 44, 4 << 20, 64
SEGMENT = re.compile(r"ledger-(\d{16})\.wgl(\.zst)?")
PIECE, MAX_PIECES = 1 << 20, 1 << 10
DASH = "\u2014 "


class Wrong(Exception):
    """The ledger is not what it should be: a code of the format, and the records that may be concerned."""

    def __init__(self, code, message="", seq=None, through=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.seq, self.through = code, message, seq, through
        self.segment = self.offset = None


class CouldNotRun(Exception):
    """The check could not be done: a code and why."""


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def mac(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


# --- MessagePack ---


def unpack(data):
    """One value, and nothing behind it."""
    value, at = _unpack(data, 0, 0)
    if at != len(data):
        raise ValueError("bytes behind the value")
    return value


def _take(data, at, n):
    if at + n > len(data):
        raise ValueError("it ends early")
    return data[at : at + n], at + n


def _unpack(data, at, depth):
    if depth > MAX_DEPTH:
        raise ValueError("nested too deep")
    (first,), at = _take(data, at, 1)
    if first < 0x80:
        return first, at
    if first >= 0xE0:
        return first - 0x100, at
    if first < 0x90:
        return _map(data, at, first & 15, depth)
    if first < 0xA0:
        return _list(data, at, first & 15, depth)
    if first < 0xC0:
        return _text(data, at, first & 31)
    if first in (0xC0, 0xC2, 0xC3):
        return {0xC0: None, 0xC2: False, 0xC3: True}[first], at
    numbers = {0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q",
               0xD0: ">b", 0xD1: ">h", 0xD2: ">i", 0xD3: ">q"}
    if first in numbers:
        raw, at = _take(data, at, struct.calcsize(numbers[first]))
        return struct.unpack(numbers[first], raw)[0], at
    lengths = {0xC4: (1, _bytes), 0xC5: (2, _bytes), 0xC6: (4, _bytes), 0xD9: (1, _text), 0xDA: (2, _text),
               0xDB: (4, _text), 0xDC: (2, _list), 0xDD: (4, _list), 0xDE: (2, _map), 0xDF: (4, _map)}
    if first not in lengths:
        raise ValueError(f"type {first:#x} is not used")
    size, read = lengths[first]
    raw, at = _take(data, at, size)
    n = int.from_bytes(raw, "big")
    return read(data, at, n, depth) if read in (_list, _map) else read(data, at, n)


def _bytes(data, at, n):
    return _take(data, at, n)


def _text(data, at, n):
    raw, at = _take(data, at, n)
    return raw.decode(), at


def _list(data, at, n, depth):
    values = []
    for _ in range(n):
        value, at = _unpack(data, at, depth + 1)
        values.append(value)
    return values, at


def _map(data, at, n, depth):
    values = {}
    for _ in range(n):
        key, at = _unpack(data, at, depth + 1)
        values[key], at = _unpack(data, at, depth + 1)
    return values, at


# --- the tree ---


def entry_hash(entry):
    """Of what stands before the MAC: what the MAC and the leaf are both made of."""
    return sha256(b"\x02", entry[:-32])


def leaf_hash(entry):
    return sha256(b"\x00", entry_hash(entry), entry[-32:])


def node_hash(left, right):
    return sha256(b"\x01", left, right)


class Tree:
    """The roots of the full subtrees, the largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def push(self, leaf):
        self.size += 1
        n = self.size
        while n & 1 == 0:
            leaf, n = node_hash(self.peaks.pop(), leaf), n >> 1
        self.peaks.append(leaf)

    def root(self):
        if not self.peaks:
            return sha256()
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def included(leaf, index, size, root, proof):
    """RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def consistent(first, first_root, second, second_root, proof):
    """RFC 9162, 2.1.4.2; every tree begins with the empty one."""
    if first == 0:
        return not proof and first_root == sha256()
    if first >= second:
        return first == second and first_root == second_root and not proof
    path = list(proof)
    if first & (first - 1) == 0:
        path.insert(0, first_root)
    if not path:
        return False
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return fr == first_root and sr == second_root and sn == 0


# --- checkpoints ---


def decode64(text, length=None):
    raw = base64.b64decode(text, validate=True)
    if length is not None and len(raw) != length:
        raise ValueError("another length")
    return raw


class Checkpoint:
    """A signed note with the text of a checkpoint. Raises ValueError where it is none."""

    def __init__(self, written):
        if re.search(r"[\x00-\x09\x0b-\x1f]", written) or len(written.encode()) > 64 << 10:
            raise ValueError("control characters, or too long")
        text, found, below = written.rpartition("\n\n")
        if not found or not below.endswith("\n"):
            raise ValueError("not a signed note")
        self.written, self.text = written, text + "\n"
        self.signatures = [self._signature(line) for line in below[:-1].split("\n")]
        lines = text.split("\n")
        if len(lines) < 3 or len(self.signatures) > 100:
            raise ValueError("too few lines, or too many signatures")
        match = re.fullmatch(r"witgate-ledger/([0-9a-f]{32})", lines[0])
        if not match or not re.fullmatch(r"0|[1-9][0-9]{0,19}", lines[1]) or int(lines[1]) >= 1 << 64:
            raise ValueError("not a ledger's checkpoint")
        self.origin, self.ledger, self.size = lines[0], bytes.fromhex(match[1]), int(lines[1])
        self.root, self.segment, self.next_key = decode64(lines[2], 32), None, None
        for line in lines[3:]:
            if not line:
                raise ValueError("an empty line")
            name, _, value = line.partition(" ")
            if name == "witgate-segment":
                self.segment = decode64(value, 32)
            elif name == "witgate-next-key":
                self.next_key = decode64(value, 32)

    @staticmethod
    def _signature(line):
        name, found, value = line.removeprefix(DASH).partition(" ")
        raw = decode64(value)
        if not line.startswith(DASH) or not found or not name or "+" in name or len(raw) <= 4:
            raise ValueError("not a signature's line")
        return name, raw[:4], raw[4:]

    def is_signed(self, key):
        key_hash = sha256(self.origin.encode(), b"\x0a\x01", key)[:4]
        mine = [raw for name, known, raw in self.signatures if (name, known) == (self.origin, key_hash)]
        try:
            for raw in mine:
                Ed25519PublicKey.from_public_bytes(key).verify(raw, self.text.encode())
        except (InvalidSignature, ValueError):
            return False
        return bool(mine)


def key_id(public):
    return sha256(public)[:8].hex()


class Keys:
    """The public keys that count, as a ledger is read."""

    def __init__(self, given):
        # Of all that ever counted: up to which size, or None.
        self.now, self.ever, self.began = list(given), [(key, None) for key in given], False

    def next(self, checkpoint):
        """True, False, or None where no key that counts has signed yet."""
        signer = next((key for key in self.now if checkpoint.is_signed(key)), None)
        if signer is None:
            return False if self.began else None
        self.began = True
        if checkpoint.next_key is not None:
            if not checkpoint.is_signed(checkpoint.next_key):
                return False
            self.now = [key for key in self.now if not checkpoint.is_signed(key)] + [checkpoint.next_key]
            self.ever = [(key, checkpoint.size if until is None and checkpoint.is_signed(key) else until) for key, until in self.ever]
            self.ever.append((checkpoint.next_key, None))
        return True

    def counted(self, checkpoint):
        """Whether a key signed it that counted at its size."""
        return any((until is None or checkpoint.size <= until) and checkpoint.is_signed(key) for key, until in self.ever)


# --- a packed segment ---


def unpacked(data):
    """What a packed segment holds. Raises Wrong where it is not frames of one piece each; never makes more than a segment holds."""
    import zstandard

    pieces, at = [], 0
    while at < len(data):
        if pieces and len(pieces[-1]) < PIECE or len(pieces) >= MAX_PIECES:
            raise Wrong("segment_unpack", "a frame behind the last one")
        try:
            length = zstandard.frame_content_size(data[at : at + 32])
            if not 1 <= length <= PIECE or data[at : at + 4] != b"\x28\xb5\x2f\xfd":
                raise Wrong("segment_unpack", "a frame without a length that a piece has")
            reader = zstandard.ZstdDecompressor().decompressobj()
            # No frame of a piece is longer than what zstd makes of bytes that cannot be compressed.
            window = data[at : at + PIECE + (PIECE >> 7) + 64]
            piece = reader.decompress(window)
            if not reader.eof or len(piece) != length:
                raise Wrong("segment_unpack", "a frame is cut")
        except zstandard.ZstdError as why:
            raise Wrong("segment_unpack", str(why)) from why
        at += len(window) - len(reader.unused_data)
        pieces.append(piece)
    return b"".join(pieces)


# --- a ledger ---


class ChainKeys:
    def __init__(self, first):
        self.first, self.step, self.key = first, 0, first

    def at(self, step):
        if step < self.step or step - self.step > 1 << 20:
            raise Wrong("header_mac", "a step that does not follow")
        while self.step < step:
            self.key, self.step = mac(self.key, b"\x03witgate chain key step v1"), self.step + 1
        return self.key


class Witness:
    """Who cosigns: a name and a key, written NAME+HASH+KEY. Raises ValueError where it is none."""

    def __init__(self, written):
        self.name, self.hash, raw = written.strip().split("+", 2)
        raw = decode64(raw, 33)
        self.key = raw[1:]
        if raw[:1] != b"\x04" or self.hash != self._hash().hex():
            raise ValueError("not a witness's key")

    def _hash(self):
        return sha256(self.name.encode(), b"\x0a\x04", self.key)[:4]

    def time(self, checkpoint):
        """When it cosigned a checkpoint, or None. One signature that does not fit spoils the others."""
        mine = [raw for name, known, raw in checkpoint.signatures if (name, known) == (self.name, self._hash())]
        times = []
        for raw in mine:
            time = int.from_bytes(raw[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{checkpoint.text}".encode()
            try:
                Ed25519PublicKey.from_public_bytes(self.key).verify(raw[8:], message)
            except (InvalidSignature, ValueError):
                return None
            times.append(time)
        return max(times, default=None)


class Verifier:
    def __init__(self, folder, chain=None, keys=(), expect_head=None, checkpoints=(), witnesses=()):
        self.folder, self.chain = Path(folder), ChainKeys(chain) if chain else None
        self.keys, self.expect_head = Keys(keys) if keys else None, expect_head
        self.expected = [(checkpoint, "kept") for checkpoint in checkpoints]
        self.witnesses, self.witnessed = witnesses, []
        self.tree, self.seq, self.mac = Tree(), 0, bytes(32)
        self.ledger = self.step = self.segment = None
        self.open, self.checkpoints = set(), 0
        self.good, self.signed, self.unknown, self.compared = 0, None, False, 0
        self.kinds = {}
        # By position: a record's digest, exchange and kind, for references to it; and how many of those held, or lead to what was let go.
        self.named, self.references = {}, {"held": 0, "let_go": 0}
        # The last record that was let go, the records that segments follow, and what RETENTION records say.
        self.floor, self.links, self.said, self.awaits, self.let_go = 0, {}, None, False, None

    def run(self):
        self._published()
        names = sorted(path.name for path in self.folder.iterdir() if path.name.startswith("ledger-"))
        names = [name for name in names if not name.endswith((".wgl.tmp", ".wgl.zst.tmp"))]
        for name in names:
            if not SEGMENT.fullmatch(name):
                raise Wrong("segment_misnamed", name, 1, 1)
        self.expected.sort(key=lambda pair: pair[0].size)
        # Of the same segment, packed and not, the one that is not counts.
        names = [name for name in names if not (name.endswith(".zst") and name[:-4] in names)]
        for name in names:
            self._segment(name, (self.folder / name).read_bytes())
        self._end()
        return self

    def _published(self):
        for name, source in (("checkpoint", "file"), ("checkpoint.witnessed", "witnessed")):
            path = self.folder / name
            if path.exists():
                try:
                    self.expected.append((Checkpoint(path.read_bytes().decode()), source))
                except ValueError as why:
                    raise Wrong("checkpoint_unreadable", str(why), 1, 1) from why

    def _segment(self, name, data):
        at = 0
        try:
            data = unpacked(data) if name.endswith(".zst") else data
            at = self._header(name, data)
            while at < len(data):
                length = int.from_bytes(data[at : at + 4], "big")
                if len(data) - at < 12 or length == 0:
                    if any(data[at:]):
                        raise Wrong("entry_truncated" if len(data) - at < 12 else "trailing_garbage")
                    break
                if length > MAX_PAYLOAD:
                    raise Wrong("entry_length")
                entry = data[at : at + length + AROUND]
                if len(entry) < length + AROUND:
                    raise Wrong("entry_truncated")
                self._entry(entry)
                at += len(entry)
        except Wrong as wrong:
            wrong.segment, wrong.offset = name, at
            if wrong.seq is None:
                wrong.through = self.seq + 1
                # Without the chain key this may be the trace of a change before it.
                wrong.seq = wrong.through if self.chain else self.good + 1
            raise

    def _header(self, name, data):
        if len(data) < HEADER:
            raise Wrong("header_truncated")
        header = data[:HEADER]
        version = int.from_bytes(header[8:10], "big")
        if header[:8] != b"WITGLEDG":
            raise Wrong("header_mac", "not a ledger")
        if version != 3:
            raise CouldNotRun("ledger_version")
        step = int.from_bytes(header[88:96], "big")
        if any(header[10:16]):
            raise Wrong("header_mac", "fields that a writer leaves zero")
        ledger, first = header[16:32], int.from_bytes(header[40:48], "big")
        if self.chain:
            key = self.chain.at(step)
            if sha256(b"witgate chain key id v1\x00", key)[:8] != header[32:40]:
                if self.ledger is None:
                    raise CouldNotRun("ledger_wrong_key")
                raise Wrong("header_mac", "another key")
            if not hmac.compare_digest(mac(key, b"\x01", header[:96]), header[96:]):
                raise Wrong("header_mac")
        if first != int(SEGMENT.fullmatch(name)[1]):
            raise Wrong("segment_misnamed")
        if self.ledger not in (None, ledger):
            raise Wrong("segment_foreign")
        if self.ledger is None and first > 1:
            self._begin_late(first - 1, header[48:80], step)
        if first != self.seq + 1:
            raise Wrong("records_missing" if first > self.seq + 1 else "records_repeated")
        if header[48:80] != self.mac:
            raise Wrong("segment_unlinked")
        if step not in ((0,) if self.step is None else (self.step, self.step + 1)):
            raise Wrong("segment_step")
        begins, self.ledger, self.step, self.header = self.ledger is None, ledger, step, sha256(header)
        self.links[first - 1] = header[48:80]
        if begins and not self.awaits:
            self._compare()
        return HEADER

    def _begin_late(self, floor, before, step):
        """Older records are not there; a RETENTION record must say that they were let go."""
        self.floor = self.seq = self.good = self.tree.size = floor
        self.mac, self.step, self.awaits = before, step, True
        self.expected = [(one, source) for one, source in self.expected if source != "witnessed" or one.size >= floor]
        if any(checkpoint.size < floor for checkpoint, _ in self.expected):
            raise Wrong("expected_let_go", "", floor + 1, floor + 1)
        if self.expect_head and self.expect_head[0] < floor:
            raise Wrong("expected_let_go", "", floor + 1, floor + 1)
        if self.expect_head and self.expect_head[0] == floor and self.expect_head[1] != before:
            raise Wrong("head_differs", "", floor + 1, floor + 1)

    def _retention(self, body, seq, time_ms):
        through, stored = body.get("through", 0), body.get("mac", bytes(32))
        known = self.links.get(through)
        if through >= seq or (known is not None and known != stored) or (known is None and through > self.floor):
            raise Wrong("retention_differs")
        if self.said is None or self.said["through"] <= through:
            self.said = {**body, "through": through, "seq": seq, "time_ms": time_ms}

    def _entry(self, entry):
        seq, payload, stored = self.seq + 1, entry[12:-32], entry[-32:]
        if self.chain and not hmac.compare_digest(mac(self.chain.key, b"\x02", self.mac, entry_hash(entry)), stored):
            raise Wrong("entry_mac")
        fixed = re.match(rb"[\x80-\x8f]\xa1v[\x00-\x7f]\xa3seq\xcf(.{8})\xa7time_ms\xcf.{8}", payload, re.DOTALL)
        if not fixed:
            raise Wrong("entry_undecodable")
        if int.from_bytes(fixed[1], "big") != seq:
            raise Wrong("entry_seq")
        try:
            record = unpack(payload)
            kind, exchange, body = record["kind"], record["exchange"], record["body"]
        except (ValueError, KeyError, TypeError) as why:
            raise Wrong("entry_undecodable", str(why)) from why
        if self.awaits and kind != "CHECKPOINT":
            raise Wrong("first_segment_missing")
        if kind == "CHECKPOINT":
            self._checkpoint(body, seq)
        if kind == "RETENTION":
            self._retention(body, seq, record["time_ms"])
        self._order(kind, exchange)
        try:
            if kind == "INTENT":
                self._references(body.get("references") or [], seq)
            if kind == "APPROVAL":
                self._approval(body, exchange)
        except (AttributeError, TypeError) as why:
            raise Wrong("entry_undecodable", str(why)) from why
        if self.expect_head and self.expect_head[0] == seq and self.expect_head[1] != stored:
            raise Wrong("head_differs")
        leaf = leaf_hash(entry)
        self.tree.push(leaf)
        self.named[seq] = leaf, exchange, kind
        self.seq, self.mac, self.segment = seq, stored, self.header
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        self._compare()

    def _order(self, kind, exchange):
        if kind == "INTENT":
            if exchange in self.open:
                raise Wrong("intent_repeated")
            self.open.add(exchange)
        elif kind == "DECISION" and exchange not in self.open and not self.floor:
            raise Wrong("decision_without_intent")
        elif kind == "EXECUTION":
            self.open.discard(exchange)

    def _references(self, references, seq):
        """Each names an earlier admission DECISION of this ledger by its digest."""
        for one in references:
            named = one.get("seq", 0)
            if not 0 < named < seq:
                raise Wrong("reference_ahead", f"it names record {named}")
            if named <= self.floor:
                self.references["let_go"] += 1
                continue
            if self.named[named] != (one.get("digest", bytes(32)), one.get("exchange", ""), "DECISION"):
                raise Wrong("reference_differs", f"it names record {named}", seq, seq)
            self.references["held"] += 1

    def _approval(self, body, exchange):
        """The asking belongs into its exchange; what became of it may stand behind the exchange's end."""
        asks = body.get("outcome", "unavailable") in ("unavailable", "requested")
        if asks and exchange not in self.open and not self.floor:
            raise Wrong("approval_without_intent")

    def _among(self, code, through, message=""):
        return Wrong(code, message, min(self.good + 1, through), through)

    def _checkpoint(self, body, seq):
        try:
            checkpoint = Checkpoint(body["note"])
            signer = body["keys"][-1]
        except (ValueError, KeyError, TypeError, IndexError) as why:
            raise self._among("checkpoint_unreadable", seq, str(why)) from why
        awaited = self.awaits
        if awaited:
            if len(body["tree"]) != bin(self.floor).count("1"):
                raise self._among("checkpoint_tree", seq)
            self.tree.peaks, self.awaits = list(body["tree"]), False
        if checkpoint.ledger != self.ledger:
            raise self._among("checkpoint_foreign", seq)
        if not checkpoint.is_signed(signer):
            raise self._among("checkpoint_signature", seq)
        if checkpoint.size != seq - 1 or checkpoint.root != self.tree.root():
            raise self._among("tree_differs", seq)
        if body["tree"] != self.tree.peaks:
            raise self._among("checkpoint_tree", seq)
        # The header of a segment that was let go cannot be compared.
        if checkpoint.segment != self.segment and not awaited:
            raise self._among("header_differs", seq)
        self.checkpoints += 1
        if self.keys:
            worth = self.keys.next(checkpoint)
            if worth is False:
                raise self._among("checkpoint_wrong_key", seq)
            self.unknown |= worth is None
            if worth:
                self.signed = max(self.signed or 0, checkpoint.size)
        self.good = checkpoint.size
        if awaited:
            self._compare()

    def _compare(self):
        while self.compared < len(self.expected):
            checkpoint, source = self.expected[self.compared]
            if checkpoint.size != self.tree.size:
                return
            if checkpoint.ledger != self.ledger:
                raise self._among("checkpoint_foreign", self.seq, source)
            if checkpoint.root != self.tree.root():
                raise self._among("checkpoint_differs", self.seq, source)
            if checkpoint.segment != self.segment and not 0 < self.tree.size == self.floor:
                raise self._among("header_differs", self.seq, source)
            self.good, self.compared = checkpoint.size, self.compared + 1

    def _end(self):
        at = self.seq + 1
        if self.expect_head and self.expect_head[0] > self.seq or self.compared < len(self.expected):
            raise Wrong("tail_cut", f"the ledger ends with record {self.seq}", at, at)
        self._witnessed()
        if not self.keys:
            return self._beginning(True)
        for checkpoint, _ in self.expected:
            if not self.keys.counted(checkpoint):
                raise Wrong("checkpoint_wrong_key", "the file, or one that was kept", at, at)
            self.signed = max(self.signed or 0, checkpoint.size)
        if self.signed is None:
            raise Wrong("checkpoint_wrong_key" if self.unknown else "checkpoint_missing", "", at, at)
        self._beginning(self.chain is not None)

    def _witnessed(self):
        """Each witness that was named must have cosigned a checkpoint that the ledger came to."""
        outside = [checkpoint for checkpoint, source in self.expected if source != "file"]
        for witness in self.witnesses:
            times = [(one.size, time) for one in outside for time in [witness.time(one)] if time is not None]
            if not times:
                raise Wrong("witness_wrong_key" if outside else "witness_missing", witness.name, self.seq + 1, self.seq + 1)
            self.witnessed.append((witness.name, *max(times)))

    def _beginning(self, all_vouched):
        if not self.floor:
            return
        said = self.said
        if said is None or said["through"] < self.floor or not (all_vouched or said["seq"] <= (self.signed or 0)):
            raise Wrong("first_segment_missing", f"the ledger begins with record {self.floor + 1}", 1, self.floor)
        self.let_go = {"through": self.floor, **{name: said.get(name) for name in ("seq", "time_ms", "rule", "bound", "shipped")}}


def check_proof(proof, keys):
    """The records of a proof file, unpacked; raises Wrong where anything does not hold."""
    try:
        if proof["v"] != 1:
            raise Wrong("proof_version")
        checkpoint = Checkpoint(proof["checkpoint"])
        if not any(checkpoint.is_signed(key) for key in keys):
            raise Wrong("proof_signature")
        records = []
        for one in proof["records"]:
            entry, path = decode64(one["entry"]), [bytes.fromhex(part) for part in one["proof"]]
            record = unpack(entry[12:-32])
            shown = included(leaf_hash(entry), one["seq"] - 1, checkpoint.size, checkpoint.root, path)
            if record["seq"] != one["seq"] or not shown:
                raise Wrong("proof_inclusion", "", one["seq"], one["seq"])
            records.append(record)
        if proof.get("since"):
            old, path = Checkpoint(proof["since"]["checkpoint"]), [bytes.fromhex(p) for p in proof["since"]["proof"]]
            ends = (old.size, old.root, checkpoint.size, checkpoint.root)
            if old.ledger != checkpoint.ledger or not consistent(*ends, path):
                raise Wrong("proof_consistency")
    except (ValueError, KeyError, TypeError) as why:
        raise Wrong("proof_malformed", str(why)) from why
    return checkpoint, records


# --- the command ---


def load_key(path):
    lines = [line.strip() for line in Path(path).read_text().splitlines()]
    [line] = [line for line in lines if line and not line.startswith("#")]
    return bytes.fromhex(line) if len(line) == 64 else decode64(line, 32)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    verify = commands.add_parser("verify")
    verify.add_argument("dir")
    verify.add_argument("--chain-key")
    verify.add_argument("--expect-head")
    verify.add_argument("--checkpoint", action="append", default=[])
    verify.add_argument("--witness-key", action="append", default=[])
    proof = commands.add_parser("check-proof")
    proof.add_argument("file")
    for command in (verify, proof):
        command.add_argument("--key", action="append", default=[])
    args = parser.parse_args(arguments)
    try:
        keys = [load_key(path) for path in args.key]
        if args.command == "check-proof":
            checkpoint, records = check_proof(json.loads(Path(args.file).read_text()), keys)
            told = {"size": checkpoint.size, "records": [record["seq"] for record in records]}
        else:
            head = args.expect_head and args.expect_head.split(":")
            run = Verifier(
                args.dir,
                chain=load_key(args.chain_key) if args.chain_key else None,
                keys=keys,
                expect_head=head and (int(head[0]), bytes.fromhex(head[1])),
                checkpoints=[Checkpoint(Path(path).read_bytes().decode()) for path in args.checkpoint],
                witnesses=[Witness(key) for key in args.witness_key],
            ).run()
            if run.seq == 0:
                raise Wrong("ledger_empty", "there are no records", 1, 1)
            told = {"records": run.seq - run.floor, "root": run.tree.root().hex(), "head": f"{run.seq}:{run.mac.hex()}",
                    "checkpoints": run.checkpoints, "signed": run.signed, "kinds": run.kinds, "references": run.references, "let_go": run.let_go, "witnessed": run.witnessed}
    except Wrong as wrong:
        fields = ("code", "message", "segment", "offset", "seq", "through")
        print(json.dumps({"ok": False, **{name: getattr(wrong, name) for name in fields}}))
        return 1
    except (CouldNotRun, OSError, ValueError) as why:
        print(json.dumps({"ok": False, "code": str(why)}))
        return 2
    print(json.dumps({"ok": True, **told}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
