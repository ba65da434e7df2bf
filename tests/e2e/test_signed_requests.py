"""Requests to an upstream are signed (RFC 9421), and another implementation of the standard checks them."""

import base64
import hashlib
import json
import os
import types

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature, algorithms

from support import binary, raw, sse

COVERED = ['"@method"', '"@authority"', '"@path"', '"content-type"', '"content-digest"', '"x-witgate-exchange"']


class Keys(HTTPSignatureKeyResolver):
    """The gate's keys, as it publishes them."""

    def __init__(self, gate):
        _, found = gate.get("/witgate/keys")
        self.keys = {key["kid"]: base64.urlsafe_b64decode(key["x"] + "==") for key in found["keys"]}

    def resolve_public_key(self, key_id):
        return Ed25519PublicKey.from_public_bytes(self.keys[key_id])

    def resolve_private_key(self, key_id):
        raise AssertionError("nothing is signed here")


def message(upstream, request, **changes):
    """The request as the other implementation reads it."""
    url = f"http://127.0.0.1:{upstream.port}{request.path}"
    return types.SimpleNamespace(**{"method": request.method, "url": url, "headers": dict(request.headers), **changes})


def verify(gate, what, body):
    checker = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=Keys(gate))
    [result] = checker.verify(what, expect_tag="witgate", body=body)
    return result


@pytest.fixture
def signing(configured, upstream):
    """Starts a gate that signs."""

    def start(**sign):
        return configured(upstream.url, {"upstreams": [{"name": "model", "path": "/v1", "url": upstream.url, "sign": sign}]})

    return start


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_a_request_is_signed_over_what_was_sent(signing, upstream, streamed):
    gate = signing()
    upstream.speaks(sse.text("fine"), sse.whole("fine"))
    chat = raw.chat(stream=streamed)
    chat["messages"] = [{"role": "user", "content": "Write to jane.roe@example.org please."}]
    answer = raw.ask(gate, chat, headers=[("signature", "mine=:AAAA:"), ("signature-input", "mine=()"), ("content-digest", "x")])
    assert answer.status == 200
    [request] = upstream.requests
    # A policy changed the body: what is signed is what was sent.
    assert b"jane.roe" not in request.body
    digest = base64.b64encode(hashlib.sha256(request.body).digest()).decode()
    assert request.header("content-digest") == f"sha-256=:{digest}:"
    result = verify(gate, message(upstream, request), request.body)
    assert result.label == "witgate" and list(result.covered_components)[:-1] == COVERED
    assert request.header("x-witgate-exchange") == answer.exchange
    assert "mine" not in request.header("signature") + request.header("signature-input")


def test_no_changed_part_passes(signing, upstream):
    gate = signing()
    raw.ask(gate)
    [request] = upstream.requests
    headers = dict(request.headers)
    verify(gate, message(upstream, request), request.body)
    changed = [
        {"method": "PUT"},
        {"url": f"http://127.0.0.1:{upstream.port}/v1/other"},
        {"url": f"http://elsewhere.example{request.path}"},
        {"headers": {**headers, "content-type": "text/plain"}},
        {"headers": {**headers, "content-digest": "sha-256=:" + base64.b64encode(bytes(32)).decode() + ":"}},
        {"headers": {**headers, "x-witgate-exchange": "another"}},
        {"headers": {**headers, "signature-input": headers["signature-input"].replace("witgate\"", "other\"")}},
    ]
    for change in changed:
        with pytest.raises(InvalidSignature):
            verify(gate, message(upstream, request, **change), request.body)
    with pytest.raises(InvalidSignature):
        verify(gate, message(upstream, request), request.body + b" ")


def test_a_list_of_models_is_signed_without_a_body(signing, upstream):
    gate = signing(key_id="gate-7", tag="witgate")
    upstream.says(json.dumps({"object": "list", "data": []}).encode())
    assert gate.get("/v1/models")[0] == 200
    [request] = upstream.requests
    assert request.method == "GET" and request.header("content-digest") is None
    assert 'keyid="gate-7"' in request.header("signature-input")
    verify(gate, message(upstream, request), b"")


def test_a_key_of_its_own(configured, upstream, folder):
    secret = folder / "sign.key"
    secret.write_text(os.urandom(32).hex() + "\n")
    secret.chmod(0o600)
    one = {"name": "model", "path": "/v1", "url": upstream.url, "sign": {"key_file": str(secret)}}
    gate = configured(upstream.url, {"upstreams": [one]})
    raw.ask(gate)
    [request] = upstream.requests
    verify(gate, message(upstream, request), request.body)
    published = [key["kid"] for key in gate.get("/witgate/keys")[1]["keys"]]
    assert len(published) == 2 and f'keyid="{published[1]}"' in request.header("signature-input")
    # The key of receipts did not sign it.
    swapped = request.header("signature-input").replace(published[1], published[0])
    with pytest.raises(InvalidSignature):
        verify(gate, message(upstream, request, headers={**dict(request.headers), "signature-input": swapped}), request.body)


def test_off_by_default_and_what_is_wrong_is_told(gate, upstream, folder):
    raw.ask(gate)
    [request] = upstream.requests
    for name in ("signature", "signature-input", "content-digest", "x-witgate-exchange"):
        assert request.header(name) is None
    bad = folder / "bad.key"
    bad.write_text("no key\n")
    bad.chmod(0o600)
    file, value = gate.config.file, json.loads(gate.config.file.read_text())
    for sign, code in [({"key_file": str(bad)}, "key_content"), ({"tag": 'a"b'}, "wrong_form"), ({"algorithm": "rsa"}, "unknown_member")]:
        value["upstreams"][0]["sign"] = sign
        other = file.with_name("other.yaml")
        other.write_text(json.dumps(value))
        told = binary.run("validate", other)
        assert told.returncode == 1 and code in told.stdout + told.stderr, (told.stdout, told.stderr)
