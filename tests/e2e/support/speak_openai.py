"""OpenAI's chat completions and legacy completions: asked for, written and read by hand."""

from . import sse
from .parts import Call, Custom, Heard, Refused, Thinking
from .sse import dumps


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
