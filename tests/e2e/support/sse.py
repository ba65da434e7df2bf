"""Chat completions as an upstream sends them, built byte by byte."""

import json

HEAD = {"id": "chatcmpl-e2e", "object": "chat.completion.chunk", "created": 1735689600, "model": "m"}


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def event(delta=None, finish=None, end="\n\n", **more):
    """One chunk of choice 0."""
    choice = {"index": 0, "delta": delta or {}, "finish_reason": finish}
    return f"data: {dumps({**HEAD, 'choices': [choice], **more})}{end}".encode()


def text(*pieces, finish="stop"):
    """A whole stream of text."""
    out = event({"role": "assistant", "content": ""})
    out += b"".join(event({"content": piece}) for piece in pieces)
    return out + event({}, finish) + b"data: [DONE]\n\n"


def call_events(index, name, arguments, size=7, call_id=None):
    """The chunks of one tool call, its arguments in fragments."""
    call_id = call_id or f"call_{index}"
    first = {"index": index, "id": call_id, "type": "function", "function": {"name": name, "arguments": ""}}
    out = [event({"tool_calls": [first]})]
    for at in range(0, len(arguments), size):
        part = {"index": index, "function": {"arguments": arguments[at : at + size]}}
        out.append(event({"tool_calls": [part]}))
    return out


def calls(*named, interleaved=False):
    """A whole stream of tool calls, each `(name, arguments)`."""
    lists = [call_events(index, name, arguments) for index, (name, arguments) in enumerate(named)]
    out = event({"role": "assistant", "content": None})
    if interleaved:
        longest = max(map(len, lists))
        out += b"".join(one[at] for at in range(longest) for one in lists if at < len(one))
    else:
        out += b"".join(chunk for one in lists for chunk in one)
    return out + event({}, "tool_calls") + b"data: [DONE]\n\n"


def whole(content=None, named=(), finish=None):
    """The unary answer to the same."""
    message = {"role": "assistant", "content": content, "refusal": None}
    if named:
        message["tool_calls"] = [
            {"id": f"call_{index}", "type": "function", "function": {"name": name, "arguments": arguments}}
            for index, (name, arguments) in enumerate(named)
        ]
    finish = finish or ("tool_calls" if named else "stop")
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    body = {**HEAD, "object": "chat.completion", "choices": [choice], "usage": usage}
    return dumps(body).encode()


def lines(body):
    """The JSON of each data line, `[DONE]` as that string. Comments are passed over."""
    out = []
    for line in body.decode().replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        if line.startswith("data:"):
            data = line[5:].strip()
            out.append(data if data == "[DONE]" else json.loads(data))
    return out


def content(body):
    """The text that a client reads."""
    found = []
    for chunk in lines(body):
        if isinstance(chunk, dict):
            found += [choice["delta"].get("content") or "" for choice in chunk.get("choices", [])]
    return "".join(found)


def finish(body):
    """The last finish reason."""
    reasons = [
        choice["finish_reason"]
        for chunk in lines(body)
        if isinstance(chunk, dict)
        for choice in chunk.get("choices", [])
        if choice.get("finish_reason")
    ]
    return reasons[-1] if reasons else None


def without_comments(body):
    """The stream without its comment events, such as the receipt at its end."""
    out, rest = b"", body
    while rest:
        end = rest.find(b"\n")
        line, rest = (rest, b"") if end < 0 else (rest[: end + 1], rest[end + 1 :])
        if line.startswith(b":"):
            if rest[:1] == b"\n":
                rest = rest[1:]
        else:
            out += line
    return out
