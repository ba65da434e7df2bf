"""The text of an answer, as it streams."""

from wit_world.exports import inspection as contract

import words


class Session(contract.Session):
    """One text of the answer."""

    def __init__(self):
        # What is not decided yet, and at which byte of the text it begins.
        self.held, self.settled = "", 0

    @classmethod
    def open(cls, ctx, channel):
        return cls()

    def push(self, text):
        self.held += text
        return self.decide(False)

    def finish(self):
        return self.decide(True)

    def decide(self, complete):
        found, decided = words.used().scan(self.held, complete)
        at = words.spans(self.held, found, self.settled)
        self.settled += words.size(self.held[:decided])
        self.held = self.held[decided:]
        return contract.Step(self.settled, words.used().allow(at))
