"""Where a language model talks about itself, and where a story only seems to."""

import pytest

from bookbytes_pipeline.writing.self_talk import is_refusal, self_talk, without_self_talk


@pytest.mark.parametrize(
    "text",
    [
        "Here is the summary of the chapter: Rivers begin as springs.",
        "Here\u2019s a concise, spoken-style summary. Rivers begin as springs.",
        "Sure! Rivers begin as springs.",
        "Certainly. Here is what the chapter says.",
        "Of course, I'll summarise it. Rivers begin as springs.",
        "**Summary:** Rivers begin as springs.",
        "Summary of Chapter 3: Rivers begin as springs.",
        "Chapter 3: Deltas\n\nRivers begin as springs.",
        "Title: Deltas\nRivers begin as springs.",
        "In this chapter, the author discusses rivers.",
        "This chapter is about rivers.",
        "This passage describes how rivers begin.",
        "The author explores how rivers begin.",
        "The chapter discusses how rivers begin.",
        "The author begins by explaining how rivers begin.",
        "In the provided text rivers begin as springs.",
        "Hier ist eine kurze Zusammenfassung: Flüsse beginnen als Quellen.",
        "In diesem Kapitel geht es um Flüsse.",
        "Das Kapitel beschreibt, wie Flüsse entstehen.",
        "Voici un résumé du chapitre : les fleuves naissent de sources.",
        "Dans ce chapitre, les fleuves naissent de sources.",
        "L\u2019auteur décrit la naissance des fleuves.",
        "Este capítulo trata de los ríos.",
        "Questo capitolo parla dei fiumi.",
        "Neste capítulo, os rios nascem.",
        "In dit hoofdstuk ontstaan rivieren.",
        "要約：川は泉から始まる。",
        "この章では、川の始まりが語られる。",
    ],
)
def test_openings_about_the_text_are_found(text: str) -> None:
    """An announcement, a label, or a chapter that `discusses`: the listener waits for the matter."""
    assert self_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "Rivers begin as springs. As an AI, I have not seen one.",
        "Rivers begin as springs. As a language model I cannot visit them.",
        "Flüsse entstehen. Als KI kann ich keine sehen.",
        "Les fleuves naissent. En tant que modèle de langage, je les ignore.",
        "Rivers begin as springs.\n\nWord count: 160",
        "Rivers begin as springs. **Word count:** about 160 words",
        "Rivers begin as springs. (160 words)",
        "Rivers begin as springs. [approximately 160 words]",
        "Rivers begin as springs.\n\n160 words",
        "Flüsse entstehen. (ca. 160 Wörter)",
        "Rivers. Write about 160 words here.",
        "DRAFT: rivers begin as springs.",
        "Rivers begin as springs.\n\nLet me know if you need a longer version.",
        "Rivers begin as springs.\n\nI hope this summary helps!",
    ],
)
def test_talk_about_itself_is_found_anywhere(text: str) -> None:
    """What a model says of itself, of the length, or of its draft."""
    assert self_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "The chapter opens with a storm over the delta.",
        "This chapter of his life ended in Vienna.",
        "In this chapter of the war nobody gave quarter.",
        "This passage between two oceans was sought for three centuries.",
        "The passage explored by Franklin was never seen again by his men.",
        "This text, cut into stone, opened the way to the hieroglyphs.",
        "The author of the letters was never found.",
        "Certainly nobody in the village had expected the flood.",
        "Of course, the dam did not hold.",
        "Sure of victory, the general slept.",
        "Sure, I was afraid, the old man says.",
        "This is the story of a river.",
        "This is a war that nobody could end: summary executions followed.",
        "His summary of the war was short: it was lost.",
        "A summary of his beliefs fits in a word: doubt.",
        "She worked as an AI engineer and as an artificial intelligence critic.",
        "GPT began as a large language model trained on text from the web.",
        "He kept to a daily word count, two thousand, and never missed it.",
        "Lincoln\u2019s address (272 words) took two minutes, and nobody noticed it.",
        "Hemingway told young reporters to write about 500 words a day.",
        "The first draft was lost on a train. The second draft: a better book.",
        "Writers count words, and 160 words say much.",
        "I hope this letter finds you, she writes.",
        "Dieses Kapitel der Geschichte endete 1815.",
        "Dieser Text in Stein öffnete den Weg zu den Hieroglyphen.",
        "Natürlich hielt der Damm nicht.",
        "Ce passage souterrain relie les deux caves.",
        "Este texto sagrado se leía en voz alta.",
        "Hier ist das Wasser tief, und niemand badet.",
        "Book lovers came from far away: they wanted to see it.",
        "川は泉から始まる。",
    ],
)
def test_the_matter_itself_is_not_talk(text: str) -> None:
    """Books are about chapters, words, drafts and AI, and stories begin with `of course`."""
    assert self_talk(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "I'm sorry, but I can't assist with that request.",
        "I\u2019m sorry, but I can\u2019t help with that.",
        "I cannot summarise this chapter because it is under copyright.",
        "I do not have access to the text of the book.",
        "Unfortunately, I don't have enough information.",
        "As an AI language model, I am unable to provide the summary.",
        "Es tut mir leid, aber ich kann dieses Kapitel nicht zusammenfassen.",
        "Leider kann ich dabei nicht helfen.",
        "Je suis désolé, mais je ne peux pas résumer ce chapitre.",
        "Lo siento, no puedo resumir este capítulo.",
        "Mi dispiace, non posso riassumere questo capitolo.",
        "申し訳ありませんが、この章を要約することはできません。",
    ],
)
def test_refusals_are_found(text: str) -> None:
    """An apology or a `cannot`, and soon after it the task."""
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "I can't forget the summer of the flood.",
        "I can't help thinking of my father.",
        "I cannot provide for my family, the farmer writes.",
        "I can't do this any more, she tells him, and leaves.",
        "I do not know who my father was, the narrator says.",
        "I won't write to him again, she decides.",
        "I am unable to sleep; night after night the ship passes.",
        "I'm sorry for what I did, he writes to his brother.",
        "Sorry was all he said.",
        "Sorry, said the captain, and cut the rope.",
        "I apologise to no one, says the queen.",
        "Unfortunately, I was born in winter.",
        "Leider hielt der Damm nicht, und das letzte Kapitel der Stadt begann.",
        "Ich kann nicht schlafen, schreibt der Müller.",
        "Je ne peux pas oublier la mer, dit-elle.",
        "No puedo dormir, dice el capitán.",
        "A summary of the trial was sent to the king.",
    ],
)
def test_apologies_in_a_story_are_no_refusals(text: str) -> None:
    """Whoever tells a story may be sorry, unable or unwilling."""
    assert not is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Here is the summary of the chapter:\n\nRivers begin as springs.",
        "Sure! Here\u2019s a short summary of it: Rivers begin as springs.",
        "**Summary:** Rivers begin as springs.",
        "Summary\n\nRivers begin as springs.",
        "Rivers begin as springs.\n\nWord count: 4",
        "Rivers begin as springs.\n\n**Word count:** 160 words",
        "Rivers begin as springs. (160 words)",
        "Rivers begin as springs.\n\n[About 160 words]",
        "Rivers begin as springs.\n\n160 words",
        "Here is the summary: Rivers begin as springs. (160 words)",
    ],
)
def test_announcement_and_word_count_are_removed(text: str) -> None:
    """What is left is the matter."""
    assert "Rivers begin as springs." == without_self_talk(text)


@pytest.mark.parametrize(
    "text",
    [
        "His summary of the war was short: it was lost.",
        "Sure of himself, he had one rule: never retreat.",
        "Of course he had one rule: never retreat.",
        "He wrote with care, and a daily word count ruled his life.",
        "Lincoln spoke for two minutes (272 words), and sat down.",
        "He wrote every day 500 words.",
    ],
)
def test_nothing_else_is_removed(text: str) -> None:
    """A colon in the first sentence does not make it an announcement."""
    assert text == without_self_talk(text)
