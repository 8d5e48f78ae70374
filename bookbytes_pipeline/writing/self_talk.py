"""Where a language model talks about itself, its task or its text instead of the matter."""

import re
from collections.abc import Iterable

_SUMMARY = "summary|zusammenfassung|résumé|resumen|riassunto|sommario|resumo|samenvatting"
_WORDS = "words|wörter|mots|palabras|parole|palavras|woorden"
_OPENINGS = (
    r"(?:sure|certainly|of course|gladly|okay|ok)[,!.: ]",
    rf"(?:here(?: is|'s| are)|below is|the following is|this is) (?:a|an|the|my|your)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:in )?this (?:chapter|section|passage|excerpt|text|summary)\b",
    r"in the (?:given|provided|following) (?:chapter|text|passage)\b",
    (
        r"(?:in the chapter, )?the (?:author|text|passage|chapter) (?:begins by |then |also )?"
        r"(?:discuss|explor|examin|introduc|describ|explain|present|delv|provid|outlin|focus)\w*"
    ),
    rf"hier ist (?:eine|die)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:in )?diese[smr]? (?:kapitel|abschnitt|text)\b",
    rf"voici (?:un|le)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:dans )?ce (?:chapitre|texte|passage)\b",
    rf"(?:aquí (?:está|tienes)|este es) (?:un|el)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:en )?este (?:capítulo|texto|pasaje)\b",
    rf"ecco (?:un|il)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:in )?questo (?:capitolo|testo|brano)\b",
    rf"aqui está (?:um|o)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:n)?este (?:capítulo|texto|trecho)\b",
    rf"hier is (?:een|de)\b[^.:\n]{{0,60}}(?:{_SUMMARY})",
    r"(?:in )?dit (?:hoofdstuk|fragment)\b",
)
_ANYWHERE = (
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b",
    r"\bals (?:ki|sprachmodell)\b",
    r"\ben tant que modèle de langage\b",
    r"\bcomo modelo de lenguaje\b",
    r"\bword count\b|\bwortzahl\b|\bnombre de mots\b|\brecuento de palabras\b",
    rf"\(\s*(?:approximately |about |ca\. )?\d{{2,4}} (?:{_WORDS})\s*\)",
    r"\b(?:write|aim for|written in) (?:about |around )?\d{2,4} words\b",
    r"\b(?:final|first|rough) draft\b\s*:|^\W*draft\s*:",
)
_REFUSALS = (
    r"(?:i(?:'|\u2019)?m|i am) (?:sorry|unable|not able)|sorry,|i apologi[sz]e|my apologies",
    r"unfortunately, i\b",
    (
        r"i (?:can(?:'|\u2019)t|cannot|can not|won(?:'|\u2019)t|will not|do not|don(?:'|\u2019)t) "
        r"(?:help|assist|provide|write|fulfil|comply|continue|know|summari[sz]e"
        r"|have (?:access|the text|enough|information))"
    ),
    r"as an ai\b|as a language model\b",
    r"es tut mir leid|leider kann ich",
    r"je suis désolé|désolé,|je ne peux pas",
    r"lo siento|no puedo (?:ayudar|resumir)",
    r"mi dispiace|non posso (?:aiutare|riassumere)",
    r"desculpe|lamento,",
)


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


_OPENING = re.compile(rf"\W*(?:{_any_of(_OPENINGS)})", re.IGNORECASE)
_SELF_TALK = re.compile(_any_of(_ANYWHERE), re.IGNORECASE | re.MULTILINE)
_REFUSAL = re.compile(rf"\W*(?:{_any_of(_REFUSALS)})", re.IGNORECASE)
_ANNOUNCEMENT = re.compile(
    rf"\W*(?:(?:sure|certainly|of course|gladly)[^\n:]{{0,80}}|[^\n:.]{{0,60}}\b(?:{_SUMMARY})\b[^\n:.]{{0,80}}):\s+",
    re.IGNORECASE,
)
_COUNT_AT_END = re.compile(
    rf"\s*[\[(*_]{{0,3}}\s*(?:word count|wortzahl)\b[^\n]{{0,40}}$"
    rf"|\s*\(\s*(?:about |approximately )?\d{{2,4}} (?:{_WORDS})\s*\)\s*$",
    re.IGNORECASE,
)


def is_refusal(text: str) -> bool:
    """Return whether `text` begins by declining or apologising."""
    return _REFUSAL.match(text) is not None


def self_talk(text: str) -> str | None:
    """Return the words in which `text` talks about itself; None if it does not."""
    found = _OPENING.match(text) or _SELF_TALK.search(text)
    return " ".join(found[0].split()) if found else None


def without_self_talk(text: str) -> str:
    """Return `text` without an announcement before it and a word count after it."""
    return _COUNT_AT_END.sub("", _ANNOUNCEMENT.sub("", text, count=1) if _ANNOUNCEMENT.match(text) else text).strip()
