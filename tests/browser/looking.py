"""Looking at a page as people with different eyes and hands meet it. Each look returns what is wrong."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TARGET = 24  # CSS pixels, WCAG 2.5.8
NARROW = {"width": 320, "height": 700}
DESK = {"width": 1280, "height": 900}

RUN_AXE = """async (tags) => {
  const { violations } = await axe.run(document, { runOnly: tags, resultTypes: ["violations"], preload: false });
  return violations.flatMap(({ id, help, nodes }) => nodes.slice(0, 3).map(({ html, failureSummary }) =>
    `${id}: ${help}: ${html.slice(0, 200)} ${failureSummary}`));
}"""

SIDEWAYS = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > width + 1);
  return [`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`,
    ...wide.slice(0, 5).map((e) => `${e.tagName}.${e.className} reaches to ${e.getBoundingClientRect().right}`)];
}"""

SMALL_TARGETS = """(least) => [...document.querySelectorAll("button, summary, select, input:not([type=hidden], [type=radio], [type=checkbox]), a.ds-button")]
  .map((e) => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.width && box.height && Math.min(box.width, box.height) < least)
  .filter(([e]) => !e.closest(".ds-sr-only"))
  .map(([e, box]) => `${e.outerHTML.slice(0, 120)} is ${box.width} x ${box.height}`)"""

MOVING = """() => document.getAnimations().filter((a) => a.playState === "running" && a.effect.getTiming().duration > 1)
  .map((a) => `${a.effect.target.outerHTML.slice(0, 120)} moves`)"""


def faults(page: Page) -> list[str]:
    """Every look at once: bright at a desk, dark on the narrowest phone."""
    page.set_viewport_size(DESK)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.evaluate(AXE)
    found = axe(page)
    page.set_viewport_size(NARROW)
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return found + [f"dark and narrow: {fault}" for fault in [*axe(page), *narrow(page)]]


def axe(page: Page) -> list[str]:
    found: list[str] = page.evaluate(RUN_AXE, TAGS)
    return found


def narrow(page: Page) -> list[str]:
    return [*page.evaluate(SIDEWAYS), *page.evaluate(SMALL_TARGETS, TARGET), *page.evaluate(MOVING)]
