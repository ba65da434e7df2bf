/* The little of a C library that a policy needs: compiled without one, it imports nothing but what wit/project.wit says. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Blocks are of a power of two, and go back to the list of their size. An instance lives for one exchange, so that is enough. */
typedef struct block {
  size_t order;
  struct block *next; /* while it is free; else the memory begins behind it */
} block_t;

#define PAGE 65536u
#define ALIGN 16u
#define SMALLEST 5u
#define LARGEST 31u

extern uint8_t __heap_base;
static block_t *free_blocks[LARGEST + 1];
static uintptr_t top;

static size_t order_of(size_t size) {
  size_t order = SMALLEST;
  while (order < LARGEST && ((size_t)1 << order) < size) order++;
  return order;
}

void *malloc(size_t size) {
  if (size > ((size_t)1 << (LARGEST - 1))) return NULL;
  size_t order = order_of(size + ALIGN);
  block_t *block = free_blocks[order];
  if (block != NULL) {
    free_blocks[order] = block->next;
    return (uint8_t *)block + ALIGN;
  }
  if (top == 0) top = ((uintptr_t)&__heap_base + ALIGN - 1) & ~(uintptr_t)(ALIGN - 1);
  uintptr_t end = top + ((uintptr_t)1 << order);
  uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
  if (end < top) return NULL;
  if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1) return NULL;
  block = (block_t *)top;
  block->order = order;
  top = end;
  return (uint8_t *)block + ALIGN;
}

void free(void *memory) {
  if (memory == NULL) return;
  block_t *block = (block_t *)((uint8_t *)memory - ALIGN);
  block->next = free_blocks[block->order];
  free_blocks[block->order] = block;
}

void *calloc(size_t count, size_t size) {
  if (size != 0 && count > SIZE_MAX / size) return NULL;
  void *memory = malloc(count * size);
  return memory == NULL ? NULL : memset(memory, 0, count * size);
}

void *realloc(void *old, size_t size) {
  if (old == NULL) return malloc(size);
  size_t room = ((size_t)1 << ((block_t *)((uint8_t *)old - ALIGN))->order) - ALIGN;
  if (size <= room) return old;
  void *memory = malloc(size);
  if (memory == NULL) return NULL;
  memcpy(memory, old, room);
  free(old);
  return memory;
}

_Noreturn void abort(void) { __builtin_trap(); }

void *memcpy(void *to, const void *from, size_t size) {
  uint8_t *out = to;
  const uint8_t *in = from;
  while (size-- > 0) *out++ = *in++;
  return to;
}

void *memmove(void *to, const void *from, size_t size) {
  uint8_t *out = to;
  const uint8_t *in = from;
  if (out <= in) return memcpy(to, from, size);
  while (size-- > 0) out[size] = in[size];
  return to;
}

void *memset(void *to, int byte, size_t size) {
  uint8_t *out = to;
  while (size-- > 0) *out++ = (uint8_t)byte;
  return to;
}

int memcmp(const void *a, const void *b, size_t size) {
  const uint8_t *left = a, *right = b;
  for (; size > 0; size--, left++, right++)
    if (*left != *right) return *left < *right ? -1 : 1;
  return 0;
}

size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length] != 0) length++;
  return length;
}
