"""What schemathesis finds wrong with the API."""
