"""Collectors of the models stage: local files in, evidence or gaps out."""
