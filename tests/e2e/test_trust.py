"""Whose plugins may serve: keys, signatures, and what a gate says of both."""

import base64
import hashlib
import json

import pytest

from support import binary, ed25519, raw
from support.config import Config
from support.poll import until

URL = "http://127.0.0.1:9/v1"
GRANTS = ["edit", "escalate", "state", "clock"]


class Signer:
    """A pair of keys, made and used by the real commands."""

    def __init__(self, folder, name):
        self.secret, self.public = folder / f"{name}.key", folder / f"{name}.key.pub"
        told = binary.run("plugin", "keygen", "--out", self.secret, "--format", "json")
        assert told.returncode == 0, told.stderr
        self.key = json.loads(told.stdout)["key"]
        self.line = self.public.read_text().strip()

    def sign(self, file, *more):
        told = binary.run("plugin", "sign", file, "--key", self.secret, "--format", "json", *more)
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    def signature(self, folder, data):
        """The signature of some bytes, as bytes."""
        file = folder / "to-sign.wasm"
        file.write_bytes(data)
        self.sign(file)
        return (folder / "to-sign.wasm.sig").read_bytes()


@pytest.fixture
def signers(folder):
    place = folder / "signers"
    place.mkdir(mode=0o700)
    return Signer(place, "release"), Signer(place, "stranger")


def counter():
    return binary.plugin("witgate-test-counter")


def classification():
    return binary.plugin("witgate-plugin-classification")


def entry(**more):
    return {"id": "one", "plugin": "one.wasm", "grants": GRANTS, **more}


def policies(signer, *entries, **more):
    return {"policies": {"trusted_keys": [signer.line], "require_signed": True, "set": list(entries) or [entry()], **more}}


@pytest.fixture
def signed(configured, upstream, signers, folder):
    """A gate that takes signed plugins only, with one in force."""
    ours = signers[0]
    files = {"one.wasm": counter(), "one.wasm.sig": ours.signature(folder, counter())}
    return configured(upstream.url, policies(ours), files)


def plugin(gate):
    return gate.policy()["plugins"][0]


def generation(gate, wanted):
    until(lambda: gate.generation() >= wanted, f"generation {wanted}: {gate.log()}")
    assert gate.generation() == wanted


def failed(gate, code):
    """The old set stays, the failure is named and visible, and traffic goes on."""
    found = until(lambda: (f := gate.policy()["last_failed_reload"]) and f["code"] == code and f, f"{code}: {gate.log()}")
    assert gate.generation() == 1 and plugin(gate)["name"] == "test-counter"
    assert raw.ask(gate).status == 200
    assert gate.metric(f'witgate_reloads_total{{code="{code}"}}') >= 1
    assert found["pointer"] in found["message"] and found["line"]
    return found


def refused(config, code, pointer, *words):
    """Neither `validate` nor `serve` takes it, and both say where and why."""
    config.write()
    told = binary.run("validate", config.file, "--format", "json")
    assert told.returncode == 1, told.stdout
    mistakes = json.loads(told.stdout)["mistakes"]
    [found] = [one for one in mistakes if one["code"] == code]
    assert found["pointer"] == pointer and found["line"], found
    started = binary.run("serve", "--config", config.file)
    assert started.returncode == 2 and f"error[{code}]" in started.stderr, started.stderr
    assert pointer in started.stderr and "panicked" not in started.stderr
    for word in words:
        assert word in found["message"] and word in started.stderr, (word, found, started.stderr)
    return mistakes


def test_a_signed_plugin_serves_and_its_signer_is_shown(signed, signers):
    policy = signed.policy()
    key = {"key": signers[0].key, "name": "release"}
    assert policy["plugins"][0]["signer"] == key
    assert policy["trust"] == {"require_signed": True, "trusted_keys": [key]}
    assert raw.ask(signed).status == 200
    told = binary.run("audit", "tail", signed.ledger, "--no-follow", "--backlog", "1000", "--format", "jsonl")
    [record] = [one for one in map(json.loads, told.stdout.splitlines()) if one["kind"] == "POLICY"]
    assert [one["signer"] for one in record["body"]["plugins"]] == [key]


def test_builtin_plugins_need_no_signature(configured, upstream, signers):
    gate = configured(upstream.url, {"policies": {"trusted_keys": [signers[0].line], "require_signed": True}})
    assert [one["signer"] for one in gate.policy()["plugins"]] == [None] * 4
    assert raw.ask(gate).status == 200


@pytest.fixture
def config(folder, cache, signers):
    one = Config(folder / "g", URL, cache, policies(signers[0]))
    one.plugin("one.wasm", counter())
    return one


AT = "/policies/set/0/signature"


def test_an_unsigned_plugin_does_not_start(config):
    refused(config, "plugin_unsigned", AT, "`one`", "one.wasm.sig", "witgate plugin sign")


def test_a_plugin_of_a_stranger_does_not_start(config, signers, folder):
    config.plugin("one.wasm.sig", signers[1].signature(folder, counter()))
    refused(config, "plugin_signer_unknown", AT, "one.wasm.sig", signers[1].key)


def test_a_signature_of_another_file_does_not_start(config, signers, folder):
    config.plugin("one.wasm.sig", signers[0].signature(folder, classification()))
    refused(config, "plugin_signature_stale", AT, signers[0].key, hashlib.sha256(counter()).hexdigest())


def test_a_forged_signature_does_not_start(config, signers, folder):
    """That of another plugin, with the words changed to fit."""
    text = signers[0].signature(folder, classification()).decode()
    text = text.replace(hashlib.sha256(classification()).hexdigest(), hashlib.sha256(counter()).hexdigest())
    config.plugin("one.wasm.sig", text.replace("plugin: classification", "plugin: test-counter").encode())
    refused(config, "plugin_signature_invalid", AT, signers[0].key)


@pytest.mark.parametrize("data", [b"", b"junk", b"\xff" * 100, b"witgate-plugin-signature-v1\n", b"x" * 4000])
def test_junk_for_a_signature_does_not_start(config, data):
    config.plugin("one.wasm.sig", data)
    refused(config, "plugin_signature_malformed", AT)


def test_a_plugin_nobody_vouches_for_is_not_run(config):
    """One that would loop in `configure` is refused before it can."""
    config.plugin("one.wasm", binary.plugin("witgate-test-hostile"))
    config.value["policies"]["set"] = [entry(config={"at": "configure", "do": "loop"})]
    mistakes = refused(config, "plugin_unsigned", AT)
    assert [one["code"] for one in mistakes] == ["plugin_unsigned"]


def test_what_nobody_vouches_for_is_not_even_read(config, signers, folder):
    config.plugin("one.wasm", b"no component at all")
    assert [one["code"] for one in refused(config, "plugin_unsigned", AT)] == ["plugin_unsigned"]
    config.plugin("one.wasm.sig", signers[0].signature(folder, counter()))
    assert [one["code"] for one in refused(config, "plugin_signature_stale", AT)] == ["plugin_signature_stale"]


def test_without_keys_a_signature_says_nothing(configured, upstream):
    """It may be some other tool's."""
    gate = configured(upstream.url, {"policies": {"set": [entry()]}}, {"one.wasm": counter(), "one.wasm.sig": b"x" * 10000})
    assert plugin(gate)["signer"] is None


def test_no_key_is_trusted(config):
    config.value["policies"]["trusted_keys"] = []
    config.write()
    started = binary.run("serve", "--config", config.file)
    assert started.returncode == 2 and "error[no_trusted_keys]" in started.stderr


def test_a_signature_that_is_there_must_be_right(config, signers, folder):
    """Though none is required."""
    config.value["policies"]["require_signed"] = False
    config.write()
    assert binary.run("validate", config.file).returncode == 0
    config.plugin("one.wasm.sig", signers[1].signature(folder, counter()))
    refused(config, "plugin_signer_unknown", AT)


def test_keys_from_files_and_a_signature_elsewhere(configured, upstream, signers, folder):
    ours = signers[0]
    changes = policies(ours, entry(signature="release.sig"), trusted_keys=[str(ours.public)])
    gate = configured(upstream.url, changes, {"one.wasm": counter(), "release.sig": ours.signature(folder, counter())})
    assert plugin(gate)["signer"]["key"] == ours.key


# Reloads


def test_a_reload_with_an_unsigned_file_changes_nothing(signed, signers, folder):
    (signed.config.policies / "one.wasm.sig").unlink()
    found = failed(signed, "plugin_unsigned")
    assert found["pointer"] == AT and "one.wasm.sig" in found["message"]
    signed.config.plugin("one.wasm.sig", signers[0].signature(folder, counter()))
    until(lambda: signed.policy()["last_failed_reload"] is None, "the failure is gone")
    assert signed.generation() == 1


def test_a_reload_with_another_file_needs_another_signature(signed, signers, folder):
    signed.config.plugin("one.wasm", classification())
    found = failed(signed, "plugin_signature_stale")
    assert signers[0].key in found["message"]
    # The signature alone is enough of a change: its file is watched as the plugin's is.
    signed.config.plugin("one.wasm.sig", signers[0].signature(folder, classification()))
    generation(signed, 2)
    assert plugin(signed)["name"] == "classification" and plugin(signed)["signer"]["key"] == signers[0].key


def test_a_reload_with_a_strangers_signature_changes_nothing(signed, signers, folder):
    stranger = signers[1]
    signed.config.plugin("one.wasm.sig", stranger.signature(folder, counter()))
    assert stranger.key in failed(signed, "plugin_signer_unknown")["message"]


def test_a_forged_signature_in_a_reload_changes_nothing(signed, signers, folder):
    text = signers[0].signature(folder, classification()).decode()
    signed.config.plugin("one.wasm", classification())
    signed.config.plugin("one.wasm.sig", text.replace("version: ", "version: 9").encode())
    failed(signed, "plugin_signature_invalid")


def test_requiring_signatures_while_an_unsigned_plugin_serves(configured, upstream, signers, folder):
    """The set in force stays, until it is signed; its digest is the same, and who signed it is shown."""
    gate = configured(upstream.url, {"policies": {"set": [entry()]}}, {"one.wasm": counter()})
    before = gate.policy()
    assert before["plugins"][0]["signer"] is None and before["trust"]["require_signed"] is False
    gate.config.value["policies"].update(policies(signers[0])["policies"])
    gate.config.write()
    failed(gate, "plugin_unsigned")
    assert gate.policy()["trust"]["require_signed"] is False, "what is shown is what is in force"
    gate.config.plugin("one.wasm.sig", signers[0].signature(folder, counter()))
    until(lambda: plugin(gate)["signer"], f"the signer: {gate.log()}")
    after = gate.policy()
    assert (after["generation"], after["digest"]) == (1, before["digest"]) and after["last_failed_reload"] is None
    assert after["trust"]["require_signed"] is True


def test_a_key_that_is_no_longer_trusted(signed, signers, folder):
    """Its plugin cannot be loaded any more; what is in force goes on until the set is changed."""
    signed.config.value["policies"]["trusted_keys"] = [signers[1].line]
    signed.config.write()
    failed(signed, "plugin_signer_unknown")
    signed.config.plugin("one.wasm.sig", signers[1].signature(folder, counter()))
    until(lambda: plugin(signed)["signer"]["key"] == signers[1].key, f"the other signer: {signed.log()}")


def test_a_key_file_is_watched(configured, upstream, signers, folder):
    ours, other = signers
    gate = configured(upstream.url, policies(ours, trusted_keys=[str(ours.public)]),
                      {"one.wasm": counter(), "one.wasm.sig": ours.signature(folder, counter())})
    ours.public.write_text(other.line + "\n")
    failed(gate, "plugin_signer_unknown")


# The commands


def test_sign_and_verify(signers, folder):
    ours, other = signers
    file = folder / "p.wasm"
    file.write_bytes(counter())
    verify = lambda key: binary.run("plugin", "verify", file, "--key", key)  # noqa: E731
    told = verify(ours.public)
    assert told.returncode == 1 and "error[plugin_unsigned]" in told.stderr
    signed = ours.sign(file)
    assert signed["key"] == ours.key and signed["id"] == "test-counter"
    told = verify(ours.public)
    assert told.returncode == 0 and ours.key in told.stdout and "release" in told.stdout
    told = verify(other.line)
    assert told.returncode == 1 and "error[plugin_signer_unknown]" in told.stderr
    inspected = json.loads(binary.run("plugin", "inspect", file, "--format", "json").stdout)
    assert inspected["signature"]["key"] == ours.key and inspected["signature"]["fits"] is True
    file.write_bytes(classification())
    told = verify(ours.public)
    assert told.returncode == 1 and "error[plugin_signature_stale]" in told.stderr
    assert binary.run("plugin", "verify", folder / "none.wasm", "--key", ours.public).returncode == 2
    assert binary.run("plugin", "verify", file, "--key", folder / "none.pub").returncode == 2


def test_a_key_is_not_overwritten(signers):
    before = signers[0].secret.read_bytes()
    told = binary.run("plugin", "keygen", "--out", signers[0].secret)
    assert told.returncode == 2 and "error[plugin_key_exists]" in told.stderr
    assert signers[0].secret.read_bytes() == before and signers[0].secret.stat().st_mode & 0o777 == 0o600


def test_the_documented_message_is_what_is_signed(signers, folder):
    """With a verifier of our own: docs/policies.md says what the bytes are."""
    members = dict(line.split(": ", 1) for line in signers[0].signature(folder, counter()).decode().splitlines()[1:])
    key, signature = base64.b64decode(members["key"]), base64.b64decode(members["signature"])

    def said(sha256, *names):
        return (f"witgate plugin signature v1\n64:{sha256}\n" + "".join(f"{len(name)}:{name}\n" for name in names)).encode()

    ours = hashlib.sha256(counter()).hexdigest()
    assert ed25519.verify(key, said(ours, "test-counter", members["version"]), signature)
    assert not ed25519.verify(key, said(ours, "test-counter", "9"), signature)
    assert hashlib.sha256(b"witgate plugin key id v1\0" + key).hexdigest()[:16] == signers[0].key
