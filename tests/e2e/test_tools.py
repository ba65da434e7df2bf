"""Tool calls: each is judged when its arguments are complete, and only then leaves."""

import json

import pytest

from support import binary, raw, sse

TOOLS = [
    {"type": "function", "function": {"name": name, "parameters": {"type": "object", "properties": {}}}}
    for name in ("get_weather", "delete_records", "list_files")
]
USER = [{"role": "user", "content": "do it"}]
WEATHER = ("get_weather", '{"city": "Zürich \\u2603", "n": 1.50}')
DELETE = ("delete_records", '{"table": "customers", "where": "1 = 1"}')
LIST = ("list_files", '{ "path" : "/tmp" }')


def ask(gate, streamed, **more):
    """A completion as one message, however it came, with the gate's own word beside it."""
    create = gate.client().chat.completions.create
    if not streamed:
        answer = create(model="m", messages=USER, tools=TOOLS, **more)
        choice = answer.choices[0]
        calls = [(c.function.name, c.function.arguments) for c in choice.message.tool_calls or []]
        return calls, choice.finish_reason, getattr(answer, "witgate", None)
    calls, finish, told = {}, None, None
    for chunk in create(model="m", messages=USER, tools=TOOLS, stream=True, **more):
        told = getattr(chunk, "witgate", None) or told
        for choice in chunk.choices:
            finish = choice.finish_reason or finish
            for call in choice.delta.tool_calls or []:
                one = calls.setdefault(call.index, ["", ""])
                one[0] += call.function.name or ""
                one[1] += call.function.arguments or ""
    assert sorted(calls) == list(range(len(calls))), "numbered from 0 without a gap"
    return [tuple(calls[index]) for index in sorted(calls)], finish, told


@pytest.fixture(params=[False, True], ids=["unary", "streamed"])
def streamed(request):
    return request.param


def answers(upstream, *named, interleaved=False):
    upstream.speaks(sse.calls(*named, interleaved=interleaved), sse.whole(None, named))


def test_allowed_call_is_released_as_it_came(gate, upstream, streamed):
    answers(upstream, WEATHER)
    calls, finish, told = ask(gate, streamed)
    assert calls == [WEATHER] and finish == "tool_calls" and told is None


def test_allowed_call_stream_is_byte_identical(gate, upstream):
    body = sse.calls(WEATHER, LIST, interleaved=True)
    upstream.says(body)
    answer = raw.ask(gate, raw.chat("x", stream=True, tools=TOOLS))
    assert sse.without_comments(answer.body) == body


def test_irreversible_call_is_withheld(gate, upstream, streamed):
    answers(upstream, DELETE)
    calls, finish, told = ask(gate, streamed)
    assert calls == [] and finish == "stop"
    [withheld] = told["withheld"]
    assert withheld["tool"] == "delete_records" and withheld["plugin"] == "tool-tiers"
    assert withheld["code"] == "approval_unavailable" and withheld["message"]


def test_nothing_of_a_withheld_call_reaches_the_client(gate, upstream, streamed):
    answers(upstream, DELETE)
    answer = raw.ask(gate, raw.chat("x", stream=streamed, tools=TOOLS))
    assert b"customers" not in answer.body and b"call_0" not in answer.body


@pytest.mark.parametrize("interleaved", [False, True], ids=["one after another", "interleaved"])
@pytest.mark.parametrize("order", [[DELETE, WEATHER], [WEATHER, DELETE], [WEATHER, DELETE, LIST], [DELETE, WEATHER, DELETE]])
def test_parallel_calls_are_judged_each(gate, upstream, streamed, order, interleaved):
    answers(upstream, *order, interleaved=interleaved)
    calls, finish, told = ask(gate, streamed)
    assert calls == [call for call in order if call != DELETE]
    assert finish == "tool_calls"
    assert len(told["withheld"]) == order.count(DELETE)


def test_text_beside_a_withheld_call_stays(gate, upstream):
    body = sse.event({"role": "assistant", "content": "I will "}) + sse.event({"content": "delete it."})
    body += b"".join(sse.call_events(0, *DELETE)) + sse.event({}, "tool_calls") + b"data: [DONE]\n\n"
    upstream.says(body)
    answer = raw.ask(gate, raw.chat("x", stream=True, tools=TOOLS))
    assert sse.content(answer.body) == "I will delete it." and sse.finish(answer.body) == "stop"


@pytest.mark.parametrize("arguments", ['{"a": 1', '{"a": 1, "a": 2}', "[1]x", '{"a": "\\ud800"}'], ids=["cut", "twice", "junk", "lone"])
def test_arguments_that_cannot_be_read_are_withheld(gate, upstream, streamed, arguments):
    answers(upstream, ("get_weather", arguments))
    calls, finish, told = ask(gate, streamed)
    assert calls == [] and finish == "stop" and told["withheld"][0]["plugin"] == "witgate"


def test_each_call_has_a_decision(gate, upstream, streamed):
    answers(upstream, WEATHER, DELETE)
    answer = raw.ask(gate, raw.chat("x", stream=streamed, tools=TOOLS))
    told = gate.audit(answer.exchange)
    assert told.count("commitment  ALLOW") == 1 and told.count("commitment  ESCALATE by tool-tiers: tool_irreversible") == 1
    assert "withheld    delete_records: approval_unavailable" in told


def test_admission_asks_about_tools_where_there_are_any(gate, upstream, streamed):
    """The policy says in its manifest what it reads; about anything else it is not asked."""
    answers(upstream, WEATHER)
    for more, asked in ({}, False), ({"tools": TOOLS}, True):
        answer = raw.ask(gate, raw.chat("x", stream=streamed, **more))
        told = binary.run(
            "audit", "tail", gate.ledger, "--exchange", answer.exchange, "--since", 1, "--no-follow", "--format", "jsonl"
        )
        records = [json.loads(line) for line in told.stdout.splitlines()]
        [admission] = [r["body"] for r in records if r["kind"] == "DECISION" and r["body"]["stage"] == "admission"]
        plugins = [p["plugin"] for p in admission["plugins"]]
        assert plugins == ["pii", "injection", "classification"] + ["tool-tiers"] * asked


def test_a_registry_of_ones_own(configured, upstream, streamed):
    tools = {"tools": [{"name": "delete_*", "tier": "LOW"}], "max_tier": "LOW"}
    entry = {"id": "tool-tiers", "plugin": "builtin:tool-tiers", "config": tools}
    gate = configured(upstream.url, {"policies": {"set": [entry]}})
    answers(upstream, DELETE, WEATHER)
    calls, finish, told = ask(gate, streamed)
    assert calls == [DELETE] and finish == "tool_calls"
    assert told["withheld"][0]["code"] == "tool_unregistered"


def test_card_in_arguments_is_masked_where_the_operator_says_so(configured, upstream, streamed):
    entry = {"id": "pii", "plugin": "builtin:pii", "config": {"arguments": "mask"}}
    gate = configured(upstream.url, {"policies": {"set": [entry]}})
    answers(upstream, ("pay", '{"card": "4111 1111 1111 1111", "n": 3}'))
    calls, _, _ = ask(gate, streamed)
    [(name, arguments)] = calls
    assert name == "pay" and json.loads(arguments)["n"] == 3 and "4111" not in arguments
