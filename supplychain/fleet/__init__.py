"""The files that people and this tool write about a fleet."""
