"""Rooms are held and instructors are free: what every session needs that has a place or a person."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from events.errors import DomainError
from events.models import Session, SessionSpeaker, Speaker
from venues import availability


class SpeakerClash(DomainError):
    """An instructor is in another session at that time."""

    code = "speaker_clash"


def hold_rooms(*, sessions: Sequence[Session], override: Collection[str] = ()) -> None:
    """The rooms of these sessions are held for them, drafts too; sessions without a room hold none."""
    wishes = [_wish(session) for session in sessions if session.room_id is not None]
    if "room_closed" not in override:
        for _wished, closing in availability.closings_of(wishes)[:1]:
            raise closing
    availability.release(purposes=[session.uid for session in sessions if session.room_id is None])
    availability.book(wishes=wishes)


def check_speakers(*, sessions: Sequence[Session], override: Collection[str] = ()) -> None:
    """SpeakerClash when an instructor of these sessions is elsewhere at that time, unless overridden on purpose.

    Locks the speakers by id, so that two organizers cannot book one at once. Touching ends are no clash.
    """
    ids = [session.pk for session in sessions]
    speakers = sorted(set(SessionSpeaker.objects.filter(session__in=ids).values_list("speaker_id", flat=True)))
    if not speakers or "speaker_clash" in override:
        return
    list(Speaker.objects.select_for_update(no_key=True).filter(pk__in=speakers).order_by("pk").values_list("pk"))
    billings = list(
        SessionSpeaker.objects.filter(
            speaker__in=speakers,
            session__starts_at__lt=max(session.ends_at for session in sessions),
            session__ends_at__gt=min(session.starts_at for session in sessions),
        )
        .exclude(session__status="cancelled")
        .exclude(session__event__status="cancelled")
        .select_related("session", "speaker")
        .order_by("session__starts_at", "pk")
    )
    own = [billing for billing in billings if billing.session_id in ids]
    for mine in own:
        for other in billings:
            if _clash(mine, other):
                raise SpeakerClash(
                    _("%(speaker)s is in another session from %(start)s to %(end)s.")
                    % {
                        "speaker": mine.speaker,
                        "start": availability.wall_clock(other.session.starts_at, other.session.timezone),
                        "end": availability.wall_clock(other.session.ends_at, other.session.timezone),
                    },
                    field="speakers", speaker=mine.speaker.slug, session=str(other.session.uid),
                )  # fmt: skip


def _wish(session: Session) -> availability.Wish:
    assert session.room_id is not None
    holder = session.event.programme.organization.uid
    return availability.Wish(session.uid, holder, session.room_id, session.starts_at, session.ends_at)


def _clash(mine: SessionSpeaker, other: SessionSpeaker) -> bool:
    return (
        mine.speaker_id == other.speaker_id
        and mine.session_id != other.session_id
        and mine.session.starts_at < other.session.ends_at
        and other.session.starts_at < mine.session.ends_at
    )
