"""The REST API for partners, `/v1`: one module a subject."""
