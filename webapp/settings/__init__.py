"""What belongs to a person beside the list: the ways in, the programs, the data."""
