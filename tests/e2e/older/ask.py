"""Asks with the SDKs of an older major. The contract is in support/driver.py."""

import json
import sys

import anthropic
import openai

TOOLS = ["get_weather", "delete_records"]
SCHEMA = {"type": "object", "properties": {}}


def chat(url, how, prompt):
    client = openai.OpenAI(base_url=url, api_key="sk-test", timeout=20)
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in TOOLS]
    asked = {"model": "m", "messages": [{"role": "user", "content": prompt}], "tools": tools}
    if how == "stream":
        text, calls, finish = "", {}, None
        for chunk in client.chat.completions.create(stream=True, **asked):
            for choice in chunk.choices:
                text, finish = text + (choice.delta.content or ""), choice.finish_reason or finish
                for call in choice.delta.tool_calls or []:
                    one = calls.setdefault(call.index, ["", ""])
                    one[0] += call.function.name or ""
                    one[1] += call.function.arguments or ""
        return text, [[name, json.loads(arguments)] for name, arguments in calls.values()], finish
    if how == "helper":
        with client.chat.completions.stream(**asked) as stream:
            choice = stream.get_final_completion().choices[0]
    else:
        choice = client.chat.completions.create(**asked).choices[0]
    calls = [[call.function.name, json.loads(call.function.arguments)] for call in choice.message.tool_calls or []]
    return choice.message.content or "", calls, choice.finish_reason


def responses(url, how, prompt):
    client = openai.OpenAI(base_url=url, api_key="sk-test", timeout=20)
    tools = [{"type": "function", "name": name, "parameters": SCHEMA, "strict": False} for name in TOOLS]
    asked = {"model": "m", "input": prompt, "tools": tools}
    if how == "stream":
        text, last = "", None
        for last in client.responses.create(stream=True, **asked):
            text += last.delta if last.type == "response.output_text.delta" else ""
        got = last.response
        if got.status != "completed":
            return text, [], got.status
        assert text == got.output_text
    elif how == "helper":
        with client.responses.stream(**asked) as stream:
            got = stream.get_final_response()
    else:
        got = client.responses.create(**asked)
    calls = [[item.name, json.loads(item.arguments)] for item in got.output if item.type == "function_call"]
    return got.output_text, calls, got.status


def messages(url, how, prompt):
    client = anthropic.Anthropic(base_url=url, api_key="sk-test", timeout=20)
    tools = [{"name": name, "input_schema": SCHEMA} for name in TOOLS]
    asked = {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": prompt}], "tools": tools}
    if how == "stream":
        text, calls, finish = "", {}, None
        for event in client.messages.create(stream=True, **asked):
            if event.type == "content_block_start" and event.content_block.type == "tool_use":
                calls[event.index] = [event.content_block.name, ""]
            elif event.type == "content_block_delta":
                text += getattr(event.delta, "text", "")
                if event.delta.type == "input_json_delta":
                    calls[event.index][1] += event.delta.partial_json
            elif event.type == "message_delta":
                finish = event.delta.stop_reason
        return text, [[name, json.loads(arguments)] for name, arguments in calls.values()], finish
    if how == "helper":
        with client.messages.stream(**asked) as stream:
            got = stream.get_final_message()
    else:
        got = client.messages.create(**asked)
    calls = [[block.name, block.input] for block in got.content if block.type == "tool_use"]
    return "".join(block.text for block in got.content if block.type == "text"), calls, got.stop_reason


for line in sys.stdin:
    asked = json.loads(line)
    try:
        text, calls, finish = globals()[asked.pop("api")](**asked)
        told = {"text": text, "calls": calls, "finish": finish}
    except Exception as error:  # noqa: BLE001 - what it is, is what is asked
        body = getattr(error, "body", None)
        body = body.get("error", body) if isinstance(body, dict) else {}
        told = {"raised": type(error).__name__, "status": getattr(error, "status_code", None), "code": body.get("code"), "told": str(error)}
    print(json.dumps(told), flush=True)
