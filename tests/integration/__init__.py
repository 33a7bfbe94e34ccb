"""Tests against the real programs."""
