"""What programs find at the API beside the verbs of the other blueprints."""
