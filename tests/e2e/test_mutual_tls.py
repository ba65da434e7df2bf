"""Certificates as a proof: of clients towards the gate, and of the gate towards an upstream."""

import hashlib
import http.server
import json
import ssl
import threading
import time

import openai
import pytest

from support import binary, http2, raw, sse
from support.certificates import Authority, replace
from support.poll import until

KEY = "wg-client-key-1"


@pytest.fixture
def authority(folder):
    return Authority(folder / "authority")


@pytest.fixture
def people(folder):
    """The authority of clients."""
    return Authority(folder / "people")


@pytest.fixture
def mutual(configured, upstream, authority, people, folder):
    """A gate that takes certificates of `people`."""

    def start(known=None, **certificates):
        place = folder / "shown"
        place.mkdir(mode=0o700, exist_ok=True)
        files = place / "cert.pem", place / "cert.key"
        authority.pair(*files)
        clients = {"certificates": {"ca_file": str(people.file), **certificates}}
        if known is not None:
            clients["keys_file"] = str(place / "clients")
            (place / "clients").write_text(known)
        return configured(upstream.url, {"tls": {"certificate_file": str(files[0]), "key_file": str(files[1])}, "clients": clients})

    return start


def context(authority, *pair, protocols=("http/1.1",)):
    """What a client trusts, and shows."""
    made = authority.client(*protocols)
    if pair:
        made.load_cert_chain(*pair)
    return made


def ask(gate, context, headers=()):
    client = raw.Client(gate.port)
    client.sock = context.wrap_socket(client.sock, server_hostname="127.0.0.1")
    with client:
        client.post(raw.chat(), headers=headers)
        return client.answer()


def is_refused(gate, context):
    """In TLS 1.3 a client learns with its first read that its certificate was not taken."""
    try:
        ask(gate, context)
    except (OSError, AssertionError):
        return True
    return False


def holder(people, folder, name, *more):
    return people.holder(folder / f"{name}.pem", folder / f"{name}.key", *(more or (f"{name}.example.org",)), common_name=name)


def test_required(mutual, authority, people, folder, upstream):
    gate = mutual(required=True)
    billing = holder(people, folder, "billing")
    answer = ask(gate, context(authority, *billing))
    assert answer.status == 200 and "asked by    billing (proven)" in gate.audit(answer.exchange)
    for other in [(), holder(Authority(folder / "others"), folder, "mallory")]:
        assert is_refused(gate, context(authority, *other))
    assert len(upstream.requests) == 1
    # Whatever version is spoken, and again: no session is resumed.
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        made = context(authority, *billing)
        made.minimum_version = made.maximum_version = version
        assert ask(gate, made).status == 200
        made = context(authority)
        made.minimum_version = made.maximum_version = version
        assert is_refused(gate, made)


def test_over_http2_each_exchange_is_the_connections(mutual, authority, people, folder):
    gate = mutual(name="dns")
    with http2.Client(gate.port, context(authority, *holder(people, folder, "billing"), protocols=("h2",))) as client:
        for _ in range(2):
            answer = client.answer(client.post(raw.chat()))
            assert answer.status == 200 and "asked by    billing.example.org (proven)" in gate.audit(answer.headers["x-witgate-exchange"])


def test_keys_and_certificates_beside_each_other(mutual, authority, people, folder, upstream):
    known = f"team-a {hashlib.sha256(KEY.encode()).hexdigest()}\nbilling certificate clearance=SECRET owner=alice\n"
    gate = mutual(known)
    billing, stranger = holder(people, folder, "billing"), holder(people, folder, "stranger")
    key = {"authorization": f"Bearer {KEY}"}
    dummy = {"authorization": "Bearer sk-none"}
    for shown, headers, who in [
        (billing, {}, "billing"), (billing, dummy, "billing"), (billing, key, "team-a"), ((), key, "team-a"), (stranger, key, "team-a"),
    ]:
        answer = ask(gate, context(authority, *shown), headers)
        told = gate.audit(answer.exchange)
        assert answer.status == 200 and f"asked by    {who} (proven)" in told
        assert ("on the account of alice (proven)" in told) == (who == "billing")
        # The gate's own proofs go no further.
        assert upstream.requests[-1].header("authorization") is None
    count = len(upstream.requests)
    for shown, headers, code in [((), {}, "unknown_key"), ((), dummy, "unknown_key"), (stranger, {}, "unknown_certificate"), (stranger, dummy, "unknown_certificate")]:
        answer = ask(gate, context(authority, *shown), headers)
        assert (answer.status, answer.json()["error"]["code"]) == (401, code)
    assert len(upstream.requests) == count


def test_a_certificate_without_the_name_that_counts(mutual, authority, people, folder):
    gate = mutual(name="email")
    both = holder(people, folder, "both", "jo@example.org", "al@example.org")
    for shown in [holder(people, folder, "billing"), both]:
        answer = ask(gate, context(authority, *shown))
        assert (answer.status, answer.json()["error"]["code"]) == (401, "nameless_certificate")
    answer = ask(gate, context(authority, *holder(people, folder, "one", "jo@example.org")))
    assert answer.status == 200 and "asked by    jo@example.org (proven)" in gate.audit(answer.exchange)
    answer = ask(gate, context(authority))
    assert answer.status == 401 and "certificate" in answer.json()["error"]["message"]


def test_the_sdk(mutual, authority, people, folder):
    gate = mutual()
    shown = context(authority, *holder(people, folder, "billing"))
    client = openai.OpenAI(base_url=gate.base_url, api_key="none", http_client=openai.DefaultHttpxClient(verify=shown), timeout=20)
    assert client.chat.completions.create(**raw.chat()).choices[0].message.content == "hello"
    client = openai.OpenAI(base_url=gate.base_url, api_key="none", http_client=openai.DefaultHttpxClient(verify=context(authority)), timeout=20)
    with pytest.raises(openai.AuthenticationError) as refused:
        client.chat.completions.create(**raw.chat())
    assert refused.value.code == "unknown_key"


def test_another_authority_without_a_restart(mutual, authority, people, folder):
    gate = mutual(required=True)
    billing = context(authority, *holder(people, folder, "billing"))
    assert ask(gate, billing).status == 200
    others = Authority(folder / "others")
    replace(people.file, b"nothing\n", 0o644)
    until(lambda: "the authorities of clients stay as they are" in gate.log(), "the refusal of the file")
    assert ask(gate, billing).status == 200
    replace(people.file, others.file.read_bytes(), 0o644)
    until(lambda: is_refused(gate, billing), "the end of the old authority")
    assert ask(gate, context(authority, *holder(others, folder, "jo"))).status == 200


MISTAKES = {
    "without tls": (lambda value, place: value.pop("tls"), "certificates_without_tls", "/clients/certificates"),
    "nothing": (lambda value, place: value.update(clients={}), "clients_unproven", "/clients"),
    "no authority": (lambda value, place: value["clients"].update(certificates={}), "missing_member", "/clients/certificates"),
    "no such file": (lambda value, place: value["clients"]["certificates"].update(ca_file="nowhere.pem"), "file_missing", "/clients/certificates/ca_file"),
    "no certificate": (lambda value, place: (place / "ca.pem").write_text("hello\n"), "no_certificate", "/clients/certificates/ca_file"),
    "a broken one": (lambda value, place: (place / "ca.pem").write_text("-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"), "certificate_content", "/clients/certificates/ca_file"),
    "that others may write": (lambda value, place: (place / "ca.pem").chmod(0o666), "path_writable", "/clients/certificates/ca_file"),
    "another kind of name": (lambda value, place: value["clients"]["certificates"].update(name="cn"), "not_one_of", "/clients/certificates/name"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_validate_names_mistakes(mutual, people, name):
    spoil, code, pointer = MISTAKES[name]
    gate = mutual()
    assert binary.run("validate", gate.config.file).returncode == 0
    spoil(gate.config.value, people.folder)
    gate.config.write()
    told = binary.run("validate", gate.config.file, "--format", "json")
    assert told.returncode == 1 and [(one["code"], one["pointer"]) for one in json.loads(told.stdout)["mistakes"]] == [(code, pointer)], told.stdout


# Towards an upstream


class Model:
    """An upstream that wants a certificate. Each request is a connection of its own."""

    def __init__(self, authority, people):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                subject = dict(pair[0] for pair in self.connection.getpeercert()["subject"])
                seen.append(subject["commonName"])
                body = sse.whole("hello")
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.send_header("connection", "close")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A handshake that fails is a part of these tests."""

        context = authority.server("http/1.1")
        context.load_verify_locations(people.file)
        context.verify_mode = ssl.CERT_REQUIRED
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://127.0.0.1:{self._server.server_address[1]}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def model(authority, people):
    made = Model(authority, people)
    yield made
    made.close()


@pytest.fixture
def towards(configured, model, authority, folder):
    """A gate in front of it, which shows a pair if there is one."""

    def start(*pair):
        entry = {"name": "model", "path": "/v1", "url": model.url, "ca_file": str(authority.file), "proxy": "none"}
        if pair:
            entry.update(client_certificate_file=str(pair[0]), client_key_file=str(pair[1]))
        return configured(model.url, {"upstreams": [entry]})

    return start


def test_an_upstream_that_wants_a_certificate(towards, model, people, folder):
    gate = towards(*holder(people, folder, "gate-1"))
    for _ in range(2):
        assert raw.ask(gate).status == 200
    assert model.seen == ["gate-1"] * 2


def test_without_a_certificate_it_says_so(towards, model, folder):
    for pair in [(), holder(Authority(folder / "others"), folder, "mallory")]:
        gate = towards(*pair)
        answer = raw.ask(gate)
        assert answer.status == 502 and answer.json()["error"]["code"] in ("upstream_connect", "upstream_broken")
        assert "the upstream failed: upstream_" in gate.audit(answer.exchange)
    assert not model.seen


def test_a_certificate_for_an_upstream_is_replaced_without_a_restart(towards, model, people, folder):
    pair = holder(people, folder, "gate-1")
    gate = towards(*pair)
    assert raw.ask(gate).status == 200
    other = people.holder(folder / "other.pem", folder / "other.key", "gate.example.org", common_name="gate-2")
    replace(pair[0], other[0].read_bytes(), 0o644)
    until(lambda: "certificate_key_mismatch" in gate.log(), "the refusal of half a pair")
    assert raw.ask(gate).status == 200 and model.seen == ["gate-1"] * 2
    replace(pair[1], other[1].read_bytes(), 0o600)

    def shown():
        assert raw.ask(gate).status == 200
        time.sleep(0.05)
        return model.seen[-1] == "gate-2"

    until(shown, "the new certificate")


UPSTREAM_MISTAKES = {
    "a half": (lambda entry, other: entry.pop("client_key_file"), "missing_member", ""),
    "the other half": (lambda entry, other: entry.pop("client_certificate_file"), "missing_member", ""),
    "without tls": (lambda entry, other: entry.update(url="http://127.0.0.1:1/v1"), "certificates_without_tls", "/client_certificate_file"),
    "another's key": (lambda entry, other: entry.update(client_key_file=str(other[1])), "certificate_key_mismatch", "/client_key_file"),
    "no certificate": (lambda entry, other: entry.update(client_certificate_file=entry["client_key_file"]), "no_certificate", "/client_certificate_file"),
    "a key that others may read": (lambda entry, other: other[1].chmod(0o644) or entry.update(client_key_file=str(other[1])), "file_loose", "/client_key_file"),
}


@pytest.mark.parametrize("name", UPSTREAM_MISTAKES)
def test_validate_names_mistakes_of_an_upstream(towards, people, folder, name):
    spoil, code, member = UPSTREAM_MISTAKES[name]
    gate = towards(*holder(people, folder, "gate-1"))
    other = people.holder(folder / "other.pem", folder / "other.key", "gate.example.org", common_name="gate-2")
    assert binary.run("validate", gate.config.file).returncode == 0
    spoil(gate.config.value["upstreams"][0], other)
    gate.config.write()
    told = binary.run("validate", gate.config.file, "--format", "json")
    assert told.returncode == 1 and [(one["code"], one["pointer"]) for one in json.loads(told.stdout)["mistakes"]] == [(code, f"/upstreams/0{member}")], told.stdout
