/* Example policy: refuses prompts that hold a code word, and masks code words in answers, wherever a stream is cut.
 *
 * The types and the functions that begin with `exports_` are those of the contract, made by `wit-bindgen c` from ../wit. What it
 * is given is this file's to free; what it answers is freed by the bindings. */
#include <stdlib.h>
#include <string.h>

#include "code_words.h"

typedef code_words_string_t string;
typedef witgate_policy_types_span_t span;
typedef witgate_policy_types_decision_t decision;
typedef exports_witgate_policy_inspection_step_t step;

enum { MAX_WORDS = 32, MAX_WORD = 64, MAX_FINDINGS = 1024 };

/* What `configure` leaves here is what every exchange begins with: the words, in small letters. */
static struct { uint8_t text[MAX_WORD]; size_t len; } words[MAX_WORDS];
static size_t word_count;

/* The bytes of a channel that are not decided, and where in the channel they begin. Not above the longest word after a call. */
struct exports_witgate_policy_inspection_session_t { uint8_t held[MAX_WORD]; size_t len; uint64_t settled; };
typedef exports_witgate_policy_inspection_session_t session;

typedef struct { span *at; size_t len, room; } matches;

/* Memory that is not there is a trap, which the host tells as a fault. */
static void *grown(void *old, size_t bytes) {
  void *memory = realloc(old, bytes ? bytes : 1);
  if (!memory) __builtin_trap();
  return memory;
}

static uint8_t lower(uint8_t byte) { return byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte; }

/* How many bytes of a word stand at the beginning of a text. */
static size_t common(size_t word, const uint8_t *text, size_t len) {
  size_t n = 0;
  while (n < words[word].len && n < len && words[word].text[n] == lower(text[n])) n++;
  return n;
}

/* Adds the words in `text` to `found`, as offsets from `begins` on, and answers how far it is decided: what may still become a word
 * is not, unless the text is complete. The words are ASCII, so no match begins or ends inside a character. */
static size_t find(const uint8_t *text, size_t len, bool complete, uint64_t begins, matches *found) {
  for (size_t at = 0; at < len;) {
    size_t longest = 0;
    for (size_t word = 0; word < word_count; word++) {
      size_t n = common(word, text + at, len - at);
      if (!complete && n < words[word].len && at + n == len) return at;
      if (n == words[word].len && n > longest) longest = n;
    }
    if (longest) {
      if (found->len == found->room) {
        found->room = found->room ? 2 * found->room : 8;
        found->at = grown(found->at, found->room * sizeof(span));
      }
      found->at[found->len++] = (span){begins + at, begins + at + longest};
    }
    at += longest ? longest : 1;
  }
  return len;
}

/* A decision that allows, with a finding for each match; takes `found` over. */
static void told(matches *found, bool mask, decision *ret) {
  size_t findings = found->len < MAX_FINDINGS ? found->len : MAX_FINDINGS;
  memset(ret, 0, sizeof *ret);
  ret->verdict.tag = WITGATE_POLICY_TYPES_VERDICT_ALLOW;
  ret->findings.len = findings;
  ret->findings.ptr = findings ? grown(NULL, findings * sizeof *ret->findings.ptr) : NULL;
  for (size_t i = 0; i < findings; i++) {
    witgate_policy_types_finding_t *finding = &ret->findings.ptr[i];
    memset(finding, 0, sizeof *finding);
    code_words_string_dup(&finding->code, "code_word");
    finding->at.is_some = true;
    finding->at.val = found->at[i];
    finding->confidence = 100;
  }
  ret->edits.len = mask ? found->len : 0;
  ret->edits.ptr = ret->edits.len ? grown(NULL, found->len * sizeof *ret->edits.ptr) : NULL;
  for (size_t i = 0; i < ret->edits.len; i++) {
    ret->edits.ptr[i].at = found->at[i];
    ret->edits.ptr[i].replacement.tag = WITGATE_POLICY_TYPES_REPLACEMENT_TEXT;
    code_words_string_dup(&ret->edits.ptr[i].replacement.val.text, "[withheld]");
  }
  free(found->at);
}

/* The configuration is {"words": [...]}, and met the manifest's schema: there are no escapes in its strings, and the numbers and
 * lengths fit. */
bool exports_witgate_policy_lifecycle_configure(string *config, exports_witgate_policy_lifecycle_list_issue_t *err) {
  (void)err;
  bool inside = false, list = false;
  for (size_t i = 0; i < config->len; i++) {
    uint8_t byte = config->ptr[i];
    if (byte == '[') list = true;
    if (!list) continue;
    if (byte == '"') {
      if (inside) word_count++;
      inside = !inside;
    } else if (inside && word_count < MAX_WORDS && words[word_count].len < MAX_WORD) {
      words[word_count].text[words[word_count].len++] = byte;
    }
  }
  code_words_string_free(config);
  return true;
}

bool exports_witgate_policy_admission_evaluate(exports_witgate_policy_admission_context_t *ctx,
                                               exports_witgate_policy_admission_document_t *request, decision *ret,
                                               exports_witgate_policy_admission_fault_t *err) {
  (void)err;
  matches found = {0};
  for (size_t i = 0; i < request->segments.len; i++) {
    span at = request->segments.ptr[i].at;
    find(request->text.ptr + at.start, at.end - at.start, true, at.start, &found);
  }
  bool refused = found.len > 0;
  told(&found, false, ret);
  if (refused) {
    ret->verdict.tag = WITGATE_POLICY_TYPES_VERDICT_DENY;
    code_words_string_dup(&ret->verdict.val.deny.code, "code_word");
    code_words_string_dup(&ret->verdict.val.deny.message, "The prompt holds a code word.");
  }
  exports_witgate_policy_admission_context_free(ctx);
  exports_witgate_policy_admission_document_free(request);
  return true;
}

bool exports_witgate_policy_inspection_static_session_open(exports_witgate_policy_inspection_context_t *ctx,
                                                           exports_witgate_policy_inspection_channel_t *channel,
                                                           exports_witgate_policy_inspection_own_session_t *ret,
                                                           exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  session *opened = grown(NULL, sizeof *opened);
  memset(opened, 0, sizeof *opened);
  *ret = exports_witgate_policy_inspection_session_new(opened);
  exports_witgate_policy_inspection_context_free(ctx);
  exports_witgate_policy_inspection_channel_free(channel);
  return true;
}

static void settle(session *self, const uint8_t *text, size_t len, bool complete, step *ret) {
  size_t all = self->len + len;
  uint8_t *joined = grown(NULL, all);
  memcpy(joined, self->held, self->len);
  if (len) memcpy(joined + self->len, text, len);
  matches found = {0};
  size_t decided = find(joined, all, complete, self->settled, &found);
  self->settled += decided;
  self->len = all - decided;
  memcpy(self->held, joined + decided, self->len);
  free(joined);
  ret->settled = self->settled;
  told(&found, true, &ret->decision);
}

bool exports_witgate_policy_inspection_method_session_push(session *self, string *text, step *ret,
                                                           exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  settle(self, text->ptr, text->len, false, ret);
  code_words_string_free(text);
  return true;
}

bool exports_witgate_policy_inspection_method_session_finish(session *self, step *ret,
                                                             exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  settle(self, NULL, 0, true, ret);
  return true;
}

void exports_witgate_policy_inspection_session_destructor(session *self) { free(self); }
