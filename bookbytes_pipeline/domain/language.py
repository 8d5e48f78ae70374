"""Languages as tags: what people and files call them, and what a text and its file say weighed against each other."""

from dataclasses import dataclass

import langcodes

from bookbytes_pipeline.domain.language_detection import detect_language, is_detectable

FALLBACK = "en"
NO_LANGUAGE = frozenset({"und", "mul", "zxx", "mis", "x"})
MAX_CHARS = 60
_MISTAKEN = {"jp": "ja", "cn": "zh", "gr": "el", "cz": "cs", "dk": "da", "ua": "uk", "kr": "ko", "vn": "vi", "se": "sv"}
"""Codes of countries that people write for languages; `se`, Northern Sami, is nearly always Swedish."""
_ALIKE = (
    *({"no", "nb", "nn", "da"}, {"sr", "hr", "bs", "sh"}, {"id", "ms"}, {"zh", "yue", "wuu", "lzh"}, {"cs", "sk"}),
    *({"gl", "pt"}, {"af", "nl"}, {"hi", "mr", "ne", "sa"}, {"fa", "prs"}, {"mk", "bg"}),
)
"""Languages that a detector confuses: within a family, what the book says of itself counts."""


@dataclass(frozen=True, slots=True)
class LanguageChoice:
    """A language as BCP 47 tag, a sentence that says why, and whether people should hear of it as a warning."""

    tag: str
    reason: str
    doubtful: bool = False


def language_tag(said: str) -> str | None:
    """Return the BCP 47 tag for a code or name such as `deu`, `de_DE`, `Deutsch` or `jp`; None for no language."""
    words = said.strip()[:MAX_CHARS].split(".")[0].replace("_", "-")
    code = _MISTAKEN.get(words.lower(), words)
    if langcodes.tag_is_valid(code):
        tag = langcodes.standardize_tag(code)
        return None if _primary(tag) in NO_LANGUAGE else tag
    try:
        return langcodes.find(words).to_tag() if words else None
    except LookupError:
        return None


def weigh_languages(text: str | None, pages: str | None, package: str | None) -> LanguageChoice | None:
    """Choose between what the text is found to be in and what the pages and the package document say, as tags.

    The text decides, unless a detector cannot know better; a converter's stamp on the file does not. None if nothing
    says anything.
    """
    declared = [tag for tag in (package, pages) if tag]
    if text is None:
        return _without_text(pages, package)
    fitting = next((tag for tag in declared if are_alike(tag, text)), None)
    others = [tag for tag in declared if not are_alike(tag, text)]
    unknown = next((tag for tag in others if not is_detectable(_primary(tag))), None)
    if unknown and not fitting:
        return LanguageChoice(unknown, f"The file says {name_of(unknown)}, which cannot be told from the text.")
    tag = fitting or text
    if others:
        said = " and ".join(dict.fromkeys(map(name_of, others)))
        return LanguageChoice(tag, f"The text is {name_of(tag)}, although the file says {said}.", doubtful=True)
    return LanguageChoice(tag, f"The text is {name_of(tag)}{', as the file says' if fitting else ''}.")


def name_of(tag: str) -> str:
    """Return the English name of a language, such as `German` for `de`."""
    return langcodes.Language.get(tag).display_name()


def is_same_language(one: str, other: str) -> bool:
    """Return whether two tags name one language, whatever the region: `en-US` and `en`."""
    return _primary(one) == _primary(other)


def are_alike(one: str, other: str) -> bool:
    """Return whether two tags name one language, or two that a detector confuses."""
    first, second = _primary(one), _primary(other)
    return first == second or any({first, second} <= family for family in _ALIKE)


def language_instead_of(tag: str, text: str) -> str | None:
    """Return the language that `text` is surely in and that is not `tag`; None where a detector knows no better."""
    found = detect_language(text)
    return None if found is None or are_alike(found, tag) or not is_detectable(_primary(tag)) else found


def _without_text(pages: str | None, package: str | None) -> LanguageChoice | None:
    """The pages count where they differ from a package document in English: most converters write that by default."""
    stamped = package is not None and pages is not None and _primary(package) == FALLBACK != _primary(pages)
    tag = pages if stamped or package is None else package
    if tag is None:
        return None
    reason = f"The {'pages say' if tag == pages != package else 'file says'} {name_of(tag)}; the text does not tell."
    return LanguageChoice(tag, reason, doubtful=stamped)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].lower()
