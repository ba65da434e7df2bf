"""Texts that a scanner may be slow on, of any length; and what people write, to compare with."""

import base64

CHAT = (
    "Thanks for the notes from Tuesday. I read them on the train and mostly agree, though the second chapter could use a "
    "shorter introduction, and I would like to see the numbers for the northern region before we publish anything. Could "
    "you ask Maria whether the harbour office has sent the forms yet? We talked about it last week, but nobody wrote it "
    "down. My sister is visiting in October, so the flat will be crowded; if the weather holds we want to walk along the "
    "old railway and have lunch by the lake. Is 14:30 on the 12th fine, or item #5 of 2,400 first?\n"
)


def base64_of(text, times):
    for _ in range(times):
        text = base64.b64encode(text.encode()).decode()
    return text


def repeated(unit):
    return lambda size: (unit * (size // len(unit.encode()) + 1)).encode()[:size].decode(errors="ignore")


def nested(size):
    """As many rounds of base64 as a reader takes off, of a text that has the size in the end."""
    return base64_of(repeated(CHAT)(size * 27 // 64), 3)


def digits(size):
    """Digits without a period that a scanner could make use of."""
    out, state = [], 12345
    for _ in range(size):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(chr(48 + (state >> 16) % 10))
    return "".join(out)


SHAPES = {
    "chat": repeated(CHAT),
    "one line of letters": repeated("a"),
    "digits": digits,
    "groups of digits": repeated("4111 1111 1111 1112 "),
    "spaces": repeated(" "),
    "brackets": repeated("([{<"),
    "quotes": repeated("'\"`"),
    "at signs": repeated("a@a."),
    "names and values": repeated("key='a=b';"),
    "percent encoding": repeated("%2527%41"),
    "hexadecimal": repeated("4e6f7a"),
    "base64, three times": nested,
    "escapes": repeated("\\u0061&#65;"),
    "combining marks": repeated("e\u0301\u200b"),
    "look-alikes": repeated("\u0440\u0430ss\u0455 "),
    "spaced letters": repeated("i g n 0 r 3 "),
    "substitutions": repeated("$(`"),
    "steps of a path": repeated("../"),
    "markings": repeated("(S//SI "),
    "words of many rules": repeated("ignore all your previous rules or "),
}
