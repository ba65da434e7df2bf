"""Example policy: refuses prompts that hold a code word, and masks code words in answers, wherever a stream is cut."""

import json

# Loaded here, so that it is part of the component.
import inspection  # noqa: F401
import words
from wit_world import exports
from wit_world.imports.types import Decision, Denial, Verdict_Allow, Verdict_Deny


class Lifecycle(exports.Lifecycle):
    def configure(self, config):
        words.WORDS = words.Words(json.loads(config)["words"])


class Admission(exports.Admission):
    def evaluate(self, ctx, request):
        text, found = request.text.encode(), []
        for segment in request.segments:
            begins = segment.at.start
            here, _ = words.WORDS.find(text[begins : segment.at.end], True)
            found += [(begins + start, begins + end) for start, end in here]
        verdict = Verdict_Deny(Denial("code_word", "The prompt holds a code word.")) if found else Verdict_Allow()
        return Decision(verdict, [], words.findings(found), [])


class Inspection(exports.Inspection):
    """What is called is `inspection.Session`."""
