"""Memory of a large answer: bounded by its own size, whatever the policies do with it."""

import http.client
import json

import pytest

from support import raw, sse

MIB = 1 << 20
SIZE = 64 * MIB
LINE = b"The convoy left the harbour at noon and nobody saw it again. "
#: Times the size of the answer, at most. Measured: 2.0 and 0.1, see docs/operating.md.
UNARY = 3.0
STREAMED = 0.5


def peak(gate):
    """The most memory that the gate ever had, in bytes."""
    with open(f"/proc/{gate.process.pid}/status", encoding="ascii") as lines:
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def fetch(gate, body):
    """Length and end of an answer, read as it comes."""
    connection = http.client.HTTPConnection("127.0.0.1", gate.port, timeout=300)
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"content-type": "application/json"})
    answer = connection.getresponse()
    length, last = 0, b""
    while piece := answer.read(MIB):
        length, last = length + len(piece), (last + piece)[-4000:]
    connection.close()
    return answer.status, length, last


@pytest.mark.parametrize("streamed, most", [(False, UNARY), (True, STREAMED)], ids=["unary", "streamed"])
def test_memory_of_64_mib(configured, upstream, streamed, most):
    gate = configured(upstream.url, {"limits": {"answer_kib": 80 << 10}})
    text = (LINE * (SIZE // len(LINE) + 1)).decode()
    if streamed:
        piece = text[: 16 << 10]
        parts = [sse.event({"content": piece})] * (SIZE // len(piece))

        def answer(connection, _):
            connection.stream(sse.event({"role": "assistant", "content": ""}), *parts, sse.event({}, "stop"), b"data: [DONE]\n\n")

        expected = None
    else:
        body = sse.whole(text)
        expected = len(body)

        def answer(connection, _):
            connection.whole(body)

    raw.ask(gate, raw.chat(stream=streamed))
    upstream.answer = answer
    before = peak(gate)
    status, length, last = fetch(gate, raw.chat(stream=streamed))
    factor = (peak(gate) - before) / SIZE
    print(f"peak of {'a stream' if streamed else 'a unary answer'} of 64 MiB: {factor:.2f} times its size, from {before / MIB:.0f} MiB")
    assert status == 200 and length >= SIZE and expected in (None, length), last
    if streamed:
        assert b"data: [DONE]" in last and b"content_filter" not in last
    assert factor < most
