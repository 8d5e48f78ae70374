"""Text that says the same again and again, and text that only has a refrain."""

import pytest

from bookbytes_pipeline.writing.repetition import distinct_words, repeated_sentence, repeats_phrases
from tests.writing.good_summaries import FRENCH, FROM_MEMORY, JAPANESE, MILL, PENDULUM, RAILWAYS

THAI = (
    "แม่น้ำเริ่มจากน้ำพุเล็ก ๆ บนภูเขา น้ำไหลลงมาตามทางลาดชันและกัดเซาะหิน เมื่อแม่น้ำถึงที่ราบ น้ำก็ไหลช้าลงและทิ้งก้อนหิน ทราย และโคลนไว้ "
    "แม่น้ำจึงเปลี่ยนรูปร่างทุกครั้งที่น้ำท่วม ผู้คนสร้างเขื่อนเพื่อกั้นแม่น้ำ แต่ท้องแม่น้ำกลับสูงขึ้นจนสูงกว่าทุ่งนาที่เขื่อนควรจะปกป้อง"
)
LONG_NAMES = (
    "スチュワート・ブランドソンは川の研究者である。若いころスチュワート・ブランドソンは山で泉を数えた。その後、砂の動きを測り、洪水の記録を集めた。"
    "晩年のスチュワート・ブランドソンは堤防に反対した。村人は彼の言葉を信じなかったが、翌年の春に水が畑を覆った。"
)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("It kept time well. So it did. It kept time well. It kept time WELL.", "en"),
        ("It kept  time well.\n\nIt kept time\nwell.\n\nIt kept time well.", "en"),
        ("Das Rad stand still. Das Rad stand still. Das Rad stand still.", "de"),
        ("川は小さな泉から始まる。" * 3, "ja"),
    ],
)
def test_a_sentence_that_stands_there_three_times_is_found(text: str, language: str) -> None:
    """In whatever case, and however its lines are broken."""
    assert repeated_sentence(text, language)


@pytest.mark.parametrize(
    "text",
    ["It kept time well. It kept time well.", "No. No. No. Never. Never. Never.", "Row, row, row! Row, row, row!", ""],
)
def test_twice_or_a_cry_is_not_too_often(text: str) -> None:
    """A story may say `no` three times."""
    assert repeated_sentence(text, "en") is None


def test_phrases_again_and_again_are_found() -> None:
    """With a few other words between them, so that no sentence is the same."""
    text = " ".join(f"On day {day} the pendulum of the clock in the tall hall kept its time." for day in range(9))

    assert repeats_phrases(text, "en")
    assert repeats_phrases("".join(f"{day}日目も川は小さな泉から始まり海へと流れていく。" for day in range(9)), "ja")


@pytest.mark.parametrize(
    ("text", "language"),
    [
        *((text, "en") for text in (PENDULUM, RAILWAYS, FROM_MEMORY)),
        *((MILL, "de"), (FRENCH, "fr"), (JAPANESE, "ja"), (LONG_NAMES, "ja"), (THAI, "th")),
        ("The pendulum of the clock kept its time. " * 4, "en"),
        ("", "en"),
    ],
)
def test_prose_repeats_hardly_any_phrases(text: str, language: str) -> None:
    """A long name in a script without spaces is no phrase, and what is short may have a refrain."""
    assert not repeats_phrases(text, language)


@pytest.mark.parametrize(
    ("text", "words"),
    [("It kept time well. " * 48, 4), ("It kept time. It lost time.", 6), ("川は泉から始まる。" * 9, 4), ("", 0)],
)
def test_each_sentence_counts_once(text: str, words: int) -> None:
    """However often it is said."""
    assert words == distinct_words(text, "ja" if "川" in text else "en")
