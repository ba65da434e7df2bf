"""Time against size as small panels of lines, both scales logarithmic: SVG, without a library."""

import html
import math

WIDTH, HEIGHT, LEFT, TOP, COLUMNS = 300, 220, 46, 30, 3
INNER_W, INNER_H = WIDTH - LEFT - 16, HEIGHT - TOP - 34
# Microseconds at the bottom and at the top.
LOW, HIGH = 10.0, 1_000_000.0
STYLE = """
  text { font: 11px system-ui, sans-serif; fill: #333 } .title { font-weight: 600; font-size: 12px }
  .frame { fill: none; stroke: #999 } .grid { stroke: #e4e4e4 } .linear { stroke: #999; stroke-dasharray: 2 3 }
  polyline { fill: none; stroke: #9bb; stroke-width: 1 } .chat { stroke: #114; stroke-width: 2.5 } .worst { stroke: #c30; stroke-width: 1.5 }
  .worst-name { fill: #c30 }
"""


def svg(panels):
    rows = math.ceil(len(panels) / COLUMNS)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * COLUMNS} {HEIGHT * rows}" role="img" '
        'aria-label="Time of a call against the size of its text, for each policy and shape of text">',
        f"<style>{STYLE}</style>",
        f'<rect width="{WIDTH * COLUMNS}" height="{HEIGHT * rows}" fill="#fff"/>',
    ]
    for at, (title, lines) in enumerate(panels.items()):
        x, y = at % COLUMNS * WIDTH, at // COLUMNS * HEIGHT
        out += [f'<g transform="translate({x} {y})">', *panel(title, lines), "</g>"]
    return "\n".join(out + ["</svg>"]) + "\n"


def panel(title, lines):
    sizes = sorted({size for line in lines.values() for size, _ in line})
    first, last = sizes[0], sizes[-1]

    def x(size):
        return LEFT + (math.log(size) - math.log(first)) / (math.log(last) - math.log(first)) * INNER_W

    def y(us):
        share = (math.log(max(us, LOW)) - math.log(LOW)) / (math.log(HIGH) - math.log(LOW))
        return TOP + INNER_H - min(share, 1.0) * INNER_H

    yield f'<text class="title" x="{LEFT}" y="18">{html.escape(title)}</text>'
    for us, name in ((10, "10 µs"), (100, "100 µs"), (1e3, "1 ms"), (1e4, "10 ms"), (1e5, "100 ms"), (1e6, "1 s")):
        yield f'<line class="grid" x1="{LEFT}" x2="{LEFT + INNER_W}" y1="{y(us):.1f}" y2="{y(us):.1f}"/>'
        yield f'<text x="{LEFT - 4}" y="{y(us) + 4:.1f}" text-anchor="end" font-size="9">{name}</text>'
    for size in sizes:
        name = f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
        yield f'<text x="{x(size):.1f}" y="{TOP + INNER_H + 16}" text-anchor="middle">{name}</text>'
    yield f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{INNER_W}" height="{INNER_H}"/>'
    chat = dict(lines.get("chat", []))
    if first in chat:
        start = chat[first]
        yield f'<line class="linear" x1="{x(first):.1f}" y1="{y(start):.1f}" x2="{x(last):.1f}" y2="{y(start * last / first):.1f}"/>'
    worst = max(lines, key=lambda name: dict(lines[name])[last])
    for name, line in sorted(lines.items(), key=lambda item: (item[0] == "chat", item[0] == worst)):
        points = " ".join(f"{x(size):.1f},{y(us):.1f}" for size, us in sorted(line))
        kind = "worst" if name == worst else "chat" if name == "chat" else ""
        yield f'<polyline class="{kind}" points="{points}"><title>{html.escape(name)}</title></polyline>'
    top = y(dict(lines[worst])[last])
    yield f'<text class="worst-name" x="{LEFT + INNER_W - 4}" y="{max(top - 6, TOP + 12):.1f}" text-anchor="end">{html.escape(worst)}</text>'
