"""A client that stays connected and takes nothing: it keeps nobody else out, and its answer never looks like a whole one."""

import time

import pytest

from support import raw, sse
from support.poll import until

#: Much more than what fits into the buffers on the way.
FRAMES = 20_000
FRAME = sse.event({"content": "word " * 2000})


@pytest.fixture
def flooding(upstream):
    def answer(connection, request):
        if b"flood" not in request.body:
            return connection.stream(sse.text("All is well."))
        connection.head()
        try:
            for _ in range(FRAMES):
                connection.chunk(FRAME)
        except OSError:
            pass

    upstream.answer = answer
    return upstream


def stall(gate):
    client = raw.Client(gate.port)
    client.post(raw.chat("flood", stream=True))
    return client, client.head().exchange


def test_it_gives_its_place_to_others(configured, flooding):
    gate = configured(flooding.url, {"limits": {"exchanges": 2}, "timeouts": {"client_ms": 500}})
    stalled = [stall(gate) for _ in range(2)]
    assert raw.ask(gate, raw.chat(stream=True)).status == 503, "the gate is full"
    ended = lambda: gate.metric('witgate_exchanges_total{outcome="client_gone"}') == 2
    until(ended, "both are over")
    assert raw.ask(gate, raw.chat(stream=True)).status == 200
    for client, exchange in stalled:
        assert "client_stalled" in gate.audit(exchange)
        client.sock.close()


def test_its_connection_ends(configured, flooding):
    gate = configured(flooding.url, {"timeouts": {"client_ms": 300}})
    client, exchange = stall(gate)
    assert "client_stalled" in gate.audit(exchange)
    time.sleep(1)
    # What is on the way comes, and then the connection breaks: not the end that HTTP has for a body.
    chunk = b"x"
    with client:
        while chunk:
            try:
                chunk = client.read_chunk()
            except OSError:
                chunk = None
    assert chunk is None, "the body came to a clean end"


def test_a_slow_one_is_served_to_the_end(configured, upstream):
    """Takes a little now and then: longer in all than a stalled one may."""
    frames = 400
    upstream.answer = lambda connection, _: connection.stream(*[FRAME] * frames, sse.event({}, "stop"), b"data: [DONE]\n\n")
    gate = configured(upstream.url, {"timeouts": {"client_ms": 1000}})
    with raw.Client(gate.port) as client:
        client.post(raw.chat(stream=True))
        answer, got, chunks = client.head(), 0, 0
        while chunk := client.read_chunk():
            got, chunks = got + len(chunk), chunks + 1
            if chunks % 10 == 0:
                time.sleep(0.1)
        assert chunk == b"", "a clean end"
    assert got > frames * len(FRAME)
    assert "client_stalled" not in gate.audit(answer.exchange)


def test_the_gate_stops_all_the_same(configured, flooding):
    gate = configured(flooding.url, {"timeouts": {"drain_ms": 200}})
    client, exchange = stall(gate)
    time.sleep(0.5)
    begun = time.monotonic()
    assert gate.stop() == 0
    assert time.monotonic() - begun < 10
    client.sock.close()
    assert "shutting_down" in gate.audit(exchange)
