"""An answer above the declared level: no byte of the marking reaches the client, wherever the stream is cut."""

import openai
import pytest

from support import raw, sse
from support.poll import until

BEFORE = "Here is the summary.\n"
MARKER = "SECRET//NOFORN"
AFTER = "\nThe convoy left the harbour."
TEXT = BEFORE + MARKER + AFTER
ASKED = raw.chat("x", stream=True)


@pytest.fixture
def only(configured, upstream):
    """Only this policy, so that a thousand streams are quick."""
    entry = {"id": "classification", "plugin": "builtin:classification"}
    return configured(upstream.url, {"policies": {"set": [entry]}, "limits": {"exchanges": 64}})


def check_cut(answer):
    assert answer.clean, "never a bare end of file"
    got = sse.content(answer.body)
    assert BEFORE.startswith(got), f"leaked {got!r}"
    for part in ("SECRET", "NOFORN", "convoy", "//"):
        assert part.encode() not in answer.body
    assert sse.finish(answer.body) == "content_filter" and sse.lines(answer.body)[-1] == "[DONE]"


def test_every_byte_offset_of_the_stream(only, upstream):
    """The bytes of the stream in two pieces, cut at each offset, on one connection."""
    body = sse.text(TEXT)
    with raw.Client(only.port) as client:
        for at in range(1, len(body)):
            upstream.answer = lambda connection, _, at=at: connection.stream(body[:at], body[at:])
            client.post(ASKED)
            check_cut(client.answer())
    assert len(upstream.requests) == len(body) - 1


def test_every_offset_of_the_text(only, upstream):
    """The text in two deltas, cut at each character."""
    with raw.Client(only.port) as client:
        for at in range(len(TEXT) + 1):
            upstream.says(sse.text(TEXT[:at], TEXT[at:]))
            client.post(ASKED)
            check_cut(client.answer())


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("deltas", ["whole", "characters"])
def test_few_bytes_a_read(only, upstream, size, deltas):
    upstream.says(sse.text(*(TEXT if deltas == "characters" else [TEXT])), size=size)
    check_cut(raw.ask(only, ASKED))


def test_one_byte_a_packet(only, upstream):
    """Not only as chunks of HTTP: each byte of the connection in a write of its own."""
    body = b"".join(b"1\r\n%c\r\n" % byte for byte in sse.text(TEXT))

    def answer(connection, _):
        connection.head()
        for byte in body:
            connection.send(bytes([byte]))
        connection.end()

    upstream.answer = answer
    check_cut(raw.ask(only, ASKED))


def test_written_with_escapes(only, upstream):
    escaped = "".join(f"\\u{ord(c):04x}" for c in MARKER)
    body = sse.text(BEFORE + "@" + AFTER).replace(b"@", escaped.encode())
    with raw.Client(only.port) as client:
        start = body.index(b"\\u0053")
        for at in range(start - 2, start + len(escaped) + 2):
            upstream.answer = lambda connection, _, at=at: connection.stream(body[:at], body[at:])
            client.post(ASKED)
            answer = client.answer()
            check_cut(answer)
            assert b"\\u0053" not in answer.body


def field(name):
    """A stream with the marking in another field than the content."""
    if name == "logprobs":
        token = {"token": MARKER, "logprob": -0.1, "bytes": None, "top_logprobs": []}
        choice = {"index": 0, "delta": {"content": "x"}, "logprobs": {"content": [token]}, "finish_reason": None}
        head = f"data: {sse.dumps({**sse.HEAD, 'choices': [choice]})}\n\n".encode()
    elif name == "system_fingerprint":
        head = sse.event({"content": "x"}, system_fingerprint=f"\n{MARKER}\n")
    elif name == "tool_name":
        head = b"".join(sse.call_events(0, MARKER, "{}"))
    elif name == "tool_call_id":
        head = b"".join(sse.call_events(0, "get_x", "{}", call_id=f"\n{MARKER}\n"))
    elif name == "tool_arguments":
        head = b"".join(sse.call_events(0, "get_x", sse.dumps({"a": MARKER})))
    else:
        head = sse.event({name: "ab\n"}) + b"".join(sse.event({name: c}) for c in MARKER) + sse.event({name: "\ncd"})
    return sse.event({"role": "assistant"}) + head + sse.event({}, "stop") + b"data: [DONE]\n\n"


@pytest.mark.parametrize(
    "name", ["content", "refusal", "reasoning_content", "logprobs", "system_fingerprint", "tool_name", "tool_call_id", "tool_arguments"]
)
@pytest.mark.parametrize("policies", ["classification", "all"])
def test_in_every_field(only, configured, upstream, name, policies):
    gate = only if policies == "classification" else configured(upstream.url)
    upstream.says(field(name))
    answer = raw.ask(gate, ASKED)
    assert answer.clean and b"NOFORN" not in answer.body and b"SECRET" not in answer.body


def test_the_sdk_sees_a_content_filter(only, upstream):
    upstream.says(sse.text(*TEXT))
    chunks = list(only.client().chat.completions.create(**{**ASKED, "stream": True}))
    assert chunks[-1].choices[0].finish_reason == "content_filter"
    told = chunks[-1].witgate
    assert told["stage"] == "inspection" and told["plugin"] == "classification" and told["code"] == "marking_above_declared"
    assert "inspection  DENY by classification: marking_above_declared" in only.audit(told["exchange"])


def test_an_error_frame_by_setting(configured, upstream):
    gate = configured(upstream.url, {"stream": {"on_deny": "error"}})
    upstream.says(sse.text(*TEXT))
    with pytest.raises(openai.APIError) as raised:
        list(gate.client().chat.completions.create(**ASKED))
    assert raised.value.body["code"] == "marking_above_declared"
    answer = raw.ask(gate, ASKED)
    assert answer.clean and sse.lines(answer.body)[-1] != "[DONE]" and b"NOFORN" not in answer.body


def test_unary_is_refused(only, upstream):
    upstream.says(sse.whole(TEXT))
    with pytest.raises(openai.PermissionDeniedError) as refused:
        only.client().chat.completions.create(**raw.chat("x"))
    assert refused.value.body["code"] == "marking_above_declared" and "convoy" not in refused.value.response.text
    assert len(upstream.requests) == 1


def test_the_upstream_is_left_when_the_stream_is_cut(only, upstream):
    seen = []

    def answer(connection, _):
        connection.head()
        connection.chunk(sse.text(TEXT))
        seen.append(connection.wait_closed())

    upstream.answer = answer
    check_cut(raw.ask(only, ASKED))
    assert until(lambda: seen, "the upstream's end")[0] is not None, "the upstream's connection stays open"


def test_a_declared_level_lets_it_pass(only, upstream):
    body = sse.text(*TEXT)
    upstream.says(body)
    headers = {"x-classification": "SECRET", "x-caller-clearance": "SECRET"}
    answer = raw.ask(only, ASKED, headers=headers)
    assert sse.without_comments(answer.body) == body


@pytest.mark.parametrize(
    "headers, code",
    [
        ({"x-classification": "SECRET"}, "clearance_too_low"),
        ({"x-classification": "TS", "x-caller-clearance": "SECRET"}, "clearance_too_low"),
        ({"x-classification": "PURPLE"}, "unknown_level"),
    ],
)
def test_headers_that_do_not_do(only, upstream, headers, code):
    answer = raw.ask(only, ASKED, headers=headers)
    assert answer.status == 403 and answer.json()["witgate"]["code"] == code and not upstream.requests


def test_a_marking_in_the_prompt(only, upstream):
    answer = raw.ask(only, raw.chat(TEXT))
    assert answer.status == 403 and answer.json()["witgate"]["code"] == "marking_above_declared"
    assert not upstream.requests
