"""What is asked before something is gone for good."""

from webapp.forms import Form


class DeleteForm(Form):
    """The wish to delete for good; there is nothing to say about it."""
