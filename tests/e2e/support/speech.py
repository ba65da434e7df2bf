"""Every dialect, with the parts of which an answer is made: `DIALECTS.messages.stream(Text("yes"))`.

Each has `ask` for a request, `stream` and `whole` for the model's answer, and `heard` for what came of it, which also checks
the form: indexes, sequence numbers, what begins before it ends.
"""

import types

from .parts import Call, Custom, Heard, Refused, Text, Thinking, chunks, events, named
from .speak_messages import Messages
from .speak_openai import Chat, Completions
from .speak_responses import Responses

__all__ = ["DIALECTS", "Call", "Custom", "Heard", "Refused", "Text", "Thinking", "chunks", "events", "named"]

DIALECTS = types.SimpleNamespace(chat=Chat(), completions=Completions(), messages=Messages(), responses=Responses())
