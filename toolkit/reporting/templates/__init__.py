"""Typst templates. They read data.json and hold no text of any page."""
