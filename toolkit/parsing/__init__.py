"""A saved page -> Page."""
