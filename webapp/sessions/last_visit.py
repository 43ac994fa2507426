"""What a session tells its owner of the last visit."""

from flask import request

from webapp.models.sessions.session import ADDRESS_LIMIT, BROWSER_LIMIT


def last_visit() -> dict[str, str]:
    """The visitor's `address` and `browser`, as long as they are kept."""
    address, browser = request.remote_addr or "", request.user_agent.string
    return {"address": address[:ADDRESS_LIMIT], "browser": browser[:BROWSER_LIMIT]}
