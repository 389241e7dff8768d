"""The tables of the office's own work: inspections, rectification, and who did what. As `tables.py` in all else."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import Index, Integer
from sqlmodel import Field, SQLModel

from mediawatch.store.columns import RowId, Words, table_of


class CampaignRow(SQLModel, table=True):
    """An inspection campaign. `plan` and `draw` are kept as they were written; a frozen one is never changed."""

    __tablename__: ClassVar[str] = "campaign"

    id: str = Field(primary_key=True)
    stage: str = Field(index=True)
    begins_at: datetime
    judged_at: datetime
    population_digest: str
    plan: str = Field(sa_type=Words)  # JSON of `core.campaign.Plan`
    draw: str = Field(sa_type=Words)  # JSON of `core.sampling.Draw`; empty until it is drawn
    digest: str  # of all that was frozen; empty until then
    frozen_at: datetime | None


class CampaignMemberRow(SQLModel, table=True):
    """One account of a campaign's population; its `place` in the sample, 0 where it was not drawn."""

    __tablename__: ClassVar[str] = "campaign_member"
    __table_args__ = (Index("campaign_member_of_account", "account", "place"),)

    campaign: str = Field(primary_key=True, foreign_key="campaign.id")
    account: str = Field(primary_key=True, foreign_key="account.id")
    place: int
    member: str = Field(sa_type=Words)  # JSON of `core.campaign.Member`
    result: str | None = Field(sa_type=Words, nullable=True)  # JSON of `core.campaign.Result`


class CampaignStatementRow(SQLModel, table=True):
    """What a unit said against a result, and what was decided about it."""

    __tablename__: ClassVar[str] = "campaign_statement"

    campaign: str = Field(primary_key=True, foreign_key="campaign.id")
    number: int = Field(primary_key=True, sa_type=Integer, sa_column_kwargs={"autoincrement": False})
    account: str
    statement: str = Field(sa_type=Words)  # JSON of `core.campaign.Statement`


class RectificationRow(SQLModel, table=True):
    """A rectification case as it stands; how it came there is its trace. `checked_at`: the last look that counted."""

    __tablename__: ClassVar[str] = "rectification"
    __table_args__ = (
        Index("rectification_of_account", "account", "indicator"),
        Index("rectification_due", "state", "due"),
    )

    id: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id")
    indicator: str
    campaign: str
    alert: str
    state: str
    due: date | None
    opened_at: datetime
    checked_at: datetime | None
    file: str = Field(sa_type=Words)  # JSON of `core.rectification.Case`


class TraceRow(SQLModel, table=True):
    """Who did what with a campaign or a case, and when. Rows are only added. `subject`: `campaign:ID` or `case:ID`."""

    __tablename__: ClassVar[str] = "trace"
    __table_args__ = (Index("trace_of_subject", "subject", "id"),)

    id: int | None = Field(default=None, sa_type=RowId, primary_key=True)
    subject: str
    act: str
    before: str
    after: str
    by: str = Field(sa_type=Words)
    at: datetime
    note: str = Field(sa_type=Words)
    proof: str = Field(sa_type=Words)  # JSON list of digests
    told: str = Field(sa_type=Words)  # JSON object


CAMPAIGN = table_of(CampaignRow)
CAMPAIGN_MEMBER = table_of(CampaignMemberRow)
CAMPAIGN_STATEMENT = table_of(CampaignStatementRow)
RECTIFICATION = table_of(RectificationRow)
TRACE = table_of(TraceRow)
