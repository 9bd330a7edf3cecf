"""Frames -> figures -> a document that an editor sends on."""
