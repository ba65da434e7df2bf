"""OpenAI's responses: asked for, written and read by hand."""

from .parts import Call, Custom, Heard, Refused, Thinking, events, named
from .sse import dumps


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

    def response(self, status, output, usage=None):
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
        out = [{"type": f"response.{kind}", "response": self.response("in_progress", [])} for kind in ("created", "in_progress")]
        out += [event for index, part in enumerate(parts) for event in self._events(index, part)]
        if end:
            output = [self._item(index, part) for index, part in enumerate(parts)]
            out.append({"type": "response.completed", "response": self.response("completed", output, usage)})
        else:
            last = max(at for at, event in enumerate(out) if event["type"].endswith(".delta"))
            del out[last + 1 :]
        return b"".join(named({**event, "sequence_number": number}) for number, event in enumerate(out))

    def whole(self, *parts, usage=(9, 40)):
        output = [self._item(index, part) for index, part in enumerate(parts)]
        return dumps(self.response("completed", output, usage)).encode()

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
