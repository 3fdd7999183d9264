"""Growth curves as an SVG of their own, readable on light and on dark ground, without a library."""

from collections.abc import Iterator
from math import log10
from typing import Any
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 900, 460
LEFT, RIGHT, TOP, BOTTOM = 66, 236, 64, 58
LABEL_STEP = 17
ORDERS = ("newest", "voted", "discussed", "random")
STYLE = """
svg { color-scheme: light dark; font: 13px/1.4 system-ui, "Noto Sans", sans-serif; }
.ground { fill: #ffffff; } .ink { fill: #1b1f24; } .soft { fill: #57606a; } .grid { stroke: #d8dee4; }
.axis { stroke: #57606a; } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; }
.far { stroke-dasharray: 6 4; } .title { font-size: 16px; font-weight: 600; }
.newest { stroke: #1f5fbf; fill: #1f5fbf; } .voted { stroke: #b3470f; fill: #b3470f; }
.discussed { stroke: #1b7a4b; fill: #1b7a4b; } .random { stroke: #8a3ca8; fill: #8a3ca8; }
svg text[class] { stroke: none; } .line.newest, .line.voted, .line.discussed, .line.random { fill: none; }
@media (prefers-color-scheme: dark) {
  .ground { fill: #12161c; } .ink { fill: #e8ecf1; } .soft { fill: #a4adb8; } .grid { stroke: #2c333c; }
  .axis { stroke: #a4adb8; } .newest { stroke: #7ab2ff; fill: #7ab2ff; } .voted { stroke: #ffa36b; fill: #ffa36b; }
  .discussed { stroke: #6fd39b; fill: #6fd39b; } .random { stroke: #d69bf0; fill: #d69bf0; }
  svg text[class] { stroke: none; } .line.newest, .line.voted, .line.discussed, .line.random { fill: none; }
}
"""


def plot(points: list[dict[str, Any]], caption: str) -> str:
    """Milliseconds over the number of debates: a solid line for the first page, a dashed one for the far page."""
    sizes = sorted({point["debates"] for point in points})
    highest = max(point["milliseconds"] for point in points)
    step, top = ticks(highest)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        '<title id="t">Time of one list page over the size of the town</title>',
        f'<desc id="d">{escape(_described(points))}</desc>',
        f"<style>{STYLE}</style>",
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="ink title" x="{LEFT}" y="24">One page of the list of debates, by the size of the town</text>',
        f'<text class="soft" x="{LEFT}" y="44">{escape(caption)}</text>',
        *_axes(sizes, step, top),
        *_explained(points),
        *_lines(points, sizes, top),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def ticks(highest: float) -> tuple[float, float]:
    """A round distance between lines of the grid, and the top: four to eight lines, all points below the top."""
    step = 1.0
    while highest / step > 8:
        step *= 2.5 if str(step)[0] == "2" else 2
    while highest / step <= 3:
        step /= 2
    count = int(highest / step) + 1
    return step, step * count


def _axes(sizes: list[int], step: float, top: float) -> Iterator[str]:
    floor = HEIGHT - BOTTOM
    for line in range(round(top / step) + 1):
        y = _y(line * step, top)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="soft" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{line * step:g}</text>'
    for size in sizes:
        x = _x(size, sizes)
        yield f'<line class="axis" x1="{x:.1f}" x2="{x:.1f}" y1="{floor}" y2="{floor + 5}"/>'
        yield f'<text class="soft" x="{x:.1f}" y="{floor + 20}" text-anchor="middle">{size:,}</text>'
    yield f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{floor}" y2="{floor}"/>'
    middle = (LEFT + WIDTH - RIGHT) / 2
    yield f'<text class="ink" x="{middle}" y="{HEIGHT - 14}" text-anchor="middle">debates in the town</text>'
    upright = f'transform="rotate(-90 16 {(TOP + floor) / 2})"'
    yield f'<text class="ink" x="16" y="{(TOP + floor) / 2}" text-anchor="middle" {upright}>milliseconds per request</text>'


def _explained(points: list[dict[str, Any]]) -> Iterator[str]:
    pages = max(point["page"] for point in points)
    said = f"Dashed: page {pages:,}, or the last page of a smaller town"
    yield f'<text class="soft" x="{WIDTH - RIGHT}" y="{HEIGHT - 14}" text-anchor="middle">{said}</text>'


def _lines(points: list[dict[str, Any]], sizes: list[int], top: float) -> Iterator[str]:
    ends: list[tuple[float, str, str]] = []
    for order in ORDERS:
        for far in (False, True):
            own = sorted((p["debates"], p["milliseconds"]) for p in points if p["order"] == order and _is_far(p) == far)
            if not own:
                continue
            at = [(_x(size, sizes), _y(value, top)) for size, value in own]
            path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
            yield f'<polyline class="line {order}{" far" if far else ""}" points="{path}"/>'
            yield from (f'<circle class="{order}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in at)
            pages = max(p["page"] for p in points)
            ends.append((at[-1][1], order, f"{order}, page {f'{pages:,}' if far else 1} · {own[-1][1]:.1f} ms"))
    yield from _labels(ends)


def _labels(ends: list[tuple[float, str, str]]) -> Iterator[str]:
    """Beside the end of each line, moved apart where they would cover each other."""
    ordered = sorted(ends)
    places: list[float] = []
    for y, _order, _label in ordered:
        places.append(max(y, places[-1] + LABEL_STEP) if places else y)
    lowest = HEIGHT - BOTTOM + 6
    for place in reversed(range(len(places))):
        below = places[place + 1] - LABEL_STEP if place + 1 < len(places) else lowest
        places[place] = min(places[place], below)
    for (_wanted, order, label), y in zip(ordered, places, strict=True):
        yield f'<text class="{order}" x="{WIDTH - RIGHT + 10}" y="{y + 4:.1f}">{escape(label)}</text>'


def _is_far(point: dict[str, Any]) -> bool:
    return int(point["page"]) > 1


def _described(points: list[dict[str, Any]]) -> str:
    return "; ".join(
        f"{p['debates']} debates, {p['order']}, page {p['page']}: {p['milliseconds']:.1f} ms" for p in points
    )


def _x(size: int, sizes: list[int]) -> float:
    least, most = log10(sizes[0]), log10(sizes[-1])
    share = (log10(size) - least) / (most - least) if most > least else 0.5
    return LEFT + share * (WIDTH - RIGHT - LEFT)


def _y(value: float, top: float) -> float:
    return TOP + (1 - value / top) * (HEIGHT - BOTTOM - TOP)
