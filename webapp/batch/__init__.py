"""Several operations of a program at once: all of them, or none."""
