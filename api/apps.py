"""The api app: its only table is the answers kept for retries."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "api"
