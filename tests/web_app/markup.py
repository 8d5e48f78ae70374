"""Reading pages without a browser."""

from lxml import html

from tests.api.client import Api, User


def read_page(api: Api, user: User, path: str, **query: str | int) -> html.HtmlElement:
    """A page as this person sees it."""
    answer = api.ask("GET", path, user, params=query)
    assert 200 == answer.status_code, answer.text
    return html.fromstring(answer.text)


def parts(page: html.HtmlElement, *names: str) -> list[html.HtmlElement]:
    """The elements with the last of these names, within those with the first, and so on: a tag, a class, or an id."""
    steps = (
        f"//*[self::{name} or @id='{name}' or contains(concat(' ', normalize-space(@class), ' '), ' {name} ')]"
        for name in names
    )
    return list(page.xpath(f".{''.join(steps)}"))


def texts(page: html.HtmlElement, *names: str) -> list[str]:
    """What is in these elements, with each run of white space as a blank."""
    return [" ".join(part.text_content().split()) for part in parts(page, *names)]
