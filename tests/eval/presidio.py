"""Presidio's pattern recognisers, without a language model: names and places are out of its reach then.

Context words count: they are looked for among the words as they stand, since there are no lemmas without a model.
"""

import logging

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine


class Words(NlpEngine):
    """Words and nothing more."""

    def __init__(self):
        self.nlp = spacy.blank("en")
        self.engine_name = "words"

    def load(self):
        pass

    def is_loaded(self):
        return True

    def process_text(self, text, language):
        tokens = self.nlp(text)
        words = [token.lower_ for token in tokens]
        return NlpArtifacts([], tokens, [token.idx for token in tokens], words, self, language, [])

    def process_batch(self, texts, language, **_):
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word, language):
        return self.nlp.vocab[word].is_stop

    def is_punct(self, word, language):
        return self.nlp.vocab[word].is_punct

    def get_supported_entities(self):
        return []

    def get_supported_languages(self):
        return ["en"]


def analyzer():
    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    # The list of domains that comes with the package: nothing is fetched.
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    registry = RecognizerRegistry(supported_languages=["en"])
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    return AnalyzerEngine(registry=registry, nlp_engine=Words(), supported_languages=["en"])
