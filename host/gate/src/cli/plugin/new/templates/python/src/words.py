"""The words that are withheld: where they stand in a text, and what is said of them."""

import re

from wit_world.imports.types import Decision, Denial, Edit, Finding, Replacement_Text, Span, Verdict_Allow, Verdict_Deny

# Every code that a decision may carry stands in manifest.json too.
WITHHELD = "word_withheld"
IN_KEY = "word_in_key"
IN_CALL = "word_in_call"


class Words:
    def __init__(self, words, mask):
        self.words, self.mask = words, mask
        # What they begin with: between these there is nothing to look at.
        self.first = re.compile("|".join(re.escape(word[0]) for word in words))

    def scan(self, text, complete):
        """Every word in `text` as (start, end), in characters, and how much of the text is decided.

        What follows could still become a word, unless the text is `complete`. A place is decided by what stands there and
        after it, so it makes no difference in which pieces the text came.
        """
        found, at = [], 0
        while begin := self.first.search(text, at):
            at = begin.start()
            word = min((word for word in self.words if text.startswith(word, at)), key=len, default=None)
            if word:
                found.append((at, at + len(word)))
                at += len(word)
            elif not complete and any(word.startswith(text[at:]) for word in self.words):
                return found, at
            else:
                at += 1
        return found, len(text)

    def edits(self, at):
        return [Edit(span, Replacement_Text(self.mask)) for span in at]

    def allow(self, at):
        """Allowed, with the words at `at` masked."""
        return Decision(Verdict_Allow(), self.edits(at), findings(at), [])


# What `configure` puts here is what every exchange begins with.
USED = Words(["BLUE HERON"], "[withheld]")


def configure(config):
    global USED
    USED = Words(config.get("words", USED.words), config.get("mask", USED.mask))


def used():
    return USED


def size(text):
    """Offsets count bytes of UTF-8, and Python's strings count characters."""
    return len(text.encode())


def spans(text, found, start):
    """As spans in bytes; `text` begins at byte `start`."""
    return [Span(start + size(text[:a]), start + size(text[:b])) for a, b in found]


def findings(at):
    return [Finding(WITHHELD, span, 100, "") for span in at]


def deny(code, message, at=()):
    return Decision(Verdict_Deny(Denial(code, message)), [], findings(at), [])
