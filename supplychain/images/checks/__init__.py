"""Checks of the images stage (IMG, BLD): pure functions over evidence."""
