"""Verify images, packages and models before they enter the fleet.

Importing this package imports nothing else: every public function lies in a module of its own.
"""

__version__ = "0.1.0"
