"""A client that goes away: the upstream call is cancelled at once, and the record says so."""

import socket
import threading
import time

import pytest

from support import raw, sse
from support.poll import until

#: Design: within 100 ms. A busy machine gets ten times that.
SOON = 1.0


def leave(client, reset):
    if reset:
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    client.sock.close()
    return time.monotonic()


@pytest.fixture(params=[False, True], ids=["closes", "resets"])
def reset(request):
    return request.param


def check(gate, closed, left, exchange):
    at = until(lambda: closed, "the cancel at the upstream")[0]
    assert at is not None, "the upstream's connection stays open"
    print(f"the upstream saw the cancel {1000 * (at - left):.1f} ms after the client left")
    assert at - left < SOON
    assert "end  the client went away" in gate.audit(exchange)
    assert gate.metric('witgate_exchanges_total{outcome="client_gone"}') == 1


def test_in_the_middle_of_a_stream(gate, upstream, reset):
    closed = []

    def answer(connection, _):
        connection.head()
        connection.chunk(sse.event({"content": "Hello there. "}))
        closed.append(connection.wait_closed())

    upstream.answer = answer
    client = raw.Client(gate.port)
    client.post(raw.chat(stream=True))
    exchange = client.head().exchange
    assert client.read_chunk() and not closed
    check(gate, closed, leave(client, reset), exchange)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_before_the_first_byte(gate, upstream, reset, streamed):
    closed = []
    upstream.answer = lambda connection, _: closed.append(connection.wait_closed())
    client = raw.Client(gate.port)
    client.post(raw.chat(stream=streamed))
    upstream.last()
    assert not closed
    left = leave(client, reset)
    until(lambda: "exchange over" in gate.log(), "the end of the exchange")
    exchange = gate.log().split("exchange over exchange=")[1].split()[0]
    check(gate, closed, left, exchange)


def test_in_the_middle_of_a_whole_answer(gate, upstream, reset):
    closed, sent = [], threading.Event()

    def answer(connection, _):
        connection.head(kind="application/json", length=100_000)
        connection.send(b'{"id":"')
        sent.set()
        closed.append(connection.wait_closed())

    upstream.answer = answer
    client = raw.Client(gate.port)
    client.post(raw.chat())
    assert sent.wait(20)
    left = leave(client, reset)
    until(lambda: "exchange over" in gate.log(), "the end of the exchange")
    exchange = gate.log().split("exchange over exchange=")[1].split()[0]
    check(gate, closed, left, exchange)


def test_the_sdk_closes_its_stream(gate, upstream):
    closed = []

    def answer(connection, _):
        connection.head()
        connection.chunk(sse.event({"content": "Hello there. "}))
        closed.append(connection.wait_closed())

    upstream.answer = answer
    stream = gate.client().chat.completions.create(**raw.chat(stream=True))
    next(iter(stream))
    left = time.monotonic()
    stream.close()
    check(gate, closed, left, stream.response.headers["x-witgate-exchange"])


def test_a_client_that_does_not_read_holds_the_upstream_back(gate, upstream):
    """A slow client bounds what the gate reads ahead."""
    sent = [0]
    frame = sse.event({"content": "word " * 2000})

    def answer(connection, _):
        connection.head()
        for _ in range(10_000):
            connection.chunk(frame)
            sent[0] += len(frame)

    upstream.answer = answer
    client = raw.Client(gate.port)
    client.post(raw.chat(stream=True))
    client.head()
    before = -1
    # Full when nothing more was taken for a while.
    while before != sent[0]:
        before = sent[0]
        time.sleep(0.5)
    assert sent[0] < 40 << 20, "the gate reads without bound"
    resident = int(open(f"/proc/{gate.process.pid}/statm").read().split()[1]) * 4096
    assert resident < 200 << 20
    leave(client, True)
