"""Where code words stand in a text."""

import re

from wit_world.imports.types import Finding, Span

# What one decision may have.
MAX_FINDINGS = 1024


class Words:
    """The configured words. They are ASCII, so everything is looked for in UTF-8 bytes, and offsets are those of the contract."""

    def __init__(self, words):
        self.words = sorted((word.encode() for word in words), key=len, reverse=True)
        # The first alternative that fits is taken, so the longest come first.
        self.any = re.compile(b"|".join(map(re.escape, self.words)), re.IGNORECASE)

    def opens(self, text, start):
        """The first place from `start` on where the text ends in the beginning of a word."""
        for at in range(max(start, len(text) - len(self.words[0]) + 1), len(text)):
            tail = text[at:].lower()
            if any(len(word) > len(tail) and word.startswith(tail) for word in self.words):
                return at
        return len(text)

    def find(self, text, complete):
        """The words in `text`, and how far it is decided: what may still become a word is not, unless the text is complete."""
        found, at = [], 0
        end = len(text) if complete else self.opens(text, at)
        while (word := self.any.search(text, at)) and word.start() < end:
            found.append(word.span())
            at = word.end()
            if at > end:
                end = self.opens(text, at)
        return found, max(at, end)


# What `configure` leaves here is what every exchange begins with.
WORDS = Words(["blue heron"])


def findings(found):
    """What is told of [(start, end)], absolute."""
    return [Finding("code_word", Span(start, end), 100, "") for start, end in found[:MAX_FINDINGS]]
