"""From a narrator's speech to the clip that people listen to.

Everything here is plain CPU work without shared state: the caller chooses the thread, and the same speech gives the
same bytes in any of them.
"""
