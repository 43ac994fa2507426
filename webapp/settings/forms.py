"""What a token is made from."""

from webapp.hybrid import Form


class TokenForm(Form):
    """A new token; so far there is nothing to say about it."""

    creates = True


class RevokeForm(Form):
    """The wish that a token may work no more."""
