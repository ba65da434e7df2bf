"""Chat completions in full: several choices, probabilities, custom tools, structured answers."""

import math

import openai
import pydantic
import pytest

from support import raw, sse
from support.speech import DIALECTS, Call, Custom, Refused, Text, Thinking

WIRE = DIALECTS.chat
CARD = "4111 1111 1111 1111"
USER = [{"role": "user", "content": "hi"}]
MARKED = "A report.\nSECRET//NOFORN\nThe convoy."


class City(pydantic.BaseModel):
    city: str
    people: int


def chunk(*choices, **more):
    """Choices are `(index, delta, finish, logprobs)`, the last two at will."""
    out = []
    for index, delta, *rest in choices:
        finish, logprobs = [*rest, None, None][:2]
        out.append({"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": finish})
    return f"data: {sse.dumps({**sse.HEAD, 'choices': out, **more})}\n\n".encode()


DONE = b"data: [DONE]\n\n"


def whole(*messages):
    choices = [
        {"index": index, "message": {"role": "assistant", **message}, "logprobs": logprobs, "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}
        for index, (message, logprobs) in enumerate(messages)
    ]
    return sse.dumps({**sse.HEAD, "object": "chat.completion", "choices": choices}).encode()


def interleaved(*texts, size=3):
    """A stream of choices, a few characters of each in turn."""
    out = chunk(*((index, {"role": "assistant", "content": ""}) for index in range(len(texts))))
    for at in range(0, max(map(len, texts)), size):
        for index, text in enumerate(texts):
            out += chunk((index, {"content": text[at : at + size]})) if text[at : at + size] else b""
    for index in range(len(texts)):
        out += chunk((index, {}, "stop"))
    return out + DONE


def texts(stream):
    out, finish = {}, {}
    for one in stream:
        for choice in one.choices:
            out[choice.index] = out.get(choice.index, "") + (choice.delta.content or "")
            finish[choice.index] = choice.finish_reason or finish.get(choice.index)
    return out, finish


def create(gate, **more):
    return gate.client().chat.completions.create(model="m", messages=USER, **more)


# Several choices


def test_clean_choices_are_byte_identical(gate, upstream):
    for body in (interleaved("Ça va? 🗼", "two", "three three"), interleaved("a", "b", size=1)):
        for size in (None, 1, 9):
            upstream.says(body, size=size)
            answer = raw.ask(gate, raw.chat(stream=True, n=3))
            assert answer.clean and sse.without_comments(answer.body) == body
    body = whole(({"content": "one"}, None), ({"content": "two"}, None))
    upstream.says(body)
    assert raw.ask(gate, raw.chat(n=2)).body == body


def test_each_choice_is_masked_by_itself(gate, upstream):
    """Two cards in turns: neither half may complete the other's."""
    upstream.says(interleaved(f"one {CARD} end", "no number at all", f"two {CARD}"))
    got, finish = texts(create(gate, n=3, stream=True))
    assert got[1] == "no number at all" and finish == {0: "stop", 1: "stop", 2: "stop"}
    assert got[0].startswith("one ") and got[0].endswith(" end") and got[2].startswith("two ")
    assert "1111" not in str(got) and "4111" not in str(got)


def test_halves_of_a_value_in_two_choices_are_not_one(gate, upstream):
    upstream.says(interleaved("4111 1111 ", "1111 1111 ", size=5))
    got, _ = texts(create(gate, n=2, stream=True))
    assert got == {0: "4111 1111 ", 1: "1111 1111 "}


def test_values_come_back_in_each_choice(gate, upstream):
    email = "jo.doe@example.org"

    def answer(connection, request):
        text = request.json()["messages"][0]["content"]
        connection.stream(interleaved(text, f"also {text}", size=2))

    upstream.answer = answer
    stream = gate.client().chat.completions.create(model="m", messages=[{"role": "user", "content": email}], n=2, stream=True)
    assert texts(stream)[0] == {0: email, 1: f"also {email}"}


def test_a_marking_in_one_choice_ends_all(gate, upstream):
    upstream.says(interleaved("All is well here. ", MARKED))
    stream = create(gate, n=2, stream=True)
    chunks = list(stream)
    got, finish = texts(chunks)
    assert set(finish.values()) == {"content_filter"} and "SECRET" not in str(got) and "convoy" not in str(got)
    assert chunks[-1].witgate["code"] == "marking_above_declared"


def test_a_choice_that_was_over_stays_so(gate, upstream):
    body = chunk((0, {"role": "assistant", "content": "one"}), (1, {"role": "assistant", "content": ""}))
    body += chunk((0, {}, "stop")) + chunk((1, {"content": MARKED})) + chunk((1, {}, "stop")) + DONE
    upstream.says(body)
    got, finish = texts(create(gate, n=2, stream=True))
    assert got[0] == "one" and finish == {0: "stop", 1: "content_filter"} and "SECRET" not in got[1]


@pytest.mark.parametrize("stream", [False, True])
def test_calls_of_several_choices(gate, upstream, stream):
    def call(name, arguments):
        return {"index": 0, "id": f"call_{name}", "type": "function", "function": {"name": name, "arguments": arguments}}

    weather, delete = call("get_weather", '{"a":1}'), call("delete_records", '{"t":"customers"}')
    body = chunk((0, {"role": "assistant", "tool_calls": [delete]}), (1, {"role": "assistant", "tool_calls": [weather]}))
    body += chunk((0, {}, "tool_calls"), (1, {}, "tool_calls")) + DONE
    one, two = ({key: value for key, value in call.items() if key != "index"} for call in (delete, weather))
    upstream.speaks(body, whole(({"content": None, "tool_calls": [one]}, None), ({"content": None, "tool_calls": [two]}, None)))
    if not stream:
        first, second = create(gate, n=2).choices
        assert not first.message.tool_calls and first.finish_reason == "stop"
        assert second.message.tool_calls[0].function.name == "get_weather" and second.finish_reason == "tool_calls"
        return
    calls, finish = {}, {}
    for one in create(gate, n=2, stream=True):
        for choice in one.choices:
            finish[choice.index] = choice.finish_reason or finish.get(choice.index)
            calls.setdefault(choice.index, []).extend(call.function.name for call in choice.delta.tool_calls or [])
    assert finish == {0: "stop", 1: "tool_calls"} and calls[0] == [] and calls[1] == ["get_weather"]


def test_more_choices_than_the_gate_reads(configured, upstream):
    gate = configured(upstream.url, {"limits": {"channels": 4}})
    with pytest.raises(openai.BadRequestError) as refused:
        create(gate, n=5)
    assert refused.value.body["code"] == "too_many_choices" and not upstream.requests


def test_a_truncated_choice_raises(gate, upstream):
    """One of two choices has its end, the other has not."""
    body = chunk((0, {"role": "assistant", "content": "one"}), (1, {"role": "assistant", "content": "two"})) + chunk((0, {}, "stop"))
    upstream.says(body)
    with pytest.raises(openai.APIError):
        list(create(gate, n=2, stream=True))


# Probabilities


def logprobs(*tokens):
    return {"content": [
        {"token": token, "logprob": -0.5, "bytes": list(token.encode()), "top_logprobs": [{"token": token, "logprob": -0.5, "bytes": list(token.encode())}]}
        for token in tokens
    ], "refusal": None}


def with_logprobs(*pieces):
    out = chunk((0, {"role": "assistant", "content": ""}))
    out += b"".join(chunk((0, {"content": piece}, None, logprobs(piece))) for piece in pieces)
    return out + chunk((0, {}, "stop")) + DONE


def test_probabilities_of_clean_text_are_byte_identical(gate, upstream):
    stream, unary = with_logprobs("Ça", " va", "?", " 🗼"), whole(({"content": "Ça va?"}, logprobs("Ça", " va", "?")))
    upstream.speaks(stream, unary)
    answer = raw.ask(gate, raw.chat(stream=True, logprobs=True, top_logprobs=1))
    assert sse.without_comments(answer.body) == stream
    assert raw.ask(gate, raw.chat(logprobs=True, top_logprobs=1)).body == unary


@pytest.mark.parametrize("stream", [False, True])
def test_probabilities_do_not_tell_what_was_masked(gate, upstream, stream):
    pieces = ["His", " card", " is ", "4111", " 1111", " 1111", " 1111", ", keep", " it."]
    upstream.speaks(with_logprobs(*pieces), whole(({"content": "".join(pieces)}, logprobs(*pieces))))
    answer = raw.ask(gate, raw.chat(stream=stream, logprobs=True, top_logprobs=1))
    assert b"4111" not in answer.said and b" 1111" not in answer.body and b"[32,49,49,49,49]" not in answer.body
    assert answer.clean


@pytest.mark.parametrize("stream", [False, True])
def test_the_sdk_reads_probabilities(gate, upstream, stream):
    upstream.speaks(with_logprobs("one", " two"), whole(({"content": "one two"}, logprobs("one", " two"))))
    if stream:
        with gate.client().chat.completions.stream(model="m", messages=USER, logprobs=True, top_logprobs=1) as one:
            got = one.get_final_completion()
    else:
        got = create(gate, logprobs=True, top_logprobs=1)
    found = got.choices[0].logprobs.content
    assert [token.token for token in found] == ["one", " two"] and math.isclose(found[0].logprob, -0.5)


def many(token, words):
    """A token with these alternatives."""
    of = lambda text: {"token": text, "logprob": -0.5, "bytes": list(text.encode())}
    return {"content": [{**of(token), "top_logprobs": [of(word) for word in words]}], "refusal": None}


TWENTY = [[f"{token}{rank}" for rank in range(20)] for token in ("one", " two")]


def with_many(*pairs):
    out = chunk((0, {"role": "assistant", "content": ""}))
    return out + b"".join(chunk((0, {"content": token}, None, many(token, words))) for token, words in pairs) + chunk((0, {}, "stop")) + DONE


@pytest.mark.parametrize("channels", [1, 64])
def test_twenty_alternatives_are_no_texts_of_the_answer(configured, upstream, channels):
    """As many as the API gives, with the usual bound and with the least."""
    gate = configured(upstream.url, {"limits": {"channels": channels}})
    pairs = list(zip(("one", " two"), TWENTY))
    tokens = [many(*pair)["content"][0] for pair in pairs]
    stream, unary = with_many(*pairs), whole(({"content": "one two"}, {"content": tokens, "refusal": None}))
    upstream.speaks(stream, unary)
    asked = {"logprobs": True, "top_logprobs": 20}
    assert sse.without_comments(raw.ask(gate, raw.chat(stream=True, **asked)).body) == stream
    assert raw.ask(gate, raw.chat(**asked)).body == unary
    got = create(gate, **asked).choices[0].logprobs.content
    assert [len(token.top_logprobs) for token in got] == [20, 20]


@pytest.mark.parametrize("rank", [0, 7, 19])
@pytest.mark.parametrize("stream", [False, True])
def test_a_value_over_alternatives_of_one_rank_does_not_pass(gate, upstream, stream, rank):
    pieces = ["4111", " 1111", " 1111", " 1111"]
    pairs = [(f"w{at} ", [piece if at_rank == rank else f"x{at_rank}" for at_rank in range(20)]) for at, piece in enumerate(pieces)]
    tokens = [many(*pair)["content"][0] for pair in pairs]
    upstream.speaks(with_many(*pairs), whole(({"content": "".join(token for token, _ in pairs)}, {"content": tokens, "refusal": None})))
    answer = raw.ask(gate, raw.chat(stream=stream, logprobs=True, top_logprobs=20))
    assert answer.clean and b"1111" not in answer.body and b"49,49,49,49" not in answer.body


@pytest.mark.parametrize("where", ["token", "bytes", "top"])
def test_probabilities_that_say_something_else_do_not_pass(gate, upstream, where):
    """A marking in the tokens alone, beside a harmless text."""
    one = logprobs("fine")["content"][0]
    marking = "SECRET//NOFORN"
    if where == "token":
        one["token"] = marking
    elif where == "bytes":
        one["bytes"] = list(marking.encode())
    else:
        one["top_logprobs"][0].update(token=marking, bytes=list(marking.encode()))
    body = chunk((0, {"role": "assistant", "content": "fine"}, None, {"content": [one], "refusal": None}))
    upstream.says(body + chunk((0, {}, "stop")) + DONE)
    answer = raw.ask(gate, raw.chat(stream=True, logprobs=True))
    assert b"NOFORN" not in answer.body and b"83,69,67,82,69,84" not in answer.body


# Tools and structure


TOOLS = [
    {"type": "custom", "custom": {"name": "get_sql", "description": "SQL"}},
    {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}},
]


def test_custom_tools_unary(gate, upstream):
    upstream.says(WIRE.whole(Custom("get_sql", "SELECT 1"), Custom("delete_records", "DELETE"), Call("get_weather", '{"a":1}')))
    message = create(gate, tools=TOOLS).choices[0].message
    assert [(call.type, getattr(call, call.type).name) for call in message.tool_calls] == [("custom", "get_sql"), ("function", "get_weather")]
    assert message.tool_calls[0].custom.input == "SELECT 1"


@pytest.mark.parametrize("form", ["unary", "helper"])
def test_structured_answers(gate, upstream, form):
    said = Text(*'{"city":"Paris","people":2102650}')
    upstream.speaks(WIRE.stream(said), WIRE.whole(said))
    if form == "helper":
        with gate.client().chat.completions.stream(model="m", messages=USER, response_format=City) as stream:
            got = stream.get_final_completion()
    else:
        got = gate.client().chat.completions.parse(model="m", messages=USER, response_format=City)
    assert got.choices[0].message.parsed == City(city="Paris", people=2102650)


def test_a_structured_answer_that_is_cut_raises(gate, upstream):
    upstream.says(WIRE.stream(Text('{"city":"', "\nSECRET//NOFORN\n", '","people":1}')))
    with pytest.raises(openai.ContentFilterFinishReasonError):
        with gate.client().chat.completions.stream(model="m", messages=USER, response_format=City) as stream:
            stream.get_final_completion()


def test_the_helper_has_no_withheld_call(gate, upstream):
    upstream.says(WIRE.stream(Thinking("hm"), Text("I will."), Call("delete_records", '{"t":"customers"}'), Call("get_weather", '{"a":1}')))
    with gate.client().chat.completions.stream(model="m", messages=USER, tools=TOOLS[1:]) as stream:
        choice = stream.get_final_completion().choices[0]
    assert [call.function.name for call in choice.message.tool_calls] == ["get_weather"]
    assert choice.finish_reason == "tool_calls" and choice.message.content == "I will." and choice.message.reasoning_content == "hm"


@pytest.mark.parametrize("stream", [False, True])
def test_a_refusal_of_the_models(gate, upstream, stream):
    said = Refused("I will ", "not.")
    upstream.speaks(WIRE.stream(said), WIRE.whole(said))
    if stream:
        with gate.client().chat.completions.stream(model="m", messages=USER, response_format=City) as one:
            message = one.get_final_completion().choices[0].message
    else:
        message = gate.client().chat.completions.parse(model="m", messages=USER, response_format=City).choices[0].message
    assert message.refusal == "I will not." and not message.parsed


def test_pictures_by_setting(configured, upstream):
    upstream.says(WIRE.whole(Text("yes")))
    parts = [{"type": "text", "text": "ask jo.doe@example.org"}, {"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]
    body = raw.chat(parts)
    answer = raw.ask(configured(upstream.url), body)
    error = answer.json()["error"]
    assert answer.status == 400 and error["code"] == "unsupported_content" and "`allow: [images]`" in error["message"]
    assert not upstream.requests
    assert raw.ask(configured(upstream.url, {"allow": ["images"]}), body).status == 200
    assert b"jo.doe" not in upstream.last().body and b"base64,aGk=" in upstream.last().body
