"""Subjects in, verdicts out: what gate, mirror and rebuild share."""
