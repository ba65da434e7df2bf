/* What the operator writes under `config`; manifest.json has its schema. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A text that lies somewhere else. */
typedef struct {
  const uint8_t *at;
  size_t len;
} text_t;

#define TEXT(literal) ((text_t){(const uint8_t *)(literal), sizeof(literal) - 1})
#define MOST_WORDS 100

typedef struct {
  text_t words[MOST_WORDS];
  size_t count;
  text_t mask;
} config_t;

/* Reads a configuration: JSON that the host has held against the schema. False where it is not what the schema says. */
bool config_read(config_t *config, text_t json);
