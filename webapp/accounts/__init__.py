"""What belongs to a person beside the list: tokens for programs."""
