"""A batch: operations by the views that carry them out one by one, in one transaction."""

from flask import Blueprint, Response

from webapp.batch.forms import BatchForm
from webapp.batch.schemas import failed_json, result_json
from webapp.http.transactions import transaction
from webapp.hybrid import carry_out, problem, render
from webapp.i18n import gettext as _
from webapp.models.todos.bulk import BULK_LIMIT
from webapp.sessions import login_required

bp = Blueprint("batch", __name__, url_prefix="/batch")


@bp.post("")
@login_required
def create() -> Response:
    form = BatchForm()
    if not form.validate_on_submit():
        return render(form=form)
    results = []
    for number, wanted in enumerate(form.operations.data):
        answer = carry_out(wanted.method.data, wanted.path.data, wanted.body.data, wanted.if_match.data)
        if answer.status_code >= 400:
            said = _("Operation %(number)s failed, so nothing was changed.", number=number)
            return problem(422, said, more={"failed": failed_json(number, answer)})
        if transaction().rows > BULK_LIMIT:
            return problem(422, _("These operations write too much at once. Send fewer of them together."))
        results.append(result_json(answer))
    return render(json={"results": results})
