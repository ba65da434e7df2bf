"""Who may call, and whose key the upstream sees."""

import hashlib

import openai
import pytest

from support import binary, raw
from support.config import Config

KEY = "wg-client-key-1"
UP = "sk-upstream-secret"



@pytest.fixture
def guarded(configured, upstream, folder):
    """A gate with a key of its own and two clients."""
    clients = folder / "clients"
    one, two = (hashlib.sha256(key.encode()).hexdigest() for key in (KEY, "wg-client-key-2"))
    clients.write_text(f"# who may call\nteam-a {one} clearance=SECRET owner=alice\nteam-b {two.upper()}  # no clearance\n")
    clients.chmod(0o600)
    up = folder / "up.key"
    up.write_text(UP + "\n")
    up.chmod(0o600)
    return configured(upstream.url, {
        "upstreams": [{"name": "model", "path": "/v1", "url": upstream.url, "key_file": str(up)}],
        "clients": {"keys_file": str(clients)},
    })


def test_an_unknown_key(guarded, upstream):
    for client in (guarded.client(api_key="nobody"), guarded.client(api_key=KEY + "x")):
        with pytest.raises(openai.AuthenticationError) as refused:
            client.chat.completions.create(**raw.chat())
        assert refused.value.code == "unknown_key" and refused.value.response.headers["x-should-retry"] == "false"
        with pytest.raises(openai.AuthenticationError):
            client.models.list()
    assert raw.ask(guarded).status == 401, "no key at all"
    assert raw.ask(guarded, headers={"authorization": f"Basic {KEY}"}).status == 401
    assert not upstream.requests
    assert KEY not in guarded.log() and UP not in guarded.log()


def test_a_known_key(guarded, upstream):
    raw_answer = guarded.client(api_key=KEY).chat.completions.with_raw_response.create(**raw.chat())
    assert upstream.last().header("authorization") == f"Bearer {UP}"
    assert KEY not in str(upstream.last().headers)
    told = guarded.audit(raw_answer.headers["x-witgate-exchange"])
    assert "asked by    team-a (proven), on the account of alice (proven)" in told
    assert guarded.client(api_key="wg-client-key-2").chat.completions.create(**raw.chat())


def test_a_clearance_beside_the_key_is_not_raised_by_a_header(guarded, upstream):
    def ask(key, **headers):
        headers = {"authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return raw.ask(guarded, headers=headers).status

    assert ask(KEY, x_classification="SECRET") == 200
    assert ask("wg-client-key-2", x_classification="SECRET") == 403
    assert ask("wg-client-key-2", x_classification="SECRET", x_caller_clearance="TS") == 403
    assert ask(KEY, x_classification="TS", x_caller_clearance="TS") == 403


def test_a_held_key_is_not_shared_beyond_loopback(folder, cache, upstream):
    up = folder / "up.key"
    up.write_text(UP)
    up.chmod(0o600)
    config = Config(folder / "g", upstream.url, cache, {
        "listen": "0.0.0.0:0",
        "upstreams": [{"name": "model", "path": "/v1", "url": upstream.url, "key_file": str(up)}],
    })
    told = binary.run("serve", "--config", config.file)
    assert told.returncode == 2 and "error[" in told.stderr and "clients" in told.stderr


def test_a_key_passes_through_where_the_gate_has_none(gate, upstream):
    gate.client(api_key="sk-own", organization="org-1", project="proj-1").chat.completions.create(**raw.chat())
    request = upstream.last()
    assert request.header("authorization") == "Bearer sk-own"
    assert request.header("openai-organization") == "org-1" and request.header("openai-project") == "proj-1"
