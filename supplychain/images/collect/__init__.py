"""Collectors of the images stage: files and registries in, evidence or gaps out."""
