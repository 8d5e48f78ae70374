"""Devices as people know them, from what their clients call themselves (`User-Agent`)."""

_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
"""What tells a browser, first those that also name the browsers which they resemble."""
_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}
_MAX_CHARS = 40
_BROWSER_PREFIX = "Mozilla/"


def device_name(user_agent: str) -> str:
    """Return what a client says it is: `Firefox on Android`; of an app that is no browser, the name it gives itself."""
    if not user_agent.startswith(_BROWSER_PREFIX):
        return user_agent.split("/", maxsplit=1)[0].strip()[:_MAX_CHARS] or "An app that gives no name"
    browser = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "A browser")
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), None)
    return f"{browser} on {system}" if system else browser
