"""A short book of our own to try everything on: no key, no network and no permission is needed for it."""
