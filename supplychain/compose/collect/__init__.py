"""Collectors of the compose stage."""
