"""The trash: deleted to-dos, until somebody brings them back or their time is over."""
