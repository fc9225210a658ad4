"""FastAPI with SQLAlchemy's ORM, asynchronous: asyncpg for PostgreSQL, aiosqlite for SQLite. It imports nothing of Django."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, Any
from xml.sax.saxutils import escape

from fastapi import Depends, FastAPI, Header, HTTPException, Response
from sqlalchemy import DateTime, ForeignKey, or_, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

BASE_URL = os.environ["PUBLIC_BASE_URL"]
START = "<?xml version='1.0' encoding='UTF-8'?>\n"


def _engine_url(url: str) -> tuple[str, dict[str, Any]]:
    """SQLAlchemy's address of what DATABASE_URL names. A socket's folder stands in the query there too."""
    if url.startswith("sqlite"):
        return url.replace("sqlite://", "sqlite+aiosqlite://"), {}
    return url.replace("postgresql://", "postgresql+asyncpg://").replace("postgres://", "postgresql+asyncpg://"), {
        "pool_size": 8
    }


_url, _pool = _engine_url(os.environ["DATABASE_URL"])
sessions = async_sessionmaker(create_async_engine(_url, **_pool), expire_on_commit=False)


class Base(DeclarativeBase):
    type_annotation_map = {datetime: DateTime(timezone=True)}


class Partner(Base):
    __tablename__ = "partners_partner"
    id: Mapped[int] = mapped_column(primary_key=True)
    is_test: Mapped[bool]


class ApiKey(Base):
    __tablename__ = "partners_apikey"
    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str]
    algorithm: Mapped[str]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners_partner.id"))
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    partner: Mapped[Partner] = relationship()


class Goal(Base):
    __tablename__ = "goals_savinggoal"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    partner_id: Mapped[int] = mapped_column(ForeignKey("partners_partner.id"))
    partner: Mapped[Partner] = relationship()


class Account(Base):
    __tablename__ = "goals_paymentaccount"
    id: Mapped[int] = mapped_column(primary_key=True)
    provider: Mapped[str]


class Checkout(Base):
    __tablename__ = "contributions_checkout"
    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("goals_paymentaccount.id"))
    account: Mapped[Account] = relationship()


class Gift(Base):
    __tablename__ = "contributions_contribution"
    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str]
    goal_id: Mapped[int] = mapped_column(ForeignKey("goals_savinggoal.id"))
    checkout_id: Mapped[int] = mapped_column(ForeignKey("contributions_checkout.id"))
    amount_minor: Mapped[int]
    refunded_minor: Mapped[int]
    currency: Mapped[str]
    contributor: Mapped[str]
    message: Mapped[str | None]
    status: Mapped[str]
    status_reason: Mapped[str]
    version: Mapped[int]
    provider_reference: Mapped[str]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    goal: Mapped[Goal] = relationship()
    checkout: Mapped[Checkout] = relationship()


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened


Session = Annotated[AsyncSession, Depends(session)]


async def partner(database: Session, authorization: Annotated[str, Header()] = "") -> Partner:
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).hexdigest()
    lives = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > datetime.now(UTC))
    wanted = select(ApiKey).options(joinedload(ApiKey.partner))
    wanted = wanted.where(ApiKey.digest == digest, ApiKey.algorithm == "", ApiKey.revoked_at.is_(None), lives)
    key = (await database.execute(wanted)).scalar_one_or_none()
    if key is None:
        raise HTTPException(401)
    return key.partner


app = FastAPI()


@app.get("/api/Contribution/{gift_id}")
async def gift(
    gift_id: str,
    database: Session,
    asked_by: Annotated[Partner, Depends(partner)],
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    whole = select(Gift).join(Gift.goal)
    whole = whole.options(
        joinedload(Gift.goal).joinedload(Goal.partner), joinedload(Gift.checkout).joinedload(Checkout.account)
    )
    mine = whole.where(Gift.public_id == gift_id, Goal.partner_id == asked_by.id, Gift.deleted_at.is_(None))
    found = (await database.execute(mine)).scalar_one_or_none()
    if found is None:
        raise HTTPException(404)
    tag = f'"{found.version}x"'
    if if_none_match == tag:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(_document(found), media_type="application/xml; charset=utf-8", headers={"ETag": tag})


def _document(found: Gift) -> str:
    elements = {
        "Id": found.public_id,
        "Amount": _amount(found.amount_minor),
        "Date": _moment(found.created_at),
        "Contributor": found.contributor,
        "Message": found.message,
        "Status": found.status,
        "ProviderName": found.checkout.account.provider,
        "ProviderURL": f"{BASE_URL}/pay/{found.public_id}",
        "RecordVersionNumber": str(found.version),
        "Currency": found.currency,
        "RefundedAmount": _amount(found.refunded_minor),
        "StatusReason": found.status_reason or None,
        "SavingGoalId": found.goal.public_id,
        "ProviderReference": found.provider_reference or None,
        "SettledDate": _moment(found.settled_at) if found.settled_at else None,
        "Test": "true" if found.goal.partner.is_test else None,
    }
    members = (f"<{name}>{escape(text)}</{name}>" for name, text in elements.items() if text is not None)
    return f"{START}<Contribution>{''.join(members)}</Contribution>"


def _amount(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _moment(at: datetime) -> str:
    """SQLite gives moments without a zone: they are UTC."""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
