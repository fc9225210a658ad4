"""What the demo shop keeps: its key and which goal is its own. Everything else it asks the API for."""

from django.db import models, transaction

import encryption
from partners import keys
from partners.registration import in_mode, named, register

PARTNER_NAME = "Whipround demo shop"
_ONLY = 1


class DemoShop(models.Model):
    """The one shop there is: a row with the primary key 1."""

    api_key_encrypted = models.TextField(blank=True, default="")
    goal_id = models.CharField(max_length=32, blank=True, default="")
    goal_idempotency_key = models.CharField(max_length=64, blank=True, default="")
    """The name of the intent to make the goal: whoever makes it at the same moment makes the same one."""

    def __str__(self) -> str:
        return PARTNER_NAME

    @property
    def api_key(self) -> str:
        """In clear; empty where there is none, or none that CREDENTIALS_KEYS can still read."""
        try:
            return encryption.decrypt(self.api_key_encrypted) if self.api_key_encrypted else ""
        except encryption.UnreadableSecret:
            return ""

    @classmethod
    def with_a_key(cls) -> "DemoShop":
        """The shop, registered as a partner if it was not; two processes that do this at once register one."""
        shop = cls.objects.filter(pk=_ONLY).first()
        if shop is not None and shop.api_key:
            return shop
        with transaction.atomic():
            cls.objects.get_or_create(pk=_ONLY)
            shop = cls.objects.select_for_update().get(pk=_ONLY)
            if not shop.api_key:
                shop.api_key_encrypted = encryption.encrypt(_new_key())
                shop.save(update_fields=["api_key_encrypted"])
        return shop

    def forget_key(self) -> None:
        """Whoever asks next gets a new key. Here and below: nothing happens where somebody else was faster."""
        self._if_unchanged("api_key_encrypted").update(api_key_encrypted="")

    def start_goal(self, idempotency_key: str) -> None:
        """Whatever goal there was is gone: a new one is to be made, under this name."""
        self._if_unchanged("goal_id", "goal_idempotency_key").update(goal_id="", goal_idempotency_key=idempotency_key)
        self.refresh_from_db()

    def remember_goal(self, goal_id: str) -> None:
        """The goal was made, under the name that start_goal gave it."""
        self._if_unchanged("goal_idempotency_key").update(goal_id=goal_id)
        self.refresh_from_db()

    def _if_unchanged(self, *names: str) -> models.QuerySet["DemoShop"]:
        return DemoShop.objects.filter(pk=self.pk, **{name: getattr(self, name) for name in names})


def _new_key() -> str:
    """A test key: the shop sells nothing."""
    partner = named(PARTNER_NAME)
    return keys.issue(in_mode(partner, is_test=True)) if partner else register(PARTNER_NAME, is_test=True).api_key
