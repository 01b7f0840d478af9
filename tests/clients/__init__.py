"""Clients that generators make of the OpenAPI document, tried against a server: `make clients` keeps them."""
