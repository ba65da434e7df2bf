"""Compressed requests and answers: decoded within bounds, inspected, and sent on as they were before."""

import gzip
import random
import threading
import time
import zlib

import brotli
import pytest
import zstandard

from support import raw, sse
from support.speech import DIALECTS, Text

STREAM = raw.chat(stream=True)


def deflate(data):
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACK = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate without zlib": deflate,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


class Flushing:
    """Compresses piece by piece; what `pack` gives can be decoded at once."""

    def __init__(self, coding):
        if coding == "gzip":
            self._packer = zlib.compressobj(wbits=31)
            self.pack = lambda data: self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)
            self.end = self._packer.flush
        elif coding == "deflate":
            self._packer = zlib.compressobj()
            self.pack = lambda data: self._packer.compress(data) + self._packer.flush(zlib.Z_SYNC_FLUSH)
            self.end = self._packer.flush
        elif coding == "br":
            self._packer = brotli.Compressor(quality=5)
            self.pack = lambda data: self._packer.process(data) + self._packer.flush()
            self.end = self._packer.finish
        else:
            self._packer = zstandard.ZstdCompressor().compressobj()
            self.pack = lambda data: self._packer.compress(data) + self._packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
            self.end = self._packer.flush


CODINGS = ["gzip", "deflate", "br", "zstd"]


def named(name):
    return name.split(" ")[0]


def coded(name):
    return {"content-encoding": named(name)}


@pytest.mark.parametrize("name", PACK)
def test_a_compressed_request_is_inspected_and_goes_on_as_it_was(gate, upstream, name):
    body = sse.dumps(raw.chat("Ça va? " * 500)).encode()
    answer = raw.ask(gate, PACK[name](body), headers=coded(name))
    assert answer.status == 200, answer.body
    sent = upstream.last()
    assert sent.body == body and sent.header("content-encoding") is None and sent.header("content-length") == str(len(body))
    assert sent.header("accept-encoding") == "identity"
    marked = sse.dumps(raw.chat("\nSECRET//NOFORN\n")).encode()
    answer = raw.ask(gate, PACK[name](marked), headers=coded(name))
    assert answer.status == 403 and len(upstream.requests) == 1
    masked = sse.dumps(raw.chat("Write to jo.doe@example.org now.")).encode()
    assert raw.ask(gate, PACK[name](masked), headers=coded(name)).status == 200
    assert b"jo.doe" not in upstream.last().body


@pytest.mark.parametrize("name", PACK)
def test_what_expands_too_far_is_refused_at_the_bound(configured, upstream, name):
    gate = configured(upstream.url, {"limits": {"body_kib": 16384}})
    bomb = b'{"model":"m","messages":[{"role":"user","content":"' + b"a" * (60 << 20) + b'"}]}'
    packed = PACK[name](bomb)
    before = most(gate)
    begun = time.monotonic()
    answer = raw.ask(gate, packed, headers=coded(name))
    took, grown = time.monotonic() - begun, most(gate) - before
    print(f"{name}: {len(packed)} bytes refused after {1000 * took:.0f} ms, memory grew by {grown / (1 << 20):.1f} MiB at most")
    assert (answer.status, answer.json()["error"]["code"]) == (413, "expansion_limit") and not upstream.requests
    assert "end  refused: expansion_limit" in gate.audit(answer.exchange)
    assert took < 5 and grown < 24 << 20
    assert raw.ask(gate).status == 200


def most(gate):
    """The most memory it ever had."""
    status = open(f"/proc/{gate.process.pid}/status").read()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def test_the_size_counts_after_decoding(configured, upstream):
    gate = configured(upstream.url, {"limits": {"body_kib": 16}})
    for size, status in [(10_000, 200), (20_000, 413)]:
        answer = raw.ask(gate, gzip.compress(sse.dumps(raw.chat("a b " * (size // 4))).encode()), headers=coded("gzip"))
        assert answer.status == status, answer.body
    assert answer.json()["error"]["code"] == "body_too_large" and len(upstream.requests) == 1


def test_the_ratio_can_be_set(configured, upstream):
    gate = configured(upstream.url, {"limits": {"expansion": 2}})
    text = "".join(random.Random(1).choices("abcdefghijklmnop ", k=600_000)) + "x" * 1_000_000
    answer = raw.ask(gate, gzip.compress(sse.dumps(raw.chat(text)).encode()), headers=coded("gzip"))
    assert (answer.status, answer.json()["error"]["code"]) == (413, "expansion_limit")


BODY = sse.dumps(raw.chat("hi")).encode()


@pytest.mark.parametrize("coding, body", [
    ("gzip", BODY), ("br", b"\xff" * 100), ("zstd", BODY), ("deflate", b"\xff\xff" * 50), ("gzip", gzip.compress(BODY)[:-4]),
    ("gzip", gzip.compress(BODY) + b"more"), ("br", brotli.compress(BODY)[:-3]), ("zstd", zstandard.compress(BODY)[:-2]), ("gzip", b""),
], ids=["gzip: none", "br: none", "zstd: none", "deflate: none", "gzip: cut", "gzip: more", "br: cut", "zstd: cut", "gzip: empty"])
def test_a_request_that_is_not_what_it_says(gate, upstream, coding, body):
    answer = raw.ask(gate, body, headers=coded(coding))
    assert (answer.status, answer.json()["error"]["code"]) == (400, "body_encoding"), answer.body
    assert "end  refused: body_encoding" in gate.audit(answer.exchange) and not upstream.requests


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip", "br, gzip", "snappy"])
def test_other_codings_are_refused_with_those_that_are_taken(gate, upstream, coding):
    answer = raw.ask(gate, gzip.compress(gzip.compress(BODY)), headers={"content-encoding": coding})
    error = answer.json()["error"]
    assert (answer.status, error["code"]) == (415, "unsupported_encoding") and "gzip, deflate, br, zstd" in error["message"]
    assert not upstream.requests


@pytest.mark.parametrize("name", PACK)
def test_a_compressed_answer_is_inspected_and_comes_as_it_was(gate, upstream, name):
    said = sse.whole("Bonjour. " * 2000)
    upstream.answer = lambda connection, _: connection.whole(PACK[name](said), more=[("content-encoding", named(name))])
    answer = raw.ask(gate, headers={"accept-encoding": "gzip, br"})
    assert answer.status == 200 and answer.body == said and "content-encoding" not in answer.headers
    upstream.answer = lambda connection, _: connection.whole(PACK[name](sse.whole("\nSECRET//NOFORN\n")), more=[("content-encoding", named(name))])
    answer = raw.ask(gate)
    assert answer.status == 403 and b"NOFORN" not in answer.body


@pytest.mark.parametrize("name", PACK)
def test_a_compressed_error_passes_with_its_status(gate, upstream, name):
    error = sse.dumps({"error": {"message": "Slow down.", "type": "rate_limit_error", "param": None, "code": "slow"}}).encode()
    more = [("content-encoding", named(name)), ("retry-after", "7")]
    upstream.answer = lambda connection, _: connection.whole(PACK[name](error), status=429, more=more)
    answer = raw.ask(gate)
    assert answer.status == 429 and answer.body == error and answer.headers["retry-after"] == "7"


@pytest.mark.parametrize("coding, body", [("gzip", b"no gzip"), ("gzip", gzip.compress(b'{"error":{}}')[:-3]), ("compress", b"{}"), ("gzip", b"")],
                         ids=["broken", "cut", "unknown", "empty"])
def test_of_an_error_that_cannot_be_read_the_status_passes(gate, upstream, coding, body):
    upstream.answer = lambda connection, _: connection.whole(body, status=429, more=[("content-encoding", coding), ("retry-after", "7")])
    answer = raw.ask(gate)
    assert (answer.status, answer.json()["error"]["code"]) == (429, "upstream_status")
    assert "(upstream 429)" in gate.audit(answer.exchange)


@pytest.mark.parametrize("size", [1, 7, 100_000])
@pytest.mark.parametrize("name", PACK)
def test_a_compressed_stream_wherever_reads_end(gate, upstream, name, size):
    said = sse.text("Hello ", "there. ", "Ça va? 🗼")
    packed = PACK[name](said)
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    upstream.answer = lambda connection, _: connection.stream(*pieces, more=[("content-encoding", named(name))])
    answer = raw.ask(gate, STREAM)
    assert answer.clean and sse.without_comments(answer.body) == said and "content-encoding" not in answer.headers


@pytest.mark.parametrize("coding", CODINGS)
def test_what_is_flushed_arrives_before_what_follows_is_sent(gate, upstream, coding):
    go, held = threading.Semaphore(0), []
    events = [sse.event({"content": f"Part {number} of it all. "}) for number in range(20)]

    def answer(connection, _):
        packer = Flushing(coding)
        connection.head(more=[("content-encoding", coding)])
        for event in events:
            connection.chunk(packer.pack(event))
            # Nothing more until the client has it.
            if not go.acquire(timeout=10):
                held.append(event)
                return connection.close()
        connection.chunk(packer.pack(sse.event({}, "stop") + b"data: [DONE]\n\n") + packer.end())
        connection.end()

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(STREAM)
        client.head()
        got, waited = b"", []
        for event in events:
            begun = time.monotonic()
            while event not in got:
                chunk = client.read_chunk()
                assert chunk, f"{event!r} is held back: {held}"
                got += chunk
            waited.append(time.monotonic() - begun)
            go.release()
    print(f"{coding}: an event arrived within {1000 * sorted(waited)[len(waited) // 2]:.2f} ms (median), {1000 * max(waited):.1f} ms at most")


@pytest.mark.parametrize("coding", CODINGS)
def test_a_marking_in_a_compressed_stream_is_cut(gate, upstream, coding):
    def answer(connection, _):
        packer = Flushing(coding)
        connection.head(more=[("content-encoding", coding)])
        for piece in ["Here is it.\n", "SEC", "RET//NOF", "ORN", "\nThe convoy."]:
            connection.chunk(packer.pack(sse.event({"content": piece})))
        connection.chunk(packer.pack(sse.event({}, "stop") + b"data: [DONE]\n\n") + packer.end())
        connection.end()

    upstream.answer = answer
    answer = raw.ask(gate, STREAM)
    assert sse.finish(answer.body) == "content_filter" and b"SECRET" not in answer.body and b"convoy" not in answer.body


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
@pytest.mark.parametrize("coding, break_it, code", [
    ("gzip", lambda body: body[: len(body) // 2], "upstream_truncated"),
    ("br", lambda body: body[: len(body) // 2], "upstream_truncated"),
    ("zstd", lambda body: body[: len(body) // 2], "upstream_truncated"),
    ("gzip", lambda body: body[:-8] + bytes(8), "upstream_encoding"),
    ("gzip", lambda body: b"no gzip at all", "upstream_encoding"),
    ("br", lambda body: b"\xff" * 64, "upstream_encoding"),
    ("compress", lambda body: body, "upstream_encoding"),
    ("gzip, gzip", lambda body: gzip.compress(body), "upstream_encoding"),
], ids=["gzip cut", "br cut", "zstd cut", "gzip sum", "no gzip", "no br", "unknown", "twice"])
def test_an_answer_that_is_not_what_it_says(gate, upstream, streamed, coding, break_it, code):
    said = sse.text("Hello there. ", finish=None) + b": padding\n\n" * 50 if streamed else sse.whole("Hello there.")
    pack = PACK.get(coding, gzip.compress)
    body = break_it(pack(said))
    kind = "text/event-stream" if streamed else "application/json"
    upstream.answer = lambda connection, _: connection.whole(body, kind=kind, more=[("content-encoding", coding)])
    answer = raw.ask(gate, raw.chat(stream=streamed))
    if answer.status == 200:
        assert streamed and answer.clean
        last = sse.lines(answer.body)[-1]
        # A coding's end that is wrong comes after the dialect's own: then all was said.
        assert last == "[DONE]" or last["error"]["code"] == code, last
    else:
        assert (answer.status, answer.json()["error"]["code"]) == (502, code)
        assert b"Hello" not in answer.body
    assert "end  the upstream failed" in gate.audit(answer.exchange) or answer.status == 200


def test_an_answer_that_expands_too_far(configured, upstream):
    gate = configured(upstream.url, {"limits": {"answer_kib": 1 << 20}})
    bomb = gzip.compress(sse.whole("a" * (60 << 20)))
    upstream.answer = lambda connection, _: connection.whole(bomb, more=[("content-encoding", "gzip")])
    before = most(gate)
    answer = raw.ask(gate)
    assert (answer.status, answer.json()["error"]["code"]) == (502, "expansion_limit")
    assert "upstream failed: expansion_limit" in gate.audit(answer.exchange)
    assert most(gate) - before < 40 << 20


def test_an_answer_over_the_limit_after_decoding(configured, upstream):
    gate = configured(upstream.url, {"limits": {"answer_kib": 64}})
    upstream.answer = lambda connection, _: connection.whole(gzip.compress(sse.whole("a b " * 25_000)), more=[("content-encoding", "gzip")])
    answer = raw.ask(gate)
    assert (answer.status, answer.json()["error"]["code"]) == (502, "answer_too_large")


def test_a_stream_that_expands_too_far_is_cut_within_bounded_memory(gate, upstream):
    packed = gzip.compress(sse.event({"content": "a" * 1000}) * 60_000)

    def answer(connection, _):
        connection.head(more=[("content-encoding", "gzip")])
        connection.chunk(packed)
        connection.wait_closed()

    upstream.answer = answer
    before = most(gate)
    answer = raw.ask(gate, STREAM)
    assert answer.clean and sse.lines(answer.body)[-1]["error"]["code"] == "expansion_limit"
    assert "upstream failed: expansion_limit" in gate.audit(answer.exchange)
    assert most(gate) - before < 60 << 20


def test_the_list_of_models(gate, upstream):
    listed = sse.dumps({"object": "list", "data": [{"id": "m", "object": "model"}]}).encode()
    upstream.answer = lambda connection, _: connection.whole(gzip.compress(listed), more=[("content-encoding", "gzip")])
    assert gate.client().models.list().data[0].id == "m"


@pytest.mark.parametrize("api", ["messages", "responses"])
def test_other_dialects(gate, upstream, api):
    wire = getattr(DIALECTS, api)
    said = Text("Hello ", "there.")

    def answer(connection, request):
        more = [("content-encoding", "br")]
        if request.json().get("stream"):
            connection.stream(brotli.compress(wire.stream(said)), more=more)
        else:
            connection.whole(brotli.compress(wire.whole(said)), more=more)

    upstream.answer = answer
    body = zstandard.compress(sse.dumps(wire.ask()).encode())
    answer = raw.ask(gate, body, path=wire.path, headers={"content-encoding": "zstd", "anthropic-version": "2023-06-01"})
    assert answer.status == 200 and answer.body == wire.whole(said)
