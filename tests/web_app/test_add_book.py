"""Adding a book with a browser: by words, ISBN, barcode or EPUB, and what is chosen before it is made."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bookbytes_api.web_app.assets import Assets
from bookbytes_pipeline.domain.isbn import parse_isbn
from bookbytes_pipeline.domain.narration import Voice, VoiceList
from bookbytes_pipeline.domain.writing_model import WritingModel
from bookbytes_pipeline.store.store import Store, open_store
from tests.api.client import Api, User, offline_settings, serving_live, wait_for
from tests.api.factories import RIVERS, publish_book
from tests.epub.building import METADATA, epub, prose
from tests.epub.building import page as epub_page
from tests.fakes.open_library import SEARCH, Document, book_documents, open_library_app, search_result
from tests.fakes.server import serving
from tests.web_app.browser import PHONE, sign_in, visiting

MATILDA, SEA, LAKES = parse_isbn("9780140328721"), parse_isbn("9780198526636"), parse_isbn("9781861972712")
WORK = {"key": "/works/OL1W", "title": "Matilda", "author_name": ["Roald Dahl"], "cover_i": 1, "isbn": [MATILDA]}
DOCUMENTS: dict[str, Document] = {
    SEARCH: search_result(WORK),
    **book_documents(isbn=MATILDA, title="Matilda", author="Roald Dahl"),
}
PAGES = {
    "1.xhtml": f"<h1>Springs</h1>{prose(3000, 'river')}",
    "2.xhtml": f"<h1>Tides</h1>{prose(1800, 'tide')}",
    "3.xhtml": epub_page(f"<h1>Bibliography</h1>{prose(90, 'printed')}", "bibliography"),
}
CONTENTS = [("Springs", "1.xhtml"), ("Tides", "2.xhtml"), ("Bibliography", "3.xhtml")]
NAMELESS = epub(PAGES, CONTENTS).getvalue()
WITH_ISBN = epub(PAGES, CONTENTS, metadata=f"{METADATA}<dc:identifier>urn:isbn:{SEA}</dc:identifier>").getvalue()
EPUB_TYPE = "application/epub+zip"
FAKE_CAMERA = """
  globalThis.BarcodeDetector = class {
    static async getSupportedFormats() { return ["ean_13"]; }
    async detect() { return globalThis.seen ?? []; }
  };
  navigator.mediaDevices.getUserMedia = async () => {
    if (globalThis.denied) { throw new DOMException("", "NotAllowedError"); }
    const canvas = document.createElement("canvas");
    canvas.getContext("2d").fillRect(0, 0, 9, 9);
    globalThis.camera = canvas.captureStream(10);
    return globalThis.camera;
  };
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, dagster_home: Path) -> Iterator[Api]:
    """A server whose Open Library knows one book, and whose users may have one request at a time."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment, serving(open_library_app(DOCUMENTS)) as url:
        environment.setenv("DAGSTER_HOME", str(dagster_home))
        settings = offline_settings(
            home, openlibrary_base_url=url, openlibrary_contact="reader@books.example", max_jobs_per_user=1
        )
        with serving_live(settings) as api:
            publish_book(api.settings)
            store_of(api).write_writing_model(WritingModel("extractive", needs_text=True))
            store_of(api).write_voices(VoiceList("piper", (Voice("Anna", "en"), Voice("Jan", "nl"))))
            yield api


def store_of(site: Api) -> Store:
    """Where texts are attached."""
    return open_store(site.settings.store_config)


def a_file(content: bytes, name: str = "book.epub") -> Any:
    """A file as somebody chooses it."""
    return {"name": name, "mimeType": EPUB_TYPE, "buffer": content}


def serious_faults(page: Page) -> list[str]:
    """What keeps somebody from using the page, as axe sees it."""
    found = Axe().run(page).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in {"serious", "critical"}]


def test_words_lead_to_a_book(page: Page) -> None:
    """Its title is chosen among the works that fit; no picture is loaded from elsewhere."""
    page.goto("/")
    page.get_by_role("link", name="Add a book").click()
    page.get_by_label("ISBN, or words of the title").fill("matilda dahl")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Choose Matilda").click()

    expect(page.get_by_role("heading", name="Matilda")).to_be_visible()
    expect(page.get_by_text("Roald Dahl")).to_be_visible()
    expect(page.get_by_text("its EPUB is needed first")).to_be_visible()
    expect(page.get_by_role("button", name="Make it")).to_have_count(0)


def test_an_isbn_leads_to_what_is_known_of_it(page: Page) -> None:
    """However it is written; one with a wrong digit is said to be none, and what nobody knows can be made of a file."""
    page.goto("/add")
    field = page.get_by_label("ISBN, or words of the title")
    field.fill("978-0-14-032872-2")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("wrong ISBN-13 check digit")

    field.fill("0-19-852663-6")
    field.press("Enter")
    expect(page.get_by_role("heading", name=f"ISBN {SEA}")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Nothing is known of this ISBN.")
    expect(page.get_by_label("Drop the book’s EPUB here")).to_be_visible()


def test_a_dropped_epub_becomes_a_request(site: Api, page: Page) -> None:
    """The file says its ISBN; a chapter is left out, its estimate follows, and what was chosen is what will be made."""
    page.goto("/add")
    dropped = page.evaluate_handle(
        """(content) => {
          const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "sea.epub"));
          return transfer;
        }""",
        b64encode(WITH_ISBN).decode(),
    )
    page.locator("epub-drop").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page).to_have_url(re.compile(f"/add/{SEA}$"))
    expect(page.get_by_role("heading", name="The Sea")).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(3)
    expect(page.get_by_label("Bibliography")).not_to_be_checked()
    sound, cost = page.locator("[data-estimate=sound]"), page.locator("[data-estimate=cost]")
    expect(cost).to_have_text("nothing")
    expect(page.locator("[data-estimate=time]")).to_have_text("unknown until a first book is made here")
    both = sound.text_content()

    page.get_by_label("Springs").uncheck()
    expect(sound).not_to_have_text(both or "")
    expect(sound).to_have_text("about 3 min")
    minutes = page.get_by_label("Minutes for each chapter")
    minutes.press("ArrowLeft")
    expect(minutes).to_have_attribute("aria-valuetext", "2.5 minutes")
    expect(page.get_by_role("combobox", name="Voice").get_by_role("option")).to_have_text(
        ["The usual one", "Anna, English"]
    )
    page.get_by_role("button", name="Make it").click()

    expect(page).to_have_url(re.compile("/requests/"))
    correction = store_of(site).sources.read_correction(SEA)
    assert ["Tides"] == [chapter.title for chapter in correction.chapters] if correction else []


def test_a_file_without_an_isbn_is_asked_for_one(site: Api, page: Page) -> None:
    """Whoever has the book types what is printed in it."""
    page.goto("/add")
    page.get_by_label("Drop the book’s EPUB here").set_input_files(a_file(NAMELESS))
    expect(page.get_by_text("The Sea: the file names no ISBN.")).to_be_visible()
    page.get_by_role("textbox", name="ISBN", exact=True).fill("1-86197-271-7 x")
    page.get_by_role("button", name="Add the file").click()
    expect(page.get_by_role("alert")).to_contain_text("is not an ISBN")

    page.get_by_role("textbox", name="ISBN", exact=True).fill(LAKES)
    page.get_by_role("button", name="Add the file").click()

    expect(page).to_have_url(re.compile(f"/add/{LAKES}$"))
    assert NAMELESS == store_of(site).sources.read(LAKES)


def test_doubts_about_a_file_are_shown_before_going_on(page: Page) -> None:
    """A file that says it is another book is kept under this ISBN, and the person looks twice."""
    page.goto(f"/add/{MATILDA}")
    page.get_by_label("Drop the book’s EPUB here").set_input_files(a_file(WITH_ISBN))

    expect(page.get_by_text(f"The file says it is {SEA}; kept as the text of {MATILDA}.")).to_be_visible()
    page.get_by_role("link", name="Go on").click()
    expect(page.get_by_role("group", name="Chapters")).to_be_visible()


def test_what_is_no_epub_is_refused_in_a_sentence(page: Page) -> None:
    """The page stays as it was, for another file."""
    page.goto("/add")
    page.get_by_label("Drop the book’s EPUB here").set_input_files(a_file(b"a letter"))

    expect(page.get_by_role("alert")).to_contain_text("EPUB")
    expect(page.get_by_label("Drop the book’s EPUB here")).to_be_enabled()


def test_who_is_no_administrator_brings_no_file(site: Api, ada: User, browser: Browser) -> None:
    """Of a text they see the chapters; a book in the library is a link; too many requests are said to be too many."""
    assert ada
    store_of(site).sources.write(SEA, WITH_ISBN)
    with visiting(browser, site.origin) as page:
        bob = site.user("bob")
        sign_in(page, site, bob)
        page.goto("/add")
        expect(page.get_by_text("EPUBs are added by administrators here.")).to_be_visible()
        assert 403 == page.request.post("/add/epub", multipart={"file": a_file(NAMELESS)}).status

        site.ask("POST", "/api/v1/books/process", bob, json={"isbn": MATILDA})
        page.goto(f"/add/{SEA}")
        expect(page.get_by_role("checkbox")).to_have_count(0)
        expect(page.get_by_text(re.compile("Its . chapters?"))).to_be_visible()
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_role("alert")).to_contain_text("You have 1 unfinished")

        store_of(site).files.write(f"book_metadata/{RIVERS.isbn}.json", msgspec.json.encode(RIVERS))
        page.goto(f"/add/{RIVERS.isbn}")
        expect(page.get_by_text("This book is in the library.")).to_be_visible()
        expect(page.get_by_role("slider")).to_have_count(0)


def test_a_barcode_is_read_by_the_camera(site: Api, ada: User, browser: Browser) -> None:
    """The code of a book leads to it, another does not; the camera is switched off with the dialog."""
    with visiting(browser, site.origin) as page:
        page.add_init_script(FAKE_CAMERA)
        sign_in(page, site, ada)
        page.goto("/add")
        page.evaluate("globalThis.denied = true")
        page.get_by_role("button", name="Scan the barcode").click()
        expect(page.get_by_role("alert")).to_contain_text("The camera may not be used.")
        page.get_by_role("button", name="Close").click()

        page.evaluate("globalThis.denied = false; globalThis.seen = [{rawValue: '4006381333931'}]")
        page.get_by_role("button", name="Scan the barcode").click()
        wait_for(lambda: page.evaluate("globalThis.camera?.active"))
        page.keyboard.press("Escape")
        wait_for(lambda: not page.evaluate("globalThis.camera.active"))

        page.get_by_role("button", name="Scan the barcode").click()
        page.evaluate(f"globalThis.seen = [{{rawValue: '{MATILDA}'}}]")
        expect(page.get_by_role("heading", name="Matilda")).to_be_visible()
        assert not page.evaluate("globalThis.camera.active")


def test_without_a_detector_no_scanner_is_offered(page: Page) -> None:
    """As in most browsers of computers."""
    page.goto("/add")
    expect(page.get_by_role("button", name="Find")).to_be_visible()
    page.evaluate("customElements.whenDefined('barcode-scanner').then(() => true)")

    expect(page.get_by_role("button", name="Scan the barcode")).to_be_hidden()


def test_an_estimate_is_said_in_words(page: Page) -> None:
    """Only as exactly as it is known."""
    page.goto("/add")
    in_words = f"async (estimate) => (await import('{Assets().address('modules/estimate.js')}')).inWords(estimate)"

    def said(**known: float) -> list[str]:
        estimate = {"chapters": None, "audio_seconds": None, "eta_seconds": None, "cost_usd": None, **known}
        return list(page.evaluate(in_words, estimate).values())

    assert ["unknown until its chapters are"] * 3 == said()
    assert ["about 1 h 20 min", "about a minute", "about $1.50"] == said(
        chapters=9, audio_seconds=4_800, eta_seconds=59, cost_usd=1.499
    )
    assert ["less than 1 cent", "nothing", "unknown: nobody has entered the prices here"] == [
        said(chapters=9, audio_seconds=60, **known)[2] for known in ({"cost_usd": 0.004}, {"cost_usd": 0}, {})
    ]


def test_who_searches_too_often_is_told_to_wait(site: Api) -> None:
    """As people say it, not as programs are told."""
    headers = {**site.user("eve").headers, "Accept": "text/html"}
    answers = [site.client.get("/add", headers=headers) for _ in range(31)]

    assert (200, 429) == (answers[29].status_code, answers[30].status_code)
    assert "Too many attempts. Wait a moment, then try again." in answers[30].text


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_can_be_used_by_everybody(site: Api, ada: User, browser: Browser, scheme: Any) -> None:
    """On a phone in both themes: axe finds nothing serious, and nothing is wider than the screen."""
    store_of(site).sources.write(SEA, WITH_ISBN)
    with visiting(browser, site.origin, viewport=PHONE, color_scheme=scheme) as page:
        sign_in(page, site, ada)
        for address in ("/add?q=matilda", f"/add/{SEA}", f"/add/{MATILDA}"):
            page.goto(address)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert [] == serious_faults(page), address
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
