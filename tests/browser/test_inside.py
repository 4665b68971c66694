"""The view that looks inside: what it shows is what the network computed, and it is told in words."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import pytest
from playwright.sync_api import Browser, Page, expect

from inkdigits.classifier import INPUTS, OUTPUTS, load_classifier
from inkdigits.graphs import BUNDLED, LAYERS_SUFFIX, find_model, model_names, open_graph
from tests.browser.conftest import Open, Place, Tabs, until, without
from tests.browser.hand import write
from tests.browser.test_parity import golden_inks, to_float

NETWORK = "tiny"
"""What the tests look into: it is quick."""

SETTLED = """async () => {
    const { draw, inside } = await import("./static/main.js");
    return draw.is_settled && inside !== null && inside.is_settled;
}"""
"""What stands on the pad was read, and looked into to the end."""

LOOK = """async ({ name, patches }) => {
    const { draw } = await import("./static/main.js"), { Api } = await import("./static/api.js");
    const { loadLayers, toInner } = await import("./static/layers.js");
    const model = (await new Api().models()).models.find((each) => each.name === name);
    const graph = toInner(model, await loadLayers(model, {}));
    const bytes = Uint8Array.from(atob(patches), (sign) => sign.charCodeAt(0));
    const said = await draw.engine.look(graph, new Float32Array(bytes.buffer), graph.inner);
    return Object.fromEntries(Object.entries(said).map(([name, { values, shape }]) => {
        const packed = new Uint8Array(values.buffer, values.byteOffset, values.byteLength), texts = [];
        for (let from = 0; from < packed.length; from += 1 << 15) {
            texts.push(String.fromCharCode(...packed.subarray(from, from + (1 << 15))));
        }
        return [name, { values: btoa(texts.join("")), shape: [...shape] }];
    }));
}"""

CAPTION = """async (name) => {
    const { Api } = await import("./static/api.js"), { loadLayers, toTable } = await import("./static/layers.js");
    const model = (await new Api().models()).models.find((each) => each.name === name);
    return toTable(await loadLayers(model, {}), model.n_parameters).caption.textContent;
}"""
"""What stands below the table of a network."""

PIXELS = """(canvas) => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height), sheet = copy.getContext("2d");
    sheet.drawImage(canvas, 0, 0);
    return [...sheet.getImageData(0, 0, copy.width, copy.height).data];
}"""
"""What a canvas shows, four numbers a pixel."""

OCCLUDE = """async ({ url, patch, label, probability }) => {
    const { draw } = await import("./static/main.js"), { occlude } = await import("./static/occlusion.js");
    const graph = { url, inner: [] };
    return [...await occlude(draw.engine, graph, Float32Array.from(patch), { label, probability }, () => false)];
}"""


READ = "async () => (await import('./static/main.js')).draw.is_settled"

TIME = """async () => {
    const { draw } = await import("./static/main.js");
    const pad = document.querySelector("#pad"), box = pad.getBoundingClientRect();
    const pointer = { pointerId: 9, pointerType: "mouse", bubbles: true };
    const send = (type, at) => pad.dispatchEvent(
        new PointerEvent(type, { ...pointer, clientX: box.x + 20 + at, clientY: box.y + 20 + at }));
    const { engine } = draw, show = engine.onAnswer, look = engine.look, times = [];
    let n_open = 0, n_before = 0;
    engine.look = async (...asked) => {
        n_open++;
        try { return await look.apply(engine, asked); } finally { n_open--; }
    };
    send("pointerdown", 0);
    for (let at = 1; at <= 30; at++) {
        const shown = new Promise((resolve) => {
            draw.engine.onAnswer = (...answer) => { show(...answer); resolve(performance.now()); };
        });
        n_before = Math.max(n_before, n_open);
        const start = performance.now();
        send("pointermove", 4 * at);
        times.push((await shown) - start);
        await new Promise(requestAnimationFrame); // looking goes on until the pen moves again
    }
    send("pointerup", 120);
    [engine.onAnswer, engine.look] = [show, look];
    return { times, n_before };
}"""
"""Milliseconds from each of 30 moves of the pen to its answer, and for how many calls to look inside one waited."""


@pytest.fixture(scope="module")
def looking(browser: Browser, place: Place) -> Iterator[Page]:
    """One page for all tests, with the view open; at the end, it has asked nobody else, and reported no error."""

    def prepare(page: Page) -> None:
        page.set_viewport_size({"width": 1100, "height": 760})
        page.add_init_script(f"localStorage.setItem('inkdigits.network', '{NETWORK}')")

    tabs = Tabs(browser, place)
    page = tabs.open("#inside", prepare=prepare)
    until(page, SETTLED)
    page.wait_for_load_state("networkidle")  # one test cuts the network
    yield page
    tabs.close()
    assert not tabs.complaints


def look_at(page: Page, *digits: int) -> None:
    """Write digits side by side, alone on the pad if they are not there yet, and wait until they were looked into."""
    text = "".join(map(str, digits))
    is_there = page.locator("#answer strong").all_text_contents() == [text]
    if is_there and "your digit" in page.locator("#inside-from").inner_text():
        until(page, SETTLED)
        return
    page.click("#clear")
    page.fill("#width", "14" if len(digits) > 1 else "20")
    for place, digit in enumerate(digits):
        write(page, digit, at=((place + 0.5) / len(digits), 0.5), high=0.4 if len(digits) > 1 else 0.6)
    until(page, SETTLED)


def layers_of(name: str) -> list[dict[str, Any]]:
    """Return what is known of a network's layers."""
    described = json.loads((BUNDLED / f"{name}{LAYERS_SUFFIX}").read_text("utf-8"))
    return described["layers"]


def patch_of(page: Page) -> npt.NDArray[np.float32]:
    """Return the patch that is shown, as good as grey shows it."""
    levels = page.locator("#lens-patch").evaluate(PIXELS)[::4]
    return np.array(levels, np.float32).reshape(28, 28) / 255


@pytest.mark.parametrize("name", model_names())
def test_every_value_is_onnxruntimes(name: str, looking: Page):
    """All layers of all networks, before and after ReLU, and the filters: to 1e-4, on three digits at once."""
    from inkdigits.normalize import to_patches

    inks = [ink for _, ink in zip(range(3), golden_inks(), strict=False)]
    patches = to_patches([to_float(ink) for ink in inks])
    there = looking.evaluate(LOOK, {"name": name, "patches": base64.b64encode(patches.tobytes()).decode()})
    graph = onnx.load_model(BUNDLED / f"{name}.onnx")
    known = {each.name for each in graph.graph.output}
    graph.graph.output.extend(onnx.ValueInfoProto(name=value) for value in there if value not in known)
    opened = open_graph(graph.SerializeToString())
    here = dict(zip(opened.outputs, opened.run(INPUTS[0], patches[:, None]), strict=True))
    assert set(there) == set(here) - set(OUTPUTS)
    assert len(there) >= len(layers_of(name))
    for value, said in there.items():
        values = np.frombuffer(base64.b64decode(said["values"]), np.float32).reshape(said["shape"])
        assert values.shape == here[value].shape
        assert np.abs(values - here[value]).max() < 1e-4, value


def test_occlusion_is_what_its_definition_says(looking: Page):
    """A 5x5 window of paper at every place; each pixel gets the mean fall of the windows that cover it."""
    classifier = load_classifier(find_model(NETWORK))
    look_at(looking, 4)
    patch = patch_of(looking)
    probabilities, _ = classifier.classify(patch[None])
    label = int(probabilities[0].argmax())
    places = [(y, x) for y in range(24) for x in range(24)]
    covered = np.repeat(patch[None], len(places), axis=0)
    for one, (y, x) in zip(covered, places, strict=True):
        one[y : y + 5, x : x + 5] = 0
    falls = probabilities[0, label] - classifier.classify(covered)[0][:, label]
    sums, counts = np.zeros((28, 28)), np.zeros((28, 28))
    for fall, (y, x) in zip(falls, places, strict=True):
        sums[y : y + 5, x : x + 5] += fall
        counts[y : y + 5, x : x + 5] += 1
    asked = {"patch": patch.ravel().tolist(), "label": label, "probability": float(probabilities[0, label])}
    there = looking.evaluate(OCCLUDE, {**asked, "url": f"models/{NETWORK}.onnx"})
    assert np.abs(np.array(there).reshape(28, 28) - sums / counts).max() < 1e-4


def test_a_drawing_is_looked_into_while_it_is_drawn(looking: Page):
    """Its patch, its answer, a card for each layer with a sentence, what it rests on, and digits that are like it."""
    look_at(looking, 5)
    expect(looking.locator(".flow h2")).to_have_text(NETWORK)
    expect(looking.locator(".flow-says strong")).to_have_text("5")
    layers = layers_of(NETWORK)
    assert looking.locator(".card").count() == len(layers)
    assert looking.locator(".card .maps").count() == len(layers) - 1
    shapes = looking.locator(".card .shape").all_inner_texts()
    assert shapes == [" × ".join(map(str, layer["after"])) for layer in layers]
    sentences = looking.locator(".card .words").all_inner_texts()
    assert all(len(sentence) > 40 for sentence in sentences)
    assert looking.locator(".sums li").count() == layers[-1]["after"][0]
    assert looking.locator(".sums .best b").inner_text() == "5"
    assert looking.locator("#flows .bars .best th").inner_text() == "5"
    assert "the probability of 5 falls by" in looking.locator(".rest-frame").inner_text()
    alike = looking.locator(".alike .example b").all_inner_texts()
    assert len(alike) == 8
    assert alike.count("5") >= 6


def test_what_is_drawn_next_takes_the_place_of_what_was_begun(looking: Page):
    """Nothing of an older digit is left, though its occlusion had begun; and with the network cut."""
    looking.context.set_offline(True)
    try:
        look_at(looking, 3)
        looking.click("#clear")
        write(looking, 2)
        write(looking, 0, high=0.1, at=(0.95, 0.9))
        looking.click("#clear")
        look_at(looking, 8)
    finally:
        looking.context.set_offline(False)
    expect(looking.locator(".flow-says strong")).to_have_text("8")
    assert "of 8 falls" in looking.locator(".rest-frame").inner_text()
    assert looking.locator(".alike .example b").all_inner_texts().count("8") >= 6


def test_a_cell_shows_what_it_saw(looking: Page):
    """Under the pointer and by keys: its value, its place, and its square on the digit; a screen reader is told."""
    look_at(looking, 5)
    layer = layers_of(NETWORK)[3]
    maps = looking.locator(".card .maps").nth(3)
    maps.scroll_into_view_if_needed()
    maps.hover(position={"x": 6, "y": 6})
    words = looking.locator("#lens-words")
    expect(words).to_contain_text(re.compile(r"Map 1 of Convolution 3 × 3, ReLU"))
    row, column = map(int, re.findall(r"row (\d+), column (\d+)", words.inner_text())[0])
    field = layer["field"]
    sight = looking.evaluate(
        "() => ['left', 'top', 'width'].map((side) => parseFloat(document.querySelector('#lens-sight').style[side]))"
    )
    first = [100 * (field["first_px"] + (at - 1) * field["step_px"]) / 28 for at in (column, row)]
    assert sight == pytest.approx([*first, 100 * field["side_px"] / 28], abs=1e-3)
    looking.mouse.move(0, 0)
    expect(looking.locator("#lens-sight")).to_be_hidden()
    maps.focus()
    live = looking.locator("#inside-live")
    expect(live).to_contain_text("It saw 10 × 10 pixels")
    before = live.inner_text()
    for key in ("Home", "ArrowRight", "PageDown", "ArrowUp", "ArrowLeft", "PageUp", "ArrowDown"):
        maps.press(key)
    expect(live).to_have_text(before)  # around and back again
    maps.press("PageDown")
    expect(live).not_to_have_text(before)


def test_the_sum_behind_a_cell_is_its_value(looking: Page):
    """Of the first convolution, the window, the filter and the sum; of a maximum, the four that it chose from."""
    look_at(looking, 5)
    for nth in (1, 2):
        maps = looking.locator(".card .maps").nth(nth)
        maps.focus()
        maps.press("Home")
        value = looking.locator("#lens-words b").inner_text()
        assert float(value) > 0
        working = looking.locator("#lens-working")
        expect(working).to_contain_text(f"makes that {value}." if nth == 1 else f"The largest of these is {value}:")
        assert working.locator("canvas").count() == 3 - nth
    looking.locator(".card .maps").nth(3).focus()
    expect(looking.locator("#lens-working")).to_be_hidden()


def test_maps_can_be_seen_before_relu(looking: Page):
    """Then some of their cells are below zero."""
    look_at(looking, 5)
    card = looking.locator(".card").nth(1)
    assert re.search(r"\d\d\.\d\d % of them are zero now", card.inner_text())
    n_orange = {}
    for is_before in (False, True):
        card.get_by_role("switch").set_checked(is_before)
        card.locator(".maps").scroll_into_view_if_needed()
        pixels = np.array(card.locator(".maps").evaluate(PIXELS)).reshape(-1, 4)
        n_orange[is_before] = int(((pixels[:, 3] > 0) & (pixels[:, 0] > pixels[:, 2] + 60)).sum())
    card.get_by_role("switch").set_checked(False)
    assert n_orange[False] == 0
    assert n_orange[True] > 100


def test_a_digit_of_a_number_is_looked_into(looking: Page):
    """The last one, or whichever is chosen, as if it stood alone."""
    look_at(looking, 4, 2, 7)
    which = looking.locator("#inside-which button")
    assert which.all_inner_texts() == ["4", "2", "7"]
    for at, digit in ((2, "7"), (0, "4"), (1, "2")):
        which.nth(at).click()
        until(looking, SETTLED)
        expect(looking.locator(".flow-says strong")).to_have_text(digit)
        assert which.nth(at).get_attribute("aria-pressed") == "true"


def test_a_training_digit_can_be_looked_into(looking: Page):
    """From the row of ten, and from those that are like another; until something is drawn."""
    looking.click("#clear")
    for label in (6, 9):
        looking.locator("#samples button").nth(label).click()
        until(looking, SETTLED)
        expect(looking.locator(".flow-says strong")).to_have_text(str(label))
        expect(looking.locator("#inside-from")).to_contain_text(f"A training digit, a {label},")
    first = patch_of(looking)
    looking.locator(".alike .example").nth(1).click()
    until(looking, SETTLED)
    assert np.abs(patch_of(looking) - first).max() > 0.5
    look_at(looking, 1)
    expect(looking.locator("#inside-from")).to_contain_text("your digit")
    expect(looking.locator(".flow-says strong")).to_have_text("1")


def test_the_digit_can_be_read_in_numbers(looking: Page):
    """784 of them, each the value of its pixel."""
    look_at(looking, 2)
    looking.click("#inside-numbers summary")
    rows = looking.locator("#numbers tr").all_inner_texts()
    numbers = np.array([[int(value) for value in row.split()] for row in rows])
    assert (numbers == np.round(255 * patch_of(looking))).all()
    looking.click("#inside-numbers summary")


def test_two_networks_stand_side_by_side(looking: Page):
    """On the same digit, each with its own layers and its own answer."""
    look_at(looking, 7)
    looking.select_option("#inside-other", "e-lenet")
    until(looking, SETTLED)
    expect(looking.locator(".flow h2")).to_have_text([NETWORK, "e-lenet"])
    expect(looking.locator(".flow-says strong")).to_have_text(["7", "7"])
    left, right = (looking.locator(".flow").nth(at).bounding_box() for at in (0, 1))
    assert left
    assert right
    assert left["y"] == right["y"]
    assert left["x"] + left["width"] <= right["x"]
    assert looking.locator(".flow").nth(1).locator(".card").count() == len(layers_of("e-lenet"))
    looking.select_option("#inside-other", "")
    until(looking, SETTLED)
    expect(looking.locator(".flow h2")).to_have_text([NETWORK])


def test_the_table_holds_every_layer(looking: Page):
    """With its shape, the size formula filled in, parameters and multiplications, and their sums."""
    rows = [row.split("\t") for row in looking.locator(".layer-table tr").all_inner_texts()]
    layers = layers_of(NETWORK)
    assert len(rows) == len(layers) + 3
    assert rows[3] == ["Convolution 5 × 5, ReLU", "(28 + 2·0 − 5)/1 + 1 = 24", "10 × 24 × 24", "260", "144,000"]
    assert rows[-2][1] == "32·4·4 = 512"
    sums = [f"{sum(layer[key] for layer in layers):,}" for key in ("n_parameters", "n_macs")]
    assert rows[-1] == ["Together", "", "", *sums]
    notes = {name: looking.evaluate(CAPTION, name) for name in ("a-ffnn", NETWORK)}
    assert ["batch normalisation" in note for note in notes.values()] == [False, True]
    n_learned = load_classifier(find_model(NETWORK)).card.facts["n_parameters"]
    assert f"{n_learned - sum(layer['n_parameters'] for layer in layers)} more" in notes[NETWORK]


def test_a_layer_is_reached_from_the_row_of_all(looking: Page):
    """By its picture there; the focus follows."""
    looking.locator(".station").nth(4).click()
    expect(looking.locator(".card h4").nth(4)).to_be_focused()
    expect(looking.locator(".card").nth(4)).to_be_in_viewport()


def test_the_pen_waits_for_one_short_call_at_most(looking: Page, capsys: pytest.CaptureFixture[str]):
    """However much is left to be looked into; says how long that is, beside the view for drawing: the goal is 50 ms."""
    times_ms = {}
    for view in ("draw", "inside"):
        looking.click(f"nav a[href='#{view}']")
        expect(looking.locator(f"#view-{view} #pad")).to_be_visible()
        looking.click("#clear")
        write(looking, 5, high=0.4)
        until(looking, SETTLED if view == "inside" else READ)
        timed = looking.evaluate(TIME)
        assert timed["n_before"] <= 1
        times_ms[view] = np.quantile(timed["times"], [0.5, 0.95])
    until(looking, SETTLED)
    (draw_p50, draw_p95), (p50, p95) = times_ms["draw"], times_ms["inside"]
    with capsys.disabled():
        print(
            f"\nfrom pen move to answer: median {p50:.0f} ms, 95 % within {p95:.0f} ms while all is looked into; "
            f"{draw_p50:.0f} ms and {draw_p95:.0f} ms elsewhere"
        )


def test_the_pad_goes_back_to_its_view(looking: Page):
    """With what is written on it; and comes again."""
    looking.click("#clear")
    looking.fill("#width", "14")
    write(looking, 4, at=(0.3, 0.5), high=0.4)
    looking.click("nav a[href='#draw']")
    expect(looking.locator("#view-draw #pad")).to_be_visible()
    expect(looking.locator("#answer")).to_contain_text("4")
    write(looking, 2, at=(0.7, 0.5), high=0.4)
    looking.click("nav a[href='#inside']")
    expect(looking.locator("#view-inside #pad")).to_be_visible()
    until(looking, SETTLED)
    assert looking.locator("#inside-which button").all_inner_texts() == ["4", "2"]
    looking.locator("#inside-which button").first.click()
    looking.click("nav a[href='#draw']")
    looking.click("nav a[href='#inside']")
    until(looking, SETTLED)  # though it was left in the midst of its work
    expect(looking.locator(".flow-says strong")).to_have_text("4")


def test_a_network_of_unknown_layers_says_what_helps(looking: Page):
    """The command that describes them; as where they were described of an older network of that name."""
    stale = json.dumps({"digest": "0" * 16, "features": "", "layers": []})
    looking.route("**/c-cnn.layers.json*", lambda route: route.fulfill(body=stale))
    for name, state in (("c-cnn", "The command 'inkdigits layers c-cnn' writes it down."), (NETWORK, "")):
        looking.click("#inside-networks summary")
        looking.locator("#inside-networks label", has_text=name).click()
        looking.keyboard.press("Escape")
        expect(looking.locator("#inside-state")).to_contain_text(state)
        expect(looking.locator(".flow h2")).to_have_text([NETWORK] if name == NETWORK else [])


def test_a_browser_that_cannot_run_networks_says_so(open_page: Open):
    """There is nothing to look into then."""
    page = open_page("#inside", ready=False, may_fail=True, prepare=without("worker.js"))
    expect(page.locator("#inside-state")).to_contain_text("this one cannot run them")


def test_what_was_drawn_before_is_looked_into(open_page: Open):
    """When the view is opened for the first time, too. Where it does not come, it says so, and comes later."""
    page = open_page(may_fail=True)
    write(page, 7)
    page.route("**/inside.js", lambda route: route.abort())
    page.click("nav a[href='#inside']")
    expect(page.locator("#inside-state")).to_contain_text("This could not be read")
    page.unroute("**/inside.js")
    page.click("nav a[href='#draw']")
    page.click("nav a[href='#inside']")
    expect(page.locator("#inside-from")).to_contain_text("your digit")
    expect(page.locator(".flow-says strong")).to_have_text("7")
