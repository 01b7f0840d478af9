"""Pages for everybody: the list, events, programmes, venues, registering, and one's own registration."""
