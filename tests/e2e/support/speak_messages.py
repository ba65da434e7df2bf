"""Anthropic's messages: asked for, written and read by hand."""

import json

from .parts import Call, Heard, Thinking, events, named
from .sse import dumps


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
