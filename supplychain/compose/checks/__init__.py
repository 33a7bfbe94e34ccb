"""Checks of the compose stage (CMP): pure functions over evidence."""
