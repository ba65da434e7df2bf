"""The scripted model in every dialect, asked directly by the real SDKs: what the other tests build on."""

import json
import urllib.request

import anthropic
import openai
import pytest
from langchain_openai import ChatOpenAI, OpenAIEmbeddings

from support.gate import DIRECT

USER = [{"role": "user", "content": "hello"}]
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
CALLS = [{"name": "get_weather", "arguments": {"city": "Utrecht"}}, {"name": "get_time", "arguments": {"city": "Ghent"}}]
EVERYTHING = [{"reply": {
    "thinking": ["First I think.", "Then again."],
    "text": "Ça va? 🗼 It is sunny.",
    "citations": [{"text": "sunny", "title": "The weather", "url": "https://weather.example/"}],
    "tool_calls": CALLS,
    "chunk_bytes": 5,
}}]


@pytest.fixture
def openai_at():
    return lambda model: openai.OpenAI(base_url=model.url, api_key="sk-test", timeout=20, max_retries=0)


@pytest.fixture
def anthropic_at():
    def client(model):
        return anthropic.Anthropic(base_url=model.url.removesuffix("/v1"), api_key="sk-test", timeout=20, max_retries=0)

    return client


def ask(**more):
    return {"model": "m", "max_tokens": 2048, "messages": USER, **more}


def test_chat(mock, openai_at):
    client = openai_at(mock(EVERYTHING))
    whole = client.chat.completions.create(model="m", messages=USER, n=2)
    assert [choice.index for choice in whole.choices] == [0, 1]
    message = whole.choices[0].message
    assert message.content == EVERYTHING[0]["reply"]["text"] and message.reasoning_content == "First I think.\n\nThen again."
    assert message.annotations[0].url_citation.url == "https://weather.example/"
    with client.chat.completions.stream(model="m", messages=USER, logprobs=True, stream_options={"include_usage": True}) as stream:
        final = stream.get_final_completion()
    assert final.choices[0].message.content == message.content and final.choices[0].finish_reason == "tool_calls"
    assert final.choices[0].logprobs.content and final.usage.completion_tokens > 0
    assert [call.function.arguments for call in final.choices[0].message.tool_calls] == ['{"city":"Utrecht"}', '{"city":"Ghent"}']


def test_chat_in_turns_and_refused(mock, openai_at):
    client = openai_at(mock([
        {"when": {"contains": "refuse"}, "reply": {"refusal": "I will not."}},
        {"reply": {"tool_calls": CALLS, "interleave": True, "chunk_bytes": 4}},
    ]))
    with client.chat.completions.stream(model="m", messages=USER) as stream:
        order = [event.index for event in stream if event.type == "tool_calls.function.arguments.delta"]
        calls = stream.get_final_completion().choices[0].message.tool_calls
    assert order[:4] == [0, 1, 0, 1]
    assert [(call.function.name, call.function.arguments) for call in calls] == [
        ("get_weather", '{"city":"Utrecht"}'), ("get_time", '{"city":"Ghent"}'),
    ]
    refuse = [{"role": "user", "content": "refuse"}]
    with client.chat.completions.stream(model="m", messages=refuse) as stream:
        assert stream.get_final_completion().choices[0].message.refusal == "I will not."


def test_responses(mock, openai_at):
    client = openai_at(mock(EVERYTHING))
    tools = [{"type": "function", "name": name, "parameters": PARAMETERS, "strict": False} for name in ("get_weather", "get_time")]
    asked = {"model": "m", "input": "hello", "instructions": "Be kind.", "tools": tools}
    whole = client.responses.create(**asked)
    assert whole.output_text == EVERYTHING[0]["reply"]["text"] and whole.status == "completed"
    assert [item.type for item in whole.output] == ["reasoning", "message", "function_call", "function_call"]
    assert whole.instructions == "Be kind." and whole.usage.output_tokens_details.reasoning_tokens > 0
    with client.responses.stream(**asked) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == whole.output_text
    assert [item.type for item in final.output] == [item.type for item in whole.output]
    assert final.output_text == whole.output_text
    assert final.output[1].content[0].annotations == whole.output[1].content[0].annotations != []
    assert [part.text for part in final.output[0].summary] == ["First I think.", "Then again."]
    assert [json.loads(call.arguments) for call in final.output[2:]] == [{"city": "Utrecht"}, {"city": "Ghent"}]


def test_responses_that_are_not_completed(mock, openai_at):
    client = openai_at(mock([
        {"when": {"contains": "long"}, "reply": {"text": "and so on", "finish_reason": "length"}},
        {"when": {"contains": "raise"}, "reply": {"text": "and", "stream_error": {"message": "broken", "form": "frame"}}},
        {"reply": {"text": "and", "stream_error": {"message": "broken", "code": "server_error", "after_events": 5}}},
    ]))
    assert client.responses.create(model="m", input="long").incomplete_details.reason == "max_output_tokens"
    last = list(client.responses.create(model="m", input="long", stream=True))[-1]
    assert last.type == "response.incomplete" and last.response.output_text == "and so on"
    assert client.responses.create(model="m", input="fail").error.message == "broken"
    events = list(client.responses.create(model="m", input="fail", stream=True))
    assert len(events) == 6 and events[-1].type == "response.failed" and events[-1].response.error.code == "server_error"
    with pytest.raises(openai.APIError, match="broken"):
        list(client.responses.create(model="m", input="raise", stream=True))


def test_messages(mock, anthropic_at):
    client = anthropic_at(mock(EVERYTHING))
    tools = [{"name": name, "input_schema": PARAMETERS} for name in ("get_weather", "get_time")]
    asked = ask(tools=tools, thinking={"type": "enabled", "budget_tokens": 1024})
    whole = client.messages.create(**asked)
    assert [block.type for block in whole.content] == ["thinking", "thinking", "text", "tool_use", "tool_use"]
    assert whole.stop_reason == "tool_use" and whole.content[2].citations[0].cited_text == "sunny"
    assert whole.content[3].input == {"city": "Utrecht"} and whole.content[3].id != whole.content[4].id
    assert whole._request_id == "req_mock_0"
    with client.messages.stream(**asked) as stream:
        kinds = [event.type for event in stream]
        final = stream.get_final_message()
    assert {"thinking", "signature", "text", "citation", "input_json"} <= set(kinds)
    assert kinds[0] == "message_start" and kinds[-1] == "message_stop"

    def content(message):
        return [{**block.to_dict(), "id": None, "signature": None} for block in message.content]

    assert content(final) == content(whole)
    assert final.stop_reason == "tool_use" and final.usage.output_tokens == whole.usage.output_tokens
    assert final.content[0].signature


def test_messages_refused_and_broken(mock, anthropic_at):
    client = anthropic_at(mock([
        {"when": {"contains": "refuse"}, "reply": {"text": "I", "refusal": "I will not."}},
        {"when": {"contains": "busy"}, "reply": {"status": 529, "error": {"message": "later"}}},
        {"reply": {"text": "and", "stream_error": {"message": "broken"}}},
    ]))
    refused = client.messages.create(**ask(messages=[{"role": "user", "content": "refuse"}]))
    assert refused.stop_reason == "refusal" and refused.stop_details.explanation == "I will not."
    with pytest.raises(anthropic.InternalServerError) as busy:
        client.messages.create(**ask(messages=[{"role": "user", "content": "busy"}]))
    assert busy.value.status_code == 529 and busy.value.body["error"]["type"] == "overloaded_error"
    with pytest.raises(anthropic.APIStatusError, match="broken"), client.messages.stream(**ask()) as stream:
        stream.get_final_message()


def test_a_tool_is_run_in_every_dialect(mock, openai_at, anthropic_at):
    """Without a script: the model calls the weather, and tells what the tool said."""
    model = mock(None)
    weather = [{"role": "user", "content": "The weather in Utrecht?"}]
    tool = {"name": "get_weather", "description": "", "parameters": PARAMETERS}
    told = "The tool answered: rain"

    client = openai_at(model)
    asked = {"model": "m", "tools": [{"type": "function", "function": tool}]}
    message = client.chat.completions.create(messages=weather, **asked).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "rain"}
    assert client.chat.completions.create(messages=[*weather, message, result], **asked).choices[0].message.content == told

    asked = {"model": "m", "tools": [{"type": "function", "strict": False, **tool}]}
    call = client.responses.create(input=weather, **asked).output[0]
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
    assert client.responses.create(input=[*weather, call.to_dict(), result], **asked).output_text == told

    client = anthropic_at(model)
    asked = {"model": "m", "max_tokens": 99, "tools": [{"name": "get_weather", "input_schema": PARAMETERS}]}
    message = client.messages.create(messages=weather, **asked)
    result = {"type": "tool_result", "tool_use_id": message.content[0].id, "content": "rain"}
    turns = [*weather, {"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    assert client.messages.create(messages=turns, **asked).content[0].text == told
    assert [one["path"] for one in model.requests()][::2] == ["/v1/chat/completions", "/v1/responses", "/v1/messages"]


def test_thinking_without_a_script(mock, anthropic_at):
    content = anthropic_at(mock(None)).messages.create(**ask(thinking={"type": "enabled", "budget_tokens": 1024})).content
    assert content[0].type == "thinking" and content[0].signature and content[1].text == "You said: hello"


def test_completions(mock, openai_at):
    client = openai_at(mock([{"reply": {"text": ["one two three", "four"], "chunk_bytes": 4}}]))
    whole = client.completions.create(model="m", prompt="hello", n=2, logprobs=1)
    assert [choice.text for choice in whole.choices] == ["one two three", "four"]
    assert whole.choices[0].logprobs.text_offset == [0, 4, 8, 12] and whole.choices[0].finish_reason == "stop"
    chunks = list(client.completions.create(model="m", prompt="hello", stream=True, stream_options={"include_usage": True}))
    assert "".join(chunk.choices[0].text for chunk in chunks if chunk.choices) == "one two three"
    assert chunks[-1].usage.total_tokens > 0


def test_embeddings(mock, openai_at):
    client = openai_at(mock(None))
    vectors = [one.embedding for one in client.embeddings.create(model="m", input=["a", "b", "a"]).data]
    assert len(vectors[0]) == 1536 and vectors[0] == vectors[2] != vectors[1]
    floats = client.embeddings.create(model="m", input="a", encoding_format="float").data[0].embedding
    assert floats == pytest.approx([float(number) for number in vectors[0]])
    assert len(client.embeddings.create(model="m", input=[1, 2], dimensions=8).data[0].embedding) == 8


def test_tokens_are_counted(mock, anthropic_at):
    client = anthropic_at(mock(None))
    few, more = (client.messages.count_tokens(model="m", messages=[{"role": "user", "content": text}]) for text in ("a", "a b c d e f g h"))
    assert 0 < few.input_tokens < more.input_tokens


@pytest.mark.parametrize("how, raised", [("close", True), ("reset", True), ("end", False)])
def test_streams_that_are_cut(mock, openai_at, anthropic_at, how, raised):
    model = mock([{"reply": {"text": "one two three", "chunk_bytes": 4, "cut_after_events": 4, "cut": how}}])
    for stream in (
        lambda: openai_at(model).chat.completions.create(model="m", messages=USER, stream=True),
        lambda: openai_at(model).responses.create(model="m", input="hello", stream=True),
        lambda: anthropic_at(model).messages.create(**ask(stream=True)),
    ):
        seen = []
        try:
            seen.extend(stream())
        except (openai.APIConnectionError, anthropic.APIConnectionError) as error:
            assert raised, error
        except Exception as error:
            # Anthropic's client lets the transport's own error through.
            assert raised and type(error).__name__ in ("RemoteProtocolError", "ReadError"), error
        else:
            assert not raised
        assert seen


def test_langchain(mock):
    model = mock(EVERYTHING)
    settings = {"model": "m", "base_url": model.url, "api_key": "sk-test", "max_retries": 0}
    for more in ({}, {"use_responses_api": True}):
        chat = ChatOpenAI(**settings, **more)
        whole = chat.invoke("hello")
        assert whole.text == EVERYTHING[0]["reply"]["text"]
        assert [call["args"] for call in whole.tool_calls] == [{"city": "Utrecht"}, {"city": "Ghent"}]
        streamed = None
        for chunk in chat.stream("hello"):
            streamed = chunk if streamed is None else streamed + chunk
        assert streamed.text == whole.text
        assert [call["args"] for call in streamed.tool_calls] == [call["args"] for call in whole.tool_calls]
    assert len(OpenAIEmbeddings(**settings, check_embedding_ctx_length=False).embed_query("hello")) == 1536


def test_the_end_of_each_stream(mock):
    """What no SDK shows: the names of the events and the last bytes."""
    model = mock(None)
    said = {"model": "m", "stream": True, "max_tokens": 9, "messages": USER, "input": "hello", "prompt": "hello"}
    ends = {"chat/completions": "data: [DONE]\n\n", "completions": "data: [DONE]\n\n", "responses": "}\n\n", "messages": (
        'event: message_stop\ndata: {"type":"message_stop"}\n\n'
    )}
    for path, end in ends.items():
        headers = {"content-type": "application/json"}
        with DIRECT.open(urllib.request.Request(f"{model.url}/{path}", json.dumps(said).encode(), headers), timeout=10) as answer:
            text = answer.read().decode()
        assert text.endswith(end), path
        named = path in ("responses", "messages")
        assert all(event.startswith("event: " if named else "data: ") for event in text.removesuffix("\n\n").split("\n\n"))
