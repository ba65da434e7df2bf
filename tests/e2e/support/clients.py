"""The real SDKs of the other dialects, pointed at a gate. OpenAI's is `Gate.client`."""

import anthropic


def anthropic_at(gate, **settings):
    """With its own retries unless told otherwise."""
    url = gate.base_url.removesuffix("/v1")
    return anthropic.Anthropic(base_url=url, **{"api_key": "sk-test-client", "timeout": 20, **settings})


def message(text="hi", **more):
    """What `messages.create` is called with."""
    return {"model": "m", "max_tokens": 2048, "messages": [{"role": "user", "content": text}], **more}
