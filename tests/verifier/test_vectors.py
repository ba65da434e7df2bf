"""The second verifier reads what the first one wrote."""

import copy
import hashlib
import json
import shutil
from pathlib import Path

import pytest
import verifier
from verifier import Checkpoint, Tree, Verifier, Wrong

VECTORS = Path(__file__).parent / "vectors"
CHAIN = verifier.load_key(VECTORS / "chain.key")
ONE, TWO = (verifier.load_key(VECTORS / name) for name in ("one.pub", "two.pub"))


def head(name):
    seq, mac = (VECTORS / f"{name}.head").read_text().strip().split(":")
    return int(seq), bytes.fromhex(mac)


@pytest.mark.parametrize("chain", [CHAIN, None], ids=["chain", "outsider"])
@pytest.mark.parametrize("name, keys", [("every-kind", [ONE]), ("every-kind", [TWO]), ("every-kind", []), ("thousand", [ONE])])
def test_whole_ledgers(name, keys, chain):
    run = Verifier(VECTORS / name, chain, keys, head(name)).run()
    assert (run.seq, run.mac) == head(name)
    assert run.signed == (run.seq if keys else None)


def test_every_kind_is_there():
    run = Verifier(VECTORS / "every-kind", CHAIN, [ONE]).run()
    assert set(run.kinds) == {"INTENT", "DECISION", "EXECUTION", "POLICY", "CHECKPOINT", "RECOVERY"}


@pytest.mark.parametrize("chain, keys", [(CHAIN, []), (None, [ONE]), (CHAIN, [ONE])], ids=["chain", "outsider", "both"])
def test_references_and_approvals(chain, keys):
    run = Verifier(VECTORS / "references", chain, keys, head("references")).run()
    assert run.references == {"held": 4, "let_go": 0} and run.kinds["APPROVAL"] == 8
    run = Verifier(VECTORS / "references-let-go", chain, keys, head("references-let-go")).run()
    assert run.references == {"held": 1, "let_go": 2} and run.floor > 0
    for name, code in {
        "reference-to-another-digest": "reference_differs",
        "reference-to-another-record": "reference_differs",
        "reference-to-another-exchange": "reference_differs",
        "reference-ahead": "reference_ahead",
        "approval-without-intent": "approval_without_intent",
    }.items():
        with pytest.raises(Wrong) as why:
            Verifier(VECTORS / name, chain, keys).run()
        assert why.value.code == code and why.value.seq <= why.value.through, name


def test_proofs():
    proof = json.loads((VECTORS / "proof.json").read_text())
    checkpoint, records = verifier.check_proof(proof, [TWO])
    assert [record["seq"] for record in records] == list(range(1, checkpoint.size + 1))

    def refused(change):
        changed = copy.deepcopy(proof)
        change(changed)
        with pytest.raises(Wrong) as why:
            verifier.check_proof(changed, [TWO])
        return why.value.code

    for at, one in enumerate(proof["records"]):
        for part in range(len(one["proof"])):
            assert refused(lambda p: p["records"][at]["proof"].__setitem__(part, "00" * 32)) == "proof_inclusion"
        assert refused(lambda p: p["records"][at]["proof"].append("00" * 32)) == "proof_inclusion"
        assert refused(lambda p: p["records"][at].update(seq=at + 2)) == "proof_inclusion"
    assert refused(lambda p: p["since"]["proof"].pop()) == "proof_consistency"
    assert refused(lambda p: p.update(checkpoint=p["since"]["checkpoint"])) in ("proof_signature", "proof_inclusion")
    assert refused(lambda p: p.update(v=2)) == "proof_version"
    with pytest.raises(Wrong, match="proof_signature"):
        verifier.check_proof(proof, [ONE])


def test_the_trees_of_other_implementations():
    """The roots that implementations of RFC 6962 and RFC 9162 share."""
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    tree = Tree()
    for entry in entries:
        tree.push(verifier.sha256(b"\x00", bytes.fromhex(entry)))
    assert tree.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_documented_numbers():
    step = verifier.ChainKeys(bytes(32)).at(2)
    assert hashlib.sha256(b"witgate chain key id v1\0" + step).hexdigest()[:16] == "6aa4011ab8acc433"
    head, payload = bytes.fromhex("0000007f" + "00" * 8), (
        b"\x86\xa1v\x01\xa3seq\xcf" + (1).to_bytes(8, "big") + b"\xa7time_ms\xcf" + (2).to_bytes(8, "big") + b"\xa8exchange\xa0\xa4kind\xa8RECOVERY"
        b"\xa4body\x85\xa6reason\xa9torn_tail\xa7segment\xc0\xa9at_offset\x00\xaftruncated_bytes\x00\xa7aborted\x00"
    )
    hashed = verifier.entry_hash(head + payload + bytes(32))
    assert hashed.hex() == "4d52107323e76d19808143556e33a9dcce4ca346771d128f23c175f987641199"
    mac = verifier.mac(bytes(32), b"\x02", bytes(32), hashed)
    assert mac.hex() == "7ea2e48976782bf0f7030893ad0935cf13864d2e07509a670514224e6a5e1f62"
    assert verifier.leaf_hash(head + payload + mac).hex() == "882ff7d93a025971195cf6928a2fbef849b62bd27e0bb0189c0f79a067b0822e"


def test_another_format_is_no_change(tmp_path):
    for version in (1, 2, 4):
        folder = tmp_path / str(version)
        shutil.copytree(VECTORS / "every-kind", folder)
        for path in folder.glob("*.wgl"):
            data = bytearray(path.read_bytes())
            data[9] = version
            path.write_bytes(data)
        with pytest.raises(verifier.CouldNotRun, match="ledger_version"):
            Verifier(folder, CHAIN, [ONE]).run()


def test_what_is_no_checkpoint():
    good = (VECTORS / "earlier-checkpoint").read_bytes().decode()
    assert Checkpoint(good).is_signed(ONE) and not Checkpoint(good).is_signed(TWO)
    for bad in ("", good[:-1], good.replace("\u2014", "-"), good.replace("\n\n", "\n"), good.replace("ledger/01", "ledger/0G")):
        with pytest.raises(ValueError):
            Checkpoint(bad)


def test_the_command(capsys):
    run = ["verify", str(VECTORS / "thousand"), "--key", str(VECTORS / "one.pub"), "--chain-key", str(VECTORS / "chain.key")]
    assert verifier.main(run) == 0 and json.loads(capsys.readouterr().out)["signed"] == 1000
    assert verifier.main(run[:3] + [str(VECTORS / "two.pub")]) == 1
    assert json.loads(capsys.readouterr().out)["code"] == "checkpoint_wrong_key"
    assert verifier.main(["verify", str(VECTORS / "thousand"), "--chain-key", str(VECTORS / "one.pub")]) == 2
    assert verifier.main(["check-proof", str(VECTORS / "proof.json"), "--key", str(VECTORS / "two.pub")]) == 0


def test_what_was_let_go_is_told(tmp_path):
    for chain, keys in [(CHAIN, []), (None, [ONE]), (CHAIN, [ONE]), (None, [])]:
        run = Verifier(VECTORS / "let-go", chain, keys, head("let-go")).run()
        assert (run.seq, run.mac) == head("let-go")
        assert run.let_go["through"] == run.floor > 0 and run.let_go["rule"] == "age" and run.let_go["shipped"]

    def broken(change, code, **check):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        shutil.copytree(VECTORS / "let-go", folder)
        change(folder, sorted(folder.glob("ledger-*")))
        for found in check and [check] or [{"chain": CHAIN}, {"keys": [ONE]}]:
            with pytest.raises(Wrong) as why:
                Verifier(folder, **found).run()
            assert why.value.code in code, why.value

    broken(lambda _, names: names[0].unlink(), ["first_segment_missing"])
    broken(lambda _, names: names[1].unlink(), ["records_missing"])
    broken(lambda _, names: names[0].write_bytes(names[0].read_bytes()[:-1]), ["segment_unpack"])
    broken(lambda _, names: names[0].write_bytes(names[0].read_bytes() + b"x"), ["segment_unpack"])
    broken(lambda *_: None, ["expected_let_go"], chain=CHAIN, expect_head=(3, bytes(32)))
    kept = Checkpoint((VECTORS / "earlier-checkpoint").read_bytes().decode())
    broken(lambda *_: None, ["expected_let_go"], keys=[ONE], checkpoints=[kept])

    # The record that lets go is there, and no signature covers it: that of the chain's key holder does.
    def unsigned(folder, names):
        names[-1].unlink()
        data, at = names[-2].read_bytes(), 128
        while b"RETENTION" not in data[at : at + int.from_bytes(data[at : at + 4], "big") + 44]:
            at += int.from_bytes(data[at : at + 4], "big") + 44
        names[-2].write_bytes(data[: at + int.from_bytes(data[at : at + 4], "big") + 44])
        (folder / "checkpoint").unlink()

    broken(unsigned, ["first_segment_missing"], keys=[ONE])


def test_a_packed_segment_in_which_any_byte_was_changed(tmp_path):
    shutil.copytree(VECTORS / "let-go", tmp_path / "ledger")
    [packed] = (tmp_path / "ledger").glob("*.zst")
    data = packed.read_bytes()
    root = Verifier(tmp_path / "ledger", CHAIN).run().tree.root()
    for at in range(len(data)):
        packed.write_bytes(data[:at] + bytes([data[at] ^ 8]) + data[at + 1 :])
        try:
            assert Verifier(tmp_path / "ledger", CHAIN).run().tree.root() == root
        except Wrong as wrong:
            assert wrong.code == "segment_unpack", (at, wrong)


def test_a_packed_segment_never_unpacks_to_more_than_a_segment_holds():
    import zstandard

    for pieces in ([b"\0" * (8 << 20)], [b"ab", b"cd"], [b""]):
        frames = b"".join(zstandard.ZstdCompressor().compress(piece) for piece in pieces)
        with pytest.raises(Wrong, match="segment_unpack"):
            verifier.unpacked(frames)
    whole = b"x" * (1 << 20)
    assert verifier.unpacked(zstandard.ZstdCompressor().compress(whole) * 2 + zstandard.ZstdCompressor().compress(b"y")) == whole * 2 + b"y"
