"""The API's resources: one file each. What may be asked is here; what it means is decided in the rooms below."""
