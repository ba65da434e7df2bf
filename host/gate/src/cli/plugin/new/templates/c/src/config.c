/* Reads {"words": [...], "mask": "..."}; both may be left out. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  const uint8_t *at, *end;
} reader_t;

static void blank(reader_t *r) {
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\n' || *r->at == '\r' || *r->at == '\t')) r->at++;
}

static bool takes(reader_t *r, uint8_t c) {
  blank(r);
  if (r->at >= r->end || *r->at != c) return false;
  r->at++;
  return true;
}

static bool hex4(reader_t *r, uint32_t *out) {
  *out = 0;
  for (int i = 0; i < 4; i++) {
    if (r->at >= r->end) return false;
    uint8_t c = *r->at++;
    uint32_t digit = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : 16;
    if (digit > 15) return false;
    *out = *out * 16 + digit;
  }
  return true;
}

static size_t utf8(uint8_t *out, uint32_t code) {
  if (code < 0x80) return out[0] = (uint8_t)code, 1;
  if (code < 0x800) return out[0] = 0xc0 | code >> 6, out[1] = 0x80 | (code & 63), 2;
  if (code < 0x10000) return out[0] = 0xe0 | code >> 12, out[1] = 0x80 | (code >> 6 & 63), out[2] = 0x80 | (code & 63), 3;
  return out[0] = 0xf0 | code >> 18, out[1] = 0x80 | (code >> 12 & 63), out[2] = 0x80 | (code >> 6 & 63),
         out[3] = 0x80 | (code & 63), 4;
}

/* A string, with its escapes resolved into memory of its own: never longer than it is written. */
static bool string(reader_t *r, text_t *out) {
  if (!takes(r, '"')) return false;
  uint8_t *text = malloc((size_t)(r->end - r->at) + 1);
  if (text == NULL) abort();
  size_t len = 0;
  while (r->at < r->end) {
    uint8_t c = *r->at++;
    if (c == '"') return *out = (text_t){text, len}, true;
    if (c != '\\') {
      text[len++] = c;
      continue;
    }
    if (r->at >= r->end) return false;
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    uint8_t escape = *r->at++;
    uint32_t code, low;
    if (escape == 'u') {
      if (!hex4(r, &code)) return false;
      if (code >= 0xd800 && code < 0xdc00) {
        if (r->end - r->at < 6 || r->at[0] != '\\' || r->at[1] != 'u') return false;
        r->at += 2;
        if (!hex4(r, &low) || low < 0xdc00 || low > 0xdfff) return false;
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      }
      len += utf8(text + len, code);
      continue;
    }
    size_t which = 0;
    while (from[which] != 0 && (uint8_t)from[which] != escape) which++;
    if (from[which] == 0) return false;
    text[len++] = (uint8_t)to[which];
  }
  return false;
}

static bool words(reader_t *r, config_t *config) {
  if (!takes(r, '[')) return false;
  config->count = 0;
  do {
    text_t word;
    if (config->count == MOST_WORDS || !string(r, &word) || word.len == 0) return false;
    config->words[config->count++] = word;
  } while (takes(r, ','));
  return takes(r, ']');
}

bool config_read(config_t *config, text_t json) {
  config->words[0] = TEXT("BLUE HERON");
  config->count = 1;
  config->mask = TEXT("[withheld]");
  reader_t r = {json.at, json.at + json.len};
  if (!takes(&r, '{')) return false;
  if (takes(&r, '}')) return true;
  do {
    text_t name;
    if (!string(&r, &name) || !takes(&r, ':')) return false;
    bool is_words = name.len == 5 && memcmp(name.at, "words", 5) == 0;
    bool is_mask = name.len == 4 && memcmp(name.at, "mask", 4) == 0;
    if (is_words ? !words(&r, config) : is_mask ? !string(&r, &config->mask) : true) return false;
  } while (takes(&r, ','));
  return takes(&r, '}');
}
