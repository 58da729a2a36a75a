#!/bin/sh
# Runs once, when the database is made: a login for each service. `koppeling migrate` grants each what is
# its own, and nothing else.
set -eu
for service in ingest mapper exporter products portal; do
  psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" \
    -c "CREATE ROLE koppeling_$service LOGIN PASSWORD '${SERVICE_PASSWORD:-$POSTGRES_PASSWORD}'"
done
