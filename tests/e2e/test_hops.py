"""What HTTP says between two hops and no further: informational answers, expectations, trailers, lengths, named headers."""

import socket
import threading
import time

import pytest

from support import raw, sse
from support.poll import until
from support.speech import DIALECTS

OK = sse.dumps(raw.chat()).encode()
PATH = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\n"


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
@pytest.mark.parametrize("status", [b"100 Continue", b"102 Processing", b"103 Early Hints"])
def test_informational_answers_of_the_upstream(gate, upstream, status, streamed):
    def answer(connection, _):
        for _ in range(3):
            connection.send(b"HTTP/1.1 " + status + b"\r\nlink: </x>; rel=preload\r\nx-leak: SECRET//NOFORN\r\n\r\n")
        connection.stream(sse.text("Hello.")) if streamed else connection.whole(sse.whole("Hello."))

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(raw.chat(stream=streamed))
        got = client.answer()
        assert got.status == 200 and got.clean and b"Hello." in got.body
        assert client.received.count(b"HTTP/1.1") == 1 and b"NOFORN" not in client.received and b"link:" not in client.received
        client.post(raw.chat(stream=streamed))
        assert client.answer().status == 200


def test_a_change_of_protocol_is_no_answer(gate, upstream):
    def answer(connection, _):
        connection.send(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\nSECRET//NOFORN")
        connection.wait_closed()

    upstream.answer = answer
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_protocol") and b"NOFORN" not in got.body and "upgrade" not in got.headers
    assert gate.get("/v1/models")[0] == 502


def test_a_client_that_expects_to_be_asked(gate, upstream):
    with raw.Client(gate.port) as client:
        client.send(PATH + b"expect: 100-continue\r\ncontent-length: %d\r\n\r\n" % len(OK))
        asked = client.head()
        assert asked.status == 100 and not upstream.requests
        client.send(OK)
        assert client.answer().status == 200
    assert upstream.last().header("expect") is None


@pytest.mark.parametrize("header, status", [
    (b"content-length: 99999999\r\n", 413), (b"content-length: 10\r\ncontent-encoding: lzma\r\n", 415),
    (b"content-length: 10\r\nx-classification: \r\n", 400),
], ids=["too large", "unknown coding", "bad header"])
def test_a_client_that_expects_to_be_asked_is_refused_before_it_sends(gate, upstream, header, status):
    with raw.Client(gate.port) as client:
        client.send(PATH + b"expect: 100-continue\r\n" + header + b"\r\n")
        assert client.answer().status == status
    assert not upstream.requests


def test_trailers_of_a_client_go_nowhere(gate, upstream):
    with raw.Client(gate.port) as client:
        chunk = b"%x\r\n%s\r\n" % (len(OK), OK)
        client.send(PATH + b"trailer: openai-organization\r\ntransfer-encoding: chunked\r\n\r\n" + chunk
                    + b"0\r\nopenai-organization: org-smuggled\r\nx-caller-clearance: TOP SECRET\r\n\r\n")
        got = client.answer()
        assert got.status == 200 and "org-smuggled" not in str(upstream.last().headers)
        assert "TOP SECRET" not in gate.audit(got.exchange)
        # The connection is where it should be.
        client.post(OK)
        assert client.answer().status == 200 and len(upstream.requests) == 2


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_trailers_of_the_upstream_do_not_pass(gate, upstream, streamed):
    body = sse.text("Hello.") if streamed else sse.whole("Hello.")

    def answer(connection, _):
        connection.head(kind="text/event-stream" if streamed else "application/json", more=[("trailer", "x-leak")])
        connection.chunk(body)
        connection.send(b"0\r\nx-leak: SECRET//NOFORN\r\nx-request-id: forged\r\n\r\n")

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(raw.chat(stream=streamed), headers={"te": "trailers"})
        got = client.answer()
        assert got.status == 200 and got.clean and "trailer" not in got.headers
        assert b"NOFORN" not in client.received and b"forged" not in client.received
        client.post(raw.chat(stream=streamed))
        assert client.head().status == 200


def test_headers_that_connection_names(gate, upstream):
    more = [("connection", "keep-alive, x-request-id"), ("x-request-id", "for the gate alone"), ("keep-alive", "timeout=5"),
            ("proxy-authenticate", "Basic"), ("te", "trailers"), ("openai-version", "2020-10-01")]
    upstream.answer = lambda connection, _: connection.whole(sse.whole("x"), more=more)
    sent = {"connection": "keep-alive, openai-project", "openai-project": "for the gate alone", "keep-alive": "timeout=5", "te": "trailers",
            "proxy-authorization": "Basic abc", "upgrade": "websocket", "openai-organization": "org-1"}
    got = raw.ask(gate, OK, headers=sent)
    assert got.status == 200 and got.headers["openai-version"] == "2020-10-01"
    for name in ("x-request-id", "keep-alive", "proxy-authenticate", "te"):
        assert name not in got.headers
    up = {name.lower(): value for name, value in upstream.last().headers}
    assert up["openai-organization"] == "org-1"
    for name in ("connection", "openai-project", "keep-alive", "te", "proxy-authorization", "upgrade"):
        assert name not in up


RETRY = [("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), ("retry-after-ms", "1500"), ("x-ratelimit-limit-tokens", "150000"),
         ("x-ratelimit-reset-requests", "6m0s"), ("anthropic-ratelimit-tokens-reset", "2026-01-01T00:00:00Z"), ("x-should-retry", "true")]


@pytest.mark.parametrize("status", [429, 503, 529])
def test_when_to_try_again_is_passed_on(gate, upstream, status):
    error = sse.dumps({"error": {"message": "Slow down.", "type": "rate_limit_error", "param": None, "code": "slow"}}).encode()
    upstream.answer = lambda connection, _: connection.whole(error, status=status, more=RETRY)
    got = raw.ask(gate)
    assert got.status == status and {name: got.headers.get(name) for name, _ in RETRY} == dict(RETRY)


@pytest.mark.parametrize("lines, body", [
    (b"content-length: 5\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\n"),
    (b"transfer-encoding: chunked\r\ncontent-length: 5\r\n", b"0\r\n\r\n"),
    (b"content-length: 5\r\ncontent-length: 6\r\n", b"hello"),
    (b"content-length: 5, 6\r\n", b"hello"),
    (b"content-length: +5\r\n", b"hello"),
    (b"content-length: -1\r\n", b""),
    (b"transfer-encoding: identity\r\n", b""),
    (b"transfer-encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    (b"transfer-encoding: xchunked\r\n", b"0\r\n\r\n"),
    (b"transfer-encoding : chunked\r\n", b"0\r\n\r\n"),
    (b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n", b"0\r\n\r\n"),
    (b"transfer-encoding: chunked\r\n", b"5;a=\nb\r\nhello\r\n0\r\n\r\n"),
    (b"transfer-encoding: chunked\r\n", b"fffffffffffffffff\r\n"),
    (b"transfer-encoding: chunked\r\n", b"-1\r\n\r\n"),
    (b" content-length: 5\r\n", b"hello"),
], ids=lambda value: repr(value)[2:40])
def test_lengths_that_contradict_themselves(gate, upstream, lines, body):
    """A second request hidden in the body of the first is never seen as one."""
    hidden = raw.request(sse.dumps(raw.chat("hidden")).encode())
    with raw.Client(gate.port) as client:
        client.send(PATH + lines + b"\r\n" + body + hidden)
        assert client.head().status == 400
        while client.more():
            pass
        assert client.received.count(b"HTTP/1.1 ") == 1
    assert not upstream.requests
    assert raw.ask(gate).status == 200


@pytest.mark.parametrize("head", [
    b"content-length: 5\r\ncontent-length: 900\r\n", b"content-length: 5, 900\r\n", b"content-length: -5\r\n",
    b"transfer-encoding: chunked\r\ncontent-length: x\r\n", b"x-a\x00b: 1\r\n", b"x-a: 1\r\n x-folded: 2\r\nbroken\r\n",
], ids=["two lengths", "a list", "negative", "no number", "zero byte", "no colon"])
def test_answers_that_contradict_themselves(gate, upstream, head):
    body = sse.whole("Hello.")

    def answer(connection, _):
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n" + head + b"\r\n" + body)
        connection.close()

    upstream.answer = answer
    got = raw.ask(gate)
    assert got.status == 502 and got.json()["error"]["code"] in ("upstream_broken", "upstream_truncated"), got.body


def test_an_answer_with_both_lengths_is_read_by_its_chunks(gate, upstream):
    body = sse.whole("Hello.")

    def answer(connection, _):
        connection.head(kind="application/json", more=[("content-length", "5")])
        connection.chunk(body)
        connection.end()

    upstream.answer = answer
    got = raw.ask(gate)
    # RFC 9112, section 6.3: chunks win; what is sent on has one length, that of the body.
    assert got.status in (200, 502) and (got.status == 502 or (got.body == body and got.headers["content-length"] == str(len(body))))
    assert raw.ask(gate, OK).status == got.status


def test_chunks_without_end_are_no_answer(gate, upstream):
    def answer(connection, _):
        connection.head(kind="application/json")
        connection.send(b"fffffffffffffffff\r\n")
        connection.wait_closed()

    upstream.answer = answer
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_truncated")


PHASES = {
    "connect": ({"connect_ms": 300}, (502, "upstream_connect")),
    "first byte": ({"first_byte_ms": 300}, (504, "upstream_timeout")),
    "idle": ({"idle_ms": 300}, (504, "upstream_idle")),
}


@pytest.mark.parametrize("dialect", ["chat", "messages", "responses"])
@pytest.mark.parametrize("phase", ["connect", "first byte", "idle"])
def test_each_phase_has_its_time(configured, upstream, phase, dialect):
    wire = getattr(DIALECTS, dialect)
    timeouts, (status, code) = PHASES[phase]
    url = upstream.url
    full, waiting = None, []
    if phase == "connect":
        # A listener whose queue is full: the system answers no further connection.
        full = socket.socket()
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        url = f"http://127.0.0.1:{full.getsockname()[1]}/v1"
    gate = configured(url, {"timeouts": timeouts})

    def answer(connection, _):
        if phase == "idle":
            connection.head(kind="application/json")
            connection.chunk(b'{"id":')
        connection.wait_closed()

    upstream.answer = answer
    begun = time.monotonic()
    got = raw.ask(gate, wire.ask(), path=wire.path)
    took = time.monotonic() - begun
    error = got.json()
    assert (got.status, error["error"]["code"]) == (status, code) and 0.25 < took < 5
    if dialect == "messages":
        assert (error["type"], error["error"]["type"]) == ("error", "timeout_error" if status == 504 else "api_error")
    else:
        assert error["error"]["type"] == "upstream_error"
    assert f"the upstream failed: {code}" in gate.audit(got.exchange)
    for one in waiting:
        one.close()
    if full:
        full.close()


def test_a_slow_trickle_of_headers_has_an_end(configured, upstream):
    gate = configured(upstream.url, {"timeouts": {"headers_ms": 500}})
    with raw.Client(gate.port) as client:
        begun, stop = time.monotonic(), threading.Event()

        def trickle():
            try:
                for byte in b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\n" * 50:
                    client.send(bytes([byte]))
                    if stop.wait(0.05):
                        return
            except OSError:
                pass

        thread = threading.Thread(target=trickle)
        thread.start()
        try:
            while client.more():
                pass
        except ConnectionResetError:
            pass
        took = time.monotonic() - begun
        stop.set()
        thread.join()
    assert took < 5 and not upstream.requests


def test_one_who_leaves_while_the_upstream_connects(configured):
    """Nobody waits for a connection that nobody needs."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        gate = configured(f"http://127.0.0.1:{full.getsockname()[1]}/v1")
        client = raw.Client(gate.port)
        client.post(raw.chat())
        until(lambda: gate.metric("witgate_exchanges_in_flight") == 1, "the exchange")
        left = time.monotonic()
        client.sock.close()
        until(lambda: gate.metric('witgate_exchanges_total{outcome="client_gone"}') == 1, "the record")
        assert time.monotonic() - left < 2
        for one in waiting:
            one.close()

