#!/bin/sh
# A backup that is known to be good: made, restored into a database of its own, proven, and only then kept.
#   deploy/backup.sh FOLDER      under the settings of the service
# KEEP_DAYS (14): older backups in the folder are deleted, once a new one is proven. Copy the folder to another machine.
set -eu
umask 077
folder=$1
cd "$(dirname "$0")/.."
mkdir -p "$folder"
name="$folder/whipround-$(date -u +%Y%m%dT%H%M%SZ).backup"
trap 'rm -f "$name.new"' EXIT
.venv/bin/python manage.py backup "$name.new"
.venv/bin/python manage.py restore_drill "$name.new"
mv "$name.new" "$name"
find "$folder" -maxdepth 1 -name 'whipround-*.backup' -type f -mtime "+${KEEP_DAYS:-14}" -delete
echo "$name is kept."
