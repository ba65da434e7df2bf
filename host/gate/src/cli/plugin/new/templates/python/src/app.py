"""Withholds words that must not leave: from prompts, from answers as they stream, and from tool calls."""

import json

from componentize_py_types import Err
from wit_world import exports
from wit_world.exports.lifecycle import Issue

import inspection
import words


def segments(document):
    """Every segment with its text."""
    data = document.text.encode()
    for segment in document.segments:
        yield segment, data[segment.at.start : segment.at.end].decode()


class Lifecycle(exports.Lifecycle):
    def configure(self, config):
        config = json.loads(config)
        if "" in config.get("words", []):
            raise Err([Issue("/words", "a word has at least one character")])
        words.configure(config)


class Admission(exports.Admission):
    def evaluate(self, ctx, request):
        at = []
        for segment, text in segments(request):
            found, _ = words.used().scan(text, True)
            # The host refuses an edit of a field's name, since it would change what the request means.
            if found and segment.kind == "key":
                return words.deny(words.IN_KEY, "The name of a field holds a withheld word.")
            at += words.spans(text, found, segment.at.start)
        return words.used().allow(at)


class Inspection(exports.Inspection):
    """Its work is done by `inspection.Session`."""


class Commitment(exports.Commitment):
    def evaluate(self, ctx, action):
        for segment, text in segments(action.arguments):
            found, _ = words.used().scan(text, True)
            if found:
                at = words.spans(text, found[:1], segment.at.start)
                return words.deny(words.IN_CALL, "The call carries a withheld word.", at)
        return words.used().allow([])
