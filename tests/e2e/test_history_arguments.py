"""Arguments of earlier tool calls, as a request brings them back: judged as they are meant, however they are escaped."""

import json

import pytest

from support import raw

CARD = "4111 1111 1111 1111"
ESCAPED = "\\u0034111\\u00201111 1111\\u00201111"
ARGUMENTS = {
    "plain": '{"q":"%s"}' % CARD,
    "escaped": '{"q":"%s"}' % ESCAPED,
    "an escaped key": '{"%s":1}' % ESCAPED,
    "in a list": '{"q":[["%s"]]}' % ESCAPED,
    "in a string of JSON": json.dumps({"body": '{"q":"%s"}' % ESCAPED}),
}


def chat(arguments):
    call = {"id": "c1", "type": "function", "function": {"name": "get_weather", "arguments": arguments}}
    turns = [{"role": "user", "content": "go"}, {"role": "assistant", "tool_calls": [call]}, {"role": "tool", "tool_call_id": "c1", "content": "ok"}]
    return "/v1/chat/completions", json.dumps({"model": "m", "messages": turns}).encode()


def responses(arguments):
    call = {"type": "function_call", "call_id": "c1", "name": "get_weather", "arguments": arguments}
    return "/v1/responses", json.dumps({"model": "m", "input": [{"role": "user", "content": "go"}, call, {"type": "function_call_output", "call_id": "c1", "output": "ok"}]}).encode()


def messages(arguments):
    use = b'{"type":"tool_use","id":"c1","name":"get_weather","input":%s}' % arguments.encode()
    result = b'{"type":"tool_result","tool_use_id":"c1","content":"ok"}'
    turns = b'{"role":"user","content":"go"},{"role":"assistant","content":[%s]},{"role":"user","content":[%s]}' % (use, result)
    return "/v1/messages", b'{"model":"m","max_tokens":9,"messages":[%s]}' % turns


def said(value):
    """Every key and string of a request, those of JSON inside strings too."""
    if isinstance(value, dict):
        return [text for key, one in value.items() for text in [key, *said(one)]]
    if isinstance(value, list):
        return [text for one in value for text in said(one)]
    if not isinstance(value, str):
        return []
    try:
        inner = json.loads(value)
    except ValueError:
        return [value]
    return [value, *(said(inner) if isinstance(inner, (dict, list)) else [])]


@pytest.mark.parametrize("name", ARGUMENTS)
@pytest.mark.parametrize("wire", [chat, responses, messages], ids=lambda one: one.__name__)
def test_a_card_in_them_does_not_go_up(gate, upstream, wire, name):
    path, body = wire(ARGUMENTS[name])
    assert any(CARD in text for text in said(json.loads(body)))
    answer = raw.ask(gate, body, path=path)
    for request in upstream.requests:
        assert not any(CARD in text for text in said(request.json()))
    # A key is never changed.
    assert upstream.requests or answer.status == 403
