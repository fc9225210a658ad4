"""What every adapter needs: HTTP, retries, reading JSON, tables of refusals, certificates. See docs/adding_a_provider.md."""
