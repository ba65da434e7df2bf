/* Withholds words that must not leave: from prompts, from answers as they stream, and from tool calls. */
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "project.h"

/* Every code that a decision may carry stands in manifest.json too. */
#define WITHHELD "word_withheld"
#define IN_KEY "word_in_key"
#define IN_CALL "word_in_call"

typedef witgate_policy_types_span_t span_t;
typedef witgate_policy_types_decision_t decision_t;
typedef witgate_policy_types_document_t document_t;
typedef witgate_policy_types_segment_t segment_t;

/* What `configure` leaves here is what every exchange begins with. */
static config_t config;

/* Where words were found. */
typedef struct {
  span_t *at;
  size_t len, room;
} spans_t;

static void add(spans_t *spans, span_t span) {
  if (spans->len == spans->room) {
    spans->room = spans->room == 0 ? 8 : spans->room * 2;
    spans->at = realloc(spans->at, spans->room * sizeof(span_t));
    if (spans->at == NULL) abort();
  }
  spans->at[spans->len++] = span;
}

static bool begins(text_t text, text_t with) { return text.len >= with.len && memcmp(text.at, with.at, with.len) == 0; }

/* Finds every word in `text`, which begins at byte `start`, and answers how much of the text is decided. What follows could
 * still become a word, unless the text is `complete`. A place is decided by what stands there and after it, so it makes no
 * difference in which pieces the text came. */
static size_t scan(text_t text, uint64_t start, bool complete, spans_t *found) {
  size_t at = 0;
  while (at < text.len) {
    text_t rest = {text.at + at, text.len - at};
    size_t word = 0;
    bool perhaps = false;
    for (size_t i = 0; i < config.count; i++) {
      text_t one = config.words[i];
      if (one.at[0] != rest.at[0]) continue;
      if (begins(rest, one) && (word == 0 || one.len < word)) word = one.len;
      perhaps |= begins(one, rest);
    }
    if (word == 0 && perhaps && !complete) return at;
    if (word > 0) add(found, (span_t){start + at, start + at + word});
    /* Between words it goes on by whole characters: what follows the first byte of one has the form 10xxxxxx. */
    at += word > 0 ? word : 1;
    while (word == 0 && at < text.len && (text.at[at] & 0xc0) == 0x80) at++;
  }
  return text.len;
}

static void copy(project_string_t *out, text_t text) { project_string_dup_n(out, (const char *)text.at, text.len); }

static void allow(decision_t *out, spans_t found) {
  memset(out, 0, sizeof(*out));
  out->verdict.tag = WITGATE_POLICY_TYPES_VERDICT_ALLOW;
  if (found.len == 0) return;
  out->edits.ptr = calloc(found.len, sizeof(*out->edits.ptr));
  out->findings.ptr = calloc(found.len, sizeof(*out->findings.ptr));
  if (out->edits.ptr == NULL || out->findings.ptr == NULL) abort();
  out->edits.len = out->findings.len = found.len;
  for (size_t i = 0; i < found.len; i++) {
    out->edits.ptr[i].at = found.at[i];
    out->edits.ptr[i].replacement.tag = WITGATE_POLICY_TYPES_REPLACEMENT_TEXT;
    copy(&out->edits.ptr[i].replacement.val.text, config.mask);
    out->findings.ptr[i].at = (witgate_policy_types_option_span_t){true, found.at[i]};
    out->findings.ptr[i].confidence = 100;
    project_string_dup(&out->findings.ptr[i].code, WITHHELD);
  }
}

static void deny(decision_t *out, const char *code, const char *message) {
  memset(out, 0, sizeof(*out));
  out->verdict.tag = WITGATE_POLICY_TYPES_VERDICT_DENY;
  project_string_dup(&out->verdict.val.deny.code, code);
  project_string_dup(&out->verdict.val.deny.message, message);
}

static text_t text_of(const document_t *document, const segment_t *segment) {
  return (text_t){document->text.ptr + segment->at.start, (size_t)(segment->at.end - segment->at.start)};
}

bool exports_witgate_policy_lifecycle_configure(project_string_t *json, exports_witgate_policy_lifecycle_list_issue_t *err) {
  if (config_read(&config, (text_t){json->ptr, json->len})) return true;
  err->ptr = calloc(1, sizeof(*err->ptr));
  if (err->ptr == NULL) abort();
  err->len = 1;
  project_string_dup(&err->ptr->message, "this is not what the schema says");
  return false;
}

bool exports_witgate_policy_admission_evaluate(exports_witgate_policy_admission_context_t *ctx, document_t *request,
                                               decision_t *ret, exports_witgate_policy_admission_fault_t *err) {
  (void)err;
  spans_t found = {0};
  bool in_key = false;
  for (size_t i = 0; i < request->segments.len && !in_key; i++) {
    const segment_t *segment = &request->segments.ptr[i];
    size_t before = found.len;
    scan(text_of(request, segment), segment->at.start, true, &found);
    /* The host refuses an edit of a field's name, since it would change what the request means. */
    bool is_key = segment->kind.len == 3 && memcmp(segment->kind.ptr, "key", 3) == 0;
    in_key = is_key && found.len > before;
  }
  if (in_key)
    deny(ret, IN_KEY, "The name of a field holds a withheld word.");
  else
    allow(ret, found);
  free(found.at);
  exports_witgate_policy_admission_context_free(ctx);
  exports_witgate_policy_admission_document_free(request);
  return true;
}

/* One text of the answer: what is not decided yet, and where in the text it begins. */
struct exports_witgate_policy_inspection_session_t {
  uint8_t *held;
  size_t len;
  uint64_t settled;
};

bool exports_witgate_policy_inspection_static_session_open(exports_witgate_policy_inspection_context_t *ctx,
                                                           exports_witgate_policy_inspection_channel_t *channel,
                                                           exports_witgate_policy_inspection_own_session_t *ret,
                                                           exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  exports_witgate_policy_inspection_session_t *session = calloc(1, sizeof(*session));
  if (session == NULL) abort();
  *ret = exports_witgate_policy_inspection_session_new(session);
  exports_witgate_policy_inspection_context_free(ctx);
  exports_witgate_policy_inspection_channel_free(channel);
  return true;
}

static void decide(exports_witgate_policy_inspection_session_t *self, bool complete, exports_witgate_policy_inspection_step_t *ret) {
  spans_t found = {0};
  size_t decided = scan((text_t){self->held, self->len}, self->settled, complete, &found);
  memmove(self->held, self->held + decided, self->len - decided);
  self->len -= decided;
  self->settled += decided;
  ret->settled = self->settled;
  allow(&ret->decision, found);
  free(found.at);
}

bool exports_witgate_policy_inspection_method_session_push(exports_witgate_policy_inspection_session_t *self, project_string_t *text,
                                                           exports_witgate_policy_inspection_step_t *ret,
                                                           exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  self->held = realloc(self->held, self->len + text->len + 1);
  if (self->held == NULL) abort();
  memcpy(self->held + self->len, text->ptr, text->len);
  self->len += text->len;
  decide(self, false, ret);
  project_string_free(text);
  return true;
}

bool exports_witgate_policy_inspection_method_session_finish(exports_witgate_policy_inspection_session_t *self,
                                                             exports_witgate_policy_inspection_step_t *ret,
                                                             exports_witgate_policy_inspection_fault_t *err) {
  (void)err;
  decide(self, true, ret);
  return true;
}

void exports_witgate_policy_inspection_session_destructor(exports_witgate_policy_inspection_session_t *self) {
  free(self->held);
  free(self);
}

bool exports_witgate_policy_commitment_evaluate(exports_witgate_policy_commitment_context_t *ctx,
                                                exports_witgate_policy_commitment_action_t *action, decision_t *ret,
                                                exports_witgate_policy_commitment_fault_t *err) {
  (void)err;
  spans_t found = {0};
  const document_t *arguments = &action->arguments;
  for (size_t i = 0; i < arguments->segments.len; i++)
    scan(text_of(arguments, &arguments->segments.ptr[i]), arguments->segments.ptr[i].at.start, true, &found);
  if (found.len == 0) {
    allow(ret, found);
  } else {
    deny(ret, IN_CALL, "The call carries a withheld word.");
    ret->findings.ptr = calloc(1, sizeof(*ret->findings.ptr));
    if (ret->findings.ptr == NULL) abort();
    ret->findings.len = 1;
    ret->findings.ptr[0].at = (witgate_policy_types_option_span_t){true, found.at[0]};
    ret->findings.ptr[0].confidence = 100;
    project_string_dup(&ret->findings.ptr[0].code, WITHHELD);
  }
  free(found.at);
  exports_witgate_policy_commitment_context_free(ctx);
  exports_witgate_policy_commitment_action_free(action);
  return true;
}
