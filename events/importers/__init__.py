"""Somebody else's schedule, as bytes, becomes one neutral draft. Pure: no database, no clock, no network, no Django."""
