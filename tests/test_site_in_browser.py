"""The pages of `make site` in a real browser, opened from the disk, in light and dark."""

import re

import pytest
from browser import LIMIT, Axe, browser, expect, screenshot, window
from test_site import PAGES, SITE, why_not_built

pytestmark = LIMIT
THEMES = ["light", "dark"]
RULES = [  # of axe, which names each in what it reports
    "color-contrast", "image-alt", "svg-img-alt", "heading-order", "page-has-heading-one", "label",
    "link-name", "button-name", "document-title", "html-has-lang", "valid-lang", "bypass",
    "duplicate-id-aria", "aria-valid-attr", "aria-valid-attr-value", "aria-hidden-focus",
]  # fmt: skip
# Coloured code is thousands of words of a few kinds, and axe takes its time for each word.
ONE_OF_EACH_KIND = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll("pre span:not(:has(*))")) {
    const { color, backgroundColor, fontSize, fontWeight } = getComputedStyle(word);
    const behind = getComputedStyle(word.closest("pre")).backgroundColor;
    const kind = [color, backgroundColor, fontSize, fontWeight, behind].join();
    if (seen.has(kind)) word.remove();
    seen.add(kind);
  }
}"""


@pytest.fixture(scope="module")
def chromium():
    if why := why_not_built():
        pytest.skip(why)
    with browser() as found:
        yield found


@pytest.fixture(scope="module", params=THEMES)
def page(chromium, request):
    """A window whose user wants light or dark pages, and what the pages complain of."""
    with window(chromium, color_scheme=request.param) as page:
        page.complaints = []
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("requestfailed", lambda request: page.complaints.append(request.url))
        page.on(
            "console",
            lambda said: page.complaints.append(said.text) if said.type == "error" else None,
        )
        yield page


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_a_page_is_whole_and_for_everyone(page, path):
    """No error; diagrams and pictures are drawn; what axe finds is nothing."""
    page.complaints.clear()
    page.goto((SITE / path).as_uri())
    for diagram in page.locator("pre.mermaid").all():
        expect(diagram.locator("svg")).to_be_visible()
    broken = page.locator("img").evaluate_all(
        "all => all.filter(image => image.complete && !image.naturalWidth).map(image => image.src)"
    )
    assert broken == []
    assert page.complaints == []
    page.evaluate(ONE_OF_EACH_KIND)
    found = Axe().run(page, options={"resultTypes": ["violations"], "runOnly": RULES})
    assert found.violations_count == 0, found.generate_report()


def test_the_search_finds_a_term_and_leads_to_it(page):
    page.goto((SITE / "search.html").as_uri() + "?q=temperature")
    found = page.locator("#search-results a")
    expect(page.get_by_text("Search finished")).to_be_visible()  # until then, results move
    expect(found.filter(has_text="04 · Sampling").first).to_be_visible()
    screenshot(page, "site-search")
    found.filter(has_text="04 · Sampling").first.click()
    expect(page.get_by_role("heading", name=re.compile("04 · Sampling"))).to_be_visible()


@pytest.mark.parametrize("width", [1280, 768])
@pytest.mark.parametrize("path", ["index.html", "notebooks/04_sampling.html"])
def test_a_page_fits_the_window(page, path, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((SITE / path).as_uri())
    screenshot(page, f"site-{path.replace('/', '-')}-{width}")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1280, "height": 900})


def test_code_can_be_copied_and_outputs_cannot(page):
    page.goto((SITE / "notebooks/04_sampling.html").as_uri())
    assert page.locator(".cell_input .copybtn").count() > 10
    expect(page.locator(".cell_output .copybtn")).to_have_count(0)
