"""The prompts, one Markdown file each, to be reviewed as prose.

The part above the line `---` are the rules, the part below is the question. `$name` stands for a fact about the book.
"""

from functools import cache
from importlib.resources import files
from string import Template
from typing import NamedTuple

from bookbytes_pipeline.domain.errors import InvalidSettings


class Prompt(NamedTuple):
    """One prompt as written: `instructions` and `question`, both with `$name` placeholders."""

    instructions: str
    question: str

    def fill(self, **facts: str | int) -> "Prompt":
        """The prompt about one book; raises `InvalidSettings` where it asks for a fact that there is not."""
        try:
            return Prompt(Template(self.instructions).substitute(facts), Template(self.question).substitute(facts))
        except (KeyError, ValueError) as error:
            known = ", ".join(f"${name}" for name in facts)
            raise InvalidSettings(f"A prompt asks for {error} and there is only {known}; correct its file.") from error


@cache
def prompt(name: str) -> Prompt:
    """The prompt in `<name>.md`."""
    text = (files(__package__) / f"{name}.md").read_text(encoding="utf-8")
    instructions, question = text.split("\n---\n")
    return Prompt(instructions.strip(), question.strip())
