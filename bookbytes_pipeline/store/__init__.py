"""Where assets rest: one tree of files under a base that may be a folder or a bucket."""
