"""What holds for all edits that are possible: every section of the text is in exactly one place."""

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bookbytes_pipeline.domain.book import BookText, ChapterText, SkippedSection
from bookbytes_pipeline.domain.chapter_edits import Edits, edited
from bookbytes_pipeline.domain.corrections import ChosenChapters, choose_chapters, chosen_by, parts_of
from bookbytes_pipeline.domain.errors import InvalidCorrection

every_edit = settings(max_examples=300, deadline=None, derandomize=True)


@st.composite
def texts(draw: st.DrawFn) -> BookText:
    """Draw a text of up to eight sections, some of them left out."""
    chapters: list[ChapterText] = []
    left_out: list[SkippedSection] = []
    for section, chapter in enumerate(draw(st.lists(st.booleans(), min_size=4, max_size=8).filter(any)), start=1):
        if chapter:
            chapters.append(ChapterText(len(chapters) + 1, f"Title {section}", "Some text.", section))
        else:
            left_out.append(SkippedSection(f"Title {section}", 2, "imprint", "Some text.", section))
    return BookText("The Sea", tuple(chapters), left_out=tuple(left_out))


def edits(chosen: ChosenChapters) -> st.SearchStrategy[Edits]:
    """Draw changes of these chapters; some contradict each other."""
    numbers = st.integers(1, len(chosen.chapters))
    outside = [str(section.section) for section in chosen.left_out]
    neighbours = list(pairwise(range(1, len(chosen.chapters) + 1)))
    return st.builds(
        Edits,
        skip=st.lists(numbers, max_size=2).map(tuple),
        keep=st.lists(st.sampled_from(outside), max_size=2).map(tuple) if outside else st.just(()),
        rename=st.lists(st.tuples(numbers, st.sampled_from(["Dawn", "Dusk"])), max_size=1).map(tuple),
        merge=st.lists(st.sampled_from(neighbours), max_size=2).map(tuple) if neighbours else st.just(()),
    )


@every_edit
@given(st.data(), texts())
def test_every_section_is_in_one_place(data: st.DataObject, text: BookText) -> None:
    """Edits, and edits of edited chapters, keep the reading order and lose or double nothing."""
    chosen = choose_chapters(text)
    for _ in range(2):
        try:
            wanted = edited(chosen, data.draw(edits(chosen)))
        except InvalidCorrection:
            continue
        chosen = chosen_by(text, wanted)
        inside = [section for chapter in chosen.chapters for section in chapter.sections]
        outside = [section.section for section in chosen.left_out]
        assert inside == sorted(inside)
        assert sorted(inside + outside) == list(parts_of(text))
        assert list(range(1, len(chosen.chapters) + 1)) == [chapter.number for chapter in chosen.chapters]
