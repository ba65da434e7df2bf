"""What a policy decides does not depend on whether the answer streams."""

import pytest

from support import raw, sse

CASES = {
    "clean": ("Nothing to see here.", []),
    "empty": ("", []),
    "email": ("Ask jo.doe@example.org for it.", []),
    "card": ("Card 4111 1111 1111 1111.", []),
    "ssn": ("His SSN is 536-22-1234 they say.", []),
    "secret": ("A report.\nSECRET//NOFORN\nThe convoy.", []),
    "secret first": ("TOP SECRET//SI//NOFORN\nThe convoy.", []),
    "secret last": ("The convoy. (TS//SI)", []),
    "allowed call": (None, [("get_weather", '{"city":"Rome"}')]),
    "withheld call": (None, [("drop_table", '{"t":"x"}')]),
    "unknown call": (None, [("frobnicate", "{}")]),
    "mixed calls": ("I will.", [("get_a", "{}"), ("pay_bill", '{"n":1}'), ("list_b", "{}")]),
    "secret in arguments": (None, [("get_a", '{"text":"SECRET//NOFORN"}')]),
    "broken arguments": (None, [("get_a", '{"text":')]),
    "long": ("All is well and quiet. " * 4000, []),
    "long with secret": ("All is well and quiet. " * 4000 + "\nSECRET//NOFORN\n", []),
}


def of_stream(answer):
    calls, text, told, error = {}, "", None, None
    for chunk in sse.lines(answer.body):
        if chunk == "[DONE]":
            continue
        told = chunk.get("witgate") or told
        error = chunk.get("error") or error
        for choice in chunk.get("choices", []):
            text += choice["delta"].get("content") or ""
            for call in choice["delta"].get("tool_calls", []):
                one = calls.setdefault(call["index"], ["", ""])
                one[0] += call["function"].get("name") or ""
                one[1] += call["function"]["arguments"]
    finish = sse.finish(answer.body)
    if finish == "content_filter" or error:
        return "refused", (told["plugin"], told["code"], told["stage"])
    withheld = [(w["tool"], w["code"]) for w in (told or {}).get("withheld", [])]
    return "passed", text, [tuple(calls[i]) for i in sorted(calls)], finish, withheld


def of_unary(answer):
    body = answer.json()
    told = body.get("witgate") or {}
    if answer.status != 200:
        return "refused", (told["plugin"], told["code"], told["stage"])
    message = body["choices"][0]["message"]
    calls = [(c["function"]["name"], c["function"]["arguments"]) for c in message.get("tool_calls") or []]
    withheld = [(w["tool"], w["code"]) for w in told.get("withheld", [])]
    return "passed", message["content"] or "", calls, body["choices"][0]["finish_reason"], withheld


@pytest.mark.parametrize("case", CASES)
def test_unary_is_as_streamed(gate, upstream, case):
    text, named = CASES[case]
    body = sse.event({"role": "assistant", "content": None if text is None else ""})
    size = 9 if len(text or "") < 1000 else 1009
    body += b"".join(sse.event({"content": (text or "")[at : at + size]}) for at in range(0, len(text or ""), size))
    for index, (name, arguments) in enumerate(named):
        body += b"".join(sse.call_events(index, name, arguments))
    body += sse.event({}, "tool_calls" if named else "stop") + b"data: [DONE]\n\n"
    upstream.speaks(body, sse.whole(text, named))
    unary = of_unary(raw.ask(gate))
    streamed = of_stream(raw.ask(gate, raw.chat(stream=True)))
    assert unary == streamed
