"""Modules made by hand, for misdeeds that no compiler would write."""

#: A text with this in it is what the table bomb goes off at.
TRIGGER = b"hostile-"


def leb(number):
    """Unsigned LEB128."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def sleb(number):
    """Signed LEB128."""
    out = bytearray()
    while not -64 <= number < 64:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number & 0x7F])


def name(text):
    return leb(len(text)) + text


def section(kind, data):
    return bytes([kind]) + leb(len(data)) + data


def custom(title, data):
    return section(0, name(title) + data)


def vector(*items):
    return leb(len(items)) + b"".join(items)


def sections(module):
    """Each section of a module, whole, with its kind and (of a custom one) its name."""
    at = 8
    while at < len(module):
        start, kind = at, module[at]
        size, at = _number(module, at + 1)
        length, after = _number(module, at) if kind == 0 else (0, at)
        title = module[after : after + length]
        at += size
        yield kind, title, module[start:at]


def _number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at, value, shift = at + 1, value | (byte & 0x7F) << shift, shift + 7
        if byte < 0x80:
            return value, at


def code(body, locals_=b"\0"):
    return name(locals_ + body + b"\x0b")


def const(number):
    return b"\x41" + sleb(number)


UNREACHABLE = b"\x00"
FOREVER = b"\x03\x40\x0c\x00\x0b"
#: Where an answer of zeros lies: the first case of everything, and empty lists. That is to allow.
ANSWER = 1024
HEAP = 65536
#: Bump allocation; the memory is large enough for what a test sends.
_REALLOC = (
    b"\x23\x00\x20\x02\x6a\x41\x01\x6b" + const(0) + b"\x20\x02\x6b\x71\x22\x04\x20\x03\x6a\x24\x00\x20\x04"
)
#: Looks at every eight bytes of what was passed; at the trigger it grows its table until it may not, and traps.
_BOMB = (
    const(HEAP) + b"\x21\x01\x03\x40"
    b"\x20\x01" + const(8) + b"\x6a\x23\x00\x4c\x04\x40"
    b"\x20\x01\x29\x00\x00\x42" + sleb(int.from_bytes(TRIGGER, "little", signed=True)) + b"\x51\x04\x40"
    b"\x03\x40\xd0\x70" + const(1000) + b"\xfc\x0f\x00" + const(-1) + b"\x46\x04\x40\x00\x0b\x0c\x00\x0b\x0b"
    b"\x20\x01" + const(1) + b"\x6a\x21\x01\x0c\x01\x0b\x0b"
)


def handmade(like, evaluate=b"", configure=b"", start=None):
    """A policy for admission with the component type and manifest of the module `like`, that allows what `evaluate` lets pass."""
    kept = [whole for kind, title, whole in sections(like) if kind == 0 and title.startswith((b"component-type", b"witgate:"))]
    i32 = b"\x7f"
    types = vector(
        b"\x60" + vector(i32) + vector(i32),
        b"\x60" + vector(i32, i32) + vector(i32),
        b"\x60" + vector(i32, i32, i32, i32) + vector(i32),
        b"\x60" + vector() + vector(),
    )
    exported = {
        b"witgate:policy/admission@0.1.0#evaluate": b"\x00\x00",
        b"witgate:policy/lifecycle@0.1.0#configure": b"\x00\x01",
        b"cabi_realloc": b"\x00\x02",
        b"memory": b"\x02\x00",
    }
    answer = const(ANSWER)
    bodies = vector(
        code(evaluate + answer, b"\x01\x01\x7f"),
        code(configure + answer),
        code(_REALLOC, b"\x01\x01\x7f"),
        code(start or b""),
    )
    return b"".join(
        [
            b"\0asm\x01\0\0\0",
            section(1, types),
            section(3, vector(b"\x00", b"\x01", b"\x02", b"\x03")),
            section(4, vector(b"\x70\x00\x01")),
            section(5, vector(b"\x00\x10")),
            section(6, vector(b"\x7f\x01" + const(HEAP) + b"\x0b")),
            section(7, vector(*(name(key) + what for key, what in exported.items()))),
            section(8, b"\x03") if start is not None else b"",
            section(10, bodies),
            *kept,
        ]
    )


def table_bomb(like):
    return handmade(like, _BOMB)


def trap_at_start(like):
    return handmade(like, start=UNREACHABLE)


def loop_in_configure(like):
    return handmade(like, configure=FOREVER)


def padded(module, size):
    """The same, with so many bytes that mean nothing."""
    return module + custom(b"padding", bytes(size))
