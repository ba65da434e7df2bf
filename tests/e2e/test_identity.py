"""A clean stream reaches the client byte for byte."""

import re

import pytest

from support import raw, sse

STORY = ["Once ", "upon a time, ", "", "in Zürich — ", "☃ 🗼 ", '"quoted" \\ /', "\tand\n\nlines. ", "S", "EC", "OND time."]
LINES = {"lf": b"\n", "crlf": b"\r\n", "cr": b"\r"}
ASKED = raw.chat("x", stream=True)


def streams():
    plain = sse.text(*STORY)
    yield "text", plain
    yield "usage", plain.replace(b"data: [DONE]", sse.event(usage={"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}) + b"data: [DONE]")
    yield "odd spacing", plain.replace(b'"choices":', b'"choices" :  ').replace(b"data: ", b"data:")
    yield "ids and types", plain.replace(b"data: {", b"event: message\nid: 7\ndata: {")
    yield "numbers", plain.replace(b"1735689600", b"1735689600.0")
    yield "escapes", plain.replace("Zürich".encode(), b"Z\\u00fcrich \\ud83d\\uddfc \\/")
    yield "calls", sse.calls(("get_weather", '{"city": "Zürich"}'), ("list_files", "{ }"), interleaved=True)


@pytest.mark.parametrize("ending", LINES)
@pytest.mark.parametrize("name, body", list(streams()), ids=[name for name, _ in streams()])
def test_byte_for_byte(gate, upstream, name, body, ending):
    body = body.replace(b"\n", LINES[ending])
    with raw.Client(gate.port) as client:
        for size in (None, 1, 3, 16, 100):
            upstream.says(body, size=size)
            client.post(ASKED)
            answer = client.answer()
            assert answer.status == 200 and answer.clean, answer.body
            # The receipt is one comment event at the end.
            got, comments = re.subn(rb": witgate-receipt [^\n]*\n\n$", b"", answer.body)
            assert comments == 1
            assert got == body, size


def test_without_the_receipt_nothing_is_added(configured, upstream):
    gate = configured(upstream.url, {"stream": {"receipt_comment": False}})
    body = sse.text(*STORY)
    upstream.says(body)
    assert raw.ask(gate, ASKED).body == body


def test_upstreams_comments_and_trailers_do_not_pass(gate, upstream):
    body = sse.text(*STORY)
    upstream.says(body.replace(b"data: [DONE]", b": keep-alive SECRET//NOFORN\n\ndata: [DONE]"))
    answer = raw.ask(gate, ASKED)
    assert sse.without_comments(answer.body) == body and b"NOFORN" not in answer.body


def test_unary_is_byte_identical(gate, upstream):
    body = b'{ "id":"a", "object" : "chat.completion","created":1.0e0,\n"model":"m","choices":[ {"index":0,"message":{"role":"assistant","content":"\\u0068\\/i \xe2\x98\x83"},"finish_reason":"stop"}],"x_vendor":{"a":[1,2.50,null]}}\n'
    upstream.says(body)
    answer = raw.ask(gate)
    assert answer.status == 200 and answer.body == body and int(answer.headers["content-length"]) == len(body)


def test_first_byte_does_not_wait_for_the_end(gate, upstream):
    """Text leaves while the upstream is silent."""
    import threading

    go = threading.Event()

    def answer(connection, _):
        connection.head()
        connection.chunk(sse.event({"role": "assistant", "content": ""}) + sse.event({"content": "Hello there, this is clean. "}))
        assert go.wait(20)
        connection.chunk(sse.event({}, "stop") + b"data: [DONE]\n\n")
        connection.end()

    upstream.answer = answer
    with raw.Client(gate.port) as client:
        client.post(ASKED)
        client.head()
        got = b""
        while b"Hello" not in got:
            got += client.read_chunk()
        go.set()
        while chunk := client.read_chunk():
            got += chunk
    assert sse.finish(got) == "stop"


def test_a_byte_order_mark_is_not_part_of_the_stream(gate, upstream):
    """The HTML standard has it ignored; the gate leaves it out."""
    body = sse.text(*STORY)
    for size in (None, 1, 2):
        upstream.says(b"\xef\xbb\xbf" + body, size=size)
        assert sse.without_comments(raw.ask(gate, ASKED).body) == body
