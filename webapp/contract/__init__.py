"""What the API promises: what routes, forms and shapes do not say themselves, with examples and words."""
