"""Calendars of somebody or something alone: what one person is registered for, how one room is used."""
