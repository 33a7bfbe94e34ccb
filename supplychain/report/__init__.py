"""A run as text, JSON, SARIF or annotations: one file a format. Imports core only."""
