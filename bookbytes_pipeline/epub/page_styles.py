"""What the look of an element says about its text: hidden, raised, on a line of its own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from bookbytes_pipeline.epub.markup import Element, descendants

MAX_STYLE_CHARS = 200_000
MAX_RULES = 5_000
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]{1,400})\{([^{}]{0,2000})\}")
_CLASS = re.compile(r"\.([\w-]+)$")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)", re.IGNORECASE)
_PLACED = re.compile(r"position\s*:\s*(?:absolute|fixed)|display\s*:\s*(?:block|table-cell|list-item)", re.IGNORECASE)
_RAISED = re.compile(r"vertical-align\s*:\s*(?:super|text-top)", re.IGNORECASE)
_LOWERED = re.compile(r"vertical-align\s*:\s*sub\b", re.IGNORECASE)
_RAISED_CLASS = re.compile(r"(?:^|[\s_-])sup(?:er)?(?:script)?\d{0,2}(?=$|[\s_-])", re.IGNORECASE)
_LOWERED_CLASS = re.compile(r"(?:^|[\s_-])sub(?:script)\d{0,2}(?=$|[\s_-])|(?:^|\s)sub(?=$|\s)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PageStyles:
    """The rules in a page's own style sheets for its classes."""

    _rules: Mapping[str, str]

    @classmethod
    def of(cls, root: Element) -> "PageStyles":
        """Return the rules of the page's `style` elements that are for a class alone."""
        sheets = " ".join(style.text or "" for style in descendants(root, "style"))[:MAX_STYLE_CHARS]
        rules: dict[str, str] = {}
        for number, rule in enumerate(_RULE.finditer(_COMMENT.sub("", sheets))):
            for selector in rule.group(1).split(",") if number < MAX_RULES else ():
                if (name := _CLASS.search(selector.strip())) and " " not in selector.strip():
                    rules[name.group(1)] = f"{rules.get(name.group(1), '')};{rule.group(2)}"
        return cls(rules)

    def hides(self, element: Element) -> bool:
        """Return whether a reader does not see the element."""
        if element.get("hidden") is not None or (element.get("aria-hidden") == "true" and not _is_initial(element)):
            return True
        return bool(_HIDDEN.search(self._style(element)))

    def places(self, element: Element) -> bool:
        """Return whether the element stands apart from the text beside it, as words in fixed layouts do."""
        return bool(_PLACED.search(self._style(element)))

    def level(self, element: Element, name: str) -> int:
        """Return 1 for what is raised, -1 for what is lowered, 0 for what stands on the line."""
        classes, style = element.get("class") or "", self._style(element)
        if name == "sup" or (classes and _RAISED_CLASS.search(classes)) or _RAISED.search(style):
            return 1
        return -1 if name == "sub" or (classes and _LOWERED_CLASS.search(classes)) or _LOWERED.search(style) else 0

    def _style(self, element: Element) -> str:
        style, classes = element.get("style") or "", element.get("class")
        if not classes or not self._rules:
            return style
        return ";".join([style, *(self._rules.get(name, "") for name in _names(classes))])


def _is_initial(element: Element) -> bool:
    """Return whether this is the first letter of a word that goes on behind it, hidden from screen readers alone."""
    letter = "".join(map(str, element.itertext())).strip()
    return len(letter) == 1 and letter.isalpha() and (element.tail or "")[:1].isalpha()


@lru_cache(maxsize=512)
def _names(classes: str) -> tuple[str, ...]:
    return tuple(classes.split())
