"""Names of files, made of titles."""

import pytest

from bookbytes_pipeline.domain.file_names import MAX_NAME_BYTES, book_name, clip_name, file_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("The Wheel That Hesitates", "03 The Wheel That Hesitates.mp3"),
        ("../../etc/passwd", "03 .._.._etc_passwd.mp3"),
        ('a\\b:c*d?e"f<g>h|i%j', "03 a_b_c_d_e_f_g_h_i_j.mp3"),
        ("two\r\nlines\0", "03 two__lines_.mp3"),
        ("Über Flüsse, नदी", "03 Über Flüsse, नदी.mp3"),
        ("Was ist das ...", "03 Was ist das.mp3"),
        ("", "03.mp3"),
        ("x" * 500, f"03 {'x' * 80}.mp3"),
    ],
)
def test_a_clip_has_a_name_that_file_systems_accept(title: str, name: str) -> None:
    """Number and title, without what separates folders or means something to a shell or to Windows."""
    assert name == file_name(clip_name(3, title), ".mp3")


@pytest.mark.parametrize("title", ["🎡" * 80, "क्ष" * 80, "e\u0301" * 80])
def test_a_name_is_short_in_bytes(title: str) -> None:
    """File systems count bytes; the cut leaves whole characters."""
    name = file_name(clip_name(3, title), ".mp3")

    assert len(name.encode()) <= MAX_NAME_BYTES
    assert name.startswith(f"03 {title[:40]}")


@pytest.mark.parametrize(("title", "name"), [("", "_.m3u8"), ("...", "_.m3u8"), (".hidden", "hidden.m3u8")])
def test_a_file_is_neither_hidden_nor_nameless(title: str, name: str) -> None:
    """Whatever the book is called."""
    assert name == file_name(book_name(title), ".m3u8")
