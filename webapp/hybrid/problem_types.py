"""Every kind of problem: its name in addresses, its status, what is said of it, and what its page says."""

from typing import Any, NamedTuple

from webapp.i18n import lazy_gettext as _
from webapp.models.todos.undo_entry import UNDO_AGE

Text = Any  # a lazy translation


class ProblemType(NamedTuple):
    """title: short, and the same for each occurrence. usual: what is said of one where the view says nothing better.

    meaning: what happened. remedy: what to do about it.
    """

    status: int
    title: Text
    usual: Text
    meaning: Text
    remedy: Text


# Of several with one status, the first is what that status means where nothing else is said.
PROBLEM_TYPES = {
    "bad-request": ProblemType(
        400,
        _("That request cannot be understood"),
        _("Something in it is missing or damaged. Go back and try again."),
        _("Its body is not JSON, its text not UTF-8, or something in its address is not what it can be."),
        _("The detail says what is wrong. Correct it; the same request again fails again."),
    ),
    "token-required": ProblemType(
        401,
        _("No valid token"),
        _("Say who you are, then try again."),
        _("The request came without a token, or with one that is revoked, expired, or was never made."),
        _("Make a token in the settings and send it as “Authorization: Bearer …”."),
    ),
    "forbidden": ProblemType(
        403,
        _("Not allowed"),
        _("That came from another site. Nothing was changed. Open Recado itself and try again there."),
        _("The token is valid, but may not do this."),
        _("Make another token that may; what one is allowed to do is chosen when it is made."),
    ),
    "not-found": ProblemType(
        404,
        _("Not found"),
        _("There is nothing at this address, or it is not yours."),
        _("There is nothing at this address, or it is not yours. The two are never told apart."),
        _("Ask for the list again: the thing may have been deleted, or the address was put together wrongly."),
    ),
    "method-not-allowed": ProblemType(
        405,
        _("That cannot be done here"),
        _("This address does not take that kind of request."),
        _("This address does not take that kind of request."),
        _("The header Allow names those that it takes."),
    ),
    "not-acceptable": ProblemType(
        406,
        _("There is no JSON for this"),
        _("This address has a page, but nothing for a program."),
        _("This address has a page, but nothing for a program."),
        _("Take one of the addresses that are documented."),
    ),
    "changed-meanwhile": ProblemType(
        409,
        _("Changed meanwhile"),
        _("Somebody changed this at the same moment. Look at it again, then repeat your change."),
        _("Somebody else changed the same thing since the version that you named, or at the same moment."),
        _("Get it again, decide what should become of both changes, and send yours with the new version."),
    ),
    "in-progress": ProblemType(
        409,
        _("Still under way"),
        _("This takes longer than usual. Wait a moment, then try again."),
        _("What this request needs is held by another that is not finished, perhaps its own first copy."),
        _("Wait as long as Retry-After says, then send it again with the same Idempotency-Key."),
    ),
    "gone": ProblemType(
        410,
        _("Too late"),
        _("This is gone for good."),
        _("What could be done for a while can be done no more, such as undoing after %(minutes)s minutes.",
          minutes=int(UNDO_AGE.total_seconds()) // 60),
        _("Nothing; take it as it is."),
    ),
    "precondition-failed": ProblemType(
        412,
        _("Changed meanwhile"),
        _("This is no longer the version that If-Match names."),
        _("It is not the version that If-Match names, or has none; or it is what If-None-Match names."),
        _("Get it again, decide what should become of both changes, and send yours with the new ETag."),
    ),
    "too-large": ProblemType(
        413,
        _("Too much at once"),
        _("Send less at a time."),
        _("The body is longer than this Recado reads."),
        _("Send less at a time."),
    ),
    "unsupported-media-type": ProblemType(
        415,
        _("Wrong kind of content"),
        _("Send JSON, with the header Content-Type: application/json."),
        _("The body does not say that it is JSON."),
        _("Send JSON, with the header Content-Type: application/json."),
    ),
    "invalid": ProblemType(
        422,
        _("Something has to be corrected"),
        _("See what is said beside each value."),
        _("The body is JSON, but some values in it are not what they can be."),
        _("Each entry of “errors” points to a value (RFC 6901) and says what is wrong with it."),
    ),
    "key-reused": ProblemType(
        422,
        _("Idempotency-Key used before"),
        _("This Idempotency-Key was already used for something else."),
        _("This key came before with another request, so this one was not carried out."),
        _("Make a new key for each thing that you want done; repeat one only with the very same request."),
    ),
    "too-many-requests": ProblemType(
        429,
        _("Too many requests"),
        _("Wait a little, then try again."),
        _("More requests came in a short time than one token, or one address without a token, may send."),
        _("Wait as long as Retry-After says. RateLimit and RateLimit-Policy on each answer tell how much is left."),
    ),
    "internal-error": ProblemType(
        500,
        _("Something went wrong"),
        _("It is our fault, not yours. Nothing was changed; please try again."),
        _("It is our fault, not yours. Nothing was changed."),
        _("Send it again, with the same Idempotency-Key. If it stays so, tell whoever runs Recado the request_id."),
    ),
    "unavailable": ProblemType(
        503,
        _("Not ready"),
        _("Recado cannot reach its data right now. Please try again in a moment."),
        _("Recado cannot reach its data right now. Nothing was changed."),
        _("Wait as long as Retry-After says, then send it again with the same Idempotency-Key."),
    ),
}  # fmt: skip
PLAIN = "about:blank"  # the type of any other problem (RFC 9457)
USUAL = {kind.status: name for name, kind in reversed(PROBLEM_TYPES.items())}
