"""The server: Waitress, told how we want it to work."""
