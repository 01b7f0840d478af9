"""Topics, audiences, speakers and series."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse

from api.pagination import Order
from api.serializers import subjects as shapes
from api.views import references
from api.views.base import Collection, View
from events import policies
from events.models import Audience, Organization, Programme, Series, Speaker, Topic
from events.operations import planning

POSITIONED = {"position": Order("position"), "slug": Order("slug")}
NAMED = {"slug": Order("slug"), "updated_at": Order("updated_at")}


class Topics(Collection):
    """All topics."""

    output = shapes.TopicOutput
    takes = shapes.TopicInput()
    post_status = 201
    orders = POSITIONED
    asks = {"parent": "Slug of the topic above."}

    def rows(self) -> QuerySet[Topic]:
        return self.narrowed(Topic.objects.select_related("parent"), "parent", Topic.objects.all())

    def shown(self, rows: list[Topic]) -> list[dict[str, Any]]:
        return [shapes.topic(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Add a topic, which all organizations share."""
        self.allow(policies.can_name_topics(self.actor))
        values = references.given(Topic.objects.all(), self.body(self.takes), "parent")
        return self.creating(
            lambda: shapes.topic(planning.create_topic(fields=values, actor=self.actor, now=self.now), self.language)
        )


class OneTopic(View):
    """One topic."""

    output = shapes.TopicOutput
    changes = shapes.TopicInput(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.topic(self._topic(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a topic. All organizations share it, so only operators may."""
        topic = self._topic(slug)
        self.allow(policies.can_change_shared_words(self.actor))
        values = references.given(Topic.objects.exclude(pk=topic.pk), self.body(self.changes), "parent")
        planning.amend(
            thing=topic, fields=values, actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(topic.revision),
        )  # fmt: skip
        return self.one(shapes.topic(self._topic(values.get("slug", slug)), self.language))

    def _topic(self, slug: str) -> Topic:
        return self.found(Topic.objects.select_related("parent"), slug=slug)


class Audiences(Collection):
    """All audiences."""

    output = shapes.AudienceOutput
    takes = shapes.AudienceInput()
    post_status = 201
    orders = POSITIONED

    def rows(self) -> QuerySet[Audience]:
        return Audience.objects.all()

    def shown(self, rows: list[Audience]) -> list[dict[str, Any]]:
        return [shapes.audience(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Add an audience, which all organizations share."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        return self.creating(lambda: shapes.audience(planning.create_audience(fields=values), self.language))


class OneAudience(View):
    """One audience."""

    output = shapes.AudienceOutput

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.audience(self.found(Audience.objects.all(), slug=slug), self.language))


class Speakers(Collection):
    """The instructors of published sessions, and those of your organizations."""

    output = shapes.SpeakerOutput
    takes = shapes.SpeakerInput()
    post_status = 201
    orders = NAMED
    asks = {"organization": "Slug of the organization that knows them."}

    def rows(self) -> QuerySet[Speaker]:
        rows = Speaker.objects.visible_to(self.actor).select_related("organization")
        return self.narrowed(rows, "organization", Organization.objects.all())

    def shown(self, rows: list[Speaker]) -> list[dict[str, Any]]:
        return [shapes.speaker(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Add an instructor of an organization that you plan for."""
        values = self.planning_body(self.takes)
        organization = values.pop("organization")
        return self.creating(
            lambda: shapes.speaker(
                planning.create_speaker(organization=organization, fields=values, actor=self.actor, now=self.now),
                self.language,
            )
        )


class OneSpeaker(View):
    """One instructor."""

    output = shapes.SpeakerOutput
    changes = shapes.SpeakerChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.speaker(self._speaker(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change an instructor."""
        speaker = self._speaker(slug)
        self.allow(policies.can_plan_for(self.actor, speaker.organization))
        changed = planning.amend(
            thing=speaker, fields=self.body(self.changes), actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(speaker.revision),
        )  # fmt: skip
        return self.one(shapes.speaker(changed, self.language))

    def _speaker(self, slug: str) -> Speaker:
        return self.found(Speaker.objects.readable_by(self.actor).select_related("organization"), slug=slug)


class AllSeries(Collection):
    """The series of programmes that you may see."""

    output = shapes.SeriesOutput
    takes = shapes.SeriesInput()
    post_status = 201
    orders = NAMED
    asks = {"programme": "Slug of a programme."}

    def rows(self) -> QuerySet[Series]:
        programmes = Programme.objects.visible_to(self.actor)
        rows = Series.objects.filter(programme__in=programmes).select_related("programme")
        return self.narrowed(rows, "programme", programmes)

    def shown(self, rows: list[Series]) -> list[dict[str, Any]]:
        return [shapes.series(row, self.language) for row in rows]

    def post(self, request: Any) -> HttpResponse:
        """Make a series of a programme that you edit."""
        self.allow(policies.can_name_topics(self.actor))
        values = self.body(self.takes)
        programme = references.named(Programme.objects.visible_to(self.actor), values.pop("programme"), "programme")
        self.allow(policies.can_edit_programme(self.actor, programme))
        return self.creating(
            lambda: shapes.series(
                planning.create_series(programme=programme, fields=values, actor=self.actor, now=self.now),
                self.language,
            )
        )


class OneSeries(View):
    """One series."""

    output = shapes.SeriesOutput
    changes = shapes.SeriesChanges(partial=True)

    def get(self, request: Any, slug: str) -> HttpResponse:
        return self.one(shapes.series(self._series(slug), self.language))

    def patch(self, request: Any, slug: str) -> HttpResponse:
        """Change a series."""
        series = self._series(slug)
        self.allow(policies.can_edit_programme(self.actor, series.programme))
        changed = planning.amend(
            thing=series, fields=self.body(self.changes), actor=self.actor, now=self.now,
            expected_revision=self.expected_revision(series.revision),
        )  # fmt: skip
        return self.one(shapes.series(changed, self.language))

    def _series(self, slug: str) -> Series:
        rows = Series.objects.filter(programme__in=Programme.objects.visible_to(self.actor))
        return self.found(rows.select_related("programme"), slug=slug)
