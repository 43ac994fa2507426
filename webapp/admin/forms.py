"""The wishes that make something; the others set a state, and may be sent as often as one likes."""

from webapp.forms import Form


class InviteForm(Form):
    """An invitation for somebody who has no account yet."""


class ResetLinkForm(Form):
    """The way to a new password for somebody who has forgotten it."""
