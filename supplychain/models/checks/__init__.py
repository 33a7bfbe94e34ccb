"""Checks of the models stage (MDL): pure functions over evidence."""
