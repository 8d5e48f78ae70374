"""The pages that people open in a browser. README.md says what renders what."""
