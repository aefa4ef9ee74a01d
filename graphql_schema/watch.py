"""Watches as the agency sees them that has them."""

from __future__ import annotations

import datetime as dt

import strawberry

from hub import tables
from hub.domain.vocabulary import Category, WatchEnd
from hub.read.bind import bound


@bound(tables.watch)
class Watch:
    id: strawberry.ID
    purpose: str
    programme: Category
    reference: str
    is_entitled: bool | None
    answered_at: dt.datetime | None
    made_at: dt.datetime
    ends_on: dt.date
    ended_at: dt.datetime | None
    end_reason: WatchEnd | None
