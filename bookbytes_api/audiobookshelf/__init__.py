"""The library for apps that know Audiobookshelf: the part of its API that they call, as a view of our tables."""
