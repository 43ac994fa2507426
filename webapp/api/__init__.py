"""What programs find at the API beside the rooms' own verbs."""
