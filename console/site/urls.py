"""Every address of the console, below /console."""

from django.urls import path, re_path

from console.site import gifts, login, looking, orders

urlpatterns = [
    re_path(r"^/?$", gifts.search),
    path("/login", login.login),
    path("/logout", login.logout),
    path("/gifts/<gift_id>", gifts.gift),
    path("/gifts/<gift_id>/ask-now", orders.ask_now),
    path("/gifts/<gift_id>/refund", orders.refund),
    path("/gifts/<gift_id>/release", orders.release),
    path("/events/<event_id>/redeliver", orders.redeliver),
    path("/attention", looking.attention),
    re_path(r"^/attention/(?P<number>[0-9]{1,18})/solved$", orders.solved),
    path("/status", looking.status),
    path("/partners", looking.partners),
    re_path(r"^/partners/(?P<number>[0-9]{1,18})$", looking.partner),
    re_path(r"^/partners/(?P<number>[0-9]{1,18})/provider$", orders.switch_provider),
    re_path(r"^/keys/(?P<number>[0-9]{1,18})/rename$", orders.rename_key),
    re_path(r"^/keys/(?P<number>[0-9]{1,18})/revoke$", orders.revoke_key),
    path("/audit-log", looking.audit_log),
]
