"""The operators' site at /console/: gifts and their stories, what waits for a person, partners and keys, the audit log."""
