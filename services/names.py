"""What is known of the services before any is loaded: their names, their ports, why one can't start."""

from __future__ import annotations

SERVICES = ("ingest", "mapper", "exporter", "products", "portal")
PORTS = {"portal": 8080, "ingest": 8081, "mapper": 8082, "exporter": 8083, "products": 8084}


class CannotStart(Exception):
    """This process can't start as asked; the message says why and how to mend it."""
