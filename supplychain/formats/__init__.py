"""Pure, bounded readers of file formats. Every value comes with its position."""
