"""What a gate does not start with, and how it says so."""

import json

import pytest

from support import binary, raw
from support.config import Config, merge

LISTEN = ["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
URL = "http://127.0.0.1:9/v1"


@pytest.fixture
def config(folder, cache):
    return Config(folder / "g", URL, cache)


def serve(config):
    return binary.run("serve", "--config", config.file)


def refuse(config, pointer, code=None):
    """Both commands name the mistake, by its pointer."""
    config.write()
    told = binary.run("validate", config.file, "--format", "json")
    assert told.returncode == 1, told.stdout
    found = json.loads(told.stdout)
    assert found["valid"] is False
    mistakes = {(one["pointer"], one["code"]) for one in found["mistakes"]}
    assert any(at == pointer and code in (None, name) for at, name in mistakes), mistakes
    assert all(one["message"] for one in found["mistakes"])
    human = binary.run("validate", config.file)
    assert human.returncode == 1 and "error[" in human.stdout and (pointer in human.stdout or not pointer)
    started = serve(config)
    assert started.returncode == 2 and "error[" in started.stderr and (pointer in started.stderr or not pointer)


def test_validate_what_init_writes(folder):
    assert binary.run("init", folder / "g").returncode == 0
    told = binary.run("validate", folder / "g/witgate.yaml")
    assert told.returncode == 0 and "no mistakes" in told.stdout
    again = binary.run("init", folder / "g")
    assert again.returncode != 0 and "nothing was written" in again.stderr


@pytest.mark.parametrize("args", [[], ["--dev"], ["--upstream", URL], ["--config", "/nowhere/witgate.yaml"],
                                  ["--dev", "--upstream", "not a url"], ["--dev", "--upstream", "http://example.org/v1"]])
def test_without_what_it_needs(args):
    told = binary.run("serve", *args)
    assert told.returncode == 2 and told.stderr.strip() and "panicked" not in told.stderr, told


def test_an_upstream_without_dev_does_not_start(folder):
    told = binary.run("serve", "--upstream", URL, *LISTEN, "--ledger", folder / "l")
    assert told.returncode == 2 and "--dev" in told.stderr and not (folder / "l").exists()


@pytest.mark.parametrize("section", ["version", "upstreams", "policies", "ledger"])
def test_a_section_is_missing(config, section):
    del config.value[section]
    refuse(config, "")


def test_no_policies(config):
    config.value["policies"]["set"] = []
    refuse(config, "/policies/set")


CHANGES = {
    "unknown member": ({"colour": "red"}, "/colour"),
    "unknown version": ({"version": 2}, "/version"),
    "listen": ({"listen": "somewhere"}, "/listen"),
    "admin beyond loopback": ({"admin": {"listen": "0.0.0.0:9090"}}, "/admin/listen"),
    "plain http": ({"upstreams": [{"name": "a", "path": "/v1", "url": "http://example.org/v1"}]}, "/upstreams/0/url"),
    "same path twice": ({"upstreams": [{"name": "a", "path": "/v1", "url": URL}, {"name": "b", "path": "/v1", "url": URL}]}, "/upstreams/1/path"),
    "unknown built-in": ({"policies": {"set": [{"id": "a", "plugin": "builtin:nope"}]}}, "/policies/set/0/plugin"),
    "same id twice": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii"}, {"id": "a", "plugin": "builtin:pii"}]}}, "/policies/set/1/id"),
    "file out of the folder": ({"policies": {"set": [{"id": "a", "plugin": "../x.wasm"}]}}, "/policies/set/0/plugin"),
    "no such file": ({"policies": {"set": [{"id": "a", "plugin": "x.wasm"}]}}, "/policies/set/0/plugin"),
    "mode": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "mode": "maybe"}]}}, "/policies/set/0/mode"),
    "grant": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "grants": ["root"]}]}}, "/policies/set/0/grants/0"),
    "plugin's config": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "config": {"kinds": {"email": "shout"}}}]}}, "/policies/set/0/config/kinds/email"),
    "plugin's unknown setting": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "config": {"x": 1}}]}}, "/policies/set/0/config/x"),
    "no ledger key": ({"ledger": {"hmac_key_file": "keys/none.key"}}, "/ledger/hmac_key_file"),
    "negative": ({"timeouts": {"body_ms": -1}}, "/timeouts/body_ms"),
    "too large": ({"limits": {"body_kib": 10**12}}, "/limits/body_kib"),
    "more memory than there is": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "limits": {"memory_mib": 257}}]}}, "/policies/set/0/limits/memory_mib"),
    "no time": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "limits": {"deadline_ms": 0}}]}}, "/policies/set/0/limits/deadline_ms"),
    "more time than a call has": ({"policies": {"set": [{"id": "a", "plugin": "builtin:pii", "limits": {"deadline_ms": 60001}}]}}, "/policies/set/0/limits/deadline_ms"),
    "trusted key": ({"policies": {"trusted_keys": ["witgate-plugin-key-v1 AAAA me"]}}, "/policies/trusted_keys/0"),
    "client keys": ({"clients": {"keys_file": "keys/none"}}, "/clients/keys_file"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_mistakes_are_named(config, name):
    change, pointer = CHANGES[name]
    config.value = merge(config.value, change)
    refuse(config, pointer)


def test_every_mistake_at_once(config):
    config.value = merge(config.value, {"version": 3, "limits": {"depth": "deep"}, "disclose": "all"})
    config.write()
    told = json.loads(binary.run("validate", config.file, "--format", "json").stdout)
    assert {"/version", "/limits/depth", "/disclose"} <= {one["pointer"] for one in told["mistakes"]}


def test_a_key_that_others_may_read(config):
    (config.folder / "keys/ledger.key").chmod(0o644)
    refuse(config, "/ledger/hmac_key_file")


def test_a_folder_of_policies_that_others_may_write(config):
    config.policies.chmod(0o777)
    refuse(config, "/policies/directory")


def test_a_folder_of_policies_is_missing(config):
    for file in config.policies.iterdir():
        file.unlink()
    config.policies.rmdir()
    refuse(config, "/policies/directory", "directory_missing")


@pytest.mark.parametrize("text", ["", "a: [", "\t- x", "a: &a [*a, *a]", "a: 1\na: 2\n", "[1]"])
def test_no_configuration_at_all(config, text):
    config.file.write_text(text)
    assert binary.run("validate", config.file).returncode in (1, 2)
    told = serve(config)
    assert told.returncode == 2 and "error[" in told.stderr


def test_validate_a_missing_file(folder):
    told = binary.run("validate", folder / "none.yaml")
    assert told.returncode == 2 and "config_unreadable" in told.stdout


def test_a_port_that_is_taken(config, upstream):
    config.value["listen"] = f"127.0.0.1:{upstream.port}"
    config.write()
    told = serve(config)
    assert told.returncode == 2 and f"127.0.0.1:{upstream.port}" in told.stderr


def test_the_wrong_ledger_key(configured, upstream):
    gate = configured(upstream.url)
    gate.stop()
    other = Config(gate.folder.parent / "other", upstream.url, gate.config.value["cache_dir"])
    other.value["ledger"]["directory"] = str(gate.ledger)
    other.write()
    told = serve(other)
    assert told.returncode == 2 and "ledger_wrong_key" in told.stderr


def test_a_changed_ledger_is_not_written_to(configured, upstream):
    gate = configured(upstream.url)
    for _ in range(3):
        raw.ask(gate)
    gate.stop()
    [segment] = gate.ledger.glob("*.wgl")
    data = segment.read_bytes()
    segment.write_bytes(data[:400] + bytes([data[400] ^ 1]) + data[401:])
    told = serve(gate.config)
    assert told.returncode == 2 and "ledger_corrupt" in told.stderr
    assert segment.read_bytes()[:400] == data[:400] and len(segment.read_bytes()) == len(data)
    segment.write_bytes(data)


@pytest.mark.parametrize("do", ["trap", "loop", "memory", "fault"])
def test_a_plugin_that_cannot_be_configured(config, do):
    config.plugin("hostile.wasm", binary.plugin("witgate-test-hostile"))
    config.value["policies"]["set"] = [{"id": "h", "plugin": "hostile.wasm", "grants": ["edit", "escalate", "state", "clock"],
                                        "config": {"at": "configure", "do": do}}]
    config.write()
    told = serve(config)
    assert told.returncode == 2 and "h" in told.stderr and "panicked" not in told.stderr.split("as configured")[0]
    checked = binary.run("validate", config.file, "--format", "json")
    [found] = json.loads(checked.stdout)["mistakes"]
    assert checked.returncode == 1 and found["pointer"].startswith("/policies/set/0/config") and found["code"].startswith("plugin_config"), found


def test_every_missing_grant_is_named(config):
    """By import and grant, at the place where it would be given."""
    config.plugin("hostile.wasm", binary.plugin("witgate-test-hostile"))
    config.value["policies"]["set"] = [{"id": "h", "plugin": "hostile.wasm", "grants": ["edit"], "config": {"at": "admission", "do": "slow_but_ok"}}]
    refuse(config, "/policies/set/0/grants", "plugin_missing_grant")
    mistakes = json.loads(binary.run("validate", config.file, "--format", "json").stdout)["mistakes"]
    told = " ".join(one["message"] for one in mistakes)
    assert len(mistakes) == 2 and {"plugin_missing_grant"} == {one["code"] for one in mistakes}
    for word in ("witgate:policy/clock@0.1.0", "`clock`", "witgate:policy/state@0.1.0", "`state`"):
        assert word in told
    assert all(one["line"] and "`grants`" in one["help"] for one in mistakes)


def test_a_pin_that_does_not_fit(config):
    config.plugin("one.wasm", binary.plugin("witgate-test-counter"))
    config.value["policies"]["set"] = [{"id": "one", "plugin": "one.wasm", "sha256": "0" * 64}]
    refuse(config, "/policies/set/0/sha256", "plugin_pin")
