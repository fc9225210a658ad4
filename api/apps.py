"""The api app: its tables are the answers kept for retries and the tokens that were used."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
