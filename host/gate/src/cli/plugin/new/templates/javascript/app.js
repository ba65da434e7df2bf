// Withholds words that must not leave: from prompts, from answers as they stream, and from tool calls.

// Every code that a decision may carry stands in manifest.json too.
const WITHHELD = 'word_withheld';
const IN_KEY = 'word_in_key';
const IN_CALL = 'word_in_call';

// What `configure` leaves here is what every exchange begins with.
let words = ['BLUE HERON'];
let mask = '[withheld]';
/** What words begin with: between these there is nothing to look at. */
let first = beginnings();

function beginnings() {
  const codes = words.map((word) => `\\u{${word.codePointAt(0).toString(16)}}`);
  return new RegExp(codes.join('|'), 'gu');
}

/** Offsets count bytes of UTF-8, and JavaScript's strings count units of UTF-16. */
const size = (text) => new TextEncoder().encode(text).length;

/**
 * Every word in `text` as [start, end], in units of the string, and how much of the text is decided. What follows could still
 * become a word, unless the text is `complete`. A place is decided by what stands there and after it, so it makes no
 * difference in which pieces the text came.
 */
function scan(text, complete) {
  const found = [];
  first.lastIndex = 0;
  for (let begin; (begin = first.exec(text)) !== null; ) {
    const at = begin.index;
    const here = words.filter((word) => text.startsWith(word, at));
    if (here.length > 0) {
      first.lastIndex = at + Math.min(...here.map((word) => word.length));
      found.push([at, first.lastIndex]);
    } else if (!complete && words.some((word) => word.startsWith(text.slice(at)))) {
      return [found, at];
    }
  }
  return [found, text.length];
}

/** As spans in bytes; `text` begins at byte `start`, a BigInt as all of WIT's 64-bit numbers. */
function spans(text, found, start) {
  const at = (index) => start + BigInt(size(text.slice(0, index)));
  return found.map(([from, to]) => ({ start: at(from), end: at(to) }));
}

const findings = (at) => at.map((span) => ({ code: WITHHELD, at: span, confidence: 100, detail: '' }));
const edits = (at) => at.map((span) => ({ at: span, replacement: { tag: 'text', val: mask } }));
const allow = (at, edited) => ({ verdict: { tag: 'allow' }, edits: edited ? edits(at) : [], findings: findings(at), labels: [] });
const deny = (code, message, at) => ({
  verdict: { tag: 'deny', val: { code, message } },
  edits: [],
  findings: findings(at),
  labels: [],
});

/** Every segment of a document with its text. */
function* segments(document) {
  const bytes = new TextEncoder().encode(document.text);
  const decoder = new TextDecoder();
  for (const segment of document.segments) {
    yield [segment, decoder.decode(bytes.subarray(Number(segment.at.start), Number(segment.at.end)))];
  }
}

export const lifecycle = {
  configure(text) {
    const config = JSON.parse(text);
    words = config.words ?? words;
    mask = config.mask ?? mask;
    if (words.some((word) => word === '')) {
      throw [{ pointer: '/words', message: 'a word has at least one character' }];
    }
    first = beginnings();
  },
};

export const admission = {
  evaluate(ctx, request) {
    const at = [];
    for (const [segment, text] of segments(request)) {
      const [found] = scan(text, true);
      // The host refuses an edit of a field's name, since it would change what the request means.
      if (found.length > 0 && segment.kind === 'key') {
        return deny(IN_KEY, 'The name of a field holds a withheld word.', []);
      }
      at.push(...spans(text, found, segment.at.start));
    }
    return allow(at, true);
  },
};

/** One text of the answer. */
class Session {
  // What is not decided yet, and at which byte of the text it begins.
  held = '';
  settled = 0n;

  static open(ctx, channel) {
    return new Session();
  }

  push(text) {
    this.held += text;
    return this.decide(false);
  }

  finish() {
    return this.decide(true);
  }

  decide(complete) {
    const [found, decided] = scan(this.held, complete);
    const at = spans(this.held, found, this.settled);
    this.settled += BigInt(size(this.held.slice(0, decided)));
    this.held = this.held.slice(decided);
    return { settled: this.settled, decision: allow(at, true) };
  }
}

export const inspection = { Session };

export const commitment = {
  evaluate(ctx, action) {
    for (const [segment, text] of segments(action.arguments)) {
      const [found] = scan(text, true);
      if (found.length > 0) {
        return deny(IN_CALL, 'The call carries a withheld word.', spans(text, found.slice(0, 1), segment.at.start));
      }
    }
    return allow([], false);
  },
};
