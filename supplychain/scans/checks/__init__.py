"""Checks on scanner reports: vulnerabilities (VUL) and trust in the scan itself (SCN)."""
