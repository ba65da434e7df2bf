"""What a model says, in parts, and how each dialect asks for it, writes it and is read: by hand, without an SDK."""

import dataclasses
import json
import types

from . import sse
from .sse import dumps


class Text:
    def __init__(self, *pieces, cited=None):
        self.pieces, self.cited = pieces, cited
        self.all = "".join(pieces)


class Thinking(Text):
    """Thoughts: signed ones of Anthropic's, a summary of OpenAI's."""


class Refused(Text):
    """A refusal of the model's own; of OpenAI's dialects."""


class Call:
    def __init__(self, name, arguments="{}", size=7):
        self.name, self.all = name, arguments
        self.pieces = [arguments[at : at + size] for at in range(0, len(arguments), size)]


class Custom(Call):
    """A call of free text; of OpenAI's dialects."""


@dataclasses.dataclass
class Heard:
    """An answer as a client takes it."""

    text: str = ""
    thinking: str = ""
    refusal: str = ""
    calls: list = dataclasses.field(default_factory=list)
    finish: str = None
    #: The gate's own word.
    told: dict = None
    error: dict = None
    #: Whether the stream had its terminal event.
    ended: bool = False

    def withheld(self):
        return [(one["tool"], one["code"]) for one in (self.told or {}).get("withheld", [])]


def chunks(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


def named(event):
    return f"event: {event['type']}\ndata: {dumps(event)}\n\n".encode()


def events(body):
    """The JSON of each event; its name must be its type."""
    out = []
    for frame in sse.without_comments(body).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in frame.split("\n") if line)
        if fields:
            out.append(json.loads(fields["data"]))
            assert fields.get("event") in (None, out[-1].get("type")), frame
    return out



class Chat:
    name, path, graceful = "openai-chat", "/v1/chat/completions", "content_filter"

    def ask(self, text="hi", **more):
        return {"model": "m", "messages": [{"role": "user", "content": text}], **more}

    def prompt(self, body):
        return body["messages"][-1]["content"]

    def result(self, text):
        call = {"id": "c1", "type": "function", "function": {"name": "get_x", "arguments": "{}"}}
        turns = [{"role": "user", "content": "do"}, {"role": "assistant", "content": None, "tool_calls": [call]}]
        return {"model": "m", "messages": [*turns, {"role": "tool", "tool_call_id": "c1", "content": text}]}

    def tools(self, *names):
        return {"tools": [{"type": "function", "function": {"name": name, "parameters": {"type": "object"}}} for name in names]}

    def stream(self, *parts, usage=(9, 40), end=True):
        out = sse.event({"role": "assistant", "content": ""})
        calls = [part for part in parts if isinstance(part, Call)]
        for part in parts:
            if not isinstance(part, Call):
                key = {Thinking: "reasoning_content", Refused: "refusal"}.get(type(part), "content")
                out += b"".join(sse.event({key: piece}) for piece in part.pieces)
        for index, part in enumerate(calls):
            if isinstance(part, Custom):
                first = {"index": index, "id": f"call_{index}", "type": "custom", "custom": {"name": part.name, "input": ""}}
                out += sse.event({"tool_calls": [first]})
                out += b"".join(sse.event({"tool_calls": [{"index": index, "custom": {"input": p}}]}) for p in part.pieces)
            else:
                out += b"".join(sse.call_events(index, part.name, part.all))
        if not end:
            return out
        out += sse.event({}, "tool_calls" if calls else "stop")
        counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        return out + f"data: {dumps({**sse.HEAD, 'choices': [], 'usage': counted})}\n\ndata: [DONE]\n\n".encode()

    def whole(self, *parts, usage=(9, 40)):
        message = {"role": "assistant", "content": None}
        calls = [part for part in parts if isinstance(part, Call)]
        for part in parts:
            if not isinstance(part, Call):
                key = {Thinking: "reasoning_content", Refused: "refusal"}.get(type(part), "content")
                message[key] = (message.get(key) or "") + part.all
        for index, part in enumerate(calls):
            inner = {"custom": {"name": part.name, "input": part.all}}
            inner = inner if isinstance(part, Custom) else {"function": {"name": part.name, "arguments": part.all}}
            kind = "custom" if isinstance(part, Custom) else "function"
            message.setdefault("tool_calls", []).append({"id": f"call_{index}", "type": kind, **inner})
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "tool_calls" if calls else "stop"}
        counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        return dumps({**sse.HEAD, "object": "chat.completion", "choices": [choice], "usage": counted}).encode()

    def heard(self, answer, streamed):
        if not streamed:
            body = answer.json()
            message = body["choices"][0]["message"]
            out = self._message(message, Heard(told=body.get("witgate"), ended=True))
            out.finish = body["choices"][0]["finish_reason"]
            return out
        out, calls = Heard(), {}
        for chunk in sse.lines(answer.body):
            if chunk == "[DONE]":
                out.ended = True
                continue
            out.told = chunk.get("witgate") or out.told
            out.error = chunk.get("error") or out.error
            for choice in chunk.get("choices", []):
                out.finish = choice.get("finish_reason") or out.finish
                for call in choice["delta"].pop("tool_calls", None) or []:
                    one = calls.setdefault(call["index"], ["", ""])
                    inner = call.get("function") or call["custom"]
                    one[0] += inner.get("name") or ""
                    one[1] += inner.get("arguments") or inner.get("input") or ""
                self._message(choice["delta"], out)
        assert sorted(calls) == list(range(len(calls))), "numbered from 0 without a gap"
        out.calls = [tuple(calls[index]) for index in sorted(calls)]
        return out

    def _message(self, message, out):
        out.text += message.get("content") or ""
        out.thinking += message.get("reasoning_content") or ""
        out.refusal += message.get("refusal") or ""
        for call in message.get("tool_calls") or []:
            inner = call.get("function") or call["custom"]
            out.calls.append((inner["name"], inner.get("arguments") or inner.get("input")))
        return out


class Completions:
    name, path, graceful = "openai-completions", "/v1/completions", "content_filter"
    HEAD = {"id": "cmpl-e2e", "object": "text_completion", "created": 1735689600, "model": "m"}

    def ask(self, text="hi", **more):
        return {"model": "m", "prompt": text, **more}

    def prompt(self, body):
        return body["prompt"]

    def _line(self, text, finish=None):
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
        return f"data: {dumps({**self.HEAD, 'choices': [choice]})}\n\n".encode()

    def stream(self, *parts, usage=(9, 40), end=True):
        out = b"".join(self._line(piece) for part in parts for piece in part.pieces)
        if not end:
            return out
        counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        out += self._line("", "stop") + f"data: {dumps({**self.HEAD, 'choices': [], 'usage': counted})}\n\n".encode()
        return out + b"data: [DONE]\n\n"

    def whole(self, *parts, usage=(9, 40)):
        choice = {"index": 0, "text": "".join(part.all for part in parts), "logprobs": None, "finish_reason": "stop"}
        counted = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        return dumps({**self.HEAD, "choices": [choice], "usage": counted}).encode()

    def heard(self, answer, streamed):
        out = Heard(ended=not streamed)
        for chunk in sse.lines(answer.body) if streamed else [answer.json()]:
            if chunk == "[DONE]":
                out.ended = True
                continue
            out.told = chunk.get("witgate") or out.told
            out.error = chunk.get("error") or out.error
            for choice in chunk.get("choices", []):
                out.text += choice["text"]
                out.finish = choice["finish_reason"] or out.finish
        return out


class Messages:
    name, path, graceful = "anthropic-messages", "/v1/messages", "refusal"
    SIGNATURE = "EqQBCgIYAhIM1gbcDa9GJwZA2b3hGgxBdjrkzLoky3dl1pk="

    def ask(self, text="hi", **more):
        return {"model": "m", "max_tokens": 99, "messages": [{"role": "user", "content": text}], **more}

    def prompt(self, body):
        return body["messages"][-1]["content"]

    def result(self, text):
        use = {"type": "tool_use", "id": "toolu_9", "name": "get_x", "input": {}}
        result = {"type": "tool_result", "tool_use_id": "toolu_9", "content": [{"type": "text", "text": text}]}
        turns = [{"role": "user", "content": "do"}, {"role": "assistant", "content": [use]}]
        return {**self.ask(), "messages": [*turns, {"role": "user", "content": [result]}]}

    def tools(self, *names):
        return {"tools": [{"name": name, "input_schema": {"type": "object"}} for name in names]}

    def _citation(self, part):
        place = {"document_index": 0, "document_title": "A title", "start_char_index": 0, "end_char_index": len(part.cited)}
        return {"type": "char_location", "cited_text": part.cited, **place, "file_id": None}

    def _begin(self, index, part):
        if isinstance(part, Thinking):
            return {"type": "thinking", "thinking": "", "signature": ""}
        if isinstance(part, Call):
            return {"type": "tool_use", "id": f"toolu_{index}", "name": part.name, "input": {}}
        return {"type": "text", "text": "", **({"citations": []} if part.cited else {})}

    def _deltas(self, part):
        if isinstance(part, Thinking):
            out = [{"type": "thinking_delta", "thinking": piece} for piece in part.pieces]
            return [*out, {"type": "signature_delta", "signature": self.SIGNATURE}]
        if isinstance(part, Call):
            return [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *part.pieces]]
        out = [{"type": "text_delta", "text": piece} for piece in part.pieces]
        return [*out, *([{"type": "citations_delta", "citation": self._citation(part)}] if part.cited else [])]

    def _message(self, content, stop, usage):
        counted = {"input_tokens": usage[0], "output_tokens": usage[1]}
        head = {"id": "msg_e2e", "type": "message", "role": "assistant", "model": "m", "content": content}
        return {**head, "stop_reason": stop, "stop_sequence": None, "usage": counted}

    def stream(self, *parts, usage=(9, 40), end=True):
        out = [{"type": "message_start", "message": self._message([], None, (usage[0], 1))}, {"type": "ping"}]
        for index, part in enumerate(parts):
            out.append({"type": "content_block_start", "index": index, "content_block": self._begin(index, part)})
            out += [{"type": "content_block_delta", "index": index, "delta": delta} for delta in self._deltas(part)]
            out += [{"type": "content_block_stop", "index": index}] if end or index + 1 < len(parts) else []
        if end:
            stop = "tool_use" if any(isinstance(part, Call) for part in parts) else "end_turn"
            delta = {"stop_reason": stop, "stop_sequence": None}
            out += [{"type": "message_delta", "delta": delta, "usage": {"output_tokens": usage[1]}}, {"type": "message_stop"}]
        return b"".join(map(named, out))

    def whole(self, *parts, usage=(9, 40)):
        content = []
        for index, part in enumerate(parts):
            block = self._begin(index, part)
            if isinstance(part, Thinking):
                block.update(thinking=part.all, signature=self.SIGNATURE)
            elif isinstance(part, Call):
                block["input"] = json.loads(part.all)
            else:
                block["text"] = part.all
                block.update({"citations": [self._citation(part)]} if part.cited else {})
            content.append(block)
        stop = "tool_use" if any(isinstance(part, Call) for part in parts) else "end_turn"
        return dumps(self._message(content, stop, usage)).encode()

    def heard(self, answer, streamed):
        if not streamed:
            body = answer.json()
            out = Heard(finish=body["stop_reason"], told=body.get("witgate"), ended=True)
            return self._blocks(body["content"], out)
        out, blocks, open_at, seen = Heard(), [], None, []
        for event in events(answer.body):
            assert not out.ended and not out.error, "nothing comes after the end"
            seen.append(event["type"])
            out.told = event.get("witgate") or out.told
            if event["type"] == "content_block_start":
                assert open_at is None and event["index"] == len(blocks), "one block after the other, without a gap"
                open_at = event["index"]
                blocks.append({**event["content_block"], "json": ""})
            elif event["type"] == "content_block_delta":
                assert event["index"] == open_at, "of the open block"
                for key, value in event["delta"].items():
                    key = "json" if key == "partial_json" else key
                    if key in ("text", "thinking", "signature", "json"):
                        blocks[-1][key] = blocks[-1].get(key, "") + value
            elif event["type"] == "content_block_stop":
                assert event["index"] == open_at, "of the open block"
                open_at = None
            elif event["type"] == "message_delta":
                assert open_at is None, "blocks are closed before the message is"
                out.finish = event["delta"]["stop_reason"]
            elif event["type"] == "message_stop":
                out.ended = True
            elif event["type"] == "error":
                assert open_at is None, "blocks are closed before an error"
                out.error = event["error"]
        assert seen[0] in ("message_start", "error")
        for block in blocks:
            block["input"] = block["json"] or dumps(block.get("input", {}))
        return self._blocks(blocks, out)

    def _blocks(self, blocks, out):
        for block in blocks:
            if block["type"] == "thinking":
                out.thinking += block["thinking"]
                assert not block.get("signature") or block["signature"] == self.SIGNATURE
            elif block["type"] == "tool_use":
                arguments = block["input"] if isinstance(block["input"], str) else dumps(block["input"])
                out.calls.append((block["name"], arguments))
            else:
                out.text += block["text"]
        return out


class Responses:
    name, path, graceful = "openai-responses", "/v1/responses", "incomplete"

    def ask(self, text="hi", **more):
        return {"model": "m", "input": text, **more}

    def prompt(self, body):
        return body["input"]

    def result(self, text):
        call = {"type": "function_call", "call_id": "c1", "name": "get_x", "arguments": "{}"}
        result = {"type": "function_call_output", "call_id": "c1", "output": text}
        return {"model": "m", "input": [{"role": "user", "content": "do"}, call, result]}

    def tools(self, *names):
        tool = {"type": "function", "parameters": {"type": "object", "properties": {}}, "strict": False}
        return {"tools": [{**tool, "name": name} for name in names]}

    def _response(self, status, output, usage=None):
        counted = usage and {
            "input_tokens": usage[0], "input_tokens_details": {"cached_tokens": 0}, "output_tokens": usage[1],
            "output_tokens_details": {"reasoning_tokens": 0}, "total_tokens": sum(usage),
        }
        return {
            "id": "resp_e2e", "object": "response", "created_at": 1735689600, "model": "m", "status": status, "error": None,
            "incomplete_details": None, "instructions": None, "output": output, "parallel_tool_calls": True,
            "tool_choice": "auto", "tools": [], "usage": counted,
        }

    def _item(self, index, part, done=True):
        status = "completed" if done else "in_progress"
        if isinstance(part, Thinking):
            return {"id": f"rs_{index}", "type": "reasoning", "summary": [self._part(part)] if done else []}
        if isinstance(part, Custom):
            item = {"id": f"ctc_{index}", "type": "custom_tool_call", "status": status, "call_id": f"call_{index}", "name": part.name}
            return {**item, "input": part.all if done else ""}
        if isinstance(part, Call):
            item = {"id": f"fc_{index}", "type": "function_call", "status": status, "call_id": f"call_{index}", "name": part.name}
            return {**item, "arguments": part.all if done else ""}
        content = [self._part(part)] if done else []
        return {"id": f"msg_{index}", "type": "message", "status": status, "role": "assistant", "content": content}

    def _part(self, part, done=True):
        text = part.all if done else ""
        if isinstance(part, Thinking):
            return {"type": "summary_text", "text": text}
        if isinstance(part, Refused):
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}

    def _events(self, index, part):
        """Of one item."""
        at = {"item_id": self._item(index, part)["id"], "output_index": index}
        yield {"type": "response.output_item.added", "output_index": index, "item": self._item(index, part, False)}
        if isinstance(part, Call):
            stem, key = ("custom_tool_call_input", "input") if isinstance(part, Custom) else ("function_call_arguments", "arguments")
            yield from ({"type": f"response.{stem}.delta", **at, "delta": piece} for piece in part.pieces)
            yield {"type": f"response.{stem}.done", **at, key: part.all}
        else:
            stem, place, key, more = "output_text", "content_index", "text", {"logprobs": []}
            group = "content_part"
            if isinstance(part, Thinking):
                stem, place, more, group = "reasoning_summary_text", "summary_index", {}, "reasoning_summary_part"
            elif isinstance(part, Refused):
                stem, key, more = "refusal", "refusal", {}
            at[place] = 0
            yield {"type": f"response.{group}.added", **at, "part": self._part(part, False)}
            yield from ({"type": f"response.{stem}.delta", **at, "delta": piece, **more} for piece in part.pieces)
            yield {"type": f"response.{stem}.done", **at, key: part.all, **more}
            yield {"type": f"response.{group}.done", **at, "part": self._part(part)}
        yield {"type": "response.output_item.done", "output_index": index, "item": self._item(index, part)}

    def stream(self, *parts, usage=(9, 40), end=True):
        out = [{"type": f"response.{kind}", "response": self._response("in_progress", [])} for kind in ("created", "in_progress")]
        out += [event for index, part in enumerate(parts) for event in self._events(index, part)]
        if end:
            output = [self._item(index, part) for index, part in enumerate(parts)]
            out.append({"type": "response.completed", "response": self._response("completed", output, usage)})
        else:
            last = max(at for at, event in enumerate(out) if event["type"].endswith(".delta"))
            del out[last + 1 :]
        return b"".join(named({**event, "sequence_number": number}) for number, event in enumerate(out))

    def whole(self, *parts, usage=(9, 40)):
        output = [self._item(index, part) for index, part in enumerate(parts)]
        return dumps(self._response("completed", output, usage)).encode()

    def heard(self, answer, streamed):
        if not streamed:
            body = answer.json()
            out = Heard(finish=body["status"], told=body.get("witgate"), ended=True)
            return self._items(body["output"], out)
        out, items, deltas, last = Heard(), [], {}, None
        for number, event in enumerate(events(answer.body)):
            assert not out.ended and not out.error, "nothing comes after the end"
            out.told = event.get("witgate") or out.told
            if "type" not in event:
                out.error = event["error"]
                continue
            kind = event["type"]
            assert event["sequence_number"] == number, "sequence numbers are contiguous"
            if kind == "response.output_item.added":
                assert event["output_index"] == len(items), "items are numbered from 0 without a gap"
                items.append(event["item"])
            elif kind == "response.output_item.done":
                items[event["output_index"]] = event["item"]
            elif kind.endswith(".delta"):
                assert event["output_index"] < len(items), "items begin before their deltas"
                deltas.setdefault(event["output_index"], []).append(event["delta"])
            elif kind == "error":
                out.error = event
            elif kind in ("response.completed", "response.incomplete", "response.failed"):
                out.ended, out.finish, last = True, kind.removeprefix("response."), event["response"]
                out.error = last["error"] or out.error
        if last and last["status"] == "completed":
            assert last["output"] == items, "the last event repeats the items"
            for at, item in enumerate(items):
                said = self._items([item], Heard())
                copy = said.text + said.thinking + said.refusal + "".join(call[1] for call in said.calls)
                assert "".join(deltas.get(at, [copy])) == copy, "the items repeat their deltas"
            return self._items(items, out)
        out.text = "".join(piece for at, some in deltas.items() if items[at]["type"] == "message" for piece in some)
        return out

    def _items(self, items, out):
        for item in items:
            if item["type"] == "reasoning":
                out.thinking += "".join(part["text"] for part in item["summary"])
            elif item["type"] == "function_call":
                out.calls.append((item["name"], item["arguments"]))
            elif item["type"] == "custom_tool_call":
                out.calls.append((item["name"], item["input"]))
            else:
                for part in item["content"]:
                    out.text += part.get("text") or ""
                    out.refusal += part.get("refusal") or ""
        return out


DIALECTS = types.SimpleNamespace(chat=Chat(), completions=Completions(), messages=Messages(), responses=Responses())
