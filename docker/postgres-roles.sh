#!/usr/bin/env bash
# Run once by PostgreSQL's image, when its volume is new: two databases, each with a role that owns it and cannot see the other.
set -euo pipefail

database() { # name, password
  psql --username postgres --dbname postgres --set ON_ERROR_STOP=1 --set name="$1" --set password="$2" --quiet <<'SQL'
CREATE ROLE :"name" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
}

database bookbytes "${BOOKBYTES_PG_PASSWORD:?}"
database dagster "${DAGSTER_PG_PASSWORD:?}"
psql --username postgres --dbname postgres --quiet --command 'REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC'
