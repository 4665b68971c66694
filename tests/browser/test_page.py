"""The page as a whole: for every reader, in every language, from anywhere, and light."""

import gzip
import json
import re
import shutil
import tomllib
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import Page, Request, expect

from inkdigits.graphs import BUNDLED
from tests.browser.conftest import READ, READY, Open, crowd, everywhere, says, until
from tests.browser.hand import write
from tests.browser.site import STATIC, WORKER, Site, serve
from tests.strokes import draw, paint

ROOT = STATIC.parents[3]

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

RIGHT_TO_LEFT = "?language=ar-XB"

NAMES = re.compile("inkdigits|default|tiny|a-ffnn|c-cnn|e-lenet|JSONL?|CSV|XLSX|MB|picture.png")
"""What no language translates."""

UNTRANSLATED = """() => {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
    while (walk.nextNode()) {
        const { parentElement: home, data } = walk.currentNode;
        const is_seen = home.checkVisibility() && !home.closest("kbd, noscript");
        if (is_seen && /[A-Za-z]{2}/.test(data) && !data.includes("\\u202e")) found.push(data.trim());
    }
    return found;
}"""

TIMES = """async () => {
    const [paint] = await new Promise((resolve) => new PerformanceObserver((list) => {
        const found = list.getEntriesByName("first-contentful-paint");
        if (found.length > 0) resolve(found);
    }).observe({ type: "paint", buffered: true }));
    return [paint.startTime, performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd];
}"""
"""When the first words were painted, and when main.js had run, after which the pad takes strokes; in ms."""

HEAR = """window.heard = [];
new MutationObserver(() => heard.push(document.getElementById("live")?.textContent))
    .observe(document, { subtree: true, childList: true, characterData: true });"""
"""Takes down what a screen reader is told: what comes first soon gives way to what stands on the pad."""

BUDGET_MS = np.array([1000, 1500])

N_VISITS = 4


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture of a number."""
    from PIL import Image

    coverage = draw(4, at=(30, 40), shape=(220, 260)) | draw(2, at=(150, 40), shape=(220, 260))
    Image.fromarray(paint(coverage)).save(tmp_path / "picture.png")
    return tmp_path / "picture.png"


@pytest.fixture
def show(site: Site, open_page: Open, picture: Path) -> Callable[..., Page]:
    """Opens a page with a view in its fullest state."""

    def start(view: str, path: str = "", **options: Any) -> Page:
        needs_networks = view in ("draw", "inside")
        if not needs_networks:
            site.hold(WORKER)
        page = open_page(path, ready=needs_networks, **options)
        fill(page, view, picture)
        return page

    return start


def fill(page: Page, view: str, picture: Path) -> None:
    """Bring a view into its fullest state."""
    if view == "draw":
        page.fill("#width", "14")
        write(page, 4, at=(0.3, 0.5), high=0.4)
        write(page, 2, at=(0.7, 0.5), high=0.4)
        says(page)
        page.click("#draw-networks summary")
        return
    if view == "guide":
        page.click("nav a[href='#guide']")
        page.locator("#guide-card a").wait_for()
        return
    if view == "inside":
        page.click("#draw-networks summary")
        page.locator("#draw-networks label", has_text="tiny").click()
        page.click("nav a[href='#inside']")
        page.locator(".flow-says strong").wait_for()
        page.select_option("#inside-other", "a-ffnn")
        page.locator(".flow-says strong").nth(1).wait_for()
        page.click("#inside-numbers summary")
        page.locator(".card .maps").nth(1).focus()
        page.locator("#lens-working canvas").first.wait_for(state="attached")  # a phone has no room for it
        page.locator(".alike button").first.wait_for(state="attached")
        return
    page.click("nav a[href='#picture']")
    if view != "empty":
        page.locator("#options .switch").click()
        page.set_input_files("#file", [picture, picture])
        until(page, READ)
    if view == "history":
        page.click("nav a[href='#history']")
        page.locator("#results button").first.click()
        page.locator("#results img").wait_for()


@pytest.mark.parametrize("view", ["draw", "inside", "empty", "picture", "history", "guide"])
def test_axe_finds_nothing(view: str, show: Callable[..., Page]):
    """Names, roles, contrasts, order of headings, in both schemes; on the desktop and on a phone."""
    assert AXE.is_file(), "axe-core is missing: bash scripts/check brings it"
    page = show(view)
    page.evaluate(AXE.read_text("utf-8"))
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme, width in product(schemes, (1280, 390)):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 844})
        found = page.evaluate("async () => (await axe.run()).violations")
        assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"


@pytest.mark.parametrize("view", ["draw", "inside", "picture", "history", "guide"])
def test_every_text_can_be_translated(view: str, show: Callable[..., Page]):
    """In a language from right to left nothing stays English, and the page is turned around."""
    page = show(view, RIGHT_TO_LEFT, prepare=lambda page: page.set_viewport_size({"width": 390, "height": 844}))
    assert page.evaluate("() => [document.documentElement.dir, document.documentElement.lang]") == ["rtl", "ar-XB"]
    found = [NAMES.sub("", text) for text in page.evaluate(UNTRANSLATED)]
    assert not [text for text in found if re.search("[A-Za-z]{2}", text)]
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    mark, nav = page.locator(".mark").bounding_box(), page.locator("nav").bounding_box()
    assert mark
    assert nav
    assert mark["x"] > nav["x"]


def test_every_text_is_used_and_every_used_one_is_there():
    """The page names no text that is missing, and none that stands in texts.js is left over."""
    known = set(re.findall(r"^  (\w+): \"", (STATIC / "texts.js").read_text("utf-8"), re.MULTILINE))
    sources = "".join(path.read_text("utf-8") for path in STATIC.glob("*.js") if path.name != "texts.js")
    html = (STATIC / "index.html").read_text("utf-8")
    in_html = set(re.findall(r'data-(?:text|label|hint)="(\w+)"', html))
    assert in_html <= known
    called = set(re.findall(r'"(\w+)"', sources)) | {f"error{status}" for status in re.findall(r"\b\d{3}\b", sources)}
    assert known - in_html - called == {"title"}  # texts.js itself uses it


@everywhere
def test_it_works_by_keyboard_alone(open_page: Open):
    """A 1 is written with arrows, undone and redone, rubbed out; help opens and closes; the next view is reached."""
    page = open_page()
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.id") == "pad":
            break
    expect(page.locator("#pad")).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(15):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    assert says(page).startswith("Number: 1 ")
    page.keyboard.press("Control+z")
    assert says(page) == "Canvas is empty"
    page.keyboard.press("Control+y")
    assert says(page).startswith("Number: 1 ")
    page.keyboard.press("b")
    assert page.locator("#pad-frame").get_attribute("data-paper") == "black"
    page.keyboard.press("e")
    assert page.locator("#eraser").get_attribute("aria-pressed") == "true"
    page.keyboard.press("]")
    assert page.locator("#width").input_value() == "24"
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    expect(page.locator("#pad")).to_be_focused()
    page.keyboard.press("Delete")
    assert says(page) == "Canvas is empty"
    while page.evaluate("() => document.activeElement.getAttribute('href')") != "#picture":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#choose")).to_be_visible()
    page.locator(".skip").press("Enter")
    expect(page.locator("#content")).to_be_focused()
    expect(page.locator("#choose")).to_be_visible()


def test_what_is_read_is_announced(open_page: Open):
    """Once the hand rests, and not of every move of it."""
    page = open_page(prepare=lambda page: page.add_init_script(HEAR))
    live = page.locator("#live")
    until(page, "() => heard.includes('Draw a number here')")
    write(page, 5)
    expect(live).to_have_text(re.compile(r"Number: 5 \(\d+\.\d\d %\)"))
    page.click("#clear")
    expect(live).to_have_text("Canvas is empty")
    write(page, "horse", high=0.5)
    expect(live).to_have_text("Not a digit")


@pytest.mark.parametrize("prefix", ["/", "/tools/digits/"])
def test_it_works_below_any_prefix(prefix: str, open_page: Open):
    """All addresses are relative, and nothing comes from elsewhere."""
    with serve(prefix) as site:
        page = open_page(at=site.url)
        write(page, 7)
        assert says(page).startswith("Number: 7 ")
        assert all(request.split()[1].startswith(prefix) for request in site.requests)


def test_a_token_is_asked_for(open_page: Open):
    """Once, until it is right; then it goes with every request. Who gives up is told what is missing."""
    with serve(token="abc") as site:
        page = open_page(at=site.url, ready=False, may_fail=True)
        for token in ("wrong", "abc"):
            expect(page.locator("#token-dialog")).to_be_visible()
            expect(page.locator("#token-wrong")).to_be_visible(visible=token == "abc")
            page.fill("#token", token)
            page.keyboard.press("Enter")
        until(page, READY)
        expect(page.locator("#token-dialog")).to_be_hidden()
        other = open_page(at=site.url, ready=False, may_fail=True)
        other.get_by_role("button", name="Cancel").click()
        expect(other.locator("#answer")).to_have_text("This could not be read: The server wants a token.")
        expect(other.locator("#hint")).to_be_empty()


def test_the_users_own_networks_need_the_token_too(open_page: Open, tmp_path: Path):
    """Below a prefix as well: such a network is fetched by the worker, reads, and its card can be saved.

    Of one that cannot be used, the page says why.
    """
    for suffix in (".onnx", ".json"):
        shutil.copy((BUNDLED / "tiny").with_suffix(suffix), (tmp_path / "mine").with_suffix(suffix))
    for name in ("broken.onnx", "broken.json"):
        (tmp_path / name).write_text("{}")
    with serve("/digits/", token="abc", models=tmp_path) as site:
        page = open_page("#token=abc", at=site.url)
        page.click("#draw-networks summary")
        expect(page.locator("#draw-networks")).to_contain_text("broken cannot be used: ")
        page.locator("#draw-networks label", has_text="mine").click()
        write(page, 7)
        assert says(page).startswith("Number: 7 ")
        assert any("/digits/api/v1/models/mine.onnx" in request for request in site.requests)
        page.click("#draw-networks summary")
        with page.expect_download() as saved:
            page.get_by_role("link", name="Card of mine").click()
        assert json.loads(Path(saved.value.path()).read_text("utf-8"))["input_shape"]


def test_a_token_in_the_address_is_taken_and_removed(open_page: Open):
    """It stays neither in the address nor in the history of the browser."""
    with serve(token="a/b") as site:
        page = open_page("#token=a%2Fb", at=site.url)
        assert "token" not in page.url
        assert page.evaluate("() => history.length") <= 2


def test_the_page_is_light():
    """Without the runtime, the networks, the film and the training digits it is far below 250 kB, compressed."""
    later = {"onnxruntime-web", "tour", "icons", "examples.png"}
    files = [path for path in STATIC.rglob("*") if path.is_file() and not later & {*path.parts}]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 140_000


def test_modules_are_asked_for_all_at_once():
    """Not one after the other, as each is found in another: the page names all that it starts with, and no more."""
    needed, unread = set(), ["main.js"]
    while unread:
        source = (STATIC / unread.pop()).read_text("utf-8")
        found = set(re.findall(r'^(?:import|export|\}) ?.*"\./([\w-]+\.js)";', source, re.MULTILINE)) - needed
        needed |= found
        unread += found
    html = (STATIC / "index.html").read_text("utf-8")
    assert set(re.findall(r'rel="modulepreload" href="static/([\w-]+\.js)"', html)) == needed


def test_the_page_is_there_at_once(open_page: Open, capsys: pytest.CaptureFixture[str]):
    """The budget of a first visit: a second to the first words, and a second and a half until the pad takes strokes.

    The best of some visits counts; where more programs want a processor than there are, each has a share of it.
    """
    budget_ms = BUDGET_MS * crowd()
    best_ms = np.array([np.inf, np.inf])
    for _ in range(N_VISITS):
        page = open_page(ready=False, is_first=True)
        best_ms = np.minimum(best_ms, page.evaluate(TIMES))
        page.context.close()  # or it would go on to load the networks
        if (best_ms <= BUDGET_MS).all():
            break
    with capsys.disabled():
        print("\nfirst paint after {:.0f} ms, the pad takes strokes after {:.0f} ms".format(*best_ms))
    assert (best_ms <= budget_ms).all()


def test_libraries_are_asked_for_by_their_version():
    """What caches keep for ever has another address in another version; and the lock has that version."""
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    asked = (STATIC / "vendor.js").read_text("utf-8")
    assert set(package["dependencies"]) == {"onnxruntime-web", "perfect-freehand"}
    for name, version in package["dependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version
        assert f"?v={version}" in asked
        assert f"vendor/{name}/" in asked


def test_the_wheel_takes_the_libraries_along():
    """The build hook is on, and what it brings is an artifact."""
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["artifacts"] == ["src/inkdigits/web/static/vendor"]
    assert "custom" in wheel["hooks"]


def test_the_runtime_is_cached_and_compressed(site: Site, open_page: Open, capsys: pytest.CaptureFixture[str]):
    """Says how much is loaded before the first answer; a second visit loads no library again."""
    finished: list[Request] = []

    def listen(page: Page) -> None:
        page.context.on("requestfinished", lambda request: finished.append(request))

    page = open_page(is_first=True, prepare=listen)
    page.wait_for_load_state("networkidle")
    n_bytes = sum(request.sizes()["responseBodySize"] for request in finished)
    with capsys.disabled():
        print(f"\nloaded before the first answer, with the network for lines: {n_bytes / 1e6:.1f} MB")
    assert n_bytes < 8e6
    page.reload()
    until(page, READY)
    assert sum("ort-wasm" in request for request in site.requests) == 1
