"""The doors on the network. Routes parse, call and render; FastAPI is known only here."""
