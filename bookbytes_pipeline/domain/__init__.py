"""Books, chapters, summaries and clips as frozen values, and the errors that concern them.

Standard library only: these modules are imported by the API, the command line and the pipeline alike.
"""
