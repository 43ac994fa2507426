"""What is deleted when its time is over, so that nothing grows without end."""

from webapp.models.change import prune_changes
from webapp.models.leaving import prune_accounts
from webapp.models.link import prune_links
from webapp.models.session import prune_sessions
from webapp.models.submission import prune_submissions
from webapp.models.throttle import prune_throttles
from webapp.models.token import prune_tokens
from webapp.models.tombstone import prune_tombstones
from webapp.models.value import prune_entries


def prune_expired() -> int:
    """Delete what nobody can use any more; returns how many rows."""
    rows = prune_sessions() + prune_entries() + prune_submissions() + prune_changes()
    return rows + prune_throttles() + prune_tokens() + prune_links() + prune_tombstones() + prune_accounts()
