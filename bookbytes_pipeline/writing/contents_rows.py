"""What a single row of a printed table of contents is: a chapter, a part, a volume, or no text at all."""

import re

from bookbytes_pipeline.domain.book import ContentsRow

_ROMAN = r"(?:xc|xl|l?x{0,3})(?:ix|iv|v?i{0,3})(?<=[ivxlc])"
_COUNT = rf"(?:\d{{1,3}}|{_ROMAN}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b"
_EDGES = " \t-\u2013\u2014;:/|*\u2022\u00b7"

_PAGE_OR_NUMBER = re.compile(
    rf"\W*(?:pp?\b\.?\s*)?(?:\d{{1,3}}|{_ROMAN}|{_ROMAN.upper()})(?:\s*[-.\u2013]\s*\d{{1,3}})?\W*"
)
_VOLUME = re.compile(rf"\W*(?:v\b\.?\s*\d|(?:vols?|volumes?|tome?|band|bd)\b\.?\s*{_COUNT})", re.IGNORECASE)
_PART = re.compile(
    rf"\W*(?:parts?|pt|book|bk|section|unit|teil|buch|partie|livre|parte|libro)\b\.?\s*{_COUNT}", re.IGNORECASE
)
_CHAPTER = re.compile(rf"(?:chapter|ch|kapitel|chapitre|cap[i\u00ed]tulo)\b\.?\s*{_COUNT}", re.IGNORECASE)
_CHAPTER_PREFIX = re.compile(rf"{_CHAPTER.pattern}\s*[-.:)\u2013\u2014]+\s*(?=\w)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:chapter|ch)?\b\.?\s*(\d{1,3})(?=$|[.:)\s])(?![.]\d)", re.IGNORECASE)

_LEADERS = re.compile(r"(?<![.\s])\s*(?:\.\s?){4,}\s*\w{0,6}$")
_PAGES_CITED = re.compile(r"[(\[]\s*pp?\.\s*[\divxlc]+(?:\s*[-\u2013,]\s*[\divxlc]+)*\s*[)\]]", re.IGNORECASE)
_BY_SOMEBODY = re.compile(r"\s/\s+(?:by\s+)?[A-Z\u00c0-\u024f][^\s/]*\s[^/]*[A-Z\u00c0-\u024f\d][^/]*$")
_CLOSING_STOP = re.compile(r"(?<![.\s])(?<!\b(?:Jr|Sr|Mr|Dr|St|Co))(?<!\b(?:etc|Inc|Ltd|Mrs))(?<!\.\w)\.$")
_SEPARATOR = re.compile(r"\s(?:;|-\s?-)\s")

_TEXT_OF_ITS_OWN = re.compile(
    r"(?:an?\s+|the\s+)?(?:introduction|foreword|preface|prologue|epilogue|conclusions?|afterword|postscript)\b",
    re.IGNORECASE,
)

# Lists and courtesies around the text, which have nothing to summarise. Forewords, prologues and the like are text.
_APPARATUS = re.compile(
    r"""(?:a\s+)?(?:
      (?:(?:general|name|subject|author|title)\s+)?index(?:es)?(?:\s+of\s+.+)? | indices
    | (?:(?:select(?:ed)?|annotated|brief)\s+)?bibliograph(?:y|ies)(?:\b.*)?
    | (?:end|foot)?notes(?:\s+(?:and|on|to)\s+(?:the\s+)?(?:references|sources|bibliography|contributors|text))?
    | references(?:\s+and\s+\w+)? | (?:works|literature)\s+cited | sources(?:\s+and\s+\w+)?
    | (?:suggest(?:ed|ions\s+for)|further|essential|recommended|additional)\s+(?:further\s+)?readings?
    | reading\s+list | acknowledge?ments? | (?:(?:photo|picture|image|illustration|text)\s+)?credits | permissions
    | glossary(?:\s+of\s+.+)? | (?:table\s+of\s+)?contents
    | (?:list\s+of\s+)?(?:figures|tables|illustrations|maps|plates|abbreviations|contributors)
    | about\s+the\s+(?:authors?|editors?|translators?|publisher|type) | copyright(?:\s+page)? | dedication
    | (?:half[\s-])?title(?:\s+page)? | cover | colophon | frontispiece | appendi(?:x|ces|xes)\b.*
    | chronology | errata | resources | resource\s+guide | (?:front|back)\s+matter
    | includes\s+(?:an?\s+)?(?:index|bibliograph).*
    | (?:sach|personen)?register | literaturverzeichnis | anmerkungen | danksagung | inhalt(?:sverzeichnis)?
    | bibliographie | remerciements | table\s+des\s+mati\u00e8res
    | \u00edndice(?:\s+.+)? | bibliograf\u00eda | agradecimientos | notas
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def tidied(row: ContentsRow) -> ContentsRow | None:
    """The row without the catalogue's punctuation, named by its label where it has no words; None if it has none.

    Hundreds of rows hold nothing but a page number where the title should be.
    """
    title, label = _tidy(row.title), _tidy(row.label)
    if _names_something(title):
        return ContentsRow(title, label, row.level)
    return ContentsRow(label, "", row.level) if _names_something(label) else None


def is_apparatus(row: ContentsRow) -> bool:
    """Whether it is an index, notes, thanks or another list around the text. `(p. 25-26)` marks a cited list."""
    return bool(_PAGES_CITED.search(row.title) or _APPARATUS.fullmatch(row.title.rstrip(".")))


def is_volume(row: ContentsRow) -> bool:
    """Whether it names a volume of a set."""
    return bool(_VOLUME.match(heading(row)))


def is_part(row: ContentsRow) -> bool:
    """Whether it is the heading of a part, above chapters."""
    return bool(_PART.match(heading(row)))


def is_chapter(row: ContentsRow) -> bool:
    """Whether it says of itself that it is a chapter."""
    return bool(_CHAPTER.match(heading(row)))


def is_text_of_its_own(row: ContentsRow) -> bool:
    """Whether it is an introduction, an epilogue or the like, which stands beside parts and not above chapters."""
    return bool(_TEXT_OF_ITS_OWN.match(row.title))


def is_run_together(row: ContentsRow) -> bool:
    """Whether it holds several titles, joined as catalogues do it: `One ; Two ; Three` or `One -- Two -- Three`."""
    return len(_SEPARATOR.findall(row.title)) > 1


def number_of(row: ContentsRow) -> int | None:
    """The number that it carries, in its label or in front of its title (`7`, `Chapter 7`, `7.`)."""
    found = _NUMBER.match(heading(row))
    return int(found[1]) if found else None


def heading(row: ContentsRow) -> str:
    """Label and title as they stand on the page."""
    return f"{row.label} {row.title}".strip()


def chapter_title(row: ContentsRow) -> str:
    """The title alone: without `Chapter 7:` in front, `/ Author` behind, and with semicolons as a printer sets them."""
    title = _CHAPTER_PREFIX.sub("", _BY_SOMEBODY.sub("", row.title), count=1)
    return _CLOSING_STOP.sub("", title).replace(" ; ", "; ")


def _tidy(text: str) -> str:
    return " ".join(_LEADERS.sub("", text).split()).strip(_EDGES)


def _names_something(text: str) -> bool:
    return any(map(str.isalnum, text)) and not _PAGE_OR_NUMBER.fullmatch(text)
