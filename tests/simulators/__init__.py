"""Servers and images made on the spot; free of pytest, so that the demo can use them too."""
