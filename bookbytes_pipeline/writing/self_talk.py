"""Where a language model talks about itself, its task or its text instead of the matter.

Stories begin with apologies, and books are about chapters, words and AI: the patterns are whole turns of phrase.
"""

import re
from collections.abc import Iterable

_SUMMARY = "summary|zusammenfassung|résumé|resumen|riassunto|sommario|resumo|samenvatting|要約|摘要|总结"
_WORDS = "words|wörter|mots|palabras|parole|palavras|woorden"
_POLITE = "sure|certainly|of course|gladly|absolutely|okay|ok|gerne|natürlich|bien sûr|claro|certo"
_HERE = (
    "here(?: is|'s| are)|below is|the following is|this is|hier (?:ist|is)|voici|aquí (?:está|tienes)|este es|ecco"
    "|aqui está"
)
_CHAPTER = (
    "(?:in )?this (?:chapter|summary)|(?:in )?diese[sm] kapitel|(?:dans )?ce chapitre|(?:en |n)?este capítulo"
    "|(?:in )?questo capitolo|(?:in )?dit hoofdstuk"
)
_OF = "of|der|des|seine[rs]|ihre[rs]|de|du|del|della|do|da|van"
"""Before what it is a chapter of: a life, a war."""
_TEXT = (
    "(?:in )?(?:this|the) (?:section|passage|excerpt|text)|(?:in )?diese[smr] (?:abschnitt|text|auszug)"
    "|(?:dans )?ce (?:texte|passage)|(?:en |n)?este (?:texto|pasaje|trecho)|(?:in )?questo (?:testo|brano)"
    "|(?:in )?dit fragment"
)
_AUTHOR = (
    "(?:in (?:the|this) (?:chapter|text|book), )?the (?:author|chapter)|der autor|die autorin|das kapitel|l'auteure?"
    "|el autor|la autora|l'autore|o autor|a autora|de auteur"
)
_TELLS = (
    "discusses|explores|examines|introduces|describes|explains|presents|provides (?:an overview|insight)|delves"
    "|outlines|focuses|covers|behandelt|beschreibt|erklärt|erläutert|befasst|beschäftigt|schildert|untersucht"
    "|traite|décrit|explique|présente|aborde|trata|describe|explica|presenta|descreve|apresenta|tratta|descrive|spiega"
    "|beschrijft|bespreekt"
)
_TELLING = "discussing|exploring|examining|introducing|describing|explaining|presenting|outlining"
_NAMED = "book|title|author|chapter|buch|titel|autor|kapitel|livre|titre|auteur|chapitre|libro|título|capítulo|capitolo"
_LABEL = (
    rf"(?:(?:the|brief|short|chapter|book) ){{0,2}}(?:{_SUMMARY})"
    r"(?: (?:of|von|des|der|du|de|del) [^\n:.]{0,20}(?:chapter|book|text|kapitel|chapitre|cap[ií]t)[^\n:.]{0,60})?"
    r"[*_]*(?::|\n)"
)
_OPENINGS = (
    rf"(?:{_POLITE})(?:!|[,.:]? (?:i'll|i'd|i can|i will|let me|here|below|the following|this is (?:a|the|my|your))\b)",
    rf"(?:{_HERE})(?: [^\s.:;]+){{0,5}}? (?:[^\s.:;]*-)?(?:{_SUMMARY})\b",
    _LABEL,
    rf"(?:{_NAMED})(?: \w{{1,12}})?[*_]*:",
    rf"(?:{_CHAPTER})\b(?! (?:{_OF})\b)",
    rf"(?:{_TEXT}),? (?:{_TELLS}|{_AUTHOR})\b",
    rf"(?:{_AUTHOR}) (?:then |also )?(?:(?:begins|starts|opens) by (?:{_TELLING})|{_TELLS})\b",
    r"in the (?:given|provided|following) (?:chapter|text|passage)\b",
    "この章(?:では|は)|本章(?:では|は|主要|讲述|介绍|讨论|探讨)",
)
_ANYWHERE = (
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b[^.!?\n]{0,50}\bi\b(?! (?:was|were|had)\b)",
    r"\bals (?:ki|sprachmodell)\b[^.!?\n]{0,30}\bich\b",
    r"\ben tant que modèle de langage\b",
    r"\bcomo modelo de (?:lenguaje|linguagem)\b",
    r"\b(?:word count|wortzahl|nombre de mots|recuento de palabras)[\s*_]*[:=][^\n.]{0,20}\d",
    rf"[\[(]\s*(?:[^\W\d]+\.? )?\d{{2,4}} (?:{_WORDS})\s*[)\]][\s*_]*\Z",
    rf"\n\W*(?:[^\W\d]+\.? )?\d{{2,4}} (?:{_WORDS})\W*\Z",
    r"\b(?:write|aim for) (?:about|around|approximately) \d{2,4} words\b(?! (?:a|an|per|each|every|in|before|by)\b)",
    r"^\W*(?:(?:final|first|rough) )?draft\s*:",
    r"^\W*(?:i hope this (?:summary|helps)|let me know if you|feel free to ask)\b",
)
_REFUSALS = (
    r"(?:i'?m|i am) (?:(?:very |so )?sorry|unable|not able|afraid)|sorry\b|i apologi[sz]e|my apologies",
    r"unfortunately,? i\b|as an? (?:ai|(?:large )?language model)\b",
    r"i (?:can't|cannot|can not|won't|will not|do not|don't)\b",
    "es tut mir leid|leider (?:kann|habe|ist es mir)|ich kann (?:diese|das|dir|ihnen|leider|nicht)|je ne peux pas",
    "je suis désolée?|désolée?|malheureusement, je",
    "lo siento|no puedo|mi dispiace|non posso|purtroppo|desculpe|lamento|infelizmente",
    "het spijt me|helaas|tyvärr|beklager|przykro mi|niestety|извините|к сожалению|申し訳|抱歉|很抱歉|对不起",
)
_TASKS = (
    r"\bsummar|\bassist (?:you|with|in)\b|\bprovide (?:a|an|the|you|any|that|this)\b|\bcomply\b|\bcopyright",
    r"\b(?:this|that|your) request\b|\bhelp(?: you)? with (?:that|this)\b|\benough information\b",
    r"\b(?:access to|know) (?:the|this|that) (?:full )?(?:text|chapter|book|content)\b",
    r"\b(?:this|your) (?:chapter|text)\b",
    r"zusammenf|\bdiese[mns]? (?:kapitel|anfrage|text)|dabei (?:nicht )?helfen|behilflich|résum|ce (?:chapitre|texte)",
    r"vous aider|resum|este (?:capítulo|texto)|ayudarte|riassu|questo (?:capitolo|testo)|aiutarti|samenvat|sammanfatt",
    "sammendrag|streszcz|пересказ|глав|要約|この章|お手伝い|摘要|总结|提供|帮助",
)
_TASK_WITHIN = 200
"""Characters: a model says at once what it will not do, and whoever apologises in a story has no such task."""


def _any_of(patterns: Iterable[str]) -> str:
    return "|".join(patterns)


_OPENING = re.compile(rf"\W*(?:{_any_of(_OPENINGS)})", re.IGNORECASE)
_SELF_TALK = re.compile(_any_of(_ANYWHERE), re.IGNORECASE | re.MULTILINE)
_REFUSAL = re.compile(rf"\W*(?:{_any_of(_REFUSALS)})", re.IGNORECASE)
_TASK = re.compile(_any_of(_TASKS), re.IGNORECASE)
_ANNOUNCEMENT = re.compile(
    rf"\W*(?:(?:{_POLITE})[!,.]\s*)?"
    rf"(?:(?:{_HERE}) [^\n:.]{{0,60}}\b(?:{_SUMMARY})\b[^\n:]{{0,80}}(?::|\n)|{_LABEL})[*_\s]*",
    re.IGNORECASE,
)
_COUNT_AT_END = re.compile(
    r"\s*[\[(*_]*\s*(?:(?:word count|wortzahl)[\s*_]*[:=][^\n]{0,40}"
    rf"|(?:(?<=[\[(])|(?<=\n))(?:[^\W\d]+\.? )?\d{{2,4}} (?:{_WORDS})\W*)\Z",
    re.IGNORECASE,
)
_PLAIN = str.maketrans("\u2019\uff1a", "':")


def is_refusal(text: str) -> bool:
    """Return whether `text` begins by declining, or apologising for, what it was asked to do."""
    plain = text.translate(_PLAIN)
    return _REFUSAL.match(plain) is not None and _TASK.search(plain[:_TASK_WITHIN]) is not None


def self_talk(text: str) -> str | None:
    """Return the words in which `text` talks about itself; None if it does not."""
    plain = text.translate(_PLAIN)
    found = _OPENING.match(plain) or _SELF_TALK.search(plain)
    return " ".join(text[found.start() : found.end()].split()) if found else None


def without_self_talk(text: str) -> str:
    """Return `text` without an announcement before it and a word count after it."""
    announced = _ANNOUNCEMENT.match(text.translate(_PLAIN))
    return _COUNT_AT_END.sub("", text[announced.end() :] if announced else text).strip()
