#!/bin/sh
# Runs once, when the database volume is new: the hub's database and its owner, who is no superuser.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres \
    --set=password="$DATABASE_PASSWORD" <<'SQL'
create role hub login createrole password :'password';
create database hub owner hub;
SQL
