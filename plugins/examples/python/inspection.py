"""The resources of the interface `inspection`: componentize-py looks for them in a module of that name."""

import words
from wit_world import exports
from wit_world.exports.inspection import Step
from wit_world.imports.types import Decision, Edit, Replacement_Text, Span, Verdict_Allow


class Session(exports.inspection.Session):
    """One channel: the bytes that are not decided, and where in the channel they begin."""

    def __init__(self):
        self.held, self.settled = b"", 0

    @classmethod
    def open(cls, ctx, channel):
        return cls()

    def push(self, text):
        self.held += text.encode()
        return self.settle(False)

    def finish(self):
        return self.settle(True)

    def settle(self, complete):
        found, decided = words.WORDS.find(self.held, complete)
        found = [(self.settled + start, self.settled + end) for start, end in found]
        self.held, self.settled = self.held[decided:], self.settled + decided
        edits = [Edit(Span(start, end), Replacement_Text("[withheld]")) for start, end in found]
        return Step(self.settled, Decision(Verdict_Allow(), edits, words.findings(found), []))
