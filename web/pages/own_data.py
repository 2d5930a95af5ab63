"""What is held of the employee: shown in plain words, handed over as a file, and erased."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from recommender.errors import ArtifactError
from web.live import served
from web.operation import HTML, operation
from web.pages.changing import go_back, tell_problem
from web.pages.data_view import held_views
from web.pages.visits import forget_visit, visitor, visitors_only
from web.rights import erase_person, held_of
from web.stored_answers import EmployeeData

own_data = Blueprint("own_data", __name__, url_prefix="/me")
visitors_only(own_data, "employee")

FILE = "my-learning-data.json"


@own_data.get("/data")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def data() -> str:
    """Show what is held of who visits, table by table."""
    try:
        model = served().model
    except ArtifactError:  # what is held is shown without titles all the same
        model = None
    return render_template("choices/data.html", tables=held_views(held_of(visitor().employee_id), model))


@own_data.get("/data/export")
@operation(scope=None, tag="pages", answer=EmployeeData, documented=False)
def export() -> Response:
    """Hand over every row that is held of who visits, as `GET /v1/employees/{id}/data` does."""
    who = visitor().employee_id
    answer = jsonify({"employee_id": who, "tables": held_of(who)})
    answer.headers["Content-Disposition"] = f'attachment; filename="{FILE}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@own_data.post("/data/erase")
@operation(scope=None, tag="pages", media=HTML, documented=False)
def erase() -> Response:
    """Erase who visits from everything that is held, and end the visit; only if they ticked that they mean it."""
    if request.form.get("confirm") != "yes":
        tell_problem(_("Nothing was erased: tick the box first, so that it does not happen by accident."))
        return go_back("/me/data")
    erase_person(visitor().employee_id)
    g.pop("visitor")
    forget_visit()
    return make_response(render_template("choices/erased.html"))
