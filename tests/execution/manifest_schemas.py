"""What W3C's Audiobooks and Readium's profile demand of a manifest, in our own words as JSON Schema."""

from typing import Any

_TEXT = {"type": "string", "minLength": 1}
_PLACE = {"type": "string", "minLength": 1, "not": {"pattern": "#"}}
_PEOPLE = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "required": ["type", "name"], "properties": {"type": _TEXT, "name": _TEXT}},
}
_ISO_8601 = {"type": "string", "pattern": r"^PT(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?$"}

W3C: dict[str, Any] = {
    "type": "object",
    "required": [
        "@context", "conformsTo", "type", "id", "name", "author", "readBy", "inLanguage", "abridged", "accessMode",
        "accessModeSufficient", "duration", "readingOrder", "resources",
    ],
    "properties": {
        "@context": {"const": ["https://schema.org", "https://www.w3.org/ns/pub-context"]},
        "conformsTo": {"const": "https://www.w3.org/TR/audiobooks/"},
        "type": {"const": "Audiobook"},
        "id": {"type": "string", "pattern": "^urn:isbn:[0-9]{13}$"},
        "name": _TEXT,
        "author": _PEOPLE,
        "readBy": _PEOPLE,
        "abridged": {"const": True},
        "accessMode": {"type": "array", "contains": {"const": "auditory"}},
        "duration": _ISO_8601,
        "datePublished": {"type": "string", "pattern": "^[0-9]{4}"},
        "readingProgression": {"enum": ["ltr", "rtl"]},
        "readingOrder": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["type", "url", "encodingFormat", "name", "duration"],
                "properties": {
                    "type": {"const": "LinkedResource"},
                    "url": _PLACE,
                    "encodingFormat": {"type": "string", "pattern": "^audio/"},
                    "duration": _ISO_8601,
                },
            },
        },
        "resources": {
            "type": "array",
            "contains": {
                "required": ["rel", "url", "encodingFormat", "name"],
                "properties": {
                    "rel": {"type": "array", "contains": {"const": "cover"}},
                    "encodingFormat": {"type": "string", "pattern": "^image/"},
                },
            },
        },
    },
}  # fmt: skip

_SECONDS = {"type": "number", "exclusiveMinimum": 0}
READIUM: dict[str, Any] = {
    "type": "object",
    "required": ["@context", "metadata", "links", "readingOrder", "resources"],
    "properties": {
        "@context": {"const": "https://readium.org/webpub-manifest/context.jsonld"},
        "metadata": {
            "type": "object",
            "required": ["conformsTo", "identifier", "title", "author", "language", "duration", "abridged"],
            "properties": {
                "conformsTo": {"const": "https://readium.org/webpub-manifest/profiles/audiobook"},
                "identifier": {"type": "string", "format": "uri"},
                "title": _TEXT,
                "author": _TEXT,
                "narrator": {"type": "string"},
                "duration": _SECONDS,
                "abridged": {"const": True},
            },
        },
        "links": {"type": "array", "items": {"required": ["rel", "href", "type"], "properties": {"href": _PLACE}}},
        "readingOrder": {
            "type": "array",
            "minItems": 1,
            "items": {
                "required": ["href", "type", "duration"],
                "properties": {
                    "href": _PLACE,
                    "type": {"type": "string", "pattern": "^audio/"},
                    "duration": _SECONDS,
                },
            },
        },
        "resources": {
            "type": "array",
            "contains": {"required": ["rel", "href", "type"], "properties": {"rel": {"const": "cover"}}},
        },
    },
}
