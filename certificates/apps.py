"""The certificates app: its books follow those of contributions."""

from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "certificates"

    def ready(self) -> None:
        from certificates.following import FOLLOWER
        from contributions import followers

        followers.follow(FOLLOWER)
