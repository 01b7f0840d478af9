"""What an event asks those who register: questions added, changed, moved and removed one at a time."""

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from events.models import Question
from events.operations import questioning
from pages.organizer.attendees import questions_of
from pages.organizer.desk import Desk, action, for_editors
from pages.organizer.question_form import QuestionForm, as_asked
from pages.organizer.submitting import RevisedForm

PAGE = "organize-questions"


class MoveForm(RevisedForm):
    """The button that moves a question up, or removes it: the revision says which list was looked at."""

    up = forms.BooleanField(required=False)


@for_editors
def questions_page(desk: Desk) -> HttpResponse:
    return page(desk)


@action(back=PAGE)
def add(desk: Desk) -> HttpResponse:
    questions = questions_of(desk.event)
    form = QuestionForm(desk.event, data=desk.request.POST)

    def act() -> None:
        new = form.as_asked(form.new_key([one.key for one in questions]))
        _ask(desk, [*map(as_asked, questions), new], form)

    return desk.done(PAGE, _("The question is asked from now on.")) if form.submit(act) else page(desk, form=form)


@for_editors
def change(desk: Desk, key: str) -> HttpResponse:
    """The page of one question, and what its form does."""
    questions = questions_of(desk.event)
    question = _find(questions, key)
    sent = desk.request.POST if desk.request.method == "POST" else None
    form = QuestionForm(desk.event, question, sent)

    def act() -> None:
        _ask(desk, [form.as_asked(key) if one == question else as_asked(one) for one in questions], form)

    if sent is not None and form.submit(act):
        return desk.done(PAGE, _("The question is changed. Answers that were given before stay as they are."))
    context = {"tab": "questions", "question": question, "form": form, "back": desk.address(PAGE)}
    return desk.page("pages/organize_question.html", context, status=form.status)


@action(back=PAGE)
def remove(desk: Desk, key: str) -> HttpResponse:
    questions = questions_of(desk.event)
    question = _find(questions, key)
    form = MoveForm(desk.request.POST, revision=desk.event.revision)

    def act() -> None:
        _ask(desk, [as_asked(one) for one in questions if one != question], form)

    said = _("The question is no longer asked. Answers that were given stay.")
    return desk.done(PAGE, said) if form.submit(act) else page(desk, moved=form)


@action(back=PAGE)
def move_up(desk: Desk, key: str) -> HttpResponse:
    questions = questions_of(desk.event)
    place = questions.index(_find(questions, key))
    form = MoveForm(desk.request.POST, revision=desk.event.revision)

    def act() -> None:
        ordered = list(questions)
        ordered.insert(max(place - 1, 0), ordered.pop(place))
        _ask(desk, list(map(as_asked, ordered)), form)

    return desk.done(PAGE, _("The order is changed.")) if form.submit(act) else page(desk, moved=form)


def page(desk: Desk, *, form: QuestionForm | None = None, moved: MoveForm | None = None) -> HttpResponse:
    """The questions in their order, with the form for one more."""
    sent: Any = form or moved
    context = {
        "tab": "questions",
        "questions": questions_of(desk.event),
        "form": form or QuestionForm(desk.event),
        "moved": moved,
    }
    return desk.page("pages/organize_questions.html", context, status=sent.status if sent else 200)


def _find(questions: list[Question], key: str) -> Question:
    found = next((one for one in questions if one.key == key), None)
    if found is None:
        raise Http404
    return found


def _ask(desk: Desk, asked: list[dict[str, Any]], form: RevisedForm) -> None:
    questioning.set_questions(
        event=desk.event, questions=asked, expected_revision=form.seen, actor=desk.actor, now=desk.now
    )
