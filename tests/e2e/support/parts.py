"""What a model says, in parts, and what a client heard of it, in any dialect."""

import dataclasses
import json

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
