"""What make and CI run around the package."""
