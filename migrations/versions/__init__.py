"""The revisions, oldest to newest by their `down_revision`."""
