"""What happened to the list since a program last asked."""
