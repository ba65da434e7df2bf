"""Ordinary exchanges with the real SDK: unary, streamed, structured, and the list of models."""

import json

USER = [{"role": "user", "content": "What is the capital of France?"}]
REPLY = [{"reply": {"text": "The capital of France is Paris. Ça va? 🗼", "chunk_bytes": 5}}]
TEXT = REPLY[0]["reply"]["text"]


def test_unary(dev, mock):
    model = mock(REPLY)
    gate = dev(model.url)
    raw = gate.client().chat.completions.with_raw_response.create(model="gpt-x", messages=USER, temperature=0.5, seed=7)
    answer = raw.parse()
    assert answer.choices[0].message.content == TEXT
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0
    assert raw.headers["x-witgate-receipt"].startswith("v=1; exchange=")
    sent = model.bodies()[0]
    assert sent == {"model": "gpt-x", "messages": USER, "temperature": 0.5, "seed": 7}


def test_what_passes_upstream_is_the_clients_bytes(gate, upstream):
    gate.client().chat.completions.create(model="m", messages=USER)
    request = upstream.last()
    assert request.method == "POST" and request.path == "/v1/chat/completions"
    assert request.header("authorization") == "Bearer sk-test-client"
    assert request.header("accept-encoding") == "identity"
    names = {name.lower() for name, _ in request.headers}
    assert not [name for name in names if name.startswith(("x-stainless", "x-witgate", "cookie"))], names


def test_stream_with_usage(configured, mock):
    gate = configured(mock(REPLY).url)
    stream = gate.client().chat.completions.create(
        model="gpt-x", messages=USER, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == TEXT
    assert [c.choices[0].finish_reason for c in chunks if c.choices and c.choices[0].finish_reason] == ["stop"]
    assert chunks[-1].usage.total_tokens > 0 and not chunks[-1].choices


def test_usage_is_recorded(configured, mock):
    gate = configured(mock(REPLY).url)
    client = gate.client()
    stream = client.chat.completions.create(model="m", messages=USER, stream=True, stream_options={"include_usage": True})
    exchange = stream.response.headers["x-witgate-exchange"]
    usage = list(stream)[-1].usage
    assert f"tokens      {usage.prompt_tokens} prompt, {usage.completion_tokens} completion" in gate.audit(exchange)


def test_structured_answer(configured, mock):
    document = {"city": "Paris", "people": 2102650, "twinned": ["Rome"]}
    model = mock([{"reply": {"text": json.dumps(document)}}])
    gate = configured(model.url)
    schema = {
        "name": "city",
        "strict": True,
        "schema": {"type": "object", "properties": {"city": {"type": "string"}, "people": {"type": "integer"}}},
    }
    answer = gate.client().chat.completions.create(
        model="m", messages=USER, response_format={"type": "json_schema", "json_schema": schema}
    )
    assert json.loads(answer.choices[0].message.content) == document
    assert model.bodies()[0]["response_format"]["json_schema"] == schema


def test_stream_helper(configured, mock):
    gate = configured(mock(REPLY).url)
    with gate.client().chat.completions.stream(model="m", messages=USER) as stream:
        for _ in stream:
            pass
        assert stream.get_final_completion().choices[0].message.content == TEXT


def test_models(configured, mock):
    gate = configured(mock(None).url)
    assert [model.object for model in gate.client().models.list()] == ["model"] * len(gate.client().models.list().data)
    assert gate.client().models.list().data


def test_many_content_parts_and_roles(gate, upstream):
    messages = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "name": "jo", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
        {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "get_x", "arguments": '{"a": 1}'}}]},
        {"role": "tool", "tool_call_id": "c1", "content": "three"},
    ]
    gate.client().chat.completions.create(model="m", messages=messages)
    assert upstream.last().json()["messages"] == messages
