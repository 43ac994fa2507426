"""What is asked before something is gone for good."""

from webapp.hybrid import Form


class DeleteForm(Form):
    """The wish to delete for good; there is nothing to say about it."""
