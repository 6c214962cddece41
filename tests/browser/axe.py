"""axe-core in an open page: what an accessibility audit would say."""

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
ASK = """async () => {
  const runOnly = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await axe.run(document, { runOnly });
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}"""
SIDEWAYS = "() => document.documentElement.scrollWidth - window.innerWidth"


def findings(page: Page) -> list[str]:
    """Every violation of WCAG 2.2 AA and of axe's own best practice; empty when there is none."""
    # Evaluated, not added as a tag: the Content-Security-Policy stays as it is.
    page.evaluate(AXE.read_text())
    return list(page.evaluate(ASK))


def sideways(page: Page) -> int:
    """Pixels the page can be pushed sideways; 0 or less is right."""
    return int(page.evaluate(SIDEWAYS))
