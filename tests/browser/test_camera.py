"""The camera: a film of written digits stands in for it, or a canvas that the test draws on."""

import base64
import io
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from inkdigits.web.networks import BUNDLED_FILES
from tests.browser.conftest import Open, new_context, until
from tests.browser.site import Site
from tests.browser.test_page import AXE, RIGHT_TO_LEFT, UNTRANSLATED
from tests.papers import SHEET, Array, photograph, ruled
from tests.strokes import STYLES, draw

NUMBER = "407"
"""What stands on the paper of the film."""

FPS, N_FRAMES = 10, 20

STATE = "async () => (await import('./static/main.js')).camera.n_read"

LATER = """() => new Promise((resolve) => {
    const video = document.querySelector("#camera-video");
    let n = 0;
    const count = () => (++n > 5 ? resolve() : video.requestVideoFrameCallback(count));
    count();
})"""
"""Waits for five more frames of the film."""

COUNT = """async () => {
    const { engine } = (await import("./static/main.js")).draw, read = engine.readPhoto.bind(engine);
    let n = 0;
    window.most = 0;
    engine.readPhoto = (...given) => {
        window.most = Math.max(window.most, ++n);
        return read(...given).finally(() => n--);
    };
}"""
"""Counts how many frames are read at once."""

SETTLED = "async () => !(await import('./static/main.js')).camera.is_busy"

SHOW = """async (pictures) => {
    const canvas = document.createElement("canvas"), sheet = canvas.getContext("2d");
    const images = {};
    for (const [name, url] of Object.entries(pictures)) {
        images[name] = new Image();
        images[name].src = url;
        await images[name].decode();
    }
    [canvas.width, canvas.height] = [640, 480];
    let shown = "";
    setInterval(() => (images[shown] ? sheet.drawImage(images[shown], 0, 0) : sheet.fillRect(0, 0, 640, 480)), 40);
    window.show = (name) => void (shown = name);
    window.asked = [];
    navigator.mediaDevices.getUserMedia = async ({ video }) => {
        asked.push(video.deviceId?.exact ?? video.facingMode.ideal);
        return (window.stream = canvas.captureStream(25));
    };
    const cameras = ["front", "back"].map((deviceId) => ({ kind: "videoinput", deviceId }));
    navigator.mediaDevices.enumerateDevices = async () => [...cameras, { kind: "audioinput", deviceId: "ear" }];
}"""
"""Puts a canvas in the place of two cameras: `show` says what it sees, `asked` lists which of them was asked for."""

START = "async () => void (window.starting = (await import('./static/main.js')).camera.start())"

REFUSE = "(name) => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', name); }; }"

REASONS = {
    "NotReadableError": "another program uses it",
    "NotFoundError": "There is no camera",
    "OverconstrainedError": "There is no camera",
    "TypeError": "does not work",
}
"""What browsers call it, and what the page says."""

HIDE = """() => {
    Object.defineProperty(document, "hidden", { configurable: true, value: true });
    document.dispatchEvent(new Event("visibilitychange"));
    delete document.hidden;
}"""


def sheet_of(number: str, seed: int = 0, shift: tuple[int, int] = (0, 0)) -> Array:
    """Return a photo of a number on ruled paper, (480, 640, 3) uint8."""
    sheet = ruled()
    for at, digit in enumerate(number):
        place = (180 + 100 * at + shift[0], 180 + shift[1])
        coverage = draw(int(digit), style=list(STYLES)[at % 3], at=place, high_px=120, pen_px=9, shape=SHEET)
        sheet = np.where(coverage[..., None], (34, 38, 92), sheet).astype(np.uint8)
    return photograph(sheet, seed)


def write_film(path: Path) -> Path:
    """Write a film of the number, held in a hand that trembles, with the grain of a camera."""
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{SHEET[1]} H{SHEET[0]} F{FPS}:1 Ip A1:1 C420\n".encode())
        for n in range(N_FRAMES):
            turn = 2 * np.pi * n / N_FRAMES
            frame = sheet_of(NUMBER, seed=n, shift=(round(4 * np.sin(turn)), round(3 * np.cos(2 * turn))))
            file.write(b"FRAME\n" + cv2.cvtColor(frame, cv2.COLOR_RGB2YUV_I420).tobytes())
    return path


@pytest.fixture(scope="module", autouse=True)
def _filmed(film: Path) -> None:
    """Put the film where the camera looks for it."""
    write_film(film)


@pytest.fixture
def camera(open_page: Open) -> Page:
    """The view for the camera."""
    clipboard = ["clipboard-read", "clipboard-write"]
    return open_page("#camera", prepare=lambda page: page.context.grant_permissions(clipboard))


@pytest.fixture
def refusing(launch: Callable[..., Browser]) -> Iterator[BrowserContext]:
    """A browser whose user lets no page use the camera."""
    with launch("--use-fake-ui-for-media-stream=deny") as chromium:
        yield new_context(chromium)


def lock(page: Page) -> None:
    """Wait until what is read is steady."""
    expect(page.locator("#camera-mood")).to_have_text("Locked")


def read(page: Page) -> str:
    """Return what the page says it reads."""
    return page.locator("#camera-says strong").inner_text()


def to_url(picture: Array) -> str:
    """Return a picture as an address."""
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


def test_the_film_is_read_frozen_and_copied_by_keyboard(camera: Page, site: Site):
    """The recorded digits, locked; nothing is sent, and nothing is read while the picture stands still."""
    site.requests.clear()
    camera.evaluate(COUNT)
    camera.locator("#camera-on").press("Enter")
    lock(camera)
    assert read(camera) == NUMBER
    expect(camera.locator("#camera-live")).to_have_text(f"Locked: {NUMBER}")
    expect(camera.locator("#camera-freeze")).to_be_focused()
    camera.keyboard.press("Enter")
    expect(camera.locator("#camera-mood")).to_have_text("Frozen")
    expect(camera.locator("#camera-marks .digit")).to_have_count(len(NUMBER))
    expect(camera.locator("#camera-other")).to_be_hidden()
    until(camera, SETTLED)
    n_read = camera.evaluate(STATE)
    camera.locator("#camera-copy").press("Enter")
    expect(camera.locator("#camera-note")).to_have_text(f"Copied: {NUMBER}")
    assert camera.evaluate("() => navigator.clipboard.readText()") == NUMBER
    camera.evaluate(LATER)
    assert camera.evaluate(STATE) == n_read
    for _ in range(3):
        camera.locator("#camera-freeze").press("Enter")
    until(camera, f"async () => (await ({STATE})()) > {n_read}")
    camera.locator("#camera-off").press("Enter")
    expect(camera.locator("#camera-on")).to_be_focused()
    assert camera.evaluate("() => document.querySelector('#camera-video').srcObject === null")
    assert not site.requests
    assert camera.evaluate("() => most") == 1


def test_it_lets_go_when_something_else_is_shown(open_page: Open):
    """A number that is locked goes with another one, or with nothing. Where there are two cameras, each can be used."""
    page = open_page("#camera")
    page.evaluate(SHOW, {"first": to_url(sheet_of("42")), "second": to_url(sheet_of("586"))})
    page.click("#camera-on")
    for name, number in {"first": "42", "second": "586"}.items():
        page.evaluate("(name) => show(name)", name)
        lock(page)
        expect(page.locator("#camera-says strong")).to_have_text(number)
    page.evaluate("(name) => show(name)", "")
    expect(page.locator("#camera-mood")).to_have_text("Hold a number into the frame")
    expect(page.locator("#camera-says")).to_have_text("Nothing read yet")
    for _ in range(2):
        page.click("#camera-other")
        page.locator("#finder[data-state=live]").wait_for()
    assert page.evaluate("() => asked") == ["environment", "front", "back"]
    page.evaluate("() => stream.getVideoTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("#camera-why")).to_have_text("The camera was taken away, or turned off elsewhere.")


def test_the_lock_follows_its_rule(open_page: Open):
    """Five frames alike lock it, three others in a row unlock it; what is doubtful says nothing."""
    frames = ["7"] * 4 + ["1"] + ["7"] * 5 + ["1"] * 2 + ["7"] + ["?"] * 2 + ["7"] + ["1"] * 3 + ["1"] * 2 + [""] * 3
    held = open_page("#camera", ready=False).evaluate(
        """async (frames) => {
            const { Lock } = await import("./static/lock.js"), lock = new Lock();
            return frames.map((text) => {
                lock.see({ text, digits: [...text].map((sign) => ({ label: sign === "?" ? null : Number(sign) })) });
                return lock.held?.text ?? "";
            });
        }""",
        frames,
    )
    assert held == [""] * 9 + ["7"] * 7 + ["7"] * 2 + [""] + [""] + ["1"] + ["1"] * 2 + [""]


def test_it_is_off_when_nobody_looks(camera: Page):
    """As soon as another view is shown, or another tab; what was frozen stays."""
    for act in ("location.hash = '#draw'", HIDE, "document.querySelector('#camera-freeze').click()"):
        camera.evaluate("() => { location.hash = '#camera'; }")
        camera.click("#camera-on")
        lock(camera)
        track = camera.evaluate_handle("() => document.querySelector('#camera-video').srcObject.getVideoTracks()[0]")
        camera.evaluate(act)
        camera.evaluate(HIDE)
        assert track.evaluate("(track) => track.readyState") == "ended"
        assert camera.evaluate("() => document.querySelector('#camera-video').srcObject === null")
    expect(camera.locator("#camera-mood")).to_have_text("Frozen")
    assert read(camera) == NUMBER
    camera.click("#camera-freeze")
    lock(camera)


def test_it_is_not_turned_on_where_the_view_was_left_before(open_page: Open, site: Site):
    """While the networks were loaded: whoever left does not expect it."""
    site.hold(BUNDLED_FILES)
    page = open_page("#camera", ready=False, is_first=True)
    page.evaluate(SHOW, {})
    page.evaluate(START)
    page.click("nav a[href='#draw']")
    expect(page.locator("#view-draw")).to_be_visible()
    site.release()
    page.evaluate("() => starting")
    assert page.evaluate("() => asked") == []
    assert page.locator("#finder").get_attribute("data-state") == "off"


def test_it_says_why_there_is_no_picture(refusing: BrowserContext, open_page: Open):
    """The browser itself refuses; there is none, or it is taken; the page is not secure. It can be tried again."""
    page = open_page("#camera", context=refusing)
    page.click("#camera-on")
    expect(page.locator("#camera-why")).to_contain_text("The camera is not allowed here. Allow it for this page")
    for name, words in REASONS.items():
        page.evaluate(REFUSE, name)
        page.click("#camera-on")
        expect(page.locator("#camera-why")).to_contain_text(words)
        expect(page.locator("#camera-on")).to_be_focused()
    page.evaluate("() => Object.defineProperty(navigator, 'mediaDevices', { value: undefined })")
    page.click("#camera-on")
    expect(page.locator("#camera-why")).to_contain_text("only to secure pages")


def test_what_is_read_is_kept_where_somebody_asks_for_it(camera: Page, site: Site):
    """With the picture in the guide; the button is there only while results are kept."""
    expect(camera.locator("#camera-keep")).to_be_hidden()
    camera.click("nav a[href='#history']")
    camera.locator("#view-history .switch").click()
    camera.click("nav a[href='#camera']")
    camera.click("#camera-on")
    lock(camera)
    camera.click("#camera-keep")
    expect(camera.locator("#camera-note")).to_have_text("Kept")
    (kept,) = site.kept
    assert (kept.reading["text"], kept.has_picture) == (NUMBER, True)


def test_axe_finds_nothing_and_every_text_is_translated(open_page: Open):
    """Off and on, in both schemes, on the desktop and on a phone."""
    page = open_page(f"{RIGHT_TO_LEFT}#camera")
    page.evaluate(AXE.read_text("utf-8"))
    for is_on in (False, True):
        if is_on:
            page.click("#camera-on")
            page.locator("#finder.locked").wait_for()
            page.click("#camera-freeze")
        assert not [each for each in page.evaluate(UNTRANSLATED) if each not in ("inkdigits", "default")]
        for scheme, width in product(("light", "dark"), (1280, 390)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size({"width": width, "height": 844})
            found = page.evaluate("async () => (await axe.run()).violations")
            assert not [(each["id"], [node["html"] for node in each["nodes"]]) for each in found]
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), "it scrolls sideways"
