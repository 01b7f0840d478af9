"""What the filters of events and sessions are called and mean, for the documentation (RULES 16-19)."""

DATE_OR_TIME = r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d))?$"
YES_NO = {"type": "boolean"}
# What the schema can say of a value beside that it is a text.
SHAPES = {
    "q": {"type": "string", "minLength": 1, "maxLength": 200},
    "starts_after": {"type": "string", "pattern": DATE_OR_TIME},
    "starts_before": {"type": "string", "pattern": DATE_OR_TIME},
    "when": {"type": "string", "enum": ["upcoming", "past"]},
    "cancelled": {"type": "string", "enum": ["hide"]},
    "has_seats": YES_NO,
    "online": YES_NO,
    "since": {"type": "integer", "minimum": 0, "maximum": 10**18 - 1},
}
FILTERS = {
    "campaign": "Slugs of campaigns, comma-separated: any of them.",
    "programme": "Slugs of programmes.",
    "organization": "Slugs of organizations: owner of the programme, or partner in any role.",
    "venue": "Slugs of venues.",
    "room": "Slugs of rooms.",
    "topic": "Slugs of topics; an area means all below it.",
    "audience": "Slugs of audiences.",
    "kind": "workshop, masterclass, talk, course, cohort, other.",
    "language": "Spoken languages, BCP 47.",
    "speaker": "Slugs of speakers.",
    "series": "Slugs of series.",
    "event": "Slugs of events.",
    "q": "Words that all stand somewhere in titles, summaries or names of speakers.",
    "starts_after": "A date (that day included) or a time with an offset.",
    "starts_before": "A date (that day included) or a time with an offset.",
    "when": "upcoming or past.",
    "status": "draft, published, cancelled for events; draft, tentative, confirmed, cancelled for sessions.",
    "cancelled": "hide: without cancelled ones.",
    "has_seats": "true or false.",
    "online": "true or false.",
    "updated_since": "A schedule version, or a date or time with an offset.",
}
