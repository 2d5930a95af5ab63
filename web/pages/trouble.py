"""What went wrong, as a page: what happened, what to do, and the id by which the log knows the request."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, g, make_response, render_template
from flask_babel import gettext as _

from web.pages.places import is_page
from web.pages.visits import NOBODY, STALE_FORM
from web.problems import LOCAL_ONLY, NOT_READY, Problem, show_problems

SPENT_LINK = "urn:lpr:problem:link-not-good"


@dataclass(frozen=True, slots=True)
class Said:
    """A problem in the words of a page."""

    title: str
    happened: str
    todo: str


def tell_people(app: Flask) -> None:
    """Have the problems of an application's pages said as pages; everything else goes on answering with JSON."""

    def show(problem: Problem) -> Response | None:
        if not is_page():
            return None
        said = said_of(problem)
        text = render_template("entry/problem.html", said=said, request_id=g.get("request_id", ""))
        answer = make_response(text, problem.status)
        answer.headers.extend(problem.headers)
        return answer

    show_problems(app, show)


def said_of(problem: Problem) -> Said:
    """Return what to tell people about a problem, by its kind or else its status."""
    return _of_kind(problem.kind) or _of_status(problem.status)


def _of_kind(kind: str) -> Said | None:
    again = _("Open it again from your learning platform.")
    known = {
        NOBODY: Said(_("Please come in by your learning platform"), _("This page does not know who you are."), again),
        SPENT_LINK: Said(
            _("This link does not work any more"),
            _("A link opens the page once, and only for a few minutes after it was made."),
            again,
        ),
        STALE_FORM: Said(
            _("That was not saved"),
            _("The form is not from this visit, or the visit has ended."),
            _("Go back, reload the page and send it again."),
        ),
        NOT_READY: Said(
            _("Nothing can be recommended just now"),
            _("There is no model to answer from."),
            _("Try again later. Whoever runs the service finds the reason in its log."),
        ),
        LOCAL_ONLY: Said(
            _("This is a demonstration"),
            _("It answers the machine it runs on, and nobody else."),
            _("Open it there by localhost or 127.0.0.1."),
        ),
    }
    return known.get(kind)


def _of_status(status: int) -> Said:
    known = {
        400: Said(
            _("That could not be understood"),
            _("The address or the form is not as expected."),
            _("Go back and try again."),
        ),
        403: Said(
            _("This is not open to you"),
            _("The page is for somebody else."),
            _("Open your own page from your learning platform."),
        ),
        404: Said(
            _("There is no such page"),
            _("The address leads nowhere, or to something that is gone."),
            _("Go back, or open your page again from your learning platform."),
        ),
        405: Said(
            _("That could not be understood"),
            _("The address is not used in this way."),
            _("Go back and try again."),
        ),
        413: Said(_("That was too much"), _("More was sent than is accepted."), _("Go back and send less.")),
        429: Said(_("Too fast"), _("Too many pages were asked for."), _("Wait a minute and reload the page.")),
        503: Said(
            _("The page cannot be shown just now"),
            _("What it shows cannot be reached; what you sent a moment ago may or may not have been kept."),
            _("Reload the page in a few seconds."),
        ),
    }
    failed = Said(
        _("Something went wrong"),
        _("The service failed, which is not your fault."),
        _("Try again. If it happens again, tell whoever runs the service the number of the request."),
    )
    return known.get(status, failed)
