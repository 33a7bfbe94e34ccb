"""The demo, and the images of its registry."""
