"""Collectors of the lock file stage."""
