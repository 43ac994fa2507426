"""What is asked before something is gone for good."""

from webapp.forms import Form, MomentField, Query


class DeleteForm(Form):
    """The wish to delete for good; there is nothing to say about it."""


class EmptyQuery(Query):
    """until: when somebody saw the trash that they want to be rid of; what came later stays."""

    until = MomentField()
