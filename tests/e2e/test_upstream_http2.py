"""An upstream over TLS and HTTP/2: its failures in each phase, its flow control, what its connections carry."""

import threading
import time

import openai
import pytest

from support import http2, raw, sse
from support.certificates import Authority
from support.poll import until
from support.speech import DIALECTS, Text
from support.upstream2 import Upstream2

STREAM = raw.chat(stream=True)
TEXT = sse.event({"role": "assistant", "content": ""}) + sse.event({"content": "Hello there. "})
END = sse.event({}, "stop") + b"data: [DONE]\n\n"
MIB = 1 << 20


@pytest.fixture
def authority(folder):
    return Authority(folder / "authority")


@pytest.fixture
def model(authority):
    server = Upstream2(authority.server("h2"))
    yield server
    server.close()


@pytest.fixture
def behind(configured, model, authority):
    """A gate that trusts the upstream's authority."""

    def start(**changes):
        upstreams = [{"name": "model", "path": "/v1", "url": model.url, "ca_file": str(authority.file), "proxy": "none"}]
        return configured(model.url, {"upstreams": upstreams, **changes})

    return start


def test_answers_and_one_connection_for_many(behind, model):
    gate = behind()
    model.answer = lambda stream: stream.stream(TEXT, END) if stream.json().get("stream") else stream.whole(sse.whole("hello"))
    assert raw.ask(gate).json()["choices"][0]["message"]["content"] == "hello"
    got = raw.ask(gate, STREAM)
    assert sse.without_comments(got.body) == TEXT + END
    sent = model.last()
    assert sent.header(":path") == "/v1/chat/completions" and sent.header(":scheme") == "https"
    assert sent.header("accept-encoding") == "identity" and not [name for name in sent.headers if name.startswith("x-witgate")]
    for _ in range(20):
        assert raw.ask(gate).status == 200
    assert model.connections == 1


def test_an_upstream_that_nobody_trusts(configured, model):
    gate = configured(model.url, {"upstreams": [{"name": "model", "path": "/v1", "url": model.url, "proxy": "none"}]})
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_connect") and not model.requests
    assert "the upstream failed: upstream_connect" in gate.audit(got.exchange)


BEFORE = {
    "reset": (lambda stream: stream.reset(2), 502, "upstream_broken"),
    "cancelled": (lambda stream: stream.reset(8), 502, "upstream_broken"),
    "goaway": (lambda stream: stream.goaway(2, last=0), 502, "upstream_broken"),
    "the connection dies": (lambda stream: stream.drop(), 502, "upstream_broken"),
}


@pytest.mark.parametrize("dialect", ["chat", "messages"])
@pytest.mark.parametrize("how", BEFORE)
def test_broken_before_the_headers(behind, model, how, dialect):
    what, status, code = BEFORE[how]
    gate, wire = behind(), getattr(DIALECTS, dialect)
    model.answer = what
    got = raw.ask(gate, wire.ask(), path=wire.path)
    assert (got.status, got.json()["error"]["code"]) == (status, code)
    assert (got.json().get("type") == "error") == (dialect == "messages")
    assert f"the upstream failed: {code}" in gate.audit(got.exchange)
    model.answer = lambda stream: stream.whole(wire.whole(Text("well")))
    assert raw.ask(gate, wire.ask(), path=wire.path).status == 200


MIDDLE = {
    "reset": lambda stream: stream.reset(2),
    "reset without an error": lambda stream: stream.reset(0),
    "goaway, and the end": lambda stream: (stream.goaway(2), stream.drop()),
    "the connection dies": lambda stream: stream.drop(),
    "the end, too early": lambda stream: stream.end(),
    "trailers, too early": lambda stream: stream.trailers(("x-leak", "SECRET//NOFORN")),
}


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("how", MIDDLE)
def test_broken_in_the_middle_of_a_stream(behind, model, how, version):
    gate = behind()

    def answer(stream):
        stream.head()
        stream.data(TEXT)
        time.sleep(0.1)
        MIDDLE[how](stream)

    model.answer = answer
    got = raw.ask(gate, STREAM) if version == "HTTP/1.1" else http2.ask(gate, STREAM)
    assert got.clean if version == "HTTP/1.1" else got.ended == "end"
    assert sse.content(got.body) == "Hello there. " and b"[DONE]" not in got.body and b"NOFORN" not in got.body
    error = sse.lines(got.body)[-1]["error"]
    assert (error["type"], error["code"]) == ("upstream_error", "upstream_truncated")
    assert "the upstream failed: upstream_truncated" in gate.audit(got.exchange)
    with pytest.raises(openai.APIError):
        list(gate.client(max_retries=0).chat.completions.create(**STREAM))


@pytest.mark.parametrize("how", ["reset", "goaway, and the end", "the end, too early"])
def test_broken_in_the_middle_of_a_whole_answer(behind, model, how):
    gate = behind()

    def answer(stream):
        stream.head(kind="application/json", more=[("content-length", "1000")])
        stream.data(b'{"id":"x",')
        time.sleep(0.1)
        MIDDLE[how](stream)

    model.answer = answer
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_truncated")


def test_a_goaway_lets_streams_end_and_the_next_goes_elsewhere(behind, model):
    gate, go = behind(), threading.Event()

    def answer(stream):
        if not stream.json().get("stream"):
            return stream.whole(sse.whole("hello"))
        stream.head()
        stream.data(TEXT)
        stream.goaway(0, last=stream.number)
        assert go.wait(10)
        stream.data(END, end=True)

    model.answer = answer
    with raw.Client(gate.port) as client:
        client.post(STREAM)
        client.head()
        assert client.read_chunk()
        assert raw.ask(gate).status == 200 and model.connections == 2
        go.set()
        rest = b""
        while True:
            chunk = client.read_chunk()
            if not chunk:
                break
            rest += chunk
        assert sse.finish(rest) == "stop" and b"[DONE]" in rest


@pytest.mark.parametrize("version", ["HTTP/1.1", "HTTP/2"])
def test_a_client_that_goes_away_resets_the_stream(behind, model, version):
    gate = behind()

    def answer(stream):
        stream.head()
        stream.data(TEXT)

    model.answer = answer
    if version == "HTTP/1.1":
        client = raw.Client(gate.port)
        client.post(STREAM)
        exchange = client.head().exchange
        client.read_chunk()
        leave = client.sock.close
    else:
        client = http2.Client(gate.port)
        number = client.post(STREAM)
        exchange = client.until(number, lambda stream: b"there" in stream.body).exchange
        leave = lambda: client.reset(number)
    stream = model.last()
    assert not stream.gone()
    left = time.monotonic()
    leave()
    at = until(stream.gone, "the reset at the upstream")
    print(f"{version}: the upstream saw RST_STREAM {1000 * (at - left):.1f} ms after the client left")
    assert stream.reset_at and at - left < 1.0
    assert "end  the client went away" in gate.audit(exchange)
    # The connection serves the next.
    model.answer = lambda stream: stream.whole(sse.whole("hello"))
    assert raw.ask(gate).status == 200 and model.connections == 1


def test_a_client_that_reads_nothing_holds_its_stream_back_and_no_other(behind, model):
    gate, sent = behind(), []
    frame = sse.event({"content": "word " * 2000})

    def answer(stream):
        if stream.json()["messages"][0]["content"] != "slow":
            return stream.stream(TEXT, END)
        stream.head()
        count = [0]
        sent.append(count)
        while not stream.gone() and count[0] < 50 * MIB:
            count[0] += stream.data(frame)

    model.answer = answer
    before = resident(gate)
    slow = [raw.Client(gate.port) for _ in range(45)]
    for client in slow:
        client.post(raw.chat("slow", stream=True))
        client.head()
    last = -1
    while last != sum(count[0] for count in sent):
        last = sum(count[0] for count in sent)
        time.sleep(1.0)
    grown = resident(gate) - before
    print(f"45 clients that read nothing: {last / MIB:.1f} MiB taken from the upstream, the gate grew by {grown / MIB:.1f} MiB")
    # On the same connection, whose window the others do not use up.
    assert sse.content(raw.ask(gate, STREAM).body) == "Hello there. " and model.connections == 1
    for client in slow:
        client.sock.close()
    until(lambda: gate.metric('witgate_exchanges_total{outcome="client_gone"}') == 45, "the records")


def resident(gate):
    return int(open(f"/proc/{gate.process.pid}/statm").read().split()[1]) * 4096


def test_informational_answers_come_and_go(behind, model):
    gate = behind()

    def answer(stream):
        stream.informational(103, [("link", "</x>; rel=preload"), ("x-leak", "SECRET//NOFORN")])
        stream.whole(sse.whole("hello"))

    model.answer = answer
    got = raw.ask(gate)
    assert got.status == 200 and "link" not in got.headers and "x-leak" not in got.headers


def test_trailers_do_not_pass(behind, model):
    gate = behind()

    def answer(stream):
        stream.head()
        stream.data(TEXT + END)
        stream.trailers(("x-leak", "SECRET//NOFORN"), ("x-request-id", "forged"))

    model.answer = answer
    got = http2.ask(gate, STREAM)
    assert got.ended == "end" and got.trailers is None and b"NOFORN" not in got.body
    with raw.Client(gate.port) as client:
        client.post(STREAM)
        client.answer()
        assert b"NOFORN" not in client.received and b"forged" not in client.received


def test_headers_of_an_answer_beyond_the_bound(behind, model):
    gate = behind()
    model.answer = lambda stream: stream.whole(sse.whole("x"), more=[(f"x-{number}", "a" * 8000) for number in range(12)])
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_broken")


@pytest.mark.parametrize("phase, code", [("first byte", "upstream_timeout"), ("idle", "upstream_idle"), ("idle, unary", "upstream_idle")])
def test_it_falls_silent(behind, model, phase, code):
    gate = behind(timeouts={"first_byte_ms": 300, "idle_ms": 300})

    def answer(stream):
        if phase != "first byte":
            stream.head(kind="text/event-stream" if phase == "idle" else "application/json")
            stream.data(TEXT if phase == "idle" else b'{"id":')

    model.answer = answer
    got = raw.ask(gate, raw.chat(stream=phase == "idle"))
    error = sse.lines(got.body)[-1]["error"] if phase == "idle" else got.json()["error"]
    assert error["code"] == code and got.clean
    assert f"the upstream failed: {code}" in gate.audit(got.exchange)
    # The gate let go of it.
    assert until(model.last().gone, "the reset at the upstream")
