"""Report files to evidence."""
