"""Verify images, packages and models before they enter the fleet.

Importing this package imports nothing else: every public function is reached through its own module.
"""

__version__ = "0.1.0"
