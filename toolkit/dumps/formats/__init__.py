"""One file a format. Each ends in a ``FORMAT`` that the registry lists."""
