"""How raised and lowered characters stand in a text while a page is read: between control characters.

No page can hold these: `RAISED` or `LOWERED` before the characters and `END` after them; `MARK` and `END` stand around
what is certainly the mark of a note.
"""

RAISED, LOWERED, END, MARK = "\x01\x02\x03\x04"
CONTROLS = dict.fromkeys(range(9))
"""For `str.translate`: the text of a page is rid of these before any is put in."""
