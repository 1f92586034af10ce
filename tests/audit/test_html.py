"""The HTML report: complete without a script, harmless whatever the names are, and the same in a real browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from browser import Browser, find_browser
from hand_reports import division, safe, under, unknown
from hypothesis import given, settings
from hypothesis import strategies as st
from named_rows import equal, r1cs_of, system_from

from zkrelay.audit.advice import advise, parse_allowance, silence
from zkrelay.audit.report import Report, Stuck
from zkrelay.audit.system import system_of
from zkrelay.audit.views.html import html_report, write_html
from zkrelay.audit.views.html_graph import MAX_KNOWN_A_ROW, MAX_ROWS, MAX_SIGNALS, choose, svg

HOSTILE = [
    "</script><img src=x onerror=\"document.title='owned'\">",
    "<script>document.title='owned'</script>",
    "\"'><svg onload=document.title='owned'>",
    "--><style>*{display:none}</style>",
    "&lt;b&gt; & © \N{SNOWMAN}",
    "]]>{{7*7}}${7*7}",
    "javascript:document.title='owned'",
]


class Reader(HTMLParser):
    """Elements with their attributes, and the text of the page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def shape(self) -> list[str]:
        return [tag for tag, _ in self.elements]


def report_of(rename=str, answer=under, **changes) -> Report:
    system = system_of(division(rename))
    return answer(system, **{"advice": advise(system), **changes})


@pytest.mark.parametrize(("answer", "words"), [(under, "UNDER-CONSTRAINED"), (safe, "SAFE"), (unknown, "UNKNOWN")])
def test_the_parts(answer, words):
    page = Reader(html_report(report_of(answer=answer), "d.r1cs"))
    assert f"d.r1cs: {words}" in page.text and "main.div.q is a quotient" in page.text
    assert ("Two assignments" in page.text) == ("main.div.q·main.a = main.c" in page.text and answer is under)
    assert ("Derivation" in page.text) == (answer is safe) == ("s 1 4" in page.text)
    assert ("svg" in page.shape()) == (answer is not safe)


def test_differing_signals_are_marked_in_words_too():
    page = html_report(report_of(), "d.r1cs")
    rows = re.findall(r"<tr class=differs>.*?</tr>", page)
    assert [re.findall(r"class=name>([^<]*)", row)[0] for row in rows] == ["main.out", "main.div.q"]
    assert all("≠" in row for row in rows) and page.count("≠") == 3


def test_it_is_the_same_every_time(tmp_path):
    page = html_report(report_of(), "d.r1cs")
    assert page == html_report(report_of(), "d.r1cs")
    write_html(tmp_path / "a.html", report_of(), "d.r1cs")
    assert (tmp_path / "a.html").read_text(encoding="utf-8") == page
    with pytest.raises(FileExistsError):
        write_html(tmp_path / "a.html", report_of(), "d.r1cs")


def test_nothing_is_loaded():
    """No element refers to anything, and the policy allows nothing but the page's own style and script."""
    page = Reader(html_report(report_of(), "d.r1cs"))
    attributes = {name for _, attrs in page.elements for name in attrs}
    assert not attributes & {"src", "href", "action", "srcset", "data", "style"}
    assert not any(name.startswith("on") for name in attributes)
    (policy,) = [
        attrs["content"] for tag, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy"
    ]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    assert not set(page.shape()) & {"link", "img", "iframe", "object", "embed", "base", "form"}


@pytest.mark.parametrize("answer", [under, unknown, safe])
@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_names_are_text(hostile, answer):
    """The elements are those of the same report with harmless names, and the names are in the text as they are."""
    plain = Reader(html_report(report_of(answer=answer), "d.r1cs"))
    page = Reader(html_report(report_of(lambda name: f"{hostile}.{name}", answer), f"{hostile}.r1cs"))
    assert page.shape() == plain.shape()
    assert [sorted(attrs) for _, attrs in page.elements] == [sorted(attrs) for _, attrs in plain.elements]
    assert f"{hostile}.main" in page.text


def test_hostile_everything_else():
    """Lines, rules, steps, notes, reasons and searches come from outside, too."""
    bad = HOSTILE[0]
    report = report_of(answer=safe, notes=(bad,))
    findings, _ = silence(report.system, report.advice, [parse_allowance(f"ZKA006={bad}")])
    derivation = type(report.derivation)((bad,), {bad: 1})  # type: ignore[arg-type, misc]
    hostile = report_of(answer=safe, notes=(bad,), advice=findings, derivation=derivation)
    harmless = report_of(answer=safe, notes=("x",), advice=findings)
    assert Reader(html_report(hostile, bad)).shape() == Reader(html_report(harmless, "x")).shape()
    r1cs = r1cs_of([equal({"x": 1}, {"y": 1})], outputs=["x"], lines=[bad])
    stuck = unknown(system_of(r1cs))
    assert "<img" not in html_report(stuck, "x") and "&lt;img" in html_report(stuck, "x")


PLAIN = Reader(html_report(report_of(), "d.r1cs")).shape()


@settings(max_examples=30)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_any_name(name):
    assert Reader(html_report(report_of(lambda old: f"{name}.{old}"), name)).shape() == PLAIN


def chain(length: int):
    """x0 is free, x(i+1) = x(i)² ; one row mentions ten inputs."""
    rows = [({f"x{i}": 1}, {f"x{i}": 1}, {f"x{i + 1}": 1}) for i in range(length)]
    rows.append(equal({"x0": 1}, {f"in{i}": 1 for i in range(10)} | {"y": 1}))
    return system_from(rows, private=[f"in{i}" for i in range(10)])


def test_large_pieces_are_cut_and_say_so():
    system = chain(300)
    loose = tuple(wire for wire in system.signals if wire not in system.inputs)
    piece = Stuck(loose, tuple(range(len(system.rows))))
    drawing = choose(system, piece, start=[loose[0]])
    assert len(drawing.wires) == MAX_SIGNALS and len(drawing.rows) <= MAX_ROWS
    assert drawing.wires[0] == loose[0]
    assert drawing.left_out == f"{len(loose) - MAX_SIGNALS} more loose signals and {301 - len(drawing.rows)} more rows"
    report = unknown(system, strong=True, stuck=(piece,))
    assert f"Not drawn: {drawing.left_out}." in html_report(report, "chain")


def test_rows_with_many_known_signals_say_how_many_are_not_drawn():
    system = chain(1)
    wires = [system.r1cs.debug.wire_names.index(name) for name in ("x0", "y")]
    piece = Stuck(tuple(wires), (1,))
    drawing = choose(system, piece)
    assert len(drawing.known) == MAX_KNOWN_A_ROW and drawing.hidden == {1: 10 - MAX_KNOWN_A_ROW}
    assert f"row 1 +{10 - MAX_KNOWN_A_ROW}" in svg(system, piece)


def test_boxes_do_not_overlap():
    """Every pair of boxes of a drawing is apart."""
    system = chain(12)
    loose = tuple(wire for wire in system.signals if wire not in system.inputs)
    text = svg(system, Stuck(loose, tuple(range(len(system.rows)))))
    boxes = [
        tuple(map(float, found))
        for found in re.findall(r'<rect x="(.*?)" y="(.*?)" width="(.*?)" height="(.*?)"', text)
    ]
    assert len(boxes) == 14 + 13 + MAX_KNOWN_A_ROW
    for number, (x, y, w, h) in enumerate(boxes):
        for u, v, s, t in boxes[:number]:
            assert x + w <= u or u + s <= x or y + h <= v or v + t <= y
    width, height = map(float, re.findall(r'width="(\d+)" height="(\d+)" viewBox', text)[0])
    assert all(x >= 0 and x + w <= width and y >= 0 and y + h <= height for x, y, w, h in boxes)


@pytest.mark.parametrize("number", range(3))
def test_a_piece_without_known_signals_is_drawn(number):
    system = system_from([({"x": 1}, {"y": 1}, {"z": 1}), ({"u": 1}, {"v": 1}, {"w": 1})][: number + 1])
    text = svg(system, Stuck(tuple(system.signals), tuple(range(len(system.rows)))))
    assert text.count("<rect") == len(list(system.signals)) + len(system.rows)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    return find_browser(tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def hostile_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One signal with each hostile name."""
    names = iter(HOSTILE * 2)
    renamed: dict[str, str] = {}
    path = tmp_path_factory.mktemp("page") / "hostile.html"
    report = report_of(lambda name: renamed.setdefault(name, f"{next(names)}.{name}"))
    write_html(path, report, f"{HOSTILE[0]}{HOSTILE[1]}")
    return path


@pytest.fixture(scope="module")
def hostile_dom(browser: Browser, hostile_page: Path) -> str:
    return browser.dom(hostile_page)


def test_in_chromium_hostile_names_run_nothing_and_load_nothing(hostile_dom):
    title = re.search(r"<title>(.*?)</title>", hostile_dom, re.DOTALL)
    assert title is not None and title[1].endswith(": UNDER-CONSTRAINED"), "a script ran"
    page = Reader(hostile_dom)
    assert "img" not in page.shape() and page.shape().count("script") == 1
    assert [attrs.get("onload") for _, attrs in page.elements if "onload" in attrs] == []


def test_in_chromium_the_filter_works(browser, hostile_page, hostile_dom):
    """The page's own script runs under its policy: it shows the filter, counts, and hides what was not asked for."""
    assert "5 of 5 signals" in hostile_dom
    filtered = browser.dom(hostile_page, "#signal=MAIN.DIV")
    assert "1 of 5 signals" in filtered
    shown = [
        row
        for row in re.findall(r"<tr[^>]*><td class=\"mark\">.*?</tr>", filtered)
        if "hidden" not in row.split(">")[0]
    ]
    assert len(shown) == 1 and "main.div.q" in shown[0]


def test_in_chromium_nothing_is_loaded(browser, hostile_page, tmp_path):
    """And the browser's log would show it: it does for a page with an image from elsewhere."""
    assert browser.loaded(hostile_page) == set()
    page = tmp_path / "loads.html"
    page.write_text("<img src=http://somewhere.invalid/a.png>")
    assert browser.loaded(page) == {"http://somewhere.invalid/a.png"}


def test_in_chromium_it_is_drawn(browser, hostile_page, tmp_path):
    """Light and dark are two pictures, and neither is empty."""
    pictures = []
    for dark in (False, True):
        target = tmp_path / f"dark-{dark}.png"
        browser.screenshot(hostile_page, target, dark=dark)
        pictures.append(target.read_bytes())
        assert pictures[-1].startswith(b"\x89PNG") and len(pictures[-1]) > 20_000
    assert pictures[0] != pictures[1]
