"""Models fetched, judged and kept: a content-addressed store that holds only what was admitted."""
