"""An upstream that fails: its client is always told, and never sees a silent success."""

import socket

import openai
import pytest

from support import raw, sse

STREAM = raw.chat(stream=True)
TEXT = sse.event({"role": "assistant", "content": ""}) + sse.event({"content": "Hello there. "})


def error(status, message="Slow down."):
    return sse.dumps({"error": {"message": message, "type": "rate_limit_error", "param": None, "code": "slow"}}).encode()


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_an_error_passes_with_its_status(gate, upstream, status, streamed):
    more = [("retry-after", "7"), ("x-request-id", "req_1"), ("x-ratelimit-remaining-requests", "0"), ("set-cookie", "a=b"), ("x-other", "no")]
    upstream.says(error(status), status=status, more=more)
    answer = raw.ask(gate, raw.chat(stream=streamed))
    assert answer.status == status and answer.body == error(status)
    assert answer.headers["retry-after"] == "7" and answer.headers["x-request-id"] == "req_1"
    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    assert "set-cookie" not in answer.headers and "x-other" not in answer.headers
    assert f"(upstream {status})" in gate.audit(answer.exchange)


def test_the_sdk_retries_what_it_should(gate, upstream):
    answers = [(500, error(500)), (429, error(429)), (200, sse.whole("third time"))]

    def answer(connection, _):
        status, body = answers[len(upstream.requests) - 1]
        connection.whole(body, status=status, more=[("retry-after-ms", "10")])

    upstream.answer = answer
    got = gate.client(max_retries=2).chat.completions.create(**raw.chat())
    assert got.choices[0].message.content == "third time" and len(upstream.requests) == 3


def test_an_error_with_a_marking_is_inspected(gate, upstream):
    upstream.says(error(400, "\nSECRET//NOFORN\n"), status=400)
    answer = raw.ask(gate)
    assert answer.status == 403 and b"NOFORN" not in answer.body


def test_an_error_that_is_no_json(gate, upstream):
    upstream.says(b"<html>SECRET//NOFORN</html>", status=502, kind="text/html")
    answer = raw.ask(gate)
    assert answer.status == 502 and b"html" not in answer.body and answer.json()["error"]["type"] == "upstream_error"


def test_connection_refused(configured):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    gate = configured(f"http://127.0.0.1:{port}/v1")
    answer = raw.ask(gate)
    assert (answer.status, answer.json()["error"]["code"]) == (502, "upstream_connect")
    assert answer.headers["retry-after"] == "1" and answer.headers["x-should-retry"] == "true"
    assert "the upstream failed: upstream_connect" in gate.audit(answer.exchange)
    with pytest.raises(openai.InternalServerError):
        gate.client(max_retries=0).chat.completions.create(**raw.chat())


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\ncontent-ty", b"SSH-2.0-OpenSSH\r\n"], ids=["nothing", "half a head", "no HTTP"])
def test_closed_before_the_headers(gate, upstream, sent, reset):
    def answer(connection, _):
        connection.send(sent)
        connection.close(reset)

    upstream.answer = answer
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_broken")
    assert "the upstream failed: upstream_broken" in gate.audit(got.exchange)
    upstream.says(sse.whole("well"))
    assert raw.ask(gate).status == 200


def cut(how):
    """What comes before the connection ends, and whether the end is one of HTTP."""
    last = sse.event({}, "stop")
    return {
        "after an event": (TEXT, False),
        "after an event, cleanly": (TEXT, True),
        "half a frame": (TEXT + last[:20], False),
        "half a frame, cleanly": (TEXT + last[:20], True),
        "half a character": (TEXT + sse.event({"content": "☃"})[:-40].split("☃".encode())[0] + b"\xe2\x98", True),
        "without the blank line": (TEXT + last[:-1], True),
        "no [DONE]": (TEXT + last, True),
        "nothing at all": (b"", True),
        "headers only": (b"", False),
        "in a tool call": (TEXT + b"".join(sse.call_events(0, "get_x", '{"a": "b"}')[:2]), True),
    }[how]


CUTS = ["without the blank line", "after an event", "after an event, cleanly", "half a frame", "half a frame, cleanly", "half a character",
        "nothing at all", "headers only", "in a tool call"]


@pytest.mark.parametrize("how", CUTS)
def test_a_stream_that_breaks_off(gate, upstream, how):
    body, clean = cut(how)

    def answer(connection, _):
        connection.head()
        connection.chunk(body)
        if clean:
            connection.end()
        else:
            connection.close()

    upstream.answer = answer
    with pytest.raises(openai.APIError) as raised:
        list(gate.client().chat.completions.create(**STREAM))
    assert raised.value.body["type"] == "upstream_error"
    got = raw.ask(gate, STREAM)
    assert got.clean and "error" in sse.lines(got.body)[-1] and b"[DONE]" not in got.body
    assert sse.finish(got.body) is None
    assert "end  the upstream failed" in gate.audit(got.exchange)


def test_a_stream_without_its_end_mark(gate, upstream):
    """A finish reason came, so all was said: some servers leave `[DONE]` out. It passes as it is."""
    upstream.says(cut("no [DONE]")[0])
    got = raw.ask(gate, STREAM)
    assert got.clean and sse.without_comments(got.body) == cut("no [DONE]")[0]


@pytest.mark.parametrize("data, code", [
    (b"data: {not json}\n\n", None), (b"data: [1,2]\n\n", None), (b'data: {"a":1,"a":2}\n\n', "json_duplicate_key"),
    (b'data: {"choices": "x"}\n\n', None), (b"data: \xff\xfe\n\n", None), (b"data: " + b"a" * (2 << 20) + b"\n\n", None),
], ids=["no json", "an array", "duplicate key", "wrong type", "no UTF-8", "endless frame"])
def test_frames_that_cannot_be_read(gate, upstream, data, code):
    upstream.says(TEXT + data + sse.event({}, "stop") + b"data: [DONE]\n\n")
    got = raw.ask(gate, STREAM)
    frame = sse.lines(got.body)[-1]
    assert got.clean and frame["error"]["type"] == "upstream_error" and (code is None or frame["error"]["code"] == code)
    assert sse.content(got.body) == "Hello there. "
    assert data[:40] not in got.body


def test_an_error_frame_of_the_upstream_passes(gate, upstream):
    upstream.says(TEXT + b"data: " + error(500, "Overloaded.") + b"\n\n")
    with pytest.raises(openai.APIError, match="Overloaded."):
        list(gate.client().chat.completions.create(**STREAM))


@pytest.mark.parametrize("body", [b"", b"hello", b"{", b"[]", b'{"choices":1}', b'{"a":1,"a":2}', b'{"choices":[{"message":{"content":"\xff"}}]}',
                                  b'{"choices":[{"index":0,"message":{"role":"assistant","content":"\\ud800"}}]}'])
def test_a_whole_answer_that_cannot_be_read(gate, upstream, body):
    upstream.answer = lambda connection, _: connection.whole(body)
    got = raw.ask(gate)
    assert got.status == 502 and got.json()["error"]["type"] == "upstream_error"
    assert "end  the upstream failed" in gate.audit(got.exchange)


def test_a_whole_answer_that_breaks_off(gate, upstream):
    def answer(connection, _):
        connection.head(kind="application/json", length=1000)
        connection.send(sse.whole("x")[:50])
        connection.close()

    upstream.answer = answer
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_truncated")


@pytest.mark.parametrize("kind", ["text/html", "application/octet-stream", "text/event-stream"])
def test_another_content_type(gate, upstream, kind):
    upstream.answer = lambda connection, _: connection.whole(b"hello", kind=kind)
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "upstream_protocol")


def test_a_whole_answer_to_a_stream_is_inspected(gate, upstream):
    upstream.says(sse.whole("\nSECRET//NOFORN\n"))
    assert raw.ask(gate, STREAM).status == 403


def test_nothing_comes(configured, upstream):
    gate = configured(upstream.url, {"timeouts": {"first_byte_ms": 300}})
    closed = []
    upstream.answer = lambda connection, _: closed.append(connection.wait_closed())
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (504, "upstream_timeout")
    assert "the upstream failed: upstream_timeout" in gate.audit(got.exchange)


@pytest.mark.parametrize("streamed", [False, True], ids=["unary", "streamed"])
def test_it_falls_silent(configured, upstream, streamed):
    gate = configured(upstream.url, {"timeouts": {"idle_ms": 300}})

    def answer(connection, _):
        connection.head(kind="text/event-stream" if streamed else "application/json")
        connection.chunk(TEXT if streamed else b'{"id":')
        connection.wait_closed()

    upstream.answer = answer
    got = raw.ask(gate, raw.chat(stream=streamed))
    assert got.clean
    if streamed:
        assert sse.content(got.body) == "Hello there. "
        error = sse.lines(got.body)[-1]["error"]
    else:
        assert got.status == 504
        error = got.json()["error"]
    assert (error["type"], error["code"]) == ("upstream_error", "upstream_idle")
    assert "the upstream failed: upstream_idle" in gate.audit(got.exchange)


def test_an_answer_over_the_limit(configured, upstream):
    gate = configured(upstream.url, {"limits": {"answer_kib": 64}})
    upstream.says(sse.whole("a" * 100_000))
    got = raw.ask(gate)
    assert (got.status, got.json()["error"]["code"]) == (502, "answer_too_large")
    upstream.says(sse.whole("a" * 10_000))
    assert raw.ask(gate).status == 200


def test_redirects_are_not_followed(gate, upstream):
    upstream.says(b'{"error":{"message":"moved"}}', status=307, more=[("location", "http://127.0.0.1:1/")])
    got = raw.ask(gate)
    assert got.status in (307, 502) and "location" not in got.headers and len(upstream.requests) == 1


def test_forged_headers_of_the_upstream(gate, upstream):
    more = [("x-witgate-receipt", "forged"), ("x-witgate-exchange", "forged"), ("x-should-retry", "true")]
    upstream.says(sse.whole("x"), more=more)
    got = raw.ask(gate)
    assert "forged" not in str(got.headers) and "x-should-retry" not in got.headers


def test_connections_are_pooled(gate, upstream):
    for _ in range(20):
        assert raw.ask(gate).status == 200
    assert upstream.connections == 1
