// Example policy: refuses prompts that hold a code word, and masks code words in answers, wherever a stream is cut.

// What one decision may have.
const MAX_FINDINGS = 1024;
const encoder = new TextEncoder();
// Offsets of the contract are bytes of UTF-8, and strings count UTF-16 code units.
const size = (text) => encoder.encode(text).length;

// What `configure` leaves here is what every exchange begins with. The longest words come first: a regular expression takes
// the first alternative that fits.
let words = [];
let any = /./;

// The first place from `start` on where the text ends in the beginning of a word.
function opens(text, start) {
  for (let at = Math.max(start, text.length - words[0].length + 1); at < text.length; at += 1) {
    const tail = text.slice(at).toLowerCase();
    if (words.some((word) => word.length > tail.length && word.startsWith(tail))) return at;
  }
  return text.length;
}

// The words in `text`, as [start, end] in bytes from `begins` on; and how far it is decided, in code units: what may still become
// a word is not, unless the text is complete.
function find(text, complete, begins) {
  const found = [];
  let [at, bytes] = [0, begins];
  let end = complete ? text.length : opens(text, at);
  any.lastIndex = 0;
  for (let word = any.exec(text); word && word.index < end; word = any.exec(text)) {
    const start = bytes + size(text.slice(at, word.index));
    at = any.lastIndex;
    bytes = start + size(word[0]);
    found.push([start, bytes]);
    if (at > end) end = opens(text, at);
  }
  return { found, decided: Math.max(at, end) };
}

const span = ([start, end]) => ({ start: BigInt(start), end: BigInt(end) });
const finding = (at) => ({ code: "code_word", at: span(at), confidence: 100, detail: "" });
const findings = (found) => found.slice(0, MAX_FINDINGS).map(finding);

export const lifecycle = {
  configure(config) {
    words = JSON.parse(config).words.sort((a, b) => b.length - a.length);
    // The manifest's schema lets no other characters in than letters, digits, spaces and hyphens.
    any = new RegExp(words.join("|"), "gi");
  },
};

export const admission = {
  evaluate(ctx, request) {
    const bytes = encoder.encode(request.text);
    const decoder = new TextDecoder();
    const found = request.segments.flatMap(({ at }) => {
      const text = decoder.decode(bytes.subarray(Number(at.start), Number(at.end)));
      return find(text, true, Number(at.start)).found;
    });
    const denial = { tag: "deny", val: { code: "code_word", message: "The prompt holds a code word." } };
    return { verdict: found.length > 0 ? denial : { tag: "allow" }, edits: [], findings: findings(found), labels: [] };
  },
};

// One channel: the text that is not decided, and the byte in the channel at which it begins.
class Session {
  held = "";
  settled = 0;

  static open(ctx, channel) {
    return new Session();
  }

  push(text) {
    this.held += text;
    return this.settle(false);
  }

  finish() {
    return this.settle(true);
  }

  settle(complete) {
    const { found, decided } = find(this.held, complete, this.settled);
    this.settled += size(this.held.slice(0, decided));
    this.held = this.held.slice(decided);
    const edits = found.map((at) => ({ at: span(at), replacement: { tag: "text", val: "[withheld]" } }));
    const decision = { verdict: { tag: "allow" }, edits, findings: findings(found), labels: [] };
    return { settled: BigInt(this.settled), decision };
  }
}

export const inspection = { Session };
