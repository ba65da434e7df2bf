"""What a client may send wrong: each has its answer, and nothing of it reaches the upstream."""

import json
import threading

import openai
import pytest

from support import binary, raw, sse
from support.poll import until

OK = b'{"model":"m","messages":[{"role":"user","content":"hi"}]}'


def deep(levels):
    return b'{"model":"m","messages":[{"role":"user","content":"hi"}],"metadata":' + b'{"a":' * levels + b"1" + b"}" * levels + b"}"


def content(raw_string):
    return b'{"model":"m","messages":[{"role":"user","content":"' + raw_string + b'"}]}'


def part(value):
    return raw.chat([value])


BODIES = {
    "empty": (b"", 400, {"json_truncated", "json_syntax"}),
    "cut": (OK[:-1], 400, {"json_truncated"}),
    "junk": (b"hello", 400, {"json_syntax"}),
    "two documents": (OK + OK, 400, {"json_trailing"}),
    "byte order mark": (b"\xef\xbb\xbf" + OK, 400, {"json_byte_order_mark"}),
    "an array": (b"[]", 400, {"wrong_type"}),
    "null": (b"null", 400, {"wrong_type"}),
    "no model": (b'{"messages":[{"role":"user","content":"hi"}]}', 400, {"missing_field"}),
    "no messages": (b'{"model":"m"}', 400, {"missing_field"}),
    "empty messages": (b'{"model":"m","messages":[]}', 400, {"empty_messages"}),
    "model a number": (b'{"model":1,"messages":[{"role":"user","content":"hi"}]}', 400, {"wrong_type"}),
    "content a number": (b'{"model":"m","messages":[{"role":"user","content":1}]}', 400, {"wrong_type"}),
    "stream a string": (raw.chat(stream="yes"), 400, {"wrong_type"}),
    "unknown role": ({"model": "m", "messages": [{"role": "wizard", "content": "x"}]}, 400, {"unsupported_role"}),
    "unknown part": (part({"type": "hologram", "data": "x"}), 400, {"unsupported_content"}),
    "image": (part({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}), 400, {"unsupported_content"}),
    "audio out": (raw.chat(modalities=["text", "audio"]), 400, {"unsupported_modalities", "unsupported_audio"}),
    "n of 0": (raw.chat(n=0), 400, {"unsupported_n"}),
    "n of 200": (raw.chat(n=200), 400, {"unsupported_n"}),
    "more choices than texts are followed": (raw.chat(n=100), 400, {"too_many_choices"}),
    "log-probabilities a word": (raw.chat(logprobs="yes"), 400, {"wrong_type"}),
    "web search": (raw.chat(web_search_options={}), 400, {"unsupported_provider_tool"}),
    "legacy functions": (raw.chat(functions=[{"name": "f"}]), 400, {"unsupported_legacy_functions"}),
    "duplicate key": (b'{"model":"m","model":"x","messages":[{"role":"user","content":"hi"}]}', 400, {"json_duplicate_key"}),
    "duplicate key, escaped": (b'{"model":"m","mod\\u0065l":"x","messages":[{"role":"user","content":"hi"}]}', 400, {"json_duplicate_key"}),
    "duplicate content": (b'{"model":"m","messages":[{"role":"user","content":"hi","content":"no"}]}', 400, {"json_duplicate_key"}),
    "no UTF-8": (content(b"\xff\xfe"), 400, {"json_invalid_utf8"}),
    "overlong UTF-8": (content(b"\xc0\xaf"), 400, {"json_invalid_utf8"}),
    "surrogate in UTF-8": (content(b"\xed\xa0\x80"), 400, {"json_invalid_utf8"}),
    "high surrogate alone": (content(b"a \\ud83d b"), 400, {"json_lone_surrogate"}),
    "low surrogate alone": (content(b"a \\ude00 b"), 400, {"json_lone_surrogate"}),
    "control character": (content(b"a\nb"), 400, {"json_bad_string"}),
    "bad escape": (content(b"\\x41"), 400, {"json_bad_string"}),
    "depth": (deep(100), 400, {"json_too_deep"}),
    "endless depth": (b"[" * 200_000, 400, {"json_too_deep"}),
    "huge number": (OK[:-1] + b',"seed":' + b"9" * 5000 + b"}", 400, {"json_number_too_long"}),
    "number out of range": (OK[:-1] + b',"temperature":1e999}', 400, {"json_number_out_of_range"}),
    "too many nodes": (OK[:-1] + b',"stop":[' + b"1," * 120_000 + b"1]}", 400, {"json_too_many_nodes", "wrong_type"}),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_not_taken(gate, upstream, name):
    body, status, codes = BODIES[name]
    answer = raw.ask(gate, body)
    assert answer.status == status, answer.body
    error = answer.json()["error"]
    assert error["code"] in codes and error["type"] == "invalid_request_error" and error["message"]
    assert answer.headers["x-should-retry"] == "false" and answer.json()["witgate"]["exchange"] == answer.exchange
    assert not upstream.requests
    told = gate.audit(answer.exchange)
    assert f"end  refused: {error['code']}" in told
    assert raw.ask(gate).status == 200, "the next request works"


def test_the_pointer_of_a_mistake(gate):
    answer = raw.ask(gate, {"model": "m", "messages": [{"role": "user", "content": "a"}, {"role": "user", "content": 7}]})
    assert answer.json()["error"]["param"] == "/messages/1/content"


def test_depth_within_the_limit_passes(gate, upstream):
    assert raw.ask(gate, deep(20)).status in (200, 400)
    assert raw.ask(gate, raw.chat(response_format={"type": "json_schema", "json_schema": {"name": "x", "schema": json.loads(b'{"a":' * 40 + b"1" + b"}" * 40)}})).status == 200


HEADERS = {
    "unknown encoding": ({"content-encoding": "compress"}, OK, 415, "unsupported_encoding"),
    "two encodings": ({"content-encoding": "identity, gzip"}, OK, 415, "unsupported_encoding"),
    "form": ({"content-type": "application/x-www-form-urlencoded"}, b"a=b", 415, "unsupported_media_type"),
    "text": ({"content-type": "text/plain"}, OK, 415, "unsupported_media_type"),
    "charset": ({"content-type": "application/json; charset=utf-16"}, OK, 415, "unsupported_media_type"),
    "empty classification": ({"x-classification": ""}, OK, 400, "bad_header"),
    "long classification": ({"x-classification": "A" * 300}, OK, 400, "bad_header"),
}


@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_are_not_taken(gate, upstream, name):
    headers, body, status, code = HEADERS[name]
    answer = raw.ask(gate, body, headers=headers)
    assert (answer.status, answer.json()["error"]["code"]) == (status, code) and not upstream.requests
    assert f"end  refused: {code}" in gate.audit(answer.exchange)


@pytest.mark.parametrize("header", ["x-classification", "x-caller-clearance", "x-commit-owner", "x-intent"])
def test_a_header_given_twice(gate, upstream, header):
    with raw.Client(gate.port) as client:
        twice = f"{header}: UNCLASS\r\n{header}: SECRET\r\n"
        client.send(raw.request(OK).replace(b"host: gate\r\n", b"host: gate\r\n" + twice.encode()))
        answer = client.answer()
    assert (answer.status, answer.json()["error"]["code"]) == (400, "bad_header") and not upstream.requests


def test_a_body_over_the_limit(configured, upstream):
    gate = configured(upstream.url, {"limits": {"body_kib": 16}})
    big = raw.chat("a" * 17_000)
    answer = raw.ask(gate, big)
    assert (answer.status, answer.json()["error"]["code"]) == (413, "body_too_large")
    with raw.Client(gate.port) as client:
        # Without a length told before.
        head = b"POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n"
        client.send(head + b"4000\r\n" + b" " * 0x4000 + b"\r\n" + b"4000\r\n" + b" " * 0x4000 + b"\r\n")
        answer = client.answer()
    assert (answer.status, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert raw.ask(gate, raw.chat("a" * 15_000)).status == 200 and len(upstream.requests) == 1


def test_the_sdk_is_told_once(gate, upstream):
    with pytest.raises(openai.BadRequestError) as refused:
        gate.client().chat.completions.create(**raw.chat(), n=200)
    assert refused.value.code == "unsupported_n" and not upstream.requests


@pytest.mark.parametrize("method, path", [("GET", "/v1/responses/resp_1"), ("POST", "/v1/files"), ("GET", "/v1/chat/completions"),
                                          ("POST", "/v1/batches"), ("POST", "/v1/messages/batches"), ("GET", "/v1/realtime"), ("POST", "/v1/chat/completions/"), ("DELETE", "/v1/models/x"),
                                          ("POST", "/v1//chat/completions"), ("POST", "/v1/x/../chat/completions")])
def test_what_is_not_covered_is_named(gate, upstream, method, path):
    with raw.Client(gate.port) as client:
        client.send(f"{method} {path} HTTP/1.1\r\nhost: gate\r\ncontent-length: 2\r\n\r\n{{}}".encode())
        answer = client.answer()
    error = answer.json()["error"]
    assert answer.status == 404 and error["code"] == "not_covered"
    assert path.removeprefix("/v1") in error["message"] and "POST /chat/completions, /responses, /messages" in error["message"]
    assert not upstream.requests


def test_elsewhere(gate):
    status, body = gate.get("/chat/completions")
    assert status == 404 and "/v1" in body["error"]["message"]


@pytest.mark.parametrize("lines", [b"x-a: " + b"b" * 64_000 + b"\r\n", b"".join(b"x-%d: 1\r\n" % n for n in range(200))], ids=["bytes", "number"])
def test_headers_too_large(gate, upstream, lines):
    with raw.Client(gate.port) as client:
        client.send(raw.request(OK).replace(b"host: gate\r\n", b"host: gate\r\n" + lines))
        answer = client.answer()
    assert answer.status == 431 and not upstream.requests
    assert raw.ask(gate).status == 200


@pytest.mark.parametrize("smuggled", [
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
    b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls\r\n\r\n",
], ids=["two lengths", "coding", "version", "tls"])
def test_not_quite_http(gate, upstream, smuggled):
    with raw.Client(gate.port) as client:
        client.send(smuggled)
        assert client.head().status == 400
    assert raw.ask(gate).status == 200 and len(upstream.requests) == 1


def test_a_slow_body(configured, upstream):
    gate = configured(upstream.url, {"timeouts": {"body_ms": 300}})
    with raw.Client(gate.port) as client:
        client.send(raw.request(OK)[:-5])
        answer = client.answer()
    assert (answer.status, answer.json()["error"]["code"]) == (408, "body_timeout") and not upstream.requests
    assert "end  refused: body_timeout" in gate.audit(answer.exchange)


def test_slow_headers(configured, upstream):
    gate = configured(upstream.url, {"timeouts": {"headers_ms": 300}})
    with raw.Client(gate.port) as client:
        client.send(b"POST /v1/chat/comp")
        # Closed, with or without a word.
        assert not client.more() or b" 408 " in client.received
    assert raw.ask(gate).status == 200


def test_a_body_that_breaks_off(gate, upstream):
    with raw.Client(gate.port) as client:
        client.send(raw.request(OK)[:-5])
    until(lambda: "exchange over" in gate.log(), "the end of the exchange")
    assert not upstream.requests and raw.ask(gate).status == 200


def test_refused_floods_do_not_fill_the_ledger(gate, upstream):
    with raw.Client(gate.port) as client:
        for _ in range(200):
            client.post(b"x")
            assert client.answer().status == 400
    records = int(gate.verify().stdout.split(" records")[0].split()[-1])
    assert records <= 160 and gate.metric("witgate_unrecorded_refusals_total") >= 50


def test_too_many_exchanges(configured, upstream):
    go = threading.Event()
    upstream.answer = lambda connection, _: go.wait(20) and connection.whole(sse.whole("fine"))
    gate = configured(upstream.url, {"limits": {"exchanges": 2}})
    with raw.Client(gate.port) as one, raw.Client(gate.port) as two:
        one.post(OK)
        two.post(OK)
        until(lambda: len(upstream.requests) == 2, "two exchanges under way")
        answer = raw.ask(gate)
        assert (answer.status, answer.json()["error"]["code"]) == (503, "too_many_exchanges")
        assert answer.headers["retry-after"] == "1" and answer.headers["x-should-retry"] == "true"
        assert gate.admin("/readyz")[0] == 503
        go.set()
        assert one.answer().status == 200 and two.answer().status == 200
    assert until(lambda: gate.admin("/readyz")[0] == 200, "ready again")


def test_raised_limits_are_the_limits(configured, upstream):
    """The gate's own; a policy needs memory for what it reads, which is another setting."""
    one = {"id": "noop", "plugin": "noop.wasm", "limits": {"memory_mib": 128, "deadline_ms": 5000}}
    limits = {"body_kib": 24 * 1024, "frame_kib": 12 * 1024}
    files = {"noop.wasm": binary.plugin("witgate-test-noop")}
    gate = configured(upstream.url, {"limits": limits, "hold": {"max_kib": 8192}, "policies": {"set": [one]}}, files)
    long = "All is well here. " * (1 << 20)
    upstream.says(sse.text("Well."), size=None)
    whole = raw.ask(gate, raw.chat(long, stream=True))
    assert whole.status == 200 and len(upstream.last().body) > 18 << 20
    frame = "All is well here. " * (6 << 16)
    upstream.says(sse.text(frame), size=1 << 20)
    assert sse.content(raw.ask(gate, raw.chat(stream=True)).said) == frame


def test_a_base_path_ends_where_a_segment_does(configured, upstream):
    both = [{"name": name, "path": path, "url": upstream.url} for name, path in [("a", "/openai"), ("b", "/openai-eu")]]
    gate = configured(upstream.url, {"upstreams": both})
    assert raw.ask(gate, path="/openai-eu/chat/completions").status == 200
    assert raw.ask(gate, path="/openai/chat/completions").status == 200
    assert raw.ask(gate, path="/openai-us/chat/completions").status == 404


@pytest.mark.parametrize("status, again", [(400, "false"), (409, "true"), (429, "true"), (502, "true")])
def test_an_upstreams_error_in_html_says_whether_to_try_again(gate, upstream, status, again):
    upstream.answer = lambda connection, _: connection.whole(b"<html>busy</html>", status, "text/html", [("retry-after", "7")])
    answer = raw.ask(gate)
    assert (answer.status, answer.headers["x-should-retry"]) == (status, again)
    assert answer.headers["retry-after"] == "7" and b"busy" not in answer.body


@pytest.mark.parametrize("value, status", [("assistants=v2", 200), ("4111111111111111", 403)])
def test_headers_of_a_request_for_models_are_judged(gate, upstream, value, status):
    upstream.says(b'{"object":"list","data":[]}')
    with raw.Client(gate.port) as client:
        client.send(f"GET /v1/models HTTP/1.1\r\nhost: gate\r\nopenai-beta: {value}\r\n\r\n".encode())
        answer = client.answer()
    assert answer.status == status, answer.body
    assert bool(upstream.requests) == (status == 200)
    assert ("edit_of_header" in gate.audit(answer.exchange)) == (status == 403)
