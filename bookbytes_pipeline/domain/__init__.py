"""The words of the trade as frozen values, and everything that can go wrong with them.

Standard library only: these modules are imported by the API, the command line and the pipeline alike.
"""
